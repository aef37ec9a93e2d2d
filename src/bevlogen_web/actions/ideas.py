"""A small library of actions: what others did, on which lever, and what is published of the effect."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import bevlogen as bv


@dataclass(frozen=True, slots=True)
class Idea:
    """An action to take over; ``effect`` is the id of a published effect, "" where none is known."""

    what: str | Promise
    lever: str
    effect: str


@dataclass(frozen=True, slots=True)
class Published:
    """A published effect on engagement, in SD, with its limits where they are given, and its source."""

    estimate: float
    low: float | None
    high: float | None
    source: str

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """Both limits; None where they are not given."""
        return self.low, self.high


GENERAL = "E149"  # interventions of any kind
IDEAS = (
    Idea(_("Let the team make its own roster"), "employership.autonomy", "E149"),
    Idea(
        _("Let everyone change one thing in their own work, and talk about it after a month"),
        "employership.autonomy",
        "E152",
    ),
    Idea(_("The manager joins a shift every week and discusses it with the team"), "employership.leadership", "E149"),
    Idea(_("Train managers to ask before they answer"), "employership.leadership", "E149"),
    Idea(_("Pairs of colleagues help each other with hard cases"), "employership.support", "E149"),
    Idea(_("Strike one form or rule that nobody misses, every month"), "employership.red_tape", ""),
    Idea(_("Customers tell at the team meeting what helped them"), "employership.recognition", "E149"),
    Idea(_("One person fewer per shift on other duties in the busiest hours"), "employership.workload", ""),
)


def published(key: str) -> Published | None:
    """What is published under an id of the library's table of effects; None where nothing is."""
    found = bv.interventions().get(key)
    if found is None:
        return None
    return Published(found.estimate, found.low, found.high, f"{found.study}, {found.year}, doi {found.doi}")
