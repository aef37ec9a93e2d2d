"""100,000 units in 8 levels, 40 constructs, 60 periods: what measuring costs, whether the roll-up is exact, the gate.

``python -m benchmarks.scale --wide`` prints it and writes it into docs/scaling.md; ``--wide 3,8,12`` (branches of a
unit, constructs, periods) tries less and writes nothing. The whole needs some 50 GB of disk for as long as it runs.
"""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

import duckdb

from benchmarks.measured import Run, python

LEVELS = 8
FULL = (5, 40, 60)  # 5 branches in 8 levels are 97,656 units
EXACT = 1e-12  # relative: sums of the same whole numbers in another order
# Questions of employees, then of customers; the mean of the facets of employership comes on top.
TABLES = {
    "answers": (
        *("engagement", "control", "initiative", "burnout"),
        *(
            f"employership.{facet}"
            for facet in ("autonomy", "support", "leadership", "recognition", "fairness", "tools")
        ),
        *(f"employership.part{i}" for i in range(16)),
    ),
    "interactions": (
        *("loyalty", "interaction_quality", "service_quality", "craftsmanship", "conduct", "customer_conduct"),
        *(f"service_quality.part{i}" for i in range(7)),
    ),
}

# 1 to 7 people per leaf, the same in each period; answers 1 to 5, half of it the unit's.
_ROWS = """
COPY (
    SELECT 'u' || (u.u + {first})::VARCHAR AS unit, make_date(2020 + p.p // 12, 1 + p.p % 12, 1 + 4 * k.k::INT) AS date,
        {items}
    FROM range({leaves}) u(u), range({start}, {stop}) p(p), range(7) k(k) WHERE k.k <= hash(u.u, 5) % 7
) TO '{file}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 500000)
"""
_ITEM = "(1 + hash(u.u, {n}) % 3 + hash(u.u, p.p, k.k, {n}) % 3)::TINYINT AS {item}"


def lines(branches: int, constructs: int, periods: int) -> list[str]:
    """Make an organisation, measure it, hold its top against all answers, and let parts of it through the gate."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        units = make(place, branches, constructs, periods)
        found = python(_MEASURE.format(place=str(place)))
        rows, worst = _compared(place, found.answer)
        parts = [(1, 1), (1, 4), (1, periods), (constructs, 1)]
        gates = [python(_GATE.format(place=str(place), asked=asked, keep=keep)) for asked, keep in parts]
    if worst > EXACT:
        raise RuntimeError(f"The means at the top differ from those of all answers by {worst:.1e}.")
    return [_of_measure(units, constructs, periods, rows, found, worst), "", _of_gate(units, gates)]


def make(place: Path, branches: int, constructs: int, periods: int) -> int:
    """Write the workspace, in which each leaf of the tree answers everything in every period; return how many units."""
    sizes, first, rows = [branches**level for level in range(LEVELS)], 1, ["unit,parent", "u0,"]
    for above, size in pairwise(sizes):
        rows += [f"u{first + i},u{first - above + i // branches}" for i in range(size)]
        first += size
    (place / "units.csv").write_text("\n".join(rows) + "\n")
    toml = '[organisation]\nname = "Wide"\nlanguage = "en"\nperiod = "month"\nsimulated = true\n'
    toml += '[tables.units]\nfile = "units.csv"\n'
    customers = constructs * len(TABLES["interactions"]) // FULL[1]
    for table, asked in (("answers", constructs - customers - 1), ("interactions", customers)):
        toml += f'[tables.{table}]\nfile = "{table}/*.parquet"\n'
        for i, name in enumerate(TABLES[table][:asked]):
            toml += f'[[instruments]]\nconstruct = "{name}"\ntable = "{table}"\nitems = ["{table[0]}{i}"]\n'
            toml += "range = [1, 5]\nmin_answered = 1\n"
        items = [_ITEM.format(n=100 * len(table) + i, item=f"{table[0]}{i}") for i in range(asked)]
        (place / table).mkdir()
        with duckdb.connect() as connection:
            connection.execute("SET enable_progress_bar = false")
            for start in range(0, periods, 12):
                file, stop = place / table / f"{start // 12}.parquet", min(periods, start + 12)
                named = {"first": first - sizes[-1], "leaves": sizes[-1], "items": ", ".join(items), "file": file}
                connection.execute(_ROWS.format(start=start, stop=stop, **named))
    (place / "organisation.toml").write_text(toml)
    return first


# Memory is counted apart for what the system may write out (files) and what it may not.
_MEASURE = """
import threading, time
import bevlogen as bv

peaks, ended = {{"RssAnon": 0, "RssFile": 0}}, threading.Event()
def watch():
    while not ended.wait(0.2):
        for line in open("/proc/self/status"):
            name = line.partition(":")[0]
            if name in peaks:
                peaks[name] = max(peaks[name], int(line.split()[1]))
threading.Thread(target=watch, daemon=True).start()
start, worked = time.perf_counter(), time.process_time()
study = bv.open({place!r})
opened, checked = time.perf_counter(), time.process_time()
scores = study.measure().scores
measured, counted = time.perf_counter(), time.process_time()
ended.set()
answer = {{"open": opened - start, "measure": measured - opened, "anonymous": peaks["RssAnon"] / 1e6}}
answer |= {{"open_cpu": checked - worked, "measure_cpu": counted - checked}}
answer |= {{"figures": len(scores.n), "cells": sum(len(m.unit) for m in study.measure().panel.scans)}}
for row in (scores.unit == scores.units.index("u0")).nonzero()[0].tolist():
    answer[f"{{scores.constructs[scores.construct[row]]}}|{{scores.periods[scores.period[row]]}}"] = scores.mean[row]
"""

# A shown group must leave nobody, or at least k people, beside the largest shown groups inside it; and of a unit all
# facets and their whole are shown, or none: the last one would follow from the others.
_GATE = """
import time
from collections import Counter
from dataclasses import fields, replace
from pathlib import Path
import numpy as np
import bevlogen as bv

place = Path({place!r})
text = (place / "organisation.toml").read_text().split("[[instruments]]")
few = place / "some{asked}"
few.mkdir(exist_ok=True)
(few / "organisation.toml").write_text("[[instruments]]".join(text[:1 + {asked}]).replace('file = "', 'file = "../'))
study = bv.open(few)
whole = study.measure().scores
kept = whole.period < {keep}
columns = {{f.name: getattr(whole, f.name) for f in fields(whole)}}
scores = replace(whole, **{{k: v[kept] for k, v in columns.items() if isinstance(v, np.ndarray)}})
del whole, columns
def resident(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name)) / 1e6

Path("/proc/self/clear_refs").write_text("5")  # the peak counts anew: not of measuring
before, worked = resident("VmRSS"), time.process_time()
from bevlogen import disclose
from bevlogen.core.judged import Chain
from bevlogen.core.planned import Plan
measurement = replace(study.measure(), scores=scores)
made = measurement.provenance
release = disclose.release(study.workspace, measurement, Chain((), (), made), Plan((), (), 0.0, "", "", made))
answer = {{"cpu": time.process_time() - worked, "grew": resident("VmHWM") - before, "figures": len(scores.n)}}
told = len({{s.construct for s in release.scores}})
answer |= {{"constructs": told, "periods": {keep}, "shown": len(release.scores)}}
k, parent = release.k, {{unit.key: unit.parent for unit in study.workspace.units}}
left = {{(s.unit, s.period, s.construct): s.n for s in release.scores}}
for shown in release.scores:
    above = parent[shown.unit]
    while above is not None and (above, shown.period, shown.construct) not in left:
        above = parent[above]
    if above is not None:
        left[above, shown.period, shown.construct] -= shown.n
answer |= {{"few": sum(0 < n < k for n in left.values()), "negative": sum(n < 0 for n in left.values())}}
parts = [c for c in scores.constructs if c.startswith("employership")]
told = Counter((s.unit, s.period) for s in release.scores if s.construct in parts)
answer["alone"] = sum(many != len(parts) for many in told.values())
"""


def _compared(place: Path, found: dict[str, float]) -> tuple[int, float]:
    """Count all rows, and return the largest relative difference of a mean at the top and that of all answers."""
    rows, worst, compared = 0, 0.0, 0
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        for table, names in TABLES.items():
            source = f"read_parquet('{place / table}/*.parquet')"
            columns = [c[0] for c in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()][2:]
            means = [f"sum({column})::BIGINT / count({column})" for column in columns]
            facets = [c for c, name in zip(columns, names, strict=False) if name.startswith("employership.")]
            parents = [f"sum({' + '.join(f'{c}::BIGINT' for c in facets)})::BIGINT / count(*) / {len(facets)}"]
            parents = parents if facets else []
            query = (
                f"SELECT strftime(date, '%Y-%m'), count(*), {', '.join([*means, *parents])} FROM {source} GROUP BY 1"
            )
            asked = [*names[: len(columns)], *(["employership"] if facets else [])]
            for period, n, *values in connection.execute(query).fetchall():
                rows += n
                for name, value in zip(asked, values, strict=True):
                    worst = max(worst, abs(found[f"{name}|{period}"] - value) / value)
                    compared += 1
    if compared != sum("|" in key for key in found):
        raise RuntimeError(f"{compared} means were compared of {sum('|' in key for key in found)} at the top.")
    return rows, worst


def _of_measure(units: int, constructs: int, periods: int, rows: int, found: Run, worst: float) -> str:
    of = found.answer
    return (
        f"{units:,} units in {LEVELS} levels, {constructs} constructs, {periods} periods, {rows:,} rows in two tables, "
        f"{of['cells']:,.0f} cells: start and check {of['open']:.0f} s, measure {of['measure']:.0f} s "
        f"({of['measure_cpu']:.0f} s of processor), {of['figures']:,.0f} figures of units and groups. Memory "
        f"{of['anonymous']:.1f} GB at most, besides files that the system may write out. The mean at the top is that "
        f"of all answers on every construct in every period (largest relative difference {worst:.0e})."
    )


def _of_gate(units: int, gates: list[Run]) -> str:
    told = []
    for run in gates:
        of = run.answer
        if of["few"] or of["negative"] or of["alone"]:
            raise RuntimeError(f"{of['few']:.0f} remainders of fewer than k people can be had by subtraction.")
        told.append(
            f"{of['constructs']:.0f} in {of['periods']:.0f} periods, {of['figures']:,.0f} figures ({of['shown']:,.0f} "
            f"shown): {of['cpu']:.0f} s of processor, {of['grew']:.1f} GB"
        )
    return (
        f"The gate, constructs of these {units:,} units: {'; '.join(told)}. Nothing that follows by subtraction is "
        "about fewer than k people, and no facet is hidden where its whole and the others are shown."
    )
