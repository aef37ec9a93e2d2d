"""The unit map: distinctive employership across, distinctive service upward, every shown unit a point."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import zip_longest

from markupsafe import Markup

from bevlogen.core.planned import Position
from bevlogen.show.figure import Axis, drawing, label, nice_step, symmetric_reach, tag, text_width, wrap
from bevlogen.show.view import View

MOST_WHISKERS, FAINT_FROM = 80, 25
_FARTHEST = 4.0  # SD; a point beyond it is drawn on the edge, its figure stands in the table
_SIZE = 12.0

_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """Size of one drawing of the map and how many names it carries."""

    width: int
    height: int
    names: int
    ident: str
    class_: str


WIDE = Frame(760, 560, 10, "map-wide", "unitmap wide")
NARROW = Frame(330, 380, 5, "map-narrow", "unitmap narrow")


def placed(view: View) -> list[Position]:
    """Positions that have a place on both axes."""
    return [
        p
        for p in view.release.positions
        if math.isfinite(p.service.estimate) and math.isfinite(p.employership.estimate)
    ]


def unit_map(view: View, frame: Frame) -> Markup:
    """Draw the map in one size."""
    positions = placed(view)
    whiskers = len(positions) <= MOST_WHISKERS
    reach = _reach(positions, whiskers)
    across = Axis(-reach, reach, 34, frame.width - 8)
    upward = Axis(-reach, reach, frame.height - 40, 8)
    dots = [(across.at(p.employership.estimate), upward.at(p.service.estimate)) for p in positions]
    lines = (
        [_whiskers(p, across, upward, "whisker faint" if len(positions) > FAINT_FROM else "whisker") for p in positions]
        if whiskers
        else []
    )
    radius = 4.5 if whiskers else 3.2
    points = [
        tag("circle", tag("title", view.name(p.unit)), cx=x, cy=y, r=radius, class_="dot" if whiskers else "dot many")
        for p, (x, y) in zip(positions, dots, strict=True)
    ]
    corners, taken = _quadrants(view, frame, across, upward)
    names = _names(view, positions, dots, frame, taken)
    return drawing(
        frame.width,
        frame.height,
        *_grid(view, frame, across, upward, reach),
        *corners,
        *lines,
        *points,
        *names,
        ident=frame.ident,
        title=view.say("map"),
        description=view.say("map_description", n=len(positions)),
        class_=frame.class_,
    )


def _reach(positions: list[Position], whiskers: bool) -> float:
    """Half the width of the map in SD."""
    values = [
        v
        for p in positions
        for i in (p.service, p.employership)
        for v in (i.estimate, *((i.low, i.high) if whiskers else ()))
    ]
    return symmetric_reach(values, 1.0, _FARTHEST)


def _grid(view: View, frame: Frame, across: Axis, upward: Axis, reach: float) -> list[Markup]:
    """Frame, middle lines, ticks and names of the axes."""
    left, right, bottom, top = across.start, across.end, upward.start, upward.end
    shapes = [
        tag("rect", x=left, y=top, width=right - left, height=bottom - top, class_="field"),
        tag("path", d=f"M{across.at(0):g} {top:g}V{bottom:g}M{left:g} {upward.at(0):g}H{right:g}", class_="middle"),
        label(right, frame.height - 6, view.say("employership_axis"), "axis", "end"),
        label(left + 6, top + 16, view.say("service_axis"), "axis"),
    ]
    step = nice_step(2 * reach, 5)
    for i in range(-int(reach / step), int(reach / step) + 1):
        text = view.number(i * step, 0 if step >= 1 else 1)
        shapes.append(label(across.at(i * step), bottom + 15, text, "tick", "middle"))
        shapes.append(label(left - 5, upward.at(i * step) + 4, text, "tick", "end"))
    return shapes


def _quadrants(view: View, frame: Frame, across: Axis, upward: Axis) -> tuple[list[Markup], list[_Box]]:
    """Names of the four quadrants in the corners, and the room they take."""
    room = (across.end - across.start) / 2 - 16
    shapes: list[Markup] = []
    taken: list[_Box] = []
    for key, right, high in (
        ("service_strong", False, True),
        ("both_strong", True, True),
        ("both_lag", False, False),
        ("employership_strong", True, False),
    ):
        lines = wrap(view.say(key), room, _SIZE, 3)
        x = across.end - 8 if right else across.start + 6
        first = upward.end + (36 if not right else 18) if high else upward.start - 10 - 15 * (len(lines) - 1)
        for i, line in enumerate(lines):
            y = first + 15 * i
            shapes.append(label(x, y, line, "corner", "end" if right else "start"))
            width = text_width(line, _SIZE)
            taken.append((x - width if right else x, y - 12, x if right else x + width, y + 4))
    return shapes, [
        *taken,
        (across.start, upward.end, across.start + text_width(view.say("service_axis"), _SIZE) + 8, 26),
    ]


def _whiskers(position: Position, across: Axis, upward: Axis, class_: str) -> Markup:
    """Intervals of one unit; a side without one is left out."""
    x, y = across.at(position.employership.estimate), upward.at(position.service.estimate)
    parts = []
    if math.isfinite(position.employership.low) and math.isfinite(position.employership.high):
        parts.append(f"M{across.at(position.employership.low):g} {y:g}H{across.at(position.employership.high):g}")
    if math.isfinite(position.service.low) and math.isfinite(position.service.high):
        parts.append(f"M{x:g} {upward.at(position.service.low):g}V{upward.at(position.service.high):g}")
    return tag("path", d="".join(parts), class_=class_) if parts else Markup("")


def _names(
    view: View, positions: list[Position], dots: list[tuple[float, float]], frame: Frame, taken: list[_Box]
) -> list[Markup]:
    """Names of the units farthest from the middle, each where it covers nothing; one that fits nowhere is left out."""
    far = _by_turns(positions)
    boxes = [*taken, *((x - 5, y - 5, x + 5, y + 5) for x, y in dots)]
    shapes: list[Markup] = []
    for i in far[: frame.names * 6]:
        if len(shapes) == frame.names:
            break
        lines = wrap(view.name(positions[i].unit), 230 if frame.width > 500 else 130, _SIZE, 1)
        found = _free_place(dots[i], text_width(lines[0], _SIZE), frame, boxes)
        if found is not None:
            boxes.append(found)
            shapes.append(label(found[0], found[3] - 4, lines[0], "unit-name"))
    return shapes


def _by_turns(positions: list[Position]) -> list[int]:
    """Codes of the units, the farthest from the middle first, the four quadrants taking turns."""
    quadrants: dict[tuple[bool, bool], list[int]] = {}
    for i, p in enumerate(positions):
        quadrants.setdefault((p.employership.estimate > 0, p.service.estimate > 0), []).append(i)
    for codes in quadrants.values():
        codes.sort(key=lambda i: -math.hypot(positions[i].employership.estimate, positions[i].service.estimate))
    return [i for turn in zip_longest(*quadrants.values()) for i in turn if i is not None]


def _free_place(dot: tuple[float, float], width: float, frame: Frame, boxes: list[_Box]) -> _Box | None:
    """Right of the point, left of it, above or below: the first place that is free and inside the frame."""
    x, y = dot
    for left, top in (
        (x + 8, y - 18),
        (x + 8, y + 4),
        (x - 8 - width, y - 18),
        (x - 8 - width, y + 4),
        (x - width / 2, y - 24),
        (x - width / 2, y + 9),
    ):
        box = (round(left, 1), round(top, 1), round(left + width, 1), round(top + 15, 1))
        inside = box[0] >= 36 and box[2] <= frame.width - 10 and box[1] >= 10 and box[3] <= frame.height - 42
        if inside and not any(_overlap(box, other) for other in boxes):
            return box
    return None


def _overlap(a: _Box, b: _Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
