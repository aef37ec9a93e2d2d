"""Reading: integrations, deliveries, and what a delivery is checked against."""

from __future__ import annotations

from django.db.models import QuerySet

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.intake.models import Delivery, Encounter, Grain, History, Result, Token
from bevlogen_web.organisation.models import Unit


def tokens(organisation: Organisation) -> QuerySet[Token]:
    """Give the integrations, by name."""
    return organisation.tokens.order_by("name")


def deliveries(organisation: Organisation) -> QuerySet[Delivery]:
    """Give what came in, newest first."""
    return organisation.deliveries.select_related("token").order_by("-at", "-pk")


def history(organisation: Organisation) -> History | None:
    """Give the workspace from before, if one was brought."""
    return History.objects.filter(organisation=organisation).first()


def grain(organisation: Organisation) -> str:
    """Give the length of a period: that of the history, else a quarter."""
    found = history(organisation)
    return found.grain if found else Grain.QUARTER.value


def unit_numbers(organisation: Organisation) -> dict[str, int]:
    """Give the number of each unit there is or was, by its key."""
    return dict(Unit.objects.filter(organisation=organisation).order_by("pk").values_list("key", "pk"))


def results(organisation: Organisation) -> QuerySet[Result]:
    """Give the figures of record, in a fixed order."""
    return organisation.results.select_related("unit").order_by("unit__key", "period", "measure")


def encounters(organisation: Organisation) -> QuerySet[Encounter]:
    """Give the contacts that were rated elsewhere, in a fixed order."""
    return organisation.encounters.select_related("unit").order_by("day", "pk")
