"""Signing in through an identity provider: one of our own on loopback, with a key of its own."""

import base64
import json
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from sqlalchemy import Engine
from starlette.testclient import TestClient

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db.engine import reading
from monitor.db.people import accounts
from monitor.people import manage
from monitor.people.oidc import role_of
from monitor.settings import load_settings
from monitor.web.app import make_web
from tests.web.seed import NOW

KEY = RSAKey.generate_key(2048, {"kid": "ours"})
OTHERS = RSAKey.generate_key(2048, {"kid": "ours"})
SECRET = "salaisuus/+"


class Provider:
    """Vouches for whoever `person` is. `spoil` changes the token before it is signed."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {
            "sub": "a-1", "preferred_username": "Anna.A", "name": "Anna A.", "groups": ["tarkastus"],
        }  # fmt: skip
        self.spoil: dict[str, Any] = {}
        self.key: Any = KEY
        self.algorithm = "RS256"
        self.asked: dict[str, str] = {}
        self.seen: dict[str, str] = {}
        self.issuer = ""

    def describe(self) -> dict[str, str]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def exchange(self, fields: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """A token for the code, where client, redirection and PKCE verifier are right."""
        self.seen = {**fields, "authorization": authorization}
        hashed = sha256(fields.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
        wanted = base64.b64encode(b"tilannekuva:salaisuus%2F%2B").decode()
        right = (
            fields.get("code") == "code-1"
            and fields.get("redirect_uri") == self.asked["redirect_uri"]
            and challenge == self.asked["code_challenge"]
            and authorization == f"Basic {wanted}"
        )
        if not right:
            return 400, {"error": "invalid_grant"}
        now = int(NOW.timestamp())
        claims = {
            "iss": self.issuer, "aud": "tilannekuva", "iat": now, "exp": now + 300,
            "nonce": self.asked["nonce"], **self.person, **self.spoil,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "ours"}
        return 200, {"id_token": jwt.encode(header, claims, self.key, [self.algorithm])}


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith("/openid-configuration"):
                self._say(200, made.describe())
            else:
                self._say(200, KeySet([KEY]).as_dict(private=False))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*made.exchange(fields, self.headers.get("Authorization", "")))

        def _say(self, status: int, said: Any) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def house(provider: Provider, sqlite: Engine, reference: Reference) -> App:
    settings = load_settings(
        {}, oidc_issuer=provider.issuer, oidc_client_id="tilannekuva", oidc_client_secret=SECRET,
        oidc_role_claim="groups", oidc_roles="tarkastus=reviewer, analyysi=analyst",
    )  # fmt: skip
    return App(settings, ManualClock(NOW), sqlite, reference)


@pytest.fixture
def client(house: App) -> TestClient:
    return TestClient(make_web(house), raise_server_exceptions=False, follow_redirects=False)


def come_and_go(client: TestClient, provider: Provider, **spoiled: str) -> Any:
    """To the provider and back."""
    answer = client.get("/login/oidc?next=/feeds")
    assert answer.status_code == 303, answer.text
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}" == provider.issuer
    provider.asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    given = {"code": "code-1", "state": provider.asked["state"], **spoiled}
    return client.get("/login/oidc/back", params=given)


def test_who_the_provider_vouches_for_is_let_in(
    client: TestClient, provider: Provider, house: App
) -> None:
    assert 'href="/login/oidc?next=%2F"' in client.get("/login").text
    answer = come_and_go(client, provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/feeds")
    assert provider.asked["code_challenge_method"] == "S256"
    assert provider.asked["redirect_uri"] == "http://testserver/login/oidc/back"
    assert "client_secret" not in provider.seen
    assert "Anna A." in client.get("/me").text
    with reading(house.engine) as session:
        (account,) = accounts(session)
    assert (account.user.name, account.user.role) == ("anna.a", "reviewer")
    assert account.password_hash is None
    provider.person["groups"] = ["analyysi", "tarkastus"]
    provider.person["preferred_username"] = "another.name"
    assert come_and_go(client, provider).status_code == 303
    with reading(house.engine) as session:
        (account,) = accounts(session)
    assert (account.user.name, account.user.role) == ("anna.a", "analyst"), "known by its subject"


@pytest.mark.parametrize(
    "spoiled",
    [{"state": "x"}, {"state": ""}, {"code": ""}, {"code": "another"}],
    ids=["state", "no state", "no code", "code"],
)
def test_an_answer_to_no_question_of_ours_is_refused(
    client: TestClient, provider: Provider, house: App, spoiled: dict[str, str]
) -> None:
    answer = come_and_go(client, provider, **spoiled)
    assert answer.status_code in (403, 502)
    assert "session" not in client.cookies
    with reading(house.engine) as session:
        assert accounts(session) == ()


def test_an_answer_in_another_browser_is_refused(client: TestClient, provider: Provider) -> None:
    come_and_go(client, provider, state="x")
    client.cookies.clear()
    given = {"code": "code-1", "state": provider.asked["state"]}
    assert client.get("/login/oidc/back", params=given).status_code == 403


@pytest.mark.parametrize(
    "spoil",
    [{"nonce": "x"}, {"nonce": None}, {"aud": "another"}, {"aud": None}, {"iss": "http://127.0.0.1:1"},
     {"exp": int(NOW.timestamp()) - 100}, {"exp": None}, {"sub": None}, {"azp": "another"},
     {"iat": int(NOW.timestamp()) + 1000}],
    ids=lambda s: " ".join(s),
)  # fmt: skip
def test_a_token_that_is_not_for_us_now_is_refused(
    client: TestClient, provider: Provider, spoil: dict[str, Any]
) -> None:
    provider.spoil = spoil
    assert come_and_go(client, provider).status_code == 403
    assert "session" not in client.cookies


def test_a_token_that_another_key_signed_is_refused(client: TestClient, provider: Provider) -> None:
    provider.key = OTHERS
    assert come_and_go(client, provider).status_code == 403
    provider.key, provider.algorithm = OctKey.import_key(SECRET * 4), "HS256"
    assert come_and_go(client, provider).status_code == 403


def test_the_provider_takes_no_account_over(
    client: TestClient, provider: Provider, house: App
) -> None:
    manage.add(house, "anna.a", "", "admin", "fi", "test")
    answer = come_and_go(client, provider)
    assert answer.status_code == 403
    assert "session" not in client.cookies


def test_a_disabled_account_stays_out(client: TestClient, provider: Provider, house: App) -> None:
    come_and_go(client, provider)
    with reading(house.engine) as session:
        (account,) = accounts(session)
    manage.disable(house, account.user.id, True, "test")
    client.cookies.clear()
    assert come_and_go(client, provider).status_code == 403


def test_without_a_provider_there_is_no_such_way(sqlite: Engine, reference: Reference) -> None:
    app = App(load_settings({}), ManualClock(NOW), sqlite, reference)
    client = TestClient(make_web(app), follow_redirects=False)
    assert "/login/oidc" not in client.get("/login").text
    assert client.get("/login/oidc").status_code == 404
    assert client.get("/login/oidc/back?state=x&code=y").status_code == 404


def test_a_provider_that_is_down_is_said(sqlite: Engine, reference: Reference) -> None:
    settings = load_settings({}, oidc_issuer="http://127.0.0.1:9", oidc_client_id="x")
    client = TestClient(make_web(App(settings, ManualClock(NOW), sqlite, reference)))
    assert client.get("/login/oidc").status_code == 502


def test_the_highest_role_that_a_claim_gives_counts() -> None:
    rules = "a=reviewer, b=analyst,c = x"
    assert role_of({"g": ["a", "b", 1]}, "g", rules) == "analyst"
    assert role_of({"g": "a"}, "g", rules) == "reviewer"
    assert role_of({"g": ["c"]}, "g", rules) == "viewer"
    assert role_of({}, "g", rules) == "viewer"
    assert role_of({"": ["b"]}, "", rules) == "viewer"
