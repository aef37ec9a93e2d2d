"""What people fill in around the questions themselves."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bevlogen_web.feedback.models import Channel, Kind, Place
from bevlogen_web.instruments.forms import said
from bevlogen_web.instruments.models import Audience, Version
from bevlogen_web.organisation.models import Unit

LONGEST_ABOUT = 1000
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?")


class WishForm(forms.Form):
    """How to reach somebody who wants to be called back."""

    contact = forms.CharField(label=_("Your e-mail address or telephone number"), max_length=200)
    about = forms.CharField(
        label=_("What is it about?"),
        required=False,
        max_length=LONGEST_ABOUT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_contact(self) -> str:
        """Refuse what is neither an address nor a number."""
        contact: str = self.cleaned_data["contact"]
        if not re.search(r"\S@\S+\.\S", contact) and sum(char.isdigit() for char in contact) < 8:
            raise ValidationError(_("Fill in an e-mail address, or a telephone number with at least 8 digits."))
        return contact


class VersionChoice(forms.ModelChoiceField[Version]):
    """A choice of questionnaires by their title."""

    def label_from_instance(self, obj: Version) -> str:
        """Title in the language of the page."""
        return said(obj.definition["title"])


class ChannelForm(forms.ModelForm[Channel]):
    """A new way to ask."""

    class Meta:
        """What is chosen; the rest follows."""

        model = Channel
        fields = ("kind", "unit", "service", "version")
        field_classes = {"version": VersionChoice}  # noqa: RUF012  # Django's own way of saying it
        labels = {"unit": _("About which unit"), "service": _("Service"), "version": _("Questions")}  # noqa: RUF012

    def __init__(self, *args: Any, units: QuerySet[Unit], versions: QuerySet[Version], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["version"].queryset = versions  # type: ignore[attr-defined]
        self.fields["service"].queryset = self.instance.organisation.services.all()  # type: ignore[attr-defined]
        self.fields["service"].empty_label = _("that of the unit")  # type: ignore[attr-defined]
        self.fields["unit"].empty_label = _("choose")  # type: ignore[attr-defined]
        self.fields["version"].empty_label = _("choose")  # type: ignore[attr-defined]
        self.fields["kind"].choices = Kind.choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Let colleagues answer what is meant for them, and customers the rest."""
        given: dict[str, Any] = super().clean() or {}
        kind, version = given.get("kind"), given.get("version")
        if kind and version:
            wanted = Audience.ENCOUNTER if kind == Kind.STAFF else Audience.CUSTOMER
            if version.instrument.audience != wanted:
                self.add_error("version", _("These questions are not for those who come by this kind of link."))
        return given


class PlaceForm(forms.ModelForm[Place]):
    """A website that may show the forms."""

    class Meta:
        """Its address."""

        model = Place
        fields = ("origin",)
        help_texts = {"origin": _("For example https://www.example.org")}  # noqa: RUF012

    def clean_origin(self) -> str:
        """Keep scheme and host; refuse what could let in others."""
        parts = urlsplit(self.cleaned_data["origin"].strip().lower())
        if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc):
            raise ValidationError(_("Give the address of a website, beginning with https://."))
        return f"https://{parts.netloc}"

    def validate_constraints(self) -> None:
        """Check the list as a whole, with the organisation."""
        self.instance.validate_constraints()


class MailingForm(forms.Form):
    """A file with people to ask, one per contact."""

    file = forms.FileField(
        label=_("File with addresses (CSV)"),
        help_text=_("Columns: unit, email; and if you have them: service, language (nl or en), contact."),
    )
