"""How easy is a text to read? Advice only: a formula counts lengths and knows no meaning.

References
----------
Flesch (1948), doi:10.1037/h0057532, for English; Douma (1960) for Dutch: 206.835 - 0.93 words per sentence - 77
syllables per word. Both run from about 0 (hard) to 100 (easy); 60 and over is what a wide public reads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bevlogen_web.instruments.definition import Definition, questions

EASY = 60.0
MOST_WORDS = 15
LONG_WORD = 13
FEWEST_WORDS = 30
_WEIGHTS = {"nl": (0.93, 77.0), "en": (1.015, 84.6)}
_JOINED = {"nl": re.compile(r"\b(en|of)\b"), "en": re.compile(r"\b(and|or)\b")}
_NOT = {"nl": re.compile(r"\b(niet|geen|nooit|nergens)\b"), "en": re.compile(r"\b(not|no|never|nothing|\w+n't)\b")}
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile(r"[ëïöü]?[aeiouyáàâéèêíìîóòôúùû]+|[ëïöü]")


@dataclass(frozen=True, slots=True)
class Ease:
    """How easy a questionnaire reads: ``score`` by the formula, and whether that is easy enough for a wide public."""

    score: float
    easy: bool


def advice(text: str, language: str) -> list[str]:
    """Give what could make one question easier; empty when nothing was found."""
    words = _WORD.findall(text)
    found = []
    if len(words) > MOST_WORDS:
        line = ngettext("%(count)s word. Try 15 or fewer.", "%(count)s words. Try 15 or fewer.", len(words))
        found.append(line % {"count": len(words)})
    long = sorted({word for word in words if len(word) > LONG_WORD})
    if long:
        found.append(_("Long words: %(words)s. Is there a shorter one?") % {"words": ", ".join(long)})
    lower = text.lower()
    if _JOINED[language].search(lower):
        found.append(_("Does it ask two things at once? Then make two questions of it."))
    if len(_NOT[language].findall(lower)) > 1:
        found.append(_("Two times no in one sentence is hard to answer."))
    return found


def ease(definition: Definition, language: str) -> Ease | None:
    """Give how easy the questions together read, or None with fewer than 30 words, which say too little."""
    texts = [question["text"].get(language, "") for _number, question in questions(definition)]
    return ease_of(texts, language)


def ease_of(texts: Sequence[str], language: str) -> Ease | None:
    """Give how easy sentences read; each text is one sentence or more."""
    sentences = [part for text in texts for part in re.split(r"[.!?]+", text) if _WORD.search(part)]
    words = [word for sentence in sentences for word in _WORD.findall(sentence)]
    if len(words) < FEWEST_WORDS:
        return None
    per_sentence, per_word = _WEIGHTS[language]
    syllables = sum(_syllables(word, language) for word in words)
    score = 206.835 - per_sentence * len(words) / len(sentences) - per_word * syllables / len(words)
    return Ease(score, score >= EASY)


def _syllables(word: str, language: str) -> int:
    lower = word.lower()
    if language == "en" and len(lower) > 2 and lower.endswith("e") and not lower.endswith("le"):
        lower = lower[:-1]
    return max(1, len(_VOWELS.findall(lower)))
