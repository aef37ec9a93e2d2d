"""Our own questionnaires, brought from the library into the database, so that they are versions like all others."""

from __future__ import annotations

from typing import Any, Protocol

from django.db import transaction

import bevlogen
from bevlogen_web.instruments.models import Instrument, State, Version


class Text(Protocol):
    """A text of the library, in both languages."""

    @property
    def nl(self) -> str:
        """Dutch."""

    @property
    def en(self) -> str:
        """English."""


@transaction.atomic
def load() -> None:
    """Bring each questionnaire of ours up to its newest version; harmless when it is there already."""
    for questionnaire in bevlogen.instruments():
        if questionnaire.own_wording:
            _load_one(questionnaire.key)


def definition_of(key: str) -> dict[str, Any]:
    """Give a questionnaire of the library as a version has it; of a licensed one the texts are empty."""
    found = next(one for one in bevlogen.instruments() if one.key == key)
    ends = {language: [end.in_(language) for end in found.ends or ()] for language in ("nl", "en")}
    pages = []
    for page in found.pages:
        asked = []
        for question in page.questions:
            one: dict[str, Any] = {"key": question.key, "kind": question.kind, "text": _texts(question.text)}
            if question.kind == "scale":
                one |= {"construct": question.construct, "reverse": question.reverse}
                one |= {"low": found.low, "high": found.high, "ends": ends}
            asked.append(one)
        pages.append({"title": _texts(page.title), "questions": asked})
    return {
        "title": _texts(found.title),
        "intro": _texts(found.intro),
        "pages": pages,
        # Only what differs from more than half, so that a copy with other questions still follows that rule.
        "min_answered": {
            scale.construct: scale.min_answered
            for scale in found.instruments
            if scale.min_answered != len(scale.items) // 2 + 1
        },
    }


def _load_one(key: str) -> None:
    questionnaire = next(one for one in bevlogen.instruments() if one.key == key)
    instrument, _made = Instrument.objects.get_or_create(
        organisation=None, key=key, defaults={"audience": questionnaire.audience}
    )
    if instrument.versions.filter(number=questionnaire.number).exists():
        return
    instrument.versions.filter(state=State.PUBLISHED).update(state=State.RETIRED)
    Version.objects.create(
        instrument=instrument, number=questionnaire.number, definition=definition_of(key), state=State.PUBLISHED
    )


def _texts(text: Text | None) -> dict[str, str]:
    return {"nl": text.nl if text else "", "en": text.en if text else ""}
