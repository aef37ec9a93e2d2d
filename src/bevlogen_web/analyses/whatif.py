"""What moving each lever may bring, and what own actions brought: worked out with the picture, so that pages answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bevlogen as bv
from bevlogen_web.analyses.sheets import Cut

SIZES = 10
PARTS = 40  # the smallest move is this part of the scale: 0.1 on a scale from 1 to 5


def moves(study: Any) -> Iterator[Cut]:
    """Give a sheet per lever that can be moved: answers to moves of 1 to 10 steps in the wanted direction.

    Parameters
    ----------
    study : an open study, measured.
    """
    organisation = study.workspace.organisation
    for scale in study.measure().scales:
        construct = organisation.construct(scale.construct)
        if construct.side not in ("employer", "employee", "encounter") or not scale.scale_high > scale.scale_low:
            continue
        step = (scale.scale_high - scale.scale_low) / PARTS * (1 if construct.higher_is_better else -1)
        found = list(_answers(study, scale.construct, step))
        if found:
            yield Cut("move", scale.construct, found)


def learned(study: Any) -> Cut:
    """Give the sheet of what own actions brought so far, a row per lever and outcome.

    Parameters
    ----------
    study : an open study.
    """
    rows = [
        {
            "lever": one.lever,
            "outcome": one.outcome,
            "name": _text(study.workspace.organisation.construct(one.outcome).label),
            "n": one.n_actions,
            "effect": [one.effect.estimate, one.effect.low, one.effect.high],
            "next": [one.next.estimate, one.next.low, one.next.high],
            "verdicts": list(one.verdicts),
        }
        for one in study.learned()
    ]
    return Cut("own", "", rows)


def _answers(study: Any, lever: str, step: float) -> Iterator[dict[str, Any]]:
    for size in range(1, SIZES + 1):
        try:
            answer = study.what_if(lever, round(size * step, 6))
        except bv.BevlogenError:  # beyond the end of the scale, or nothing that it could move
            return
        yield _body(answer, study.workspace.organisation)


def _body(answer: Any, organisation: Any) -> dict[str, Any]:
    return {
        "by": answer.by,
        "last": answer.periods[-1],
        "fans": [
            {
                "construct": fan.construct,
                "name": _text(organisation.construct(fan.construct).label),
                "bands": fan.bands,
                "same": fan.same,
                "text": _text(fan.text),
            }
            for fan in answer.fans
        ],
        "notes": [_text(note) for note in answer.notes],
    }


def _text(text: Any) -> dict[str, str]:
    return {"en": text.en, "nl": text.nl}
