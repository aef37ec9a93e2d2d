"""Early warning: which units may lose customers, or see absence or departures rise; off where it is no better."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import Text
from bevlogen.core.foreseen import Alarm, Warnings
from bevlogen.core.measured import Measurement
from bevlogen.core.tables import Organisation, Workspace
from bevlogen.errors import NotEstimableError
from bevlogen.models.forewarning import Forewarning, forewarn
from bevlogen.steer import calendar
from bevlogen.steer.reasons import number

FloatArray = NDArray[np.float64]

OUTCOMES = ("retention", "absence", "turnover")
LEAST_GAIN = 0.01
_LEVEL = 0.05
_SIGNALS = 2
_LEAST_EVENTS = 5


def warnings(
    measurement: Measurement, workspace: Workspace, *, outcomes: tuple[str, ...] = OUTCOMES
) -> tuple[Warnings, ...]:
    """Which units may see an outcome worsen next, and how often was such a warning right?

    Parameters
    ----------
    measurement, workspace : the panel, and the organisation.
    outcomes : what may worsen: loss of customers, absence, departures.

    Returns
    -------
    One per outcome that is measured.

    Notes
    -----
    ``models.forewarning`` on the organisation's own history: signals are the constructs and measures of one period
    before. A warning is on where forecasts with signals were at least 1% less off (squared) than the best without (the
    unit's normal, its last figure, its own past), the one-sided p against own past is below .05 shared by the outcomes
    (Bonferroni), and hits are above false alarms and above those of own past. Else it is off: it then warns of nobody,
    and says why.
    """
    panel, organisation = measurement.panel, workspace.organisation
    wanted = [o for o in outcomes if o in panel.variables]
    out = []
    for outcome in wanted:
        signals = [v for v in panel.variables if v != outcome and "." not in v]
        figures = panel.column(outcome) * (-1.0 if organisation.construct(outcome).higher_is_better else 1.0)
        there = np.flatnonzero(np.isfinite(figures).any(axis=0))
        # What is warned of follows the last figures; an outcome that came to an end is not warned of.
        if not len(there) or there[-1] < len(panel.periods) - 1:
            out.append(_off(outcome, _TOO_SHORT, panel.periods[-1], workspace))
            continue
        first = int(there[0])
        x = np.zeros((*figures[:, first:].shape, len(signals)))
        for k, v in enumerate(signals):
            x[:, :, k] = panel.column(v)[:, first:]
        try:
            found = forewarn(figures[:, first:], x)
        except NotEstimableError:
            out.append(_off(outcome, _TOO_SHORT, panel.periods[-1], workspace))
            continue
        out.append(_warned(outcome, found, signals, panel.units, panel.periods[-1], workspace, _LEVEL / len(wanted)))
    return tuple(out)


def _warned(
    outcome: str,
    found: Forewarning,
    signals: list[str],
    units: tuple[str, ...],
    last: str,
    workspace: Workspace,
    level: float,
) -> Warnings:
    is_on = (
        found.n_events >= _LEAST_EVENTS
        and found.gain >= LEAST_GAIN
        and found.p_value < level
        and found.hits > max(found.false_alarms, found.past_hits)
    )
    order = np.argsort(-np.nan_to_num(found.expected, nan=-math.inf), kind="stable")
    alarms = tuple(Alarm(units[j], _strongest(found.pushes[j], signals)) for j in order if is_on and found.alarm[j])
    return Warnings(
        outcome,
        is_on,
        round(found.hits, 2),
        round(found.false_alarms, 2),
        round(found.came_true, 2),
        round(found.base, 2),
        round(found.past_hits, 2),
        round(found.gain, 2),
        found.n,
        found.n_units,
        last,
        calendar.later(last, workspace.organisation.grain, 1),
        alarms,
        _reason(found, is_on, outcome, workspace.organisation),
    )


def _off(outcome: str, reason: Text, last: str, workspace: Workspace) -> Warnings:
    nan, ahead = math.nan, calendar.later(last, workspace.organisation.grain, 1)
    return Warnings(outcome, False, nan, nan, nan, nan, nan, nan, 0, 0, last, ahead, (), reason)


def _strongest(pushes: FloatArray, signals: list[str]) -> tuple[str, ...]:
    order = np.argsort(-pushes, kind="stable")[:_SIGNALS]
    return tuple(signals[k] for k in order if pushes[k] > 0)


_TOO_SHORT = Text(
    "Off: there are too few teams or periods to learn from and to test it on.",
    "Uit: er zijn te weinig teams of perioden om van te leren en het op te toetsen.",
)


def _reason(found: Forewarning, is_on: bool, outcome: str, organisation: Organisation) -> Text:
    label = organisation.construct(outcome).label
    if not is_on:
        return Text(
            f"Off: looking back over {found.n} forecasts, signals told no more about {label.en} than what a team's own "
            "past tells.",
            f"Uit: bij {found.n} voorspellingen achteraf zeiden signalen over {label.nl} niet meer dan het eigen "
            "verleden van een team.",
        )
    hits, false, true, base = (
        number(100 * v, 0) for v in (found.hits, found.false_alarms, found.came_true, found.base)
    )
    return Text(
        f"Looking back over {found.n} forecasts, a warning came before {hits.en}% of the times that {label.en} "
        f"worsened, and for nothing in {false.en}% of the other cases. After a warning it worsened in {true.en}% of "
        f"cases; without knowing anything that is {base.en}%. A warning is a reason to go and ask, not a fact.",
        f"Bij {found.n} voorspellingen achteraf kwam er een waarschuwing vóór {hits.nl}% van de keren dat het "
        f"slechter ging met {label.nl}, en voor niets in {false.nl}% van de andere gevallen. Na een waarschuwing ging "
        f"het in {true.nl}% van de gevallen slechter; zonder iets te weten is dat {base.nl}%. Een waarschuwing is een "
        "reden om te gaan vragen, geen feit.",
    )
