"""The web application: routes, static files, headers, and what is shown when something is missing.

Read-only. No rule is decided here.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy import text
from starlette.exceptions import HTTPException

from monitor.api.app import PREFIX, make_api
from monitor.charts import stylesheet
from monitor.db.engine import reading
from monitor.logs import get_logger
from monitor.web import (
    routes_feeds,
    routes_overview,
    routes_readiness,
    routes_region,
    routes_summary,
)
from monitor.web.pages import HERE, Missing, page, visit_of

if TYPE_CHECKING:
    from monitor.app import App

_log = get_logger(__name__)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def make_web(app: "App") -> FastAPI:
    """The web application over `app`."""
    web = FastAPI(title="tilannekuva", docs_url=None, redoc_url=None, openapi_url=None)
    web.state.application = app
    for routes in (
        routes_overview, routes_region, routes_readiness, routes_feeds, routes_summary,
    ):  # fmt: skip
        web.include_router(routes.router)
    web.add_api_route("/healthz", health, include_in_schema=False)
    web.add_api_route("/static/charts.css", charts_css, include_in_schema=False)
    web.add_api_route("/favicon.ico", icon, include_in_schema=False)
    web.mount(PREFIX, make_api(app), name="api")
    web.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    web.middleware("http")(secure)
    web.add_exception_handler(Missing, missing)
    web.add_exception_handler(HTTPException, refused)
    web.add_exception_handler(Exception, broken)
    return web


def health(request: Request) -> PlainTextResponse:
    """Whether the store answers. Raises where it does not."""
    with reading(request.app.state.application.engine) as session:
        session.connection().execute(text("SELECT 1"))
    return PlainTextResponse("ok\n")


def charts_css() -> Response:
    """The charts' classes; the weekly summary carries the same ones inside."""
    return Response(stylesheet(), media_type="text/css")


def icon() -> FileResponse:
    """For pages that name no icon of their own, such as a weekly summary."""
    return FileResponse(HERE / "static" / "icon.svg")


async def secure(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Headers of every answer; a page's own, such as its content policy, stand."""
    response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.headers.get("content-type", "").startswith("text/html"):
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["Vary"] = "Cookie"
    return response


def missing(request: Request, error: Exception) -> HTMLResponse:
    """The page for an address that names nothing."""
    assert isinstance(error, Missing)
    said = {"what": error.what, "name": error.name}
    return page(visit_of(request), "missing.html", status=404, **said)


def refused(request: Request, error: Exception) -> Response:
    """A refusal of the framework: an unknown address gets the same page."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return missing(request, Missing("page"))
    return PlainTextResponse(f"{error.detail}\n", error.status_code, error.headers)


def broken(request: Request, error: Exception) -> HTMLResponse:
    """A bug: the traceback goes to the log, a sentence to the reader."""
    _log.error("page_failed", path=request.url.path, exc_info=error)
    return page(visit_of(request), "broken.html", status=500)
