"""Effects per group of first action and period, and their averages (Callaway & Sant'Anna 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models.did_cell import CONTRASTS, Method
from bevlogen.models.did_limits import Band, SmallSample, small_sample, uniform_band
from bevlogen.models.did_panel import Panel, panel

FloatArray = NDArray[np.float64]
Control = Literal["never", "not_yet"]
Aggregation = Literal["simple", "group", "event", "calendar"]


@dataclass(frozen=True, slots=True)
class Averages:
    """Group-time effects averaged in one way.

    Attributes
    ----------
    kind : "simple", "group", "event" or "calendar".
    by : (m,) group, event time or period of each average; empty for "simple".
    estimate, se : (m,) averages and analytic errors.
    overall, overall_se : the one number: mean over groups (weights: their sizes), over event times from 0 on, or over
        periods from the first action on (both unweighted); for "simple" over all cells after action, by group size.
    limits : errors and degrees of freedom behind the limits, the overall last.
    influence : (J, m + 1) influence of each unit, that on the overall last.
    """

    kind: Aggregation
    by: FloatArray
    estimate: FloatArray
    se: FloatArray
    overall: float
    overall_se: float
    limits: SmallSample
    influence: FloatArray

    def confint(self, level: float = 0.95) -> FloatArray:
        """Return (m + 1, 2) limits, the overall last, from t with the small-sample errors."""
        return self.limits.around(np.append(self.estimate, self.overall), level)

    def band(self, rng: np.random.Generator, *, level: float = 0.95, draws: int = 2000) -> Band:
        """Return limits that hold for all m averages together; ``by`` must not be empty."""
        return uniform_band(self.estimate, self.influence[:, :-1], rng, level, draws)


@dataclass(frozen=True, slots=True)
class GroupTime:
    """Effects of an action per group (units with the same first period) and period.

    Attributes
    ----------
    group, time : (m,) first period of the group, and period of the effect; before the group's start these are
        placebo effects of the period just before.
    att, se : (m,) effect on the treated, in units of y, and analytic error (influence functions, denominator n).
    influence : (J, m) influence of each unit on each effect.
    pretest, pretest_df : Wald statistic of all effects before action being zero, and how many those are.
    pretest_p : its p-value from Hotelling's T2 with the small-sample errors and the fewest of their degrees of
        freedom (with many units: chi-square). NaN where there are no such cells or too few units. A large p does not
        prove parallel trends.
    limits : errors and degrees of freedom behind the limits.
    n_units, n_treated : units in the panel, and those acted upon after its first period.
    first : (J,) first period of action per unit used; inf for never.
    notes : what a reader must know, in sentences.
    """

    group: FloatArray
    time: FloatArray
    att: FloatArray
    se: FloatArray
    influence: FloatArray
    pretest: float
    pretest_df: int
    pretest_p: float
    n_units: int
    n_treated: int
    limits: SmallSample
    first: FloatArray
    notes: tuple[str, ...]

    def confint(self, level: float = 0.95) -> FloatArray:
        """Return (m, 2) limits from t with the small-sample errors."""
        return self.limits.around(self.att, level)

    def aggregate(self, kind: Aggregation = "event") -> Averages:
        """Average the effects; errors include that of the group sizes used as weights.

        Parameters
        ----------
        kind : "simple" over all cells from action on; "group" per group; "event" per period since action (negative
            ones are placebos); "calendar" per period.

        Raises
        ------
        ChoiceError
            Unknown kind.
        """
        if kind not in get_args(Aggregation):
            raise ChoiceError("aggregation", kind, get_args(Aggregation))
        return _averaged(self, kind)

    def band(self, rng: np.random.Generator, *, level: float = 0.95, draws: int = 2000) -> Band:
        """Return limits that hold for all m effects together."""
        return uniform_band(self.att, self.influence, rng, level, draws)


def group_time(
    y: ArrayLike,
    first_treated: ArrayLike,
    *,
    unit: ArrayLike | None = None,
    time: ArrayLike | None = None,
    covariates: ArrayLike | None = None,
    control: Control = "never",
    method: Method = "dr",
) -> GroupTime:
    """Estimate the effect of an action that began at different times, per group and period.

    Parameters
    ----------
    y : (J, T) outcomes, NaN where missing; or (N,) with ``unit`` and ``time`` (N,).
    first_treated : (J,) or (N,) period of the first action (a label of ``time``), inf or NaN for never.
    unit, time : (N,) labels for long columns; for a table only ``time`` (T,), default 0, ..., T - 1.
    covariates : (J, k) measured before any action (long: (N, k), constant within a unit), without intercept; the
        comparison then holds among units alike in them.
    control : compare with units never acted upon, or also with those not yet acted upon.
    method : "dr" doubly robust, "reg" outcome regression, "ipw" inverse probability weights; all the same without
        covariates.

    Returns
    -------
    GroupTime

    Raises
    ------
    ChoiceError, ShapeError
        Unknown option; arrays that do not fit.
    NotEstimableError
        Nobody acted upon, all at once, no period before action, or no comparison units.

    Notes
    -----
    ``ATT(g, t) = E[Y_t - Y_b | G = g] - E[Y_t - Y_b | comparison]``, b = the last period before g (for t >= g) or the
    one before t (placebo). Rests on parallel trends of groups and comparison units and on no anticipation. Units
    acted upon in the first period have no "before" and are left out. A unit missing in one of the two periods leaves
    that cell.
    ``se`` follows the published influence functions (denominator n); the limits divide by n - 1 within each group of
    the same start and use t with Welch's degrees of freedom, else they would be too narrow with few units. A group of
    one unit has no error of its own (NaN): ``imputation`` pools such groups.

    References
    ----------
    Callaway & Sant'Anna (2021), doi 10.1016/j.jeconom.2020.12.001. Sant'Anna & Zhao (2020),
    doi 10.1016/j.jeconom.2020.06.003.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> first = np.repeat([2.0, 4.0, np.inf], 40)
    >>> y = rng.normal(size=(120, 1)) + rng.normal(0, 0.5, (120, 6)) + 1.0 * (np.arange(6) >= first[:, None])
    >>> effect = group_time(y, first).aggregate("simple")
    >>> bool(abs(effect.overall - 1) < 3 * effect.overall_se)
    True
    """
    if control not in get_args(Control):
        raise ChoiceError("control", control, get_args(Control))
    if method not in get_args(Method):
        raise ChoiceError("method", method, get_args(Method))
    data = panel(y, first_treated, unit, time)
    X = _design(covariates, data, unit)
    used = data.first > data.periods[0]
    notes = []
    if not used.all():
        notes.append(f"{int((~used).sum())} units were acted upon from the first period on and are left out.")
    data = Panel(data.y[used], data.periods, data.first[used], data.units[used])
    if control == "never" and np.isfinite(data.first).all():
        raise NotEstimableError(
            'Every unit was acted upon at some time. There is no comparison group. Use control="not_yet".'
        )
    group, period, att, influence, left_out = _cells(data, X[used], control, method)
    if left_out:
        notes.append(f"{left_out} cells of group and period have too few comparable units and are left out.")
    if np.isnan(data.y).any():
        notes.append("Some outcomes are missing: a unit counts only where both periods of a comparison are measured.")
    n = len(data.first)
    alone = (data.first[:, None] == group).sum(axis=0) == 1
    if alone.any():
        notes.append("A group of one unit has an effect but no error. Imputation pools such groups.")
        influence[:, alone] = np.nan
    limits = small_sample(influence, data.first)
    pretest = _pretest(period < group, att, influence, limits)
    return GroupTime(
        group=group,
        time=period,
        att=att,
        se=np.sqrt((influence**2).mean(axis=0) / n),
        influence=influence,
        pretest=pretest[0],
        pretest_df=pretest[1],
        pretest_p=pretest[2],
        limits=limits,
        n_units=n,
        n_treated=int(np.isfinite(data.first).sum()),
        first=data.first,
        notes=tuple(notes),
    )


def _design(covariates: ArrayLike | None, data: Panel, unit: ArrayLike | None) -> FloatArray:
    """Return (J, k + 1) covariates with intercept, standardised (which changes no effect)."""
    J = len(data.first)
    if covariates is None:
        return np.ones((J, 1))
    X = np.asarray(covariates, dtype=float)
    X = X[:, None] if X.ndim == 1 else X
    if unit is not None:
        _, at, row = np.unique(np.asarray(unit), return_index=True, return_inverse=True)
        if len(X) != len(row) or (X[at][row] != X).any():
            raise ShapeError("A covariate changes within a unit or misses rows. Give its value from before any action.")
        X = X[at]
    if len(X) != J or not np.isfinite(X).all():
        raise ShapeError(f"Covariates need one complete row for each of the {J} units. Found: {len(X)} rows.")
    spread = X.std(axis=0)
    return np.column_stack([np.ones(J), (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)])


def _cells(
    data: Panel, X: FloatArray, control: Control, method: Method
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, int]:
    """Estimate each group and period that can be compared."""
    n = len(data.first)
    groups, periods, effects, influences = [], [], [], []
    left_out = 0
    for g in np.unique(data.first[np.isfinite(data.first)]):
        start = int(np.searchsorted(data.periods, g))
        for t in range(1, len(data.periods)):
            base = t - 1 if t < start else start - 1
            member = data.first == g
            free = np.isinf(data.first) if control == "never" else (data.first > data.periods[t]) & ~member
            kept = (member | free) & np.isfinite(data.y[:, t]) & np.isfinite(data.y[:, base])
            d = member[kept].astype(float)
            if not 0 < d.sum() < len(d):
                left_out += 1
                continue
            found = CONTRASTS[method](data.y[kept, t] - data.y[kept, base], X[kept], d)
            if found is None:
                left_out += 1
                continue
            whole = np.zeros(n)
            whole[kept] = found.influence * n / len(d)
            groups.append(g)
            periods.append(data.periods[t])
            effects.append(found.att)
            influences.append(whole)
    if not any(t >= g for g, t in zip(groups, periods, strict=True)):
        raise NotEstimableError(
            "No group has comparable units after its action. Add units without the action, or later periods."
            if X.shape[1] == 1
            else "No group has comparable units after its action: covariates repeat each other or tell the groups "
            "apart completely. Leave some out."
        )
    return np.array(groups), np.array(periods), np.array(effects), np.column_stack(influences), left_out


def _pretest(
    before: NDArray[np.bool_], att: FloatArray, influence: FloatArray, limits: SmallSample
) -> tuple[float, int, float]:
    """Wald statistic of all placebo effects, their number and p; (NaN, 0, NaN) where it does not exist."""
    before = before & np.isfinite(influence).all(axis=0)
    n, q = len(influence), int(before.sum())
    V = influence[:, before].T @ influence[:, before] / n**2
    df = float(limits.df[before].min(initial=np.inf))
    if q == 0 or df < q + 1 or np.linalg.matrix_rank(V) < q:
        return float("nan"), 0, float("nan")
    wald = float(att[before] @ np.linalg.solve(V, att[before]))
    small = att[before] * np.sqrt(np.diag(V)) / limits.se[before]
    t2 = float(small @ np.linalg.solve(V, small))
    return wald, q, float(special.fdtrc(q, df - q + 1, t2 * (df - q + 1) / (df * q)))


def _averaged(result: GroupTime, kind: Aggregation) -> Averages:
    n = result.n_units
    after = result.time >= result.group
    labels = {
        "simple": np.zeros(len(result.att)),
        "group": result.group,
        "event": result.time - result.group,
        "calendar": result.time,
    }[kind]
    shown = np.unique(labels if kind == "event" else labels[after])
    estimates, influences = [], []
    for label in shown:
        cells = np.flatnonzero((labels == label) & (after | (kind == "event")))
        estimate, influence = _weighted(result, result.group[cells], result.att[cells], result.influence[:, cells])
        estimates.append(estimate)
        influences.append(influence)
    estimate_, influence_ = np.array(estimates), np.column_stack(influences)
    if kind == "group":
        overall, of_overall = _weighted(result, shown, estimate_, influence_)
    else:
        counted = shown >= 0 if kind == "event" else np.ones(len(shown), bool)
        overall, of_overall = float(estimate_[counted].mean()), influence_[:, counted].mean(axis=1)
    if kind == "simple":
        shown, estimate_, influence_ = shown[:0], estimate_[:0], influence_[:, :0]
    every = np.column_stack([influence_, of_overall])
    se = np.sqrt((every**2).mean(axis=0) / n)
    return Averages(kind, shown, estimate_, se[:-1], overall, float(se[-1]), small_sample(every, result.first), every)


def _weighted(
    result: GroupTime, groups: FloatArray, values: FloatArray, influence: FloatArray
) -> tuple[float, FloatArray]:
    """Average by share of units per group, with the influence of the estimated shares."""
    member = result.first[:, None] == groups
    share = member.mean(axis=0)
    total = share.sum()
    of_share = (member - share) / total - (member - share).sum(axis=1)[:, None] * share / total**2
    return float(values @ share / total), influence @ (share / total) + of_share @ values
