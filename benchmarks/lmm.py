"""Random intercepts: a million rows against lme4, and a hundred million in Parquet against the bare scan.

To reach: from rows at least 80 times faster than lme4 with the same estimates; from Parquet, moments and fit together,
at most 1.3 times a hand-written DuckDB query for the same sums.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmarks.measured import Run, median, python, run

PEER = Path(__file__).with_name("lmm_peer.R")
ROWS, SCANNED, UNITS = 1_000_000, 100_000_000, 5_000
COLUMNS = {"x1": 3, "x2": 3, "x3": 3, "y": 6}  # with the middle of their scale, about which they are summed
RUNS = 3


def main() -> None:
    """Print both comparisons."""
    with tempfile.TemporaryDirectory() as folder:
        against_lme4(Path(folder) / "rows.bin")
    with tempfile.TemporaryDirectory() as folder:
        against_the_scan(Path(folder) / "rows.parquet")


def against_lme4(path: Path) -> None:
    """Print the time of the first fit of a fresh process beside that of lme4; reading the rows does not count."""
    python(f"""
import numpy as np
rng = np.random.default_rng(7)
unit = rng.integers(0, {UNITS}, {ROWS})
x = rng.normal(size=({ROWS}, 3)) + rng.normal(size=({UNITS}, 3))[unit] / 2
y = 7 + x @ [0.5, 0.2, 0.0] + rng.normal(size={UNITS})[unit] / 2 + rng.normal(size={ROWS})
np.column_stack([y, x, unit]).T.tofile({str(path)!r})
""")
    code = f"""
import time
import numpy as np
from bevlogen.models import lmm
y, *x, unit = np.fromfile({str(path)!r}).reshape(5, -1)
X, unit = np.column_stack([np.ones(len(y)), *x]), unit.astype(np.int64)
start = time.perf_counter()
fit = lmm.fit(y, X, unit)
answer = {{"seconds": time.perf_counter() - start, "criterion": fit.criterion, "slope": fit.beta[1], "se": fit.se[1],
          "tau": fit.tau[0, 0], "sigma2": fit.sigma2}}
"""
    ours = [python(code) for _ in range(RUNS)]
    seconds = median([r.answer["seconds"] for r in ours])
    print(f"{ROWS:,} rows, {UNITS:,} units, 3 covariates, REML: {seconds:.3f} s (median of {RUNS} first fits)")
    peer(path, seconds, ours[0].answer)


def peer(path: Path, seconds: float, ours: dict[str, float]) -> None:
    """Print lme4's time and how far its estimates are, where R and lme4 are installed."""
    program = shutil.which("Rscript")
    if program is None:
        print("lme4: peer absent (install r-cran-lme4)")
        return
    try:
        said = run(program, str(PEER), str(path), str(ROWS)).answer
    except RuntimeError:
        print("lme4: peer absent (Rscript is here, the package lme4 is not, or it failed)")
        return
    print(f"lme4: {said['seconds']:.2f} s; ours is {said['seconds'] / seconds:.0f} times faster (to reach: 80)")
    print(
        f"difference: criterion {ours['criterion'] - said['criterion']:+.1e}, "
        f"slope {(ours['slope'] - said['slope']) / said['se']:+.1e} standard errors, "
        f"tau {ours['tau'] / said['tau'] - 1:+.1e}, sigma2 {ours['sigma2'] / said['sigma2'] - 1:+.1e} of itself"
    )


def against_the_scan(file: Path) -> None:
    """Print the time from Parquet to fit beside that of the same sums alone, in turn."""
    python(f"import duckdb\nconnection = duckdb.connect()\nconnection.execute({rows_query(file)!r})")
    bare_code = f"""
import time, duckdb
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
start = time.perf_counter()
connection.execute({bare_query(file)!r}).to_arrow_table()
answer = {{"seconds": time.perf_counter() - start}}
"""
    bare, ours = [], []
    for _ in range(RUNS):
        bare.append(python(bare_code))
        ours.append(python(_ours(file)))
    report(file, bare, ours)


def report(file: Path, bare: list[Run], ours: list[Run]) -> None:
    """Print medians and their ratio."""
    scan, query, fit = (
        median([r.answer[k] for r in runs]) for runs, k in ((bare, "seconds"), (ours, "query"), (ours, "fit"))
    )
    ratio = median(
        [(o.answer["query"] + o.answer["fit"]) / b.answer["seconds"] for o, b in zip(ours, bare, strict=True)]
    )
    print(f"{SCANNED:,} rows of {UNITS:,} units in Parquet, {file.stat().st_size / 1e6:.0f} MB")
    print(f"moments by one grouped query {query:.2f} s + fit {fit:.3f} s; bare scan {scan:.2f} s")
    print(
        f"ratio {ratio:.2f} (median of {RUNS}; to reach: 1.30); peak {max(r.megabytes for r in ours):.0f} MB "
        f"(bare {max(r.megabytes for r in bare):.0f} MB)"
    )
    said = ours[0].answer
    print(f"slopes {said['b1']:.4f}, {said['b2']:.4f}, {said['b3']:.4f} (truth 0.5, 0.2, 0)")


def _ours(file: Path) -> str:
    """From the file to the fit: one grouped query through Ibis as ``measure`` asks it, moments, REML."""
    return f"""
import time
import ibis
import numpy as np
from bevlogen.models import lmm
columns = {COLUMNS!r}
names = list(columns)
connection = ibis.duckdb.connect()
start = time.perf_counter()
rows = connection.read_parquet({str(file)!r})
near = rows.select("unit", **{{c: rows[c] - middle for c, middle in columns.items()}})
sums = {{"n": near.count()}} | {{c: near[c].sum() for c in names}}
sums |= {{f"{{a}}_{{b}}": (near[a] * near[b]).sum() for i, a in enumerate(names) for b in names[i:]}}
cells = near.group_by("unit").aggregate(**sums).to_pyarrow()
scanned = time.perf_counter()
s = np.column_stack([cells[c].to_numpy() for c in names])
q = np.empty((len(s), len(names), len(names)))
for i, a in enumerate(names):
    for k, b in enumerate(names[i:], start=i):
        q[:, i, k] = q[:, k, i] = cells[f"{{a}}_{{b}}"].to_numpy()
moments = lmm.scanned_moments(cells["n"].to_numpy(), s, q)
fit = lmm.fit_moments(moments, centre=[0, *columns.values()])
answer = {{"query": scanned - start, "fit": time.perf_counter() - scanned}}
answer |= {{f"b{{k}}": fit.beta[k] for k in (1, 2, 3)}}
"""


def rows_query(file: Path) -> str:
    """Return SQL that writes the rows: scores of five items, of 1 to 5, and an outcome of 0 to 12 in tenths."""
    effect = f"((hash(unit) % {UNITS}) / {UNITS}.0 - 0.5)"
    noise = "(random() + random() + random() - 1.5) * 2"
    scores = ", ".join(f"1 + floor(random() * 21) / 5 AS x{k}" for k in (1, 2, 3))
    outcome = f"round(4.5 + 0.5 * (x1 - 3) + 0.2 * (x2 - 3) + 1.5 + {effect} + {noise}, 1)"
    drawn = f"SELECT floor(random() * {UNITS})::SMALLINT AS unit, {scores} FROM range({SCANNED})"
    return f"COPY (SELECT unit, x1, x2, x3, {outcome} AS y FROM ({drawn})) TO '{file}' (FORMAT parquet)"


def bare_query(file: Path) -> str:
    """Write by hand the one grouped query for counts, sums and cross-products about the middle."""
    near = ", ".join(f"{c} - {middle} AS {c}" for c, middle in COLUMNS.items())
    names = list(COLUMNS)
    sums = [f"sum({c})" for c in names] + [f"sum({a} * {b})" for i, a in enumerate(names) for b in names[i:]]
    return (
        f"SELECT unit, count(*), {', '.join(sums)} FROM (SELECT unit, {near} FROM read_parquet('{file}')) GROUP BY unit"
    )


if __name__ == "__main__":
    main()
