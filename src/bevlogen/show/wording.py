"""Every sentence of the report, in English and Dutch: plain words first, at the level that most adults read."""

from __future__ import annotations

from collections.abc import Mapping

from bevlogen.core.chain import Language, Text
from bevlogen.core.results import Basis, Design, EffectMethod, EffectVerdict, Rule, Verdict

VERDICTS: Mapping[Verdict, Text] = {
    "supported": Text("supported", "bevestigd"),
    "contradicted": Text("contradicted", "tegengesproken"),
    "no meaningful effect": Text("no meaningful effect", "geen effect van betekenis"),
    "undetermined": Text("undetermined", "nog niet te zeggen"),
}

VERDICT_MEANINGS: Mapping[Verdict, Text] = {
    "supported": Text(
        "The data point the way the theory says.",
        "De cijfers wijzen de kant op die de theorie zegt.",
    ),
    "contradicted": Text(
        "The data point the other way.",
        "De cijfers wijzen de andere kant op.",
    ),
    "no meaningful effect": Text(
        "Sure enough that the effect is too small to matter.",
        "Zeker genoeg dat het effect te klein is om ertoe te doen.",
    ),
    "undetermined": Text(
        "The data cannot tell yet. This does not mean that there is no effect.",
        "De cijfers kunnen het nog niet zeggen. Dat betekent niet dat er geen effect is.",
    ),
}

EFFECT_VERDICTS: Mapping[EffectVerdict, Text] = {
    "worked": Text("worked", "werkte"),
    "backfired": Text("wrong way", "verkeerde kant op"),
    "no meaningful effect": Text("nothing that matters", "niets dat ertoe doet"),
    "too early": Text("too early to say", "nog te vroeg"),
    "undetermined": Text("cannot be said", "niet te zeggen"),
}

EFFECT_METHODS: Mapping[EffectMethod, Text] = {
    "staggered": Text(
        "Held against teams that had the same scores before.", "Vergeleken met teams die ervoor dezelfde scores hadden."
    ),
    "synthetic": Text(
        "Held against teams that had the same scores before, and against a weighted mix of others.",
        "Vergeleken met teams die ervoor dezelfde scores hadden, en met een gewogen mengsel van andere.",
    ),
    "interrupted": Text("Held against its own course before.", "Vergeleken met het eigen verloop ervoor."),
    "none": Text("", ""),
}

DESIGNS: Mapping[Design, Text] = {
    "cross-sectional": Text("between units", "tussen onderdelen"),
    "within": Text("within units, over time", "binnen onderdelen, in de tijd"),
    "lagged": Text("lagged: one measurement later", "vertraagd: één meting later"),
    "experiment": Text("experiment", "experiment"),
}

DESIGN_MEANINGS: Mapping[Design, Text] = {
    "cross-sectional": Text(
        "Do units that score higher on the one also score higher on the other? Other differences between "
        "units may explain it.",
        "Scoren onderdelen die hoog staan op het een, ook hoog op het ander? Andere verschillen tussen "
        "onderdelen kunnen dit verklaren.",
    ),
    "within": Text(
        "When a unit rises on the one, does it rise on the other in the same period? Fixed differences "
        "between units drop out.",
        "Als een onderdeel op het een stijgt, stijgt het dan in dezelfde periode op het ander? Vaste "
        "verschillen tussen onderdelen vallen weg.",
    ),
    "lagged": Text(
        "When a unit rises on the one, is it higher on the other at the next measurement? The closest to "
        "cause without an experiment.",
        "Als een onderdeel op het een stijgt, staat het dan bij de volgende meting hoger op het ander? "
        "Dichter bij oorzaak komt u niet zonder experiment.",
    ),
    "experiment": Text(
        "Something was changed in some units and not in others.",
        "Er is iets veranderd in sommige onderdelen en niet in andere.",
    ),
}

RULES: Mapping[Rule, Text] = {
    "threshold": Text("fewer than {k} respondents", "minder dan {k} respondenten"),
    "complement": Text(
        "hidden to protect another figure that could be worked out from it",
        "verborgen om een ander cijfer te beschermen dat eruit af te leiden is",
    ),
    "all-equal": Text("everybody gave nearly the same answer", "iedereen gaf bijna hetzelfde antwoord"),
    "response": Text("too small a part of the people answered", "een te klein deel van de mensen antwoordde"),
    "unknown-n": Text("number of respondents not known", "aantal respondenten niet bekend"),
}
RULE_SIGNS: Mapping[Rule, str] = {
    "threshold": "a",
    "complement": "b",
    "all-equal": "c",
    "response": "d",
    "unknown-n": "e",
}

BASES: Mapping[Basis, Text] = {
    "own past": Text("its own best past level", "het eigen beste niveau tot nu toe"),
    "peers": Text("the best quarter of its peers", "het beste kwart van vergelijkbare onderdelen"),
    "norm": Text("the norm", "de norm"),
}

TEXTS: Mapping[str, Text] = {
    # page
    "title": Text("Steering picture", "Stuurbeeld"),
    "skip": Text("Go to the content", "Ga naar de inhoud"),
    "contents": Text("On this page", "Op deze pagina"),
    "period_one": Text("Period: {first}", "Periode: {first}"),
    "period_many": Text(
        "Period: {first} to {last} ({n} measurements)", "Periode: {first} tot en met {last} ({n} metingen)"
    ),
    "period_none": Text("No period in the data", "Geen periode in de gegevens"),
    "units_counted": Text("{n} units", "{n} onderdelen"),
    "simulated": Text("Simulated data", "Gesimuleerde gegevens"),
    "simulated_long": Text(
        "This organisation does not exist. The figures are made by a computer to show how the report works.",
        "Deze organisatie bestaat niet. De cijfers zijn door een computer gemaakt om te laten zien hoe het "
        "rapport werkt.",
    ),
    "answers": Text(
        "What do we steer on: the customer or the employee? This page tests, with this organisation’s own "
        "figures, whether good "
        "employership makes engaged employees, and engaged employees make loyal customers. It shows where to "
        "act first.",
        "Waarop sturen wij: op de klant of op de medewerker? Deze pagina toetst met de eigen cijfers van de "
        "organisatie of goed "
        "werkgeverschap zorgt voor bevlogen medewerkers, en bevlogen medewerkers voor trouwe klanten. En waar "
        "u het eerst iets kunt doen.",
    ),
    "middle_unit": Text(
        "There is no figure of the whole organisation. Where the whole is meant, the figure is that of the "
        "unit in the middle of all shown units.",
        "Er is geen cijfer van de hele organisatie. Waar het geheel bedoeld is, staat het cijfer van het "
        "middelste van alle getoonde onderdelen.",
    ),
    "what_holds": Text("Which ones", "Welke"),
    "all_peers": Text("all units", "alle onderdelen"),
    "note": Text("Note", "Aantekening"),
    "data_table": Text("Show these figures as a table", "Toon deze cijfers als tabel"),
    "notes": Text("Cautions about the data", "Waarschuwingen bij de gegevens"),
    "unit": Text("Unit", "Onderdeel"),
    "n": Text("Respondents", "Respondenten"),
    "period": Text("Period", "Periode"),
    "interval95": Text("95% interval", "95%-interval"),
    "interval_drawn": Text(
        "The interval says where the level of a team probably lies. With few answers it leans towards teams like it, "
        "and it is rounded outward. So the mean of who answered may lie at its edge.",
        "Het interval zegt waar het niveau van een team waarschijnlijk ligt. Bij weinig antwoorden schuift het op naar "
        "vergelijkbare teams, en het is naar buiten afgerond. Het gemiddelde van wie antwoordde kan dus aan de rand "
        "liggen.",
    ),
    "sd_explained": Text(
        "SD stands for the usual difference between units (one standard deviation). The smallest effect that "
        "counts here is {smallest} SD.",
        "SD staat voor het gewone verschil tussen onderdelen (één standaardafwijking). Het kleinste effect "
        "dat hier telt is {smallest} SD.",
    ),
    # answer
    "answer": Text("The answer", "Het antwoord"),
    "chain_whole": Text(
        "The whole chain holds here, from employership to the right to exist.",
        "De hele keten klopt hier, van werkgeverschap tot bestaansrecht.",
    ),
    "chain_part": Text(
        "Part of the chain holds here: of the {n} claims {supported} supported, none contradicted, {nothing} "
        "without meaningful effect, {unknown} still open.",
        "Een deel van de keten klopt hier: van de {n} stellingen {supported} bevestigd, geen tegengesproken, "
        "{nothing} zonder effect van betekenis, {unknown} nog open.",
    ),
    "chain_mixed": Text(
        "The picture is mixed: of the {n} claims {supported} supported, {contradicted} contradicted, "
        "{nothing} without meaningful effect, {unknown} still open.",
        "Het beeld is gemengd: van de {n} stellingen {supported} bevestigd, {contradicted} tegengesproken, "
        "{nothing} zonder effect van betekenis, {unknown} nog open.",
    ),
    "chain_against": Text(
        "Where it can be said, the chain does not hold here: of the {n} claims {contradicted} contradicted, none "
        "supported, {nothing} without meaningful effect, {unknown} still open.",
        "Waar het te zeggen is, klopt de keten hier niet: van de {n} stellingen {contradicted} tegengesproken, "
        "geen bevestigd, {nothing} zonder effect van betekenis, {unknown} nog open.",
    ),
    "chain_small": Text(
        "No part of the chain is confirmed here: of the {n} claims {nothing} without meaningful effect, "
        "{unknown} still open.",
        "Geen deel van de keten is hier bevestigd: van de {n} stellingen {nothing} zonder effect van "
        "betekenis, {unknown} nog open.",
    ),
    "chain_unknown": Text(
        "Whether the chain holds here cannot be said yet: none of the {n} claims could be decided with these figures.",
        "Of de keten hier klopt, is nog niet te zeggen: geen van de {n} stellingen is met deze cijfers te beslissen.",
    ),
    "chain_none": Text(
        "Whether the chain holds here cannot be said: this release tests no claims.",
        "Of de keten hier klopt, is niet te zeggen: er zijn geen stellingen getoetst.",
    ),
    "steer_first": Text(
        "Start at {unit} with “{lever}”: there the expected gain in {outcome} is largest, with a {chance} "
        "chance that it is big enough to matter.",
        "Begin bij {unit} met “{lever}”: daar is de verwachte winst voor {outcome} het grootst, met {chance} "
        "kans dat die groot genoeg is om ertoe te doen.",
    ),
    "steer_close": Text(
        "Its lead over the other steps is uncertain.", "De voorsprong op de andere stappen is onzeker."
    ),
    "steer_none_bare": Text(
        "No first move can be named with these figures.", "Met deze cijfers is geen eerste stap te noemen."
    ),
    "association": Text(
        "These are links between figures of units, not proof of cause. No experiment lies behind them.",
        "Dit zijn verbanden tussen cijfers van onderdelen, geen bewijs van oorzaak. Er ligt geen experiment "
        "aan ten grondslag.",
    ),
    "needed": Text("What is needed first:", "Wat het eerst nodig is:"),
    "verdicts_counted": Text("Verdicts on the claims", "Oordelen over de stellingen"),
    # chain
    "chain": Text("The chain", "De keten"),
    "chain_intro": Text(
        "Each box is something that is measured, with the latest level of the whole organisation. Each arrow "
        "is a link that "
        "the theory expects. The thicker the arrow, the stronger the link in this organisation.",
        "Elk vak is iets wat is gemeten, met het laatste niveau van de hele organisatie. Elke pijl is een "
        "verband dat de theorie "
        "verwacht. Hoe dikker de pijl, hoe sterker het verband in deze organisatie.",
    ),
    "chain_description": Text(
        "Path diagram from employership to the right to exist. The same content stands in the table below it.",
        "Padmodel van werkgeverschap tot bestaansrecht. Dezelfde inhoud staat in de tabel eronder.",
    ),
    "side_employer": Text("Employer", "Werkgever"),
    "side_employee": Text("Employee", "Medewerker"),
    "side_encounter": Text("Encounter", "Contact"),
    "side_customer": Text("Customer", "Klant"),
    "side_result": Text("Right to exist", "Bestaansrecht"),
    "side_below": Text("What engagement does for people and work", "Wat bevlogenheid doet met mensen en werk"),
    "no_data": Text("no data", "geen cijfers"),
    "parts": Text("{n} parts", "{n} delen"),
    "link": Text("Link", "Verband"),
    "strength": Text("Strength (SD)", "Sterkte (SD)"),
    "verdict": Text("Verdict", "Oordeel"),
    "reason": Text("Reason", "Reden"),
    "design": Text("Seen", "Gezien"),
    "legend": Text("How to read this", "Zo leest u dit"),
    "legend_width": Text(
        "Width and number: strength in SD. The pale band shows how strong it may be at most.",
        "Dikte en getal: sterkte in SD. De lichte band laat zien hoe sterk het hoogstens kan zijn.",
    ),
    "legend_solid": Text("Solid line: decided.", "Doorgetrokken lijn: beslist."),
    "legend_dashed": Text("Dashed line: not sure yet.", "Streepjeslijn: nog niet zeker."),
    "legend_dotted": Text("Thin dotted line: no data.", "Dunne stippellijn: geen cijfers."),
    "leads_to": Text("goes with", "gaat samen met"),
    "construct": Text("Part of the chain", "Deel van de keten"),
    "level": Text("Latest level", "Laatste niveau"),
    "year_change": Text("Against a year before", "Tegenover een jaar eerder"),
    "no_year_before": Text("no figure of a year before", "geen cijfer van een jaar eerder"),
    "no_picture": Text(
        "No link could be estimated: the data hold no two sides for the same units.",
        "Er is geen verband geschat: de gegevens hebben geen twee kanten voor dezelfde onderdelen.",
    ),
    "without_data": Text("Without data: {names}.", "Zonder cijfers: {names}."),
    # map
    "map": Text("The units on the map", "De onderdelen op de kaart"),
    "map_intro": Text(
        "Each point is a unit, compared with units of its kind. Further right: better employership. Higher: "
        "better service. The cross in the middle is the average of comparable units.",
        "Elk punt is een onderdeel, vergeleken met onderdelen van dezelfde soort. Verder naar rechts: beter "
        "werkgeverschap. Hoger: "
        "betere dienst. Het kruis in het midden is het gemiddelde van vergelijkbare onderdelen.",
    ),
    "map_whiskers": Text(
        "The thin lines are 95% intervals: where they cross a middle line, that side is not sure.",
        "De dunne lijnen zijn 95%-intervallen: kruisen zij een middenlijn, dan is die kant niet zeker.",
    ),
    "map_crowded": Text(
        "With {n} units the intervals are left out of the picture; they stand in the table.",
        "Bij {n} onderdelen staan de intervallen niet in de figuur, maar in de tabel.",
    ),
    "map_inexact": Text(
        "How exact these places are is not known: the data do not say how many people stand behind each score.",
        "Hoe precies deze plaatsen zijn, is niet bekend: de gegevens zeggen niet hoeveel mensen achter elke "
        "score staan.",
    ),
    "map_description": Text(
        "Scatter plot of {n} units: employership from left to right, service from bottom to top, in SD from "
        "comparable units.",
        "Spreidingsfiguur van {n} onderdelen: werkgeverschap van links naar rechts, dienst van onder naar "
        "boven, in SD van vergelijkbare onderdelen.",
    ),
    "map_none": Text(
        "No unit has a place on the map. It needs figures of the employer’s side and of the customers’ side "
        "for the same units, "
        "with at least {k} respondents each.",
        "Geen enkel onderdeel heeft een plaats op de kaart. Daarvoor zijn cijfers nodig van de kant van de "
        "werkgever en van de klant "
        "voor dezelfde onderdelen, met elk ten minste {k} respondenten.",
    ),
    "both_strong": Text("both strong", "beide sterk"),
    "service_strong": Text("service strong, employership lags", "dienst sterk, werkgeverschap blijft achter"),
    "employership_strong": Text("employership strong, service lags", "werkgeverschap sterk, dienst blijft achter"),
    "both_lag": Text("both lag", "beide blijven achter"),
    "employership_axis": Text("employership (SD) →", "werkgeverschap (SD) →"),
    "service_axis": Text("service (SD) ↑", "dienst (SD) ↑"),
    "employership": Text("Employership", "Werkgeverschap"),
    "service": Text("Service", "Dienst"),
    "norm_band": Text("norm {low} to {high}", "norm {low} tot {high}"),
    "trend_employership": Text("Employership, change per year", "Werkgeverschap, verandering per jaar"),
    "trend_service": Text("Service, change per year", "Dienst, verandering per jaar"),
    "against_norm": Text("Parts above the norm", "Delen boven de norm"),
    "peers": Text("Compared with", "Vergeleken met"),
    "clear_corners": Text("Clearly in one corner", "Duidelijk in één hoek"),
    "clear_corners_intro": Text(
        "Both intervals lie wholly on one side of the middle.",
        "Beide intervallen liggen helemaal aan één kant van het midden.",
    ),
    "none_clear": Text("none", "geen"),
    "more_units": Text("{n} more", "nog {n}"),
    "not_on_map": Text("Not on the map", "Niet op de kaart"),
    "hidden_see_group": Text(
        "{unit}: {rule}; see the figure of {group}.", "{unit}: {rule}; zie het cijfer van {group}."
    ),
    "hidden_plain": Text("{unit}: {rule}.", "{unit}: {rule}."),
    "incomplete": Text("not measured on both sides", "niet aan beide kanten gemeten"),
    # right to exist
    "exist": Text("The right to exist", "Het bestaansrecht"),
    "exist_intro": Text(
        "Customers who stay, new customers, a sufficient return and use of what is offered: without these no "
        "service lasts.",
        "Klanten die blijven, nieuwe klanten, voldoende rendement en gebruik van het aanbod: zonder deze vier "
        "houdt geen dienst stand.",
    ),
    "exist_absent": Text("There are no figures on: {names}.", "Er zijn geen cijfers over: {names}."),
    "exist_none": Text(
        "The data hold no figures on retention, acquisition, return or use of capacity. Add them to the table "
        "of results to see "
        "whether satisfied customers keep the organisation alive.",
        "De gegevens bevatten geen cijfers over behoud, aanwas, rendement of gebruik van het aanbod. Voeg ze "
        "toe aan de tabel met "
        "resultaten om te zien of tevreden klanten de organisatie dragen.",
    ),
    "exist_hidden": Text("not shown for the whole organisation", "niet getoond voor de hele organisatie"),
    "outlook": Text("A year ahead", "Een jaar vooruit"),
    "outlook_band": Text(
        "The mean over {n} teams is {now} now. Expected for {period}: between {low} and {high} (8 in 10 times).",
        "Het gemiddelde over {n} teams is nu {now}. Verwacht voor {period}: tussen {low} en {high} (8 van de 10 keer).",
    ),
    "outlook_apart": Text(
        "The outlook begins apart from the course: it is the mean over teams, and in the figure of the whole large "
        "teams weigh more.",
        "De vooruitblik begint los van het verloop: die gaat over het gemiddelde van de teams, en in het cijfer van "
        "het geheel wegen grote teams zwaarder.",
    ),
    "outlook_low": Text("Low (10%)", "Laag (10%)"),
    "outlook_middle": Text("Middle", "Midden"),
    "outlook_high": Text("High (90%)", "Hoog (90%)"),
    "forewarned": Text("Early warning", "Vroege waarschuwing"),
    "forewarned_intro": Text(
        "Teams where the figures of their people and customers point to something that worsened before after such "
        "figures. It is about teams, never about persons. It switches itself off where it is no better than "
        "knowing nothing.",
        "Teams waar de cijfers van mensen en klanten wijzen op iets wat eerder na zulke cijfers slechter ging. "
        "Het gaat over teams, nooit over personen. Het gaat vanzelf uit als het niet beter is dan niets weten.",
    ),
    "forewarned_for": Text("Warned of, for {period}", "Waarschuwing voor {period}"),
    "forewarned_none": Text("No team is warned of now.", "Voor geen enkel team is er nu een waarschuwing."),
    "forewarned_signs": Text("What points there", "Wat daarop wijst"),
    "forewarned_more": Text("And {n} more.", "En nog {n}."),
    "change_year": Text("{change} against {period}", "{change} tegenover {period}"),
    "latest": Text("Latest", "Laatste"),
    "course": Text("Course", "Verloop"),
    "line_title": Text("{measure}, {first} to {last}", "{measure}, {first} tot en met {last}"),
    "better_lower": Text("lower is better", "lager is beter"),
    # moves
    "moves": Text("First moves", "Eerste stappen"),
    "moves_intro": Text(
        "Where one step is expected to bring most. The bar shows the expected gain with its 90% interval; the "
        "shaded strip is "
        "too small to matter.",
        "Waar één stap naar verwachting het meest oplevert. De balk toont de verwachte winst met het "
        "90%-interval; de grijze strook "
        "is te klein om ertoe te doen.",
    ),
    "moves_certainty": Text(
        "The chance that the first of these really is the best of the list is {chance}. Treat a small lead as no lead.",
        "De kans dat de eerste van deze lijst ook echt de beste is, is {chance}. Zie een kleine voorsprong "
        "niet als voorsprong.",
    ),
    "moves_none": Text("No first move can be named.", "Er is geen eerste stap te noemen."),
    "why": Text("Why", "Waarom"),
    # actions
    "worked": Text("Did it work?", "Heeft het gewerkt?"),
    "worked_intro": Text(
        "Every action, held against comparable teams. The dot is the effect in SD of team scores with its 95% "
        "interval; right is the wanted way; the shaded strip is too small to matter.",
        "Elke actie, vergeleken met vergelijkbare teams. De stip is het effect in SD van teamscores met het "
        "95%-interval; rechts is de gewenste kant; de grijze strook is te klein om ertoe te doen.",
    ),
    "worked_naive": Text(
        "After less before: {naive} SD. By chance alone: {chance} SD.",
        "Na min voor: {naive} SD. Vanzelf, door toeval: {chance} SD.",
    ),
    "worked_facts": Text("Lever: {lever}. From {start}. {units}.", "Knop: {lever}. Vanaf {start}. {units}."),
    "worked_rest": Text("Results of record", "Vastgelegde resultaten"),
    "worked_bar": Text("Effect {effect} SD", "Effect {effect} SD"),
    "worked_unnamed": Text("Action without a description", "Actie zonder omschrijving"),
    "worked_none": Text(
        "No action is on record. Write down what is done, where and from when, and this page will say what it brought.",
        "Er staat geen actie in de gegevens. Schrijf op wat er wordt gedaan, waar en vanaf wanneer, dan zegt deze "
        "pagina wat het opleverde.",
    ),
    "worked_caution": Text(
        "Whether teams were chosen for how they stood is taken into account, whatever else began at the same time in "
        "the same teams is not.",
        "Dat teams gekozen zijn om hoe ze ervoor stonden, is meegerekend. Wat er in dezelfde teams tegelijk nog meer "
        "begon, niet.",
    ),
    "moves_caution": Text(
        "A gain is what the links on this page predict if the step succeeds. It is no promise: about one in "
        "six well-meant "
        "interventions brings nothing or less.",
        "Een winst is wat de verbanden op deze pagina voorspellen als de stap lukt. Het is geen belofte: "
        "ongeveer één op de zes "
        "goedbedoelde maatregelen levert niets op of minder.",
    ),
    "from_to": Text("From – to", "Van – naar"),
    "gain_in": Text("gain in {outcome}", "winst voor {outcome}"),
    "chance": Text("Chance that it matters", "Kans dat het ertoe doet"),
    "rests_on": Text("Rests on", "Rust op"),
    "bar_title": Text("Expected gain {gain} SD, 90% interval {span}", "Verwachte winst {gain} SD, 90%-interval {span}"),
    # claims
    "claims": Text("The evidence, claim by claim", "Het bewijs, stelling voor stelling"),
    "claims_intro": Text(
        "Every sentence of the theory is tested. Open a claim to see what this organisation’s own figures "
        "say, what earlier "
        "research found, and both together.",
        "Elke zin van de theorie is getoetst. Open een stelling om te zien wat de eigen cijfers zeggen, wat "
        "eerder onderzoek vond, "
        "en beide samen.",
    ),
    "claims_none": Text("This release tests no claims.", "Er zijn geen stellingen getoetst."),
    "needs": Text("What this test needs: {needs}.", "Wat deze toets nodig heeft: {needs}."),
    "own": Text("own figures", "eigen cijfers"),
    "published": Text("published", "gepubliceerd"),
    "combined": Text("combined", "samen"),
    "evidence_row": Text("Evidence", "Bewijs"),
    "forest_title": Text(
        "{cause} and {outcome}: three estimates in SD", "{cause} en {outcome}: drie schattingen in SD"
    ),
    "forest_description": Text(
        "Points with 95% intervals; the shaded strip marks effects too small to matter. The figures stand in "
        "the table.",
        "Punten met 95%-intervallen; de grijze strook geeft effecten aan die te klein zijn om ertoe te doen. "
        "De cijfers staan in de tabel.",
    ),
    "designs": Text("Three ways to look at the own figures", "Drie manieren om naar de eigen cijfers te kijken"),
    "headline": Text("decides", "geeft de doorslag"),
    "scale_ends": Text("“{name}” (scale {low} to {high})", "“{name}” (schaal {low} tot {high})"),
    "quoted": Text("“{name}”", "“{name}”"),
    "raw_sentence": Text(
        "One {cause_unit} more on {cause} goes with {raw} {outcome_unit} on {outcome} ({span}).",
        "Eén {cause_unit} meer op {cause} gaat samen met {raw} {outcome_unit} op {outcome} ({span}).",
    ),
    "point": Text("point", "punt"),
    "point_many": Text("points", "punt"),
    "percent_point": Text("percentage point", "procentpunt"),
    "percent_points": Text("percentage points", "procentpunt"),
    "step_of": Text("unit of measurement", "eenheid"),
    "units_measured": Text("Units", "Onderdelen"),
    "waves": Text("Periods", "Perioden"),
    "mde": Text("Could have found (SD)", "Had kunnen vinden (SD)"),
    "mde_explained": Text(
        "Could have found: the effect that these figures would show in four out of five cases. Smaller "
        "effects may be missed.",
        "Had kunnen vinden: het effect dat deze cijfers in vier van de vijf gevallen zouden laten zien. "
        "Kleinere effecten kunnen zij missen.",
    ),
    "same_source": Text(
        "Same source: the same people answered both questions. That alone makes the link look stronger.",
        "Zelfde bron: dezelfde mensen beantwoordden beide vragen. Alleen daardoor al lijkt het verband sterker.",
    ),
    "figure": Text("Figure", "Cijfer"),
    "finding_title": Text("{scale}: the figure that decides", "{scale}: het cijfer dat de doorslag geeft"),
    "finding_description": Text(
        "Point with its 95% interval; the line is what it is held against, the shaded strip its margin. The figures "
        "stand in the table.",
        "Punt met het 95%-interval; de lijn is waarmee het is vergeleken, de grijze strook de marge daarvan. De "
        "cijfers staan in de tabel.",
    ),
    "finding_above": Text(
        "The claim says: this figure lies above {null}.", "De stelling zegt: dit cijfer ligt boven {null}."
    ),
    "finding_equal": Text(
        "The claim says: this figure is {null}, give or take {margin}.",
        "De stelling zegt: dit cijfer is {null}, met een marge van {margin}.",
    ),
    "finding_rests_on": Text(
        "Rests on {observations} observations of {units} units in {waves} periods; seen {design}.",
        "Rust op {observations} waarnemingen van {units} onderdelen in {waves} perioden; gezien {design}.",
    ),
    "p_both": Text(
        "p: {p}; adjusted for all that was tested together: {q}.",
        "p: {p}; gecorrigeerd voor alles wat samen is getoetst: {q}.",
    ),
    "q_alone": Text(
        "p, adjusted for all that was tested together: {q}.",
        "p, gecorrigeerd voor alles wat samen is getoetst: {q}.",
    ),
    "p_tiny": Text("below 0.001", "onder 0,001"),
    "unused": Text(
        "In the whole organisation {unused} of the capacity offered was not used in {period}.",
        "In de hele organisatie bleef {unused} van het aanbod ongebruikt in {period}.",
    ),
    "conflict": Text(
        "The own figures and earlier research disagree (chance of such a gap: {p}). Trust the combination less.",
        "De eigen cijfers en eerder onderzoek spreken elkaar tegen (kans op zo’n verschil: {p}). Vertrouw de "
        "combinatie minder.",
    ),
    "worth": Text(
        "Earlier research counts here as much as about {n} units of own data.",
        "Eerder onderzoek telt hier even zwaar mee als ongeveer {n} onderdelen aan eigen cijfers.",
    ),
    "published_cross": Text("Research on links between units", "Onderzoek naar verbanden tussen onderdelen"),
    "published_causal": Text("Research on effects over time", "Onderzoek naar effecten in de tijd"),
    "sources": Text("Rows in the table of evidence", "Regels in de tabel met bewijs"),
    "no_published": Text(
        "No usable published figure for this link.", "Geen bruikbaar gepubliceerd cijfer voor dit verband."
    ),
    "uncorrected": Text("Uncorrected (SD)", "Ongecorrigeerd (SD)"),
    "uncorrected_explained": Text(
        "Uncorrected: the same estimate before allowing for chance in the unit averages.",
        "Ongecorrigeerd: dezelfde schatting zonder rekening te houden met toeval in de gemiddelden van onderdelen.",
    ),
    # levels
    "said": Text("What people wrote", "Wat mensen schreven"),
    "question": Text("Question", "Vraag"),
    "levels": Text("Levels of all units", "Niveaus van alle onderdelen"),
    "levels_intro": Text(
        "Scores in {period}, or the latest before it. Small groups are drawn towards the average of similar "
        "units, because "
        "chance weighs more there. ▲ and ▼ stand only where a unit is clearly above or below the whole organisation.",
        "Scores in {period}, of de laatste daarvoor. Kleine groepen zijn naar het gemiddelde van "
        "vergelijkbare onderdelen getrokken, "
        "omdat toeval daar zwaarder weegt. ▲ en ▼ staan er alleen waar een onderdeel duidelijk boven of onder "
        "de hele organisatie ligt.",
    ),
    "levels_none": Text("No scores may be shown.", "Er mogen geen scores worden getoond."),
    "levels_caption": Text("Scores per unit", "Scores per onderdeel"),
    "n_below": Text("Small grey number: respondents.", "Klein grijs getal: aantal respondenten."),
    "empty_cell": Text("Empty: not measured.", "Leeg: niet gemeten."),
    "hidden": Text("hidden", "verborgen"),
    "ways_head": Text("What can be done where a figure is hidden", "Wat u kunt doen waar een cijfer verborgen is"),
    "clearly_above": Text("clearly above", "duidelijk erboven"),
    "clearly_below": Text("clearly below", "duidelijk eronder"),
    "group_of": Text("{name} ({n} units)", "{name} ({n} onderdelen)"),
    "all_units": Text("All {n} units", "Alle {n} onderdelen"),
    "quality": Text("Can the scores be trusted?", "Zijn de scores te vertrouwen?"),
    "quality_intro": Text(
        "How well the questions hang together, and whether people in one unit agree enough to speak of a "
        "score of that unit.",
        "Hoe goed de vragen samenhangen, en of mensen in één onderdeel het genoeg eens zijn om van een score "
        "van dat onderdeel te spreken.",
    ),
    "quality_none": Text(
        "Nothing is known of the quality of the scales.", "Over de kwaliteit van de schalen is niets bekend."
    ),
    "scale": Text("Scale", "Schaal"),
    "items": Text("Questions", "Vragen"),
    "comparable": Text("Fit to compare units", "Geschikt om te vergelijken"),
    "comparable_yes": Text("yes", "ja"),
    "comparable_care": Text("with care", "met zorg"),
    "comparable_no": Text("no", "nee"),
    "alpha_explained": Text(
        "Alpha and omega: do the questions measure one thing? From 0 to 1; from 0.70 good enough for groups.",
        "Alfa en omega: meten de vragen één ding? Van 0 tot 1; vanaf 0,70 goed genoeg voor groepen.",
    ),
    "icc1_explained": Text(
        "ICC(1): how much of the difference between two answers comes from the unit they belong to.",
        "ICC(1): welk deel van het verschil tussen twee antwoorden komt door het onderdeel waar ze bij horen.",
    ),
    "icc2_explained": Text(
        "ICC(2): how far the average of a unit can be relied on. Below 0.50 do not compare units; from 0.70 "
        "fit for it.",
        "ICC(2): hoe ver u op het gemiddelde van een onderdeel kunt bouwen. Onder 0,50 niet vergelijken; "
        "vanaf 0,70 geschikt.",
    ),
    "rwg_explained": Text(
        "rwg(j): how much people in one unit agree. From 0 to 1; the figure is the median of the units.",
        "rwg(j): hoe eens mensen in één onderdeel het zijn. Van 0 tot 1; het cijfer is de mediaan van de onderdelen.",
    ),
    # methods
    "methods": Text("Methods and assumptions", "Methoden en aannames"),
    "methods_intro": Text(
        "How each figure is made, what it takes for granted, and where the method comes from.",
        "Hoe elk cijfer is gemaakt, wat daarbij is aangenomen en waar de methode vandaan komt.",
    ),
    "formula": Text("Formula", "Formule"),
    "source": Text("Source", "Bron"),
    "privacy": Text("What protects people", "Wat mensen beschermt"),
    "privacy_k": Text(
        "No score of fewer than {k} respondents is shown, and no comments of groups of fewer than {k_comments}.",
        "Scores van minder dan {k} respondenten worden niet getoond, en opmerkingen niet van groepen kleiner "
        "dan {k_comments}.",
    ),
    "privacy_complement": Text(
        "Where a hidden figure could be worked out from its neighbours and the total, a neighbour is hidden as well.",
        "Is een verborgen cijfer af te leiden uit de buren en het totaal, dan is ook een buur verborgen.",
    ),
    "privacy_count": Text("Hidden in this report: {n} figures.", "Verborgen in dit rapport: {n} cijfers."),
    "privacy_none": Text("Nothing is hidden in this report.", "In dit rapport is niets verborgen."),
    "not_done": Text("What this report does not cover yet", "Wat dit rapport nog niet dekt"),
    "provenance": Text("Where this report comes from", "Waar dit rapport vandaan komt"),
    "version": Text("Bevlogen version", "Versie van Bevlogen"),
    "fingerprint": Text("Fingerprint of the data", "Vingerafdruk van de gegevens"),
    "seed": Text("Seed of random numbers", "Startgetal van de toevalsgetallen"),
    "model": Text("Model", "Model"),
    "footer": Text(
        "Made with Bevlogen. No person can be traced in this report; do not use it to judge individuals.",
        "Gemaakt met Bevlogen. In dit rapport is geen persoon te herleiden; gebruik het niet om individuen te "
        "beoordelen.",
    ),
}


def say(key: str, language: Language, **parts: object) -> str:
    """Return a text in a language with its parts filled in."""
    text = TEXTS[key].in_(language)
    return text.format(**parts) if parts else text


def joined(names: list[str], language: Language) -> str:
    """Write a list as a sentence does: a, b and c."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {'en' if language == 'nl' else 'and'} {names[-1]}"
