"""A release as a document, of the kind that the name of the file asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from bevlogen.core.chain import Language
from bevlogen.core.results import Release
from bevlogen.errors import BevlogenError
from bevlogen.show.pdf import write_pdf
from bevlogen.show.report import write_html
from bevlogen.show.slides import write_slides
from bevlogen.show.workbook import write_workbook

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
