"""A person can be found, given a copy and erased; what someone answered never can."""

import json

import pytest

from bevlogen_web.accounts.models import AuditEntry, Membership, Role, User
from bevlogen_web.feedback.models import Wish
from bevlogen_web.intake.models import Encounter
from bevlogen_web.listening.models import Answer
from bevlogen_web.organisation.models import Employee
from bevlogen_web.privacy import erased, subjects

from .conftest import TODAY, moment


@pytest.mark.parametrize("term", ["p1", "anna1@here.example", "ANNA1@here.example", " p1 "])
def test_an_employee_is_found_by_number_and_address(here, term):
    assert [one.key for one in subjects.find(here, term).employees] == ["p1"]


@pytest.mark.parametrize("term", ["0612345671", "+31 6 12345671", "06-12345671"])
def test_a_wish_is_found_by_telephone_number_however_written(here, term):
    assert [wish.pk for wish in subjects.find(here, term).wishes] == [1]


@pytest.mark.parametrize("term", ["p", "anna", "1", "12345", "%", "here.example", ""])
def test_part_of_a_name_or_number_finds_nothing(here, term):
    assert subjects.find(here, term).n_erasable == 0


def test_contacts_are_found_by_the_number_of_their_employee(here):
    found = subjects.find(here, "anna1@here.example").contacts
    assert [(kind, rows) for kind, _mark, rows in found] == [("employee", 1)]


def test_nobody_is_found_in_another_organisation(here, cast):
    assert subjects.find(cast.other, "anna1@here.example").n_erasable == 0


def test_copy_holds_what_is_kept_and_no_answer(here):
    text = json.dumps(subjects.copy(subjects.find(here, "p1")))
    assert "anna1@here.example" in text
    assert "words" not in text.replace("answers", "")


def test_erasing_an_employee_leaves_answers_and_contacts_without_person(here, cast):
    subjects.erase(here, subjects.find(here, "p1"), by=cast.user(Role.PRIVACY_OFFICER))
    assert not Employee.objects.filter(key="p1").exists()
    assert Answer.objects.count() == 2
    assert Encounter.objects.filter(employee="").count() == 1


def test_erasing_a_wish_empties_it(here, cast):
    subjects.erase(here, subjects.find(here, "0612345671"), by=cast.user(Role.PRIVACY_OFFICER))
    wish = Wish.objects.get(pk=1)
    assert (wish.contact, wish.about, wish.state) == ("", "", "done")


def test_erasing_a_member_ends_membership_and_account(here, cast):
    subjects.erase(here, subjects.find(here, "analyst@here.example"), by=cast.user(Role.PRIVACY_OFFICER))
    assert not User.objects.filter(email="analyst@here.example").exists()


def test_an_account_that_is_also_elsewhere_stays(here, cast):
    analyst = cast.user(Role.ANALYST)
    Membership.objects.create(organisation=cast.other, user=analyst, role=Role.ANALYST)
    subjects.erase(here, subjects.find(here, analyst.email), by=cast.user(Role.PRIVACY_OFFICER))
    assert [one.organisation for one in analyst.memberships.all()] == [cast.other]


def test_the_last_administrator_stays(here, cast):
    administrator = cast.user(Role.ADMINISTRATOR)
    found = subjects.find(here, administrator.email)
    assert subjects.erase(here, found, by=cast.user(Role.PRIVACY_OFFICER)) == (0, True)
    assert User.objects.filter(pk=administrator.pk).exists()


def test_log_names_nobody(here, cast):
    subjects.erase(here, subjects.find(here, "p1"), by=cast.user(Role.PRIVACY_OFFICER))
    entry = AuditEntry.objects.filter(organisation=here).last()
    assert (entry.verb, entry.what) == ("person erased on request", "employee 1, contacts 1")


def test_what_was_erased_is_noted_without_name_or_address(here, cast, data_folder):
    number = Employee.objects.get(key="p1").pk
    subjects.erase(here, subjects.find(here, "anna1@here.example"), by=cast.user(Role.PRIVACY_OFFICER))
    text = (data_folder / "erased.jsonl").read_text(encoding="utf-8")
    assert f'"kind": "employee", "mark": "{number}"' in text
    assert "anna1" not in text
    assert "p1" not in text


def test_erased_again_after_a_backup_came_back(here, cast):
    kept = Employee.objects.get(key="p1")
    subjects.erase(here, subjects.find(here, "p1"), by=cast.user(Role.PRIVACY_OFFICER))
    kept.save(force_insert=True)
    assert erased.again(moment(TODAY.replace(year=2000))) == 1
    assert not Employee.objects.filter(key="p1").exists()
