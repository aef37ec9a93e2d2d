"""What the room ``link`` finds: an estimate per link and design, and a finding per claim."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from bevlogen.core.chain import Link, Text
from bevlogen.core.results import OVER_TIME, Design, Interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """One estimate of one link by one design, in SD of unit scores; the raw slope beside it.

    Attributes
    ----------
    design : where the evidence comes from; association unless it says experiment.
    estimate, std_error, df, low, high : standardised; interval at 95%.
    low90, high90 : the 90% interval, for the equivalence test against the smallest effect that matters.
    raw, raw_low, raw_high : outcome units per unit of the cause.
    uncorrected : the same estimate without the correction for unreliable unit means, standardised on observed SDs.
    mde : effect that this design would detect with 80% chance (two-sided 5%).
    p_value : two-sided, of no effect.
    n_obs, n_units, n_waves : what it rests on.
    notes : cautions, in plain words.
    low_joint, high_joint : limits that hold together with those of the other designs of the link: at 1 - 5% times the
        share of this design (``shares``). NaN where they were not worked out.
    """

    design: Design
    estimate: float
    std_error: float
    df: float
    low: float
    high: float
    low90: float
    high90: float
    raw: float
    raw_low: float
    raw_high: float
    uncorrected: float
    mde: float
    p_value: float
    n_obs: int
    n_units: int
    n_waves: int
    notes: tuple[Text, ...] = ()
    low_joint: float = math.nan
    high_joint: float = math.nan


def shares(designs: Collection[Design]) -> dict[Design, float]:
    """Which part of the 5% does each design get where they are tested together? They sum to 1.

    Half is for differences between units, half for change over time, which is seen at once (within) or later (lagged).
    Nobody knows beforehand which of these an effect is, and what the figures say must not have a voice in it.
    """
    both = "cross-sectional" in designs and len(designs) > 1
    over_time = len([d for d in designs if d in OVER_TIME])
    return {d: 0.5 if both and d == "cross-sectional" else 1 / (1 + both) / max(over_time, 1) for d in designs}


@dataclass(frozen=True, slots=True)
class LinkEstimate:
    """A link with every estimate that the data allow.

    ``sign`` is the direction that the theory expects on these scales (turned where a measure counts the other way).
    ``reason`` says why there is no estimate; "" where there is one. ``reliability_cause`` and ``reliability_outcome``
    are those of unit means between units (NaN unknown). ``lag`` is that of the lagged design, in periods.
    """

    link: Link
    sign: int
    estimates: tuple[Estimate, ...]
    same_source: bool
    reliability_cause: float
    reliability_outcome: float
    reason: str = ""
    reason_nl: str = ""
    lag: int = 1

    def by(self, design: Design) -> Estimate | None:
        """Return the estimate of one design, None if there is none."""
        return next((e for e in self.estimates if e.design == design), None)


@dataclass(frozen=True, slots=True)
class Figure:
    """One named figure of a finding: a share, a difference, an effect size; with 95% limits where they can be had."""

    name: Text
    value: Interval


@dataclass(frozen=True, slots=True)
class Finding:
    """What a method other than a plain link found for one claim.

    Attributes
    ----------
    claim : id in ``core.chain.CLAIMS``.
    estimate, low, high, low90, high90 : the one figure that decides, with 95% and 90% limits; NaN if there is none.
    expects : ``above`` (the claim says: larger than ``null``) or ``equal`` (within ``margin`` of ``null``).
    null, margin : what it is held against; ``margin`` is also the half-width of "no meaningful effect" for ``above``.
    p_value : two-sided, of no difference from ``null``; NaN if the method gives none.
    scale : what the figure is, in plain words (share of explained variance, SD, …).
    figures : everything else worth showing, in order.
    design : where the evidence comes from.
    same_source : the same people gave both sides.
    n_obs, n_units, n_waves : what it rests on.
    reason : why there is no figure, or what the reader must know to read it; never empty where ``estimate`` is NaN.
    notes : cautions, in plain words.
    if_negligible : what the claim comes to where the figure is surely within ``margin`` of ``null`` (``above``): for a
        claim that two things both hold, of which the other surely does, that contradicts it.
    """

    claim: str
    estimate: float
    low: float
    high: float
    low90: float
    high90: float
    expects: Literal["above", "equal"]
    null: float
    margin: float
    p_value: float
    scale: Text
    figures: tuple[Figure, ...]
    design: Design
    same_source: bool
    n_obs: int
    n_units: int
    n_waves: int
    reason: Text
    notes: tuple[Text, ...] = ()
    if_negligible: Literal["no meaningful effect", "contradicted"] = "no meaningful effect"


@dataclass(frozen=True, slots=True)
class Found:
    """All that the room ``link`` finds: an estimate per link, and a finding per claim that asks for another method."""

    links: tuple[LinkEstimate, ...]
    findings: tuple[Finding, ...]
