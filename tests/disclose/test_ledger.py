import json
from dataclasses import replace

import numpy as np
import pytest

from bevlogen.core.released import AnswerScale, Released
from bevlogen.disclose.ledger import Ledger, LedgerError, Rules, entered, opened

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
    again = opened(ledger.lines)
    assert [r.name for r in again.released] == ["2026-01-01T12:00:00+00:00", "2026-02-01T12:00:00+00:00"]
    assert again.released[1].mean[0] == 3.4
    assert again.rules == RULES


def test_a_hidden_figure_comes_back_hidden():
    kept = opened(entered(Ledger(), released(mean=np.nan), RULES).lines)
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
