import json
from dataclasses import replace

import numpy as np
import pytest

from bevlogen.core.released import AnswerScale, Released
from bevlogen.core.tables import Policy
from bevlogen.disclose.ledger import Ledger, LedgerError, Rules, _seal, check_rules, entered, opened, rules_of
from bevlogen.disclose.ledger import new_key as draw_key

RULES = Rules(5, 0.25)


def released(name="2026-01-01T12:00:00+00:00", mean=3.2):
    codes = np.zeros(1, dtype=np.int64)
    return Released(
        name,
        ("A",),
        ("",),
        ("2026-Q1",),
        ("engagement",),
        codes,
        codes,
        codes,
        np.array([7.0]),
        np.array([mean]),
        np.array([0.2]),
        {"engagement": AnswerScale(1, 5, 1)},
    )


@pytest.fixture
def ledger():
    first = entered(Ledger(), released(), RULES)
    return entered(first, released("2026-02-01T12:00:00+00:00", 3.4), RULES)


def test_a_ledger_is_read_back_as_it_was_written(ledger):
    again = opened(ledger.lines, ledger.key)
    assert [r.name for r in again.released] == ["2026-01-01T12:00:00+00:00", "2026-02-01T12:00:00+00:00"]
    assert again.released[1].mean[0] == 3.4
    assert again.rules == RULES


def test_a_hidden_figure_comes_back_hidden():
    kept = opened(entered(Ledger(), released(mean=np.nan), RULES).lines, to_read=True)
    assert np.isnan(kept.released[0].mean[0])


def test_the_same_figures_again_are_no_new_entry(ledger):
    assert entered(ledger, released("2026-03-01T12:00:00+00:00", 3.4), RULES) == ledger


def test_an_altered_line_is_noticed(ledger):
    entry = json.loads(ledger.lines[0])
    entry["release"]["n"] = [8.0]
    with pytest.raises(LedgerError, match="broken at entry 1"):
        opened([json.dumps(entry), ledger.lines[1]])


def test_a_missing_line_is_noticed(ledger):
    with pytest.raises(LedgerError, match="broken at entry 1"):
        opened(ledger.lines[1:])


def test_every_line_holds_a_mark_of_the_key_and_a_line_with_another_is_noticed(ledger):
    """Also by somebody who knows how lines are sealed, but not the key."""
    assert opened(ledger.lines, ledger.key).key == ledger.key
    assert ledger.key.hex() not in "".join(ledger.lines)
    entry = json.loads(ledger.lines[1]) | {"key_mark": "0" * 64}
    forged = json.dumps(entry | {"hash": _seal(entry)})
    with pytest.raises(LedgerError, match="broken at entry 2"):
        opened([ledger.lines[0], forged], ledger.key)


@pytest.mark.parametrize("mark", ["", "00", "rubbish", 7, None])
@pytest.mark.parametrize("more", [{}, {"renewed": False}, {"renewed": 1}])
def test_a_mark_that_is_lost_or_cut_off_is_noticed(ledger, mark, more):
    entry = json.loads(ledger.lines[1]) | {"key_mark": mark, **more}
    with pytest.raises(LedgerError, match="broken at entry 2"):
        opened([ledger.lines[0], json.dumps(entry | {"hash": _seal(entry)})], ledger.key)


def test_nothing_is_released_without_the_key_or_with_another(ledger):
    with pytest.raises(LedgerError, match=r"misses its key\. Nothing was released\. Put the \.key file back"):
        opened(ledger.lines)
    with pytest.raises(LedgerError, match="has another key than its entries"):
        opened(ledger.lines, bytes(32))


def test_what_was_told_can_be_read_without_the_key(ledger):
    assert len(opened(ledger.lines, to_read=True).released) == 2


def test_a_key_that_is_lost_for_good_is_drawn_anew_and_the_ledger_says_so(ledger, monkeypatch):
    monkeypatch.setattr("bevlogen.disclose.ledger.new_key", lambda: bytes(range(32)))
    lost = opened(ledger.lines, b"")
    after = entered(lost, released("2026-03-01T12:00:00+00:00", 3.6), RULES)
    assert lost.key == bytes(range(32)) != ledger.key
    assert json.loads(after.lines[-1])["renewed"] is True
    assert opened(after.lines, bytes(range(32))).key == bytes(range(32))
    with pytest.raises(LedgerError, match="another key"):
        opened(after.lines, ledger.key)
    again = entered(after, released("2026-04-01T12:00:00+00:00", 3.8), RULES)
    assert "renewed" not in json.loads(again.lines[-1])


def test_each_ledger_has_a_key_of_its_own_that_it_does_not_say(monkeypatch):
    drawn = iter([b"a" * 32, b"b" * 32])
    monkeypatch.setattr("secrets.token_bytes", lambda many: next(drawn)[:many])
    monkeypatch.setattr("bevlogen.disclose.ledger.new_key", draw_key)
    one, other = Ledger(), opened([])
    assert (one.key, other.key) == (b"a" * 32, b"b" * 32)
    assert one.key.hex() not in repr(entered(one, released(), RULES))


def test_a_ledger_of_an_earlier_version_goes_on_with_a_key():
    """Lines without a key were written before there were keys: what they told stands, what follows has one."""
    line = entered(Ledger(), released(), RULES).lines[0]
    entry = {name: part for name, part in json.loads(line).items() if name != "key_mark"}
    before = opened([json.dumps(entry | {"hash": _seal(entry)})])
    after = entered(before, released("2026-02-01T12:00:00+00:00", 3.4), RULES)
    assert opened(after.lines, before.key).key == before.key


def test_made_up_people_have_no_secret_and_their_ledger_serves_nobody_else():
    first = entered(opened([], made_up=True), released(), RULES)
    assert first.key == opened([], made_up=True).key
    with pytest.raises(LedgerError, match="was begun for made-up people"):
        opened(first.lines)


def test_real_people_declared_made_up_later_keep_their_key(ledger):
    assert opened(ledger.lines, ledger.key, made_up=True).key == ledger.key


def test_rubbish_is_no_ledger():
    with pytest.raises(LedgerError, match="broken at entry 1"):
        opened(["nothing"])


def test_a_clock_set_back_is_refused(ledger):
    with pytest.raises(LedgerError, match="clock"):
        entered(ledger, released("2026-01-15T12:00:00+00:00", 3.0), RULES)


@pytest.mark.parametrize("rules", [replace(RULES, k=4), replace(RULES, protection=0.2)])
def test_a_lowered_threshold_is_refused(ledger, rules):
    with pytest.raises(LedgerError, match="Nothing was released"):
        entered(ledger, released("2026-03-01T12:00:00+00:00", 3.0), rules)


def test_a_raised_threshold_is_welcome(ledger):
    assert entered(ledger, released("2026-03-01T12:00:00+00:00", 3.0), Rules(8, 0.25)).rules == Rules(8, 0.25)


STRICT = Policy(8, 15, 0.5, frozenset(), 12, 0.5, {"burnout": 20}, {"burnout": 30}, {"burnout": 0.6})


@pytest.mark.parametrize(
    ("lowered", "name"),
    [
        ({"k": 7}, "k"),
        ({"k_comments": 14}, "k_comments"),
        ({"k_distributions": 11}, "k_distributions"),
        ({"protection": 0.25}, "protection"),
        ({"min_response": 0.4}, "min_response"),
        ({"k_by_construct": {"burnout": 19}}, "k for burnout"),
        ({"k_by_construct": {}}, "k for burnout"),
        ({"k_distributions_by_construct": {}}, "k_distributions for burnout"),
        ({"protection_by_construct": {"burnout": 0.55}}, "protection for burnout"),
    ],
)
def test_no_threshold_may_be_lowered_after_a_release(lowered, name):
    before = entered(Ledger(), released(), rules_of(STRICT))
    with pytest.raises(LedgerError, match=f"was made with {name} = "):
        check_rules(opened(before.lines, before.key), rules_of(replace(STRICT, **lowered)))


def test_every_threshold_may_be_raised_after_a_release():
    before = entered(Ledger(), released(), rules_of(STRICT))
    check_rules(
        before,
        rules_of(
            Policy(9, 16, 0.6, frozenset(), 13, 0.6, {"burnout": 21, "loyalty": 30}, {"burnout": 30}, {"burnout": 0.7})
        ),
    )


def test_raised_thresholds_are_remembered_though_the_figures_are_the_same():
    first = entered(Ledger(), released(), RULES)
    raised = entered(first, released("2026-02-01T12:00:00+00:00"), rules_of(STRICT))
    assert (len(raised.lines), opened(raised.lines, raised.key).rules) == (2, rules_of(STRICT))


def test_only_what_is_new_is_written():
    """The second wave comes beside the first: the line of the second release holds the second alone."""
    one = released()
    codes = np.array([0, 1]), np.zeros(2, dtype=np.int64)
    both = replace(
        one,
        name="2026-02-01T12:00:00+00:00",
        periods=("2026-Q1", "2026-Q2"),
        unit=codes[1],
        period=codes[0],
        construct=codes[1],
        n=np.array([7.0, 8.0]),
        mean=np.array([3.2, 3.5]),
        step=np.array([0.2, 0.5]),
    )
    after = entered(entered(Ledger(), one, RULES), both, RULES)
    assert opened(after.lines, after.key).released[1].n.tolist() == [8.0]
