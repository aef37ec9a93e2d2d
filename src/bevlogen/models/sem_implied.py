"""Means and covariances that a model implies, with their derivatives.

Reticular action model: all variables v = A v + m + e with cov(e) = S, so with B = (I - A)^-1 the implied moments are
B m and B S B' (McArdle & McDonald 1984, doi 10.1111/j.2044-8317.1984.tb00802.x). Every function takes a leading batch
of parameter vectors and complex numbers, so that second derivatives come exact from a complex step (Squire & Trapp
1998, doi 10.1137/S003614459631241X).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bevlogen.models.sem_model import Model

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
AnyArray = NDArray[Any]  # real, or complex for a complex step


@dataclass(frozen=True, slots=True)
class Ram:
    """Matrices of one block: fixed values and the places of the free parameters.

    Attributes
    ----------
    A, S, m : (v, v), (v, v), (v,) fixed values, zero where free.
    a, s, i : (n, 3), (n, 3), (n, 2) places of free elements: parameter, row, column; for ``i`` parameter, row.
    p : number of observed variables, which come first.
    """

    A: FloatArray
    S: FloatArray
    m: FloatArray
    a: IntArray
    s: IntArray
    i: IntArray
    p: int


@dataclass(frozen=True, slots=True)
class Implied:
    """Implied moments of one block: B, covariance C and mean nu of all variables; the first p are observed."""

    B: AnyArray
    C: AnyArray
    nu: AnyArray
    S: AnyArray
    A: AnyArray
    m: AnyArray
    p: int

    @property
    def observed(self) -> tuple[AnyArray, AnyArray]:
        """Covariance (..., p, p) and mean (..., p) of the observed variables."""
        return self.C[..., : self.p, : self.p], self.nu[..., : self.p]


def rams(model: Model) -> tuple[Ram, ...]:
    """Lay out the parameters of each block as matrices; values taken from the sample must be filled in already."""
    out = []
    for number, block in enumerate(model.blocks):
        at = {name: k for k, name in enumerate(block.variables)}
        v = len(at)
        A, S, m = np.zeros((v, v)), np.zeros((v, v)), np.zeros(v)
        a: list[tuple[int, int, int]] = []
        s: list[tuple[int, int, int]] = []
        i: list[tuple[int, int]] = []
        for q in model.parameters:
            if q.block != number:
                continue
            left = at[q.lhs]
            if q.op == "~1":
                m[left] = q.value if q.index < 0 else 0.0
                i += [(q.index, left)] if q.index >= 0 else []
                continue
            right = at[q.rhs]
            row, column = (right, left) if q.op == "=~" else (left, right)
            target, places = (S, s) if q.op == "~~" else (A, a)
            if q.index >= 0:
                places.append((q.index, row, column))
            else:
                target[row, column] = q.value
                if q.op == "~~":
                    S[column, row] = q.value
        out.append(
            Ram(
                A,
                S,
                m,
                np.array(a, int).reshape(-1, 3),
                np.array(s, int).reshape(-1, 3),
                np.array(i, int).reshape(-1, 2),
                len(block.observed),
            )
        )
    return tuple(out)


def imply(ram: Ram, theta: AnyArray) -> Implied:
    """Return the implied moments at theta (..., q)."""
    batch, v = theta.shape[:-1], len(ram.m)
    A = np.broadcast_to(ram.A, (*batch, v, v)).astype(theta.dtype)
    S = np.broadcast_to(ram.S, (*batch, v, v)).astype(theta.dtype)
    m = np.broadcast_to(ram.m, (*batch, v)).astype(theta.dtype)
    A[..., ram.a[:, 1], ram.a[:, 2]] = theta[..., ram.a[:, 0]]
    S[..., ram.s[:, 1], ram.s[:, 2]] = theta[..., ram.s[:, 0]]
    S[..., ram.s[:, 2], ram.s[:, 1]] = theta[..., ram.s[:, 0]]
    m[..., ram.i[:, 1]] = theta[..., ram.i[:, 0]]
    B = np.linalg.inv(np.eye(v) - A)
    C = B @ S @ np.swapaxes(B, -1, -2)
    return Implied(B, C, np.einsum("...ij,...j->...i", B, m), S, A, m, ram.p)


def gradient(ram: Ram, at: Implied, G: AnyArray, g: AnyArray, q: int) -> AnyArray:
    """Turn derivatives (G, g) with respect to observed moments into those with respect to theta (..., q)."""
    Bp = at.B[..., : ram.p, :]
    K = np.swapaxes(Bp, -1, -2) @ G @ Bp
    k = np.einsum("...pi,...p->...i", Bp, g)
    by_A = 2 * K @ at.S @ np.swapaxes(at.B, -1, -2) + k[..., :, None] * at.nu[..., None, :]
    rows, columns = ram.s[:, 1], ram.s[:, 2]
    by_S = K[..., rows, columns] * np.where(rows == columns, 1.0, 2.0)
    parts = np.concatenate([by_A[..., ram.a[:, 1], ram.a[:, 2]], by_S, k[..., ram.i[:, 1]]], axis=-1)
    return np.asarray(parts @ _places(ram, q))


def jacobian(ram: Ram, at: Implied, q: int) -> tuple[FloatArray, FloatArray]:
    """Return derivatives of the observed moments: dSigma (q, p, p) and dmu (q, p), at one real theta."""
    Bp, C, nu = at.B[: ram.p], at.C, at.nu
    left, right = Bp[:, ram.a[:, 1]].T, C[: ram.p, ram.a[:, 2]].T
    by_A = left[:, :, None] * right[:, None, :]
    by_A = by_A + np.swapaxes(by_A, 1, 2)
    rows, columns = ram.s[:, 1], ram.s[:, 2]
    one = Bp[:, rows].T[:, :, None] * Bp[:, columns].T[:, None, :]
    by_S = np.where((rows == columns)[:, None, None], one, one + np.swapaxes(one, 1, 2))
    by_m = Bp[:, ram.i[:, 1]].T
    E = _places(ram, q)
    n_a, n_s = len(ram.a), len(ram.s)
    dS = np.einsum("eij,eq->qij", np.concatenate([by_A, by_S]), E[: n_a + n_s])
    dm = E[:n_a].T @ (left * nu[ram.a[:, 2]][:, None]) + E[n_a + n_s :].T @ by_m
    return np.asarray(dS, float), np.asarray(dm, float)


def _places(ram: Ram, q: int) -> FloatArray:
    """Indicator matrix (elements, q) of the parameter behind each free element."""
    which = np.concatenate([ram.a[:, 0], ram.s[:, 0], ram.i[:, 0]])
    E = np.zeros((len(which), q))
    E[np.arange(len(which)), which] = 1.0
    return E


def standardised(model: Model, theta: AnyArray) -> AnyArray:
    """Return (..., n_parameters) all parameters on the scale of SDs that the model implies.

    Loadings and regressions are times SD of the cause over SD of the effect, covariances become (residual)
    correlations, variances shares of the variance, intercepts are over the SD.
    """
    matrices = [imply(r, theta) for r in rams(model)]
    columns = []
    for q in model.parameters:
        at, order = matrices[q.block], model.blocks[q.block].variables
        value = theta[..., q.index] if q.index >= 0 else np.full(theta.shape[:-1], q.value, theta.dtype)
        left = order.index(q.lhs)
        variance = np.diagonal(at.C, axis1=-2, axis2=-1)
        if q.op == "~1":
            columns.append(_over(value, np.sqrt(variance[..., left])))
            continue
        right = order.index(q.rhs)
        if q.op == "~~":
            scale = (
                variance[..., left]
                if left == right
                else np.sqrt(at.S[..., left, left]) * np.sqrt(at.S[..., right, right])
            )
            columns.append(_over(value, scale))
            continue
        cause, effect = (left, right) if q.op == "=~" else (right, left)
        columns.append(_over(value * np.sqrt(variance[..., cause]), np.sqrt(variance[..., effect])))
    return np.stack(columns, axis=-1)


def _over(value: AnyArray, scale: AnyArray) -> AnyArray:
    """Divide; what has no scale has no standardised value, and zero stays zero."""
    return np.where(value == 0, 0.0, value / np.where(scale == 0, np.nan, scale))
