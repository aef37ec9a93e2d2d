"""Other systems: their keys, what they delivered, and files brought by hand. For the administrator."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bevlogen_web.accounts.models import Membership, Role
from bevlogen_web.accounts.permissions import requires
from bevlogen_web.intake import inbox, queries, services, tables
from bevlogen_web.intake.forms import FileForm, TokenForm
from bevlogen_web.intake.models import Scope, Table
from bevlogen_web.intake.services import KeyReusedError, Origin, Upload
from bevlogen_web.intake.tables import FaultyError

ROWS_PER_PAGE = 25


@requires(Role.ADMINISTRATOR)
@require_safe
def data(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Show the ways in which data come in."""
    return render(request, "intake/data.html", {"history": queries.history(membership.organisation)})


@requires(Role.ADMINISTRATOR)
@sensitive_variables("key")
@require_http_methods(["GET", "POST"])
def integrations(request: HttpRequest, membership: Membership) -> HttpResponse:
    """List integrations and deliveries; a POST makes an integration and shows its key, once."""
    organisation = membership.organisation
    form = TokenForm(request.POST or None, organisation=organisation)
    key = ""
    if request.method == "POST" and form.is_valid():
        scopes = [Scope(scope) for scope in form.cleaned_data["scopes"]]
        _token, key = services.make_token(organisation, form.cleaned_data["name"], scopes, by=membership.user)
        form = TokenForm(organisation=organisation)
    context = {
        "form": form,
        "key": key,
        "tokens": queries.tokens(organisation),
        "page": Paginator(queries.deliveries(organisation), ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "folder": f"inbox/{organisation.slug}",
        "watched": inbox.WATCHED,
    }
    return render(request, "intake/integrations.html", context)


@requires(Role.ADMINISTRATOR)
@require_POST
def revoke(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """End an integration."""
    token = get_object_or_404(queries.tokens(membership.organisation), pk=number)
    services.revoke(token, by=membership.user)
    messages.success(request, _("The key no longer works."))
    return redirect(_list(membership))


@requires(Role.ADMINISTRATOR)
@require_POST
def withdraw(request: HttpRequest, membership: Membership, number: int) -> HttpResponse:
    """Delete a delivery and its rows."""
    delivery = get_object_or_404(queries.deliveries(membership.organisation), pk=number)
    services.withdraw(delivery, by=membership.user)
    messages.success(request, _("The delivery is deleted, with every row it brought."))
    return redirect(_list(membership))


@requires(Role.ADMINISTRATOR)
@require_http_methods(["GET", "POST"])
def file(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Bring one table by hand; every fault is shown, and with a fault nothing is stored."""
    form = FileForm(request.POST or None, request.FILES or None)
    found = queries.history(membership.organisation)
    context: dict[str, object] = {
        "form": form,
        "measures": ", ".join(sorted({*tables.result_constructs(), *(found.measures if found else ())})),
        "constructs": ", ".join(tables.rated_constructs()),
    }
    if request.method == "POST" and form.is_valid():
        table = Table(form.cleaned_data["table"])
        try:
            rows = _take(membership, table, form.cleaned_data["file"])
        except FaultyError as error:
            context["findings"] = error.findings
        except KeyReusedError:
            form.add_error("file", _("This file was brought before as another table."))
        else:
            text = ngettext("%(count)s row is stored.", "%(count)s rows are stored.", rows) % {"count": rows}
            messages.success(request, text)
            return redirect("intake:file", slug=membership.organisation.slug)
    return render(request, "intake/file.html", context)


def _take(membership: Membership, table: Table, upload: Upload) -> int:
    content = upload.read()
    with tempfile.TemporaryDirectory(prefix="bevlogen-") as folder:
        path = Path(folder) / f"file{Path(upload.name or '').suffix.lower()}"
        path.write_bytes(content)
        origin = Origin.of(table.value.encode() + b"\0" + content)
        return services.take_file(membership.organisation, table, path, origin, inbox.SCALE).rows


def _list(membership: Membership) -> str:
    return reverse("intake:integrations", kwargs={"slug": membership.organisation.slug})
