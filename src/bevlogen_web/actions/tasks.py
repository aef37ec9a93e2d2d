"""Background work of actions: questions that take the whole study."""

from __future__ import annotations

import math
from typing import Any

from django.utils import timezone
from django_tasks import task

import bevlogen as bv
from bevlogen_web.actions.models import Asked, Kind, Stage
from bevlogen_web.analyses import study


@task()
def work_out(number: int) -> None:
    """Work out what was asked, and keep the answer or the reason why there is none."""
    asked = Asked.objects.select_related("organisation").filter(pk=number, stage=Stage.WAITING).first()
    if asked is None:
        return
    try:
        with study.opened(asked.organisation) as opened:
            asked.answer = _plan(opened, asked.given) if asked.kind == Kind.PLAN else _choice(opened, asked.given)
        asked.stage = Stage.DONE
    except bv.BevlogenError as error:
        asked.stage, asked.fault = Stage.FAILED, str(error)
    asked.save(update_fields=["answer", "stage", "fault"])


def _plan(opened: bv.Study, given: dict[str, Any]) -> dict[str, Any]:
    plan = opened.plan_start(
        given["lever"],
        given["units"],
        outcome=given["outcome"],
        steps=given["steps"],
        at_once=given["at_once"],
        target=given["target"],
        seed=given["seed"],
        not_before=timezone.localdate().isoformat(),
    )
    return {
        "design": plan.design,
        "begins": [[b.unit, b.period] for b in plan.begins],
        "detectable": [round(d, 2) if d < 100 else None for d in plan.detectable],
        "periods_needed": plan.periods_needed,
        "digest": plan.digest,
        "reason": {"en": plan.reason.en, "nl": plan.reason.nl},
    }


def _choice(opened: bv.Study, given: dict[str, Any]) -> dict[str, Any]:
    cost = {lever: bv.Cost(money, hours) for lever, (money, hours) in given["cost"].items()}
    found = opened.choose(bv.Limits(**given["limits"], cost=cost), target=given["target"])
    return {
        "choices": [
            {
                "unit": c.unit,
                "lever": c.lever,
                "outcome": c.outcome,
                "gain": [c.gain.estimate, c.gain.low, c.gain.high],
                "money": c.cost.money,
                "hours": c.cost.hours,
                "sureness": c.sureness,
            }
            for c in found.choices
        ],
        "gain": _numbers(found.gain.estimate, found.gain.low, found.gain.high),
        "reached": _numbers(found.reached)[0],
        "spent": [found.spent.money, found.spent.hours],
        "knowing": [{"en": k.about.en, "nl": k.about.nl, "worth": k.worth} for k in found.knowing],
        "reason": {"en": found.reason.en, "nl": found.reason.nl},
        "proven": found.proven,
    }


def _numbers(*values: float) -> list[float | None]:
    """Numbers as JSON knows them."""
    return [value if math.isfinite(value) else None for value in values]
