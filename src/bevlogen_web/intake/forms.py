"""What people fill in to connect another system or to bring files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.intake import tables
from bevlogen_web.intake.models import Scope, Table, Token
from bevlogen_web.intake.services import Upload


class TokenForm(forms.Form):
    """A new integration."""

    name = forms.CharField(
        label=_("Name of the system"),
        max_length=80,
        help_text=_("For example: absence registration."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation

    def clean_name(self) -> str:
        """Refuse a name that is taken."""
        name: str = self.cleaned_data["name"]
        if Token.objects.filter(organisation=self.organisation, name=name).exists():
            raise ValidationError(_("There is a system with this name already. Choose another name."))
        return name


class FileForm(forms.Form):
    """One table, brought by hand."""

    table = forms.ChoiceField(
        label=_("What is in the file?"),
        choices=[choice for choice in Table.choices if choice[0] != Table.UNITS],
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, Excel or Parquet. The first row holds the names of the columns."),
    )

    def clean_file(self) -> Upload:
        """Refuse a kind of file that is not read."""
        file: Upload = self.cleaned_data["file"]
        if Path(file.name or "").suffix.lower() not in tables.FILE_KINDS:
            raise ValidationError(_("This kind of file is not read. Save it as CSV or Excel."))
        return file


class ManyFiles(forms.ClearableFileInput):
    """A field for one file or several."""

    allow_multiple_selected = True


class HistoryFiles(forms.FileField):
    """All files of a workspace, or one zip file."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Sequence[Upload]:
        """Check each file."""
        several = data if isinstance(data, list | tuple) else [data]
        return [super(HistoryFiles, self).clean(one, initial) for one in several]


class HistoryForm(forms.Form):
    """A workspace from before."""

    tables = HistoryFiles(
        label=_("The files"),
        help_text=_("One zip file, or organisation.toml and all tables together."),
    )
