"""The key of the ledger, and what follows from it, leave the machine by no door: every page, file, error and log."""

import base64
import io
import logging
import re
import zipfile

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from bevlogen.disclose import cells
from bevlogen.disclose.narrowing import shift_of
from bevlogen_web.accounts.models import Organisation, Role
from bevlogen_web.analyses import queries, services, study
from bevlogen_web.analyses.models import Picture, Refresh, State
from bevlogen_web.intake import services as intake
from bevlogen_web.intake.models import Scope
from bevlogen_web.listening.models import Comment
from bevlogen_web.organisation.models import ManagedUnit

KEY = bytes.fromhex("c0ffee" * 10 + "beef")
OPEN = {"key": "o1", "kind": "open", "text": {"nl": "Wat helpt?", "en": "What helps?"}}
DOORS = (Role.DIRECTOR, Role.MANAGER, Role.ANALYST, Role.WORKS_COUNCIL, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR)
MOST_PAGES = 40  # of a kind of page, such as teams
_LINK = re.compile(r'(?:href|src|data-[a-z]+)="(/o/here/[^"#]*)"')


@pytest.fixture
def shifts(monkeypatch):
    """Every shift that follows from the key."""
    drawn = set()

    def kept(*given):
        drawn.add(shift_of(*given))
        return shift_of(*given)

    monkeypatch.setattr(cells, "shift_of", kept)
    return drawn


@pytest.fixture
def made(cast, hold, teams, shifts, monkeypatch, caplog, django_capture_on_commit_callbacks):
    """A picture with themes and comments of real people, made under a key that is easily found again."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("bevlogen.disclose.ledger.new_key", lambda: KEY)
    held = hold("closed", [OPEN])
    for unit in teams.values():
        for n in range(12):
            text = f"Het rooster van {unit.key} klopt niet" if n < 9 else "Prima zo"
            Comment.objects.create(round=held, unit=unit, question="o1", text=text)
    Organisation.objects.filter(pk=cast.organisation.pk).update(shows_comments=True)
    ManagedUnit.objects.create(membership=cast.members[Role.MANAGER], unit=next(iter(teams.values())))
    with django_capture_on_commit_callbacks(execute=True):
        services.ask(cast.organisation)
    assert Picture.objects.filter(current=True).exists()
    assert (intake.folder_of(cast.organisation) / "releases.key").read_text("ascii") == KEY.hex()
    assert len(shifts) > 1
    return shifts


def told(answer) -> bytes:
    """All that an answer says: its headers, and its body unpacked."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    parts = [body, str(answer.headers).encode()]
    if body[:4] == b"%PDF":
        document = pypdfium2.PdfDocument(body)
        parts += [page.get_textpage().get_text_range().encode() for page in document]
        parts.append(str(document.get_metadata_dict()).encode())
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            parts += [packed.read(name) for name in packed.namelist()]
    return b"\n".join(parts)


def faults(said: bytes, shifts) -> list[str]:
    """The key as it is, in hexadecimal or base 64, in either alphabet, and each shift to nine places."""
    found = [
        form
        for form, text in {
            "raw": KEY,
            "hex": KEY.hex().encode(),
            "HEX": KEY.hex().upper().encode(),
            "base64": base64.b64encode(KEY).rstrip(b"="),
            "urlsafe": base64.urlsafe_b64encode(KEY).rstrip(b"="),
            "repr": repr(KEY)[2:-1].encode(),
            "list": b", ".join(str(byte).encode() for byte in KEY[:8]),
        }.items()
        if text in said
    ]
    return found + [f"shift {s}" for s in shifts if f"{s:.12f}"[1:11].encode() in said]


def kind_of(address: str) -> str:
    return re.sub(r"[^/]*\d[^/]*|tram[^/]*", "*", address.partition("?")[0])


def crawl(client: Client, start: str) -> dict[str, bytes]:
    """Follow every link of a role, some of each kind of page; by address, what was told."""
    seen, wait, kinds = {}, [start], {}
    while wait:
        address = wait.pop().replace("&amp;", "&")
        kinds[kind_of(address)] = kinds.get(kind_of(address), 0) + 1
        if address in seen or kinds[kind_of(address)] > MOST_PAGES:
            continue
        answer = client.get(address)
        seen[address] = told(answer)
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            wait += _LINK.findall(seen[address].decode("utf-8", "replace"))
        if "Location" in answer.headers and answer.headers["Location"].startswith("/o/here/"):
            wait.append(answer.headers["Location"])
    return seen


@pytest.mark.parametrize("role", DOORS)
def test_no_page_or_file_holds_the_key(cast, made, role, caplog):
    seen = crawl(cast.client(role), "/o/here/")
    assert len(seen) > 5
    assert {address: found for address, said in seen.items() if (found := faults(said, made))} == {}
    assert faults(caplog.text.encode(), made) == []


def test_reports_and_files_are_among_what_was_read(cast, made):
    seen = crawl(cast.client(Role.DIRECTOR), "/o/here/")
    ends = {address.rpartition(".")[2] for address in seen}
    assert {"pdf", "xlsx", "pptx"} <= ends
    assert any(b"rooster" in said for address, said in seen.items() if "/teams/" in address)
    assert faults(KEY.hex().encode() + f"{next(iter(made)):.12f}".encode(), made) != []


def test_no_other_door_holds_the_key(cast, made, caplog, settings):
    """Reports as stored, the API and its description, counts, health, copies of what is known of a person, errors."""
    token = intake.make_token(cast.organisation, "BI", [Scope.READ_RELEASE], by=cast.user(Role.ADMINISTRATOR))[1]
    bearer = {"Authorization": f"Bearer {token}"}
    api = [Client().get(f"/api/v1/{name}", headers=bearer) for name in ("release", "status", "openapi.json", "none")]
    assert api[0].json()["units"]
    officer = cast.client(Role.PRIVACY_OFFICER)
    copies = [
        officer.post(reverse("privacy:person-copy", kwargs={"slug": "here"}), {"term": "manager@here.example"}),
        cast.client(Role.ANALYST).get(reverse("privacy-own-copy")),
    ]
    machines = [Client().get(address) for address in ("/metrics", "/health", "/nothing", "/o/there/", "/a/page/1")]
    picture = queries.current(cast.organisation)
    full = Picture.objects.get(pk=picture.pk)
    stored = [str(full.release), full.report_en, full.report_nl, str(full.notes), repr(full)]
    said = [*map(told, [*api, *copies, *machines]), *(text.encode() for text in stored)]
    assert [found for one in said if (found := faults(one, made))] == []
    assert faults(caplog.text.encode(), made) == []


@pytest.mark.parametrize("harm", ["altered", "no key", "other key", "unforeseen"])
def test_no_error_holds_the_key(cast, made, harm, monkeypatch, caplog, settings, django_capture_on_commit_callbacks):
    """A picture that fails, and a page that falls over with the key at hand, with DEBUG off as it always is."""
    assert settings.DEBUG is False
    folder = intake.folder_of(cast.organisation)
    if harm == "altered":
        ledger = folder / study.LEDGER
        ledger.write_text(ledger.read_text("utf-8").replace('"number": 1', '"number": 2'), "utf-8")
    elif harm == "no key":
        (folder / "releases.key").unlink()
    elif harm == "other key":
        (folder / "releases.key").write_text(bytes(32).hex(), "ascii")
    else:

        def falls(*_given, key=KEY):
            raise RuntimeError("it fell over")

        monkeypatch.setattr(cells, "shift_of", falls)
        monkeypatch.setattr(queries, "current", falls)
    said = []
    try:
        with django_capture_on_commit_callbacks(execute=True):
            services.ask(cast.organisation)
    except RuntimeError as error:
        said.append(repr(error).encode())
    client = cast.client(Role.DIRECTOR)
    client.raise_request_exception = False
    answers = [client.get(f"/o/here/{page}") for page in ("", "picture/", "cockpit/")]
    assert (500 in {answer.status_code for answer in answers}) is (harm == "unforeseen")
    assert Refresh.objects.latest("pk").state == State.FAILED
    said += [*map(told, answers), Refresh.objects.latest("pk").fault.encode(), caplog.text.encode()]
    assert [found for one in said if (found := faults(one, made))] == []
