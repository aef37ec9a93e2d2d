"""How long the gate takes: 5,000 units x 20 constructs x 8 waves released, remembered, audited, released again.

And one screen: a group of 100 teams, one construct in 8 waves, checked against a ledger that holds all of it.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from bevlogen.core.chain import FACETS
from bevlogen.core.judged import Chain
from bevlogen.core.measured import Figures, Measurement, Panel, ScaleQuality, Scores
from bevlogen.core.planned import Plan
from bevlogen.core.results import Interval, Provenance
from bevlogen.core.tables import Organisation, Policy, Unit, Workspace
from bevlogen.disclose import audit, release
from bevlogen.disclose.gate import told
from bevlogen.disclose.ledger import Ledger, entered, opened, rules_of

UNITS, CONSTRUCTS, WAVES = 5_000, 20, 8
SCREEN_UNITS, SCREEN_CONSTRUCTS, SCREENS = 102, 1, 21
KEY = bytes(32)
_FIRST, _LATER = "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00"
_MADE = Provenance("benchmark", "0" * 64, 0)
_KNOWN = Interval(0.8, 0.7, 0.9)
_NAMES = (
    *(facet for facet in FACETS if facet.startswith("employership.")),
    *("engagement", "control", "initiative", "craftsmanship", "conduct", "customer_conduct"),
    *("interaction_quality", "service_quality", "loyalty", "turnover", "performance"),
)


def organisation(units: int, constructs: int, waves: int) -> tuple[Workspace, Measurement]:
    """One top, a division per hundred teams, teams of 2 to 60 whose size changes a little; answers 1 to 5."""
    rng = np.random.default_rng(5)
    divisions = max(1, units // 100)
    teams = units - divisions - 1
    parent = np.concatenate([[-1], np.zeros(divisions, dtype=int), 1 + rng.integers(0, divisions, teams)])
    keys = tuple(f"u{i}" for i in range(units))
    size = np.clip(rng.lognormal(2.3, 0.6, teams), 2, 60).astype(int)
    people = np.maximum(1, size[:, None] + rng.integers(-1, 2, (teams, waves)))
    names = _NAMES[:constructs]
    columns: list[tuple[Any, ...]] = []
    for c in range(constructs):
        n, total, squares = (np.zeros((units, waves)) for _ in range(3))
        level = rng.normal(3.6, 0.4, (teams, 1))
        answers = np.clip(np.rint(rng.normal(level[:, :, None], 1.0, (teams, waves, 61))), 1, 5)
        there = np.arange(61) < people[:, :, None]
        n[-teams:], total[-teams:] = people, (answers * there).sum(axis=2)
        squares[-teams:] = (answers**2 * there).sum(axis=2)
        for unit in range(units - 1, 0, -1):
            for part in (n, total, squares):
                part[parent[unit]] += part[unit]
        mean = total / n
        sd = np.sqrt(np.maximum(squares - n * mean**2, 0) / np.maximum(n - 1, 1))
        unit_code, wave = np.indices((units, waves))
        columns.append(tuple(a.ravel() for a in (unit_code, wave, np.full(n.shape, c), n, mean, sd)))
    unit_code, wave, construct, n, mean, sd = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    tenth, unknown = np.full(len(n), 0.1), np.full(len(n), np.nan)
    periods = tuple(str(2018 + t) for t in range(waves))
    drawn = (mean, mean - 0.2, mean + 0.2)
    scores = Scores(
        keys, periods, names, unit_code, wave, construct, n, mean, sd, tenth, 7 * tenth, *drawn, unknown, sd < 1e-9
    )
    scales = tuple(
        ScaleQuality(name, 3, float(n.sum()), units, waves, 3.6, 1.0, 1.0, 5.0, *(_KNOWN,) * 4, 0.75) for name in names
    )
    no_codes = (np.zeros(0, dtype=np.int64),) * 3
    panel = Panel(keys, ("",) * units, periods, (), *(np.zeros((units, waves, 0)),) * 3)
    kinds = {name: frozenset({"employees"}) for name in names}
    told_of = Organisation("Benchmark", "en", "year", True, "", Policy(), (), {}, (), 0.1, kinds)
    tree = tuple(Unit(key, key, None if p < 0 else keys[p]) for key, p in zip(keys, parent.tolist(), strict=True))
    workspace = Workspace(told_of, tree, periods, (), None, None, (), "0" * 64)
    figures = Figures((), (), (), *no_codes, np.zeros(0), np.zeros(0))
    return workspace, Measurement(scores, figures, scales, panel, _MADE)


def _timed(what: str, work: Callable[[], Any]) -> Any:
    started, cpu = time.perf_counter(), time.process_time()
    done = work()
    print(f"{what:<44} {time.perf_counter() - started:7.2f} s, of which computing {time.process_time() - cpu:7.2f} s")
    return done


def main() -> None:
    """Print how long each step takes."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--units", type=int, default=UNITS)
    parser.add_argument("--constructs", type=int, default=CONSTRUCTS)
    asked = parser.parse_known_args()[0]
    workspace, measured = organisation(asked.units, asked.constructs, WAVES)
    print(f"{asked.units} units x {asked.constructs} constructs x {WAVES} waves")
    nothing = Chain((), (), _MADE), Plan((), (), 0.0, "", "", _MADE)
    rules = rules_of(workspace.organisation.policy)
    empty = Ledger(key=KEY)
    made = _timed("release, nothing released before", lambda: release(workspace, measured, *nothing, ledger=empty))
    record = _timed("what it told", lambda: told(workspace, measured, made, _FIRST))
    ledger = _timed("entry in the ledger", lambda: entered(empty, record, rules))
    ledger = _timed("reading the ledger", lambda: opened(ledger.lines, KEY))
    found = _timed("audit of it", lambda: audit(ledger.released))
    print(f"the audit finds {len(found)} inferences")
    again = _timed("the same release with a warm ledger", lambda: release(workspace, measured, *nothing, ledger=ledger))
    later = replace(record, name=_LATER)
    grown = _timed("seeing that it tells nothing new", lambda: entered(ledger, later, rules))
    print(f"the same figures: {again.scores == made.scores}; a new line: {grown is not ledger}")
    print(f"one screen, checked with a warm ledger: {1000 * _screen():.0f} ms (median of {SCREENS})")


def _screen() -> float:
    """Seconds to check one screen: what may be shown of a group of 100 teams, after all that was released before."""
    workspace, measured = organisation(SCREEN_UNITS, SCREEN_CONSTRUCTS, WAVES)
    nothing, took = (Chain((), (), _MADE), Plan((), (), 0.0, "", "", _MADE)), []
    made = release(workspace, measured, *nothing, ledger=Ledger(key=KEY))
    ledger = entered(Ledger(key=KEY), told(workspace, measured, made, _FIRST), rules_of(workspace.organisation.policy))
    for _ in range(SCREENS):
        started = time.perf_counter()
        release(workspace, measured, *nothing, ledger=ledger)
        took.append(time.perf_counter() - started)
    return statistics.median(took)


if __name__ == "__main__":
    main()
