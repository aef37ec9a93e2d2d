"""The respondent's side: which door a code opens, keeping a draft, and handing in once.

Handing in is one transaction that marks the invitation and adds a sealed letter; what was answered and who answered
never stand in one row, and only the closing of the round opens the letters.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from django.db import transaction

from bevlogen_web.instruments.definition import Definition
from bevlogen_web.instruments.forms import Answers, Value, settled
from bevlogen_web.listening import codes, seal
from bevlogen_web.listening.models import Draft, Gate, Invitation, Letter, Round, State
from bevlogen_web.organisation.queries import today


class Standing(enum.Enum):
    """What a code opens."""

    UNKNOWN = "unknown"
    USED = "used"
    CLOSED = "closed"
    OPEN = "open"


class Outcome(enum.Enum):
    """What became of handing in."""

    RECEIVED = "received"
    USED = "used"
    CLOSED = "closed"
    EMPTY = "empty"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Visit:
    """Someone with a code: what it opens, in which round, in whose language ("" when nobody's)."""

    standing: Standing
    code: str = ""
    round: Round | None = None
    language: str = ""


def find(code: str) -> Visit:
    """Give what a code opens now."""
    gate = (
        Gate.objects.select_related(
            "invitation__round__version", "invitation__round__organisation", "invitation__employee"
        )
        .filter(hash=codes.gate(code))
        .first()
    )
    if gate is None:
        return Visit(Standing.UNKNOWN)
    invitation = gate.invitation
    language = invitation.employee.language if invitation.employee else invitation.round.organisation.language
    if invitation.used:
        standing = Standing.USED
    else:
        standing = Standing.OPEN if takes_answers(invitation.round) else Standing.CLOSED
    return Visit(standing, code, invitation.round, language)


def takes_answers(held: Round) -> bool:
    """Whether a round can still be answered today."""
    return held.state == State.OPEN and held.closes >= today()


def load(code: str, held: Round) -> dict[str, Value]:
    """Give the answers of the draft, empty when there is none."""
    draft = Draft.objects.filter(pk=codes.draft_place(code), round=held).first()
    if draft is None:
        return {}
    try:
        content = seal.unseal(bytes(draft.sealed), codes.draft_key(code), _draft_context(held))
    except InvalidTag:
        return {}
    answers: dict[str, Value] = content["answers"]
    return answers


@transaction.atomic
def save(code: str, held: Round, answers: Answers) -> None:
    """Keep a draft; nothing happens when the round was closed in the meantime."""
    locked = Round.objects.select_for_update().get(pk=held.pk)
    if not takes_answers(locked):
        return
    size = seal.room(held.version.definition)
    sealed = seal.close_up({"answers": dict(answers)}, codes.draft_key(code), size, _draft_context(held))
    Draft.objects.update_or_create(pk=codes.draft_place(code), defaults={"round": held, "sealed": sealed})


@transaction.atomic
def hand_in(code: str, held: Round) -> Outcome:
    """Seal the draft in a letter and mark the invitation used, both or neither, and once only."""
    locked = Round.objects.select_for_update().get(pk=held.pk)
    if not takes_answers(locked):
        return Outcome.CLOSED
    invitation = Invitation.objects.filter(round=locked, gates__hash=codes.gate(code)).first()
    if invitation is None or invitation.used:
        return Outcome.USED
    answers = settled(held.version.definition, load(code, locked))
    if not answers:
        return Outcome.EMPTY
    try:
        sealed = letter(locked, held.version.definition, invitation.unit_id, answers)
    except seal.KeyGoneError:
        return Outcome.LATER
    if not Invitation.objects.filter(pk=invitation.pk, used=False).update(used=True):
        return Outcome.USED
    Letter.objects.create(round=locked, sealed=sealed)
    Draft.objects.filter(pk=codes.draft_place(code)).delete()
    return Outcome.RECEIVED


def letter(held: Round, definition: Definition, unit: int, answers: Answers) -> bytes:
    """Seal a form with the key of its round."""
    content = {"unit": unit, "answers": dict(answers)}
    return seal.close_up(content, seal.key_of(held.key_name), seal.room(definition), letter_context(held))


def letter_context(held: Round) -> str:
    """Bind a letter to its round: sealed for one, it cannot be opened in another."""
    return f"letter {held.pk}"


def _draft_context(held: Round) -> str:
    return f"draft {held.pk}"
