"""What was shown before: the figures of a release, as an attacker would collect them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

RECORD = "record "  # before the name of a figure of record, in what was released
LEDGER = "releases.jsonl"  # the file beside a workspace that remembers what was released


@dataclass(frozen=True, slots=True)
class AnswerScale:
    """Answers lie between ``low`` and ``high`` in steps of ``step`` (0 where any value is possible)."""

    low: float
    high: float
    step: float = 0.0

    @property
    def width(self) -> float:
        """From the lowest to the highest answer."""
        return self.high - self.low


MOST_OPTIONS = 10  # whole answers are taken to be possible on scales up to 0 to 10
_FINEST = 60  # finer parts of an answer step than this hide nothing from a sum


def step_of_mean(step: float, least: int, most: int) -> float:
    """Return the steps that the mean of ``least`` to ``most`` answers has, each in steps of ``step``; 0 if too fine."""
    parts = math.lcm(*range(max(1, least), most + 1))
    return step / parts if parts <= _FINEST else 0.0


@dataclass(frozen=True, slots=True)
class Released:
    """Every cell of one release, shown or hidden; arrays of length m.

    Attributes
    ----------
    name : of the release, for messages: a date or a file.
    units, parents : keys, and for each the key of the unit above it, "" for a top.
    periods, constructs : labels that the codes index; periods in time order.
    unit, period, construct : (m,) codes; each triple occurs once.
    n : (m,) respondents of the unit with all below it; NaN where that is not known.
    mean : (m,) as shown; NaN where hidden.
    step : (m,) to which the mean was rounded; NaN where hidden.
    scales : by construct, the scale of one answer; figures of record (``RECORD`` and their name) have none.
    exposure : (m,) what a figure of record is counted over; NaN unknown. None where there are none.
    """

    name: str
    units: tuple[str, ...]
    parents: tuple[str, ...]
    periods: tuple[str, ...]
    constructs: tuple[str, ...]
    unit: IntArray
    period: IntArray
    construct: IntArray
    n: FloatArray
    mean: FloatArray
    step: FloatArray
    scales: Mapping[str, AnswerScale]
    exposure: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """One mean for the open: of ``n`` respondents, with noise; ``half`` is half the 95% interval of the noise alone."""

    unit: str
    period: str
    construct: str
    n: int
    mean: float
    half: float
    epsilon: float


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published, and how much of ``total`` may still be told of any one person (epsilon)."""

    means: tuple[Published, ...]
    left: float
    total: float


@dataclass(frozen=True, slots=True)
class Inference:
    """Something about people that follows too closely from what was released. It names a unit, never a person.

    Attributes
    ----------
    unit, construct : whose people, and on what.
    period, release : of the figures that tell it.
    since_period, since_release : of the earlier figures that they are compared with; "" where one wave tells it alone.
    kind : ``answer`` of each single person of a group, or ``mean`` of a group smaller than the threshold.
    people : size of the group; where waves are compared: those who came or left.
    low, high : what follows: the answer or mean lies between these.
    swapped : it follows only if one person took the place of another, which counts do not tell.
    otherwise : units of which the same two waves show that those who stayed did not all answer the same, which is what
        an inference from two waves supposes. It is in doubt then.
    """

    unit: str
    construct: str
    period: str
    release: str
    since_period: str
    since_release: str
    kind: Literal["answer", "mean"]
    people: int
    low: float
    high: float
    swapped: bool = False
    otherwise: int = 0

    @property
    def exact(self) -> bool:
        """Whether it is known exactly."""
        return self.high - self.low < 1e-9
