"""Reading: which instruments an organisation can use, and which version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.instruments.definition import Definition, Flaw, questions
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


def current(instrument: Instrument) -> Version:
    """Give the version that stands for an instrument: the published one, or else the newest."""
    versions = list(instrument.versions.all())
    return next((version for version in versions if version.state == State.PUBLISHED), versions[0])


def definitions(instrument: Instrument) -> list[Definition]:
    """Give the questions of all versions of an instrument."""
    return list(instrument.versions.values_list("definition", flat=True))


def broken_series(version: Version) -> list[Flaw]:
    """Give the questions of a version that were asked on another scale before: their answers would not compare."""
    asked = version.instrument.versions.exclude(state=State.DRAFT).values_list("definition", flat=True)
    before = {question["key"]: _measured(question) for old in reversed(asked) for _page, question in questions(old)}
    return [
        Flaw(key, _("It was asked on another scale before. Remove it here and add it as a new question."))
        for _page, question in questions(version.definition)
        if (key := question["key"]) in before and before[key] != _measured(question)
    ]


def reworded(version: Version) -> list[str]:
    """Give the keys of questions whose words differ from the published version."""
    published = version.instrument.versions.filter(state=State.PUBLISHED).exclude(pk=version.pk).first()
    if published is None:
        return []
    before = {question["key"]: question["text"] for _page, question in questions(published.definition)}
    return [
        question["key"]
        for _page, question in questions(version.definition)
        if question["key"] in before and before[question["key"]] != question["text"]
    ]


def _measured(question: Mapping[str, Any]) -> tuple[Any, ...]:
    return question["kind"], question.get("low"), question.get("high"), question.get("reverse", False)
