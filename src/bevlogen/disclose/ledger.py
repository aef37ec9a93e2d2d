"""The ledger: what was released before, in lines that cannot be altered, left out or put in another order unnoticed.

Each line is one release as JSON, with the hash of the line before and its own. A line holds counts of hidden groups
too, so a ledger is for the organisation's own safe, never for show.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bevlogen.core.released import AnswerScale, Released
from bevlogen.core.tables import Policy
from bevlogen.errors import BevlogenError

IntArray = NDArray[np.int64]

FIRST = "0" * 64
_CODES = ("unit", "period", "construct")
_FIGURES = ("n", "mean", "step")
_THRESHOLDS = ("k", "protection", "k_comments", "k_distributions", "min_response")


class LedgerError(BevlogenError):
    """The ledger of releases cannot be trusted, or the new release does not follow it."""

    def __init__(self, found: str, mend: str) -> None:
        super().__init__(f"The ledger of releases {found}. Nothing was released. {mend}")


@dataclass(frozen=True, slots=True)
class Rules:
    """Thresholds under which a release was made; from one release to the next they may only rise."""

    k: int
    protection: float
    k_comments: int = 0
    k_distributions: int = 0
    min_response: float = 0.0
    k_by_construct: Mapping[str, int] = field(default_factory=dict)

    def named(self) -> dict[str, float]:
        """Every threshold by the name that a message gives it."""
        own = {f"k for {name}": float(k) for name, k in self.k_by_construct.items()}
        return {name: float(getattr(self, name)) for name in _THRESHOLDS} | own


def rules_of(policy: Policy) -> Rules:
    """Return the thresholds of a policy."""
    return Rules(**{name: getattr(policy, name) for name in _THRESHOLDS}, k_by_construct=dict(policy.k_by_construct))


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
    new = _what_is_new(ledger.released, released)
    if not len(new.unit) and (not ledger.released or ledger.rules == rules):
        return ledger
    entry = {
        "number": len(ledger.lines) + 1,
        "previous": json.loads(ledger.lines[-1])["hash"] if ledger.lines else FIRST,
        "rules": asdict(rules),
        "release": _content(new),
    }
    line = json.dumps(entry | {"hash": _seal(entry)}, sort_keys=True)
    return Ledger((*ledger.lines, line), (*ledger.released, new), rules)


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
    in_force = rules.named()
    for name, was in before.named().items():
        now = in_force.get(name, float(rules.k))  # a construct without a threshold of its own has the common one
        if now < was:
            mend = f"Set {name} to {was:g} or more; people answered under that promise."
            raise LedgerError(f"was made with {name} = {was:g} and the policy now says {now:g}", mend)


def _what_is_new(before: Sequence[Released], released: Released) -> Released:
    """Leave out the columns (a construct in a period) that the last release about them told just so."""
    known = {key: mark for r in before for key, mark in _columns(r).items()}
    keep = [rows for key, (rows, mark) in _columns_with_rows(released).items() if known.get(key) != mark]
    rows = np.sort(np.concatenate(keep)) if keep else np.zeros(0, dtype=np.int64)
    return replace(released, **{name: getattr(released, name)[rows] for name in (*_CODES, *_FIGURES)})


def _columns(r: Released) -> dict[tuple[str, str], bytes]:
    return {key: mark for key, (_, mark) in _columns_with_rows(r).items()}


def _columns_with_rows(r: Released) -> dict[tuple[str, str], tuple[IntArray, bytes]]:
    """Rows of each construct and period, and a mark of all that they tell, the tree with them."""
    order = np.lexsort((r.unit, r.period, r.construct))
    code = r.construct[order] * len(r.periods) + r.period[order]
    where = json.dumps([r.units, r.parents]).encode()
    out = {}
    for rows in np.split(order, np.flatnonzero(np.diff(code)) + 1) if len(order) else []:
        told = b"".join(np.nan_to_num(getattr(r, name)[rows], nan=-1.0).tobytes() for name in ("unit", *_FIGURES))
        key = r.constructs[int(r.construct[rows[0]])], r.periods[int(r.period[rows[0]])]
        out[key] = rows, hashlib.sha256(where + repr(r.scales.get(key[0])).encode() + told).digest()
    return out


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
