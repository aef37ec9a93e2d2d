"""The pages of the cockpit: who may open them, and what they say."""

import json
import re

import pytest
from checks import assert_strict, check_permissions
from django.urls import reverse

from bevlogen_web.accounts.models import Role
from bevlogen_web.analyses.models import Picture, Refresh, State
from bevlogen_web.cockpit import urls

READERS = {Role.DIRECTOR, Role.ANALYST}
VIEWERS = READERS | {Role.MANAGER}
LINK = {"cause": "employership", "outcome": "engagement"}
PAGES = ("overview", "claims", "map", "exist", "heat", "explore", "teams", "words")


def _dutch(cast, role: Role = Role.DIRECTOR):
    """A browser of a member who reads Dutch."""
    client = cast.client(role)
    client.cookies["bevlogen_language"] = "nl"
    return client


def _address(name: str, **more) -> str:
    return reverse(f"cockpit:{name}", kwargs={"slug": "here", **more})


def test_each_page_opens_for_its_roles_only(cast, managed):
    table = {
        "cockpit:overview": (READERS, {}),
        "cockpit:link": (READERS, LINK),
        "cockpit:link-rows": (READERS, LINK),
        "cockpit:link-figure": (READERS, {**LINK, "kind": "svg"}),
        "cockpit:claims": (READERS, {}),
        "cockpit:claim": (READERS, {"claim": "hygiene"}),
        "cockpit:map": (READERS, {}),
        "cockpit:map-rows": (READERS, {}),
        "cockpit:map-figure": (READERS, {"kind": "svg"}),
        "cockpit:exist": (READERS, {}),
        "cockpit:exist-figure": (READERS, {"construct": "return", "kind": "svg"}),
        "cockpit:heat": (READERS, {}),
        "cockpit:heat-rows": (READERS, {}),
        "cockpit:explore": (READERS, {}),
        "cockpit:explore-answer": (READERS, {}),
        "cockpit:explore-ask": (READERS, {}),
        "cockpit:explore-keep": (READERS, {}),
        "cockpit:explore-drop": (READERS, {"number": 1}),
        "cockpit:explore-table": (READERS, {"kind": "csv"}),
        "cockpit:words": (set(Role), {}),
        "cockpit:tour-done": (VIEWERS, {}),
        "cockpit:team": (VIEWERS, {"key": managed}),
    }
    check_permissions(cast, _without(urls, "teams"), table)


def _without(module, name: str):
    """The module without one page, which leads a manager with one team on to it."""

    class Part:
        app_name = module.app_name
        urlpatterns = [pattern for pattern in module.urlpatterns if pattern.name != name]  # noqa: RUF012 - a stand-in

    return Part


def test_a_manager_with_one_team_is_led_to_it(cast, managed):
    answer = cast.client(Role.MANAGER).get(_address("teams"))
    assert answer.headers["Location"] == _address("team", key=managed)


def test_a_team_of_another_manager_is_not_there(cast, managed, document):
    other = next(unit["key"] for unit in document["units"] if unit["key"] != managed)
    assert cast.client(Role.MANAGER).get(_address("team", key=other)).status_code == 404
    assert cast.client(Role.DIRECTOR).get(_address("team", key=other)).status_code == 200


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["nl", "en-gb"])
def test_each_page_is_strict_in_both_languages(cast, picture, name, language):
    client = cast.client(Role.DIRECTOR)
    client.cookies["bevlogen_language"] = language
    page = client.get(_address(name)).content.decode()
    assert_strict(page)
    assert f'<html lang="{language}">' in page


@pytest.mark.parametrize("name", ["overview", "map", "exist", "heat", "explore", "teams", "claims"])
def test_without_figures_a_page_says_what_to_do(cast, name):
    page = _dutch(cast).get(_address(name)).content.decode()
    assert "Er zijn nog geen cijfers" in page
    assert_strict(page)


def test_without_a_past_to_compare_with_it_says_that_nothing_is_watched_yet(cast, picture):
    picture.sheets.filter(kind="bell").update(body=json.dumps({"watched": 0, "alarms": []}))
    for name in ("overview", "exist"):
        page = _dutch(cast).get(_address(name)).content.decode()
        assert "Nog geen cijfer wordt gevolgd" in page
        assert "van de 0 die we volgen" not in page


def test_the_answer_stands_on_top_with_its_date(cast, picture):
    page = _dutch(cast).get(_address("overview")).content.decode()
    assert page.index("Het antwoord") < page.index("De keten") < page.index("Eerste stappen")
    assert "Cijfers van" in page


def test_a_failed_refresh_is_said_and_the_last_good_figures_stay(cast, picture):
    Refresh.objects.create(organisation=cast.organisation, state=State.FAILED, finished=picture.made, fault="odd")
    page = _dutch(cast).get(_address("overview")).content.decode()
    assert "U ziet het laatste" in page
    assert "Het antwoord" in page


def test_each_link_with_an_estimate_leads_to_its_evidence(cast, picture):
    client = _dutch(cast)
    assert _address("link", **LINK) in client.get(_address("overview")).content.decode()
    page = client.get(_address("link", **LINK)).content.decode()
    assert all(word in page for word in ("eigen cijfers", "gepubliceerd", "samen", "tussen onderdelen"))


def test_reasons_in_the_list_of_claims_end_where_a_sentence_ends(cast, picture):
    page = _dutch(cast).get(_address("claims")).content.decode()
    reasons = re.findall(r'<p class="quiet-text">([^<]+)</p></li>', page)
    assert len(reasons) > 3
    assert [reason for reason in reasons if not reason.endswith(".")] == []


@pytest.mark.parametrize(
    ("name", "arguments", "query"),
    [
        ("overview", {}, "?unit=long-gone"),
        ("exist", {}, "?unit=long-gone"),
        ("link", {"cause": "absence", "outcome": "engagement"}, ""),
        ("claim", {"claim": "no-claim"}, ""),
        ("team", {"key": "long/gone"}, ""),
    ],
)
def test_a_stale_link_gives_a_sentence_and_a_way_on(cast, picture, name, arguments, query):
    answer = _dutch(cast).get(_address(name, **arguments) + query)
    assert answer.status_code == 404
    assert "De laatste goede cijfers zijn van" in answer.content.decode()
    assert _address("teams") in answer.content.decode()


def test_a_service_within_a_part_without_it_is_refused_with_a_sentence(cast, picture, document):
    client = _dutch(cast)
    services = sorted({unit["service"] for unit in document["units"] if unit["service"]})
    part = next(unit["key"] for unit in document["units"] if unit["service"] == services[0])
    page = client.get(_address("overview") + f"?unit={part}&service={services[1]}").content.decode()
    assert "geen cijfers vrijgegeven" in page


def test_a_service_leads_to_the_unit_that_was_released_for_it(cast, picture, document):
    service = next(unit["service"] for unit in document["units"] if unit["service"])
    answer = _dutch(cast).get(_address("overview") + f"?service={service}")
    assert answer.status_code == 302
    assert "unit=" in answer.headers["Location"]


def test_an_earlier_period_leaves_later_figures_out(cast, picture, document):
    periods = document["periods"]
    page = _dutch(cast).get(_address("exist")).content.decode()
    assert "2025" in page
    past = _dutch(cast).get(_address("overview") + f"?period={periods[3]}").content.decode()
    assert "die van de periode die u koos" in past


def test_no_page_holds_a_figure_that_was_not_released(cast, picture, document):
    hidden = {(one["unit"], one["construct"], one["period"]) for one in document["suppressed"]}
    shown = {(u["key"], s["construct"], s["period"]) for u in document["units"] for s in u["scores"]}
    assert not hidden & shown
    rows = _dutch(cast).get(_address("heat-rows") + "?n=240").json()["rows"]
    cells = [cell for row in rows for cell in row["cells"] if cell[1] == "gone"]
    assert cells
    assert all(cell[0] in "abcde" for cell in cells)


def test_what_is_hidden_sorts_last_in_both_directions(cast, picture):
    client = _dutch(cast)
    for down in ("", "1"):
        rows = client.get(_address("heat-rows") + f"?by=engagement&down={down}&n=240").json()["rows"]
        column = [row["cells"] for row in rows]
        place = _column(client, "engagement")
        kinds = [cells[place][1] in ("gone", "none") for cells in column]
        assert kinds == sorted(kinds)


def _column(client, key: str) -> int:
    page = client.get(_address("heat")).content.decode()
    return list(dict.fromkeys(re.findall(r"[?;]by=([a-z_.]+)", page))).index(key)


def test_rows_come_in_windows(cast, picture, document):
    answer = _dutch(cast).get(_address("heat-rows") + "?from=10&n=7").json()
    assert (answer["total"], answer["from"], len(answer["rows"])) == (len(document["units"]), 10, 7)
    assert [row["at"] for row in answer["rows"]] == list(range(10, 17))


def test_what_a_cell_means_is_said_in_dutch_too(cast, picture):
    page = _dutch(cast).get(_address("heat")).content.decode()
    rows = _dutch(cast).get(_address("heat-rows") + "?from=0&n=3").content.decode()
    assert "; respondenten: " in page + rows
    assert "; respondents: " not in page + rows


@pytest.mark.parametrize("odd", ["from=-1", "from=x", "n=999999999999", "by=nothing", "from=٣", "service=none"])
def test_odd_questions_are_answered(cast, picture, odd):
    client = _dutch(cast)
    assert client.get(_address("heat-rows") + f"?{odd}").status_code == 200
    assert client.get(_address("heat") + f"?{odd}").status_code == 200


def test_the_map_marks_units_to_compare(cast, picture, managed):
    client = _dutch(cast)
    rows = client.get(_address("map-rows") + f"?unit={managed}").json()
    assert [row.get("chosen", False) for row in rows].count(True) == 1
    page = client.get(_address("map") + f"?unit={managed}&unit=long-gone").content.decode()
    assert "staat niet op de kaart" in page


def test_a_figure_comes_as_a_file(cast, picture):
    client = _dutch(cast)
    svg = client.get(_address("map-figure", kind="svg"))
    assert svg.headers["Content-Type"] == "image/svg+xml"
    assert b"<svg" in svg.content
    assert client.get(_address("link-figure", **LINK, kind="png")).content.startswith(b"\x89PNG")
    assert client.get(_address("exist-figure", construct="return", kind="pdf")).content.startswith(b"%PDF")


def test_the_team_page_says_what_to_work_on_and_has_a_guide(cast, managed):
    page = _dutch(cast, Role.MANAGER).get(_address("team", key=managed)).content.decode()
    assert_strict(page)
    assert all(text in page for text in ("Wat goed gaat", "Om aan te werken", "Gespreksleidraad"))


def test_the_tour_is_shown_once(cast, picture):
    client = _dutch(cast)
    page = _address("overview")
    assert "Uw eerste bezoek" in client.get(page).content.decode()
    assert client.post(_address("tour-done"), {"next": page}).headers["Location"] == page
    assert "Uw eerste bezoek" not in client.get(page).content.decode()


def test_the_tour_leads_nowhere_else(cast, picture):
    answer = _dutch(cast).post(_address("tour-done"), {"next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/o/here/"


def test_pages_of_another_organisation_show_nothing(cast, picture):
    Picture.objects.update(organisation=cast.other)
    assert "Er zijn nog geen cijfers" in _dutch(cast).get(_address("overview")).content.decode()


def test_the_specification_of_a_figure_is_plain_data(cast, picture):
    page = _dutch(cast).get(_address("map")).content.decode()
    spec = json.loads(page.split('<script type="application/json">')[1].split("</script>")[0])
    assert spec["$schema"].endswith("v6.json")


def test_the_outlook_is_drawn_for_the_whole_and_not_for_a_part(cast, picture, document, managed):
    outlook = next(one for one in document["outlooks"] if one["ahead"])
    client = _dutch(cast)
    drawn = [_drawn(client.get(_address("exist") + f"?unit={unit}"), outlook["measure"]) for unit in ("", managed)]
    whole, part = ([row for row in rows if "q10" in row] for rows in drawn)
    assert [row["q90"] for row in whole[-len(outlook["ahead"]) :]] == [one["q90"] for one in outlook["ahead"]]
    assert part == []


def _drawn(answer, construct: str) -> list[dict]:
    """The data of the figure of a construct on a page; none if it is not drawn."""
    found = re.search(
        f'data-figure="{construct}".*?<script type="application/json">(.*?)</script>', _text(answer), re.S
    )
    return json.loads(found[1])["data"]["values"] if found else []


def _text(answer) -> str:
    return answer.content.decode()


def test_the_chain_shows_the_norm_beside_the_level(cast, picture, document):
    low, high = next(one["norm"] for one in document["constructs"] if one["key"] == "engagement" and one["norm"])
    said = f"norm {low:g} tot {high:g}".replace(".", ",")
    assert said in _text(_dutch(cast).get(_address("overview")))
