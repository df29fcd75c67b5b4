"""Fetches documents: the only module that makes requests. Concurrent inside, synchronous outside.

Follows redirects one by one, so that every hop passes the address guard and waits its turn at its
host. Keeps no cookies, decides nothing about when to ask again, and stores nothing.
"""

import asyncio
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter

import aiohttp
from yarl import URL

from monitor.clock import Clock, system_clock
from monitor.fetch.answer import BodyTooLarge, BrokenBody, read_body, read_start
from monitor.fetch.exchange import Exchange
from monitor.fetch.failures import (
    BAD_ADDRESS,
    Failure,
    blocked,
    failure_of_error,
)
from monitor.fetch.guard import GuardedResolver, literal_is_blocked
from monitor.fetch.hosts import Paces, Turns
from monitor.fetch.permission import of_headers, of_page, same_site
from monitor.fetch.permits import Permits, SiteBook, Small
from monitor.fetch.results import (
    HARD,
    SOFT,
    FailReason,
    Fetched,
    FetchFailed,
    Request,
    Result,
)
from monitor.fetch.trail import (
    Trail,
    address_of,
    conditions,
    failed,
    fetched_of,
    not_modified,
    refused,
    reserved,
)
from monitor.logs import get_logger
from monitor.values import Permission

_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/rdf+xml, text/html;q=0.9, "
    "application/xml;q=0.9, */*;q=0.5"
)
_PAGES = (None, "text/html", "application/xhtml+xml")
_TEMPORARY, _PERMANENT = (302, 303, 307), (301, 308)
_CHUNK = 65_536

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
    spacing_seconds: float = 0.0  # between the beginnings of two requests to one host
    redirects: int = 5


class Fetcher:
    """A pool of connections; a context manager. One thread at a time may use it.

    `hosts` sends a host name to an address and port of its own, past the address guard. Where
    `allow_private` is given, loopback and private networks may be asked, and names under .localhost.
    With a `book`, robots.txt and text-mining reservations are honoured as they stand at `clock`;
    without one nobody is asked for permission.
    """

    def __init__(
        self,
        limits: Limits,
        user_agent: str,
        *,
        allow_private: bool = False,
        hosts: Mapping[str, tuple[str, int]] | None = None,
        book: SiteBook | None = None,
        clock: Clock = system_clock,
        paces: Paces | None = None,
    ) -> None:
        self._limits = limits
        self._paces = Paces() if paces is None else paces
        self._book, self._clock = book, clock
        self._token = user_agent.partition("/")[0].strip().lower()
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
        limits = self._limits
        # where names are sent to a captured site there is no publisher's server to spare
        spacing = 0.0 if self._hosts else limits.spacing_seconds
        turns = Turns(limits.concurrency, limits.per_host, spacing, self._paces)
        exchange = Exchange(self._loop)
        follow = partial(self._follow, turns=turns, permits=self._permits(), exchange=exchange)
        return exchange.over(requests, follow)

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
        with ThreadPoolExecutor(1, "sites") as self._clerk:
            await self._with_session(connector, started)

    async def _with_session(self, connector: aiohttp.TCPConnector, started: "Future[None]") -> None:
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
        self, request: Request, *, turns: Turns, permits: Permits | None, exchange: Exchange
    ) -> None:
        """Go from hop to hop; hand over exactly one result."""
        try:
            await self._walk(request, turns, permits, exchange)
        except Exception:  # a bug: it must cost one result, not the batch
            _log.exception("fetch_internal_error", url=request.url)
            await exchange.put(failed(request, _BUG))

    async def _walk(
        self,
        request: Request,
        turns: Turns,
        permits: Permits | None,
        exchange: Exchange,
    ) -> None:
        address = address_of(request.url)
        if address is None:
            await exchange.put(failed(request, BAD_ADDRESS))
            return
        trail = Trail(address)
        while True:
            host = trail.url.raw_host or ""
            async with turns.at(host) as kept:
                delay = await self._delay(request, trail, permits)
                if delay > kept:  # the turn was taken before robots.txt was read
                    turns.slow(host, delay)
                    continue
                step = await self._permitted(request, trail, permits)
                if not isinstance(step, Trail):
                    # still holding the turn: a caller that takes no results holds back requests
                    await exchange.put(step)
                    return
            trail = step

    async def _delay(self, request: Request, trail: Trail, permits: Permits | None) -> float:
        """Seconds that the host's robots.txt asks to keep between requests; 0 where nobody asks it."""
        if permits is None or self._hosts or self._covered(request, trail):
            return 0.0
        return await permits.delay(trail.url)

    @staticmethod
    def _covered(request: Request, trail: Trail) -> bool:
        """Whether the agreement of the request holds for this hop."""
        return bool(request.agreement) and same_site(trail.host, URL(request.url).host or "")

    async def _permitted(
        self, request: Request, trail: Trail, permits: Permits | None
    ) -> "Result | Trail":
        """One hop, if the site permits it; the result carries what said so."""
        covered = self._covered(request, trail)
        if permits is not None and not covered:
            refusal = await permits.refusal(trail.url)
            if refusal is not None:
                return replace(failed(request, refusal.failure), permission=refusal.permission)
        step = await self._step(request, trail)
        if isinstance(step, Trail | FetchFailed):
            return step
        if permits is None or covered:
            return replace(step, permission=Permission.AGREEMENT if covered else None)
        said = step.permission or Permission.ALLOWED
        if isinstance(step, Fetched) and step.content_type in _PAGES:
            said = of_page(step.body, said, self._token)
        return replace(step, permission=said) if said.may else reserved(step, said, trail.host)

    async def _step(self, request: Request, trail: Trail) -> "Result | Trail":
        """One hop: a result, or where a redirect leads."""
        if not self._allow_private and literal_is_blocked(trail.url.raw_host or ""):
            return failed(request, blocked(trail.host))
        started = perf_counter()
        try:
            async with asyncio.timeout(self._limits.timeout_seconds - trail.seconds):
                return await self._ask(request, trail, started)
        except Exception as error:
            failure = failure_of_error(error, trail.host, self._limits.timeout_seconds)
            if failure is None:
                raise
            spent = trail.seconds + perf_counter() - started
            return replace(failed(request, failure), milliseconds=round(spent * 1000))

    async def _ask(self, request: Request, trail: Trail, started: float) -> "Result | Trail":
        method, headers = _method(request, trail)
        async with self._session.request(
            method,
            trail.url,
            data=request.query,
            headers=headers,
            allow_redirects=False,
            timeout=self._timeout(),
        ) as response:
            if response.status in _TEMPORARY + _PERMANENT:
                return self._redirected(request, trail, response, started)
            if response.status == 304 and headers:
                return not_modified(request, trail, response, started, self._said(response))
            if not 200 <= response.status < 300:
                return refused(request, trail, response, started)
            if (response.content_length or 0) > self._limits.max_bytes:
                raise BodyTooLarge
            encoding = response.headers.get("Content-Encoding", "")
            chunks = response.content.iter_chunked(_CHUNK)
            body = await read_body(chunks, encoding, self._limits.max_bytes)
            return fetched_of(request, trail, response, started, body, self._said(response))

    def _timeout(self) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(
            sock_connect=self._limits.connect_seconds, sock_read=self._limits.read_seconds
        )

    def _redirected(
        self, request: Request, trail: Trail, response: aiohttp.ClientResponse, started: float
    ) -> "FetchFailed | Trail":
        target = address_of(response.headers.get("Location", ""), base=trail.url)
        if target is None:
            failure = Failure(
                FailReason.BAD_ADDRESS, HARD, f"{trail.host} redirects to no valid web address"
            )
            return failed(request, failure, status=response.status)
        if trail.hops >= self._limits.redirects:
            failure = Failure(
                FailReason.TOO_MANY_REDIRECTS, HARD, f"{trail.host} redirects again and again"
            )
            return failed(request, failure, status=response.status)
        permanent = trail.all_permanent and response.status in _PERMANENT
        return Trail(
            url=target,
            hops=trail.hops + 1,
            moved=str(target) if permanent else trail.moved,
            all_permanent=permanent,
            conditional=trail.conditional and target.host == trail.url.host,
            seconds=trail.seconds + perf_counter() - started,
        )

    def _said(self, response: aiohttp.ClientResponse) -> Permission:
        """What the headers of an answer say about text mining."""
        headers = response.headers
        tags, reservations = (
            headers.getall(name, []) for name in ("X-Robots-Tag", "tdm-reservation")
        )
        return of_headers(tags, reservations, self._token)

    # --- what sites say about robots -------------------------------------------------------------

    def _permits(self) -> Permits | None:
        if self._book is None:
            return None
        return Permits(self._book, self._clerk, self._clock, self._token, self._small)

    async def _small(self, url: URL, limit: int) -> Small:
        """The start of a small document of a site, redirects followed. Its caller holds the turn."""
        request, trail = Request(str(url)), Trail(url)
        while True:
            if not self._allow_private and literal_is_blocked(trail.url.raw_host or ""):
                return Small(None, failure=blocked(trail.host))
            try:
                async with asyncio.timeout(self._limits.timeout_seconds - trail.seconds):
                    step = await self._ask_small(request, trail, limit)
            except Exception as error:
                failure = failure_of_error(error, trail.host, self._limits.timeout_seconds)
                if failure is None:
                    raise
                return Small(None, failure=failure)
            if isinstance(step, Small):
                return step
            trail = step

    async def _ask_small(self, request: Request, trail: Trail, limit: int) -> "Small | Trail":
        started = perf_counter()
        async with self._session.get(
            trail.url, allow_redirects=False, timeout=self._timeout()
        ) as response:
            if response.status in _TEMPORARY + _PERMANENT:
                step = self._redirected(request, trail, response, started)
                # RFC 9309, 2.3.1.2: a file behind too many redirects is as one that is not there
                return step if isinstance(step, Trail) else Small(404)
            if not 200 <= response.status < 300:
                return Small(response.status)
            try:
                encoding = response.headers.get("Content-Encoding", "")
                chunks = response.content.iter_chunked(_CHUNK)
                return Small(response.status, await read_start(chunks, encoding, limit))
            except BrokenBody:
                return Small(404)  # it is there, but says nothing


def _method(request: Request, trail: Trail) -> tuple[str, dict[str, str]]:
    """How a hop is asked, and its headers: a query to an interface is sent, a document is read."""
    if request.query is not None:
        return "POST", {"Content-Type": "application/json", "Accept": "application/json"}
    return "GET", conditions(request) if trail.conditional else {}
