"""A real browser shows the page without sideways scrolling, without complaints, and without touching the network."""

import shutil

import pytest

from bevlogen.show import write_html

CHROMIUM = shutil.which("chromium")
LEAST_TEXT_PX = 11

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed here"),
]


@pytest.fixture(
    params=[
        (360, "nl", "light"),
        (390, "en", "dark"),
        (1160, "nl", "light"),
        (900, "nl", "light"),
        (1280, "nl", "dark"),
    ],
    ids=str,
)
def page(request, chromium, release, tmp_path):
    width, language, scheme = request.param
    opened = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    opened.complaints = []
    opened.requests = []
    opened.on("console", lambda message: opened.complaints.append(message.text))
    opened.on("request", lambda request: opened.requests.append(request.url))
    opened.goto(write_html(release, tmp_path / "report.html", language).as_uri())
    opened.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    yield opened
    opened.close()


def test_page_does_not_scroll_sideways(page):
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_browser_has_nothing_to_complain_of(page):
    assert page.complaints == []


def test_nothing_but_the_file_is_asked_for(page):
    assert len(page.requests) == 1


def test_text_in_drawings_is_large_enough_to_read(page):
    smallest = page.evaluate(
        """Math.min(...[...document.querySelectorAll('svg text')]
        .filter(t => t.getClientRects().length && !t.closest('.badge'))
        .map(t => parseFloat(getComputedStyle(t).fontSize) * t.getScreenCTM().a))"""
    )
    assert smallest >= LEAST_TEXT_PX - 0.5


def test_labels_of_the_diagram_stay_inside_their_boxes(page):
    assert (
        page.evaluate(
            """[...document.querySelectorAll('.diagram g:has(> rect.box)')].filter(g => g.getClientRects().length)
        .flatMap(g => [...g.querySelectorAll('text')].map(t => [t, g.querySelector('rect.box')]))
        .filter(([t, r]) => t.getBoundingClientRect().right > r.getBoundingClientRect().right)
        .map(([t]) => t.textContent)"""
        )
        == []
    )
