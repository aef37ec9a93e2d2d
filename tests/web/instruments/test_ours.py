"""Our questionnaires stand in the database, ready to ask."""

import hashlib
import json

import pytest

from bevlogen_web.instruments import definition, forms, ours, queries
from bevlogen_web.instruments.models import Instrument, State, Version

# The words of a number never change: people answered them. Change a text, and its number goes up.
WORDS = {
    ("customer-encounter", 1): "4706593fe6f052a0",
    ("employee-pulse", 1): "acdabe8fb975c7f1",
    ("encounter-tap", 1): "77b7e106837cbceb",
}


def fingerprint(version):
    return hashlib.sha256(json.dumps(version.definition, sort_keys=True).encode()).hexdigest()[:16]


def test_every_organisation_can_ask_ours(cast):
    keys = [version.instrument.key for version in queries.published(cast.organisation)]
    assert keys == ["customer-encounter", "employee-pulse", "encounter-tap"]


def test_loading_again_changes_nothing(db):
    before = list(Version.objects.values_list("pk", "number", "state"))
    ours.load()
    assert list(Version.objects.values_list("pk", "number", "state")) == before


def test_a_newer_number_retires_the_one_before(db):
    instrument = Instrument.objects.get(organisation=None, key="encounter-tap")
    instrument.versions.all().delete()
    Version.objects.create(instrument=instrument, number=0, definition={}, state=State.PUBLISHED)
    ours.load()
    assert list(instrument.versions.values_list("number", "state")) == [(1, "published"), (0, "retired")]


@pytest.mark.parametrize("key", ["customer-encounter", "employee-pulse", "encounter-tap"])
def test_ours_have_no_flaw_in_either_language(db, key):
    version = Version.objects.get(instrument__organisation=None, instrument__key=key)
    assert definition.flaws(version.definition) == []
    assert definition.languages(version.definition) == ["nl", "en"]


def test_scales_are_those_of_the_library(db):
    version = Version.objects.get(instrument__organisation=None, instrument__key="employee-pulse")
    found = {scale.construct: scale for scale in forms.scales(version.definition)}
    assert found["control"] == forms.Scale(
        "control", ("ctl_mend", "ctl_say", "ctl_helpless"), frozenset({"ctl_helpless"}), 1, 5, 2
    )


def test_a_customer_is_done_after_three_taps(db):
    version = Version.objects.get(instrument__organisation=None, instrument__key="customer-encounter")
    assert [question.kind for question in forms.questions_of(version.definition, 0, {})] == ["scale"] * 3


@pytest.mark.parametrize(("key", "number"), list(WORDS))
def test_words_change_only_with_the_number(db, key, number):
    version = Version.objects.get(instrument__organisation=None, instrument__key=key, number=number)
    assert fingerprint(version) == WORDS[key, number]
