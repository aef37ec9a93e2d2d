"""Themes of what people wrote, unit by unit; the comments themselves stand in no report."""

from __future__ import annotations

from dataclasses import dataclass

from bevlogen.show.view import View


@dataclass(frozen=True, slots=True)
class SaidRow:
    """Words of one unit on one question, with the period in which it was asked; ``key`` is that of the unit."""

    key: str
    unit: str
    question: str
    words: str


def said_rows(view: View) -> tuple[SaidRow, ...]:
    """Every theme that may be read, newest first; a unit where no word stands out is left out."""
    return tuple(
        SaidRow(
            one.unit,
            view.name(one.unit),
            f"{one.question.in_(view.language)} ({view.period(one.period)})",
            ", ".join(one.words),
        )
        for one in reversed(view.release.voices)
        if one.words
    )
