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
SETTLED = 30  # waves before the first one, so that nothing of the start is left
DESIGNS = ("cross-sectional", "within", "lagged")
PARTS: tuple[str, ...] = (
    "estimate",
    "low",
    "high",
    "low90",
    "high90",
    "df",
    "reliability",
    "numerator",
    "denominator",
    "var_residual",
)
PARTS += ("covariance", "var_noise")


@dataclass(frozen=True, slots=True)
class Setting:
    """One cell of the study."""

    units: int
    waves: int
    effect: str
    shape: Shape
    stability: float = 0.0  # share of a person's deviation from the team that lasts, the team staying the same
    told: bool = False  # whether the estimators are told that the same people answer each time
    later: bool = False  # whether the effect comes one wave later, instead of at once
    exact: bool = False  # figures of record on both sides, without sampling error

    @property
    def name(self) -> str:
        """Name of the file that keeps the runs of this cell."""
        lasting = f"-{self.stability:.1f}{'t' if self.told else 'f'}" if self.stability or self.told else ""
        kind = "later-" if self.later else "exact-" if self.exact else ""
        return f"{kind}{self.units}-{self.waves}-{self.effect}-{self.shape}{lasting}"


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


def truths(setting: Setting) -> dict[str, float]:
    """Population values of the standardised slopes; of the lagged one alone where the effect comes a wave later."""
    effect = EFFECTS[setting.effect]
    if setting.later:
        return {"lagged": effect}
    # x = s + w, y = effect (s + w) + v + z; variances: s STABLE, w 1 - STABLE, v .6 (1 - effect^2), z the rest
    rest = 1 - effect**2
    lag = STABLE + CARRY * (1 - STABLE)  # cov(x_t, x_t-1)
    own = 0.6 * rest + CARRY * 0.4 * rest  # cov of y's own part over one period
    # y_t on (y_t-1, x_t-1): covariances of the latent scores
    S = np.array([[1.0, effect], [effect, 1.0]])
    c = np.array([effect**2 * lag + own, effect * lag])
    return {"cross-sectional": effect, "within": effect, "lagged": float(np.linalg.solve(S, c)[1])}


def truths_of_designs(setting: Setting) -> dict[str, float]:
    """Population values of all standardised slopes, also where the effect comes a wave later (no cell missing)."""
    if not setting.later:
        return truths(setting)
    at = np.arange(setting.waves)
    apart = at[:, None] - at
    x = _kept(apart)
    xy = EFFECTS[setting.effect] * np.sum([CARRY**j * _kept(apart - 1 - j) for j in range(SETTLED)], axis=0)
    means, changes = xy.mean() / x.mean(), (np.trace(xy) - xy.sum() / len(at)) / (np.trace(x) - x.sum() / len(at))
    return {"cross-sectional": float(means), "within": float(changes), **truths(setting)}


def _kept(apart: NDArray[np.int64]) -> FloatArray:
    """Covariance of the cause with itself so many waves apart."""
    return np.asarray(STABLE + (1 - STABLE) * CARRY ** np.abs(apart))


def draw(setting: Setting, rng: np.random.Generator) -> panel.Pair:
    """Draw an organisation: latent scores, answers of people, cell means, and their estimated sampling errors."""
    noise = _noise(setting)
    x, y = np.moveaxis(scores(setting, rng), 2, 0)
    J, T = x.shape
    none, group, nothing = np.zeros((J, T)), np.zeros(J, dtype=np.int64), np.empty((J, T, 0))
    if setting.exact:
        return panel.Pair(x, y, none, none, none, group, nothing)
    (X, vx), (Y, vy) = (
        _answers(rng, noise, score, icc, size, setting.stability)
        for score, icc, size in ((x, 0.12, 14.0), (y, 0.06, 40.0))
    )
    return panel.Pair(X, Y, vx, vy, none, group, nothing, setting.told)


def scores(setting: Setting, rng: np.random.Generator, outcomes: int = 1) -> FloatArray:
    """Latent scores of a cause and its outcomes, (J, T, 1 + outcomes)."""
    course = _later if setting.later else _at_once
    return np.stack(course(setting, rng, _noise(setting), outcomes), axis=2)


def _noise(setting: Setting) -> Noise:
    return _skewed if setting.shape == "skewed" else _normal


def _at_once(setting: Setting, rng: np.random.Generator, noise: Noise, outcomes: int) -> list[FloatArray]:
    J, T, effect = setting.units, setting.waves, EFFECTS[setting.effect]
    x = np.sqrt(STABLE) * noise(rng, (J, 1)) + np.sqrt(1 - STABLE) * _carried(rng, noise, J, T)
    rest = np.sqrt(1 - effect**2)
    return [x] + [
        effect * x + rest * (np.sqrt(0.6) * noise(rng, (J, 1)) + np.sqrt(0.4) * _carried(rng, noise, J, T))
        for _ in range(outcomes)
    ]


def _later(setting: Setting, rng: np.random.Generator, noise: Noise, outcomes: int) -> list[FloatArray]:
    """y_t = CARRY y_t-1 + effect x_t-1 + e_t, long settled; e so large that y has variance 1."""
    J, T, effect = setting.units, setting.waves, EFFECTS[setting.effect]
    x = np.sqrt(STABLE) * noise(rng, (J, 1)) + np.sqrt(1 - STABLE) * _carried(rng, noise, J, SETTLED + T)
    from_x = np.zeros((J, SETTLED + T))
    for t in range(1, SETTLED + T):
        from_x[:, t] = CARRY * from_x[:, t - 1] + effect * x[:, t - 1]
    # variance of sum CARRY^j x_t-1-j: the lasting part, then the part that carries over
    lasting, passing = STABLE / (1 - CARRY) ** 2, (1 - STABLE) * (1 + CARRY**2) / ((1 - CARRY**2) ** 2)
    rest = np.sqrt(1 - effect**2 * (lasting + passing))
    return [x[:, SETTLED:]] + [from_x[:, SETTLED:] + rest * _carried(rng, noise, J, T) for _ in range(outcomes)]


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


def run(setting: Setting, runs: int, seed: int) -> FloatArray:
    """Run one cell: (runs, 3 designs, parts of an estimate as in ``PARTS``), NaN where the link is refused."""
    rng = generator(setting, seed)
    out = np.full((runs, len(DESIGNS), len(PARTS)), np.nan)
    for k in range(runs):
        for design, slope in slopes(draw(setting, rng), only=("lagged",) if setting.later else DESIGNS).items():
            out[k, DESIGNS.index(design)] = _parts(slope)
    return out


def generator(setting: Setting, seed: int) -> np.random.Generator:
    """Random numbers of a cell, the same whatever else is run."""
    at = [list(EFFECTS).index(setting.effect), setting.shape == "skewed", round(100 * setting.stability), setting.later]
    return np.random.default_rng([seed, setting.units, setting.waves, *map(int, at)])


def slopes(pair: panel.Pair, only: tuple[str, ...] = DESIGNS) -> dict[str, panel.Slope]:
    """The slopes that are not refused, by design."""
    out: dict[str, panel.Slope | NotEstimableError | None] = {}
    if "within" in only:
        with contextlib.suppress(NotEstimableError):
            out["cross-sectional"], out["within"] = panel.between_within(pair)
    with contextlib.suppress(NotEstimableError):
        out["lagged"] = panel.lagged(pair)
    return {design: slope for design, slope in out.items() if isinstance(slope, panel.Slope)}


def _parts(slope: panel.Slope) -> list[float]:
    ratio = slope.standardised
    return [
        slope.estimate,
        *slope.limits(float(special.stdtrit(slope.df, 0.975))),
        *slope.limits(float(special.stdtrit(slope.df, 0.95))),
        slope.df,
        slope.reliability,
        ratio.numerator,
        ratio.denominator,
        ratio.var_residual,
        ratio.covariance,
        ratio.var_noise,
    ]


def tally(setting: Setting, found: FloatArray) -> list[Tally]:
    """Count what the runs of a cell came to, per design."""
    truth = truths(setting)
    designs = list(truth) if setting.waves > 1 else ["cross-sectional"]
    return [_tallied(setting, design, found[:, DESIGNS.index(design)], truth[design]) for design in designs]


def _tallied(setting: Setting, design: str, found: FloatArray, truth: float) -> Tally:
    usable = found[np.isfinite(found[:, 0])]
    if not len(usable):
        return Tally(setting, design, len(found), 0, *[np.nan] * 7)
    estimate, low, high, low90, high90 = usable[:, :5].T
    negligible = (low90 > -SMALLEST) & (high90 < SMALLEST)
    coverage = float(np.mean((low <= truth) & (truth <= high)))
    return Tally(
        setting,
        design,
        len(found),
        len(usable),
        coverage,
        float(np.sqrt(max(coverage * (1 - coverage), 0.95 * 0.05) / len(usable))),
        float(np.mean((low > 0) & ~negligible)),
        float(np.mean((high < 0) & ~negligible)),
        float(np.mean(negligible)),
        float(np.median(estimate) - truth),
        float(np.median(high - low)),
    )
