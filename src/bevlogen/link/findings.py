"""What each claim's own method finds, for the claims that a plain link cannot answer."""

from __future__ import annotations

import numpy as np

from bevlogen.core.linked import Finding
from bevlogen.core.measured import Encounters, Panel
from bevlogen.core.tables import Organisation
from bevlogen.link.chainpath import whole_chain
from bevlogen.link.cocreation import co_creation
from bevlogen.link.hygiene import hygiene
from bevlogen.link.importance import craft_and_conduct, interaction_is_quality
from bevlogen.link.moderation import co_creation_moderates
from bevlogen.link.reciprocity import reciprocity


def findings(panel: Panel, encounters: Encounters | None, organisation: Organisation, seed: int) -> tuple[Finding, ...]:
    """Answer every claim of ``core.chain`` that needs another method than a link.

    Parameters
    ----------
    panel : unit means and figures per period.
    encounters : ratings one by one; None where there are none (those claims then say what they need).
    organisation : names, adjusters, who answered what, the smallest effect that matters.
    seed : of all draws; each method has its own stream, so that one does not move another.

    Returns
    -------
    One finding per claim, in the order of the claims; without a figure where the data do not allow one, with the
    reason.
    """
    streams = [np.random.default_rng([seed, i]) for i in range(4)]
    return (
        interaction_is_quality(encounters, organisation, streams[0]),
        co_creation(encounters, organisation),
        co_creation_moderates(encounters, organisation),
        craft_and_conduct(encounters, organisation, streams[1]),
        reciprocity(panel, organisation),
        hygiene(encounters, organisation, streams[2]),
        whole_chain(panel, organisation, streams[3]),
    )
