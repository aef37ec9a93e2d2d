"""What each role may see and do, as the pages of every app hold it; for the page that tells everyone."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Role

_ALL = frozenset(Role)
_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})


@dataclass(frozen=True, slots=True)
class Right:
    """Something that can be seen or done, and the roles that may; ``own_units``: a manager only for own units."""

    text: Promise
    roles: frozenset[Role]
    own_units: bool = False


_TABLE = (
    Right(_("See the tree of units and its history"), _ALL, own_units=True),
    Right(_("See the results of units that are large enough to show"), _ALL, own_units=True),
    Right(_("See services, and this table"), _ALL),
    Right(
        _("Read the log of changes and check it"),
        frozenset({Role.WORKS_COUNCIL, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR}),
    ),
    Right(_("Change units and services, import files"), _ADMINISTRATOR),
    Right(_("See names and addresses of employees"), _ADMINISTRATOR),
    Right(_("Invite colleagues, give roles, give managers their units"), _ADMINISTRATOR),
    Right(_("See what one person answered"), frozenset()),
)


def table() -> tuple[Right, ...]:
    """Give all rights, from what everyone may to what nobody may."""
    return _TABLE
