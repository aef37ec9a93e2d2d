"""The ledger: what was released before, in lines that cannot be altered, left out or put in another order unnoticed.

Each line is one release, or the themes of what people wrote, as JSON, with the hash of the line before and its own, and
a mark of the key of the ledger. The key hides where the cells of sums begin (``narrowing``). It is drawn when a ledger
begins and kept apart from it, so that nobody can try guesses with a copy of the lines. A line holds counts of hidden
groups too, so a ledger is for the organisation's own safe, never for show.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import secrets
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
KEY_BYTES = 32
_MARK_BYTES = 8
KEY_BACK = "Put the .key file back from its copy. If it is lost for good, make an empty one: a new key is drawn."
# Made-up people have no secret, so that a demonstration shows the same everywhere.
KEY_OF_MADE_UP = hashlib.sha256(b"Nobody answered this.").digest()
_CODES = ("unit", "period", "construct")
_FIGURES = ("n", "mean", "step")
_THRESHOLDS = ("k", "protection", "k_comments", "k_distributions", "min_response")
_OWN = {name: f"{name}_by_construct" for name in ("k", "k_distributions", "protection")}


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
    k_distributions_by_construct: Mapping[str, int] = field(default_factory=dict)
    protection_by_construct: Mapping[str, float] = field(default_factory=dict)

    def named(self) -> dict[str, float]:
        """Every threshold by the name that a message gives it."""
        own = {f"{of} for {name}": float(v) for of, many in _OWN.items() for name, v in getattr(self, many).items()}
        return {name: float(getattr(self, name)) for name in _THRESHOLDS} | own


def rules_of(policy: Policy) -> Rules:
    """Return the thresholds of a policy."""
    own = {many: dict(getattr(policy, many)) for many in _OWN.values()}
    thresholds: dict[str, Any] = {name: getattr(policy, name) for name in _THRESHOLDS} | own
    return Rules(**thresholds)


@dataclass(frozen=True, slots=True)
class Heard:
    """Themes of one group as they were told once: to which question, of which period, and of whom (``mark_of``)."""

    question: str
    period: str
    unit: str
    words: tuple[str, ...]
    writers: frozenset[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every release and theme so far, oldest first, the lines that they were read from, and the key that is in force.

    ``renewed`` says that the key is another than that of the last line, which was lost.
    """

    lines: tuple[str, ...] = field(default=(), repr=False)
    released: tuple[Released, ...] = ()
    heard: tuple[Heard, ...] = ()
    rules: Rules | None = None
    key: bytes = field(default_factory=lambda: new_key(), repr=False)
    renewed: bool = False


def new_key() -> bytes:
    """Draw the key of a ledger that begins."""
    return secrets.token_bytes(KEY_BYTES)


def opened(lines: Sequence[str], key: bytes | None = None, *, made_up: bool = False, to_read: bool = False) -> Ledger:
    """Read a ledger and check it from the first line to the last.

    Parameters
    ----------
    lines : oldest first.
    key : of the ledger; None where it is not there. Where no line has a mark of one (none yet, or of an earlier
        version) one is drawn; so it is where the key is empty: then it was lost.
    made_up : whether this is about made-up people.
    to_read : only read what was told: the key is not needed.

    Raises
    ------
    LedgerError
        A line was altered, is missing, or stands in another place; the key is not there, or is another; or the ledger
        was begun for made-up people, and these are not.
    """
    previous, rules, mark = FIRST, None, ""
    released: list[Released] = []
    heard: list[Heard] = []
    for at, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            seal = entry["hash"]
            follows = entry["previous"] == previous and entry["number"] == at and seal == _seal(entry)
            own = entry.get("key_mark", "")
            follows &= own == mark or not mark or (entry.get("renewed") is True and bool(own))
        except (KeyError, TypeError, ValueError):
            follows = False
        if not follows:
            raise LedgerError(f"is broken at entry {at}", "Put the ledger back from a backup.")
        if "release" in entry:
            released.append(_released(entry["release"]))
        heard += [_heard(said) for said in entry.get("heard", ())]
        rules, previous, mark = Rules(**entry["rules"]), seal, own
    found = Ledger(tuple(lines), tuple(released), tuple(heard), rules, b"")
    return found if to_read else _with_key(found, key, mark, made_up=made_up)


def _with_key(ledger: Ledger, key: bytes | None, mark: str, *, made_up: bool) -> Ledger:
    """Return the ledger with its key, held against the mark of its last line."""
    if mark == _mark_of_key(KEY_OF_MADE_UP):
        if not made_up:
            raise LedgerError("was begun for made-up people", "Give real people a ledger of their own.")
        return replace(ledger, key=KEY_OF_MADE_UP)
    if not mark:
        return replace(ledger, key=key or (KEY_OF_MADE_UP if made_up else new_key()))
    if key is None:
        raise LedgerError("misses its key", KEY_BACK)
    if not key:
        return replace(ledger, key=new_key(), renewed=True)
    if _mark_of_key(key) != mark:
        raise LedgerError("has another key than its entries", KEY_BACK)
    return replace(ledger, key=key)


def _mark_of_key(key: bytes) -> str:
    return hashlib.sha256(b"key of a ledger " + key).hexdigest()


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
    line = _line(ledger, rules, release=_content(new))
    return replace(ledger, lines=(*ledger.lines, line), released=(*ledger.released, new), rules=rules, renewed=False)


def with_heard(ledger: Ledger, heard: Sequence[Heard], rules: Rules) -> Ledger:
    """Return the ledger with themes more; the same ledger if there are none.

    Raises
    ------
    LedgerError
        A threshold is lower than before.
    """
    check_rules(ledger, rules)
    if not heard:
        return ledger
    line = _line(ledger, rules, heard=[asdict(one) | {"writers": sorted(one.writers)} for one in heard])
    return replace(ledger, lines=(*ledger.lines, line), heard=(*ledger.heard, *heard), rules=rules, renewed=False)


def mark_of(ledger: Ledger, writer: str) -> str:
    """Return a mark of who wrote something: the same every time, and no label without the key."""
    return hmac.new(ledger.key, writer.encode(), "sha256").digest()[:_MARK_BYTES].hex()


def _line(ledger: Ledger, rules: Rules, **told: Any) -> str:
    entry = {
        "number": len(ledger.lines) + 1,
        "previous": json.loads(ledger.lines[-1])["hash"] if ledger.lines else FIRST,
        "key_mark": _mark_of_key(ledger.key),
        **({"renewed": True} if ledger.renewed else {}),
        "rules": asdict(rules),
        **told,
    }
    return json.dumps(entry | {"hash": _seal(entry)}, sort_keys=True)


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
        now = in_force.get(name, in_force[name.partition(" for ")[0]])  # a construct without its own has the common one
        if now < was:
            mend = f"Set {name} to {was:g} or more; people answered under that promise."
            raise LedgerError(f"was made with {name} = {was:g} and the policy now says {now:g}", mend)


def _what_is_new(before: Sequence[Released], released: Released) -> Released:
    """Leave out the columns (a construct in a period) that the last release about them told just so."""
    known = {key: mark for r in before for key, mark in _columns(r).items()}
    keep = [rows for key, (rows, mark) in _columns_with_rows(released).items() if known.get(key) != mark]
    rows = np.sort(np.concatenate(keep)) if keep else np.zeros(0, dtype=np.int64)
    names = (*_CODES, *_FIGURES, *(() if released.exposure is None else ("exposure",)))
    return replace(released, **{name: getattr(released, name)[rows] for name in names})


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
    figures = {name: getattr(r, name) for name in _FIGURES} | ({} if r.exposure is None else {"exposure": r.exposure})
    return {
        "name": r.name,
        "units": list(r.units),
        "parents": list(r.parents),
        "periods": list(r.periods),
        "constructs": list(r.constructs),
        "scales": {key: [s.low, s.high, s.step] for key, s in r.scales.items()},
        **{name: getattr(r, name).tolist() for name in _CODES},
        **{name: [None if math.isnan(v) else v for v in of.tolist()] for name, of in figures.items()},
    }


def _heard(said: Mapping[str, Any]) -> Heard:
    return Heard(said["question"], said["period"], said["unit"], tuple(said["words"]), frozenset(said["writers"]))


def _released(said: Mapping[str, Any]) -> Released:
    codes = {name: np.array(said[name], dtype=np.int64) for name in _CODES}
    names = [name for name in (*_FIGURES, "exposure") if name in said]
    figures = {name: np.array([math.nan if v is None else v for v in said[name]], dtype=float) for name in names}
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
        exposure=figures.get("exposure"),
    )
