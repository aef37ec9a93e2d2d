"""A release with its figures found by unit and variable, and its words in one language."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bevlogen.core import numerals
from bevlogen.core.chain import SCALE_CONSTRUCTS, Language, parent_construct
from bevlogen.core.results import Rule
from bevlogen.core.shown import Release, ShownScore, ShownUnit
from bevlogen.show.wording import say

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class View:
    """One release as one reader sees it.

    Attributes
    ----------
    release, language : what is shown, and in which language.
    units : units by key; ``children`` their keys by parent, in the order of the release.
    scores, results, hidden : by (unit, variable), then by period.
    decimals : decimals per variable, enough to write every shown figure of it (at most 2 for scores).
    """

    release: Release
    language: Language
    units: dict[str, ShownUnit]
    children: dict[str | None, list[str]]
    scores: dict[tuple[str, str], dict[str, ShownScore]]
    results: dict[tuple[str, str], dict[str, float]]
    hidden: dict[tuple[str, str], dict[str, Rule]]
    decimals: dict[str, int]

    def say(self, key: str, **parts: object) -> str:
        """Return a text of the report."""
        return say(key, self.language, **parts)

    def label(self, variable: str) -> str:
        """Return the name of a construct, facet or measure on screen."""
        return (
            self.release.constructs[variable].label.in_(self.language)
            if variable in self.release.constructs
            else variable
        )

    def name(self, unit: str) -> str:
        """Return the name of a unit."""
        return self.units[unit].name if unit in self.units else unit

    def number(self, value: float, decimals: int = 2, *, signed: bool = False) -> str:
        """Write a number."""
        return numerals.number(value, self.language, decimals, signed=signed)

    def effect(self, value: float) -> str:
        """Write an effect in SD, with its sign."""
        return numerals.number(value, self.language, 2, signed=True)

    def span(self, low: float, high: float, decimals: int = 2, *, signed: bool = True) -> str:
        """Write an interval."""
        return numerals.span(low, high, self.language, decimals, signed=signed)

    def chance(self, share: float) -> str:
        """Write a probability; the ends are never written as impossible or certain."""
        return numerals.chance(share, self.language)

    def period(self, label: str, *, short: bool = False) -> str:
        """Write a period."""
        return numerals.period(label, self.language, short=short)

    def figure(self, variable: str, value: float, *, signed: bool = False) -> str:
        """Write a score or a figure of record with its decimals and its unit of measure."""
        decimals = self.decimals.get(variable, 2)
        if variable in self.release.measures_share:
            return numerals.percent(value, self.language, max(0, decimals - 2), signed=signed)
        if parent_construct(variable) in SCALE_CONSTRUCTS:  # no zeros that look like precision: small units are coarser
            decimals = max(1, min(decimals, numerals.decimals_of((value,))))
        return self.number(value, decimals, signed=signed)

    def change_in(self, variable: str) -> str:
        """Unit in which a change is counted: percentage points for a share, else that of the measure."""
        return self.say("percent_points") if variable in self.release.measures_share else self.unit_of(variable)

    def unit_of(self, variable: str) -> str:
        """Plain unit of a measure; "" for scores and shares."""
        return "" if variable in self.release.measures_share else self.release.unit_of_measure.get(variable, "")

    def variables_of(self, construct: str) -> list[str]:
        """Variables with a figure somewhere that belong to a construct: itself if it has figures, else its parts."""
        known = [v for v in self.decimals if v == construct] or [
            v for v in self.decimals if parent_construct(v) == construct
        ]
        return (
            sorted(known, key=list(self.release.constructs).index)
            if set(known) <= set(self.release.constructs)
            else known
        )

    def series(self, unit: str, variable: str) -> list[float]:
        """Shown values of a variable in a unit, one per period; NaN where there is none."""
        if unit == self.release.root and unit not in self.units:
            return [self._middle(variable, p) for p in self.release.periods]
        scores = self.scores.get((unit, variable))
        if scores is not None:
            return [scores[p].mean if p in scores else NAN for p in self.release.periods]
        values = self.results.get((unit, variable), {})
        return [values.get(p, NAN) for p in self.release.periods]

    def _middle(self, variable: str, period: str) -> float:
        """Pick the shown figure of the unit in the middle of the order; NaN where none is shown."""
        shown = sorted(v for u in self.units if math.isfinite(v := self._value(u, variable, period)))
        return shown[(len(shown) - 1) // 2] if shown else NAN

    def _value(self, unit: str, variable: str, period: str) -> float:
        score = self.scores.get((unit, variable), {}).get(period)
        return score.mean if score is not None else self.results.get((unit, variable), {}).get(period, NAN)

    def latest(self, unit: str, variable: str) -> tuple[str, float] | None:
        """Return the last period with a shown value, and the value."""
        known = [
            (p, v) for p, v in zip(self.release.periods, self.series(unit, variable), strict=True) if math.isfinite(v)
        ]
        return known[-1] if known else None

    def year_before(self, unit: str, variable: str) -> tuple[str, float] | None:
        """Return the period one year before the latest, and its value."""
        latest = self.latest(unit, variable)
        if latest is None:
            return None
        before = numerals.year_before(latest[0])
        values = dict(zip(self.release.periods, self.series(unit, variable), strict=True))
        return (before, values[before]) if math.isfinite(values.get(before, NAN)) else None

    def change(self, unit: str, variable: str) -> str:
        """Write the difference of the two shown figures a year apart, without its unit; "" if either is missing."""
        latest, before = self.latest(unit, variable), self.year_before(unit, variable)
        if latest is None or before is None:
            return ""
        difference = latest[1] - before[1]
        if variable in self.release.measures_share:
            return self.number(difference * 100, max(0, self.decimals[variable] - 2), signed=True)
        return self.number(difference, self.decimals[variable], signed=True)


def view_of(release: Release, language: Language) -> View:
    """Sort a release by unit and variable."""
    children: dict[str | None, list[str]] = {}
    for unit in release.units:
        children.setdefault(unit.parent, []).append(unit.key)
    scores: dict[tuple[str, str], dict[str, ShownScore]] = {}
    results: dict[tuple[str, str], dict[str, float]] = {}
    hidden: dict[tuple[str, str], dict[str, Rule]] = {}
    values: dict[str, list[float]] = {}
    for score in release.scores:
        scores.setdefault((score.unit, score.construct), {})[score.period] = score
        values.setdefault(score.construct, []).append(score.mean)
    most = dict.fromkeys(values, 2)
    for result in release.results:
        results.setdefault((result.unit, result.measure), {})[result.period] = result.value
        values.setdefault(result.measure, []).append(result.value)
    for gone in release.suppressed:
        hidden.setdefault((gone.unit, gone.construct), {})[gone.period] = gone.rule
    decimals = {key: numerals.decimals_of(found, most.get(key, 4)) for key, found in values.items()}
    return View(release, language, {u.key: u for u in release.units}, children, scores, results, hidden, decimals)


def period_sentence(view: View) -> str:
    """First and last period in words."""
    periods = view.release.periods
    if not periods:
        return view.say("period_none")
    first, last = view.period(periods[0]), view.period(periods[-1])
    if len(periods) == 1:
        return view.say("period_one", first=first)
    return view.say("period_many", first=first, last=last, n=len(periods))
