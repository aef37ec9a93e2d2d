"""The description of the API for people, drawn from the same contract as the one for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from ninja import NinjaAPI


@dataclass(frozen=True, slots=True)
class Field:
    """A field of what is sent."""

    name: str
    kind: str
    required: bool
    text: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One address of the API."""

    method: str
    path: str
    title: str
    text: str
    fields: tuple[Field, ...]
    example: str


def operations(api: NinjaAPI) -> list[Operation]:
    """Read the contract of the API."""
    contract = api.get_openapi_schema()
    schemas = contract.get("components", {}).get("schemas", {})
    return [
        _operation(method, path, told, schemas)
        for path, methods in contract["paths"].items()
        for method, told in methods.items()
    ]


def reference(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """Show every address with its fields and an example."""
    context = {"operations": operations(api), "base": request.build_absolute_uri("/")[:-1]}
    return render(request, "intake/reference.html", context)


reference = require_safe(reference)


def _operation(method: str, path: str, told: Mapping[str, Any], schemas: Mapping[str, Any]) -> Operation:
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    batch = schemas.get(str(body.get("$ref", "")).rpartition("/")[2], {})
    row = schemas.get(
        str(batch.get("properties", {}).get("rows", {}).get("items", {}).get("$ref", "")).rpartition("/")[2], {}
    )
    required = set(row.get("required", ()))
    fields = tuple(
        Field(name, _kind(one), name in required, one.get("description", ""))
        for name, one in row.get("properties", {}).items()
    )
    example = {name: one["examples"][0] for name, one in row.get("properties", {}).items() if one.get("examples")}
    if "date" in row.get("properties", {}):
        example["date"] = "2025-12-31"
    shown = json.dumps({"rows": [example]}, ensure_ascii=False) if example else ""
    return Operation(
        method.upper(), path, told.get("summary", ""), told.get("description", "").replace("`", ""), fields, shown
    )


def _kind(schema: Mapping[str, Any]) -> str:
    several = [one["type"] for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    return str(schema.get("format") or schema.get("type") or (several or ["text"])[0]).replace("string", "text")
