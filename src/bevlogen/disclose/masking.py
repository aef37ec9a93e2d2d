"""What in a comment could tell who wrote it, or whom it is about: flagged before sending, masked after.

Rules and short word lists, Dutch and English, that work without any service. Lists miss things: the page on anonymity
gives recall and precision on a test set made here. Whoever knows the names of an organisation should give them too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["e-mail", "phone", "link", "number", "date", "name", "detail"]

_FIRST_NAMES = frozenset(
    """ahmed aisha ali amir anita anja anna annelies anouk arjan arie astrid bas bert bianca bram carla carolien chantal
    chris claire corrie daan daniel david dennis diana dirk eline ellen els emily emma emre erik esther eva fatima femke
    floor frank fred gerard gerrit hannah hans harry hassan henk herman ilse ines ingrid iris jacqueline jack james jan
    janneke jantine jasmijn jasper jeroen jessica joao johan john jolanda joost jorrit joyce julia karen karin kees kim
    klaas lars laura leila lieke linda lisa loes lotte lucas luuk maaike marco margriet maria marieke marijke mark
    marlies martijn mary mehmet mia michael michelle mieke mohamed monique murat nadia natasja nick
    nicole niels noor olga oscar
    patricia paul peter piet pieter rachel ralf ria rianne richard rik rob robert roel ronald ruben ruud samira sander
    sandra sanne sarah saskia silvia simone sjaak sofie stefan steven sven tess theo thomas tim tom truus vera vincent
    wendy willem wim yusuf yvonne""".split()  # noqa: SIM905 - two hundred quoted words read worse
)
_TITLES = (
    r"(?:meneer|mevrouw|mevr\.?|mw\.?|dhr\.?|de heer|mijn (?:chef|leidinggevende|baas|collega)|teamleider|collega|"
    r"mr\.?|mrs\.?|ms\.?|dr\.?|my (?:boss|manager|colleague)|team leader|colleague|called|genaamd)"
)
_PARTICLES = r"(?:(?:van|de|der|den|ten|ter|el|bin|von|la)\s+)*"
_MONTHS = (
    "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|"
    "january|february|march|may|june|july|august|october"
)
_DETAILS = (
    r"zwanger\w*|zwangerschap\w*|pregnan\w+|maternity leave|bevallings?verlof|ouderschapsverlof",
    r"(?:de|het) enige \w+|als enige \w+|the only \w+ (?:in|on|here|who)|as the only \w+",
    r"\b\d{2}[- ]?(?:jaar oud|jarige?|years old|year[- ]old)",
    r"(?:al|werk hier|in dienst) (?:sinds|vanaf) \d{4}|(?:here|employed|worked here) since \d{4}",
    r"(?:al|ruim|bijna) \d{1,2} jaar (?:hier|in dienst|bij dit team)|\d{1,2} years (?:here|with this team)",
    r"net begonnen als \w+|just started as an? \w+|de nieuwe \w+|stagiaire?|uitzendkracht|the new \w+",
    r"\bintern\b|\btrainee\b",
    r"(?:mijn|my) (?:scheiding|operatie|ziekte|depressie|kanker|burn-?out|divorce|surgery|illness|depression|cancer)",
    r"(?:kamer|room|bus|wijk|route) \d+\w?",
    r"hoofddoek|headscarf|moslim|muslim|joods|jewish|transgender|rolstoel|wheelchair|doof\b|deaf\b",
)


@dataclass(frozen=True, slots=True)
class Flag:
    """A stretch of a text, from ``start`` to before ``end``, that could tell of a person, and why."""

    start: int
    end: int
    kind: Kind


_RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("e-mail", re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+", re.I)),
    ("link", re.compile(r"(?:https?://|www\.)\S+|(?<!\w)@\w{3,}", re.I)),
    ("number", re.compile(r"\b[A-Z]{2}\d{2}\s?[A-Z]{4}\s?(?:\d{4}\s?){2}\d{2}\b|\b\d{4}\s?[A-Z]{2}\b(?:\s?\d+)?")),
    (
        "date",
        re.compile(rf"\b\d{{1,2}}[-/.]\d{{1,2}}(?:[-/.]\d{{2,4}})?\b|\b\d{{1,2}} (?:{_MONTHS})\b(?: \d{{4}})?", re.I),
    ),
    ("phone", re.compile(r"(?<!\d)(?:\+\d{1,3}|00\d{2}|0)(?:[\s().-]*\d){8,10}(?!\d)")),
    (
        "number",
        re.compile(r"(?<![\d,.])\d{5,}(?![\d,.]*%)|\b(?:[A-Z]{1,3}-\d{2,3}-[A-Z\d]{1,3}|\d{1,2}-[A-Z]{2,3}-\d{1,2})\b"),
    ),
    ("name", re.compile(rf"(?i:\b{_TITLES})\s+({_PARTICLES}[A-ZÀ-Ý][\w'’-]+(?:\s+{_PARTICLES}[A-ZÀ-Ý][\w'’-]+)?)")),
    ("detail", re.compile("|".join(_DETAILS), re.I)),
)
_WORD = re.compile(r"[A-Za-zÀ-ÿ][\w'’-]*")
_SURNAME = re.compile(rf"\s+{_PARTICLES}[A-ZÀ-Ý][\w'’-]+")


def flags(text: str, names: Iterable[str] = ()) -> tuple[Flag, ...]:
    """Say what in a text could tell who wrote it or whom it is about, in order; overlaps are joined under the first.

    Parameters
    ----------
    text : Dutch or English, or both.
    names : further names to look for: of employees, nicknames. Case does not matter.

    Notes
    -----
    A first name of the list counts where it is written with a capital, with a surname if one follows; a given name
    always. Words that are also names (``Will``, ``Mark`` in *mark my words*) may be flagged for nothing.
    """
    found = [
        Flag(*match.span(1 if match.re.groups and match[1] else 0), kind)
        for kind, rule in _RULES
        for match in rule.finditer(text)
    ]
    known = {name.casefold() for name in names}
    for match in _WORD.finditer(text):
        word = re.sub(r"['’]s$", "", match[0])
        if word.casefold() in known or (word[0].isupper() and word.casefold() in _FIRST_NAMES):
            surname = _SURNAME.match(text, match.end()) if word == match[0] else None
            found.append(Flag(match.start(), surname.end() if surname else match.start() + len(word), "name"))
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
