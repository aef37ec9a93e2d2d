"""Right to exist: where existing customers, new ones, use and return go, and the chance that it is not enough."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import RIGHT_TO_EXIST, Language, Text
from bevlogen.core.foreseen import Backtest, Outlook
from bevlogen.core.measured import Measurement
from bevlogen.core.numerals import chance, decimals_of, percent, plain
from bevlogen.core.tables import Organisation, Workspace
from bevlogen.errors import BevlogenError, NotEstimableError
from bevlogen.models.statespace import LEAST_PERIODS, StateSpace, statespace
from bevlogen.steer import calendar

FloatArray = NDArray[np.float64]

DRAWS = 4000
BREAK_EVEN = 0.0
_QUANTILES = (0.10, 0.25, 0.50, 0.75, 0.90)
_CUSTOMERS = ("loyalty", "service_quality", "interaction_quality")
_LEAST_CELLS = 20
_ORIGINS = 4
_TESTED_UNITS = 400


def outlooks(
    measurement: Measurement, workspace: Workspace, *, targets: Mapping[str, float] | None = None
) -> tuple[Outlook, ...]:
    """Where do existing customers, new customers, use and return go over the next year?

    Parameters
    ----------
    measurement, workspace : the panel, and the organisation.
    targets : by measure, the value that it must not pass: break-even, or the target of a mission; beside those of the
        organisation, and before them. ``return`` has 0 unless another is given; a measure without a target has no
        chance of missing it.

    Returns
    -------
    One outlook per measure of right to exist that is measured in at least 3 units and 4 periods.

    Raises
    ------
    BevlogenError
        A target for something that is not measured.

    Notes
    -----
    ``models.statespace`` over all units; the mean over units by 4,000 drawn paths. *Chance*: share of paths in which
    any of the coming periods of a year lies on the wrong side. The chain (what customers said one period before) counts
    as a regressor of the innovations where the own backtest is better with it. Where no method beats the last figure in
    the own backtest, the outlook says so; its band then still holds. The backtest looks from the last four moments at
    which a forecast could have been made, over at most 400 units, drawn by a fixed lot.
    """
    panel, organisation = measurement.panel, workspace.organisation
    given = {**organisation.targets, **(targets or {})}
    wanted = {"return": BREAK_EVEN, **given}
    unknown = sorted(set(targets or {}) - set(panel.variables))
    if unknown:
        raise BevlogenError(f"No figures of {', '.join(unknown)}. Found: {', '.join(panel.variables)}.")
    year = max(1, min(calendar.PER_YEAR[organisation.grain], 12))
    season = year if year > 1 else 0
    cause = next((c for c in _CUSTOMERS if c in panel.variables), "")
    x = panel.column(cause) if cause else None
    out = []
    for measure in dict.fromkeys((*RIGHT_TO_EXIST, *given)):
        if measure not in panel.variables:
            continue
        y = panel.column(measure)
        last = np.flatnonzero(np.isfinite(y).any(axis=0))
        if not len(last):
            continue
        y = y[:, : last[-1] + 1]
        try:
            fit = statespace(y)
        except NotEstimableError:
            continue
        tested = _tested(y, x, season)
        up = organisation.construct(measure).higher_is_better
        out.append(_outlook(measure, fit, y, x, tested, wanted.get(measure, math.nan), workspace, year, up=up))
    return tuple(out)


def _outlook(
    measure: str,
    fit: StateSpace,
    y: FloatArray,
    x: FloatArray | None,
    tested: Backtest,
    target: float,
    workspace: Workspace,
    ahead: int,
    *,
    up: bool,
) -> Outlook:
    paths = fit.paths(ahead, DRAWS, np.random.default_rng(1))
    if tested.use_chain and x is not None:
        paths = paths + _push(fit, y, x).mean()
    misses = (paths < target).any(axis=1) if up else (paths > target).any(axis=1)
    missed = float(misses.mean()) if math.isfinite(target) else math.nan
    organisation = workspace.organisation
    first = workspace.periods[y.shape[1] - 1]
    return Outlook(
        measure,
        tuple(calendar.later(first, organisation.grain, t + 1) for t in range(ahead)),
        tuple(tuple(float(v) for v in band) for band in np.quantile(paths, _QUANTILES, axis=0)),
        target,
        missed,
        tested,
        fit.n_units,
        _reason(tested, _risk(measure, missed, target, organisation, up=up)),
        float(np.nanmean(y[:, -1])),
    )


def _tested(y: FloatArray, x: FloatArray | None, season: int) -> Backtest:
    """The backtest of an outlook: as many units and origins as it takes to judge, so that thousands stay quick."""
    if len(y) > _TESTED_UNITS:
        drawn = np.sort(np.random.default_rng(1).choice(len(y), _TESTED_UNITS, replace=False))
        y, x = y[drawn], None if x is None else x[drawn]
    return backtest(y, x, season=season, origins=_ORIGINS)


def _push(fit: StateSpace, y: FloatArray, x: FloatArray) -> FloatArray:
    """What the last word of customers adds to the next figure of each unit (J,); 0 where it says nothing."""
    kept = np.isfinite(y).any(axis=1)
    x = x[kept, : y.shape[1]]
    centred = x - np.array([np.nanmean(c) if np.isfinite(c).any() else 0.0 for c in x.T])
    before, after = centred[:, :-1].ravel(), fit.innovation[:, 1:].ravel()
    both = np.isfinite(before) & np.isfinite(after)
    square = float(before[both] @ before[both])
    if both.sum() < _LEAST_CELLS or not square > 0:
        return np.zeros(len(x))
    slope = float(before[both] @ after[both]) / square
    return np.asarray(slope * np.nan_to_num(centred[:, -1]))


def backtest(
    y: FloatArray, x: FloatArray | None, *, season: int = 0, ahead: int = 4, origins: int | None = None
) -> Backtest:
    """How far off would forecasts have been, made with what was known at the time?

    Parameters
    ----------
    y : (J, T) figures. x : (J, T) what customers said, or None.
    season : periods in a year; 0 where there is no season.
    ahead : farthest period looked at.
    origins : most moments to forecast from, the last ones; None takes all.

    Returns
    -------
    Backtest
        Mean absolute errors over units, origins and periods ahead, all methods on the same cells; NaN where the data
        are too short. ``inside`` is the share of figures inside the 80% band.
    """
    errors: dict[str, list[FloatArray]] = {k: [] for k in ("model", "chain", "naive", "seasonal")}
    inside: list[NDArray[np.bool_]] = []
    T = y.shape[1]
    first = max(LEAST_PERIODS, season, 0 if origins is None else T - origins)
    for origin in range(first, T):
        past = y[:, :origin]
        kept = np.isfinite(past).any(axis=1)
        try:
            fit = statespace(past)
        except NotEstimableError:
            continue
        steps = min(ahead, T - origin)
        mean, variance = fit.forecast(steps)
        push = _push(fit, past, x) if x is not None else np.zeros(int(kept.sum()))
        truth = y[kept, origin : origin + steps]
        last = past[kept, -1:]
        same = past[kept][:, [origin + h - season for h in range(steps)]] if 0 < season and steps <= season else last
        seen = np.isfinite(truth) & np.isfinite(last) & np.isfinite(same)
        guesses = {"model": mean, "chain": mean + push[:, None], "naive": last, "seasonal": same}
        for name, guess in guesses.items():
            errors[name].append(np.abs(truth - guess)[seen])
        inside.append((np.abs(truth - mean) <= 1.2815515655446004 * np.sqrt(variance))[seen])

    def off(name: str) -> float:
        found = np.concatenate(errors[name]) if errors[name] else np.zeros(0)
        return float(found.mean()) if len(found) else math.nan

    model, chained, naive = off("model"), off("chain"), off("naive")
    held = np.concatenate(inside) if inside else np.zeros(0, dtype=bool)
    return Backtest(
        model,
        chained if x is not None else math.nan,
        naive,
        off("seasonal") if season else math.nan,
        float(held.mean()) if len(held) else math.nan,
        len(held),
        x is not None and chained < model,
    )


def _risk(measure: str, missed: float, target: float, organisation: Organisation, *, up: bool) -> Text:
    """Say how likely the measure passes its target; nothing where it has none."""
    if not math.isfinite(missed):
        return Text("", "")

    def bound(language: Language) -> str:
        if measure in organisation.measures and organisation.measures[measure].is_share:
            return percent(target, language, decimals_of((100 * target,)))
        return plain(target, language)

    shown = round(missed, 2)
    loss = Text(" (a loss)", " (verlies)") if measure == "return" and target == BREAK_EVEN else Text("", "")
    return Text(
        f"The chance that it lies {'below' if up else 'above'} {bound('en')}{loss.en} some time in the coming year is "
        f"{chance(shown, 'en')}. ",
        f"De kans dat dit in het komende jaar een keer {'onder' if up else 'boven'} {bound('nl')}{loss.nl} ligt, is "
        f"{chance(shown, 'nl')}. ",
    )


def _reason(tested: Backtest, said: Text) -> Text:
    best = min((e for e in (tested.model, tested.chain) if math.isfinite(e)), default=math.nan)
    if not math.isfinite(best):
        return Text(
            said.en + "The series is too short to test the forecast on itself.",
            said.nl + "De reeks is te kort om de voorspelling op zichzelf te toetsen.",
        )
    rivals = [e for e in (tested.naive, tested.seasonal) if math.isfinite(e)]
    if rivals and best < min(rivals):
        gain = 1 - best / min(rivals)
        return Text(
            f"{said.en}Looking back, forecasts were {chance(gain, 'en')} less off than simply repeating earlier "
            "figures.",
            f"{said.nl}Achteraf zaten voorspellingen er {chance(gain, 'nl')} minder naast dan het herhalen van eerdere "
            "cijfers.",
        )
    return Text(
        said.en + "Looking back, repeating earlier figures was as good: take the band seriously, not the line.",
        said.nl + "Achteraf was herhalen van eerdere cijfers even goed: let op de band, niet op de lijn.",
    )
