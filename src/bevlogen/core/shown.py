"""What passed the gate: the only record that is shown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from bevlogen.core.chain import Construct, Text
from bevlogen.core.foreseen import Outlook, Warnings
from bevlogen.core.judged import ClaimVerdict, LinkVerdict
from bevlogen.core.measured import ScaleQuality
from bevlogen.core.planned import ActionEffect, Move, Position
from bevlogen.core.results import Provenance, Rule, SimilarBy


@dataclass(frozen=True, slots=True)
class ShownScore:
    """One score that may be shown, rounded as it is shown everywhere. NaN = not known (never: hidden).

    ``step`` is what the mean was rounded to; NaN where it has three significant digits. ``rounded`` is the variance
    that this gives the mean; a stored release does not keep it.
    """

    unit: str
    period: str
    construct: str
    n: float
    mean: float
    shrunken: float
    shrunken_low: float
    shrunken_high: float
    reliability: float
    step: float = math.nan
    rounded: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class ShownResult:
    """One figure of record that may be shown: value per exposure where there is one."""

    unit: str
    period: str
    measure: str
    value: float


@dataclass(frozen=True, slots=True)
class Suppressed:
    """One figure that is not shown, with the rule that hides it. It carries no number.

    ``instead`` is the smallest group around the unit whose figure is shown for that period, "" where there is none.
    ``similar`` is the mean of ``similar_units`` shown teams like it (of the same ``service`` or ``group``, else of
    ``all``); NaN where there are fewer than two, and for groups and figures of record.
    """

    unit: str
    period: str
    construct: str
    rule: Rule
    instead: str = ""
    similar: float = math.nan
    similar_units: int = 0
    similar_by: SimilarBy = ""


@dataclass(frozen=True, slots=True)
class ShownUnit:
    """A unit as it may be named on a page; ``level`` is its depth in the tree, 0 for the top."""

    key: str
    name: str
    parent: str | None
    service: str | None
    co_creation: float | None
    level: int


@dataclass(frozen=True, slots=True)
class Voice:
    """What the people of a unit wrote to one question in one period, ten of them at least; read here and nowhere else.

    Attributes
    ----------
    unit, period : key and label; all below the unit whose words are not read by themselves write along.
    question : as it was put.
    words : what they say more than all others who were asked, most telling first; several people each.
    texts : what they wrote, masked and in chance order; empty unless that was asked for.
    """

    unit: str
    period: str
    question: Text
    words: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """Everything that may leave the house, and nothing else. Only ``disclose`` builds one; ``show`` takes nothing else.

    Attributes
    ----------
    title, language, note, simulated : of the organisation.
    periods : labels in time order.
    units : every unit by name (a name is no figure).
    constructs : label and direction of each variable that occurs, by key.
    measures_share : measures shown as a percentage.
    unit_of_measure : plain unit of each measure.
    scores, results : figures that passed the gate, rounded.
    suppressed : what did not pass, and why.
    ways : by rule that hides something, why and what to do about it.
    scales : quality of each construct (over the whole organisation).
    claims, picture : verdicts; they rest on all units together, of few figures on those that are shown.
    positions, moves : only of units whose figures passed.
    moves_reason, moves_reason_nl, certainty : of the plan.
    effects : of actions on units whose figures passed, or on enough of them.
    outlooks : where right to exist goes over the next year, made of shown figures alone.
    warnings : units whose customers, absence or departures may worsen, made of shown figures alone.
    norms : by construct, the (low, high) reference band that the organisation was given; no figure of its own.
    k, k_comments : thresholds in force.
    root : key of the top unit; its figures are the organisation's.
    provenance : version, fingerprint, seed.
    notes : cautions on the input.
    voices : what people wrote, as far as it may be read.
    """

    title: str
    language: str
    note: str
    simulated: bool
    periods: tuple[str, ...]
    units: tuple[ShownUnit, ...]
    constructs: Mapping[str, Construct]
    measures_share: frozenset[str]
    unit_of_measure: Mapping[str, str]
    scores: tuple[ShownScore, ...]
    results: tuple[ShownResult, ...]
    suppressed: tuple[Suppressed, ...]
    scales: tuple[ScaleQuality, ...]
    claims: tuple[ClaimVerdict, ...]
    picture: tuple[LinkVerdict, ...]
    positions: tuple[Position, ...]
    moves: tuple[Move, ...]
    moves_reason: str
    moves_reason_nl: str
    certainty: float
    smallest_effect: float
    k: int
    k_comments: int
    root: str
    provenance: Provenance
    notes: tuple[Text, ...] = ()
    ways: Mapping[str, Text] = field(default_factory=dict)
    effects: tuple[ActionEffect, ...] = ()
    voices: tuple[Voice, ...] = ()
    outlooks: tuple[Outlook, ...] = ()
    warnings: tuple[Warnings, ...] = ()
    norms: Mapping[str, tuple[float, float]] = field(default_factory=dict)
