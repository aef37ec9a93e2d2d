"""What people of the demonstration write with their last form: invented, and about what their team lacks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bevlogen.sources.simulate_chain import INDEX
from bevlogen.sources.simulate_organisation import KINDS, Plan

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

WRITES = 0.75  # share of those who answer that also write something
_SHARP = 2.0  # how much more often people write about what their team lacks, per SD of true unit scores, as a log
_WANTED = 0.0  # everybody wishes for better tools now and then: in the same units
_TAIL = 0.35
_TAILS = (
    "Dat zou veel schelen.",
    "Verder ga ik met plezier naar mijn werk.",
    "Daar wordt het werk beter van.",
    "Dit hebben we eerder gevraagd.",
    "De sfeer is goed, dat scheelt.",
    "Dan houd ik het langer vol.",
)
_NOUNS = {  # one, many and for whom
    "tram": ("rit", "ritten", "reizigers"),
    "therapie": ("behandeling", "behandelingen", "cliënten"),
    "werkplaats": ("opdracht", "opdrachten", "klanten"),
}
_ABOUT = {
    "employership.autonomy": (
        "Zelf ons rooster mogen maken. Nu hoor ik pas laat wanneer ik werk.",
        "Meer te zeggen hebben over het rooster en over de volgorde van mijn {many}.",
        "Laat ons zelf diensten ruilen, dan komt het rooster beter uit.",
        "Het rooster ligt te lang vast. Ik zou graag zelf kunnen schuiven.",
        "Minder voorschriften: we weten zelf wel wat {whom} nodig hebben.",
        "Zelf mogen beslissen als een {one} anders loopt, zonder eerst te bellen.",
        "Een rooster waar we zelf over meepraten.",
        "Mag ik zelf kiezen hoe ik mijn {many} verdeel?",
    ),
    "employership.support": (
        "Vaker overleg over lastige {many}.",
        "Een vast overleg waarin we elkaar helpen.",
        "Dat we voor elkaar inspringen. Zonder overleg staat iedereen er alleen voor.",
        "Samen mogen werken als een {one} moeilijk wordt, of dan snel overleg.",
        "Meer tijd om samen na te praten, het overleg valt te vaak uit.",
        "Overleg met wie na ons komt, zodat we niets dubbel doen.",
        "Samen oefenen voor moeilijke momenten met {whom}.",
        "Een overleg per week, kort maar vast.",
    ),
    "employership.leadership": (
        "Een leidinggevende die vaker meekijkt.",
        "Dat onze leidinggevende weet hoe het tijdens een {one} toegaat.",
        "Van onze leidinggevende horen wat de bedoeling is, en vooral waarom.",
        "Een gesprek met mijn leidinggevende dat ook over mijn ideeën gaat.",
        "Een leidinggevende die luistert en er daarna iets mee doet.",
        "Onze leidinggevende is weinig te zien. Kom eens een dag mee.",
        "Duidelijke keuzes: de ene week is dit belangrijk, de andere week dat.",
        "Een leidinggevende die het voor ons opneemt.",
    ),
    "employership.recognition": (
        "Wat vaker waardering, ook op gewone dagen.",
        "Waardering: dat iemand zegt dat een {one} goed ging.",
        "Waardering krijg ik nu alleen van {whom}, niet van binnen.",
        "Een compliment op zijn tijd kost niets en helpt veel.",
        "Meer waardering voor wie extra diensten draait.",
        "Laat zien wat er met onze ideeën is gebeurd, dat is ook waardering.",
        "Waardering voor goed werk, niet alleen een bericht als het misgaat.",
        "Horen dat het gezien wordt als we harder lopen.",
    ),
    "employership.workload": (
        "Meer tijd per {one}. Nu is het haasten.",
        "Genoeg mensen, zodat er tijd is voor een pauze.",
        "Minder {many} op een dag, en meer tijd ertussen.",
        "Rustiger plannen: voor pauze is te weinig tijd.",
        "Het is te druk. Met meer tijd help ik {whom} beter.",
        "Tijd om dingen af te maken, de druk is te hoog.",
        "Een echte pauze, en tijd om die te nemen.",
        "Minder werk dat blijft liggen voor morgen.",
    ),
}
_TOOLS = {
    "tram": (
        "Een stoel in de cabine die wel goed zit.",
        "Een scherm dat het ook bij kou doet.",
        "Schone wagens aan het begin van de dienst.",
        "Een plek om warm te eten aan het eindpunt.",
        "Deuren die niet meer blijven hangen.",
        "Een omroep die iedereen achterin ook hoort.",
    ),
    "therapie": (
        "Verslagen maar één keer hoeven invullen.",
        "Een systeem dat niet vastloopt onder een verslag.",
        "Een behandelkamer waar het stil is.",
        "Kortere verslagen, met alleen wat nodig is.",
        "Een agenda die klopt met de kamers die vrij zijn.",
        "Verslagen kunnen inspreken.",
    ),
    "werkplaats": (
        "Gereedschap dat het doet.",
        "Een karretje voor zware dozen.",
        "Machines die op tijd worden nagekeken.",
        "Een tafel op de goede hoogte.",
        "Gereedschap genoeg, zodat we niet op elkaar wachten.",
        "Beter licht boven de banken.",
    ),
}


def comments(plan: Plan, latent: FloatArray, answered: IntArray, rng: np.random.Generator) -> Iterator[tuple[str, str]]:
    """Yield (unit, text) of everybody who writes something with the last form, a row per person.

    Parameters
    ----------
    latent : (J, T, K) true unit scores; the lower a team stands on a facet, the more of its people write about it.
    answered : (J,) forms of the last wave.
    """
    topics = list(_ABOUT)
    for j, team in enumerate(plan.teams):
        service = KINDS[plan.kind[j]].key
        one, many, whom = _NOUNS[service]
        stands = latent[j, -1, [INDEX[topic] for topic in topics]] * np.array(
            [-1.0 if topic.endswith("workload") else 1.0 for topic in topics]
        )
        weight = np.exp(np.append(-_SHARP * stands, _WANTED))
        left = {k: list(rng.permutation(_ABOUT[topic])) for k, topic in enumerate(topics)}
        left[len(topics)] = list(rng.permutation(_TOOLS[service]))
        for topic in rng.choice(len(weight), rng.binomial(answered[j], WRITES), p=weight / weight.sum()):
            text = left[int(topic)].pop(0)
            left[int(topic)].append(text)
            tail = f" {_TAILS[rng.integers(len(_TAILS))]}" if rng.random() < _TAIL else ""
            yield team.key, text.format(one=one, many=many, whom=whom) + tail
