"""Reading: which instruments an organisation can use, and which version."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.instruments.models import Audience, Instrument, State, Version


def instruments(organisation: Organisation) -> QuerySet[Instrument]:
    """Give ours and the organisation's own."""
    return Instrument.objects.filter(Q(organisation=organisation) | Q(organisation=None))


def own(organisation: Organisation) -> QuerySet[Instrument]:
    """Give the instruments the organisation may change."""
    return Instrument.objects.filter(organisation=organisation)


def versions(organisation: Organisation) -> QuerySet[Version]:
    """Give every version of what the organisation can use, also those no longer in use."""
    return Version.objects.select_related("instrument").filter(
        Q(instrument__organisation=organisation) | Q(instrument__organisation=None)
    )


def published(organisation: Organisation, audience: Audience | None = None) -> QuerySet[Version]:
    """Give the versions that can be asked now: at most one of each instrument."""
    found = versions(organisation).filter(state=State.PUBLISHED).order_by("instrument__audience", "instrument__key")
    return found.filter(instrument__audience=audience) if audience else found
