"""Did it work? Every action with its verdict, and per outcome the effect beside what chance alone would bring."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from bevlogen.core.planned import ActionEffect, OutcomeEffect
from bevlogen.core.results import EffectVerdict
from bevlogen.show.charts import effect_bar
from bevlogen.show.figure import symmetric_reach
from bevlogen.show.view import View
from bevlogen.show.wording import EFFECT_METHODS, EFFECT_VERDICTS

_SIGNS: dict[EffectVerdict, tuple[str, str]] = {
    "worked": ("good", "✓"),
    "backfired": ("bad", "✗"),
    "no meaningful effect": ("none", "="),
    "too early": ("early", "…"),
    "undetermined": ("open", "?"),
}


@dataclass(frozen=True, slots=True)
class Badge:
    """A verdict as it is shown: kind for the style, a sign, and the word."""

    kind: str
    sign: str
    word: str


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What an action did to one thing; empty texts where there is no figure."""

    name: str
    badge: Badge
    effect: str
    span: str
    bar: Markup
    naive: str
    chance: str
    method: str
    reason: str


@dataclass(frozen=True, slots=True)
class ActionCard:
    """One action. ``chief`` are the outcomes to read first, ``rest`` those one click away."""

    what: str
    lever: str
    start: str
    units: str
    badge: Badge
    reason: str
    chief: tuple[OutcomeRow, ...]
    rest: tuple[OutcomeRow, ...]
    notes: tuple[str, ...]


def action_cards(view: View) -> tuple[ActionCard, ...]:
    """Every action, the last begun first."""
    found = [e.estimate for a in view.release.effects for e in a.outcomes]
    reach = symmetric_reach([v for i in found for v in (i.low, i.high)], 3 * view.release.smallest_effect, 3.0)
    newest = sorted(view.release.effects, key=lambda a: a.start, reverse=True)
    return tuple(_card(view, action, reach, f"worked-{i}") for i, action in enumerate(newest))


def _card(view: View, action: ActionEffect, reach: float, ident: str) -> ActionCard:
    rows = [_row(view, e, reach, f"{ident}-{i}") for i, e in enumerate(action.outcomes)]
    # Lever, engagement and customers first; results are one click away unless something is said of them.
    chief = [i for i, e in enumerate(action.outcomes) if i < 3 or e.verdict in ("worked", "backfired")]
    return ActionCard(
        action.what or view.say("worked_unnamed"),
        view.label(action.lever),
        view.period(action.start),
        ", ".join(view.name(u) for u in action.units),
        badge(view, action.verdict),
        action.reason_nl if view.language == "nl" else action.reason,
        tuple(rows[i] for i in chief),
        tuple(row for i, row in enumerate(rows) if i not in chief),
        tuple(note.in_(view.language) for note in action.notes),
    )


def badge(view: View, verdict: EffectVerdict) -> Badge:
    """Return a verdict with its sign."""
    return Badge(*_SIGNS[verdict], EFFECT_VERDICTS[verdict].in_(view.language))


def _row(view: View, effect: OutcomeEffect, reach: float, ident: str) -> OutcomeRow:
    known = math.isfinite(effect.estimate.estimate)
    return OutcomeRow(
        view.label(effect.outcome),
        badge(view, effect.verdict),
        _sd(view, effect.estimate.estimate),
        view.span(effect.estimate.low, effect.estimate.high, 1) if math.isfinite(effect.estimate.low) else "",
        effect_bar(view, effect.estimate, reach, ident) if known else Markup(""),
        _sd(view, effect.naive),
        _sd(view, effect.chance),
        EFFECT_METHODS[effect.method].in_(view.language),
        effect.reason_nl if view.language == "nl" else effect.reason,
    )


def _sd(view: View, value: float) -> str:
    return view.number(value, 1, signed=True) if math.isfinite(value) else ""
