"""One link that nobody foresaw: any two variables, held constant what the analyst names, seen in the way chosen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.chain import CLAIMS, PICTURE, Link, Text
from bevlogen.core.linked import LinkEstimate
from bevlogen.core.measured import Panel
from bevlogen.core.results import Design
from bevlogen.core.tables import Organisation
from bevlogen.errors import ChoiceError
from bevlogen.link.driver import estimate_one, say_hidden, usually_good

_NOT_SO = Text(
    "Looked at in this way there is no estimate: that needs more units with figures of several periods, or "
    "more answers per unit.",
    "Op deze manier bekeken is er geen schatting: daarvoor zijn meer teams met cijfers over meer perioden nodig, of "
    "meer antwoorden per team.",
)


def of_service(panel: Panel, service: str) -> Panel:
    """Keep the figures of the units of one service; those of others become missing.

    Raises
    ------
    ChoiceError
        If no unit is of that service.
    """
    if service not in panel.services:
        raise ChoiceError("service", service, sorted({s for s in panel.services if s}))
    others = np.array([one != service for one in panel.services])
    value, n, error = (_without(block, others) for block in (panel.value, panel.n, panel.error))
    return replace(panel, value=value, n=n, error=error)


def _without(block: NDArray[np.float64], units: NDArray[np.bool_]) -> NDArray[np.float64]:
    kept = block.copy()
    kept[units] = np.nan
    return kept


def all_hidden(shown: Panel, measured: Panel) -> frozenset[str]:
    """Name the variables of which there are figures, none of them shown."""
    at = {name for name in measured.variables if np.isfinite(measured.column(name)).any()}
    return frozenset(name for name in at if not np.isfinite(shown.column(name)).any())


def explore(
    cause: str,
    outcome: str,
    panel: Panel,
    organisation: Organisation,
    *,
    design: Design | None = None,
    lag: int = 1,
    hold: Collection[str] = (),
    hidden: Collection[str] = (),
) -> LinkEstimate:
    """Estimate one link in one way, or in every way.

    Parameters
    ----------
    cause, outcome : variables of the panel.
    panel : figures of units.
    organisation : what to hold constant is in ``adjust``.
    design : the way to look; None for all.
    lag : periods from cause to outcome in the lagged design; at least 1.
    hold : what was asked to be held constant, of what is in ``adjust``.
    hidden : variables of which no figure is shown, though there are some: nothing is answered about these.

    Raises
    ------
    ChoiceError
        If a variable is not in the panel, both are the same, or ``lag`` is not a number of periods.
    """
    for name, variable in (("cause", cause), ("outcome", outcome), *(("variable", v) for v in organisation.adjust)):
        if variable not in panel.variables or (name == "outcome" and variable == cause):
            raise ChoiceError(name, variable, [v for v in panel.variables if v != cause])
    if lag != 1 and not 1 < lag < len(panel.periods):
        raise ChoiceError("lag", lag, [str(n) for n in range(1, len(panel.periods))])
    found = estimate_one(_link(cause, outcome, organisation), panel, organisation, lag)
    found = say_hidden(found, organisation, hidden, (cause, outcome, *hold))
    if design is None or not found.estimates:
        return found
    kept = tuple(one for one in found.estimates if one.design == design)
    return replace(found, estimates=kept, reason="" if kept else _NOT_SO.en, reason_nl="" if kept else _NOT_SO.nl)


def _link(cause: str, outcome: str, organisation: Organisation) -> Link:
    """The arrow as the theory has it; else what is good is expected to go with what is good."""
    known = [*PICTURE, *(link for claim in CLAIMS.values() for link in claim.links)]
    found = next((link for link in known if (link.cause, link.outcome) == (cause, outcome)), None)
    if found is not None:
        return found
    good = [usually_good(v, organisation) for v in (cause, outcome)]
    return Link(cause, outcome, 1 if good[0] == good[1] else -1)
