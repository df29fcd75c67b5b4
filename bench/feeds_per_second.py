"""Feeds polled per second over loopback, store included, beside bare feedparser on the same bytes.

    python -m bench.feeds_per_second [FEEDS]

A server process of its own plays FEEDS feeds (200) of 30 items. The first poll fetches, parses and
stores all; the repeat poll is answered 304. The ratio compares the first poll with feedparser alone
parsing the same bytes in the same run, in processor time, which a busy machine distorts least. Text is
made up; nothing leaves the machine.
"""

import asyncio
import io
import multiprocessing
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time

import click
import feedparser
from aiohttp import web

from monitor import logs
from monitor.clock import ManualClock
from monitor.db.engine import migrate, open_engine
from monitor.feeds.poll import PollReport, poll_due, sync_feeds
from monitor.fetch.client import Fetcher, Limits
from monitor.settings import load_settings
from monitor.values import FeedSpec

ITEMS = 30
START = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
TITLES = ("Terveysasema {} sulkee ovensa", "Hälsostationen {} stänger", "Ensihoito {} viivästyi")
TEXTS = (
    "&lt;p&gt;Hyvinvointialue päätti asiasta kokouksessaan numero {0}. Potilaat ohjataan "
    "naapurikunnan vastaanotolle, ja kuljetus järjestetään tarvittaessa.&lt;/p&gt;"
    "&lt;p&gt;Päätös tulee voimaan vuodenvaihteessa.&lt;/p&gt;",
    "&lt;p&gt;Välfärdsområdet fattade beslutet på möte nummer {0}. Patienterna hänvisas till "
    "mottagningen i grannkommunen.&lt;/p&gt;&lt;p&gt;Beslutet gäller från årsskiftet.&lt;/p&gt;",
)


def feed(number: int) -> bytes:
    """A feed of ITEMS items with titles, texts, links, guids and times."""
    items = "".join(_item(number, item) for item in range(ITEMS))
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{items}</channel></rss>'
    )
    return text.encode()


def _item(number: int, item: int) -> str:
    page = number * ITEMS + item
    when = format_datetime(START - timedelta(minutes=37 * item + number))
    return (
        f"<item><guid isPermaLink='false'>{page}</guid>"
        f"<title>{TITLES[page % len(TITLES)].format(page)}</title>"
        f"<link>https://lehti.example/uutiset/{page}</link><pubDate>{when}</pubDate>"
        f"<description>{TEXTS[page % len(TEXTS)].format(page)}</description></item>"
    )


def serve(feeds: int, ready: Connection) -> None:
    """Play the feeds on a free port, which is sent through `ready`, until the process is ended."""
    bodies = [feed(number) for number in range(feeds)]

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"v1"':
            return web.Response(status=304, headers={"ETag": '"v1"'})
        body = bodies[int(request.match_info["number"])]
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": '"v1"'})

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/{number}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


def measure(feeds: int, port: int, folder: Path) -> None:
    """Poll twice, parse once without the program, and say how fast each was."""
    engine = open_engine(f"sqlite:///{folder / 'bench.db'}")
    migrate(engine)
    clock = ManualClock(START)
    sync_feeds(engine, [_spec(number, port) for number in range(feeds)], clock())
    with Fetcher(Limits(), "tilannekuva-bench", allow_private=True) as fetcher:

        def poll() -> None:
            report = poll_due(engine, fetcher, clock, load_settings({}), strict=True)
            _check(report, feeds)

        first = _timed("first poll", feeds, poll)
        clock.set(clock() + timedelta(days=8))
        _timed("repeat poll (304)", feeds, poll)
    engine.dispose()
    bodies = [feed(number) for number in range(feeds)]
    bare = _timed("feedparser alone", feeds, lambda: _parse_bare(bodies))
    click.echo(f"first poll takes {first / bare:.2f} times the processor time of feedparser alone")


def _spec(number: int, port: int) -> FeedSpec:
    # a name each, as in life: the limit per host would else be what is measured
    url = f"http://lehti-{number}.localhost:{port}/{number}"
    return FeedSpec(f"lehti-{number}", url, f"Lehti {number}", "fi", (), f"ketju-{number}", "daily")


def _check(report: PollReport, feeds: int) -> None:
    if report.polls != feeds or report.failures:
        raise click.ClickException(f"not every feed was polled: {report}")


def _parse_bare(bodies: Sequence[bytes]) -> None:
    for body in bodies:
        feedparser.parse(io.BytesIO(body), response_headers={"content-type": "application/rss+xml"})


def _timed(what: str, feeds: int, work: Callable[[], None]) -> float:
    """Do `work`, say how many feeds a second it managed; the processor seconds it took."""
    began, cpu = perf_counter(), process_time()
    work()
    seconds, cpu = perf_counter() - began, process_time() - cpu
    click.echo(
        f"{what}: {feeds / seconds:.0f} feeds/s ({feeds} feeds in {seconds:.2f} s, {cpu:.2f} s of processor)"
    )
    return cpu


@click.command()
@click.argument("feeds", type=click.IntRange(1, 5000), default=200)
def main(feeds: int) -> None:
    """Measure polling over FEEDS loopback feeds."""
    logs.configure("WARNING")
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(feeds, there))
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            measure(feeds, here.recv(), Path(folder))
    finally:
        server.terminate()
        server.join()


if __name__ == "__main__":
    main()
