"""What each role may see and do, as the pages of every app hold it; for the page that tells everyone."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Role

_ALL = frozenset(Role)
_DIRECTOR, _MANAGER, _ANALYST = Role.DIRECTOR, Role.MANAGER, Role.ANALYST
_OFFICER, _COUNCIL, _ADMINISTRATOR = Role.PRIVACY_OFFICER, Role.WORKS_COUNCIL, Role.ADMINISTRATOR


@dataclass(frozen=True, slots=True)
class Right:
    """Something that can be seen or done, and the roles that may; ``own_units``: a manager only for own units."""

    text: Promise
    roles: frozenset[Role]
    own_units: bool = False


_TABLE = (
    Right(_("See the units and their history"), _ALL, own_units=True),
    Right(_("See which rounds there are and how many people answered"), _ALL, own_units=True),
    Right(_("Read the questionnaires, the rules in force and this table"), _ALL),
    Right(_("See the steering picture in short"), frozenset({_DIRECTOR, _ANALYST, _ADMINISTRATOR})),
    Right(_("Read the whole report"), frozenset({_DIRECTOR, _ANALYST})),
    Right(_("Read the cockpit: the chain, the map and all units"), frozenset({_DIRECTOR, _ANALYST})),
    Right(_("Read the page of a team"), frozenset({_DIRECTOR, _MANAGER, _ANALYST}), own_units=True),
    Right(_("See actions and whether they worked"), frozenset({_DIRECTOR, _MANAGER, _ANALYST}), own_units=True),
    Right(_("Propose actions; the director agrees"), frozenset({_DIRECTOR, _MANAGER}), own_units=True),
    Right(_("Ask what a move may bring"), frozenset({_DIRECTOR, _ANALYST})),
    Right(_("Hold a round among employees"), frozenset({_DIRECTOR, _ADMINISTRATOR})),
    Right(
        _("Set out links and posters for customers"), frozenset({_DIRECTOR, _MANAGER, _ADMINISTRATOR}), own_units=True
    ),
    Right(_("Call back customers who ask for it"), frozenset({_DIRECTOR, _MANAGER}), own_units=True),
    Right(_("Change questionnaires"), frozenset({_ANALYST, _ADMINISTRATOR})),
    # Who sends figures, and sees what comes of each, could work back what others answered (docs/disclosure.md).
    Right(_("Bring in figures and ratings, connect other systems"), frozenset({_ADMINISTRATOR})),
    Right(_("Read the log of changes and check it"), frozenset({_OFFICER, _COUNCIL, _ADMINISTRATOR})),
    Right(_("Read the papers on privacy"), frozenset({_DIRECTOR, _OFFICER, _COUNCIL, _ADMINISTRATOR})),
    Right(_("Give people a copy of what is personal, or erase it"), frozenset({_OFFICER})),
    Right(_("Change units and services"), frozenset({_ADMINISTRATOR})),
    Right(_("See the list of employees and their addresses"), frozenset({_ADMINISTRATOR})),
    Right(_("Invite colleagues, give roles, give managers their units"), frozenset({_ADMINISTRATOR})),
    Right(_("See what one person answered"), frozenset()),
)


def table() -> tuple[Right, ...]:
    """Give all rights, from what everyone may to what nobody may."""
    return _TABLE
