"""What staff fill in to make questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

import bevlogen
from bevlogen_web.instruments.definition import LARGEST_SCALE, MOST_OPTIONS, Definition, questions
from bevlogen_web.instruments.editing import Question, option_keys
from bevlogen_web.instruments.forms import current_language, said
from bevlogen_web.instruments.models import Audience

OPS = {"eq": _("is"), "ne": _("is not"), "le": _("is at most"), "ge": _("is at least")}
LONGEST_QUESTION = 300


def _words(label: Any, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST_QUESTION, required=False, **more)


def _lines(label: Any, help_text: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 4})
    return forms.CharField(label=label, help_text=help_text, max_length=4000, required=False, widget=area)


class HeadingForm(forms.Form):
    """Title and introduction, in both languages; one title at least."""

    title_nl = _words(_("Title in Dutch"))
    title_en = _words(_("Title in English"))
    intro_nl = _lines(_("Introduction in Dutch"), _("What it is about and why you ask. Two or three short sentences."))
    intro_en = _lines(_("Introduction in English"))

    def __init__(self, *args: Any, definition: Definition | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title", "intro") if definition else ():
            for code in ("nl", "en"):
                self.fields[f"{name}_{code}"].initial = (definition or {})[name].get(code, "")

    def clean(self) -> dict[str, Any]:
        """A questionnaire needs a name."""
        given = super().clean() or {}
        if not given.get("title_nl") and not given.get("title_en"):
            self.add_error("title_nl", _("Give a title in one language at least."))
        return given

    def texts(self, name: str) -> dict[str, str]:
        """Give a text in both languages."""
        return {code: self.cleaned_data[f"{name}_{code}"].strip() for code in ("nl", "en")}


class NewForm(HeadingForm):
    """A questionnaire of one's own."""

    audience = forms.ChoiceField(label=_("Who fills it in"), choices=Audience.choices)
    field_order = ("audience",)


class PageForm(forms.Form):
    """The title of a page; none is fine too."""

    title_nl = _words(_("Title of the page in Dutch"))
    title_en = _words(_("Title of the page in English"))

    def texts(self) -> dict[str, str]:
        """Give the title in both languages."""
        return {code: self.cleaned_data[f"title_{code}"].strip() for code in ("nl", "en")}


class QuestionForm(forms.Form):
    """What all kinds of question have: words in both languages, and a rule when it is asked."""

    kind = "open"
    text_nl = _words(
        _("Question in Dutch"),
        help_text=_("At least one language; both if people may choose."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    text_en = _words(_("Question in English"), widget=forms.Textarea(attrs={"rows": 2}))
    rule = forms.ChoiceField(label=_("Ask it only after this answer"), required=False)
    rule_op = forms.ChoiceField(label=_("The answer given then"), choices=list(OPS.items()), required=False)
    field_order: tuple[str, ...] | None = None

    def __init__(self, *args: Any, definition: Definition, page: int, before: Question | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = before or {}
        self._offer_rules(definition, page)
        for name, value in self._shown().items():
            self.fields[name].initial = value

    def clean(self) -> dict[str, Any]:
        """A question needs words, and only numbers can be more or less."""
        given = super().clean() or {}
        if not given.get("text_nl") and not given.get("text_en"):
            self.add_error("text_nl", _("Write the question in one language at least."))
        _key, _sep, value = given.get("rule", "").partition(":")
        if given.get("rule_op") in ("le", "ge") and value and not value.isdecimal():
            self.add_error("rule_op", _("Only a number can be more or less. Choose is, or is not."))
        return given

    def question(self, key: str) -> Question:
        """Give the question as it stands in a definition."""
        one = {"key": self.before.get("key", key), "kind": self.kind, "text": self._both("text")} | self._own()
        if self.cleaned_data.get("rule"):
            needed, _sep, value = self.cleaned_data["rule"].partition(":")
            operator = self.cleaned_data["rule_op"] or "eq"
            one["show_if"] = {"key": needed, "op": operator, "value": int(value) if value.isdecimal() else value}
        return one

    def _own(self) -> dict[str, Any]:
        return {}

    def _shown(self) -> dict[str, Any]:
        shown = {f"text_{code}": text for code, text in self.before.get("text", {}).items()}
        if rule := self.before.get("show_if"):
            shown |= {"rule": f"{rule['key']}:{rule['value']}", "rule_op": rule["op"]}
        return shown

    def _both(self, name: str) -> dict[str, str]:
        return {code: self.cleaned_data[f"{name}_{code}"].strip() for code in ("nl", "en")}

    def _offer_rules(self, definition: Definition, page: int) -> None:
        rules = [
            (f"{question['key']}:{value}", f"{Truncator(said(question['text'])).chars(60)} – {words}")
            for number, question in questions(definition)
            if number < page and question["kind"] != "open"
            for value, words in _answers(question)
        ]
        if rules:
            self.fields["rule"].choices = [("", _("Always ask it")), *rules]  # type: ignore[attr-defined]
        else:
            del self.fields["rule"], self.fields["rule_op"]


class ScaleForm(QuestionForm):
    """A question with numbers as answers."""

    kind = "scale"
    construct = forms.ChoiceField(
        label=_("What it measures"),
        required=False,
        help_text=_("Questions that measure the same thing are taken together as one score."),
    )
    reverse = forms.BooleanField(
        label=_("Turned round: a high number means less of it"),
        required=False,
        help_text=_("As with “Nothing changes here anyway” for control over work."),
    )
    low = forms.IntegerField(label=_("Lowest number"), min_value=0, max_value=1, initial=1)
    high = forms.IntegerField(label=_("Highest number"), min_value=2, max_value=10, initial=5)
    ends_nl = _lines(
        _("Words of the scale in Dutch"),
        _("Two lines: what the lowest and the highest number mean. Or a line for each number."),
    )
    ends_en = _lines(_("Words of the scale in English"))
    field_order = ("text_nl", "text_en", "construct", "reverse", "low", "high", "ends_nl", "ends_en", "rule", "rule_op")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["construct"].choices = constructs()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Words for both ends, or for every point."""
        given = super().clean()
        low, high = given.get("low"), given.get("high")
        if low is None or high is None:
            return given
        if not 1 <= high - low < LARGEST_SCALE:
            self.add_error("high", _("A scale has 2 to 11 points."))
        for name in ("ends_nl", "ends_en"):
            lines = _split(given.get(name, ""))
            if lines and len(lines) not in (2, high - low + 1):
                self.add_error(name, _("Write two lines, or a line for each number."))
        return given

    def _own(self) -> dict[str, Any]:
        given = self.cleaned_data
        own = {name: given[name] for name in ("construct", "reverse", "low", "high")}
        return own | {"ends": {code: _split(given[f"ends_{code}"]) for code in ("nl", "en")}}

    def _shown(self) -> dict[str, Any]:
        shown = super()._shown() | {
            k: self.before[k] for k in ("construct", "reverse", "low", "high") if k in self.before
        }
        return shown | {f"ends_{code}": "\n".join(words) for code, words in self.before.get("ends", {}).items()}


class OptionsForm(QuestionForm):
    """A question with words as answers, of which one is chosen."""

    kind = "choice"
    options_nl = _lines(_("Answers in Dutch"), _("One on each line."))
    options_en = _lines(_("Answers in English"), _("One on each line, in the same order."))
    field_order = ("text_nl", "text_en", "options_nl", "options_en", "rule", "rule_op")

    def clean(self) -> dict[str, Any]:
        """As many answers in the one language as in the other, unless one has none yet."""
        given = super().clean()
        dutch, english = _split(given.get("options_nl", "")), _split(given.get("options_en", ""))
        if dutch and english and len(dutch) != len(english):
            self.add_error("options_en", _("Write as many answers as in Dutch, in the same order."))
        lines = dutch or english
        if not 2 <= len(lines) <= MOST_OPTIONS or any(len(set(some)) < len(some) for some in (dutch, english)):
            self.add_error(
                "options_nl" if dutch or not english else "options_en", _("Write 2 to 20 different answers.")
            )
        return given

    def _own(self) -> dict[str, Any]:
        dutch, english = _split(self.cleaned_data["options_nl"]), _split(self.cleaned_data["options_en"])
        texts = [
            {"nl": dutch[n] if dutch else "", "en": english[n] if english else ""}
            for n in range(max(len(dutch), len(english)))
        ]
        return {"options": option_keys(texts, self.before.get("options", []))}

    def _shown(self) -> dict[str, Any]:
        options = self.before.get("options", [])
        lines = {code: "\n".join(option["text"].get(code, "") for option in options) for code in ("nl", "en")}
        return super()._shown() | {f"options_{code}": text.strip() for code, text in lines.items()}


KINDS: Mapping[str, type[QuestionForm]] = {"scale": ScaleForm, "choice": OptionsForm, "open": QuestionForm}


class WordingForm(forms.Form):
    """Wording of a published instrument, with the holder's word that he may use it."""

    source = forms.ChoiceField(label=_("Instrument"))
    file = forms.FileField(label=_("File with the wording"), help_text=_("The file above, filled in. CSV or TOML."))
    licence = forms.CharField(
        label=_("Your permission"),
        max_length=200,
        help_text=_("Who gave it, when, and its number if it has one. Without names of persons."),
    )
    declared = forms.BooleanField(
        label=_("I declare that our organisation may use this wording for this purpose."),
        error_messages={"required": _("Without this permission the wording cannot be used.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(one.key, one.title.nl) for one in bevlogen.instruments() if not one.own_wording]
        self.fields["source"].choices = sorted(choices, key=lambda one: len(one[0]))  # type: ignore[attr-defined]

    def clean_licence(self) -> str:
        """An address is no permission."""
        licence: str = self.cleaned_data["licence"].strip()
        if "@" in licence:
            raise ValidationError(_("Leave e-mail addresses out."))
        return licence


def constructs() -> list[tuple[str, Any]]:
    """Give what a question can measure, as the choices of a field: constructs with their facets below them."""
    wording = _wording()
    choices: list[tuple[str, Any]] = [("", _("Nothing of the study: only to read"))]
    for construct in bevlogen.CONSTRUCTS.values():
        if construct.side == "result" and construct.key != "burnout":
            continue
        parts = [one for one in bevlogen.FACETS.values() if one.key.startswith(f"{construct.key}.")]
        label = construct.label.in_(wording).capitalize()
        if parts:
            choices.append((label, [(construct.key, label), *((one.key, one.label.in_(wording)) for one in parts)]))
        else:
            choices.append((construct.key, label))
    return choices


def construct_name(key: str) -> str:
    """Give the words for a construct or facet, in the language of the page."""
    found = bevlogen.CONSTRUCTS.get(key)
    if found:
        return found.label.in_(_wording())
    whole, part = bevlogen.CONSTRUCTS.get(key.partition(".")[0]), bevlogen.FACETS.get(key)
    return f"{whole.label.in_(_wording())}: {part.label.in_(_wording())}" if whole and part else key


def _wording() -> Literal["nl", "en"]:
    return "nl" if current_language() == "nl" else "en"


def _split(text: str) -> list[str]:
    return [line.strip()[:LONGEST_QUESTION] for line in text.splitlines() if line.strip()]


def _answers(question: Mapping[str, Any]) -> list[tuple[Any, str]]:
    if question["kind"] == "scale":
        return [(point, str(point)) for point in range(question["low"], question["high"] + 1)]
    return [(option["key"], said(option["text"])) for option in question["options"]]
