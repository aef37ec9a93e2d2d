"""Early warning as it is read: per outcome how good it was, and the units it warns of."""

from __future__ import annotations

from dataclasses import dataclass

from bevlogen.core.foreseen import Warnings
from bevlogen.show.view import View
from bevlogen.show.wording import joined

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class WarningCard:
    """Early warning of one outcome.

    ``rows`` are key and name of each unit with the signals that point there, worst first; ``more`` is how many are left
    out.
    """

    name: str
    is_on: bool
    reason: str
    period: str
    rows: tuple[tuple[str, str, str], ...]
    more: int


def warning_cards(view: View) -> tuple[WarningCard, ...]:
    """One card per outcome; those that are on first."""
    return tuple(_card(view, one) for one in sorted(view.release.warnings, key=lambda w: not w.is_on))


def _card(view: View, found: Warnings) -> WarningCard:
    names = {unit.key: unit.name for unit in view.release.units}
    known = [alarm for alarm in found.alarms if alarm.unit in names]
    rows = tuple(
        (a.unit, names[a.unit], joined([view.label(s) for s in a.signals], view.language)) for a in known[:MOST_SHOWN]
    )
    return WarningCard(
        view.label(found.outcome),
        found.is_on,
        found.reason.in_(view.language),
        view.period(found.period),
        rows,
        len(known) - len(rows),
    )
