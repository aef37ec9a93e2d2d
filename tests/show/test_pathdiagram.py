"""The diagram shows every construct and every arrow, and nothing lies over anything else."""

import itertools

import pytest

from bevlogen.core.chain import PICTURE
from bevlogen.show.pathdiagram import BOX_H, BOX_W, HEIGHT, PLACES, WIDTH, diagram
from bevlogen.show.view import view_of


@pytest.fixture(scope="module")
def drawing(release):
    return str(diagram(view_of(release, "nl")))


def test_every_end_of_an_arrow_has_a_place():
    assert {key for link in PICTURE for key in (link.cause, link.outcome)} == set(PLACES)


@pytest.mark.parametrize(("a", "b"), list(itertools.combinations(PLACES, 2)))
def test_boxes_do_not_overlap(a, b):
    (x1, y1), (x2, y2) = PLACES[a], PLACES[b]
    assert abs(x1 - x2) >= BOX_W or abs(y1 - y2) >= BOX_H


def test_boxes_lie_inside_the_drawing():
    assert all(0 <= x <= WIDTH - BOX_W and 0 <= y <= HEIGHT - BOX_H for x, y in PLACES.values())


def test_strength_stands_on_the_arrow(drawing):
    assert ">+0,62</text>" in drawing


def test_a_link_without_data_says_so(drawing):
    assert "geen cijfers" in drawing
    assert 'class="link nodata"' in drawing


def test_an_unsure_link_is_dashed(drawing):
    assert 'class="arrow undetermined"' in drawing


def test_a_stronger_link_is_thicker(drawing):
    widths = [float(part.split('"')[0]) for part in drawing.split('class="link" stroke-width="')[1:]]
    assert max(widths) > 3 * min(widths)


def test_levels_are_those_of_the_whole_organisation(release, drawing):
    view = view_of(release, "nl")
    assert f">{view.figure('loyalty', view.latest('all', 'loyalty')[1])}</text>" in drawing
