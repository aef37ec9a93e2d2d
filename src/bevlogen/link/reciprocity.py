"""Do customers and employees change each other? Both directions over time, apart from what units always were."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bevlogen.core.chain import Link, Text
from bevlogen.core.linked import Figure, Finding
from bevlogen.core.measured import Panel
from bevlogen.core.results import Interval
from bevlogen.core.tables import Organisation
from bevlogen.errors import NotEstimableError
from bevlogen.link.driver import expected_sign, is_measured, label, same_source
from bevlogen.models import dpm, riclpm
from bevlogen.models.sem import Effect

FloatArray = NDArray[np.float64]

PAIRS = (("engagement", "loyalty"), ("conduct", "customer_conduct"))
LEAST_WAVES = 3
# The models grow with the square of the waves, and the second asks more of the data; the last waves tell of now.
MOST_WAVES, MOST_WAVES_BESIDE = 8, 5
LEAST_UNITS = 5
LEAST_CHANGES = 100  # units x (waves - 2): below it limits held .85 to .90 of true effects
_PARAMETERS = 13  # lags 4, variances and covariance of first wave, later waves and stable parts 3 each

_SCALE = Text(
    "the weaker of the two directions, in SD of a unit's own ups and downs",
    "de zwakste van de twee richtingen, in SD van het eigen op en neer van een onderdeel",
)


@dataclass(frozen=True, slots=True)
class Path:
    """One direction of a pair, one period later: standardised on the true ups and downs within units.

    ``sign`` is the direction that the theory expects; limits are at 95% and 90%, from t with ``df``. ``std_error`` is
    that of large samples, widened for few units and waves (``mutual``).
    """

    cause: str
    outcome: str
    sign: int
    estimate: float
    std_error: float
    df: float

    @property
    def statistic(self) -> float:
        """T value in the expected direction."""
        return self.sign * self.estimate / self.std_error

    def limits(self, level: float = 0.95, of: int = 1) -> Interval:
        """Estimate, in the expected direction, with its limits; the upper one for the smallest ``of`` so many paths."""
        low, high = (float(special.stdtrit(self.df, 1 - (1 - level) / 2 / ways)) * self.std_error for ways in (1, of))
        value = self.sign * self.estimate
        return Interval(value, value - low, value + high)


@dataclass(frozen=True, slots=True)
class Mutual:
    """What was found for one pair of constructs.

    ``forth`` and ``back`` are its two directions; ``figures`` all that is shown of it; ``corrected`` whether the known
    sampling error of unit means was taken out; ``n_obs``, ``n_units``, ``n_waves`` what it rests on.
    """

    forth: Path
    back: Path
    figures: tuple[Figure, ...]
    corrected: bool
    n_obs: int
    n_units: int
    n_waves: int


def reciprocity(panel: Panel, organisation: Organisation) -> Finding:
    """Do customers and employees change each other, in both directions of each pair that is measured?

    Parameters
    ----------
    panel : unit means per period, with their sampling errors.
    organisation : how measures count, and which to hold constant.

    Returns
    -------
    Finding
        ``estimate`` is the weakest of all directions (smallest t in the expected direction), in SD of true deviations
        of a unit from its own level; the claim says that it is above 0. ``if_negligible`` is ``contradicted`` where the
        other direction of that pair is surely there: then it goes one way. NaN with fewer than three waves, five
        units, or without both sides.

    Notes
    -----
    Random-intercept cross-lagged panel model on unit means from which effects of period, service and adjusters are
    removed by least squares, over the last eight waves at most; lagged effects and residuals equal over waves, t with
    units less one degrees of freedom. The sampling variance of the means (average per wave over units, shared error
    included) is held fixed; where it is unknown or that fit does not settle, none is taken out, that is said, and
    ``margin`` is 0, as an effect that looks small may then be larger. That both directions
    hold is tested by the weaker one (intersection-union; Berger & Hsu 1996, doi 10.1214/ss/1032280304), which needs no
    further adjustment for their number; that one does not hold does, and upper limits and p carry it (Bonferroni).
    Fewer than 100 units x (waves - 2) give no answer. The dynamic panel model, which lets stable differences go with
    everything but corrects no sampling error, stands beside it, over the last five waves, and does not decide.

    References
    ----------
    Hamaker, Kuiper & Grasman (2015), doi 10.1037/a0038889. Allison, Williams & Moral-Benito (2017),
    doi 10.1177/2378023117710578.
    """
    finding = _blank(organisation, panel)
    measured = [pair for pair in PAIRS if all(is_measured(v, panel) for v in pair)]
    if not measured:
        return replace(finding, reason=_NEEDS)
    if len(panel.periods) < LEAST_WAVES:
        return replace(finding, reason=_waves(len(panel.periods)))
    found = [mutual(panel, organisation, *pair) for pair in measured]
    pairs = [m for m in found if isinstance(m, Mutual)]
    if not pairs:
        return replace(finding, reason=_joined([m for m in found if isinstance(m, Text)]))
    return _finding(finding, pairs, organisation)


def mutual(panel: Panel, organisation: Organisation, a: str, b: str) -> Mutual | Text:
    """Estimate both directions between two variables; the reason why not where that cannot be done.

    Errors of large samples are multiplied by ``sqrt(n / (n - 13))``, n = units x (waves - 2) and 13 parameters, as in
    least squares: two waves go to the stable part and the start. Own choice, from simulation (docs/calibration.md): the
    errors came out a tenth too small at 20 units and 8 waves, a quarter at 20 and 5.
    """
    x, y = (_cleared(panel, organisation, v) for v in (a, b))
    error = _error(panel, a, b)
    units = int((np.isfinite(x).any(axis=1) & np.isfinite(y).any(axis=1)).sum())
    if units < LEAST_UNITS:
        return _few(units, a, b, organisation)
    changes = units * (x.shape[1] - 2)
    fitted, corrected = _settled(x, y, error) if changes >= LEAST_CHANGES else (None, False)
    if fitted is None:
        return _unsettled(a, b, organisation)
    widened = math.sqrt(changes / (changes - _PARAMETERS))
    forth, back = (
        Path(
            cause,
            outcome,
            expected_sign(Link(cause, outcome), organisation),
            e.standardised,
            e.standardised_se * widened,
            e.df,
        )
        for cause, outcome, e in ((a, b, fitted.xy), (b, a, fitted.yx))
    )
    return Mutual(
        forth,
        back,
        (*_own(fitted, forth, back, organisation), *_beside(x, y, a, b, organisation)),
        corrected,
        int((np.isfinite(x) & np.isfinite(y)).sum()),
        fitted.n_units,
        fitted.n_waves,
    )


def _cleared(panel: Panel, organisation: Organisation, variable: str) -> FloatArray:
    """Return a variable over the last waves without effects of period, service and adjusters, (J, T)."""
    last = np.s_[:, -MOST_WAVES:]
    values = panel.column(variable)[last]
    adjusters = [panel.column(v)[last] for v in organisation.adjust if is_measured(v, panel) and v != variable]
    services = np.array(panel.services)
    columns = [np.broadcast_to(np.arange(values.shape[1]) == t, values.shape) for t in range(values.shape[1])]
    columns += [np.broadcast_to((services == s)[:, None], values.shape) for s in sorted(set(panel.services))[1:]]
    use = np.isfinite(values) & np.logical_and.reduce([np.ones(values.shape, bool), *map(np.isfinite, adjusters)])
    design = np.column_stack([np.asarray(c, dtype=float)[use] for c in (*columns, *adjusters)])
    cleared = np.full(values.shape, np.nan)
    if use.any():
        cleared[use] = values[use] - design @ np.linalg.lstsq(design, values[use], rcond=None)[0]
    return cleared


def _error(panel: Panel, a: str, b: str) -> FloatArray | None:
    """Known sampling variances and covariance, averaged per wave over the units with both, (T, 3); None if unknown."""
    last = np.s_[:, -MOST_WAVES:]
    both = np.isfinite(panel.column(a)[last]) & np.isfinite(panel.column(b)[last])
    columns = (panel.error_variance(a)[last], panel.error_variance(b)[last], panel.error_covariance(a, b)[last])
    known = [np.where(both, v, np.nan) for v in columns]
    if not all(np.isfinite(v).any(axis=0).all() for v in known):
        return None
    return np.column_stack([np.nanmean(v, axis=0) for v in known])


def _settled(x: FloatArray, y: FloatArray, error: FloatArray | None) -> tuple[riclpm.RiclpmFit | None, bool]:
    """Fit with the known error taken out, else without; None where neither gives numbers that can be used."""
    for known in (error, None) if error is not None else (None,):
        try:
            fitted = riclpm.fit(x, y, error=known)
        except NotEstimableError:
            continue
        if fitted.converged and fitted.n_units >= LEAST_UNITS and _has_ups_and_downs(fitted):
            return fitted, known is not None
    return None, False


def _has_ups_and_downs(fitted: riclpm.RiclpmFit) -> bool:
    """Whether the parts within units, which carry the effects, have sound variances.

    Stable parts may come out below zero where units hardly differ for long; to forbid it would bias the effects.
    """
    numbers = (v for e in (fitted.xy, fitted.yx) for v in (e.standardised, e.standardised_se))
    within = (e for e in fitted.model.estimates if e.op == "~~" and e.lhs == e.rhs and e.lhs[0] in "pq")
    return all(math.isfinite(v) for v in numbers) and all(e.estimate > 0 for e in within)


def _own(fitted: riclpm.RiclpmFit, forth: Path, back: Path, organisation: Organisation) -> tuple[Figure, ...]:
    """Both directions, the carry-over of each side, and how far their stable parts go together."""
    a, b = label(forth.cause, organisation), label(forth.outcome, organisation)
    figures = [Figure(_arrow(p.cause, p.outcome, organisation), p.limits()) for p in (forth, back)]
    for name, effect in ((a, fitted.xx), (b, fitted.yy)):
        carried = Text(
            f"{name.en} carried over to the next period", f"{name.nl} die doorwerkt naar de volgende periode"
        )
        figures.append(Figure(carried, _limits(effect)))
    stable = fitted.intercepts
    if stable is not None and math.isfinite(stable.standardised) and abs(stable.standardised) <= 1:
        half = 1.96 * stable.standardised_se
        figures.append(
            Figure(
                Text(
                    f"correlation of lasting differences in {a.en} and {b.en}",
                    f"samenhang van blijvende verschillen in {a.nl} en {b.nl}",
                ),
                Interval(stable.standardised, stable.standardised - half, stable.standardised + half),
            )
        )
    return tuple(figures)


def _beside(x: FloatArray, y: FloatArray, a: str, b: str, organisation: Organisation) -> tuple[Figure, ...]:
    """The same two directions by the dynamic panel model, where it settles."""
    try:
        second = dpm.fit(x[:, -MOST_WAVES_BESIDE:], y[:, -MOST_WAVES_BESIDE:])
    except NotEstimableError:
        return ()
    if not second.converged:
        return ()
    out = []
    for cause, outcome, effect in ((a, b, second.xy), (b, a, second.yx)):
        arrow = _arrow(cause, outcome, organisation)
        sign = expected_sign(Link(cause, outcome), organisation)
        limits = _limits(effect)
        turned = limits if sign > 0 else Interval(-limits.estimate, -limits.high, -limits.low)
        name = Text(
            f"{arrow.en}, by the dynamic panel model (in SD of unit scores)",
            f"{arrow.nl}, volgens het dynamische panelmodel (in SD van scores per onderdeel)",
        )
        out.append(Figure(name, turned))
    return tuple(out) if all(math.isfinite(f.value.estimate) for f in out) else ()


def _limits(effect: Effect) -> Interval:
    half = float(special.stdtrit(effect.df, 0.975)) * effect.standardised_se
    return Interval(effect.standardised, effect.standardised - half, effect.standardised + half)


def _finding(finding: Finding, pairs: list[Mutual], organisation: Organisation) -> Finding:
    """Let the weakest direction decide, and say of each pair which comes first."""
    ways = [(path, other) for m in pairs for path, other in ((m.forth, m.back), (m.back, m.forth))]
    weakest, other = min(ways, key=lambda way: way[0].statistic)
    wide, narrow = weakest.limits(of=len(ways)), weakest.limits(0.90, of=len(ways))
    doubted = len(ways) if weakest.statistic < 0 else 1
    attenuated = () if all(m.corrected for m in pairs) else (_ATTENUATED,)
    return replace(
        finding,
        estimate=wide.estimate,
        low=wide.low,
        high=wide.high,
        low90=narrow.low,
        high90=narrow.high,
        p_value=min(1.0, 2 * doubted * float(special.stdtr(weakest.df, -abs(weakest.statistic)))),
        figures=tuple(f for m in pairs for f in m.figures),
        n_obs=min(m.n_obs for m in pairs),
        n_units=min(m.n_units for m in pairs),
        n_waves=min(m.n_waves for m in pairs),
        reason=_joined([_first(m, organisation) for m in pairs]),
        margin=finding.margin if not attenuated else 0.0,
        notes=(*attenuated, _ONE_LAG),
        if_negligible="contradicted" if other.limits().low > 0 else "no meaningful effect",
    )


def _first(m: Mutual, organisation: Organisation) -> Text:
    """Say which of the two comes first."""
    forth, back = (_arrow(p.cause, p.outcome, organisation) for p in (m.forth, m.back))
    sure = [p.limits().low > 0 for p in (m.forth, m.back)]
    if all(sure):
        return Text(
            f"Both directions are seen: {forth.en} and {back.en}.",
            f"Beide richtingen zijn te zien: {forth.nl} en {back.nl}.",
        )
    if any(sure):
        seen, unseen = (forth, back) if sure[0] else (back, forth)
        first = label((m.forth if sure[0] else m.back).cause, organisation)
        return Text(
            f"One direction is seen: {seen.en}. So {first.en} comes first, as far as these data tell; "
            f"{unseen.en} is not sure.",
            f"Eén richting is te zien: {seen.nl}. Voor zover deze gegevens het zeggen, komt {first.nl} dus eerst; "
            f"{unseen.nl} is niet zeker.",
        )
    return Text(f"Neither {forth.en} nor {back.en} is sure.", f"Noch {forth.nl} noch {back.nl} is zeker.")


def _arrow(cause: str, outcome: str, organisation: Organisation) -> Text:
    a, b = label(cause, organisation), label(outcome, organisation)
    return Text(f"{a.en} → {b.en} one period later", f"{a.nl} → {b.nl} een periode later")


def _blank(organisation: Organisation, panel: Panel) -> Finding:
    nothing = math.nan
    shared = any(same_source(Link(a, b), organisation) for a, b in PAIRS if {a, b} <= set(panel.variables))
    return Finding(
        "reciprocity", nothing, nothing, nothing, nothing, nothing, "above", 0.0, organisation.smallest_effect,
        nothing, _SCALE, (), "lagged", shared, 0, 0, 0, Text("", ""),
    )  # fmt: skip


def _joined(texts: list[Text]) -> Text:
    return Text(" ".join(t.en for t in texts), " ".join(t.nl for t in texts))


_NEEDS = Text(
    "Needs engagement and loyalty, or the conduct of employees and of customers, for the same units.",
    "Nodig: bevlogenheid en trouw, of de houding van medewerkers en van klanten, van dezelfde onderdelen.",
)
_ATTENUATED = Text(
    "The chance in unit averages is not taken out here, so the true effects are probably further from 0.",
    "Het toeval in de gemiddelden is hier niet verwijderd; de echte effecten liggen dus vast verder van 0.",
)
_ONE_LAG = Text(
    "This looks one period ahead; a quicker or slower effect may be missed.",
    "Dit kijkt één periode vooruit; een sneller of trager effect kan gemist worden.",
)


def _waves(found: int) -> Text:
    return Text(
        f"To tell which comes first, at least {LEAST_WAVES} waves of both sides are needed. Found: {found}.",
        f"Om te zien wat eerst komt, zijn minstens {LEAST_WAVES} metingen van beide kanten nodig. Gevonden: {found}.",
    )


def _few(found: int, a: str, b: str, organisation: Organisation) -> Text:
    cause, outcome = label(a, organisation), label(b, organisation)
    return Text(
        f"Too few units have both {cause.en} and {outcome.en}: {found}; needed are {LEAST_UNITS}.",
        f"Te weinig onderdelen hebben zowel {cause.nl} als {outcome.nl}: {found}; nodig zijn er {LEAST_UNITS}.",
    )


def _unsettled(a: str, b: str, organisation: Organisation) -> Text:
    cause, outcome = label(a, organisation), label(b, organisation)
    return Text(
        f"There are too few figures over time of {cause.en} and {outcome.en} to tell their directions apart. "
        "More units or waves would help.",
        f"Er zijn te weinig cijfers in de tijd over {cause.nl} en {outcome.nl} om de richtingen te onderscheiden. "
        "Meer onderdelen of metingen helpen.",
    )
