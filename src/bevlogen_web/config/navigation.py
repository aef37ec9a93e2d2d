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
    """A line of the menu: what it says and what is behind it, the name of its address, and who sees it."""

    text: str | Promise
    about: str | Promise
    view: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the menu as one member sees it; ``current`` marks the page or section that is open."""

    text: str | Promise
    about: str | Promise
    address: str
    current: bool


MENU: tuple[Entry, ...] = (
    Entry(_("Start"), "", "start", EVERYONE),
    Entry(
        _("Cockpit"),
        _("What to steer on, and the evidence under it"),
        "cockpit:overview",
        frozenset({Role.DIRECTOR, Role.ANALYST}),
    ),
    Entry(
        _("My teams"),
        _("Figures, first steps and a guide for the team meeting"),
        "cockpit:teams",
        frozenset({Role.MANAGER}),
    ),
    Entry(
        _("Actions"),
        _("What is done, where, and whether it worked"),
        "actions:overview",
        frozenset({Role.DIRECTOR, Role.MANAGER, Role.ANALYST}),
    ),
    Entry(
        _("What if"),
        _("What a change may bring, beforehand"),
        "actions:what-if",
        frozenset({Role.DIRECTOR, Role.ANALYST}),
    ),
    Entry(_("Rounds"), _("Questions to employees: prepare, open, follow the response"), "listening:rounds", EVERYONE),
    Entry(
        _("Steering picture"),
        _("When the figures were made, and the full report"),
        "analyses:picture",
        frozenset({Role.DIRECTOR, Role.ANALYST, Role.ADMINISTRATOR}),
    ),
    Entry(
        _("Reports"),
        _("To take along: PDF, PowerPoint and Excel, or by mail"),
        "reports:overview",
        frozenset({Role.DIRECTOR, Role.ANALYST, Role.MANAGER, Role.ADMINISTRATOR}),
    ),
    Entry(_("Units"), _("Teams, branches and locations, and how they hang together"), "organisation:units", EVERYONE),
    Entry(
        _("Employees"),
        _("Who works where, so that they can be asked"),
        "organisation:employees",
        frozenset({Role.ADMINISTRATOR}),
    ),
    Entry(
        _("Customers"),
        _("How customers give their feedback: link, poster or tablet"),
        "feedback:overview",
        frozenset({Role.DIRECTOR, Role.MANAGER, Role.ADMINISTRATOR}),
    ),
    Entry(
        _("Call back"),
        _("Customers who asked to be called back"),
        "feedback:wishes",
        frozenset({Role.DIRECTOR, Role.MANAGER}),
    ),
    Entry(
        _("Data"),
        _("Bring figures in by file, or connect another system"),
        "intake:data",
        frozenset({Role.ADMINISTRATOR}),
    ),
    Entry(_("Questionnaires"), _("What is asked, word for word"), "instruments:list", EVERYONE),
    Entry(_("Rules in force"), _("Smallest groups, how long data stay, and every change"), "privacy:rules", EVERYONE),
    Entry(
        _("Privacy"),
        _("Register, assessment and statement, made from the settings"),
        "privacy:overview",
        frozenset({Role.PRIVACY_OFFICER, Role.WORKS_COUNCIL, Role.DIRECTOR, Role.ADMINISTRATOR}),
    ),
    Entry(
        _("Colleagues"), _("Who may sign in, and with which role"), "accounts:members", frozenset({Role.ADMINISTRATOR})
    ),
    Entry(
        _("Log of changes"),
        _("Who changed what, and when"),
        "accounts:log",
        frozenset({Role.WORKS_COUNCIL, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR}),
    ),
)


def links(membership: Membership, path: str) -> list[Link]:
    """Give the lines of the menu this member may follow, in order."""
    shown = []
    for entry in MENU:
        if membership.role in entry.roles:
            address = reverse(entry.view, kwargs={"slug": membership.organisation.slug})
            current = path == address or (entry.view != "start" and path.startswith(address))
            shown.append(Link(entry.text, entry.about, address, current))
    return shown
