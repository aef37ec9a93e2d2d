"""An organisation with three teams, of which the manager has one, and a small picture that judged an action."""

import json

import pytest
from django.utils import timezone

from bevlogen_web.accounts.models import Role
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
    return {**about, "effect": {"estimate": 0.4}, "naive": 0.9, "chance": 0.5}


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
    Sheet.objects.create(picture=picture, kind="move", key="employership.autonomy", body=json.dumps(moves))
    return picture
