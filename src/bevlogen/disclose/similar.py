"""What a team that is not shown may have all the same: the mean of similar teams, and a way to a figure of its own.

That mean is made of figures that are shown, as they are shown; so it tells nothing that these do not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bevlogen.core.chain import Text
from bevlogen.core.results import Rule, SimilarBy
from bevlogen.core.shown import ShownScore, Suppressed
from bevlogen.core.tables import Unit
from bevlogen.disclose import rounding

LEAST_TEAMS = 2
_DIGITS = 2  # a mean of rounded means has no more

WAYS: Mapping[Rule, Text] = {
    "threshold": Text(
        "Too few people answered for a figure of this team alone. What you can do: invite the whole team to the next "
        "round, look at the similar teams or the group around it, or join with a team that does the same work and "
        "answer as one.",
        "Te weinig mensen antwoordden voor een cijfer van dit team alleen. Wat u kunt doen: nodig het hele team uit "
        "voor de volgende ronde, kijk naar de teams die erop lijken of de groep eromheen, of ga samen met een team dat "
        "hetzelfde werk doet en antwoord als één team.",
    ),
    "complement": Text(
        "With this figure, one could work out that of a smaller team. What you can do: look at the similar teams or "
        "the group around it, or let the smaller team join with another, so that neither has to be hidden.",
        "Met dit cijfer is dat van een kleiner team uit te rekenen. Wat u kunt doen: kijk naar de teams die erop "
        "lijken of de groep eromheen, of laat het kleinere team met een ander samengaan, zodat geen van beide "
        "verborgen is.",
    ),
    "all-equal": Text(
        "Nearly everyone gave the same answer, so the figure would tell what each one said. What you can do: talk "
        "about it with the team. A next round may be shown again.",
        "Bijna iedereen gaf hetzelfde antwoord, dus het cijfer zou verraden wat ieder zei. Wat u kunt doen: praat "
        "erover met het team. Een volgende ronde kan weer te zien zijn.",
    ),
    "response": Text(
        "Too small a part of the team answered for the figure to stand for all. What you can do: ask what kept people "
        "from answering, and give time for it in the next round.",
        "Een te klein deel van het team antwoordde om voor allen te spreken. Wat u kunt doen: vraag wat mensen "
        "tegenhield, en geef er in de volgende ronde tijd voor.",
    ),
    "unknown-n": Text(
        "It is not known how many people this figure is about. What you can do: deliver the number of answers with it.",
        "Het is niet bekend over hoeveel mensen dit cijfer gaat. Wat u kunt doen: lever het aantal antwoorden erbij.",
    ),
}


def with_similar(
    hidden: Sequence[Suppressed], shown: Sequence[ShownScore], units: Sequence[Unit]
) -> tuple[Suppressed, ...]:
    """Give each hidden score of a team the mean of the shown teams that are most like it.

    Parameters
    ----------
    hidden, shown : of all units.
    units : the tree; a team is a unit without units below it.

    Notes
    -----
    Similar are teams of the same service; else those of the same group; else all teams; at least two that are shown for
    that construct in that period. The mean weighs each by its respondents and has two significant digits. Figures of
    record get none.
    """
    of = {unit.key: unit for unit in units}
    groups = {unit.parent for unit in units}
    pools: dict[tuple[str, str, SimilarBy, str], list[ShownScore]] = {}
    for score in shown:
        unit = of[score.unit]
        if unit.key not in groups:
            for by, name in _likeness(unit):
                pools.setdefault((score.period, score.construct, by, name), []).append(score)

    means = {key: (_mean(pool), len(pool)) for key, pool in pools.items() if len(pool) >= LEAST_TEAMS}

    def one(gone: Suppressed) -> Suppressed:
        unit = of[gone.unit]
        if unit.key in groups:
            return gone
        for by, name in _likeness(unit):
            mean, many = means.get((gone.period, gone.construct, by, name), (math.nan, 0))
            if math.isfinite(mean):
                return replace(gone, similar=mean, similar_units=many, similar_by=by)
        return gone

    return tuple(one(gone) for gone in hidden)


def _mean(pool: Sequence[ShownScore]) -> float:
    n = sum(score.n for score in pool)
    mean = sum(score.n * score.mean for score in pool) / n if n > 0 else math.nan
    return rounding.significant(mean, _DIGITS)


def _likeness(unit: Unit) -> tuple[tuple[SimilarBy, str], ...]:
    """What a team may be like others in, closest first."""
    service: tuple[tuple[SimilarBy, str], ...] = (("service", unit.service),) if unit.service else ()
    group: tuple[tuple[SimilarBy, str], ...] = (("group", unit.parent),) if unit.parent else ()
    return (*service, *group, ("all", ""))
