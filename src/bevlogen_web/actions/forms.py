"""What is filled in about an action."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.actions import queries
from bevlogen_web.actions.models import Action, Note
from bevlogen_web.organisation import queries as organisations
from bevlogen_web.organisation.models import Unit

_DAY = {"type": "date"}


class OwnerChoice(forms.ModelChoiceField[Membership]):
    """A choice of colleagues by name."""

    def label_from_instance(self, obj: Membership) -> str:
        """Name of the colleague."""
        return str(obj.user)


class ActionForm(forms.ModelForm[Action]):
    """An action, with the units in which it is done."""

    units = forms.ModelMultipleChoiceField(
        queryset=Unit.objects.none(), label=_("In which units"), widget=forms.CheckboxSelectMultiple
    )
    lever = forms.ChoiceField(label=_("What should it change first"))

    class Meta:
        """What is filled in; the rest follows."""

        model = Action
        fields = ("what", "lever", "units", "start", "until", "owner", "remind")
        field_classes = {"owner": OwnerChoice}  # noqa: RUF012  # Django's own way of saying it
        widgets = {  # noqa: RUF012 - as above
            "start": forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
            "until": forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
            "remind": forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
        }
        help_texts = {  # noqa: RUF012 - as above
            "what": _(
                "One sentence. The same words for the same action elsewhere, so that the two are judged together."
            ),
            "start": _("From this day on it counts when it is judged."),
            "until": _("If it has one. Leave it empty for what goes on."),
            "owner": _(
                "Gets a mail in time for the first day, the last day and the day on which its effect can be told."
            ),
            "remind": _("The action then stands on top of the list, and the owner gets a mail."),
        }

    def __init__(self, *given: Any, membership: Membership, **more: Any) -> None:
        """Offer only what this member may choose."""
        super().__init__(*given, **more)
        units: Any = self.fields["units"]
        units.queryset = organisations.existing(organisations.visible_units(membership))
        lever: Any = self.fields["lever"]
        lever.choices = queries.levers()
        owner: Any = self.fields["owner"]
        owner.queryset = membership.organisation.memberships.filter(
            role__in=(Role.DIRECTOR, Role.MANAGER, Role.ANALYST)
        ).select_related("user")
        owner.required = False
        owner.empty_label = _("nobody yet")

    def clean(self) -> dict[str, Any]:
        """The last day does not come before the first."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        start, until = said.get("start"), said.get("until")
        if start and until and until < start:
            self.add_error("until", _("The last day lies before the first. Give a day on or after the first."))
        return said


class PlanForm(forms.Form):
    """What a plan to learn is made for."""

    what = forms.CharField(label=_("What will be done"), min_length=5, max_length=300)
    lever = forms.ChoiceField(label=_("What should it change first"))
    outcome = forms.ChoiceField(label=_("What should it bring"))
    units = forms.ModelMultipleChoiceField(
        queryset=Unit.objects.none(),
        label=_("Where it will be done"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Four units or more, with figures of their own."),
    )
    steps = forms.IntegerField(
        label=_("Groups that begin one after another"),
        min_value=2,
        max_value=12,
        initial=2,
        help_text=_("2: half begins now, the rest when the answer is in. The lot decides who begins."),
    )
    at_once = forms.BooleanField(
        label=_("All must begin at once"),
        required=False,
        help_text=_("Then units alike serve to compare with. That is less sure."),
    )
    target = forms.FloatField(
        label=_("Effect that must be found, in SD"),
        min_value=0.01,
        max_value=3,
        initial=0.24,
        help_text=_("0.24 is what interventions bring on average."),
    )

    def __init__(self, *given: Any, membership: Membership, **more: Any) -> None:
        """Offer only what this organisation has."""
        super().__init__(*given, **more)
        units: Any = self.fields["units"]
        teams = organisations.visible_units(membership).filter(children=None)  # a group has no figures of its own
        units.queryset = organisations.existing(teams)
        lever: Any = self.fields["lever"]
        lever.choices = queries.levers()
        outcome: Any = self.fields["outcome"]
        outcome.choices = queries.outcomes(membership.organisation)

    def given(self) -> dict[str, Any]:
        """What was filled in, as it is kept."""
        return {**self.cleaned_data, "units": [unit.key for unit in self.cleaned_data["units"]]}


class ChoiceForm(forms.Form):
    """Limits within which first moves are chosen; what is left empty is no limit."""

    at_once = forms.IntegerField(label=_("At most so many at once"), min_value=0, max_value=60, initial=3)
    money = forms.FloatField(label=_("Money in all"), min_value=0, required=False)
    hours = forms.FloatField(label=_("Hours in all"), min_value=0, required=False)
    per_group = forms.IntegerField(
        label=_("At most so many in one department or location"), min_value=0, max_value=60, required=False
    )
    each_group = forms.IntegerField(
        label=_("At least so many in each department or location"), min_value=0, max_value=60, required=False
    )
    target = forms.FloatField(
        label=_("Gain that must be reached, in SD over all moves"),
        min_value=0.01,
        required=False,
        help_text=_("Then the chance of reaching it is made as large as can be."),
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        """Add money and hours per lever."""
        super().__init__(*given, **more)
        self._levers = queries.levers()
        for key, _name in self._levers:
            for kind, label in (("money", _("money")), ("hours", _("hours"))):
                field = forms.FloatField(label=label, min_value=0, required=False)
                self.fields[f"{kind}:{key}"] = field

    def costs(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Name of each lever with its two fields."""
        return [(name, [self[f"money:{key}"], self[f"hours:{key}"]]) for key, name in self._levers]

    def plain(self) -> list[forms.BoundField]:
        """Give the fields that are no cost of a lever."""
        return [field for field in self if ":" not in field.name]

    def given(self) -> dict[str, Any]:
        """What was filled in, as it is kept."""
        said = {k: v for k, v in self.cleaned_data.items() if v is not None}
        limits = {k: v for k, v in said.items() if ":" not in k and k != "target"}
        cost = {
            key: [said.get(f"money:{key}", 0), said.get(f"hours:{key}", 0)]
            for key, _name in self._levers
            if f"money:{key}" in said or f"hours:{key}" in said
        }
        return {"limits": limits, "cost": cost, "target": said.get("target")}


class NoteForm(forms.ModelForm[Note]):
    """A note on an action."""

    class Meta:
        """The text alone."""

        model = Note
        fields = ("text",)
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}  # noqa: RUF012 - as above
        labels = {"text": _("Write a note")}  # noqa: RUF012 - as above
        help_texts = {"text": _("Do not write about persons.")}  # noqa: RUF012 - as above
