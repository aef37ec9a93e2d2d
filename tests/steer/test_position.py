import math

import numpy as np
import pytest

from bevlogen import steer
from bevlogen.models import panel
from bevlogen.steer.levels import true_spread
from bevlogen.steer.position import positions, slope, years_of

EXACT = 1e-12


def spread_units(n_units=12, n_waves=4, low=3.0, high=5.0):
    return np.linspace(low, high, n_units)[:, None] + np.zeros((1, n_waves))


def test_a_unit_in_the_middle_of_its_peers_stands_at_zero(make):
    at = positions(make.measurement({"loyalty": spread_units(11)}), make.organisation())[5]
    assert at.service.estimate == pytest.approx(0, abs=EXACT)


def test_position_is_in_sd_of_true_unit_scores(make):
    values = spread_units(12)
    sd = math.sqrt(values[:, 0].var(ddof=0) * 48 / (48 - 4) - 0.01)
    at = positions(make.measurement({"loyalty": values}, error=0.01), make.organisation())[-1]
    assert at.service.estimate == pytest.approx(1.0 / sd)


def test_service_is_the_mean_over_customer_side_constructs(make):
    values = {"loyalty": spread_units(), "conduct": spread_units()[::-1]}
    found = [p.service.estimate for p in positions(make.measurement(values), make.organisation())]
    assert found == pytest.approx([0] * 12, abs=EXACT)


def test_employership_falls_back_on_engagement(make):
    found = positions(make.measurement({"engagement": spread_units()}), make.organisation())
    assert found[-1].employership.estimate > 1


def test_a_facet_that_is_better_low_is_turned(make):
    found = positions(make.measurement({"employership.workload": spread_units()}), make.organisation())
    assert found[-1].employership.estimate < -1


def test_an_axis_without_scores_is_not_known(make):
    found = positions(make.measurement({"loyalty": spread_units()}), make.organisation())
    assert math.isnan(found[0].employership.estimate)


def test_peers_are_the_same_service_from_five_units(make):
    services = ["tram"] * 7 + ["therapy"] * 5
    found = positions(make.measurement({"loyalty": spread_units()}, services), make.organisation())
    assert found[3].service.estimate == pytest.approx(0, abs=EXACT)


def test_a_service_of_four_is_compared_with_all(make):
    services = ["tram"] * 8 + ["therapy"] * 4
    found = positions(make.measurement({"loyalty": spread_units()}, services), make.organisation())
    assert (found[0].peers, found[-1].peers) == ("tram", "")


def test_each_unit_stands_at_its_last_period(make):
    values = spread_units()
    values[0, 2:] = np.nan
    found = positions(make.measurement({"loyalty": values}), make.organisation())
    assert (found[0].period, found[1].period) == ("2023-Q2", "2023-Q4")


def test_a_unit_without_scores_has_no_position(make):
    values = spread_units()
    values[0] = np.nan
    assert len(positions(make.measurement({"loyalty": values}), make.organisation())) == 11


def test_trend_is_per_year(make):
    values = spread_units() + 0.1 * np.arange(4)
    measured = make.measurement({"loyalty": values})
    sd = true_spread(values, np.full(values.shape, 0.01), ("",) * 12)
    found = positions(measured, make.organisation())
    assert found[0].trend_service.estimate == pytest.approx(0.4 / sd)


def test_two_waves_give_no_trend(make):
    found = positions(make.measurement({"loyalty": spread_units(n_waves=2)}), make.organisation())
    assert math.isnan(found[0].trend_service.estimate)


def test_trend_limits_are_never_narrower_than_sampling_allows():
    # Perfect line, noise 1: se = 1 / sqrt(5), t(.975, 2) = 4.302653.
    found = slope(np.arange(4.0), np.arange(4.0), 1.0)
    assert found.high - found.estimate == pytest.approx(4.302653 / math.sqrt(5), abs=1e-6)


def test_against_norm_is_the_share_beyond_the_band(make):
    org = make.organisation(norms={"loyalty": (3.5, 4.9), "engagement": (3.0, 9.0)})
    found = positions(make.measurement({"loyalty": spread_units(), "engagement": spread_units()}), org)
    assert (found[-1].against_norm, found[0].against_norm) == (0.5, 0.0)


def test_against_norm_is_unknown_without_norms(make):
    found = positions(make.measurement({"loyalty": spread_units()}), make.organisation())
    assert math.isnan(found[0].against_norm)


def test_unknown_respondents_stay_unknown(make):
    found = positions(make.measurement({"loyalty": spread_units()}, n=math.nan), make.organisation())
    assert math.isnan(found[0].n)


def test_units_that_do_not_differ_have_no_position(make):
    assert positions(make.measurement({"loyalty": np.full((12, 4), 3.0)}), make.organisation()) == ()


def test_changing_the_scale_changes_no_position(make):
    values = spread_units() + np.random.default_rng(1).normal(0, 0.1, (12, 4))
    plain = positions(make.measurement({"loyalty": values}, half=0.2, error=0.01), make.organisation())
    scaled = positions(make.measurement({"loyalty": 25 * values - 25}, half=5, error=6.25), make.organisation())
    found = [[p.service.estimate, p.service.low, p.trend_service.high] for p in scaled]
    assert np.array(found) == pytest.approx(
        np.array([[p.service.estimate, p.service.low, p.trend_service.high] for p in plain])
    )


def test_spread_takes_out_sampling_period_and_service():
    value = np.array([[1.0, 11.0], [3.0, 13.0], [101.0, 111.0], [103.0, 113.0]])
    # Residuals are ±1 in 8 cells; 2 periods and 2 services take 3 df: 8/5 less the sampling variance of 0.6.
    assert true_spread(value, np.full((4, 2), 0.6), ("a", "a", "b", "b")) == pytest.approx(1.0)


def test_spread_below_sampling_error_is_zero():
    assert true_spread(np.array([[1.0], [1.1], [0.9]]), np.full((3, 1), 5.0), ("",) * 3) == 0


def test_spread_is_the_yardstick_of_links_where_some_sampling_variances_are_unknown():
    value, sampling = np.random.default_rng(3).normal(size=(12, 4)), np.full((12, 4), 0.3)
    sampling[:5] = np.nan  # they count as the mean of the known ones, as in a link
    assert true_spread(value, sampling, ("",) * 12) == true_spread(value, np.full((12, 4), 0.3), ("",) * 12)
    true, observed = panel.spread(value, sampling, np.zeros(12, dtype=np.int64))
    assert true_spread(value, sampling, ("",) * 12) == pytest.approx(true**0.5)
    assert panel.unit_reliability(value, sampling, np.zeros(12, dtype=np.int64)) == pytest.approx(true / observed)


def test_spread_of_one_unit_is_not_known():
    assert math.isnan(true_spread(np.array([[1.0]]), np.zeros((1, 1)), ("",)))


@pytest.mark.parametrize(
    ("period", "grain", "years"),
    [("2024", "year", 2024), ("2024-Q3", "quarter", 2024.625), ("2024-07", "month", 2024 + 6.5 / 12)],
)
def test_periods_are_placed_in_years(period, grain, years):
    assert years_of(period, grain) == pytest.approx(years)


def test_days_are_a_365th_apart():
    assert years_of("2024-03-02", "day") - years_of("2024-03-01", "day") == pytest.approx(1 / 365.2425)


def test_input_is_unchanged(make):
    measured = make.measurement({"loyalty": spread_units(), "engagement": spread_units()})
    before = measured.panel.value.copy(), measured.scores.shrunken.copy()
    org = make.organisation()
    steer.plan(measured, steer.judge((), org, make.provenance), make.workspace(org))
    assert (np.array_equal(measured.panel.value, before[0]), np.array_equal(measured.scores.shrunken, before[1])) == (
        True,
        True,
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (2, 1)])
def test_tiny_organisations_get_a_plan_without_moves(make, shape):
    values = {"engagement": np.full(shape, 3.0), "loyalty": np.full(shape, 4.0)}
    org = make.organisation()
    out = steer.plan(make.measurement(values), steer.judge((), org, make.provenance), make.workspace(org))
    assert (out.positions, out.moves) == ((), ())


def test_an_organisation_without_scales_gets_a_plan_without_positions(make):
    org = make.organisation()
    measured = make.measurement({"absence": spread_units()})
    out = steer.plan(measured, steer.judge((), org, make.provenance), make.workspace(org))
    assert (out.positions, bool(out.reason)) == ((), True)
