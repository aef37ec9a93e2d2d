"""Drawings fit their labels, escape their text and give each verdict its own shape."""

import math

from bevlogen.show.figure import Axis, badge, nice_step, sparkline, tag, text_width, wrap
from bevlogen.show.wording import VERDICTS


def test_attributes_and_text_are_escaped():
    assert tag("text", "<b>", class_='a"b') == '<text class="a&#34;b">&lt;b&gt;</text>'


def test_wrapped_lines_fit():
    lines = wrap("klanttevredenheidsonderzoeksresultaten van de burn-outklachten", 100, 12)
    assert max(text_width(line, 12) for line in lines) <= 100


def test_wrapping_keeps_every_letter():
    lines = wrap("kwaliteit van de interactie", 110, 12.5)
    assert " ".join(lines) == "kwaliteit van de interactie"


def test_what_does_not_fit_ends_in_an_ellipsis():
    assert wrap("one two three four five six", 40, 12, lines=2)[-1].endswith("…")


def test_each_verdict_has_its_own_shape():
    shapes = {str(badge(0, 0, verdict)).replace(verdict, "") for verdict in VERDICTS}
    assert len(shapes) == len(VERDICTS)


def test_sparkline_of_one_value_is_empty():
    assert sparkline([math.nan, 3.0]) == ""


def test_sparkline_leaves_gaps_out():
    assert "nan" not in sparkline([3.0, math.nan, 3.4])


def test_axis_keeps_values_inside():
    assert Axis(-1, 1, 0, 100).at(5) == 100


def test_step_is_round():
    assert nice_step(4.3, 5) == 1
