"""Posters with a QR code, as PDF."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import segno
import typst
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from bevlogen_web.feedback import cards, links
from bevlogen_web.feedback.models import Channel
from bevlogen_web.instruments.forms import said

Size = Literal["a4", "a6"]
SIZES: tuple[Size, ...] = ("a4", "a6")
LANGUAGES = {"nl": "nl", "en": "en-gb"}
_TEMPLATE = Path(__file__).with_name("poster.typ")


def address_of(channel: Channel) -> str:
    """Give the full address at which a channel's questions are."""
    return settings.SITE_URL + reverse("feedback-ask", kwargs={"token": links.link_to(channel.key)})


def qr(address: str) -> segno.QRCode:
    """Make the QR code of an address; readable while a seventh of it is torn or dirty."""
    return segno.make(address, error="m", micro=False)


def title_of(channel: Channel, language: str | None = None) -> str:
    """Give what its questions are called, in a language or that of the page."""
    return said(cards.questions(channel.version_id).definition["title"], language)


def draw(channel: Channel, size: Size, language: str) -> bytes:
    """Draw the poster of a channel, tagged for screen readers.

    Parameters
    ----------
    channel
        With its unit and organisation.
    size
        Of the paper.
    language
        ``nl`` or ``en``.
    """
    address = address_of(channel)
    code = io.BytesIO()
    qr(address).save(code, kind="svg", border=0, xmldecl=False, dark="#18242a")
    with override(LANGUAGES[language]):
        texts = {
            "size": size,
            "language": language,
            "organisation": channel.organisation.name,
            "unit": channel.unit.name,
            "title": title_of(channel, language),
            "scan": _("Point your camera at the code"),
            "short": _("Three taps and you are done."),
            "promise": _("We do not ask your name. Your answer is counted together with those of others."),
            "alt": _("QR code with the address of the questions"),
            "host": urlsplit(address).hostname or "",
            "qr": code.getvalue().decode("utf-8"),
        }
    made: bytes = typst.compile(_TEMPLATE.read_bytes(), format="pdf", sys_inputs=texts)
    return made
