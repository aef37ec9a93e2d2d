"""What people fill in about units, services and employees, with every mistake named at once."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bevlogen_web.accounts.models import Organisation
from bevlogen_web.organisation import queries
from bevlogen_web.organisation.degree import DEGREES
from bevlogen_web.organisation.models import KEY_LENGTH, Employee, Service, Unit, valid_key
from bevlogen_web.organisation.reading import EXCEL, MOST_BYTES
from bevlogen_web.organisation.reorganisation import Named

_Thing = TypeVar("_Thing", bound=Model)
MOST_LINES = 200
_NEW_UNITS_HELP = gettext_lazy(
    "One per line. If your other systems have a code for it, put that in front with a semicolon: 110; Team North"
)


class Day(forms.DateField):
    """A day, picked in the way of the browser."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


class UnitChoice(forms.ModelChoiceField[Unit]):
    """A choice of units, by name and code."""

    def label_from_instance(self, obj: Unit) -> str:
        """Name and code."""
        return _named(obj)


class UnitChoices(forms.ModelMultipleChoiceField[Unit]):
    """A choice of several units, by name and code."""

    def label_from_instance(self, obj: Unit) -> str:
        """Name and code."""
        return _named(obj)


class Degree(forms.TypedChoiceField):
    """A degree of co-creation in plain words; a figure between the words stays when it was there."""

    def __init__(self, empty: Any, **kwargs: Any) -> None:
        self._choices_of_words = [("", empty), *((str(degree), text) for degree, text in DEGREES.items())]
        super().__init__(choices=self._choices_of_words, coerce=float, empty_value=None, required=False, **kwargs)

    def keep(self, degree: float | None) -> None:
        """Offer a figure that is none of the words too."""
        if degree is not None and degree not in DEGREES:
            self.choices = [*self._choices_of_words, (str(degree), localize(degree))]


class NewUnits(forms.CharField):
    """Units to be made, one per line; gives a list of ``Named``."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 5}), help_text=_NEW_UNITS_HELP, **kwargs)

    def clean(self, value: Any) -> Any:
        """Read the lines."""
        found = [_new_unit(line) for line in super().clean(value).splitlines() if line.strip()]
        if len(found) > MOST_LINES:
            raise ValidationError(_("These are more than 200 lines. Import a file instead."))
        keys = [one.key for one in found if one.key]
        if len(set(keys)) < len(keys):
            raise ValidationError(_("A code occurs twice."))
        return found


class _OfOrganisation(forms.BaseModelForm[_Thing]):
    """Checks what must be unique in an organisation, though the organisation itself is no field of the form."""

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # Django's stubs lack it
        return excluded - {"organisation"}


class ServiceForm(_OfOrganisation[Service], forms.ModelForm[Service]):
    """A service and its degree of co-creation."""

    co_creation = Degree(
        gettext_lazy("I do not know"),
        label=gettext_lazy("How much does the customer's own part decide the outcome?"),
        widget=forms.RadioSelect,
    )

    class Meta:
        """Name only; a code is made once and stays."""

        model = Service
        fields = ("name", "co_creation")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _degree_of(self).keep(self.instance.co_creation)
        if self.initial.get("co_creation") is None:
            self.initial["co_creation"] = ""


class UnitForm(_OfOrganisation[Unit], forms.ModelForm[Unit]):
    """What can be changed in a unit without a reorganisation."""

    co_creation = Degree(
        gettext_lazy("As in its service"),
        label=gettext_lazy("How much does the customer's own part decide the outcome?"),
    )
    start = Day(
        label=gettext_lazy("First day"),
        required=False,
        help_text=gettext_lazy("Leave this empty if the unit was there before you started with Bevlogen."),
    )

    class Meta:
        """All but its place and its end."""

        model = Unit
        fields = ("name", "key", "service", "co_creation", "headcount", "start")
        help_texts = {  # noqa: RUF012 - Django's own way
            "key": gettext_lazy("The code of your other systems. Files and other systems find the unit by it."),
            "headcount": gettext_lazy("Leave this empty to count the employees in Bevlogen."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "service").queryset = queries.services_of(self.instance.organisation)
        _choose(self, "service").empty_label = _("No service of its own")
        _degree_of(self).keep(self.instance.co_creation)
        if self.instance.pk is None:
            self.fields["key"].required = False
            self.fields["key"].help_text = _("Leave this empty and we make one.")

    def clean_start(self) -> Any:
        """Refuse a first day that is still to come, or after the last."""
        start, end = self.cleaned_data["start"], self.instance.end
        if start is not None and start > (end or queries.today()):
            raise ValidationError(_("Choose today or an earlier day."))
        return start


class NewUnitForm(UnitForm):
    """A new unit and its place."""

    parent = UnitChoice(queryset=Unit.objects.none(), label=gettext_lazy("Lies below"), required=False)
    field_order = ("name", "key", "parent")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "parent", self.instance.organisation, _("At the top"))


class ReorganiseForm(forms.Form):
    """The day of a change in the tree."""

    on = Day(label=gettext_lazy("From which day?"), help_text=gettext_lazy("Today, or a day that has been."))

    def __init__(self, *args: Any, organisation: Organisation, unit: Unit | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = queries.today()
        self.organisation, self.unit = organisation, unit


class MoveForm(ReorganiseForm):
    """Another place in the tree."""

    parent = UnitChoice(queryset=Unit.objects.none(), label=gettext_lazy("Put it below"), required=False)
    mistake = forms.BooleanField(
        label=gettext_lazy("This mends a mistake: it has always been there. Keep no history of it."), required=False
    )
    field_order = ("parent", "on", "mistake")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "parent", self.organisation, _("At the top"), self.unit)
        self.fields["parent"].initial = self.unit.parent_id if self.unit else None


class SplitForm(ReorganiseForm):
    """New units out of one."""

    parts = NewUnits(label=gettext_lazy("The new units"))
    stays = forms.ChoiceField(
        label=gettext_lazy("What happens to this unit?"),
        choices=[
            ("ends", gettext_lazy("It ends. The first new unit gets its employees and the units below it.")),
            ("stays", gettext_lazy("It stays. The new units come beside it.")),
        ],
        widget=forms.RadioSelect,
    )
    field_order = ("parts", "stays", "on")


class CloseForm(ReorganiseForm):
    """The end of a unit."""

    heir = UnitChoice(
        queryset=Unit.objects.none(),
        label=gettext_lazy("Which unit takes over?"),
        required=False,
        help_text=gettext_lazy(
            "It gets the employees and the units below. If none takes over, the employees are asked no more, "
            "and the units below go to the unit above."
        ),
    )
    field_order = ("heir", "on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "heir", self.organisation, _("None: its work stops"), self.unit)


class MergeForm(ReorganiseForm):
    """Several units that go on as one."""

    units = UnitChoices(
        queryset=Unit.objects.none(),
        label=gettext_lazy("Which units merge?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least two units.")},
    )
    name = forms.CharField(label=gettext_lazy("Name of the new unit"), max_length=120)
    key = forms.CharField(
        label=gettext_lazy("Code of the new unit"),
        max_length=KEY_LENGTH,
        required=False,
        validators=[valid_key],
        help_text=gettext_lazy("Leave this empty and we make one."),
    )
    parent = UnitChoice(queryset=Unit.objects.none(), label=gettext_lazy("Lies below"), required=False)
    field_order = ("units", "name", "key", "parent", "on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "parent", self.organisation, _("At the top"))
        _choose(self, "units").queryset = queries.units_of(self.organisation)


class EmployeeForm(_OfOrganisation[Employee], forms.ModelForm[Employee]):
    """One employee, apart from all answers."""

    start = Day(label=gettext_lazy("First day of work"), required=False)
    end = Day(label=gettext_lazy("Last day of work"), required=False)

    class Meta:
        """Everything that is kept of an employee."""

        model = Employee
        fields = ("key", "name", "email", "unit", "language", "start", "end", "active")
        field_classes = {"unit": UnitChoice}  # noqa: RUF012 - Django's own way
        labels = {"unit": gettext_lazy("Unit")}  # noqa: RUF012
        help_texts = {  # noqa: RUF012
            "key": gettext_lazy("Any code will do, if it stays the same."),
            "email": gettext_lazy("Leave this empty for who gets a letter on paper."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation = self.instance.organisation
        here = queries.units_of(organisation)
        if self.instance.unit_id:
            here = here | queries.units(organisation).filter(pk=self.instance.unit_id)
        _choose(self, "unit").queryset = here

    def clean_email(self) -> str:
        """Write addresses one way."""
        return str(self.cleaned_data["email"]).lower()


class UploadForm(forms.Form):
    """A file, and what it means that something is not in it."""

    file = forms.FileField(
        label=gettext_lazy("CSV or Excel file"),
        widget=forms.FileInput(attrs={"accept": ",".join((".csv", ".txt", *EXCEL))}),
    )
    on = Day(label=gettext_lazy("From which day do the changes hold?"))
    complete = forms.BooleanField(required=False)

    def __init__(self, *args: Any, complete: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = queries.today()
        self.fields["complete"].label = complete

    def clean_file(self) -> Any:
        """Refuse a file that is too large to look through at once."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(_("The file is larger than 5 MB. Split it."))
        return file

    def clean_on(self) -> Any:
        """Refuse a day that is still to come."""
        if self.cleaned_data["on"] > queries.today():
            raise ValidationError(_("This day is still to come. Enter the change on that day or later."))
        return self.cleaned_data["on"]


class ManagedForm(forms.Form):
    """The units of a manager."""

    units = UnitChoices(
        queryset=Unit.objects.none(),
        label=gettext_lazy("This manager sees these units, and all below them"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self, "units").queryset = queries.units(organisation)


class FirstStepsForm(forms.Form):
    """Name, services and first units of an organisation that starts."""

    N_SERVICES = 3
    name = forms.CharField(label=gettext_lazy("Name of your organisation"), max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, self.N_SERVICES + 1):
            self.fields[f"service_{number}"] = forms.CharField(
                label=_("Service %(number)s") % {"number": number}, max_length=120, required=False
            )
            self.fields[f"degree_{number}"] = Degree(
                _("I do not know"), label=_("Part of the customer in service %(number)s") % {"number": number}
            )
        self.fields["units"] = NewUnits(label=_("Your units: teams, branches or locations"))

    def services(self) -> list[tuple[str, float | None]]:
        """Give the services that were named, each with its degree."""
        given = self.cleaned_data
        numbers = range(1, self.N_SERVICES + 1)
        return [(given[f"service_{n}"], given[f"degree_{n}"]) for n in numbers if given[f"service_{n}"]]


def _named(unit: Unit) -> str:
    return f"{unit.name} ({unit.key})"


def _new_unit(line: str) -> Named:
    first, sign, rest = line.partition(";")
    named = Named(rest.strip(), first.strip()) if sign and rest.strip() else Named(first.strip())
    if len(named.name) > 120 or len(named.key) > KEY_LENGTH:
        raise ValidationError(_("A name has at most 120 signs, a code at most 60."))
    if named.key:
        valid_key(named.key)
    return named


def _choose(form: forms.BaseForm, name: str) -> forms.ModelChoiceField[Any]:
    return cast("forms.ModelChoiceField[Any]", form.fields[name])


def _degree_of(form: forms.BaseForm) -> Degree:
    return cast(Degree, form.fields["co_creation"])


def _offer(form: forms.BaseForm, name: str, organisation: Organisation, empty: str, but: Unit | None = None) -> None:
    """Let a field choose among the units there are, without one and all that lies below it."""
    offered = queries.units_of(organisation)
    if but is not None:
        offered = offered.exclude(pk=but.pk).exclude(pk__in=queries.descendants(but).values("pk"))
    _choose(form, name).queryset = offered
    _choose(form, name).empty_label = empty
