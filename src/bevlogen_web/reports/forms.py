"""What is filled in about mail and about the public page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.reports import public
from bevlogen_web.reports.models import MailChoice, PublicPage


class MailForm(forms.ModelForm[MailChoice]):
    """What a member wants by mail."""

    class Meta:
        """The choices; what was sent is kept by the sender."""

        model = MailChoice
        fields = ("digest", "reminders", "every", "kind")
        help_texts = {  # noqa: RUF012 - Django's own way of saying it
            "digest": _("At most three changes in a mail, one mail per new figures, and none when nothing changed."),
            "reminders": _(
                "A week before and on the day on which an action begins, ends, must be looked at again, or its effect "
                "can be told. At most one mail a day."
            ),
            "every": _("Made from the figures of that day. It comes at the beginning of the month or quarter."),
        }


class PublicForm(forms.ModelForm[PublicPage]):
    """What customers may read; only finished actions can be chosen."""

    class Meta:
        """All of it."""

        model = PublicPage
        fields = ("is_open", "intro", "actions")
        widgets = {"intro": forms.Textarea(attrs={"rows": 4}), "actions": forms.CheckboxSelectMultiple}  # noqa: RUF012 - Django's own way of saying it
        help_texts = {  # noqa: RUF012 - as above
            "is_open": _("Look at the preview first. You can close the page again at any time."),
            "intro": _("Name no people and no small teams."),
            "actions": _("Only finished actions can be shown. Customers read these words and when it was finished."),
        }

    def __init__(self, *given: Any, organisation: Organisation, **more: Any) -> None:
        """Offer the finished actions of this organisation."""
        super().__init__(*given, **more)
        actions: Any = self.fields["actions"]
        actions.queryset = public.finished(organisation)
