"""The pages of intake: who may open them, and what they do."""

from checks import assert_strict, check_permissions
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from bevlogen_web.accounts.models import Role
from bevlogen_web.intake import queries, services, tokens, urls
from bevlogen_web.intake.models import Delivery, Result, Scope, Token
from bevlogen_web.intake.services import Origin
from bevlogen_web.intake.tables import Figure
from bevlogen_web.organisation.models import Unit


def _delivered(cast) -> Delivery:
    Unit.objects.get_or_create(organisation=cast.organisation, key="tram-01", defaults={"name": "Lijn 1"})
    figure = Figure("tram-01", "2025-Q4", "absence", 3.0, None)
    return services.deliver_figures(cast.organisation, [figure], Origin.of(b"x"))


def _page(name: str, **more) -> str:
    return reverse(f"intake:{name}", kwargs={"slug": "here", **more})


def test_each_page_opens_for_its_roles_only(cast):
    token, _key = services.make_token(cast.organisation, "HR", [Scope.SEND_UNITS], by=cast.user(Role.ADMINISTRATOR))
    table = {
        "intake:data": ({Role.ADMINISTRATOR}, {}),
        "intake:integrations": ({Role.ADMINISTRATOR}, {}),
        "intake:revoke": ({Role.ADMINISTRATOR}, {"number": token.pk}),
        "intake:withdraw": ({Role.ADMINISTRATOR}, {"number": _delivered(cast).pk}),
        "intake:file": ({Role.ADMINISTRATOR}, {}),
        "intake:history": ({Role.ADMINISTRATOR}, {}),
        "intake:drop": ({Role.ADMINISTRATOR}, {}),
    }
    check_permissions(cast, urls, table)


def test_a_key_is_shown_once(cast):
    client = cast.client(Role.ADMINISTRATOR)
    made = client.post(_page("integrations"), {"name": "HR", "scopes": [Scope.SEND_RESULTS]}).content.decode()
    token = Token.objects.get()
    shown = next(word for word in made.replace("<", " ").replace(">", " ").split() if word.startswith(tokens.PREFIX))
    assert tokens.find(shown) == token
    assert shown not in client.get(_page("integrations")).content.decode()


def test_another_organisations_key_cannot_be_ended(cast):
    token, _key = services.make_token(cast.other, "HR", [Scope.SEND_UNITS], by=cast.stranger.user)
    answer = cast.client(Role.ADMINISTRATOR).post(_page("revoke", number=token.pk))
    assert answer.status_code == 404
    assert Token.objects.exists()


def test_a_delivery_can_be_withdrawn_with_its_rows(cast):
    delivery = _delivered(cast)
    cast.client(Role.ADMINISTRATOR).post(_page("withdraw", number=delivery.pk))
    assert not Result.objects.exists()
    assert queries.deliveries(cast.organisation).count() == 0


def test_a_file_with_faults_shows_them_and_stores_nothing(cast):
    _delivered(cast)
    table = SimpleUploadedFile("f.csv", b"unit,period,measure,value\ntram-01,2025-Q9,absence,3\n")
    page = cast.client(Role.ADMINISTRATOR).post(_page("file"), {"table": "results", "file": table}).content.decode()
    assert "no date or period that can be read" in page
    assert Result.objects.count() == 1


def test_a_file_is_stored(cast):
    _delivered(cast)
    table = SimpleUploadedFile("f.csv", b"unit,period,measure,value\ntram-01,2025-Q3,absence,3\n")
    cast.client(Role.ADMINISTRATOR).post(_page("file"), {"table": "results", "file": table})
    assert Result.objects.count() == 2


def test_the_pages_keep_to_the_strict_policy(cast, client):
    _delivered(cast)
    services.make_token(cast.organisation, "HR", [Scope.SEND_UNITS], by=cast.user(Role.ADMINISTRATOR))
    for name in ("data", "integrations", "file", "history"):
        assert_strict(cast.client(Role.ADMINISTRATOR).get(_page(name)).content.decode())
    assert_strict(client.get(reverse("api-docs")).content.decode())
