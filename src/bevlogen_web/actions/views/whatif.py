"""What if: sliders over moves that were worked out with the picture, so that an answer comes at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

import bevlogen as bv
from bevlogen_web.accounts.language import language
from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.actions import queries
from bevlogen_web.actions.views.asking import known

_WIDE, _HIGH, _LEFT = 320, 130, 8


@dataclass(frozen=True, slots=True)
class Drawn:
    """One fan as it is drawn: bands and middle line as points, the zero line, and the sentence beside it."""

    name: str
    text: str
    same: bool
    outer: str
    inner: str
    middle: str
    zero: float
    last: tuple[float, float, float]


@requires(Role.DIRECTOR, Role.ANALYST)
@require_safe
def what_if(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Choose a lever and how far it moves."""
    return render(request, "actions/what_if.html", _asked(request, membership))


@requires(Role.DIRECTOR, Role.ANALYST)
@require_safe
def answer(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Only the answer, for the slider."""
    return render(request, "actions/parts/answer.html", _asked(request, membership))


def _asked(request: HttpRequest, membership: Membership) -> dict[str, Any]:
    found = queries.moves(membership.organisation)
    levers = [(key, queries.lever_name(key)) for key in found]
    lever = request.GET.get("lever", "")
    lever = lever if lever in found else next(iter(found), "")
    moves = found.get(lever, [])
    given = request.GET.get("step", "")
    step = int(given) if given.isascii() and given.isdigit() else min(3, len(moves))
    step = max(1, min(step, len(moves))) if moves else 0
    move = moves[step - 1] if moves else None
    return {
        "levers": levers,
        "lever": lever,
        "lever_name": queries.lever_name(lever),
        "step": step,
        "most": len(moves),
        "move": move,
        "last": "" if move is None else bv.pages.period(move["last"], language()),
        "fans": [] if move is None else _drawn(move),
        **known(membership, lever),
        "notes": [] if move is None else [n[language()] for n in move["notes"]],
    }


def _drawn(move: dict[str, Any]) -> list[Drawn]:
    reach = max([0.3, *(abs(v) for fan in move["fans"] for band in fan["bands"] for v in band)])
    return [_fan(fan, reach, language()) for fan in move["fans"]]


def _fan(fan: dict[str, Any], reach: float, spoken: str) -> Drawn:
    bands = [[0.0, *band] for band in fan["bands"]]
    n = len(bands[0]) - 1

    def at(place: int, value: float) -> str:
        x = _LEFT + place * (_WIDE - 2 * _LEFT) / n
        return f"{x:.1f},{_HIGH / 2 - value / reach * (_HIGH / 2 - 6):.1f}"

    def band(low: int, high: int) -> str:
        there = [at(i, v) for i, v in enumerate(bands[high])]
        back = [at(i, v) for i, v in reversed(list(enumerate(bands[low])))]
        return " ".join([*there, *back])

    return Drawn(
        fan["name"][spoken],
        fan["text"][spoken],
        fan["same"],
        band(0, 4),
        band(1, 3),
        " ".join(at(i, v) for i, v in enumerate(bands[2])),
        _HIGH / 2,
        (bands[0][-1], bands[2][-1], bands[4][-1]),
    )
