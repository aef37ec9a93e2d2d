"""Laplace approximation of a generalised linear model with random intercepts of one or two factors, with its gradient.

``eta = X gamma + offset + sum_k theta_k u_k[level]``, ``u ~ N(0, I)`` as in Bates, Mächler, Bolker & Walker (2015, doi
10.18637/jss.v067.i01). At the mode of u, ``-2 log L = -2 l(eta) + u'u + log|A|``, ``A = I + M'WM``, M = Z Lambda, W the
observed information. A has one diagonal block per factor; the larger factor is eliminated (Schur complement). The
gradient is exact: it follows the mode and W through ``A du = dM' l' - M' W d(eta)`` (our own derivation).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from bevlogen.models.glmm_family import FAMILIES, Family, Terms

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_STEPS = 200  # Newton steps for the mode; a log-concave likelihood needs about five
_DONE = 1e-12  # predicted fall of the penalised deviance below which the mode is found


@dataclass(slots=True)
class Problem:
    """The rows of one fit, and the mode found last (where the next search starts).

    Attributes
    ----------
    y, weights, offset : (n,).  X : (n, p) design.
    codes : per factor (n,) level numbers, the factor with most levels first.  sizes : levels per factor.
    u : (q,) spherical random effects found last, factor after factor.
    """

    family: Family
    y: FloatArray
    X: FloatArray
    weights: FloatArray
    offset: FloatArray
    codes: tuple[IntArray, ...]
    sizes: tuple[int, ...]
    u: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.u = np.zeros(sum(self.sizes))


@dataclass(frozen=True, slots=True)
class System:
    """A = I + M'WM, factored: the diagonal of the first factor, and the dense rest behind it.

    Attributes
    ----------
    d : (J1,) diagonal of the first factor.
    F : (J1, J2) first block over d; empty for one factor.
    B : (J2, J2) inverse of the Schur complement.
    log_det : log|A|.
    """

    d: FloatArray
    F: FloatArray
    B: FloatArray
    log_det: float

    def solve(self, v: FloatArray) -> FloatArray:
        """Return A^-1 v."""
        first, second = v[: len(self.d)], v[len(self.d) :]
        x2 = self.B @ (second - self.F.T @ first)
        return np.concatenate([first / self.d - self.F @ x2, x2])


@dataclass(frozen=True, slots=True)
class Laplace:
    """The criterion at one point.

    Attributes
    ----------
    criterion : -2 log-likelihood by Laplace.
    gradient : in theta (K), gamma (p) and log(size) (1).
    u : (q,) mode.  u_variance : (q,) diagonal of A^-1.
    eta : (n,) linear predictor at the mode.
    """

    criterion: float
    gradient: FloatArray
    u: FloatArray
    u_variance: FloatArray
    eta: FloatArray


def _spread(problem: Problem, theta: FloatArray, u: FloatArray) -> FloatArray:
    """M u: the random part of the linear predictor."""
    out, start = np.zeros(len(problem.y)), 0
    for k, (codes, size) in enumerate(zip(problem.codes, problem.sizes, strict=True)):
        out += theta[k] * u[start : start + size][codes]
        start += size
    return out


def _gather(problem: Problem, v: FloatArray) -> list[FloatArray]:
    """Z_k' v per factor."""
    pairs = zip(problem.codes, problem.sizes, strict=True)
    return [np.bincount(c, v, minlength=s).astype(np.float64) for c, s in pairs]


def _collect(problem: Problem, theta: FloatArray, v: FloatArray) -> FloatArray:
    """M' v."""
    return np.concatenate([theta[k] * sums for k, sums in enumerate(_gather(problem, v))])


def _system(problem: Problem, theta: FloatArray, weight: FloatArray) -> System:
    """Factor A at these weights."""
    sums = _gather(problem, weight)
    d = 1 + theta[0] ** 2 * sums[0]
    log_det = float(np.log(d).sum())
    if len(problem.sizes) == 1:
        return System(d, np.empty((len(d), 0)), np.empty((0, 0)), log_det)
    J1, J2 = problem.sizes
    flat = problem.codes[0] * J2 + problem.codes[1]
    C = theta[0] * theta[1] * np.bincount(flat, weight, minlength=J1 * J2).reshape(J1, J2)
    F = C / d[:, None]
    S = np.diag(1 + theta[1] ** 2 * sums[1]) - C.T @ F
    factor, _ = linalg.cho_factor(S, lower=True)
    log_det += 2 * float(np.log(np.diag(factor)).sum())
    return System(d, F, linalg.cho_solve((factor, True), np.eye(J2)), log_det)


def _mode(
    problem: Problem, theta: FloatArray, fixed: FloatArray, log_size: float
) -> tuple[FloatArray, FloatArray, Terms, System]:
    """Find the mode of u by Newton steps, halved where the penalised deviance would rise."""
    density = FAMILIES[problem.family]
    u = problem.u
    eta = fixed + _spread(problem, theta, u)
    at = density(problem.y, problem.weights, eta, log_size)
    value = float(u @ u) - 2 * at.log_likelihood
    for _ in range(_STEPS):
        system = _system(problem, theta, at.weight)
        down = _collect(problem, theta, at.score) - u
        step = system.solve(down)
        if float(down @ step) < _DONE * (1 + abs(value) * 1e-3):
            u = u + step  # log|A| feels this step at first order, the penalised deviance at second
            eta = fixed + _spread(problem, theta, u)
            at = density(problem.y, problem.weights, eta, log_size)
            break
        length = 1.0
        while length > 1e-10:
            trial = u + length * step
            eta_trial = fixed + _spread(problem, theta, trial)
            terms = density(problem.y, problem.weights, eta_trial, log_size)
            value_trial = float(trial @ trial) - 2 * terms.log_likelihood
            if value_trial <= value:
                break
            length /= 2
        else:
            break
        u, eta, at, value = trial, eta_trial, terms, value_trial
    return u, eta, at, _system(problem, theta, at.weight)


def _leverage(problem: Problem, theta: FloatArray, A: System) -> tuple[FloatArray, list[FloatArray], FloatArray]:
    """m_i' A^-1 m_i per row, m_i' A^-1 e_(k, level of i) per factor and row, and the diagonal of A^-1."""
    first = problem.codes[0]
    if len(problem.sizes) == 1:
        diagonal = 1 / A.d
        at = [theta[0] * diagonal[first]]
        return theta[0] * at[0], at, diagonal
    second = problem.codes[1]
    FB = A.F @ A.B
    diagonal1, diagonal2 = 1 / A.d + np.einsum("jk,jk->j", FB, A.F), np.diag(A.B)
    between = -FB[first, second]
    at = [
        theta[0] * diagonal1[first] + theta[1] * between,
        theta[0] * between + theta[1] * diagonal2[second],
    ]
    return theta[0] * at[0] + theta[1] * at[1], at, np.concatenate([diagonal1, diagonal2])


def laplace(problem: Problem, theta: FloatArray, gamma: FloatArray, log_size: float) -> Laplace:
    """Evaluate criterion and gradient; the mode found is kept in ``problem.u``.

    Parameters
    ----------
    theta : (K,) standard deviations of the random intercepts.
    gamma : (p,) coefficients of ``problem.X``.  log_size : log of the size of the negative binomial; else ignored.
    """
    fixed = problem.X @ gamma + problem.offset
    u, eta, at, A = _mode(problem, theta, fixed, log_size)
    problem.u = u
    q, q_level, diagonal = _leverage(problem, theta, A)
    pull = at.weight_slope * q  # derivative of log|A| in eta of each row
    h = A.solve(_collect(problem, theta, pull))
    Mh = _spread(problem, theta, h)
    net = pull - at.weight * Mh - 2 * at.score
    by_theta, start = np.empty(len(theta)), 0
    scores, nets = _gather(problem, at.score), _gather(problem, net)
    for k, size in enumerate(problem.sizes):
        level = slice(start, start + size)
        moved = 2 * float(at.weight @ q_level[k])  # M itself changes
        by_theta[k] = nets[k] @ u[level] + h[level] @ scores[k] + moved
        start += size
    by_size = -2 * at.size + q @ at.size_weight + Mh @ at.size_score
    return Laplace(
        criterion=float(u @ u) - 2 * at.log_likelihood + A.log_det,
        gradient=np.concatenate([by_theta, problem.X.T @ net, [by_size]]),
        u=u,
        u_variance=diagonal,
        eta=eta,
    )
