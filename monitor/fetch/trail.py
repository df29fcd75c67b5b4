"""Where a request has come to, and the results made of what was answered there. Sends nothing."""

from dataclasses import dataclass, replace
from time import perf_counter

import aiohttp
from yarl import URL

from monitor.clock import system_clock
from monitor.fetch.answer import http_date, max_age_seconds
from monitor.fetch.answer import retry_after_seconds as parse_retry_after
from monitor.fetch.failures import Failure, failure_of_status
from monitor.fetch.results import HARD, FailReason, Fetched, FetchFailed, NotModified, Request
from monitor.values import Permission


@dataclass(frozen=True, slots=True)
class Trail:
    """Where a request has come to."""

    url: URL
    hops: int = 0  # redirects followed
    moved: str | None = None  # end of the unbroken run of permanent redirects
    all_permanent: bool = True
    conditional: bool = True  # validators belong to the host that gave them
    seconds: float = 0.0  # spent on the wire

    @property
    def host(self) -> str:
        return self.url.host or ""


def address_of(text: str, base: URL | None = None) -> URL | None:
    """The web address `text`, relative to `base` where given, without fragment; else None."""
    try:
        url = URL(text.strip())
        if base is not None and text.strip():
            url = base.join(url)
        usable = url.scheme in ("http", "https") and bool(url.raw_host) and url.port is not None
        return url.with_fragment(None) if usable else None
    except ValueError:
        return None


def conditions(request: Request) -> dict[str, str]:
    given = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    return {name: value for name, value in given.items() if value}


def _validator(response: aiohttp.ClientResponse, name: str) -> str | None:
    # Bytes that are not UTF-8 come as lone surrogates, which no store takes; such a validator is none.
    value = response.headers.get(name)
    return value if value is None or value.isprintable() else None


def _milliseconds(trail: Trail, started: float) -> int:
    return round((trail.seconds + perf_counter() - started) * 1000)


def failed(request: Request, failure: Failure, status: int | None = None) -> FetchFailed:
    return FetchFailed(request, failure.reason, failure.weight, failure.detail, status)


def _max_age(response: aiohttp.ClientResponse) -> int | None:
    get = response.headers.get
    return max_age_seconds(get("Cache-Control"), get("Expires"), get("Date"))


def reserved(answer: Fetched | NotModified, said: Permission, host: str) -> FetchFailed:
    """An answer that may not be used: its body is dropped here."""
    failure = Failure(FailReason.NOT_ALLOWED, HARD, f"{host} does not allow text mining ({said})")
    return replace(
        failed(answer.request, failure, answer.status),
        milliseconds=answer.milliseconds,
        permission=said,
    )


def refused(
    request: Request, trail: Trail, response: aiohttp.ClientResponse, started: float
) -> FetchFailed:
    # A date in Retry-After is on the server's clock, which its Date header shows.
    now = http_date(response.headers.get("Date")) or system_clock()
    return replace(
        failed(request, failure_of_status(response.status, trail.host), response.status),
        retry_after_seconds=parse_retry_after(response.headers.get("Retry-After"), now),
        milliseconds=_milliseconds(trail, started),
    )


def not_modified(
    request: Request,
    trail: Trail,
    response: aiohttp.ClientResponse,
    started: float,
    said: Permission,
) -> NotModified:
    return NotModified(
        request=request,
        url=str(trail.url),
        status=response.status,
        etag=_validator(response, "ETag"),
        last_modified=_validator(response, "Last-Modified"),
        moved_permanently_to=trail.moved,
        milliseconds=_milliseconds(trail, started),
        max_age_seconds=_max_age(response),
        permission=said,
    )


def fetched_of(
    request: Request,
    trail: Trail,
    response: aiohttp.ClientResponse,
    started: float,
    body: bytes,
    said: Permission,
) -> Fetched:
    stated = "Content-Type" in response.headers
    return Fetched(
        request=request,
        url=str(trail.url),
        status=response.status,
        body=body,
        content_type=response.content_type.lower() if stated else None,
        charset=response.charset if stated else None,
        etag=_validator(response, "ETag"),
        last_modified=_validator(response, "Last-Modified"),
        moved_permanently_to=trail.moved,
        milliseconds=_milliseconds(trail, started),
        max_age_seconds=_max_age(response),
        permission=said,
    )
