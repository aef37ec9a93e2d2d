"""What people wrote, in a release: themes of ten writers or more, told once, names never, texts only where asked."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest

import bevlogen as bv
from bevlogen.disclose import PolicyError
from bevlogen.disclose.ledger import Ledger, Rules, opened, with_heard
from bevlogen.disclose.voices import newly_heard, with_voices

UNITS = [bv.comments.Unit("all", "All"), *(bv.comments.Unit(k, k, parent="all") for k in ("a", "b", "small"))]
ASKED = bv.comments.Text("What helps?", "Wat helpt?")


def comments(unit, text, n, start=0):
    return [bv.comments.Comment(unit, "2026-Q1", f"{unit}{i}", text) for i in range(start, start + n)]


QUIET = comments("a", "prima zo", 1, start=20)  # what all of a group use is no theme


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    folder = tmp_path_factory.mktemp("org")
    bv.simulate(folder, teams=6, waves=3)
    return bv.open(folder).release(upto="measure")


def heard(release, *questions, **more):
    return again(release, Ledger(), *questions, **more)[0]


def again(release, ledger, *questions, units=UNITS, k=10, names=(), **more):
    """What is told after what a ledger holds, and the ledger with it, read back from its lines."""
    given = [bv.comments.Question(ASKED, said, f"q{i}") for i, said in enumerate(questions)]
    ledger = with_heard(ledger, newly_heard(ledger, given, units, k, names), Rules(5, 0.25, k))
    lot = np.random.default_rng(1)
    told = with_voices(release, given, units, k, ledger, names=names, rng=lot, **more).voices
    return told, opened(ledger.lines, ledger.key) if ledger.lines else ledger


def test_a_group_of_ten_has_the_words_that_it_uses_more(release):
    said = [*comments("a", "het rooster klopt nooit", 12), *comments("b", "mooie collega's hier", 12), *QUIET]
    a, b = sorted(heard(release, said), key=lambda v: v.unit)
    assert (a.unit, a.period, a.question) == ("a", "2026-Q1", ASKED)
    assert {"rooster", "klopt"} <= set(a.words)
    assert "rooster" not in b.words


def test_a_word_that_all_of_a_group_use_is_no_theme(release):
    """Whoever read it would know of each of them that he wrote it."""
    said = [*comments("a", "het rooster", 12), *comments("b", "mooie dingen", 12)]
    assert [v.words for v in heard(release, said)] == [(), ()]


def test_fewer_than_ten_are_read_with_the_group_around_them_or_not_at_all(release):
    said = [*comments("small", "de poort", 9), *comments("a", "het rooster", 12)]
    assert [v.unit for v in heard(release, said)] == ["a"]
    said += comments("b", "de poort", 1)
    assert {v.unit for v in heard(release, said)} == {"a", "all"}


def test_who_answers_two_questions_does_not_count_twice(release):
    assert heard(release, comments("a", "het rooster", 6), comments("a", "de poort", 6)) == ()


def test_texts_come_only_where_asked_masked_and_without_order(release):
    said = [bv.comments.Comment("a", "2026-Q1", str(i), f"Sietske zei nummer {chr(97 + i)}") for i in range(12)]
    assert all(v.texts == () for v in heard(release, said))
    (voice,) = heard(release, said, texts=True, names=["Sietske"])
    assert len(voice.texts) == 12
    assert not any("Sietske" in text for text in voice.texts)
    assert [text[-1] for text in voice.texts] != [chr(97 + i) for i in range(12)]


def test_the_name_of_a_colleague_is_never_a_theme(release):
    said = [*comments("a", "sietske luistert", 12), *comments("b", "mooie dingen", 12), *QUIET]
    (a,) = [v for v in heard(release, said, names=["Sietske de Vries"]) if v.unit == "a"]
    assert "luistert" in a.words
    assert "sietske" not in a.words


@pytest.mark.parametrize(
    ("name", "written", "told"),
    [
        ("Anne-Fleur Bosch", "anne-fleur luistert", {"anne", "fleur"}),
        ("Fenne O\u2019Brien", "obrien en brien luistert", {"brien"}),
        ("Zo\u00eb Smit", "zoe\u0308 luistert", {"zoe", "zo\u00eb"}),
        ("Zo\u00eb Smit", "zoe luistert", {"zoe"}),
        ("Zoe\u0308 Smit", "zo\u00eb luistert", {"zo\u00eb"}),
        ("Sietske Smit", "sietskes plan luistert", {"sietskes"}),
    ],
)
def test_a_name_is_no_theme_in_whatever_spelling(release, name, written, told):
    """A hyphen, an accent that was left out or typed apart, or a genitive gave the name away."""
    said = [*comments("a", written, 12), *comments("b", "mooie dingen", 12), *QUIET]
    (a,) = [v for v in heard(release, said, names=[name]) if v.unit == "a"]
    assert "luistert" in a.words
    assert not told & set(a.words)


def test_all_else_in_the_release_stays_as_it_is(release):
    told = with_voices(release, [], UNITS, 10, Ledger())
    assert all(getattr(told, f.name) == getattr(release, f.name) or f.name == "certainty" for f in fields(release))


def test_a_lower_threshold_is_refused(release):
    with pytest.raises(PolicyError, match="10"):
        heard(release, comments("a", "x", 12), k=9)


def test_a_study_hears_under_its_own_rule(tmp_path):
    bv.simulate(tmp_path, teams=6, waves=3)
    study = bv.open(tmp_path)
    team = study.workspace.units[-1].key
    question = bv.comments.Question(ASKED, comments(team, "het rooster", 10))
    assert [v.unit for v in study.hear([question]).voices] == [team]
    assert study.release().voices == ()
    more = bv.comments.Question(ASKED, comments(team, "de poort", 30))
    assert bv.open(tmp_path).hear([more]).voices == study.hear([question]).voices
    assert bv.open(tmp_path).hear([bv.comments.Question(ASKED, comments(team, "de poort", 9))]).voices == ()
    last = json.loads((tmp_path / "releases.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert [len(one["writers"]) for one in last["heard"]] == [10]


# What others can learn from themes that are told again.

SAID = [*comments("a", "het rooster klopt nooit", 12), *comments("b", "mooie collega's hier", 12), *QUIET]
OTHER_TREES = {
    "a team moved": [
        *UNITS[:1],
        bv.comments.Unit("b", "b", parent="all"),
        *(bv.comments.Unit(k, k, parent="b") for k in ("a", "small")),
    ],
    "two teams put together": [*UNITS, bv.comments.Unit("new", "new", parent="all")],
    "another tree over the same people": [
        bv.comments.Unit("whole", "whole"),
        *(bv.comments.Unit(k, k, parent="whole") for k in ("a", "b", "small", "all")),
    ],
}


def told(voices):
    return {v.unit: v.words for v in voices}


@pytest.fixture
def first(release):
    return again(release, Ledger(), SAID)


def test_whoever_is_erased_the_same_is_gone(release, first):
    """A word that went with one comment would be that person's."""
    voices, ledger = first
    assert {"rooster", "klopt"} <= set(told(voices)["a"])
    for gone in SAID:
        left, _ = again(release, ledger, [c for c in SAID if c is not gone])
        assert told(left) == {unit: words for unit, words in told(voices).items() if unit != gone.unit}


def test_a_comment_that_was_emptied_is_erased(release, first):
    emptied = [replace(SAID[0], text=" "), *SAID[1:]]
    assert "a" not in told(again(release, first[1], emptied)[0])


def test_what_was_withdrawn_never_comes_back_in_another_form(release, first):
    left = [*SAID[1:], *comments("a", "de poort klemt", 20, start=40)]
    voices, ledger = again(release, first[1], left)
    assert "a" not in told(voices)
    assert ledger.lines == first[1].lines


@pytest.mark.parametrize("unit", ["a", "b", "small"])
@pytest.mark.parametrize("text", ["het rooster klopt nooit", "mooie collega's hier", "iets anders"])
def test_whatever_somebody_writes_late_nothing_moves(release, first, unit, text):
    voices, ledger = first
    assert again(release, ledger, [*SAID, *comments(unit, text, 1, start=90)])[0] == voices


def test_late_comments_of_a_group_of_their_own_are_not_told(release, first):
    """Held against who was told before they would tell of both."""
    voices, ledger = first
    assert again(release, ledger, [*SAID, *comments("small", "de poort klemt", 12)])[0] == voices


@pytest.mark.parametrize("name", OTHER_TREES)
def test_a_reorganisation_or_a_second_tree_tells_nothing_new(release, first, name):
    """Two groups that differ in fewer than ten writers never both have themes: those of the difference would show."""
    voices, ledger = first
    units = OTHER_TREES[name]
    moved = [replace(c, unit="new") if name.startswith("two") and c.unit in ("b", "small") else c for c in SAID]
    assert told(again(release, ledger, moved, units=units)[0]) == told(voices)


def test_a_unit_that_is_no_longer_there_has_no_themes(release, first):
    left = [replace(c, unit="all") for c in SAID]
    assert set(told(again(release, first[1], left, units=UNITS[:1])[0])) == set()


def test_three_who_leave_a_group_take_no_word_along(release):
    """Nine of a small team are read with the group around them; a tenth would have parted them from it."""
    said = [*comments("small", "de poort klemt", 9), *comments("all", "prima zo", 3), *comments("a", "het rooster", 12)]
    voices, ledger = again(release, Ledger(), said)
    assert set(told(voices)) == {"a", "all"}
    assert told(again(release, ledger, [*said, *comments("small", "de poort klemt", 1, start=50)])[0]) == told(voices)


def test_a_later_period_and_another_question_are_told(release, first):
    later = [replace(c, period="2026-Q2") for c in SAID]
    voices, ledger = again(release, first[1], [*SAID, *later], later)
    assert [(v.period, v.unit) for v in voices] == [
        ("2026-Q1", "a"), ("2026-Q1", "b"), ("2026-Q2", "a"), ("2026-Q2", "b"), ("2026-Q2", "a"), ("2026-Q2", "b")
    ]  # fmt: skip
    assert len(ledger.lines) == 2


def test_a_raised_threshold_hides_what_was_told_of_fewer(release, first):
    voices, _ = again(release, first[1], SAID, k=13)
    assert set(told(voices)) == {"a"}


def test_texts_are_those_of_whoever_is_behind_the_themes(release, first):
    late = [*SAID, *comments("a", "ik ben nieuw", 1, start=70)]
    (a,) = [v for v in again(release, first[1], late, texts=True)[0] if v.unit == "a"]
    assert len(a.texts) == 13
    assert "ik ben nieuw" not in a.texts


def test_a_word_that_becomes_a_name_is_told_no_more(release, first):
    voices, _ = again(release, first[1], SAID, names=["Klopt"])
    assert "klopt" not in told(voices)["a"]


def test_two_questions_of_one_name_are_refused(release):
    twice = [bv.comments.Question(ASKED, SAID), bv.comments.Question(ASKED, SAID)]
    with pytest.raises(bv.BevlogenError, match="Two open questions are called 'What helps\\?'"):
        newly_heard(Ledger(), twice, UNITS, 10)


def test_the_ledger_holds_no_label_and_no_text(release, first):
    lines = "".join(first[1].lines)
    assert '"a11"' not in lines
    assert "rooster" in lines  # a theme is what was told
    assert "prima" not in lines
