"""The sentences about what an action did, in plain English and Dutch."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bevlogen.core.chain import Text
from bevlogen.core.periods import in_words
from bevlogen.core.planned import OutcomeEffect
from bevlogen.core.results import EffectVerdict, Interval
from bevlogen.core.tables import Organisation
from bevlogen.models.did import LEAST_POINTS
from bevlogen.steer.compare import Contrast
from bevlogen.steer.reasons import TARGET_EFFECT, about, join, number

_WHY = {
    "no-before": Text(
        "It began before anything was measured here, so there is no before to compare with.",
        "De actie begon voordat hier iets gemeten was. Er is dus geen vergelijking met ervoor.",
    ),
    "no-after": Text("Nothing is measured yet after the start.", "Na de start is hier nog niets gemeten."),
    "reorganised": Text(
        "None of its units was measured both before and after the start (new, or reorganised), so there is nothing to "
        "compare. Enter the action for the units as they are now, with the day from which it ran there.",
        "Geen van de teams is voor en na de start gemeten (nieuw, of gereorganiseerd). Er is dus niets te vergelijken. "
        "Voer de actie in voor de teams zoals ze nu zijn, met de dag vanaf wanneer die daar liep.",
    ),
    "alone": Text(
        "All units began at once, so there is nothing to compare with, and the series is too short to stand alone: it "
        f"needs {LEAST_POINTS} periods before and {LEAST_POINTS} after the start. Next time, let a part begin later.",
        "Alle teams begonnen tegelijk. Er is dus geen vergelijking, en de reeks is te kort om op zichzelf te staan: "
        f"daarvoor zijn {LEAST_POINTS} perioden voor en {LEAST_POINTS} na de start nodig. Laat een volgende keer een "
        "deel later beginnen.",
    ),
    "too-few": Text(
        "Too few units without the action are measured before and after it to compare with.",
        "Te weinig teams zonder deze actie zijn ervoor en erna gemeten om mee te vergelijken.",
    ),
}
_WORTH_SAYING = 0.1  # SD; less regression to the mean fools nobody
_STIRRED = Text(
    "These units were already on another course before the start.",
    "Deze teams gingen al voor de start een andere kant op.",
)
_ONE_UNIT = Text(
    "It is one unit: whatever else happened there counts as effect. Begin in a second one.",
    "Het is één team: wat daar nog meer gebeurde, telt mee als effect. Begin ook in een tweede.",
)
_SERIES = Text(
    "There is nothing to compare with: anything else that happened at that time counts as effect.",
    "Er is geen vergelijking: alles wat er in die tijd nog meer gebeurde, telt mee als effect.",
)


def outcome(
    effect: OutcomeEffect,
    verdict: EffectVerdict,
    say_from: str,
    found: Contrast,
    organisation: Organisation,
    needed: float,
) -> Text:
    """Say what the action did to one thing, and why that is all that can be said."""
    if found.method == "none":
        return join(_WHY[found.why], _when(say_from) if verdict == "too early" else None)
    size = _size(effect)
    tail = {
        "worked": None,
        "backfired": Text("That is the wrong way.", "Dat is de verkeerde kant op."),
        "no meaningful effect": _small(organisation),
        "too early": join(Text("That is not clear yet.", "Dat is nog niet duidelijk."), _when(say_from)),
        "undetermined": join(_unclear(effect, needed)),
    }[verdict]
    stirred = _STIRRED if effect.placebo.low > 0 or effect.placebo.high < 0 else None
    alone = _ONE_UNIT if effect.n_acted == 1 and effect.method != "interrupted" else None
    series = _SERIES if effect.method == "interrupted" and not effect.n_compared else None
    return join(size, tail, stirred, alone, series, _chance(effect))


def _size(effect: OutcomeEffect) -> Text:
    value, span = _amount(effect.estimate)
    better = effect.estimate.estimate >= 0
    if value == number(0.0, 1):
        return Text(
            f"About the same as without the action {span.en}.", f"Ongeveer hetzelfde als zonder de actie {span.nl}."
        )
    if effect.method == "interrupted":
        return Text(
            f"From the start on it is {value.en} SD {'better' if better else 'worse'} than the series before it would "
            f"have gone on {span.en}.",
            f"Vanaf de start is het {value.nl} SD {'beter' if better else 'slechter'} dan de reeks ervoor zou zijn "
            f"doorgegaan {span.nl}.",
        )
    return Text(
        f"{value.en} SD {'better' if better else 'worse'} than units with the same scores before {span.en}; "
        f"{_units(effect.n_acted).en} against {effect.n_compared}.",
        f"{value.nl} SD {'beter' if better else 'slechter'} dan teams met dezelfde scores ervoor {span.nl}; "
        f"{_units(effect.n_acted).nl} tegenover {effect.n_compared}.",
    )


def _units(count: int) -> Text:
    return Text("1 unit", "1 team") if count == 1 else Text(f"{count} units", f"{count} teams")


def _amount(value: Interval) -> tuple[Text, Text]:
    # One decimal: no finer than effects may be shown.
    low, high = number(value.low, 1), number(value.high, 1)
    return number(abs(value.estimate), 1), Text(
        f"(95% interval {low.en} to {high.en})", f"(95%-interval {low.nl} tot {high.nl})"
    )


def _chance(effect: OutcomeEffect) -> Text | None:
    """Set the plain change beside what chance alone would bring, where the two are easily taken for each other."""
    if not (effect.naive * effect.chance > 0 and abs(effect.chance) >= _WORTH_SAYING):
        return None
    plain, luck = number(effect.naive, 1), number(effect.chance, 1)
    return Text(
        f"After less before is {plain.en} SD; {luck.en} SD of that comes by itself, as units that scored extremely "
        "move back to the middle.",
        f"Na min voor is {plain.nl} SD. Daarvan komt {luck.nl} SD vanzelf: wie uitzonderlijk scoorde, gaat weer naar "
        "het midden.",
    )


def _small(organisation: Organisation) -> Text:
    bound = number(organisation.smallest_effect)
    return Text(
        f"If there is an effect, it is smaller than {bound.en} SD, the smallest that matters.",
        f"Als er een effect is, is het kleiner dan {bound.nl} SD, het kleinste dat ertoe doet.",
    )


def _unclear(effect: OutcomeEffect, needed: float) -> Text:
    apart = effect.plain.estimate * effect.estimate.estimate < 0
    head = Text("Whether it worked cannot be said.", "Of het werkte, is niet te zeggen.")
    if apart:
        return join(
            head,
            Text(
                "Two fair comparisons point to different sides; the truth lies between them.",
                "Twee eerlijke vergelijkingen wijzen elk een andere kant op. De waarheid ligt ertussen.",
            ),
        )
    if math.isinf(needed) and math.isfinite(effect.mde):
        units = about(math.ceil(effect.n_acted * (effect.mde / TARGET_EFFECT) ** 2))
        bound = number(TARGET_EFFECT)
        return join(
            head,
            Text(
                f"More periods would not settle it: an effect of {bound.en} SD needs about {units} units with the "
                "action.",
                f"Meer perioden geven geen uitsluitsel: voor een effect van {bound.nl} SD zijn ongeveer {units} teams "
                "met de actie nodig.",
            ),
        )
    return head


def _when(period: str) -> Text:
    said = in_words(period)
    return Text(
        f"It can be said once {said.en} is measured.",
        f"Het is te zeggen als {said.nl} gemeten is.",
    )


def action(verdict: EffectVerdict, outcomes: Sequence[OutcomeEffect], organisation: Organisation) -> Text:
    """Say in one or two sentences what the action did, over all that was looked at."""
    if not outcomes:
        return Text(
            "Nothing that this action could move is measured.", "Niets wat deze actie kan veranderen, wordt gemeten."
        )
    sentences = []
    for which, en, nl in (
        ("worked", "It worked on", "Het werkte op"),
        ("backfired", "It went the wrong way on", "Het ging de verkeerde kant op bij"),
        ("no meaningful effect", "It did nothing that matters to", "Het deed niets dat ertoe doet met"),
        ("too early", "It is too early to say of", "Het is te vroeg voor"),
        ("undetermined", "It cannot be said of", "Het is niet te zeggen van"),
    ):
        names = [organisation.construct(e.outcome).label for e in outcomes if e.verdict == which]
        if names:
            sentences.append(Text(f"{en} {_listed(names, 'en')}.", f"{nl} {_listed(names, 'nl')}."))
    return join(*sentences)


def _listed(names: Sequence[Text], language: str) -> str:
    words = [n.nl if language == "nl" else n.en for n in names]
    last = " en " if language == "nl" else " and "
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + last + words[-1]


def notes(begun_before: int, gone: int, mixed: int) -> tuple[Text, ...]:
    """Say which units could not count, and why."""
    out = []
    if begun_before:
        out.append(
            Text(
                f"Left out, as it began there before anything was measured: {_units(begun_before).en}.",
                f"Telt niet mee, want daar begon het voordat er iets gemeten was: {_units(begun_before).nl}.",
            )
        )
    if gone:
        out.append(
            Text(
                "Left out, as not measured both before and after the start (new, ended or reorganised): "
                f"{_units(gone).en}.",
                "Telt niet mee, want niet zowel voor als na de start gemeten (nieuw, opgeheven of gereorganiseerd): "
                f"{_units(gone).nl}.",
            )
        )
    if mixed:
        out.append(
            Text(
                f"Another action ran there already, and the two cannot be told apart: {_units(mixed).en}.",
                f"Daar liep al een andere actie, en de twee zijn niet uit elkaar te houden: {_units(mixed).nl}.",
            )
        )
    return tuple(out)
