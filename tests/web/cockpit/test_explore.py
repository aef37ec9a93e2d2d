"""The explorer: what it answers, what it refuses, the table, and the code that does it again."""

import contextlib
import io
import shutil
import subprocess
import tempfile
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pyreadstat
import pytest
from django.urls import reverse

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.analyses import explore, services
from bevlogen_web.analyses.explore import Question
from bevlogen_web.analyses.models import Exploration, SavedView, State
from bevlogen_web.cockpit import repeat, table

ASKED = {"cause": "employership", "outcome": "loyalty", "way": "within", "lag": "1", "service": ""}
SAME = 1e-6  # both solve the same equations; lme4 stops its search a little earlier


@pytest.fixture
def worker(monkeypatch, study):
    """The worker finds the demonstration where it would collect the data."""
    monkeypatch.setattr(explore, "_study", lambda *_: study)


def _address(name: str, **more) -> str:
    return reverse(f"cockpit:{name}", kwargs={"slug": "here", **more})


def _ask(cast, capture, **more):
    client = cast.client(Role.ANALYST)
    client.cookies["bevlogen_language"] = "nl"
    with capture(execute=True):
        answer = client.post(_address("explore-ask"), {**ASKED, **more})
    return client, answer


def test_a_question_is_worked_out_and_shown(cast, picture, worker, study, django_capture_on_commit_callbacks):
    client, answer = _ask(cast, django_capture_on_commit_callbacks)
    page = client.get(answer.headers["Location"]).content.decode()
    told = study.explore("employership", "loyalty", design="within").picture[0]
    assert told.reason_nl in page
    assert all(text in page for text in ("Vrijheidsgraden", "study.explore(", "lmer(loyalty ~ between"))
    assert Exploration.objects.get().state == State.DONE


def test_the_same_question_is_worked_out_once(cast, picture, worker, django_capture_on_commit_callbacks):
    for _ in range(2):
        _ask(cast, django_capture_on_commit_callbacks, hold=["absence", "control"])
        _ask(cast, django_capture_on_commit_callbacks, hold=["control", "absence"])
    assert Exploration.objects.count() == 1


def test_a_shared_address_shows_the_same_to_a_colleague(cast, picture, worker, django_capture_on_commit_callbacks):
    _client, answer = _ask(cast, django_capture_on_commit_callbacks)
    page = cast.client(Role.DIRECTOR).get(answer.headers["Location"])
    assert 'class="sentence"' in page.content.decode()


def test_the_form_begins_with_two_different_figures(cast, picture):
    form = cast.client(Role.DIRECTOR).get(_address("explore")).context["form"]
    first, second, *_ = [key for key, _ in form.fields["cause"].choices]
    assert (form["cause"].value() or first, form["outcome"].value()) == (first, second)


def test_looking_at_an_address_starts_no_work(cast, picture):
    page = cast.client(Role.ANALYST).get(_address("explore") + "?cause=engagement&outcome=return&way=").content.decode()
    assert 'id="explored"' in page
    assert not Exploration.objects.exists()


@pytest.mark.parametrize(
    ("odd", "text"),
    [
        ({"outcome": "employership"}, "Kies iets anders dan de oorzaak."),
        ({"hold": ["absence", "control", "initiative", "return"]}, "Kies er hoogstens drie."),
        ({"hold": ["loyalty"]}, "kunt u niet constant houden"),
        ({"cause": "removed"}, "Dit staat niet in de laatste cijfers. Kies iets anders."),
    ],
)
def test_what_cannot_be_asked_is_said(cast, picture, django_capture_on_commit_callbacks, odd, text):
    _client, answer = _ask(cast, django_capture_on_commit_callbacks, **odd)
    assert text in answer.content.decode()
    assert not Exploration.objects.exists()


def test_no_more_questions_than_the_rule_allows(cast, picture, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(services, "MOST_QUESTIONS", 0)
    client, answer = _ask(cast, django_capture_on_commit_callbacks)
    assert "zodat ander werk niet hoeft te wachten" in client.get(answer.headers["Location"]).content.decode()
    assert not Exploration.objects.exists()


def test_a_question_that_fails_says_so_and_may_be_asked_again(
    cast, picture, worker, monkeypatch, django_capture_on_commit_callbacks
):
    client, answer = _ask(cast, django_capture_on_commit_callbacks)
    Exploration.objects.update(state=State.FAILED, body=None)
    assert "Dit is niet uit te rekenen" in client.get(answer.headers["Location"]).content.decode()
    _ask(cast, django_capture_on_commit_callbacks)
    assert Exploration.objects.get().state == State.DONE


def test_the_table_is_what_the_release_shows(cast, picture, document):
    client = cast.client(Role.ANALYST)
    query = "?cause=engagement&outcome=return&way="
    rows = pyarrow.csv.read_csv(io.BytesIO(client.get(_address("explore-table", kind="csv") + query).content))
    assert rows.column_names[4:] == ["engagement", "engagement_n", "engagement_step", "return"]
    above = {unit["parent"] for unit in document["units"]}
    shown = {
        (unit["key"], score["period"]): score["mean"]
        for unit in document["units"]
        for score in unit["scores"]
        if unit["key"] not in above and score["construct"] == "engagement"
    }
    found = {
        (row["unit"], row["period"]): row["engagement"] for row in rows.to_pylist() if row["engagement"] is not None
    }
    assert found == shown


def test_the_table_opens_in_parquet_and_spss(cast, picture):
    client = cast.client(Role.ANALYST)
    query = "?cause=engagement&outcome=return&way="
    files = {kind: client.get(_address("explore-table", kind=kind) + query).content for kind in ("parquet", "sav")}
    whole = pyarrow.parquet.read_table(io.BytesIO(files["parquet"]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "it.sav"
        path.write_bytes(files["sav"])
        columns, about = pyreadstat.read_sav(path, output_format="dict")
    assert list(columns["unit"]) == whole["unit"].to_pylist()
    assert about.column_names_to_labels["engagement"] == "Engagement"


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not on this machine")
@pytest.mark.parametrize(
    "question",
    [
        Question("engagement", "absence", "within", hold=("control",)),
        Question("engagement", "absence", "lagged", lag=2, hold=("control",)),
    ],
    ids=lambda question: question.way,
)
def test_python_and_r_find_the_same_in_the_table(picture, tmp_path, monkeypatch, question):
    rows = table.shown(picture, [question.cause, question.outcome, *question.hold])
    (tmp_path / repeat.FILE).write_bytes(table.written(rows, "csv", {}))
    monkeypatch.chdir(tmp_path)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(repeat.python_table(question), {})
    code = repeat.r(question, services=True).rsplit("\n", 2)[0]
    last = repeat.r(question, services=True).rsplit("\n", 2)[1]
    told = subprocess.run(
        ["Rscript", "-e", f"{code}\ncat(format(unname({last}), digits = 12))"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "no package called" in told.stderr:
        pytest.skip("lme4 is not in this R")
    assert float(told.stdout.split()[-1]) == pytest.approx(float(said.getvalue().split()[0]), rel=SAME, abs=SAME)


def test_a_question_is_kept_in_ones_own_list(cast, picture):
    client = cast.client(Role.ANALYST)
    client.post(_address("explore-keep"), {**ASKED, "name": "Mine"})
    kept = SavedView.objects.get()
    assert f"?{kept.query.replace('&', '&amp;')}" in client.get(_address("explore")).content.decode()
    assert "Mine" not in cast.client(Role.DIRECTOR).get(_address("explore")).content.decode()
    cast.client(Role.DIRECTOR).post(_address("explore-drop", number=kept.pk))
    assert SavedView.objects.exists()
    client.post(_address("explore-drop", number=kept.pk))
    assert not SavedView.objects.exists()


def test_a_kept_question_goes_with_the_member(cast, picture):
    cast.client(Role.ANALYST).post(_address("explore-keep"), {**ASKED, "name": "Mine"})
    Membership.objects.filter(pk=cast.members[Role.ANALYST].pk).delete()
    assert not SavedView.objects.exists()
