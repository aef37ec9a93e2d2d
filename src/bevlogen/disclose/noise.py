"""Means for open publication, under differential privacy: noise that hides any one person, and a budget that runs out.

Not for teams. A mean of 8 answers would need noise larger than teams differ; there thresholds, rounding
and attack serve. Needs OpenDP, which adds noise that floating-point arithmetic does not give away.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bevlogen.core.released import AnswerScale
from bevlogen.errors import BevlogenError

FEWEST = 300


class NoiseError(BevlogenError):
    """A mean cannot be published under differential privacy."""

    def __init__(self, found: str, mend: str) -> None:
        super().__init__(f"{found}. {mend}")


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be told of any one person over all publications (epsilon), and what was spent, with its purpose."""

    total: float
    spent: tuple[tuple[str, float], ...] = ()

    @property
    def left(self) -> float:
        """What remains to be spent."""
        return self.total - math.fsum(epsilon for _, epsilon in self.spent)


@dataclass(frozen=True, slots=True)
class NoisyMean:
    """A published mean: with Laplace noise, rounded; half of its 95% interval for the noise alone; the budget after."""

    mean: float
    half: float
    budget: Budget


def noisy_mean(
    mean: float,
    n: float,
    scale: AnswerScale,
    epsilon: float,
    budget: Budget,
    purpose: str,
    *,
    draw: Callable[[float, float], float] | None = None,
) -> NoisyMean:
    """Publish the mean of a large group with epsilon-differential privacy.

    Parameters
    ----------
    mean : exact, over n respondents, each answering once.
    n : respondents; at least 300. The number itself is taken to be public.
    scale : ends of one answer.
    epsilon : spent on this mean; above 0.
    budget : so far; sums over all publications about the same people, also in later years.
    purpose : what the mean is about, for the budget.
    draw : (mean, noise scale) to the mean with noise; OpenDP's Laplace mechanism by default.

    Raises
    ------
    NoiseError
        Fewer than 300 respondents, a mean off its scale, epsilon not above 0 or beyond the budget, or OpenDP not
        installed.

    Notes
    -----
    One answer changes the mean by at most (high - low) / n; noise is Laplace with that over epsilon as its scale b. The
    interval of the noise is b ln 20 on either side. Sequential composition: epsilons add up.

    References
    ----------
    Dwork, C. & Roth, A. (2014). doi:10.1561/0400000042, theorems 3.6 and 3.16. METHODS §3.11.
    """
    if not n >= FEWEST:
        raise NoiseError(
            f"This group has {n:g} respondents", f"Differential privacy is for {FEWEST} or more, not for teams."
        )
    if not scale.low <= mean <= scale.high:
        raise NoiseError("The mean lies off its scale", "Check the ends of the scale.")
    if not 0 < epsilon <= budget.left * (1 + 1e-12):
        mend = f"Give an epsilon above 0 and at most {max(budget.left, 0):g}; a spent budget is spent."
        raise NoiseError(f"An epsilon of {epsilon:g} cannot be spent", mend)
    b = scale.width / n / epsilon
    places = max(0, math.ceil(-math.log10(b)))
    shown = min(max((draw or _laplace)(mean, b), scale.low), scale.high)
    after = replace(budget, spent=(*budget.spent, (purpose, epsilon)))
    return NoisyMean(round(shown, places), round(b * math.log(20), places + 1), after)


def _laplace(mean: float, b: float) -> float:
    try:
        dp: Any = importlib.import_module("opendp.prelude")
    except ModuleNotFoundError as missing:
        raise NoiseError("OpenDP is not installed", "Install it: pip install bevlogen[open]") from missing
    dp.enable_features("contrib")
    mechanism = dp.m.make_laplace(dp.atom_domain(T=float, nan=False), dp.absolute_distance(T=float), scale=b)
    return float(mechanism(mean))
