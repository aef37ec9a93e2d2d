"""Whatever is sent to whichever page by whomever: no error of the server, and nothing stored that the rules forbid.

``python -m benchmarks fuzz`` runs the same with 10,000 cases.
"""

import json
import os
from datetime import timedelta

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from django.utils import timezone
from feedback.conftest import cards, limits
from fuzzing import Page, anything, contract_faults, filled_in, like, pages
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase
from schemathesis import GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bevlogen_web.accounts.models import Role
from bevlogen_web.config.api import api
from bevlogen_web.config.wsgi import application
from bevlogen_web.feedback import links
from bevlogen_web.feedback import services as feedback
from bevlogen_web.feedback.models import Kind, Wish
from bevlogen_web.instruments import ours
from bevlogen_web.instruments.models import Version
from bevlogen_web.intake import services as intake
from bevlogen_web.intake.models import Scope
from bevlogen_web.listening import sending
from bevlogen_web.listening import services as listening
from bevlogen_web.listening.models import Round
from bevlogen_web.organisation.models import Employee, Service, Unit

CASES = int(os.environ.get("BEVLOGEN_FUZZ_CASES", "300"))
DRAWN_ANEW = "BEVLOGEN_FUZZ_CASES" in os.environ
# One world for all cases: each case is rolled back. What failed in a long run is kept, and tried first in the next.
LOOSE = settings(
    max_examples=CASES // 2,  # half for pages, a quarter for each way to call the API
    deadline=None,
    database=DirectoryBasedExampleDatabase(".hypothesis/fuzz") if DRAWN_ANEW else None,
    derandomize=not DRAWN_ANEW,
    suppress_health_check=list(HealthCheck),
)


# What schemathesis holds each answer of the API against.
HELD = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


class _RollBackError(Exception):
    pass


class World:
    """An organisation with something of every kind, and a browser for everyone."""

    def __init__(self, cast) -> None:
        ours.load()
        here, director = cast.organisation, cast.user(Role.DIRECTOR)
        service = Service.objects.create(organisation=here, key="s1", name="Service")
        unit = Unit.objects.create(organisation=here, key="t1", name="Team", service=service)
        Unit.objects.create(organisation=here, key="t2", name="Team two", parent=unit)
        for number in range(1, 7):
            Employee.objects.create(organisation=here, unit=unit, key=f"p{number}", language="nl")
        pulse = Version.objects.get(instrument__key="employee-pulse", state="published")
        form = Version.objects.get(instrument__key="customer-encounter", state="published")
        today = timezone.localdate()
        asked = {"version": pulse, "organisation": here, "period": "2026", "rules": listening.rules(5, 10)}
        Round.objects.create(name="Draft", kind="pulse", closes=today + timedelta(days=9), **asked)
        draft = Round.objects.create(name="Open", kind="census", closes=today + timedelta(days=9), **asked)
        held = listening.open_round(draft, director)
        self.code = sending.new_code(held.invitations.first())
        poster = feedback.open_channel(here, unit, form, Kind.POSTER, service, by=None)
        Wish.objects.create(pk=5, organisation=here, unit=unit, day=today, contact="a@b.example", language="nl")
        _token, self.key = intake.make_token(here, "HR", list(Scope), by=director)
        numbers = [one.pk for one in (unit, service, held, draft, poster, pulse.instrument, form.instrument, pulse)]
        numbers += [row.pk for row in Employee.objects.all()[:2]] + [5] + [one.pk for one in cast.members.values()]
        self.known = {
            "slug": ("here",) * 8 + ("there",),
            "number": tuple(sorted({str(number) for number in numbers})),
            "token": (links.link_to(poster.key), links.link_for_contact(poster.key, today + timedelta(days=3))),
            "code": (self.code,),
            "kind": ("units", "employees"),
            "size": ("a4", "a6"),
            "language": ("nl", "en-gb"),
            "table": ("results", "interactions", "units"),
        }
        self.sessions = {role: cast.client(role).cookies["bevlogen_session"].value for role in Role}
        self.sessions["stranger"] = cast.stranger_client().cookies["bevlogen_session"].value

    def browser(self, who) -> Client:
        client = Client(raise_request_exception=False, headers={"accept-language": "en"})
        if who in self.sessions:
            client.cookies["bevlogen_session"] = self.sessions[who]
        elif who == "respondent":
            client.get(f"/a/{self.code}")
        return client


@pytest.fixture
def world(cast, settings, tmp_path) -> World:
    settings.DATA = tmp_path
    cards.forget()
    limits.forget()
    return World(cast)


def _rolled_back(case) -> None:
    try:
        with transaction.atomic():
            case()
            raise _RollBackError
    except _RollBackError:
        cards.forget()
        limits.forget()


def _no_error(answer, where: tuple[str, ...]) -> None:
    """No error of the server; else where it arose is told with it."""
    if answer.status_code >= 500:
        cause = answer.exc_info[1] if answer.exc_info else None
        raise AssertionError((*where, answer.status_code)) from cause


def test_every_page_and_form(world):
    known_pages = pages()
    assert len(known_pages) > 80
    assert contract_faults() == []

    @LOOSE
    @given(st.data())
    def run(data) -> None:
        _rolled_back(lambda: _visit(world, known_pages, data))

    run()


def _visit(world: World, known_pages: list[Page], data) -> None:
    page = data.draw(st.sampled_from(known_pages))
    who = data.draw(st.sampled_from((*Role, Role.ADMINISTRATOR, Role.DIRECTOR, "stranger", "nobody", "respondent")))
    client, address = world.browser(who), page.fill(data.draw, world.known)
    shown = client.get(address)
    _no_error(shown, (page.route, "GET", str(who)))
    if shown.status_code == 404 and data.draw(st.booleans()):  # half of those who may not: go on as who may
        who = next((role for role in Role if world.browser(role).get(address).status_code != 404), who)
        client = world.browser(who)
        shown = client.get(address)
    html = shown.content.decode("utf-8", "replace") if "html" in shown.headers.get("Content-Type", "") else ""
    answer = client.post(address, filled_in(data.draw, html))
    _no_error(answer, (page.route, "POST", str(who)))
    if answer.status_code == 302:
        assert contract_faults() == [], (page.route, str(who))


def test_every_route_of_the_api(world):
    schema = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
    routes = [(path, verb, told) for path, verbs in schema["paths"].items() for verb, told in verbs.items()]
    assert len(routes) >= 6

    @settings(LOOSE, max_examples=CASES // 4)
    @given(st.data())
    def run(data) -> None:
        _rolled_back(lambda: _call(world, routes, schema["components"]["schemas"], data))

    run()


def _call(world: World, routes, parts, data) -> None:
    path, verb, told = data.draw(st.sampled_from(routes))
    body = next(iter(told.get("requestBody", {}).get("content", {"": {}}).values())).get("schema", {})
    sent = data.draw(like(body, parts) | anything)
    client = Client(raise_request_exception=False, headers={"authorization": f"Bearer {world.key}"})
    address = path.replace("{table}", data.draw(st.sampled_from(world.known["table"])))
    answer = client.generic(
        verb.upper(),
        address,
        data.draw(st.just(json.dumps(sent)) | st.text(max_size=20)),
        content_type="application/json",
        headers={"idempotency-key": data.draw(st.sampled_from(("a", "b", "")))},
    )
    _no_error(answer, (path, verb))
    assert str(answer.status_code) in told["responses"] or answer.status_code in (400, 401, 404, 405, 415, 422), path
    assert contract_faults() == [], (path, verb)


@pytest.fixture
def open_connection():
    """The connection of the test stays open over requests to the application itself, as with Django's client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_the_api_does_what_its_description_says(world, open_connection):
    described = openapi.from_wsgi("/api/v1/openapi.json", application)
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) >= 6
    asked = st.one_of([one.as_strategy(generation_mode=mode) for one in operations for mode in GenerationMode])

    @settings(LOOSE, max_examples=CASES // 4)
    @given(asked)
    def run(case) -> None:
        def call() -> None:
            case.call_and_validate(headers={"Authorization": f"Bearer {world.key}"}, checks=HELD)
            assert contract_faults() == [], case.operation.label

        _rolled_back(call)

    run()
