"""Which words a group uses more than the rest: themes of comments, for groups large enough only."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from bevlogen.disclose.function_words import FUNCTION_WORDS
from bevlogen.disclose.masking import masked

_WORD = re.compile(r"[^\W\d_]{3,}")
_MASK = re.compile(r"\[[a-z-]+\]")


@dataclass(frozen=True, slots=True)
class KeyWord:
    """A word that a group uses more than the rest; ``log_likelihood`` is G2 with 1 degree of freedom."""

    word: str
    writers: int
    writers_rest: int
    log_likelihood: float


def keyness(
    group: Sequence[tuple[str, str]], rest: Sequence[tuple[str, str]], k: int, *, least: float = 6.63
) -> tuple[KeyWord, ...]:
    """Return the words that more writers of a group use than of the rest, most telling first.

    Parameters
    ----------
    group, rest : (writer, text); texts are masked first.
    k : fewest writers of a group, and of the rest; and of a word in the group, half of that.
    least : G2 from which a word counts: 6.63 is p = .01 for one word.

    Returns
    -------
    Nothing where group or rest has fewer than k writers, and no word that the whole group uses or that names no subject
    (``function_words``). A word counts once for a writer, however often it is used: the number of people is what is
    compared, and what is protected.

    References
    ----------
    Dunning, T. (1993). Accurate methods for the statistics of surprise and coincidence. Computational Linguistics
    19(1), 61-74.
    """
    here, there = _by_writer(group), _by_writer(rest)
    if min(len(here), len(there)) < k:
        return ()
    counts, others = (Counter(w for words in side.values() for w in words) for side in (here, there))
    out = []
    for word, a in counts.items():
        if word in FUNCTION_WORDS:
            continue
        b = others[word]
        everyone = a == len(here)  # whoever knows the theme would know it of each
        if a < math.ceil(k / 2) or everyone or a * len(there) <= b * len(here):
            continue
        g2 = _log_likelihood(a, b, len(here), len(there))
        if g2 >= least:
            out.append(KeyWord(word, a, b, g2))
    return tuple(sorted(out, key=lambda w: (-w.log_likelihood, w.word)))


def _by_writer(texts: Sequence[tuple[str, str]]) -> dict[str, set[str]]:
    out: dict[str, set[str]] = defaultdict(set)
    for writer, text in texts:
        out[writer] |= words_of(_MASK.sub(" ", masked(normalize("NFC", text))))
    return out


def words_of(text: str) -> set[str]:
    """Return the words of three letters or more, without capitals; a hyphen parts words."""
    return set(_WORD.findall(text.lower()))


def _log_likelihood(a: int, b: int, n: int, m: int) -> float:
    """G2 of the two by two table of writers who use a word and who do not."""
    share = (a + b) / (n + m)
    seen = (a, n * share), (n - a, n * (1 - share)), (b, m * share), (m - b, m * (1 - share))
    return 2 * sum(x * math.log(x / e) for x, e in seen if x > 0)
