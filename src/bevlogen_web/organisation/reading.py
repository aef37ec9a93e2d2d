"""Reads a file that somebody uploads: CSV as Dutch and English spreadsheets write it, or Excel. Cells stay text."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import fastexcel
from django.utils.translation import gettext as _

EXCEL = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED_BYTES = 100 * 1024 * 1024
MOST_ROWS = 100_000
_DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y%m%d")


class UnreadableError(Exception):
    """A file is no table; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its number in the file (the header is row 1), and its cells by column, stripped."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its columns, from our name to that in the file, those we do not know, and its rows with content."""

    columns: Mapping[str, str]
    unknown: tuple[str, ...]
    rows: tuple[Row, ...]


def read(content: bytes, name: str, columns: Mapping[str, tuple[str, ...]]) -> Sheet:
    """Read a CSV or Excel file.

    Parameters
    ----------
    content, name
        The file; its name tells only whether it is Excel.
    columns
        Our names of the columns, each with all names it may have in the file.

    Raises
    ------
    UnreadableError
        If it is no such file, or has no header, a column twice, too many rows or none.
    """
    table = _excel(content) if name.lower().endswith(EXCEL) else _text(content)
    if not table or not any(table[0]):
        raise UnreadableError(_("The file is empty. Put the names of the columns in the first row."))
    if len(table) - 1 > MOST_ROWS:
        raise UnreadableError(_("The file has more than 100,000 rows. Split it."))
    ours = {_plain(name): key for key, names in columns.items() for name in (key, *names)}
    header = [ours.get(_plain(cell), "") for cell in table[0]]
    known = {key: cell for key, cell in zip(header, table[0], strict=True) if key}
    if len(known) < sum(1 for key in header if key):
        raise UnreadableError(_("A column occurs twice in the file. Take one of them out."))
    rows = [
        Row(number, {key: cell for key, cell in zip(header, cells, strict=False) if key})
        for number, cells in enumerate(table[1:], start=2)
        if any(cells)
    ]
    if not rows:
        raise UnreadableError(_("The file has no rows below the names of the columns."))
    unknown = tuple(cell for cell, key in zip(table[0], header, strict=True) if cell and not key)
    return Sheet(known, unknown, tuple(rows))


def as_date(text: str) -> date | None:
    """Read a day as 2024-03-31 or 31-03-2024; None if it is none."""
    for pattern in _DATES:
        try:
            return datetime.strptime(text.split("T")[0].split(" ")[0], pattern).date()
        except ValueError:
            continue
    return None


def as_number(text: str) -> float | None:
    """Read a finite number with a decimal comma or point; None if it is none."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _plain(name: str) -> str:
    return "".join(sign for sign in name.lower() if sign.isalnum())


def _text(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise UnreadableError(_("This file cannot be read. Save it again as CSV or Excel.")) from error
    return [[cell.strip() for cell in row] for row in rows]


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableError(_("This file cannot be read. Save it again as CSV or Excel."))


def _excel(content: bytes) -> list[list[str]]:
    message = _("This is no Excel file that can be read. Save it again as .xlsx, or as CSV.")
    if content.startswith(b"PK"):
        try:
            unpacked = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(content)).infolist())
        except zipfile.BadZipFile as error:
            raise UnreadableError(message) from error
        if unpacked > MOST_UNPACKED_BYTES:
            raise UnreadableError(_("This Excel file is too large. Save the sheet as CSV."))
    elif not content.startswith(b"\xd0\xcf"):
        raise UnreadableError(message)
    try:
        sheet = fastexcel.read_excel(content).load_sheet(0, header_row=None, dtypes="string")
    except fastexcel.FastExcelError as error:
        raise UnreadableError(message) from error
    columns = [column.to_pylist() for column in sheet.to_arrow().columns]
    return [[_cell(value) for value in row] for row in zip(*columns, strict=True)]


def _cell(value: object) -> str:
    text = "" if value is None else str(value).replace("\0", "").strip()
    return text.removesuffix(".0") if text.removesuffix(".0").isdigit() else text.removesuffix(" 00:00:00")
