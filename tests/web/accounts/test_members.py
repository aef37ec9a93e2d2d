"""The list of colleagues, for the administrator."""

import pytest

from bevlogen_web.accounts.models import Role


def test_administrator_sees_every_colleague(cast):
    page = cast.client(Role.ADMINISTRATOR).get("/o/here/colleagues/")
    assert "manager@here.example" in page.content.decode()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_other_roles_find_nothing(cast, role):
    assert cast.client(role).get("/o/here/colleagues/").status_code == 404
