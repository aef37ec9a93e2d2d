"""What a simulated workspace says of itself: organisation.toml and README.txt."""

from __future__ import annotations

from bevlogen.core.chain import Language
from bevlogen.sources.simulate_organisation import Plan
from bevlogen.sources.simulate_scale import HIGH, LOW, SCALES, Scale

_MEASURE_WORDS = {
    "absence": ("sickness absence", "verzuim", True, True),
    "turnover": ("staff turnover", "verloop", True, True),
    "performance": ("performance (index)", "prestatie (index)", False, False),
    "capacity": ("capacity offered (places)", "aanbod (plaatsen)", False, False),
    "use": ("capacity used", "gebruik van het aanbod", False, True),
    "retention": ("customers who stay", "behoud van klanten", False, True),
    "acquisition": ("new customers", "aanwas van klanten", False, True),
    "return": ("return (share of revenue)", "rendement (deel van de omzet)", False, True),
}


def organisation_toml(organisation: Plan, language: Language) -> str:
    """Return the text of organisation.toml."""
    parts = [
        "# Simulated. truth.json holds what is true of it.",
        "[organisation]",
        f'name = "{organisation.name}"',
        f'language = "{language}"',
        'period = "quarter"',
        "simulated = true",
        f'note = "{organisation.note}"',
        "\n[disclosure]\nk = 5",
        "\n[link]\nsmallest_effect = 0.10",
        "\n[norms]  # reference bands on the answer scale; made up, like everything here",
        "engagement = [3.4, 3.9]\nloyalty = [3.4, 3.9]",
    ]
    for name, file in (
        ("units", "units.csv"),
        ("answers", "answers.parquet"),
        ("interactions", "interactions.parquet"),
        ("results", "results.csv"),
        *((("actions", "actions.csv"),) if organisation.actions else ()),
    ):
        parts.append(f'\n[tables.{name}]\nfile = "{file}"')
    parts.extend(_instrument_toml(scale) for scale in SCALES)
    for measure, (en, nl, lower_is_better, share) in _MEASURE_WORDS.items():
        parts.append(f'\n[measures.{measure}]\nlabel = {{ en = "{en}", nl = "{nl}" }}')
        parts.append(f"lower_is_better = {str(lower_is_better).lower()}\nshare = {str(share).lower()}")
    return "\n".join(parts) + "\n"


def _instrument_toml(scale: Scale) -> str:
    items = ", ".join(f'"{item}"' for item in scale.items)
    return (
        f'\n[[instruments]]\nconstruct = "{scale.construct}"\ntable = "{scale.table}"\n'
        f'respondents = "{scale.respondents}"\nitems = [{items}]\nrange = [{LOW}, {HIGH}]\n'
        f"min_answered = {scale.min_answered}"
    )


def readme(organisation: Plan, seed: int, *, has_comments: bool) -> str:
    """Return the text of README.txt, which says that it is simulated."""
    written = "comments.csv          what people wrote with their last form, a row per person\n"
    return (
        f"{organisation.name}: simulated with seed {seed}. No real people, no real figures.\n"
        "Gesimuleerd. Geen echte mensen, geen echte cijfers.\n\n"
        "organisation.toml     what the tables mean\n"
        "units.csv             services, locations and teams\n"
        "answers.parquet       forms of employees, without a pseudonym\n"
        "interactions.parquet  encounters: ratings by the customer, customer_conduct by the employee\n"
        "results.csv           figures of record\n"
        "actions.csv           what was done where\n"
        f"{written if has_comments else ''}"
        "truth.json            every link as it truly is, and what was planted where\n"
        "true_scores.parquet   true unit scores per quarter, on the answer scale\n"
    )
