"""What an audit found, in plain words: which units, what follows, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from bevlogen.core import numerals
from bevlogen.core.chain import Language, Text
from bevlogen.core.released import Inference

HEAD = (
    Text("unit", "onderdeel"),
    Text("about", "over"),
    Text("period", "periode"),
    Text("compared with", "vergeleken met"),
    Text("what follows", "wat eruit volgt"),
)
NOTHING = Text(
    "Nothing follows about anybody from these figures together.",
    "Uit deze cijfers samen volgt niets over iemand.",
)
_ADVICE = Text(
    "Somebody who knows these teams can work this out. Ask who made the figures to hide more of them, to round them "
    "more coarsely, or to show them for larger groups; and attack the result again.",
    "Wie deze teams kent, kan dit uitrekenen. Vraag de maker van de cijfers om er meer te verbergen, om grover af te "
    "ronden of om grotere groepen te tonen. En val het resultaat dan opnieuw aan.",
)


_DOUBT = Text(
    " In doubt: {}. What two rounds tell supposes that who stayed answered the same, and other figures of those rounds "
    "show that people did not.",
    " Twijfelachtig: {}. Wat twee rondes vertellen, geldt alleen als wie bleef hetzelfde antwoordde. Andere cijfers "
    "van die rondes laten zien dat mensen dat niet deden.",
)


def row(found: Inference, language: Language) -> tuple[str, ...]:
    """Say one inference under ``HEAD``."""
    since = " ".join(filter(None, (found.since_period, found.since_release)))
    return found.unit, found.construct, found.period, since, _follows(found).in_(language) + _if(found).in_(language)


def verdict(found: Sequence[Inference], language: Language) -> str:
    """Say how much was found, and what to do."""
    if not found:
        return NOTHING.in_(language)
    doubtful = sum(i.otherwise > 0 for i in found)
    exact, units = sum(i.exact and not i.otherwise for i in found), len({i.unit for i in found})
    many = "s" * (len(found) > 1)
    en = f"{len(found)} inference{many} about people of {units} unit{'s' * (units > 1)}, {exact} exact."
    where = f"{units} {'onderdelen' if units > 1 else 'onderdeel'}"
    nl = f"{len(found)} conclusie{many} over mensen van {where}, waarvan {exact} precies."
    doubt = _DOUBT if doubtful else Text("", "")
    advice = _ADVICE if doubtful < len(found) else Text("", "")
    said = Text(f"{en}{doubt.en.format(doubtful)} {advice.en}", f"{nl}{doubt.nl.format(doubtful)} {advice.nl}")
    return said.in_(language).rstrip()


def _span(found: Inference, language: Language) -> str:
    low, high = (_figure(v, language) for v in (found.low, found.high))
    return f"{low} {'tot' if language == 'nl' else 'to'} {high}"


def _figure(value: float, language: Language) -> str:
    """Three significant digits."""
    return numerals.plain(float(f"{value:.3g}"), language)


def _if(found: Inference) -> Text:
    """What an inference from two waves supposes."""
    if not found.since_period:
        return Text("", "")
    en, nl = ", if who stayed answered the same", ", als wie bleef hetzelfde antwoordde"
    if not found.otherwise:
        return Text(en, nl)
    units = "s" * (found.otherwise > 1)
    onderdelen = "onderdelen" if found.otherwise > 1 else "onderdeel"
    return Text(
        f"{en}; the figures of {found.otherwise} unit{units} show that people did not",
        f"{nl}; de cijfers van {found.otherwise} {onderdelen} laten zien dat mensen dat niet deden",
    )


def _follows(found: Inference) -> Text:
    en = f"exactly {_figure(found.low, 'en')}" if found.exact else _span(found, "en")
    nl = f"precies {_figure(found.low, 'nl')}" if found.exact else _span(found, "nl")
    many = found.people > 1
    if found.since_period:
        en_who = f"{found.people} people who came or left" if many else "the one who came or left"
        nl_who = f"{found.people} mensen die kwamen of gingen" if many else "degene die kwam of ging"
    else:
        en_who = f"{found.people} people" if many else "one person"
        nl_who = f"{found.people} mensen" if many else "één persoon"
    if found.swapped:
        return Text(
            f"if one left and another came, the answer of one of them: {en}",
            f"als er een ging en een ander kwam, het antwoord van een van hen: {nl}",
        )
    if found.kind == "mean":
        return Text(f"the mean of {en_who}: {en}", f"het gemiddelde van {nl_who}: {nl}")
    each, ieder = ("each of ", "ieder van ") if many else ("", "")
    return Text(f"the answer of {each}{en_who}: {en}", f"het antwoord van {ieder}{nl_who}: {nl}")
