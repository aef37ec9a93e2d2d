"""Do the intervals of the links mean what they say? Units with known truth, through the estimators of a link."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bevlogen.errors import NotEstimableError
from bevlogen.models import panel

FloatArray = NDArray[np.float64]
Noise = Callable[[np.random.Generator, tuple[int, ...]], FloatArray]
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
    stability: float = 0.0  # share of a person's deviation from the team that lasts, the team staying the same
    told: bool = False  # whether the estimators are told that the same people answer each time


@dataclass(frozen=True, slots=True)
class Tally:
    """What a design did over the runs of one cell; rates are shares of the runs that gave an estimate.

    ``error`` is the Monte Carlo standard error of ``coverage``; ``bias`` the median estimate minus the truth; ``width``
    the median width of the 95% interval.
    """

    setting: Setting
    design: str
    runs: int
    estimated: int
    coverage: float
    error: float
    supported: float
    contradicted: float
    negligible: float
    bias: float
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
    return {
        "cross-sectional": effect / total,
        "within": effect / total,
        "lagged": float(np.linalg.solve(S, c)[1] / total),
    }


def draw(setting: Setting, rng: np.random.Generator) -> panel.Pair:
    """Draw an organisation: latent scores, answers of people, cell means, and their estimated sampling errors."""
    J, T, effect = setting.units, setting.waves, EFFECTS[setting.effect]
    noise = _skewed if setting.shape == "skewed" else _normal
    x = np.sqrt(STABLE) * noise(rng, (J, 1)) + np.sqrt(1 - STABLE) * _carried(rng, noise, J, T)
    rest = np.sqrt(1 - effect**2)
    y = effect * x + rest * (np.sqrt(0.6) * noise(rng, (J, 1)) + np.sqrt(0.4) * _carried(rng, noise, J, T))
    (X, vx), (Y, vy) = (
        _answers(rng, noise, score, icc, size, setting.stability)
        for score, icc, size in ((x, 0.12, 14.0), (y, 0.06, 40.0))
    )
    nothing = np.empty((J, T, 0))
    return panel.Pair(X, Y, vx, vy, np.zeros((J, T)), np.zeros(J, dtype=np.int64), nothing, setting.told)


def _normal(rng: np.random.Generator, size: tuple[int, ...]) -> FloatArray:
    return rng.standard_normal(size)


def _skewed(rng: np.random.Generator, size: tuple[int, ...]) -> FloatArray:
    """Gamma of shape 2, mean 0, variance 1: skewness 1.4."""
    return np.asarray((rng.gamma(2.0, size=size) - 2) / np.sqrt(2))


def _carried(rng: np.random.Generator, noise: Noise, J: int, T: int) -> FloatArray:
    out = np.empty((J, T))
    out[:, 0] = noise(rng, (J,))
    for t in range(1, T):
        out[:, t] = CARRY * out[:, t - 1] + np.sqrt(1 - CARRY**2) * noise(rng, (J,))
    return out


def _answers(
    rng: np.random.Generator, noise: Noise, score: FloatArray, icc: float, size: float, stability: float
) -> tuple[FloatArray, FloatArray]:
    """Means over those of a fixed team who answer (7 in 10 each time), and a tenth of the cells empty.

    Lasting deviations of persons have mean 0 over their team, as in ``bevlogen.sources.simulate``: the true score of a
    unit is that of those who are in it.
    """
    J, T = score.shape
    people = np.clip(rng.poisson(size, J), 4, None)
    team = np.repeat(np.arange(J), people)
    lasting = noise(rng, (len(team),))
    lasting -= (np.bincount(team, lasting) / people)[team]
    person = np.sqrt((1 - icc) / icc)
    mean, n, squares = np.empty((J, T)), np.empty((J, T)), 0.0
    for t in range(T):
        answered = rng.random(len(team)) < 0.7
        first = np.flatnonzero(np.r_[True, team[1:] != team[:-1]])
        answered[np.r_[first, first + 1]] = True
        unit = team[answered]
        deviation = np.sqrt(1 - stability) * noise(rng, (len(unit),)) + np.sqrt(stability) * lasting[answered]
        n[:, t] = np.bincount(unit, minlength=J)
        mean[:, t] = np.bincount(unit, deviation, J) / n[:, t]
        squares += float(np.sum((deviation - mean[unit, t]) ** 2))
    observed = score + person * mean
    observed[rng.random(score.shape) < 0.1] = np.nan
    return observed, person**2 * squares / (n.sum() - n.size) / n


def tally(setting: Setting, runs: int, seed: int) -> list[Tally]:
    """Run one cell of the study."""
    rng = generator(setting, seed)
    found: dict[str, list[panel.Slope]] = {"cross-sectional": [], "within": [], "lagged": []}
    for _ in range(runs):
        for design, slope in slopes(draw(setting, rng)).items():
            found[design].append(slope)
    truth = truths(EFFECTS[setting.effect])
    designs = list(found) if setting.waves > 1 else ["cross-sectional"]
    return [_tallied(setting, design, found[design], runs, truth[design]) for design in designs]


def generator(setting: Setting, seed: int) -> np.random.Generator:
    """Random numbers of a cell, the same whatever else is run."""
    at = [list(EFFECTS).index(setting.effect), setting.shape == "skewed", round(100 * setting.stability)]
    return np.random.default_rng([seed, setting.units, setting.waves, *map(int, at)])


def slopes(pair: panel.Pair) -> dict[str, panel.Slope]:
    """The slopes that are not refused, by design."""
    out: dict[str, panel.Slope | NotEstimableError | None] = {}
    with contextlib.suppress(NotEstimableError):
        out["cross-sectional"], out["within"] = panel.between_within(pair)
    with contextlib.suppress(NotEstimableError):
        out["lagged"] = panel.lagged(pair)
    return {design: slope for design, slope in out.items() if isinstance(slope, panel.Slope)}


def _tallied(setting: Setting, design: str, found: list[panel.Slope], runs: int, truth: float) -> Tally:
    if not found:
        return Tally(setting, design, runs, 0, *[np.nan] * 7)
    low, high = np.array([s.limits(float(special.stdtrit(s.df, 0.975))) for s in found]).T
    low90, high90 = np.array([s.limits(float(special.stdtrit(s.df, 0.95))) for s in found]).T
    negligible = (low90 > -SMALLEST) & (high90 < SMALLEST)
    coverage = float(np.mean((low <= truth) & (truth <= high)))
    return Tally(
        setting,
        design,
        runs,
        len(found),
        coverage,
        float(np.sqrt(max(coverage * (1 - coverage), 0.95 * 0.05) / len(found))),
        float(np.mean((low > 0) & ~negligible)),
        float(np.mean((high < 0) & ~negligible)),
        float(np.mean(negligible)),
        float(np.median([s.estimate for s in found]) - truth),
        float(np.median(high - low)),
    )
