"""Writing: integrations, deliveries, history. A delivery is stored as a whole or not at all."""

from __future__ import annotations

import hashlib
import shutil
import tomllib
import uuid
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_noop as _
from django.utils.translation import override

import bevlogen as bv
from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import Organisation, User
from bevlogen_web.intake import queries, tables, tokens
from bevlogen_web.intake.models import Delivery, Encounter, History, Result, Scope, Table, Token
from bevlogen_web.intake.tables import Contact, FaultyError, Figure, Finding
from bevlogen_web.organisation import reading, unit_import
from bevlogen_web.organisation.reading import Sheet

Upload: TypeAlias = "UploadedFile[Any]"

MOST_ROWS_AT_ONCE = 500
MOST_FILES = 200
LONGEST_NAME = 120
# Rules of disclosure beyond those that a round chooses itself.
THRESHOLDS = (
    "k_distributions",
    "protection",
    "min_response",
    "k_by_construct",
    "k_distributions_by_construct",
    "protection_by_construct",
)
MOST_UNPACKED = 2 << 30  # bytes


class KeyReusedError(Exception):
    """A key of an earlier delivery came back with other content."""


class UnfitArchiveError(Exception):
    """An uploaded archive cannot be unpacked safely; ``reason`` is one of the keys of ``REASONS``."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a delivery comes from: its integration (None for a file), its own key, and the hash of its content."""

    token: Token | None
    key: str
    content: str

    @staticmethod
    def of(content: bytes, token: Token | None = None, key: str = "") -> Origin:
        """Give the origin of some bytes; without a key the content is its own."""
        seal = hashlib.sha256(content).hexdigest()
        return Origin(token, hashlib.sha256(key.encode()).hexdigest() if key else seal, seal)


@transaction.atomic
def make_token(organisation: Organisation, name: str, scopes: Sequence[Scope], *, by: User) -> tuple[Token, str]:
    """Make an integration; give it with its key, which is not kept."""
    key = tokens.make()
    token = Token.objects.create(
        organisation=organisation,
        name=name,
        scopes=[scope.value for scope in scopes],
        hash=tokens.hashed(key),
        made=timezone.localdate(),
    )
    may = ", ".join(token.scopes)
    audit.record(organisation, by, _("key of another system made"), f"token {token.pk}, may {may}")
    return token, key


@transaction.atomic
def revoke(token: Token, *, by: User) -> None:
    """End an integration; what it delivered stays."""
    audit.record(token.organisation, by, _("key of another system ended"), f"token {token.pk}")
    token.delete()


def deliver_figures(organisation: Organisation, figures: Sequence[Figure], origin: Origin) -> Delivery:
    """Store figures of record; one that was known is replaced."""

    def store(delivery: Delivery) -> None:
        numbers = queries.unit_numbers(organisation)
        Result.objects.bulk_create(
            [
                Result(
                    organisation=organisation,
                    unit_id=numbers[figure.unit],
                    period=figure.period,
                    measure=figure.measure,
                    value=figure.value,
                    exposure=figure.exposure,
                    delivery=delivery,
                )
                for figure in figures
            ],
            batch_size=MOST_ROWS_AT_ONCE,
            update_conflicts=True,
            unique_fields=["organisation", "unit", "period", "measure"],
            update_fields=["value", "exposure", "delivery"],
        )

    return _deliver(organisation, Table.RESULTS, len(figures), origin, store)


def deliver_contacts(organisation: Organisation, contacts: Sequence[Contact], origin: Origin) -> Delivery:
    """Store rated contacts; one with an id that was known is replaced."""

    def store(delivery: Delivery) -> None:
        numbers = queries.unit_numbers(organisation)
        rows = [_encounter(organisation, contact, numbers[contact.unit], delivery) for contact in contacts]
        Encounter.objects.bulk_create([row for row in rows if row.mark is None], batch_size=MOST_ROWS_AT_ONCE)
        Encounter.objects.bulk_create(
            list({row.mark: row for row in rows if row.mark is not None}.values()),
            batch_size=MOST_ROWS_AT_ONCE,
            update_conflicts=True,
            unique_fields=["organisation", "mark"],
            update_fields=["unit", "day", "employee", "customer", "service", "low", "high", "ratings", "delivery"],
        )

    return _deliver(organisation, Table.INTERACTIONS, len(contacts), origin, store)


def _deliver(
    organisation: Organisation, table: Table, rows: int, origin: Origin, store: Callable[[Delivery], None]
) -> Delivery:
    with transaction.atomic():
        delivery, new = Delivery.objects.get_or_create(
            organisation=organisation,
            key=origin.key,
            defaults={
                "token": origin.token,
                "table": table,
                "content": origin.content,
                "rows": rows,
                "at": timezone.now(),
            },
        )
        if not new:
            if (delivery.content, delivery.table) != (origin.content, table):
                raise KeyReusedError
            return delivery
        store(delivery)
        who = f"token {origin.token.pk}" if origin.token else "a file"
        audit.record(organisation, None, _("data came in"), f"{table}, {rows} rows, by {who}, delivery {delivery.pk}")
    return delivery


def _encounter(organisation: Organisation, contact: Contact, unit: int, delivery: Delivery) -> Encounter:
    return Encounter(
        organisation=organisation,
        unit_id=unit,
        day=contact.day,
        employee=pseudonym(organisation, "employee", contact.employee),
        customer=pseudonym(organisation, "customer", contact.customer),
        service=contact.service[:80],
        low=contact.low,
        high=contact.high,
        ratings=dict(contact.ratings),
        mark=pseudonym(organisation, "contact", contact.id) or None,
        delivery=delivery,
    )


def pseudonym(organisation: Organisation, kind: str, text: str) -> str:
    """Give 64 bits that stand for a text in this organisation and cannot be led back to it without the secret key."""
    if not text:
        return ""
    return salted_hmac(f"bevlogen.{kind}.{organisation.pk}", text, algorithm="sha256").hexdigest()[:16]


def deliver_units(organisation: Organisation, sheet: Sheet, origin: Origin, *, complete: bool) -> Delivery:
    """Bring units up to date, as an import by hand would: new ones are added, known ones changed or moved.

    Raises
    ------
    FaultyError
        With every fault; then nothing is changed.
    """

    def store(_delivery: Delivery) -> None:
        with override("en-gb"):
            plan = unit_import.apply(organisation, sheet, complete=complete, on=timezone.localdate(), by=None)
        if plan.faults:
            raise FaultyError([Finding(f.row, f.column or None, f.found, f.mend) for f in plan.faults])

    return _deliver(organisation, Table.UNITS, len(sheet.rows), origin, store)


@transaction.atomic
def withdraw(delivery: Delivery, *, by: User) -> None:
    """Delete a delivery with every row it brought last."""
    audit.record(delivery.organisation, by, _("data that came in deleted"), f"delivery {delivery.pk}, {delivery.table}")
    delivery.delete()


def take_file(
    organisation: Organisation, table: Table, path: Path, origin: Origin, scale: tuple[float, float]
) -> Delivery:
    """Read, check and store a file of units, figures or contacts.

    Raises
    ------
    FaultyError
        With every fault at once; then nothing is stored.
    KeyReusedError
        If its key was used for something else.
    """
    if table == Table.UNITS:
        try:
            with override("en-gb"):
                sheet = reading.read(path.read_bytes(), path.name, unit_import.COLUMNS)
        except reading.UnreadableError as error:
            raise FaultyError([Finding(None, None, "a file that cannot be read", str(error))]) from error
        return deliver_units(organisation, sheet, origin, complete=False)
    units = list(queries.unit_numbers(organisation))
    if table == Table.RESULTS:
        found = queries.history(organisation)
        figures = tables.read_figures(path, units, queries.grain(organisation), found.measures if found else {})
        return deliver_figures(organisation, figures, origin)
    return deliver_contacts(organisation, tables.read_contacts(path, units, *scale), origin)


def folder_of(organisation: Organisation) -> Path:
    """Give the folder in which an organisation's files are kept, made for the owner only."""
    folder: Path = settings.DATA / "organisations" / str(organisation.pk)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def bring_history(organisation: Organisation, uploads: Iterable[Upload], *, by: User | None) -> tuple[bv.Fault, ...]:
    """Keep a workspace from before, if the library finds no fault in it; give the faults.

    Parameters
    ----------
    uploads
        The files of the workspace, or one zip file that holds them.

    Raises
    ------
    UnfitArchiveError
        If a zip file cannot be unpacked safely.
    """
    folder = folder_of(organisation) / "history" / uuid.uuid4().hex
    folder.mkdir(mode=0o700, parents=True)
    kept = False
    try:
        unpack(uploads, folder)
        faults = outside(folder) or bv.check(folder, data=folder)
        if not faults:
            keep_history(organisation, folder, by=by)
            kept = True
        return faults
    finally:
        if not kept:
            shutil.rmtree(folder)


def outside(folder: Path) -> tuple[bv.Fault, ...]:
    """Give a fault for each table that organisation.toml seeks elsewhere: another's files are not to be read."""
    try:
        read = tomllib.loads((folder / "organisation.toml").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):  # the library's check says what is wrong with it
        return ()
    tables_read = read.get("tables")
    parts = list(tables_read.values()) if isinstance(tables_read, dict) else []
    specs = [spec for part in parts for spec in (part if isinstance(part, list) else [part])]
    files = [spec.get("file") for spec in specs if isinstance(spec, dict)]
    mend = "Put the table beside organisation.toml and give its name alone."
    return tuple(
        bv.Fault("organisation.toml", None, "file", "a table that lies in another folder", mend)
        for file in files
        if isinstance(file, str) and Path(file.replace("\\", "/")).name != file
    )


def keep_history(organisation: Organisation, folder: Path, *, by: User | None) -> History:
    """Let a folder that has no faults be the history; what was there before goes."""
    workspace = bv.open(folder, data=folder).workspace
    before = queries.history(organisation)
    known = tables.result_constructs()
    measures = {
        key: {
            "label": {"en": measure.label.en, "nl": measure.label.nl},
            "lower_is_better": not measure.higher_is_better,
            "share": measure.is_share,
            "health": measure.health,
        }
        for key, measure in workspace.organisation.measures.items()
        if key not in known
    }
    with transaction.atomic():
        made, _new = History.objects.update_or_create(
            organisation=organisation,
            defaults={
                "folder": str(folder.relative_to(folder_of(organisation))),
                "grain": workspace.organisation.grain,
                "measures": measures,
                "periods": list(workspace.periods),
                "files": sorted(path.name for path in folder.iterdir()),
                "added": timezone.now(),
            },
        )
        _take_thresholds(organisation, workspace.organisation.policy)
        audit.record(organisation, by, _("history brought"), f"{len(made.files)} files, {len(made.periods)} periods")
        if before is not None and before.folder != made.folder:
            old = folder_of(organisation) / before.folder
            transaction.on_commit(lambda: shutil.rmtree(old, ignore_errors=True))
    return made


def _take_thresholds(organisation: Organisation, policy: Any) -> None:
    """Let the next round promise what the history asks beyond the rules of everyone; rounds that opened keep theirs."""
    given = {name: getattr(policy, name) for name in THRESHOLDS}
    organisation.thresholds = {
        name: dict(value) if isinstance(value, Mapping) else value for name, value in given.items() if value
    }
    organisation.save(update_fields=["thresholds"])


def drop_history(history: History, *, by: User) -> None:
    """Delete the workspace from before with its files."""
    folder = folder_of(history.organisation) / history.folder
    with transaction.atomic():
        audit.record(history.organisation, by, _("history deleted"), f"{len(history.files)} files")
        history.delete()
        Organisation.objects.filter(pk=history.organisation_id).update(thresholds={})
        transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


def unpack(uploads: Iterable[Upload], folder: Path) -> None:
    """Write uploaded files, or the files in an uploaded zip, side by side into a folder."""
    several = list(uploads)
    if len(several) == 1 and (several[0].name or "").lower().endswith(".zip"):
        _unzip(several[0], folder)
        return
    for upload in several[:MOST_FILES]:
        with (folder / Path(upload.name or "file").name).open("wb") as stream:
            for chunk in upload.chunks():
                stream.write(chunk)


def _unzip(upload: Upload, folder: Path) -> None:
    try:
        with zipfile.ZipFile(cast(IO[bytes], upload.file)) as archive:
            members = [info for info in archive.infolist() if not info.is_dir() and _is_wanted(info.filename)]
            if len(members) > MOST_FILES or sum(info.file_size for info in members) > MOST_UNPACKED:
                raise UnfitArchiveError("large")
            # Only the last part of each name counts, so nothing can be written outside the folder.
            names = _names(members)
            for info in members:
                with archive.open(info) as source, (folder / names[info.filename]).open("wb") as target:
                    _copy(source.read, target.write, info.file_size)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UnfitArchiveError("damaged") from error


def _is_wanted(filename: str) -> bool:
    """Whether a file in a zip is not one of those that operating systems add."""
    return "__MACOSX" not in filename and not Path(filename.replace("\\", "/")).name.startswith(".")


def _names(members: Sequence[zipfile.ZipInfo]) -> Mapping[str, str]:
    names = {info.filename: Path(info.filename.replace("\\", "/")).name for info in members}
    if len(set(names.values())) < len(members) or any(len(name) > LONGEST_NAME for name in names.values()):
        raise UnfitArchiveError("names")
    return names


def _copy(read: Callable[[int], bytes], write: Callable[[bytes], int], promised: int) -> None:
    """Copy no more than was promised: the size in a zip's list may lie."""
    left = promised
    while block := read(1 << 20):
        left -= len(block)
        if left < 0:
            raise UnfitArchiveError("large")
        write(block)
