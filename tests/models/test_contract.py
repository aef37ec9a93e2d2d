"""The calls that users may count on, word for word: each works from arrays and carries the named figures."""

import inspect

import numpy as np
import pytest

from bevlogen.models import agreement, anova, ceiling, crossed, lmm, meta, reliability, shapley

RNG = np.random.default_rng(1)
GROUP, CUSTOMER = np.repeat(np.arange(40), 10), RNG.integers(0, 60, 400)
X = np.column_stack([np.ones(400), RNG.normal(size=400)])
Y = X @ [1.0, 0.5] + RNG.normal(size=40)[GROUP] + RNG.normal(size=60)[CUSTOMER] + RNG.normal(size=400)
ITEMS = np.clip(np.rint(3 + RNG.normal(size=(400, 1)) + RNG.normal(size=(400, 4))), 1, 5)
R, r = np.array([[1.0, 0.4], [0.4, 1.0]]), np.array([0.5, 0.4])
EFFECTS, VARIANCES = np.array([0.1, 0.3, 0.2, 0.6]), np.array([0.01, 0.02, 0.01, 0.03])

OF_LMM = ("beta", "se", "sigma2", "tau", "criterion", "df")
OF_CROSSED = ("beta", "se", "variance", "sigma2", "criterion")
OF_CEILING = ("effect_size", "accuracy", "peers", "p_value")
OF_META = ("mu", "se", "tau2", "low", "high", "prediction")
CALLS = {
    "lmm.fit": (lambda: lmm.fit(Y, X, GROUP, Z=None, reml=True), OF_LMM),
    "lmm.fit_moments": (lambda: lmm.fit_moments(lmm.group_moments(Y, X, GROUP)), OF_LMM),
    "crossed exact": (lambda: both("exact"), OF_CROSSED),
    "crossed moments": (lambda: both("moments"), OF_CROSSED),
    "anova.icc": (lambda: anova.icc(Y, GROUP), ("icc1", "icc2", "msb", "msw", "k", "icc1_low", "icc2_high")),
    "reliability.alpha": (lambda: reliability.alpha(ITEMS), ("alpha", "low", "high")),
    "reliability.omega": (lambda: reliability.omega(ITEMS), ("omega", "low", "high")),
    "agreement.rwg_j": (lambda: agreement.rwg_j(ITEMS, GROUP, 5), ("value", "mean")),
    "shapley.lmg": (lambda: shapley.lmg(R, r), ("shares", "r2")),
    "shapley.johnson": (lambda: shapley.johnson(R, r), ("shares", "r2")),
    "ceiling ce_fdh": (lambda: necessary("ce_fdh"), OF_CEILING),
    "ceiling cr_fdh": (lambda: necessary("cr_fdh"), OF_CEILING),
    "meta z": (lambda: meta.random_effects(EFFECTS, VARIANCES, tau2="REML", test="z"), OF_META),
    "meta knha": (lambda: meta.random_effects(EFFECTS, VARIANCES, tau2="REML", test="knha"), OF_META),
}
NO_LIKELIHOOD = ("crossed moments", "criterion")  # documented: the moments know none


def both(method):
    return crossed.fit(Y, X, {"s": GROUP, "d": CUSTOMER}, reml=True, method=method)


def necessary(shape):
    return ceiling.nca(X[:, 1], Y, ceiling=shape, permutations=50, rng=np.random.default_rng(2))


@pytest.mark.parametrize("name", CALLS)
def test_the_call_works_and_carries_its_figures(name):
    call, attributes = CALLS[name]
    result = call()
    for attribute in attributes:
        value = getattr(result, attribute)
        value = list(value.values()) if isinstance(value, dict) else value
        assert np.size(value) > 0
        assert np.isfinite(np.asarray(value, dtype=float)).all() != ((name, attribute) == NO_LIKELIHOOD)


def test_variances_of_crossed_factors_go_by_the_name_of_the_caller():
    assert set(both("exact").variance) == {"s", "d"}


def test_moments_give_the_answer_of_rows():
    rows, moments = lmm.fit(Y, X, GROUP), lmm.fit_moments(lmm.group_moments(Y, X, GROUP))
    np.testing.assert_allclose(moments.beta, rows.beta, rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "defaults"),
    [
        (lmm.fit, {"Z": None, "reml": True}),
        (crossed.fit, {"reml": True}),
        (ceiling.nca, {"permutations": 0, "rng": None}),
    ],
)
def test_defaults_are_as_published(call, defaults):
    parameters = inspect.signature(call).parameters
    assert {name: parameters[name].default for name in defaults} == defaults
