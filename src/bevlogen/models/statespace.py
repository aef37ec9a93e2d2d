"""Where figures of units go next: a lasting level, a movement that fades, noise, and what all units share."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from bevlogen.errors import NotEstimableError, ShapeError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LEAST_PERIODS = 4
_LEAST_UNITS = 3
_SMALL = 1e-9
_MOST_AT_ONCE = 40  # periods up to which the joint normal density is quicker than the filter


@dataclass(frozen=True, slots=True)
class StateSpace:
    """The fitted model, and what it knows at the end of the data.

    Attributes
    ----------
    lasting, moving, noise : variances of lasting levels between units, of what moves them each period, and of noise.
    carry : part of a movement that is still there one period later.
    level : common level in the last period.
    shared : variance by which the common level moves from one period to the next.
    state, variance : (J, 2) and (J, 2, 2) what is known of each unit's lasting level and movement, filtered.
    log_likelihood : of the units, given the common levels.
    innovation : (J, T) what each figure lay above its prediction one period before; NaN where missing.
    n_units, n_periods : used.
    """

    lasting: float
    moving: float
    noise: float
    carry: float
    level: float
    shared: float
    state: FloatArray
    variance: FloatArray
    log_likelihood: float
    innovation: FloatArray
    n_units: int
    n_periods: int

    def forecast(self, ahead: int) -> tuple[FloatArray, FloatArray]:
        """Return (J, ahead) means and variances of the figures of the next periods."""
        steps = np.arange(1, ahead + 1)
        power = self.carry**steps
        mean = self.level + self.state[:, :1] + self.state[:, 1:] * power
        P = self.variance
        own = P[:, 0, 0, None] + 2 * P[:, 0, 1, None] * power + P[:, 1, 1, None] * power**2
        fresh = self.moving * np.cumsum(self.carry ** (2 * (steps - 1)))
        return mean, own + fresh + self.noise + self.shared * steps

    def paths(self, ahead: int, draws: int, rng: np.random.Generator) -> FloatArray:
        """Return (draws, ahead) of the mean over units: what is shared moves all of them together."""
        J = len(self.state)
        P = self.variance.mean(axis=0) / J
        state = self.state.mean(axis=0) + rng.standard_normal((draws, 2)) @ _root(P).T
        common = self.level + np.cumsum(math.sqrt(self.shared) * rng.standard_normal((draws, ahead)), axis=1)
        out = np.zeros((draws, ahead))
        for t in range(ahead):
            state[:, 1] = self.carry * state[:, 1] + math.sqrt(self.moving / J) * rng.standard_normal(draws)
            out[:, t] = common[:, t] + state.sum(axis=1) + math.sqrt(self.noise / J) * rng.standard_normal(draws)
        return out


def statespace(y: ArrayLike) -> StateSpace:
    """Fit one model to the series of many units.

    Parameters
    ----------
    y : (J, T) figures, oldest period first, equally spaced, NaN where missing.

    Returns
    -------
    StateSpace

    Raises
    ------
    ShapeError
        y is no table.
    NotEstimableError
        Fewer than 3 units, 4 periods, or no variation.

    Notes
    -----
    ``y_jt = c_t + m_j + d_jt + e_jt``, ``d_jt = carry d_j(t-1) + h_jt``; ``m_j`` lasting, all normal. ``c_t`` by least
    squares with unit effects; it goes on as a random walk with the variance of its changes (denominator their number).
    The rest by maximum likelihood from the Kalman filter (Durbin & Koopman 2012, ch. 4), started in the steady state;
    a missing figure is skipped. Uncertainty of the variances themselves is left out.

    References
    ----------
    Durbin & Koopman (2012), Time Series Analysis by State Space Methods, 2nd ed., ch. 4 and 7.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> y = rng.normal(size=(200, 1)) + rng.normal(0, 0.5, (200, 8))
    >>> fit = statespace(y)
    >>> bool(abs(fit.lasting - 1) < 0.3)
    True
    """
    y_ = np.asarray(y, dtype=np.float64)
    if y_.ndim != 2:
        raise ShapeError("y has a row per unit and a column per period.")
    y_ = y_[np.isfinite(y_).sum(axis=1) > 0]
    common = _common(y_) if len(y_) >= _LEAST_UNITS else np.zeros(0)
    if len(common) < LEAST_PERIODS or len(y_) < _LEAST_UNITS:
        raise NotEstimableError(
            f"A forecast needs {_LEAST_UNITS} units and {LEAST_PERIODS} periods. Found: {len(y_)} and {y_.shape[1]}.",
            "few-units",
        )
    apart = y_ - common
    total = float(np.nanvar(apart))
    if not total > _SMALL:
        raise NotEstimableError("The figures do not vary, so there is nothing to forecast.")

    scaled = apart / math.sqrt(total)
    kinds = _kinds(scaled)

    def unlikely(theta: FloatArray) -> float:
        if len(common) > _MOST_AT_ONCE:
            return -_filtered(scaled, *_natural(theta), kinds)[0]
        return -_likelihood(*_natural(theta), kinds)

    starts = [np.array([0.0, -1.5, -1.5, 0.0]), np.array([-1.0, -1.0, -3.0, 1.5])]
    fits = [
        optimize.minimize(unlikely, s, method="Nelder-Mead", options={"maxiter": 400, "fatol": 1e-4}) for s in starts
    ]
    best = min(fits, key=lambda f: f.fun)
    lasting, moving, noise, carry = _natural(best.x)
    fit, state, variance, innovation = _filtered(scaled, lasting, moving, noise, carry, kinds)
    steps = np.diff(common)
    # Part of the change of a mean over few units is their own.
    own = (2 * noise + moving) * total / len(y_)
    shared = max(float((steps**2).mean()) - own, 0.0)
    scale = math.sqrt(total)
    return StateSpace(
        lasting * total,
        moving * total,
        noise * total,
        carry,
        float(common[-1]),
        shared,
        state * scale,
        variance * total,
        fit - float(np.isfinite(apart).sum()) * math.log(scale),
        innovation * scale,
        len(y_),
        len(common),
    )


def _natural(theta: FloatArray) -> tuple[float, float, float, float]:
    lasting, moving, noise = np.exp(np.clip(theta[:3], -12, 6))
    return float(lasting), float(moving), float(noise), float(0.98 / (1 + math.exp(-min(max(theta[3], -30.0), 30.0))))


def _common(y: FloatArray) -> FloatArray:
    """Level of each period (T,), by alternating unit and period means; empty where a period has nobody."""
    there = np.isfinite(y)
    if not there.any(axis=0).all():
        return np.zeros(0)
    unit, period = np.zeros((len(y), 1)), np.zeros(y.shape[1])
    for _ in range(100):
        unit = np.nanmean(y - period, axis=1, keepdims=True)
        unit = unit - unit.mean()
        new = np.nanmean(y - unit, axis=0)
        done = np.abs(new - period).max() < 1e-10 * (1 + np.abs(new).max())
        period = new
        if done:
            break
    return period


def _filtered(
    y: FloatArray, lasting: float, moving: float, noise: float, carry: float, kinds: _Kinds
) -> tuple[float, FloatArray, FloatArray, FloatArray]:
    """Log-likelihood, last state (J, 2) and its variance (J, 2, 2), and innovations (J, T), by the Kalman filter.

    Variances depend on which figures are missing and not on the figures, so they are kept once per pattern.
    """
    J, T = y.shape
    G = len(kinds.seen)
    level, move = np.zeros(J), np.zeros(J)
    P00, P01, P11 = np.full(G, lasting), np.zeros(G), np.full(G, moving / (1 - carry**2))
    innovation, total = np.full((J, T), np.nan), 0.0
    for t in range(T):
        if t:
            move = move * carry
            P01, P11 = P01 * carry, P11 * carry**2 + moving
        seen, here = kinds.seen[:, t], kinds.here[:, t]
        F = P00 + 2 * P01 + P11 + noise
        K0, K1 = (P00 + P01) / F, (P01 + P11) / F
        v = np.where(here, y[:, t] - level - move, 0.0)
        level, move = level + K0[kinds.of] * v, move + K1[kinds.of] * v
        lost = np.where(seen, F, 0.0)
        P00, P01, P11 = P00 - lost * K0 * K0, P01 - lost * K0 * K1, P11 - lost * K1 * K1
        innovation[here, t] = v[here]
        count = kinds.count * seen
        total -= 0.5 * float(count @ np.log(2 * np.pi * F) + (v**2) @ (1 / F)[kinds.of])
    P = np.stack([P00, P01, P01, P11], axis=1).reshape(G, 2, 2)
    return total, np.column_stack([level, move]), P[kinds.of], innovation


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Units by which figures are missing: (J, T) what is there; (G, T) patterns, (G,) how many units, (J,) of which.

    ``products`` (G, T, T) are the sums of cross-products of their figures.
    """

    here: BoolArray
    seen: BoolArray
    count: FloatArray
    of: NDArray[np.int64]
    products: FloatArray


def _likelihood(lasting: float, moving: float, noise: float, carry: float, kinds: _Kinds) -> float:
    """Log-likelihood as the filter gives it, from the joint normal density of each pattern of missing figures."""
    T = kinds.seen.shape[1]
    apart = np.abs(np.subtract.outer(np.arange(T), np.arange(T)))
    whole = lasting + moving / (1 - carry**2) * carry**apart + noise * np.eye(T)
    both = kinds.seen[:, :, None] & kinds.seen[:, None, :]
    # A missing figure stands apart with variance 1, which adds nothing.
    V = np.where(both, whole, np.eye(T))
    _, size = np.linalg.slogdet(V)
    square = np.einsum("gij,gij->g", np.linalg.inv(V), kinds.products)
    n = float(kinds.count @ kinds.seen.sum(axis=1))
    return -0.5 * (n * math.log(2 * math.pi) + float(kinds.count @ size + square.sum()))


def _kinds(y: FloatArray) -> _Kinds:
    here = np.isfinite(y)
    seen, of, count = np.unique(here, axis=0, return_inverse=True, return_counts=True)
    filled = np.where(here, y, 0.0)
    products = np.array([filled[of.ravel() == g].T @ filled[of.ravel() == g] for g in range(len(seen))])
    return _Kinds(here, seen, count.astype(np.float64), of.ravel(), products)


def _root(P: FloatArray) -> FloatArray:
    values, vectors = np.linalg.eigh(P)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))
