"""The pages of questionnaires, as everyone who may and may not see them."""

import pytest
from checks import assert_strict, check_permissions
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from own_questions import DEFINITION

from bevlogen_web.accounts.models import AuditEntry, Role
from bevlogen_web.instruments import editing, services, urls
from bevlogen_web.instruments.models import Audience, Instrument, State, Version

EDITORS = {Role.ADMINISTRATOR, Role.ANALYST}
EVERYONE = set(Role)
WORDS = ["uwes_vi1", "uwes_de2", "uwes_ab4", *(f"point{n}" for n in range(7))]
LICENCE = {"source": "uwes-3", "licence": "Makers, 1 May 2026, number 12", "declared": "on"}


def address(name, **arguments):
    return reverse(f"instruments:{name}", kwargs={"slug": "here", **arguments})


@pytest.fixture
def analyst(cast):
    client = cast.client(Role.ANALYST)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "nl"
    return client


def now(version):
    return Version.objects.get(pk=version.pk).definition


def asked(version):
    return [[question["key"] for question in page["questions"]] for page in now(version)["pages"]]


def wording_file():
    return SimpleUploadedFile("w.csv", "\n".join(["key;nl;en", *(f"{key};woord;word" for key in WORDS)]).encode())


def test_every_page_opens_for_its_roles_only(cast, draft):
    one = {"number": draft.pk}
    table = {
        "list": (EVERYONE, {}),
        "instrument": (EVERYONE, {"number": draft.instrument_id}),
        "preview": (EVERYONE, one),
        "new": (EDITORS, {}),
        "licensed": (EDITORS, {}),
        "template": (EDITORS, {"source": "uwes-9"}),
        "copy": (EDITORS, {"number": draft.instrument_id}),
        "draft": (EDITORS, {"number": draft.instrument_id}),
        "edit": (EDITORS, one),
        "publish": (EDITORS, one),
        "retire": (EDITORS, one),
        "discard": (EDITORS, one),
        "heading": (EDITORS, one),
        "add-page": (EDITORS, one),
        "page": (EDITORS, {**one, "page": 0}),
        "remove-page": (EDITORS, {**one, "page": 0}),
        "add": (EDITORS, {**one, "page": 0, "kind": "scale"}),
        "question": (EDITORS, {**one, "key": "q1"}),
        "move": (EDITORS, {**one, "key": "q1"}),
        "remove": (EDITORS, {**one, "key": "q1"}),
    }
    check_permissions(cast, urls, {f"instruments:{name}": row for name, row in table.items()})


@pytest.mark.parametrize("name", ["edit", "preview", "publish", "discard"])
def test_another_organisation_cannot_reach_a_version(cast, draft, name):
    path = reverse(f"instruments:{name}", kwargs={"slug": "there", "number": draft.pk})
    assert cast.stranger_client().post(path).status_code in (404, 405)
    assert cast.stranger_client().get(path).status_code in (404, 405)
    assert now(draft) == DEFINITION


def test_ours_cannot_be_changed_by_anyone(cast, analyst):
    instrument = Instrument.objects.get(organisation=None, key="employee-pulse")
    version = instrument.versions.get()
    assert analyst.post(address("draft", number=instrument.pk)).status_code == 404
    assert analyst.post(address("retire", number=version.pk)).status_code == 404


@pytest.mark.parametrize("name", ["list", "new", "licensed"])
def test_pages_are_strict(analyst, draft, name):
    assert_strict(analyst.get(address(name)).content.decode())


def test_a_questionnaire_is_made_filled_and_published(analyst, cast):
    analyst.post(address("new"), {"audience": "customer", "title_nl": "Balie", "title_en": "Desk"})
    version = Version.objects.get(instrument__key="balie")
    question = {"text_nl": "Was het druk?", "text_en": "Was it busy?", "low": 1, "high": 5}
    ends = {"ends_nl": "nee\nja", "ends_en": "no\nyes", "construct": "loyalty"}
    analyst.post(address("add", number=version.pk, page=0, kind="scale"), {**question, **ends})
    assert "preview" in analyst.get(address("edit", number=version.pk)).content.decode()
    analyst.post(address("publish", number=version.pk))
    assert Version.objects.get(pk=version.pk).state == State.PUBLISHED
    assert now(version)["pages"][0]["questions"][0]["construct"] == "loyalty"


def test_a_flawed_draft_stays_a_draft_and_says_why(analyst, cast):
    draft = services.create(cast.organisation, Audience.EMPLOYEE, {**editing.EMPTY, "title": {"nl": "Leeg"}}, by=None)
    answer = analyst.post(address("publish", number=draft.pk), follow=True).content.decode()
    assert "Er zijn nog geen vragen. Voeg er een toe." in answer
    assert Version.objects.get(pk=draft.pk).state == State.DRAFT


def test_a_published_version_has_no_editor(analyst, published):
    assert analyst.get(address("edit", number=published.pk)).status_code == 404


def test_the_next_version_begins_with_the_same_questions(analyst, published):
    analyst.post(address("draft", number=published.instrument_id))
    assert published.instrument.versions.get(state=State.DRAFT).definition == DEFINITION


def test_a_question_may_not_change_its_scale_between_versions(analyst, published):
    draft = services.draft_of(published.instrument)
    other = {**editing.find(DEFINITION, "q1"), "high": 7}
    services.change(draft, lambda before: editing.with_question(before, 0, other))
    analyst.post(address("publish", number=draft.pk))
    assert Version.objects.get(pk=draft.pk).state == State.DRAFT


def test_other_words_than_published_are_pointed_out(analyst, published):
    draft = services.draft_of(published.instrument)
    other = {**editing.find(DEFINITION, "q1"), "text": {"nl": "Het nieuwe rooster is fijn.", "en": "Fine."}}
    services.change(draft, lambda before: editing.with_question(before, 0, other))
    page = analyst.get(address("edit", number=draft.pk)).content.decode()
    assert "Deze vragen hebben andere woorden" in page


def test_moving_and_removing(analyst, draft):
    analyst.post(address("move", number=draft.pk, key="q2"), {"step": "up"})
    assert asked(draft) == [["q2", "q1"], ["q3"]]
    analyst.post(address("remove", number=draft.pk, key="q2"))
    assert asked(draft) == [["q1"], ["q3"]]
    analyst.post(address("add-page", number=draft.pk))
    analyst.post(address("remove-page", number=draft.pk, page=0))
    assert asked(draft) == [["q3"], []]


def test_heading_and_page_title_are_changed(analyst, draft):
    analyst.post(address("heading", number=draft.pk), {"title_nl": "Anders", "intro_nl": "Kort."})
    analyst.post(address("page", number=draft.pk, page=1), {"title_nl": "Tot slot"})
    assert now(draft)["title"] == {"nl": "Anders", "en": ""}
    assert now(draft)["pages"][1]["title"] == {"nl": "Tot slot", "en": ""}


def test_a_changed_question_keeps_key_and_rule(analyst, draft):
    path = address("question", number=draft.pk, key="q3")
    assert 'value="q2:o2" selected' in analyst.get(path).content.decode()
    analyst.post(path, {"text_nl": "Waarom dan?", "text_en": "Why?", "rule": "q2:o1", "rule_op": "ne"})
    assert editing.find(now(draft), "q3")["show_if"] == {"key": "q2", "op": "ne", "value": "o1"}


def test_options_are_written_a_line_each(analyst, draft):
    path = address("question", number=draft.pk, key="q2")
    given = {"text_nl": "Welke?", "options_nl": "Nacht\nAvond", "options_en": "Night\nEvening"}
    analyst.post(path, given)
    assert [option["key"] for option in editing.find(now(draft), "q2")["options"]] == ["o2", "o3"]


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("open", {}),
        ("scale", {"text_nl": "x", "low": 1, "high": 99}),
        ("scale", {"text_nl": "x", "low": 1, "high": 5, "ends_nl": "a\nb\nc"}),
        ("scale", {"text_nl": "x", "low": 1, "high": 5, "construct": "nonsense"}),
        ("choice", {"text_nl": "x", "options_nl": "een"}),
        ("choice", {"text_nl": "x", "options_nl": "een\ntwee", "options_en": "one"}),
        ("choice", {"text_nl": "x", "options_nl": "een\neen"}),
    ],
)
def test_a_wrong_question_is_not_added(analyst, draft, kind, given):
    answer = analyst.post(address("add", number=draft.pk, page=0, kind=kind), given)
    assert 'class="errors"' in answer.content.decode()
    assert now(draft) == DEFINITION


def test_a_kind_or_page_that_is_not_there_is_not_found(analyst, draft):
    assert analyst.get(address("add", number=draft.pk, page=0, kind="matrix")).status_code == 404
    assert analyst.get(address("add", number=draft.pk, page=9, kind="open")).status_code == 404
    assert analyst.get(address("question", number=draft.pk, key="q9")).status_code == 404


def test_a_copy_of_ours_is_ones_own(analyst, cast):
    instrument = Instrument.objects.get(organisation=None, key="employee-pulse")
    analyst.post(address("copy", number=instrument.pk))
    copy = Instrument.objects.get(organisation=cast.organisation)
    assert copy.versions.get().state == State.DRAFT
    assert copy.versions.get().definition == instrument.versions.get().definition


def test_the_preview_walks_through_the_form_and_keeps_nothing(analyst, draft):
    path = address("preview", number=draft.pk)
    second = analyst.get(path, {"page": 0, "step": "next", "q1": "4", "q2": "o2", "language": "nl"}).content.decode()
    assert "Waarom?" in second
    end = analyst.get(path, {"page": 1, "step": "next", "q1": "4", "q2": "o2", "q3": "x"}).content.decode()
    assert "<code>q1</code>" in end
    skipped = analyst.get(path, {"page": 0, "step": "next", "q2": "o1"}).content.decode()
    assert "Wat er bewaard zou worden" in skipped


def test_the_preview_speaks_the_language_of_the_respondent(cast, draft):
    page = cast.client(Role.ANALYST).get(address("preview", number=draft.pk), {"language": "en"}).content.decode()
    assert "The roster suits me." in page
    assert "No answer" in page


@pytest.mark.parametrize("given", [{"page": "9"}, {"page": "x"}, {"page": "٣"}])
def test_a_page_that_is_not_there_is_not_found(analyst, draft, given):
    assert analyst.get(address("preview", number=draft.pk), given).status_code == 404


def test_licensed_wording_needs_the_declaration(analyst):
    given = {key: value for key, value in LICENCE.items() if key != "declared"}
    analyst.post(address("licensed"), {**given, "file": wording_file()})
    assert not Instrument.objects.filter(source="uwes-3").exists()


def test_licensed_wording_becomes_a_draft_and_the_log_says_so(analyst, cast):
    analyst.post(address("licensed"), {**LICENCE, "file": wording_file()})
    instrument = Instrument.objects.get(source="uwes-3", organisation=cast.organisation)
    assert (instrument.licence, instrument.versions.get().state) == (LICENCE["licence"], State.DRAFT)
    entry = AuditEntry.objects.filter(organisation=cast.organisation).latest("number")
    assert (entry.verb, entry.what) == ("licence declared", f"instrument {instrument.pk}, uwes-3")


def test_bringing_wording_in_again_makes_the_next_version(analyst, cast):
    analyst.post(address("licensed"), {**LICENCE, "file": wording_file()})
    instrument = Instrument.objects.get(source="uwes-3")
    services.publish(instrument.versions.get(), by=cast.user(Role.ANALYST))
    analyst.post(address("licensed"), {**LICENCE, "file": wording_file()})
    assert list(instrument.versions.values_list("number", "state")) == [(2, "draft"), (1, "published")]


def test_a_faulty_file_is_not_taken(analyst):
    answer = analyst.post(address("licensed"), {**LICENCE, "file": SimpleUploadedFile("w.csv", b"key;nl;en\nx;y;z")})
    assert "Er is niets ingelezen" in answer.content.decode()
    assert not Instrument.objects.filter(source="uwes-3").exists()


def test_norms_are_shown_with_what_was_checked(analyst, cast):
    definition = {**DEFINITION, "title": {"nl": "UWES-9", "en": "UWES-9"}}
    draft = services.create(cast.organisation, Audience.EMPLOYEE, definition, by=None, source="uwes-9", licence="x")
    page = analyst.get(address("instrument", number=draft.instrument_id)).content.decode()
    assert "3,74" in page
    assert "nog niet: kijk het na in de handleiding" in page
