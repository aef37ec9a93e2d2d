"""The records that rooms hand on. Each is frozen, knows its terms (``tidy``) and its model (``glance``)."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bevlogen.core.chain import Claim, Construct, Link, Text
from bevlogen.core.glossary import COLUMNS
from bevlogen.core.moments import Moments
from bevlogen.errors import BevlogenError

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

Design = Literal["cross-sectional", "within", "lagged", "experiment"]
OVER_TIME: tuple[Design, ...] = ("within", "lagged")
Verdict = Literal["supported", "contradicted", "no meaningful effect", "undetermined"]
SimilarBy = Literal["", "service", "group", "all"]
Rule = Literal["threshold", "complement", "all-equal", "response", "unknown-n"]
Basis = Literal["own past", "peers", "norm"]
EffectMethod = Literal["staggered", "synthetic", "interrupted", "none"]
EffectVerdict = Literal["worked", "backfired", "no meaningful effect", "too early", "undetermined"]


def table(columns: Mapping[str, Sequence[object] | FloatArray | IntArray]) -> pa.Table:
    """Build an Arrow table whose column names all stand in the glossary; NaN becomes null."""
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown:
        raise KeyError(f"Columns {unknown} are not in core/glossary.py. Add them there with unit and meaning.")
    return pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a result comes from: version of the software, fingerprint of the data, seed, and the formula used."""

    version: str
    fingerprint: str
    seed: int
    formula: str = ""


# --- measure ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scores:
    """Level of each unit (leaves and the groups above them) in each period on each construct; arrays of length m.

    Attributes
    ----------
    units, periods, constructs : labels that the codes index.
    unit, period, construct : (m,) codes; each triple occurs once.
    n : (m,) respondents; NaN where an aggregated source does not say.
    mean, sd : (m,) scale points; ``sd`` over respondents with denominator n - 1, NaN if unknown or n < 2.
    std_error : (m,) of the mean, from the pooled within-unit variance; NaN if unknown.
    reliability : (m,) share of the variance of this mean that is true; NaN if unknown.
    shrunken, shrunken_low, shrunken_high : (m,) mean drawn to that of similar units, 95% interval; NaN if unknown.
    response_rate : (m,) n / headcount, NaN if unknown.
    all_equal : (m,) True where every respondent gave the same score.
    centre : (m,) mean of the similar units that ``shrunken`` is drawn to; NaN where it is not drawn. None if not kept.
    allowance : (m,) what the variance of ``shrunken`` grows by per squared distance of mean and centre, but for a
        factor ``(1 - reliability)^2``; NaN where not drawn. None if not kept.
    """

    units: tuple[str, ...]
    periods: tuple[str, ...]
    constructs: tuple[str, ...]
    unit: IntArray
    period: IntArray
    construct: IntArray
    n: FloatArray
    mean: FloatArray
    sd: FloatArray
    std_error: FloatArray
    reliability: FloatArray
    shrunken: FloatArray
    shrunken_low: FloatArray
    shrunken_high: FloatArray
    response_rate: FloatArray
    all_equal: NDArray[np.bool_]
    centre: FloatArray | None = None
    allowance: FloatArray | None = None

    def tidy(self) -> pa.Table:
        """One row per unit, period and construct."""
        return table(
            {
                "unit": [self.units[i] for i in self.unit],
                "period": [self.periods[i] for i in self.period],
                "construct": [self.constructs[i] for i in self.construct],
                "n": self.n,
                "mean": self.mean,
                "sd": self.sd,
                "std_error": self.std_error,
                "reliability": self.reliability,
                "shrunken": self.shrunken,
                "shrunken_low": self.shrunken_low,
                "shrunken_high": self.shrunken_high,
                "response_rate": self.response_rate,
            }
        )


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95% limits; limits are NaN where they cannot be had."""

    estimate: float
    low: float = float("nan")
    high: float = float("nan")


@dataclass(frozen=True, slots=True)
class ScaleQuality:
    """Whether the scores of one construct can be trusted, over all units and periods.

    ``alpha`` and ``omega`` are NaN for fewer than two (three) items or aggregated input. ``icc1`` is the share of one
    answer's variance between units within a period, ``icc2`` the reliability of a unit mean of average size, ``rwg_j``
    the median agreement over units of two respondents or more. ``scale_low`` and ``scale_high`` are its ends.
    """

    construct: str
    n_items: int
    n_obs: float
    n_units: int
    n_waves: int
    mean: float
    sd: float
    scale_low: float
    scale_high: float
    alpha: Interval
    omega: Interval
    icc1: Interval
    icc2: Interval
    rwg_j: float
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """Figures of the units that have data of their own, as a block of J units x T periods x p variables.

    Attributes
    ----------
    units : (J,) keys of the units; ``services`` (J,) their service or "".
    periods : (T,) labels in time order.
    variables : (p,) constructs, facets and measures.
    value : (J, T, p) unit means and figures of record; NaN where missing.
    n : (J, T, p) respondents behind a mean; NaN for figures of record and where unknown.
    error : (J, T, p) sampling variance of each value; 0 for figures of record; NaN where unknown.
    scans : moments of the row tables, from which ``error_covariance`` takes errors that two variables share;
        their unit codes index ``units`` and their period codes ``periods``.
    """

    units: tuple[str, ...]
    services: tuple[str, ...]
    periods: tuple[str, ...]
    variables: tuple[str, ...]
    value: FloatArray
    n: FloatArray
    error: FloatArray
    scans: tuple[Moments, ...] = ()

    def column(self, variable: str) -> FloatArray:
        """Return the (J, T) values of a variable."""
        return self.value[:, :, self.variables.index(variable)]

    def error_variance(self, variable: str) -> FloatArray:
        """Return the (J, T) sampling variances of a variable."""
        return self.error[:, :, self.variables.index(variable)]

    def error_covariance(self, a: str, b: str) -> FloatArray:
        """Return the (J, T) covariance of the sampling errors of two means; 0 where other people answered.

        Two means over the same respondents share their sampling error: cov = S_ab n_ab / (n_a n_b), with S_ab the
        within-unit covariance pooled over cells and n_ab the respondents with both.

        Raises
        ------
        BevlogenError
            If the scan did not ask for what the two have in common (``measure.with_pair`` does).
        """
        if a == b:
            return self.error_variance(a)
        out = np.zeros(self.value.shape[:2])
        for moments in self.scans:
            if a in moments.variables and b in moments.variables:
                pair = moments.pair(a, b)
                if pair is None:
                    raise BevlogenError(f'What "{a}" and "{b}" share was not asked of the rows. Use Study.explore.')
                n_a, n_b = (moments.n[:, moments.variables.index(v)] for v in (a, b))
                cov = np.zeros(len(pair.n))
                np.divide(pair.within * pair.n, n_a * n_b, out=cov, where=(n_a > 0) & (n_b > 0))
                out[moments.unit, moments.period] = np.nan_to_num(cov)
        return out


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of record of each unit (leaves and the groups above them) per period; arrays of length m.

    Attributes
    ----------
    units, periods, measures : labels that the codes index.
    unit, period, measure : (m,) codes; each triple occurs once.
    value : (m,) value / exposure where there is an exposure, else the value (in groups: mean weighted by headcount).
    persons : (m,) headcount behind the figure; NaN if unknown.
    """

    units: tuple[str, ...]
    periods: tuple[str, ...]
    measures: tuple[str, ...]
    unit: IntArray
    period: IntArray
    measure: IntArray
    value: FloatArray
    persons: FloatArray

    def tidy(self) -> pa.Table:
        """One row per unit, period and measure."""
        return table(
            {
                "unit": [self.units[i] for i in self.unit],
                "period": [self.periods[i] for i in self.period],
                "construct": [self.measures[i] for i in self.measure],
                "value": self.value,
            }
        )


@dataclass(frozen=True, slots=True)
class Measurement:
    """What ``study.measure()`` answers: levels, the quality of the scales, and the panel that links are made from."""

    scores: Scores
    figures: Figures
    scales: tuple[ScaleQuality, ...]
    panel: Panel
    provenance: Provenance

    def tidy(self) -> pa.Table:
        """One row per unit, period and construct."""
        return self.scores.tidy()

    def glance(self) -> pa.Table:
        """One row per construct: how far its scores can be trusted."""
        rows = self.scales
        return table(
            {
                "construct": [r.construct for r in rows],
                "n_obs": [r.n_obs for r in rows],
                "n_units": [r.n_units for r in rows],
                "n_waves": [r.n_waves for r in rows],
                "mean": [r.mean for r in rows],
                "sd": [r.sd for r in rows],
                "alpha": [r.alpha.estimate for r in rows],
                "omega": [r.omega.estimate for r in rows],
                "icc1": [r.icc1.estimate for r in rows],
                "icc2": [r.icc2.estimate for r in rows],
                "rwg_j": [r.rwg_j for r in rows],
            }
        )

    def _repr_html_(self) -> str:
        return html_table(self.glance())


@dataclass(frozen=True, slots=True)
class Encounters:
    """Ratings of encounters one by one, for the few methods that need rows; arrays of length m. Never shown.

    ``unit``, ``period`` index the panel's; ``employee``, ``customer``, ``service`` are codes, -1 where unknown.
    ``variables`` names the columns of ``scores`` (m, p), scale scores with NaN where missing; ``low`` and ``high`` (p,)
    are the ends of their scales, ``reliability`` (p,) their internal consistency (omega, else alpha; NaN unknown).
    ``services`` labels the service codes; ``co_creation`` (number of services,) is their degree, NaN unknown.
    """

    variables: tuple[str, ...]
    unit: IntArray
    period: IntArray
    employee: IntArray
    customer: IntArray
    service: IntArray
    scores: FloatArray
    low: FloatArray
    high: FloatArray
    reliability: FloatArray
    services: tuple[str, ...]
    co_creation: FloatArray


# --- link ------------------------------------------------------------------------------------------------------------


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


# --- steer -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Published:
    """What the literature says of a link, on the scale of the own estimate: mean, spread between organisations, basis.

    ``mean`` and ``tau`` are a normal prior for the true effect in a new organisation; ``sources`` are ids in
    effects.csv.
    ``kind`` says whether it is a correlation between units or an effect over time.
    """

    mean: float
    tau: float
    low: float
    high: float
    kind: Literal["cross-sectional", "causal"]
    basis: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Combined:
    """Own data and literature together (robust MAP): posterior mean and 95% interval.

    ``conflict`` is the two-sided prior-data conflict p (small = they disagree), ``weight`` the posterior weight of the
    informative part, ``effective_units`` how many units of own data the literature is worth.
    """

    mean: float
    sd: float
    low: float
    high: float
    conflict: float
    weight: float
    effective_units: float


@dataclass(frozen=True, slots=True)
class LinkVerdict:
    """A link, the estimate that decides, the literature, both together, and the verdict with its reason.

    Where several designs were tested together, the limit of ``headline`` on the side of 0 takes that into account; its
    estimate, other limit and p-value are those of the design by itself. ``q_value`` is the p-value of the link over its
    designs, adjusted for all else that was tested together (false discovery rate); NaN without one.
    """

    estimate: LinkEstimate
    headline: Estimate | None
    published: Published | None
    combined: Combined | None
    verdict: Verdict
    reason: str
    reason_nl: str
    q_value: float = math.nan

    def decided_by(self, estimate: Estimate) -> bool:
        """Tell whether this estimate of the link is the one that decides."""
        return self.headline is not None and self.headline.design == estimate.design


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """A claim with its verdict and what it rests on: its links, or the finding of another method (then no links).

    ``q_value`` is the adjusted p-value of the finding, or of the link where there is one; NaN without one and for a
    claim of several links, each of which has its own.
    """

    claim: Claim
    verdict: Verdict
    reason: str
    reason_nl: str
    links: tuple[LinkVerdict, ...]
    finding: Finding | None = None
    q_value: float = math.nan


@dataclass(frozen=True, slots=True)
class Chain:
    """What ``study.link()`` answers: a verdict per claim and per arrow of the picture.

    ``facets`` holds the links of single facets of employership with engagement, where facets are measured.
    """

    claims: tuple[ClaimVerdict, ...]
    picture: tuple[LinkVerdict, ...]
    provenance: Provenance
    facets: tuple[LinkVerdict, ...] = ()

    def tidy(self) -> pa.Table:
        """One row per claim, link and design."""
        rows = [
            (c.claim.id, link.estimate.link, e, link if link.decided_by(e) else None)
            for c in self.claims
            for link in c.links
            for e in link.estimate.estimates
        ]
        return table(
            {
                "claim": [r[0] for r in rows],
                "cause": [r[1].cause for r in rows],
                "outcome": [r[1].outcome for r in rows],
                "design": [r[2].design for r in rows],
                "estimate": [r[2].estimate for r in rows],
                "std_error": [r[2].std_error for r in rows],
                "df": [r[2].df for r in rows],
                "conf_low": [r[2].low for r in rows],
                "conf_high": [r[2].high for r in rows],
                "raw": [r[2].raw for r in rows],
                "p_value": [r[2].p_value for r in rows],
                "mde": [r[2].mde for r in rows],
                "n_obs": [r[2].n_obs for r in rows],
                "n_units": [r[2].n_units for r in rows],
                "n_waves": [r[2].n_waves for r in rows],
                "q_value": [None if r[3] is None else r[3].q_value for r in rows],
                "verdict": [None if r[3] is None else r[3].verdict for r in rows],
            }
        )

    def findings(self) -> pa.Table:
        """One row per claim that a method other than a link answers."""
        found = [(c, c.finding) for c in self.claims if c.finding is not None]
        return table(
            {
                "claim": [c.claim.id for c, _ in found],
                "design": [f.design for _, f in found],
                "estimate": [f.estimate for _, f in found],
                "conf_low": [f.low for _, f in found],
                "conf_high": [f.high for _, f in found],
                "p_value": [f.p_value for _, f in found],
                "q_value": [c.q_value for c, _ in found],
                "n_obs": [f.n_obs for _, f in found],
                "n_units": [f.n_units for _, f in found],
                "n_waves": [f.n_waves for _, f in found],
                "verdict": [c.verdict for c, _ in found],
            }
        )

    def glance(self) -> pa.Table:
        """One row per claim."""
        return table(
            {
                "claim": [c.claim.id for c in self.claims],
                "verdict": [c.verdict for c in self.claims],
                "q_value": [c.q_value for c in self.claims],
                "reason": [c.reason for c in self.claims],
            }
        )

    def _repr_html_(self) -> str:
        return html_table(self.glance())


@dataclass(frozen=True, slots=True)
class Position:
    """Where one unit stands in the last period it was measured, in SD of units from the middle of its peers.

    ``service`` and ``employership`` are the two axes of the map (an index over customer-side and one over employer-side
    constructs), each with 95% limits. ``trend_service`` and ``trend_employership`` compare with its own past (SD per
    year, NaN if one wave). ``against_norm`` is the share of its constructs above their norm band, NaN without norms.
    ``n`` is the smallest number of respondents behind any part, NaN if unknown.
    """

    unit: str
    period: str
    peers: str
    service: Interval
    employership: Interval
    trend_service: Interval
    trend_employership: Interval
    against_norm: float
    n: float


@dataclass(frozen=True, slots=True)
class Move:
    """One possible first move: raise ``lever`` in ``unit`` from its level to ``target``.

    ``gap`` is in SD of unit scores and always positive; ``gain`` is the expected change of ``outcome`` in the direction
    the organisation wants, in SD of unit scores with 90% limits; ``probability`` is the chance that it exceeds the
    smallest effect that matters. ``n`` is the smallest number of respondents behind it.
    """

    unit: str
    lever: str
    outcome: str
    level: float
    target: float
    target_basis: Basis
    gap: float
    gain: Interval
    probability: float
    design: Design
    n: float


@dataclass(frozen=True, slots=True)
class OutcomeEffect:
    """What an action did to one thing, in SD of unit scores in the wanted direction unless it says otherwise.

    Attributes
    ----------
    outcome : key of the construct or measure.
    method : ``staggered``: against units that had the same scores before; ``synthetic``: few units against a weighted
        mix of others; ``interrupted``: one series, nothing to compare with; ``none``: no estimate.
    estimate : effect with 95% limits; NaN without one.
    plain : the same by difference in differences that asks for parallel courses only; the truth lies between the two
        where units were chosen for how they stood. NaN for ``interrupted``.
    raw : ``estimate`` in units of the outcome, in its own direction.
    naive : after less just before, of the units acted upon: what a simple comparison would show.
    chance : the part of ``naive`` that regression to the mean alone would bring.
    placebo : effect at a pretended earlier start, where nothing was done, with 95% limits; NaN with too short a past.
    pretrend_p : joint test of other courses before the start; NaN where it cannot be had.
    p_value : two-sided, the larger of ``estimate`` and ``plain``, adjusted for all outcomes of the action (Holm).
    mde : effect that could be found with 80% chance; NaN if unknown.
    n_acted, n_compared : units used. n_before, n_after : periods (``n_after`` the most that a unit has).
    n : fewest respondents of a unit acted upon in a period; NaN if unknown or figures of record.
    verdict : what can be said.
    say_from : label of the first period after which it can be said where it is too early; "" elsewhere.
    reason, reason_nl : why, in plain words.
    """

    outcome: str
    method: EffectMethod
    estimate: Interval
    plain: Interval
    raw: Interval
    naive: float
    chance: float
    placebo: Interval
    pretrend_p: float
    p_value: float
    mde: float
    n_acted: int
    n_compared: int
    n_before: int
    n_after: int
    n: float
    verdict: EffectVerdict
    say_from: str
    reason: str
    reason_nl: str


@dataclass(frozen=True, slots=True)
class ActionEffect:
    """An action (same lever, same words) over all units where it was done, and what it did.

    ``key`` is a fingerprint of lever and words, ``start`` the label of the first period, ``units`` those of the table.
    The first of ``outcomes`` is the lever where it is measured. ``notes`` are cautions.
    """

    key: str
    lever: str
    what: str
    start: str
    units: tuple[str, ...]
    outcomes: tuple[OutcomeEffect, ...]
    verdict: EffectVerdict
    reason: str
    reason_nl: str
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Learned:
    """What own actions on one lever brought to one outcome, in SD of unit scores in the wanted direction.

    Attributes
    ----------
    lever, outcome : keys.
    n_actions : actions behind it.
    effect : mean effect, shrunk towards nothing, with 95% limits.
    next : the same for the next action of this kind, which may bring more or less than the mean.
    verdicts : how many of them worked, had no meaningful effect, and backfired; of the rest it could not be said.
    """

    lever: str
    outcome: str
    n_actions: int
    effect: Interval
    next: Interval
    verdicts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What ``study.steer()`` answers: positions, first moves in order, and why there are none where there are none.

    ``certainty`` is the chance that the first move really is the best of those listed. ``effects`` are those of every
    action of the table, in order of start.
    """

    positions: tuple[Position, ...]
    moves: tuple[Move, ...]
    certainty: float
    reason: str
    reason_nl: str
    provenance: Provenance
    effects: tuple[ActionEffect, ...] = ()

    def tidy(self) -> pa.Table:
        """One row per first move, best first."""
        return table(
            {
                "unit": [m.unit for m in self.moves],
                "lever": [m.lever for m in self.moves],
                "outcome": [m.outcome for m in self.moves],
                "gain": [m.gain.estimate for m in self.moves],
                "conf_low": [m.gain.low for m in self.moves],
                "conf_high": [m.gain.high for m in self.moves],
                "probability": [m.probability for m in self.moves],
                "design": [m.design for m in self.moves],
            }
        )

    def glance(self) -> pa.Table:
        """One row: how many moves and why."""
        return table({"n_obs": [len(self.moves)], "probability": [self.certainty], "reason": [self.reason]})

    def actions(self) -> pa.Table:
        """One row per action and outcome: did it work?"""
        rows = [(action, effect) for action in self.effects for effect in action.outcomes]
        return table(
            {
                "lever": [a.lever for a, _ in rows],
                "outcome": [e.outcome for _, e in rows],
                "estimate": [e.estimate.estimate for _, e in rows],
                "conf_low": [e.estimate.low for _, e in rows],
                "conf_high": [e.estimate.high for _, e in rows],
                "p_value": [e.p_value for _, e in rows],
                "mde": [e.mde for _, e in rows],
                "n_units": [e.n_acted for _, e in rows],
                "verdict": [e.verdict for _, e in rows],
                "reason": [e.reason for _, e in rows],
            }
        )

    def _repr_html_(self) -> str:
        return html_table(self.tidy())


@dataclass(frozen=True, slots=True)
class Backtest:
    """Mean absolute errors of forecasts made with what was known at the time, on the same ``n`` figures; NaN unknown.

    ``model``; ``chain``, with what customers said before; ``naive``, the last figure; ``seasonal``, that of a year
    before. ``inside`` is the share of figures inside the 80% band of the model; ``use_chain`` that ``chain`` was
    better.
    """

    model: float
    chain: float
    naive: float
    seasonal: float
    inside: float
    n: int
    use_chain: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where the mean over units of one measure goes.

    ``bands`` are the 10%, 25%, 50%, 75% and 90% quantiles, a value per period; ``chance`` that it passes ``target``
    in any of these periods, NaN without one. ``n_units`` is what it rests on, ``now`` the mean over those that have a
    figure in the last period.
    """

    measure: str
    periods: tuple[str, ...]
    bands: tuple[tuple[float, ...], ...]
    target: float
    chance: float
    tested: Backtest
    n_units: int
    reason: Text
    now: float = math.nan


@dataclass(frozen=True, slots=True)
class Alarm:
    """A unit that is warned of, and the signals that push most, strongest first."""

    unit: str
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Warnings:
    """Early warning of one outcome: how good it was looking back, and the units it warns of now. Never of persons.

    Attributes
    ----------
    outcome : what would worsen.
    is_on : warnings beat what is known without signals; where not, there are no alarms.
    hits, false_alarms : share of worsenings, and of all else, that a warning came before.
    came_true, base : share of warnings after which it did worsen, and of all figures that were a worsening.
    past_hits : hits of warnings from the unit's own past alone.
    gain : share by which forecasts with signals were less off (squared) than the best without.
    n, n_units : forecasts looked back on, and of how many units; 0 where there are too few to look back.
    since, period : label of the last figures, and of the period that is warned of.
    alarms : worst expectation first.
    reason : why it is on or off.
    """

    outcome: str
    is_on: bool
    hits: float
    false_alarms: float
    came_true: float
    base: float
    past_hits: float
    gain: float
    n: int
    n_units: int
    since: str
    period: str
    alarms: tuple[Alarm, ...]
    reason: Text

    def tidy(self) -> pa.Table:
        """One row per unit that is warned of."""
        return table({"unit": [a.unit for a in self.alarms], "period": [self.period] * len(self.alarms)})

    def _repr_html_(self) -> str:
        return html_table(self.tidy())


@dataclass(frozen=True, slots=True)
class Begin:
    """A unit and the period in which it begins; "" for a comparison unit that does not."""

    unit: str
    period: str


@dataclass(frozen=True, slots=True)
class LearnPlan:
    """How to begin an action so that it will show whether it worked. Written down before the start.

    Attributes
    ----------
    design : ``randomised`` (part begins, the rest at the end), ``stepped`` (groups begin one after another) or
        ``matched`` (all begin at once, held against units alike).
    lever, outcome : what is moved, and what is looked at.
    begins : every unit with its start, in order of start; comparison units last.
    detectable : effect in SD found with 80% chance after 1, 2, ... periods from the first start.
    target, periods_needed : the effect that must be found, and after how many periods it is; 0 where never.
    difference : SD by which beginners and others differ on the outcome before.
    seed : of the lot.
    digest : fingerprint of all above; whoever has it can tell that nothing was moved afterwards.
    reason : why this design, and what it can show.
    """

    design: Literal["randomised", "stepped", "matched"]
    lever: str
    outcome: str
    begins: tuple[Begin, ...]
    detectable: tuple[float, ...]
    target: float
    periods_needed: int
    difference: float
    seed: int
    digest: str
    reason: Text
    provenance: Provenance

    def tidy(self) -> pa.Table:
        """One row per unit with its start."""
        return table({"unit": [b.unit for b in self.begins], "period": [b.period or None for b in self.begins]})

    def _repr_html_(self) -> str:
        return html_table(self.tidy())


@dataclass(frozen=True, slots=True)
class Cost:
    """What one move costs: money (in the organisation's own unit) and hours; both 0 or more."""

    money: float = 0.0
    hours: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What moves must keep to. None, or nothing, is no limit.

    Attributes
    ----------
    money, hours : to spend in all.
    at_once : most moves.
    per_unit : most moves in one unit.
    per_group, each_group : most, and least, moves in the units under one parent: fairness.
    must, never : units where something must, or must not, be done.
    cost : by lever; a lever that is not named costs nothing.
    """

    money: float | None = None
    hours: float | None = None
    at_once: int | None = None
    per_unit: int = 1
    per_group: int | None = None
    each_group: int | None = None
    must: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    cost: Mapping[str, Cost] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """One move of the best set: expected gain with 90% limits, and the chance that it belongs to the best set."""

    unit: str
    lever: str
    outcome: str
    gain: Interval
    cost: Cost
    sureness: float


@dataclass(frozen=True, slots=True)
class Knowing:
    """What it would be worth to know something exactly before choosing: more expected gain, in SD over all moves."""

    about: Text
    worth: float


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The best set of moves within limits.

    Attributes
    ----------
    choices : largest expected gain first.
    gain : of all together, SD added up over units, with 90% limits.
    reached : chance that the whole reaches the target; NaN without one.
    spent : money and hours.
    knowing : what measuring more would be worth, most first; the first is the whole uncertainty.
    reason : why there is none, or how sure the set is.
    proven : the solver proved that no set is better.
    """

    choices: tuple[Choice, ...]
    gain: Interval
    reached: float
    spent: Cost
    knowing: tuple[Knowing, ...]
    reason: Text
    proven: bool
    provenance: Provenance

    def tidy(self) -> pa.Table:
        """One row per move."""
        return table(
            {
                "unit": [c.unit for c in self.choices],
                "lever": [c.lever for c in self.choices],
                "outcome": [c.outcome for c in self.choices],
                "gain": [c.gain.estimate for c in self.choices],
                "conf_low": [c.gain.low for c in self.choices],
                "conf_high": [c.gain.high for c in self.choices],
                "probability": [c.sureness for c in self.choices],
            }
        )

    def _repr_html_(self) -> str:
        return html_table(self.tidy())


@dataclass(frozen=True, slots=True)
class Fan:
    """What a move may do to one construct, against doing nothing, in SD of unit scores in the wanted direction.

    Attributes
    ----------
    construct : variable.
    bands : 10%, 25%, 50%, 75% and 90% quantiles, a value per period each.
    raw : units of the construct per SD, negative where less is better: ``bands`` times it is the change as measured.
    better, worse : chance that the last period is better, or worse, by more than the smallest effect that matters.
    same : neither chance is one half: about the same as doing nothing.
    own : the own data tell how it moves; else published effects alone.
    text : the same in one plain sentence.
    """

    construct: str
    bands: tuple[tuple[float, ...], ...]
    raw: float
    better: float
    worse: float
    same: bool
    own: bool
    text: Text


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What moving ``lever`` by ``by`` points of its scale in ``units`` may bring in each of the coming ``periods``.

    ``own`` names the constructs whose dynamics the own data could tell, from ``n_units`` units.
    """

    lever: str
    by: float
    units: tuple[str, ...]
    periods: tuple[str, ...]
    fans: tuple[Fan, ...]
    basis: Literal["own", "published", "combined"]
    own: tuple[str, ...]
    n_units: int
    notes: tuple[Text, ...]
    provenance: Provenance

    def tidy(self) -> pa.Table:
        """One row per construct and period, limits at 80%."""
        rows = [(fan, t) for fan in self.fans for t in range(len(self.periods))]
        return table(
            {
                "construct": [fan.construct for fan, _ in rows],
                "period": [self.periods[t] for _, t in rows],
                "estimate": [fan.bands[2][t] for fan, t in rows],
                "conf_low": [fan.bands[0][t] for fan, t in rows],
                "conf_high": [fan.bands[4][t] for fan, t in rows],
            }
        )

    def _repr_html_(self) -> str:
        return html_table(self.tidy())


# --- disclose --------------------------------------------------------------------------------------------------------


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
    claims, picture : verdicts; they rest on all units together.
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


def html_table(data: pa.Table) -> str:
    """Render a small Arrow table for a notebook."""
    from html import escape

    def cell(value: Any) -> str:
        return "" if value is None else f"{value:.3g}" if isinstance(value, float) else escape(str(value))

    head = "".join(f"<th>{escape(name)}</th>" for name in data.column_names)
    body = "".join("<tr>" + "".join(f"<td>{cell(v)}</td>" for v in row.values()) + "</tr>" for row in data.to_pylist())
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
