"""Is anybody told? ``python -m benchmarks disclosure`` attacks our gate and the published rules of others.

It writes docs/disclosure.md; ``--costs`` only its tables of figures seen again, of slopes and of what protection costs.
Organisations are attacked in blocks that are kept in a folder, so that a study that is stopped goes on where it was; a
change of the gate that moves what it shows starts a folder of its own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import disclosure_effects as of_actions
from benchmarks import disclosure_example as example
from benchmarks import disclosure_explorer as explorer
from benchmarks import disclosure_links as links
from benchmarks import disclosure_power as power
from benchmarks import disclosure_repeats as repeats
from benchmarks import disclosure_utility as utility
from benchmarks.disclosure_attacker import attack
from benchmarks.disclosure_organisations import K, draw
from benchmarks.disclosure_rules import RULES

DOCS = Path(__file__).resolve().parents[1] / "docs"
MARK = "<!-- tables: written by python -m benchmarks disclosure -->"
COSTS = "<!-- tables: written by python -m benchmarks disclosure --costs -->"
BLOCK = 50
TEAMS = 10_000  # of which figures are laid over each other
RUNS = 200  # of which the power of effects is counted
OURS = ("ours", "ours, to one who knows the rule")
NAMES = ("organisations", "exact", "narrow", "means", "groups", "told", "teams", "visible", "seconds")
Counts = dict[str, float]


def main() -> None:
    """Attack every rule on the same organisations, and replace the tables in docs/disclosure.md."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--organisations", type=int, default=10_000)
    parser.add_argument("--knowing", type=int, default=10_000, help="organisations for one who knows our rule")
    parser.add_argument("--peers", type=int, default=10_000, help="organisations for the rules of others")
    parser.add_argument("--cases", type=int, default=200, help="small cases solved exactly")
    parser.add_argument("--services", type=int, default=60, help="services of which slopes are attacked")
    parser.add_argument(
        "--costs", action="store_true", help="renew the tables of figures seen again, of slopes and of costs alone"
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "bevlogen-disclosure")
    given = parser.parse_known_args()[0]
    with ProcessPoolExecutor(given.processes) as pool:
        tables = (
            repeats.table(TEAMS),
            explorer.table(pool, given.services),
            links.table(pool),
            of_actions.table(pool, given.services // 10),
            power.table(pool, RUNS),
            utility.table(utility.small_cases(pool, given.cases)),
        )
    costs, page = "\n\n".join(tables), DOCS / "disclosure.md"
    before = page.read_text(encoding="utf-8").split(COSTS)[0].rstrip()
    if not given.costs:
        before = f"{before.split(MARK)[0]}{MARK}\n\n{_attacked(given)}"
    text = f"{before}\n\n{COSTS}\n\n{costs}\n"
    page.write_text(text, encoding="utf-8")
    print(text.split(COSTS if given.costs else MARK)[1])


def _attacked(given: argparse.Namespace) -> str:
    gate = _ours_now()
    folder = given.keep / gate
    with ProcessPoolExecutor(given.processes) as pool:
        counts = {
            rule: _all(pool, folder, rule, many)
            for rule, many in zip(OURS, (given.organisations, given.knowing), strict=True)
        }
        counts |= {rule: _all(pool, given.keep / "peers", rule, given.peers) for rule in RULES if rule not in OURS}
    which = f"Gate {gate}: a fingerprint of what it shows of the first 40 organisations."
    return "\n\n".join((_table(counts), which, example.table()))


def _all(pool: ProcessPoolExecutor, folder: Path, rule: str, many: int) -> Counts:
    blocks = range(-(-many // BLOCK))
    return _summed(pool.map(partial(_kept, folder, rule), blocks))


def _summed(parts: Iterable[Counts]) -> Counts:
    out = dict.fromkeys(NAMES, 0.0)
    for part in parts:
        for name in NAMES:
            out[name] += part[name]
    return out


def _kept(folder: Path, rule: str, block: int) -> Counts:
    file = folder / rule.replace(" ", "-").replace(",", "") / f"{block}.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_text(json.dumps(_block(rule, block)), encoding="utf-8")
        part.rename(file)
    out: Counts = json.loads(file.read_text(encoding="utf-8"))
    return out


def _block(rule: str, block: int) -> Counts:
    out = dict.fromkeys(NAMES, 0.0)
    start = time.process_time()
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        org = draw(seed)
        shown = RULES[rule](org)
        harm = attack(org, shown)
        answers = [known for known in harm.known if known.kind == "answer"]
        last = [told for told in shown if not told.of_rest][-1]
        n, mean = last.n[org.teams], last.mean[org.teams]
        visible = (n >= K) & np.isfinite(mean)
        found = (
            1,
            any(known.exact for known in answers),
            bool(answers),
            len(harm.known) > len(answers),
            harm.targets,
            len(harm.known),
            (n >= K).sum(),
            visible.sum(),
            0,
        )
        for name, value in zip(NAMES, found, strict=True):
            out[name] += float(value)
    out["seconds"] = time.process_time() - start
    return out


def _ours_now() -> str:
    """Fingerprint of what our gate shows, so that a change of it is not mixed with old runs."""
    means = [told.mean.ravel() for seed in range(40) for told in RULES[OURS[0]](draw(seed))]
    return hashlib.sha256(" ".join(f"{v:.5g}" for v in np.concatenate(means)).encode()).hexdigest()[:12]


def _table(counts: dict[str, Counts]) -> str:
    lines = [
        "| rule | organisations | an answer told exactly | an answer told too closely | a mean of fewer than five told "
        "too closely | told, of all groups attacked | teams of 5 or more shown |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for rule, c in counts.items():
        many = max(c["organisations"], 1)
        shares = " | ".join(f"{c[name]:,.0f} ({c[name] / many:.2%})" for name in ("exact", "narrow", "means"))
        lines.append(
            f"| {rule} | {many:,.0f} | {shares} | {c['told']:,.0f} of {c['groups']:,.0f} "
            f"| {c['visible'] / max(c['teams'], 1):.1%} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
