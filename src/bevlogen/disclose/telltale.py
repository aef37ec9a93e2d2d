"""Rules and short word lists for what in a comment tells of a person, Dutch and English; ``masking`` applies them."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["e-mail", "phone", "link", "number", "date", "name", "detail"]

FIRST_NAMES = frozenset(
    """ahmed aisha ali amir anita anja anna annelies anouk arjan arie astrid bas bert bianca bram carla carolien chantal
    chris claire corrie daan daniel david dennis diana dirk eline ellen els emily emma emre erik esther eva fatima femke
    floor frank fred gerard gerrit hannah hans harry hassan henk herman ilse ines ingrid iris jacqueline jack james jan
    janneke jantine jasmijn jasper jeroen jessica joao johan john jolanda joost jorrit joyce julia karen karin kees kim
    klaas lars laura leila lieke linda lisa loes lotte lucas luuk maaike marco margriet maria marieke marijke mark
    marlies martijn mary mehmet mia michael michelle mieke mohamed monique murat nadia natasja nick
    nicole niels noor olga oscar
    patricia paul peter piet pieter rachel ralf ria rianne richard rik rob robert roel ronald ruben ruud samira sander
    sandra sanne sarah saskia silvia simone sjaak sofie stefan steven sven tess theo thomas tim tom truus vera vincent
    wendy willem wim yusuf yvonne""".split()  # noqa: SIM905 - two hundred quoted words read worse
)
_TITLES = (
    r"(?:meneer|mevrouw|mevr\.?|mw\.?|dhr\.?|de heer|mijn (?:chef|leidinggevende|baas|collega|teamleider)|teamleider|"
    r"collega|zuster|broeder|dokter|mr\.?|mrs\.?|ms\.?|miss|dr\.?|prof\.?|nurse|doctor|my (?:boss|manager|colleague)|"
    r"team leader|line manager|colleague|called|named|genaamd|ik heet|my name is|groeten?(?: van)?|regards)"
)
_PARTICLES = r"(?:(?:van|de|der|den|ten|ter|el|bin|von|la)\s+)*"
_MONTHS = (
    "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december|"
    "january|february|march|may|june|july|august|october"
)
_DAYS = (
    "maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|"
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)
_FAMILY = (
    "man|vrouw|partner|zoon|dochter|kind|kinderen|vader|moeder|broer|zus|husband|wife|son|daughter|child|children|kids|"
    "father|mother|brother|sister"
)
_ILLNESS = (
    r"\w*operatie|ziekte|depressie|kanker|burn-?out|scheiding|miskraam|revalidatie|behandeling|therapie|rug|knie|hart|"
    r"surgery|operation|illness|depression|cancer|divorce|miscarriage|treatment|therapy|back|knee|heart|disability"
)
_JOBS = (
    r"kok|planner|manager|receptionist(?:e)?|portier|conci[eë]rge|boekhoud(?:er|ster)|secretaris|secretaresse|monteur|"
    r"stagiaire?|uitzendkracht|leerling|trainee|intern|apprentice|cook|chef|caretaker|porter|secretary|accountant|temp"
)
_DETAILS = (
    r"zwanger\w*|(?:\w+ (?:weeks|months) )?\bpregnan\w+|maternity leave|paternity leave|bevallings?verlof|"
    r"ouderschapsverlof|vaderschapsverlof",
    r"\b(?:de|het|als) enige (?:\w+ )?\w+|\b(?:as )?the only (?:\w+ )?\w+|\bonly one (?:with|who|in)\b(?: \w+){1,2}",
    r"\b\d{2}[- ]?(?:jaar oud|jarige?|years old|year[- ]old)|\b(?:ik ben|ik word|i am|i'm|i turn|aged) \d{2}\b(?! ?%)",
    r"\b(?:sinds|vanaf|since) (?:19|20)\d{2}\b",
    r"\b(?:al|ruim|bijna|over|almost|for|after) (?:\d{1,2}|\w+) (?:jaar|years) "
    r"(?:hier|in dienst|bij dit|here|with this|in this)",
    r"\b(?:werk|zit|rijd|work|worked|been) (?:hier|here)? ?(?:al|for)? ?\d{1,2} (?:jaar|years)\b",
    r"\b\d{1,2} (?:jaar in dienst|years of service)",
    r"\b(?:net |pas |just )?(?:begonnen|gestart|started|joined)(?: here)? (?:als|as|in|op) (?:an? )?\w+",
    rf"\bin (?:{_MONTHS}) (?:begonnen|gestart)",
    rf"\b(?:de|onze|the|our) (?:nieuwe|new|enige|only) (?:{_JOBS})\b",
    rf"\b(?:{_JOBS})s? (?:met|with) (?:de|een|the|a) (?:\w+ )?\w+",
    r"\bstagiaire?\b|\buitzendkracht\b|\btrainee\b|\bintern\b|\bapprentice\b",
    rf"\b(?:mijn|m'n|my) (?:\w+ )?(?:{_ILLNESS})\b|\bvanwege mijn \w+",
    rf"\b(?:mijn|m'n|my) (?:\w+ )?(?:{_FAMILY})\b(?! (?:team|at work))(?: \w+){{0,2}}",
    r"\balleenstaande \w+|\bsingle (?:mother|father|parent|mum|dad)",
    r"\b(?:adhd|autis\w+|autism|ptss|ptsd|diabetes|epilepsie|epilepsy|hiv|dyslexi\w+|slechthorend\w*|slechtziend\w*)\b",
    r"\b(?:depressief|depressed|overspannen|ziek thuis|off sick|signed off)\b",
    r"\b(?:met pensioen|retire\w*|overleden|died|weduw\w+|widow\w*)\b",
    r"\b(?:kamer|room|flat|woning|apartment|bus|lijn|wijk|ward|route) \d+\w?\b",
    r"hoofddoek|headscarf|hijab|moslim\w*|muslim|joods\w*|jewish|christen\b|christian|hindoe|hindu|\btrans\w*vrouw|"
    r"\btrans\w*man|transgender|\bgay\b|homo\b|lesbi\w+|biseksueel|bisexual|rolstoel|wheelchair|\bdoof\b|\bdeaf\b|\bblind\b",
    r"\b(?:or|ondernemingsraad)[- ](?:lid|voorzitter)\b|vertrouwenspersoon",
    r"\b(?:union|shop) (?:rep\w*|steward)|works council member",
)
_AT, _DOT = r"\s?(?:@|\(at\)|\[at\]|\bat\b|apenstaartje)\s?", r"\s?(?:\.|\(dot\)|\bdot\b|\bpunt\b)\s?"
_STREET = r"(?:straat|laan|weg|plein|gracht|kade|hof|dijk|steeg|singel|pad)"
RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("e-mail", re.compile(rf"[\w.+-]+(?:{_DOT}[\w+-]+)?{_AT}[\w-]+(?:{_DOT}\w{{2,}})+", re.I)),
    (
        "link",
        re.compile(r"(?:https?://|www\.)\S+|(?<!\w)@\w{3,}|\b[\w-]+\.(?:com|nl|org|net|be|eu|co\.uk)(?:/\S*)?", re.I),
    ),
    ("number", re.compile(r"\b[A-Z]{2}\d{2}\s?[A-Z]{4}\s?(?:\d{4}\s?){2}\d{2}\b|\b\d{4}\s?[A-Z]{2}\b(?:\s?\d+)?")),
    (
        "number",
        re.compile(
            rf"\b[A-Z]\w*{_STREET} \d+\w?\b|"
            r"\b\d{1,4} (?:[A-Z]\w+ ){1,2}(?:Road|Street|Lane|Avenue|Drive|Close|Way)\b"
        ),
    ),
    (
        "date",
        re.compile(
            r"\b\d{1,2}[-/.]\d{1,2}(?:[-/.]\d{2,4})?\b|"
            rf"\b\d{{1,2}}(?:e|st|nd|rd|th)? (?:of )?(?:{_MONTHS})\b(?: \d{{4}})?|"
            rf"\b(?:{_MONTHS}) \d{{1,2}}(?:st|nd|rd|th)?\b|\b(?:{_DAYS}) (?:the |de )?\d{{1,2}}(?:e|st|nd|rd|th)?\b",
            re.I,
        ),
    ),
    ("phone", re.compile(r"(?<!\d)(?:\+\d{1,3}|00\d{2}|0)(?:[\s().-]*\d){8,10}(?!\d)")),
    (
        "number",
        re.compile(
            r"(?<![\d,.])\d{5,}(?![\d,.]*%)|"
            r"\b(?:[A-Z]{1,3}-\d{2,3}-[A-Z\d]{1,3}|\d{1,2}-[A-Z]{2,3}-\d{1,2}|[A-Z]-?\d{3,})\b"
        ),
    ),
    (
        "name",
        re.compile(rf"(?i:\b{_TITLES})[\s,(:]+({_PARTICLES}[A-ZÀ-Ý][\w'’-]+(?:\s+{_PARTICLES}[A-ZÀ-Ý][\w'’-]+)?)"),
    ),
    (
        "name",
        re.compile(
            r"(?i:\b(?:van|de|der|den) (?:van|de|der|den) )[A-ZÀ-Ý][\w'’-]+|\b[VD](?:an|e) (?:de[rn]? )?[A-ZÀ-Ý]\w+"
        ),
    ),
    ("detail", re.compile("|".join(_DETAILS), re.I)),
)
WORD = re.compile(r"[A-Za-zÀ-ÿ][\w'’-]*")
SURNAME = re.compile(rf"\s+{_PARTICLES}[A-ZÀ-Ý][\w'’-]+")
# Inside a sentence a capital means a name, but for these.
INSIDE = re.compile(
    r"(?<=[a-zà-ÿ,;:(0-9&])[\s(]+"
    rf"((?!(?:I|U)\b)[A-ZÀ-Ý][a-zà-ÿ][\w'’-]*(?:\s+{_PARTICLES}[A-ZÀ-Ý][a-zà-ÿ][\w'’-]*)?)"
)
NO_NAMES = frozenset(
    f"{_DAYS}|{_MONTHS}".split("|")
    + """i'm i've i'd i'll ik ok nederlands nederlandse nederland engels engelse english dutch british england europa
    europe team noord zuid oost west north south east kerst kerstmis pasen pinksteren christmas easter covid corona
    excel outlook teams word windows office google whatsapp facebook internet wifi hr or directie raad the de het een
    amsterdam rotterdam utrecht london""".split()  # noqa: SIM905 - as above
)
