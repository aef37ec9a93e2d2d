"""What a crossed model checks and notes before it estimates: inputs, levels, nesting, connection, scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse import csgraph

from bevlogen.errors import ChoiceError, NotEstimableError, ShapeError
from bevlogen.models.crossed_tables import Factor, Sparse, Tables
from bevlogen.models.lmm_inputs import numbered

FloatArray = NDArray[np.float64]

_FEW_EDGES = 8  # edges per level with which a graph is nearly always in one piece, if it is at all


def checked(
    y: ArrayLike,
    X: ArrayLike,
    groups: Mapping[str, ArrayLike],
    Z: Mapping[str, ArrayLike] | None,
) -> tuple[FloatArray, FloatArray, tuple[Factor, ...]]:
    """Return the inputs as arrays and factors, or say what is wrong with them."""
    y_, X_ = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    X_ = X_[:, None] if X_.ndim == 1 else X_
    if not groups:
        raise ShapeError("No grouping factor is given. Give at least one as a name with its labels.")
    columns = {} if Z is None else {name: np.asarray(z, dtype=float) for name, z in Z.items()}
    for name in columns:
        if name not in groups:
            raise ChoiceError("factor in Z", name, groups)
    labels = {name: np.asarray(values) for name, values in groups.items()}
    lengths = {"y": len(y_), "X": len(X_)} | {name: len(v) for name, v in labels.items()}
    lengths |= {f"Z of {name}": len(z) for name, z in columns.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {n}" for name, n in lengths.items())
        raise ShapeError(f"The inputs differ in length. Found: {found}. Give one row per observation in each.")
    if y_.ndim != 1 or X_.ndim != 2 or any(v.ndim != 1 for v in labels.values()):
        raise ShapeError("y and each factor must be a single column, X a table. Give y as (n,) and X as (n, p).")
    if not all(np.isfinite(a).all() for a in (y_, X_, *columns.values())):
        raise ShapeError("y, X or Z holds missing or infinite values. Leave those rows out first.")
    if len(y_) <= X_.shape[1]:
        raise NotEstimableError(f"{X_.shape[1]} fixed effects need more than {X_.shape[1]} rows. Found: {len(y_)}.")
    factors = []
    for name, values in labels.items():
        factor = levels_of(name, values)
        z = columns.get(name)
        factors.append(factor if z is None else replace(factor, Z=z[:, None] if z.ndim == 1 else z))
    return y_, X_, tuple(factors)


def levels_of(name: str, values: NDArray[np.generic]) -> Factor:
    """Number the levels of a factor.

    Raises
    ------
    ShapeError
        A label is missing (None or not a number).
    NotEstimableError
        There is one level only.
    """
    labels, codes = numbered(values, f'Factor "{name}"')
    if len(labels) < 2:
        raise NotEstimableError(
            f'A random effect needs at least two levels. Found: {len(labels)} for "{name}". Leave that factor out.'
        )
    return Factor(name, labels, codes)


def told_from_residual(given: tuple[Factor, ...], notes: list[str]) -> tuple[Factor, ...]:
    """Leave out factors with one row per level."""
    kept = []
    for f in given:
        if f.n_levels < len(f.codes):
            kept.append(f)
        else:
            notes.append(f'Every level of "{f.name}" has one row: its variance is part of sigma2 and was left out.')
    if not kept:
        raise NotEstimableError("Every level of every factor has one row. Use ordinary regression, or repeated rows.")
    return tuple(kept)


def note_nesting(t: Tables, placed: tuple[Factor, ...], notes: list[str]) -> None:
    """Note nested factors; refuse two factors that divide the rows alike."""
    for j, one in enumerate(placed):
        for k, other in enumerate(placed[j + 1 :], start=j + 1):
            if (np.diff(t.pair(j, k).indptr) > 1).any():
                continue
            if one.n_levels == other.n_levels:
                raise NotEstimableError(
                    f'Factors "{one.name}" and "{other.name}" divide the rows alike. Leave one of them out.'
                )
            notes.append(
                f'Every level of "{one.name}" meets one level of "{other.name}" only: nested, not crossed. The '
                f'variance of "{one.name}" merges with that of their encounter.'
            )


def connection(t: Tables, placed: tuple[Factor, ...], kept: tuple[Factor, ...], notes: list[str]) -> float:
    """Return the share of rows in the largest connected part of the first two factors that the caller gave."""
    if len(kept) < 2:
        return 1.0
    names = [f.name for f in placed]
    j, k = sorted(names.index(f.name) for f in kept[:2])
    share, parts = largest_part(t.pair(j, k), t.S[k][:, 0, 0])
    if parts > 1:
        notes.append(
            f'"{kept[0].name}" and "{kept[1].name}" fall apart in {parts} unconnected parts; the largest holds '
            f"{100 * share:.1f} % of the rows. Levels of different parts are compared by the model's assumption alone."
        )
    return share


def largest_part(met: Sparse, rows: FloatArray) -> tuple[float, int]:
    """Return the share of rows in the largest connected part of the graph of two factors, and the number of parts.

    ``met`` (J, K) has an entry where two levels meet, ``rows`` (K,) the rows of each level of the second factor, which
    has fewer. Its levels that one of the first meets form a chain, so a graph of the second alone tells the parts. A
    few of its edges join nearly all that all would; the others are then asked only whether they join two parts.
    """
    K, met_by = len(rows), met.indices
    follows = np.ones(len(met_by), dtype=bool)
    follows[met.indptr[:-1]] = False
    edges = np.flatnonzero(follows)
    parts, membership = K, np.arange(K)
    for some in (edges[:: max(1, len(edges) // (_FEW_EDGES * K))], edges):
        ends = membership[met_by[some - 1]], membership[met_by[some]]
        joins = ends[0] != ends[1]
        graph = sparse.coo_array((np.ones(joins.sum()), (ends[0][joins], ends[1][joins])), shape=(parts, parts))
        parts, of_part = csgraph.connected_components(graph, directed=False)
        membership = of_part[membership]
        if parts == 1:
            break
    held = np.bincount(membership, weights=rows, minlength=parts)
    return float(held.max() / held.sum()), int(parts)


def scale_of(factor: Factor) -> FloatArray:
    """Root mean square of each random-effect column."""
    if factor.Z is None:
        return np.ones(1)
    rms = np.sqrt(np.mean(factor.Z**2, axis=0))
    if np.any(rms == 0):
        raise NotEstimableError(f'A random-effect column of "{factor.name}" is zero everywhere. Leave it out of Z.')
    return np.asarray(rms)


def scaled(factor: Factor, scale: FloatArray) -> Factor:
    """Divide the random-effect columns by their scale."""
    return factor if factor.Z is None else replace(factor, Z=factor.Z / scale)
