"""Speaks to an identity provider: the only module that asks one. JSON in, JSON out.

Not the crawler's edge: the address comes from the settings and not from a feed, the answer decides who may
sign in, and so TLS is required (but for loopback), no redirect is followed and little is read.
"""

import base64
import json
from collections.abc import Mapping
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

SECONDS = 10.0
LARGEST = 1_000_000  # bytes


class ProviderError(Exception):
    """The provider did not answer as it should; the text is for the log."""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


# of the machine's own proxy settings nothing is known here; an answer from elsewhere would sign people in
_opener = build_opener(_NoRedirect, ProxyHandler({}))


def get_json(address: str) -> Mapping[str, Any]:
    """The object at `address`. Raises ProviderError."""
    return _ask(Request(_safe(address), headers={"Accept": "application/json"}))


def post_form(
    address: str, fields: Mapping[str, str], user: str = "", password: str = ""
) -> Mapping[str, Any]:
    """What `address` answers to a form, as a client with this password, if any. Raises ProviderError."""
    headers = {
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    if password:
        # RFC 6749, section 2.3.1: both parts are form-encoded first
        pair = f"{quote(user, safe='')}:{quote(password, safe='')}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return _ask(Request(_safe(address), data=urlencode(fields).encode(), headers=headers))


def _ask(request: Request) -> Mapping[str, Any]:
    try:
        with _opener.open(request, timeout=SECONDS) as answer:
            body = answer.read(LARGEST + 1)
    except HTTPError as error:
        with error:
            raise ProviderError(f"{request.full_url} answered {error.code}") from error
    except (OSError, HTTPException) as error:
        raise ProviderError(f"{request.full_url}: {type(error).__name__}") from error
    try:
        found = json.loads(body) if len(body) <= LARGEST else None
    except (ValueError, RecursionError) as error:
        raise ProviderError(f"{request.full_url} is no JSON") from error
    if not isinstance(found, dict):
        raise ProviderError(f"{request.full_url} holds no object, or too large a one")
    return found


def _safe(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        return address
    raise ProviderError(f"{address[:200]!r} is not an https address")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
