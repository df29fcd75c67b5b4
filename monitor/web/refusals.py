"""What is shown when a page cannot be: not found, not for this reader, signed out, broken.

A page gets a page, a script that asked for JSON gets JSON.
"""

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException

from monitor.logs import get_logger
from monitor.web.access import SAFE, NeedsSignIn, Refused, form_of
from monitor.web.feed_keys import NeedsKey
from monitor.web.pages import Missing, page, url, visit_of
from monitor.web.resume import kept_fields

_log = get_logger(__name__)


def add_refusals(web: FastAPI) -> None:
    """Teach `web` to answer them."""
    web.add_exception_handler(Missing, missing)
    web.add_exception_handler(NeedsSignIn, needs_sign_in)
    web.add_exception_handler(NeedsKey, needs_key)
    web.add_exception_handler(Refused, refused)
    web.add_exception_handler(HTTPException, other)
    web.add_exception_handler(Exception, broken)


def missing(request: Request, error: Exception) -> Response:
    """The page for an address that names nothing."""
    assert isinstance(error, Missing)
    said = {"what": error.what, "name": error.name}
    return page(visit_of(request), "missing.html", status=404, **said)


async def needs_sign_in(request: Request, error: Exception) -> Response:
    """To the login page and back. A posted form waits there: nothing typed is lost."""
    if wants_json(request):
        return JSONResponse({"error": "signed_out", "login": "/login"}, 401)
    if request.method in SAFE:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(url("/login", next=None if path == "/" else path), 303)
    kept = kept_fields(request.url.path, await form_of(request))
    return page(visit_of(request), "login.html", status=401, **login_values(kept=kept))


def needs_key(request: Request, error: Exception) -> Response:
    """A feed reader is asked for a key, as it expects; one that asks too often is told until when."""
    assert isinstance(error, NeedsKey)
    if error.wait:
        told = {"Retry-After": str(error.wait)}
        return PlainTextResponse("This key asks too often.\n", 429, told)
    told = {"WWW-Authenticate": 'Basic realm="tilannekuva", charset="UTF-8"'}
    return PlainTextResponse("A key is needed: as the password, under any name.\n", 401, told)


def login_values(
    *, kept: str = "", following: str = "/", problem: str = "", name: str = ""
) -> dict[str, Any]:
    """What the login page shows: the posted form that waits, where to go then, what went wrong."""
    return {"kept": kept, "following": following, "problem": problem, "name": name}


def refused(request: Request, error: Exception) -> Response:
    """Not for this role, or a form that is not of this session."""
    assert isinstance(error, Refused)
    if wants_json(request):
        return JSONResponse({"error": error.why, "least": error.least}, 403)
    said = {"why": error.why, "least": error.least}
    return page(visit_of(request), "refused.html", status=403, **said)


def other(request: Request, error: Exception) -> Response:
    """A refusal of the framework: an unknown address gets the same page."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return missing(request, Missing("page"))
    return PlainTextResponse(f"{error.detail}\n", error.status_code, error.headers)


def broken(request: Request, error: Exception) -> Response:
    """A bug: the traceback goes to the log, a sentence to the reader."""
    _log.error("page_failed", path=request.url.path, exc_info=error)
    return page(visit_of(request), "broken.html", status=500)


def wants_json(request: Request) -> bool:
    """Whether a script asks that reads JSON."""
    return "application/json" in request.headers.get("accept", "")
