"""One person's rights: what is known about them, a copy of it, and erasing it.

Answers are never found here: nothing joins them to a person, so nobody can look them up, also not for the person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext_noop as _

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import ColleagueInvitation, Membership, Organisation, Role, User
from bevlogen_web.accounts.services import LastAdministratorError, remove_member
from bevlogen_web.feedback.models import Outgoing, Wish
from bevlogen_web.feedback.services import wants_no_mail
from bevlogen_web.intake.models import Encounter
from bevlogen_web.intake.services import pseudonym
from bevlogen_web.organisation.models import Employee
from bevlogen_web.privacy import erased
from bevlogen_web.reports.models import MailChoice

SHORTEST_NUMBER = 8  # digits of a telephone number that must be the same


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything an organisation keeps that leads to one person.

    Attributes
    ----------
    term : what was looked for: an address, a staff or customer number, or a telephone number.
    employees, members, invitations, wishes, mails : the records themselves.
    stopped : whether the address is on the list of those who want no mail. It stays there: that is what they asked.
    contacts : pseudonyms under which the person stands in contacts from other systems: ``(kind, pseudonym, rows)``.
    """

    term: str
    employees: tuple[Employee, ...]
    members: tuple[Membership, ...]
    invitations: tuple[ColleagueInvitation, ...]
    wishes: tuple[Wish, ...]
    mails: tuple[Outgoing, ...]
    stopped: bool
    contacts: tuple[tuple[str, str, int], ...]

    @property
    def n_erasable(self) -> int:
        """How many records could be erased."""
        kinds = (self.employees, self.members, self.invitations, self.wishes, self.mails, self.contacts)
        return sum(len(kind) for kind in kinds)


def find(organisation: Organisation, term: str) -> Subject:
    """Find what is kept about the person with an e-mail address, staff or customer number, or telephone number."""
    term = term.strip()
    staff = Employee.objects.select_related("unit").filter(organisation=organisation)
    employees = (*staff.filter(key=term), *staff.filter(email__iexact=term).exclude(key=term)) if term else ()
    members = Membership.objects.select_related("user").filter(organisation=organisation, user__email__iexact=term)
    waiting = Wish.objects.select_related("unit").filter(organisation=organisation).exclude(state=Wish.State.DONE)
    return Subject(
        term=term,
        employees=tuple(employees),
        members=tuple(members),
        invitations=tuple(ColleagueInvitation.objects.filter(organisation=organisation, email__iexact=term)),
        wishes=tuple(wish for wish in waiting if _same_contact(wish.contact, term)),
        mails=tuple(Outgoing.objects.filter(channel__organisation=organisation, email__iexact=term)),
        stopped="@" in term and wants_no_mail(organisation, term),
        contacts=tuple(_contacts(organisation, [term, *(one.key for one in employees)])),
    )


def copy(subject: Subject) -> dict[str, object]:
    """Give a person's own copy of what is kept, ready for JSON. What another person said is not theirs."""
    return {
        "looked for": subject.term,
        "employee": [_employee(one) for one in subject.employees],
        "account": [_account(one.user) | {"role": one.role} for one in subject.members],
        "invitation to join": [
            {"e-mail address": one.email, "role": one.role, "sent": one.sent_at.isoformat()}
            for one in subject.invitations
        ],
        "wish to be called back": [
            {"day": str(one.day), "unit": one.unit.name, "contact": one.contact, "about": one.about}
            for one in subject.wishes
        ],
        "mail that waits to be sent": [{"asked": str(one.asked)} for one in subject.mails],
        "wants no mail": subject.stopped,
        "contacts from other systems": [
            {"as": kind, "pseudonym": mark, "number": rows} for kind, mark, rows in subject.contacts
        ],
        "answers": "Answers to questions hold no name or number and cannot be found by person, by anyone.",
    }


@transaction.atomic
def erase(organisation: Organisation, subject: Subject, *, by: User) -> tuple[int, bool]:
    """Erase what is kept about a person; gives how many records went, and whether a last administrator stays.

    An account that also belongs elsewhere stays there; only the membership here ends.
    """
    done = {"employee": 0, "account": 0, "invitation": 0, "wish": 0, "mail": 0, "contacts": 0}
    stays = False
    for employee in subject.employees:
        erased.forget("employee", str(employee.pk))
        done["employee"] += 1
    for member in subject.members:
        try:
            _end(member, by)
            done["account"] += 1
        except LastAdministratorError:
            stays = True
    for kind, records in (("invitation", subject.invitations), ("wish", subject.wishes), ("mail", subject.mails)):
        for record in records:
            erased.forget(kind, str(record.pk))
            done[kind] += 1
    for kind, mark, _rows in subject.contacts:
        erased.forget(f"{kind} in contacts", mark)
        done["contacts"] += 1
    what = ", ".join(f"{kind} {n}" for kind, n in done.items() if n) or "nothing"
    audit.record(organisation, by, _("person erased on request"), what)
    return sum(done.values()), stays


def note_copy(organisation: Organisation, subject: Subject, *, by: User) -> None:
    """Log that a copy was made, without saying of whom."""
    audit.record(organisation, by, _("copy made of what is kept of a person"), f"{subject.n_erasable} records")


def own_copy(user: User) -> dict[str, object]:
    """Give someone who signs in a copy of what is kept about them in all organisations."""
    memberships = user.memberships.select_related("organisation")
    return _account(user) | {
        "member of": [{"organisation": one.organisation.name, "role": one.role} for one in memberships],
        "manages": [
            managed.unit.name
            for membership in memberships
            for managed in membership.managed_units.select_related("unit")
        ],
        "mail about figures": [
            {
                "organisation": one.membership.organisation.name,
                "changes": one.digest,
                "report": one.every,
                "reminders of actions": one.reminders,
            }
            for one in MailChoice.objects.select_related("membership__organisation").filter(membership__user=user)
        ],
        "second steps": [one.get_type_display() for one in Authenticator.objects.filter(user=user)],
        "log": "The log of each organisation names you by number only.",
        "number in the log": user.pk,
    }


def sole_administrator_of(user: User) -> list[Organisation]:
    """Give the organisations that would be left without an administrator."""
    alone = []
    for membership in user.memberships.filter(role=Role.ADMINISTRATOR).select_related("organisation"):
        others = membership.organisation.memberships.filter(role=Role.ADMINISTRATOR).exclude(pk=membership.pk)
        if not others.exists():
            alone.append(membership.organisation)
    return alone


@transaction.atomic
def erase_own(user: User) -> None:
    """Delete someone's account with all memberships.

    Raises
    ------
    LastAdministratorError
        If an organisation would be left without an administrator.
    """
    for membership in user.memberships.select_related("organisation"):
        remove_member(membership, by=user)
    _erase_user(user)


def _end(member: Membership, by: User) -> None:
    user, number = member.user, str(member.pk)
    remove_member(member, by=by)
    erased.forget("membership", number)
    if not user.memberships.exists():
        _erase_user(user)


def _erase_user(user: User) -> None:
    number = str(user.pk)
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == number:
            session.delete()
    erased.forget("user", number)


def _same_contact(contact: str, term: str) -> bool:
    if "@" in term:
        return term.lower() in re.split(r"[\s,;<>()]+", contact.lower())
    wanted, given = (re.sub(r"\D", "", text)[-SHORTEST_NUMBER:] for text in (term, contact))
    return len(wanted) == SHORTEST_NUMBER and wanted == given


def _contacts(organisation: Organisation, codes: list[str]) -> list[tuple[str, str, int]]:
    found = []
    for kind in ("employee", "customer"):
        for mark in {pseudonym(organisation, kind, code) for code in codes if code}:
            rows = Encounter.objects.filter(organisation=organisation, **{kind: mark}).count()
            if rows:
                found.append((kind, mark, rows))
    return found


def _employee(one: Employee) -> dict[str, object]:
    return {
        "staff number": one.key,
        "name": one.name,
        "e-mail address": one.email,
        "unit": one.unit.name,
        "language": one.language,
        "is asked": one.active,
        "first day of work": str(one.start or ""),
        "last day of work": str(one.end or ""),
        "last asked on": str(one.asked.on) if hasattr(one, "asked") else "",
        "asked in open rounds": [invitation.round.name for invitation in one.invitations.select_related("round")],
    }


def _account(user: User) -> dict[str, object]:
    return {
        "name": user.name,
        "e-mail address": user.email,
        "language": user.language,
        "made": user.date_joined.isoformat(),
        "last signed in": user.last_login.isoformat() if user.last_login else "",
    }
