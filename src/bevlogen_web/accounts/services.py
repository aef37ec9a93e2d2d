"""Writing: setting up, inviting, joining, changing roles; each act leaves an entry in the log."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_noop as _

from bevlogen_web.accounts import audit, tasks
from bevlogen_web.accounts.models import (
    INVITATION_SALT,
    INVITATION_VALID,
    ColleagueInvitation,
    Membership,
    Organisation,
    Role,
    User,
)


class AlreadySetUpError(Exception):
    """Someone else set the application up in the meantime."""


class LastAdministratorError(Exception):
    """An organisation must keep one administrator."""


@transaction.atomic
def make_account(email: str, password: str | None, *, name: str, language: str = "") -> User:
    """Make a user whose address is proven: by a link that was mailed to it, or because nobody could check it."""
    user = User.objects.create_user(email, password, name=name, language=language)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@transaction.atomic
def set_up(organisation_name: str, language: str, email: str, name: str, password: str) -> User:
    """Make the first organisation and its administrator.

    Raises
    ------
    AlreadySetUpError
        If there is a user already.
    """
    if User.objects.exists():
        raise AlreadySetUpError
    organisation = Organisation.objects.create(
        name=organisation_name, slug=free_slug(organisation_name), language=language
    )
    user = make_account(email, password, name=name, language=language)
    add_member(organisation, user, Role.ADMINISTRATOR, by=user)
    return user


def free_slug(name: str) -> str:
    """Make a short name for addresses that no organisation has yet."""
    stem = slugify(name)[:50] or "organisation"
    taken = set(Organisation.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(slug for slug in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


@transaction.atomic
def add_member(organisation: Organisation, user: User, role: Role, *, by: User | None) -> Membership:
    """Let a user into an organisation."""
    membership = Membership.objects.create(organisation=organisation, user=user, role=role)
    audit.record(organisation, by, _("colleague joined"), f"membership {membership.pk}, role {role}")
    return membership


@transaction.atomic
def invite(organisation: Organisation, email: str, role: Role, language: str, *, by: User) -> ColleagueInvitation:
    """Invite a colleague by mail; an earlier open invitation to the same address is replaced."""
    ColleagueInvitation.objects.filter(organisation=organisation, email__iexact=email).delete()
    invitation = ColleagueInvitation.objects.create(
        organisation=organisation, email=email.lower(), role=role, language=language, sent_at=timezone.now()
    )
    audit.record(organisation, by, _("colleague invited"), f"invitation {invitation.pk}, role {role}")
    transaction.on_commit(lambda: tasks.mail_invitation.enqueue(invitation.pk))
    return invitation


@transaction.atomic
def withdraw(invitation: ColleagueInvitation, *, by: User) -> None:
    """Take an invitation back; its link no longer works."""
    audit.record(invitation.organisation, by, _("invitation withdrawn"), f"invitation {invitation.pk}")
    invitation.delete()


def find_invitation(token: str) -> ColleagueInvitation | None:
    """Give the open invitation a mailed link stands for, or None if it is forged, too old, accepted or withdrawn."""
    try:
        number = signing.TimestampSigner(salt=INVITATION_SALT).unsign(token, max_age=INVITATION_VALID)
    except signing.BadSignature:
        return None
    return ColleagueInvitation.objects.select_related("organisation").filter(pk=int(number)).first()


@transaction.atomic
def join(invitation: ColleagueInvitation, user: User) -> Membership:
    """Accept an invitation; who is a member already gets the new role."""
    organisation = invitation.organisation
    existing = Membership.objects.filter(organisation=organisation, user=user).first()
    if existing is None:
        membership = add_member(organisation, user, Role(invitation.role), by=user)
    else:
        membership = change_role(existing, Role(invitation.role), by=user)
    invitation.delete()
    return membership


@transaction.atomic
def join_as_new(invitation: ColleagueInvitation, name: str, password: str) -> User:
    """Make an account for an invited address, and accept."""
    user = make_account(invitation.email, password, name=name, language=invitation.language)
    join(invitation, user)
    return user


@transaction.atomic
def change_role(membership: Membership, role: Role, *, by: User) -> Membership:
    """Give a member another role.

    Raises
    ------
    LastAdministratorError
        If this would leave the organisation without one.
    """
    if role != Role.ADMINISTRATOR:
        _keep_an_administrator(membership)
    was, membership.role = membership.role, role
    membership.save(update_fields=["role"])
    audit.record(membership.organisation, by, _("role changed"), f"membership {membership.pk}, {was} to {role}")
    return membership


@transaction.atomic
def remove_member(membership: Membership, *, by: User) -> None:
    """End a membership; the account stays, for other organisations.

    Raises
    ------
    LastAdministratorError
        If this would leave the organisation without one.
    """
    _keep_an_administrator(membership)
    audit.record(membership.organisation, by, _("colleague removed"), f"membership {membership.pk}")
    membership.delete()


def _keep_an_administrator(membership: Membership) -> None:
    administrators = Membership.objects.select_for_update().filter(
        organisation=membership.organisation, role=Role.ADMINISTRATOR
    )
    if membership.role == Role.ADMINISTRATOR and not administrators.exclude(pk=membership.pk).exists():
        raise LastAdministratorError
