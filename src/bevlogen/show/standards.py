"""Where figures fit in standards for reporting. What each place is about is in our own words; the standards count.

Places were checked against public tables of contents and texts, as docs/standards.md tells; what could not be checked
is left out and named in ``NOT_VERIFIED``.
"""

from __future__ import annotations

from dataclasses import dataclass

from bevlogen.core.chain import CONSTRUCTS, FACETS, Text

ISO_30414 = "ISO 30414:2018"
ISO_10004 = "ISO 10004:2018"
ESRS = "ESRS, (EU) 2023/2772"


@dataclass(frozen=True, slots=True)
class Place:
    """A figure and the place in a standard where it is of use.

    ``construct`` is a key of the vocabulary, "" for what is no single figure; ``fit`` says how far it serves there.
    """

    construct: str
    name: Text
    standard: str
    place: Text
    fit: Text


def _of(construct: str, standard: str, place: Text, fit: Text) -> Place:
    """A place for a figure of the vocabulary, by the name it has there."""
    return Place(construct, {**CONSTRUCTS, **FACETS}[construct].label, standard, place, fit)


_PART = Text(
    "In part: a survey score with its interval, as this area asks for; the formula is our own.",
    "Deels: een score uit een vragenlijst met interval, zoals dit deel vraagt; de formule is van onszelf.",
)
_INDIRECT = Text(
    "Yes, as an indirect sign of satisfaction, next to what customers say.",
    "Ja, als indirect teken van tevredenheid, naast wat klanten zeggen.",
)
_DIRECT = Text(
    "Yes: a direct measure, with the number of respondents and how reliable it is.",
    "Ja: een directe meting, met het aantal respondenten en hoe betrouwbaar zij is.",
)

MAPPING: tuple[Place, ...] = (
    _of("engagement", ISO_30414,
          Text("Area: organizational culture (engagement; ISO/TS 24178:2021, clause 4)",
               "Deel: organisatiecultuur (bevlogenheid; ISO/TS 24178:2021, hoofdstuk 4)"), _PART),
    _of("employership.leadership", ISO_30414,
          Text("Area: leadership (trust in leadership)", "Deel: leiderschap (vertrouwen in de leiding)"),
          Text("In part: how people see their own leader; it is no score of trust in the top.",
               "Deels: hoe mensen hun eigen leidinggevende zien; het is geen score van vertrouwen in de top.")),
    _of("employership.development", ISO_30414,
          Text("Area: skills and capabilities", "Deel: vaardigheden en bekwaamheden"),
          Text("In part: how people see their chances to learn; hours and costs of training are not measured here.",
               "Deels: hoe mensen hun kansen om te leren zien; uren en kosten van opleiding worden hier niet "
               "gemeten.")),
    _of("craftsmanship", ISO_30414,
          Text("Area: skills and capabilities", "Deel: vaardigheden en bekwaamheden"),
          Text("In part: competence as customers and colleagues see it.",
               "Deels: bekwaamheid zoals klanten en collega’s die zien.")),
    _of("turnover", ISO_30414,
          Text("Area: recruitment, mobility and turnover (turnover rate)",
               "Deel: werving, mobiliteit en verloop (verlooppercentage)"),
          Text("Yes, if the figure you deliver counts who left by the same rule.",
               "Ja, als het cijfer dat u aanlevert vertrekkers volgens dezelfde regel telt.")),
    _of("burnout", ISO_30414,
          Text("Area: organizational health, safety and well-being", "Deel: gezondheid, veiligheid en welzijn"),
          Text("In part: complaints as people report them; accidents and lost time are not measured here.",
               "Deels: klachten zoals mensen die zelf melden; ongevallen en verloren tijd worden hier niet gemeten.")),
    _of("absence", ISO_30414,
          Text("Area: organizational health, safety and well-being", "Deel: gezondheid, veiligheid en welzijn"),
          Text("In part: absence for every reason, not only what work caused.",
               "Deels: verzuim om elke reden, niet alleen door het werk.")),
    _of("performance", ISO_30414,
          Text("Area: productivity", "Deel: productiviteit"),
          Text("In part: your own measure of performance; the ratios with revenue are not made here.",
               "Deels: uw eigen maat voor prestatie; de verhoudingen met omzet worden hier niet gemaakt.")),
    _of("loyalty", ISO_10004,
          Text("7.3.3 Direct measures of customer satisfaction", "7.3.3 Directe metingen van klanttevredenheid"),
          _DIRECT),
    _of("service_quality", ISO_10004,
          Text("7.3.3 Direct measures of customer satisfaction", "7.3.3 Directe metingen van klanttevredenheid"),
          _DIRECT),
    _of("interaction_quality", ISO_10004,
          Text("7.3.1 Characteristics related to customer satisfaction",
               "7.3.1 Kenmerken die samenhangen met klanttevredenheid"),
          Text("Yes: measured per encounter, and tested whether it decides perceived quality.",
               "Ja: gemeten per contact, en getoetst of zij de ervaren kwaliteit bepaalt.")),
    _of("retention", ISO_10004,
          Text("7.3.2 Indirect indicators of customer satisfaction", "7.3.2 Indirecte indicatoren"), _INDIRECT),
    _of("acquisition", ISO_10004,
          Text("7.3.2 Indirect indicators of customer satisfaction", "7.3.2 Indirecte indicatoren"), _INDIRECT),
    Place("", Text("the chain and the claims", "de keten en de stellingen"), ISO_10004,
          Text("7.4 Analysing customer satisfaction data", "7.4 Gegevens over klanttevredenheid analyseren"),
          Text("Yes: what goes with satisfaction, how sure that is, and what is not known.",
               "Ja: wat met tevredenheid samengaat, hoe zeker dat is, en wat niet bekend is.")),
    Place("", Text("reports to board, teams and customers", "rapporten voor bestuur, teams en klanten"), ISO_10004,
          Text("7.5 Communicating customer satisfaction information", "7.5 Informatie over klanttevredenheid delen"),
          Text("Yes, as far as people stay untraceable.", "Ja, zolang mensen onherleidbaar blijven.")),
    Place("", Text("alarms of change beyond chance", "alarm bij verandering boven toeval"), ISO_10004,
          Text("7.6 Monitoring customer satisfaction", "7.6 Klanttevredenheid volgen"),
          Text("Yes: limits of chance, corrected for the number of series.",
               "Ja: grenzen van toeval, gecorrigeerd voor het aantal reeksen.")),
    _of("turnover", ESRS,
          Text("S1-6, paragraph 50 (c): employees who left, and rate of turnover",
               "S1-6, alinea 50 (c): vertrokken werknemers en verlooppercentage"),
          Text("In part: the rate of your own records; the number of people who left is not in a release.",
               "Deels: het percentage uit uw eigen administratie; het aantal vertrekkers staat niet in een vrijgave.")),
    _of("absence", ESRS,
          Text("S1-14, paragraph 88 (e): days lost to work-related injury and ill health",
               "S1-14, alinea 88 (e): verloren dagen door letsel en ziekte door het werk"),
          Text("As context only: it asks for days lost through work, and absence here is for every reason.",
               "Alleen als context: gevraagd zijn dagen die door het werk verloren gingen; verzuim is hier om elke "
               "reden.")),
    Place("", Text("listening to employees", "luisteren naar medewerkers"), ESRS,
          Text("S1-2: processes for engaging with own workforce", "S1-2: processen voor overleg met eigen personeel"),
          Text("In part: who was asked, how often, and what was done with it.",
               "Deels: wie er is gevraagd, hoe vaak, en wat ermee is gedaan.")),
    Place("", Text("actions and whether they worked", "acties en of zij werkten"), ESRS,
          Text("S1-4 and S4-4: actions on material impacts and their effectiveness",
               "S1-4 en S4-4: acties op wezenlijke gevolgen en hoe doeltreffend zij zijn"),
          Text("In part: effect against comparable teams, with its uncertainty.",
               "Deels: effect tegenover vergelijkbare teams, met de onzekerheid.")),
    _of("loyalty", ESRS,
          Text("S4-2: processes for engaging with consumers and end-users",
               "S4-2: processen voor overleg met consumenten en eindgebruikers"),
          Text("In part: that and how customers are heard. S4 asks for no figure of satisfaction.",
               "Deels: dat en hoe klanten worden gehoord. S4 vraagt geen cijfer van tevredenheid.")),
)  # fmt: skip

NOT_VERIFIED: tuple[Text, ...] = (
    Text(
        "This table helps to find a figure for a report; it does not say that a report meets a standard.",
        "Deze tabel helpt een cijfer te vinden voor een verslag; zij zegt niet dat een verslag aan een norm voldoet.",
    ),
    Text(
        "Left out because it is not measured here: ESRS S1-17 (incidents and complaints), S1-13 (training hours), "
        "S4-3 (channels for complaints) and, of ISO 30414, costs, diversity, compliance and ethics, succession "
        "planning and workforce availability.",
        "Weggelaten omdat het hier niet wordt gemeten: ESRS S1-17 (incidenten en klachten), S1-13 (opleidingsuren), "
        "S4-3 (kanalen voor klachten) en, van ISO 30414, kosten, diversiteit, naleving en ethiek, opvolging en "
        "beschikbaarheid van personeel.",
    ),
    Text(
        "Left out because it could not be checked: clause numbers of ISO 30414 and its formulas, its later edition, "
        "and ESRS as amended after 2023.",
        "Weggelaten omdat het niet te controleren was: de hoofdstuknummers en formules van ISO 30414, de latere "
        "uitgave daarvan, en de ESRS zoals na 2023 gewijzigd.",
    ),
)
