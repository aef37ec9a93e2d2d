"""What documents say besides the words of the page on screen."""

from __future__ import annotations

from collections.abc import Mapping

from bevlogen.core.chain import Language, Text

_WORDS: Mapping[str, Text] = {
    "lever": Text("Work on", "Werk aan"),
    "gain_for": Text("Gain for", "Winst voor"),
    "gain": Text("Expected gain (SD)", "Verwachte winst (SD)"),
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
}  # fmt: skip


def word(key: str, language: Language, **parts: object) -> str:
    """Return a text of the documents."""
    text = _WORDS[key].in_(language)
    return text.format(**parts) if parts else text
