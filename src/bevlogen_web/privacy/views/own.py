"""What is kept about whoever signs in: to see, to take along, to delete."""

from __future__ import annotations

from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from bevlogen_web.accounts.models import User
from bevlogen_web.privacy import subjects
from bevlogen_web.privacy.views.people import download


@never_cache
@login_required
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """Show what is kept, with a way to take it along and to delete the account."""
    user = cast(User, request.user)
    return render(request, "privacy/own.html", {"alone": subjects.sole_administrator_of(user)})


@never_cache
@login_required
@require_safe
def copy(request: HttpRequest) -> HttpResponse:
    """Download it."""
    return download(subjects.own_copy(cast(User, request.user)))


@never_cache
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth is untyped
@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """Delete the account, after signing in once more; refused to the last administrator of an organisation."""
    user = cast(User, request.user)
    alone = subjects.sole_administrator_of(user)
    if request.method == "POST" and not alone:
        number = user.pk
        logout(request)
        subjects.erase_own(User.objects.get(pk=number))
        messages.success(request, _("Your account is deleted."))
        return redirect("account_login")
    return render(request, "privacy/own_erase.html", {"alone": alone})
