"""Writing: instruments and their versions. What was published is never changed; a change is a new version."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_noop as _

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import Organisation, User
from bevlogen_web.instruments import queries
from bevlogen_web.instruments.definition import Definition, Flaw, flaws
from bevlogen_web.instruments.models import Audience, Instrument, State, Version


class NotReadyError(Exception):
    """A definition cannot be published; ``flaws`` says why."""

    def __init__(self, found: Sequence[Flaw]) -> None:
        super().__init__(f"{len(found)} flaws")
        self.flaws = tuple(found)


class NotADraftError(Exception):
    """Only a draft can be changed, published or thrown away."""


@transaction.atomic
def create(
    organisation: Organisation,
    audience: Audience,
    definition: Definition,
    *,
    by: User | None,
    source: str = "",
    licence: str = "",
) -> Version:
    """Make an instrument of an organisation's own, with a first draft."""
    instrument = Instrument.objects.create(
        organisation=organisation,
        key=_free_key(organisation, definition),
        audience=audience,
        source=source,
        licence=licence,
    )
    audit.record(organisation, by, _("questionnaire made"), f"instrument {instrument.pk}")
    return Version.objects.create(instrument=instrument, number=1, definition=definition)


@transaction.atomic
def bring_wording(
    organisation: Organisation, source: str, definition: Definition, licence: str, *, by: User | None
) -> Version:
    """Take the wording of a licence holder as a draft: of a new instrument, or of the next version of the one before.

    Parameters
    ----------
    organisation
        Who holds the licence.
    source
        Key of the library's structure.
    definition
        That structure with the wording in it.
    licence
        What the holder declared; the declaration itself goes into the log.
    """
    instrument = organisation.instruments.filter(source=source).order_by("pk").first()
    if instrument is None:
        version = create(organisation, Audience.EMPLOYEE, definition, by=by, source=source, licence=licence)
    else:
        organisation.instruments.filter(pk=instrument.pk).update(licence=licence)
        version = change(draft_of(instrument), lambda _before: definition)
    audit.record(organisation, by, _("licence declared"), f"instrument {version.instrument_id}, {source}")
    return version


@transaction.atomic
def draft_of(instrument: Instrument) -> Version:
    """Give the draft of an instrument; makes the next version, with the newest questions, when there is none."""
    Instrument.objects.select_for_update().get(pk=instrument.pk)
    newest = instrument.versions.order_by("-number")[0]
    if newest.state == State.DRAFT:
        return newest
    return Version.objects.create(instrument=instrument, number=newest.number + 1, definition=newest.definition)


@transaction.atomic
def change(version: Version, act: Callable[[Definition], Definition]) -> Version:
    """Change the questions of a draft as they are now, so that two who work on it lose nothing of each other's.

    Raises
    ------
    NotADraftError
        If it was published or thrown away in the meantime.
    """
    draft = Version.objects.select_for_update().filter(pk=version.pk, state=State.DRAFT).first()
    if draft is None:
        raise NotADraftError
    draft.definition = act(draft.definition)
    draft.save(update_fields=["definition"])
    return draft


@transaction.atomic
def publish(version: Version, *, by: User | None) -> None:
    """Let a draft be asked from now on, in place of the version before.

    Raises
    ------
    NotADraftError
        If it was published already.
    NotReadyError
        If something stands in the way, with all of it.
    """
    found = [*flaws(version.definition), *queries.broken_series(version)]
    if found:
        raise NotReadyError(found)
    instrument = version.instrument
    instrument.versions.filter(state=State.PUBLISHED).update(state=State.RETIRED)
    if not instrument.versions.filter(pk=version.pk, state=State.DRAFT).update(state=State.PUBLISHED):
        raise NotADraftError
    version.state = State.PUBLISHED
    if instrument.organisation is not None:
        what = f"instrument {instrument.pk}, version {version.number}"
        audit.record(instrument.organisation, by, _("questionnaire published"), what)


@transaction.atomic
def retire(version: Version, *, by: User) -> None:
    """Let a published version no longer be asked; what was answered stays."""
    if not Version.objects.filter(pk=version.pk, state=State.PUBLISHED).update(state=State.RETIRED):
        raise NotADraftError
    version.state = State.RETIRED
    if version.instrument.organisation is not None:
        what = f"instrument {version.instrument.pk}, version {version.number}"
        audit.record(version.instrument.organisation, by, _("questionnaire retired"), what)


@transaction.atomic
def discard(version: Version) -> None:
    """Throw a draft away, and its instrument when it has no other version.

    Raises
    ------
    NotADraftError
        If it was published in the meantime.
    """
    deleted, _by_model = Version.objects.filter(pk=version.pk, state=State.DRAFT).delete()
    if not deleted:
        raise NotADraftError
    if not version.instrument.versions.exists():
        version.instrument.delete()


def _free_key(organisation: Organisation, definition: Definition) -> str:
    title = next((text for text in definition["title"].values() if text.strip()), "")
    stem = slugify(title)[:50] or "questions"
    taken = set(Instrument.objects.filter(key__startswith=stem).values_list("key", flat=True))
    return next(key for key in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if key not in taken)
