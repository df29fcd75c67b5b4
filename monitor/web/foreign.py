"""Turns away, before anything reads it, what another site made a browser send, and what is too large.

Beside the form token this guards what has no session yet: the login form.
"""

from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

SAFE = ("GET", "HEAD", "OPTIONS")
LARGEST = 25 * 1024 * 1024  # bytes of a posted body; a readiness workbook has a tenth


def foreign(request: Request) -> Response | None:
    """The refusal, or None where the request may go on."""
    if request.method in SAFE:
        return None
    if not _ours(request):
        return PlainTextResponse("This was sent by another site.\n", 403)
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        if "transfer-encoding" not in request.headers:
            return None  # no body at all
        return PlainTextResponse("The length of the body is needed.\n", 411)
    return PlainTextResponse("This is too large.\n", 413) if int(length) > LARGEST else None


def _ours(request: Request) -> bool:
    """Whether one of our own pages sent it: the browser says so, or says nothing at all."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return True
    public = urlsplit(request.app.state.application.settings.public_address).netloc
    return urlsplit(origin).netloc in {request.headers.get("host", ""), public} - {""}
