"""Problem details (RFC 9457): every refusal of the API is one, and none shows what went on inside."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from monitor.api.records import Problem, Wrong
from monitor.logs import get_logger

MEDIA_TYPE = "application/problem+json"
_log = get_logger(__name__)

_DETAIL = {
    404: "There is nothing at this address; /api/v1/ lists what there is.",
    405: "This address is only read: ask with GET.",
}
WRONG = "The request has something in it that cannot be used; `errors` says what."
BROKEN = "Something went wrong here; it was noted. Asking again later may help."


def problem(
    request: Request,
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Wrong] = (),
) -> Response:
    """An answer that says why there is none."""
    body = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=request.url.path,
        errors=list(errors),
    )
    told = {"Cache-Control": "no-store", **(headers or {})}
    return Response(body.model_dump_json(), status, told, MEDIA_TYPE)


def refused(request: Request, error: Exception) -> Response:
    """A refusal with a status: the framework's, or the gate's."""
    assert isinstance(error, HTTPException)
    plain = error.detail == HTTPStatus(error.status_code).phrase
    detail = _DETAIL.get(error.status_code, error.detail) if plain else error.detail
    return problem(request, error.status_code, detail, error.headers)


def invalid(request: Request, error: Exception) -> Response:
    """A parameter that is not what its description says."""
    assert isinstance(error, RequestValidationError)
    errors = [
        Wrong(where=".".join(str(part) for part in e["loc"]), problem=e["msg"])
        for e in error.errors()
    ]
    return problem(request, 422, WRONG, errors=errors)


def broken(request: Request, error: Exception) -> Response:
    """A bug: the traceback goes to the log."""
    _log.error("api_failed", path=request.url.path, exc_info=error)
    return problem(request, 500, BROKEN)
