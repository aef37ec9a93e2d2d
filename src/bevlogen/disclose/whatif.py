"""What lies ahead through the gate: it rests on enough units and people, and is rounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bevlogen.core.foreseen import Fan, Outlook, Warnings, WhatIf
from bevlogen.core.measured import Measurement, Panel
from bevlogen.core.tables import Policy
from bevlogen.disclose import rounding
from bevlogen.disclose.verdicts import LEAST_UNITS, TIMES_K
from bevlogen.errors import BevlogenError

Forecast = Callable[[Measurement], tuple[Outlook, ...]]
Warn = Callable[[Measurement], tuple[Warnings, ...]]


def guard_what_if(answer: WhatIf, panel: Panel, policy: Policy) -> WhatIf:
    """Return the answer as it may be shown: in steps of 0.01 SD.

    Parameters
    ----------
    answer : of the moving chain.
    panel : who answered.
    policy : for its threshold.

    Raises
    ------
    BevlogenError
        If own dynamics rest on fewer than five units or ``2 k`` respondents.

    Notes
    -----
    The answer tells no level; it rests on how all units together move.
    """
    if answer.own:
        counted = [panel.n[:, :, panel.variables.index(v)] for v in answer.own]
        people = min((float(np.nansum(n)) for n in counted if np.isfinite(n).any()), default=np.inf)
        if answer.n_units < LEAST_UNITS or people < TIMES_K * policy.k:
            raise BevlogenError(
                "The own data rest on too few units or people to show. Ask for published effects alone."
            )
    return replace(answer, fans=tuple(_rounded(fan) for fan in answer.fans))


def _rounded(fan: Fan) -> Fan:
    return replace(
        fan,
        bands=tuple(tuple(rounding.decimals(v, 2) for v in band) for band in fan.bands),
        raw=rounding.significant(fan.raw, 2),
        better=rounding.decimals(fan.better, 2),
        worse=rounding.decimals(fan.worse, 2),
    )


def guard_outlooks(outlooks: tuple[Outlook, ...]) -> tuple[Outlook, ...]:
    """Return the outlooks over five units or more, in three significant digits, as figures of record are shown."""
    return tuple(
        replace(
            o,
            bands=tuple(tuple(rounding.significant(v) for v in band) for band in o.bands),
            chance=rounding.decimals(o.chance, 2),
            now=rounding.significant(o.now),
            tested=replace(
                o.tested,
                model=rounding.significant(o.tested.model),
                chain=rounding.significant(o.tested.chain),
                naive=rounding.significant(o.tested.naive),
                seasonal=rounding.significant(o.tested.seasonal),
                inside=rounding.decimals(o.tested.inside, 2),
            ),
        )
        for o in outlooks
        if o.n_units >= LEAST_UNITS
    )
