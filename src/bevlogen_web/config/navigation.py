"""The main menu: one line per page that has a place in it, with the roles that may open it."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Membership, Role

EVERYONE = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu: what it says, the name of its address, and who sees it."""

    text: str | Promise
    view: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the menu as one member sees it; ``current`` marks the page or section that is open."""

    text: str | Promise
    address: str
    current: bool


MENU: tuple[Entry, ...] = (
    Entry(_("Start"), "start", EVERYONE),
    Entry(_("Cockpit"), "cockpit:overview", frozenset({Role.DIRECTOR, Role.ANALYST})),
    Entry(_("My teams"), "cockpit:teams", frozenset({Role.MANAGER})),
    Entry(_("Actions"), "actions:overview", frozenset({Role.DIRECTOR, Role.MANAGER, Role.ANALYST})),
    Entry(_("What if"), "actions:what-if", frozenset({Role.DIRECTOR, Role.ANALYST})),
    Entry(_("Rounds"), "listening:rounds", EVERYONE),
    Entry(
        _("Steering picture"),
        "analyses:picture",
        frozenset({Role.DIRECTOR, Role.ANALYST, Role.ADMINISTRATOR}),
    ),
    Entry(
        _("Reports"),
        "reports:overview",
        frozenset({Role.DIRECTOR, Role.ANALYST, Role.MANAGER, Role.ADMINISTRATOR}),
    ),
    Entry(_("Units"), "organisation:units", EVERYONE),
    Entry(_("Employees"), "organisation:employees", frozenset({Role.ADMINISTRATOR})),
    Entry(_("Customers"), "feedback:overview", frozenset({Role.DIRECTOR, Role.MANAGER, Role.ADMINISTRATOR})),
    Entry(_("Call back"), "feedback:wishes", frozenset({Role.DIRECTOR, Role.MANAGER})),
    Entry(_("Data"), "intake:data", frozenset({Role.ADMINISTRATOR, Role.ANALYST})),
    Entry(_("Questionnaires"), "instruments:list", EVERYONE),
    Entry(_("Rules in force"), "privacy:rules", EVERYONE),
    Entry(
        _("Privacy"),
        "privacy:overview",
        frozenset({Role.PRIVACY_OFFICER, Role.WORKS_COUNCIL, Role.DIRECTOR, Role.ADMINISTRATOR}),
    ),
    Entry(_("Colleagues"), "accounts:members", frozenset({Role.ADMINISTRATOR})),
    Entry(
        _("Log of changes"), "accounts:log", frozenset({Role.WORKS_COUNCIL, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR})
    ),
)


def links(membership: Membership, path: str) -> list[Link]:
    """Give the lines of the menu this member may follow, in order."""
    shown = []
    for entry in MENU:
        if membership.role in entry.roles:
            address = reverse(entry.view, kwargs={"slug": membership.organisation.slug})
            current = path == address or (entry.view != "start" and path.startswith(address))
            shown.append(Link(entry.text, address, current))
    return shown
