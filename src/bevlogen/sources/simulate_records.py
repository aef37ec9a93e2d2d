"""The figures of record of a simulated organisation: people, capacity and the right to exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.sources.simulate_chain import INDEX
from bevlogen.sources.simulate_organisation import KINDS, Plan
from bevlogen.sources.simulate_people import Staff

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CONTRACT_DAYS = 54.0  # per person and quarter
_SPELL_DAYS = 7.0  # mean length of a spell of absence
_SPELL_SHAPE = 0.8  # of the gamma distribution of spell lengths: most are short, a few very long
_CLUSTERING = 4.0  # shape of the gamma distribution that makes spells come together in a team
_CUSTOMERS = 25.0  # per employee
_REVENUE = 18.0  # thousand euros per employee and quarter


def _logistic(x: FloatArray, share: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + (1 - share) / share * np.exp(-x)))


# By figure: what is expected at a latent score, given the usual use of capacity and the usual margin.
EXPECTED: dict[str, Callable[[FloatArray, FloatArray, FloatArray], FloatArray]] = {
    "absence": lambda score, used, margin: 0.055 * np.exp(0.35 * score),
    "turnover": lambda score, used, margin: np.clip(0.045 * np.exp(0.45 * score), 0, 0.5),
    "performance": lambda score, used, margin: 100 + 6 * score,
    "use": lambda score, used, margin: _logistic(0.35 * score, used),
    "retention": lambda score, used, margin: _logistic(0.40 * score, np.full_like(score, 0.88)),
    "acquisition": lambda score, used, margin: 0.08 * np.exp(0.35 * score),
    "return": lambda score, used, margin: margin + 0.05 * score,
}


def season(wave: IntArray) -> FloatArray:
    """Factor on absence by quarter, highest in winter; mean 1 over a year."""
    return np.asarray(1 + 0.18 * np.cos(np.pi / 2 * (wave % 4) + np.pi / 4))


@dataclass(frozen=True, slots=True)
class Record:
    """A figure of record: value (J, T), exposure (J, T) or None, and what was expected of value / exposure (J, T)."""

    measure: str
    value: FloatArray
    exposure: FloatArray | None
    expected: FloatArray

    @property
    def figure(self) -> FloatArray:
        """Value / exposure, or the value where there is no exposure; NaN where exposure is 0."""
        if self.exposure is None:
            return self.value
        out = np.full(self.value.shape, np.nan)
        np.divide(self.value, self.exposure, out=out, where=self.exposure > 0)
        return out


def expected_figure(plan: Plan, latent: FloatArray, measure: str) -> FloatArray:
    """What is expected of a figure, (J, T), from latent unit scores (J, T, K)."""
    out = EXPECTED[measure](latent[..., INDEX[measure]], plan.used[:, None], plan.margin[:, None])
    return out * season(np.arange(latent.shape[1])) if measure == "absence" else out


def records(plan: Plan, people: Staff, latent: FloatArray, rng: np.random.Generator) -> tuple[Record, ...]:
    """Draw the figures of record around what is expected."""
    expected = {measure: expected_figure(plan, latent, measure) for measure in EXPECTED}
    present = people.present.astype(np.float64)
    days = CONTRACT_DAYS * present
    places = np.array([KINDS[k].places for k in plan.kind])
    capacity = np.round((places * plan.size)[:, None] * rng.normal(1, 0.04, present.shape))
    customers = np.round(_CUSTOMERS * plan.size[:, None] * rng.normal(1, 0.05, present.shape))
    revenue = np.round(_REVENUE * plan.size[:, None] * rng.normal(1, 0.05, present.shape), 1)
    delivered = np.clip(capacity * expected["use"] * rng.normal(1, 0.02, present.shape), 0, capacity)
    kept = rng.binomial(customers.astype(np.int64), expected["retention"])
    margin = expected["return"] + 0.02 * rng.standard_normal(present.shape)
    performance = expected["performance"] + 4 * rng.standard_normal(present.shape)
    return (
        Record("absence", _absence_days(expected["absence"], days, rng), days, expected["absence"]),
        Record("turnover", people.leavers.astype(np.float64), present, expected["turnover"]),
        Record("performance", np.round(performance, 1), None, expected["performance"]),
        Record("capacity", capacity, None, capacity),
        Record("use", np.round(delivered), capacity, expected["use"]),
        Record("retention", kept.astype(np.float64), customers, expected["retention"]),
        Record(
            "acquisition",
            rng.poisson(customers * expected["acquisition"]).astype(np.float64),
            customers,
            expected["acquisition"],
        ),
        Record("return", np.round(revenue * margin, 2), revenue, expected["return"]),
    )


def _absence_days(rate: FloatArray, days: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Days of absence: spells come in clusters (negative binomial), their lengths are gamma; mean rate * days."""
    spells = rng.poisson(rate * days / _SPELL_DAYS * rng.gamma(_CLUSTERING, 1 / _CLUSTERING, rate.shape))
    length = np.zeros(rate.shape)
    some = spells > 0
    length[some] = rng.gamma(_SPELL_SHAPE * spells[some], _SPELL_DAYS / _SPELL_SHAPE)
    return np.asarray(np.minimum(np.round(length), days))
