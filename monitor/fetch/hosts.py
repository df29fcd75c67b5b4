"""Turns: how many requests may be under way at once, in all and to one host.

A turn at the host is taken before one of the common slots, so that many requests to one slow host
wait among themselves and leave the slots to others. This module makes no request and knows no clock.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Hands out turns; belongs to one event loop and one batch of requests."""

    def __init__(self, concurrency: int, per_host: int) -> None:
        self._slots = asyncio.Semaphore(concurrency)
        self._per_host = per_host
        self._hosts: dict[str, asyncio.Semaphore] = {}

    @asynccontextmanager
    async def at(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn at `host` and hold it for as long as the block runs.

        A holder must not wait for another turn: a request that is led to another host gives its turn
        back first.
        """
        semaphore = self._hosts.setdefault(host, asyncio.Semaphore(self._per_host))
        async with semaphore, self._slots:
            yield
