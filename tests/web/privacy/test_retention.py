"""What was kept long enough goes, and nothing else."""

import os
import time
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from bevlogen_web.accounts.models import AuditEntry, ColleagueInvitation, Role, User
from bevlogen_web.accounts.services import make_account
from bevlogen_web.feedback.models import Comment as CustomerComment
from bevlogen_web.feedback.models import Response, Wish
from bevlogen_web.intake.models import Encounter
from bevlogen_web.listening.models import Answer, Comment
from bevlogen_web.organisation.models import Employee
from bevlogen_web.privacy import queries, services, tasks
from bevlogen_web.privacy.models import BOUNDS, Periods

from .conftest import RECENT, TODAY

KINDS = (Answer, Comment, Response, CustomerComment, Encounter, Wish, Employee, ColleagueInvitation)


def _months(**changed) -> dict[str, int]:
    return {field: Periods._meta.get_field(field).default for field in BOUNDS} | changed


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind._meta.label)
def test_old_goes_and_recent_stays(here, kind, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: _moment_of(TODAY))
    assert kind.objects.count() == 2
    services.expire(here, TODAY)
    assert kind.objects.count() == 1


def test_a_second_night_deletes_nothing_more(here):
    services.expire(here, TODAY)
    assert services.expire(here, TODAY).total == 0


def test_what_went_is_logged_by_number(here):
    services.expire(here, TODAY)
    entry = AuditEntry.objects.filter(organisation=here).last()
    assert entry.verb == "kept long enough and deleted"
    assert entry.what.startswith("answers 1, comments 1, ratings 1")


def test_an_employee_who_is_still_asked_stays(here):
    Employee.objects.update(active=True)
    services.expire(here, TODAY)
    assert Employee.objects.count() == 2


def test_another_organisation_keeps_its_own_rules(here, cast):
    services.change_periods(here, _months(wishes=1), by=cast.user(Role.PRIVACY_OFFICER))
    assert queries.periods(cast.other).wishes == 3


def test_a_shorter_period_takes_what_is_older(here, cast):
    services.change_periods(here, _months(wishes=1), by=cast.user(Role.PRIVACY_OFFICER))
    services.expire(here, RECENT + timedelta(days=60))
    assert not Wish.objects.exists()


def test_a_longer_period_keeps_the_promise_to_those_before(here, cast):
    services.change_periods(here, _months(comments=60), by=cast.user(Role.PRIVACY_OFFICER))
    services.expire(here, RECENT + timedelta(days=500))
    assert not Comment.objects.exists()
    assert Answer.objects.count() == 1


def test_a_change_is_logged_with_old_and_new(here, cast):
    services.change_periods(here, _months(wishes=2), by=cast.user(Role.PRIVACY_OFFICER))
    assert AuditEntry.objects.filter(organisation=here).last().what == "months: wishes 3 to 2"


def test_the_same_periods_again_are_no_change(here, cast):
    services.change_periods(here, _months(), by=cast.user(Role.PRIVACY_OFFICER))
    assert not Periods.objects.exists()


def test_database_refuses_to_alter_a_rule_that_was_in_force(here, cast):
    services.change_periods(here, _months(wishes=2), by=cast.user(Role.PRIVACY_OFFICER))
    with pytest.raises(DatabaseError, match="never altered"), transaction.atomic():
        Periods.objects.update(wishes=12)


def test_database_refuses_a_period_out_of_bounds(here):
    with pytest.raises(DatabaseError), transaction.atomic():
        Periods.objects.create(organisation=here, number=1, since=TODAY, wishes=240)


def test_an_unused_account_of_nobody_goes(here):
    user = make_account("gone@here.example", None, name="Gone")
    User.objects.filter(pk=user.pk).update(date_joined=timezone.now() - timedelta(days=500))
    assert services.expire_accounts(timezone.localdate()) == 1
    assert not User.objects.filter(pk=user.pk).exists()


def test_an_account_with_an_organisation_stays(here, cast):
    User.objects.update(date_joined=timezone.now() - timedelta(days=500))
    assert services.expire_accounts(timezone.localdate()) == 0


@pytest.mark.parametrize(("age", "left"), [(31, 0), (29, 1)])
def test_handled_files_go_after_a_month(here, data_folder, age, left):
    folder = data_folder / "inbox" / "here" / "results" / "done"
    folder.mkdir(parents=True)
    (folder / "absence.csv").write_text("unit,period\n", encoding="utf-8")
    then = time.time() - age * 86400
    os.utime(folder / "absence.csv", (then, then))
    services.expire_files()
    assert len(list(folder.iterdir())) == left


def test_the_nightly_run_works(here):
    tasks.expire.call()
    assert Response.objects.count() == 1


def test_works_council_and_privacy_officer_get_the_head(here, mailoutbox):
    tasks.mail_heads.call()
    to_here = {mail.to[0] for mail in mailoutbox if mail.to[0].endswith("@here.example")}
    assert to_here == {"works_council@here.example", "privacy_officer@here.example"}


def _moment_of(day):
    from .conftest import moment

    return moment(day)
