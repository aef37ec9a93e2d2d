"""How documents outside the page look: colours as RRGGBB, never the only sign, and how numbers are written."""

from __future__ import annotations

from collections.abc import Mapping

from bevlogen.core.results import Verdict

INK, ACCENT, QUIET, LINE, SOFT = "18242A", "0A5F68", "51616A", "D3DBDE", "F5F7F7"
TONES: Mapping[Verdict, str] = {
    "supported": "0A6B4E",
    "contradicted": "A5321D",
    "no meaningful effect": "3D5388",
    "undetermined": "65600F",
}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a text begins with that a spreadsheet takes for a formula


def decimals_format(decimals: int, *, share: bool = False, signed: bool = False, thousands: bool = False) -> str:
    """Give the number format of so many decimals that writes a minus as the page does, and with ``signed`` a plus."""
    written = f"{'#,##0' if thousands else '0'}{'.' if decimals else ''}{'0' * decimals}{'%' if share else ''}"
    return f'+{written};"−"{written};{written}' if signed else f'{written};"−"{written}'
