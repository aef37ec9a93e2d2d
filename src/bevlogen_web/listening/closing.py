"""Closing a round: the letters are opened together, shuffled and written as answers, and all that led to people goes.

Only here do answers appear in clear, all in one transaction, in an order that is drawn by lot. After it the key is
destroyed. While a round is open, ``stir`` wipes the traces that a database itself keeps of the order of handing in.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext_noop as _

from bevlogen_web.accounts import audit
from bevlogen_web.accounts.models import User
from bevlogen_web.instruments.forms import Value, open_keys
from bevlogen_web.listening import answering, seal
from bevlogen_web.listening.models import (
    Answer,
    Comment,
    Draft,
    Gate,
    Invitation,
    Letter,
    Meter,
    Round,
    State,
    Turnout,
    random_number,
)
from bevlogen_web.organisation.models import Unit

_log = logging.getLogger("bevlogen_web.listening")
_lot = secrets.SystemRandom()
KEY_MAY_BE_NEW = 3600  # seconds in which the transaction that names a key may still be under way
TOUCHED = ("listening_letter", "listening_draft", "listening_gate", "listening_invitation")


@dataclass(slots=True)
class Opened:
    """What was in the letters, not joined: forms and comments each with their unit, and how many could not be read."""

    answers: list[tuple[int, dict[str, Value]]] = field(default_factory=list)
    comments: list[tuple[int, str, str]] = field(default_factory=list)
    unreadable: int = 0


def close(held: Round, by: User | None, *, without_letters: bool = False) -> bool:
    """Close an open round for good and write its answers; False when it was not open (any more).

    Parameters
    ----------
    held
        The round.
    by
        Who closes it; None when its last day has passed.
    without_letters
        Give the letters up, because their key is lost.

    Raises
    ------
    seal.KeyGoneError
        If the key is not there and there are letters: nothing is changed then.
    """
    with transaction.atomic():
        locked = Round.objects.select_for_update().select_related("version", "organisation").get(pk=held.pk)
        if locked.state != State.OPEN:
            return False
        opened = Opened(unreadable=locked.letters.count()) if without_letters else _open_letters(locked)
        too_few = _write(locked, opened)
        keep_turnout(locked, _counts(locked))
        _forget(locked)
        key_name, locked.key_name, locked.state = locked.key_name, "", State.CLOSED
        locked.save(update_fields=["state", "key_name"])
        unreadable = f", {opened.unreadable} letters could not be opened" if opened.unreadable else ""
        not_kept = ", too few answers to keep them" if too_few else ""
        audit.record(locked.organisation, by, _("round closed"), f"round {locked.pk}{unreadable}{not_kept}")
        transaction.on_commit(lambda: seal.destroy_key(key_name))
        transaction.on_commit(wipe)
    return True


def fold(answered: Mapping[int, int], parents: Mapping[int, int | None], k: int) -> dict[int, int]:
    """Say under which unit answers are kept, so that rows never stand for a handful of known people.

    Who copied the database while the round was open knows who was done by then: of fewer than ``k`` rows under one unit
    that would tell whose they are.

    Parameters
    ----------
    answered
        Number of people that answered, by unit.
    parents
        The unit above, by unit; None at the top.
    k
        Fewest people who answered. Fewer are kept together with the unit above, and so on upwards. What is still too
        few at the top takes in the smallest unit that was kept by itself.

    Returns
    -------
    dict
        For each unit in ``answered`` the unit its answers are kept under; without those of a tree in which fewer than
        ``k`` people answered, which are not kept at all.
    """
    together = Counter(answered)
    lifted: dict[int, int] = {}
    for unit in sorted(parents, key=lambda unit: -len(_path(unit, parents))):
        above = parents[unit]
        if 0 < together[unit] < k and above is not None and above not in lifted:
            lifted[unit] = above
            together[above] += together[unit]
    homes = {unit: _last(unit, lifted) for unit in answered}
    for top in {home for home in homes.values() if together[home] < k}:
        below = {home for home in homes.values() if home != top and _path(home, parents)[-1] == top}
        smallest = min(below, key=lambda home: (together[home], home), default=None)
        homes = {unit: top if home == smallest else home for unit, home in homes.items() if below or home != top}
    return homes


def stir(held: Round) -> None:
    """Seal every letter anew under another key of its row, and write letters and invitations back in random order.

    A database keeps the order of what was written: PostgreSQL in the transaction number of each row and in its place
    in the table, SQLite in the pages of large values. After this they say nothing more.
    """
    with transaction.atomic():
        locked = Round.objects.select_for_update().select_related("version").get(pk=held.pk)
        if locked.state != State.OPEN:
            return
        letters = list(Letter.objects.filter(round=locked))
        fresh = [Letter(round=locked, sealed=_sealed_anew(locked, bytes(letter.sealed))) for letter in letters]
        invitations = list(Invitation.objects.filter(round=locked))
        _lot.shuffle(fresh)
        _lot.shuffle(invitations)
        Letter.objects.filter(round=locked)._raw_delete(using=connection.alias)
        Invitation.objects.filter(round=locked)._raw_delete(using=connection.alias)
        Letter.objects.bulk_create(fresh, batch_size=200)
        Invitation.objects.bulk_create(invitations, batch_size=1000)
        transaction.on_commit(wipe)


def wipe() -> None:
    """Remove what deleted rows left: SQLite's journal (it overwrites the rows themselves), PostgreSQL's dead rows."""
    if connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            cursor.execute(f"VACUUM {', '.join(TOUCHED)}")


def destroy_stray_keys() -> list[str]:
    """Destroy keys that no open round has, left by a crash just after closing; gives how they were named."""
    named = Round.objects.filter(state=State.OPEN).values_list("key_name", flat=True)
    stray = [name for name in seal.keys_except(named) if seal.age_of(name, time.time()) > KEY_MAY_BE_NEW]
    for name in stray:
        seal.destroy_key(name)
    return stray


def _open_letters(held: Round) -> Opened:
    opened = Opened()
    letters = Letter.objects.filter(round=held).values_list("sealed", flat=True)
    if not letters.exists():
        return opened
    key, context = seal.key_of(held.key_name), answering.letter_context(held)
    written = set(open_keys(held.version.definition))
    for sealed in letters.iterator(chunk_size=500):
        try:
            content = seal.unseal(bytes(sealed), key, context)
        except InvalidTag:
            opened.unreadable += 1
            continue
        unit, answers = content["unit"], content["answers"]
        opened.answers.append((unit, {name: value for name, value in answers.items() if name not in written}))
        opened.comments += [(unit, name, str(value)) for name, value in answers.items() if name in written]
    if opened.unreadable:
        _log.error("letters could not be opened at closing: %d", opened.unreadable)
    return opened


def _write(held: Round, opened: Opened) -> bool:
    """Write what was in the letters; whether some were too few to be kept."""
    answered = Counter(unit for unit, _values in opened.answers)
    kept_under = fold(answered, _parents(held), held.rules["k"])
    _lot.shuffle(opened.answers)
    _lot.shuffle(opened.comments)
    answers = [
        Answer(id=random_number(), round=held, unit_id=kept_under[unit], values=values)
        for unit, values in opened.answers
        if values and unit in kept_under
    ]
    comments = [
        Comment(id=random_number(), round=held, unit_id=kept_under[unit], question=question, text=text)
        for unit, question, text in opened.comments
        if unit in kept_under
    ]
    Answer.objects.bulk_create(answers, batch_size=500)
    Comment.objects.bulk_create(comments, batch_size=200)
    return len(kept_under) < len(answered)


def keep_turnout(held: Round, counts: Iterable[tuple[int, int, int]]) -> None:
    """Keep how many were invited and answered (by unit), of units in which enough were invited."""
    counts = list(counts)
    kept_under = fold({unit: n for unit, n, _done in counts}, _parents(held), held.rules["k"])
    invited: Counter[int] = Counter()
    used: Counter[int] = Counter()
    for unit, n, done in counts:
        if unit in kept_under:
            invited[kept_under[unit]] += n
            used[kept_under[unit]] += done
    Turnout.objects.bulk_create(
        Turnout(round=held, unit_id=unit, invited=n, used=used[unit]) for unit, n in invited.items()
    )


def _parents(held: Round) -> dict[int, int | None]:
    return dict(Unit.objects.filter(organisation_id=held.organisation_id).values_list("pk", "parent_id"))


def _counts(held: Round) -> Iterable[tuple[int, int, int]]:
    found = Invitation.objects.filter(round=held).order_by()
    return found.values_list("unit").annotate(n=Count("pk"), done=Count("pk", filter=Q(used=True)))


def _forget(held: Round) -> None:
    Gate.objects.filter(invitation__round=held).delete()
    for model in (Invitation, Letter, Draft, Meter):
        model.objects.filter(round=held).delete()


def _sealed_anew(held: Round, sealed: bytes) -> bytes:
    context = answering.letter_context(held)
    try:
        key = seal.key_of(held.key_name)
        content = seal.unseal(sealed, key, context)
    except (InvalidTag, seal.KeyGoneError):
        return sealed  # kept as it is, so that closing counts it
    return seal.close_up(content, key, seal.room(held.version.definition), context)


def _path(unit: int, parents: Mapping[int, int | None]) -> list[int]:
    path: list[int] = []
    at: int | None = unit
    while at is not None and at not in path:
        path.append(at)
        at = parents.get(at)
    return path


def _last(unit: int, lifted: Mapping[int, int]) -> int:
    while unit in lifted:
        unit = lifted[unit]
    return unit
