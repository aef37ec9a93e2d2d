"""What documents say besides the words of the page on screen."""

from __future__ import annotations

from collections.abc import Mapping

from bevlogen.core.chain import Language, Text

_WORDS: Mapping[str, Text] = {
    "lever": Text("Work on", "Werk aan"),
    "gain_for": Text("Gain for", "Winst voor"),
    "gain": Text("Expected gain (SD)", "Verwachte winst (SD)"),
    "gain_short": Text("Gain (SD)", "Winst (SD)"),
    "interval90": Text("90% interval", "90%-interval"),
    "moves_intro": Text(
        "Where one step is expected to bring most, the most promising first.",
        "Waar één stap naar verwachting het meest oplevert, de meest belovende eerst.",
    ),
    "cause": Text("From", "Van"),
    "outcome": Text("To", "Naar"),
    "by_branch": Text("Latest figure by part of the organisation", "Laatste cijfer per deel van de organisatie"),
    "claim": Text("Claim", "Stelling"),
    "method": Text("Method", "Methode"),
    "does": Text("What it does", "Wat het doet"),
    "sheet_summary": Text("Summary", "Samenvatting"),
    "sheet_chain": Text("Chain", "Keten"),
    "sheet_claims": Text("Claims", "Stellingen"),
    "sheet_map": Text("Map", "Kaart"),
    "sheet_exist": Text("Right to exist", "Bestaansrecht"),
    "sheet_moves": Text("First moves", "Eerste stappen"),
    "sheet_worked": Text("Actions", "Acties"),
    "sheet_levels": Text("Levels", "Niveaus"),
    "sheet_figures": Text("All figures", "Alle cijfers"),
    "sheet_hidden": Text("Hidden", "Verborgen"),
    "sheet_rules": Text("Rules and methods", "Regels en methoden"),
    "sheet_standards": Text("Standards", "Normen"),
    "slide_open": Text("What we do not know yet", "Wat wij nog niet weten"),
    "slide_rules": Text("What protects people", "Wat mensen beschermt"),
    "settles": Text("Why, and what would settle it", "Waarom, en wat het beslist"),
    "settled": Text("What these figures decide", "Wat deze cijfers beslissen"),
    "more_links": Text(
        "Not on this slide: {n} of the links. They stand in the full report.",
        "Niet op deze dia: {n} van de verbanden. Zij staan in het volledige rapport.",
    ),
    "more_open": Text("Still open as well: {n} of the claims.", "Ook nog open: {n} van de stellingen."),
    "measured": Text("Measured", "Gemeten"),
    "dashed": Text(
        "Dashed: what is expected of the mean over teams. Between the outer lines it lies 8 in 10 times.",
        "Gestreept: wat voor het gemiddelde over teams wordt verwacht. Tussen de buitenste lijnen ligt het 8 van de 10 "
        "keer.",
    ),
    "full_report": Text(
        "Every figure with its method stands in the full report and in the workbook, made from the same release.",
        "Elk cijfer met zijn methode staat in het volledige rapport en in het werkboek, uit dezelfde vrijgave.",
    ),
    "team_kind": Text("For the team meeting · {name}", "Voor het teamoverleg · {name}"),
    "team_strong": Text("What goes well", "Wat goed gaat"),
    "team_work": Text("What to work on", "Waaraan u kunt werken"),
    "team_changes": Text("What moved more than chance", "Wat meer bewoog dan toeval"),
    "team_levels": Text("All figures of this team", "Alle cijfers van dit team"),
    "team_better": Text(
        "{name}: {value}. Clearly better than {whole} as a whole.",
        "{name}: {value}. Duidelijk beter dan {whole} als geheel.",
    ),
    "team_none_better": Text(
        "No figure is clearly better than that of the whole. That is no verdict: with few people differences are hard "
        "to see.",
        "Geen cijfer is duidelijk beter dan dat van het geheel. Dat is geen oordeel: met weinig mensen zijn "
        "verschillen moeilijk te zien.",
    ),
    "team_nothing": Text(
        "Nothing of this team may be shown: too few people answered, or figures are hidden to protect others.",
        "Van dit team mag niets worden getoond: te weinig mensen gaven antwoord, of cijfers zijn verborgen om anderen "
        "te beschermen.",
    ),
    "team_move": Text(
        "{lever}: from {level} to {target} ({basis}), for the sake of {outcome}. Expected gain {gain} SD ({span}); "
        "chance that it matters: {chance}.",
        "{lever}: van {level} naar {target} ({basis}), ten gunste van {outcome}. Verwachte winst {gain} SD ({span}); "
        "kans dat het ertoe doet: {chance}.",
    ),
    "team_said": Text("Words used here more than elsewhere", "Woorden die hier meer worden gebruikt dan elders"),
    "team_said_how": Text(
        "Of what {k} people or more wrote to a question; a word counts when several of them use it. Ask the team what "
        "these words are about.",
        "Uit wat {k} mensen of meer op een vraag schreven; een woord telt als meer van hen het gebruiken. Vraag het "
        "team waar deze woorden over gaan.",
    ),
    "team_weak": Text(
        "What this may bring cannot be said yet. These figures are clearly lower than those of the whole, so start the "
        "conversation here:",
        "Wat dit oplevert, is nog niet te zeggen. Deze cijfers zijn duidelijk lager dan die van het geheel; begin het "
        "gesprek dus hier:",
    ),
    "team_no_move": Text(
        "No first move can be named for this team. Ask the team itself: the guide helps.",
        "Voor dit team is geen eerste stap te noemen. Vraag het aan het team zelf: de gespreksleidraad helpt.",
    ),
    "team_against": Text("Against {whole}", "Tegenover {whole}"),
    "team_no_difference": Text("no clear difference", "geen duidelijk verschil"),
    "team_guide": Text("Guide for the team meeting", "Gespreksleidraad voor het teamoverleg"),
    "team_guide_intro": Text(
        "Put these questions on the table and listen. The aim is not who said what, but what you want to do together.",
        "Leg deze vragen op tafel en luister. Het gaat er niet om wie wat zei, maar om wat u samen wilt doen.",
    ),
    "team_question": Text("Question, and what we agree", "Vraag, en wat wij afspreken"),
    "team_instead": Text("The figure of {name} is shown instead.", "Wel te zien is het cijfer van {name}."),
    "team_similar": Text(
        "To compare, the mean of teams like it whose figures may be shown: {means}.",
        "Ter vergelijking, het gemiddelde van soortgelijke teams met cijfers die getoond mogen worden: {means}.",
    ),
    "team_earlier": Text(
        "Shown before, of this team itself: {figures}.", "Eerder te zien, van dit team zelf: {figures}."
    ),
    "team_nobody": Text(
        "Nobody can see these figures, the director neither. They appear when more people answer.",
        "Niemand kan deze cijfers zien, ook de directeur niet. Zij verschijnen als meer mensen antwoord geven.",
    ),
    "team_all_shown": Text(
        "Nothing of this team is hidden in the last period.", "Van dit team is in de laatste periode niets verborgen."
    ),
    "low": Text("low ({share})", "laag ({share})"),
    "high": Text("high ({share})", "hoog ({share})"),
    "reach_below": Text("figure less low", "cijfer min laag"),
    "reach_above": Text("high less figure", "hoog min cijfer"),
    "claims_counted": Text("Number of claims", "Aantal stellingen"),
    "chain_chart": Text("Strength of each link, own figures (95%)", "Sterkte van elk verband, eigen cijfers (95%)"),
    "claims_intro": Text("Every sentence of the theory is tested.", "Elke zin van de theorie is getoetst."),
    "tones": Text(
        "In the chart: green is supported, red contradicted, blue too small to matter, ochre still open; the verdict "
        "stands in the second column.",
        "In de grafiek: groen is bevestigd, rood tegengesproken, blauw te klein om ertoe te doen, oker nog open; het "
        "oordeel staat in de tweede kolom.",
    ),
    "what_figure": Text("What the figure is", "Wat het cijfer is"),
    "move": Text("Step", "Stap"),
    "level_now": Text("Level now", "Niveau nu"),
    "level_target": Text("Within reach", "Haalbaar"),
    "target_basis": Text("Within reach is", "Haalbaar is"),
    "action": Text("Action", "Actie"),
    "begun": Text("From", "Vanaf"),
    "effect": Text("Effect (SD)", "Effect (SD)"),
    "naive": Text("After less before (SD)", "Na min voor (SD)"),
    "chance_alone": Text("By chance alone (SD)", "Vanzelf, door toeval (SD)"),
    "worked_intro": Text(
        "Every action, held against comparable teams; above zero is the wanted way.",
        "Elke actie, vergeleken met vergelijkbare teams; boven nul is de gewenste kant.",
    ),
    "levels_intro": Text(
        "The latest figure of each unit. Small groups are drawn towards the average of similar units, because chance "
        "weighs more there.",
        "Het laatste cijfer van elk onderdeel. Kleine groepen zijn naar het gemiddelde van vergelijkbare onderdelen "
        "getrokken, omdat toeval daar zwaarder weegt.",
    ),
    "figures": Text("All figures that may be shown", "Alle cijfers die getoond mogen worden"),
    "figures_intro": Text(
        "A row per unit, period and construct, rounded as everywhere. Empty is not known; what is hidden stands on "
        "the next sheet.",
        "Een rij per onderdeel, periode en begrip, afgerond zoals overal. Leeg is onbekend; wat verborgen is, staat op "
        "het volgende blad.",
    ),
    "figures_cut": Text(
        "There are too many for one sheet: {first} to {last} are left out here; the JSON file holds them.",
        "Het zijn er te veel voor één blad: {first} tot en met {last} staan hier niet; het JSON-bestand heeft ze.",
    ),
    "unit_key": Text("Key of the unit", "Sleutel van het onderdeel"),
    "value": Text("Figure", "Cijfer"),
    "drawn": Text("Drawn towards similar units", "Getrokken naar vergelijkbare onderdelen"),
    "reliability": Text("Reliability", "Betrouwbaarheid"),
    "hidden": Text("What is hidden, and why", "Wat verborgen is, en waarom"),
    "periods": Text("Periods", "Perioden"),
    "why_hidden": Text("Why", "Waarom"),
    "instead": Text("Shown instead", "In plaats daarvan"),
    "way": Text("What can be done", "Wat u kunt doen"),
    "rules": Text("What protects people, and how figures are made", "Wat mensen beschermt, en hoe cijfers ontstaan"),
    "standards": Text("Where these figures fit in standards", "Waar deze cijfers in normen passen"),
    "standards_intro": Text(
        "For whoever writes an annual or sustainability report. The words are ours; the standard itself counts.",
        "Voor wie een jaar- of duurzaamheidsverslag schrijft. De woorden zijn van ons; de norm zelf telt.",
    ),
    "standard": Text("Standard", "Norm"),
    "clause": Text("Place", "Plaats"),
    "fits": Text("Does it serve there?", "Voldoet het daar?"),
    "in_release": Text("Measured here", "Hier gemeten"),
    "yes": Text("yes", "ja"),
    "no": Text("no", "nee"),
}  # fmt: skip


def word(key: str, language: Language, **parts: object) -> str:
    """Return a text of the documents."""
    text = _WORDS[key].in_(language)
    return text.format(**parts) if parts else text
