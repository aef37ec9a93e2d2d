"""What the explorer is asked: the form, the question it makes, and the address that asks the same again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from bevlogen_web.analyses.explore import LONGEST_LAG, MOST_HELD, Question

WAYS = (
    ("", _("every way")),
    ("cross-sectional", _("between units: do units with more of it also have more of the other?")),
    ("within", _("within units over time: when it changes in a unit, does the other change with it?")),
    ("lagged", _("later: what follows after one or more periods?")),
)
# An address that was kept may ask for what the newest figures no longer have; its key means nothing to a reader.
_GONE = _("This is not in the latest figures. Choose something else.")


class ExploreForm(forms.Form):
    """Any two figures of a picture, in one way of looking."""

    cause = forms.ChoiceField(label=_("Cause"), help_text=_("What may make the difference."))
    outcome = forms.ChoiceField(label=_("Outcome"), help_text=_("What it may change."))
    way = forms.ChoiceField(label=_("Way of looking"), choices=WAYS, required=False)
    lag = forms.TypedChoiceField(label=_("Periods later"), coerce=int, empty_value=None, required=False)
    service = forms.ChoiceField(label=_("Service"), required=False)
    hold = forms.MultipleChoiceField(
        label=_("Hold constant"),
        help_text=_("Units are compared as if they were equal in this. The service always is. Choose three at most."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        data: Any,
        *,
        names: Mapping[str, str],
        services: list[tuple[str, str]],
        n_periods: int,
    ) -> None:
        """Offer what the picture has: ``names`` of figures by key, services, and lags that fit its periods."""
        super().__init__(data)
        choices = list(names.items())
        for field in ("cause", "outcome", "hold"):
            self._offer(field, choices)
        self.initial["outcome"] = next(iter([*names][1:]), None)  # the first is the cause already
        self._offer("lag", [(n, str(n)) for n in range(1, max(2, min(LONGEST_LAG, n_periods - 2) + 1))])
        self._offer("service", [("", _("all services")), *services])

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
            field.error_messages["invalid_choice"] = _GONE

    def clean(self) -> dict[str, Any]:
        """Refuse a link of a figure with itself, and more to hold constant than may be."""
        found = super().clean() or {}
        ends = [found.get("cause"), found.get("outcome")]
        if None not in ends and ends[0] == ends[1]:
            self.add_error("outcome", _("Choose something else than the cause."))
        held = found.get("hold", [])
        if len(held) > MOST_HELD:
            self.add_error("hold", _("Choose three at most."))
        if any(one in ends for one in held):
            self.add_error("hold", _("Cause and outcome cannot be held constant."))
        return found

    def question(self) -> Question:
        """Give what is asked, of a form that is valid."""
        told = self.cleaned_data
        way = told["way"]
        lag = told["lag"] or 1 if way == "lagged" else 1
        return Question(told["cause"], told["outcome"], way, lag, tuple(sorted(told["hold"])), told["service"])


def query(question: Question) -> str:
    """Write the query of the address that asks the same: keys of figures and of a service, nothing of a person."""
    told = {"cause": question.cause, "outcome": question.outcome, "way": question.way}
    more = [("hold", one) for one in question.hold]
    if question.lag > 1:
        more.append(("lag", str(question.lag)))
    if question.service:
        more.append(("service", question.service))
    return urlencode([*told.items(), *more])
