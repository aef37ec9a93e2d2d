"""What employees wrote in closed rounds, as the library reads it, and what of it may be read, per unit.

What customers wrote stays out: nothing tells which of their comments come from one person, so ten people cannot be
counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bevlogen as bv
from bevlogen_web.accounts.models import Organisation
from bevlogen_web.analyses.sheets import Cut
from bevlogen_web.instruments.definition import questions
from bevlogen_web.listening.models import Comment, Round
from bevlogen_web.organisation.models import Employee


def heard(study: Any, organisation: Organisation) -> bv.Release:
    """Give the release with what people wrote: themes, and the comments where the privacy officer decided so.

    Parameters
    ----------
    study : an open study.
    organisation : whose rounds.
    """
    known = {unit.key for unit in study.workspace.units}
    asked = list(_questions(organisation, known))
    found: bv.Release = study.hear(asked, names=_names(organisation), texts=organisation.shows_comments)
    return found


def voices(release: bv.Release) -> Iterator[Cut]:
    """Give a sheet per unit of what its people wrote, newest first."""
    by_unit: dict[str, list[dict[str, Any]]] = {}
    for one in release.voices:
        question = {"en": one.question.en, "nl": one.question.nl}
        body = {"period": one.period, "question": question, "words": list(one.words), "texts": list(one.texts)}
        by_unit.setdefault(one.unit, []).append(body)
    for unit, bodies in by_unit.items():
        yield Cut("said", unit, bodies[::-1])


def _questions(organisation: Organisation, known: set[str]) -> Iterator[bv.comments.Question]:
    rounds = Round.objects.filter(organisation=organisation, state="closed").select_related("version")
    for held in rounds.order_by("pk"):
        asked = {q["key"]: q["text"] for _, q in questions(held.version.definition) if q["kind"] == "open"}
        written = Comment.objects.filter(round=held, unit__key__in=known).order_by("pk")
        found = list(written.values_list("question", "pk", "unit__key", "text"))
        for key, text in asked.items():
            comments = [
                bv.comments.Comment(unit, held.period, str(number), words)
                for question, number, unit, words in found
                if question == key
            ]
            if comments:
                other = next(iter(text.values()))
                asked_as = bv.comments.Text(text.get("en") or other, text.get("nl") or other)
                yield bv.comments.Question(asked_as, comments, f"{held.pk}/{key}")


def _names(organisation: Organisation) -> list[str]:
    """Words of the names of people here, to mask: of employees and of who signs in."""
    employees = Employee.objects.filter(organisation=organisation).values_list("name", flat=True)
    members = organisation.memberships.values_list("user__name", flat=True)
    return sorted({part for name in [*employees, *members] for part in name.split() if len(part) > 2})
