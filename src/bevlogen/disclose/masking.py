"""What in a comment could tell who wrote it, or whom it is about: flagged before sending, masked after.

Rules and short word lists, Dutch and English, that work without any service. Lists miss things: ``docs/comments.md``
gives recall and precision on test sets made here. Whoever knows the names of an organisation should give them too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bevlogen.disclose.telltale import FIRST_NAMES, INSIDE, NO_NAMES, RULES, SURNAME, WORD, Kind


@dataclass(frozen=True, slots=True)
class Flag:
    """A stretch of a text, from ``start`` to before ``end``, that could tell of a person, and why."""

    start: int
    end: int
    kind: Kind


def flags(text: str, names: Iterable[str] = ()) -> tuple[Flag, ...]:
    """Say what in a text could tell who wrote it or whom it is about, in order; overlaps are joined under the first.

    Parameters
    ----------
    text : Dutch or English, or both.
    names : further names to look for: of employees, nicknames. Case does not matter.

    Notes
    -----
    A first name of the list counts where it is written with a capital, with a surname if one follows; a given name
    always; and so does any capital inside a sentence that is no day, month, language or well-known place or program.
    Words that are also names (``Will``, ``Mark`` in *mark my words*) may be flagged for nothing.
    """
    found = [
        Flag(*match.span(1 if match.re.groups and match[1] else 0), kind)
        for kind, rule in RULES
        for match in rule.finditer(text)
    ]
    known = {name.casefold() for name in names}
    for match in WORD.finditer(text):
        word = re.sub(r"['’]s$", "", match[0])
        if word.casefold() in known or (word[0].isupper() and word.casefold() in FIRST_NAMES):
            surname = SURNAME.match(text, match.end()) if word == match[0] else None
            found.append(Flag(match.start(), surname.end() if surname else match.start() + len(word), "name"))
    found += [
        Flag(*match.span(1), "name")
        for match in INSIDE.finditer(text)
        if not {word.casefold() for word in match[1].split()} & NO_NAMES
    ]
    out: list[Flag] = []
    for flag in sorted(found, key=lambda f: (f.start, -f.end)):
        if out and flag.start < out[-1].end:
            out[-1] = Flag(out[-1].start, max(out[-1].end, flag.end), out[-1].kind)
        else:
            out.append(flag)
    return tuple(out)


def masked(text: str, names: Iterable[str] = ()) -> str:
    """Return the text with every flagged stretch replaced by its kind in square brackets."""
    for flag in reversed(flags(text, names)):
        text = f"{text[: flag.start]}[{flag.kind}]{text[flag.end :]}"
    return text
