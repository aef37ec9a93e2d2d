"""The log of what was done: append only, each entry sealed with the hash of the one before.

Altering or removing an entry breaks the chain from there on. Removing the newest entries leaves a whole, shorter chain;
so the head (number and hash of the newest entry) is shown to the works council, who can hold it against a later one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from bevlogen_web.accounts.models import AuditEntry, Organisation, User

FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain of entries is broken: number of the first entry that cannot be trusted, and why."""

    number: int
    reason: str


@transaction.atomic
def record(organisation: Organisation, actor: User | None, verb: str, what: str = "") -> AuditEntry:
    """Append one entry to an organisation's log, in the transaction of the act itself.

    Parameters
    ----------
    organisation
        Whose log.
    actor
        Who did it; None for the application itself.
    verb
        What kind of act, in fixed words marked with ``gettext_noop``: ``colleague joined``.
    what
        On what, without names, addresses or answers: ``membership 12, role analyst``.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    last = AuditEntry.objects.filter(organisation=organisation).order_by("-number").first()
    entry = AuditEntry(
        organisation=organisation,
        number=last.number + 1 if last else 1,
        at=timezone.now(),
        actor=actor,
        verb=verb,
        what=what,
        previous_hash=last.hash if last else FIRST,
    )
    entry.hash = seal(entry)
    entry.save(force_insert=True)
    return entry


def seal(entry: AuditEntry) -> str:
    """SHA-256 over everything an entry says and the hash of the one before, in hexadecimal."""
    content = {
        "organisation": entry.organisation_id,
        "number": entry.number,
        "at": int(entry.at.timestamp() * 1_000_000),
        "actor": entry.actor_id,
        "verb": entry.verb,
        "what": entry.what,
        "previous": entry.previous_hash,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def find_break(organisation: Organisation) -> Break | None:
    """Give the first place where the chain does not hold, or None when it is whole."""
    previous = FIRST
    for expected, entry in enumerate(AuditEntry.objects.filter(organisation=organisation).order_by("number"), start=1):
        if entry.number != expected:
            return Break(expected, "an entry is missing")
        if entry.previous_hash != previous:
            return Break(expected, "it does not follow from the entry before")
        if entry.hash != seal(entry):
            return Break(expected, "it was altered")
        previous = entry.hash
    return None


def head(organisation: Organisation) -> str:
    """Number and hash of the newest entry, as ``12:ab34…``; ``0:000…`` for an empty log."""
    last = AuditEntry.objects.filter(organisation=organisation).order_by("-number").first()
    return f"{last.number}:{last.hash}" if last else f"0:{FIRST}"


def holds(organisation: Organisation, known_head: str) -> bool:
    """Whether the log still contains the entry that was once its head."""
    number, _, sealed = known_head.partition(":")
    if not number.isdecimal():
        return False
    if number == "0":
        return sealed == FIRST
    return AuditEntry.objects.filter(organisation=organisation, number=int(number), hash=sealed).exists()
