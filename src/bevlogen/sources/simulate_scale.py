"""How a simulated person's view becomes whole-number answers, and what a team's true score on that scale is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from bevlogen.core.tables import RowTableName

FloatArray = NDArray[np.float64]

LOW, HIGH = 1, 5
_THRESHOLDS = np.arange(LOW + 0.5, HIGH)
_POINTS = 0.72  # scale points per SD of a person's view
_ITEM_NOISE = 0.75  # variance of what is particular to one item, in units of the variance of a person's view
UNIT_SHARE = {"answers": 0.17, "interactions": 0.14}  # of the variance of a view, the part that lies between teams
_GRID = np.linspace(-10.0, 10.0, 4001)
_OFFSETS = (0.0, 0.15, -0.2, 0.1)  # some items are easier to agree with than others


@dataclass(frozen=True, slots=True)
class Scale:
    """An instrument of the simulation: items answered 1 to 5, the reverse-keyed ones marked with a minus.

    ``level`` is the answer that an average person tends to, before the ends of the scale cut off.
    """

    construct: str
    items: tuple[str, ...]
    level: float
    table: RowTableName
    respondents: Literal["employees", "customers"]
    min_answered: int

    @property
    def columns(self) -> tuple[str, ...]:
        """Item columns, without the mark of reverse-keyed items."""
        return tuple(item.lstrip("-") for item in self.items)

    def answers(self, view: FloatArray, rng: np.random.Generator) -> NDArray[np.int8]:
        """Turn views (n,), variance 1, into answers as given, (n, items); reverse-keyed items come out turned."""
        out = np.empty((len(view), len(self.items)), dtype=np.int8)
        for j, item in enumerate(self.items):
            noise = rng.standard_normal(len(view), dtype=np.float32)
            point = self.level + _OFFSETS[j] + _POINTS * (view + np.sqrt(_ITEM_NOISE) * noise)
            answer = np.clip(np.rint(point), LOW, HIGH).astype(np.int8)
            out[:, j] = LOW + HIGH - answer if item.startswith("-") else answer
        return out

    def expected(self, view: FloatArray, spread: float = 0.0) -> FloatArray:
        """Mean scale score of people whose views are normal around ``view`` with variance ``spread``.

        Exact on a grid of views, read off between its points to within 1e-5 scale points.
        """
        sd = _POINTS * np.sqrt(_ITEM_NOISE + spread)
        offsets = np.array(_OFFSETS[: len(self.items)])
        centre = self.level + offsets + _POINTS * _GRID[:, None]
        steps = ndtr((centre[:, :, None] - _THRESHOLDS) / sd)
        return np.asarray(np.interp(view, _GRID, LOW + steps.sum(axis=2).mean(axis=1)))


def _employee(construct: str, items: str, level: float, min_answered: int) -> Scale:
    return Scale(construct, tuple(items.split()), level, "answers", "employees", min_answered)


def _customer(construct: str, items: str, level: float, min_answered: int) -> Scale:
    return Scale(construct, tuple(items.split()), level, "interactions", "customers", min_answered)


ANSWER_SCALES: tuple[Scale, ...] = (
    _employee("employership.autonomy", "auto1 auto2", 3.6, 1),
    _employee("employership.support", "supp1 supp2", 3.9, 1),
    _employee("employership.leadership", "lead1 lead2", 3.5, 1),
    _employee("employership.recognition", "reco1 reco2", 3.4, 1),
    _employee("employership.workload", "work1 work2", 3.2, 1),
    _employee("engagement", "eng1 eng2 eng3 -eng4", 3.7, 2),
    _employee("control", "ctrl1 ctrl2", 3.6, 1),
    _employee("initiative", "init1 init2", 3.5, 1),
    _employee("burnout", "burn1 burn2 burn3", 2.2, 2),
)
ENCOUNTER_SCALES: tuple[Scale, ...] = (
    _customer("craftsmanship", "craft1 craft2", 4.0, 1),
    _customer("conduct", "cond1 cond2", 3.8, 1),
    Scale("customer_conduct", ("cust1",), 3.9, "interactions", "employees", 1),
    _customer("interaction_quality", "inter1 inter2", 3.9, 1),
    _customer("service_quality", "qual1 qual2", 3.8, 1),
    _customer("loyalty", "loyal1 loyal2 loyal3", 3.7, 2),
)
SCALES = ANSWER_SCALES + ENCOUNTER_SCALES
