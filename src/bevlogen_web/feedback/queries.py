"""Reading: ways to ask, counts that tell about nobody, and who is to be called back."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

import bevlogen as bv
from bevlogen_web.accounts.models import Membership, Organisation
from bevlogen_web.feedback.models import Channel, Outgoing, Place, Reason, Refusal, Wish
from bevlogen_web.instruments import queries as instruments
from bevlogen_web.instruments.models import Audience, Version
from bevlogen_web.organisation.models import Unit
from bevlogen_web.organisation.queries import visible_units

DAYS = 28


def channels(membership: Membership) -> QuerySet[Channel]:
    """Give the ways to ask about the units a member may see."""
    found = Channel.objects.select_related("unit", "service", "version__instrument", "organisation")
    return found.filter(organisation=membership.organisation, unit__in=visible_units(membership))


def open_units(membership: Membership) -> QuerySet[Unit]:
    """Give the units a member may see that still exist."""
    today = timezone.localdate()
    return visible_units(membership).filter(Q(start=None) | Q(start__lte=today), Q(end=None) | Q(end__gt=today))


def versions(organisation: Organisation) -> QuerySet[Version]:
    """Give the questionnaires about contacts that can be asked now."""
    audiences = (Audience.CUSTOMER, Audience.ENCOUNTER)
    return instruments.published(organisation).filter(instrument__audience__in=audiences)


def answered(membership: Membership) -> dict[int, int | None]:
    """Give per unit how many answers came in the four weeks before today; None where there are fewer than five."""
    today = timezone.localdate()
    found = (
        visible_units(membership)
        .filter(responses__day__gte=today - timedelta(days=DAYS), responses__day__lt=today)
        .annotate(n=Count("responses"))
        .values_list("pk", "n")
    )
    return {unit: n if n >= bv.thresholds.K else None for unit, n in found}


def refusals(organisation: Organisation) -> list[tuple[str, int]]:
    """Give per reason how much was not kept in the four weeks to today, most first."""
    since = timezone.localdate() - timedelta(days=DAYS)
    counts = Refusal.objects.filter(organisation=organisation, day__gte=since).values("reason").annotate(total=Sum("n"))
    return [(str(Reason(row["reason"]).label), row["total"]) for row in counts.order_by("-total")]


def wishes(membership: Membership) -> QuerySet[Wish]:
    """Give who wants to be called back about the units a member may see, and is not yet."""
    found = Wish.objects.select_related("unit", "taken_by")
    return found.filter(organisation=membership.organisation, unit__in=visible_units(membership)).exclude(
        state=Wish.State.DONE
    )


def places(organisation: Organisation) -> QuerySet[Place]:
    """Give the websites that may show the forms."""
    return Place.objects.filter(organisation=organisation)


def waiting(organisation: Organisation) -> int:
    """Give how many mails wait to be sent."""
    return Outgoing.objects.filter(channel__organisation=organisation).count()
