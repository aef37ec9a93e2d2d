"""What columns and cells of other products' exports are called, in Dutch and English."""

from __future__ import annotations

_CALLED = {
    "unit": "unit team afdeling eenheid groep department group manager leidinggevende onderdeel organisatieonderdeel",
    "parent": """parent bovenliggend hoort_bij valt_onder onderdeel_van parent_unit parent_team part_of hoofdgroep
        bovenliggende_eenheid bovenliggend_team""",
    "period": """period periode ronde meting meetmoment wave round survey date datum year jaar quarter kwartaal maand
        month""",
    "construct": "construct thema onderwerp vraag stelling schaal item question theme topic category driver index",
    "mean": "mean score gemiddelde gem average avg gemiddelde_score mean_score cijfer rapportcijfer",
    "favourable": """favourable favorable percent_favourable percent_favorable positief percentage_positief eens
        favourability favorability pct_favorable percent_positive aandeel_positief percentage_eens""",
    "n": """n aantal respondenten respondents responses count antwoorden aantal_respondenten response_count headcount
        aantal_antwoorden participants deelnemers""",
    "scale_min": "scale_min laagste minimum schaal_min lowest",
    "scale_max": "scale_max hoogste maximum schaal_max highest",
    "answer_step": "answer_step stap step",
}
_COLUMN = {name: column for column, names in _CALLED.items() for name in names.split()}
_HIDES = "- – — * ** **** . ... x n.v.t. nvt n.b. nb n/b verborgen hidden suppressed onderdrukt te_weinig"
_HIDDEN = frozenset(_HIDES.split())


def column(header: str) -> str:
    """Return what a header stands for, or the header itself; ``% favourable`` and ``Aantal respondenten`` are read."""
    bare = header.strip().lower().replace("%", " percent ").replace("(", " ").replace(")", " ")
    words = "_".join(bare.replace(".", " ").replace("-", " ").split())
    return _COLUMN.get(words.removeprefix("percent_"), _COLUMN.get(words, words)) if words else ""


def shown(cell: str) -> str:
    """Return a cell as a number's text: "" where a product says that it hides something, without a percent sign."""
    bare = cell.strip().removesuffix("%").strip()
    hidden = bare.lower().replace(" ", "_") in _HIDDEN or bare.startswith(("<", "≤"))
    return "" if hidden else bare
