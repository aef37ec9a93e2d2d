import math
from dataclasses import replace

import numpy as np
import pytest

from bevlogen import steer

# Monte Carlo error of a share of 20,000 draws, three standard errors.
SHARE = 3 * math.sqrt(0.25 / 20_000)


def two_sides(n_units=20, n_waves=4):
    level = np.linspace(3.0, 5.0, n_units)[:, None] + np.zeros((1, n_waves))
    return {"engagement": level, "loyalty": level[::-1]}


def plan(make, *links, values=None, org=None, **measured):
    org = org or make.organisation()
    measurement = make.measurement(values or two_sides(), **measured)
    return steer.plan(measurement, steer.judge(links, org, make.provenance), make.workspace(org))


def test_the_unit_furthest_below_its_target_comes_first(make):
    assert plan(make, make.link(make.estimate("lagged", 0.3, 0.05))).moves[0].unit == "u00"


def test_gain_is_gap_times_combined_effect(make):
    link = make.link(make.estimate("lagged", 0.3, 0.05))
    combined = steer.judge((link,), make.organisation(), make.provenance).picture[14].combined
    move = plan(make, link).moves[0]
    assert move.gain.estimate == pytest.approx(move.gap * combined.mean)


def test_target_is_the_upper_quartile_of_peers(make):
    move = plan(make, make.link(make.estimate("lagged", 0.3, 0.05))).moves[0]
    assert (move.target, move.target_basis) == (pytest.approx(4.5), "peers")


def test_units_beyond_the_target_get_no_move(make):
    moves = plan(make, make.link(make.estimate("lagged", 0.9, 0.02))).moves
    assert min(m.gap for m in moves) > 0


def test_at_most_ten_moves_by_expected_gain(make):
    moves = plan(make, make.link(make.estimate("lagged", 0.9, 0.02)), values=two_sides(60)).moves
    gains = [m.gain.estimate for m in moves]
    assert (len(gains), gains) == (10, sorted(gains, reverse=True))


def test_gain_has_a_90_interval_around_it(make):
    gain = plan(make, make.link(make.estimate("lagged", 0.3, 0.05))).moves[0].gain
    assert gain.low < gain.estimate < gain.high


def test_probability_is_that_of_exceeding_the_smallest_effect(make):
    # No literature for conduct on interaction quality and a known level: gain is normal.
    values = {"conduct": two_sides()["engagement"], "interaction_quality": two_sides()["loyalty"]}
    link = make.link(make.estimate("lagged", 0.2, 0.1), cause="conduct", outcome="interaction_quality")
    move = plan(make, link, values=values, half=0.0).moves[0]
    expected = 0.5 * math.erfc((0.10 / move.gap - 0.2) / (0.1 * math.sqrt(2)))
    assert move.probability == pytest.approx(expected, abs=SHARE)


def test_no_link_no_move_and_what_to_measure(make):
    out = plan(make)
    assert (out.moves, out.certainty, "Measure both sides" in out.reason) == ((), 0.0, True)


def test_an_undetermined_link_gives_no_move_and_names_what_would_settle_it(make):
    out = plan(make, make.link(make.estimate("lagged", 0.05, 0.2)))
    assert (out.moves, "units (now 40)" in out.reason, "onderdelen (nu 40)" in out.reason_nl) == ((), True, True)


def test_a_contradicted_link_gives_no_move(make):
    assert plan(make, make.link(make.estimate("lagged", -0.3, 0.05))).moves == ()


def test_a_same_source_link_of_one_moment_gives_no_move(make):
    assert plan(make, make.link(make.estimate("within", 0.5, 0.05), same_source=True)).moves == ()


def test_a_cross_sectional_link_gives_the_causal_prior_only(make):
    move = plan(make, make.link(make.estimate("cross-sectional", 0.6, 0.05))).moves[0]
    assert move.gain.estimate == pytest.approx(0.07 * move.gap)


def test_a_cross_sectional_link_says_that_its_gain_is_borrowed(make):
    assert "published effects of a change" in plan(make, make.link(make.estimate("cross-sectional", 0.6, 0.05))).reason


def test_a_cross_sectional_link_without_a_causal_prior_gives_no_move(make):
    values = {"conduct": two_sides()["engagement"], "interaction_quality": two_sides()["loyalty"]}
    link = make.link(make.estimate("cross-sectional", 0.6, 0.05), cause="conduct", outcome="interaction_quality")
    out = plan(make, link, values=values)
    assert (out.moves, "at least three times" in out.reason) == ((), True)


def test_gains_too_small_to_matter_give_no_move_and_say_how_small(make):
    org = make.organisation(smallest_effect=1.0)
    link = make.link(make.estimate("lagged", 0.3, 0.05, low90=-9.0))
    out = plan(make, link, org=org)
    assert (out.moves, "more than 1.00 SD" in out.reason) == ((), True)


def test_levels_of_unknown_precision_give_no_move(make):
    out = plan(make, make.link(make.estimate("lagged", 0.3, 0.05)), half=math.nan)
    assert (out.moves, "may be chance" in out.reason) == ((), True)


def test_a_link_that_is_bad_for_customers_is_no_lever(make):
    # More of the outcome is unwanted here, so raising the lever would do harm.
    values = {"conduct": two_sides()["engagement"], "loyalty": two_sides()["loyalty"]}
    link = make.link(make.estimate("lagged", 0.4, 0.05), cause="conduct", outcome="craftsmanship")
    assert plan(make, link, values=values).moves == ()


def test_facets_are_levers_before_employership_as_a_whole(make):
    level = two_sides()["engagement"]
    values = {"employership": level, "employership.support": level, "engagement": level}
    links = [
        make.link(make.estimate("lagged", 0.4, 0.05), cause=c, outcome="engagement")
        for c in ("employership", "employership.support")
    ]
    assert {m.lever for m in plan(make, *links, values=values).moves} == {"employership.support"}


def test_a_demand_is_to_be_lowered(make):
    values = {"employership.workload": two_sides()["engagement"], "engagement": two_sides()["loyalty"]}
    link = make.link(make.estimate("lagged", -0.4, 0.05), cause="employership.workload", outcome="engagement")
    move = plan(make, replace(link, sign=-1), values=values).moves[0]
    assert (move.unit, move.target < move.level, move.gap > 0, move.gain.estimate > 0) == ("u19", True, True, True)


def test_a_small_organisation_uses_its_norm(make):
    values = two_sides(4)
    org = make.organisation(norms={"engagement": (3.0, 6.0)})
    move = plan(make, make.link(make.estimate("lagged", 0.3, 0.05)), values=values, org=org).moves[0]
    assert (move.target, move.target_basis) == (6.0, "norm")


def test_a_small_organisation_without_norm_gets_no_move(make):
    assert plan(make, make.link(make.estimate("lagged", 0.3, 0.05)), values=two_sides(4)).moves == ()


def test_certainty_falls_where_units_are_alike(make):
    link = make.link(make.estimate("lagged", 0.5, 0.05))
    alike = two_sides()
    alike["engagement"][:5] = 3.0
    assert plan(make, link, values=alike).certainty < 0.5


def test_the_same_seed_gives_the_same_plan(make):
    link = make.link(make.estimate("lagged", 0.3, 0.05))
    assert plan(make, link).moves == plan(make, link).moves


def test_order_of_score_rows_does_not_matter(make):
    org = make.organisation()
    measured = make.measurement(two_sides())
    chain = steer.judge((make.link(make.estimate("lagged", 0.3, 0.05)),), org, make.provenance)
    s = measured.scores
    names = ("unit", "period", "construct", "n", "mean", "sd", "std_error", "reliability", "shrunken", "shrunken_low")
    names += ("shrunken_high", "response_rate", "all_equal")
    turned = replace(measured, scores=replace(s, **{k: getattr(s, k)[::-1] for k in names}))
    assert (
        steer.plan(turned, chain, make.workspace(org)).moves == steer.plan(measured, chain, make.workspace(org)).moves
    )


def test_renaming_units_changes_names_only(make):
    org = make.organisation()
    measured = make.measurement(two_sides())
    chain = steer.judge((make.link(make.estimate("lagged", 0.3, 0.05)),), org, make.provenance)
    names = tuple(f"x{u}" for u in measured.panel.units)
    renamed = replace(
        measured, scores=replace(measured.scores, units=names), panel=replace(measured.panel, units=names)
    )
    plain, other = (steer.plan(m, chain, make.workspace(org)).moves for m in (measured, renamed))
    assert [replace(m, unit="x" + m.unit) for m in plain] == list(other)
