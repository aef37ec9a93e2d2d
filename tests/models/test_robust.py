import math

import numpy as np
import pytest
from scipy import stats

from bevlogen.errors import ShapeError
from bevlogen.models import meta

# The published oracle is given to six decimals.
ORACLE = 5e-7
# The quantile is solved to 1e-12 on the scale of the effect; a density of a few units keeps its share within this.
SOLVED = 1e-9


def test_robust_map_equals_the_oracle():
    out = meta.robust_map(-0.10, 0.15, 0.25, 0.12)
    found = (out.weight, *out.component_means, *out.component_sds, out.mean, out.sd)
    stored_values = (0.677971, 0.113415, -0.091743, 0.093704, 0.143674, 0.047348, 0.147613)
    assert found == pytest.approx(stored_values, abs=ORACLE)


def test_robust_map_interval_holds_95_percent_of_the_mixture():
    out = meta.robust_map(-0.10, 0.15, 0.25, 0.12)
    below = [stats.norm.cdf(x, out.component_means, out.component_sds) for x in (out.low, out.high)]
    assert np.array(below) @ [out.weight, 1 - out.weight] == pytest.approx([0.025, 0.975], abs=SOLVED)


def test_full_weight_is_the_conjugate_normal():
    out = meta.robust_map(0.3, 0.1, 0.1, 0.1, weight=1.0)
    assert (out.mean, out.sd, out.effective_n) == pytest.approx((0.2, 0.1 / math.sqrt(2), 1.0), abs=1e-9)


def test_no_weight_ignores_the_literature():
    plain, far = (meta.robust_map(0.3, 0.1, m, 0.1, weight=0.0).mean for m in (0.0, 5.0))
    assert plain == far


def test_conflict_is_the_chance_of_so_distant_an_estimate():
    # |y - m| is 1.96 of sqrt(.06² + .08²) = .1.
    assert meta.robust_map(0.196, 0.08, 0.0, 0.06).conflict == pytest.approx(0.05, abs=1e-4)


def test_conflict_moves_weight_to_the_vague_part():
    assert meta.robust_map(3.0, 0.1, 0.0, 0.1).weight < 1e-6


def test_an_estimate_out_of_reach_still_gives_an_answer():
    assert meta.robust_map(1000.0, 0.1, 0.0, 0.1).mean == pytest.approx(1000 / 1.04)


def test_effective_n_scales_with_the_observations():
    one, forty = (meta.robust_map(0.3, 0.1, 0.1, 0.1, n=n).effective_n for n in (1, 40))
    assert forty == pytest.approx(40 * one)


@pytest.mark.parametrize("bad", [{"se": 0.0}, {"sd": -1.0}, {"weight": 1.2}, {"vague_sd": 0.0}])
def test_robust_map_refuses_what_is_no_distribution(bad):
    with pytest.raises(ShapeError, match="above 0"):
        meta.robust_map(**({"y": 0.1, "se": 0.1, "mean": 0.0, "sd": 0.1} | bad))


def test_robust_map_refuses_a_missing_number():
    with pytest.raises(ShapeError, match="finite"):
        meta.robust_map(math.nan, 0.1, 0.0, 0.1)
