"""Does anything measured before tell that a figure of a unit will worsen? Tried forward in time, against less."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from bevlogen.errors import NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LEAST_PERIODS = 5
LEAST_UNITS = 10
WORST = 0.2  # share of changes that counts as a worsening, and of expectations at which a warning is given
_LEAST_ROWS = 40
_PENALTIES = np.geomspace(1e-2, 1e4, 25)


@dataclass(frozen=True, slots=True)
class Forewarning:
    """What signals told beyond a unit's own past, and what they tell now.

    Attributes
    ----------
    gain : share by which forecasts with signals were less off (mean squared error) than the best without.
    p_value : one-sided, that they are no better than the unit's own past alone; t test over units.
    hits : share of worsenings that a warning came before.
    false_alarms : share of the rest that a warning came before as well.
    came_true : share of warnings after which it did worsen.
    base : share of all figures that were a worsening.
    past_hits : hits of warnings from the unit's own past alone, given by the same rule.
    n, n_units, n_events : figures forecast, of how many units, and worsenings among them.
    expected : (J,) deviation from its own normal that each unit is expected to have next, in SD of such deviations;
        high is worse; NaN where unknown.
    alarm : (J,) whether that calls for a warning.
    pushes : (J, p) part of ``expected`` that each signal brings.
    """

    gain: float
    p_value: float
    hits: float
    false_alarms: float
    came_true: float
    base: float
    past_hits: float
    n: int
    n_units: int
    n_events: int
    expected: FloatArray
    alarm: BoolArray
    pushes: FloatArray


@dataclass(frozen=True, slots=True)
class _Rule:
    """A fitted rule: centre and spread of signals, and coefficients."""

    spread: FloatArray
    past: FloatArray
    signals: FloatArray

    def expect(self, own: FloatArray, signs: FloatArray) -> FloatArray:
        """Return what is expected next (n,)."""
        return np.asarray(_base(own) @ self.past + (signs / self.spread) @ self.signals)


def forewarn(y: ArrayLike, signals: ArrayLike) -> Forewarning:
    """Do signals come before a figure worsens, and where do they stand now?

    Parameters
    ----------
    y : (J, T) figures, higher is worse, oldest period first, NaN where missing.
    signals : (J, T, p) other figures; p may be 0.

    Returns
    -------
    Forewarning

    Raises
    ------
    ShapeError
        Shapes do not agree.
    NotEstimableError
        Fewer than 10 units or 5 periods, no variation, or fewer than 40 figures to learn from before the first to be
        forecast.

    Notes
    -----
    Period means are taken off, so that what strikes all units is no event. A unit's *normal* is the mean of its figures
    so far; everything counts as a deviation from it. A *worsening* is a deviation in the worst fifth of those known at
    the time. The next deviation is regressed on the present one (own past) and, with a ridge penalty, on those of the
    signals; the penalty by generalised cross-validation (Golub et al. 1979), no signal at all among the choices. A
    missing signal counts as normal.

    Forecasts are made for each period from the fourth on by what was known before it (rolling origin). Rivals are the
    unit's normal (nothing happens), the last figure, and own past alone. ``gain`` is against the best of them. The test
    compares squared errors with those of own past, summed by unit; as the larger model has more to estimate, it is on
    the safe side (Clark & West 2007). A warning is given where the expectation is in the worst fifth of those over the
    data it was learned from.

    References
    ----------
    Golub, Heath & Wahba (1979), doi 10.1080/00401706.1979.10489751. Diebold & Mariano (1995), doi
    10.1080/07350015.1995.10524599. Clark & West (2007), doi 10.1016/j.jeconom.2006.05.023.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> sign = rng.normal(size=(80, 10, 1))
    >>> y = np.roll(sign[:, :, 0], 1, axis=1) + rng.normal(size=(80, 10))
    >>> found = forewarn(y, sign)
    >>> found.hits > 2 * found.false_alarms, found.p_value < 0.001
    (True, True)
    """
    y_, x = np.asarray(y, dtype=np.float64), np.asarray(signals, dtype=np.float64)
    if y_.ndim != 2 or x.ndim != 3 or x.shape[:2] != y_.shape:
        raise ShapeError("y is (units, periods) and signals (units, periods, p).")
    J, T = y_.shape
    enough = int((np.isfinite(y_).sum(axis=1) >= 3).sum())
    if T < LEAST_PERIODS or enough < LEAST_UNITS:
        raise NotEstimableError(
            f"Warnings need {LEAST_UNITS} units and {LEAST_PERIODS} periods. Found: {enough} and {T}.", "few-units"
        )
    own, normal, apart = _deviations(y_)
    signs = np.zeros(x.shape)
    for k in range(x.shape[2]):
        signs[:, :, k] = np.nan_to_num(_deviations(x[:, :, k])[0])
    # Row (j, t): what is known at t, and the deviation at t + 1 from the normal of that time.
    after = np.full((J, T), np.nan)
    after[:, :-1] = apart[:, 1:] - normal[:, :-1]
    known = np.isfinite(own) & (np.cumsum(np.isfinite(y_), axis=1) >= 2)
    rows = known & np.isfinite(after)
    if not (rows.any() and after[rows].var() > 0):
        raise NotEstimableError("The figures do not vary, so there is nothing to warn of.")
    tried = [t for t in range(2, T - 1) if rows[:, :t].sum() >= _LEAST_ROWS and rows[:, t].any()]
    if not tried:
        raise NotEstimableError(f"Fewer than {_LEAST_ROWS} figures to learn from.", "few-units")
    errors, unit, event, warned, warned_past = _tried(own, signs, after, rows, tried)
    now = T - 1
    rule = _learned(own, signs, after, rows)
    spread = math.sqrt(float(np.mean(after[rows] ** 2)))
    limit = float(np.quantile(rule.expect(own[rows], signs[rows]), 1 - WORST))
    there = known[:, now]
    expected = np.full(J, np.nan)
    expected[there] = rule.expect(own[there, now], signs[there, now])
    alarm = there & (expected > limit)
    mean = {name: float((e**2).mean()) for name, e in errors.items()}
    best = min(mean[name] for name in ("normal", "last", "past"))
    return Forewarning(
        1 - mean["signals"] / best if best > 0 else 0.0,
        _no_better(errors["past"] ** 2 - errors["signals"] ** 2, unit),
        _share(warned[event]),
        _share(warned[~event]),
        _share(event[warned]),
        _share(event),
        _share(warned_past[event]),
        len(event),
        len(np.unique(unit)),
        int(event.sum()),
        expected / spread,
        np.asarray(alarm),
        np.where(there[:, None], signs[:, now] / rule.spread * rule.signals / spread, np.nan),
    )


def _tried(
    own: FloatArray, signs: FloatArray, after: FloatArray, rows: BoolArray, tried: list[int]
) -> tuple[dict[str, FloatArray], NDArray[np.int64], BoolArray, BoolArray, BoolArray]:
    """Errors of each forecast, unit of each, whether it worsened, and whether signals, or own past, warned."""
    errors: dict[str, list[FloatArray]] = {name: [] for name in ("normal", "last", "past", "signals")}
    units, event, warned, warned_past = [], [], [], []
    for t in tried:
        before = np.zeros_like(rows)
        before[:, :t] = rows[:, :t]
        rule, bare = _learned(own, signs, after, before), _learned(own, signs[:, :, :0], after, before)
        here = rows[:, t]
        truth, said = after[here, t], rule.expect(own[here, t], signs[here, t])
        past = bare.expect(own[here, t], signs[here, t, :0])
        for name, guess in (("normal", 0 * truth), ("last", own[here, t]), ("past", past), ("signals", said)):
            errors[name].append(truth - guess)
        units.append(np.flatnonzero(here))
        event.append(truth > np.quantile(after[before], 1 - WORST))
        warned.append(said > np.quantile(rule.expect(own[before], signs[before]), 1 - WORST))
        warned_past.append(past > np.quantile(bare.expect(own[before], signs[before][:, :0]), 1 - WORST))
    return (
        {name: np.concatenate(e) for name, e in errors.items()},
        np.concatenate(units),
        np.concatenate(event),
        np.concatenate(warned),
        np.concatenate(warned_past),
    )


def _deviations(y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Deviation from a unit's normal so far, that normal, and the figures less period means; (J, T) each."""
    there = np.isfinite(y)
    centre = np.array([np.nanmean(c) if np.isfinite(c).any() else 0.0 for c in y.T])
    apart = y - centre
    count = np.cumsum(there, axis=1)
    so_far = np.cumsum(np.where(there, apart, 0.0), axis=1)
    normal = np.divide(so_far, count, out=np.full(y.shape, np.nan), where=count > 0)
    return apart - normal, normal, apart


def _base(own: FloatArray) -> FloatArray:
    return np.column_stack([np.ones(len(own)), own])


def _learned(own: FloatArray, signs: FloatArray, after: FloatArray, rows: BoolArray) -> _Rule:
    """Least squares on own past; ridge on what signals add to it, by the singular values of what is new in them."""
    z, S = after[rows], signs[rows]
    spread = S.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    B = _base(own[rows])
    past: FloatArray = np.linalg.lstsq(B, z, rcond=None)[0].astype(np.float64)
    if not S.shape[1]:
        return _Rule(spread, past, np.zeros(0))
    on = np.linalg.lstsq(B, S / spread, rcond=None)[0]
    fresh, left = S / spread - B @ on, z - B @ past
    U, d, Vt = np.linalg.svd(fresh, full_matrices=False)
    n, along = len(z), U.T @ left
    total = float(left @ left)
    best, chosen = n * total / (n - B.shape[1]) ** 2, np.zeros(len(d))
    for penalty in _PENALTIES:
        keep = d**2 / (d**2 + penalty)
        off = total - float(along**2 @ (1 - (1 - keep) ** 2))
        score = n * off / (n - B.shape[1] - keep.sum()) ** 2
        if score < best:
            best, chosen = score, keep
    found = Vt.T @ np.divide(chosen * along, d, out=np.zeros(len(d)), where=d > 1e-12)
    return _Rule(spread, past - on @ found, found)


def _no_better(saved: FloatArray, unit: NDArray[np.int64]) -> float:
    """One-sided p that squared errors saved, summed by unit, are not above 0 on average."""
    by_unit = np.bincount(unit, weights=saved)[np.unique(unit)]
    se = float(by_unit.std(ddof=1)) / math.sqrt(len(by_unit)) if len(by_unit) > 1 else 0.0
    return float(special.stdtr(len(by_unit) - 1, -float(by_unit.mean()) / se)) if se > 0 else 1.0


def _share(of: BoolArray) -> float:
    return float(of.mean()) if len(of) else math.nan
