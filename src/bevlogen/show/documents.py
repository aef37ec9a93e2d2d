"""A release as a document: the kinds there are, in memory or of the kind that the name of a file asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bevlogen.core.chain import Language
from bevlogen.core.shown import Release
from bevlogen.errors import BevlogenError
from bevlogen.show.book import board
from bevlogen.show.pdf import pdf_of, write_pdf
from bevlogen.show.report import write_html
from bevlogen.show.slides import slides_of, write_slides
from bevlogen.show.teambook import team
from bevlogen.show.workbook import workbook_of, write_workbook

KINDS: Mapping[str, Callable[[Release, Path, Language], Path]] = {
    ".html": write_html,
    ".htm": write_html,
    ".pdf": write_pdf,
    ".xlsx": write_workbook,
    ".pptx": write_slides,
}


def known(path: Path) -> str:
    """Give the kind of document that a name asks for, a page where it says nothing.

    Raises
    ------
    BevlogenError
        With the kinds there are.
    """
    kind = path.suffix.lower() or ".html"
    if kind not in KINDS:
        *most, last = KINDS
        raise BevlogenError(f'The name of a report must end in {", ".join(most)} or {last}; found "{path.name}".')
    return kind


def write(release: Release, path: Path, language: Language) -> Path:
    """Write the document that the end of the name asks for: a page, a PDF, a workbook or slides; return its path."""
    return KINDS[known(path)](release, path, language)


def pdf(release: Release, language: Language) -> bytes:
    """The report for the board as a tagged PDF."""
    return pdf_of(board(release, language))


def workbook(release: Release, language: Language) -> bytes:
    """The release as an Excel workbook."""
    return workbook_of(release, language)


def slides(release: Release, language: Language) -> bytes:
    """The release as PowerPoint slides."""
    return slides_of(release, language)


def team_pdf(
    release: Release, unit: str, language: Language, *, questions: Sequence[str] = (), changes: Sequence[str] = ()
) -> bytes:
    """What the page of a unit says as a tagged PDF; see ``teambook.team``."""
    return pdf_of(team(release, unit, language, questions=questions, changes=changes))
