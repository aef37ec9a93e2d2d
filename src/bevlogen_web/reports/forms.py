"""What is filled in about mail."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from bevlogen_web.reports.models import MailChoice


class MailForm(forms.ModelForm[MailChoice]):
    """What a member wants by mail."""

    class Meta:
        """The choices; what was sent is kept by the sender."""

        model = MailChoice
        fields = ("digest", "every", "kind")
        help_texts = {  # noqa: RUF012 - Django's own way of saying it
            "digest": _("At most three changes in a mail, one mail per new figures, and none when nothing changed."),
            "every": _("Made from the figures of that day. It comes at the beginning of the month or quarter."),
        }
