"""A book as a tagged PDF (PDF/UA-1), set by Typst: without a browser, and with the drawings as vectors."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

from bevlogen.core.chain import Language
from bevlogen.core.shown import Release
from bevlogen.errors import BevlogenError
from bevlogen.show.book import Book, board
from bevlogen.show.report import style_sheet

_TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
_FONTS = "'Noto Sans','Segoe UI','DejaVu Sans',Arial,sans-serif"


def write_pdf(release: Release, path: Path, language: Language) -> Path:
    """Write the release as a PDF for the board; return its path.

    Raises
    ------
    BevlogenError
        If Typst is not installed.
    """
    path.write_bytes(pdf_of(board(release, language)))
    return path


def pdf_of(book: Book) -> bytes:
    """Set a book. Its texts go in as data, never as markup."""
    try:
        import typst
    except ImportError as missing:
        raise BevlogenError("A PDF needs Typst, which is not installed. Run: pip install bevlogen[web]") from missing
    style = _drawing_style()
    told = asdict(book)
    for part in told["parts"]:
        for picture in part["pictures"]:
            drawing = str(picture["drawing"])
            picture["width"] = _width(drawing)
            picture["drawing"] = _alone(drawing, style)
        for table in part["tables"]:
            table["numeric"] = sorted(table["numeric"])
    done = typst.compile(
        str(_TEMPLATE), format="pdf", sys_inputs={"book": json.dumps(told)}, pdf_standards="ua-1", timestamp=0
    )
    if not isinstance(done, bytes):
        raise BevlogenError("Typst gave no single PDF. Install the version that bevlogen[web] asks for.")
    return done


def _drawing_style() -> str:
    """The page's own rules in its print colours, without variables: what a drawing outside the page understands."""
    sheet = style_sheet()
    colours = dict(re.findall(r"--([\w-]+):([^;}]+)", re.sub(r"@media[^{]*dark.*", "", sheet, flags=re.S)))
    plain = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", sheet)
    return re.sub(r"var\(--([\w-]+)\)", lambda found: colours[found[1]], plain)


def _alone(drawing: str, style: str) -> str:
    opened = drawing.replace("<svg ", f'<svg xmlns="http://www.w3.org/2000/svg" font-family="{_FONTS}" ', 1)
    return opened.replace(">", f"><style>{style}</style>", 1)


def _width(drawing: str) -> float:
    found = re.search(r'\bwidth="([\d.]+)"', drawing)
    return float(found[1]) if found else 760.0
