"""A release cut into sheets: each holds what its page needs, and nothing else."""

import pytest

from bevlogen_web.analyses import sheets

FOUR = ("a", "b", "c", "d")


def _unit(key: str, value: float | None) -> dict:
    scores = [] if value is None else [{"construct": "engagement", "period": "2025", "mean": value, "n": 8}]
    return {
        "key": key, "name": key.upper(), "parent": None, "service": None, "level": 0,
        "scores": scores, "results": [], "position": None,
    }  # fmt: skip


@pytest.fixture
def cut() -> dict:
    """Four units, of which one is hidden."""
    hidden = {"unit": "d", "period": "2025", "construct": "engagement", "rule": "threshold", "instead": None}
    release = {
        "periods": ["2024", "2025"],
        "constructs": [{"key": "engagement", "higher_is_better": True}, {"key": "loyalty", "higher_is_better": True}],
        "units": [_unit(key, value) for key, value in zip(FOUR, (3.0, 3.5, 4.0, None), strict=True)],
        "suppressed": [hidden],
    }
    return {(one.kind, one.key): one.body for one in sheets.cut(release)}


def test_the_head_holds_no_unit(cut):
    assert set(cut["head", ""]) == {"periods", "constructs"}


def test_each_unit_has_its_own_sheet_with_what_is_hidden_of_it(cut):
    assert [key for kind, key in cut if kind == "unit"] == list(FOUR)
    assert cut["unit", "d"]["suppressed"][0]["rule"] == "threshold"


def test_heat_has_a_column_per_construct_with_a_figure(cut):
    assert (cut["heat", ""]["columns"], cut["heat", ""]["periods"]) == (["engagement"], ["2025"])


def test_a_hidden_cell_says_its_rule_and_no_number(cut):
    assert cut["heat", ""]["cells"] == [[3.0], [3.5], [4.0], ["threshold"]]
    assert cut["heat", ""]["people"][3] == [None]


def test_far_above_the_middle_is_a_darker_tone(cut):
    assert cut["heat", ""]["tones"] == [[-2], [0], [2], [0]]


def _course(key: str, values: list[float]) -> dict:
    """A unit with a return per year."""
    results = [{"measure": "return", "period": str(2018 + i), "value": value} for i, value in enumerate(values)]
    return {**_unit(key, None), "results": results}


def test_a_jump_beyond_chance_sounds_the_bell():
    calm, jump = [5.01, 5.21, 4.91, 5.11, 5.01, 5.11], [5.01, 5.21, 4.91, 5.11, 5.01, 9.51]
    release = {
        "periods": [str(2018 + i) for i in range(6)],
        "constructs": [{"key": "return", "higher_is_better": True}],
        "units": [_course("a", calm), _course("b", jump)],
        "suppressed": [],
    }
    made = {(one.kind, one.key): one.body for one in sheets.cut(release)}
    assert made["bell", ""]["watched"] == 2
    assert [(one["unit"], one["construct"], one["period"]) for one in made["bell", ""]["alarms"]] == [
        ("b", "return", "2023")
    ]
    assert made["unit", "a"]["control"]["return"]["low"] < 5.11
