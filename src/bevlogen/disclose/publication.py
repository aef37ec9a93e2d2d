"""Open publication of large groups: means with noise, and a book of what was spent, in which nothing is altered unseen.

The book is a file beside the workspace. Each line is one published mean with what it cost, the hash of the line before
and its own. A mean that was published is never drawn again: a second draw would tell more.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bevlogen.core.measured import Measurement
from bevlogen.core.released import Publication, Published
from bevlogen.core.tables import Workspace
from bevlogen.disclose.noise import FEWEST, Budget, NoiseError, noisy_mean
from bevlogen.disclose.scales import answer_scales

NAME = "publications.jsonl"
# Four editions, such as a year of quarters, that each tell at most 1 of any one person.
EDITIONS, TOTAL = 4, 4.0
_FIRST = "0" * 64


def publish(
    workspace: Workspace,
    measurement: Measurement,
    book: Path,
    *,
    epsilon: float | None = None,
    total: float | None = None,
    period: str | None = None,
    draw: Callable[[float, float], float] | None = None,
) -> Publication:
    """Publish the mean of each construct over the whole organisation, with noise that hides any one person.

    Parameters
    ----------
    workspace, measurement : what was measured; groups without a unit above them and of 300 respondents or more count.
    book : file of everything published before; it is made with the first mean.
    epsilon : spent on each mean that was not published before; by default their equal part of a quarter of ``total``,
        so that there is enough for four editions, or of what is left if that is less.
    total : most that may ever be told of one person; it may be lowered later, never raised. That of the book by
        default, and 4 in a new one.
    period : label; the last by default.
    draw : as of ``noisy_mean``.

    Raises
    ------
    NoiseError
        No group is large enough, the budget does not suffice for all of it, ``total`` is above that of the book, or
        the book was altered. Nothing is published then.

    Notes
    -----
    Sequential composition over all constructs, units and periods: as if everybody answered each time. What is spent is
    on disk before anything is returned. Ordinary releases are no part of the budget: they are protected in another way.
    """
    wanted = period if period is not None else workspace.periods[-1] if workspace.periods else ""
    before = _opened(book)
    large = _large(workspace, measurement, wanted)
    if not large:
        raise NoiseError(
            f"No group without a unit above it has {FEWEST} respondents in period {wanted or 'none'}",
            "This is for open publication of large groups, not for teams.",
        )
    if total is None:
        total = before[-1]["total"] if before else TOTAL
    if before and total > before[-1]["total"] * (1 + 1e-12):
        raise NoiseError(f"The budget of {book.name} is {before[-1]['total']:g}", "It may be lowered, never raised.")
    known = {(e["unit"], e["period"], e["construct"]): e for e in before}
    new = [mean for mean in large if mean[:3] not in known]
    budget = Budget(total, tuple((" ".join((e["unit"], e["period"], e["construct"])), e["epsilon"]) for e in before))
    if epsilon is None:
        epsilon = min(total / EDITIONS, max(budget.left, 0.0)) / max(len(new), 1)
    if new and budget.left < total * 1e-9:
        raise NoiseError(f"The budget of {total:g} is spent", "Nothing new may be published of these people.")
    if new and epsilon * len(new) > budget.left * (1 + 1e-12):
        mend = f"{budget.left:g} is left: give --epsilon {budget.left / len(new):.3g} or less."
        raise NoiseError(f"{len(new)} new means at {epsilon:g} each cost {epsilon * len(new):g}", mend)
    scales = answer_scales(workspace.organisation, measurement.scales)
    lines = []
    for unit, label, construct, n, mean in new:
        noisy = noisy_mean(mean, n, scales[construct][0], epsilon, budget, f"{unit} {label} {construct}", draw=draw)
        budget = noisy.budget
        cells = {"unit": unit, "period": label, "construct": construct, "n": int(n)}
        known[unit, label, construct] = cells | {"mean": noisy.mean, "half": noisy.half, "epsilon": epsilon}
        lines.append(known[unit, label, construct] | {"total": total})
    _keep(book, before, lines)
    fields = ("unit", "period", "construct", "n", "mean", "half", "epsilon")
    return Publication(
        tuple(Published(*(known[mean[:3]][name] for name in fields)) for mean in large),
        budget.left,
        total,
    )


def _large(workspace: Workspace, measurement: Measurement, period: str) -> list[tuple[str, str, str, float, float]]:
    """Unit, period, construct, respondents and exact mean of each large group; facets are left to their wholes."""
    scores = measurement.scores
    tops = {unit.key for unit in workspace.units if unit.parent is None}
    known = answer_scales(workspace.organisation, measurement.scales)
    rows = np.flatnonzero((scores.n >= FEWEST) & np.isfinite(scores.mean))
    codes = zip(*(a[rows].tolist() for a in (scores.unit, scores.period, scores.construct)), strict=True)
    names = [(scores.units[u], scores.periods[t], scores.constructs[c]) for u, t, c in codes]
    return [
        (*name, float(scores.n[row]), float(scores.mean[row]))
        for name, row in zip(names, rows.tolist(), strict=True)
        if name[0] in tops and name[1] == period and name[2] in known and "." not in name[2]
    ]


def _opened(book: Path) -> list[dict[str, Any]]:
    """Read the book and check it from the first line to the last."""
    try:
        lines = book.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise NoiseError(f"The book {book.name} cannot be read", "Put it back from a backup.") from error
    previous, entries = _FIRST, []
    for at, line in enumerate(lines, start=1):
        try:
            entry = json.loads(line)
            fits = entry["previous"] == previous and entry["number"] == at and entry["hash"] == _seal(entry)
        except (json.JSONDecodeError, KeyError, TypeError):
            fits = False
        if not fits:
            raise NoiseError(f"The book {book.name} is broken at line {at}", "Put it back from a backup.")
        entries.append(entry)
        previous = entry["hash"]
    return entries


def _seal(entry: Mapping[str, Any]) -> str:
    bare = {key: value for key, value in entry.items() if key != "hash"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()


def _keep(book: Path, before: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> None:
    previous, text = before[-1]["hash"] if before else _FIRST, ""
    for at, cells in enumerate(new, start=len(before) + 1):
        entry = {**cells, "number": at, "previous": previous}
        previous = _seal(entry)
        text += json.dumps(entry | {"hash": previous}, sort_keys=True) + "\n"
    try:
        with os.fdopen(os.open(book, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise NoiseError(f"The book {book.name} cannot be written", "Make its folder writable.") from error
