"""A figure as a page shows it: the specification for the script, its data, and the same figure as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpResponse

import bevlogen as bv

Kind = Literal["svg", "png", "pdf"]
KINDS: tuple[Kind, ...] = ("svg", "png", "pdf")
_TYPES = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}


@dataclass(frozen=True, slots=True)
class Figure:
    """``rows`` is the address of its data ("" if they lie in the specification), ``files`` those of the drawings."""

    ident: str
    spec: Mapping[str, Any]
    rows: str
    files: Mapping[Kind, str]


def file(spec: dict[str, Any], rows: Sequence[Mapping[str, Any]], kind: Kind, name: str) -> HttpResponse:
    """Draw a figure on the server and answer with it."""
    answer = HttpResponse(bv.figures.drawn(spec, rows, kind), content_type=_TYPES[kind])
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.{kind}"'
    return answer
