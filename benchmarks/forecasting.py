"""Forecasts against repeating earlier figures, on every real panel that is long enough; writes docs/forecasting.md."""

from __future__ import annotations

import math
import sys
import tempfile
from pathlib import Path

import numpy as np

import bevlogen as bv
from bevlogen.core.foreseen import Backtest, Warnings
from bevlogen.steer.continuity import backtest
from bevlogen.steer.warning import OUTCOMES, warnings
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


_WARNED = """
## Early warning, looking back

`study.warnings()`, the report and the page Right to exist. Does anything measured one period before tell that a figure
of a unit will worsen (`models.forewarning`)? A worsening is a deviation from the unit's own normal in the worst fifth.
*Hits*: share of worsenings that a warning came before; *false alarms*: share of the rest that one came before as well;
*came true*: share of warnings after which it worsened, beside the *base rate*. *Own past*: hits of warnings from the
unit's own figures alone. *Gain*: squared error of forecasts with signals against the best without. Rolling origin. *On*
only where the gain is 1% or more, beyond chance, and hits are above false alarms and own past. Burnout and performance
are there because these panels have few outcomes; the product warns of retention, absence and turnover.

| data | outcome | on | hits | false alarms | came true | base rate | own past | gain | n |
|---|---|---|---|---|---|---|---|---|---|
"""
_SIMULATED = """
On simulated organisations (`tests/steer/test_warning.py`; three outcomes, four signals) it switches itself off in at
least 95 of 100 where nothing comes before, and is on in at least 90 of 100 where absence follows engagement one period
later as strongly as it follows its own course (60 teams, 8 quarters). In the demonstration it finds nothing that comes
before, and is off.
"""


def warned(name: str, study: bv.Study) -> list[str]:
    """A line per outcome that early warning could warn of."""
    found = warnings(study.measure(), study.workspace, outcomes=(*OUTCOMES, "burnout", "performance"))
    return [_warned(name, w) for w in found if w.n]


def _warned(name: str, w: Warnings) -> str:
    shares = (w.hits, w.false_alarms, w.came_true, w.base, w.past_hits)
    figures = " | ".join(f"{share:.0%}" for share in shares)
    return f"| {name} | {w.outcome} | {'yes' if w.is_on else 'no'} | {figures} | {w.gain:+.0%} | {w.n} |"


def rows(name: str, study: bv.Study, season: int) -> list[str]:
    """A line of the table per variable of an organisation."""
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
    studies = {name: bv.open(ROOT / "examples" / name, data=shared / "data") for name in REAL}
    lines = [r for name, study in studies.items() for r in rows(name, study, 0)]
    alarms = [r for name, study in studies.items() for r in warned(name, study)]
    with tempfile.TemporaryDirectory() as folder:
        study = bv.open(bv.simulate(Path(folder) / "demo", preset="demo"))
        lines += rows("demonstration (simulated)", study, 4)
        alarms += warned("demonstration (simulated)", study)
    lost = sum("| -" in line for line in lines)
    told = (
        f"\nGain is the better of model and chain against the better of the two simple methods: {len(lines) - lost} of "
        f"{len(lines)} times above or equal, {lost} times below. Where it is below, repeating an earlier figure is "
        "better, and the outlook says so.\nA band that holds far more than 80% is too wide: with four or five periods "
        "the movement that all units share is known from three or four changes, one of which may be a change of the "
        "questions (New York 2015 to 2016).\n"
    )
    PAGE.write_text(
        _HEAD + "\n".join(lines) + "\n" + told + _WARNED + "\n".join(alarms) + "\n" + _SIMULATED, encoding="utf-8"
    )
    print(f"Wrote {PAGE.relative_to(ROOT)}: {len(lines)} figures, {lost} lost.", file=sys.stderr)
