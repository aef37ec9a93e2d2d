"""The editor of a draft: heading, pages and questions, with what is missing and what could read easier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bevlogen_web.accounts.models import Membership
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.instruments import editing, forms, queries, readability, services
from bevlogen_web.instruments.definition import LANGUAGES, MOST_QUESTIONS, Definition, flaws, gaps, questions
from bevlogen_web.instruments.models import State, Version
from bevlogen_web.instruments.staff_forms import KINDS, OPS, HeadingForm, PageForm, construct_name
from bevlogen_web.instruments.views.reading import EDITORS

MOST_PAGES = 20
LANGUAGE_NAMES = {"nl": gettext_lazy("Dutch"), "en": gettext_lazy("English")}


@requires(*EDITORS)
@require_safe
def edit(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Show a draft with everything that can be changed."""
    version = _draft(membership, number)
    definition = version.definition
    found = [*flaws(definition), *queries.broken_series(version)]
    by_key: dict[str, list[str]] = {}
    for flaw in found:
        by_key.setdefault(flaw.question, []).append(flaw.text)
    missing = {code: gaps(definition, code) for code in LANGUAGES}
    context = {
        "version": version,
        "title": forms.said(definition["title"]),
        "intro": forms.said(definition.get("intro")),
        "flaws": by_key.get("", []),
        "n_flaws": len(found),
        "pages": [
            {
                "number": page,
                "popover": f"remove-page-{page}",
                "title": forms.said(one.get("title")),
                "questions": [_row(question, definition, by_key) for question in one["questions"]],
            }
            for page, one in enumerate(definition["pages"])
        ],
        "gaps": [(LANGUAGE_NAMES[code], some) for code, some in missing.items() if some],
        "ease": [
            (LANGUAGE_NAMES[code], found_ease)
            for code in LANGUAGES
            if (found_ease := readability.ease(definition, code)) is not None
        ],
        "reworded": [_text_of(definition, key) for key in queries.reworded(version)],
        "may_add_page": len(definition["pages"]) < MOST_PAGES,
    }
    return render(request, "instruments/edit.html", context)


@requires(*EDITORS)
@require_http_methods(["GET", "POST"])
def heading(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Change title and introduction."""
    version = _draft(membership, number)
    sent = request.POST if request.method == "POST" else None
    form = HeadingForm(sent, definition=version.definition)
    if request.method == "POST" and form.is_valid():
        title, intro = form.texts("title"), form.texts("intro")
        return _changed(request, membership, version, lambda now: editing.with_heading(now, title, intro))
    return render(request, "instruments/heading.html", {"form": form, "version": version})


@requires(*EDITORS)
@require_POST
def add_page(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Add an empty page at the end."""
    version = _draft(membership, number)
    if len(version.definition["pages"]) >= MOST_PAGES:
        raise Http404
    return _changed(request, membership, version, editing.with_page)


@requires(*EDITORS)
@require_http_methods(["GET", "POST"])
def page_title(request: HttpRequest, membership: Membership, number: int, page: int) -> HttpResponse:
    """Change the title of a page."""
    version = _draft(membership, number)
    if page >= len(version.definition["pages"]):
        raise Http404
    now_called = version.definition["pages"][page].get("title") or {}
    sent = request.POST if request.method == "POST" else None
    form = PageForm(sent, initial={f"title_{code}": text for code, text in now_called.items()})
    if request.method == "POST" and form.is_valid():
        title = form.texts()
        return _changed(request, membership, version, lambda now: editing.with_page_title(now, page, title))
    return render(request, "instruments/page.html", {"form": form, "version": version, "number": page + 1})


@requires(*EDITORS)
@require_POST
def remove_page(request: HttpRequest, membership: Membership, number: int, page: int) -> HttpResponse:
    """Take a page away, with its questions."""
    version = _draft(membership, number)
    return _changed(request, membership, version, lambda now: editing.without_page(now, page))


@requires(*EDITORS)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, membership: Membership, number: int, page: int, kind: str) -> HttpResponse:
    """Add a question at the end of a page."""
    version = _draft(membership, number)
    if kind not in KINDS or page >= len(version.definition["pages"]):
        raise Http404
    if sum(1 for _question in questions(version.definition)) >= MOST_QUESTIONS:
        raise Http404
    return _question(request, membership, version, page, kind, None)


@requires(*EDITORS)
@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, membership: Membership, number: int, key: str) -> HttpResponse:
    """Change a question."""
    version = _draft(membership, number)
    page, one = _find(version, key)
    return _question(request, membership, version, page, one["kind"], one)


@requires(*EDITORS)
@require_POST
def move(request: HttpRequest, membership: Membership, number: int, key: str) -> HttpResponse:
    """Move a question up or down."""
    version = _draft(membership, number)
    _find(version, key)
    step: editing.Step = "up" if request.POST.get("step") == "up" else "down"
    return _changed(request, membership, version, lambda now: editing.moved(now, key, step), f"#q-{key}")


@requires(*EDITORS)
@require_POST
def remove(request: HttpRequest, membership: Membership, number: int, key: str) -> HttpResponse:
    """Take a question away."""
    version = _draft(membership, number)
    _find(version, key)
    return _changed(request, membership, version, lambda now: editing.without_question(now, key))


def _question(
    request: HttpRequest,
    membership: Membership,
    version: Version,
    page: int,
    kind: str,
    before: editing.Question | None,
) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = KINDS[kind](sent, definition=version.definition, page=page, before=before)
    if request.method == "POST" and form.is_valid():
        asked = form.question(editing.free_key(queries.definitions(version.instrument)))
        at = f"#q-{asked['key']}"
        return _changed(request, membership, version, lambda now: editing.with_question(now, page, asked), at)
    context = {"form": form, "version": version, "kind": kind, "is_new": before is None, "number": page + 1}
    return render(request, "instruments/question.html", context)


def _row(one: Mapping[str, Any], definition: Definition, flawed: Mapping[str, list[str]]) -> dict[str, Any]:
    rule = one.get("show_if")
    return {
        "key": one["key"],
        "kind": one["kind"],
        "texts": [(code, LANGUAGE_NAMES[code], one["text"].get(code, "")) for code in LANGUAGES],
        "text": forms.said(one["text"]),
        "construct": construct_name(one["construct"]) if one.get("construct") else "",
        "reverse": one.get("reverse", False),
        "low": one.get("low"),
        "high": one.get("high"),
        "options": [forms.said(option["text"]) for option in one.get("options", [])],
        "rule": _rule(rule, definition) if rule else "",
        "flaws": flawed.get(one["key"], []),
        "advice": [
            (LANGUAGE_NAMES[code], lines)
            for code in LANGUAGES
            if (lines := readability.advice(one["text"].get(code, ""), code))
        ],
    }


def _rule(rule: Mapping[str, Any], definition: Definition) -> str:
    needed = editing.find(definition, rule["key"])
    options = {option["key"]: forms.said(option["text"]) for option in (needed or {}).get("options", [])}
    return _("Only if “%(question)s” %(operator)s %(value)s.") % {
        "question": forms.said(needed["text"]) if needed else rule["key"],
        "operator": OPS[rule["op"]],
        "value": options.get(rule["value"], rule["value"]),
    }


def _text_of(definition: Definition, key: str) -> str:
    return forms.said((editing.find(definition, key) or {"text": {}})["text"])


def _draft(membership: Membership, number: int) -> Version:
    own = queries.versions(membership.organisation).filter(instrument__organisation=membership.organisation)
    return get_object_or_404(own, pk=number, state=State.DRAFT)


def _find(version: Version, key: str) -> tuple[int, Mapping[str, Any]]:
    found = next(((page, one) for page, one in questions(version.definition) if one["key"] == key), None)
    if found is None:
        raise Http404
    return found


def _changed(
    request: HttpRequest,
    membership: Membership,
    version: Version,
    act: Callable[[Definition], Definition],
    at: str = "",
) -> HttpResponse:
    try:
        services.change(version, act)
    except services.NotADraftError:
        messages.error(request, _("A colleague published this version in the meantime. Begin the next one."))
        return redirect("instruments:list", slug=membership.organisation.slug)
    response = redirect("instruments:edit", slug=membership.organisation.slug, number=version.pk)
    response["Location"] += at
    return response
