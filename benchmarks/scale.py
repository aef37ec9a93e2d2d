"""Up to 100,000,000 answers of 5,000 units in Parquet: what a study costs, a new day, and Spark on two workers.

To reach: measure + link at most 1.3 times the bare grouped query for the same sums and at most 1 GB; a new day of
300,000 answers within 3 s; a link that does not depend on the number of answers; Spark at most 1.3 times the query
written by hand. ``make bench-scale`` writes docs/scaling.md. Everything that is made is removed afterwards.
``python -m benchmarks.scale --answers 1e6`` tries all of it on less, and writes nothing. ``--wide`` runs another:
100,000 units, 40 constructs and 60 periods (``scale_wide``), which takes its own half hour and 50 GB of disk.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

import duckdb

from benchmarks import scale_spark, scale_wide
from benchmarks.measured import Run, median, python
from benchmarks.scan import bare_query

PAGE = Path(__file__).resolve().parents[1] / "docs" / "scaling.md"
PLAIN, WIDE = "measured", "measured wide"  # blocks of the page
UNITS, QUARTERS, DAY = 5000, 8, 300_000
SIZES = (100_000, 1_000_000, 10_000_000, 100_000_000)
ITEMS = ("e1", "c1", "i1", "w1")
CONSTRUCTS = ("engagement", "control", "initiative", "employership")

_ANSWERS = """
COPY (
    SELECT 'u' || lpad((i % {units})::VARCHAR, 4, '0') AS unit, DATE '{first}' + (hash(i, 1) % 89)::INT AS date, {items}
    FROM range({start}, {stop}) r(i)
) TO '{file}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 500000)
"""
# 1 to 5: half of it the unit's, one answer in sixteen empty.
_ITEM = (
    "CASE WHEN hash(i, {n}, 7) % 16 > 0 THEN (1 + (hash(i % {units}, {group}) % 3) + (hash(i, {n}) % 3))::TINYINT END"
    " AS {item}"
)


def main() -> int:
    """Measure every size, then a new day, then Spark; print the lines, and write them if all was measured."""
    options = argparse.ArgumentParser(description="What a study costs, up to a number of answers.")
    options.add_argument("--answers", type=lambda text: int(float(text)), default=SIZES[-1], help="default 1e8")
    options.add_argument("--wide", nargs="?", const=scale_wide.FULL, type=_three, help="a wide and deep organisation")
    chosen = options.parse_args()
    if chosen.wide:
        return _wide(chosen.wide)
    most: int = chosen.answers
    sizes = [*(size for size in SIZES if size < most), most]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was made is removed then too
    lines: list[str] = []
    with tempfile.TemporaryDirectory(dir=os.environ.get("BEVLOGEN_BENCH_FOLDER")) as folder:
        places = {size: Path(folder) / str(size) for size in sizes}
        parts: list[Callable[[], list[str]]] = [
            lambda: _table(places),
            lambda: new_day(places[most], most),
            lambda: scale_spark.lines(places[sizes[-2] if len(sizes) > 1 else most]),
        ]
        failed = sum(_run(part, lines) for part in parts)
    lines.append("Two cores; each run in a process of its own, both sides in turn; medians.")
    print("\n" + "\n".join(lines))
    if most == SIZES[-1]:
        write(lines, PLAIN)
    else:
        print(f"\nNot written into {PAGE.name}: that takes --answers {SIZES[-1]:.0e}.")
    return 1 if failed else 0


def _three(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def _wide(size: tuple[int, ...]) -> int:
    lines: list[str] = []
    failed = _run(lambda: scale_wide.lines(*size), lines)
    if size == scale_wide.FULL and not failed:
        write(lines[:-1], WIDE)
    return 1 if failed else 0


def _run(part: Callable[[], list[str]], lines: list[str]) -> bool:
    """Add the lines of a part; one that fails says so and does not take the others with it."""
    try:
        found = part()
    except (RuntimeError, OSError) as error:
        print(error, file=sys.stderr)
        lines += [f"**Not measured:** {str(error).splitlines()[0]}", ""]
        return True
    print("\n".join(found), flush=True)
    lines += [*found, ""]
    return False


def _table(places: dict[int, Path]) -> list[str]:
    lines = [
        "| answers | check | measure | link | bare query | measure + link / bare (to reach: 1.3) | in processor time | "
        "peak (1,000 MB) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for size, place in places.items():
        lines.append(_line(size, make(place, size), 3 if size < SIZES[-1] else 2))
        print(lines[-1], flush=True)
    return lines


def make(place: Path, size: int) -> Path:
    """Write a workspace with ``size`` answers, a file per quarter."""
    (place / "answers").mkdir(parents=True)
    names = [f"u{i:04d}" for i in range(UNITS)]
    rows = [f"{u},r{i % 50},{10 + i % 7}" for i, u in enumerate(names)]
    regions = [f"r{i},top,8" for i in range(50)]
    (place / "units.csv").write_text("\n".join(["unit,parent,headcount", "top,,", *regions, *rows]) + "\n")
    quarters = [f"{2023 + q // 4}-Q{q % 4 + 1}" for q in range(QUARTERS)]
    results = [f"{u},{q},{(i * 7 + k * 3) % 11 / 10}" for i, u in enumerate(names) for k, q in enumerate(quarters)]
    head = "unit,period,value\n"
    (place / "results.csv").write_text(head + "\n".join(results) + "\n")
    instruments = "".join(
        f'[[instruments]]\nconstruct = "{c}"\ntable = "answers"\nitems = ["{i}"]\nrange = [1, 5]\nmin_answered = 1\n'
        for c, i in zip(CONSTRUCTS, ITEMS, strict=True)
    )
    (place / "organisation.toml").write_text(
        '[organisation]\nname = "Scale"\nlanguage = "en"\nperiod = "quarter"\nsimulated = true\n'
        '[tables.units]\nfile = "units.csv"\n[tables.answers]\nfile = "answers/*.parquet"\n'
        '[tables.results]\nfile = "results.csv"\ncolumns.measure = { value = "performance" }\n' + instruments
    )
    with duckdb.connect() as connection:
        for q in range(QUARTERS):
            first = f"{2023 + q // 4}-{3 * (q % 4) + 1:02d}-01"
            _answers(
                connection, place / "answers" / f"{q}.parquet", first, size * q // QUARTERS, size * (q + 1) // QUARTERS
            )
    return place


def _answers(connection: duckdb.DuckDBPyConnection, file: Path, first: str, start: int, stop: int) -> None:
    items = ", ".join(_ITEM.format(units=UNITS, n=n + 2, group=100 + n // 2, item=item) for n, item in enumerate(ITEMS))
    connection.execute(_ANSWERS.format(units=UNITS, first=first, items=items, start=start, stop=stop, file=file))


_LOADED = "import bevlogen.link, bevlogen.measure, bevlogen.steer"  # what the bare query need not load


def _study(place: Path, before: str = "") -> Run:
    return python(f"""
import time
{before}
start, worked = time.perf_counter(), time.process_time()
import bevlogen as bv
study = bv.open({str(place)!r})
opened, checked = time.perf_counter(), time.process_time()
study.measure()
scanned, counted = time.perf_counter(), time.process_time()
study.link()
linked, done = time.perf_counter(), time.process_time()
answer = {{
    "open": opened - start, "measure": scanned - opened, "link": linked - scanned,
    "open_cpu": checked - worked, "measure_cpu": counted - checked, "link_cpu": done - counted,
}}
""")


def _bare(place: Path) -> Run:
    settings = tomllib.loads((place / "organisation.toml").read_text())
    return python(f"""
import time, duckdb
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")
start, worked = time.perf_counter(), time.process_time()
connection.execute({bare_query(place / "answers" / "*.parquet", settings["instruments"])!r}).to_arrow_table()
answer = {{"bare": time.perf_counter() - start, "bare_cpu": time.process_time() - worked}}
""")


def _line(size: int, place: Path, times: int) -> str:
    pairs = [(_bare(place), _study(place, _LOADED)) for _ in range(times)]
    ours = {key: median([o.answer[key] for _, o in pairs]) for key in ("open", "measure", "link")}
    bare = median([b.answer["bare"] for b, _ in pairs])
    ratios = [
        median([(o.answer[f"measure{kind}"] + o.answer[f"link{kind}"]) / b.answer[f"bare{kind}"] for b, o in pairs])
        for kind in ("", "_cpu")
    ]
    peak = max(o.megabytes for _, o in pairs)
    parts = " | ".join(f"{ours[key]:.2f} s" for key in ("open", "measure", "link"))
    return f"| {size:,} | {parts} | {bare:.2f} s | {ratios[0]:.2f} | {ratios[1]:.2f} | {peak:.0f} MB |"


def new_day(place: Path, size: int) -> list[str]:
    """Keep the moments, add a day, and say what that costs."""
    with (place / "organisation.toml").open("a") as toml:
        toml.write('[moments]\nfolder = "moments"\n')
    first = _study(place)
    with duckdb.connect() as connection:
        _answers(connection, place / "answers" / "9.parquet", "2024-10-01", size, size + DAY)
    day, again = _study(place), _study(place)
    kept = sum(f.stat().st_size for f in (place / "moments").iterdir()) / 1e6

    def told(run: Run, kind: str = "") -> float:
        return run.answer[f"open{kind}"] + run.answer[f"measure{kind}"]

    return [
        f"A day of {DAY:,} answers more on {size:,}, with kept moments ({kept:.0f} MB): start, check and measure "
        f"{told(day):.2f} s ({day.answer['open']:.2f} + {day.answer['measure']:.2f}; to reach: 3), of which "
        f"{told(day, '_cpu'):.2f} s of processor; peak {day.megabytes:.0f} MB; link {day.answer['link']:.2f} s. "
        f"The first time {told(first):.2f} s; with nothing new {told(again):.2f} s."
    ]


def write(lines: list[str], block: str) -> None:
    """Put the lines between the marks of a block of the page."""
    start, end = f"<!-- {block}: begin -->", f"<!-- {block}: end -->"
    before, _, rest = PAGE.read_text().partition(start)
    PAGE.write_text("\n".join([before + start, *lines, end]) + rest.partition(end)[2])


if __name__ == "__main__":
    sys.exit(main())
