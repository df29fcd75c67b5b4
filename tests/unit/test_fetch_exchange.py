"""The traffic between a caller's thread and an event loop: nothing lost, nothing piled up."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from monitor.fetch.exchange import ROOM, SHARE, WINDOW, Exchange
from monitor.fetch.results import Fetched, NotModified, Request, Result


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever)
    thread.start()
    yield made
    made.call_soon_threadsafe(made.stop)
    thread.join()
    made.close()


def small(request: Request) -> Result:
    return NotModified(request, request.url, 304, None, None, None, 0, None)


def large(request: Request) -> Result:
    body = bytes(SHARE * ROOM // 4)
    return Fetched(request, request.url, 200, body, None, None, None, None, None, 0, None)


def requests(n: int) -> list[Request]:
    return [Request(f"http://lehti.example/{number}", key=str(number)) for number in range(n)]


def test_every_request_has_one_result(loop: asyncio.AbstractEventLoop) -> None:
    exchange = Exchange(loop)
    asked = requests(3 * WINDOW)

    async def follow(request: Request) -> None:
        await asyncio.sleep(0)
        await exchange.put(small(request))

    found = [result.request.key for result in exchange.over(iter(asked), follow)]
    assert sorted(found) == sorted(request.key for request in asked)
    assert list(exchange.over([], follow)) == []


def test_bodies_that_nobody_takes_hold_back_further_ones(loop: asyncio.AbstractEventLoop) -> None:
    exchange, put = Exchange(loop), []

    async def follow(request: Request) -> None:
        await exchange.put(large(request))
        put.append(request.key)

    def settled() -> int:
        """How many were put when the loop had nothing left to do."""
        for _ in range(3):
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()
        return len(put)

    results = exchange.over(requests(20), follow)
    next(results)
    waiting = settled()
    assert waiting < 6  # four fill the room; one may have been taken and given back
    assert len(list(results)) == 19
    assert settled() == 20


def test_a_body_larger_than_all_the_room_comes_through(loop: asyncio.AbstractEventLoop) -> None:
    exchange = Exchange(loop)

    async def follow(request: Request) -> None:
        body = bytes(2 * SHARE * ROOM)
        await exchange.put(
            Fetched(request, request.url, 200, body, None, None, None, None, None, 0, None)
        )

    assert len(list(exchange.over(requests(3), follow))) == 3


def test_what_is_left_when_the_caller_goes_is_cancelled(loop: asyncio.AbstractEventLoop) -> None:
    exchange = Exchange(loop)
    ended: list[str] = []
    all_ended = threading.Event()

    async def follow(request: Request) -> None:
        try:
            if request.key != "0":
                await asyncio.sleep(3600)
            await exchange.put(small(request))
        finally:
            ended.append(request.key)
            if len(ended) == 5:
                all_ended.set()

    results = exchange.over(requests(5), follow)
    assert next(results).request.key == "0"
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert all_ended.wait(5)
