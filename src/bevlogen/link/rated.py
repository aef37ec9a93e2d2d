"""What the methods on single encounters share: the rows they can use, the correction they make, how they decline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import CLAIMS, Text
from bevlogen.core.linked import Figure, Finding
from bevlogen.core.measured import Encounters
from bevlogen.core.results import Interval
from bevlogen.core.tables import Organisation
from bevlogen.errors import NotEstimableError

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

FEWEST_UNITS = 5

_FEW = Text(
    "Too few units rate their encounters: {found}; needed are {needed}.",
    "Te weinig teams beoordelen hun contacten: {found}; nodig zijn er {needed}.",
)
_FLAT = Text(
    "The answers hardly differ, or the questions measure the same, so that nothing can be told apart.",
    "De antwoorden verschillen nauwelijks, of de vragen meten hetzelfde; er valt niets te onderscheiden.",
)
_NOISE = Text(
    "The scales are not reliable enough to correct for: their corrected correlations cannot occur together. "
    "More questions per scale would help.",
    "De schalen zijn niet betrouwbaar genoeg om voor te corrigeren: de gecorrigeerde samenhang kan niet bestaan. "
    "Meer vragen per schaal helpen.",
)
_UNSTABLE = Text(
    "With so few units there is no interval that can be trusted. More units would help.",
    "Met zo weinig teams is er geen betrouwbare marge. Meer teams helpen.",
)


@dataclass(frozen=True, slots=True)
class Rated:
    """Encounters that carry every score asked for; arrays of length m.

    ``unit`` and ``cell`` (unit x period) are codes without gaps; ``scores`` (m, p) in the order asked for; ``service``,
    ``employee``, ``customer`` as in ``Encounters``. ``reliability`` (p,) is that of one score over all rows; NaN
    unknown. ``n_units``, ``n_waves`` count what occurs.
    """

    unit: IntArray
    cell: IntArray
    service: IntArray
    employee: IntArray
    customer: IntArray
    scores: FloatArray
    reliability: FloatArray
    n_units: int
    n_waves: int

    def within(self) -> FloatArray:
        """(m, p) deviations from the mean of the unit in the period."""
        n = np.bincount(self.cell)
        means = np.column_stack([np.bincount(self.cell, column) / n for column in self.scores.T])
        return np.asarray(self.scores - means[self.cell])

    def error_variance(self) -> FloatArray:
        """(p,) variance of one score that is error, ``(1 - reliability) x total variance``; NaN unknown."""
        return np.asarray((1 - self.reliability) * self.scores.var(axis=0, ddof=1))

    def within_reliability(self) -> FloatArray:
        """(p,) reliability of differences within unit and period: error is the same, true variance is less.

        ``1 - error / within variance`` with denominator rows less cells; NaN unknown or without differences.
        """
        df = len(self.cell) - len(np.unique(self.cell))
        total = (self.within() ** 2).sum(axis=0) / max(df, 1)
        out = np.full(len(total), np.nan)
        np.divide(total - self.error_variance(), total, out=out, where=total > 0)
        return out


def blank(claim: str, expects: Literal["above", "equal"], null: float, margin: float, scale: Text) -> Finding:
    """Return a finding without a figure yet; ``reason`` is what the claim needs."""
    nan = float("nan")
    return Finding(
        claim=claim,
        estimate=nan,
        low=nan,
        high=nan,
        low90=nan,
        high90=nan,
        expects=expects,
        null=null,
        margin=margin,
        p_value=nan,
        scale=scale,
        figures=(),
        design="within",
        same_source=False,
        n_obs=0,
        n_units=0,
        n_waves=0,
        reason=needs(claim),
    )


def needs(claim: str) -> Text:
    """Return what a claim needs, as a sentence."""
    text = CLAIMS[claim].needs
    return Text(f"Needs {text.en}.", f"Nodig: {text.nl}.")


def rated(encounters: Encounters | None, variables: Sequence[str], people: Sequence[str] = ()) -> Rated | None:
    """Return the encounters with every variable and everyone named in ``people``; None if a variable was not asked.

    ``people`` are names of code arrays of ``Encounters``, such as ``customer``; a code of -1 leaves the row out.
    """
    if encounters is None or any(v not in encounters.variables for v in variables):
        return None
    at = [encounters.variables.index(v) for v in variables]
    whole = np.isfinite(encounters.scores[:, at]).all(axis=1)
    for name in people:
        whole &= getattr(encounters, name) >= 0
    rows = np.flatnonzero(whole)
    unit, period = encounters.unit[rows], encounters.period[rows]
    units, own = np.unique(unit, return_inverse=True)
    cell = np.unique(unit * (int(period.max(initial=0)) + 1) + period, return_inverse=True)[1]
    return Rated(
        unit=own.astype(np.int64),
        cell=cell.astype(np.int64),
        service=encounters.service[rows],
        employee=encounters.employee[rows],
        customer=encounters.customer[rows],
        scores=encounters.scores[rows][:, at],
        reliability=encounters.reliability[at],
        n_units=len(units),
        n_waves=len(np.unique(period)),
    )


def resting_on(finding: Finding, rows: Rated) -> Finding:
    """Return the finding with the numbers that it rests on."""
    return replace(finding, n_obs=len(rows.unit), n_units=rows.n_units, n_waves=rows.n_waves)


def few_units(finding: Finding, rows: Rated) -> Finding:
    """Decline: fewer than five units."""
    found = {"found": rows.n_units, "needed": FEWEST_UNITS}
    reason = Text(_FEW.en.format(**found), _FEW.nl.format(**found))
    return replace(resting_on(finding, rows), reason=reason)


def declined(finding: Finding, refused: NotEstimableError) -> Finding:
    """Decline in plain words where an estimator had no answer."""
    return replace(finding, reason={"noise-cause": _NOISE, "few-units": _UNSTABLE}.get(refused.why, _FLAT))


def same_source(variables: Sequence[str], organisation: Organisation) -> bool:
    """Tell whether some of the same people rated all of these."""
    people = [organisation.respondents.get(v, frozenset()) for v in variables]
    return bool(frozenset.intersection(*people))


def figure(en: str, nl: str, estimate: float, low: float = float("nan"), high: float = float("nan")) -> Figure:
    """Return a named figure."""
    return Figure(Text(en, nl), Interval(float(estimate), float(low), float(high)))


def joined(*parts: Text) -> Text:
    """Return sentences after one another."""
    return Text(" ".join(p.en for p in parts if p.en), " ".join(p.nl for p in parts if p.nl))
