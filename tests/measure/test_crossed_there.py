"""Crossed effects by grouped queries are those of the array version."""

import ibis
import numpy as np
import pyarrow as pa
import pytest

from bevlogen.errors import NotEstimableError
from bevlogen.measure.crossed_there import crossed_there
from bevlogen.models import crossed

SAME = 1e-9  # the same equations with sums in another order, relative


def encounters(seed=1, n=3000, covariates=1):
    rng = np.random.default_rng(seed)
    employee, customer = rng.integers(0, 30, n), rng.integers(0, 400, n)
    x = rng.normal(size=(n, covariates)) + employee[:, None] / 20
    y = 7 + x @ np.full(covariates, 0.3) + 0.6 * rng.normal(size=30)[employee] + rng.normal(size=400)[customer]
    names = {f"x{i}": x[:, i] for i in range(covariates)}
    labels = {"employee": [f"e{k:02d}" for k in employee], "customer": [f"k{k:03d}" for k in customer]}
    return pa.table({**labels, **names, "score": y + rng.normal(size=n)})


def arrays(table, covariates):
    X = np.column_stack([np.ones(table.num_rows), *(table[f"x{i}"].to_numpy() for i in range(covariates))])
    groups = {name: np.array(table[name].to_pylist()) for name in ("employee", "customer")}
    return crossed.fit(table["score"].to_numpy(), X, groups, method="moments")


def assert_agree(found, expected):
    np.testing.assert_allclose(found.beta, expected.beta, rtol=SAME)
    np.testing.assert_allclose(found.se, expected.se, rtol=SAME)
    np.testing.assert_allclose(found.sigma2, expected.sigma2, rtol=SAME)
    assert found.variance.keys() == expected.variance.keys()
    for name, value in found.variance.items():
        np.testing.assert_allclose(value, expected.variance[name], rtol=SAME)
    random = expected.ranef("employee")
    for label, value in zip(random.labels, random.values[:, 0], strict=True):
        assert found.effects[str(label)] == pytest.approx(value, rel=SAME, abs=SAME)


@pytest.mark.parametrize("covariates", [0, 2])
def test_grouped_queries_give_what_arrays_give(covariates):
    table = encounters(covariates=covariates)
    names = [f"x{i}" for i in range(covariates)]
    found = crossed_there(ibis.memtable(table), "score", ("employee", "customer"), names)
    assert found.converged
    assert found.n_levels == {"employee": 30, "customer": 400}
    assert_agree(found, arrays(table, covariates))


def test_the_order_of_the_factors_changes_nothing():
    table = ibis.memtable(encounters(covariates=0))
    one = crossed_there(table, "score", ("employee", "customer"))
    two = crossed_there(table, "score", ("customer", "employee"))
    assert one.variance == pytest.approx(two.variance, rel=SAME)


def test_rows_with_something_missing_are_left_out():
    table = encounters(covariates=0)
    holes = pa.table({"employee": [None, "e01"], "customer": ["k1", "k2"], "score": [3.0, None]})
    whole = crossed_there(ibis.memtable(table), "score", ("employee", "customer"))
    again = crossed_there(ibis.memtable(pa.concat_tables([table, holes])), "score", ("employee", "customer"))
    assert again.n_obs == whole.n_obs == table.num_rows
    assert again.variance == pytest.approx(whole.variance, rel=SAME)


def test_one_level_is_refused():
    table = encounters(covariates=0)
    one = table.set_column(0, "employee", pa.array(["e"] * table.num_rows))
    with pytest.raises(NotEstimableError, match="two levels"):
        crossed_there(ibis.memtable(one), "score", ("employee", "customer"))
