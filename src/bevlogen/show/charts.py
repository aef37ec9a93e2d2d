"""Line chart, forest plot and gain bar: each a small drawing beside the table with the same figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bevlogen.core.linked import Finding
from bevlogen.core.planned import Move
from bevlogen.core.results import Interval
from bevlogen.show.figure import Axis, drawing, label, nice_step, symmetric_reach, tag
from bevlogen.show.view import View

Shape = str
_FOREST_W, _ROW = 320, 30


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One estimate of a forest plot; ``shape`` is circle, diamond or square."""

    name: str
    shape: Shape
    interval: Interval


def line_chart(view: View, variable: str, ident: str) -> Markup:
    """Draw the course of a figure of record in the whole organisation."""
    values = view.series(view.release.root, variable)
    periods = view.release.periods
    known = [(i, v) for i, v in enumerate(values) if math.isfinite(v)]
    if len(known) < 2:
        return Markup("")
    low, high = min(v for _, v in known), max(v for _, v in known)
    room = (high - low) * 0.15 or abs(high) * 0.05 or 1.0
    upward = Axis(low - room, high + room, 84, 18)
    across = Axis(0, len(values) - 1, 8, 272)
    points = " ".join(f"{across.at(i):g},{upward.at(v):g}" for i, v in known)
    last_x, last_y = across.at(known[-1][0]), upward.at(known[-1][1])
    first_y = upward.at(known[0][1]) + (16 if known[1][1] > known[0][1] else -9)
    first, last = (view.period(periods[i], short=True) for i in (known[0][0], known[-1][0]))
    return drawing(
        280,
        120,
        tag("path", d="M8 96H272", class_="base"),
        tag("polyline", points=points, class_="course"),
        *(tag("circle", cx=across.at(i), cy=upward.at(v), r=2.2, class_="course-dot") for i, v in known[:-1]),
        tag("circle", cx=last_x, cy=last_y, r=4.5, class_="course-end"),
        label(4, first_y, view.figure(variable, known[0][1]), "tick"),
        label(8, 114, first, "tick"),
        label(272, 114, last, "tick", "end"),
        ident=ident,
        title=view.say("line_title", measure=view.label(variable), first=first, last=last),
        class_="line",
    )


def forest(view: View, rows: Sequence[ForestRow], ident: str, cause: str, outcome: str) -> Markup:
    """Draw own, published and combined estimates below each other, on one scale in SD."""
    smallest = view.release.smallest_effect
    reach = symmetric_reach(
        [v for r in rows for v in (r.interval.estimate, r.interval.low, r.interval.high)], 3 * smallest, 1.5
    )
    axis = Axis(-reach, reach, 92, _FOREST_W - 10)
    bottom = 8 + _ROW * len(rows)
    step = nice_step(2 * reach, 4)
    ticks = [i * step for i in range(-int(reach / step), int(reach / step) + 1)]
    return drawing(
        _FOREST_W,
        bottom + 24,
        tag(
            "rect",
            x=axis.at(-smallest),
            y=4,
            width=axis.at(smallest) - axis.at(-smallest),
            height=bottom - 4,
            class_="small-band",
        ),
        tag("path", d=f"M{axis.at(0):g} 4V{bottom}", class_="middle"),
        tag("path", d=f"M{axis.start:g} {bottom}H{axis.end:g}", class_="base"),
        *(
            label(axis.at(t), bottom + 16, view.number(t, 1 if step >= 0.1 else 2, signed=True), "tick", "middle")
            for t in ticks
        ),
        *(_forest_row(row, axis, 8 + _ROW * i + _ROW / 2) for i, row in enumerate(rows)),
        ident=ident,
        title=view.say("forest_title", cause=cause, outcome=outcome),
        description=view.say("forest_description"),
        class_="forest",
    )


def finding_row(view: View, finding: Finding, ident: str) -> Markup:
    """Draw the figure that decides with its interval, beside what it is held against and the strip of its margin."""
    null, margin = finding.null, finding.margin
    known = [v for v in (finding.estimate, finding.low, finding.high) if math.isfinite(v)]
    low, high = min(*known, null - margin), max(*known, null + margin)
    room = 0.08 * (high - low) or 1.0
    axis = Axis(low - room, high + room, 8, _FOREST_W - 8)
    bottom = 8 + _ROW
    step = nice_step(axis.high - axis.low, 4)
    decimals = max(0, -math.floor(math.log10(step)))
    ticks = [i * step for i in range(math.ceil(axis.low / step), math.floor(axis.high / step) + 1)]
    band = tag(
        "rect",
        x=axis.at(null - margin),
        y=4,
        width=axis.at(null + margin) - axis.at(null - margin),
        height=bottom - 4,
        class_="small-band",
    )
    return drawing(
        _FOREST_W,
        bottom + 24,
        *([band] if margin > 0 else []),
        tag("path", d=f"M{axis.at(null):g} 4V{bottom}", class_="middle"),
        tag("path", d=f"M{axis.start:g} {bottom}H{axis.end:g}", class_="base"),
        *(label(axis.at(t), bottom + 16, view.number(t, decimals), "tick", "middle") for t in ticks),
        _forest_row(ForestRow("", "circle", Interval(finding.estimate, finding.low, finding.high)), axis, 8 + _ROW / 2),
        ident=ident,
        title=view.say("finding_title", scale=finding.scale.in_(view.language)),
        description=view.say("finding_description"),
        class_="forest",
    )


def _forest_row(row: ForestRow, axis: Axis, y: float) -> Markup:
    """Draw one estimate; an arrow head marks an interval that runs on beyond the axis."""
    shapes = [label(0, y + 4, row.name, "row-name")]
    low, high = row.interval.low, row.interval.high
    if math.isfinite(low) and math.isfinite(high):
        shapes.append(tag("path", d=f"M{axis.at(low):g} {y:g}H{axis.at(high):g}", class_="limit"))
        if low < axis.low:
            shapes.append(tag("path", d=f"M{axis.start + 5:g} {y - 4:g}l-5 4l5 4", class_="limit"))
        if high > axis.high:
            shapes.append(tag("path", d=f"M{axis.end - 5:g} {y - 4:g}l5 4l-5 4", class_="limit"))
    shapes.append(_mark(row.shape, axis.at(row.interval.estimate), y))
    return tag("g", *shapes, class_=f"row {row.shape}")


def _mark(shape: Shape, x: float, y: float) -> Markup:
    if shape == "diamond":
        return tag("path", d=f"M{x:g} {y - 7:g}l7 7l-7 7l-7 -7z", class_="shape")
    if shape == "square":
        return tag("rect", x=x - 5.5, y=y - 5.5, width=11, height=11, class_="shape")
    return tag("circle", cx=x, cy=y, r=5.5, class_="shape")


def gain_bar(view: View, move: Move, reach: float, ident: str) -> Markup:
    """Draw the expected gain of one move with its 90% interval, beside the strip that is too small to matter."""
    axis = Axis(-reach / 3, reach, 4, 236)
    smallest = view.release.smallest_effect
    gain = move.gain
    start, end = axis.at(0), axis.at(gain.estimate)
    shapes = [
        tag(
            "rect",
            x=axis.at(-smallest),
            y=2,
            width=axis.at(smallest) - axis.at(-smallest),
            height=26,
            class_="small-band",
        ),
        tag("rect", x=min(start, end), y=9, width=abs(end - start), height=12, class_="gain"),
        tag("path", d=f"M{start:g} 2V28", class_="middle"),
    ]
    if math.isfinite(gain.low) and math.isfinite(gain.high):
        a, b = axis.at(gain.low), axis.at(gain.high)
        shapes.append(tag("path", d=f"M{a:g} 15H{b:g}M{a:g} 10V20M{b:g} 10V20", class_="limit"))
    title = view.say("bar_title", gain=view.effect(gain.estimate), span=view.span(gain.low, gain.high))
    return drawing(240, 30, *shapes, ident=ident, title=title, class_="bar")


def effect_bar(view: View, effect: Interval, reach: float, ident: str) -> Markup:
    """Draw the effect of an action with its 95% interval, beside the strip that is too small to matter."""
    axis = Axis(-reach, reach, 4, 236)
    smallest = view.release.smallest_effect
    at, width = axis.at(effect.estimate), axis.at(smallest) - axis.at(-smallest)
    shapes = [
        tag("rect", x=axis.at(-smallest), y=2, width=width, height=26, class_="small-band"),
        tag("path", d=f"M{axis.at(0):g} 2V28", class_="middle"),
    ]
    if math.isfinite(effect.low) and math.isfinite(effect.high):
        a, b = (axis.at(max(-reach, min(reach, limit))) for limit in (effect.low, effect.high))
        shapes.append(tag("path", d=f"M{a:g} 15H{b:g}M{a:g} 10V20M{b:g} 10V20", class_="limit"))
    shapes.append(tag("circle", cx=at, cy=15, r=5, class_="dot"))
    title = view.say("worked_bar", effect=view.number(effect.estimate, 1, signed=True))
    return drawing(240, 30, *shapes, ident=ident, title=title, class_="bar")
