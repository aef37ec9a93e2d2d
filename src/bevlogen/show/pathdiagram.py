"""The chain as a path diagram: boxes with level and trend, arrows with strength, sureness and verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from bevlogen.core.chain import CONSTRUCTS, PICTURE, Link, parent_construct
from bevlogen.core.judged import LinkVerdict
from bevlogen.core.results import Verdict
from bevlogen.show.figure import badge, drawing, label, sparkline, tag, text_width, wrap
from bevlogen.show.view import View
from bevlogen.show.wording import VERDICTS

BOX_W, BOX_H, GAP = 132, 84, 81
WIDTH, HEIGHT = 6 * BOX_W + 5 * GAP, 590
_ROWS = (30, 170, 310)
_STRIP_Y, _ARC_Y, _RAIL_Y = 504, 424, 450
_STRIP = ("control", "initiative", "performance", "absence", "burnout", "turnover")

_Place = tuple[float, float]


def _places() -> dict[str, _Place]:
    """Upper left corner of every box."""
    step = BOX_W + GAP
    grid = {
        "employership": (0, 1),
        "engagement": (1, 1),
        "conduct": (2, 0),
        "craftsmanship": (2, 2),
        "interaction_quality": (3, 1),
        "service_quality": (4, 0),
        "loyalty": (4, 1),
        "retention": (5, 0),
        "acquisition": (5, 1),
        "return": (5, 2),
    }
    places = {key: (column * step, float(_ROWS[row])) for key, (column, row) in grid.items()}
    places["use"] = (5 * step, _STRIP_Y)
    strip_gap = (4 * step + BOX_W - 6 * BOX_W) / 5
    return places | {key: (i * (BOX_W + strip_gap), _STRIP_Y) for i, key in enumerate(_STRIP)}


PLACES = _places()

# Sideways arrows: vertical offset from the middle of the box where they leave and where they arrive.
_PORTS: Mapping[tuple[str, str], tuple[float, float]] = {
    ("employership", "engagement"): (0, 0),
    ("engagement", "conduct"): (-20, 0),
    ("engagement", "interaction_quality"): (0, 0),
    ("craftsmanship", "interaction_quality"): (0, 22),
    ("conduct", "interaction_quality"): (0, -22),
    ("interaction_quality", "service_quality"): (-20, 0),
    ("interaction_quality", "loyalty"): (0, 0),
    ("loyalty", "retention"): (-20, 0),
    ("loyalty", "acquisition"): (0, 0),
    ("loyalty", "return"): (20, 0),
}


@dataclass(frozen=True, slots=True)
class Arrow:
    """A drawn line, the point of its head, the direction it arrives in, and where its label stands."""

    path: str
    tip: _Place
    direction: _Place
    middle: _Place
    upright: bool


def picture_links(view: View) -> dict[tuple[str, str], LinkVerdict]:
    """Verdict per arrow of the picture; of several parts of a construct the first with an estimate stands for it."""
    found: dict[tuple[str, str], LinkVerdict] = {}
    for verdict in view.release.picture:
        link = verdict.estimate.link
        key = (parent_construct(link.cause), parent_construct(link.outcome))
        if key not in found or (found[key].headline is None and verdict.headline is not None):
            found[key] = verdict
    return found


Address = Callable[[str, str], str]


def diagram(view: View, address: Address | None = None) -> Markup:
    """Draw the whole chain, for wide screens and paper; with ``address`` each link with an estimate leads there."""
    links = picture_links(view)
    arrows = [_drawn_link(view, link, links.get((link.cause, link.outcome)), address) for link in PICTURE]
    rail = _rail()
    heads = [
        label(
            column * (BOX_W + GAP) + (BOX_W if width == 1 else 2 * BOX_W + GAP) / 2,
            16,
            view.say(f"side_{side}"),
            "side",
            "middle",
        )
        for side, column, width in (
            ("employer", 0, 1),
            ("employee", 1, 1),
            ("encounter", 2, 2),
            ("customer", 4, 1),
            ("result", 5, 1),
        )
    ]
    caption = wrap(view.say("side_below"), PLACES["engagement"][0] + 30, 12)
    below = [label(0, _RAIL_Y - 12 - 15 * (len(caption) - 1 - i), line, "side") for i, line in enumerate(caption)]
    return drawing(
        WIDTH,
        HEIGHT,
        rail,
        *(line for line, _ in arrows),
        *(mark for _, mark in arrows),
        *(_box(view, key) for key in PLACES),
        *heads,
        *below,
        ident="chain-figure",
        title=view.say("chain"),
        description=view.say("chain_description"),
        class_="diagram wide",
        role="img" if address is None else "group",
    )


def _rail() -> Markup:
    """Hairline from engagement to the boxes below it; each stub carries its own verdict."""
    x, y = PLACES["engagement"]
    first, last = PLACES[_STRIP[0]][0] + BOX_W / 2, PLACES[_STRIP[-1]][0] + BOX_W / 2
    return tag("path", d=f"M{x + BOX_W / 2 - 22:g} {y + BOX_H:g}V{_RAIL_Y}M{first:g} {_RAIL_Y}H{last:g}", class_="rail")


def _arrow(cause: str, outcome: str) -> Arrow:
    """Route one arrow."""
    (x1, y1), (x2, y2) = PLACES[cause], PLACES[outcome]
    if (cause, outcome) in _PORTS:
        out, into = _PORTS[cause, outcome]
        a, b = (x1 + BOX_W, y1 + BOX_H / 2 + out), (x2, y2 + BOX_H / 2 + into)
        bend = min(60.0, (b[0] - a[0]) * 0.6)
        path = f"M{a[0]:g} {a[1]:g}C{a[0] + bend:g} {a[1]:g} {b[0] - bend:g} {b[1]:g} {b[0] - 8:g} {b[1]:g}"
        return Arrow(path, b, (1, 0), ((a[0] + b[0] - 6) / 2, (a[1] + b[1]) / 2), upright=False)
    if (cause, outcome) == ("engagement", "loyalty"):
        a, b = (x1 + BOX_W / 2 + 22, y1 + BOX_H), (x2 + BOX_W / 2, y2 + BOX_H)
        path = (
            f"M{a[0]:g} {a[1]:g}V{_ARC_Y - 16}Q{a[0]:g} {_ARC_Y} {a[0] + 16:g} {_ARC_Y}"
            f"H{b[0] - 16:g}Q{b[0]:g} {_ARC_Y} {b[0]:g} {_ARC_Y - 16}V{b[1] + 8:g}"
        )
        return Arrow(path, b, (0, -1), ((a[0] + b[0]) / 2, _ARC_Y), upright=True)
    start = _RAIL_Y if cause == "engagement" else y1 + BOX_H if y1 < y2 else y1
    head = (0.0, 1.0) if start < y2 else (0.0, -1.0)
    x, end = x2 + BOX_W / 2, y2 if start < y2 else y2 + BOX_H
    return Arrow(
        f"M{x:g} {start:g}V{end - 8 * head[1]:g}", (x, end), head, (x, (start + end - 8 * head[1]) / 2), upright=True
    )


def _drawn_link(view: View, link: Link, verdict: LinkVerdict | None, address: Address | None) -> tuple[Markup, Markup]:
    """Draw the line of a link, and apart from it the label that must lie on top of all lines."""
    arrow = _arrow(link.cause, link.outcome)
    estimate = None if verdict is None else verdict.headline
    if verdict is None or estimate is None or not math.isfinite(estimate.estimate):
        line = tag("path", d=arrow.path, class_="link nodata") + _head(arrow, 1, "nodata")
        return line, _quiet_label(view, arrow)
    width = _thickness(estimate.estimate)
    reach = max((abs(v) for v in (estimate.low, estimate.high) if math.isfinite(v)), default=0.0)
    kind = verdict_class(verdict.verdict)
    title = tag("title", link_sentence(view, verdict))
    line = tag(
        "g",
        title,
        tag("path", d=arrow.path, class_="band", stroke_width=round(max(width, _thickness(reach)), 1)),
        tag("path", d=arrow.path, class_="link", stroke_width=round(width, 1)),
        _head(arrow, width, ""),
        class_=f"arrow {kind}",
    )
    pill = _pill(view.effect(estimate.estimate), arrow, verdict.verdict)
    if address is None:
        return line, pill
    # One stop of the keyboard per link: its label; a mouse may also hit the line.
    found = verdict.estimate.link
    said = f"{link_sentence(view, verdict)}. {VERDICTS[verdict.verdict].in_(view.language)}"
    to = address(found.cause, found.outcome)
    return (
        tag("a", line, href=to, tabindex=-1, aria_hidden="true"),
        tag("a", pill, href=to, aria_label=said, class_="to-link"),
    )


def _thickness(effect: float) -> float:
    return min(11.0, 1.4 + 13 * abs(effect))


def _head(arrow: Arrow, width: float, class_: str) -> Markup:
    """Draw the arrow head."""
    (x, y), (dx, dy) = arrow.tip, arrow.direction
    half = 3.5 + width * 0.55
    bx, by = x - 9 * dx, y - 9 * dy
    points = f"{x:g},{y:g} {bx - half * dy:g},{by - half * dx:g} {bx + half * dy:g},{by + half * dx:g}"
    return tag("polygon", points=points, class_=f"head {class_}".strip())


def _pill(text: str, arrow: Arrow, verdict: Verdict) -> Markup:
    """Label of an arrow: the sign of the verdict and the strength."""
    x, y = arrow.middle
    kind = verdict_class(verdict)
    if arrow.upright:
        width = 28 + text_width(text, 12.5)
        shape = tag("rect", x=round(x - width / 2, 1), y=y - 11, width=round(width, 1), height=22, rx=11, class_="pill")
        inside = badge(round(x - width / 2 + 13, 1), y, verdict, 6.5) + label(
            x - width / 2 + 23, y + 4.5, text, "strength"
        )
    else:
        shape = tag("rect", x=x - 24, y=y - 18, width=48, height=36, rx=9, class_="pill")
        inside = badge(x, y - 7.5, verdict, 6.5) + label(x, y + 13, text, "strength", "middle")
    return tag("g", shape, inside, class_=f"arrow {kind}")


def _quiet_label(view: View, arrow: Arrow) -> Markup:
    """Say on the line that there are no data."""
    x, y = arrow.middle
    text = view.say("no_data")
    width = text_width(text, 11.5)
    return tag("rect", x=round(x - width / 2, 1), y=y - 8, width=round(width, 1), height=16, class_="ground") + label(
        x, y + 4, text, "quiet", "middle"
    )


def _box(view: View, key: str) -> Markup:
    """Draw one construct: name, latest level, course."""
    x, y = PLACES[key]
    variables = view.variables_of(key)
    name = view.label(variables[0]) if variables == [key] else CONSTRUCTS[key].label.in_(view.language)
    known = bool(variables)
    lines = wrap(name, BOX_W - 15, 12.5)
    shapes = [
        tag("title", name),
        tag("rect", x=round(x, 1), y=y, width=BOX_W, height=BOX_H, rx=8, class_="box" if known else "box empty"),
        *(label(x + 8, y + 18 + 14.5 * i, line, "name" if known else "name dim") for i, line in enumerate(lines)),
    ]
    shapes += _box_level(view, variables, x, y)
    norm = norm_of(view, variables)
    if norm and len(lines) < 3:
        shapes.append(label(x + 8, y + 51, norm, "quiet"))
    return tag("g", *shapes)


def norm_of(view: View, variables: list[str]) -> str:
    """The reference band of the one variable of a construct in words; "" where there is none."""
    band = view.release.norms.get(variables[0]) if len(variables) == 1 else None
    if band is None:
        return ""
    low, high = (view.figure(variables[0], end) for end in band)
    return view.say("norm_band", low=low, high=high)


def _box_level(view: View, variables: list[str], x: float, y: float) -> list[Markup]:
    """Lower line of a box: the level of the whole organisation and its course, or why there is none."""
    bottom = y + BOX_H - 11
    if len(variables) != 1:
        text = view.say("parts", n=len(variables)) if variables else view.say("no_data")
        return [label(x + 8, bottom, text, "quiet")]
    latest = view.latest(view.release.root, variables[0])
    if latest is None:
        return [label(x + 8, bottom, "–", "quiet")]
    text = view.figure(variables[0], latest[1])
    shapes = [label(x + 8, bottom, text, "value")]
    spark = sparkline(view.series(view.release.root, variables[0])[-12:], 44, 20)
    if spark and text_width(text, 16) < BOX_W - 66:
        shapes.append(tag("g", spark, transform=f"translate({x + BOX_W - 52:g} {bottom - 16:g})"))
    return shapes


def verdict_class(verdict: Verdict | None) -> str:
    """Style class of a verdict."""
    return {"supported": "supported", "contradicted": "contradicted", "no meaningful effect": "nothing"}.get(
        verdict or "", "undetermined"
    )


def link_sentence(view: View, verdict: LinkVerdict) -> str:
    """A link in one line: ends, strength, interval."""
    link, estimate = verdict.estimate.link, verdict.headline
    ends = f"{view.label(link.cause)} → {view.label(link.outcome)}"
    if estimate is None:
        return f"{ends}: {view.say('no_data')}"
    return f"{ends}: {view.effect(estimate.estimate)} SD ({view.span(estimate.low, estimate.high)})"
