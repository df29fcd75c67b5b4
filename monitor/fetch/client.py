"""Fetches documents: the only module that makes requests. Concurrent inside, synchronous outside.

Follows redirects one by one, so that every hop passes the address guard and waits its turn at its
host. Keeps no cookies, decides nothing about when to ask again, and stores nothing.
"""

import asyncio
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import perf_counter

import aiohttp
from yarl import URL

from monitor.clock import system_clock
from monitor.fetch.answer import BodyTooLarge, http_date, max_age_seconds, read_body
from monitor.fetch.answer import retry_after_seconds as parse_retry_after
from monitor.fetch.failures import (
    BAD_ADDRESS,
    Failure,
    blocked,
    failure_of_error,
    failure_of_status,
)
from monitor.fetch.guard import GuardedResolver, literal_is_blocked
from monitor.fetch.hosts import Turns
from monitor.fetch.results import (
    HARD,
    SOFT,
    FailReason,
    Fetched,
    FetchFailed,
    NotModified,
    Request,
    Result,
)
from monitor.logs import get_logger

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/rdf+xml, text/html;q=0.9, "
    "application/xml;q=0.9, */*;q=0.5"
)
_TEMPORARY, _PERMANENT = (302, 303, 307), (301, 308)
_CHUNK = 65_536
# Requests handed to the loop at once: many more than slots, so that the requests to one slow host do
# not keep those to other hosts from being seen.
_WINDOW = 512

_BUG = Failure(FailReason.INTERNAL_ERROR, SOFT, "an error in this program; see its log")

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may cost."""

    timeout_seconds: float = 30.0  # all hops together, without the wait for a turn
    connect_seconds: float = 10.0
    read_seconds: float = 20.0  # between two pieces of a body
    max_bytes: int = 10_000_000  # compressed and unfolded alike
    concurrency: int = 16
    per_host: int = 2
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class _Trail:
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


class Fetcher:
    """A pool of connections; a context manager. One thread at a time may use it.

    `hosts` sends a host name to an address and port of its own, past the address guard. Where
    `allow_private` is given, loopback and private networks may be asked, and names under .localhost.
    """

    def __init__(
        self,
        limits: Limits,
        user_agent: str,
        *,
        allow_private: bool = False,
        hosts: Mapping[str, tuple[str, int]] | None = None,
    ) -> None:
        self._limits = limits
        self._headers = {
            "User-Agent": user_agent,
            "Accept": _ACCEPT,
            "Accept-Encoding": "gzip, deflate",
        }
        self._allow_private = allow_private
        self._hosts = dict(hosts or {})
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop
        self._session: aiohttp.ClientSession
        self._stop: asyncio.Event

    def __enter__(self) -> "Fetcher":
        started: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(started,), name="fetch", daemon=True
        )
        self._thread.start()
        started.result()
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
            self._thread = None

    def fetch_all(self, requests: Iterable[Request]) -> Iterator[Result]:
        """Yield one result per request, as they come in; `result.request` tells which is which.

        `requests` is drawn from in the caller's thread while results are taken. Results not yet taken
        hold back further requests, so a slow caller does not fill the memory.
        """
        if self._thread is None:
            raise RuntimeError("a Fetcher is used inside its with block")
        turns = Turns(self._limits.concurrency, self._limits.per_host)
        outbox: asyncio.Queue[Result] = asyncio.Queue(self._limits.concurrency)
        waiting, open_requests = iter(requests), 0
        tasks: set[Future[None]] = set()
        try:
            while True:
                while open_requests < _WINDOW and (request := next(waiting, None)) is not None:
                    work = self._follow(request, turns, outbox)
                    task = asyncio.run_coroutine_threadsafe(work, self._loop)
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
                    open_requests += 1
                if not open_requests:
                    return
                yield asyncio.run_coroutine_threadsafe(outbox.get(), self._loop).result()
                open_requests -= 1
        finally:
            for task in list(tasks):
                task.cancel()

    # --- in the background thread ----------------------------------------------------------------

    def _run(self, started: "Future[None]") -> None:
        try:
            asyncio.run(self._serve(started))
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    async def _serve(self, started: "Future[None]") -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        # Names are looked up in threads; a few dead name servers must not hold up the other lookups.
        self._loop.set_default_executor(ThreadPoolExecutor(self._limits.concurrency))
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(self._hosts, allow_private=self._allow_private), limit=0
        )
        async with aiohttp.ClientSession(
            connector=connector,
            headers=self._headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        ) as self._session:
            started.set_result(None)
            await self._stop.wait()
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

    async def _follow(
        self, request: Request, turns: Turns, outbox: "asyncio.Queue[Result]"
    ) -> None:
        """Go from hop to hop; put exactly one result into `outbox`."""
        try:
            await self._walk(request, turns, outbox)
        except Exception:  # a bug: it must cost one result, not the batch
            _log.exception("fetch_internal_error", url=request.url)
            await outbox.put(_failed(request, _BUG))

    async def _walk(self, request: Request, turns: Turns, outbox: "asyncio.Queue[Result]") -> None:
        address = _address(request.url)
        if address is None:
            await outbox.put(_failed(request, BAD_ADDRESS))
            return
        trail = _Trail(address)
        while True:
            async with turns.at(trail.host):
                step = await self._step(request, trail)
                if not isinstance(step, _Trail):
                    # still holding the turn: a caller that takes no results holds back requests
                    await outbox.put(step)
                    return
            trail = step

    async def _step(self, request: Request, trail: _Trail) -> "Result | _Trail":
        """One hop: a result, or where a redirect leads."""
        if not self._allow_private and literal_is_blocked(trail.host):
            return _failed(request, blocked(trail.host))
        started = perf_counter()
        try:
            async with asyncio.timeout(self._limits.timeout_seconds - trail.seconds):
                return await self._ask(request, trail, started)
        except Exception as error:
            failure = failure_of_error(error, trail.host, self._limits.timeout_seconds)
            if failure is None:
                raise
            spent = trail.seconds + perf_counter() - started
            return replace(_failed(request, failure), milliseconds=round(spent * 1000))

    async def _ask(self, request: Request, trail: _Trail, started: float) -> "Result | _Trail":
        timeout = aiohttp.ClientTimeout(
            sock_connect=self._limits.connect_seconds, sock_read=self._limits.read_seconds
        )
        headers = _conditions(request) if trail.conditional else {}
        async with self._session.get(
            trail.url, headers=headers, allow_redirects=False, timeout=timeout
        ) as response:
            if response.status in _TEMPORARY + _PERMANENT:
                return self._redirected(request, trail, response, started)
            if response.status == 304 and headers:
                return _not_modified(request, trail, response, started)
            if not 200 <= response.status < 300:
                return _refused(request, trail, response, started)
            if (response.content_length or 0) > self._limits.max_bytes:
                raise BodyTooLarge
            encoding = response.headers.get("Content-Encoding", "")
            chunks = response.content.iter_chunked(_CHUNK)
            body = await read_body(chunks, encoding, self._limits.max_bytes)
            return _fetched(request, trail, response, started, body)

    def _redirected(
        self, request: Request, trail: _Trail, response: aiohttp.ClientResponse, started: float
    ) -> "FetchFailed | _Trail":
        target = _address(response.headers.get("Location", ""), base=trail.url)
        if target is None:
            failure = Failure(
                FailReason.BAD_ADDRESS, HARD, f"{trail.host} redirects to no valid web address"
            )
            return _failed(request, failure, status=response.status)
        if trail.hops >= self._limits.redirects:
            failure = Failure(
                FailReason.TOO_MANY_REDIRECTS, HARD, f"{trail.host} redirects again and again"
            )
            return _failed(request, failure, status=response.status)
        permanent = trail.all_permanent and response.status in _PERMANENT
        return _Trail(
            url=target,
            hops=trail.hops + 1,
            moved=str(target) if permanent else trail.moved,
            all_permanent=permanent,
            conditional=trail.conditional and target.host == trail.url.host,
            seconds=trail.seconds + perf_counter() - started,
        )


def _address(text: str, base: URL | None = None) -> URL | None:
    """The web address `text`, relative to `base` where given, without fragment; else None."""
    try:
        url = URL(text.strip())
        if base is not None and text.strip():
            url = base.join(url)
        usable = url.scheme in ("http", "https") and bool(url.host) and url.port is not None
        return url.with_fragment(None) if usable else None
    except ValueError:
        return None


def _conditions(request: Request) -> dict[str, str]:
    given = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    return {name: value for name, value in given.items() if value}


def _validator(response: aiohttp.ClientResponse, name: str) -> str | None:
    # Bytes that are not UTF-8 come as lone surrogates, which no store takes; such a validator is none.
    value = response.headers.get(name)
    return value if value is None or value.isprintable() else None


def _milliseconds(trail: _Trail, started: float) -> int:
    return round((trail.seconds + perf_counter() - started) * 1000)


def _failed(request: Request, failure: Failure, status: int | None = None) -> FetchFailed:
    return FetchFailed(request, failure.reason, failure.weight, failure.detail, status)


def _refused(
    request: Request, trail: _Trail, response: aiohttp.ClientResponse, started: float
) -> FetchFailed:
    # A date in Retry-After is on the server's clock, which its Date header shows.
    now = http_date(response.headers.get("Date")) or system_clock()
    return replace(
        _failed(request, failure_of_status(response.status, trail.host), response.status),
        retry_after_seconds=parse_retry_after(response.headers.get("Retry-After"), now),
        milliseconds=_milliseconds(trail, started),
    )


def _not_modified(
    request: Request, trail: _Trail, response: aiohttp.ClientResponse, started: float
) -> NotModified:
    return NotModified(
        request=request,
        url=str(trail.url),
        status=response.status,
        etag=_validator(response, "ETag"),
        last_modified=_validator(response, "Last-Modified"),
        moved_permanently_to=trail.moved,
        milliseconds=_milliseconds(trail, started),
        max_age_seconds=max_age_seconds(response.headers.get("Cache-Control")),
    )


def _fetched(
    request: Request, trail: _Trail, response: aiohttp.ClientResponse, started: float, body: bytes
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
        max_age_seconds=max_age_seconds(response.headers.get("Cache-Control")),
    )
