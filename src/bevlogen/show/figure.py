"""Small SVG drawings: classes only, no style attributes, so that light, dark and print come from one style sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from bevlogen.core.results import Verdict

# Widths in em of the widest common sans serif in bold, so that a label fits whatever font a reader has.
_NARROW, _WIDE = frozenset("iljftI.,:;'’|!()- "), frozenset("mwMWÆŒ@%+−–→")


def tag(name: str, *content: str | Markup, **attributes: str | float) -> Markup:
    """Write one element; ``class_`` becomes class, underscores become hyphens, text is escaped."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(f"{v:.6g}" if isinstance(v, float) else v)}"'
        for key, v in attributes.items()
    )
    body = "".join(escape(part) for part in content)
    return Markup(f"<{name}{written}>{body}</{name}>" if body else f"<{name}{written}/>")


def drawing(
    width: float,
    height: float,
    *content: Markup,
    ident: str,
    title: str,
    description: str = "",
    class_: str = "",
    role: str = "img",
) -> Markup:
    """Wrap shapes in an SVG that screen readers announce by its title and description; ``group`` if it holds links."""
    names = f"{ident}-t {ident}-d" if description else f"{ident}-t"
    head = [tag("title", title, id=f"{ident}-t")]
    if description:
        head.append(tag("desc", description, id=f"{ident}-d"))
    return tag(
        "svg",
        *head,
        *content,
        viewBox=f"0 0 {width:g} {height:g}",
        width=f"{width:g}",
        height=f"{height:g}",
        role=role,
        aria_labelledby=names,
        class_=class_,
    )


def text_width(text: str, size: float) -> float:
    """Largest width of a text in pixels."""
    return size * sum(0.4 if c in _NARROW else 0.95 if c in _WIDE else 0.5 if c == "r" else 0.67 for c in text)


def wrap(text: str, width: float, size: float, lines: int = 3) -> tuple[str, ...]:
    """Break a label into at most ``lines`` lines that fit ``width``; what does not fit ends in an ellipsis."""
    out = [""]
    for word in _breakable(text, width, size):
        joined = f"{out[-1]}{word}" if out[-1].endswith("-") or not out[-1] else f"{out[-1]} {word}"
        if text_width(joined, size) <= width or not out[-1]:
            out[-1] = joined
        else:
            out.append(word)
    if len(out) <= lines:
        return tuple(out)
    last = out[lines - 1]
    while last and text_width(f"{last}…", size) > width:
        last = last[:-1]
    return (*out[: lines - 1], f"{last.rstrip()}…")


def _breakable(text: str, width: float, size: float) -> list[str]:
    """Words of a label, broken after a hyphen, and hard where one word is too long."""
    words: list[str] = []
    for word in text.split():
        rest = word
        while text_width(rest, size) > width:
            most = max(2, next(i for i in range(len(rest), 0, -1) if i == 1 or text_width(rest[:i], size) <= width))
            at = rest.rfind("-", 1, most) + 1 or most - 1
            words.append(rest[:at] if rest[at - 1] == "-" else f"{rest[:at]}-")
            rest = rest[at:]
        words.append(rest)
    return words


def label(x: float, y: float, text: str, class_: str = "", anchor: str = "start") -> Markup:
    """Write a line of text."""
    return tag("text", text, x=round(x, 1), y=round(y, 1), class_=class_, text_anchor=anchor)


def badge(cx: float, cy: float, verdict: Verdict | None, size: float = 7) -> Markup:
    """Draw the sign of a verdict: each has its own shape, so colour is never the only sign."""
    s = size
    half = round(s * 0.45, 2)
    if verdict == "supported":
        tick = f"M{cx - half:g} {cy:g}l{half * 0.8:g} {half * 0.8:g}l{half * 1.3:g} {-half * 1.5:g}"
        return tag(
            "g",
            tag("circle", cx=cx, cy=cy, r=s, class_="full"),
            tag("path", d=tick, class_="mark"),
            class_="badge supported",
        )
    if verdict == "contradicted":
        cross = f"M{cx - half:g} {cy - half:g}l{2 * half:g} {2 * half:g}m0 {-2 * half:g}l{-2 * half:g} {2 * half:g}"
        return tag(
            "g",
            tag("rect", x=cx - s, y=cy - s, width=2 * s, height=2 * s, class_="full"),
            tag("path", d=cross, class_="mark"),
            class_="badge contradicted",
        )
    if verdict == "no meaningful effect":
        bars = f"M{cx - half:g} {cy - 2:g}h{2 * half:g}m0 4h{-2 * half:g}"
        return tag(
            "g",
            tag("circle", cx=cx, cy=cy, r=s - 0.5, class_="hollow"),
            tag("path", d=bars, class_="mark"),
            class_="badge nothing",
        )
    return tag(
        "g",
        tag("circle", cx=cx, cy=cy, r=s - 0.5, class_="hollow dashed"),
        tag("text", "?", x=cx, y=cy + s * 0.55, text_anchor="middle", font_size=s * 1.5),
        class_="badge undetermined",
    )


def sparkline(values: Sequence[float], width: float = 46, height: float = 18) -> Markup:
    """Draw a line without axes through the known values, the last one dotted; empty for fewer than two."""
    known = [(i, v) for i, v in enumerate(values) if math.isfinite(v)]
    if len(known) < 2:
        return Markup("")
    low, high = min(v for _, v in known), max(v for _, v in known)
    reach = (high - low) or 1.0
    first, last = known[0][0], known[-1][0]
    points = [
        (
            3 + (width - 6) * (i - first) / (last - first),
            height - 3 - (height - 6) * ((v - low) / reach if high > low else 0.5),
        )
        for i, v in known
    ]
    return tag(
        "g",
        tag("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), class_="spark"),
        tag("circle", cx=round(points[-1][0], 1), cy=round(points[-1][1], 1), r=2.4, class_="spark-end"),
    )


@dataclass(frozen=True, slots=True)
class Axis:
    """A straight scale from data to pixels."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Pixel of a value, kept within the axis."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def nice_step(reach: float, about: int = 5) -> float:
    """Return a round step (1, 2 or 5 times a power of ten) that divides ``reach`` into about ``about`` parts."""
    raw = reach / about
    power = 10.0 ** math.floor(math.log10(raw))
    return next((m * power for m in (1, 2, 5) if m * power >= raw), 10 * power)


def symmetric_reach(values: Sequence[float], least: float, most: float) -> float:
    """Largest distance from zero among the finite values, within bounds, with some room."""
    return min(most, max([least, *(abs(v) * 1.08 for v in values if math.isfinite(v))]))
