"""What tells of a person in a comment is found, on a set of comments made here (see docs/anonymity.md)."""

import re
from pathlib import Path

import pytest

from bevlogen.disclose.masking import flags, masked

MARKED = re.compile(r"\[\[(.*?)\]\]")
LINES = (Path(__file__).parent / "comments.txt").read_text(encoding="utf-8").splitlines()
# What docs/anonymity.md says; the set and the rules were made by the same hands, so others will see less.
RECALL, PRECISION = 28 / 36, 28 / 31


def spans(line):
    """Stretches marked in a line of the set, as places in the text without the marks."""
    return [(m.start() - 4 * i, m.end() - 4 * (i + 1)) for i, m in enumerate(MARKED.finditer(line))]


def met(one, others):
    return any(one[0] < end and start < one[1] for start, end in others)


def test_recall_and_precision_are_what_the_docs_say():
    wanted = [spans(line) for line in LINES]
    found = [[(f.start, f.end) for f in flags(MARKED.sub(r"\1", line))] for line in LINES]
    hits = sum(met(w, f) for want, f in zip(wanted, found, strict=True) for w in want)
    right = sum(met(f, want) for want, fs in zip(wanted, found, strict=True) for f in fs)
    assert hits / sum(map(len, wanted)) >= RECALL
    assert right / sum(map(len, found)) >= PRECISION


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Mail a.b@example.org nu", "Mail [e-mail] nu"),
        ("Bel 06 12 34 56 78.", "Bel [phone]."),
        ("Vraag het Sanne Visser maar", "Vraag het [name] maar"),
        ("Ik ben zwanger", "Ik ben [detail]"),
        ("IBAN NL91 ABNA 0417 1643 00", "IBAN [number]"),
        ("Alles gaat goed in 2024, 80% tevreden", "Alles gaat goed in 2024, 80% tevreden"),
        ("", ""),
    ],
)
def test_what_tells_of_a_person_is_replaced_by_its_kind(text, shown):
    assert masked(text) == shown


def test_names_that_are_given_are_found_whatever_their_case():
    assert masked("sietske is weg", ["Sietske"]) == "[name] is weg"
