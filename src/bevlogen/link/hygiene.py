"""Is craftsmanship a hygiene factor: necessary for a good encounter, but not enough to delight?

Two methods that ask different things must agree. Necessary condition analysis: is a good encounter impossible without
craftsmanship? Penalty-reward contrast: does a low score cost more than a high score brings? Only then is it hygiene.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import CONSTRUCTS, Text
from bevlogen.core.linked import Figure, Finding
from bevlogen.core.measured import Encounters
from bevlogen.core.results import Interval
from bevlogen.core.tables import Organisation
from bevlogen.errors import NotEstimableError
from bevlogen.link.rated import (
    FEWEST_UNITS,
    Rated,
    blank,
    declined,
    few_units,
    figure,
    joined,
    rated,
    resting_on,
    same_source,
)
from bevlogen.models import ceiling, discovery

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEAST_EFFECT = 0.10  # Dul (2016): below it an empty corner is small
_PERMUTATIONS = 10_000
_HALVES = 20
_CHANCE = 0.05
_END_OF_SCALE = 0.05  # most by which coarse answers that pile up at one end pulled the index of a straight line down
_AT_THE_TOP = 0.25  # part of the share of ratings at the top by which they raise the index of a straight line, at most
_TOLERATED = 0.05  # Dul (2016): a ceiling is accurate if no more than 5% of the points lie above it

_CONDITIONS = ("craftsmanship", "conduct")
_SCALE = Text(
    "the weaker of two marks, each above 0: empty corner beyond .10, and cost of low over gain of high scores",
    "de zwakste van twee kenmerken, elk boven 0: lege hoek boven 0,10, en verlies bij laag boven winst bij hoog",
)
_BOTH = Text(
    "Called hygiene only if both hold: good encounters hardly occur where craftsmanship is low, and a low score costs "
    "more than a high one brings.",
    "Het heet pas hygiëne als beide gelden: goede contacten komen bijna niet voor bij weinig vakmanschap, en een lage "
    "score kost meer dan een hoge oplevert.",
)
_ALSO_CONDUCT = Text(
    "Conduct shows the same two marks, so this may be the end of the answer scale rather than something particular to "
    "craftsmanship.",
    "Houding laat dezelfde twee kenmerken zien; dit kan dus ook aan het einde van de antwoordschaal liggen in plaats "
    "van aan vakmanschap.",
)
_SAME_PEOPLE = Text(
    "The same people rated both at the same moment.", "Dezelfde mensen beoordeelden beide op hetzelfde moment."
)


@dataclass(frozen=True, slots=True)
class Necessity:
    """The empty corner of one condition.

    ``effect_size`` is d of CE-FDH on the observed scope; ``least`` the smallest d without one encounter or one unit, or
    to be expected of twice as many units; ``tolerant`` is d of a ceiling that one encounter in twenty may exceed.
    ``p_value`` is corrected for the number of conditions (Benjamini-Hochberg).
    """

    effect_size: float
    least: float
    tolerant: float
    p_value: float

    @property
    def beyond(self) -> Interval:
        """How far d lies beyond .10; limits as in ``hygiene``."""
        low = self.least if self.p_value < _CHANCE else 0.0
        return Interval(
            self.effect_size - LEAST_EFFECT,
            min(low, self.effect_size) - LEAST_EFFECT,
            max(self.tolerant, self.effect_size) - LEAST_EFFECT,
        )


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """Cost of a low score against gain of a high one, relative to a straight line: -1 to 1, above 0 if low costs more.

    ``wide`` and ``narrow`` carry 95% and 90% limits, stretched to the other cut-points.
    ``penalty`` and ``reward`` are in points of interaction quality.
    """

    wide: Interval
    narrow: Interval
    penalty: Interval
    reward: Interval


def hygiene(encounters: Encounters | None, organisation: Organisation, rng: np.random.Generator) -> Finding:
    """Is craftsmanship necessary for a good encounter, and does lacking it cost more than having much of it brings?

    Parameters
    ----------
    encounters : ratings one by one; None where there are none.
    organisation : who rated what.
    rng : source of the permutations.

    Returns
    -------
    Finding
        ``estimate`` is the smaller of two marks, each held against 0: (1) d - .10, with d the effect size of the
        ceiling of craftsmanship on interaction quality; (2) the asymmetry of cost and gain. So it is above 0 only if
        craftsmanship is necessary *and* lacking it costs more than having it brings. Limits are the smaller of the two
        lower and of the two upper limits: an intersection-union test (Berger 1982), which needs no correction for
        testing two things. NaN without the ratings or with fewer than five units.

    Notes
    -----
    (1) CE-FDH over encounters on the observed scope. Lower limit: least d when one peer, one point that alone sets the
    scope, or one whole unit is left out, or d as it goes on falling with twice as many units (extrapolated from random
    halves, since more data can only fill a corner; our own derivation); and 0 if 10,000 permutations leave as much
    empty in 5% or more (corrected for testing conduct as well, Benjamini-Hochberg). Upper limit: d of a ceiling that 5%
    of the encounters may exceed, for an error in one rating fills a corner that is empty in truth; so a small d alone
    contradicts nothing.
    (2) Penalty-reward contrast with quintiles, both conditions in one regression, clusters are units. Its index
    depends on how scores are spread, for in a skewed spread a straight line costs more than it brings. So the ratio of
    reward to penalty is divided by that of the straight line through the same data, and turned: 0 is a straight line,
    1 only penalty (our own derivation; Fieller limits carry over, as the index is a monotone function of the ratio).
    Limits are stretched to deciles, quartiles, thirds and two slopes, for the end of the scale bends a straight line:
    the upper one by .05 (in simulation of 1 to 5, two questions, mean 3.2 to 4.3, the index moved by 0 to -.05 or so),
    the lower one by a quarter of the share of ratings at the top (it moved by .04 with 17% and .07 with 30% there, and
    called a straight line basic in 8 to 10% of runs with 200 and 500 units; now: docs/calibration.md). A true cap was
    found in 57 to 100% of samples where scales had the usual error and contradicted in none; with much error
    (reliability about .5) it is mostly undetermined.

    References
    ----------
    Dul (2016), doi 10.1177/1094428115584005. Mikulić & Prebežac (2008), doi 10.1108/09604520810859184. Berger (1982),
    doi 10.1080/00401706.1982.10487790. Benjamini & Hochberg (1995), doi 10.1111/j.2517-6161.1995.tb02031.x.
    """
    finding = blank("hygiene", "above", 0.0, 0.0, _SCALE)
    variables = (*_CONDITIONS, "interaction_quality")
    rows = rated(encounters, variables)
    if rows is None:
        return finding
    finding = replace(resting_on(finding, rows), same_source=same_source(variables, organisation))
    if rows.n_units < FEWEST_UNITS:
        return few_units(finding, rows)
    try:
        necessities = _necessities(rows, rng)
        asymmetries = _asymmetries(rows)
    except NotEstimableError as refused:
        return declined(finding, refused)
    first, other = necessities[0].beyond, asymmetries[0]
    also = necessities[1].beyond.low > 0 and asymmetries[1].wide.low > 0
    return replace(
        finding,
        estimate=min(first.estimate, other.wide.estimate),
        low=min(first.low, other.wide.low),
        high=min(first.high, other.wide.high),
        low90=min(first.low, other.narrow.low),
        high90=min(first.high, other.narrow.high),
        figures=_figures(necessities, asymmetries),
        reason=joined(_BOTH, _SAME_PEOPLE) if finding.same_source else _BOTH,
        notes=(_ALSO_CONDUCT,) if also else (),
    )


def _necessities(rows: Rated, rng: np.random.Generator) -> tuple[Necessity, ...]:
    y = rows.scores[:, -1]
    found = []
    for x in rows.scores.T[: len(_CONDITIONS)]:
        result = ceiling.nca(x, y, permutations=_PERMUTATIONS, rng=rng)
        least = min(_least(x, y, rows.unit), _with_more_units(x, y, rows, result.effect_size, rng))
        found.append((result.effect_size, max(least, 0.0), _tolerant(x, y), result.p_value))
    p_values = discovery.adjusted([f[3] for f in found])
    return tuple(Necessity(*f[:3], p) for f, p in zip(found, p_values, strict=True))


def _least(x: FloatArray, y: FloatArray, unit: IntArray) -> float:
    """Smallest effect size without one encounter or without one unit.

    A ceiling rests on the distinct points alone, so copies beyond the second are left out, and only a unit that alone
    holds a peer or an edge of the scope can change it.
    """
    u, v, code = _distinct(x, y)
    copies = np.minimum(np.bincount(code), 2)
    least = ceiling.peer_removal(np.repeat(u, copies), np.repeat(v, copies)).least
    peers = ceiling.nca(u, v).peer_rows
    places = [code == k for k in peers] + [a == end for a in (x, y) for end in (a.min(), a.max())]
    holders = [np.unique(unit[place]) for place in places]
    for j in {int(h[0]) for h in holders if len(h) == 1}:
        least = min(least, _effect_size(u, v, code[unit != j]))
    return float(least)


def _with_more_units(x: FloatArray, y: FloatArray, rows: Rated, effect_size: float, rng: np.random.Generator) -> float:
    """Effect size to be expected of twice as many units: it falls once more by what it falls from halves to all."""
    u, v, code = _distinct(x, y)
    halves = [
        _effect_size(u, v, code[(rng.permutation(rows.n_units) < rows.n_units // 2)[rows.unit]]) for _ in range(_HALVES)
    ]
    return 2 * effect_size - float(np.mean(halves))


def _distinct(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return the distinct points and the number of its point for every encounter."""
    (xs, i), (ys, j) = (np.unique(a, return_inverse=True) for a in (x, y))
    points, code = np.unique(i * len(ys) + j, return_inverse=True)
    return xs[points // len(ys)], ys[points % len(ys)], code.astype(np.int64)


def _effect_size(u: FloatArray, v: FloatArray, code: IntArray) -> float:
    """Effect size of the points that occur in ``code``; 0 if they do not vary."""
    there = np.flatnonzero(np.bincount(code))
    flat = len(there) < 2 or np.ptp(u[there]) == 0 or np.ptp(v[there]) == 0
    return 0.0 if flat else ceiling.nca(u[there], v[there]).effect_size


def _tolerant(x: FloatArray, y: FloatArray) -> float:
    """Effect size of the step function that one in twenty of the encounters up to each x may exceed.

    Share of the rectangle from the lowest to the highest x, and from the lowest y to the top of that function, that
    lies above it; 0 if that rectangle is empty.
    """
    order = np.argsort(x, kind="stable")
    levels, first = np.unique(x[order], return_index=True)
    ends = np.append(first[1:], len(x))
    tops = np.array([np.quantile(y[order[:end]], 1 - _TOLERATED, method="higher") for end in ends])
    tops = np.maximum.accumulate(tops)
    area = (levels[-1] - levels[0]) * (tops[-1] - y.min())
    return float(((tops[-1] - tops[:-1]) * np.diff(levels)).sum() / area) if area > 0 else 0.0


def _asymmetries(rows: Rated) -> tuple[Asymmetry, ...]:
    X, y = rows.scores[:, :-1], rows.scores[:, -1]
    design = np.column_stack([np.ones(len(y)), X])
    top = _AT_THE_TOP * float((y == y.max()).mean())
    line = design @ np.linalg.lstsq(design, y, rcond=None)[0]
    wide, narrow = (ceiling.penalty_reward(X, y, rows.unit, level=level) for level in (0.95, 0.90))
    straight = ceiling.penalty_reward(X, line, rows.unit)
    out = []
    for j in range(X.shape[1]):
        base = float(straight.asymmetry[j])
        others = [
            _turned(float(a.asymmetry[j]), float(b.asymmetry[j]))
            for a, b in zip(wide.sensitivity, straight.sensitivity, strict=True)
        ]
        limits = [
            _stretched(
                _turned(float(found.asymmetry[j]), base),
                _turned(float(found.asymmetry_high[j]), base),
                _turned(float(found.asymmetry_low[j]), base),
                others,
                top,
            )
            for found in (wide, narrow)
        ]
        penalty = Interval(float(wide.penalty[j]), float(wide.penalty_low[j]), float(wide.penalty_high[j]))
        reward = Interval(float(wide.reward[j]), float(wide.reward_low[j]), float(wide.reward_high[j]))
        out.append(Asymmetry(limits[0], limits[1], penalty, reward))
    return tuple(out)


def _turned(index: float, straight: float) -> float:
    """Turn an index so that above 0 low costs more, and measure it from the index of a straight line.

    With q = reward / penalty the index is ``(q - 1) / (q + 1)``; so is the answer, for ``1 / (q / q_straight)``.
    """
    reward, penalty = (1 + index) * (1 - straight), (1 - index) * (1 + straight)
    total = reward + penalty
    return (penalty - reward) / total if total > 0 else float("nan")


def _stretched(estimate: float, low: float, high: float, others: list[float], top: float) -> Interval:
    """Limits that take in what other cut-points and the end of the scale do; unknown all around if the index is."""
    known = [o for o in others if np.isfinite(o)]
    if not np.isfinite(estimate):
        return Interval(float("nan"), -1.0, 1.0)
    return Interval(estimate, max(min([low, *known]) - top, -1.0), min(max([high, *known]) + _END_OF_SCALE, 1.0))


def _figures(necessities: tuple[Necessity, ...], asymmetries: tuple[Asymmetry, ...]) -> tuple[Figure, ...]:
    out = []
    for condition, n, a in zip(_CONDITIONS, necessities, asymmetries, strict=True):
        label = CONSTRUCTS[condition].label
        out += [
            figure(
                f"empty corner: high quality without {label.en} (0 to 1)",
                f"lege hoek: hoge kwaliteit zonder {label.nl} (0 tot 1)",
                n.effect_size,
                n.beyond.low + LEAST_EFFECT,
                n.beyond.high + LEAST_EFFECT,
            ),
            figure(
                f"chance that an unrelated {label.en} leaves as much empty",
                f"kans dat bij geen verband met {label.nl} evenveel leeg blijft",
                n.p_value,
            ),
            figure(
                f"cost of low over gain of high {label.en} (0 is even, 1 only cost)",
                f"verlies bij weinig boven winst bij veel {label.nl} (0 is gelijk, 1 alleen verlies)",
                a.wide.estimate,
                a.wide.low,
                a.wide.high,
            ),
            Figure(Text(f"low {label.en}, in scale points", f"weinig {label.nl}, in schaalpunten"), a.penalty),
            Figure(Text(f"high {label.en}, in scale points", f"veel {label.nl}, in schaalpunten"), a.reward),
        ]
    return tuple(out)
