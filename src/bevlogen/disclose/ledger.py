"""The ledger: what was released before, in lines that cannot be altered, left out or put in another order unnoticed.

Each line is one release as JSON, with the hash of the line before and its own. A line holds counts of hidden groups
too, so a ledger is for the organisation's own safe, never for show.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from bevlogen.core.released import AnswerScale, Released
from bevlogen.errors import BevlogenError

FIRST = "0" * 64
_CODES = ("unit", "period", "construct")
_FIGURES = ("n", "mean", "step")


class LedgerError(BevlogenError):
    """The ledger of releases cannot be trusted, or the new release does not follow it."""

    def __init__(self, found: str, mend: str) -> None:
        super().__init__(f"The ledger of releases {found}. Nothing was released. {mend}")


@dataclass(frozen=True, slots=True)
class Rules:
    """Thresholds under which a release was made; from one release to the next they may only rise."""

    k: int
    protection: float


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every release so far, oldest first, and the lines that they were read from."""

    lines: tuple[str, ...] = ()
    released: tuple[Released, ...] = ()
    rules: Rules | None = None


def opened(lines: Sequence[str]) -> Ledger:
    """Read a ledger and check it from the first line to the last.

    Raises
    ------
    LedgerError
        A line was altered, is missing, or stands in another place.
    """
    previous, released, rules = FIRST, [], None
    for at, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            content, seal = entry["release"], entry["hash"]
            follows = entry["previous"] == previous and entry["number"] == at and seal == _seal(entry)
        except (json.JSONDecodeError, KeyError, TypeError):
            follows = False
        if not follows:
            raise LedgerError(f"is broken at entry {at}", "Put the ledger back from a backup.")
        released.append(_released(content))
        rules, previous = Rules(**entry["rules"]), seal
    return Ledger(tuple(lines), tuple(released), rules)


def entered(ledger: Ledger, released: Released, rules: Rules) -> Ledger:
    """Return the ledger with one release more; the same ledger if nothing new is told.

    Parameters
    ----------
    ledger : so far.
    released : the new release; its name is the moment it was made, in ISO 8601 with time zone.
    rules : in force.

    Raises
    ------
    LedgerError
        The clock went back, or a threshold is lower than before.
    """
    check_rules(ledger, rules)
    if ledger.released:
        last = ledger.released[-1]
        if datetime.fromisoformat(released.name) < datetime.fromisoformat(last.name):
            raise LedgerError("has an entry from after now", "Set the clock of this machine right.")
        if _content(last) | {"name": ""} == _content(released) | {"name": ""}:
            return ledger
    entry = {
        "number": len(ledger.lines) + 1,
        "previous": json.loads(ledger.lines[-1])["hash"] if ledger.lines else FIRST,
        "rules": {"k": rules.k, "protection": rules.protection},
        "release": _content(released),
    }
    line = json.dumps(entry | {"hash": _seal(entry)}, sort_keys=True)
    return Ledger((*ledger.lines, line), (*ledger.released, released), rules)


def check_rules(ledger: Ledger, rules: Rules) -> None:
    """Refuse thresholds that are lower than those of the last release.

    Raises
    ------
    LedgerError
        Naming the threshold.
    """
    before = ledger.rules
    if before is None:
        return
    for name, was, now in (("k", before.k, rules.k), ("protection", before.protection, rules.protection)):
        if now < was:
            mend = f"Set {name} to {was:g} or more; people answered under that promise."
            raise LedgerError(f"was made with {name} = {was:g} and the policy now says {now:g}", mend)


def _seal(entry: Mapping[str, Any]) -> str:
    bare = {key: value for key, value in entry.items() if key != "hash"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()


def _content(r: Released) -> dict[str, Any]:
    return {
        "name": r.name,
        "units": list(r.units),
        "parents": list(r.parents),
        "periods": list(r.periods),
        "constructs": list(r.constructs),
        "scales": {key: [s.low, s.high, s.step] for key, s in r.scales.items()},
        **{name: getattr(r, name).tolist() for name in _CODES},
        **{name: [None if math.isnan(v) else v for v in getattr(r, name).tolist()] for name in _FIGURES},
    }


def _released(said: Mapping[str, Any]) -> Released:
    codes = {name: np.array(said[name], dtype=np.int64) for name in _CODES}
    figures = {name: np.array([math.nan if v is None else v for v in said[name]], dtype=float) for name in _FIGURES}
    return Released(
        name=said["name"],
        units=tuple(said["units"]),
        parents=tuple(said["parents"]),
        periods=tuple(said["periods"]),
        constructs=tuple(said["constructs"]),
        unit=codes["unit"],
        period=codes["period"],
        construct=codes["construct"],
        n=figures["n"],
        mean=figures["mean"],
        step=figures["step"],
        scales={key: AnswerScale(*ends) for key, ends in said["scales"].items()},
    )
