"""Pages about oneself: setting up, joining, profile, language."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from bevlogen_web.accounts import queries, services
from bevlogen_web.accounts.forms import JoinForm, ProfileForm, SetUpForm
from bevlogen_web.accounts.language import in_language
from bevlogen_web.accounts.models import ColleagueInvitation, User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Set up the first organisation; gone once there is a user."""
    if queries.has_users():
        return redirect("home")
    form = SetUpForm(request.POST or None, initial={"language": request.LANGUAGE_CODE})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            user = services.set_up(
                given["organisation"], given["language"], given["email"], given["name"], given["password"]
            )
        except services.AlreadySetUpError:
            return redirect("home")
        login(request, user, BACKEND)
        return redirect("home")
    return render(request, "accounts/setup.html", {"form": form})


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: with the account of its address, or by making that account."""
    invitation = services.find_invitation(token)
    if invitation is None:
        return render(request, "accounts/join_too_late.html", status=410)
    known = User.objects.filter(email__iexact=invitation.email).exists()
    if isinstance(request.user, User) and request.user.email == invitation.email:
        return _join_as_known(request, invitation, request.user)
    if known:
        return render(request, "accounts/join_sign_in.html", {"invitation": invitation})
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        slug = invitation.organisation.slug
        login(request, services.join_as_new(invitation, **form.cleaned_data), BACKEND)
        return redirect("start", slug=slug)
    return render(request, "accounts/join.html", {"form": form, "invitation": invitation})


def _join_as_known(request: HttpRequest, invitation: ColleagueInvitation, user: User) -> HttpResponse:
    if request.method == "POST":
        try:
            membership = services.join(invitation, user)
        except services.LastAdministratorError:
            messages.error(request, _("You are the only administrator. First give that role to a colleague."))
            return redirect("start", slug=invitation.organisation.slug)
        return redirect("start", slug=membership.organisation.slug)
    return render(request, "accounts/join_known.html", {"invitation": invitation})


@never_cache
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change one's own name and language."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    form = ProfileForm(
        request.POST or None,
        instance=request.user,
        initial={"language": request.user.language or request.LANGUAGE_CODE},
    )
    if request.method == "POST" and form.is_valid():
        user = form.save()
        with override(user.language):
            messages.success(request, _("Saved."))
        return in_language(redirect("accounts-profile"), user.language)
    return render(request, "accounts/profile.html", {"form": form})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Change the language of the pages, and of the account if one is signed in."""
    chosen = request.POST.get("language", "")
    address = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()):
        address = "/"
    if chosen not in dict(settings.LANGUAGES):
        return redirect(address)
    if isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return in_language(redirect(address), chosen)
