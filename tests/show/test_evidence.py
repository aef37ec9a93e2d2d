"""The evidence of one link: what its cautions are about, and that the way that decides is told once."""

from dataclasses import replace

from bevlogen.core.chain import Text
from bevlogen.show import pages

WIDE = Text("wide", "wijd")
NARROW = Text("narrow", "smal")


def _with(release, change):
    first = release.picture[0]
    changed = replace(first, estimate=replace(first.estimate, estimates=tuple(map(change, first.estimate.estimates))))
    link = first.estimate.link
    return pages.link(replace(release, picture=(changed, *release.picture[1:])), link.cause, link.outcome, "en")


def test_a_caution_of_every_way_to_look_stands_once(release):
    assert _with(release, lambda e: replace(e, notes=(WIDE,))).notes == ("wide",)


def test_a_caution_of_one_way_to_look_names_it(release):
    found = _with(release, lambda e: replace(e, notes=(WIDE,) if e.design == "lagged" else (NARROW,)))
    assert any(note.startswith("lagged") and note.endswith(": wide") for note in found.notes)
    assert any("between units" in note and note.endswith(": narrow") for note in found.notes)


def test_the_way_that_decides_has_the_interval_of_the_own_figures(release):
    found = _with(release, lambda e: replace(e, low=e.low + 0.001, high=e.high + 0.3))
    (decides,) = [row for row in found.designs if row.decides]
    assert decides.interval == found.rows[0].interval
