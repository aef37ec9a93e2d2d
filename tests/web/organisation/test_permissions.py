"""Every page of the organisation, visited as everyone."""

from datetime import date

import pytest
from checks import check_permissions

from bevlogen_web.accounts.models import Role
from bevlogen_web.organisation import urls
from bevlogen_web.organisation.models import Employee, ManagedUnit, Service, Unit, Upload

EVERYONE = set(Role)
ADMINISTRATOR = {Role.ADMINISTRATOR}


@pytest.fixture
def filled(cast):
    """One of everything in the organisation of the cast, and the manager has the unit."""
    here = cast.organisation
    service = Service.objects.create(organisation=here, key="tram", name="Tram", co_creation=0.2)
    unit = Unit.objects.create(organisation=here, key="N", name="Noord", service=service)
    employee = Employee.objects.create(organisation=here, unit=unit, key="1", language="nl")
    ManagedUnit.objects.create(membership=cast.members[Role.MANAGER], unit=unit)
    upload = Upload.objects.create(
        organisation=here,
        by=cast.user(Role.ADMINISTRATOR),
        kind="units",
        name="units.csv",
        content=b"unit;name\nZ;Zuid\n",
        complete=False,
        on=date(2026, 1, 1),
    )
    return {"service": service.pk, "unit": unit.pk, "employee": employee.pk, "upload": upload.pk}


def test_each_page_opens_for_its_roles_only(cast, filled):
    unit, service = {"number": filled["unit"]}, {"number": filled["service"]}
    upload, manager = {"number": filled["upload"]}, {"number": cast.members[Role.MANAGER].pk}
    check_permissions(
        cast,
        urls,
        {
            "organisation:units": (EVERYONE, {}),
            "organisation:unit": (EVERYONE, unit),
            "organisation:services": (EVERYONE, {}),
            "organisation:rights": (EVERYONE, {}),
            "organisation:unit-add": (ADMINISTRATOR, {}),
            "organisation:unit-edit": (ADMINISTRATOR, unit),
            "organisation:merge": (ADMINISTRATOR, {}),
            "organisation:move": (ADMINISTRATOR, unit),
            "organisation:split": (ADMINISTRATOR, unit),
            "organisation:close": (ADMINISTRATOR, unit),
            "organisation:reopen": (ADMINISTRATOR, unit),
            "organisation:service-add": (ADMINISTRATOR, {}),
            "organisation:service": (ADMINISTRATOR, service),
            "organisation:service-remove": (ADMINISTRATOR, service),
            "organisation:employees": (ADMINISTRATOR, {}),
            "organisation:employee-add": (ADMINISTRATOR, {}),
            "organisation:employee": (ADMINISTRATOR, {"number": filled["employee"]}),
            "organisation:import": (ADMINISTRATOR, {"kind": "units"}),
            "organisation:import-example": (ADMINISTRATOR, {"kind": "units"}),
            "organisation:import-check": (ADMINISTRATOR, upload),
            "organisation:import-give-up": (ADMINISTRATOR, upload),
            "organisation:managers": (ADMINISTRATOR, {}),
            "organisation:manager": (ADMINISTRATOR, manager),
            "organisation:first-steps": (ADMINISTRATOR, {}),
        },
    )
