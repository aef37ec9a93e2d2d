"""Files of units and employees: upload, look at what they would do, apply. For the administrator."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.organisation import queries, uploads
from bevlogen_web.organisation.forms import UploadForm
from bevlogen_web.organisation.models import Upload
from bevlogen_web.organisation.reading import UnreadableError

ROWS_SHOWN = 200


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, membership: Membership, kind: str) -> HttpResponse:
    """Take a file; it is looked at before anything changes."""
    if kind not in Upload.Kind.values:
        raise Http404
    complete = {
        "units": _("The file holds all units. Units that are not in it have ended."),
        "employees": _("The file holds all employees. Who is not in it is no longer asked."),
    }[kind]
    form = UploadForm(request.POST or None, request.FILES or None, complete=complete)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        file: UploadedFile[bytes] = given["file"]
        try:
            kept = uploads.keep(
                membership.organisation,
                Upload.Kind(kind),
                file.name or "",
                file.read(),
                complete=given["complete"],
                on=given["on"],
                by=membership.user,
            )
        except UnreadableError as error:
            form.add_error("file", str(error))
        else:
            return redirect("organisation:import-check", slug=membership.organisation.slug, number=kept.pk)
    context = {"form": form, "kind": kind, "columns": uploads.describe(Upload.Kind(kind))}
    return render(request, "organisation/import.html", context)


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Show what a file would do; a POST does exactly that, or shows again if something else changed meanwhile."""
    kept = get_object_or_404(queries.uploads_of(membership), pk=number)
    if request.method == "POST":
        if uploads.apply(kept, request.POST.get("mark", ""), by=membership.user):
            messages.success(request, _("The file is applied."))
            return redirect(f"organisation:{kept.kind}", slug=membership.organisation.slug)
        messages.warning(request, _("Something changed since you looked. Look again at what the file would do."))
    plan = uploads.plan(kept)
    context = {
        "upload": kept,
        "plan": plan,
        "faults": plan.faults[:ROWS_SHOWN],
        "rows_shown": ROWS_SHOWN,
        "rows_slice": f":{ROWS_SHOWN}",
    }
    return render(request, "organisation/import_check.html", context)


@requires(Role.ADMINISTRATOR)
@require_POST
def give_up(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Throw a file away without applying it."""
    kept = get_object_or_404(queries.uploads_of(membership), pk=number)
    kind = kept.kind
    kept.delete()
    messages.success(request, _("The file is thrown away. Nothing has changed."))
    return redirect("organisation:import", slug=membership.organisation.slug, kind=kind)


@requires(Role.ADMINISTRATOR)
@require_safe
def example(request: HttpRequest, membership: Membership, kind: str) -> HttpResponse:
    """Download an example as the spreadsheet of the reader's language opens it: semicolons, UTF-8 with its mark."""
    if kind not in Upload.Kind.values:
        raise Http404
    content = uploads.example(Upload.Kind(kind), request.LANGUAGE_CODE)
    response = HttpResponse(content.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="bevlogen-{kind}.csv"'
    return response
