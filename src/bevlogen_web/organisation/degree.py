"""The degree of co-creation in plain words: how much the customer's own part decides the outcome of a service."""

from __future__ import annotations

from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bevlogen_web.organisation.reading import as_number

# The library reads the same words as the same figures.
DEGREES: dict[float, Promise] = {
    0.2: gettext_lazy("Small: nearly the same for everyone, like a ride on a tram"),
    0.5: gettext_lazy("Middle: the customer takes part, like a lesson or a visit to the desk"),
    0.8: gettext_lazy("Large: the customer's own input decides, like a talk with a therapist"),
}
_SHORT: dict[float, Promise] = {0.2: gettext_lazy("small"), 0.5: gettext_lazy("middle"), 0.8: gettext_lazy("large")}
_WORDS = {"low": 0.2, "small": 0.2, "laag": 0.2, "klein": 0.2, "mid": 0.5, "middle": 0.5, "midden": 0.5}
_WORDS |= {"high": 0.8, "large": 0.8, "hoog": 0.8, "groot": 0.8}


def read_degree(text: str) -> float | None:
    """Read a degree as a word or a number from 0 to 1; None if it is none."""
    if text.casefold() in _WORDS:
        return _WORDS[text.casefold()]
    number = as_number(text)
    return number if number is not None and 0 <= number <= 1 else None


def say_degree(degree: float | None) -> str:
    """Say a degree in a word, or as a number between the words; "unknown" if there is none."""
    if degree is None:
        return _("unknown")
    return str(_SHORT[degree]) if degree in _SHORT else str(localize(degree))
