"""Parses many feeds at once, in processes of its own: parsing is all computing, and one thread at a time computes.

Each process has a limit of time and of memory (`monitor.bounded`), so that a hostile feed costs its own
poll and no other. A few feeds are parsed where the caller is, for starting processes costs more than it
saves. Knows neither store nor network.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from monitor.bounded import BoundedExecutor, BrokeOff, TooSlow
from monitor.feeds.parse import parse_feed
from monitor.fetch.results import Fetched
from monitor.settings import Settings
from monitor.values import NotAFeed, ParsedFeed

T = TypeVar("T")
Parsed = ParsedFeed | NotAFeed

PARSED_HERE = 16  # bodies of a round before the first process is started
# Bodies per process on their way: enough to keep the processes busy while the caller stores a batch.
AHEAD = 32
LONGEST_SECONDS = 60.0  # of one body; the slowest that `parse` lets through needs a fifth
TOO_SLOW = NotAFeed(f"the feed takes more than {LONGEST_SECONDS:.0f} seconds to read")
BROKE_OFF = NotAFeed("reading the feed broke off: it needs more memory than a feed may")


@dataclass(frozen=True, slots=True)
class Body:
    """What is parsed: the arguments of `parse_feed`."""

    content: bytes
    url: str
    content_type: str | None
    now: datetime


def body_of(result: Fetched, now: datetime) -> Body:
    """What is parsed of an answer that came at `now`."""
    header = result.content_type
    if header and result.charset:
        header = f"{header}; charset={result.charset}"
    return Body(result.body, result.url, header, now)


def parse_body(body: Body) -> Parsed:
    """`parse_feed` of the body, where the caller is."""
    return parse_feed(body.content, body.url, body.content_type, body.now)


class Readers:
    """`processes` processes, started when a round has enough to parse and kept for the next rounds; with
    1 everything is parsed by the caller. They end with `close`, and when this is collected."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._pool: Executor | None = None

    def close(self) -> None:
        """End the processes. Safe to call twice; they are started again when needed."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def over(
        self, items: Iterable[T], body_of: Callable[[T], Body | None]
    ) -> Iterator[tuple[T, Parsed | None]]:
        """Yield every item of `items` in order with what its body holds, None where it has none.

        At most AHEAD bodies per process are on their way, so a slow caller does not fill the memory.
        """
        under_way: deque[_Task[T]] = deque()
        bodies = 0
        for item in items:
            body = body_of(item)
            bodies += body is not None
            under_way.append(_Task(item, self._begin(body, bodies) if body else None))
            while under_way and (len(under_way) > AHEAD * self._processes or under_way[0].done):
                yield under_way.popleft().finish()
        while under_way:
            yield under_way.popleft().finish()

    def _begin(self, body: Body, number: int) -> "Future[Parsed]":
        """`number` is the body's place among those of the round, 1 for the first."""
        if self._processes == 1 or (self._pool is None and number <= PARSED_HERE):
            here: Future[Parsed] = Future()
            here.set_result(parse_body(body))
            return here
        if self._pool is None:
            self._pool = BoundedExecutor(self._processes, LONGEST_SECONDS)
        return self._pool.submit(parse_body, body)


@dataclass(frozen=True, slots=True)
class _Task(Generic[T]):
    item: T
    parsed: "Future[Parsed] | None"

    @property
    def done(self) -> bool:
        return self.parsed is None or self.parsed.done()

    def finish(self) -> tuple[T, Parsed | None]:
        """The item and what its body holds; waits for it."""
        try:
            return self.item, self.parsed.result() if self.parsed else None
        except TooSlow:
            return self.item, TOO_SLOW
        except BrokeOff:
            return self.item, BROKE_OFF


def readers_of(settings: Settings) -> Readers:
    """Readers in as many processes as the settings say; where that is 0, one per core, four at most."""
    return Readers(settings.parse_processes or max(1, min(4, len(os.sched_getaffinity(0)))))
