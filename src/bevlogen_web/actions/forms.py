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
        fields = ("what", "lever", "units", "start", "owner", "remind")
        field_classes = {"owner": OwnerChoice}  # noqa: RUF012  # Django's own way of saying it
        widgets = {  # noqa: RUF012 - as above
            "start": forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
            "remind": forms.DateInput(attrs=_DAY, format="%Y-%m-%d"),
        }
        help_texts = {  # noqa: RUF012 - as above
            "what": _(
                "One sentence. The same words for the same action elsewhere, so that the two are judged together."
            ),
            "start": _("From this day on it counts when it is judged."),
            "remind": _("The action then stands on top of the list."),
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


class NoteForm(forms.ModelForm[Note]):
    """A note on an action."""

    class Meta:
        """The text alone."""

        model = Note
        fields = ("text",)
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}  # noqa: RUF012 - as above
        labels = {"text": _("Write a note")}  # noqa: RUF012 - as above
        help_texts = {"text": _("Do not write about persons.")}  # noqa: RUF012 - as above
