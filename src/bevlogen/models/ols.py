"""Ordinary least squares with errors that allow unequal variances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bevlogen.errors import NotEstimableError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LeastSquares:
    """A linear regression with HC3 errors.

    Attributes
    ----------
    beta, se : (p,) coefficients and heteroscedasticity-robust errors.
    df : n - p.
    sigma2 : residual variance, denominator n - p.
    """

    beta: FloatArray
    se: FloatArray
    df: int
    sigma2: float


def least_squares(X: FloatArray, y: FloatArray) -> LeastSquares:
    """Regress y (n,) on X (n, p) with HC3 errors (MacKinnon & White 1985, doi 10.1016/0304-4076(85)90158-7).

    Raises
    ------
    NotEstimableError
        No more rows than columns, collinear columns, or an outcome that does not vary.
    """
    n, p = X.shape
    if n <= p + 1:
        raise NotEstimableError(f"{p} coefficients need at least {p + 2} rows. Found: {n}.", "few-units")
    Q, R = np.linalg.qr(X)
    diagonal = np.abs(np.diag(R))
    if (diagonal <= 1e-10 * np.sqrt((X**2).sum(axis=0))).any():
        raise NotEstimableError("The causes cannot be told apart. Leave out one that others explain, or a constant.")
    beta = np.linalg.solve(R, Q.T @ y)
    residual = y - X @ beta
    rss = float(residual @ residual)
    if rss <= 1e-20 * float(y @ y):
        raise NotEstimableError("The outcome does not vary beyond what its causes explain.")
    leverage = np.minimum((Q**2).sum(axis=1), 1 - 1e-10)
    half = np.linalg.solve(R, (Q * (residual / (1 - leverage))[:, None]).T)
    return LeastSquares(beta, np.sqrt((half**2).sum(axis=1)), n - p, rss / (n - p))
