"""What tells of a person in a comment is found, on three sets of comments made here (see docs/comments.md)."""

import re
from pathlib import Path

import pytest

from bevlogen.disclose.masking import flags, masked

MARKED = re.compile(r"\[\[(.*?)\]\]")
HERE = Path(__file__).parent
# What docs/comments.md says: (found, telling stretches, right masks, masks). The rules were made on the first set; the
# second was written before them by the same hands; no rule was changed for the third.
SAID = {
    "comments.txt": (35, 36, 35, 37),
    "comments_held_out.txt": (56, 64, 58, 60),
    "comments_fresh.txt": (19, 37, 21, 24),
}


def spans(line):
    """Stretches marked in a line of the set, as places in the text without the marks."""
    return [(m.start() - 4 * i, m.end() - 4 * (i + 1)) for i, m in enumerate(MARKED.finditer(line))]


def met(one, others):
    return any(one[0] < end and start < one[1] for start, end in others)


@pytest.mark.parametrize("name", SAID)
def test_recall_and_precision_are_what_the_docs_say(name):
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    wanted = [spans(line) for line in lines]
    found = [[(f.start, f.end) for f in flags(MARKED.sub(r"\1", line))] for line in lines]
    hits = sum(met(w, f) for want, f in zip(wanted, found, strict=True) for w in want)
    right = sum(met(f, want) for want, fs in zip(wanted, found, strict=True) for f in fs)
    assert (hits, sum(map(len, wanted)), right, sum(map(len, found))) == SAID[name]


def test_a_long_text_without_end_is_read_in_no_time():
    assert flags("de enige " * 20_000) != ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Mail a.b@example.org nu", "Mail [e-mail] nu"),
        ("Bel 06 12 34 56 78.", "Bel [phone]."),
        ("Vraag het Sanne Visser maar", "Vraag het [name] maar"),
        ("Ik ben zwanger", "Ik ben [detail]"),
        ("IBAN NL91 ABNA 0417 1643 00", "IBAN [number]"),
        ("Ik vind Gijs aardig", "Ik vind [name] aardig"),
        ("Op maandag is I am niet ziek", "Op maandag is I am niet ziek"),
        ("Alles gaat goed in 2024, 80% tevreden", "Alles gaat goed in 2024, 80% tevreden"),
        ("", ""),
    ],
)
def test_what_tells_of_a_person_is_replaced_by_its_kind(text, shown):
    assert masked(text) == shown


def test_names_that_are_given_are_found_whatever_their_case():
    assert masked("sietske is weg", ["Sietske"]) == "[name] is weg"
