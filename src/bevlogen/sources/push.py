"""Send a table to a web application: the one place of the library that uses the network."""

from __future__ import annotations

import hashlib
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlencode, urlsplit

from bevlogen.errors import BevlogenError, Fault, WorkspaceError

PushTable = Literal["units", "results", "interactions"]

_LOCAL = ("localhost", "127.0.0.1", "::1")
_SECONDS = 120
_ODD_STATUS = "The server answered with status {status}. Look at its log, or try again later."


@dataclass(frozen=True, slots=True)
class Pushed:
    """What the application stored: the number of the delivery and of its rows."""

    delivery: int
    rows: int


def push(path: Path, table: PushTable, address: str, token: str, *, scale: tuple[float, float] = (1, 5)) -> Pushed:
    """Send a file of figures or rated contacts; sending the same file again changes nothing.

    Parameters
    ----------
    path : CSV, Excel or Parquet, with columns as in ``docs/web/intake.md``.
    table : what one row is: a unit (``units``), a figure of record (``results``) or a contact (``interactions``).
    address : of the application, such as ``https://bevlogen.example.org``.
    token : key of the integration.
    scale : lowest and highest rating of contacts.

    Raises
    ------
    WorkspaceError
        If the application found faults: all of them, and nothing was stored.
    BevlogenError
        If there is no such file, the address cannot be used or reached, or the application refused for another reason.
    """
    _check_address(address)
    if not path.is_file():
        raise BevlogenError(f'There is no file "{path}". Name another.')
    content = path.read_bytes()
    boundary = secrets.token_hex(16)
    query = urlencode({"low": scale[0], "high": scale[1]})
    request = urllib.request.Request(
        f"{address.rstrip('/')}/api/v1/files/{table}?{query}",
        data=_form(boundary, path.name, content),
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Idempotency-Key": hashlib.sha256(f"{table} {query} ".encode() + content).hexdigest(),
        },
    )
    try:
        # No redirect is followed: the key must not go to another address.
        with urllib.request.build_opener(_Straight).open(request, timeout=_SECONDS) as answer:
            told = json.loads(answer.read())
            return Pushed(int(told["delivery"]), int(told["rows"]))
    except urllib.error.HTTPError as error:
        raise _refusal(error.code, _read(error), path.name) from error
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise BevlogenError(f"Cannot reach {urlsplit(address).netloc}. Look whether it runs, and try again.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BevlogenError("That is no Bevlogen application. Look at the address given with --to.") from error


class _Straight(urllib.request.HTTPRedirectHandler):
    """Follows nothing."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Leave a redirect as the answer it is."""
        return


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BevlogenError("The address must begin with https://, such as --to https://bevlogen.example.org.")
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise BevlogenError("The key would travel readable over http. Use https://.")


def _form(boundary: str, name: str, content: bytes) -> bytes:
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quote(name)}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode()


def _read(error: urllib.error.HTTPError) -> Mapping[str, Any]:
    try:
        told = json.loads(error.read())
    except ValueError:
        return {}
    return told if isinstance(told, Mapping) else {}


def _refusal(status: int, told: Mapping[str, Any], name: str) -> BevlogenError:
    faults = told.get("faults") or []
    if status == HTTPStatus.UNPROCESSABLE_ENTITY and faults:
        return WorkspaceError(
            [
                Fault(name, one.get("row"), one.get("field"), one["found"], one["mend"], one.get("count", 1))
                for one in faults
            ]
        )
    return BevlogenError(str(told.get("message") or _ODD_STATUS.format(status=status)))
