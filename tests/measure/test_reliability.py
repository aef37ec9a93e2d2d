import csv
import gzip

import numpy as np
import pytest

from bevlogen.core.tables import Unit
from bevlogen.measure import measure
from bevlogen.measure.aggregate import scan
from bevlogen.measure.agreement import median_rwg_j
from bevlogen.models import agreement, anova, reliability
from bevlogen.testing import reference, shared_folder

SAME_ROAD = 1e-9  # moments and rows give the same sums
EXACT = 1e-10  # closed forms, as the README of the reference values says
OMEGA = 1e-5  # a fit, likewise

NAN = float("nan")
ITEMS = [f"LEAD{i:02d}" for i in range(1, 12)]


@pytest.fixture(scope="module")
def army(make):
    if shared_folder() is None:
        pytest.skip("the folder with real data does not lie beside the checkout")
    with gzip.open(shared_folder() / "data/lq2002/lq2002.csv.gz", "rt") as handle:
        rows = [(r["COMPID"], "1999", *(float(r[i]) for i in ITEMS)) for r in csv.DictReader(handle)]
    units = [Unit(key, key) for key in sorted({r[0] for r in rows})]
    lead = make.instrument("employership.leadership", tuple(ITEMS), min_answered=11)
    return measure(make.workspace(units, [lead], [make.rows(rows, ITEMS)], periods=("1999",)))


def expected(file, ident):
    return next(m for m in reference(file) if m["id"] == ident)


def test_real_companies_have_the_reference_icc(army):
    wanted = expected("icc_agreement", "icc_lq_lead")
    quality = army.scales[0]
    assert quality.icc1.estimate == pytest.approx(wanted["ICC1_ktilde"], abs=EXACT)
    assert quality.icc2.estimate == pytest.approx(wanted["ICC2_multilevel"], abs=EXACT)


def test_real_companies_have_the_reference_agreement(army):
    assert army.scales[0].rwg_j == pytest.approx(
        expected("icc_agreement", "agree_lq_lead11")["rwg"]["median"], abs=EXACT
    )


def test_real_companies_have_the_reference_alpha_and_omega(army):
    wanted = expected("reliability", "lq_lead11")
    quality = army.scales[0]
    assert quality.alpha.estimate == pytest.approx(wanted["alpha_raw_complete_cases"], abs=EXACT)
    assert quality.omega.estimate == pytest.approx(wanted["omega_single_factor_model_implied"], abs=OMEGA)


def test_figures_from_moments_equal_those_from_rows(survey, survey_rows):
    quality = measure(survey).scales[0]
    items = np.array([r[2:] for r in survey_rows], dtype=float)
    assert quality.alpha.estimate == pytest.approx(reliability.alpha(items).alpha, abs=SAME_ROAD)
    assert quality.omega.estimate == pytest.approx(reliability.omega(items).omega, abs=SAME_ROAD)
    cells = agreement.rwg_j(items, [r[0] + r[1] for r in survey_rows], 5)
    assert quality.rwg_j == pytest.approx(cells.median, abs=SAME_ROAD)


def test_icc_compares_units_within_a_period(survey, survey_rows):
    quality = measure(survey).scales[0]
    moments = scan(survey)[0].scores
    n, s, q = (a[:, 0] for a in (moments.n, moments.s, moments.q))
    wanted = anova.icc_from_moments(n, s, q, moments.period, unit=moments.unit)
    assert quality.icc1.estimate == pytest.approx(wanted.icc1, abs=SAME_ROAD)
    assert quality.icc1.low == pytest.approx(wanted.icc1_low, abs=SAME_ROAD)


def test_counts_say_what_it_rests_on(survey):
    quality = measure(survey).scales[0]
    assert (quality.n_units, quality.n_waves, quality.n_items) == (12, 2, 3)
    assert (quality.scale_low, quality.scale_high) == (1.0, 5.0)


def test_agreement_on_a_scale_of_half_points_is_the_same(make):
    rows = [("a", "2024-Q1", 3.0, 4.0), ("a", "2024-Q1", 4.0, 4.0), ("a", "2024-Q1", 5.0, 3.0)]
    halved = [(*r[:2], r[2] / 2, r[3] / 2) for r in rows]
    whole = make.instrument(items=("x", "y"))
    half = make.instrument(items=("x", "y"), low=0.5, high=2.5)
    found = [
        median_rwg_j(scan(make.workspace([Unit("a", "A")], [i], [make.rows(r, ("x", "y"))]))[0].items["engagement"], i)
        for i, r in ((whole, rows), (half, halved))
    ]
    assert found[0] == pytest.approx(found[1])


def test_a_continuous_scale_has_no_agreement(make):
    free = make.instrument(items=("x",), options=None, min_answered=1)
    rows = make.rows([("a", "2024-Q1", 1.0), ("a", "2024-Q1", 2.0)], ("x",))
    assert np.isnan(median_rwg_j(scan(make.workspace([Unit("a", "A")], [free], [rows]))[0].items["engagement"], free))


def quality_of(make, rows, units):
    one = make.instrument(items=("x",), min_answered=1)
    return measure(make.workspace(units, [one], [make.rows(rows, ("x",))])).scales[0]


def test_one_unit_is_told_in_a_note(make):
    quality = quality_of(make, [("a", "2024-Q1", 1.0), ("a", "2024-Q1", 2.0)], [Unit("a", "A")])
    assert np.isnan(quality.icc1.estimate)
    assert "at least two units" in quality.notes[0].en


def test_one_respondent_per_unit_is_told_in_a_note(make):
    rows = [(f"t{i}", "2024-Q1", 1.0 + i % 3) for i in range(6)]
    quality = quality_of(make, rows, make.teams(6))
    assert np.isnan(quality.icc2.estimate)
    assert "one answer" in quality.notes[0].en


def test_equal_answers_are_told_in_a_note(make):
    rows = [(f"t{i}", "2024-Q1", 3.0) for i in range(6) for _ in range(3)]
    quality = quality_of(make, rows, make.teams(6))
    assert (quality.mean, quality.sd) == (3.0, 0.0)
    assert "All answers are equal: nothing can be compared." in [note.en for note in quality.notes]


def test_noisy_unit_means_are_told_in_a_note(make):
    rows = make.simulated(np.random.default_rng(3), per_team=4, n_items=1, tau=0.0)
    quality = quality_of(make, rows, make.teams(12))
    assert "ICC(2) below .50: unit means are mostly noise." in [note.en for note in quality.notes]


def test_given_figures_with_sd_have_an_icc(make):
    rng = np.random.default_rng(5)
    figures = [(i, 0, 3 + rng.normal(0, 0.3), 25, 0.9) for i in range(1, 11)]
    space = make.workspace(make.teams(10), scores=make.scores("engagement", figures))
    quality = measure(space).scales[0]
    assert 0 < quality.icc1.low < quality.icc1.estimate < quality.icc1.high
    assert np.isnan(quality.alpha.estimate)


def test_given_figures_without_sd_have_lower_bounds_only(make):
    figures = [(i, 0, 2.5 + i / 10, 400, NAN) for i in range(1, 11)]
    quality = measure(make.workspace(make.teams(10), scores=make.scores("engagement", figures))).scales[0]
    assert quality.icc2.estimate > 0.5
    assert np.isnan(quality.icc2.low)
    assert "lower bounds" in quality.notes[0].en


def test_given_figures_without_n_say_that_nothing_is_known(make):
    figures = [(i, 0, 3.0, NAN, NAN) for i in range(1, 11)]
    quality = measure(make.workspace(make.teams(10), scores=make.scores("engagement", figures))).scales[0]
    assert np.isnan(quality.icc2.estimate)
    assert "cannot be known" in quality.notes[0].en
