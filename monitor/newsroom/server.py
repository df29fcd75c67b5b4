"""Serves a newsroom over HTTP on loopback, as it stood at the instant its clock shows.

`LoopbackServer` runs any answering function in a background thread; `NewsroomServer` answers for the
sample newsroom, one virtual host per outlet. Both listen on 127.0.0.1 alone. Which first requests of
a day or a week have come is remembered in memory only: a new server is a new day.
"""

import asyncio
import errno
import gzip
import hashlib
import threading
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from aiohttp import ETag, hdrs, web

from monitor.clock import Clock
from monitor.errors import PortInUse
from monitor.newsroom import pages
from monitor.newsroom.behaviour import (
    BEHAVIOURS,
    MOVED_TO,
    Redirect,
    Refuse,
    Serve,
    on_feed_request,
    period,
)
from monitor.newsroom.feedwriter import CONTENT_TYPES, feed_item, write_feed
from monitor.newsroom.values import Newsroom, Outlet, SampleArticle
from monitor.values import FeedSpec

LOOPBACK = "127.0.0.1"
FEED_LENGTH = 30
FRONT_PAGE_LENGTH = 20
RELATED, POPULAR = 4, 5
ROBOTS = "User-agent: *\nDisallow: /haku\n"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, before conditional requests and compression."""

    status: int
    body: bytes = b""
    content_type: str = "text/html"
    charset: str | None = "utf-8"
    last_modified: datetime | None = None
    compressed: bool = False  # gzip for who accepts it
    delay: timedelta = timedelta()
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[str, str], Reply]
"""Takes host (without port, lower case) and path with its query."""


class LoopbackServer:
    """Runs `answer` on 127.0.0.1 in a thread of its own; a context manager."""

    def __init__(self, answer: Answer, port: int, option: str) -> None:
        """`port` 0 picks a free one. `option` is what PortInUse tells the person to give."""
        self._answer = answer
        self._wanted = port
        self._option = option
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self.port = port

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/"

    def start(self) -> None:
        """Return when the server listens. Raises PortInUse."""
        ready: Future[int] = Future()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._run, args=(self._loop, ready), name="newsroom", daemon=True
        )
        self._thread.start()
        try:
            self.port = ready.result()
        except Exception as error:
            self._thread.join()
            self._thread = None
            if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
                raise PortInUse(self._wanted, self._option) from error
            raise

    def stop(self) -> None:
        """Stop and wait for the thread; harmless when not running."""
        if self._thread is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self, loop: asyncio.AbstractEventLoop, ready: "Future[int]") -> None:
        asyncio.set_event_loop(loop)
        app = web.Application()
        app.router.add_get("/{path:.*}", self._handle)
        # the last answers under way get half a second; nobody waits for idle connections
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        try:
            port = loop.run_until_complete(self._listen(runner))
        except Exception as error:  # whatever it is, start() is waiting for it
            loop.run_until_complete(runner.cleanup())
            loop.close()
            ready.set_exception(error)
            return
        ready.set_result(port)
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    async def _listen(self, runner: web.AppRunner) -> int:
        await runner.setup()
        await web.TCPSite(runner, LOOPBACK, self._wanted).start()
        port: int = runner.addresses[0][1]
        return port

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        host = request.host.partition(":")[0].lower()
        reply = self._answer(host, request.path_qs)
        if reply.delay:
            await asyncio.sleep(reply.delay.total_seconds())
        return _response(request, reply)


def _response(request: web.Request, reply: Reply) -> web.Response:
    """`reply` over HTTP: 304 where the client has it, gzip where it is wanted."""
    etag = hashlib.sha256(reply.body).hexdigest()[:20]
    if reply.status == 200 and _client_has_it(request, etag, reply.last_modified):
        response = web.Response(status=304)
    else:
        response = web.Response(
            status=reply.status,
            body=reply.body,
            content_type=reply.content_type,
            charset=reply.charset,
            headers=reply.headers,
        )
        if reply.compressed and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, ""):
            response.body = gzip.compress(reply.body, mtime=0)
            response.headers[hdrs.CONTENT_ENCODING] = "gzip"
    if reply.compressed:
        response.headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
    if reply.status == 200:
        response.etag = etag
        response.last_modified = reply.last_modified
    return response


def _client_has_it(request: web.Request, etag: str, last_modified: datetime | None) -> bool:
    """RFC 9110, 13.2.2: If-Modified-Since counts only where no If-None-Match is given."""
    known: Sequence[ETag] | None = request.if_none_match
    if known is not None:
        return any(tag.value in (etag, "*") for tag in known)
    since = request.if_modified_since
    return last_modified is not None and since is not None and last_modified <= since


class NewsroomServer(LoopbackServer):
    """The sample newsroom. Shows only what was published by the time `clock` tells."""

    def __init__(
        self, newsroom: Newsroom, clock: Clock, port: int, option: str = "--newsroom-port"
    ) -> None:
        super().__init__(self._reply, port, option)
        self._newsroom = newsroom
        self._clock = clock
        self._outlets = {outlet.host: outlet for outlet in newsroom.outlets}
        self._articles: dict[str, list[SampleArticle]] = {o.id: [] for o in newsroom.outlets}
        for article in newsroom.articles:
            self._articles[article.outlet].append(article)
        self._pages = {(a.outlet, a.path): a for a in newsroom.articles if a.path}
        self._seen: set[tuple[str, str]] = set()

    def feeds(self) -> tuple[FeedSpec, ...]:
        """The outlets' feeds under the port that the server listens on."""
        return self._newsroom.feeds(self.port)

    def _reply(self, host: str, path_qs: str) -> Reply:
        now = self._clock()
        path = path_qs.partition("?")[0]
        if path == "/style.css":
            return Reply(200, pages.style().encode(), "text/css")
        if path == "/robots.txt":
            return Reply(200, ROBOTS.encode(), "text/plain")
        outlet = self._outlets.get(host)
        if outlet is not None:
            return self._outlet_reply(outlet, path, now)
        if host in (LOOPBACK, "localhost") and path == "/":
            return Reply(200, pages.index_page(self._index(now), now).encode())
        return Reply(404, b"not found\n", "text/plain")

    def _outlet_reply(self, outlet: Outlet, path: str, now: datetime) -> Reply:
        moved = BEHAVIOURS[outlet.behaviour].moved
        if path == outlet.feed_path or (moved and path == MOVED_TO):
            return self._feed(outlet, path, now)
        if path == "/":
            links = [self._link(a, now) for a in self._newest(outlet, now, FRONT_PAGE_LENGTH)]
            return _page(outlet, 200, pages.front_page(outlet, self.port, links))
        article = self._pages.get((outlet.id, path))
        if article is None or article.published > now:
            return _page(outlet, 404, pages.missing_page(outlet, self.port))
        return self._article(outlet, article, now)

    def _article(self, outlet: Outlet, article: SampleArticle, now: datetime) -> Reply:
        before = self._newest(outlet, article.published, RELATED + 1)
        related = [self._link(a, now) for a in before if a != article][:RELATED]
        popular = [self._link(a, now) for a in self._newest(outlet, now, POPULAR + 1)]
        others = [link for link in popular if link.path != article.path][:POPULAR]
        html = pages.article_page(outlet, article, now, self.port, related, others)
        return _page(outlet, 200, html, article.changed_at(now))

    def _feed(self, outlet: Outlet, path: str, now: datetime) -> Reply:
        behaviour = BEHAVIOURS[outlet.behaviour]
        match on_feed_request(behaviour, path, first_of_period=self._is_first(outlet, now)):
            case Redirect(to):
                headers = {"Location": outlet.base(self.port) + to}
                return Reply(301, b"moved\n", "text/plain", headers=headers)
            case Refuse(status, retry_after):
                wait = {"Retry-After": f"{retry_after.seconds}"} if retry_after else {}
                return Reply(status, b"no feed\n", "text/plain", headers=wait)
            case Serve(delay):
                return self._feed_body(outlet, now, delay)

    def _feed_body(self, outlet: Outlet, now: datetime, delay: timedelta) -> Reply:
        behaviour = BEHAVIOURS[outlet.behaviour]
        newest = self._newest(outlet, now, FEED_LENGTH)
        items = [feed_item(a, now, self.port) for a in newest]
        changed = max((i.changed for i in items), default=None)
        return Reply(
            200,
            write_feed(outlet, items, outlet.base(self.port)),
            CONTENT_TYPES[outlet.format],
            behaviour.charset,
            changed if behaviour.dated else None,
            behaviour.compressed,
            delay,
        )

    def _is_first(self, outlet: Outlet, now: datetime) -> bool:
        """Whether this is the first request of its day or week; the next one is not."""
        name = period(BEHAVIOURS[outlet.behaviour], now)
        if name is None or (outlet.id, name) in self._seen:
            return False
        self._seen.add((outlet.id, name))
        return True

    def _newest(self, outlet: Outlet, now: datetime, count: int) -> list[SampleArticle]:
        """The newest articles that are out at `now`, newest first."""
        published = self._articles[outlet.id]
        end = bisect_right(published, now, key=lambda a: a.published)
        return published[max(0, end - count) : end][::-1]

    def _link(self, article: SampleArticle, now: datetime) -> pages.Link:
        return pages.Link(article.title_at(now), article.path, article.lead)

    def _index(self, now: datetime) -> list[pages.IndexRow]:
        return [
            pages.IndexRow(
                outlet,
                outlet.base(self.port) + "/",
                outlet.base(self.port) + outlet.feed_path,
                bisect_right(self._articles[outlet.id], now, key=lambda a: a.published),
            )
            for outlet in self._newsroom.outlets
        ]


def _page(outlet: Outlet, status: int, html: str, last_modified: datetime | None = None) -> Reply:
    behaviour = BEHAVIOURS[outlet.behaviour]
    return Reply(
        status,
        html.encode(behaviour.charset, "xmlcharrefreplace"),
        charset=behaviour.charset,
        last_modified=last_modified if behaviour.dated else None,
        compressed=behaviour.compressed,
    )
