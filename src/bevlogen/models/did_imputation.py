"""Effects of actions by imputation: what would have been is fitted on untouched cells (Borusyak et al.)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from bevlogen.errors import NotEstimableError
from bevlogen.models.did_panel import Panel, panel

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Imputation:
    """Effects of an action, and a test of what came before it.

    Attributes
    ----------
    att, se : mean effect over all cells after action, with errors clustered by unit; NaN error where one unit alone
        was acted upon.
    event, event_att, event_se, event_n : (m,) periods since action (in positions of the measured periods), mean effect,
        error, and cells behind it.
    lead, lead_estimate, lead_se : (k,) periods before action (-1, -2, ...), their deviation from earlier untouched
        cells, with clustered errors.
    pretest, pretest_df, pretest_p : joint Wald test of the k leads (F form), and p from Hotelling's T2 with the units
        behind the leads, less one, as degrees of freedom. NaN without leads. A large p does not prove parallel trends.
    effects : (J, T) observed minus imputed; NaN for untouched, missing or not imputable cells.
    df : degrees of freedom of ``att`` for t: Welch's rule over units acted upon and others.
    event_df : (m,) the same per event time.
    n_units, n_treated : units used, and those acted upon.
    notes : what a reader must know, in sentences.
    """

    att: float
    se: float
    event: NDArray[np.int64]
    event_att: FloatArray
    event_se: FloatArray
    event_n: NDArray[np.int64]
    lead: NDArray[np.int64]
    lead_estimate: FloatArray
    lead_se: FloatArray
    pretest: float
    pretest_df: int
    pretest_p: float
    effects: FloatArray
    df: float
    event_df: FloatArray
    n_units: int
    n_treated: int
    notes: tuple[str, ...]

    def confint(self, level: float = 0.95) -> FloatArray:
        """Return (2,) limits of ``att`` from t with ``df``."""
        half = special.stdtrit(self.df, 0.5 + level / 2) * self.se
        return np.array([self.att - half, self.att + half])


def imputation(
    y: ArrayLike,
    first_treated: ArrayLike,
    *,
    unit: ArrayLike | None = None,
    time: ArrayLike | None = None,
    leads: int | None = None,
) -> Imputation:
    """Estimate the effect of an action as observed minus imputed outcomes.

    Parameters
    ----------
    y : (J, T) outcomes, NaN where missing; or (N,) with ``unit`` and ``time`` (N,).
    first_treated : (J,) or (N,) period of the first action (a label of ``time``), inf or NaN for never.
    unit, time : (N,) labels for long columns; for a table only ``time`` (T,), default 0, ..., T - 1.
    leads : periods before action in the pre-trend test; default as many as the longest history allows, less one, and
        at most half as many as units acted upon.

    Returns
    -------
    Imputation

    Raises
    ------
    ShapeError
        Arrays that do not fit.
    NotEstimableError
        Nobody acted upon, all at once, no period before action, or no cell whose counterpart is known.

    Notes
    -----
    ``y_it(0) = a_i + b_t`` by least squares on untouched cells (never and not yet acted upon). Each effect is observed
    minus fitted. Errors: ``sum_i (sum_t v_it e_it)^2``, v the weights of the estimator, e the residual of untouched
    cells and, for cells after action, the effect minus its weighted mean over the *other* units with the same first and
    event period (leave-one-out). A unit alone in its group is compared with its event time, else with all cells.
    Conservative where effects differ. Units without an untouched cell and periods without one are left out.

    References
    ----------
    Borusyak, Jaravel & Spiess (2024), doi 10.1093/restud/rdae007.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> first = np.repeat([2.0, 4.0, np.inf], 40)
    >>> y = rng.normal(size=(120, 1)) + rng.normal(0, 0.5, (120, 6)) + 1.0 * (np.arange(6) >= first[:, None])
    >>> result = imputation(y, first)
    >>> bool(abs(result.att - 1) < 3 * result.se)
    True
    """
    data, notes = _usable(panel(y, first_treated, unit, time))
    measured = np.isfinite(data.y)
    free, acted = measured & ~data.treated, measured & data.treated
    y_ = np.where(measured, data.y, 0.0)
    fit = _TwoWay.of(free)
    acted &= np.outer(free.any(axis=1), free.any(axis=0))
    if not acted.any():
        raise NotEstimableError("No cell after an action has a counterpart among untouched units in the same period.")
    fitted = fit.fitted(y_)
    residual = np.where(free, y_ - fitted, 0.0)
    effects = np.where(acted, y_ - fitted, np.nan)
    since = np.arange(len(data.periods)) - np.searchsorted(data.periods, data.first)[:, None]

    def average(cells: BoolArray) -> tuple[float, float, float]:
        w = cells / cells.sum()
        v = w - fit.weights(w)
        errors = residual + np.where(cells, _about_others(y_ - fitted, w, since, data.first), 0.0)
        squares = (v * errors).sum(axis=1) ** 2
        if cells.any(axis=1).sum() == 1:
            squares[:] = np.nan  # one unit: no other to compare its effect with
        return (
            float(np.sum(w * (y_ - fitted))),
            float(np.sqrt(squares.sum())),
            _welch(squares, np.asarray(cells.any(axis=1))),
        )

    events = np.unique(since[acted])
    by_event = [average(acted & (since == e)) for e in events]
    att, se, df = average(acted)
    n_treated = int(acted.any(axis=1).sum())
    if n_treated == 1:
        notes.append("One unit alone was acted upon: its effect has no error here. Use synthetic comparison.")
    lead, estimate, V, lead_df = _leads(y_, free, since, leads)
    k = len(lead)
    wald = float(estimate @ np.linalg.solve(V, estimate)) / k if k else float("nan")
    above = lead_df - k + 1
    return Imputation(
        att=att,
        se=se,
        event=events.astype(np.int64),
        event_att=np.array([e[0] for e in by_event]),
        event_se=np.array([e[1] for e in by_event]),
        event_n=np.array([int((acted & (since == e)).sum()) for e in events], dtype=np.int64),
        lead=lead,
        lead_estimate=estimate,
        lead_se=np.sqrt(np.diag(V)),
        pretest=wald,
        pretest_df=k,
        pretest_p=float(special.fdtrc(k, above, wald * above / lead_df)) if k and above > 0 else float("nan"),
        effects=effects,
        df=df,
        event_df=np.array([e[2] for e in by_event]),
        n_units=int(free.any(axis=1).sum()),
        n_treated=n_treated,
        notes=tuple(notes),
    )


def _welch(squares: FloatArray, acted: BoolArray) -> float:
    """Degrees of freedom of a sum of squares over units acted upon and others."""
    parts = np.array([squares[acted].sum(), squares[~acted].sum()])
    sizes = np.array([acted.sum(), (~acted & (squares > 0)).sum()])
    below = float((parts**2 / np.maximum(sizes - 1, 1)).sum())
    return float(parts.sum() ** 2 / below) if below > 0 else 1.0


def _usable(data: Panel) -> tuple[Panel, list[str]]:
    """Leave out units that were never seen untouched."""
    free = np.isfinite(data.y) & ~data.treated
    known = free.any(axis=1)
    notes = []
    if not known.all():
        notes.append(f"{int((~known).sum())} units have no period before the action and are left out.")
    data = Panel(data.y[known], data.periods, data.first[known], data.units[known])
    acted = np.isfinite(data.y) & data.treated
    lost = int((acted & ~(np.isfinite(data.y) & ~data.treated).any(axis=0)).sum())
    if lost:
        notes.append(f"{lost} cells lie in periods in which every unit was acted upon and are left out.")
    return data, notes


@dataclass(frozen=True, slots=True)
class _TwoWay:
    """Least squares on unit and period effects over the cells ``free``: units eliminated, periods solved."""

    free: FloatArray
    per_unit: FloatArray
    inverse: FloatArray

    @classmethod
    def of(cls, free: BoolArray) -> _TwoWay:
        D = free.astype(float)
        per_unit = np.maximum(D.sum(axis=1), 1.0)
        S = np.diag(D.sum(axis=0)) - D.T @ (D / per_unit[:, None])
        inverse = np.linalg.pinv(S, rcond=1e-11, hermitian=True)
        if np.linalg.matrix_rank(S, hermitian=True, tol=1e-9 * max(S.max(), 1.0)) < (D.sum(axis=0) > 0).sum() - 1:
            raise NotEstimableError(
                "The untouched cells fall apart into parts without a common unit or period, so they cannot be compared."
            )
        return cls(D, per_unit, inverse)

    def _solve(self, unit_sums: FloatArray, period_sums: FloatArray) -> FloatArray:
        b = self.inverse @ (period_sums - self.free.T @ (unit_sums / self.per_unit))
        a = (unit_sums - self.free @ b) / self.per_unit
        return np.asarray(a[:, None] + b)

    def fitted(self, y: FloatArray) -> FloatArray:
        """Return (J, T) unit plus period effect of the untouched cells of y."""
        cells = self.free * y
        return self._solve(cells.sum(axis=1), cells.sum(axis=0))

    def weights(self, w: FloatArray) -> FloatArray:
        """Return (J, T) weights of the untouched cells in the imputed counterpart of sum(w y)."""
        return self.free * self._solve(w.sum(axis=1), w.sum(axis=0))


def _about_others(effect: FloatArray, w: FloatArray, since: NDArray[np.int64], first: FloatArray) -> FloatArray:
    """Effect minus the weighted mean effect of the other units of its group and event time, or of wider sets."""
    out, done = np.zeros_like(effect), w <= 0
    starts = np.broadcast_to(first[:, None], w.shape)
    for sets in ((starts, since), (since,), ()):
        labels = np.zeros(w.shape)
        for values in sets:
            labels = labels * (since.max() - since.min() + 2) + np.unique(values, return_inverse=True)[1].reshape(
                w.shape
            )
        for label in np.unique(labels[~done]):
            cells = (labels == label) & (w > 0)
            if cells.any(axis=1).sum() < 2:
                continue
            weight = np.where(cells, w, 0.0)
            squares = (weight.sum(axis=1) ** 2)[:, None]
            value = (weight * effect).sum(axis=1)[:, None] / np.maximum(weight.sum(axis=1), 1e-300)[:, None]
            others = ((squares * value).sum() - squares * value) / (squares.sum() - squares)
            new = cells & ~done
            out[new] = (effect - others)[new]
            done |= cells
    return out


def _leads(
    y: FloatArray, free: BoolArray, since: NDArray[np.int64], leads: int | None
) -> tuple[NDArray[np.int64], FloatArray, FloatArray, int]:
    """Regress untouched cells on lead dummies and both effects; clustered covariance (J / (J - 1)), units less one."""
    coming = free & (since > -len(y[0]) - 1) & (since < 0) & _ever(since, len(y[0]))
    present = np.unique(-since[coming])
    behind = int(coming.any(axis=1).sum()) - 1
    most = (min(int(present.max()) - 1, (behind + 1) // 2) if len(present) else 0) if leads is None else leads
    steps = [int(k) for k in present if k <= most]
    while steps:
        fit = _TwoWay.of(free)
        columns = [np.where(free & coming & (since == -k), 1.0, 0.0) for k in steps]
        left = np.stack([np.where(free, c - fit.fitted(c), 0.0).ravel() for c in columns], axis=1)
        if np.linalg.matrix_rank(left, tol=1e-8) == len(steps):
            target = np.where(free, y - fit.fitted(y), 0.0).ravel()
            bread = np.linalg.inv(left.T @ left)
            estimate = bread @ left.T @ target
            scores = (left * (target - left @ estimate)[:, None]).reshape(*y.shape, -1).sum(axis=1)
            J = int(free.any(axis=1).sum())
            V = J / (J - 1) * bread @ scores.T @ scores @ bread
            if np.linalg.matrix_rank(V, hermitian=True) == len(steps):
                return -np.array(steps, dtype=np.int64), estimate, V, behind
        steps.pop()
    return np.empty(0, np.int64), np.empty(0), np.empty((0, 0)), behind


def _ever(since: NDArray[np.int64], T: int) -> BoolArray:
    """(J, T) whether the unit is acted upon within the panel."""
    return np.broadcast_to((since[:, -1] >= 0)[:, None], (len(since), T))
