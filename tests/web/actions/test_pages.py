"""Actions: who sees and does what, what is asked, and what the study says of them."""

import re
from datetime import date

import pytest
from checks import assert_strict, check_permissions
from django.urls import reverse

from bevlogen_web.accounts.models import AuditEntry, Membership, Organisation, Role
from bevlogen_web.actions import queries, urls
from bevlogen_web.actions.models import Action, State
from bevlogen_web.analyses import queries as analyses
from bevlogen_web.analyses import workspace

READERS = {Role.DIRECTOR, Role.MANAGER, Role.ANALYST}
DOERS = {Role.DIRECTOR, Role.MANAGER}
ASKERS = {Role.DIRECTOR, Role.ANALYST}
WHAT = "Make the roster"


def _address(name: str, **more) -> str:
    return reverse(f"actions:{name}", kwargs={"slug": "here", **more})


def _filled(*teams, **more) -> dict:
    given = {"what": WHAT, "lever": "employership.autonomy", "units": [t.pk for t in teams], "start": "2026-01-05"}
    return {**given, **more}


@pytest.fixture
def action(cast, teams) -> Action:
    """An agreed action in both teams, owned by the manager."""
    made = Action.objects.create(
        organisation=cast.organisation, owner=cast.members[Role.MANAGER], lever="employership.autonomy", what=WHAT,
        start=date(2026, 1, 5), state=State.AGREED,
    )  # fmt: skip
    made.units.set(teams.values())
    return made


def test_each_page_opens_for_its_roles_only(cast, action, planned):
    one, asked = {"number": action.pk}, {"number": planned.pk}
    table = {
        "actions:overview": (READERS, {}),
        "actions:add": (DOERS, {}),
        "actions:ideas": (READERS, {}),
        "actions:what-if": ({Role.DIRECTOR, Role.ANALYST}, {}),
        "actions:what-if-answer": ({Role.DIRECTOR, Role.ANALYST}, {}),
        "actions:action": (READERS, one),
        "actions:edit": (DOERS, one),
        "actions:note": (DOERS, one),
        "actions:agree": ({Role.DIRECTOR}, one),
        "actions:decline": ({Role.DIRECTOR}, one),
        "actions:close": (DOERS, one),
        "actions:plan": (ASKERS, {}),
        "actions:choose": (ASKERS, {}),
        "actions:asked": (ASKERS, asked),
        "actions:asked-answer": (ASKERS, asked),
        "actions:register": ({Role.DIRECTOR}, asked),
    }
    check_permissions(cast, urls, table)


def test_what_a_director_adds_is_agreed(cast, teams):
    cast.client(Role.DIRECTOR).post(_address("add"), _filled(*teams.values()))
    made = Action.objects.get()
    assert (made.state, made.units.count(), made.owner.role) == (State.AGREED, 2, Role.DIRECTOR)
    assert AuditEntry.objects.latest("number").what == f"action {made.pk}"


def test_what_a_team_adds_is_a_proposal_until_the_director_agrees(cast, teams):
    cast.client(Role.MANAGER).post(_address("add"), _filled(teams["north"]))
    made = Action.objects.get()
    assert made.state == State.PROPOSED
    assert queries.rows(cast.organisation) == []
    cast.client(Role.DIRECTOR).post(_address("agree", number=made.pk))
    assert [row["unit"] for row in queries.rows(cast.organisation)] == ["north"]


def test_a_manager_may_not_act_in_the_team_of_another(cast, teams):
    page = cast.client(Role.MANAGER).post(_address("add"), _filled(teams["south"]))
    assert page.status_code == 200
    assert not Action.objects.exists()


def test_a_manager_does_not_see_actions_elsewhere(cast, teams, action):
    action.units.set([teams["south"]])
    assert cast.client(Role.MANAGER).get(_address("action", number=action.pk)).status_code == 404
    assert WHAT not in cast.client(Role.MANAGER).get(_address("overview")).content.decode()


def test_only_director_and_owner_may_change(cast, action):
    assert cast.client(Role.MANAGER).get(_address("edit", number=action.pk)).status_code == 200
    Action.objects.update(owner=cast.members[Role.DIRECTOR])
    assert cast.client(Role.MANAGER).get(_address("edit", number=action.pk)).status_code == 404
    assert cast.client(Role.MANAGER).post(_address("close", number=action.pk)).status_code == 404


def test_a_closed_action_goes_on_counting_and_cannot_be_changed(cast, action):
    cast.client(Role.MANAGER).post(_address("close", number=action.pk))
    action.refresh_from_db()
    assert (action.state, action.closed is not None) == (State.CLOSED, True)
    assert len(queries.rows(cast.organisation)) == 2
    assert cast.client(Role.DIRECTOR).get(_address("edit", number=action.pk)).status_code == 404


def test_agreeing_twice_says_that_somebody_was_before_you(cast, action):
    page = cast.client(Role.DIRECTOR).post(_address("agree", number=action.pk), follow=True)
    assert "iemand anders was u voor" in page.content.decode() or "before you" in page.content.decode()


def test_a_note_is_kept_with_its_author_and_not_in_the_log(cast, action):
    cast.client(Role.MANAGER).post(_address("note", number=action.pk), {"text": "The roster hangs."})
    assert "The roster hangs." in cast.client(Role.DIRECTOR).get(_address("action", number=action.pk)).content.decode()
    assert "roster" not in AuditEntry.objects.latest("number").what


def test_an_empty_note_is_not_kept(cast, action):
    cast.client(Role.MANAGER).post(_address("note", number=action.pk), {"text": " "})
    assert not action.notes.exists()


def test_what_is_due_stands_on_top(cast, action):
    Action.objects.update(remind=date(2026, 1, 6))
    assert [a.pk for a in queries.due(queries.actions_for(cast.members[Role.DIRECTOR]), date(2026, 1, 6))] == [
        action.pk
    ]
    assert not queries.due(queries.actions_for(cast.members[Role.DIRECTOR]), date(2026, 1, 5))


def test_the_study_gets_a_row_per_unit_and_is_made_again(cast, action, tmp_path):
    before = analyses.mark(cast.organisation, date(2026, 2, 1))
    workspace.write(cast.organisation, tmp_path, date(2026, 2, 1))
    lines = (tmp_path / "actions.csv").read_text().splitlines()
    assert lines[1:] == [f"{k},2026-01-05,employership.autonomy,{WHAT}" for k in ("north", "south")]
    Action.objects.update(start=date(2026, 1, 6))
    assert analyses.mark(cast.organisation, date(2026, 2, 1)) != before


def test_actions_of_another_organisation_stay_there(cast, action):
    other = Organisation.objects.exclude(pk=cast.organisation.pk).first()
    assert queries.rows(other) == []
    member = Membership.objects.filter(organisation=other).first()
    assert not queries.actions_for(member).exists()


@pytest.mark.parametrize(
    ("language", "verdict", "reason"), [("nl", "werkte", "(nl)"), ("en-gb", "worked", "It worked")]
)
def test_the_verdict_of_the_study_is_shown_in_both_languages(cast, action, judged, language, verdict, reason):
    client = cast.client(Role.DIRECTOR)
    client.cookies["bevlogen_language"] = language
    page = client.get(_address("action", number=action.pk)).content.decode()
    assert verdict in page
    assert reason in page
    assert_strict(page)


def test_effects_carry_a_sign_and_what_is_not_known_a_dash(cast, action, judged):
    page = cast.client(Role.DIRECTOR).get(_address("action", number=action.pk)).content.decode()
    assert re.findall(r'<td class="num">(.*?)</td>', page) == ["+0.4", "−0.2", "–"]


def test_the_list_shows_the_verdict(cast, action, judged):
    assert "✓" in cast.client(Role.DIRECTOR).get(_address("overview")).content.decode()


def test_a_proposal_is_not_judged(cast, action, judged):
    Action.objects.update(state=State.PROPOSED)
    action.refresh_from_db()
    assert queries.judged(action) is None


@pytest.mark.parametrize("name", ["overview", "add", "ideas", "what-if"])
@pytest.mark.parametrize("language", ["nl", "en-gb"])
def test_each_page_is_strict_in_both_languages(cast, judged, name, language):
    client = cast.client(Role.DIRECTOR)
    client.cookies["bevlogen_language"] = language
    assert_strict(client.get(_address(name)).content.decode())


def test_ideas_carry_published_effects_with_their_source(cast):
    page = cast.client(Role.DIRECTOR).get(_address("ideas")).content.decode()
    assert "0,24" in page or "0.24" in page
    assert "10.1007/s12144-019-00438-z" in page


@pytest.mark.parametrize("name", ["ideas", "plan", "choose", "what-if", "what-if-answer"])
@pytest.mark.parametrize(
    ("language", "label", "effect"), [("nl", "igen, 3 acties", "0,37"), ("en-gb", "wn, 3 actions", "0.37")]
)
def test_what_own_actions_brought_stands_beside_what_is_published(cast, judged, name, language, label, effect):
    client = cast.client(Role.DIRECTOR)
    client.cookies["bevlogen_language"] = language
    page = client.get(_address(name)).content.decode()
    assert label in page
    assert effect in page
    assert effect.replace("37", "24") in page
    assert "7 act" not in page


@pytest.mark.parametrize("name", ["ideas", "plan", "choose", "what-if"])
def test_without_own_actions_nothing_is_claimed_of_them(cast, name):
    page = cast.client(Role.DIRECTOR).get(_address(name)).content.decode()
    assert "wn, " not in page


def test_an_idea_can_be_taken_over(cast):
    page = cast.client(Role.DIRECTOR).get(_address("add"), {"what": "Strike a form", "lever": "employership.red_tape"})
    assert 'value="Strike a form"' in page.content.decode()


@pytest.mark.parametrize(("step", "shown"), [("1", 1), ("3", 3), ("99", 3), ("-1", 3), ("x", 3), ("", 3), ("0", 1)])
def test_the_slider_answers_within_its_range(cast, judged, step, shown):
    page = cast.client(Role.ANALYST).get(_address("what-if-answer"), {"step": step}).content.decode()
    assert f"engagement by {shown}" in page


def test_what_moves_and_when_stand_in_words(cast, judged):
    client = cast.client(Role.ANALYST)
    client.cookies["bevlogen_language"] = "nl"
    page = client.get(_address("what-if")).content.decode()
    assert ">houding van de klant</option>" in page
    assert "K4 2026" in page
    assert "2026-Q4" not in page
    assert "−0,23 tot +0,97" in page


def test_an_unknown_lever_gives_the_first(cast, judged):
    page = cast.client(Role.ANALYST).get(_address("what-if"), {"lever": "<x>"}).content.decode()
    assert "engagement by 3" in page
    assert "<x>" not in page


def test_without_a_picture_what_if_says_what_is_missing(cast):
    assert_strict(cast.client(Role.ANALYST).get(_address("what-if")).content.decode())
