"""The only way to an organisation's pages: a membership with the right role.

Someone of another organisation, or without the right, gets the same 404 as for what does not exist. Who is not
signed in is sent to the door.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from bevlogen_web.accounts.models import Membership, Role, User

P = ParamSpec("P")


class StaffRequest(HttpRequest):
    """A request that has passed ``requires``; the frame of the page draws its menu from the membership."""

    membership: Membership


def get_membership(user: User, slug: str, roles: tuple[Role, ...] = ()) -> Membership:
    """Give the user's membership of an organisation.

    Parameters
    ----------
    user
        Who asks.
    slug
        Of which organisation.
    roles
        Roles that may pass; none named means every member.

    Raises
    ------
    Http404
        If there is no such organisation, no membership, or another role.
    """
    found = Membership.objects.select_related("organisation", "user").filter(user=user, organisation__slug=slug).first()
    if found is None or (roles and found.role not in roles):
        raise Http404
    return found


def requires(
    *roles: Role,
) -> Callable[[Callable[Concatenate[HttpRequest, Membership, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Guard a staff view: it gets the membership instead of the slug. Without roles every member may pass."""

    def decorate(view: Callable[Concatenate[HttpRequest, Membership, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
            if not isinstance(request.user, User):
                return redirect_to_login(request.get_full_path())
            membership = get_membership(request.user, slug, roles)
            if _lacks_second_factor(request):
                messages.info(request, _("First add a second step for signing in: a passkey or an app with codes."))
                return redirect("mfa_index")
            cast(StaffRequest, request).membership = membership
            return view(request, membership, *args, **kwargs)

        return never_cache(guarded)

    return decorate


def _lacks_second_factor(request: HttpRequest) -> bool:
    if not settings.REQUIRE_SECOND_FACTOR or is_mfa_enabled(request.user):
        return False
    records = get_authentication_records(request, request.user)
    return not any(record["method"] == "socialaccount" for record in records)
