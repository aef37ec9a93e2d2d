"""Writing: changing how long things are kept, and letting go of what was kept long enough."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import ColleagueInvitation, Organisation, User
from bevlogen_web.analyses import services as analyses
from bevlogen_web.analyses.models import Sheet
from bevlogen_web.feedback.models import Comment as CustomerComment
from bevlogen_web.feedback.models import Outgoing, Refusal, Response, Wish
from bevlogen_web.intake import inbox
from bevlogen_web.intake.models import Encounter
from bevlogen_web.listening.models import Answer, Comment, Round, State, Turnout
from bevlogen_web.organisation.models import Employee
from bevlogen_web.privacy import queries
from bevlogen_web.privacy.limits import months_before
from bevlogen_web.privacy.models import BOUNDS, Particulars, Periods

INVITATIONS_KEPT = timedelta(days=30)  # of colleagues; the link in one works for 7 days
ACCOUNTS_KEPT_MONTHS = 12
FILES_KEPT = timedelta(days=30)  # deliveries that were taken from, or refused at, a watched folder


@dataclass(frozen=True, slots=True)
class Expired:
    """How many records of each kind were let go."""

    answers: int
    comments: int
    ratings: int
    customer_comments: int
    contacts: int
    wishes: int
    employees: int
    invitations: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(asdict(self).values())


@transaction.atomic
def change_periods(organisation: Organisation, months: dict[str, int], *, by: User) -> Periods:
    """Let other periods hold from today; nothing happens when they are the same.

    A shorter period holds for all there is at the next nightly run; a longer one only for what comes after today.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    before = queries.periods(organisation)
    changed = {field: months[field] for field in BOUNDS if months[field] != getattr(before, field)}
    if not changed:
        return before
    after = Periods(organisation=organisation, number=before.number + 1, since=timezone.localdate(), by=by)
    for field in BOUNDS:
        setattr(after, field, months[field])
    after.full_clean(exclude=["by"])
    after.save(force_insert=True)
    what = ", ".join(f"{field} {getattr(before, field)} to {value}" for field, value in changed.items())
    audit.record(organisation, by, _("retention periods changed"), f"months: {what}")
    return after


@transaction.atomic
def show_comments(organisation: Organisation, shows: bool, *, by: User) -> None:
    """Let comments be shown or not; what is no longer shown goes at once, themes come back with the next picture."""
    here = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if here.shows_comments == shows:
        return
    Organisation.objects.filter(pk=here.pk).update(shows_comments=shows)
    Sheet.objects.filter(picture__organisation=here, kind="said").delete()
    verb = _("comments shown from now on") if shows else _("comments no longer shown")
    audit.record(here, by, verb)
    transaction.on_commit(lambda: analyses.ask(here))


@transaction.atomic
def tell(particulars: Particulars, *, by: User) -> None:
    """Keep what the organisation tells about itself for the papers."""
    particulars.save()
    audit.record(particulars.organisation, by, _("particulars for the register changed"))


def expire(organisation: Organisation, today: date) -> Expired:
    """Delete all that an organisation has kept long enough, in one transaction, and log how much that was."""
    with transaction.atomic():
        gone = Expired(
            **_rounds(organisation, today),
            **_customers(organisation, today),
            employees=_employees(organisation, today),
            invitations=_delete(
                ColleagueInvitation.objects.filter(
                    organisation=organisation, sent_at__lt=timezone.now() - INVITATIONS_KEPT
                )
            ),
        )
        if gone.total:
            counts = ", ".join(f"{kind} {n}" for kind, n in asdict(gone).items() if n)
            audit.record(organisation, None, _("kept long enough and deleted"), counts)
    return gone


def expire_accounts(today: date) -> int:
    """Delete accounts that belong to no organisation and were not used for a year."""
    before = months_before(today, ACCOUNTS_KEPT_MONTHS)
    unused = Q(last_login__date__lt=before) | Q(last_login=None, date_joined__date__lt=before)
    return _delete(User.objects.filter(unused, memberships=None))


def expire_files(now: float | None = None) -> int:
    """Delete files of the watched folders that were handled a while ago, and mail of a local installation."""
    before = (now if now is not None else time.time()) - FILES_KEPT.total_seconds()
    gone = 0
    for path in list(_handled()):
        if path.is_file() and path.stat().st_mtime < before:
            path.unlink()
            gone += 1
    return gone


def _handled() -> Iterator[Path]:
    for organisation in Organisation.objects.all():
        for table in inbox.WATCHED:
            for name in ("done", "failed"):
                yield from (inbox.folder_of(organisation) / table / name).glob("*")
    yield from (Path(settings.DATA) / "mail").glob("*.log")


def _rounds(organisation: Organisation, today: date) -> dict[str, int]:
    """Rounds count from the day they opened: that is when their respondents read the promise."""
    closed = Round.objects.filter(organisation=organisation, state=State.CLOSED)
    old = closed.filter(opens__lt=queries.first_kept(organisation, "answers", today))
    old_words = closed.filter(opens__lt=queries.first_kept(organisation, "comments", today))
    Turnout.objects.filter(round__in=old).delete()
    return {
        "answers": _delete(Answer.objects.filter(round__in=old)),
        "comments": _delete(Comment.objects.filter(round__in=old_words | old)),
    }


def _customers(organisation: Organisation, today: date) -> dict[str, int]:
    def before(field: str) -> date:
        return queries.first_kept(organisation, field, today)

    Refusal.objects.filter(organisation=organisation, day__lt=before("ratings")).delete()
    Outgoing.objects.filter(channel__organisation=organisation, asked__lt=before("wishes")).delete()
    ratings = Response.objects.filter(organisation=organisation, day__lt=before("ratings"))
    words = CustomerComment.objects.filter(organisation=organisation, day__lt=before("customer_comments"))
    contacts = Encounter.objects.filter(organisation=organisation, day__lt=before("contacts"))
    wishes = Wish.objects.filter(organisation=organisation, day__lt=before("wishes"))
    return {
        "ratings": _delete(ratings),
        "customer_comments": _delete(words),
        "contacts": _delete(contacts),
        "wishes": _delete(wishes),
    }


def _employees(organisation: Organisation, today: date) -> int:
    last_kept = queries.first_kept(organisation, "employees", today)
    return _delete(Employee.objects.filter(organisation=organisation, active=False, end__lt=last_kept))


def _delete(found: QuerySet[Any]) -> int:
    """Delete rows and give how many they were; what goes along with them is not counted."""
    return found.delete()[1].get(found.model._meta.label, 0)
