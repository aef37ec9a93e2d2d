"""What people wrote, in a release: themes of ten writers or more, names never, texts only where asked."""

from dataclasses import fields

import numpy as np
import pytest

import bevlogen as bv
from bevlogen.disclose import PolicyError, with_voices

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
    given = [bv.comments.Question(ASKED, said) for said in questions]
    return with_voices(release, given, UNITS, 10, rng=np.random.default_rng(1), **more).voices


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
    told = with_voices(release, [], UNITS, 10)
    assert all(getattr(told, f.name) == getattr(release, f.name) or f.name == "certainty" for f in fields(release))


def test_a_lower_threshold_is_refused(release):
    with pytest.raises(PolicyError, match="10"):
        with_voices(release, [bv.comments.Question(ASKED, comments("a", "x", 12))], UNITS, 9)


def test_a_study_hears_under_its_own_rule(tmp_path):
    bv.simulate(tmp_path, teams=6, waves=3)
    study = bv.open(tmp_path)
    team = study.workspace.units[-1].key
    question = bv.comments.Question(ASKED, comments(team, "het rooster", 10))
    assert [v.unit for v in study.hear([question]).voices] == [team]
    assert study.release().voices == ()
