"""Hands requests from the caller's thread to an event loop, and results back.

What crosses goes in lots: waking the other thread costs as much as a request. Results that the caller has
not taken yet hold back further ones, by their bytes and by their number. Makes no request itself.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from queue import Empty, SimpleQueue

from monitor.fetch.results import Fetched, Request, Result

# Requests handed to the loop at once: many more than slots, so that the requests to one slow host do
# not keep those to other hosts from being seen.
WINDOW = 512
LOT = 32  # results taken before the loop is told
ROOM = 256  # shares that results not yet taken may fill: each counts as one, and
SHARE = 250_000  # bytes of body as one more

Follow = Callable[[Request], Awaitable[None]]
"""Follows one request and puts its one result into the exchange."""


class Exchange:
    """The traffic of one batch of requests with the event loop `loop`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._results: SimpleQueue[Result] = SimpleQueue()
        # the rest belongs to the loop's thread
        self._room = ROOM
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    # --- in the caller's thread ------------------------------------------------------------------

    def over(self, requests: Iterable[Request], follow: Follow) -> Iterator[Result]:
        """Have every request followed; yield the results as they come in."""
        waiting, open_requests, taken = iter(requests), 0, 0
        drawn: Sequence[Request] = list(islice(waiting, WINDOW))
        try:
            while drawn or open_requests:
                if drawn or taken:
                    self._loop.call_soon_threadsafe(self._go_on, drawn, follow, taken)
                    open_requests, taken = open_requests + len(drawn), 0
                for result in self._lot():
                    yield result
                    open_requests, taken = open_requests - 1, taken + _shares(result)
                drawn = list(islice(waiting, WINDOW - open_requests))
        finally:
            with suppress(RuntimeError):  # the loop has ended, and its tasks with it
                self._loop.call_soon_threadsafe(self._cancel)

    def _lot(self) -> Iterator[Result]:
        """The results there are, LOT at most; waits for the first."""
        yield self._results.get()
        for _ in range(LOT - 1):
            try:
                yield self._results.get_nowait()
            except Empty:
                return

    # --- in the loop's thread --------------------------------------------------------------------

    async def put(self, result: Result) -> None:
        """Give a result to the caller; waits while too much of what came before is not taken."""
        shares = _shares(result)
        if self._waiting or self._room < shares:
            room: asyncio.Future[None] = self._loop.create_future()
            self._waiting.append((shares, room))
            await room
        else:
            self._room -= shares
        self._results.put(result)

    def _go_on(self, requests: Sequence[Request], follow: Follow, taken: int) -> None:
        self._room += taken
        while self._waiting and self._room >= self._waiting[0][0]:
            shares, room = self._waiting.popleft()
            if not room.done():
                self._room -= shares
                room.set_result(None)
        for request in requests:
            task = self._loop.create_task(_followed(follow, request))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _cancel(self) -> None:
        for task in list(self._tasks):
            task.cancel()


async def _followed(follow: Follow, request: Request) -> None:
    await follow(request)


def _shares(result: Result) -> int:
    size = len(result.body) if isinstance(result, Fetched) else 0
    return min(ROOM, 1 + size // SHARE)
