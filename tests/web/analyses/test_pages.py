"""The pages of the steering picture: who may open them, and what they say."""

import re

from checks import assert_strict, check_permissions
from django.urls import reverse

from bevlogen_web.accounts.models import Role
from bevlogen_web.analyses import services, urls
from bevlogen_web.analyses.models import Picture, Refresh, State

READERS = {Role.DIRECTOR, Role.ANALYST}
KEEPERS = READERS | {Role.ADMINISTRATOR}


def _page(name: str, **more) -> str:
    return reverse(f"analyses:{name}", kwargs={"slug": "here", **more})


def test_each_page_opens_for_its_roles_only(cast, picture):
    table = {
        "analyses:picture": (KEEPERS, {}),
        "analyses:standing": (KEEPERS, {}),
        "analyses:refresh": (KEEPERS, {}),
        "analyses:report": (READERS, {"number": picture.pk, "language": "nl"}),
    }
    check_permissions(cast, urls, table)


def test_a_picture_of_another_organisation_is_not_there(cast, picture):
    Picture.objects.update(organisation=cast.other)
    address = _page("report", number=picture.pk, language="nl")
    assert cast.client(Role.DIRECTOR).get(address).status_code == 404


def test_the_report_comes_under_its_own_policy(cast, closed_round, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        services.ask(cast.organisation)
    picture = Picture.objects.get()
    answer = cast.client(Role.DIRECTOR).get(_page("report", number=picture.pk, language="nl"))
    policy = answer.headers["Content-Security-Policy"]
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        policy,
    )
    assert "<script" not in answer.content.decode()


def test_the_page_says_how_fresh_the_picture_is(cast, picture):
    page = cast.client(Role.DIRECTOR).get(_page("picture")).content.decode()
    assert "the fourth quarter of 2025" in page
    assert_strict(page)


def test_the_page_says_where_to_begin(cast, picture):
    page = cast.client(Role.DIRECTOR).get(_page("picture")).content.decode()
    assert "<strong>Team A</strong>: work on engagement" in page


def test_the_administrator_sees_no_figures(cast, picture):
    page = cast.client(Role.ADMINISTRATOR).get(_page("picture")).content.decode()
    assert "the fourth quarter of 2025" not in page


def test_a_failure_is_told_and_the_last_picture_stays(cast, picture):
    fault = "1 fault in the workspace.\n- answers.csv, row 3: an answer outside the scale 1 to 5. Mend it."
    Refresh.objects.create(organisation=cast.organisation, state=State.FAILED, fault=fault, finished=picture.made)
    page = cast.client(Role.DIRECTOR).get(_page("picture")).content.decode()
    assert "an answer outside the scale" in page
    assert f"/picture/{picture.pk}/nl/" in page


def test_without_data_the_page_says_what_to_do(cast):
    told = {
        role: cast.client(role).get(_page("picture")).content.decode() for role in (Role.ANALYST, Role.ADMINISTRATOR)
    }
    assert all("There is no picture yet" in page for page in told.values())
    way = _page("picture").replace("picture", "data/history")
    assert [role for role, page in told.items() if way in page] == [Role.ADMINISTRATOR]


def test_asking_again_makes_it_again(cast, picture, closed_round, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        cast.client(Role.DIRECTOR).post(_page("refresh"))
    assert Picture.objects.count() == 2


def test_while_it_runs_the_page_looks_again(cast):
    Refresh.objects.create(organisation=cast.organisation, state=State.RUNNING, progress="linking")
    client = cast.client(Role.DIRECTOR)
    assert 'hx-trigger="every 3s"' in client.get(_page("picture")).content.decode()
    assert "HX-Refresh" not in client.get(_page("standing")).headers


def test_when_it_is_done_the_page_reloads(cast):
    assert cast.client(Role.DIRECTOR).get(_page("standing")).headers["HX-Refresh"] == "true"


def test_start_leads_who_steers_to_the_answer(cast, picture):
    assert cast.client(Role.DIRECTOR).get("/o/here/").headers["Location"] == "/o/here/cockpit/"
    assert cast.client(Role.ADMINISTRATOR).get("/o/here/").status_code == 200


def test_start_without_figures_says_what_one_can_do(cast):
    assert cast.client(Role.DIRECTOR).get("/o/here/").status_code == 200


def test_start_keeps_the_picture_from_who_may_not_read_it(cast, picture):
    assert "Team A" not in cast.client(Role.MANAGER).get("/o/here/").content.decode()
