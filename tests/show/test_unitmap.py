"""The map shows every unit, names the extreme ones without overlap, and stays legible with hundreds."""

import itertools
import math
import re
from dataclasses import replace

import pytest

from bevlogen.core.results import Interval
from bevlogen.show.figure import text_width
from bevlogen.show.unitmap import NARROW, WIDE, unit_map
from bevlogen.show.view import view_of

NAME = re.compile(r'<text x="([\d.]+)" y="([\d.]+)" class="unit-name" text-anchor="start">([^<]*)<')


def names(svg):
    """Boxes of the names of units: left, top, right, bottom."""
    found = [(float(x), float(y), text) for x, y, text in NAME.findall(str(svg))]
    return [(x, y - 11, x + text_width(text, 12), y + 4) for x, y, text in found]


@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=["wide", "narrow"])
def test_names_do_not_overlap(release, frame):
    boxes = names(unit_map(view_of(release, "nl"), frame))
    assert len(boxes) > 1
    assert not any(
        a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for a, b in itertools.combinations(boxes, 2)
    )


@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=["wide", "narrow"])
def test_names_stay_inside(release, frame):
    boxes = names(unit_map(view_of(release, "nl"), frame))
    assert all(b[0] >= 0 and b[2] <= frame.width and b[1] >= 0 and b[3] <= frame.height for b in boxes)


def test_every_position_is_a_point(release):
    assert str(unit_map(view_of(release, "en"), WIDE)).count('class="dot"') == len(release.positions)


def test_whiskers_are_left_out_of_a_crowd(make_release, crowd):
    svg = str(unit_map(view_of(make_release(**crowd), "en"), WIDE))
    assert 'class="whisker"' not in svg
    assert svg.count('class="dot many"') == len(crowd["positions"])


def test_position_without_a_side_is_no_point(make_release, release):
    unknown = replace(release.positions[0], service=Interval(math.nan))
    svg = str(unit_map(view_of(make_release(positions=(unknown, *release.positions[1:])), "en"), WIDE))
    assert svg.count('class="dot"') == len(release.positions) - 1


def test_position_without_an_interval_has_no_whisker(make_release, release):
    bare = replace(release.positions[0], service=Interval(0.4), employership=Interval(0.2))
    svg = str(unit_map(view_of(make_release(positions=(bare,)), "en"), WIDE))
    assert 'class="whisker"' not in svg
