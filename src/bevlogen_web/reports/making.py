"""Documents made of the current release, in the language of who reads them. Nothing is worked out here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from django.utils.translation import gettext as _

import bevlogen as bv
from bevlogen_web.cockpit import queries
from bevlogen_web.cockpit.frame import Frame
from bevlogen_web.cockpit.guide import questions
from bevlogen_web.cockpit.views.overview import Alarm, alarms_of

Kind = Literal["pdf", "xlsx", "pptx"]
Spoken = Literal["en", "nl"]

TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_MAKE: Mapping[str, Callable[[bv.Release, Spoken], bytes]] = {
    "pdf": bv.documents.pdf,
    "xlsx": bv.documents.workbook,
    "pptx": bv.documents.slides,
}


def board(found: Frame, kind: Kind) -> bytes:
    """Make a document of the whole organisation."""
    release = queries.release(found.picture, queries.tree(found.picture), root=queries.top(found.picture))
    return _MAKE[kind](release, found.language)


def team(found: Frame, key: str) -> bytes:
    """Make the document of one unit, with the guide for its meeting; no other unit is in it but the whole."""
    whole = queries.top(found.picture)
    release = queries.release(found.picture, {key, whole}, root=whole, moves_of=key)
    guide = [str(question) for question in questions(bv.pages.team(release, key, found.language))]
    changes = [change(alarm) for alarm in alarms_of(found, key, unit=key)]
    return bv.documents.team_pdf(release, key, found.language, questions=guide, changes=changes)


def change(alarm: Alarm) -> str:
    """Say what moved, from what is shown of it."""
    text = _("%(name)s is %(value)s in %(period)s. From its own past one would expect %(usual)s.")
    told = text % {"name": alarm.name, "value": alarm.value, "period": alarm.period, "usual": alarm.usual}
    return told[:1].upper() + told[1:]
