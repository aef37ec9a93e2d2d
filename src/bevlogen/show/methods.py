"""What the report says of its methods: two plain sentences each, the formula, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from bevlogen.core.chain import Text


@dataclass(frozen=True, slots=True)
class MethodNote:
    """One method: what it does in plain words, its formula and its source."""

    name: Text
    plain: Text
    formula: str
    source: str


METHODS: tuple[MethodNote, ...] = (
    MethodNote(
        Text("Scale score", "Schaalscore"),
        Text(
            "A score is the average of the questions that a person answered, after turning questions that are "
            "worded the other way. "
            "Who answered too few questions has no score.",
            "Een score is het gemiddelde van de vragen die iemand beantwoordde; omgekeerd gestelde vragen "
            "zijn eerst omgedraaid. "
            "Wie te weinig vragen beantwoordde, heeft geen score.",
        ),
        "score = mean of the items answered",
        "",
    ),
    MethodNote(
        Text("Alpha and omega", "Alfa en omega"),
        Text(
            "Both say how well the questions of one scale hang together. Omega allows one question to count "
            "for more than another; "
            "alpha does not.",
            "Beide zeggen hoe goed de vragen van één schaal samenhangen. Omega laat toe dat de ene vraag "
            "zwaarder telt dan de andere; "
            "alfa niet.",
        ),
        "α = J/(J−1) · (1 − Σ s²ⱼ / s²ₓ);  ω = (Σλ)² / ((Σλ)² + Σθ)",
        "Cronbach 1951; McDonald 1999; Geldhof, Preacher & Zyphur 2014, doi 10.1037/a0032138",
    ),
    MethodNote(
        Text("ICC(1), ICC(2) and rwg(j)", "ICC(1), ICC(2) en rwg(j)"),
        Text(
            "They show whether it makes sense to speak of a score of a unit: do people in one unit resemble "
            "each other, and is their "
            "average steady? High agreement alone is not enough, since everybody in every unit may agree.",
            "Zij laten zien of een score van een onderdeel zin heeft: lijken mensen in één onderdeel op "
            "elkaar, en is hun gemiddelde "
            "stabiel? Alleen overeenstemming is niet genoeg, want misschien is iedereen het overal eens.",
        ),
        "ICC(1) = (MSB − MSW) / (MSB + (k−1)·MSW);  ICC(2) = (MSB − MSW) / MSB;  rwg(j) = J·q / (J·q + 1 − q)",
        "Bliese 2000; LeBreton & Senter 2008, doi 10.1177/1094428106296642; James, Demaree & Wolf 1984",
    ),
    MethodNote(
        Text("Shrunken levels", "Naar het midden getrokken niveaus"),
        Text(
            "The level of a small group moves with a single answer, so it is drawn towards the average of "
            "similar units. The fewer "
            "answers a unit has, the further it is drawn.",
            "Het niveau van een kleine groep verschuift al door één antwoord; daarom is het naar het "
            "gemiddelde van vergelijkbare "
            "onderdelen getrokken. Hoe minder antwoorden, hoe verder.",
        ),
        "relⱼ = nⱼ·ICC(1) / (1 + (nⱼ−1)·ICC(1));  level = m + relⱼ·(meanⱼ − m)",
        "Bliese 2000",
    ),
    MethodNote(
        Text("Links between units and within units", "Verbanden tussen en binnen onderdelen"),
        Text(
            "Each link is split in two: do higher units also have more of the other, and does a unit that "
            "rises also rise on the other? The two can differ, and only the second is free of fixed "
            "differences between units; how sure they are is found by leaving out each unit in turn.",
            "Elk verband is gesplitst: hebben hogere onderdelen ook meer van het ander, en stijgt een "
            "onderdeel dat op het een stijgt ook op het ander? Die twee kunnen verschillen, en alleen de "
            "tweede is vrij van vaste verschillen; de zekerheid volgt door steeds één onderdeel weg te laten.",
        ),
        "yᵢₜ = period + bB·x̄ᵢ + bW·(xᵢₜ − x̄ᵢ) + uᵢ + eᵢₜ  (REML; jackknife over units)",
        "Mundlak 1978, doi 10.2307/1913646; MacKinnon & White 1985",
    ),
    MethodNote(
        Text("Correction for chance in unit averages", "Correctie voor toeval in gemiddelden"),
        Text(
            "Chance in the averages makes every link look weaker than it is; the estimate corrects for that "
            "with the known error of each "
            "average. Where the same people answered both questions, the error they share is taken out as well.",
            "Toeval in de gemiddelden laat elk verband zwakker lijken dan het is; de schatting corrigeert "
            "daarvoor met de bekende fout van "
            "elk gemiddelde. Beantwoordden dezelfde mensen beide vragen, dan is ook hun gedeelde fout verwijderd.",
        ),
        "b = (Sxx − S_error)⁻¹ · Sxy",
        "Lüdtke et al. 2008, doi 10.1037/a0012869",
    ),
    MethodNote(
        Text("Lagged links", "Vertraagde verbanden"),
        Text(
            "A cause comes before its effect, so each measurement is also compared with the one after it, "
            "holding the earlier level of the outcome constant. This comes closer to cause, but lasting "
            "differences between units, or something else that changed, may still explain it.",
            "Een oorzaak komt vóór het gevolg; daarom is elke meting ook vergeleken met de meting erna, bij "
            "gelijk beginniveau van het gevolg. Dat komt dichter bij oorzaak, maar blijvende verschillen "
            "tussen onderdelen of iets anders dat veranderde kunnen het nog steeds verklaren.",
        ),
        "yᵢₜ = period + l·yᵢ,ₜ₋₁ + b·xᵢ,ₜ₋₁ + eᵢₜ",
        "Hamaker, Kuiper & Grasman 2015, doi 10.1037/a0038889 (why lags need care)",
    ),
    MethodNote(
        Text("Earlier research and the combination", "Eerder onderzoek en de combinatie"),
        Text(
            "Published effects say what to expect before looking; the own figures then move that expectation. "
            "If the two disagree, the "
            "method lets go of the literature by itself and the report says so.",
            "Gepubliceerde effecten zeggen wat te verwachten is; de eigen cijfers verschuiven die "
            "verwachting. Spreken de twee elkaar "
            "tegen, dan laat de methode de literatuur vanzelf los en meldt het rapport dat.",
        ),
        "w·N(m, τ² + se²) + (1−w)·N(0, wide)  →  robust MAP posterior",
        "Schmidli et al. 2014, doi 10.1111/biom.12242",
    ),
    MethodNote(
        Text("Verdicts", "Oordelen"),
        Text(
            "All ways of looking that the data allow are tested together at 5%: half of it for differences between "
            "units, half for change within units and one measurement later. The first that is sure decides: within "
            "units, else later, else between units. There is no meaningful effect if the 90% interval lies within the "
            "smallest effect that matters, both at once and later; otherwise the claim is supported or contradicted "
            "if the interval of the one that decides lies on one side of zero, and undetermined if not. What the same "
            "people answered at one moment never counts as support.",
            "Alle manieren van kijken die de gegevens toelaten, zijn samen getoetst op 5%: de helft daarvan voor "
            "verschillen tussen onderdelen, de helft voor verandering binnen onderdelen en één meting later. De eerste "
            "die zeker is, geeft de doorslag: binnen onderdelen, anders later, anders tussen onderdelen. Er is geen "
            "effect van betekenis als het 90%-interval binnen het kleinste effect ligt dat ertoe doet, zowel meteen "
            "als later; anders is de stelling bevestigd of tegengesproken als het interval van wat de doorslag geeft "
            "aan één kant van nul ligt, en zo niet, dan is er nog niets te zeggen. Wat dezelfde mensen op één moment "
            "antwoordden, telt nooit als bevestiging.",
        ),
        "two one-sided tests against ± the smallest effect that matters",
        "Schuirmann 1987, doi 10.1007/BF01068419; Podsakoff et al. 2003, doi 10.1037/0021-9010.88.5.879",
    ),
    MethodNote(
        Text("Many claims at once", "Veel stellingen tegelijk"),
        Text(
            "Whoever tests much finds something by chance. All links and claims are therefore tested together, and a "
            "claim is called supported or contradicted only if its p-value, adjusted for their number, is below 0.05. "
            "Of all claims called so, at most one in twenty is then expected to be wrong.",
            "Wie veel toetst, vindt altijd wel iets door toeval. Daarom zijn alle verbanden en stellingen samen "
            "getoetst, en heet een stelling pas bevestigd of tegengesproken als de p-waarde, gecorrigeerd voor dat "
            "aantal, onder 0,05 ligt. Van alle stellingen die zo heten, is er naar verwachting hoogstens één op de "
            "twintig fout.",
        ),
        "q₍ᵢ₎ = min over j ≥ i of p₍ⱼ₎ · m / j",
        "Benjamini & Hochberg 1995, doi 10.1111/j.2517-6161.1995.tb02031.x",
    ),
    MethodNote(
        Text("Which comes first", "Wat komt eerst"),
        Text(
            "Whether customers and employees change each other is seen from each unit’s own ups and downs: does a "
            "rise of the one come before a rise of the other, and the other way round? Lasting differences between "
            "units and chance in their averages are taken out. Only if both directions are sure, it is mutual.",
            "Of klanten en medewerkers elkaar veranderen, blijkt uit het eigen op en neer van elk onderdeel: gaat een "
            "stijging van het een vooraf aan een stijging van het ander, en omgekeerd? Blijvende verschillen tussen "
            "onderdelen en toeval in hun gemiddelden tellen niet mee. Pas als beide richtingen zeker zijn, is het "
            "wederkerig.",
        ),
        "RI-CLPM: xᵢₜ = μₜ + κᵢ + pᵢₜ + error;  pᵢₜ = a·pᵢ,ₜ₋₁ + b·qᵢ,ₜ₋₁ + uᵢₜ;  DPM beside it",
        "Hamaker, Kuiper & Grasman 2015, doi 10.1037/a0038889; Allison, Williams & Moral-Benito 2017",
    ),
    MethodNote(
        Text("The whole chain", "De hele keten"),
        Text(
            "Each step of the chain is a link one period later, holding constant all that came before. The steps are "
            "multiplied: a product of effects below 1 is small, so it has its own smallest effect that matters. It is "
            "a chain of causes only if nothing unmeasured moves two of its links; how strong that would have to be, "
            "stands beside it.",
            "Elke stap van de keten is een verband een periode later, bij gelijke stand van alles wat eraan "
            "voorafging. De stappen zijn vermenigvuldigd: een product van effecten onder 1 is klein en heeft dus een "
            "eigen kleinste effect dat telt. Het is alleen een keten van oorzaken als niets anders twee schakels "
            "tegelijk beweegt; hoe sterk dat andere zou moeten zijn, staat ernaast.",
        ),
        "effect = b₁ · b₂ · b₃ · b₄  (20,000 draws; jackknife over units)",
        "Preacher & Selig 2012, doi 10.1080/19312458.2012.679848; Imai, Keele & Yamamoto 2010, doi 10.1214/10-STS321",
    ),
    MethodNote(
        Text("What weighs most", "Wat het zwaarst weegt"),
        Text(
            "Ratings of the same encounters are compared within unit and period. The differences they explain "
            "are divided "
            "fairly over craftsmanship and conduct, after correction for chance in each scale.",
            "Oordelen over dezelfde contacten zijn vergeleken binnen onderdeel en periode. Wat zij verklaren is "
            "eerlijk "
            "verdeeld over vakmanschap en houding en gedrag, na correctie voor toeval in elke schaal.",
        ),
        "share = mean over all orders of the R² that a predictor adds (LMG)",
        "Lindeman, Merenda & Gold 1980; Hesterberg 2015, doi 10.1080/00031305.2015.1089789",
    ),
    MethodNote(
        Text("Necessary, but not enough", "Nodig, maar niet genoeg"),
        Text(
            "Two methods must agree. Is there an empty corner: no good encounter without craftsmanship? And does a low "
            "score cost more than a high score brings?",
            "Twee methoden moeten hetzelfde zeggen. Is er een lege hoek: geen goed contact zonder vakmanschap? "
            "En kost een "
            "lage score meer dan een hoge oplevert?",
        ),
        "d = empty corner / possible area (CE-FDH); penalty − reward",
        "Dul 2016, doi 10.1177/1094428115584005; Mikulić & Prebežac 2008, doi 10.1108/09604520810859184",
    ),
    MethodNote(
        Text("Employee, customer, encounter", "Medewerker, klant, contact"),
        Text(
            "The differences between ratings are split into a part of the employee, a part of the customer and "
            "a part of "
            "the encounter itself, and compared over services that differ in co-creation.",
            "De verschillen tussen oordelen zijn gesplitst in een deel van de medewerker, een deel van de klant "
            "en een deel "
            "van het contact zelf, en vergeleken over diensten die verschillen in co-creatie.",
        ),
        "y = unit × period + employee + customer + encounter (crossed random effects)",
        "Bates et al. 2015, doi 10.18637/jss.v067.i01; Gao & Owen 2017, doi 10.1214/17-EJS1236",
    ),
    MethodNote(
        Text("Weighs more where customers co-create", "Weegt zwaarder waar klanten meedoen"),
        Text(
            "The slope of conduct is compared over services that differ in co-creation, after correction for "
            "chance in the "
            "ratings. Other differences between the services may explain it.",
            "De helling van houding en gedrag is vergeleken over diensten die verschillen in co-creatie, na "
            "correctie voor "
            "toeval in de oordelen. Andere verschillen tussen de diensten kunnen het verklaren.",
        ),
        "slope(service) = a + b · co-creation (jackknife over units)",
        "Fuller 1987, p. 103-108; Efron & Stein 1981, doi 10.1214/aos/1176345462",
    ),
    MethodNote(
        Text("Could have found", "Had kunnen vinden"),
        Text(
            "With few units only large effects can be seen. The figure says how large an effect had to be to "
            "show in four out of five cases.",
            "Met weinig onderdelen zijn alleen grote effecten te zien. Het cijfer zegt hoe groot een effect "
            "moest zijn om in vier van de vijf gevallen zichtbaar te zijn.",
        ),
        "(t₀.₉₇₅ + t₀.₈₀) · se",
        "Bloom 1995, doi 10.1177/0193841X9501900504",
    ),
    MethodNote(
        Text("First moves", "Eerste stappen"),
        Text(
            "The gap between a unit and the best quarter of its peers is multiplied by the effect of the "
            "lever, with the uncertainty of both. A step is listed only if the chance of a gain that matters "
            "is at least one half; a link seen between units alone counts for no more than what research over "
            "time allows.",
            "De afstand tussen een onderdeel en het beste kwart van vergelijkbare onderdelen is "
            "vermenigvuldigd met het effect van de knop waaraan u draait, met de onzekerheid van beide. Een "
            "stap staat er alleen als de kans op winst die ertoe doet minstens de helft is; een verband dat "
            "alleen tussen onderdelen is gezien, telt niet zwaarder dan onderzoek in de tijd toelaat.",
        ),
        "gain = gap × effect (20,000 draws)",
        "Riketta 2008, doi 10.1037/0021-9010.93.2.472; own derivation",
    ),
    MethodNote(
        Text("Did it work?", "Heeft het gewerkt?"),
        Text(
            "What teams with the action did is held against what teams without it did after the same scores "
            "before, and against parallel courses. The truth lies between the two, so both must show an effect "
            "before it is called one. Levers come first, then engagement, customers and results: a step counts "
            "only if the one before it does. A pretended earlier start must show nothing.",
            "Wat teams met de actie deden, is vergeleken met wat teams zonder de actie deden na dezelfde scores "
            "ervoor, en met een gelijk verloop. De waarheid ligt daartussen, dus beide moeten een effect tonen "
            "voordat het zo heet. Eerst komt de knop, dan bevlogenheid, klanten en resultaten: een stap telt "
            "alleen als de vorige telt. Een verzonnen eerdere start mag niets laten zien.",
        ),
        "y(after) − E[y(after) | y(before)]",
        "Callaway & Sant'Anna 2021, doi 10.1016/j.jeconom.2020.12.001; Ding & Li 2019, doi 10.1017/pan.2019.25; "
        "Arkhangelsky et al. 2021, doi 10.1257/aer.20190159",
    ),
    MethodNote(
        Text("A year ahead", "Een jaar vooruit"),
        Text(
            "Every unit has a lasting level and a movement that fades, and all share a common course; the mean "
            "over units "
            "is drawn 4,000 times into the future. Forecasts from earlier moments are held against what came; "
            "where they do no better "
            "than the last figure, that is said.",
            "Elk onderdeel heeft een vast niveau en een beweging die wegebt, en alle delen een "
            "gemeenschappelijk verloop; "
            "het gemiddelde is 4.000 keer naar de toekomst getrokken. Voorspellingen vanaf eerdere momenten "
            "zijn naast de uitkomst gelegd; zijn ze niet "
            "beter dan het laatste cijfer, dan staat dat erbij.",
        ),
        "yᵢₜ = commonₜ + levelᵢ + movementᵢₜ + noise; movementᵢₜ = c·movementᵢ,ₜ₋₁ + step",
        "Durbin & Koopman 2012; own derivation for many short series",
    ),
    MethodNote(
        Text("Regression to the mean", "Terugkeer naar het midden"),
        Text(
            "The worst units of today are partly unlucky and will do better next time without any action. "
            "Never take that rise as the "
            "effect of what was done.",
            "De slechtste onderdelen van vandaag hadden deels pech en doen het de volgende keer vanzelf "
            "beter. Zie die stijging nooit als "
            "gevolg van wat er is gedaan.",
        ),
        "(1 − r) · (m − mean of those selected)",
        "Barnett, van der Pols & Dobson 2005, doi 10.1093/ije/dyh299",
    ),
)

NOT_DONE: tuple[Text, ...] = (
    Text(
        "Each figure is held against earlier releases, wave by wave; three or more waves together may tell a "
        "little more.",
        "Elk cijfer is naast eerdere rapporten gelegd, meting voor meting; drie of meer samen verraden "
        "misschien iets meer.",
    ),
    Text(
        "In ratings per interaction the number counts ratings, not people, and intervals take them as independent.",
        "Bij oordelen per contact telt het aantal oordelen, niet mensen, en de intervallen nemen ze als los van "
        "elkaar.",
    ),
)
