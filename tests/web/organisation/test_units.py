"""The pages of units: tree, search, one unit, adding, editing, setting up."""

from datetime import date

import pytest
from django.urls import reverse

from bevlogen_web.accounts.models import Role
from bevlogen_web.organisation import tree
from bevlogen_web.organisation.models import ManagedUnit, Service, Unit

ENGLISH = {"accept-language": "en-gb"}


@pytest.fixture
def administrator(cast):
    return cast.client(Role.ADMINISTRATOR)


def address(name: str, **more: object) -> str:
    return reverse(f"organisation:{name}", kwargs={"slug": "here", **more})


def shown(client, url: str) -> str:
    return client.get(url, headers=ENGLISH).content.decode()


def test_tree_counts_people_and_units_below(small):
    whole = tree.lines([_with_people(small.whole, 0), _with_people(small.north, 4), _with_people(small.south, 5)])[0]
    assert (whole.below, whole.people) == (2, 9)


def test_tree_closes_as_many_lists_as_it_opens(small):
    lines = tree.lines([_with_people(unit, 1) for unit in (small.whole, small.north, small.south)])
    assert [(line.depth, len(line.closes)) for line in lines] == [(0, 0), (1, 0), (1, 1)]


def test_no_units_make_no_lines():
    assert tree.lines([]) == []


def _with_people(unit: Unit, people: int) -> Unit:
    unit.people = people
    return unit


def test_manager_sees_own_units_only(cast, small):
    ManagedUnit.objects.create(membership=cast.members[Role.MANAGER], unit=small.north)
    page = shown(cast.client(Role.MANAGER), address("units"))
    assert "North" in page
    assert "South" not in page


def test_unit_of_others_is_not_there_for_a_manager(cast, small):
    ManagedUnit.objects.create(membership=cast.members[Role.MANAGER], unit=small.north)
    assert cast.client(Role.MANAGER).get(address("unit", number=small.south.pk)).status_code == 404


def test_search_finds_by_code(administrator, small):
    page = shown(administrator, address("units") + "?q=n")
    assert "1 unit found" in page
    assert "North" in page


def test_unit_page_names_no_employee(administrator, small):
    page = shown(administrator, address("unit", number=small.north.pk))
    assert "a@here.example" not in page


def test_units_of_the_past_are_shown_when_asked(administrator, small):
    Unit.objects.filter(pk=small.north.pk).update(end=date(2026, 1, 1))
    assert "North" not in shown(administrator, address("units"))
    assert "North" in shown(administrator, address("units") + "?ended")


def test_unit_is_added_below_another(administrator, small):
    answer = administrator.post(address("unit-add"), {"name": "East", "parent": small.whole.pk})
    assert answer.headers["Location"] == address("unit", number=small.unit("east").pk)
    assert small.unit("east").parent == small.whole


def test_taken_code_is_told_beside_the_field(administrator, small):
    page = administrator.post(address("unit-add"), {"name": "East", "key": "N"}, headers=ENGLISH)
    assert "There is, or was, a unit with th" in page.content.decode()
    assert Unit.objects.filter(organisation=small.organisation).count() == 3


def test_parent_of_another_organisation_is_refused(administrator, cast, small):
    strange = Unit.objects.create(organisation=cast.other, key="X", name="Elsewhere")
    administrator.post(address("unit-add"), {"name": "East", "parent": strange.pk})
    assert not Unit.objects.filter(key="east").exists()


def test_service_of_another_organisation_is_refused(administrator, cast, small):
    strange = Service.objects.create(organisation=cast.other, key="x", name="X")
    administrator.post(address("unit-edit", number=small.north.pk), {"name": "N", "key": "N", "service": strange.pk})
    assert small.unit("N").service is None


def test_unit_is_edited_and_keeps_a_figure_between_the_words(administrator, small):
    Unit.objects.filter(pk=small.north.pk).update(co_creation=0.35)
    given = {"name": "North 2", "key": "N", "co_creation": "0.35", "headcount": ""}
    administrator.post(address("unit-edit", number=small.north.pk), given)
    north = small.unit("N")
    assert (north.name, north.co_creation, north.headcount) == ("North 2", 0.35, None)


def test_code_of_another_unit_is_refused_when_editing(administrator, small):
    page = administrator.post(
        address("unit-edit", number=small.north.pk), {"name": "North", "key": "S"}, headers=ENGLISH
    )
    assert page.status_code == 200
    assert small.unit("N").name == "North"


def test_organisation_is_set_up_in_one_form(administrator, cast):
    given = {"name": "Stadszorg", "service_1": "Tram", "degree_1": "0.2", "units": "110; Team North\nTeam South\n"}
    answer = administrator.post(address("first-steps"), given)
    assert answer.headers["Location"] == address("units")
    cast.organisation.refresh_from_db()
    assert cast.organisation.name == "Stadszorg"
    assert set(cast.organisation.units.values_list("key", "name", "start")) == {
        ("110", "Team North", None),
        ("team-south", "Team South", None),
    }
    assert cast.organisation.services.get().co_creation == 0.2


def test_setting_up_twice_adds_nothing(administrator, small):
    administrator.post(address("first-steps"), {"name": "Other", "units": "Team"})
    assert Unit.objects.filter(organisation=small.organisation).count() == 3


def test_same_code_twice_is_told(administrator, cast):
    page = administrator.post(address("first-steps"), {"name": "X", "units": "1; A\n1; B"}, headers=ENGLISH)
    assert "A code occurs twice." in page.content.decode()
    assert not cast.organisation.units.exists()


def test_start_page_leads_the_administrator_to_setting_up(administrator):
    assert address("first-steps") in shown(administrator, "/o/here/")
