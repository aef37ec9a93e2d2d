"""The sentences behind a verdict, in plain English and Dutch, with the figures that carry them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bevlogen.core import numerals
from bevlogen.core.chain import Claim, Text
from bevlogen.core.judged import LinkVerdict
from bevlogen.core.linked import Estimate, LinkEstimate
from bevlogen.core.results import Design
from bevlogen.core.tables import Organisation
from bevlogen.steer import power

# An effect of this size is worth finding for any director; below it the smallest effect that matters takes over.
TARGET_EFFECT = 0.20
_POOR_RELIABILITY = 0.50
_MOST_UNITS = 100_000

# Of cause, outcome, size in SD and direction; in English and Dutch.
_LEAD: dict[Design, tuple[str, str]] = {
    "cross-sectional": (
        "Where {cause} is 1 SD higher, {outcome} is {size} SD {way}",
        "Waar {cause} 1 SD hoger is, is {outcome} {size} SD {way}",
    ),
    "within": (
        "When {cause} rises by 1 SD within a unit, {outcome} is {size} SD {way} in the same period",
        "Stijgt {cause} binnen een onderdeel met 1 SD, dan is {outcome} in dezelfde periode {size} SD {way}",
    ),
    "lagged": (
        "Where {cause} is 1 SD higher, {outcome} is {size} SD {way} {later} than in units with the same start",
        "Waar {cause} 1 SD hoger is, is {outcome} {later} {size} SD {way} dan bij dezelfde start",
    ),
    "experiment": (
        "Where {cause} was raised by 1 SD, {outcome} became {size} SD {way}",
        "Waar {cause} met 1 SD omhoog ging, werd {outcome} {size} SD {way}",
    ),
}

_WAYS: dict[Design, Text] = {
    "cross-sectional": Text("between units", "tussen onderdelen"),
    "within": Text("within units", "binnen onderdelen"),
    "lagged": Text("later", "later"),
    "experiment": Text("experiment", "experiment"),
}

_SAME_SOURCE_BLOCKS = Text(
    "The same people answered both, at one time, so part of this link is their shared mood and cannot be told from an "
    "effect.",
    "Dezelfde mensen vulden beide in, op één moment. Een deel van dit verband is dus hun stemming, en die is niet van "
    "een effect te scheiden.",
)
_OTHER_PEOPLE = Text(
    "Ask the two sides of different people, or measure at least two periods.",
    "Vraag de twee kanten aan verschillende mensen, of meet minstens twee perioden.",
)
_MORE_PERIODS = Text(
    "Ask the two sides of different people, or measure more units or periods: one period later it is not sure enough.",
    "Vraag de twee kanten aan verschillende mensen, of meet meer onderdelen of perioden: een periode later is het nog "
    "niet zeker genoeg.",
)
SAME_SOURCE_LABEL = Text(
    "Same source: the same people answered both, so part of this link may be their shared mood.",
    "Zelfde bron: dezelfde mensen vulden beide in. Een deel van dit verband kan dus hun stemming zijn.",
)
_NO_CHANGE_YET = Text(
    "Whether a change within a unit brings it too, is not sure yet.",
    "Of een verandering binnen een onderdeel dat ook brengt, is nog niet zeker.",
)
ANOTHER_REASON = Text(
    "But a change within a unit surely brings less than that, at once and later together. So units differ for another "
    "reason too.",
    "Maar een verandering binnen een onderdeel brengt zeker minder dan dat, meteen en later samen. Onderdelen "
    "verschillen dus ook om een andere reden.",
)
UNCORRECTED = Text(
    "The reliability of these unit scores is not known, so the own figure is not corrected and may be too close to 0.",
    "De betrouwbaarheid van deze scores per onderdeel is niet bekend. Het eigen cijfer is dus niet gecorrigeerd en "
    "ligt misschien te dicht bij 0.",
)


def join(*texts: Text | None) -> Text:
    """Return the sentences after one another; None is left out."""
    present = [t for t in texts if t is not None]
    return Text(" ".join(t.en for t in present), " ".join(t.nl for t in present))


def number(value: float, decimals: int = 2) -> Text:
    """Return a figure as written in each language, with a true minus; a rounded 0 has no sign."""
    shown = round(value, 3)  # as the release rounds it, so that sentence and table say the same
    return Text(numerals.number(shown, "en", decimals), numerals.number(shown, "nl", decimals))


def about(count: int) -> str:
    """Return a count at two digits of precision, as nobody plans 1,237 units."""
    digits = max(0, len(str(count)) - 2)
    return str(math.ceil(count / 10**digits) * 10**digits)


def labels(link: LinkEstimate, organisation: Organisation) -> tuple[Text, Text]:
    """Return the names of cause and outcome as this organisation calls them."""
    return organisation.construct(link.link.cause).label, organisation.construct(link.link.outcome).label


def _way(estimate: float) -> Text:
    return Text("higher", "hoger") if estimate >= 0 else Text("lower", "lager")


def _interval(low: float, high: float, level: int = 95) -> Text:
    # A limit near 0 keeps a third decimal, so that the reader sees on which side it lies.
    a, b = (number(x, 3 if abs(x) < 0.005 else 2) for x in (low, high))
    return Text(f"({level}% interval {a.en} to {b.en})", f"({level}%-interval {a.nl} tot {b.nl})")


def size(link: LinkEstimate, e: Estimate, organisation: Organisation) -> Text:
    """Say what the estimate is, with its 95% interval and the number of units."""
    cause, outcome = labels(link, organisation)
    figure, way, interval = number(abs(e.estimate)), _way(e.estimate), _interval(e.low, e.high)
    lead_en, lead_nl = _LEAD[e.design]
    after = _later(link)
    en = lead_en.format(cause=cause.en, outcome=outcome.en, size=figure.en, way=way.en, later=after.en)
    nl = lead_nl.format(cause=cause.nl, outcome=outcome.nl, size=figure.nl, way=way.nl, later=after.nl)
    return Text(f"{en} {interval.en}, over {e.n_units} units.", f"{nl} {interval.nl}, over {e.n_units} onderdelen.")


def shared_mood(link: LinkEstimate) -> Text:
    """Say why a same-source link of one moment is not supported, and what would settle it."""
    return join(_SAME_SOURCE_BLOCKS, _OTHER_PEOPLE if link.by("lagged") is None else _MORE_PERIODS)


def other_way(link: LinkEstimate, e: Estimate, organisation: Organisation) -> Text:
    """Say that the estimate contradicts the theory."""
    return join(Text("It goes the other way.", "Het gaat de andere kant op."), size(link, e, organisation))


def _later(link: LinkEstimate) -> Text:
    if link.lag == 1:
        return Text("one period later", "een periode later")
    return Text(f"{link.lag} periods later", f"{link.lag} perioden later")


def _when(link: LinkEstimate, e: Estimate) -> Text:
    """Say, after a space, when a design over time looks at the outcome."""
    if e.design == "lagged":
        after = _later(link)
        return Text(f" {after.en}", f" {after.nl}")
    return Text(" in the same period", " in dezelfde periode") if e.design == "within" else Text("", "")


def decides(designs: Sequence[Estimate], e: Estimate) -> Text | None:
    """Say why this design decides; None where there is no other."""
    if len(designs) == 1:
        return None
    ways = _ways(designs)
    why = Text(
        f"That decides: of the {len(designs)} ways of looking here ({ways.en}), tested together at 5%, it is the "
        "strongest that is sure.",
        f"Dat geeft de doorslag: van de {len(designs)} manieren van kijken hier ({ways.nl}), samen getoetst op 5%, is "
        "dit de sterkste die zeker is.",
    )
    return join(why, _NO_CHANGE_YET) if e.design == "cross-sectional" else why


def none_sure(designs: Sequence[Estimate]) -> Text | None:
    """Say that no design is sure; None where there is no other."""
    if len(designs) == 1:
        return None
    ways = _ways(designs)
    return Text(
        f"Of the {len(designs)} ways of looking here ({ways.en}), tested together at 5%, not one is sure.",
        f"Van de {len(designs)} manieren van kijken hier ({ways.nl}), samen getoetst op 5%, is er geen zeker.",
    )


def _ways(designs: Sequence[Estimate]) -> Text:
    names = [_WAYS[e.design] for e in designs]
    return Text(", ".join(n.en for n in names), ", ".join(n.nl for n in names))


def but(link: LinkEstimate, other: Estimate, organisation: Organisation) -> Text:
    """Say that another design is sure of the opposite."""
    what = size(link, other, organisation)
    return join(Text("But looked at otherwise it is the opposite.", "Maar anders bekeken is het omgekeerd."), what)


def negligible(link: LinkEstimate, e: Estimate, smallest: float) -> Text:
    """Say that any effect is smaller than what matters."""
    bound, interval = number(smallest), _interval(e.low90, e.high90, 90)
    later = _when(link, e)
    return Text(
        f"If there is an effect{later.en}, it is smaller than {bound.en} SD, the smallest that matters "
        f"{interval.en}, over {e.n_units} units.",
        f"Als er{later.nl} een effect is, is het kleiner dan {bound.nl} SD, het kleinste dat ertoe doet "
        f"{interval.nl}, over {e.n_units} onderdelen.",
    )


def open_question(link: LinkEstimate, e: Estimate, organisation: Organisation) -> Text:
    """Say that the data cannot tell, and what would settle it: more units, waves, or answers per unit."""
    figure, interval, when = number(e.estimate), _interval(e.low, e.high), _when(link, e)
    head = Text(
        f"These data cannot tell: {figure.en} SD{when.en} {interval.en}, over {e.n_units} units.",
        f"Deze gegevens laten het niet zien: {figure.nl} SD{when.nl} {interval.nl}, over {e.n_units} onderdelen.",
    )
    return join(head, _what_settles(e, organisation.smallest_effect), _more_answers(link, organisation))


def _what_settles(e: Estimate, smallest: float) -> Text:
    if not (math.isfinite(e.mde) and e.mde > 0):
        return Text(
            "Their uncertainty cannot be worked out; more units are needed.",
            "Hoe onzeker dat is, is niet te berekenen; er zijn meer onderdelen nodig.",
        )
    aims = (max(TARGET_EFFECT, smallest), smallest)
    target = next((t for t in aims if e.mde > t), smallest / 2)
    if power.units_needed(e.n_units, e.mde, target) > _MOST_UNITS:
        return Text(
            "No feasible number of units would settle it this way.",
            "Geen haalbaar aantal onderdelen kan het op deze manier uitwijzen.",
        )
    more, aim = _more_data(e, target), number(target)
    if target in aims:
        return Text(
            f"To see an effect of {aim.en} SD, {more.en} are needed.",
            f"Om een effect van {aim.nl} SD te zien zijn {more.nl} nodig.",
        )
    near = number(smallest)
    return Text(
        f"Any effect is close to the smallest that matters ({near.en} SD); to tell on which side, {more.en} are "
        "needed.",
        f"Een effect ligt dicht bij het kleinste dat ertoe doet ({near.nl} SD). Om te weten aan welke kant, zijn "
        f"{more.nl} nodig.",
    )


def _more_data(e: Estimate, target: float) -> Text:
    """Say how many units or, for a design over time, waves would detect the target."""
    units = about(power.units_needed(e.n_units, e.mde, target))
    en, nl = f"about {units} units (now {e.n_units})", f"ongeveer {units} onderdelen (nu {e.n_units})"
    # A lagged estimate counts the periods that it starts from, one fewer than the waves.
    now = e.n_waves + 1 if e.design == "lagged" else e.n_waves
    if e.design not in ("within", "lagged") or now < 2:
        return Text(en, nl)
    waves = about(power.waves_needed(now, e.mde, target))
    return Text(f"{en} or about {waves} waves (now {now})", f"{nl} of ongeveer {waves} metingen (nu {now})")


def _more_answers(link: LinkEstimate, organisation: Organisation) -> Text | None:
    """Name the less reliable side if its unit means are too unreliable to carry a link."""
    sides = zip((link.reliability_cause, link.reliability_outcome), labels(link, organisation), strict=True)
    known = [(r, label) for r, label in sides if math.isfinite(r)]
    if not known:
        return None
    worst, label = min(known, key=lambda side: side[0])
    if worst >= _POOR_RELIABILITY:
        return None
    rel, factor = number(worst), power.answers_factor(worst)
    en = f"Unit scores of {label.en} are unreliable ({rel.en})"
    nl = f"De scores per onderdeel van {label.nl} zijn onbetrouwbaar ({rel.nl})"
    if not math.isfinite(factor):
        return Text(f"{en}.", f"{nl}.")
    times = number(factor, 0 if factor >= 2 else 1)
    return Text(
        f"{en}; about {times.en} times as many answers per unit would help.",
        f"{nl}; ongeveer {times.nl} keer zoveel antwoorden per onderdeel zou helpen.",
    )


def contrast(link: LinkEstimate, organisation: Organisation) -> Text | None:
    """Say in plain words where units differ from each other but do not change together; None where both agree.

    They differ where the two estimates lie at least the smallest effect that matters apart and either that difference
    exceeds 1.96 of its standard errors or one 95% interval excludes 0 and the other does not.
    """
    between = link.by("cross-sectional")
    within = link.by("within")
    if between is None or within is None:
        return None
    apart = abs(between.estimate - within.estimate)
    noise = math.hypot(between.std_error, within.std_error)
    one_sure = (between.low > 0 or between.high < 0) != (within.low > 0 or within.high < 0)
    if apart < organisation.smallest_effect or not (apart > 1.96 * noise or one_sure):
        return None
    cause, outcome = labels(link, organisation)
    b, w, way = number(between.estimate), number(within.estimate), _way(between.estimate)
    ending = _ending(between, within, organisation.smallest_effect)
    return Text(
        f"Units with higher {cause.en} have {way.en} {outcome.en} ({b.en}), but when {cause.en} rises within a unit, "
        f"{ending.en.format(outcome=outcome.en)} ({w.en}).",
        f"In onderdelen waar {cause.nl} hoger is, is {outcome.nl} {way.nl} ({b.nl}). Maar stijgt {cause.nl} binnen een "
        f"onderdeel, dan {ending.nl.format(outcome=outcome.nl)} ({w.nl}).",
    )


def _ending(between: Estimate, within: Estimate, smallest: float) -> Text:
    same_way = between.estimate * within.estimate > 0
    if within.low > 0 or within.high < 0:
        if same_way and abs(within.estimate) < abs(between.estimate):
            return Text("{outcome} moves along less", "verandert {outcome} minder mee")
        if same_way:
            return Text("{outcome} moves along more", "verandert {outcome} sterker mee")
        return Text("{outcome} moves the other way", "gaat {outcome} de andere kant op")
    if -smallest < within.low90 and within.high90 < smallest:
        return Text("{outcome} does not move along", "verandert {outcome} niet mee")
    return Text("no such change in {outcome} can be seen", "is zo'n verandering van {outcome} niet te zien")


def together_now(link: LinkEstimate, within: Estimate, organisation: Organisation) -> Text:
    """Say that both move together in the same period although nothing is seen one period later."""
    cause, outcome = labels(link, organisation)
    w = number(within.estimate)
    return Text(
        f"But in the same period {cause.en} and {outcome.en} do move together ({w.en}). Whether that is a quick "
        "effect cannot be told at this interval; measure more often.",
        f"Maar in dezelfde periode bewegen {cause.nl} en {outcome.nl} wel samen ({w.nl}). Of dat een snel effect is, "
        "is met deze tussentijd niet te zien; meet vaker.",
    )


def no_data(cause: Text, outcome: Text) -> Text:
    """Say that there is nothing to estimate a link from."""
    return Text(
        f"There are no figures of both {cause.en} and {outcome.en} for the same units and periods.",
        f"Er zijn geen cijfers van {cause.nl} én {outcome.nl} voor dezelfde onderdelen en perioden.",
    )


def needs(claim: Claim) -> Text:
    """Say what data a claim asks for."""
    return Text(f"This needs {claim.needs.en}.", f"Nodig: {claim.needs.nl}.")


def each_link(links: Sequence[LinkVerdict], organisation: Organisation) -> Text:
    """Say link by link what was found."""
    parts = []
    for verdict in links:
        cause, outcome = labels(verdict.estimate, organisation)
        parts.append(
            Text(f"{cause.en} → {outcome.en}: {verdict.reason}", f"{cause.nl} → {outcome.nl}: {verdict.reason_nl}")
        )
    return join(*parts)
