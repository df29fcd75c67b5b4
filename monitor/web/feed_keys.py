"""Who may fetch an Atom feed: one who is signed in, or a program with an API key.

Feed readers know HTTP Basic, so the key is the password there, under any name; as a bearer it is taken too.
Never from the address: addresses are kept in logs and histories.
"""

import base64
from typing import Annotated

from fastapi import Depends, Request

from monitor.api.limits import Buckets
from monitor.db.engine import reading
from monitor.db.keys import ApiKey, find_key
from monitor.web.access import Least
from monitor.web.pages import Visit, VisitOf

PER_MINUTE, BURST = 30, 30  # of one key
LONGEST = 500  # characters of the header


class NeedsKey(Exception):
    """No key, none that is in use, or one that asks too often; `wait` is in seconds, 0 where it is none."""

    def __init__(self, wait: int = 0) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


class OrKey(Least):
    """A dependency: the visit of a viewer, or of a program with an API key."""

    async def __call__(self, request: Request, visit: VisitOf) -> Visit:
        """Raises NeedsKey for a program, NeedsSignIn for a browser."""
        given = request.headers.get("authorization", "")
        if visit.user is not None or (not given and _is_browser(request)):
            return await super().__call__(request, visit)
        key = _key(request, _secret(given))
        if key is None:
            raise NeedsKey
        wait = _buckets(request).wait(key.id, visit.app.clock().timestamp())
        if wait:
            raise NeedsKey(wait)
        return visit


FeedOf = Annotated[Visit, Depends(OrKey("viewer"))]


def _is_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _secret(header: str) -> str:
    """The key that an Authorization header holds; "" for none."""
    scheme, _, said = header[:LONGEST].partition(" ")
    if scheme.lower() == "bearer":
        return said.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        name, _, password = base64.b64decode(said, validate=True).decode().partition(":")
    except ValueError:
        return ""
    return password or name


def _key(request: Request, secret: str) -> ApiKey | None:
    if not secret:
        return None
    with reading(request.app.state.application.engine) as session:
        return find_key(session, secret)


def _buckets(request: Request) -> Buckets:
    state = request.app.state
    if not hasattr(state, "feed_buckets"):
        state.feed_buckets = Buckets(PER_MINUTE, BURST)
    buckets: Buckets = state.feed_buckets
    return buckets
