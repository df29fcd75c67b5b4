"""Who may ask, how often, and in which media type: what every request passes before it is read."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from monitor.db.engine import reading
from monitor.db.keys import ApiKey, find_key

JSON = "application/json"
CSV = "text/csv"

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="A key made with `tilannekuva keys add`, as `Authorization: Bearer tk_...`.",
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


def reader(request: Request, credentials: Credentials) -> ApiKey:
    """The key of the request, within its rate. Raises HTTPException 401 or 429."""
    if credentials is None:
        raise HTTPException(401, "A key is needed.", {"WWW-Authenticate": 'Bearer realm="api"'})
    with reading(request.app.state.application.engine) as session:
        key = find_key(session, credentials.credentials)
    if key is None:
        told = {"WWW-Authenticate": 'Bearer realm="api", error="invalid_token"'}
        raise HTTPException(401, "This key is not known, or it was revoked.", told)
    state = request.app.state
    wait = state.buckets.wait(key.id, state.ticks())
    if wait:
        detail = f"This key asks too often; it may ask again in {wait} s."
        raise HTTPException(429, detail, {"Retry-After": str(wait)})
    return key


Reader = Annotated[ApiKey, Depends(reader)]


def exporter(key: Reader) -> ApiKey:
    """The key, where its role is export. Raises HTTPException 403."""
    if key.role != "export":
        raise HTTPException(403, "This needs a key of the role export.")
    return key


Exporter = Annotated[ApiKey, Depends(exporter)]


def require(request: Request, media: str) -> None:
    """Raises HTTPException 406 where the request does not accept `media`."""
    if not accepts(",".join(request.headers.getlist("accept")), media):
        raise HTTPException(406, f"This is given as {media} only.")


def accepts(header: str, media: str) -> bool:
    """Whether an Accept header takes `media`: the most specific range that names it decides (RFC 9110).

    No header, or an empty one, takes everything.
    """
    ranges = dict(_ranges(header))
    if not ranges:
        return True
    for name in (media, media.split("/")[0] + "/*", "*/*"):
        if name in ranges:
            return ranges[name] > 0
    return False


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if name:
            yield name, next((_quality(p) for p in parameters if p.startswith("q=")), 1.0)


def _quality(parameter: str) -> float:
    try:
        return float(parameter.removeprefix("q="))
    except ValueError:
        return 1.0
