"""What is asked: the list, one questionnaire, and a preview in which everything works and nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.http import require_safe

import bevlogen
from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.instruments import definition as texts
from bevlogen_web.instruments import forms, queries
from bevlogen_web.instruments.models import State, Version
from bevlogen_web.instruments.staff_forms import construct_name

EDITORS = (Role.ADMINISTRATOR, Role.ANALYST)
SITE_LANGUAGE = {"nl": "nl", "en": "en-gb"}


@requires()
@require_safe
def questionnaires(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List what can be asked: ours and the organisation's own."""
    found = queries.instruments(membership.organisation).prefetch_related("versions")
    rows = [(instrument, _summary(queries.current(instrument))) for instrument in found]
    context = {
        "ours": [row for row in rows if row[0].organisation_id is None],
        "own": [row for row in rows if row[0].organisation_id is not None],
        "may_edit": membership.role in EDITORS,
    }
    return render(request, "instruments/list.html", context)


@requires()
@require_safe
def questionnaire(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Show one questionnaire: what it measures, its versions, and what may be done with it."""
    instrument = get_object_or_404(queries.instruments(membership.organisation), pk=number)
    version = queries.current(instrument)
    source = next((one for one in bevlogen.instruments() if one.key == instrument.source), None)
    context = {
        "instrument": instrument,
        "version": version,
        "summary": _summary(version),
        "versions": instrument.versions.all(),
        "measured": [
            (construct_name(scale.construct), len(scale.items), scale) for scale in forms.scales(version.definition)
        ],
        "norms": [norm for norm in source.norms if norm.mean is not None] if source else [],
        "draft": instrument.versions.filter(state=State.DRAFT).first(),
        "may_edit": membership.role in EDITORS,
        "is_own": instrument.organisation_id is not None,
    }
    return render(request, "instruments/instrument.html", context)


@requires()
@require_safe
def preview(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Let staff fill a version in as a respondent would. The answers travel in the form itself; nothing is stored."""
    version = get_object_or_404(queries.versions(membership.organisation), pk=number)
    given = request.GET
    language = given.get("language", "")
    known = texts.languages(version.definition) or ["nl"]
    if language not in known:
        language = known[0] if forms.current_language() not in known else forms.current_language()
    answers, errors = _answered(version, given)
    page = _page(version, given, answers, bool(errors))
    context: dict[str, Any] = {
        "version": version,
        "title": forms.said(version.definition["title"]),
        "language": language,
        "languages": [(code, name) for code, name in settings.LANGUAGES if code[:2] in known],
        "may_edit": membership.role in EDITORS,
        "narrow": given.get("width") != "desktop",
        "answers": answers,
        "page": page,
        "kept": forms.settled(version.definition, answers),
        "measured": [construct_name(scale.construct) for scale in forms.scales(version.definition)],
    }
    with translation.override(SITE_LANGUAGE[language]):
        context["form"] = _drawn(request, version, page, answers, errors)
    return render(request, "instruments/preview.html", context)


def _drawn(
    request: HttpRequest, version: Version, page: int | None, answers: forms.Answers, errors: Mapping[str, str]
) -> str:
    """Draw a page of the form in the language of the respondent, whatever the language of who looks."""
    definition = version.definition
    asked = forms.questions_of(definition, page, answers, errors=errors) if page is not None else []
    here = {question.key for question in asked}
    context = {
        "title": forms.said(definition["title"]),
        "intro": forms.said(definition.get("intro")),
        "page_title": forms.said(definition["pages"][page].get("title")) if page is not None else "",
        "questions": asked,
        "page": page,
        "earlier": {key: value for key, value in answers.items() if key not in here},
        "is_first": page is None or forms.previous_page(definition, page, answers) is None,
        "number": (page or 0) + 1,
        "count": len(definition["pages"]),
        "language": forms.current_language(),
        "width": request.GET.get("width", "phone"),
    }
    return render_to_string("instruments/preview_form.html", context, request)


def _answered(version: Version, given: Mapping[str, str]) -> tuple[dict[str, forms.Value], dict[str, str]]:
    answers: dict[str, forms.Value] = {}
    errors: dict[str, str] = {}
    for page in range(len(version.definition["pages"])):
        taken, wrong = forms.clean(version.definition, page, given, answers)
        answers |= taken
        errors |= wrong
    return answers, errors


def _page(version: Version, given: Mapping[str, str], answers: forms.Answers, stay: bool) -> int | None:
    """Which page comes next; None after the last."""
    pages = len(version.definition["pages"])
    if "page" not in given:
        return forms.next_page(version.definition, -1, answers)
    if not given["page"].isdecimal() or int(given["page"]) >= pages:
        raise Http404
    here = int(given["page"])
    if stay or given.get("step") not in ("next", "back"):
        return here
    if given["step"] == "back":
        before = forms.previous_page(version.definition, here, answers)
        return here if before is None else before
    return forms.next_page(version.definition, here, answers)


def _summary(version: Version) -> dict[str, Any]:
    definition = version.definition
    return {
        "title": forms.said(definition["title"]),
        "questions": sum(1 for _question in texts.questions(definition)),
        "pages": len(definition["pages"]),
        "languages": [name for code, name in settings.LANGUAGES if code[:2] in texts.languages(definition)],
        "version": version,
    }
