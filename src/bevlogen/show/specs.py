"""Figures as Vega-Lite specifications: drawn in the page by a script, and on a server as SVG, PNG or PDF.

A colour is the name of a variable of the page's style sheet; ``drawn`` fills in those of the light page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any, Literal

from bevlogen.core.chain import Language
from bevlogen.show.wording import TEXTS

Spec = dict[str, Any]
Row = Mapping[str, Any]
Format = Literal["svg", "png", "pdf"]

LIGHT = {
    "--ground": "#ffffff",
    "--surface": "#f5f7f7",
    "--ink": "#18242a",
    "--muted": "#51616a",
    "--line": "#d3dbde",
    "--accent": "#0a5f68",
    "--bad": "#a5321d",
    "--even": "#3d5388",
}
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_FONT = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', Arial, sans-serif"
_NUMBERS = {
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""], "minus": "−"},
    "nl": {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["", ""], "minus": "−"},
}
_CORNERS = (
    ("service_strong", -1, 1),
    ("both_strong", 1, 1),
    ("both_lag", -1, -1),
    ("employership_strong", 1, -1),
)
_NARROW = 560  # of the map, in pixels: less, and two names of corners no longer fit beside each other
_LINE_HEIGHT = 14
_RIGHT_HALF = "scale('x', datum.x) > width / 2"
_SHORT_LINE = 16  # characters; three lines fit above the units of a phone


@dataclass(frozen=True, slots=True)
class Point:
    """One unit in a figure of two sides; limits None where unknown.

    ``chosen`` stands out; ``mark`` is the letter that stands for its name where the figure is narrow.
    """

    name: str
    x: float
    y: float
    x_low: float | None = None
    x_high: float | None = None
    y_low: float | None = None
    y_high: float | None = None
    x_before: float | None = None
    y_before: float | None = None
    address: str = ""
    chosen: bool = False
    mark: str = ""

    def row(self) -> Spec:
        """The point as data of the figure; what is not known is left out."""
        parts = {
            "name": self.name,
            "x_low": self.x_low,
            "x_high": self.x_high,
            "y_low": self.y_low,
            "y_high": self.y_high,
            "x_before": self.x_before,
            "y_before": self.y_before,
            "address": self.address or None,
            "chosen": self.chosen or None,
            "mark": self.mark or None,
        }
        return {"x": self.x, "y": self.y, **{key: part for key, part in parts.items() if part is not None}}


def unit_map(language: Language, *, reach: float, whiskers: bool, names: bool = False) -> Spec:
    """Distinctive employership across, distinctive service upward; data are rows of ``Point``.

    Parameters
    ----------
    language : of axes and corners.
    reach : half the width of the map, in SD.
    whiskers : draw the intervals of all units; of chosen units they are drawn always.
    names : write the names of all units, not only of chosen ones.
    """
    x, y = _axis("x", _say("employership_axis", language), reach), _axis("y", _say("service_axis", language), reach)
    corners = [
        {"x": side * reach * 0.97, "y": high * reach * 0.98, "wide": _say(key, language), "side": side, "high": high}
        for key, side, high in _CORNERS
    ]
    whisker = [] if whiskers else [{"filter": "datum.chosen"}]
    ink = {"condition": {"test": "datum.chosen", "value": "--bad"}, "value": "--muted"}
    faint = {"condition": {"test": "datum.chosen", "value": 0.9}, "value": 0.28}
    return _framed(language) | {
        "height": 460,
        "layer": [
            _rule("x"),
            _rule("y"),
            *(_corner(corner) for corner in corners),
            {
                "transform": [*whisker, {"filter": "isValid(datum.x_low)"}],
                "mark": {"type": "rule", "strokeWidth": 1.2},
                "encoding": {"x": {"field": "x_low", **x}, "x2": {"field": "x_high"}, "y": {"field": "y", **y},
                             "color": ink, "opacity": faint},
            },
            {
                "transform": [*whisker, {"filter": "isValid(datum.y_low)"}],
                "mark": {"type": "rule", "strokeWidth": 1.2},
                "encoding": {"x": {"field": "x", **x}, "y": {"field": "y_low", **y}, "y2": {"field": "y_high"},
                             "color": ink, "opacity": faint},
            },
            {
                "transform": [{"filter": "datum.chosen && isValid(datum.x_before)"}],
                "mark": {"type": "rule", "strokeWidth": 2, "strokeDash": [4, 3], "color": "--bad"},
                "encoding": {"x": {"field": "x_before", **x}, "y": {"field": "y_before", **y},
                             "x2": {"field": "x"}, "y2": {"field": "y"}},
            },
            _dots(x, y),
            _named(x, y, all_of_them=names),
        ],
    }  # fmt: skip


def scatter(language: Language, *, cause: str, outcome: str) -> Spec:
    """Every disclosable unit by its last shown figures on both ends of a link; data are rows of ``Point``."""
    x = {"type": "quantitative", "title": f"{cause} →", "scale": {"zero": False, "padding": 16}}
    y = {"type": "quantitative", "title": f"{outcome} ↑", "scale": {"zero": False, "padding": 16}}
    return _framed(language) | {"height": 340, "layer": [_dots(x, y), _named(x, y, all_of_them=False)]}


def course(language: Language, *, title: str, share: bool, order: Sequence[str]) -> Spec:
    """A series with the limits of its newest figure, and where it goes.

    Data are rows of period, value, low, high and alarm; for what is to come of period, middle, q10, q25, q75 and q90.
    """
    x = {
        "field": "period",
        "type": "ordinal",
        "sort": list(order),
        "title": None,
        "axis": {"labelAngle": 0, "labelOverlap": True},
    }
    number: Spec = {"format": "~%"} if share else {}
    y = {"type": "quantitative", "title": None, "scale": {"zero": False}, "axis": number}
    ahead = {"transform": [{"filter": "isValid(datum.q10)"}]}
    return _framed(language) | {
        "height": 190,
        "title": {"text": title, "anchor": "start", "color": "--ink", "fontSize": 13},
        "layer": [
            *(
                ahead
                | {"mark": {"type": "area", "color": "--accent", "opacity": 0.2},
                   "encoding": {"x": x, "y": {"field": low, **y}, "y2": {"field": high}}}
                for low, high in (("q10", "q90"), ("q25", "q75"))
            ),
            ahead
            | {"mark": {"type": "line", "color": "--accent", "strokeWidth": 2, "strokeDash": [5, 4]},
               "encoding": {"x": x, "y": {"field": "middle", **y}}},
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "bar", "width": {"band": 0.5}, "color": "--muted", "opacity": 0.22},
                "encoding": {"x": x, "y": {"field": "low", **y}, "y2": {"field": "high"}},
            },
            {"transform": [{"filter": "isValid(datum.value)"}],
             "mark": {"type": "line", "color": "--accent", "strokeWidth": 2},
             "encoding": {"x": x, "y": {"field": "value", **y}}},
            {
                "transform": [{"filter": "isValid(datum.value)"}],
                "mark": {"type": "point", "filled": True, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": {"field": "value", **y},
                    "size": {"condition": {"test": "datum.alarm", "value": 170}, "value": 45},
                    "shape": {"condition": {"test": "datum.alarm", "value": "diamond"}, "value": "circle"},
                    "color": {"condition": {"test": "datum.alarm", "value": "--bad"}, "value": "--accent"},
                },
            },
        ],
    }  # fmt: skip


def drawn(spec: Spec, rows: Sequence[Row], kind: Format) -> bytes:
    """Draw a figure with its data on this machine, in the colours of the light page; no browser and no network."""
    import vl_convert

    whole = _painted(spec | {"data": {"values": list(rows)}, "width": 720})
    text = json.dumps(whole)
    if kind == "svg":
        return str(vl_convert.vegalite_to_svg(text, vl_version="6.4")).encode()
    if kind == "png":
        return bytes(vl_convert.vegalite_to_png(text, vl_version="6.4", scale=2))
    return bytes(vl_convert.vegalite_to_pdf(text, vl_version="6.4"))


def _painted(value: Any) -> Any:
    if isinstance(value, str):
        return LIGHT.get(value, value)
    if isinstance(value, dict):
        return {key: _painted(one) for key, one in value.items()}
    return [_painted(one) for one in value] if isinstance(value, list) else value


def _say(key: str, language: Language) -> str:
    return TEXTS[key].in_(language)


def _framed(language: Language) -> Spec:
    axis = {"labelColor": "--muted", "titleColor": "--ink", "gridColor": "--line", "domainColor": "--line",
            "tickColor": "--line", "labelFontSize": 12, "titleFontSize": 13, "gridOpacity": 0.6}  # fmt: skip
    return {
        "$schema": SCHEMA,
        "width": "container",
        "autosize": {"type": "fit", "contains": "padding"},
        "background": "transparent",
        "data": {"values": []},
        "config": {
            "aria": False,
            "font": _FONT,
            "locale": {"number": _NUMBERS[language]},
            "axis": axis,
            "view": {"stroke": "--line"},
        },
    }


def _axis(_side: str, title: str, reach: float) -> Spec:
    return {
        "type": "quantitative",
        "title": title,
        "scale": {"domain": [-reach, reach], "clamp": True, "nice": False},
        "axis": {"tickCount": 6},
    }


def _rule(side: str) -> Spec:
    return {
        "data": {"values": [{}]},
        "mark": {"type": "rule", "color": "--muted", "strokeWidth": 1},
        "encoding": {side: {"datum": 0, "type": "quantitative"}},
    }


def _corner(corner: Row) -> Spec:
    """Name of one quadrant in plain words: in short lines where the map is too narrow for two names side by side."""
    lines = wrap(str(corner["wide"]), _SHORT_LINE)
    # Lines go down from the first, so at the bottom the first has to stand higher.
    up = 0 if corner["high"] > 0 else _LINE_HEIGHT * (len(lines) - 1)
    return {
        "data": {"values": [{**corner, "short": "\n".join(lines)}]},
        "transform": [{"calculate": f"width < {_NARROW} ? datum.short : datum.wide", "as": "text"}],
        "mark": {
            "type": "text",
            "align": "right" if corner["side"] > 0 else "left",
            "baseline": "top" if corner["high"] > 0 else "bottom",
            "lineBreak": "\n",
            "lineHeight": _LINE_HEIGHT,
            "dy": {"expr": f"width < {_NARROW} ? -{up} : 0"},
            "color": "--muted",
            "fontSize": 12,
        },
        "encoding": {
            "x": {"field": "x", "type": "quantitative"},
            "y": {"field": "y", "type": "quantitative"},
            "text": {"field": "text"},
        },
    }


def _dots(x: Spec, y: Spec) -> Spec:
    return {
        "mark": {"type": "point", "filled": True, "cursor": "pointer"},
        "encoding": {
            "x": {"field": "x", **x},
            "y": {"field": "y", **y},
            "size": {"condition": {"test": "datum.chosen", "value": 190}, "value": 60},
            "shape": {"condition": {"test": "datum.chosen", "value": "diamond"}, "value": "circle"},
            "color": {"condition": {"test": "datum.chosen", "value": "--bad"}, "value": "--accent"},
            "opacity": {"condition": {"test": "datum.chosen", "value": 1}, "value": 0.75},
            "tooltip": {"field": "name"},
        },
    }


def _named(x: Spec, y: Spec, *, all_of_them: bool) -> Spec:
    """Names of units, each towards the middle and no longer than fits: one that sticks out shrinks the whole map."""
    text = f"!datum.mark ? datum.name : width < {_NARROW} ? datum.mark : datum.mark + ' ' + datum.name"
    return {
        "transform": [*([] if all_of_them else [{"filter": "datum.chosen"}]), {"calculate": text, "as": "text"}],
        "mark": {
            "type": "text",
            "align": {"expr": f"{_RIGHT_HALF} ? 'right' : 'left'"},
            "dx": {"expr": f"{_RIGHT_HALF} ? -9 : 9"},
            "limit": {"expr": "width / 2 - 12"},
            "dy": -8,
            "fontSize": 12,
            "fontWeight": 600,
            "color": "--ink",
        },
        "encoding": {"x": {"field": "x", **x}, "y": {"field": "y", **y}, "text": {"field": "text"}},
    }
