"""Signing in through the organisation's identity provider: OpenID Connect, authorization code with PKCE.

What the browser must bring back (state, nonce, PKCE verifier) follows from one secret in its own cookie,
so that nothing is stored before somebody is known. Sources: OpenID Connect Core 1.0, sections 3.1.2 and
3.1.3; RFC 7636; RFC 9700.
"""

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from monitor.app import App
from monitor.db.engine import transaction
from monitor.db.people import account_of_subject, add_user, set_role
from monitor.fetch.identity import ProviderError, get_json, post_form
from monitor.logs import get_logger
from monitor.people.manage import role_named
from monitor.people.names import is_login_name, login_name
from monitor.people.signin import Browser, Opened, open_for
from monitor.people.tokens import same
from monitor.people.values import ROLES, Role, User
from monitor.settings import Settings

_log = get_logger(__name__)

SIGNATURES = ["RS256", "PS256", "ES256", "Ed25519", "EdDSA"]  # none that a shared secret makes
LEEWAY_SECONDS = 60
KEPT_SECONDS = 600  # how long the provider's description is believed

Failure = Literal["provider", "answer", "taken", "disabled"]


@dataclass(frozen=True, slots=True)
class Errand:
    """What one sign-in is known by; follows from the secret in the browser's cookie."""

    secret: str

    @property
    def state(self) -> str:
        """That the answer is to a question of this browser."""
        return self._part("state")

    @property
    def nonce(self) -> str:
        """That the token is for this question."""
        return self._part("nonce")

    @property
    def verifier(self) -> str:
        """That who exchanges the code is who asked for it."""
        return self._part("verifier")

    @property
    def challenge(self) -> str:
        """What the provider gets to see of the verifier."""
        hashed = sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(hashed).decode().rstrip("=")

    def _part(self, what: str) -> str:
        return hmac.new(self.secret.encode(), what.encode(), sha256).hexdigest()


def way_in(app: App, errand: Errand, back: str) -> str | Failure:
    """The provider's address to send a browser to; `back` is where it comes back."""
    try:
        provider = _provider(app.settings, app.clock())
        address = str(provider["authorization_endpoint"])
    except (ProviderError, KeyError) as error:
        return _failed("provider", error)
    asked = {
        "response_type": "code",
        "client_id": app.settings.oidc_client_id,
        "redirect_uri": back,
        "scope": app.settings.oidc_scope,
        "state": errand.state,
        "nonce": errand.nonce,
        "code_challenge": errand.challenge,
        "code_challenge_method": "S256",
    }
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def come_back(
    app: App, errand: Errand, given: Mapping[str, str], back: str, browser: Browser
) -> Opened | Failure:
    """Sign in whom the provider vouches for, with an account made at the first time."""
    if not errand.secret or not same(given.get("state", ""), errand.state):
        return "answer"
    if not given.get("code"):
        return "answer"
    try:
        claims = _claims(app, errand, given["code"], back)
    except (ProviderError, KeyError) as error:
        return _failed("provider", error)
    except (JoseError, ValueError, TypeError) as error:
        return _failed("answer", error)
    found = _user(app, claims)
    return open_for(app, found, "oidc", browser) if isinstance(found, User) else found


def _claims(app: App, errand: Errand, code: str, back: str) -> dict[str, Any]:
    settings, now = app.settings, app.clock()
    provider = _provider(settings, now)
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "client_id": settings.oidc_client_id,
        "code_verifier": errand.verifier,
    }
    secret = settings.oidc_client_secret.get_secret_value()
    answer = post_form(str(provider["token_endpoint"]), fields, settings.oidc_client_id, secret)
    keys: Any = get_json(str(provider["jwks_uri"]))
    token = jwt.decode(str(answer["id_token"]), KeySet.import_key_set(keys), SIGNATURES)
    rules = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": settings.oidc_issuer},
        aud={"essential": True, "value": settings.oidc_client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": errand.nonce},
    )
    rules.validate(token.claims)
    if token.claims.get("azp", settings.oidc_client_id) != settings.oidc_client_id:
        raise ValueError("the token was made for another program")
    return dict(token.claims)


def _user(app: App, claims: Mapping[str, Any]) -> User | Failure:
    settings, now = app.settings, app.clock()
    subject = f"{claims['iss']}|{claims['sub']}"
    role = role_of(claims, settings.oidc_role_claim, settings.oidc_roles)
    with transaction(app.engine) as session:
        found = account_of_subject(session, subject)
        if found is not None:
            if found.disabled_at is not None:
                return "disabled"
            changed = settings.oidc_role_claim and role != found.user.role
            made = set_role(session, found.user.id, role, "oidc", now) if changed else found.user
        else:
            name = _name(claims)
            shown = str(claims.get("name") or name)[:80]
            shown = shown if shown.isprintable() else name
            # an account of this name is somebody's already: the provider does not get to take it over
            made = add_user(
                session, name, shown, role, settings.language, who="oidc", at=now, subject=subject
            )
    return made or "taken"


def _name(claims: Mapping[str, Any]) -> str:
    offered = (claims.get("preferred_username"), claims.get("email"))
    names = [login_name(str(one)) for one in offered if one]
    fallback = f"oidc-{sha256(str(claims['sub']).encode()).hexdigest()[:12]}"
    return next((name for name in names if is_login_name(name)), fallback)


def role_of(claims: Mapping[str, Any], claim: str, roles: str) -> Role:
    """The highest role that the values of `claim` give by "value=role, ..."; viewer without any."""
    given = claims.get(claim, ()) if claim else ()
    values = {given} if isinstance(given, str) else {v for v in given if isinstance(v, str)}
    pairs = [pair.rpartition("=") for pair in roles.split(",") if "=" in pair]
    named = [role_named(role.strip()) for value, _, role in pairs if value.strip() in values]
    return max((role for role in named if role), key=ROLES.index, default="viewer")


def _provider(settings: Settings, now: datetime) -> Mapping[str, Any]:
    return _description(settings.oidc_issuer, int(now.timestamp()) // KEPT_SECONDS)


@lru_cache(maxsize=4)
def _description(issuer: str, _period: int) -> Mapping[str, Any]:
    found = get_json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != issuer:
        raise ProviderError(f"{issuer} describes another issuer")
    return found


def _failed(what: Failure, error: Exception) -> Failure:
    _log.warning("oidc_failed", what=what, error=f"{type(error).__name__}: {error}"[:300])
    return what
