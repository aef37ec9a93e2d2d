"""What is true of this installation and organisation right now, as far as the papers speak of it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

import bevlogen as bv
from bevlogen_web.accounts.models import Organisation
from bevlogen_web.feedback.models import Channel
from bevlogen_web.intake.models import Encounter, History, Result, Token
from bevlogen_web.listening.models import Round, State
from bevlogen_web.organisation.models import Employee
from bevlogen_web.privacy import queries
from bevlogen_web.privacy.models import Particulars, Periods


@dataclass(frozen=True, slots=True)
class Facts:
    """Settings and use, read when the paper is drawn.

    Attributes
    ----------
    periods, particulars : what the organisation chose and told.
    k, k_comments : smallest group for scores and comments, over all rounds that were opened.
    postgresql : whether the database is PostgreSQL; else it is a file of this computer.
    mail_host : name of the mail server; empty when mail is only written to files.
    sign_on_host : name of the server for single sign-on; empty without one.
    second_factor : whether everyone who signs in needs a second step.
    demo, local : whether this is a demonstration, and whether only this computer can reach it.
    asks_employees, asks_customers, has_contacts, has_results, has_history : what is in use.
    integrations : names of the systems that may send or read, with what each may do.
    """

    periods: Periods
    particulars: Particulars
    k: int
    k_comments: int
    postgresql: bool
    mail_host: str
    sign_on_host: str
    second_factor: bool
    demo: bool
    local: bool
    asks_employees: bool
    asks_customers: bool
    has_contacts: bool
    has_results: bool
    has_history: bool
    integrations: tuple[tuple[str, str], ...]


def facts(organisation: Organisation) -> Facts:
    """Read what is true now."""
    promised = [held.rules for held in queries.promised(organisation).filter(state=State.OPEN)]
    environment = settings.ENVIRONMENT
    return Facts(
        periods=queries.periods(organisation),
        particulars=queries.particulars(organisation),
        k=min((rules["k"] for rules in promised), default=bv.thresholds.K),
        k_comments=min((rules["k_comments"] for rules in promised), default=bv.thresholds.K_COMMENTS),
        postgresql=connection.vendor == "postgresql",
        mail_host=urlsplit(environment.mail_url).hostname or "",
        sign_on_host=urlsplit(environment.oidc_url).hostname or "",
        second_factor=settings.REQUIRE_SECOND_FACTOR,
        demo=settings.DEMO,
        local=environment.local,
        asks_employees=Employee.objects.filter(organisation=organisation).exists()
        or Round.objects.filter(organisation=organisation).exists(),
        asks_customers=Channel.objects.filter(organisation=organisation).exists(),
        has_contacts=Encounter.objects.filter(organisation=organisation).exists(),
        has_results=Result.objects.filter(organisation=organisation).exists(),
        has_history=History.objects.filter(organisation=organisation).exists(),
        integrations=tuple(
            (token.name, ", ".join(token.labels)) for token in Token.objects.filter(organisation=organisation)
        ),
    )
