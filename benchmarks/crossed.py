"""Crossed effects: the exact method against lme4, and the moments up to ten million rows.

To reach: insteval (REML, three factors) at least 10 times faster than lme4 with the same criterion to 1e-6; ten million
interactions of 20,000 employees and 1,000,000 customers in under 60 s and 6 GB, at a cost in proportion to the rows.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.measured import Run, median, python, run
from bevlogen.testing import shared_folder

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "crossed.svg"
PEER = Path(__file__).with_name("crossed_peer.R")
ROWS = (100_000, 316_228, 1_000_000, 3_162_278, 10_000_000)
QUIET = "import os\nos.environ.setdefault('OMP_NUM_THREADS', '1')\n"


def main() -> None:
    """Print both comparisons."""
    folder = shared_folder()
    if folder is None:
        print("insteval: data absent")
    else:
        against_lme4(folder / "data" / "insteval" / "insteval.csv.gz")
    growth()


def against_lme4(path: Path) -> None:
    """Print our time on insteval beside that of lme4; reading the file does not count."""
    code = f"""{QUIET}
import csv, gzip, time
import numpy as np
from bevlogen.models import crossed
with gzip.open({str(path)!r}, "rt") as handle:
    rows = list(csv.DictReader(handle))
y = np.array([float(r["y"]) for r in rows])
X = np.column_stack([np.ones(len(y)), [float(r["service"]) for r in rows]])
groups = {{name: np.array([r[name] for r in rows]) for name in ("s", "d", "dept")}}
answer = {{}}
for method in ("exact", "moments"):
    start = time.perf_counter()
    fit = crossed.fit(y, X, groups, method=method)
    answer |= {{f"seconds_{{method}}": time.perf_counter() - start, f"steps_{{method}}": fit.n_iterations}}
    answer |= {{f"{{method}}_{{name}}": v for name, v in fit.variance.items()}}
    if method == "exact":
        answer["criterion"] = fit.criterion
"""
    ours = [python(code) for _ in range(3)]
    exact = median([r.answer["seconds_exact"] for r in ours])
    first = ours[0].answer
    print(f"insteval, REML, 73,421 rows, s + d + dept: exact {exact:.2f} s, {first['steps_exact']:.0f} evaluations")
    print(f"criterion {first['criterion']:.8f}")
    for method in ("exact", "moments"):
        print(f"variances {method}: " + ", ".join(f"{k} {first[f'{method}_{k}']:.5f}" for k in ("s", "d", "dept")))
    print(f"moments {median([r.answer['seconds_moments'] for r in ours]):.2f} s")
    peer(path, exact, first["criterion"])


def peer(path: Path, exact: float, criterion: float) -> None:
    """Print lme4's time and the difference of the criteria, where R and lme4 are installed."""
    program = shutil.which("Rscript")
    if program is None:
        print("lme4: peer absent (install r-cran-lme4)")
        return
    try:
        said = run(program, str(PEER), str(path), "1").answer
    except RuntimeError:
        print("lme4: peer absent (Rscript is here, the package lme4 is not, or it failed)")
        return
    print(
        f"lme4: {said['seconds']:.2f} s; ours is {said['seconds'] / exact:.0f} times faster (to reach: 10); "
        f"criterion differs by {criterion - said['criterion']:+.1e} (to reach: 1e-6)"
    )


def growth() -> None:
    """Print time and memory of the moments from 1e5 to 1e7 rows, one employee per 500 rows, one customer per 10.

    The picture shows processor time: what other programs do meanwhile does not bend it. Part of it ("system") is the
    operating system handing out fresh memory, which some machines do dearly.
    """
    print("moments and backfitting; uneven employees and customers; truth 0.30, 0.10, 0.60")
    columns = ("rows", "employees", "customers", "seconds", "processor", "system", "us/row", "MB", "sweeps")
    print("".join(f"{name:>11}" for name in columns) + "  variances")
    seconds, own = [], []
    for n in ROWS:
        done = simulated_run(n)
        show(n, done)
        seconds.append(done.answer["processor"])
        own.append(done.answer["processor"] - done.answer["system"])
    power, power_own = (float(np.polyfit(np.log(ROWS), np.log(s), 1)[0]) for s in (seconds, own))
    print(f"processor time: rows to the power {power:.2f} (1 is in proportion); without system {power_own:.2f}")
    PICTURE.write_text(picture(ROWS, seconds), encoding="utf-8")


def picture(rows: Sequence[int], seconds: Sequence[float]) -> str:
    """Time by rows, both on a logarithmic scale, beside a line of cost in proportion through the largest."""
    left, top, wide, high = 70, 20, 480, 300
    lowest, highest = -2, 2  # powers of ten of the seconds

    def at(n: float, s: float) -> tuple[float, float]:
        x = left + wide * (math.log10(n) - 5) / 2
        return x, top + high * (highest - math.log10(s)) / (highest - lowest)

    exact = [at(n, seconds[-1] * n / rows[-1]) for n in rows]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in exact)
    points = [at(n, s) for n, s in zip(rows, seconds, strict=True)]
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 380" font-family="sans-serif" font-size="13">',
        "<title>Processor seconds of crossed moments with backfitting, from 100,000 to 10,000,000 encounters</title>",
        '<rect width="600" height="380" fill="white"/>',
    ]
    for power in range(lowest, highest + 1):
        y = at(1e5, 10.0**power)[1]
        parts.append(f'<path d="M{left} {y:.1f}h{wide}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g} s</text>')
    for n in (100_000, 1_000_000, 10_000_000):
        x = at(n, 1)[0]
        parts.append(f'<text x="{x:.1f}" y="{top + high + 20}" text-anchor="middle">{n:,}</text>')
    parts.append(f'<polyline points="{line}" fill="none" stroke="#c8553d" stroke-dasharray="5 4"/>')
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#33658a"/>' for x, y in points]
    parts.append(
        f'<text x="{left}" y="370">encounters; dots: processor time; dashed: in proportion to the largest</text></svg>'
    )
    return "\n".join(parts) + "\n"


def simulated_run(n: int) -> Run:
    """Fit n simulated interactions in a process of its own; its memory holds the data too."""
    return python(f"""{QUIET}
import resource, time
import numpy as np
from bevlogen.models import crossed
n = {n}
rng = np.random.default_rng(7)

def drawn(levels, unevenness):
    share = np.cumsum(rng.gamma(unevenness, size=levels))
    return np.minimum(np.searchsorted(share, rng.random(n) * share[-1]), levels - 1)

s, d = drawn(max(n // 500, 2), 2.0), drawn(11 * n // 100, 1.0)  # one in eleven is never drawn
X = np.column_stack([np.ones(n), rng.normal(size=n), rng.normal(size=s.max() + 1)[s]])
y = X @ [7.0, 0.3, -0.2] + np.sqrt(0.6) * rng.normal(size=n)
y += np.sqrt(0.3) * rng.normal(size=s.max() + 1)[s] + np.sqrt(0.1) * rng.normal(size=d.max() + 1)[d]
start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
fit = crossed.fit(y, X, {{"employee": s, "customer": d}}, method="moments")
after = resource.getrusage(resource.RUSAGE_SELF)
system = after.ru_stime - before.ru_stime
answer = {{"seconds": time.perf_counter() - start,
          "processor": after.ru_utime - before.ru_utime + system, "system": system,
          "sweeps": fit.n_iterations, "converged": float(fit.converged),
          "employee": fit.variance["employee"], "customer": fit.variance["customer"], "encounter": fit.sigma2,
          "employees": fit.n_levels["employee"], "customers": fit.n_levels["customer"]}}
""")


def show(n: int, done: Run) -> None:
    """Print one line of the table."""
    a = done.answer
    counts = f"{n:>11,}{a['employees']:>11,.0f}{a['customers']:>11,.0f}"
    cost = f"{a['seconds']:>11.2f}{a['processor']:>11.2f}{a['system']:>11.2f}{1e6 * a['processor'] / n:>11.2f}"
    cost += f"{done.megabytes:>11.0f}{a['sweeps']:>11.0f}"
    print(f"{counts}{cost}  {a['employee']:.4f}, {a['customer']:.4f}, {a['encounter']:.4f}")


if __name__ == "__main__":
    main()
