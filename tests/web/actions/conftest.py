"""An organisation with three teams, of which the manager has one, and a small picture that judged an action."""

import json
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.utils import timezone

import bevlogen as bv
from bevlogen_web.accounts.models import Role
from bevlogen_web.actions.models import Asked, Kind, Stage
from bevlogen_web.analyses import study
from bevlogen_web.analyses.models import Picture, Sheet
from bevlogen_web.organisation.models import ManagedUnit, Unit

BAND = [[-0.1, -0.1], [0.0, 0.1], [0.1, 0.2], [0.2, 0.3], [0.3, 0.5]]


@pytest.fixture
def teams(cast) -> dict[str, Unit]:
    """Teams by key; the manager has ``north``."""
    found = {k: Unit.objects.create(organisation=cast.organisation, key=k, name=k.title()) for k in ("north", "south")}
    ManagedUnit.objects.create(membership=cast.members[Role.MANAGER], unit=found["north"])
    return found


def _text(words: str) -> dict[str, str]:
    return {"en": words, "nl": f"{words} (nl)"}


def _outcome(key: str, verdict: str) -> dict:
    about = {"outcome": key, "verdict": verdict, "reason": _text(f"Of {key}.")}
    return {**about, "effect": {"estimate": 0.4}, "naive": -0.2, "chance": None}


@pytest.fixture
def judged(cast) -> Picture:
    """A picture in which the action “Make the roster” worked, with moves of autonomy."""
    picture = Picture.objects.create(
        organisation=cast.organisation, made=timezone.now(), mark="", current=True, release={}, report_en="",
        report_nl="",
    )  # fmt: skip
    head = {
        "constructs": [{"key": "engagement", "label": _text("engagement")}],
        "actions": [
            {
                "lever": "employership.autonomy", "what": "Make  the ROSTER", "verdict": "worked",
                "reason": _text("It worked on autonomy."), "notes": [_text("A note.")],
                "outcomes": [_outcome("engagement", "too early")],
            }
        ],
    }  # fmt: skip
    fan = {"construct": "engagement", "name": _text("engagement"), "bands": BAND, "same": False}
    moves = [
        {"by": size / 10, "last": "2026-Q4", "notes": [], "fans": [{**fan, "text": _text(f"engagement by {size}")}]}
        for size in (1, 2, 3)
    ]
    Sheet.objects.create(picture=picture, kind="head", key="", body=json.dumps(head))
    own = {
        "lever": "employership.autonomy", "outcome": "engagement", "name": _text("engagement"), "n": 3,
        "effect": [0.37, 0.11, 0.63], "next": [0.37, -0.23, 0.97], "verdicts": [2, 1, 0],
    }  # fmt: skip
    Sheet.objects.create(picture=picture, kind="own", key="", body=json.dumps([own, {**own, "outcome": "use", "n": 7}]))
    for lever in ("employership.autonomy", "customer_conduct"):
        Sheet.objects.create(picture=picture, kind="move", key=lever, body=json.dumps(moves))
    return picture


@pytest.fixture(scope="session")
def simulated(tmp_path_factory) -> Path:
    """A simulated organisation of twelve teams and six quarters."""
    return bv.simulate(tmp_path_factory.mktemp("asked") / "org", teams=12, waves=6, seed=2)


@pytest.fixture
def studied(cast, simulated, monkeypatch) -> list[str]:
    """The organisation holds the units of the simulated one, and its study is that one's; keys of the teams."""
    units = bv.open(simulated).workspace.units
    for unit in units:
        Unit.objects.create(organisation=cast.organisation, key=unit.key, name=unit.name)

    @contextmanager
    def opened(_organisation):
        yield bv.open(simulated, ledger=simulated / "of-tests.jsonl")

    monkeypatch.setattr(study, "opened", opened)
    parents = {unit.parent for unit in units}
    return [unit.key for unit in units if unit.key not in parents]


@pytest.fixture
def planned(cast, studied) -> Asked:
    """A plan that is worked out: half of the teams begin in 2099, which lies ahead for long."""
    half = len(studied) // 2
    begins = [[key, "2099-Q1"] for key in studied[:half]] + [[key, "2100-Q1"] for key in studied[half:]]
    return Asked.objects.create(
        organisation=cast.organisation, by=cast.members[Role.DIRECTOR], kind=Kind.PLAN, stage=Stage.DONE,
        given={"what": "Make the roster", "lever": "employership.autonomy", "outcome": "engagement", "target": 0.24},
        answer={
            "design": "randomised", "begins": begins, "detectable": [0.6, 0.4, 0.2], "periods_needed": 3,
            "digest": "ab", "reason": _text("The lot decides."),
        },
    )  # fmt: skip
