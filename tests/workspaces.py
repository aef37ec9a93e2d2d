"""Small workspaces for the tests of the whole house, written from rows."""

from __future__ import annotations

import csv
import random

HEAD = '[organisation]\nname = "Proef"\nlanguage = "en"\nperiod = "year"\n'
TABLES = {
    "units": ("unit,name,parent,headcount", ""),
    "answers": (
        "unit,period,respondent,e1,e2,w1",
        '[[instruments]]\nconstruct = "engagement"\nitems = ["e1", "e2"]\nrange = {range}\n'
        '[[instruments]]\nconstruct = "employership"\nitems = ["w1"]\nrange = {range}\n',
    ),
    "interactions": (
        "unit,period,employee,customer,l1",
        '[[instruments]]\nconstruct = "loyalty"\ntable = "interactions"\nitems = ["l1"]\nrange = {range}\n',
    ),
    "scores": ("unit,period,construct,mean,n,sd", ""),
    "results": ("unit,period,measure,value,exposure", ""),
}
YEARS = ("2020", "2021", "2022")


def write(folder, extra="", scale="[1, 5]", **tables):
    """Write the tables that are given and the organisation.toml that goes with them."""
    folder.mkdir(exist_ok=True)
    toml = HEAD
    for name, rows in tables.items():
        header, instruments = TABLES[name]
        toml += f'[tables.{name}]\nfile = "{name}.csv"\n' + ("scale = [1, 5]\n" if name == "scores" else "")
        toml += instruments.replace("{range}", scale)
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([header.split(","), *rows])
    (folder / "organisation.toml").write_text(toml + extra, encoding="utf-8")
    return folder


def keys(n):
    return [f"u{i}" for i in range(n)]


def tree(units, headcount=12):
    return [["top", "Top", "", ""], *([u, f"Name {u}", "top", headcount] for u in units)]


def answers(units, periods=YEARS, n=8, score=None, seed=1):
    rng = random.Random(seed)
    score = score or (lambda unit, k: rng.randint(1, 5))
    rows = ((u, p, k) for u in units for p in periods for k in range(n))
    return [[u, p, f"{u}-{k}", score(u, k), score(u, k), score(u, k)] for u, p, k in rows]


def ratings(units, periods=YEARS, n=8, score=None, seed=2):
    rng = random.Random(seed)
    score = score or (lambda unit, k: rng.randint(1, 5))
    return [[u, p, "", "", score(u, k)] for u in units for p in periods for k in range(n)]


def scores(units, periods=YEARS, n=10, sd=1, seed=3):
    rng = random.Random(seed)
    names = ("engagement", "employership", "loyalty")
    return [[u, p, c, rng.uniform(1, 5), n, sd] for u in units for p in periods for c in names]


def results(units, periods=YEARS, value=None, exposure="", seed=4):
    rng = random.Random(seed)
    value = value or rng.random
    names = ("absence", "performance", "retention")
    return [[u, p, m, value(), exposure] for u in units for p in periods for m in names]
