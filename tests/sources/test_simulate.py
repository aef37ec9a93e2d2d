import csv
import hashlib
import json
import tomllib
from collections import Counter

import numpy as np
import pyarrow.parquet as pq
import pytest

from bevlogen import comments
from bevlogen.errors import BevlogenError, ChoiceError
from bevlogen.sources.simulate import simulate

# Share of items left unanswered is set to 4%; 3 binomial standard errors over some 100,000 answers are 0.002.
MISSING, MISSING_BOUND = 0.04, 0.002
# Response is 70% with a spread of 0.085 over 480 cells of unlike size (SE 0.0045), answers binomial (SE 0.005); 3 SE.
RESPONSE, RESPONSE_BOUND = 0.70, 0.02
# Largest of 81 slopes over 1,500 teams: 3.5 standard errors of at most 1/sqrt(1500) each.
SLOPE_BOUND = 0.09
# The mean of some 96,000 answers, SD 0.73 within a team: 3 * 0.73 / sqrt(96000).
MEAN_BOUND = 0.007
# SD of 480 standardised deviations is 1 with standard error 1/sqrt(2 * 480); 3 of those.
SPREAD, SPREAD_BOUND = 1.0, 0.097
# The demonstration plants a lift of 1.1 SD of 0.27 scale points; half of it must be seen above the waves' own noise.
LIFT = 0.15


@pytest.fixture(scope="session")
def chain(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("chain"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("demo"), preset="demo")


@pytest.fixture(scope="session")
def large_teams(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("large"), teams=120, waves=4, seed=5, answers_per_cell=200)


def digests(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def rows(folder, name):
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def truth(folder):
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


def link(folder, cause, outcome):
    return next(x for x in truth(folder)["links"] if (x["cause"], x["outcome"]) == (cause, outcome))


def true_score(folder, construct):
    table = pq.read_table(folder / "true_scores.parquet")
    names = ("unit", "period", "construct", "score")
    columns = zip(*(table[name].to_pylist() for name in names), strict=True)
    return {(unit, period): score for unit, period, name, score in columns if name == construct}


def quarter(day):
    return f"{day.year}-Q{(day.month - 1) // 3 + 1}"


def observed(folder, table, turned, *items):
    """Mean scale score, number of answers and SD within the cell, per unit and period."""
    data = pq.read_table(folder / table, columns=["unit", "date", *items])
    answers = np.column_stack([data[item].to_numpy().astype(float) for item in items])
    answers[:, turned] = 6 - answers[:, turned]
    cells = [*zip(data["unit"].to_pylist(), map(quarter, data["date"].to_pylist()), strict=True)]
    names, at = np.unique([" ".join(cell) for cell in cells], return_inverse=True)
    known = np.isfinite(answers).any(axis=1)
    score = np.nanmean(answers[known], axis=1)
    count = np.bincount(at[known], minlength=len(names))
    mean = np.bincount(at[known], score, len(names)) / count
    within = np.sqrt(np.bincount(at[known], (score - mean[at[known]]) ** 2, len(names)) / (count - 1).clip(1))
    return {tuple(name.split(" ")): found for name, *found in zip(names, mean, count, within, strict=True)}


ENGAGEMENT = ("answers.parquet", [False, False, False, True], "eng1", "eng2", "eng3", "eng4")


def test_writes_every_file_of_a_workspace(chain):
    assert set(digests(chain)) == {
        "README.txt",
        "actions.csv",
        "answers.parquet",
        "interactions.parquet",
        "organisation.toml",
        "results.csv",
        "true_scores.parquet",
        "truth.json",
        "units.csv",
    }


def test_organisation_says_that_it_is_simulated(chain):
    assert tomllib.loads((chain / "organisation.toml").read_text(encoding="utf-8"))["organisation"]["simulated"] is True


def test_readme_says_that_it_is_simulated(chain):
    assert "simulated with seed 1. No real people" in (chain / "README.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("table", ["answers", "interactions"])
def test_every_item_of_every_instrument_is_a_column(chain, table):
    said = tomllib.loads((chain / "organisation.toml").read_text(encoding="utf-8"))
    items = {item.lstrip("-") for i in said["instruments"] if i["table"] == table for item in i["items"]}
    columns = set(pq.read_schema(chain / f"{table}.parquet").names)
    assert items == columns - {"unit", "date", "employee", "customer", "service"}


def test_answers_carry_no_pseudonym(chain):
    assert pq.read_schema(chain / "answers.parquet").names[:3] == ["unit", "date", "auto1"]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("units.csv", ["unit", "name", "parent", "service", "co_creation", "headcount"]),
        ("results.csv", ["unit", "period", "measure", "value", "exposure"]),
        ("actions.csv", ["unit", "start", "lever", "what"]),
    ],
)
def test_tables_have_the_columns_of_the_contract(demo, name, columns):
    assert list(rows(demo, name)[0]) == columns


def test_answers_are_whole_numbers_from_one_to_five(chain):
    answers = pq.read_table(chain / "answers.parquet")["eng1"].drop_null().to_numpy()
    assert sorted(set(answers.tolist())) == [1, 2, 3, 4, 5]


def test_share_of_missing_answers_is_as_set(chain):
    table = pq.read_table(chain / "answers.parquet").drop_columns(["unit", "date"])
    share = np.mean([column.null_count / len(column) for column in table.columns])
    assert share == pytest.approx(MISSING, abs=MISSING_BOUND)


def test_response_is_as_set(chain):
    present = sum(float(r["exposure"]) for r in rows(chain, "results.csv") if r["measure"] == "turnover")
    assert pq.read_metadata(chain / "answers.parquet").num_rows / present == pytest.approx(RESPONSE, abs=RESPONSE_BOUND)


def test_teams_have_four_to_thirty_people(chain):
    sizes = [int(row["headcount"]) for row in rows(chain, "units.csv") if row["headcount"]]
    assert (len(sizes), min(sizes) < 8, max(sizes)) == (60, True, 30)


@pytest.mark.parametrize("folder", ["chain", "demo"])
def test_names_of_units_are_all_distinct(folder, request):
    names = [row["name"] for row in rows(request.getfixturevalue(folder), "units.csv")]
    assert len(set(names)) == len(names)


def test_names_stay_distinct_in_a_large_organisation(tmp_path):
    names = [row["name"] for row in rows(simulate(tmp_path, teams=700, waves=1), "units.csv")]
    assert len(set(names)) == len(names)


def test_same_seed_gives_the_same_bytes(chain, tmp_path):
    assert digests(simulate(tmp_path)) == digests(chain)


def test_another_seed_gives_other_answers(chain, tmp_path):
    assert digests(simulate(tmp_path, seed=2))["answers.parquet"] != digests(chain)["answers.parquet"]


def test_employees_and_customers_are_crossed(chain):
    table = pq.read_table(chain / "interactions.parquet", columns=["employee", "customer"])
    met = set(zip(table["customer"].to_pylist(), table["employee"].to_pylist(), strict=True))
    assert len(met) > 2 * len({customer for customer, _ in met})


def test_people_leave_and_others_join(chain):
    table = pq.read_table(chain / "interactions.parquet", columns=["date", "employee"])
    seen = [*zip(map(quarter, table["date"].to_pylist()), table["employee"].to_pylist(), strict=True)]
    first, last = ({person for when, person in seen if when == period} for period in ("2024-Q1", "2025-Q4"))
    assert min(len(first - last), len(last - first)) > 0.15 * len(first)


def test_absence_is_highest_in_winter(large_teams):
    table = [row for row in rows(large_teams, "results.csv") if row["measure"] == "absence"]
    days = {q: sum(float(r["value"]) for r in table if r["period"].endswith(q)) for q in ("Q1", "Q2", "Q3", "Q4")}
    assert min(days["Q1"], days["Q4"]) > max(days["Q2"], days["Q3"])


def test_mean_answer_is_the_true_unit_score(large_teams):
    seen, true = observed(large_teams, *ENGAGEMENT), true_score(large_teams, "engagement")
    apart = [mean - true[cell] for cell, (mean, _, _) in seen.items()]
    weights = [n for _, n, _ in seen.values()]
    assert np.average(apart, weights=weights) == pytest.approx(0, abs=MEAN_BOUND)


def test_unit_means_scatter_around_the_truth_by_their_sampling_error(large_teams):
    seen, true = observed(large_teams, *ENGAGEMENT), true_score(large_teams, "engagement")
    standard = [(mean - true[cell]) * np.sqrt(n) / sd for cell, (mean, n, sd) in seen.items()]
    assert np.std(standard) == pytest.approx(SPREAD, abs=SPREAD_BOUND)


def test_unit_means_scatter_less_where_the_same_people_answer_again(tmp_path):
    folder = simulate(tmp_path, teams=120, waves=4, seed=5, answers_per_cell=200, person_stability=0.8)
    seen, true = observed(folder, *ENGAGEMENT), true_score(folder, "engagement")
    standard = [(mean - true[cell]) * np.sqrt(n) / sd for cell, (mean, n, sd) in seen.items()]
    assert np.std(standard) < SPREAD - SPREAD_BOUND


def test_truth_tells_every_link_of_the_chain(chain):
    known = {(x["cause"], x["outcome"]) for x in truth(chain)["links"]}
    assert {("engagement", "loyalty"), ("loyalty", "engagement"), ("employership", "engagement")} <= known


def test_true_links_have_the_signs_of_the_theory(chain):
    signs = {(x["cause"], x["outcome"]): np.sign(x["between"]) for x in truth(chain)["links"]}
    negative = {pair for pair, sign in signs.items() if sign < 0}
    assert negative == {
        ("engagement", "absence"),
        ("engagement", "burnout"),
        ("engagement", "turnover"),
        ("employership.workload", "engagement"),
    }


def test_one_wave_has_no_within_effect(tmp_path):
    found = link(simulate(tmp_path, teams=9, waves=1), "engagement", "loyalty")
    assert (found["within"], found["lagged"], found["realised"]["within"]) == (None, None, None)


@pytest.mark.slow
def test_realised_links_agree_with_the_stated_truth(tmp_path):
    links = truth(simulate(tmp_path, teams=1500, waves=8, seed=3))["links"]
    apart = [x["realised"][part] - x[part] for x in links for part in ("between", "within", "lagged")]
    assert np.abs(apart).max() < SLOPE_BOUND


def test_customers_weigh_more_where_they_co_create_more(chain):
    shares = truth(chain)["variance_shares"]
    customer = [shares[key]["loyalty"]["customer"] for key in ("tram", "werkplaats", "therapie")]
    assert customer == sorted(customer)


def test_one_team_is_enough(tmp_path):
    assert len(truth(simulate(tmp_path, teams=1, waves=1))["links"]) > 20


# --- the demonstration -----------------------------------------------------------------------------------------------


def test_demo_has_two_teams_too_small_to_show(demo):
    size = {row["unit"]: row["headcount"] for row in rows(demo, "units.csv")}
    assert [size[unit] for unit in truth(demo)["traps"]["too_small_to_show"]] == ["3", "3"]


def test_demo_hides_a_team_with_one_sibling_only(demo):
    trap = truth(demo)["traps"]["complementary"]
    children = {row["unit"] for row in rows(demo, "units.csv") if row["parent"] == trap["parent"]}
    assert children == {trap["hidden"], trap["only_sibling"]}


def test_demo_merges_teams_halfway(demo):
    merger = truth(demo)["traps"]["reorganisation"][0]
    results = rows(demo, "results.csv")
    last = max(row["period"] for row in results if row["unit"] == merger["ended"][0])
    first = min(row["period"] for row in results if row["unit"] == merger["started"])
    assert (last, first) == ("2024-Q4", "2025-Q1")


def test_demo_action_that_worked_lifts_engagement(demo):
    score, units = true_score(demo, "engagement"), truth(demo)["traps"]["action_that_worked"]["units"]
    before = np.mean([score[unit, period] for unit in units for period in ("2024-Q1", "2024-Q2", "2024-Q3")])
    after = np.mean([score[unit, period] for unit in units for period in ("2025-Q1", "2025-Q2", "2025-Q3")])
    assert after - before > LIFT


def test_demo_action_that_only_looked_so_rises_by_chance_alone(demo):
    trap = truth(demo)["traps"]["action_that_only_looked_so"]
    assert trap["true_effect"] == 0
    assert np.mean(trap["observed_engagement"][4:]) - trap["observed_engagement"][3] > 0.4


def test_demo_same_source_link_is_zero_in_truth(demo):
    found = link(demo, "engagement", "initiative")
    assert (found["between"], found["within"]) == (0, 0)


def test_demo_same_source_link_shows_in_the_answers(demo):
    mood, push = observed(demo, *ENGAGEMENT), observed(demo, "answers.parquet", [False, False], "init1", "init2")
    both = [(mood[cell][0], push[cell][0]) for cell in mood if cell in push]
    assert np.corrcoef(np.array(both).T)[0, 1] > 0.15


def test_demo_group_with_room_to_improve_stays_behind(demo):
    units = set(truth(demo)["traps"]["room_to_improve"]["units"])
    score = true_score(demo, "employership.autonomy")
    behind = np.mean([value for (unit, _), value in score.items() if unit in units])
    others = np.mean([value for (unit, _), value in score.items() if unit not in units])
    assert others - behind > LIFT


def test_demo_lets_people_write_and_no_more_than_answered(demo):
    written = Counter(row["unit"] for row in rows(demo, "comments.csv"))
    answers = pq.read_table(demo / "answers.parquet", columns=["unit", "date"])
    told = zip(answers["unit"].to_pylist(), map(quarter, answers["date"].to_pylist()), strict=True)
    answered = Counter(unit for unit, period in told if period == "2025-Q4")
    assert set(written) <= set(answered)
    assert [unit for unit, n in written.items() if n > answered[unit]] == []


def test_demo_writes_nothing_that_tells_of_a_person(demo):
    assert [row["text"] for row in rows(demo, "comments.csv") if comments.flags(row["text"])] == []


def test_demo_writes_about_what_a_team_lacks(demo):
    units = set(truth(demo)["traps"]["room_to_improve"]["units"])
    written = rows(demo, "comments.csv")
    here = [("rooster" in row["text"] or "zelf" in row["text"].lower()) for row in written if row["unit"] in units]
    there = [("rooster" in row["text"] or "zelf" in row["text"].lower()) for row in written if row["unit"] not in units]
    assert np.mean(here) > 1.5 * np.mean(there)


def test_demo_has_themes_of_some_groups_and_none_of_those_too_small(demo):
    written = rows(demo, "comments.csv")
    told = [comments.Comment(row["unit"], row["period"], str(i), row["text"]) for i, row in enumerate(written)]
    units = [
        comments.Unit(row["unit"], row["name"], row["parent"] or None, None, None, None)
        for row in rows(demo, "units.csv")
    ]
    found = comments.themes(told, units, 10)
    teams = {row["unit"] for row in written}
    assert len([one for one in found if one.words]) >= 5
    assert teams - {one.unit for one in found}


# --- refusals --------------------------------------------------------------------------------------------------------


def test_refuses_a_folder_that_is_not_empty(tmp_path):
    (tmp_path / "mine.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(BevlogenError, match=r"not empty\. Name a folder that is empty or not there yet"):
        simulate(tmp_path)


def test_leaves_a_folder_that_is_not_empty_as_it_was(tmp_path):
    (tmp_path / "mine.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(BevlogenError):
        simulate(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_refuses_a_preset_that_it_does_not_know(tmp_path):
    with pytest.raises(ChoiceError, match="Choose one of: chain, demo"):
        simulate(tmp_path, preset="big")


@pytest.mark.parametrize(
    "wrong",
    [{"teams": 0}, {"waves": 0}, {"answers_per_cell": 0.0}, {"person_stability": 1.5}, {"preset": "demo", "teams": 9}],
)
def test_refuses_numbers_out_of_range(tmp_path, wrong):
    with pytest.raises(BevlogenError):
        simulate(tmp_path, **wrong)
