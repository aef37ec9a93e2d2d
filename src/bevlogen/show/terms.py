"""Every word of the pages in two lines that most adults read with ease."""

from __future__ import annotations

from bevlogen.core.chain import CONSTRUCTS, Text

_CONSTRUCTS: dict[str, Text] = {
    "employership": Text(
        "What the organisation gives its people: support, room to decide, good leadership. And what it asks: "
        "workload and rules.",
        "Wat de organisatie haar mensen geeft: steun, ruimte om te beslissen, goede leiding. En wat zij "
        "vraagt: werkdruk en regels.",
    ),
    "engagement": Text(
        "Much pleasure in the work: energy, being proud of it, losing track of time. Asked of employees.",
        "Veel plezier in het werk: energie, er trots op zijn, de tijd vergeten. Gevraagd aan medewerkers.",
    ),
    "control": Text(
        "Taking the lead in one’s own work. The opposite is thinking that nothing helps anyway.",
        "Zelf de leiding nemen in het eigen werk. Het tegendeel is denken dat niets helpt.",
    ),
    "initiative": Text(
        "Doing more than was asked, of one’s own accord: an idea, a helping hand, an improvement.",
        "Uit zichzelf meer doen dan gevraagd is: een idee, een helpende hand, een verbetering.",
    ),
    "craftsmanship": Text(
        "Knowing one’s trade, as customers and colleagues see it. Without it nothing works.",
        "Het vak verstaan, zoals klanten en collega’s dat zien. Zonder vakmanschap lukt niets.",
    ),
    "conduct": Text(
        "How the employee is with the customer: friendly, listening, really interested.",
        "Hoe de medewerker met de klant omgaat: vriendelijk, luisterend, echt geïnteresseerd.",
    ),
    "customer_conduct": Text(
        "How the customer is with the employee. A service is made by both together.",
        "Hoe de klant met de medewerker omgaat. Een dienst maken zij samen.",
    ),
    "interaction_quality": Text(
        "How the encounter itself went, in the eyes of the customer.",
        "Hoe het contact zelf verliep, in de ogen van de klant.",
    ),
    "service_quality": Text(
        "Whether the service was what the customer needed.",
        "Of de dienst was wat de klant nodig had.",
    ),
    "loyalty": Text(
        "Customers who are content, come back and tell others to come.",
        "Klanten die tevreden zijn, terugkomen en de dienst aanraden.",
    ),
    "absence": Text(
        "The part of working time that people are ill. Lower is better.",
        "Het deel van de werktijd dat mensen ziek zijn. Lager is beter.",
    ),
    "burnout": Text(
        "Being worn out by work for a long time. Lower is better. It is shown only for larger groups.",
        "Lang uitgeput zijn door het werk. Lager is beter. Het wordt alleen voor grotere groepen getoond.",
    ),
    "turnover": Text(
        "The part of the people who leave. Lower is better.",
        "Het deel van de mensen dat vertrekt. Lager is beter.",
    ),
    "performance": Text(
        "What a team gets done, as the organisation itself records it.",
        "Wat een team voor elkaar krijgt, zoals de organisatie dat zelf vastlegt.",
    ),
    "capacity": Text(
        "How much service is offered: rides, hours, places.",
        "Hoeveel dienst er wordt aangeboden: ritten, uren, plaatsen.",
    ),
    "use": Text(
        "The part of what is offered that customers use. An empty tram is no service.",
        "Het deel van het aanbod dat klanten gebruiken. Een lege tram is geen dienst.",
    ),
    "retention": Text(
        "The part of the customers who stay.",
        "Het deel van de klanten dat blijft.",
    ),
    "acquisition": Text(
        "New customers who come, compared with those there are.",
        "Nieuwe klanten die komen, vergeleken met die er al zijn.",
    ),
    "return": Text(
        "What is left after costs. An organisation without profit needs some of it too.",
        "Wat er overblijft na de kosten. Ook een organisatie zonder winstdoel heeft dat nodig.",
    ),
}

_OTHERS: tuple[tuple[Text, Text], ...] = (
    (
        Text("right to exist", "bestaansrecht"),
        Text(
            "An organisation exists because there are customers. It lasts while they stay, others come and there "
            "is some return.",
            "Een organisatie bestaat omdat er klanten zijn. Dat duurt zolang zij blijven, anderen komen en er "
            "iets overblijft.",
        ),
    ),
    (
        Text("the chain", "de keten"),
        Text(
            "The idea that good employership makes engaged people, they make good encounters, and those make "
            "loyal customers. We test every step.",
            "Het idee dat goed werkgeverschap zorgt voor bevlogen mensen, zij voor goed contact, en dat voor "
            "trouwe klanten. Elke stap wordt getoetst.",
        ),
    ),
    (
        Text("supported", "bevestigd"),
        Text(
            "Your own figures point the way the idea says, and that is more than chance.",
            "Uw eigen cijfers wijzen de kant op die het idee zegt, en dat is meer dan toeval.",
        ),
    ),
    (
        Text("contradicted", "tegengesproken"),
        Text(
            "Your own figures point the other way, and that is more than chance.",
            "Uw eigen cijfers wijzen de andere kant op, en dat is meer dan toeval.",
        ),
    ),
    (
        Text("no meaningful effect", "geen effect van betekenis"),
        Text(
            "There may be a link, but it is surely too small to matter.",
            "Er is misschien een verband, maar het is zeker te klein om ertoe te doen.",
        ),
    ),
    (
        Text("undetermined", "nog niet te zeggen"),
        Text(
            "There are too few figures to say. This does not mean that there is no link.",
            "Er zijn te weinig cijfers om het te zeggen. Dat betekent niet dat er geen verband is.",
        ),
    ),
    (
        Text("SD", "SD"),
        Text(
            "The usual difference between teams. +1 SD is one usual difference above the middle.",
            "Het gewone verschil tussen teams. +1 SD is één gewoon verschil boven het midden.",
        ),
    ),
    (
        Text("95% interval", "95%-interval"),
        Text(
            "How exact a figure is. The wider it is, the less sure we are of the figure.",
            "Hoe precies een cijfer is. Hoe breder, hoe minder zeker wij zijn van het cijfer.",
        ),
    ),
    (
        Text("hidden", "verborgen"),
        Text(
            "A figure of too few people, or from which such a figure could be worked out. It is never shown to anyone.",
            "Een cijfer van te weinig mensen, of waaruit zo’n cijfer te berekenen is. Het wordt aan niemand getoond.",
        ),
    ),
    (
        Text("more than chance", "meer dan toeval"),
        Text(
            "The newest figure lies farther from its own past than figures do by themselves. We count how many "
            "figures we watch.",
            "Het nieuwste cijfer ligt verder van zijn eigen verleden dan cijfers vanzelf doen. We tellen mee "
            "naar hoeveel cijfers we kijken.",
        ),
    ),
    (
        Text("first move", "eerste stap"),
        Text(
            "Where a step forward is most likely to bring something, and for which customer figure.",
            "Waar een stap vooruit waarschijnlijk het meest oplevert, en voor welk cijfer van de klant.",
        ),
    ),
    (
        Text("worked", "werkte"),
        Text(
            "After the action it went better than in teams like it without the action. That is more than chance.",
            "Na de actie ging het beter dan bij vergelijkbare teams zonder de actie. Dat is meer dan toeval.",
        ),
    ),
    (
        Text("wrong way", "verkeerde kant op"),
        Text(
            "After the action it went worse than in teams like it without the action. That is more than chance.",
            "Na de actie ging het slechter dan bij vergelijkbare teams zonder de actie. Dat is meer dan toeval.",
        ),
    ),
    (
        Text("a year ahead", "een jaar vooruit"),
        Text(
            "Where a figure goes if things go on as they did. The band shows how sure that is; it is no promise.",
            "Waar een cijfer heen gaat als alles doorgaat zoals het ging. De band toont hoe zeker dat is; het is "
            "geen belofte.",
        ),
    ),
    (
        Text("held constant", "constant gehouden"),
        Text(
            "Units are compared as if they were equal in this, so that it cannot be the reason of a difference.",
            "Onderdelen worden vergeleken alsof zij hierin gelijk zijn. Dan kan dit een verschil niet verklaren.",
        ),
    ),
    (
        Text("distinctive", "onderscheidend"),
        Text(
            "Better than units like it. Distinctive employership is the means, distinctive service the aim.",
            "Beter dan vergelijkbare onderdelen. Onderscheidend werkgeverschap is het middel, onderscheidende "
            "dienst het doel.",
        ),
    ),
)

TERMS: tuple[tuple[Text, Text], ...] = (
    *((construct.label, _CONSTRUCTS[key]) for key, construct in CONSTRUCTS.items()),
    *_OTHERS,
)
