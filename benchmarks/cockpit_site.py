"""A large organisation for the cockpit's figures: ``python -m benchmarks.cockpit_site`` makes it and prints the way in.

5,000 units x 8 waves x 20 constructs with figures drawn at random, in the form that a release is stored in; verdicts
and links are those of the demonstration. One cell in six is hidden.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import django
import numpy as np

UNITS, GROUPS, WAVES, CONSTRUCTS, SEED = 5000, 50, 8, 20, 1
HIDDEN = 1 / 6


def document() -> dict[str, Any]:
    """The release."""
    import bevlogen as bv

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bv.simulate(folder, preset="demo")
        small = json.loads(bv.open(folder, data=folder).to_json(folder / "release.json").read_text(encoding="utf-8"))
    draws = np.random.default_rng(SEED)
    periods = small["periods"][-WAVES:]
    main = [one for one in small["constructs"] if "." not in one["key"]]
    facets = [one for one in small["constructs"] if "." in one["key"]]
    used = [*main, *facets][:CONSTRUCTS]
    units, hidden = [], []
    for number in range(UNITS):
        unit, gone = _unit(number, used, periods, draws)
        units.append(unit)
        hidden += gone
    keys = [unit["key"] for unit in units if unit["scores"]]
    moves = [{**move, "unit": keys[100 + i]} for i, move in enumerate(small["priorities"])]
    organisation = {**small["organisation"], "root": "unit-0"}
    return {**small, "organisation": organisation, "periods": periods, "units": units, "suppressed": hidden,
            "priorities": moves}  # fmt: skip


def _unit(number: int, used: list[Any], periods: list[str], draws: np.random.Generator) -> tuple[Any, list[Any]]:
    key = f"unit-{number}"
    group = 1 + number % GROUPS
    parent = None if number == 0 else "unit-0" if number <= GROUPS else f"unit-{group}"
    scores, results, hidden = [], [], []
    for one in used:
        at = draws.normal(3.6, 0.3)
        for period in periods:
            value = round(float(at + draws.normal(0, 0.1)), 1)
            if number > GROUPS and draws.random() < HIDDEN:
                hidden.append({"unit": key, "period": period, "construct": one["key"], "rule": "threshold",
                               "instead": parent})  # fmt: skip
            elif one["side"] == "result":
                results.append({"period": period, "measure": one["key"], "value": round(value / 5, 3)})
            else:
                scores.append({"period": period, "construct": one["key"], "n": 12, "mean": value, "shrunken": value,
                               "low": round(value - 0.2, 1), "high": round(value + 0.2, 1), "reliability": 0.7,
                               "step": 0.1})  # fmt: skip
    x, y = (round(float(v), 1) for v in draws.normal(0, 0.8, 2))
    unknown = {"estimate": None, "low": None, "high": None}
    position = {
        "period": periods[-1], "peers": "", "employership": {"estimate": x, "low": x - 0.5, "high": x + 0.5},
        "service": {"estimate": y, "low": y - 0.5, "high": y + 0.5}, "trend_service": unknown,
        "trend_employership": unknown, "against_norm": None, "n": 12,
    }  # fmt: skip
    level = 0 if number == 0 else 1 if number <= GROUPS else 2
    return {
        "key": key, "name": f"Team {number:04d}", "parent": parent, "service": None, "co_creation": None,
        "level": level, "scores": scores, "results": results, "position": position if level == 2 else None,
    }, hidden  # fmt: skip


def prepare() -> dict[str, Any]:
    """Make the organisation, its sheets, a director and a manager who are signed in."""
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from bevlogen_web.accounts import services
    from bevlogen_web.accounts.models import Organisation, Role
    from bevlogen_web.analyses import sheets
    from bevlogen_web.analyses.models import Picture, Sheet
    from bevlogen_web.organisation.models import ManagedUnit, Unit

    call_command("migrate", interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    organisation = Organisation.objects.create(name="Groot", slug="groot", language="nl")
    picture = Picture.objects.create(
        organisation=organisation, made=timezone.now(), mark="", current=True, release={}, report_en="", report_nl=""
    )
    whole = document()
    start = time.perf_counter()
    made = (Sheet(picture=picture, kind=c.kind, key=c.key, body=json.dumps(c.body)) for c in sheets.cut(whole))
    Sheet.objects.bulk_create(made, batch_size=500)
    seconds = time.perf_counter() - start
    cookies = {}
    for role in (Role.DIRECTOR, Role.MANAGER):
        user = services.make_account(f"{role}@groot.example", "a-long-enough-pass-phrase", name=str(role))
        member = services.add_member(organisation, user, role, by=None)
        if role == Role.MANAGER:
            for number in range(100, 200):
                unit = Unit.objects.create(organisation=organisation, key=f"unit-{number}", name=f"Team {number}")
                ManagedUnit.objects.create(membership=member, unit=unit)
        client = Client()
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        cookies[str(role.value)] = client.cookies["bevlogen_session"].value
    return {"cookies": cookies, "cut_seconds": seconds}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(prepare()))
