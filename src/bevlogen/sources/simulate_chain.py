"""The true chain of a simulated organisation: how units differ, how they move, and what each link then is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

FACET_NODES = tuple(
    f"employership.{facet}" for facet in ("autonomy", "support", "leadership", "recognition", "workload")
)
EMPLOYEE_NODES = (*FACET_NODES, "engagement", "control", "initiative", "burnout")
ENCOUNTER_NODES = (
    "craftsmanship",
    "conduct",
    "customer_conduct",
    "interaction_quality",
    "service_quality",
    "loyalty",
)
RECORD_NODES = ("absence", "turnover", "performance", "use", "retention", "acquisition", "return")
# "climate" is hidden: it makes the facets of employership go together.
NODES = ("climate", *EMPLOYEE_NODES, *ENCOUNTER_NODES, *RECORD_NODES)
INDEX = {node: i for i, node in enumerate(NODES)}

LASTING = 0.65  # of the variance of a true unit score within a period, the part that stays; the rest moves
CARRY_OVER = 0.35  # of a unit's deviation from its own level, the part that is still there one wave later


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow of the generator, in SD of true unit scores.

    ``between`` works on the lasting level of units, ``within`` on their deviation in the same wave, ``lagged`` on the
    deviation one wave later. ``co_creation`` is added to ``between`` and ``within`` times (co-creation - 0.5).
    """

    cause: str
    outcome: str
    between: float
    within: float
    lagged: float
    co_creation: float = 0.0


_CLIMATE = tuple(Arrow("climate", facet, -0.5 if "workload" in facet else 0.6, 0.0, 0.0) for facet in FACET_NODES)
PATHS: tuple[Arrow, ...] = (
    *(replace(path, within=path.between) for path in _CLIMATE),
    Arrow("employership.autonomy", "engagement", 0.22, 0.12, 0.10),
    Arrow("employership.support", "engagement", 0.12, 0.06, 0.05),
    Arrow("employership.leadership", "engagement", 0.22, 0.12, 0.10),
    Arrow("employership.recognition", "engagement", 0.12, 0.06, 0.05),
    Arrow("employership.workload", "engagement", -0.12, -0.06, -0.05),
    Arrow("loyalty", "engagement", 0.0, 0.0, 0.06),
    Arrow("engagement", "control", 0.30, 0.20, 0.05),
    Arrow("employership.autonomy", "control", 0.20, 0.10, 0.0),
    Arrow("engagement", "initiative", 0.35, 0.20, 0.05),
    Arrow("engagement", "burnout", -0.35, -0.20, -0.05),
    Arrow("employership.workload", "burnout", 0.25, 0.15, 0.0),
    Arrow("employership.leadership", "craftsmanship", 0.10, 0.0, 0.0),
    Arrow("engagement", "conduct", 0.35, 0.20, 0.08),
    Arrow("conduct", "customer_conduct", 0.30, 0.20, 0.05),
    Arrow("customer_conduct", "conduct", 0.0, 0.0, 0.05),
    Arrow("craftsmanship", "interaction_quality", 0.40, 0.30, 0.0),
    Arrow("conduct", "interaction_quality", 0.40, 0.30, 0.0, co_creation=0.35),
    Arrow("engagement", "interaction_quality", 0.10, 0.05, 0.05),
    Arrow("interaction_quality", "service_quality", 0.70, 0.50, 0.0),
    Arrow("craftsmanship", "service_quality", 0.10, 0.10, 0.0),
    Arrow("interaction_quality", "loyalty", 0.35, 0.30, 0.05),
    Arrow("service_quality", "loyalty", 0.30, 0.30, 0.05),
    Arrow("engagement", "loyalty", 0.12, 0.05, 0.05),
    Arrow("engagement", "absence", -0.50, -0.20, -0.12),
    Arrow("engagement", "turnover", -0.35, -0.10, -0.10),
    Arrow("engagement", "performance", 0.30, 0.15, 0.10),
    Arrow("loyalty", "use", 0.20, 0.10, 0.10),
    Arrow("loyalty", "retention", 0.45, 0.20, 0.20),
    Arrow("loyalty", "acquisition", 0.30, 0.10, 0.15),
    Arrow("loyalty", "return", 0.25, 0.10, 0.10),
    Arrow("use", "return", 0.45, 0.35, 0.10),
)


def changed(paths: Sequence[Arrow], *new: Arrow) -> tuple[Arrow, ...]:
    """Return the paths with ``new`` in the place of the arrows between the same nodes."""
    ends = {(p.cause, p.outcome) for p in new}
    return (*(p for p in paths if (p.cause, p.outcome) not in ends), *new)


def without(paths: Sequence[Arrow], cause: str, outcome: str) -> tuple[Arrow, ...]:
    """Return the paths less the arrow from ``cause`` to ``outcome``."""
    return tuple(p for p in paths if (p.cause, p.outcome) != (cause, outcome))


@dataclass(frozen=True, slots=True)
class System:
    """The linear chain of the K nodes in one service; every node has variance 1 over units within a period.

    ``W_t = phi W_(t-1) + mix_within e_t`` for deviations, ``B = mix_between e`` for lasting levels, e standard normal.

    Attributes
    ----------
    between : (K, K) covariance of lasting levels.
    within : (K, K) stationary covariance of deviations.
    phi, mix_within, mix_between : (K, K) as above.
    """

    between: FloatArray
    within: FloatArray
    phi: FloatArray
    mix_within: FloatArray
    mix_between: FloatArray

    def draw(self, units: int, waves: int, rng: np.random.Generator) -> FloatArray:
        """Draw latent unit scores, (units, waves, K), mean 0 and SD 1 within a period; starts in the steady state."""
        nodes = len(NODES)
        level = rng.standard_normal((units, nodes)) @ self.mix_between.T
        deviation = rng.standard_normal((units, nodes)) @ np.linalg.cholesky(self.within).T
        out = np.empty((units, waves, nodes))
        for wave in range(waves):
            out[:, wave] = level + deviation
            deviation = deviation @ self.phi.T + rng.standard_normal((units, nodes)) @ self.mix_within.T
        return out

    def mean_over(self, waves: int) -> FloatArray:
        """Covariance of the mean deviation over ``waves`` waves, (K, K)."""
        total = waves * self.within
        step = self.within
        for lag in range(1, waves):
            step = self.phi @ step
            total = total + (waves - lag) * (step + step.T)
        return total / waves**2


def solve(paths: Sequence[Arrow], co_creation: float, lasting: float = LASTING) -> System:
    """Work out the system of one service: residual variances are set so that every node has variance 1.

    Parameters
    ----------
    paths : arrows without cycles within a wave.
    co_creation : degree of co-creation, 0 to 1.
    lasting : share of the variance within a period that is the lasting level, 0 to 1.
    """
    nodes = len(NODES)
    between, within, lagged = (np.zeros((nodes, nodes)) for _ in range(3))
    for path in paths:
        at = (INDEX[path.outcome], INDEX[path.cause])
        extra = path.co_creation * (co_creation - 0.5)
        between[at], within[at], lagged[at] = path.between + extra, path.within + extra, path.lagged
    lagged += CARRY_OVER * np.eye(nodes)
    mix_between = _mix(between, None, lasting)
    now = np.linalg.inv(np.eye(nodes) - within)
    phi = now @ lagged
    mix_within = _mix(within, phi, 1 - lasting)
    return System(mix_between @ mix_between.T, _steady(phi, mix_within), phi, mix_within, mix_between)


def _mix(paths: FloatArray, phi: FloatArray | None, variance: float) -> FloatArray:
    """Return (I - paths)^-1 sqrt(d) with residual variances d such that every node ends with ``variance``."""
    now = np.linalg.inv(np.eye(len(paths)) - paths)
    weight, step = now**2, now
    if phi is not None:
        for _ in range(200):
            step = phi @ step
            weight = weight + step**2
    residual = np.linalg.solve(weight, np.full(len(paths), variance))
    return np.asarray(now * np.sqrt(residual))


def _steady(phi: FloatArray, mix: FloatArray) -> FloatArray:
    """Covariance of the stationary process, by summing its moving-average form (it dies out like 0.5^200)."""
    total, step = mix @ mix.T, mix
    for _ in range(200):
        step = phi @ step
        total = total + step @ step.T
    return np.asarray(total)


def correlation(paths: Sequence[Arrow], co_creation: float, nodes: Sequence[str]) -> FloatArray:
    """Correlation of ``nodes`` that the lasting-level arrows among them imply, (n, n), each with variance 1."""
    keep = set(nodes) | {"climate"}
    system = solve([p for p in paths if p.cause in keep and p.outcome in keep], co_creation)
    at = [INDEX[node] for node in nodes]
    return system.between[np.ix_(at, at)] / LASTING


@dataclass(frozen=True, slots=True)
class Loading:
    """How a score or figure rests on the latent nodes: ``score = weights @ node + noise``, on its own scale.

    ``noise`` is the variance of chance in the figure that is fresh in each wave (0 for true scores).
    """

    weights: FloatArray
    noise: float = 0.0


@dataclass(frozen=True, slots=True)
class Service:
    """The truth of one service: its share of the units, its system, and the loading of every variable."""

    share: float
    system: System
    loadings: Mapping[str, Loading]


@dataclass(frozen=True, slots=True)
class TrueLink:
    """A link as it truly is, bivariate (paths through other constructs included), pooled over services.

    ``between`` is the slope over unit means of all waves, ``within`` that over deviations from them in the same wave,
    ``lagged`` the coefficient of the cause one wave earlier, the outcome of that wave held constant, over units and
    waves; ``lagged_within`` the same over deviations from the lasting level. Standardised: times SD of cause / SD of
    outcome over units within a period. ``raw_*``: on the scales as measured. ``sd_cause``, ``sd_outcome``: those SDs.
    """

    cause: str
    outcome: str
    between: float
    within: float
    lagged: float
    lagged_within: float
    raw_between: float
    raw_within: float
    raw_lagged: float
    sd_cause: float
    sd_outcome: float


def true_link(cause: str, outcome: str, services: Sequence[Service], waves: int) -> TrueLink:
    """Work out a link from the covariances of the chain.

    Notes
    -----
    With B the covariance of lasting levels, G(h) that of deviations h waves apart and V the covariance of the mean
    deviation over T waves: between = x'(B+V)y / x'(B+V)x, within = x'(G(0)-V)y / x'(G(0)-V)x, x and y the loadings.
    Chance in a figure of record adds noise/T to the first variance and noise (1-1/T) to the second. Own derivation.
    """
    slopes = np.zeros(4)  # covariance and variance between units, then within
    total, moving = np.zeros((2, 2, 2)), np.zeros((2, 2, 2))  # of (cause, outcome): in one wave, and with the next
    for service in services:
        x, y = service.loadings[cause], service.loadings[outcome]
        system, both = service.system, np.stack([x.weights, y.weights])
        mean = system.mean_over(waves)
        between = both @ (system.between + mean) @ both.T
        within = both @ (system.within - mean) @ both.T
        slopes += service.share * np.array(
            [between[0, 1], between[0, 0] + x.noise / waves, within[0, 1], within[0, 0] + x.noise * (1 - 1 / waves)]
        )
        lasting = both @ system.between @ both.T
        now = both @ system.within @ both.T + np.diag([x.noise, y.noise])
        later = both @ (system.phi @ system.within) @ both.T
        moving += service.share * np.stack([now, later])
        total += service.share * np.stack([lasting + now, lasting + later])
    sd_cause, sd_outcome = np.sqrt(np.diag(total[0]))
    raw = {"between": slopes[0] / slopes[1], "within": np.nan, "lagged": np.nan, "lagged_within": np.nan}
    if waves > 1:
        raw["within"] = slopes[2] / slopes[3]
        raw["lagged"], raw["lagged_within"] = (np.linalg.solve(now, later[1])[0] for now, later in (total, moving))
    return TrueLink(
        cause,
        outcome,
        **{name: float(slope * sd_cause / sd_outcome) for name, slope in raw.items()},
        raw_between=float(raw["between"]),
        raw_within=float(raw["within"]),
        raw_lagged=float(raw["lagged"]),
        sd_cause=float(sd_cause),
        sd_outcome=float(sd_outcome),
    )
