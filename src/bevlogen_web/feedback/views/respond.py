"""Pages of people who answer: no session, no cookie, no account, and no query but the one that keeps the answer."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from bevlogen_web.feedback import answers, cards, limits, links
from bevlogen_web.feedback.forms import WishForm
from bevlogen_web.feedback.models import Kind, Reason
from bevlogen_web.instruments import forms

LANGUAGES = {"nl": "nl", "en": "en-gb"}  # of survey texts, and of our own
NAMES = {"nl": "Nederlands", "en": "English"}
TRAP = "website"  # a field people do not see
MOST_BYTES = 128 * 1024
STATUS = {Reason.FORGED: 404, Reason.FLOOD: 429}
FORM_ENCODING = "application/x-www-form-urlencoded"
SECONDS_TO_RETURN = {False: 10, True: 60}  # after thanks; longer while there are more questions
SECONDS_TO_FILL_IN = 180
# Stand in remembered pages for what differs per visitor; random, so that no text can hold them.
PROOF, START = secrets.token_hex(16), secrets.token_hex(16)

Door = Callable[[HttpRequest, links.Link, cards.Card], HttpResponse]


def door(view: Door) -> Callable[[HttpRequest, str], HttpResponse]:
    """Open a link: the view gets link and channel, in the language of the visitor. What is no good gets a kind page.

    Answers come without CSRF token: there is no session that another site could misuse, and each form proves itself.
    """

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        try:
            link = links.read_link(token)
        except links.ForgedError:
            return _private(refused(request, Reason.FORGED, None))
        card = cards.card(link.channel)
        reason = _closed(link, card)
        if card is None or reason is not None:
            return _private(refused(request, reason or Reason.CLOSED, card))
        with override(_language(request, card)):
            if request.method == "POST" and (problem := _unfit(request, card)):
                response = refused(request, problem, card)
            else:
                response = view(request, link, card)
        return _private(response, card.places)

    return opened


@door
def ask(request: HttpRequest, link: links.Link, card: cards.Card) -> HttpResponse:
    """Draw the first page; take a page, and answer with thanks and the next page for who wants to say more."""
    if request.method != "POST":
        if link.contact and answers.is_used(link):
            return refused(request, Reason.USED, card)
        return _first(request, card)
    form, again = _proof(request, card)
    if form is None:
        return _first(request, card, again)
    page = _page(request, form)
    return _take_more(request, card, form, page) if page else _take(request, link, card, form)


@door
def wish(request: HttpRequest, link: links.Link, card: cards.Card) -> HttpResponse:
    """Ask how to reach who wants to be called back; kept apart from every answer."""
    given = WishForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and given.is_valid():
        form, again = _proof(request, card)
        if form is not None:
            data = given.cleaned_data
            if not answers.keep_wish(card, form, data["contact"], data["about"], get_language() or ""):
                answers.refuse(Reason.TWICE, card.organisation)
            return _returning(
                request, _page_of(request, card, "feedback/wished.html", {}), card, SECONDS_TO_RETURN[False]
            )
        given.add_error(None, again)
    page = _page_of(request, card, "feedback/wish.html", {"form": given}, links.new_form(card.key, card.version))
    return _returning(request, page, card, SECONDS_TO_FILL_IN)


@csrf_exempt  # mail programs send this by themselves (RFC 8058); the link proves itself
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """End all mail to the address a link stands for."""
    try:
        organisation, address_hash = links.read_stop_link(token)
    except links.ForgedError:
        return _private(refused(request, Reason.FORGED, None))
    if request.method == "POST":
        answers.stop_mail(organisation, address_hash)
    return _private(render(request, "feedback/stop.html", {"done": request.method == "POST"}))


def refused(request: HttpRequest, reason: Reason, card: cards.Card | None) -> HttpResponse:
    """Say kindly why something is not taken, and count it; a flood is counted once in a while only."""
    if limits.allows(request, f"refused {reason}"):
        answers.refuse(reason, card.organisation if card else None)
    context = {"reason": reason.value, "card": card}
    return render(request, "feedback/refused.html", context, status=STATUS.get(reason, 410))


def _closed(link: links.Link, card: cards.Card | None) -> Reason | None:
    if card is None or not card.active:
        return Reason.CLOSED
    return Reason.EXPIRED if link.until is not None and link.until < timezone.localdate() else None


def _language(request: HttpRequest, card: cards.Card) -> str:
    """Choose the language: what was clicked, what the browser asks, that of the organisation; if it can be asked in."""
    offered = cards.questions(card.version).languages
    wanted = (request.GET.get("l", ""), (get_language() or "")[:2], card.organisation_language[:2], *offered)
    return LANGUAGES[next(language for language in wanted if language in offered)]


def _unfit(request: HttpRequest, card: cards.Card) -> Reason | None:
    """Why a form cannot be taken before it is even read."""
    size = request.META.get("CONTENT_LENGTH") or "0"
    if request.content_type != FORM_ENCODING or not size.isdecimal() or int(size) > MOST_BYTES:
        return Reason.MACHINE
    most = limits.MOST_KIOSK if card.returns else limits.MOST
    return None if limits.allows(request, card.key, most) else Reason.FLOOD


def _proof(request: HttpRequest, card: cards.Card) -> tuple[links.Form | None, str]:
    """Read the proof of a form that was sent; without a good one, what to say above a new form."""
    try:
        form = links.read_form(request.POST.get("proof", ""), card.key)
    except links.ForgedError:
        answers.refuse(Reason.FORGED, card.organisation)
        return None, _("Something went wrong on the way. Please send it once more.")
    if request.POST.get(TRAP):
        answers.refuse(Reason.MACHINE, card.organisation)
        return None, _("Please leave the last field empty, and send it once more.")
    if form.too_old:
        answers.refuse(Reason.STALE, card.organisation)
        return None, _("This page was open for a long time. Please send it once more.")
    return form, ""


def _page(request: HttpRequest, form: links.Form) -> int:
    sent = request.POST.get("page", "")
    last = len(cards.questions(form.version).definition["pages"]) - 1
    return int(sent) if sent.isdecimal() and len(sent) < 4 and int(sent) <= last else 0


def _first(request: HttpRequest, card: cards.Card, message: str = "", version: int | None = None) -> HttpResponse:
    """Draw the first page, with what was filled in before."""
    used = version or card.version
    definition = cards.questions(used).definition
    sent = request.POST.dict() if request.method == "POST" else {}
    values, errors = forms.clean(definition, 0, sent)
    asked = forms.questions_of(definition, 0, values, errors=errors)
    context = {
        "title": forms.said(definition["title"]),
        "intro": forms.said(definition.get("intro")),
        "questions": tuple(asked[:-1] if asked[-1].options else asked),
        # The points of the last question send the form: three questions are three taps.
        "last": asked[-1] if asked[-1].options else None,
        "message": message,
    }
    page = _page_of(request, card, "feedback/ask.html", context, links.new_form(card.key, used))
    return _returning(request, page, card, SECONDS_TO_FILL_IN)


def _take(request: HttpRequest, link: links.Link, card: cards.Card, form: links.Form) -> HttpResponse:
    values, errors = forms.clean(cards.questions(form.version).definition, 0, request.POST.dict())
    if errors or not values:
        told = errors.keys() <= values.keys() and bool(values)
        message = _("Please read the note at your own words.") if told else _("Please choose an answer first.")
        return _first(request, card, message, form.version)
    try:
        if not answers.keep(card, form, link, values):
            answers.refuse(Reason.TWICE, card.organisation)
    except answers.UsedError:
        return refused(request, Reason.USED, card)
    return _thanks(request, card, form, 0, values)


def _take_more(request: HttpRequest, card: cards.Card, form: links.Form, page: int) -> HttpResponse:
    added = answers.add(form, page, request.POST.dict())
    if added is None:
        return _first(request, card, _("This page was open for a long time. Please send it once more."))
    values, errors = added
    return _thanks(request, card, form, page - 1 if errors else page, values, errors)


def _thanks(
    request: HttpRequest,
    card: cards.Card,
    form: links.Form,
    page: int,
    values: forms.Answers,
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    """Thank for a page that is kept, and offer the next one."""
    definition = cards.questions(form.version).definition
    following = forms.next_page(definition, page, values)
    context: dict[str, object] = {"can_wish": card.kind != Kind.STAFF, "title": forms.said(definition["title"])}
    if following is not None:
        context |= {
            "questions": tuple(forms.questions_of(definition, following, values, errors=errors)),
            "page": following,
        }
    answer = _page_of(request, card, "feedback/thanks.html", context, request.POST["proof"])
    return _returning(request, answer, card, SECONDS_TO_RETURN[following is not None])


def _page_of(
    request: HttpRequest, card: cards.Card, template: str, context: Mapping[str, object], proof: str = ""
) -> HttpResponse:
    """Draw a page. One that nobody typed anything into is remembered, without what differs per visitor."""
    offered = cards.questions(card.version).languages
    language = get_language() or ""
    frame = {
        "card": card,
        "names": tuple((code, NAMES[code]) for code in offered if len(offered) > 1),
        "current": language[:2],
        "start": START,
        "large": card.kind == Kind.KIOSK,
        "proof": PROOF,
        "trap": TRAP,
    }
    blank = not any(question.value or question.error for question in _questions_in(context))
    if blank and "form" not in context:
        page = _drawn(template, language, tuple({**context, **frame}.items()))
    else:
        page = render_to_string(template, {**context, **frame})
    return HttpResponse(page.replace(PROOF, proof).replace(START, _start(request)))


@lru_cache(maxsize=512)
def _drawn(template: str, language: str, context: tuple[tuple[str, object], ...]) -> str:
    """Draw a page with nothing of a visitor in it; ``language`` is that of now, and tells pages apart."""
    return render_to_string(template, dict(context))


def _questions_in(context: Mapping[str, object]) -> list[forms.Question]:
    last = cast(forms.Question | None, context.get("last"))
    return [*cast(tuple[forms.Question, ...], context.get("questions", ())), *([last] if last else [])]


def _returning(request: HttpRequest, response: HttpResponse, card: cards.Card, seconds: int) -> HttpResponse:
    """Let a screen that is shared go back to the start, so that nobody finds what somebody else left there."""
    if card.returns:
        response.headers["Refresh"] = f"{seconds}; url={_start(request)}"
    return response


def _start(request: HttpRequest) -> str:
    return request.path.removesuffix("wish/")


def _private(response: HttpResponse, places: tuple[str, ...] = ()) -> HttpResponse:
    """Leave no trace in caches and other sites; allow frames only where the organisation said so."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    if places:
        response.xframe_options_exempt = True
        response._csp_replace = {"frame-ancestors": ["'self'", *places]}  # type: ignore[attr-defined]
    return response
