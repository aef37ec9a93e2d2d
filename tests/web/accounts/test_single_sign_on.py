"""Single sign-on by OpenID Connect: who may enter, and what is asked of the provider."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from bevlogen_web.accounts import services
from bevlogen_web.accounts.adapters import SocialAccountAdapter
from bevlogen_web.accounts.models import Role


class _Provider(BaseHTTPRequestHandler):
    """Says where its doors are, as a provider does."""

    def do_GET(self):
        address = f"http://127.0.0.1:{self.server.server_port}"
        doors = {"issuer": address, "authorization_endpoint": f"{address}/authorize", "token_endpoint": address}
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(doors).encode())

    def log_message(self, *arguments):
        """Keep quiet."""


@pytest.fixture
def provider(settings) -> str:
    """Address of a provider on this machine, set in the settings."""
    server = HTTPServer(("127.0.0.1", 0), _Provider)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    app = {"provider_id": "oidc", "name": "Stadspas", "client_id": "bevlogen", "secret": "s"}
    app["settings"] = {"server_url": address}
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


def _arriving(email: str, verified: bool) -> SimpleNamespace:
    return SimpleNamespace(email_addresses=[SimpleNamespace(email=email, verified=verified)])


def test_door_offers_the_provider(provider, anonymous, cast):
    assert "Stadspas" in anonymous.get("/accounts/login/").content.decode()


def test_provider_is_asked_with_a_proof_key(provider, anonymous, cast):
    page = anonymous.post("/accounts/oidc/oidc/login/?process=login")
    address = urlsplit(page.headers.get("Location") or page.context["redirect_to"])
    asked = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{provider}/authorize"
    assert asked["client_id"] == ["bevlogen"]
    assert asked["code_challenge_method"] == ["S256"]
    assert "email" in asked["scope"][0]


@pytest.fixture
def invited(cast) -> str:
    services.invite(cast.organisation, "new@here.example", Role.ANALYST, "nl", by=cast.user(Role.ADMINISTRATOR))
    return "New@here.example"


def test_invited_colleague_may_enter(invited, rf):
    assert SocialAccountAdapter().is_open_for_signup(rf.get("/"), _arriving(invited, verified=True))


def test_address_the_provider_does_not_vouch_for_may_not(invited, rf):
    assert not SocialAccountAdapter().is_open_for_signup(rf.get("/"), _arriving(invited, verified=False))


def test_who_was_not_invited_may_not(cast, rf):
    assert not SocialAccountAdapter().is_open_for_signup(rf.get("/"), _arriving("nobody@here.example", verified=True))
