"""Versions: what was published is never changed, not even by the database's owner."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from bevlogen_web.accounts.models import AuditEntry, Role
from bevlogen_web.instruments import queries, services
from bevlogen_web.instruments.models import Audience, Instrument, State, Version

TEXT = {"nl": "Ik heb plezier", "en": "I have fun"}
ENDS = {"nl": ["nee", "ja"], "en": ["no", "yes"]}
QUESTION = {"key": "q1", "kind": "scale", "text": TEXT, "low": 1, "high": 5, "ends": ENDS}
DEFINITION = {"title": {"nl": "Eigen vragen", "en": "Own"}, "intro": {}, "pages": [{"questions": [QUESTION]}]}


@pytest.fixture
def draft(cast):
    return services.create(cast.organisation, Audience.EMPLOYEE, DEFINITION, by=cast.user(Role.ANALYST))


@pytest.fixture
def published(cast, draft):
    services.publish(draft, by=cast.user(Role.ANALYST))
    return draft


def test_a_new_instrument_gets_a_key_from_its_title(draft):
    assert draft.instrument.key == "eigen-vragen"


def test_the_same_title_twice_gives_two_keys(cast, draft):
    second = services.create(cast.organisation, Audience.EMPLOYEE, DEFINITION, by=None)
    assert second.instrument.key == "eigen-vragen-2"


def test_publishing_leaves_an_entry_in_the_log(cast, published):
    entry = AuditEntry.objects.filter(organisation=cast.organisation).latest("number")
    assert (entry.verb, entry.what) == (
        "questionnaire published",
        f"instrument {published.instrument_id}, version 1",
    )


def test_a_draft_with_a_flaw_is_not_published(cast, draft):
    services.change(draft, lambda now: {**now, "pages": [{"questions": []}]})
    with pytest.raises(services.NotReadyError) as caught:
        services.publish(Version.objects.get(pk=draft.pk), by=cast.user(Role.ANALYST))
    assert len(caught.value.flaws) == 1
    assert Version.objects.get(pk=draft.pk).state == State.DRAFT


def test_a_published_version_cannot_be_edited(published):
    with pytest.raises(services.NotADraftError):
        services.change(published, lambda now: now)


@pytest.mark.parametrize("change", [{"definition": {}}, {"number": 7}, {"state": "draft"}])
def test_the_database_refuses_to_change_what_was_published(published, change):
    with pytest.raises(DatabaseError), transaction.atomic():
        Version.objects.filter(pk=published.pk).update(**change)
    assert Version.objects.get(pk=published.pk).definition == DEFINITION


def test_a_published_version_is_saved_unchanged_without_complaint(published):
    Version.objects.get(pk=published.pk).save()
    assert Version.objects.get(pk=published.pk).state == State.PUBLISHED


def test_the_database_refuses_to_bring_a_retired_version_back(cast, published):
    services.retire(published, by=cast.user(Role.ANALYST))
    with pytest.raises(DatabaseError), transaction.atomic():
        Version.objects.filter(pk=published.pk).update(state="published")


def test_a_change_is_a_new_version_with_the_same_questions(published):
    second = services.draft_of(published.instrument)
    assert (second.number, second.state, second.definition) == (2, State.DRAFT, DEFINITION)


def test_there_is_one_draft_at_a_time(published):
    assert services.draft_of(published.instrument) == services.draft_of(published.instrument)


def test_publishing_the_next_version_retires_the_one_before(cast, published):
    services.publish(services.draft_of(published.instrument), by=cast.user(Role.ANALYST))
    assert Version.objects.get(pk=published.pk).state == State.RETIRED
    assert [
        version.number for version in queries.published(cast.organisation).filter(instrument=published.instrument)
    ] == [2]


def test_throwing_the_only_draft_away_ends_the_instrument(draft):
    services.discard(draft)
    assert not Instrument.objects.filter(pk=draft.instrument_id).exists()


def test_throwing_a_next_draft_away_keeps_what_was_published(published):
    services.discard(services.draft_of(published.instrument))
    assert list(published.instrument.versions.all()) == [published]


def test_a_published_version_is_not_thrown_away(published):
    with pytest.raises(services.NotADraftError):
        services.discard(published)


def test_another_organisation_does_not_see_it(cast, published):
    assert published not in queries.versions(cast.other)
    assert published.instrument not in queries.instruments(cast.other)


def test_keys_are_unique_within_an_organisation(cast, draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        Instrument.objects.create(organisation=cast.organisation, key="eigen-vragen", audience="employee")
