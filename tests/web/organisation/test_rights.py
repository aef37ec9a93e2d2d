"""The page that says who may see what tells the truth about every app."""

import pytest
from django.urls import reverse

from bevlogen_web.accounts.models import Role
from bevlogen_web.organisation.rights import table

PAGES = {
    "See the units and their history": "organisation:units",
    "See which rounds there are and how many people answered": "listening:rounds",
    "Read the questionnaires, the rules in force and this table": "privacy:rules",
    "See the steering picture in short": "analyses:picture",
    "See actions and whether they worked": "actions:overview",
    "Propose actions; the director agrees": "actions:add",
    "Ask what a move may bring": "actions:what-if",
    "Read the cockpit: the chain, the map and all units": "cockpit:overview",
    "Read the page of a team": "cockpit:teams",
    "Hold a round among employees": "listening:prepare",
    "Set out links and posters for customers": "feedback:overview",
    "Call back customers who ask for it": "feedback:wishes",
    "Change questionnaires": "instruments:new",
    "Bring in figures and ratings, connect other systems": "intake:file",
    "Read the log of changes and check it": "accounts:log",
    "Read the papers on privacy": "privacy:register",
    "Give people a copy of what is personal, or erase it": "privacy:person",
    "Change units and services": "organisation:unit-add",
    "See the list of employees and their addresses": "organisation:employees",
    "Invite colleagues, give roles, give managers their units": "accounts:members",
}
WITHOUT_PAGE = {"Read the whole report", "See what one person answered"}  # one needs a report, the other has no page


def test_every_right_has_its_page():
    assert {str(right.text) for right in table()} == set(PAGES) | WITHOUT_PAGE


@pytest.mark.parametrize(
    "right", [right for right in table() if str(right.text) in PAGES], ids=lambda one: str(one.text)
)
def test_right_is_that_of_its_page(cast, right):
    address = reverse(PAGES[str(right.text)], kwargs={"slug": "here"})
    opened = {role for role in Role if cast.client(role).get(address).status_code == 200}
    assert opened == right.roles


def test_nobody_sees_what_one_person_answered():
    assert next(right for right in table() if str(right.text) == "See what one person answered").roles == frozenset()


def test_nobody_who_sends_figures_reads_what_comes_of_them():
    rights = {str(right.text): right.roles for right in table()}
    senders = rights["Bring in figures and ratings, connect other systems"]
    readers = frozenset.union(
        *(
            roles
            for text, roles in rights.items()
            if text.startswith("Read the ") and any(word in text for word in ("report", "cockpit", "page of a team"))
        )
    )
    assert senders
    assert not senders & readers
