"""The API's application: its addresses, their description, and how an answer is given.

Read-only, mounted under /api/v1 by the web's server. Every answer has an ETag; every refusal is a problem
document. No rule is decided here.
"""

import json
import time
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from monitor.api import problems, records
from monitor.api.filters import (
    FILTERS,
    WEEK_PATTERN,
    Asked,
    Lang,
    export_parameters,
    page_parameters,
)
from monitor.api.gate import CSV, JSON, Exporter, Reader, reader, require
from monitor.api.limits import Buckets
from monitor.api.read import codes, read, summary
from monitor.api.records import PAGES, SCHEMA_VERSION, Kind
from monitor.api.tables import to_csv
from monitor.db.engine import reading
from monitor.summary.schema import file_name, schema_text

if TYPE_CHECKING:
    from monitor.app import App

PREFIX = "/api/v1"
ABOUT = """What the weekly situation summary is made of, for programs: signals, stories, scores,
readiness, coverage, alerts and summaries of Finland's wellbeing services counties.

Every answer carries its denominators (`weeks`, `exposure`, counts), the lines that the sources' licences
ask for (`attribution`) and `schema_version`. A number that cannot be given is null with its reasons,
never a zero. Version 1 only grows: fields are added, none is taken away."""
SAYS = {
    "signals": "What was heard of every region and topic in a week: counts, exposure, pressure, interval",
    "stories": "Stories with their outlets, headlines and links",
    "scores": "Readiness, media pressure and combined risk of regions and roadmap groups",
    "readiness": "Readiness gaps and the components that they rest on",
    "coverage": "Whether each region could have been heard",
    "alerts": "Regions and topics that stand above what their past predicts, with every parameter",
    "summaries": "Versions of the weekly situation summary",
}
_SUMMARY = "One week's summary with its frozen numbers"


def make_api(app: "App", ticks: Callable[[], float] = time.monotonic) -> FastAPI:
    """The API over `app`. `ticks` is what rate limits are measured by, in seconds."""
    api = FastAPI(
        title="Tilannekuva",
        description=ABOUT,
        version=f"1.{SCHEMA_VERSION}",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        responses=_refusals(422, 406, 500),
    )
    api.state.application = app
    api.state.ticks = ticks
    api.state.buckets = Buckets(app.settings.api_requests_per_minute, app.settings.api_burst)
    api.add_api_route("/", index, response_model=records.Index, summary="Where to go on")
    api.add_api_route("/openapi.json", _openapi(api), include_in_schema=False)
    api.add_api_route(
        "/codes",
        code_list,
        response_model=records.Codes,
        summary="What the codes mean",
        dependencies=[Depends(reader)],
        responses=_refusals(401, 429),
    )
    for kind in FILTERS:
        _add_lists(api, kind, app)
    api.add_api_route(
        "/summaries/{week}",
        one_summary,
        response_model=records.Summary,
        summary=_SUMMARY,
        responses=_refusals(401, 404, 429),
    )
    api.add_api_route("/schemas/{name}", summary_schema, include_in_schema=False)
    api.add_exception_handler(HTTPException, problems.refused)
    api.add_exception_handler(RequestValidationError, problems.invalid)
    api.add_exception_handler(Exception, problems.broken)
    return api


def _refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    said = {
        401: "No key, or none that is in use",
        403: "A key of another role",
        404: "Nothing there",
        406: "Another media type is asked for",
        422: "A parameter that cannot be used",
        429: "Too many requests of this key; Retry-After says when",
        500: "A mistake of the program",
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": said[status], "content": {problems.MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def _openapi(api: FastAPI) -> Callable[[Request], Response]:
    """The document's route. It says nothing that a key protects."""

    def openapi(request: Request) -> Response:
        require(request, JSON)
        if api.openapi_schema is None:
            api.openapi_schema = document(api)
        return answer(request, _Raw(api.openapi_schema))

    return openapi


def document(api: FastAPI) -> dict[str, Any]:
    """The OpenAPI document."""
    made = get_openapi(
        title=api.title,
        version=api.version,
        description=api.description,
        routes=api.routes,
        servers=[{"url": PREFIX}],
    )
    problem = records.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = made["components"]["schemas"]
    schemas |= problem.pop("$defs") | {"Problem": problem}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return made


class _Raw:
    """A document that is JSON already."""

    def __init__(self, value: dict[str, Any]) -> None:
        self._value = value

    def model_dump_json(self) -> str:
        return json.dumps(self._value, ensure_ascii=False)


# --- answers -------------------------------------------------------------------------------------


def answer(request: Request, body: BaseModel | _Raw) -> Response:
    """`body` as JSON, or 304 where the program has it already."""
    return tagged(request, body.model_dump_json().encode(), JSON)


def tagged(request: Request, data: bytes, media: str, **headers: str) -> Response:
    """`data` with its ETag, or 304 without it."""
    tag = f'"{sha256(data).hexdigest()[:32]}"'
    told = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=told)
    return Response(data, headers=told | headers, media_type=media)


def _has(header: str, tag: str) -> bool:
    """Whether If-None-Match names `tag`, weakly compared (RFC 9110)."""
    named = [one.strip().removeprefix("W/") for one in header.split(",")]
    return tag in named or header.strip() == "*"


def index(request: Request) -> Response:
    """An index with links; needs no key."""
    require(request, JSON)
    links = {name: f"{PREFIX}/{name}" for name in ("openapi.json", "codes", *FILTERS)}
    return answer(request, records.Index(title="Tilannekuva", links=links))


def code_list(request: Request) -> Response:
    """Regions, roadmap groups and topics with their official names."""
    require(request, JSON)
    return answer(request, codes(request.app.state.application.reference))


def _add_lists(api: FastAPI, kind: Kind, app: "App") -> None:
    """The list of `kind`, and the whole of it."""
    routes: tuple[tuple[str, Callable[..., Response], Any], ...] = (
        (f"/{kind}", _listed(kind), page_parameters(kind, app.reference)),
        (f"/export/{kind}", _exported(kind), export_parameters(kind, app.reference)),
    )
    for path, route, parameters in routes:
        whole = path.startswith("/export")
        # made from the label definitions, so that the document names the very codes
        route.__annotations__["asked"] = Annotated[parameters, Query()]
        api.add_api_route(
            path,
            route,
            response_model=PAGES[kind],
            name=f"{kind}_export" if whole else kind,
            summary=SAYS[kind] + (", whole" if whole else ""),
            responses=_refusals(401, 429) | (_whole() if whole else {}),
        )


def _whole() -> dict[int | str, dict[str, Any]]:
    csv = {"schema": {"type": "string"}}
    return {**_refusals(403), 200: {"content": {CSV: csv}}}


def _listed(kind: Kind) -> Callable[..., Response]:
    def page(request: Request, key: Reader, asked: Asked) -> Response:
        require(request, JSON)
        app: App = request.app.state.application
        with reading(app.engine) as session:
            selection = asked.selection(drafts=key.role == "export")
            found = read(session, kind, selection, app.reference)
        link = _next(request, found.cursor) if found.cursor else None
        return answer(request, found.page.model_copy(update={"next": link}))

    return page


def _next(request: Request, cursor: str) -> str:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    path = request.url.path.removeprefix(PREFIX)
    return f"{PREFIX}{path}?{urlencode([*kept, ('cursor', cursor)])}"


def _exported(kind: Kind) -> Callable[..., Response]:
    def whole(request: Request, key: Exporter, asked: Asked) -> Response:
        csv = getattr(asked, "format", "json") == "csv"
        require(request, CSV if csv else JSON)
        app: App = request.app.state.application
        with reading(app.engine) as session:
            page = read(session, kind, asked.selection(drafts=True), app.reference).page
        if not csv:
            return answer(request, page)
        name = f'attachment; filename="{kind}.csv"'
        data = to_csv(page).encode()
        return tagged(request, data, CSV, **{"Content-Disposition": name})

    return whole


class _One(BaseModel):
    """Parameters of one summary."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(
        None, ge=1, le=1_000_000, description="Of this week; the newest otherwise."
    )
    lang: Lang = Field("fi", description="Language of the attribution lines.")


def summary_schema(name: str) -> Response:
    """The JSON Schema of weekly summaries as they are written now; open to everybody."""
    if name != file_name():
        raise HTTPException(404, f"There is no schema {name} here; older ones are in docs/schema.")
    return Response(schema_text(), media_type="application/schema+json")


def one_summary(
    request: Request,
    key: Reader,
    week: Annotated[str, Path(pattern=WEEK_PATTERN, examples=["2026-W46"])],
    asked: Annotated[_One, Query()],
) -> Response:
    """The newest published version, or the one named. Drafts need a key of the role export."""
    require(request, JSON)
    app: App = request.app.state.application
    with reading(app.engine) as session:
        found = summary(session, week, asked.version, key.role == "export", asked.lang)
    if found is None:
        raise HTTPException(404, f"There is no such summary of {week}.")
    return answer(request, found)
