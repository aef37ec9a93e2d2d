"""A small organisation to reorganise."""

from dataclasses import dataclass

import pytest

from bevlogen_web.accounts.models import Organisation, Role, User
from bevlogen_web.organisation.models import Employee, Unit


@dataclass(frozen=True, slots=True)
class Small:
    """Whole > (North, South), each with one employee, and the administrator who changes things."""

    organisation: Organisation
    by: User
    whole: Unit
    north: Unit
    south: Unit

    def unit(self, key: str) -> Unit:
        """The unit with this code as the database holds it now."""
        return Unit.objects.get(organisation=self.organisation, key=key)

    def employee(self, number: str) -> Employee:
        """The employee with this number as the database holds it now."""
        return Employee.objects.get(organisation=self.organisation, key=number)


@pytest.fixture
def small(cast) -> Small:
    here = cast.organisation
    whole = Unit.objects.create(organisation=here, key="W", name="Whole")
    north = Unit.objects.create(organisation=here, key="N", name="North", parent=whole, headcount=4)
    south = Unit.objects.create(organisation=here, key="S", name="South", parent=whole, headcount=5)
    Employee.objects.create(organisation=here, unit=north, key="1", name="A", email="a@here.example", language="nl")
    Employee.objects.create(organisation=here, unit=south, key="2", name="B", email="b@here.example", language="nl")
    return Small(here, cast.user(Role.ADMINISTRATOR), whole, north, south)
