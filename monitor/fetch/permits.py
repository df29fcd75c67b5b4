"""Asks each site once what it permits, and remembers the answer in the store.

The requests are made by the caller's `ask`, past the same address guard as every other; the rules are
in `robots` and `permission`. One object serves one batch of requests in one event loop.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol

from yarl import URL

from monitor.clock import Clock
from monitor.fetch import robots
from monitor.fetch.failures import Failure, failure_of_status
from monitor.fetch.permission import Site, TdmRule, reserved_by_file, tdm_rules
from monitor.fetch.results import HARD, TEMPORARY, FailReason
from monitor.values import Permission

TDM_MAX_BYTES = 200_000


class SiteBook(Protocol):
    """Where the answers of sites are kept between runs."""

    def find(self, origin: str) -> Site | None:
        """What is known of `origin`, also when it has expired."""
        ...

    def keep(self, site: Site) -> None:
        """Remember `site` in the place of what was known of its origin."""
        ...


@dataclass(frozen=True, slots=True)
class Small:
    """A small document of a site: its status, or why there is none."""

    status: int | None
    body: bytes = b""
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a document may not be fetched now. Without `permission` it is the server that failed."""

    failure: Failure
    permission: Permission | None = None


Ask = Callable[[URL, int], Awaitable[Small]]
"""Fetches a document of at most so many bytes, redirects included."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A site in this batch."""

    site: Site
    rules: robots.Rules
    network: Failure | None = None  # why its robots.txt was not reached just now


class Permits:
    """What the sites of one batch permit to the robot with the product token `token`."""

    def __init__(self, book: SiteBook, clerk: Executor, clock: Clock, token: str, ask: Ask) -> None:
        # The store is asked in the thread of `clerk`: its calls must not hold up the event loop.
        self._book, self._clerk, self._clock = book, clerk, clock
        self._token, self._ask = token, ask
        self._locks: dict[str, asyncio.Lock] = {}
        self._known: dict[str, _Known] = {}

    async def refusal(self, url: URL) -> Refusal | None:
        """Why `url` may not be fetched; None where it may."""
        known = await self._site(url.origin())
        host = url.host or ""
        if robots.refuses_all(known.site, self._clock()):
            return Refusal(known.network or _unreadable(known.site.status, host))
        if not known.rules.allow(str(url)):
            said = f"the robots.txt of {host} refuses this address"
            return Refusal(Failure(FailReason.NOT_ALLOWED, HARD, said), Permission.ROBOTS)
        if reserved_by_file(known.site.tdm, str(url)):
            said = f"{host} reserves text mining in its tdmrep.json"
            return Refusal(Failure(FailReason.NOT_ALLOWED, HARD, said), Permission.TDM_FILE)
        return None

    async def delay(self, url: URL) -> float:
        """Seconds between two requests that the robots.txt of `url`'s site asks for."""
        return (await self._site(url.origin())).site.delay

    async def _site(self, origin: URL) -> _Known:
        name = str(origin)
        async with self._locks.setdefault(name, asyncio.Lock()):
            if name not in self._known:
                self._known[name] = await self._look_up(origin)
            return self._known[name]

    async def _look_up(self, origin: URL) -> _Known:
        loop, now = asyncio.get_running_loop(), self._clock()
        old = await loop.run_in_executor(self._clerk, self._book.find, str(origin))
        if old is not None and old.expires > now:
            return _Known(old, robots.Rules(old.robots, self._token))
        known = await self._asked(origin, old)
        await loop.run_in_executor(self._clerk, self._book.keep, known.site)
        return known

    async def _asked(self, origin: URL, old: Site | None) -> _Known:
        found = await self._ask(origin.with_path("/robots.txt"), robots.MAX_BYTES)
        now = self._clock()
        if robots.is_unreadable(found.status):
            since = (old.unreadable_since if old else None) or now
            # A server that did not answer is asked again with its next document.
            wait = robots.ASK_AGAIN if found.failure is None else now - now
            site = Site(str(origin), now, now + wait, found.status, unreadable_since=since)
            return _Known(site, robots.Rules("", self._token), found.failure)
        text = robots.text_of(found.body) if found.status and found.status < 300 else ""
        rules = robots.Rules(text, self._token)
        site = Site(
            origin=str(origin),
            asked=now,
            expires=now + robots.KEPT,
            status=found.status,
            robots=text,
            tdm=await self._tdm(origin, rules),
            delay=rules.delay,
        )
        return _Known(site, rules)

    async def _tdm(self, origin: URL, rules: robots.Rules) -> tuple[TdmRule, ...]:
        url = origin.with_path("/.well-known/tdmrep.json")
        if not rules.allow(str(url)):
            return ()
        found = await self._ask(url, TDM_MAX_BYTES)
        return tdm_rules(found.body) if found.status and found.status < 300 else ()


def _unreadable(status: int | None, host: str) -> Failure:
    """Nobody has refused: it is the server that fails, and so it is called."""
    reason = failure_of_status(status or 503, host).reason
    said = f"the robots.txt of {host} cannot be read now ({status}), so nothing else is asked there"
    return Failure(reason, TEMPORARY, said)
