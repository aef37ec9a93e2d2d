"""The mapping to standards: the document says what the workbook says."""

from pathlib import Path

from bevlogen.show.standards import MAPPING, NOT_VERIFIED

DOCUMENT = (Path(__file__).parents[2] / "docs" / "standards.md").read_text(encoding="utf-8")


def test_the_document_holds_every_row_and_no_other():
    told = [line for line in DOCUMENT.splitlines() if line.startswith("| ") and not line.startswith("| figure")]
    assert told == [f"| {m.name.en} | {m.standard} | {m.place.en} | {m.fit.en} |" for m in MAPPING]
    assert all(f"- {line.en}\n" in DOCUMENT for line in NOT_VERIFIED)
