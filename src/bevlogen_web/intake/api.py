"""The API for other systems: every fault at once, nothing half stored, safe to send again."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, NinjaAPI, Router
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.files import UploadedFile
from ninja.security import HttpBearer

from bevlogen_web.feedback import services as asking
from bevlogen_web.intake import queries, services, tables, tokens
from bevlogen_web.intake.models import Delivery, Scope, Table, Token
from bevlogen_web.intake.schemas import (
    MOST_ROWS,
    AskBatch,
    Asked,
    AskRow,
    InteractionBatch,
    InteractionRow,
    Refused,
    ResultBatch,
    Stored,
    Told,
    UnitBatch,
)
from bevlogen_web.intake.services import KeyReusedError, Origin
from bevlogen_web.intake.tables import FaultyError, Finding
from bevlogen_web.organisation.queries import services_of, units_of
from bevlogen_web.organisation.reading import Row, Sheet

MOST_BYTES = 64 << 20
LONGEST_KEY = 200

router = Router(tags=["Send"])
_SCOPES = {
    Table.UNITS: Scope.SEND_UNITS,
    Table.RESULTS: Scope.SEND_RESULTS,
    Table.INTERACTIONS: Scope.SEND_INTERACTIONS,
}
_UNIT_FIELDS = ("unit", "name", "parent", "service", "co_creation", "headcount")
REFUSALS = {400: Refused, 401: Refused, 403: Refused, 409: Refused, 413: Refused, 422: Refused}


class Bearer(HttpBearer):
    """The key of an integration in the header ``Authorization: Bearer``."""

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        """Give the integration, or None."""
        return tokens.find(token) if token.startswith(tokens.PREFIX) else None


def allowed(request: HttpRequest, scope: Scope) -> Token:
    """Give the integration that sends a request, if it may do this."""
    token = cast(Token, request.auth)  # type: ignore[attr-defined]  # set by Bearer
    if scope not in token.scopes:
        raise HttpError(403, f"This key may not do this. It needs the right {scope.value}.")
    return token


@router.post("/units", response={200: Stored, **REFUSALS}, summary="Send units")
def units(request: HttpRequest, batch: UnitBatch) -> Stored:
    """Add teams, branches and locations, or bring them up to date. A field that is left out stays as it is.

    A unit never disappears: with `complete` those that are not in the batch end today, and keep their past.
    """
    token = allowed(request, Scope.SEND_UNITS)
    given = [row.model_dump(exclude_unset=True) for row in batch.rows]
    rows = tuple(
        Row(number, {name: "" if cell is None else str(cell) for name, cell in cells.items()})
        for number, cells in enumerate(given, start=1)
    )
    columns = {name: name for name in _UNIT_FIELDS if any(name in cells for cells in given)}
    sheet = Sheet(columns, (), rows)
    return _stored(services.deliver_units(token.organisation, sheet, _origin(request, token), complete=batch.complete))


@router.post("/results", response={200: Stored, **REFUSALS}, summary="Send figures of record")
def results(request: HttpRequest, batch: ResultBatch) -> Stored:
    """Store absence, turnover, capacity, use, retention, acquisition, return and the like, per unit and period.

    A figure that was known is replaced. Send the same batch again without harm.
    """
    token = allowed(request, Scope.SEND_RESULTS)
    organisation = token.organisation
    found = queries.history(organisation)
    measures = found.measures if found else {}
    rows = [row.model_dump() for row in batch.rows]
    with tempfile.TemporaryDirectory(prefix="bevlogen-") as folder:
        path = Path(folder) / "batch.csv"
        tables.write_rows(path, ["unit", "period", "measure", "value", "exposure"], rows)
        units = list(queries.unit_numbers(organisation))
        with _rows_from_one():
            figures = tables.read_figures(path, units, queries.grain(organisation), measures)
    return _stored(services.deliver_figures(organisation, figures, _origin(request, token)))


@router.post("/interactions", response={200: Stored, **REFUSALS}, summary="Send rated contacts")
def interactions(request: HttpRequest, batch: InteractionBatch) -> Stored:
    """Store contacts that customers (or, for `customer_conduct`, employees) rated elsewhere.

    Employee and customer codes become pseudonyms on arrival. A contact with an `id` that was known is replaced.
    """
    token = allowed(request, Scope.SEND_INTERACTIONS)
    _check_ratings(batch.rows, batch.scale)
    names = ["unit", "date", "employee", "customer", "service", *tables.rated_constructs()]
    with tempfile.TemporaryDirectory(prefix="bevlogen-") as folder:
        path = Path(folder) / "batch.csv"
        tables.write_rows(path, names, ({**row.model_dump(exclude={"ratings"}), **row.ratings} for row in batch.rows))
        with _rows_from_one():
            tables.read_contacts(path, list(queries.unit_numbers(token.organisation)), *batch.scale)
    contacts = [
        tables.Contact(
            row.unit, row.date, row.employee, row.customer, row.service, row.ratings, *batch.scale, id=row.id
        )
        for row in batch.rows
    ]
    return _stored(services.deliver_contacts(token.organisation, contacts, _origin(request, token)))


@router.post("/asks", response={200: Asked, **REFUSALS}, summary="Ask customers by mail")
def asks(request: HttpRequest, batch: AskBatch) -> Asked:
    """Ask customers by e-mail how a contact was. Who wants no mail, or was asked lately, is left in peace.

    Give each contact your own `code`: then sending the batch again asks nobody twice.
    """
    token = allowed(request, Scope.ASK_CUSTOMERS)
    organisation = token.organisation
    known_units = {unit.key: unit for unit in units_of(organisation)}
    known_services = {service.key: service for service in services_of(organisation)}
    findings = []
    contacts = []
    for number, row in enumerate(batch.rows, start=1):
        findings += _faults_of(number, row, known_units.keys(), known_services.keys())
        if not findings:
            service = known_services[row.service] if row.service else None
            language = {"": "", "nl": "nl", "en": "en-gb"}[row.language]
            contacts.append(asking.Contact(known_units[row.unit], row.email, service, language, row.code))
    if findings:
        raise FaultyError(findings)
    try:
        mailing = asking.ask_by_mail(organisation, contacts, by=None)
    except asking.NothingToAskError as error:
        raise HttpError(409, "No questionnaire for customers is published yet. Publish one in Bevlogen.") from error
    return Asked(sent=mailing.sent, stopped=mailing.stopped, resting=mailing.resting, known=mailing.known)


def _faults_of(number: int, row: AskRow, units: Collection[str], services: Collection[str]) -> list[Finding]:
    found = []
    if row.unit not in units:
        mend = "Add the unit in Bevlogen first, or mend the code."
        found.append(Finding(number, "unit", "a unit that is not there, or no longer", mend))
    if row.service and row.service not in services:
        mend = f"Choose one of: {', '.join(sorted(services))}." if services else "Leave it out."
        found.append(Finding(number, "service", "an unknown service", mend))
    try:
        validate_email(row.email)
    except DjangoValidationError:
        found.append(Finding(number, "email", "no e-mail address", "Mend it, or leave this customer out."))
    return found


@router.post("/files/{table}", response={200: Stored, **REFUSALS}, summary="Send a file")
def files(request: HttpRequest, table: Table, file: File[UploadedFile], low: float = 1, high: float = 5) -> Stored:
    """Store a file (CSV, Excel; Parquet too but for units) of `units`, `results` or `interactions`.

    Columns are named as in the batches; rating columns after the construct they rate, on the scale `low` to `high`.
    `bevlogen push` sends files this way.
    """
    token = allowed(request, _SCOPES[table])
    suffix = Path(file.name or "").suffix.lower()
    if suffix not in tables.FILE_KINDS:
        raise HttpError(400, f"This kind of file is not read. Send one of: {', '.join(tables.FILE_KINDS)}.")
    if (file.size or 0) > MOST_BYTES:
        raise HttpError(413, f"The file is larger than {MOST_BYTES >> 20} MB. Send it in parts.")
    _check_scale(low, high)
    content = file.read()
    with tempfile.TemporaryDirectory(prefix="bevlogen-") as folder:
        path = Path(folder) / f"file{suffix}"
        path.write_bytes(content)
        origin = _origin(request, token, content)
        return _stored(services.take_file(token.organisation, table, path, origin, (low, high)))


def _stored(delivery: Delivery) -> Stored:
    return Stored(delivery=delivery.pk, table=delivery.table, rows=delivery.rows)


def _origin(request: HttpRequest, token: Token, content: bytes | None = None) -> Origin:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_KEY:
        raise HttpError(400, f"The Idempotency-Key is longer than {LONGEST_KEY} characters. Use a shorter one.")
    sent = request.body if content is None else content
    return Origin.of(request.get_full_path().encode() + b"\0" + sent, token, key)


@contextmanager
def _rows_from_one() -> Iterator[None]:
    """Count the rows of faults as in the batch, not as in the file it was written to for the check."""
    try:
        yield
    except FaultyError as error:
        raise FaultyError([replace(f, row=f.row - 1 if f.row else None) for f in error.findings]) from error


def _check_scale(low: float, high: float) -> None:
    if not -1e6 < low < high < 1e6:
        mend = "Give the lowest and the highest rating, the lowest first, such as 1 and 5."
        raise FaultyError([Finding(None, "scale", "no scale with a low and a higher end", mend)])


def _check_ratings(rows: Sequence[InteractionRow], scale: tuple[float, float]) -> None:
    _check_scale(*scale)
    known = set(tables.rated_constructs())
    strange = [number for number, row in enumerate(rows, start=1) if not known.issuperset(row.ratings)]
    if strange:
        mend = f"Choose from: {', '.join(tables.rated_constructs())}."
        found = "a rating of something that is no known construct"
        raise FaultyError([Finding(strange[0], "ratings", found, mend, len(strange))])


def make_api(routers: Sequence[Router]) -> NinjaAPI:
    """Put the parts of the API together, with one form for all refusals."""
    api = NinjaAPI(
        title="Bevlogen",
        version="1",
        description="Send what other systems know, and read the picture as far as it may be shown.",
        docs_url=None,  # our own page: the bundled one needs inline style
        auth=Bearer(),
        urls_namespace="api",
    )
    for part in routers:
        api.add_router("", part)

    def refuse(request: HttpRequest, status: int, message: str, findings: Sequence[Finding] = ()) -> HttpResponse:
        told = [Told(row=f.row, field=f.field, found=f.found, mend=f.mend, count=f.count) for f in findings]
        return api.create_response(request, Refused(message=message, faults=told).model_dump(), status=status)

    @api.exception_handler(FaultyError)
    def faulty(request: HttpRequest, error: FaultyError) -> HttpResponse:
        return refuse(request, 422, _counted(len(error.findings)), error.findings)

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        findings = [_located(one) for one in error.errors]
        return refuse(request, 422, _counted(len(findings)), findings)

    @api.exception_handler(KeyReusedError)
    def reused(request: HttpRequest, _error: KeyReusedError) -> HttpResponse:
        return refuse(request, 409, "This Idempotency-Key was used for other content. Use a new key for new content.")

    @api.exception_handler(HttpError)
    def stopped(request: HttpRequest, error: HttpError) -> HttpResponse:
        return refuse(request, error.status_code, str(error))

    def unknown(request: HttpRequest, _error: object) -> HttpResponse:
        return refuse(
            request, 401, "No known key. Send the header Authorization: Bearer with the key of the integration."
        )

    def absent(request: HttpRequest, _error: object) -> HttpResponse:
        return refuse(request, 404, "There is nothing at this address.")

    api.add_exception_handler(AuthenticationError, unknown)
    api.add_exception_handler(Http404, absent)
    return api


def _counted(count: int) -> str:
    return f"{count} fault{'s' if count != 1 else ''}; nothing was stored."


def _located(error: Mapping[str, Any]) -> Finding:
    """Tell a fault of form without the value that was sent."""
    place = [part for part in error["loc"] if part not in ("body", "query", "path", "form", "file", "batch")]
    row = next((part + 1 for part in place if isinstance(part, int)), None) if "rows" in place else None
    field = ".".join(str(part) for part in place if isinstance(part, str) and part != "rows") or None
    mend = _MENDS.get(error["type"], "Look in the description of the API what belongs here.")
    return Finding(row, field, str(error["msg"]).lower(), mend)


_MENDS = {
    "missing": "Fill it in.",
    "extra_forbidden": "Leave it out, or mend its name.",
    "float_parsing": "Give a number, such as 3.5.",
    "float_type": "Give a number, such as 3.5.",
    "finite_number": "Give a number, or leave it out.",
    "too_long": f"Send at most {MOST_ROWS} rows at a time.",
    "too_short": "Send at least one row.",
    "date_from_datetime_parsing": "Write dates as 2025-12-31.",
    "date_parsing": "Write dates as 2025-12-31.",
}
