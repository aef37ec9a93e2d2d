"""The list of employees, services, and the units of managers."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from bevlogen_web.accounts.models import AuditEntry, Role
from bevlogen_web.organisation.models import Employee, Service, Unit

ENGLISH = {"accept-language": "en-gb"}


@pytest.fixture
def administrator(cast):
    return cast.client(Role.ADMINISTRATOR)


def address(name: str, **more: object) -> str:
    return reverse(f"organisation:{name}", kwargs={"slug": "here", **more})


def shown(client, url: str) -> str:
    return client.get(url, headers=ENGLISH).content.decode()


def test_list_shows_who_is_asked(administrator, small):
    Employee.objects.filter(key="2").update(active=False)
    page = shown(administrator, address("employees"))
    assert "a@here.example" in page
    assert "b@here.example" not in page


def test_list_is_searched_and_narrowed_to_a_unit(administrator, small):
    assert "b@here.example" not in shown(administrator, address("employees") + "?q=A@HERE")
    assert "b@here.example" not in shown(administrator, address("employees") + f"?unit={small.north.pk}")


def test_ticked_employees_are_no_longer_asked(administrator, small):
    administrator.post(address("employees"), {"employee": [small.employee("1").pk]})
    assert [small.employee(number).active for number in "12"] == [False, True]


def test_employee_of_another_organisation_is_not_touched(administrator, cast, small):
    there = Unit.objects.create(organisation=cast.other, key="X", name="X")
    strange = Employee.objects.create(organisation=cast.other, unit=there, key="9", language="nl")
    administrator.post(address("employees"), {"employee": [strange.pk]})
    strange.refresh_from_db()
    assert strange.active is True


def test_employee_is_added(administrator, small):
    given = {"key": "3", "email": "C@Here.Example", "unit": small.north.pk, "language": "nl", "active": "on"}
    administrator.post(address("employee-add"), given)
    assert small.employee("3").email == "c@here.example"


def test_address_of_a_colleague_is_refused(administrator, small):
    given = {"key": "3", "email": "A@here.example", "unit": small.north.pk, "language": "nl"}
    page = administrator.post(address("employee-add"), given, headers=ENGLISH)
    assert "There is an employee with this e-mail address already." in page.content.decode()


def test_database_refuses_an_address_twice(small):
    double = Employee(organisation=small.organisation, unit=small.north, key="3", email="A@here.example", language="nl")
    with pytest.raises(IntegrityError), transaction.atomic():
        double.save()


def test_the_log_names_nobody(administrator, small):
    given = {"key": "Jansen", "name": "Jansen", "email": "j@here.example", "unit": small.north.pk, "language": "nl"}
    administrator.post(address("employee-add"), given)
    entry = AuditEntry.objects.get(verb="employee added")
    assert "ansen" not in entry.what
    assert "@" not in entry.what


def test_last_day_before_the_first_is_refused(administrator, small):
    given = {"key": "3", "unit": small.north.pk, "language": "nl", "start": "2026-02-01", "end": "2026-01-01"}
    assert administrator.post(address("employee-add"), given).status_code == 200
    assert not Employee.objects.filter(key="3").exists()


def test_service_in_use_stays(administrator, small):
    service = Service.objects.create(organisation=small.organisation, key="tram", name="Tram")
    Unit.objects.filter(pk=small.north.pk).update(service=service)
    administrator.post(address("service-remove", number=service.pk))
    assert Service.objects.filter(pk=service.pk).exists()


def test_service_without_units_is_taken_out(administrator, small):
    service = Service.objects.create(organisation=small.organisation, key="tram", name="Tram")
    administrator.post(address("service-remove", number=service.pk))
    assert not Service.objects.exists()


def test_service_is_added_and_changed(administrator, cast):
    administrator.post(address("service-add"), {"name": "Tram", "co_creation": "0.2"})
    service = cast.organisation.services.get()
    administrator.post(address("service", number=service.pk), {"name": "Tram rides", "co_creation": ""})
    service.refresh_from_db()
    assert (service.key, service.name, service.co_creation) == ("tram", "Tram rides", None)


def test_manager_gets_units(administrator, cast, small):
    manager = cast.members[Role.MANAGER]
    administrator.post(address("manager", number=manager.pk), {"units": [small.north.pk]})
    assert "North" in shown(cast.client(Role.MANAGER), address("units"))
    administrator.post(address("manager", number=manager.pk), {})
    assert not manager.managed_units.exists()


def test_only_managers_get_units(administrator, cast):
    assert administrator.get(address("manager", number=cast.members[Role.DIRECTOR].pk)).status_code == 404


def test_employee_in_a_unit_that_ended_can_still_be_opened(administrator, small):
    Unit.objects.filter(pk=small.north.pk).update(end=date(2026, 1, 1))
    url = address("employee", number=small.employee("1").pk)
    assert administrator.get(url).status_code == 200
