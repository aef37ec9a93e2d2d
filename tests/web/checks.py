"""Checks that hold for every app and every page. Import them: ``from checks import check_permissions``."""

import re
from html.parser import HTMLParser

from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import URLPattern, reverse

from bevlogen_web.accounts.models import Role


def staff_names(urls) -> set[str]:
    """Names of all staff pages of an app's ``urls`` module, with its namespace."""
    return {f"{urls.app_name}:{pattern.name}" for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}


def check_permissions(cast, urls, table: dict[str, tuple[set[Role], dict]]) -> None:
    """Visit every staff page of an app as everyone, and hold the answers against a table.

    ``table`` has for each name ``(roles that may, arguments of the address)``; a page that is missing in it fails.
    Who may gets the page (or 405 where it only takes POST, so ``requires`` stands outermost); who may not gets 404,
    also as administrator of another organisation; who is not signed in is sent to the door.
    """
    assert staff_names(urls) == set(table)
    for name, (allowed, arguments) in table.items():
        address = reverse(name, kwargs={"slug": cast.organisation.slug, **arguments})
        for role in Role:
            status = cast.client(role).get(address).status_code
            assert status in ((200, 405) if role in allowed else (404,)), (name, role, status)
        assert cast.stranger_client().get(address).status_code == 404, name
        assert Client().get(address).headers["Location"].startswith("/accounts/login/"), name


def assert_accessible(page) -> None:
    """Run axe-core (WCAG 2.0 to 2.2, levels A and AA, and its best practices) on the page a browser has open."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "wider than"


class _Strict(HTMLParser):
    """Collects what a strict content security policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.headings = 0
        self.in_script = False

    def handle_starttag(self, tag, attrs) -> None:
        given = dict(attrs)
        self.headings += tag == "h1"
        self.in_script = tag == "script" and "src" not in given and given.get("type") != "application/json"
        self.faults += [f"inline <{tag}>"] * (tag == "style" or self.in_script)
        self.faults += [f"{name} on <{tag}>" for name in given if name == "style" or name.startswith("on")]
        # A link may lead elsewhere; nothing may be loaded from there.
        loaded = [given.get(name) or "" for name in ("src", "srcset", "action", "data", "poster")]
        loaded += [given.get("href") or ""] * (tag == "link")
        self.faults += [f"other host on <{tag}>" for url in loaded if re.match(r"(?i)(\w+:)?//", url)]


def assert_strict(html: str) -> None:
    """No inline script or style, nothing from another host, one h1, a language and a title."""
    parser = _Strict()
    parser.feed(html)
    assert parser.faults == []
    assert parser.headings == 1
    assert re.search(r'<html lang="(en-gb|nl)">', html)
    assert re.search(r"<title>\s*\S", html)
