"""The web application: routes, static files, headers, and what is shown when something is missing.

No rule is decided here.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy import text

from monitor.api.app import PREFIX, make_api
from monitor.charts import stylesheet
from monitor.db.engine import reading
from monitor.web import (
    routes_about,
    routes_admin,
    routes_alerts,
    routes_articles,
    routes_compare,
    routes_drift,
    routes_edit,
    routes_feeds,
    routes_import,
    routes_jobs,
    routes_labels,
    routes_method,
    routes_models,
    routes_overview,
    routes_people,
    routes_readiness,
    routes_region,
    routes_regions,
    routes_review,
    routes_summary,
    routes_support,
    routes_topics,
)
from monitor.web.access import least_role
from monitor.web.cookies import is_https
from monitor.web.foreign import foreign
from monitor.web.menu import Menu
from monitor.web.pages import HERE
from monitor.web.refusals import add_refusals

if TYPE_CHECKING:
    from monitor.app import App

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
YEAR_SECONDS = 365 * 24 * 3600

# A fixed address stands before one with a place in it: /regions before /regions/{code}.
ROUTES = (
    routes_overview,
    routes_people,
    routes_admin,
    routes_alerts,
    routes_articles,
    routes_feeds,
    routes_import,
    routes_about,
    routes_method,
    routes_edit,
    routes_jobs,
    routes_labels,
    routes_compare,
    routes_drift,
    routes_models,
    routes_readiness,
    routes_regions,
    routes_region,
    routes_review,
    routes_summary,
    routes_support,
    routes_topics,
)


def make_web(app: "App") -> FastAPI:
    """The web application over `app`."""
    web = FastAPI(title="tilannekuva", docs_url=None, redoc_url=None, openapi_url=None)
    web.state.application = app
    for routes in ROUTES:
        web.include_router(routes.router)
    web.state.menu = Menu(
        {r.path: least_role(r) for m in ROUTES for r in m.router.routes if "GET" in r.methods}
    )
    web.add_api_route("/healthz", health, include_in_schema=False)
    web.add_api_route("/static/charts.css", charts_css, include_in_schema=False)
    web.add_api_route("/favicon.ico", icon, include_in_schema=False)
    web.mount(PREFIX, make_api(app), name="api")
    web.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    web.middleware("http")(secure)
    add_refusals(web)
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
    """Turns away what another site sent or what is too large; then the headers of every answer. A
    page's own, such as its content policy, stand."""
    response = foreign(request) or await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if is_https(request):
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}"
    if not request.url.path.startswith(("/static/", PREFIX, "/favicon.ico")):
        # what a page shows depends on who asks; nothing between us and the reader may keep it
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers["Vary"] = "Cookie"
    return response
