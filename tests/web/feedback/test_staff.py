"""Pages of staff: who may open them, and what they do."""

import pytest
from checks import assert_strict, check_permissions
from django.core.files.uploadedfile import SimpleUploadedFile

from bevlogen_web.accounts.models import AuditEntry, Role
from bevlogen_web.feedback import cards, links, urls
from bevlogen_web.feedback.answers import keep_wish
from bevlogen_web.feedback.models import Channel, Kind, Outgoing, Place, Wish
from bevlogen_web.organisation.models import ManagedUnit

LEADS = {Role.DIRECTOR, Role.MANAGER, Role.ADMINISTRATOR}
CALLS = {Role.DIRECTOR, Role.MANAGER}
ALONE = {Role.ADMINISTRATOR}


@pytest.fixture
def wish(cast, unit, poster):
    ManagedUnit.objects.create(membership=cast.members[Role.MANAGER], unit=unit)
    form = links.read_form(links.new_form(poster.key, poster.version_id), poster.key)
    keep_wish(cards.card(poster.key), form, "anna@example.org", "The bill", "nl")
    return Wish.objects.get()


def test_permissions_of_every_page(cast, poster, wish):
    place = Place.objects.create(organisation=cast.organisation, origin="https://www.example.org")
    one = {"number": poster.pk}
    table = {
        "feedback:overview": (LEADS, {}),
        "feedback:new": (LEADS, {}),
        "feedback:channel": (LEADS, one),
        "feedback:switch": (LEADS, one),
        "feedback:renew": (LEADS, one),
        "feedback:poster": (LEADS, one | {"size": "a6", "language": "nl"}),
        "feedback:places": (ALONE, {}),
        "feedback:remove-place": (ALONE, {"number": place.pk}),
        "feedback:mailing": (ALONE, {}),
        "feedback:wishes": (CALLS, {}),
        "feedback:take": (CALLS, {"number": wish.pk}),
        "feedback:finish": (CALLS, {"number": wish.pk}),
    }
    check_permissions(cast, urls, table)


@pytest.mark.parametrize("path", ["feedback/", "feedback/new/", "wishes/"])
def test_page_is_strict(cast, wish, path):
    assert_strict(cast.client(Role.MANAGER).get(f"/o/here/{path}").content.decode())


def test_manager_of_another_unit_finds_nothing(cast, poster, wish):
    ManagedUnit.objects.all().delete()
    client = cast.client(Role.MANAGER)
    assert client.get(f"/o/here/feedback/{poster.pk}/").status_code == 404
    assert "anna@example.org" not in client.get("/o/here/wishes/").content.decode()


def test_channel_is_made_and_noted(cast, unit, version):
    given = {"kind": "poster", "unit": unit.pk, "service": "", "version": version.pk}
    cast.client(Role.DIRECTOR).post("/o/here/feedback/new/", given)
    assert Channel.objects.get().unit == unit
    assert AuditEntry.objects.filter(verb="feedback channel opened").count() == 1


def test_customer_questions_are_not_for_colleagues(cast, unit, version):
    given = {"kind": "staff", "unit": unit.pk, "service": "", "version": version.pk}
    cast.client(Role.DIRECTOR).post("/o/here/feedback/new/", given)
    assert Channel.objects.count() == 0


def test_poster_is_a_pdf(cast, poster):
    answer = cast.client(Role.DIRECTOR).get(f"/o/here/feedback/{poster.pk}/poster-a4-en.pdf")
    assert answer.content.startswith(b"%PDF-")


def test_poster_of_another_size_is_not_there(cast, poster):
    assert cast.client(Role.DIRECTOR).get(f"/o/here/feedback/{poster.pk}/poster-a0-en.pdf").status_code == 404


def test_wish_is_taken_by_one_colleague(cast, wish):
    cast.client(Role.MANAGER).post(f"/o/here/wishes/{wish.pk}/take/")
    cast.client(Role.DIRECTOR).post(f"/o/here/wishes/{wish.pk}/take/")
    wish.refresh_from_db()
    assert wish.taken_by == cast.user(Role.MANAGER)


def test_finished_wish_is_erased(cast, wish):
    cast.client(Role.MANAGER).post(f"/o/here/wishes/{wish.pk}/finish/")
    wish.refresh_from_db()
    assert (wish.state, wish.contact, wish.about) == ("done", "", "")


@pytest.mark.parametrize("origin", ["http://www.example.org", "https://*", "https://a.example;script-src *", "www"])
def test_unsafe_website_is_not_allowed(cast, origin):
    cast.client(Role.ADMINISTRATOR).post("/o/here/feedback/websites/", {"origin": origin})
    assert Place.objects.count() == 0


def test_website_is_kept_without_its_path(cast):
    cast.client(Role.ADMINISTRATOR).post("/o/here/feedback/websites/", {"origin": "https://WWW.example.org/contact"})
    assert Place.objects.get().origin == "https://www.example.org"


def test_file_with_a_fault_sends_nothing(cast, unit, version):
    content = b"unit;email\ntram-3;anna@example.org\nbus-9;wrong\n"
    file = SimpleUploadedFile("contacts.csv", content)
    page = cast.client(Role.ADMINISTRATOR).post("/o/here/feedback/mail/", {"file": file}).content.decode()
    assert page.count("Rij 3:") + page.count("Row 3:") == 2
    assert Outgoing.objects.count() == 0


def test_mail_channel_needs_no_poster(cast, open_channel):
    mail = open_channel(Kind.MAIL)
    assert "/f/" not in cast.client(Role.DIRECTOR).get(f"/o/here/feedback/{mail.pk}/").content.decode()
