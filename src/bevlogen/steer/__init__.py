"""Where to act: verdicts beside the literature, positions of units, and first moves with their uncertainty."""

from bevlogen.core.judged import Chain
from bevlogen.core.measured import Measurement
from bevlogen.core.planned import Plan
from bevlogen.core.tables import Workspace
from bevlogen.steer.choose import choose
from bevlogen.steer.continuity import outlooks
from bevlogen.steer.effect import effects
from bevlogen.steer.learned import learned
from bevlogen.steer.plan import plan_start
from bevlogen.steer.position import positions
from bevlogen.steer.priorities import first_moves
from bevlogen.steer.response import Response, respond
from bevlogen.steer.verdict import judge, judge_link
from bevlogen.steer.warning import warnings
from bevlogen.steer.whatif import what_if

__all__ = [
    "Response",
    "choose",
    "effects",
    "judge",
    "judge_link",
    "learned",
    "outlooks",
    "plan",
    "plan_start",
    "respond",
    "warnings",
    "what_if",
]


def plan(measurement: Measurement, chain: Chain, workspace: Workspace) -> Plan:
    """Where first, and what may it bring?

    Parameters
    ----------
    measurement : levels of the units and the panel.
    chain : verdicts of the links, as ``judge`` gave them.
    workspace : for its organisation: names, norms, grain and the smallest effect that matters.

    Returns
    -------
    Plan
        Positions of all leaf units with scores; first moves, best first, or the reason why there are none to give.
    """
    organisation = workspace.organisation
    ranking = first_moves(measurement, chain, organisation, measurement.provenance.seed)
    return Plan(
        positions(measurement, organisation),
        ranking.moves,
        ranking.certainty,
        ranking.reason.en,
        ranking.reason.nl,
        measurement.provenance,
        effects(measurement, workspace),
    )
