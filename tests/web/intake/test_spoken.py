"""Faults that the library finds are told in Dutch; its own sentences are the keys, and none may be out of use."""

import re
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils.translation import override
from intake.test_history import FILES, zipped

import bevlogen as bv
from bevlogen_web.accounts.models import Role
from bevlogen_web.intake import spoken, tables
from bevlogen_web.organisation.models import Unit

FIGURES = {
    "unknown unit": "unit,period,measure,value\nt9,2026-Q1,absence,4\n",
    "unknown measure": "unit,period,measure,value\nt1,2026-Q1,absense,4\n",
    "measure like no other": "unit,period,measure,value\nt1,2026-Q1,xyzzy,4\n",
    "no unit": "unit,period,measure,value\n,2026-Q1,absence,4\n",
    "no date": "unit,period,measure,value\nt1,,absence,4\n",
    "wrong date": "unit,period,measure,value\nt1,soon,absence,4\n",
    "other grain": "unit,period,measure,value\nt1,2026-03,absence,4\n",
    "no such day": "unit,date,measure,value\nt1,2026-02-30,absence,4\n",
    "text": "unit,period,measure,value\nt1,2026-Q1,absence,many\n",
    "no column": "unit,period,measure\nt1,2026-Q1,absence\n",
    "twice": "unit,period,measure,value\nt1,2026-Q1,absence,4\nt1,2026-Q1,absence,5\n",
    "exposure": "unit,period,measure,value,exposure\nt1,2026-Q1,absence,4,-1\n",
    "empty": "",
    "no rows": "unit,period,measure,value\n",
    "ragged": "unit,period,measure,value\nt1,2026-Q1,absence\n",
    "column twice": "unit,period,measure,value,value\nt1,2026-Q1,absence,4,4\n",
}
CONTACTS = {
    "off the scale": "unit,date,conduct\nt1,2026-03-04,9\n",
    "nothing rated": "unit,date\nt1,2026-03-04\n",
}


def _dutch(findings) -> list[str]:
    with override("nl"):
        return [spoken.said(part) or f"ENGLISH {part}" for one in findings for part in (one.found, one.mend)]


@pytest.mark.parametrize("name", FIGURES)
def test_faults_of_figures_are_told_in_dutch(tmp_path, name):
    (tmp_path / "a.csv").write_text(FIGURES[name], encoding="utf-8")
    with pytest.raises(tables.FaultyError) as caught:
        tables.read_figures(tmp_path / "a.csv", ["t1"], "quarter", {})
    assert [text for text in _dutch(caught.value.findings) if text.startswith("ENGLISH")] == []


@pytest.mark.parametrize("name", CONTACTS)
def test_faults_of_contacts_are_told_in_dutch(tmp_path, name):
    (tmp_path / "a.csv").write_text(CONTACTS[name], encoding="utf-8")
    with pytest.raises(tables.FaultyError) as caught:
        tables.read_contacts(tmp_path / "a.csv", ["t1"], 1, 5)
    assert [text for text in _dutch(caught.value.findings) if text.startswith("ENGLISH")] == []


def test_codes_and_hints_stand_in_the_dutch_sentence():
    with override("nl"):
        assert spoken.said('unknown units "a", "b" and 3 more') == 'onbekende onderdelen "a", "b" en nog 3'
        assert spoken.said('Did you mean "absence"?') == 'Bedoelde u "absence"?'
        told = "The ledger of releases misses releases.jsonl. Nothing was released. Put both back from a backup."
        assert spoken.said(told).endswith("mist releases.jsonl. Er is niets getoond. Zet beide terug uit een back-up.")
        assert spoken.said("Something new.") is None


def test_every_sentence_is_one_the_library_or_this_app_says():
    sources = [
        *Path(bv.__file__).parent.rglob("*.py"),
        Path(tables.__file__),
        Path(tables.__file__).parent / "services.py",
    ]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    pieces = {piece.strip() for one in spoken.SENTENCES for piece in re.split(r"%\(\w+\)s", one)}
    shortened = {"Write 2024-03-31.", "unknown units", "days", "months", "quarters", "years"}  # by intake; plurals
    assert [piece for piece in pieces - shortened if piece not in text] == []


def test_a_page_with_faults_is_dutch(cast, settings, tmp_path):
    settings.DATA = tmp_path
    Unit.objects.create(organisation=cast.organisation, key="t1", name="Team")
    client = cast.client(Role.ADMINISTRATOR)
    client.cookies["bevlogen_language"] = "nl"
    bad = FILES | {"answers.csv": "unit,period,x1\nteam,2025-01,9\n"}
    page = client.post(reverse("intake:history", kwargs={"slug": "here"}), {"tables": zipped(bad)}).content.decode()
    assert "een antwoord buiten de schaal van 1 tot 5" in page
    assert '<span lang="en">' not in page
