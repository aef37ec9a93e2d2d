"""Every term in two lines, and the tour of the first visit."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

import bevlogen as bv
from bevlogen_web.accounts.language import language
from bevlogen_web.accounts.models import Membership
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.cockpit.frame import VIEWERS

TOUR_COOKIE = "bevlogen_tour"
_YEAR = 365 * 24 * 3600


@requires()
@require_safe
def words(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Explain every word of the cockpit."""
    return render(request, "cockpit/words.html", {"terms": bv.pages.terms(language())})


@requires(*VIEWERS)
@require_POST
def tour_done(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Remember in this browser that the tour was seen."""
    to = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(to, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    answer = redirect(to) if safe else redirect("start", slug=membership.organisation.slug)
    answer.set_cookie(TOUR_COOKIE, "seen", max_age=_YEAR, httponly=True, samesite="Lax", secure=request.is_secure())
    return answer
