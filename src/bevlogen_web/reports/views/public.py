"""The page for customers, and what an administrator chooses for it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_safe

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.reports import public
from bevlogen_web.reports.forms import PublicForm
from bevlogen_web.reports.models import PublicPage


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def choose(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Open or close the page, and choose what it says."""
    organisation = membership.organisation
    form = PublicForm(request.POST or None, instance=public.page_of(organisation), organisation=organisation)
    if request.method == "POST" and form.is_valid():
        page = form.save(commit=False)
        public.keep(page, list(form.cleaned_data["actions"]), by=membership.user)
        messages.success(request, _("Saved. Look at the preview."))
        return redirect("reports:public", slug=organisation.slug)
    return render(request, "reports/choose.html", {"form": form, "page": public.page_of(organisation)})


@requires(Role.ADMINISTRATOR)
@require_safe
def preview(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the page as customers will see it, also while it is closed."""
    return _shown(request, public.page_of(membership.organisation), is_preview=True)


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page to anyone; a closed one is not there."""
    found = PublicPage.objects.select_related("organisation").filter(organisation__slug=slug, is_open=True).first()
    if found is None:
        raise Http404
    return _shown(request, found, is_preview=False)


def _shown(request: HttpRequest, page: PublicPage, *, is_preview: bool) -> HttpResponse:
    """Render in the language of the address, without a cookie: ``?language=nl``."""
    asked = request.GET.get("language", "")
    spoken = asked if asked in dict(settings.LANGUAGES) else request.LANGUAGE_CODE
    with override(spoken):
        context = {**public.contents(page), "languages": settings.LANGUAGES, "is_preview": is_preview}
        return render(request, "reports/public.html", context)
