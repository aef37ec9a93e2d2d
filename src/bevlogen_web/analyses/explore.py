"""A link that an analyst asks for, worked out in the background from the same data as the picture.

It is made of figures as they are shown, so that no number of answers tells more than they do. That of each picture no
more than ``MOST_QUESTIONS`` are answered keeps the worker free for others; no choice goes below a service.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Literal, cast

from django.utils import timezone

import bevlogen as bv
from bevlogen_web.accounts.models import Organisation
from bevlogen_web.analyses import queries
from bevlogen_web.analyses.models import Exploration, Picture, State
from bevlogen_web.analyses.study import opened

MOST_QUESTIONS = 2_000
MOST_HELD = 3
LONGEST_LAG = 4
Way = Literal["cross-sectional", "within", "lagged"]
WAYS: tuple[Way, ...] = ("cross-sectional", "within", "lagged")
_log = logging.getLogger("bevlogen_web.analyses")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: ``way`` is "" for all ways, ``service`` "" for all services."""

    cause: str
    outcome: str
    way: Way | Literal[""] = ""
    lag: int = 1
    hold: tuple[str, ...] = ()
    service: str = ""

    def __str__(self) -> str:
        """In one fixed form, so that the same question is known again."""
        return json.dumps(asdict(self), sort_keys=True)


def answered(picture: Picture, question: Question) -> Exploration | None:
    """Give what there is of the answer."""
    return Exploration.objects.filter(picture=picture, asked=str(question)).first()


def work_out(exploration: Exploration) -> None:
    """Answer a question; what goes wrong is left as failed."""
    told = json.loads(exploration.asked)
    organisation = exploration.picture.organisation
    state = State.FAILED
    try:
        study = _study(organisation.pk, queries.mark(organisation, timezone.localdate()))
        found = study.explore(
            told["cause"],
            told["outcome"],
            design=cast("Way | None", told["way"] or None),
            lag=told["lag"],
            hold=cast("Sequence[str]", told["hold"]),
            service=told["service"],
        )
        headline = found.picture[0].headline
        exploration.body = {
            "release": bv.pages.stored(found),
            "df": None if headline is None else round(headline.df, 1),
        }
        state = State.DONE
    except bv.BevlogenError as error:
        _log.warning("exploration %d failed: %s", exploration.pk, type(error).__name__)
    finally:  # also when something unforeseen goes through: it never seems to run on
        exploration.state, exploration.at = state, timezone.now()
        exploration.save(update_fields=["state", "at", "body"])


@lru_cache(maxsize=1)
def _study(organisation: int, _mark: str) -> Any:
    """Measure once for all questions on the same data; it stays in the memory of the worker and goes nowhere else."""
    with opened(Organisation.objects.get(pk=organisation)) as study:
        study.release(upto="measure")
    return study
