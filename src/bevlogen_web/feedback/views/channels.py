"""Ways to ask: links, posters, screens; for those who lead the unit."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import bevlogen as bv
from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.feedback import posters, queries, services
from bevlogen_web.feedback.forms import ChannelForm, PlaceForm
from bevlogen_web.feedback.models import Channel, Kind, Place
from bevlogen_web.instruments.models import State

LEADS = (Role.DIRECTOR, Role.MANAGER, Role.ADMINISTRATOR)


@requires(*LEADS)
@require_safe
def overview(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List the ways to ask with what came in, and what was not kept."""
    answered = queries.answered(membership)
    context = {
        "channels": [(channel, answered.get(channel.unit_id, 0)) for channel in queries.channels(membership)],
        "refusals": queries.refusals(membership.organisation),
        "n_wishes": queries.wishes(membership).count(),
        "days": queries.DAYS,
        "fewest": bv.thresholds.K,
        "administrator": membership.role == Role.ADMINISTRATOR,
        "can_ask": queries.versions(membership.organisation).exists() and queries.open_units(membership).exists(),
    }
    return render(request, "feedback/overview.html", context)


@requires(*LEADS)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Make a way to ask about one unit."""
    form = ChannelForm(
        request.POST or None,
        instance=Channel(organisation=membership.organisation),
        units=queries.open_units(membership),
        versions=queries.versions(membership.organisation),
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = services.open_channel(
            membership.organisation,
            given["unit"],
            given["version"],
            Kind(given["kind"]),
            given["service"],
            by=membership.user,
        )
        messages.success(request, _("It is ready to use."))
        return redirect("feedback:channel", slug=membership.organisation.slug, number=made.pk)
    return render(request, "feedback/new.html", {"form": form})


@requires(*LEADS)
@require_safe
def channel(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Show one way to ask: its link, code, posters and what to put on a website."""
    found = get_object_or_404(queries.channels(membership), pk=number)
    address = posters.address_of(found)
    context = {
        "channel": found,
        "title": posters.title_of(found),
        "address": address,
        "qr": posters.qr(address).svg_data_uri(border=4, dark="#18242a", light="#fff", scale=4),
        "posters": [(size, language) for size in posters.SIZES for language in posters.LANGUAGES],
        "languages": {"nl": _("Dutch"), "en": _("English")},
        "places": queries.places(membership.organisation),
        "renewable": found.version.state == State.RETIRED
        and found.version.instrument.versions.filter(state=State.PUBLISHED).exists(),
    }
    return render(request, "feedback/channel.html", context)


@requires(*LEADS)
@require_POST
def switch(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Pause it, or let it go on."""
    found = get_object_or_404(queries.channels(membership), pk=number)
    services.switch(found, not found.active, by=membership.user)
    messages.success(request, _("It can be answered again.") if found.active else _("It is paused."))
    return redirect("feedback:channel", slug=membership.organisation.slug, number=number)


@requires(*LEADS)
@require_POST
def renew(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Go on with the newest version of the questions."""
    found = get_object_or_404(queries.channels(membership), pk=number)
    services.renew(found, by=membership.user)
    messages.success(request, _("From now on it asks the newest version."))
    return redirect("feedback:channel", slug=membership.organisation.slug, number=number)


@requires(*LEADS)
@require_safe
def poster(request: HttpRequest, membership: Membership, number: int, size: str, language: str) -> HttpResponse:
    """Give a poster as PDF."""
    found = get_object_or_404(queries.channels(membership), pk=number)
    if size not in posters.SIZES or language not in posters.LANGUAGES:
        raise Http404
    answer = HttpResponse(posters.draw(found, size, language), content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="poster-{found.pk}-{size}-{language}.pdf"'
    return answer


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def places(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List the websites that may show the forms; a POST adds one."""
    organisation = membership.organisation
    form = PlaceForm(request.POST or None, instance=Place(organisation=organisation))
    if request.method == "POST" and form.is_valid():
        services.allow_place(form.instance, by=membership.user)
        messages.success(request, _("This website may show your forms."))
        return redirect("feedback:places", slug=organisation.slug)
    return render(request, "feedback/places.html", {"form": form, "places": queries.places(organisation)})


@requires(Role.ADMINISTRATOR)
@require_POST
def remove_place(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Take a website off the list."""
    services.forbid_place(get_object_or_404(queries.places(membership.organisation), pk=number), by=membership.user)
    messages.success(request, _("This website may no longer show your forms."))
    return redirect("feedback:places", slug=membership.organisation.slug)
