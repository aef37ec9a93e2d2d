"""Cards on paper, as PDF: each with a personal code, in figures and letters and as a QR code."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import segno
import typst
from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from bevlogen_web.listening.models import Round
from bevlogen_web.listening.sending import Card

_TEMPLATE = Path(__file__).with_name("paper.typ")


def draw(held: Round, cards: Sequence[Card]) -> bytes:
    """Draw all cards of a round, six on a sheet of A4 to be cut, tagged for screen readers; each in its language."""
    with override(held.organisation.language):
        about = _("Cards on paper")
    texts = {"title": f"{about} – {held.name}", "language": held.organisation.language[:2]}
    told = json.dumps([_said(held, card) for card in cards], ensure_ascii=False)
    made: bytes = typst.compile(_TEMPLATE.read_bytes(), format="pdf", sys_inputs={**texts, "cards": told})
    return made


def _said(held: Round, card: Card) -> dict[str, str]:
    """Give all texts of a card, so that the sheet only places them."""
    code = io.BytesIO()
    segno.make(card.link, error="m", micro=False).save(code, kind="svg", border=0, xmldecl=False)
    with override(card.language):
        asks = _("%(organisation)s would like to know how you are doing at work: %(name)s.")
        promise = _(
            "You can answer until %(day)s. Nobody can see what you answered: it is sealed, stored without your name, "
            "and shown only for groups of %(k)s people or more."
        )
        return {
            "language": card.language[:2],
            "name": card.name or card.unit,
            "unit": card.unit if card.name else "",
            "asks": asks % {"organisation": held.organisation.name, "name": held.name},
            "scan": _("Scan the square with your phone, or type:"),
            "site": settings.SITE_URL.partition("://")[2] + reverse("answer"),
            "and": _("and your code:"),
            "code": card.code,
            "promise": promise % {"day": date_format(held.closes, "j F Y"), "k": held.rules["k"]},
            "alt": _("QR code of your own link"),
            "qr": code.getvalue().decode(),
        }
