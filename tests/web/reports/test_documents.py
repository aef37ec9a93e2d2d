"""Documents by the web: who may take them along, and figures that are those of the screen when opened again."""

import io
import re

import pypdfium2
import pytest
from checks import assert_strict, check_permissions
from django.urls import reverse
from openpyxl import load_workbook
from pptx import Presentation

from bevlogen_web.accounts.models import Role
from bevlogen_web.reports import urls

READERS = {Role.DIRECTOR, Role.ANALYST}
VIEWERS = READERS | {Role.MANAGER}
EVERYWHERE = {
    "reports:overview": (VIEWERS | {Role.ADMINISTRATOR}, {}),
    "reports:board": (READERS, {"kind": "xlsx"}),
    "reports:mail": (VIEWERS, {}),
    "reports:public": ({Role.ADMINISTRATOR}, {}),
    "reports:public-preview": ({Role.ADMINISTRATOR}, {}),
}


def _address(name: str, **more) -> str:
    return reverse(f"reports:{name}", kwargs={"slug": "here", **more})


def _read(data: bytes) -> str:
    pages = pypdfium2.PdfDocument(data)
    return _bare("".join(page.get_textpage().get_text_range() for page in pages))


def _bare(text: str) -> str:
    return re.sub(r"[\s\u00ad\u2010\ufffe-]", "", text)


def _dutch(cast, role):
    client = cast.client(role)
    client.cookies["bevlogen_language"] = "nl"
    return client


def test_each_address_opens_for_its_roles_only(cast, managed):
    check_permissions(cast, _without(urls, "change"), {**EVERYWHERE, "reports:team": (VIEWERS, {"key": managed})})


def _without(module, name):
    """The module without one page, which leads on to another: see ``test_mail``."""

    class Part:
        app_name = module.app_name
        urlpatterns = [pattern for pattern in module.urlpatterns if pattern.name != name]  # noqa: RUF012 - a stand-in

    return Part


def test_a_manager_gets_no_other_team(cast, managed, document):
    other = next(unit["key"] for unit in document["units"] if unit["key"] != managed)
    assert cast.client(Role.MANAGER).get(_address("team", key=other)).status_code == 404
    assert cast.client(Role.DIRECTOR).get(_address("team", key="long-gone")).status_code == 404


@pytest.mark.parametrize("role", [Role.DIRECTOR, Role.MANAGER, Role.ADMINISTRATOR])
def test_the_overview_is_strict_and_offers_what_one_may_have(cast, managed, role):
    page = _dutch(cast, role).get(_address("overview")).content.decode()
    assert_strict(page)
    assert (_address("board", kind="pptx") in page) == (role in READERS)
    assert (_address("team", key=managed) in page) == (role == Role.MANAGER)


def test_without_figures_the_overview_says_so(cast):
    assert "Er zijn nog geen cijfers" in _dutch(cast, Role.DIRECTOR).get(_address("overview")).content.decode()
    assert "Er zijn nog geen cijfers" in _dutch(cast, Role.DIRECTOR).get(_address("board", kind="pdf")).content.decode()


def test_the_cockpit_offers_the_files(cast, managed):
    page = _dutch(cast, Role.DIRECTOR).get(reverse("cockpit:overview", kwargs={"slug": "here"})).content.decode()
    assert all(_address("board", kind=kind) in page for kind in ("pdf", "xlsx", "pptx"))
    mine = _dutch(cast, Role.MANAGER).get(reverse("cockpit:team", kwargs={"slug": "here", "key": managed}))
    assert _address("team", key=managed) in mine.content.decode()


def test_the_workbook_holds_the_release(cast, picture, document):
    answer = _dutch(cast, Role.DIRECTOR).get(_address("board", kind="xlsx"))
    assert re.fullmatch(r'attachment; filename="bevlogen-board-\d{4}-\d\d-\d\d.xlsx"', answer["Content-Disposition"])
    page = load_workbook(io.BytesIO(answer.content))["Alle cijfers"]
    (area,) = page.tables.values()
    rows = [[cell.value for cell in row] for row in page[area.ref]][1:]
    shown = [s["mean"] for unit in document["units"] for s in unit["scores"]]
    shown += [r["value"] for unit in document["units"] for r in unit["results"]]
    assert [row[4] for row in rows] == shown


def test_the_slides_hold_the_verdicts_and_moves_of_the_screen(cast, picture, document):
    client = _dutch(cast, Role.DIRECTOR)
    deck = Presentation(io.BytesIO(client.get(_address("board", kind="pptx")).content))
    page = client.get(reverse("cockpit:overview", kwargs={"slug": "here"})).content.decode()
    assert deck.slides[0].shapes.title.text in page
    first = next(shape.table for shape in deck.slides[4].shapes if shape.has_table)
    told = [[cell.text for cell in row.cells] for row in first.rows][1:4]
    assert all(gain in page and unit in page for _, unit, _, _, _, gain, _, _ in told)


def test_the_board_pdf_holds_the_figures_of_the_screen(cast, picture):
    client = _dutch(cast, Role.DIRECTOR)
    told = _read(client.get(_address("board", kind="pdf")).content)
    page = client.get(reverse("cockpit:overview", kwargs={"slug": "here"})).content.decode()
    table = re.findall(r'<td class="num">([+−]\d,\d\d)</td><td class="num">[^<]+ tot ', page)
    assert len(table) > 5
    assert [figure for figure in table if _bare(figure) not in told] == []


def test_the_team_pdf_holds_the_figures_of_its_page(cast, managed):
    client = _dutch(cast, Role.MANAGER)
    answer = client.get(_address("team", key=managed))
    told = _read(answer.content)
    page = client.get(reverse("cockpit:team", kwargs={"slug": "here", "key": managed})).content.decode()
    levels = re.findall(r'<td class="num"><strong>([^<]+)</strong>', page)
    assert len(levels) > 3
    assert [figure for figure in levels if _bare(figure) not in told] == []
    assert managed not in answer["Content-Disposition"]
