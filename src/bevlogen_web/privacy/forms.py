"""What the privacy officer fills in."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.privacy.models import BOUNDS, Particulars, Periods


class PeriodsForm(forms.ModelForm[Periods]):
    """How many months each kind of record is kept."""

    class Meta:
        """All kinds."""

        model = Periods
        fields = tuple(BOUNDS)

    def months(self) -> dict[str, int]:
        """Give the months per kind, once the form is valid."""
        return {field: self.cleaned_data[field] for field in BOUNDS}


class CommentsForm(forms.ModelForm[Organisation]):
    """Whether comments are shown."""

    class Meta:
        """That alone."""

        model = Organisation
        fields = ("shows_comments",)


class ParticularsForm(forms.ModelForm[Particulars]):
    """What only the organisation itself knows."""

    class Meta:
        """All but the organisation."""

        model = Particulars
        fields = ("responsible", "contact", "officer", "basis", "hosting", "mailing", "agreed")
        widgets = {"agreed": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}  # noqa: RUF012  (Django's own form)


class PersonForm(forms.Form):
    """Whom to look up."""

    term = forms.CharField(
        label=_("E-mail address, staff number, customer number or telephone number"),
        help_text=_("Check first that the request comes from this person. What you look for is not kept."),
        min_length=2,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class HeadForm(forms.Form):
    """A head that was noted earlier."""

    head = forms.RegexField(
        r"^\s*\d{1,18}:[0-9a-f]{64}\s*$",
        label=_("A head you noted or got by mail earlier"),
        help_text=_("A number, a colon and 64 letters and digits."),
        max_length=90,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"invalid": _("This is not a head. Copy it whole, with the number before the colon.")},
    )

    def clean_head(self) -> str:
        """Take off the blanks around it."""
        return str(self.cleaned_data["head"]).strip()
