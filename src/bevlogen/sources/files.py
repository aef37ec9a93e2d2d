"""Input files: where they lie, how they are written, and their rows as a stream that never fills the memory."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import fastexcel
import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as papq
from numpy.typing import NDArray

from bevlogen.sources.cells import Cell, Mark, schema_of, typed
from bevlogen.sources.faults import Faults, listed
from bevlogen.sources.organisation import TableSpec

Format = Literal["text", "parquet", "excel", "table"]

_HEAD_BYTES = 1 << 18
_BLOCK_BYTES = 1 << 20
_HASH_WHOLE_BYTES = 64 << 20
_HASH_BLOCKS = 64
_MOST_RAGGED = 1000
_EXCEL_ROWS = 1 << 16
_RUBBISH_ROWS = 1000
_DELIMITERS = ";,\t|"
_BOMS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8"))
_FORMATS: dict[str, Format] = {
    ".csv": "text",
    ".tsv": "text",
    ".txt": "text",
    ".gz": "text",
    ".parquet": "parquet",
    ".xlsx": "excel",
    ".xls": "excel",
    ".xlsb": "excel",
    ".ods": "excel",
}
NO_ROWS = "a table without rows"
MEND_NO_ROWS = "Add rows, or leave the table out."
NO_TEXT = "bytes that are no text"
ENCODING_MEND = "Save the file again as CSV in UTF-8."


@dataclass(frozen=True, slots=True)
class Source:
    """One file that can be read: its name for messages, its place, how it is written, and its column names.

    ``encoding`` and ``delimiter`` hold for text; ``sheet`` for Excel. ``first_row`` is the number that a message gives
    to the first row of data: 2 where the header is row 1, and 1 for Parquet, which has no header row. ``relation`` is
    where a table of an engine was brought to.
    """

    file: str
    path: Path
    format: Format
    header: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    sheet: str | None = None
    relation: str = ""

    @property
    def first_row(self) -> int:
        """Row number of the first row of data."""
        return 1 if self.format in ("parquet", "table") else 2


def find(file: str, directory: Path, data: Path | None) -> Path | None:
    """Return where a file lies: in the workspace, else in ``data``, else in the folder of ``BEVLOGEN_DATA``."""
    places = [directory, data, Path(os.environ["BEVLOGEN_DATA"]) if os.environ.get("BEVLOGEN_DATA") else None]
    return next((place / file for place in places if place is not None and (place / file).is_file()), None)


def matching(pattern: str, directory: Path, data: Path | None) -> list[str]:
    """Return the files that a pattern matches in the first place that has any, in order of name."""
    environment = os.environ.get("BEVLOGEN_DATA")
    for place in (directory, data, Path(environment) if environment else None):
        found = sorted(place.glob(pattern)) if place is not None else []
        if found and place is not None:
            return [path.relative_to(place).as_posix() for path in found]
    return []


def open_source(spec: TableSpec, directory: Path, data: Path | None, faults: Faults) -> Source | None:
    """Find a table's file and read its header; None after noting why that is impossible."""
    path = find(spec.file, directory, data)
    kind = _FORMATS.get(Path(spec.file).suffix.lower())
    if kind is None:
        faults.add(spec.file, None, None, "a kind of file that is not read", "Use .csv, .parquet or .xlsx.")
    elif path is None:
        faults.add(
            spec.file,
            None,
            None,
            "there is no such file",
            "Put it beside organisation.toml, or name its folder with --data or BEVLOGEN_DATA.",
        )
    elif path.stat().st_size == 0:
        faults.add(spec.file, None, None, "an empty file", "Export the table again, with its header.")
    else:
        opener = {"text": _open_text, "parquet": _open_parquet, "excel": _open_excel}[kind]
        source = opener(spec, path, faults)
        if source is not None and _header_is_fine(source, faults):
            return source
    return None


def _header_is_fine(source: Source, faults: Faults) -> bool:
    names = [name for name in source.header if name]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        faults.add(source.file, 1, twice[0], "a column name that occurs twice", "Give each column its own name.")
    return not twice


def _open_parquet(spec: TableSpec, path: Path, faults: Faults) -> Source | None:
    try:
        header = tuple(papq.read_schema(path).names)
    except (pa.ArrowException, OSError):
        faults.add(spec.file, None, None, "no Parquet file", "Write it again as Parquet.")
        return None
    return Source(spec.file, path, "parquet", header)


def _open_excel(spec: TableSpec, path: Path, faults: Faults) -> Source | None:
    head = path.open("rb").read(4)
    try:
        if head[:2] not in (b"PK", b"\xd0\xcf"):
            raise fastexcel.CalamineError
        book = fastexcel.read_excel(path)
        if spec.sheet is not None and spec.sheet not in book.sheet_names:
            mend = f"The file has: {listed(book.sheet_names)}."
            faults.add(spec.file, None, None, f'there is no sheet "{spec.sheet}"', mend)
            return None
        sheet = spec.sheet or book.sheet_names[0]
        names = [str(column.name) for column in book.load_sheet(sheet, n_rows=0).available_columns()]
    except fastexcel.FastExcelError:
        faults.add(spec.file, None, None, "no Excel file that can be read", "Save it again as .xlsx, or as CSV.")
        return None
    return Source(spec.file, path, "excel", tuple(names), sheet=sheet)


def _open_text(spec: TableSpec, path: Path, faults: Faults) -> Source | None:
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        faults.add(spec.file, None, None, "a damaged .gz file", "Pack the file again.")
        return None
    encoding, text = _decoded(head)
    if text is None or "\0" in text:
        faults.add(spec.file, None, None, "no text: the file holds other bytes", ENCODING_MEND)
        return None
    line = text.lstrip("\ufeff")
    if not line.strip():
        faults.add(spec.file, None, None, "an empty file", "Export the table again, with its header.")
        return None
    delimiter = _delimiter(line, path)
    try:
        rows = csv.reader(io.StringIO(line, newline=""), delimiter=delimiter)
        header = next(rows)
        if len(head) < _HEAD_BYTES and next(rows, None) is None:
            faults.add(spec.file, None, None, NO_ROWS, MEND_NO_ROWS)
            return None
    except (csv.Error, StopIteration):
        faults.add(spec.file, 1, None, "a header that cannot be read", "Put the column names on the first line.")
        return None
    return Source(spec.file, path, "text", tuple(name.strip() for name in header), encoding, delimiter)


def _decoded(head: bytes) -> tuple[str, str | None]:
    """Encoding and text of the first bytes; the end may cut a character in two."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding, head[: len(head) // 2 * 2].decode(encoding, errors="replace")
    try:
        return "utf-8", head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and len(head) == _HEAD_BYTES:
            return "utf-8", head[: error.start].decode("utf-8")
    try:
        return "cp1252", head.decode("cp1252")
    except UnicodeDecodeError:
        return "", None


def _delimiter(text: str, path: Path) -> str:
    """The sign that occurs most in the header, outside quotation marks."""
    line = text.splitlines()[0]
    bare = "".join(part for i, part in enumerate(line.split('"')) if i % 2 == 0)
    most = max(_DELIMITERS, key=bare.count)
    return most if most in bare else ("\t" if path.suffix.lower() == ".tsv" else ",")


def stream(source: Source, cells: Sequence[Cell], faults: Faults) -> pa.RecordBatchReader:
    """Return the cells of a text or Excel file under canonical names, with ``line``, batch by batch.

    A row with too many or too few cells is a fault and left out; after a thousand of them, or at bytes that are no
    text, reading stops. ``line`` counts as a spreadsheet does: the header is row 1.
    """
    batches = _text_batches(source, cells, faults) if source.format == "text" else _excel_batches(source, cells)
    return pa.RecordBatchReader.from_batches(schema_of(cells), batches)


def _text_batches(source: Source, cells: Sequence[Cell], faults: Faults) -> Iterator[pa.RecordBatch]:
    columns = _columns(cells)
    names = [f"c{source.header.index(column)}" for column in columns]
    ragged: list[int] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        ragged.append(row.number)
        mend = f"Each row needs {row.expected_columns}; put text with a {source.delimiter!r} in it in quotation marks."
        faults.add(source.file, row.number, None, "a row with too many or too few cells", mend)
        return "skip" if len(ragged) < _MOST_RAGGED else "error"

    seen = 0
    comma = source.delimiter != ","
    try:
        with pa.input_stream(str(source.path), compression="detect") as raw:
            for batch in _csv_reader(source, raw, names, set_aside):
                place = _places(seen, len(batch), np.array(ragged, dtype=np.int64) - source.first_row)
                seen = int(place[-1]) + 1 if len(place) else seen
                found = dict(zip(columns, batch.columns, strict=True))
                read = typed(found, cells, pa.array(place + source.first_row), comma)
                yield read
                if _is_rubbish(read, cells):
                    mend = "Look whether the right file and the right columns are named."
                    faults.add(source.file, None, None, "mostly text in number columns; reading stopped", mend)
                    return
    except (pa.ArrowInvalid, UnicodeError, OSError, EOFError) as error:
        _note_stop(source, error, ragged, faults)


def _places(start: int, rows: int, aside: NDArray[np.int64]) -> NDArray[np.int64]:
    """Places from ``start`` on of the next rows in their file, given the places of the rows that were left out."""
    ahead = aside[aside >= start]
    place = np.arange(start, start + rows + len(ahead))
    return np.setdiff1d(place, ahead, assume_unique=True)[:rows] if len(ahead) else place


def _is_rubbish(batch: pa.RecordBatch, cells: Sequence[Cell]) -> bool:
    """Whether more than half of the cells in number columns of a long batch are no numbers."""
    marks = [batch.column(f"k_{cell.name}").to_numpy() for cell in cells if cell.kind == "number"]
    return len(batch) >= _RUBBISH_ROWS and bool(marks) and float(np.mean(np.array(marks) == Mark.NO_NUMBER)) > 0.5


def _columns(cells: Sequence[Cell]) -> list[str]:
    return list(dict.fromkeys(cell.column for cell in cells if cell.column is not None))


def _csv_reader(source: Source, stream: Any, names: list[str], set_aside: Any) -> pacsv.CSVStreamingReader:
    return pacsv.open_csv(
        stream,
        read_options=pacsv.ReadOptions(
            use_threads=False,
            encoding=source.encoding if source.encoding != "utf-8" else "utf8",
            column_names=[f"c{i}" for i in range(len(source.header))],
            skip_rows_after_names=1,
            block_size=_BLOCK_BYTES,
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=source.delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=set_aside,
        ),
        convert_options=pacsv.ConvertOptions(
            column_types={name: pa.dictionary(pa.int32(), pa.string()) for name in names},
            strings_can_be_null=False,
            include_columns=names,
        ),
    )


def _note_stop(source: Source, error: Exception, ragged: list[int], faults: Faults) -> None:
    if len(ragged) >= _MOST_RAGGED:
        faults.add(source.file, None, None, f"{_MOST_RAGGED} rows of another length; reading stopped", ENCODING_MEND)
    elif isinstance(error, UnicodeError) or "UTF8" in str(error):
        faults.add(source.file, None, None, NO_TEXT, ENCODING_MEND)
    elif "straddling" in str(error):
        mend = "Close every quotation mark, and end every row with a line end."
        faults.add(source.file, None, None, "a row without end", mend)
    else:
        faults.add(source.file, None, None, "a part that cannot be read", ENCODING_MEND)


def _excel_batches(source: Source, cells: Sequence[Cell]) -> Iterator[pa.RecordBatch]:
    sheet = fastexcel.read_excel(source.path).load_sheet(source.sheet or 0)
    table = pa.table(sheet.to_arrow())
    columns = {name: table.column(source.header.index(name)).to_pylist() for name in _columns(cells)}
    for start in range(0, table.num_rows, _EXCEL_ROWS):
        stop = min(start + _EXCEL_ROWS, table.num_rows)
        line = pa.array(np.arange(start, stop) + source.first_row)
        found = {
            name: pa.array([_as_text(v) for v in values[start:stop]], pa.string()).dictionary_encode()
            for name, values in columns.items()
        }
        yield typed(found, cells, line, comma=True)


def _as_text(value: Any) -> str:
    """Write a cell of a spreadsheet: a whole number without decimals, a date as 2024-03-31."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return "" if value is None else str(value)


def fingerprint(paths: Sequence[tuple[str, Path]]) -> str:
    """Return a SHA-256 over names and contents, in order of name.

    Of a file over 64 MB its size and 64 blocks of 1 MB, evenly spread from start to end, stand for the whole: a change
    elsewhere in such a file is not seen.
    """
    digest = hashlib.sha256()
    for name, path in sorted(set(paths)):
        size = path.stat().st_size
        digest.update(f"{name}\0{size}\0".encode())
        with path.open("rb") as stream:
            for start in _starts(size):
                stream.seek(start)
                digest.update(stream.read(1 << 20))
    return digest.hexdigest()


def _starts(size: int) -> list[int]:
    block = 1 << 20
    if size <= _HASH_WHOLE_BYTES:
        return list(range(0, size, block))
    return [round(i * (size - block) / (_HASH_BLOCKS - 1)) for i in range(_HASH_BLOCKS)]
