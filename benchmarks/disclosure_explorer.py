"""Can a team's answers be worked back from slopes? An attack on what is told of services of few teams.

The attacker knows who is in which team, every figure that is shown and to what step, and the outcomes, which are
figures of record. He knows nothing of what was answered. He asks one slope per outcome, and tries every sum of answers
that each team can have by what is shown: those stay that give each correlation as it was told, to its last digit.
"""

from __future__ import annotations

import csv
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import numpy as np

import bevlogen as bv
from benchmarks.disclosure_organisations import HIGH, LOW, FloatArray
from bevlogen import link
from bevlogen.core.linked import LinkEstimate
from bevlogen.disclose import rounding

CAUSE = "loyalty"
OUTCOMES = ("turnover", "performance", "capacity", "use", "retention", "acquisition", "return")
TEAMS = 6
_DIGITS = 3
_HALF = 0.5 * 10**-_DIGITS * (1 + 1e-6)


@dataclass(frozen=True, slots=True)
class Service:
    """One service in one year: by team what was answered (whole numbers from 1 to 5), and its outcomes.

    ``others`` are answers of teams without outcomes.
    """

    answers: Mapping[str, Sequence[int]]
    outcomes: Mapping[str, Sequence[float]]
    others: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """Write it as a workspace; give its folder."""
        write_settings(folder, "year", "units", "interactions", "results")
        answered = {**self.answers, **self.others}
        people = {team: len(answers) for team, answers in answered.items()}
        write_table(
            folder,
            "units",
            "unit,name,parent,headcount",
            [("top", "Top", "", ""), *((t, t, "top", n) for t, n in people.items())],
        )
        rows = [(t, "2025", "", "", a) for t, answers in answered.items() for a in answers]
        write_table(folder, "interactions", "unit,period,employee,customer,q1", rows)
        of_record = [
            (t, "2025", m, v, "") for t, values in self.outcomes.items() for m, v in zip(OUTCOMES, values, strict=True)
        ]
        write_table(folder, "results", "unit,period,measure,value,exposure", of_record)
        return folder


def write_settings(folder: Path, period: str, *tables: str) -> None:
    """Make a folder with settings: one question to customers, and tables of these names."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["[organisation]", 'name = "Service"', 'language = "en"', f'period = "{period}"']
    for name in tables:
        lines += [f"[tables.{name}]", f'file = "{name}.csv"']
    lines += ["[[instruments]]", f'construct = "{CAUSE}"', 'table = "interactions"', 'items = ["q1"]', "range = [1, 5]"]
    (folder / "organisation.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_table(folder: Path, name: str, header: str, rows: Sequence[Sequence[object]]) -> None:
    """Write one table of a workspace."""
    with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header.split(","), *rows])


def draw(seed: int) -> Service:
    """Draw one: six teams of 5 to 12, of which customers of some are clearly more loyal, and seven outcomes."""
    rng = np.random.default_rng([seed, 19])
    answers = {
        f"t{j}": np.clip(np.round(rng.normal(rng.uniform(2, 4.5), 0.8, rng.integers(5, 13))), LOW, HIGH)
        .astype(int)
        .tolist()
        for j in range(TEAMS)
    }
    return Service(answers, {team: rng.uniform(0.01, 0.99, len(OUTCOMES)).round(3).tolist() for team in answers})


def told_by_picture(study: bv.Study, *, exact: bool) -> dict[str, float]:
    """Correlation of the cause with each outcome as the picture tells it, or as it would of exact figures."""
    links = study.link().picture if exact else study.release().picture
    found = [v.estimate for v in links if v.estimate.link.cause == CAUSE and v.estimate.link.outcome in OUTCOMES]
    return {one.link.outcome: _correlation(one) for one in found}


def told_of(study: bv.Study, *, exact: bool) -> dict[str, float]:
    """Correlation of the cause with each outcome as the explorer tells it, or as it would of exact figures."""
    panel, organisation = study.measure().panel, study.workspace.organisation
    out = {}
    for outcome in OUTCOMES:
        found = (
            link.explore(CAUSE, outcome, panel, organisation)
            if exact
            else study.explore(CAUSE, outcome).picture[0].estimate
        )
        out[outcome] = _correlation(found)
    return out


def _correlation(found: LinkEstimate) -> float:
    between = found.by("cross-sectional")
    return math.nan if between is None else round(between.uncorrected, _DIGITS)


def attack(study: bv.Study, told: Mapping[str, float]) -> FloatArray:
    """Work back the teams' sums of answers: every (c, J) combination that gives all that was told."""
    release = study.release(upto="measure")
    n, sums = _possible(study)
    known = {(r.unit, r.measure): r.value for r in release.results}
    for outcome, value in told.items():
        if math.isfinite(value):
            y = np.array([known[team, outcome] for team in _teams(study)])
            x = sums / n
            x, y = x - x.mean(axis=1, keepdims=True), y - y.mean()
            with np.errstate(divide="ignore", invalid="ignore"):
                r = x @ y / np.sqrt((x**2).sum(axis=1) * (y @ y))
            sums = sums[np.abs(r - value) <= _HALF]
    return sums


def attack_by_scale(study: bv.Study) -> FloatArray:
    """Work back the same from what the table of scales tells: ICC(1) to three digits and the SD to its step.

    Of whole answers the sum of squares is whole too, and even where their sum is.
    """
    (scale,) = study.release(upto="measure").scales
    n, sums = _possible(study)
    if not math.isfinite(scale.icc1.estimate) or scale.icc1.estimate == 0:
        return sums
    people, teams = n.sum(), len(n)
    size = (people - (n**2).sum() / people) / (teams - 1)
    means = (sums**2 / n).sum(axis=1)
    between = (means - sums.sum(axis=1) ** 2 / people) / (teams - 1)
    ends = np.array([scale.icc1.estimate + _HALF, scale.icc1.estimate - _HALF])
    inside = between[:, None] * (people - teams) * (1 - ends) / (1 + (size - 1) * ends)
    step = rounding.score_step(HIGH - LOW, people, 1.0)
    wide = (
        np.array([max(scale.sd - step / 2, 0.0), scale.sd + step / 2])
        if math.isfinite(scale.sd)
        else np.array([0.0, HIGH])
    )
    whole = wide**2 * (people - 1) - between[:, None] * (teams - 1)
    low, high = np.maximum(inside[:, 0], whole[:, 0]) + means, np.minimum(inside[:, 1], whole[:, 1]) + means
    even = np.floor((high - sums.sum(axis=1)) / 2 + 1e-6) * 2 + sums.sum(axis=1)
    return sums[even >= low - 1e-6]


def _teams(study: bv.Study) -> list[str]:
    release = study.release(upto="measure")
    known = {result.unit for result in release.results}
    return [unit.key for unit in release.units if unit.parent and unit.key in known]


def _possible(study: bv.Study) -> tuple[FloatArray, FloatArray]:
    """Respondents of each team, (J,), and every combination of sums that what is shown leaves possible, (c, J)."""
    shown = {s.unit: s for s in study.release(upto="measure").scores if s.construct == CAUSE}
    ranges = []
    for team in _teams(study):
        s = shown[team]
        low, high = s.n * (s.mean - s.step / 2), s.n * (s.mean + s.step / 2)
        ranges.append(np.arange(math.ceil(max(low, LOW * s.n) - 1e-6), math.floor(min(high, HIGH * s.n) + 1e-6) + 1))
    return np.array([shown[team].n for team in _teams(study)]), np.array(list(product(*ranges)), dtype=np.float64)


def found(service: Service, left: FloatArray) -> int:
    """Of how many teams one sum is left; 0 where the truth is not among what is left, for then it is by chance."""
    truth = np.array([sum(answers) for answers in service.answers.values()])
    return int((left == truth).all(axis=0).sum()) if (left == truth).all(axis=1).any() else 0


WAYS: dict[str, Callable[[bv.Study], FloatArray]] = {
    "explorer, made of exact figures (no longer so)": lambda study: attack(study, told_of(study, exact=True)),
    "explorer, made of figures as shown": lambda study: attack(study, told_of(study, exact=False)),
    "links of the picture, made of exact figures (no longer so of so few)": lambda study: attack(
        study, told_by_picture(study, exact=True)
    ),
    "links of the picture, made of figures as shown": lambda study: attack(study, told_by_picture(study, exact=False)),
    "table of scales": attack_by_scale,
}


def told_exactly(seed: int) -> tuple[int, ...]:
    """Of how many teams of one service the sum is found, in each way."""
    service = draw(seed)
    with tempfile.TemporaryDirectory() as folder:
        study = bv.open(service.write(Path(folder) / "it"))
        return tuple(found(service, way(study)) for way in WAYS.values())


def table(pool: ProcessPoolExecutor, many: int) -> str:
    """All as a table."""
    lines = [
        f"| {many} services of {TEAMS} teams, one year | sums of answers told exactly | services with such a team |",
        "|---|--:|--:|",
    ]
    all_told = np.array(list(pool.map(told_exactly, range(many), chunksize=4))).T
    for name, told in zip(WAYS, all_told, strict=True):
        share = f"{told.sum():,} of {many * TEAMS:,} ({told.sum() / many / TEAMS:.1%})"
        lines.append(f"| {name} | {share} | {(told > 0).mean():.1%} |")
    return "\n".join(lines)
