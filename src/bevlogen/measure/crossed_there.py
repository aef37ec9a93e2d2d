"""Crossed effects of employee and customer where the rows are: moments and backfitting as grouped queries.

The arithmetic is that of ``models.crossed`` with ``method="moments"``. Sums over customers never leave the engine; per
employee (the smaller factor) a figure goes to and fro in each sweep, and everything else that leaves is p by p.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import linalg

from bevlogen.errors import NotEstimableError
from bevlogen.models.crossed_moments import Sums, conjugate, equations
from bevlogen.models.crossed_tables import solve_fixed

if TYPE_CHECKING:
    Fetch = Callable[[ibis.Table], pa.Table]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CrossedThere:
    """A crossed model that was fitted on an engine.

    Attributes
    ----------
    beta, se : (p,) the intercept and the coefficients of the covariates, in units of y per unit of x.
    variance : per factor its variance, cut off at zero, in units of y squared.
    sigma2 : residual variance.
    n_obs : rows with outcome, covariates and both labels.  n_levels : levels per factor.
    effects : predicted effect of each level of the smaller factor, in units of y.
    sweeps : how many times the rows were asked in backfitting.  converged : whether that came to rest.
    """

    beta: FloatArray
    se: FloatArray
    variance: dict[str, float]
    sigma2: float
    n_obs: int
    n_levels: dict[str, int]
    effects: dict[str, float]
    sweeps: int
    converged: bool


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows under short names: ``f0`` (most levels), ``f1``, ``c0`` = 1, ``c1`` … ``cp`` = y, about rough means."""

    table: Any
    fetch: Fetch
    p: int

    @property
    def columns(self) -> list[str]:
        return [f"c{i}" for i in range(self.p + 1)]

    def levels(self, k: int) -> Any:
        """Return, per level of factor k, its rows and the sums of every column."""
        sums = {f"w{i}": self.table[c].sum() for i, c in enumerate(self.columns)}
        return self.table.group_by(f"f{k}").aggregate(n=self.table.count().cast("float64"), **sums)

    def met(self) -> Any:
        """Return how often each two levels met."""
        return self.table.group_by(["f0", "f1"]).aggregate(c=self.table.count().cast("float64"))

    def matrix(self, query: Any, size: int) -> FloatArray:
        """Fetch one row with figures ``m_a_b`` as a matrix."""
        found = self.fetch(query)
        return np.array([[_figure(found, f"m_{a}_{b}") for b in range(size)] for a in range(size)])


def crossed_there(
    relation: ibis.Table,
    outcome: str,
    factors: tuple[str, str],
    covariates: Sequence[str] = (),
    *,
    fetch: Fetch | None = None,
) -> CrossedThere:
    """Fit ``outcome`` on an intercept and covariates with random effects of two crossed factors, on the engine.

    Parameters
    ----------
    relation : rows, on any engine that can hold a temporary table; they are not changed and do not leave it.
    outcome, covariates : names of columns of numbers.
    factors : names of the two columns of labels. Rows with something missing in any of these are left out.
    fetch : how a query is sent; default ``to_pyarrow`` of Ibis.

    Returns
    -------
    CrossedThere

    Raises
    ------
    NotEstimableError
        A factor has one level, X is collinear, the factors cannot be told apart, or nothing varies.

    Notes
    -----
    Variances by the moments of Gao & Owen, coefficients by backfitting (Ghosh, Hastie & Owen), with conjugate gradients
    for the length of a sweep: the same equations as ``models.crossed``. A sweep is one query with two levels of
    grouping. Standard errors take the variances as known.

    References
    ----------
    Gao & Owen (2017), doi 10.1214/17-EJS1236. Ghosh, Hastie & Owen (2022), arXiv 2007.10612.
    """
    send: Fetch = fetch or (lambda query: query.to_pyarrow())
    rows, names, centre, counts = _prepared(relation, outcome, factors, covariates, send)
    expected, found = equations(_sums(rows, counts))
    raw = linalg.solve(expected, found)
    if raw[-1] <= 1e-10 * found[-1] / counts[-1]:
        raise NotEstimableError("The outcome does not vary beyond X and the factors. There is nothing to estimate.")
    variance, sigma2 = np.maximum(raw[:-1], 0.0), float(raw[-1])
    M, effects, labels, sweeps, converged = _backfitted(rows, variance / sigma2)
    fixed = solve_fixed(M)
    back = np.eye(rows.p)
    back[0, 1:] = -centre[:-1]
    vcov = sigma2 * back @ fixed.inverse @ back.T
    beta = back @ fixed.beta
    beta[0] += centre[-1]
    return CrossedThere(
        beta=beta,
        se=np.sqrt(np.diag(vcov)),
        variance=dict(zip(names, map(float, variance), strict=True)),
        sigma2=sigma2,
        n_obs=int(counts[-1]),
        n_levels=dict(zip(names, map(int, counts[:2]), strict=True)),
        effects=dict(zip(labels, map(float, effects @ np.append(-fixed.beta, 1.0)), strict=True)),
        sweeps=sweeps,
        converged=converged,
    )


def _prepared(
    relation: ibis.Table, outcome: str, factors: tuple[str, str], covariates: Sequence[str], fetch: Fetch
) -> tuple[_Rows, tuple[str, str], FloatArray, tuple[float, float, float]]:
    """Leave out incomplete rows, put the factor with most levels first, and centre; one query."""
    numbers = [*covariates, outcome]
    plain = relation.select(
        **{f"l{k}": relation[name].cast("string") for k, name in enumerate(factors)},
        **{f"v{i}": relation[name].cast("float64") for i, name in enumerate(numbers)},
    ).drop_null()
    head = fetch(
        plain.aggregate(
            n=plain.count(),
            **{f"l{k}": plain[f"l{k}"].nunique() for k in range(2)},
            **{f"v{i}": plain[f"v{i}"].mean() for i in range(len(numbers))},
        )
    )
    n, levels = _figure(head, "n"), [_figure(head, f"l{k}") for k in range(2)]
    if min(levels) < 2 or n <= len(numbers):
        raise NotEstimableError("A random effect needs two levels or more, and more rows than coefficients.")
    order = (0, 1) if levels[0] >= levels[1] else (1, 0)
    centre = np.array([_figure(head, f"v{i}") for i in range(len(numbers))])
    columns = {f"c{i + 1}": plain[f"v{i}"] - float(c) for i, c in enumerate(centre)}
    labels = {f"f{k}": plain[f"l{j}"] for k, j in enumerate(order)}
    table = plain.select(**labels, c0=ibis.literal(1).cast("float64"), **columns)
    return (
        _Rows(table, fetch, len(numbers)),
        (factors[order[0]], factors[order[1]]),
        centre,
        (levels[order[0]], levels[order[1]], n),
    )


def _sums(rows: _Rows, counts: tuple[float, float, float]) -> Sums:
    """Ask the sums of the moment equations: one query for C, two per factor, two per pair."""
    p, n = rows.p, counts[-1]
    size = p + 1
    table = rows.table
    C = rows.matrix(_products(table, lambda a, b: table[f"c{a}"] * table[f"c{b}"], size), size)
    between, own, met, moved = [], [], np.zeros((3, 3)), []
    for j in range(2):
        levels = rows.levels(j)
        between.append(rows.matrix(_products(levels, _over(levels), size), size))
        own.append(rows.matrix(_products(levels, _times(levels), p), p))
        met[j, j], met[j, 2] = n, own[j][0, 0] / n
    between.append(np.outer(C[0], C[0]) / n)
    for j, k in ((0, 1), (1, 0)):
        met[j, k], across = _pair(rows, j, k)
        to_mean = own[j] - np.outer(own[j][:, 0], C[0, :-1] / n)
        parts = [np.zeros((p, p)), np.zeros((p, p)), to_mean]
        parts[k] = own[j] - across
        moved.append(tuple(parts))
    return Sums(n, C, (int(counts[0]), int(counts[1]), 1), tuple(between), tuple(own), met, tuple(moved))


def _pair(rows: _Rows, j: int, k: int) -> tuple[float, FloatArray]:
    """Return the sum of (rows together)^2 / rows of k, and that of (sums of X in j)(means of X in k)'."""
    p = rows.p
    there = rows.levels(k).rename(**{f"k_{name}": name for name in ("n", *(f"w{i}" for i in range(p)))})
    cells = rows.met().inner_join(there, f"f{k}")
    seen = cells.group_by(f"f{j}").aggregate(
        met=(cells["c"] * cells["c"] / cells["k_n"]).sum(),
        **{f"e{i}": (cells["c"] * cells[f"k_w{i}"] / cells["k_n"]).sum() for i in range(p)},
    )
    both = rows.levels(j).inner_join(seen, f"f{j}")
    figures = {f"m_{a}_{b}": (both[f"w{a}"] * both[f"e{b}"]).sum() for a, b in product(range(p), repeat=2)}
    found = rows.fetch(both.aggregate(met=both["met"].sum(), **figures))
    return _figure(found, "met"), np.array([[_figure(found, f"m_{a}_{b}") for b in range(p)] for a in range(p)])


def _backfitted(rows: _Rows, relative: FloatArray) -> tuple[FloatArray, FloatArray, list[str], int, bool]:
    """Solve for the effects of the smaller factor; return [X y]' V^-1 [X y], P W of that factor, and its labels."""
    phi, theta2 = float(relative[0]), float(np.sqrt(relative[1]))
    size = rows.p + 1
    found = rows.fetch(rows.levels(1).order_by("f1"))
    labels = found["f1"].to_pylist()
    n2 = _column(found, "n")
    W2 = np.column_stack([_column(found, f"w{i}") for i in range(size)])
    first = rows.levels(0)
    share = phi / (1 + phi * first["n"])
    cells, met = {f"w{i}": first[f"w{i}"] * share for i in range(size)}, rows.met()
    scaled = first.select("f0", "n", share=share, **cells)

    def back(query: Any, prefix: str) -> FloatArray:
        """Sum figures of the larger factor over the levels that each level of the smaller one met."""
        joined = met.inner_join(query, "f0")
        sums = {f"b{i}": (joined["c"] * joined[f"{prefix}{i}"]).sum() for i in range(size)}
        answer = rows.fetch(joined.group_by("f1").aggregate(**sums).order_by("f1"))
        if answer["f1"].to_pylist() != labels:
            raise NotEstimableError("The rows changed while they were read. Run it again.")
        return np.column_stack([_column(answer, f"b{i}") for i in range(size)])

    def spread(u: FloatArray) -> Any:
        """Per level of the larger factor, its sum of ``u`` over the rows, as ``u0`` …."""
        given = pa.table({"f1": labels, **{f"g{i}": u[:, i] for i in range(size)}})
        joined = met.inner_join(ibis.memtable(given), "f1")
        return joined.group_by("f0").aggregate(**{f"u{i}": (joined["c"] * joined[f"g{i}"]).sum() for i in range(size)})

    def times(c: FloatArray) -> FloatArray:
        u = theta2 * c
        both = scaled.inner_join(spread(u), "f0")
        moved = both.select("f0", **{f"v{i}": both["share"] * both[f"u{i}"] for i in range(size)})
        return np.asarray(c + theta2 * (n2[:, None] * u - back(moved, "v")))

    right = theta2 * (W2 - back(scaled, "w"))
    solved, sweeps, converged = conjugate(times, right, 1 / (1 + theta2**2 * n2[:, None]))
    x2 = theta2 * solved
    both = first.inner_join(spread(x2), "f0")
    weight = phi / (1 + phi * both["n"])
    figures = {
        f"m_{a}_{b}": (both[f"w{a}"] * weight * (both[f"w{b}"] - both[f"u{b}"])).sum()
        for a, b in product(range(size), repeat=2)
    }
    C = rows.matrix(_products(rows.table, lambda a, b: rows.table[f"c{a}"] * rows.table[f"c{b}"], size), size)
    return C - rows.matrix(both.aggregate(**figures), size) - W2.T @ x2, x2, labels, sweeps, converged


def _products(table: Any, product_of: Callable[[int, int], Any], size: int) -> Any:
    return table.aggregate(**{f"m_{a}_{b}": product_of(a, b).sum() for a, b in product(range(size), repeat=2)})


def _over(levels: Any) -> Callable[[int, int], Any]:
    return lambda a, b: levels[f"w{a}"] * levels[f"w{b}"] / levels["n"]


def _times(levels: Any) -> Callable[[int, int], Any]:
    return lambda a, b: levels[f"w{a}"] * levels[f"w{b}"]


def _figure(found: pa.Table, name: str) -> float:
    return float(found[name][0].as_py())


def _column(found: pa.Table, name: str) -> FloatArray:
    return np.asarray(found[name].to_numpy(), dtype=np.float64)
