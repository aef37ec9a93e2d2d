"""The page for customers: what they told, from disclosed figures of the whole organisation, and what was done."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

import bevlogen as bv
from bevlogen_web.accounts import audit
from bevlogen_web.accounts.language import language
from bevlogen_web.accounts.models import Organisation, User
from bevlogen_web.actions.models import Action, State
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.cockpit import queries
from bevlogen_web.reports.models import PublicPage

# What customers themselves say of the service. What employees say, and figures of record, are not for this page.
SHOWN = ("service_quality", "interaction_quality", "loyalty", "loyalty.intention")


@dataclass(frozen=True, slots=True)
class Told:
    """One figure as customers read it: with the ends of its scale ("" where unknown)."""

    level: bv.pages.Level
    low: str
    high: str


def finished(organisation: Organisation) -> QuerySet[Action]:
    """Give the actions that are finished, the last one first."""
    return Action.objects.filter(organisation=organisation, state=State.CLOSED).order_by("-closed", "-pk")


def page_of(organisation: Organisation) -> PublicPage:
    """Give the page of an organisation; a closed one where nobody chose."""
    return PublicPage.objects.filter(organisation=organisation).first() or PublicPage(organisation=organisation)


@transaction.atomic
def keep(page: PublicPage, actions: Sequence[Action], *, by: User) -> None:
    """Keep what may be read in public; the log tells whether it is open."""
    page.save()
    page.actions.set(actions)
    verb = gettext_noop("public page opened") if page.is_open else gettext_noop("public page closed")
    audit.record(page.organisation, by, verb, f"page {page.pk}")


def contents(page: PublicPage) -> dict[str, object]:
    """Give what the page says, in the language that is on."""
    organisation = page.organisation
    picture = analyses.current(organisation)
    chosen = (
        finished(organisation).filter(pk__in=page.actions.values("pk")) if page.pk else finished(organisation).none()
    )
    told: list[Told] = []
    k = 0
    if picture is not None:
        whole = queries.top(picture)
        release = queries.release(picture, {whole}, root=whole)
        k = release.k
        if any(unit.key == whole for unit in release.units):
            levels = bv.pages.team(release, whole, language()).levels
            told = [_told(release, level) for level in levels if level.key in SHOWN]
    return {
        "organisation": organisation,
        "page": page,
        "told": told,
        "k": k,
        "simulated": picture is not None and bool(analyses.sheet(picture, "head")["organisation"]["simulated"]),
        "made": picture.made if picture else None,
        "actions": list(chosen),
    }


def _told(release: bv.Release, level: bv.pages.Level) -> Told:
    scale = next((s for s in release.scales if s.construct == level.key), None)
    if scale is None or not (math.isfinite(scale.scale_low) and math.isfinite(scale.scale_high)):
        return Told(level, "", "")
    return Told(level, *(bv.pages.number(end, language()) for end in (scale.scale_low, scale.scale_high)))
