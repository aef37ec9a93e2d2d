"""Questions for the team meeting, about what a team is good at and what it may work on; never about who said what."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import bevlogen as bv

_ABOUT: Mapping[str, Promise] = {
    "employership": _("What do we need from the organisation to do our work well? What helps, what is in the way?"),
    "employership.autonomy": _(
        "What can we decide ourselves? Where would we like more room, and what would we do with it?"
    ),
    "employership.support": _("When did a colleague help you last? How can we make asking for help easier?"),
    "employership.leadership": _("What do you need from your manager to do this work well?"),
    "employership.development": _("What did we learn in the past months? What would you like to become better at?"),
    "employership.recognition": _("When did you feel appreciated? How do we tell each other what goes well?"),
    "employership.fairness": _("Where do we find the way things are divided fair, and where not?"),
    "employership.tools": _("Which tool or which information would save us most time next week?"),
    "employership.workload": _("What can we stop doing? When is it too busy, and what then helps?"),
    "employership.red_tape": _("Which rule costs us most and brings the customer least? Who can change it?"),
    "engagement": _("Which part of the work gives you energy? How could there be more of it?"),
    "control": _("Where do we take the lead ourselves? What do we leave because “that is how it is”?"),
    "initiative": _("Which idea of ours was put into practice? What was needed for that?"),
    "craftsmanship": _("Which part of the craft are we proud of? What would we like to practise?"),
    "conduct": _("How does a customer notice that we like our work? Tell of one encounter."),
    "customer_conduct": _("Which encounters are hard? How do we help each other then?"),
    "interaction_quality": _("Think of an encounter that went well. What did we do, and what did the customer do?"),
    "service_quality": _("What would our customers like us to do differently?"),
    "loyalty": _("Why do customers come back to us? And why do they not?"),
}
_GENERAL: tuple[Promise, ...] = (
    _("What do we recognise in these figures? What surprises us?"),
    _("What do we choose to work on in the coming three months? One thing is enough."),
    _("What is the first small step? Who takes it, and when do we look back?"),
)
MOST_ASKED = 3


def questions(page: bv.pages.Team) -> list[Promise]:
    """Give the questions: what we see, about what stands out in this team, and what we choose."""
    standing = [level.key for level in page.levels if level.standing in ("poor", "good")]
    first = [level.key for level in page.levels if any(move.lever == level.name for move in page.moves)]
    about = [_ABOUT[key] for key in dict.fromkeys([*first, *standing]) if key in _ABOUT][:MOST_ASKED]
    asked = about or [_ABOUT["engagement"], _ABOUT["interaction_quality"]]
    return [_GENERAL[0], *asked, *_GENERAL[1:]]
