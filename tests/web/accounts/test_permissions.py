"""Who may open which page of accounts."""

from checks import check_permissions

from bevlogen_web.accounts import services, urls
from bevlogen_web.accounts.models import Role

LOG_READERS = {Role.WORKS_COUNCIL, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR}


def test_each_page_opens_for_its_roles_only(cast):
    administrator = {Role.ADMINISTRATOR}
    colleague = {"number": cast.members[Role.ANALYST].pk}
    invitation = services.invite(
        cast.organisation, "new@here.example", Role.ANALYST, "nl", by=cast.user(Role.ADMINISTRATOR)
    )
    table = {
        "accounts:members": (administrator, {}),
        "accounts:member": (administrator, colleague),
        "accounts:remove": (administrator, colleague),
        "accounts:withdraw": (administrator, {"number": invitation.pk}),
        "accounts:log": (LOG_READERS, {}),
    }
    check_permissions(cast, urls, table)
