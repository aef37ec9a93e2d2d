"""The pages of the cockpit: who may open them, and what they say."""

from checks import check_permissions

from bevlogen_web.accounts.models import Role
from bevlogen_web.cockpit import urls

READERS = {Role.DIRECTOR, Role.ANALYST}


def test_each_page_opens_for_its_roles_only(cast):
    table = {
        "cockpit:overview": (READERS, {}),
    }
    check_permissions(cast, urls, table)
