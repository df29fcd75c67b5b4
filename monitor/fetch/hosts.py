"""Turns: how many requests may be under way at once, in all and to one host.

A turn at the host is taken before one of the common slots, so that many requests to one slow host
wait among themselves and leave the slots to others. Turns at one host begin a little apart, or as far as
its robots.txt asks (Crawl-delay). This module makes no request.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MOST_HOSTS = 10_000  # remembered at once; beyond it those that may be asked now are forgotten


class Paces:
    """What robots.txt asks of each host, and when the host may be asked next. Kept between batches.

    Times are those of the monotonic clock, which every event loop of the process shares.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._delays: dict[str, float] = {}  # host -> seconds
        self._free: dict[str, float] = {}  # host -> when its next turn may begin

    def __len__(self) -> int:
        """Hosts that are remembered with the time of their next turn."""
        return len(self._free)

    def keep(self, host: str, delay: float) -> None:
        """Remember what robots.txt asks, in seconds; 0 where it asks nothing."""
        with self._lock:
            self._delays[host] = delay

    def reserve(self, host: str, spacing: float, now: float) -> tuple[float, float]:
        """When a turn at `host` may begin, and the delay of its robots.txt that was heeded."""
        with self._lock:
            delay = self._delays.get(host, 0.0)
            begin = max(now, self._free.get(host, now))
            if len(self._free) >= MOST_HOSTS:
                self._free = {h: free for h, free in self._free.items() if free > now}
            self._free[host] = begin + max(spacing, delay)
            return begin, delay


class Turns:
    """Hands out turns; belongs to one event loop and one batch of requests."""

    def __init__(
        self, concurrency: int, per_host: int, spacing: float = 0.0, paces: Paces | None = None
    ) -> None:
        self._slots = asyncio.Semaphore(concurrency)
        self._per_host = per_host
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._spacing = spacing  # seconds between the beginnings of two turns at one host
        self._paces = Paces() if paces is None else paces

    def slow(self, host: str, delay: float) -> None:
        """Begin the turns at `host` at least `delay` seconds apart from now on."""
        self._paces.keep(host, delay)

    @asynccontextmanager
    async def at(self, host: str) -> AsyncIterator[float]:
        """Wait for a turn at `host` and hold it for as long as the block runs.

        Yields the seconds that were kept because of the host's robots.txt: a holder that learns of a
        longer delay gives the turn back and takes another.
        A holder must not wait for another turn: a request that is led to another host gives its turn
        back first.
        """
        semaphore = self._hosts.setdefault(host, asyncio.Semaphore(self._per_host))
        async with semaphore:
            delay = await self._spaced(host)
            async with self._slots:
                yield delay

    async def _spaced(self, host: str) -> float:
        # behind the names of this machine is no publisher's server, but the sample newsroom
        spacing = 0.0 if host == "127.0.0.1" or host.endswith("localhost") else self._spacing
        now = asyncio.get_running_loop().time()
        begin, delay = self._paces.reserve(host, spacing, now)
        if begin > now:
            await asyncio.sleep(begin - now)
        return delay
