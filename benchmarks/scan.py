"""5,000 teams x 8 quarters, 10 million answers in Parquet: measure and link against the bare grouped query.

To reach: time of measure + link at most twice that of a hand-written DuckDB query for the same sums; at most 2 GB.
"""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path
from typing import Any

from benchmarks.measured import median, python

TEAMS, WAVES, PER_CELL = 5000, 8, 250.0


def main() -> None:
    """Make the organisation, then run both sides three times in turn and print medians and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "organisation"
        python(
            "from pathlib import Path\nfrom bevlogen import simulate\n"
            f"simulate(Path({str(workspace)!r}), teams={TEAMS}, waves={WAVES}, answers_per_cell={PER_CELL})"
        )
        compare(workspace)


def compare(workspace: Path) -> None:
    """Print our time beside that of the bare query, in turn."""
    ours_code = f"""
import time
import bevlogen as bv
start = time.perf_counter()
study = bv.open({str(workspace)!r})
opened = time.perf_counter()
measured = study.measure()
scanned = time.perf_counter()
chain = study.link()
answer = {{"open": opened - start, "measure": scanned - opened, "link": time.perf_counter() - scanned,
          "rows": float(measured.glance()["n_obs"].to_numpy(zero_copy_only=False).max())}}
"""
    bare_code = f"""
import time, duckdb
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
start = time.perf_counter()
for query in {bare_queries(workspace)!r}:
    connection.execute(query).to_arrow_table()
answer = {{"bare": time.perf_counter() - start}}
"""
    ours, bare = [], []
    for _ in range(3):
        bare.append(python(bare_code))
        ours.append(python(ours_code))
    parts = {key: median([r.answer[key] for r in ours]) for key in ("open", "measure", "link", "rows")}
    peer = median([r.answer["bare"] for r in bare])
    ratio = median(
        [(o.answer["measure"] + o.answer["link"]) / b.answer["bare"] for o, b in zip(ours, bare, strict=True)]
    )
    print(f"{parts['rows']:,.0f} rows; open (checks) {parts['open']:.2f} s")
    print(f"measure {parts['measure']:.2f} s + link {parts['link']:.2f} s; bare grouped query {peer:.2f} s")
    print(f"ratio {ratio:.2f} (median of 3; to reach: 2.00); peak {max(r.megabytes for r in ours):.0f} MB (2,000)")


def bare_queries(workspace: Path) -> list[str]:
    """Write by hand, for each row table, the one grouped query that gives the same sums."""
    settings = tomllib.loads((workspace / "organisation.toml").read_text())
    out = []
    for table in ("answers", "interactions"):
        instruments = [i for i in settings["instruments"] if i["table"] == table]
        if instruments:
            out.append(bare_query(workspace / settings["tables"][table]["file"], instruments))
    return out


def bare_query(file: Path, instruments: list[dict[str, Any]]) -> str:
    """Items centred and turned, then scores, then sums: three levels, each value computed once."""
    items, scores, filled, sums = [], [], [], []
    facets = [c for c, i in enumerate(instruments) if i["construct"].startswith("employership.")]
    for c, instrument in enumerate(instruments):
        low, high = instrument["range"]
        names = [f"x{c}_{k}" for k in range(len(instrument["items"]))]
        for name, item in zip(names, instrument["items"], strict=True):
            sign, column = (-1, item[1:]) if item.startswith("-") else (1, item)
            items.append(f'{sign} * ("{column}"::DOUBLE - {(low + high) / 2}) AS {name}')
        answered = " + ".join(f"({name} IS NOT NULL)::INT" for name in names)
        total = " + ".join(f"coalesce({name}, 0)" for name in names)
        scores.append(f"CASE WHEN {answered} >= {instrument['min_answered']} THEN ({total}) / ({answered}) END AS v{c}")
        if len(names) > 1:
            complete = f"({answered} = {len(names)})"
            filled.append(f"{complete}::INT::DOUBLE AS f{c}")
            filled += [f"CASE WHEN {complete} THEN {name} ELSE 0 END AS y{c}_{k}" for k, name in enumerate(names)]
            sums.append(f"sum(f{c})")
            pairs = [(k, m) for k in range(len(names)) for m in range(k, len(names))]
            sums += [f"sum(y{c}_{k})" for k in range(len(names))] + [f"sum(y{c}_{k} * y{c}_{m})" for k, m in pairs]
    variables = [f"v{c}" for c in range(len(instruments))]
    if facets:
        present = " + ".join(f"(v{c} IS NOT NULL)::INT" for c in facets)
        turned = " + ".join(f"coalesce({_sign(instruments[c])} * v{c}, 0)" for c in facets)
        variables.append(f"(({turned}) / nullif({present}, 0))")
    for i, value in enumerate(variables):
        filled += [f"coalesce({value}, 0) AS z{i}", f"({value} IS NOT NULL)::INT::DOUBLE AS p{i}"]
    for i in range(len(variables)):
        for j in range(len(variables)):
            if i <= j:
                sums += [f"sum(p{i} * p{j})", f"sum(z{i} * z{j})"]
            sums.append(f"sum(z{i} * p{j})")
    return (
        f"SELECT unit, period, count(*), {', '.join(sums)} FROM (SELECT unit, period, {', '.join(filled)} FROM ("
        f"SELECT *, {', '.join(scores)} FROM (SELECT unit, 10 * year(date) + quarter(date) AS period, "
        f"{', '.join(items)} FROM read_parquet('{file}')))) GROUP BY unit, period"
    )


def _sign(instrument: dict[str, Any]) -> int:
    return -1 if instrument["construct"].rsplit(".", 1)[-1] in ("workload", "red_tape") else 1
