"""The sites that `bench.endurance` polls, played over loopback HTTP in a process of their own.

Of every four feeds one answers 304, one sends the same bytes, one has a new item in every answer and the
fourth has one of five troubles. Text is made up.
"""

import asyncio
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection

from aiohttp import web

ITEMS = 5
KILLED_ITEMS = 4  # entries of each feed that is new at a start of the process that is killed
TEXT = (
    "Hyvinvointialue sulkee terveysaseman {0} marraskuun alussa, kertoo johtava ylilääkäri.",
    "Potilaat ohjataan keskussairaalaan, jonne matkaa on {0} kilometriä.",
    "Välfärdsområdet stänger hälsostation {0} i november, säger ledande överläkaren.",
    "Klienterna hänvisas till centralsjukhuset, dit det är {0} kilometer.",
)


def _item(feed: int, number: int, port: int = 0) -> str:
    link = f"<link>http://s{feed}.localhost:{port}/page/{feed}/{number}</link>" if port else ""
    return (
        f"<item><guid isPermaLink='false'>{feed}-{number}</guid>{link}"
        f"<title>Terveysasema {feed}/{number}</title>"
        f"<description>{TEXT[number % 4].format(number)}</description></item>"
    )


def _feed(items: Sequence[str]) -> bytes:
    return f'<rss version="2.0"><channel>{"".join(items)}</channel></rss>'.encode()


def _polled(feed: int, asked: int, request: web.Request) -> web.Response:
    """The answer of a feed to the request number `asked`."""
    kind = feed % 4
    same = [_item(feed, n) for n in range(ITEMS)]
    if kind == 0:
        if request.headers.get("If-None-Match") == '"v"':
            return web.Response(status=304, headers={"ETag": '"v"'})
        return web.Response(body=_feed(same), headers={"ETag": '"v"'})
    if kind == 1:
        return web.Response(body=_feed(same))
    if kind == 2:
        return web.Response(body=_feed([_item(feed, asked + n) for n in range(ITEMS)]))
    return _trouble(feed, asked, request)


def _trouble(feed: int, asked: int, request: web.Request) -> web.Response:
    match (feed // 4) % 5:
        case 0:
            return web.Response(status=500)
        case 1:
            return web.Response(status=404)
        case 2:
            return web.Response(body=b"<html><body>Etusivu</body></html>")
        case 3:
            return web.Response(body=_feed([_item(feed, asked)])[:-40])
        case _:
            if request.transport is not None:
                request.transport.abort()  # the connection breaks off in the middle
            return web.Response(body=b"")


def _page(feed: int, number: int) -> web.Response:
    title = f"Terveysasema {feed}/{number}"
    body = "".join(f"<p>{TEXT[(number + n) % 4].format(feed + n)}</p>" for n in range(6))
    page = f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"
    return web.Response(text=page, content_type="text/html")


def serve(ready: Connection) -> None:
    """Play all sites on a free port, which is sent through `ready`, until the process is ended."""
    asked: Counter[int] = Counter()
    port = 0

    async def feed(request: web.Request) -> web.Response:
        number = int(request.match_info["feed"])
        asked[number] += 1
        return _polled(number, asked[number], request)

    async def whole(request: web.Request) -> web.Response:
        number = int(request.match_info["feed"])
        return web.Response(body=_feed([_item(number, n, port) for n in range(KILLED_ITEMS)]))

    async def page(request: web.Request) -> web.Response:
        return _page(int(request.match_info["feed"]), int(request.match_info["number"]))

    async def run() -> None:
        nonlocal port
        app = web.Application()
        app.router.add_get("/feed/{feed}", feed)
        app.router.add_get("/whole/{feed}", whole)
        app.router.add_get("/page/{feed}/{number}", page)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        ready.send(port)
        await asyncio.Event().wait()

    asyncio.run(run())


@contextmanager
def sites() -> Iterator[int]:
    """The port the sites are played on while the block runs."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,))
    server.start()
    try:
        yield here.recv()
    finally:
        server.terminate()
        server.join()
        here.close()
        there.close()
