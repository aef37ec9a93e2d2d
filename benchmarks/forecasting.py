"""Forecasts against repeating earlier figures, on every real panel that is long enough; writes docs/forecasting.md."""

from __future__ import annotations

import math
import sys
import tempfile
from pathlib import Path

import numpy as np

import bevlogen as bv
from bevlogen.core.results import Backtest
from bevlogen.steer.continuity import backtest
from bevlogen.testing import shared_folder

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "forecasting.md"
REAL = ("new-york-schools", "nhs-trusts")
_LEAST = 5
_HEAD = """# Forecasting

`study.forecast()` and `bevlogen forecast DIR` say where existing customers, new ones, use and return go over the next
year, and the chance that they pass break-even or another target. One state-space model over all units of a panel: what
lasts, what moves and fades, noise, and what all units share (`models.statespace`, Kalman filter, maximum likelihood).
What customers said one period before counts as a regressor where the own backtest is better with it.

## Looking back

Made by `python -m benchmarks forecasting`. Each forecast uses only what was known at the time: the first four periods
at least, then one period more each time, up to four periods ahead. Mean absolute error over all units, origins and
periods ahead, the same figures for all methods. *Inside* is the share of figures inside the 80% band of the model.

| data | figure | model | with the chain | last figure | a year before | gain | inside | n |
|---|---|---|---|---|---|---|---|---|
"""


def rows(name: str, folder: Path, data: Path | None, season: int) -> list[str]:
    """A line of the table per variable of an organisation."""
    study = bv.open(folder, data=data)
    panel = study.measure().panel
    out = []
    customers = next((c for c in ("loyalty", "service_quality") if c in panel.variables), "")
    x = panel.column(customers) if customers else None
    for variable in panel.variables:
        y = panel.column(variable)
        if np.isfinite(y).any(axis=0).sum() < _LEAST or not np.isfinite(y).any(axis=0).all():
            continue
        use = x if x is not None and variable != customers and np.isfinite(x).any(axis=0).all() else None
        out.append(_line(name, variable, backtest(y, use, season=season)))
    return out


def _line(name: str, variable: str, b: Backtest) -> str:
    rivals = [e for e in (b.naive, b.seasonal) if math.isfinite(e)]
    best = min(e for e in (b.model, b.chain) if math.isfinite(e))
    won = f"{100 * (1 - best / min(rivals)):+.0f}%"
    figures = (f"{e:.3g}" if math.isfinite(e) else "–" for e in (b.model, b.chain, b.naive, b.seasonal))
    return f"| {name} | {variable} | {' | '.join(figures)} | {won} | {b.inside:.0%} | {b.n} |"


def main() -> None:
    """Write docs/forecasting.md from the real panels and the demonstration."""
    shared = shared_folder()
    if shared is None:
        print("No shared data folder: left out.")
        return
    lines = [r for name in REAL for r in rows(name, ROOT / "examples" / name, shared / "data", 0)]
    with tempfile.TemporaryDirectory() as folder:
        bv.simulate(Path(folder) / "demo", preset="demo")
        lines += rows("demonstration (simulated)", Path(folder) / "demo", None, 4)
    lost = sum("| -" in line for line in lines)
    told = (
        f"\nGain is the better of model and chain against the better of the two simple methods: {len(lines) - lost} of "
        f"{len(lines)} times above or equal, {lost} times below. Where it is below, repeating an earlier figure is "
        "better, and the outlook says so.\nA band that holds far more than 80% is too wide: with four or five periods "
        "the movement that all units share is known from three or four changes, one of which may be a change of the "
        "questions (New York 2015 to 2016).\n"
    )
    PAGE.write_text(_HEAD + "\n".join(lines) + "\n" + told, encoding="utf-8")
    print(f"Wrote {PAGE.relative_to(ROOT)}: {len(lines)} figures, {lost} lost.", file=sys.stderr)
