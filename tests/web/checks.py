"""Checks that hold for every app and every page. Import them: ``from checks import check_permissions``."""

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
