"""Mail about figures through a real server: chosen, at most once, nothing that its reader may not see."""

import datetime
import io
import json
import re

import pypdfium2
import pytest
from checks import assert_strict
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from bevlogen_web.accounts.models import Role
from bevlogen_web.analyses.models import Picture, Sheet
from bevlogen_web.listening.sending import MailServerError
from bevlogen_web.reports import mailing, tasks
from bevlogen_web.reports.models import MailChoice

TODAY = datetime.date(2026, 11, 28)
LINK = re.compile(r"http://localhost:8000(/o/here/reports/change/\d+/\d+/)")


@pytest.fixture
def rung(picture, document):
    """``rung(units)``: a newer picture in which a figure of each of these units moved more than chance."""

    def make(units, period="2025-Q4"):
        kept = list(Sheet.objects.filter(picture=Picture.objects.latest("pk")))
        Picture.objects.update(current=False)
        newer = Picture.objects.create(
            organisation=picture.organisation, made=timezone.now(), mark="", current=True, release={}, report_en="",
            report_nl="",
        )  # fmt: skip
        alarms = [
            {"unit": u, "construct": "engagement", "period": period, "value": 3.1, "centre": 3.8, "low": 3.4,
             "high": 4.2, "q": 0.01}
            for u in units
        ]  # fmt: skip
        bell = json.dumps({"watched": 100, "alarms": alarms})
        Sheet.objects.bulk_create(
            Sheet(picture=newer, kind=s.kind, key=s.key, body=bell if s.kind == "bell" else s.body) for s in kept
        )
        return newer

    return make


def units_of(document, n, without=""):
    above = {unit["parent"] for unit in document["units"]}
    return [u["key"] for u in document["units"] if u["key"] not in above and u["position"] and u["key"] != without][:n]


def choose(cast, role, **more):
    return MailChoice.objects.create(membership=cast.members[role], **more)


def names(document, keys):
    return [u["name"] for u in document["units"] if u["key"] in keys]


def mail():
    return [mailing.send(number, TODAY) for number in mailing.wanted(TODAY)]


def test_three_changes_come_in_one_mail_and_the_rest_is_counted(cast, rung, document, smtp):
    keys = units_of(document, 5)
    rung(keys)
    choose(cast, Role.DIRECTOR, digest=True)
    assert mail() == [1]
    (message,) = smtp
    text = message.get_content()
    assert message["To"] == "director@here.example"
    assert all(name in text for name in names(document, keys[:3]))
    assert not any(f"{name}\n" in text for name in names(document, keys[3:]))
    assert "Nog 2 veranderingen" in text
    assert "Bevlogenheid is 3,1 in het vierde kwartaal van 2025" in text


def test_subject_and_links_tell_nothing(cast, rung, document, smtp):
    keys = units_of(document, 3)
    rung(keys)
    choose(cast, Role.DIRECTOR, digest=True)
    mail()
    told = [smtp[0]["Subject"], *re.findall(r"http\S+", smtp[0].get_content())]
    assert len(told) == 5
    assert not any(mark in line for line in told for mark in (*keys, *names(document, keys), "3,1", "engagement"))


def test_a_change_is_told_once_and_nothing_when_nothing_changed(cast, rung, document, smtp):
    keys = units_of(document, 2)
    rung(keys[:1])
    choose(cast, Role.DIRECTOR, digest=True)
    assert mail() == [1]
    assert mail() == []
    rung(keys[:1])
    assert mail() == [0]
    rung(keys)
    assert mail() == [1]
    assert names(document, keys[1:])[0] in smtp[1].get_content()
    assert names(document, keys[:1])[0] not in smtp[1].get_content()
    rung([])
    assert mail() == [0]
    assert len(smtp) == 2


def test_a_manager_reads_of_the_own_teams_alone(cast, rung, managed, document, smtp):
    other = units_of(document, 2, without=managed)
    rung([*other, managed])
    choose(cast, Role.MANAGER, digest=True)
    assert mail() == [1]
    text = smtp[0].get_content()
    assert names(document, [managed])[0] in text
    assert not any(name in text for name in names(document, other))


def test_a_manager_hears_nothing_of_other_teams(cast, rung, managed, document, smtp):
    rung(units_of(document, 2, without=managed))
    choose(cast, Role.MANAGER, digest=True)
    assert mail() == [0]
    assert smtp == []


def test_who_chose_nothing_or_may_see_nothing_gets_nothing(cast, rung, document, smtp):
    rung(units_of(document, 2))
    choose(cast, Role.DIRECTOR)
    choose(cast, Role.ADMINISTRATOR, digest=True, every="month")
    cast.members[Role.ANALYST].user.is_active = False
    cast.members[Role.ANALYST].user.save()
    choose(cast, Role.ANALYST, digest=True)
    assert mail() == []
    assert smtp == []


def test_each_link_opens_the_right_page_after_signing_in(cast, rung, document, smtp, anonymous):
    keys = units_of(document, 1)
    rung(keys)
    choose(cast, Role.DIRECTOR, digest=True)
    mail()
    (address,) = LINK.findall(smtp[0].get_content())
    assert anonymous.get(address).headers["Location"] == f"/accounts/login/?next={address}"
    team = reverse("cockpit:team", kwargs={"slug": "here", "key": keys[0]})
    assert cast.client(Role.DIRECTOR).get(address).headers["Location"] == team
    assert cast.client(Role.MANAGER).get(address).headers["Location"] == "/o/here/cockpit/teams/"
    assert cast.stranger_client().get(address).status_code == 404
    rung(keys)
    assert cast.client(Role.DIRECTOR).get(address).headers["Location"] == "/o/here/cockpit/"


def test_a_report_comes_once_a_month_with_the_figures_of_the_screen(cast, picture, document, smtp):
    choose(cast, Role.DIRECTOR, every="month", kind="xlsx")
    assert mail() == [1]
    assert mail() == []
    assert mailing.wanted(TODAY + datetime.timedelta(days=2)) == []
    assert mailing.wanted(TODAY + datetime.timedelta(days=3)) != []
    (file,) = smtp[0].iter_attachments()
    assert re.fullmatch(r"bevlogen-\d{4}-\d\d-\d\d.xlsx", file.get_filename())
    page = load_workbook(io.BytesIO(file.get_content()))["Alle cijfers"]
    (area,) = page.tables.values()
    told = [row[4].value for row in page[area.ref]][1:]
    assert told[: len(document["units"][0]["scores"])] == [s["mean"] for s in document["units"][0]["scores"]]


def test_a_manager_gets_the_own_team_as_pdf(cast, managed, document, smtp):
    choose(cast, Role.MANAGER, every="quarter")
    assert mail() == [1]
    (file,) = smtp[0].iter_attachments()
    told = pypdfium2.PdfDocument(file.get_content())[0].get_textpage().get_text_range()
    assert names(document, [managed])[0].split()[0] in told


def test_a_server_that_is_away_loses_nothing(cast, rung, document, settings, port):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    rung(units_of(document, 1))
    choose(cast, Role.DIRECTOR, digest=True)
    with pytest.raises(MailServerError):
        tasks.mail.func()
    assert mailing.wanted(timezone.localdate()) != []


def test_one_chooses_on_the_own_page_and_stops_there(cast, managed):
    client = cast.client(Role.MANAGER)
    client.cookies["bevlogen_language"] = "nl"
    address = reverse("reports:mail", kwargs={"slug": "here"})
    page = client.get(address).content.decode()
    assert_strict(page)
    assert "Als" not in re.findall(r"<label[^>]*>([^<]*)<", page)
    client.post(address, {"digest": "on", "every": "month"})
    choice = MailChoice.objects.get(membership=cast.members[Role.MANAGER])
    assert (choice.digest, choice.every) == (True, "month")
    copied = client.get(reverse("privacy-own-copy")).json()["mail about figures"]
    assert copied == [{"organisation": "Hier", "changes": True, "report": "month", "reminders of actions": False}]
    client.post(address, {"every": ""})
    choice.refresh_from_db()
    assert (choice.digest, choice.every) == (False, "")
