"""Line up columns and moments with the variables of a model."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bevlogen.errors import NotEstimableError, ShapeError
from bevlogen.models import sem_start
from bevlogen.models.sem_likelihood import Clustered
from bevlogen.models.sem_model import Model, Parameter
from bevlogen.models.sem_moments import ClusterMoments, Moments, cluster_moments

FloatArray = NDArray[np.float64]

_STILL = 1e-12  # share of the variance that lies within clusters below which there is none


def columns_of(chosen: Model, data: Mapping[str, ArrayLike]) -> dict[str, FloatArray]:
    """Return the model's columns, all of one length."""
    names = list(dict.fromkeys(n for b in chosen.blocks for n in b.observed))
    absent = [n for n in names if n not in data]
    if absent:
        raise ShapeError(f"The model names {', '.join(absent)}; the data hold {', '.join(data)}. Add those columns.")
    columns = {n: np.asarray(data[n], dtype=float) for n in names}
    if len({c.shape for c in columns.values()}) > 1 or columns[names[0]].ndim != 1:
        raise ShapeError("The columns differ in length or are no vectors. Give one value per row in each.")
    return columns


def in_appearance(labels: NDArray[np.generic]) -> tuple[NDArray[np.int64], list[object]]:
    """Number labels in order of appearance."""
    kinds, first, codes = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return rank[codes].astype(np.int64), [kinds[k] for k in np.argsort(first)]


def two_level(chosen: Model, columns: dict[str, FloatArray], cluster: NDArray[np.generic]) -> ClusterMoments:
    """Sum complete rows into moments; variables that the within part does not name belong to clusters."""
    within = chosen.blocks[0].observed
    between = tuple(n for n in chosen.blocks[1].observed if n not in within)
    every = np.column_stack([columns[n] for n in (*within, *between)])
    if len(cluster) != len(every):
        raise ShapeError(f"{len(every)} rows but {len(cluster)} cluster labels. Give one label per row.")
    keep = np.isfinite(every).all(axis=1)
    p = len(within)
    return cluster_moments(every[keep][:, :p], cluster[keep], within, every[keep][:, p:], between)


def clustered(chosen: Model, data: ClusterMoments) -> Clustered:
    """Point the two levels of a model to their places in the moments."""
    order = data.within + data.between
    needed = [n for b in chosen.blocks for n in b.observed]
    if chosen.layout != "levels" or set(needed) != set(order):
        raise ShapeError(f"Cluster moments hold {', '.join(order)}; a two-level model of exactly these is needed.")
    places = [np.array([order.index(n) for n in b.observed]) for b in chosen.blocks]
    if not set(chosen.blocks[0].observed) == set(data.within):
        raise ShapeError("The within part must name every variable that varies between rows.")
    still = [
        n
        for n, v, t in zip(data.within, np.diag(data.pooled), np.diag(data.total_cov), strict=True)
        if not v > t * _STILL
    ]
    if still:
        raise NotEstimableError(f"{', '.join(still)} does not vary within clusters. Name it in the between part only.")
    return Clustered(data, places[0], places[1])


def ordered(chosen: Model, data: Moments) -> Moments:
    """Put the variables in the model's order, without means if the model has none."""
    names = chosen.blocks[0].observed
    absent = [n for n in names if n not in data.names]
    if absent:
        raise ShapeError(f"The model names {', '.join(absent)}; the moments hold {', '.join(data.names)}.")
    if not chosen.means and not data.is_complete:
        raise ShapeError("With missing values the means belong to the model. Use model(means=True).")
    target = {n: k for k, n in enumerate(names)}
    patterns = []
    for p in data.patterns:
        mine = [(target[data.names[j]], i) for i, j in enumerate(p.index) if data.names[j] in target]
        if mine:
            where, which = np.array(sorted(mine)).T
            mean = p.mean[which] if chosen.means else np.zeros(len(which))
            patterns.append(replace(p, index=where, mean=mean, cov=p.cov[np.ix_(which, which)]))
    for k, name in enumerate(names):
        if not sem_start.pooled(patterns, k)[1] > 0:
            raise NotEstimableError(f"{name} does not vary, or nobody answered it. Leave it out of the model.")
    return Moments(names, tuple(patterns))


def filled(chosen: Model, samples: Sequence[sem_start.Sample]) -> Model:
    """Fill in the moments of exogenous variables that are taken as given."""

    def value(p: Parameter) -> float:
        s = samples[p.block]
        order = chosen.blocks[p.block].observed
        if p.op == "~1":
            return float(s.given_mean[order.index(p.lhs)])
        return float(s.given_cov[order.index(p.lhs), order.index(p.rhs)])

    done = tuple(replace(p, value=value(p)) if p.index < 0 and math.isnan(p.value) else p for p in chosen.parameters)
    if any(math.isnan(p.value) for p in done if p.index < 0):
        raise ShapeError("Exogenous variables have missing values. Use model(fixed_x=False) with missing='ml'.")
    return replace(chosen, parameters=done)
