"""Turns: how many requests may be under way at once, in all and to one host.

A turn at the host is taken before one of the common slots, so that many requests to one slow host
wait among themselves and leave the slots to others. Turns at one host begin a little apart. This module
makes no request.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Hands out turns; belongs to one event loop and one batch of requests."""

    def __init__(self, concurrency: int, per_host: int, spacing: float = 0.0) -> None:
        self._slots = asyncio.Semaphore(concurrency)
        self._per_host = per_host
        self._hosts: dict[str, asyncio.Semaphore] = {}
        self._spacing = spacing  # seconds between the beginnings of two turns at one host
        self._free: dict[
            str, float
        ] = {}  # host -> when its next turn may begin, on the loop's clock

    @asynccontextmanager
    async def at(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn at `host` and hold it for as long as the block runs.

        A holder must not wait for another turn: a request that is led to another host gives its turn
        back first.
        """
        semaphore = self._hosts.setdefault(host, asyncio.Semaphore(self._per_host))
        async with semaphore:
            await self._spaced(host)
            async with self._slots:
                yield

    async def _spaced(self, host: str) -> None:
        # behind the names of this machine is no publisher's server, but the sample newsroom
        if not self._spacing or host == "127.0.0.1" or host.endswith("localhost"):
            return
        now = asyncio.get_running_loop().time()
        begin = max(now, self._free.get(host, now))
        self._free[host] = begin + self._spacing
        await asyncio.sleep(begin - now)
