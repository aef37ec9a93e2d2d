"""Making questionnaires: new, from one of ours, with licensed wording; publishing and retiring versions."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import bevlogen
from bevlogen_web.accounts.models import Membership
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.instruments import editing, ours, queries, services, wording
from bevlogen_web.instruments.models import Audience, Instrument, State, Version
from bevlogen_web.instruments.staff_forms import NewForm, WordingForm
from bevlogen_web.instruments.views.reading import EDITORS


@requires(*EDITORS)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Begin a questionnaire of one's own."""
    form = NewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        definition = editing.with_heading(editing.EMPTY, form.texts("title"), form.texts("intro"))
        audience = Audience(form.cleaned_data["audience"])
        version = services.create(membership.organisation, audience, definition, by=membership.user)
        return redirect("instruments:edit", slug=membership.organisation.slug, number=version.pk)
    return render(request, "instruments/new.html", {"form": form})


@requires(*EDITORS)
@require_POST
def copy(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Begin a questionnaire of one's own from another."""
    instrument = get_object_or_404(queries.instruments(membership.organisation), pk=number)
    version = services.create(
        membership.organisation,
        Audience(instrument.audience),
        queries.current(instrument).definition,
        by=membership.user,
        source=instrument.source,
        licence=instrument.licence,
    )
    messages.success(request, _("This copy is yours: change what you like."))
    return redirect("instruments:edit", slug=membership.organisation.slug, number=version.pk)


@requires(*EDITORS)
@require_POST
def draft(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Begin the next version, or go on with it."""
    instrument = get_object_or_404(queries.own(membership.organisation), pk=number)
    version = services.draft_of(instrument)
    return redirect("instruments:edit", slug=membership.organisation.slug, number=version.pk)


@requires(*EDITORS)
@require_POST
def publish(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Let a draft be asked."""
    version = _own_version(membership, number, State.DRAFT)
    try:
        services.publish(version, by=membership.user)
    except services.NotReadyError:
        messages.error(request, _("It cannot be published yet. See below what to do first."))
        return redirect("instruments:edit", slug=membership.organisation.slug, number=version.pk)
    messages.success(request, _("It is published. It can be asked from now on, and these words no longer change."))
    return _to(version.instrument, membership)


@requires(*EDITORS)
@require_POST
def retire(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Let a version no longer be asked."""
    version = _own_version(membership, number, State.PUBLISHED)
    services.retire(version, by=membership.user)
    messages.success(request, _("It is no longer asked. What was answered stays."))
    return _to(version.instrument, membership)


@requires(*EDITORS)
@require_POST
def discard(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Throw a draft away."""
    version = _own_version(membership, number, State.DRAFT)
    services.discard(version)
    messages.success(request, _("The draft is thrown away."))
    return redirect("instruments:list", slug=membership.organisation.slug)


@requires(*EDITORS)
@require_http_methods(["GET", "POST"])
def licensed(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Bring in wording that the organisation has a licence for; every fault of the file is shown at once."""
    form = WordingForm(request.POST, request.FILES) if request.method == "POST" else WordingForm()
    context: dict[str, object] = {"form": form, "sources": form.fields["source"].choices}  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        try:
            version = _taken(membership, form)
        except wording.WordingError as error:
            context["faults"] = error.faults
        else:
            messages.success(request, _("The wording is in. Look at the preview, then publish it."))
            return redirect("instruments:edit", slug=membership.organisation.slug, number=version.pk)
    return render(request, "instruments/licensed.html", context)


@requires(*EDITORS)
@require_safe
def template(request: HttpRequest, membership: Membership, source: str) -> HttpResponse:
    """Give the file to fill in."""
    if source not in {one.key for one in bevlogen.instruments() if not one.own_wording}:
        raise Http404
    content = "\ufeff" + wording.template(ours.definition_of(source))
    name = f'attachment; filename="{source}.csv"'
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _taken(membership: Membership, form: WordingForm) -> Version:
    source = form.cleaned_data["source"]
    content = form.cleaned_data["file"].read(wording.LARGEST_FILE + 1)
    definition = wording.fill(ours.definition_of(source), content)
    licence = form.cleaned_data["licence"]
    return services.bring_wording(membership.organisation, source, definition, licence, by=membership.user)


def _own_version(membership: Membership, number: int, state: State) -> Version:
    versions = queries.versions(membership.organisation).filter(instrument__organisation=membership.organisation)
    return get_object_or_404(versions, pk=number, state=state)


def _to(instrument: Instrument, membership: Membership) -> HttpResponse:
    return redirect("instruments:instrument", slug=membership.organisation.slug, number=instrument.pk)
