"""Reading: who is there, and in which role."""

from __future__ import annotations

from django.db.models import QuerySet

from bevlogen_web.accounts.models import AuditEntry, ColleagueInvitation, Membership, Organisation, User


def has_users() -> bool:
    """Whether anyone can sign in yet; if not, the application wants to be set up."""
    return User.objects.exists()


def memberships_of(user: User) -> list[Membership]:
    """Give the user's memberships, by name of the organisation."""
    return list(user.memberships.select_related("organisation").order_by("organisation__name"))


def members(organisation: Organisation) -> QuerySet[Membership]:
    """Give the members of an organisation, by name."""
    return organisation.memberships.select_related("user").order_by("user__name", "user__email")


def open_invitations(organisation: Organisation) -> QuerySet[ColleagueInvitation]:
    """Give the invitations that were not accepted yet, newest first."""
    return organisation.colleague_invitations.order_by("-sent_at")


def invitations_for(user: User) -> list[ColleagueInvitation]:
    """Give the open invitations that were sent to the user's address."""
    return list(ColleagueInvitation.objects.select_related("organisation").filter(email__iexact=user.email))


def log(organisation: Organisation) -> QuerySet[AuditEntry]:
    """Give the log of an organisation, newest first."""
    return AuditEntry.objects.filter(organisation=organisation).order_by("-number")
