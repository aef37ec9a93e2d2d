"""The theory as data: constructs, links and claims. Engine, screens and docs all read this file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "nl"]
Side = Literal["employer", "employee", "encounter", "customer", "result"]
Method = Literal["link", "importance", "use", "variance", "moderation", "reciprocity", "necessity", "mediation"]


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence or label in the languages of the product."""

    en: str
    nl: str

    def in_(self, language: Language) -> str:
        """Return the text in ``language``."""
        return self.nl if language == "nl" else self.en


@dataclass(frozen=True, slots=True)
class Construct:
    """One thing that the chain speaks of.

    Attributes
    ----------
    key : name in code, tables and JSON.
    label : name on screen.
    side : whose experience or record it is.
    higher_is_better : direction in which the organisation wants it.
    health : whether it says something of people's health (stricter disclosure).
    """

    key: str
    label: Text
    side: Side
    higher_is_better: bool = True
    health: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An arrow of the theory: more of ``cause`` goes with more (+1) or less (-1) of ``outcome``."""

    cause: str
    outcome: str
    sign: Literal[-1, 1] = 1


@dataclass(frozen=True, slots=True)
class Claim:
    """A testable sentence of the theory.

    Attributes
    ----------
    id : stable name in JSON and docs.
    text : the claim in plain words.
    method : how it is tested (``link``: within/between decomposition over units).
    links : the arrows that the claim is about; each is tested by itself.
    needs : what data the method asks for, in plain words, shown where they are missing.
    """

    id: str
    text: Text
    method: Method
    links: tuple[Link, ...]
    needs: Text


def _c(key: str, en: str, nl: str, side: Side, **kw: bool) -> Construct:
    return Construct(key, Text(en, nl), side, **kw)


CONSTRUCTS: dict[str, Construct] = {
    c.key: c
    for c in (
        _c("employership", "employership", "werkgeverschap", "employer"),
        _c("engagement", "engagement", "bevlogenheid", "employee"),
        _c("control", "control over work", "regie", "employee"),
        _c("initiative", "initiative", "initiatief", "employee"),
        _c("craftsmanship", "craftsmanship", "vakmanschap", "encounter"),
        _c("conduct", "attitude and behaviour", "houding en gedrag", "encounter"),
        _c("customer_conduct", "attitude of the customer", "houding van de klant", "encounter"),
        _c("interaction_quality", "quality of the interaction", "kwaliteit van de interactie", "encounter"),
        _c("service_quality", "perceived service quality", "ervaren dienstkwaliteit", "customer"),
        _c("loyalty", "satisfaction and loyalty", "tevredenheid en trouw", "customer"),
        _c("absence", "sickness absence", "verzuim", "result", higher_is_better=False, health=True),
        _c("burnout", "burn-out complaints", "burn-outklachten", "result", higher_is_better=False, health=True),
        _c("turnover", "staff turnover", "verloop", "result", higher_is_better=False),
        _c("performance", "performance", "prestatie", "result"),
        _c("capacity", "capacity offered", "aanbod", "result"),
        _c("use", "use of capacity", "gebruik van het aanbod", "result"),
        _c("retention", "customers who stay", "behoud van klanten", "result"),
        _c("acquisition", "new customers", "aanwas van klanten", "result"),
        _c("return", "return", "rendement", "result"),
    )
}

# Facets of employership that instruments and levers may name, as ``employership.autonomy``.
FACETS: dict[str, Construct] = {
    c.key: c
    for c in (
        _c("employership.autonomy", "autonomy", "zelf kunnen beslissen", "employer"),
        _c("employership.support", "support from colleagues", "steun van collega's", "employer"),
        _c("employership.leadership", "leadership", "leiding", "employer"),
        _c("employership.development", "development", "ontwikkeling", "employer"),
        _c("employership.recognition", "recognition", "waardering", "employer"),
        _c("employership.fairness", "fairness", "eerlijkheid", "employer"),
        _c("employership.tools", "tools and information", "middelen en informatie", "employer"),
        _c("employership.workload", "workload", "werkdruk", "employer", higher_is_better=False),
        _c("employership.red_tape", "red tape", "regeldruk", "employer", higher_is_better=False),
        _c("loyalty.intention", "returning and recommending", "terugkomen en aanraden", "customer"),
    )
}

RIGHT_TO_EXIST = ("retention", "acquisition", "return", "use")
SCALE_CONSTRUCTS = tuple(k for k, c in CONSTRUCTS.items() if c.side != "result")

_TWO_TABLES = Text(
    "scores of both sides for the same units and periods",
    "scores van beide kanten voor dezelfde teams en perioden",
)
_PER_INTERACTION = Text(
    "ratings per interaction, with craftsmanship and conduct asked apart",
    "beoordelingen per contact, met vakmanschap en houding apart gevraagd",
)
_CROSSED = Text(
    "ratings per interaction that name employee and customer by a pseudonym, for services that differ in co-creation",
    "beoordelingen per contact, met schuilnaam van medewerker en klant, voor diensten met meer en minder co-creatie",
)
_WAVES = Text("at least three waves of both sides", "ten minste drie metingen van beide kanten")
_RESULTS = Text("figures of record (results) for the same units", "vastgelegde resultaten voor dezelfde teams")


def _engaged(ident: str, outcome: str, sign: Literal[-1, 1], en: str, nl: str) -> Claim:
    return Claim(f"engaged-{ident}", Text(en, nl), "link", (Link("engagement", outcome, sign),), _TWO_TABLES)


CLAIMS: dict[str, Claim] = {
    c.id: c
    for c in (
        Claim(
            "customers-carry",
            Text(
                "Loyal customers keep the organisation alive: they stay, others come, returns suffice.",
                "Trouwe klanten dragen de organisatie: zij blijven, anderen komen en het rendement is genoeg.",
            ),
            "link",
            (Link("loyalty", "retention"), Link("loyalty", "acquisition"), Link("loyalty", "return")),
            _RESULTS,
        ),
        Claim(
            "interaction-is-quality",
            Text(
                "The quality that customers perceive is largely the quality of the interaction.",
                "De kwaliteit die klanten ervaren is grotendeels de kwaliteit van het contact.",
            ),
            "importance",
            (Link("interaction_quality", "service_quality"),),
            _PER_INTERACTION,
        ),
        Claim(
            "empty-tram",
            Text(
                "Capacity that nobody uses is no service: where more of it is used, the return is higher.",
                "Aanbod dat niemand gebruikt is geen dienst: waar meer wordt gebruikt, is het rendement hoger.",
            ),
            "use",
            (Link("use", "return"),),
            Text(
                "capacity offered and interactions delivered, and the return, per unit and period",
                "aanbod, gebruik en rendement per team en periode",
            ),
        ),
        Claim(
            "co-creation",
            Text(
                "Where customers co-create more, customer and pair make more of the difference between encounters.",
                "Hoe meer de klant zelf bijdraagt, hoe meer het verschil tussen contacten aan klant en koppel ligt.",
            ),
            "variance",
            (),
            _CROSSED,
        ),
        Claim(
            "co-creation-moderates",
            Text(
                "Attitude and behaviour weigh more where customers co-create more.",
                "Houding en gedrag wegen zwaarder waar de klant meer bijdraagt.",
            ),
            "moderation",
            (Link("conduct", "interaction_quality"),),
            _CROSSED,
        ),
        Claim(
            "craft-and-conduct",
            Text(
                "Craftsmanship and conduct weigh the same in the quality of the interaction.",
                "Vakmanschap en houding wegen even zwaar in de kwaliteit van het contact.",
            ),
            "importance",
            (Link("craftsmanship", "interaction_quality"), Link("conduct", "interaction_quality")),
            _PER_INTERACTION,
        ),
        Claim(
            "reciprocity",
            Text(
                "It is mutual: customers and employees change each other.",
                "Het is wederkerig: klanten en medewerkers veranderen elkaar.",
            ),
            "reciprocity",
            (
                Link("engagement", "loyalty"),
                Link("loyalty", "engagement"),
                Link("conduct", "customer_conduct"),
                Link("customer_conduct", "conduct"),
            ),
            _WAVES,
        ),
        Claim(
            "hygiene",
            Text(
                "Craftsmanship is a hygiene factor: necessary, but not enough to delight.",
                "Vakmanschap is een hygiënefactor: nodig, maar niet genoeg om te verrassen.",
            ),
            "necessity",
            (Link("craftsmanship", "interaction_quality"),),
            _PER_INTERACTION,
        ),
        _engaged("perform", "performance", 1, "Engaged teams perform better.", "Bevlogen teams presteren beter."),
        _engaged("well", "absence", -1, "Engaged teams are ill less.", "Bevlogen teams zijn minder ziek."),
        _engaged(
            "not-burned",
            "burnout",
            -1,
            "Engaged teams have fewer burn-out complaints.",
            "Bevlogen teams hebben minder burn-outklachten.",
        ),
        _engaged(
            "initiative",
            "initiative",
            1,
            "Engaged teams take initiative unasked.",
            "Bevlogen teams nemen ongevraagd initiatief.",
        ),
        _engaged(
            "control",
            "control",
            1,
            "Engaged teams take control over their work.",
            "Bevlogen teams nemen de regie over hun werk.",
        ),
        _engaged(
            "customers",
            "loyalty",
            1,
            "Engaged teams have more satisfied and loyal customers.",
            "Bevlogen teams hebben tevredener en trouwere klanten.",
        ),
        Claim(
            "employership-engages",
            Text("Good employership makes people engaged.", "Goed werkgeverschap maakt mensen bevlogen."),
            "link",
            (Link("employership", "engagement"),),
            Text(
                "an employee survey on employership and engagement", "een onderzoek naar werkgeverschap en bevlogenheid"
            ),
        ),
        Claim(
            "whole-chain",
            Text(
                "Employership leads to engagement, to better interactions, to loyal customers, to the right to exist.",
                "Werkgeverschap leidt tot bevlogenheid, tot beter contact, tot trouwe klanten, tot bestaansrecht.",
            ),
            "mediation",
            (
                Link("employership", "engagement"),
                Link("engagement", "interaction_quality"),
                Link("interaction_quality", "loyalty"),
                Link("loyalty", "retention"),
            ),
            Text(
                "all four steps measured, each later than the one before",
                "alle vier de stappen gemeten, elk later dan de vorige",
            ),
        ),
    )
}

# The arrows of the picture, in reading order; every one is estimated at unit level where the data allow it.
PICTURE: tuple[Link, ...] = (
    Link("employership", "engagement"),
    Link("engagement", "control"),
    Link("engagement", "initiative"),
    Link("engagement", "absence", -1),
    Link("engagement", "burnout", -1),
    Link("engagement", "turnover", -1),
    Link("engagement", "performance"),
    Link("engagement", "conduct"),
    Link("engagement", "interaction_quality"),
    Link("craftsmanship", "interaction_quality"),
    Link("conduct", "interaction_quality"),
    Link("interaction_quality", "service_quality"),
    Link("interaction_quality", "loyalty"),
    Link("service_quality", "loyalty"),
    Link("engagement", "loyalty"),
    Link("loyalty", "retention"),
    Link("loyalty", "acquisition"),
    Link("loyalty", "return"),
    Link("use", "return"),
)


def parent_construct(variable: str) -> str:
    """Return the construct that a variable belongs to: ``employership.autonomy`` belongs to ``employership``."""
    return variable.split(".", 1)[0]


# What every lever may move, by steer.response: the errors that these share with any other construct are always asked.
HUBS = ("engagement", "interaction_quality", "loyalty", "service_quality", "absence", *RIGHT_TO_EXIST)


def linked(a: str, b: str) -> bool:
    """Tell whether an arrow of the theory joins two variables, in either direction, or one of them is a hub."""
    return a in HUBS or b in HUBS or (a, b) in _ARROWS or (b, a) in _ARROWS


_ARROWS = frozenset(
    (link.cause, link.outcome) for link in (*PICTURE, *(link for claim in CLAIMS.values() for link in claim.links))
)
