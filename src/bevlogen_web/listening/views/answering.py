"""The pages of a respondent: which rules hold, the questions a page at a time, handing in. Nothing needs script.

The code stands in an address once, in the link that was mailed; from there on it travels in a signed cookie that the
browser forgets, and no session is kept in the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bevlogen_web.instruments import definition as definitions
from bevlogen_web.instruments import forms
from bevlogen_web.listening import answering, codes, queries
from bevlogen_web.listening.answering import Outcome, Standing, Visit
from bevlogen_web.listening.models import Round

P = ParamSpec("P")
COOKIE = "bevlogen_answer"
SALT = "bevlogen.answer"
PATH = "/a/"


def _respondent(
    view: Callable[Concatenate[HttpRequest, Visit, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Give a view the visit its cookie stands for, in the respondent's language; nothing of it is kept by browsers."""

    @wraps(view)
    def visited(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        code, language = _cookie(request)
        visit = answering.find(code) if code else Visit(Standing.UNKNOWN)
        with override(language or visit.language or get_language()):
            response = view(request, visit, *args, **kwargs)
            response.headers.setdefault("Content-Language", get_language() or "")
        return response

    return never_cache(visited)


@require_safe
@never_cache
def door(request: HttpRequest, code: str) -> HttpResponse:
    """Follow a personal link: keep its code in a cookie and take it out of the address."""
    asked = request.GET.get("language", "")
    response = redirect("answer")
    response.headers["Referrer-Policy"] = "no-referrer"
    return _remember(response, codes.read(code) or "-", asked if asked in dict(settings.LANGUAGES) else "")


@require_http_methods(["GET", "HEAD", "POST"])
@_respondent
def welcome(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say who asks and under which rules; without a code, ask for the one on paper."""
    if request.method == "POST":
        code = codes.read(request.POST.get("code", "")[:100])
        found = answering.find(code) if code else Visit(Standing.UNKNOWN)
        if found.standing != Standing.UNKNOWN:
            return _remember(redirect("answer"), found.code or code or "", _cookie(request)[1])
        return _show(request, "code", None, {"wrong": True})
    if not _cookie(request)[0]:
        return _show(request, "code", None, {})
    if visit.standing != Standing.OPEN or visit.round is None:
        return _standing(request, visit)
    held = visit.round
    answers = answering.load(visit.code, held)
    first = forms.next_page(held.version.definition, -1, answers)
    context = {
        "first": (first or 0) + 1,
        "begun": bool(answers),
        "title": forms.said(held.version.definition["title"]),
        "subjects": queries.subjects(held),
    }
    return _show(request, "welcome", held, {**context, "intro": forms.said(held.version.definition.get("intro"))})


@require_http_methods(["GET", "HEAD", "POST"])
@_respondent
def page(request: HttpRequest, visit: Visit, number: int) -> HttpResponse:
    """Ask the questions of one page; a POST keeps them and goes on, or back."""
    if visit.standing != Standing.OPEN or visit.round is None:
        return _standing(request, visit)
    held, here = visit.round, number - 1
    definition = held.version.definition
    if not 0 <= here < len(definition["pages"]):
        return redirect("answer")
    answers = answering.load(visit.code, held)
    errors: Mapping[str, str] = {}
    if request.method == "POST":
        taken, errors = forms.clean(definition, here, request.POST.dict(), answers)
        asked = {question["key"] for question in definition["pages"][here]["questions"]}
        answers = {key: value for key, value in answers.items() if key not in asked} | taken
        answering.save(visit.code, held, answers)
        if not errors:
            return redirect(_onward(definition, here, answers, back="back" in request.POST))
    questions = forms.questions_of(definition, here, answers, errors=errors)
    if not questions:
        return redirect(_onward(definition, here, answers, back=False))
    context = {
        "number": number,
        "n_pages": len(definition["pages"]),
        "questions": questions,
        "wrong": [question for question in questions if question.error],
        "title": forms.said(definition["pages"][here].get("title")) or forms.said(definition["title"]),
        "is_first": forms.previous_page(definition, here, answers) is None,
    }
    return _show(request, "page", held, context)


@require_http_methods(["GET", "HEAD", "POST"])
@_respondent
def hand_in(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask whether all is said; a POST seals the answers."""
    if visit.standing != Standing.OPEN or visit.round is None:
        return _standing(request, visit)
    held = visit.round
    outcome = answering.hand_in(visit.code, held) if request.method == "POST" else None
    if outcome == Outcome.RECEIVED:
        return _forget(redirect("answer-received"))
    if outcome in (Outcome.USED, Outcome.CLOSED):
        return _standing(request, answering.find(visit.code))
    definition = held.version.definition
    answers = forms.settled(definition, answering.load(visit.code, held))
    pages = [forms.questions_of(definition, number, answers) for number in range(len(definition["pages"]))]
    context = {
        "n_answered": len(answers),
        "n_asked": sum(len(questions) for questions in pages),
        "last": max((number for number, questions in enumerate(pages, start=1) if questions), default=1),
        "later": outcome == Outcome.LATER,
    }
    return _show(request, "hand_in", held, context)


@require_safe
@_respondent
def received(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Thank the respondent; the browser has forgotten the code by now."""
    return _show(request, "received", None, {})


@require_POST
@never_cache
def leave(request: HttpRequest) -> HttpResponse:
    """Make the browser forget the code; what was answered is kept."""
    response = _forget(redirect("answer"))
    return _remember(response, "", _cookie(request)[1])


@require_POST
@never_cache
def language(request: HttpRequest) -> HttpResponse:
    """Change the language and come back to the same page."""
    asked = request.POST.get("language", "")
    code, kept = _cookie(request)
    back = request.POST.get("next", "")
    number = back if back.isascii() and back.isdecimal() and len(back) < 4 else ""
    response = redirect("answer-page", number=int(number)) if number else redirect("answer")
    return _remember(response, code, asked if asked in dict(settings.LANGUAGES) else kept)


def _standing(request: HttpRequest, visit: Visit) -> HttpResponse:
    status = 404 if visit.standing == Standing.UNKNOWN else 200
    return _show(request, visit.standing.value, visit.round, {}, status=status)


def _show(
    request: HttpRequest, name: str, held: Round | None, more: Mapping[str, object], *, status: int = 200
) -> HttpResponse:
    spoken = definitions.languages(held.version.definition) if held else list(definitions.LANGUAGES)
    context = {
        "round": held,
        "languages": [(code, text) for code, text in settings.LANGUAGES if code[:2] in spoken],
        **more,
    }
    return render(request, f"listening/answer/{name}.html", context, status=status)


def _onward(definition: definitions.Definition, here: int, answers: forms.Answers, *, back: bool) -> str:
    if back:
        before = forms.previous_page(definition, here, answers)
        return reverse("answer") if before is None else reverse("answer-page", kwargs={"number": before + 1})
    after = forms.next_page(definition, here, answers)
    return reverse("answer-hand-in") if after is None else reverse("answer-page", kwargs={"number": after + 1})


def _cookie(request: HttpRequest) -> tuple[str, str]:
    """Code and language this browser came with, each empty when unknown."""
    kept: str = request.get_signed_cookie(COOKIE, default="", salt=SALT) or ""
    code, _colon, language = kept.partition(":")
    return code, language


def _remember(response: HttpResponse, code: str, language: str) -> HttpResponse:
    response.set_signed_cookie(
        COOKIE,
        f"{code}:{language}",
        salt=SALT,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _forget(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
    return response
