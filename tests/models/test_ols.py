import numpy as np
import pytest

from bevlogen.errors import NotEstimableError
from bevlogen.models import ols

EXACT = 1e-10  # the same algebra in another order


def test_coefficients_and_hc3_errors_follow_their_definition():
    rng = np.random.default_rng(1)
    X = np.column_stack([np.ones(30), rng.normal(size=(30, 2))])
    y = X @ [1, 2, 3] + rng.normal(size=30) * np.abs(X[:, 1])
    bread = np.linalg.inv(X.T @ X)
    beta = bread @ X.T @ y
    leave_out = (y - X @ beta) / (1 - np.diag(X @ bread @ X.T))
    vcov = bread @ (X.T * leave_out**2) @ X @ bread
    fit = ols.least_squares(X, y)
    np.testing.assert_allclose(fit.beta, beta, rtol=EXACT)
    np.testing.assert_allclose(fit.se, np.sqrt(np.diag(vcov)), rtol=EXACT)


@pytest.mark.parametrize(
    ("X", "y", "says"),
    [
        (np.ones((2, 1)), np.arange(2.0), "at least 3 rows"),
        (np.ones((9, 2)), np.arange(9.0), "cannot be told apart"),
        (np.ones((9, 1)), np.ones(9), "does not vary"),
    ],
)
def test_what_cannot_be_fitted_is_said_in_a_sentence(X, y, says):
    with pytest.raises(NotEstimableError, match=says):
        ols.least_squares(X, y)
