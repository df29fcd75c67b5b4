"""Turns away, before anything reads it, what another site made a browser send, what is too large, and
addresses that name nothing in any store.

Beside the form token this guards what has no session yet: the login form.
"""

import re
from urllib.parse import unquote, urlsplit

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

SAFE = ("GET", "HEAD", "OPTIONS")
LARGEST = 25 * 1024 * 1024  # bytes of a posted file; a readiness workbook has a tenth
LARGEST_FORM = 2 * 1024 * 1024  # bytes of any other body; the longest text we take is a codebook's
UPLOAD = "/readiness/import"
LONGEST_ADDRESS = 8000  # characters of path and query
LARGEST_NUMBER = 2**31 - 1  # in the store

_NUMBER = re.compile(r"/(\d{10,})(?=[/.]|$)")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def foreign(request: Request) -> Response | None:
    """The refusal, or None where the request may go on."""
    if _names_nothing(request):
        return PlainTextResponse("There is no such page.\n", 404)
    if request.method in SAFE:
        return None
    if not _ours(request):
        return PlainTextResponse("This was sent by another site.\n", 403)
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        if "transfer-encoding" not in request.headers:
            return None  # no body at all
        return PlainTextResponse("The length of the body is needed.\n", 411)
    most = LARGEST if request.url.path == UPLOAD else LARGEST_FORM
    return PlainTextResponse("This is too large.\n", 413) if int(length[:20]) > most else None


def _names_nothing(request: Request) -> bool:
    """Whether the address holds what no page's does: control characters, numbers larger than the store's."""
    path, query = request.url.path, request.url.query
    if len(path) + len(query) > LONGEST_ADDRESS:
        return True
    if _CONTROL.search(unquote(path)) or _CONTROL.search(unquote(query)):
        return True
    return any(int(found) > LARGEST_NUMBER for found in _NUMBER.findall(path))


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
