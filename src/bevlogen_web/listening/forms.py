"""What is filled in to hold a round."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

import bevlogen as bv
from bevlogen_web.accounts.models import Organisation
from bevlogen_web.instruments.forms import said
from bevlogen_web.instruments.models import Audience, Version
from bevlogen_web.instruments.queries import published
from bevlogen_web.listening import periods, queries, services
from bevlogen_web.listening.models import Kind, Round
from bevlogen_web.organisation.models import Unit
from bevlogen_web.organisation.queries import today, units_of

MOST_CARDS = 200


class VersionChoice(forms.ModelChoiceField[Version]):
    """A choice of questionnaires by their title."""

    def label_from_instance(self, obj: Version) -> str:
        """Title in the language of the page."""
        return said(obj.definition["title"]) or str(obj)


class RoundForm(forms.ModelForm[Round]):
    """A round as it is prepared."""

    version = VersionChoice(label=_("Questions"), queryset=Version.objects.none(), empty_label=None)
    closes = forms.DateField(label=_("Last day to answer"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    share = forms.IntegerField(
        label=_("Part of each team, in percent"),
        help_text=_("Only for a sample. At least as many people as scores need are drawn in each team."),
        validators=[MinValueValidator(5), MaxValueValidator(100)],
        initial=33,
    )
    rest_days = forms.IntegerField(
        label=_("Days of rest"),
        help_text=_("Only for a pulse and a sample. Who was invited to any round in these days is not asked."),
        validators=[MinValueValidator(0), MaxValueValidator(730)],
        initial=60,
    )
    lead_days = forms.IntegerField(
        label=_("Days after the start, or before leaving"),
        help_text=_("Only for new colleagues and for who leaves. Such a round goes on by itself, period after period."),
        validators=[MinValueValidator(0), MaxValueValidator(365)],
        initial=60,
    )
    k = forms.IntegerField(
        label=_("Fewest people for a score"),
        help_text=_("At least 5. Everyone who is asked reads these rules first; you cannot change them after opening."),
        validators=[MinValueValidator(bv.thresholds.K), MaxValueValidator(100)],
        initial=bv.thresholds.K,
    )
    k_comments = forms.IntegerField(
        label=_("Fewest people for comments"),
        help_text=_("At least 10."),
        validators=[MinValueValidator(bv.thresholds.K_COMMENTS), MaxValueValidator(200)],
        initial=bv.thresholds.K_COMMENTS,
    )

    class Meta:
        """What the organiser chooses."""

        model = Round
        fields = ("name", "kind", "version", "unit", "period", "closes", "share", "rest_days", "lead_days")
        labels: ClassVar = {"unit": _("Part of the organisation")}
        help_texts: ClassVar = {
            "name": _("Employees read this in their invitation."),
            "unit": _("This unit and all below it. Empty: everyone."),
            "period": _("A year, quarter or month: 2026, 2026-Q4 or 2026-11."),
        }

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.organisation = organisation
        versions = self.fields["version"]
        units = self.fields["unit"]
        if isinstance(versions, VersionChoice):
            versions.queryset = published(organisation, Audience.EMPLOYEE)
        if isinstance(units, forms.ModelChoiceField):
            units.queryset = units_of(organisation)
            units.empty_label = str(_("Everyone"))
        self.fields["kind"].choices = Kind.choices  # type: ignore[attr-defined]  # without the empty one
        self.fields["period"].initial = periods.quarter_of(today())
        for name in ("k", "k_comments"):
            self.fields[name].initial = self.instance.rules.get(name, self.fields[name].initial)

    def clean_closes(self) -> Any:
        """A last day lies ahead."""
        day = self.cleaned_data["closes"]
        if day < today():
            raise forms.ValidationError(_("This day has passed. Choose a day from today."))
        return day

    def clean(self) -> dict[str, Any]:
        """Comments need at least as many people as scores."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("k", 0) > given.get("k_comments", given.get("k", 0)):
            self.add_error("k_comments", _("Comments need at least as many people as scores."))
        return given

    def save(self, commit: bool = True) -> Round:
        """Give the round with its rules; ``services.prepare`` writes it."""
        self.instance.rules = services.rules(self.cleaned_data["k"], self.cleaned_data["k_comments"])
        return super().save(commit=commit)


class CardsForm(forms.Form):
    """Cards on paper for people of a unit who are in no list."""

    unit = forms.ModelChoiceField(label=_("Unit"), queryset=Unit.objects.none())
    number = forms.IntegerField(
        label=_("Number of cards"), validators=[MinValueValidator(1), MaxValueValidator(MOST_CARDS)]
    )

    def __init__(self, *args: Any, held: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = self.fields["unit"]
        if isinstance(units, forms.ModelChoiceField):
            units.queryset = queries.scope(held, today())
            units.empty_label = str(_("choose"))
