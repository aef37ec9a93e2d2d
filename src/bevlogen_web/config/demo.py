"""The demonstration: an organisation with one user per role, all with the same published password."""

from __future__ import annotations

from bevlogen_web.accounts import services
from bevlogen_web.accounts.models import Organisation, Role

PASSWORD = "bevlogen-demo"
DOMAIN = "stadsdiensten.example"
DIRECTOR = f"director@{DOMAIN}"
NAMES = {
    Role.DIRECTOR: "Dirkje de Vries",
    Role.MANAGER: "Mehmet Yilmaz",
    Role.ANALYST: "Anouk Jansen",
    Role.PRIVACY_OFFICER: "Peter Bakker",
    Role.WORKS_COUNCIL: "Olivia Smit",
    Role.ADMINISTRATOR: "Aziz Visser",
}


def prepare() -> None:
    """Make the demonstration organisation and its users, if they are not there yet."""
    if Organisation.objects.filter(slug="stadsdiensten").exists():
        return
    organisation = Organisation.objects.create(name="Stadsdiensten", slug="stadsdiensten", language="nl")
    for role, name in NAMES.items():
        user = services.make_account(f"{role.replace('_', '-')}@{DOMAIN}", PASSWORD, name=name)
        services.add_member(organisation, user, role, by=None)
