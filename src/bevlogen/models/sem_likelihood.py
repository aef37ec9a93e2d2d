"""The normal likelihood of independent rows, with missing values, and of rows in clusters.

Both answer the same three questions about a set of implied means and covariances: how badly they fit (minus twice the
log-likelihood), which way is better, and how much information there is.

References: Arbuckle (1996) for missing values; Muthén (1994, doi 10.1177/0049124194022003006) and McDonald & Goldstein
(1989, doi 10.1111/j.2044-8317.1989.tb00911.x) for two levels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bevlogen.models.sem_moments import ClusterMoments, Moments

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
AnyArray = NDArray[Any]  # real, or complex for a complex step

_LOG_2PI = float(np.log(2 * np.pi))
_OWN = 1e-11  # share of a variance not explained by the variables before it, below which there is none


def deviance(Sigma: FloatArray, mu: FloatArray, n: float, mean: FloatArray, cov: FloatArray) -> float:
    """Return -2 log-likelihood of n normal rows with these moments; infinite where Sigma is (nearly) singular."""
    factor = _factor(Sigma)
    if factor is None:
        return float("inf")
    d = mean - mu
    half = np.linalg.solve(factor, cov + d[:, None] * d[None, :])
    trace = float(np.trace(np.linalg.solve(factor.T, half)))
    return float(n * (len(mu) * _LOG_2PI + 2 * np.log(np.diag(factor)).sum() + trace))


@dataclass(frozen=True, slots=True)
class Independent:
    """The likelihood of independent rows in one or more groups."""

    groups: tuple[Moments, ...]

    @property
    def n_obs(self) -> int:
        """Rows over all groups."""
        return sum(g.n for g in self.groups)

    def deviance(self, implied: list[tuple[FloatArray, FloatArray]]) -> float:
        """Return -2 log-likelihood at the implied (Sigma, mu) of each group."""
        return sum(
            deviance(Sigma[np.ix_(p.index, p.index)], mu[p.index], p.n, p.mean, p.cov)
            for g, (Sigma, mu) in zip(self.groups, implied, strict=True)
            for p in g.patterns
        )

    def slopes(self, implied: list[tuple[AnyArray, AnyArray]]) -> list[tuple[AnyArray, AnyArray]]:
        """Return derivatives (G, g) of the deviance per group: its change is tr(G dSigma) + g'dmu. Batches allowed."""
        out = []
        for group, (Sigma, mu) in zip(self.groups, implied, strict=True):
            G, g = np.zeros_like(Sigma), np.zeros_like(mu)
            for p in group.patterns:
                cells = np.ix_(p.index, p.index)
                inverse = np.linalg.inv(Sigma[..., cells[0], cells[1]])
                d = p.mean - mu[..., p.index]
                T = p.cov + d[..., :, None] * d[..., None, :]
                G[..., cells[0], cells[1]] += p.n * (inverse - inverse @ T @ inverse)
                g[..., p.index] -= 2 * p.n * np.einsum("...ij,...j->...i", inverse, d)
            out.append((G, g))
        return out

    def information(
        self, implied: list[tuple[FloatArray, FloatArray]], jacobian: list[tuple[FloatArray, FloatArray]]
    ) -> FloatArray:
        """Return the expected information (q, q), given dSigma (q, p, p) and dmu (q, p) per group."""
        total = np.zeros((len(jacobian[0][0]),) * 2)
        for group, (Sigma, _), (dS, dm) in zip(self.groups, implied, jacobian, strict=True):
            for p in group.patterns:
                cells = np.ix_(p.index, p.index)
                inverse = np.linalg.inv(Sigma[cells])
                W = inverse @ dS[:, cells[0], cells[1]]
                total += p.n * _expected(W, inverse, dm[:, p.index])
        return total


@dataclass(frozen=True, slots=True)
class Clustered:
    """The likelihood of rows in clusters: a within and a between part, exact for unequal cluster sizes.

    Attributes
    ----------
    moments : the moments.
    w : (p,) positions of the within block's variables in [within, between] of the moments.
    b : positions of the between block's variables.
    """

    moments: ClusterMoments
    w: IntArray
    b: IntArray

    @property
    def n_obs(self) -> int:
        """Rows over all clusters."""
        return self.moments.n_rows

    def _per_size(self, implied: list[tuple[AnyArray, AnyArray]]) -> tuple[AnyArray, AnyArray]:
        """Implied covariance (..., K, r, r) and mean (..., r) of cluster means and values."""
        (W, mw), (B, mb) = implied
        r = self.moments.mean.shape[1]
        batch = W.shape[:-2]
        V = np.zeros((*batch, len(self.moments.sizes), r, r), W.dtype)
        mu = np.zeros((*batch, r), W.dtype)
        V[..., self.b[:, None], self.b] += B[..., None, :, :]
        V[..., self.w[:, None], self.w] += W[..., None, :, :] / self.moments.sizes[:, None, None]
        mu[..., self.b] += mb
        mu[..., self.w] += mw
        return V, mu

    def deviance(self, implied: list[tuple[FloatArray, FloatArray]]) -> float:
        """Return -2 log-likelihood at the implied (Sigma, mu) of [within, between]."""
        m, p = self.moments, len(self.w)
        W = implied[0][0]
        zero = np.zeros(p)
        total = deviance(W, zero, m.n_rows - m.n_clusters, zero, m.pooled[np.ix_(self.w, self.w)])
        V, mu = self._per_size(implied)
        factor = _factor(V)
        if factor is None:
            return float("inf")
        d = m.mean - mu
        T = m.cov + d[:, :, None] * d[:, None, :]
        trace = np.trace(np.linalg.solve(V, T), axis1=1, axis2=2)
        log_det = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
        each = V.shape[-1] * _LOG_2PI + log_det + trace + p * np.log(m.sizes)
        return float(total + m.counts @ each)

    def slopes(self, implied: list[tuple[AnyArray, AnyArray]]) -> list[tuple[AnyArray, AnyArray]]:
        """Return derivatives (G, g) of the deviance for the within and the between part. Batches allowed."""
        m = self.moments
        inverse = np.linalg.inv(implied[0][0])
        pooled = m.pooled[np.ix_(self.w, self.w)]
        GW = (m.n_rows - m.n_clusters) * (inverse - inverse @ pooled @ inverse)
        V, mu = self._per_size(implied)
        Vi = np.linalg.inv(V)
        d = m.mean - mu[..., None, :]
        T = m.cov + d[..., :, None] * d[..., None, :]
        G = m.counts[:, None, None] * (Vi - Vi @ T @ Vi)
        g = -2 * np.einsum("k,...kij,...kj->...i", m.counts, Vi, d)
        GB = G.sum(axis=-3)
        GW = GW + (G / m.sizes[:, None, None]).sum(axis=-3)[..., self.w[:, None], self.w]
        return [(GW, g[..., self.w]), (GB[..., self.b[:, None], self.b], g[..., self.b])]

    def information(
        self, implied: list[tuple[FloatArray, FloatArray]], jacobian: list[tuple[FloatArray, FloatArray]]
    ) -> FloatArray:
        """Return the expected information (q, q)."""
        m = self.moments
        (dW, dmw), (dB, dmb) = jacobian
        inverse = np.linalg.inv(implied[0][0])
        total = (m.n_rows - m.n_clusters) * _expected(inverse @ dW, inverse, np.zeros_like(dmw))
        r = m.mean.shape[1]
        V, _ = self._per_size(implied)
        base, dm = np.zeros((len(dW), r, r)), np.zeros((len(dW), r))
        base[:, self.b[:, None], self.b] += dB
        dm[:, self.b] += dmb
        dm[:, self.w] += dmw
        for size, count, Vk in zip(m.sizes, m.counts, V, strict=True):
            dV = base.copy()
            dV[:, self.w[:, None], self.w] += dW / size
            Vi = np.linalg.inv(Vk)
            total += count * _expected(Vi @ dV, Vi, dm)
        return total


def _factor(Sigma: AnyArray) -> AnyArray | None:
    """Return the Cholesky factors; None where one matrix has a variable that others explain wholly."""
    try:
        factor = np.linalg.cholesky(Sigma)
    except np.linalg.LinAlgError:
        return None
    own = np.diagonal(factor, axis1=-2, axis2=-1) ** 2
    return factor if (own > _OWN * np.diagonal(Sigma, axis1=-2, axis2=-1)).all() else None


def _expected(W: AnyArray, inverse: AnyArray, dm: FloatArray) -> FloatArray:
    """Information of one normal row: half tr(W_a W_b) + dm_a' inverse dm_b, with W = Sigma^-1 dSigma."""
    flat = W.reshape(len(W), -1)
    turned = np.swapaxes(W, 1, 2).reshape(len(W), -1)
    return np.asarray(0.5 * flat @ turned.T + dm @ inverse @ dm.T)
