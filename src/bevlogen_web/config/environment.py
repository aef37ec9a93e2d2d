"""What the operator set: read from the environment once, checked as a whole, all faults at once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

SECRET_LENGTH = 40  # characters; 240 bits when made by make_secret
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings of one installation.

    Without ``hosts`` the installation is *local*: it answers only to requests for this very machine, so nothing
    needs to be configured. With ``hosts`` it is open to others and must be safe.

    Attributes
    ----------
    data
        Folder of everything that is kept: database, keys, collected static files, mail of a local installation.
    database_url
        ``postgresql://user:password@host:5432/name``; empty for SQLite in ``data``.
    secret_key
        Signs sessions and links; empty when neither the environment nor ``data`` has one.
    hosts
        Host names this installation answers to.
    mail_url
        ``smtp://user:password@host:587`` (STARTTLS), ``smtps://…:465``; empty writes mail to files in ``data``.
    mail_from
        Sender of all mail.
    demo
        A demonstration with known passwords and a banner.
    proxies
        Addresses of reverse proxies whose X-Forwarded-Proto is believed.
    second_factor
        Whether staff must have a second factor (or come through single sign-on).
    metrics_token
        Bearer token for /metrics; empty closes it to all but a local installation.
    port
        Port of a local installation, for links in mail.
    oidc_url, oidc_client, oidc_secret, oidc_name
        Single sign-on by OpenID Connect; all but the name are needed together.
    """

    data: Path
    database_url: str
    secret_key: str
    hosts: tuple[str, ...]
    mail_url: str
    mail_from: str
    demo: bool
    proxies: str
    second_factor: bool
    metrics_token: str
    port: str
    oidc_url: str
    oidc_client: str
    oidc_secret: str
    oidc_name: str

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the application."""
        return not self.hosts

    @property
    def url(self) -> str:
        """Address of the application, for links in mail."""
        return f"https://{self.hosts[0]}" if self.hosts else f"http://localhost:{self.port}"

    def faults(self) -> tuple[str, ...]:
        """Say everything that makes this installation unsafe or unusable, in sentences."""
        found = [*self._database_faults(), *self._mail_faults(), *self._sign_on_faults()]
        if not self.local and len(self.secret_key) < SECRET_LENGTH:
            found.append(f"BEVLOGEN_SECRET_KEY is missing or shorter than {SECRET_LENGTH} characters.")
        if "*" in self.hosts:
            found.append("BEVLOGEN_HOSTS holds *; name the hosts.")
        if not self.local and not self.mail_url and not self.demo:
            found.append("BEVLOGEN_MAIL_URL is missing; give smtp://user:password@host:587.")
        if not self.local and not self.mail_from and not self.demo:
            found.append("BEVLOGEN_MAIL_FROM is missing; give the sender's address.")
        return tuple(found)

    def _database_faults(self) -> list[str]:
        if self.database_url and urlsplit(self.database_url).scheme not in ("postgresql", "postgres"):
            return ["BEVLOGEN_DATABASE_URL must begin with postgresql://; leave it out for SQLite."]
        return []

    def _mail_faults(self) -> list[str]:
        if self.mail_url and urlsplit(self.mail_url).scheme not in ("smtp", "smtps"):
            return ["BEVLOGEN_MAIL_URL must begin with smtp:// or smtps://."]
        return []

    def _sign_on_faults(self) -> list[str]:
        parts = (self.oidc_url, self.oidc_client, self.oidc_secret)
        if any(parts) and not all(parts):
            return ["BEVLOGEN_OIDC_URL, BEVLOGEN_OIDC_CLIENT and BEVLOGEN_OIDC_SECRET belong together; give all three."]
        if self.oidc_url and not self.oidc_url.startswith("https://") and not self.local:
            return ["BEVLOGEN_OIDC_URL must begin with https://."]
        return []


def read(env: Mapping[str, str]) -> Environment:
    """Read the installation's settings from environment variables named BEVLOGEN_*."""

    def text(name: str, default: str = "") -> str:
        return env.get(f"BEVLOGEN_{name}", default).strip()

    data = Path(text("HOME", "bevlogen-data")).absolute()
    hosts = tuple(host.strip() for host in text("HOSTS").split(",") if host.strip())
    demo = text("DEMO") in ("1", "true", "yes")
    return Environment(
        data=data,
        database_url=text("DATABASE_URL"),
        secret_key=text("SECRET_KEY") or _kept_secret(data),
        hosts=hosts,
        mail_url=text("MAIL_URL"),
        mail_from=text("MAIL_FROM"),
        demo=demo,
        proxies=text("PROXIES", "127.0.0.1"),
        second_factor=text("SECOND_FACTOR", "0" if demo or not hosts else "1") in ("1", "true", "yes"),
        metrics_token=text("METRICS_TOKEN"),
        port=text("PORT", "8000"),
        oidc_url=text("OIDC_URL"),
        oidc_client=text("OIDC_CLIENT"),
        oidc_secret=text("OIDC_SECRET"),
        oidc_name=text("OIDC_NAME", "Single sign-on"),
    )


def make_secret(data: Path) -> None:
    """Make the data folder, for its owner only, and once a secret key in it."""
    keys = data / "keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    data.chmod(0o700)
    path = keys / "secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(SECRET_LENGTH), encoding="utf-8")


def _kept_secret(data: Path) -> str:
    path = data / "keys" / "secret"
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""


def database(url: str, data: Path) -> dict[str, object]:
    """Django's settings for PostgreSQL at ``url``, or for SQLite in the data folder.

    SQLite writes ahead (readers never wait), takes its write lock at the start of a transaction (no deadlock
    halfway), waits ten seconds for it, and overwrites what is deleted. Connections stay open between requests: closing
    the last one makes SQLite write its log back to disk, which costs more than a request.
    """
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": data / "bevlogen.sqlite3",
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 10,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def mail(url: str, data: Path) -> dict[str, object]:
    """Django's mail settings: SMTP at ``url``, or files in the data folder that can be read there."""
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": data / "mail"}
    parts = urlsplit(url)
    implicit = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": parts.port or (465 if implicit else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": implicit,
        "EMAIL_USE_TLS": not implicit and ("tls", "no") not in parse_qsl(parts.query),
        "EMAIL_TIMEOUT": 20,
    }
