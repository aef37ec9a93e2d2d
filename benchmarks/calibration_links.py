"""Do the intervals of the links mean what they say? Simulated units with known truth, through the estimators of a link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bevlogen.errors import NotEstimableError
from bevlogen.models import panel

FloatArray = NDArray[np.float64]
Shape = Literal["normal", "skewed"]
EFFECTS = {"none": 0.0, "weak": 0.1, "medium": 0.3}
STABLE, CARRY = 0.6, 0.5  # share of the variance of unit scores that lasts; autocorrelation of the rest
SMALLEST = 0.10


@dataclass(frozen=True, slots=True)
class Setting:
    """One cell of the study."""

    units: int
    waves: int
    effect: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Tally:
    """What a design did over the runs of one cell; rates are shares of the runs that gave an estimate."""

    runs: int
    estimated: int
    coverage: float
    supported: float
    contradicted: float
    negligible: float
    bias: float
    spread: float
    width: float


def truths(effect: float) -> dict[str, float]:
    """Population values of the three standardised slopes."""
    # x = s + w, y = effect (s + w) + v + z; variances: s STABLE, w 1 - STABLE, v .6 (1 - effect^2), z the rest
    rest = 1 - effect**2
    total = np.sqrt(effect**2 + rest)
    lag = STABLE + CARRY * (1 - STABLE)  # cov(x_t, x_t-1)
    own = 0.6 * rest + CARRY * 0.4 * rest  # cov of y's own part over one period
    # y_t on (y_t-1, x_t-1): covariances of the latent scores
    S = np.array([[effect**2 + rest, effect], [effect, 1.0]])
    c = np.array([effect**2 * lag + own, effect * lag])
    return {"cross-sectional": effect / total, "within": effect / total, "lagged": float(np.linalg.solve(S, c)[1] / total)}


def draw(setting: Setting, rng: np.random.Generator) -> panel.Pair:
    """Draw an organisation: latent scores, answers of people, cell means, and their estimated sampling errors."""
    J, T, effect = setting.units, setting.waves, EFFECTS[setting.effect]
    noise = _skewed if setting.shape == "skewed" else _normal
    x = np.sqrt(STABLE) * noise(rng, (J, 1)) + np.sqrt(1 - STABLE) * _carried(rng, noise, J, T)
    rest = np.sqrt(1 - effect**2)
    y = effect * x + rest * (np.sqrt(0.6) * noise(rng, (J, 1)) + np.sqrt(0.4) * _carried(rng, noise, J, T))
    (X, vx), (Y, vy) = (_answers(rng, noise, score, icc, size) for score, icc, size in ((x, 0.12, 14.0), (y, 0.06, 40.0)))
    nothing = np.empty((J, T, 0))
    return panel.Pair(X, Y, vx, vy, np.zeros((J, T)), np.zeros(J, dtype=np.int64), nothing)


def _normal(rng: np.random.Generator, size: tuple[int, ...]) -> FloatArray:
    return rng.standard_normal(size)


def _skewed(rng: np.random.Generator, size: tuple[int, ...]) -> FloatArray:
    """Gamma of shape 2, mean 0, variance 1: skewness 1.4."""
    return np.asarray((rng.gamma(2.0, size=size) - 2) / np.sqrt(2))


def _carried(rng: np.random.Generator, noise: object, J: int, T: int) -> FloatArray:
    assert callable(noise)
    out = np.empty((J, T))
    out[:, 0] = noise(rng, (J,))
    for t in range(1, T):
        out[:, t] = CARRY * out[:, t - 1] + np.sqrt(1 - CARRY**2) * noise(rng, (J,))
    return out


def _answers(
    rng: np.random.Generator, noise: object, score: FloatArray, icc: float, size: float
) -> tuple[FloatArray, FloatArray]:
    """Means over a varying number of people, 30 % of whom do not answer, and a tenth of the cells empty."""
    assert callable(noise)
    n = np.clip(rng.binomial(np.clip(rng.poisson(size, score.shape), 4, None), 0.7), 2, None)
    person = np.sqrt((1 - icc) / icc)
    deviations = person * noise(rng, (int(n.sum()),))
    cell = np.repeat(np.arange(n.size), n.ravel())
    mean = np.bincount(cell, deviations) / n.ravel()
    within = (np.bincount(cell, deviations**2) - n.ravel() * mean**2).sum() / (n.sum() - n.size)
    observed = score + mean.reshape(score.shape)
    observed[rng.random(score.shape) < 0.1] = np.nan
    return observed, within / n


def tally(setting: Setting, runs: int, seed: int) -> dict[str, Tally]:
    """Run one cell of the study."""
    rng = np.random.default_rng([seed, setting.units, setting.waves, len(setting.effect), len(setting.shape)])
    found: dict[str, list[panel.Slope]] = {"cross-sectional": [], "within": [], "lagged": []}
    for _ in range(runs):
        pair = draw(setting, rng)
        for design, slope in _slopes(pair).items():
            if isinstance(slope, panel.Slope):
                found[design].append(slope)
    truth = truths(EFFECTS[setting.effect])
    return {design: _tallied(slopes, runs, truth[design]) for design, slopes in found.items() if slopes}


def _slopes(pair: panel.Pair) -> dict[str, panel.Slope | NotEstimableError | None]:
    out: dict[str, panel.Slope | NotEstimableError | None] = {}
    try:
        out["cross-sectional"], out["within"] = panel.between_within(pair)
        out["lagged"] = panel.lagged(pair)
    except NotEstimableError:
        return out
    return out


def _tallied(slopes: list[panel.Slope], runs: int, truth: float) -> Tally:
    estimate = np.array([s.estimate for s in slopes])
    se = np.array([s.std_error for s in slopes])
    df = np.array([s.df for s in slopes])
    wide, narrow = special.stdtrit(df, 0.975) * se, special.stdtrit(df, 0.95) * se
    negligible = (estimate - narrow > -SMALLEST) & (estimate + narrow < SMALLEST)
    return Tally(
        runs,
        len(slopes),
        float(np.mean(np.abs(estimate - truth) <= wide)),
        float(np.mean((estimate > wide) & ~negligible)),
        float(np.mean((estimate < -wide) & ~negligible)),
        float(np.mean(negligible)),
        float(np.mean(estimate) - truth),
        float(np.std(estimate)),
        float(np.median(2 * wide)),
    )
