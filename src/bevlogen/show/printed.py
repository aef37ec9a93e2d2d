"""What the command line prints, in one language: heads, rows and sentences from the same words as the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bevlogen.core import numerals
from bevlogen.core.chain import Language, Text
from bevlogen.core.foreseen import Outlook, WhatIf
from bevlogen.core.periods import in_words
from bevlogen.core.planned import Cost, Portfolio
from bevlogen.core.released import Publication
from bevlogen.core.shown import Release
from bevlogen.show.answer import answer, reason_of, reason_parts
from bevlogen.show.bookwords import word
from bevlogen.show.view import View, view_of
from bevlogen.show.wording import VERDICTS, joined

_CODE = Text("code", "code")
_MEASURED = Text("what", "wat")
_MEAN = Text("mean", "gemiddelde")
_ALPHA = Text("alpha", "alfa")
_NOW = Text("now", "nu")
_LOW = Text("low (10%)", "laag (10%)")
_MIDDLE = Text("middle", "midden")
_HIGH = Text("high (90%)", "hoog (90%)")
_RESPONDENTS = Text("respondents", "respondenten")
_NOISE = Text("noise (95%)", "ruis (95%)")
_EPSILON = Text("epsilon", "epsilon")
_NONE_SHOWN = Text(
    "No construct has enough respondents to be shown.", "Van geen enkel begrip zijn er genoeg respondenten om te tonen."
)
_NO_OUTLOOK = Text(
    "Nothing of right to exist is measured in enough units and periods.",
    "Van het bestaansrecht is niets in genoeg onderdelen en perioden gemeten.",
)
_TOGETHER = Text(
    "Together: {gain} SD expected (90% interval {span}).", "Samen: {gain} SD verwacht (90%-interval {span})."
)
_COSTS = Text("This costs {money} in money and {hours} hours.", "Dit kost {money} aan geld en {hours} uur.")
_REACHED = Text(
    "The chance that all moves together bring {target} SD is {chance}.",
    "De kans dat alle stappen samen {target} SD opleveren, is {chance}.",
)
_MOVED = Text(
    "If {lever} goes {way} by {by} on its own scale in {where}, this is what it may bring by {period}:",
    "Als {lever} {by} {way} gaat op de eigen schaal, in {where}, dan kan dat tot en met {period} dit brengen:",
)
_UP, _DOWN = Text("up", "omhoog"), Text("down", "omlaag")
_EVERYWHERE = Text("all units", "alle onderdelen")
_LEFT = Text(
    "Left of the budget: {left} of {total}. These means may be published; those of teams may not.",
    "Over van het budget: {left} van {total}. Deze gemiddelden mag u publiceren, die van teams niet.",
)


@dataclass(frozen=True, slots=True)
class Printed:
    """A table, if there are rows, and what stands below it; columns from ``first_number`` on hold figures."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first_number: int
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """One claim: its key, its sentence, the verdict and the reason in parts."""

    key: str
    claim: str
    verdict: str
    reason: tuple[str, ...]


def measured(release: Release, language: Language) -> Printed:
    """Level and quality of every construct."""
    view = view_of(release, language)
    head = (_MEASURED.in_(language), _CODE.in_(language), _MEAN.in_(language), _ALPHA.in_(language), "ICC(1)", "ICC(2)")
    rows = tuple(
        (
            view.label(s.construct),
            s.construct,
            *(
                "" if math.isnan(v) else view.number(v)
                for v in (s.mean, s.alpha.estimate, s.icc1.estimate, s.icc2.estimate)
            ),
        )
        for s in release.scales
    )
    return Printed(head, rows, 2, () if rows else (_NONE_SHOWN.in_(language),))


def linked(release: Release, language: Language) -> tuple[tuple[Judged, ...], str]:
    """One verdict per claim, and how many there are of each."""
    view = view_of(release, language)
    claims = tuple(
        Judged(
            c.claim.id,
            c.claim.text.in_(language),
            VERDICTS[c.verdict].in_(language),
            tuple(reason_parts(reason_of(view, c))) if c.claim.method == "link" else (reason_of(view, c),),
        )
        for c in release.claims
    )
    return claims, ", ".join(f"{count.n} {count.word}" for count in answer(view).counts)


def foreseen(outlooks: Sequence[Outlook], release: Release, language: Language) -> Printed:
    """Where right to exist goes over the next year."""
    view = view_of(release, language)
    heads = (_MEASURED, Text("period", "periode"), _NOW, _LOW, _MIDDLE, _HIGH)
    rows = tuple(
        (
            view.label(o.measure),
            view.period(o.periods[-1]),
            *(_figure(view, o.measure, v) for v in (o.now, *(o.bands[i][-1] for i in (0, 2, 4)))),
        )
        for o in outlooks
    )
    said = tuple(f"{_upper(view.label(o.measure))}: {o.reason.in_(language)}" for o in outlooks)
    return Printed(tuple(h.in_(language) for h in heads), rows, 2, said or (_NO_OUTLOOK.in_(language),))


def moved(found: WhatIf, lever: str, units: Sequence[str], language: Language) -> tuple[str, ...]:
    """What a move may bring: what was asked, then a sentence per construct.

    Parameters
    ----------
    found : the answer.
    lever, units : names of what is moved, and where; no units means all.
    language : of the reader.
    """
    asked = _MOVED.in_(language).format(
        lever=lever,
        way=(_UP if found.by > 0 else _DOWN).in_(language),
        by=numerals.plain(abs(found.by), language),
        where=joined(list(units), language) if units else _EVERYWHERE.in_(language),
        period=in_words(found.periods[-1]).in_(language),
    )
    return (asked, *(f"- {fan.text.in_(language)}" for fan in found.fans))


def chosen(found: Portfolio, release: Release, target: float | None, language: Language) -> Printed:
    """Which moves together bring most, and how sure that is."""
    view = view_of(release, language)
    head = (
        view.say("unit"),
        _CODE.in_(language),
        *(word(key, language) for key in ("lever", "gain_for", "gain_short", "interval90")),
    )
    rows = tuple(
        (
            view.name(c.unit),
            c.unit,
            view.label(c.lever),
            view.label(c.outcome),
            view.number(c.gain.estimate),
            view.span(c.gain.low, c.gain.high, signed=False),
        )
        for c in found.choices
    )
    said = [found.reason.in_(language)]
    if target is not None and math.isfinite(found.reached):
        part = {"target": numerals.plain(target, language), "chance": view.chance(found.reached)}
        said.insert(0, _REACHED.in_(language).format(**part))
    if rows:
        said.insert(0, _together(found, view))
    return Printed(head, rows, 4, tuple(said))


def published(
    found: Publication, name: Callable[[str], str], label: Callable[[str], str], language: Language
) -> Printed:
    """Means for the open, and what is left of the budget; ``name`` is of a unit, ``label`` of a construct."""
    heads = (Text("unit", "onderdeel"), Text("period", "periode"), _MEASURED, _RESPONDENTS, _MEAN, _NOISE, _EPSILON)
    rows = tuple(
        (
            name(m.unit),
            numerals.period(m.period, language),
            label(m.construct),
            numerals.number(m.n, language, 0),
            numerals.plain(m.mean, language),
            f"± {numerals.plain(m.half, language)}",
            numerals.plain(m.epsilon, language),
        )
        for m in found.means
    )
    left = _LEFT.in_(language).format(
        left=numerals.number(found.left, language), total=numerals.plain(found.total, language)
    )
    return Printed(tuple(h.in_(language) for h in heads), rows, 3, (left,))


def _together(found: Portfolio, view: View) -> str:
    gain = found.gain
    said = _TOGETHER.in_(view.language).format(
        gain=view.number(gain.estimate), span=view.span(gain.low, gain.high, signed=False)
    )
    if found.spent == Cost():
        return said
    money, hours = (numerals.plain(v, view.language) for v in (found.spent.money, found.spent.hours))
    return f"{said} {_COSTS.in_(view.language).format(money=money, hours=hours)}"


def _figure(view: View, variable: str, value: float) -> str:
    return f"{view.figure(variable, value)} {view.unit_of(variable)}".strip()


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
