"""How the sign-in library is told our rules: nobody signs up uninvited."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest, HttpResponse

from bevlogen_web.accounts.language import in_language
from bevlogen_web.accounts.models import ColleagueInvitation, User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Accounts are made by setting up or by an invitation, never by a form on the open web."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Go on in the language of the account."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return in_language(response, user.language)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Single sign-on lets in who has an account or an open invitation."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Whether someone was invited at the address the provider vouches for."""
        addresses = [address.email for address in sociallogin.email_addresses if address.verified]
        return ColleagueInvitation.objects.filter(email__in=[address.lower() for address in addresses]).exists()

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        """Keep the name the provider gives."""
        user = super().save_user(request, sociallogin, form)
        user.name = sociallogin.account.extra_data.get("name", "")[:120]
        user.save(update_fields=["name"])
        return user


def attempted_address(request: HttpRequest | None, credentials: dict[str, str] | None = None) -> str:
    """Give the address someone tried to sign in with, in small letters, for counting failures."""
    given = (credentials or {}).get("email") or (credentials or {}).get("username")
    if not given and request is not None:
        given = request.POST.get("login", "")
    return (given or "").lower()
