"""What a questionnaire of ours is made of: pages, questions, and how answers become scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bevlogen.core.chain import Text
from bevlogen.core.tables import Instrument

Audience = Literal["employee", "customer", "encounter"]
QuestionKind = Literal["scale", "open"]


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes
    ----------
    key : column of its answers in a row table.
    kind : ``scale`` (a whole number from low to high) or ``open`` (a text).
    construct : what a scale question measures, possibly a facet; "" for an open question.
    part : subscale in the literature of a published instrument, as ``vigour``; "" for none.
    reverse : True if agreeing means less of the construct.
    text : its words; None where they belong to a licence holder.
    """

    key: str
    kind: QuestionKind
    construct: str
    part: str
    reverse: bool
    text: Text | None


@dataclass(frozen=True, slots=True)
class Page:
    """Questions that are shown together. ``title`` is None for a page without one."""

    title: Text | None
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Norm:
    """A published reference figure of a scale.

    Attributes
    ----------
    scale, country, group : of what and of whom; for a norm band the group says which.
    mean, sd, n, alpha : as published, on the instrument's own scale; None where not given.
    low, high : ends of the scale, or of the band.
    source : where it was found.
    verified : whether it was read on a public page (otherwise check it in the manual before relying on it).
    """

    scale: str
    country: str
    group: str
    mean: float | None
    sd: float | None
    n: int | None
    alpha: float | None
    low: float
    high: float
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """An instrument that comes with Bevlogen.

    Attributes
    ----------
    key : its name, as ``employee-pulse``.
    number : counts its versions.
    audience : who fills it in: employees about their work, customers or employees about an encounter.
    own_wording : True if the words are ours; False for a published instrument of which only the structure is here.
    title, intro : above the questions; ``intro`` is None where there is none.
    low, high : ends of the answer scale of every scale question.
    ends : words at both ends of the scale; None where they belong to a licence holder.
    pages : the questions in their order.
    instruments : how the answers become scores, as a workspace has them.
    norms : published reference figures; empty for ours.
    """

    key: str
    number: int
    audience: Audience
    own_wording: bool
    title: Text
    intro: Text | None
    low: int
    high: int
    ends: tuple[Text, Text] | None
    pages: tuple[Page, ...]
    instruments: tuple[Instrument, ...]
    norms: tuple[Norm, ...]

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions in their order."""
        return tuple(question for page in self.pages for question in page.questions)
