"""Feeds polled per second over loopback, store included, beside `reader` and beside bare feedparser.

    python -m bench.feeds_per_second [FEEDS]

A server process of its own plays FEEDS feeds (1000) of 30 items. The first poll fetches, parses and
stores all. In the repeat nothing has changed: half of the feeds answer 304, half send the same bytes.
The same feeds are polled by the `reader` library with 16 workers, in an environment of its own under
var/ that is made at the first run (it needs the package index then), and their bytes are parsed by bare
feedparser on two cores. Text is made up; no permission is asked for, as `reader` asks for none. On a busy
machine compare the processor seconds, which are those of every process but the server.
"""

import asyncio
import io
import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time

import click
import feedparser
from aiohttp import web

from monitor.values import FeedSpec

ITEMS = 30
CORES = 2
READER = Path("var/bench-reader")
READER_WORKERS = 16
READER_POLLS = """
import json, sys, time
from reader import make_reader
store, base, feeds, workers = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
reader = make_reader(store)
for number in range(feeds):
    reader.add_feed(f"{base}/{number}")
took = []
for _ in range(2):
    began, cpu = time.perf_counter(), time.process_time()
    reader.update_feeds(workers=workers, scheduled=False)
    took.append((time.perf_counter() - began, time.process_time() - cpu))
entries = reader.get_entry_counts().total
print(json.dumps({"took": took, "entries": entries}))
"""
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
        number = int(request.match_info["number"])
        etag = {"ETag": '"v1"'} if number % 2 else {}
        if etag and request.headers.get("If-None-Match") == '"v1"':
            return web.Response(status=304, headers=etag)
        return web.Response(body=bodies[number], content_type="application/rss+xml", headers=etag)

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/{number}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


@dataclass(frozen=True, slots=True)
class Measured:
    """How fast something was; `cpu` is in processor seconds."""

    what: str
    feeds: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.feeds / self.seconds

    def show(self) -> "Measured":
        click.echo(
            f"{self.what:<34} {self.rate:>6.0f} feeds/s  {self.seconds:>6.2f} s  "
            f"{self.cpu:>6.2f} s of processor"
        )
        return self


def measure(feeds: int, port: int, folder: Path) -> None:
    """Poll, let `reader` poll, parse without either, and say how they compare."""
    first, repeat = _ours(feeds, port, folder)
    bare = _bare(feeds)
    theirs = _reader(feeds, port, folder)
    click.echo("")
    _ratio("first poll / bare feedparser on two cores", first, bare, "at least 0.8")
    if theirs:
        _ratio("first poll / first poll of reader", first, theirs[0], "at least 3")
        _ratio("repeat / repeat of reader", repeat, theirs[1], "none")
    _ratio("repeat / first poll", repeat, first, "at least 15")


def _ratio(what: str, one: Measured, other: Measured, bar: str) -> None:
    speed, cpu = one.rate / other.rate, other.cpu / one.cpu
    click.echo(f"{what:<44} {speed:>6.2f} by the clock, {cpu:>6.2f} by processor time (bar: {bar})")


def _ours(feeds: int, port: int, folder: Path) -> tuple[Measured, Measured]:
    # Here and not above: parsing processes must not load the program's whole network and store.
    from monitor.clock import ManualClock
    from monitor.db.engine import migrate, open_engine
    from monitor.feeds.poll import PollReport, poll_due, sync_feeds
    from monitor.fetch.client import Fetcher, Limits
    from monitor.settings import load_settings

    engine = open_engine(f"sqlite:///{folder / 'bench.db'}")
    migrate(engine)
    clock = ManualClock(START)
    sync_feeds(engine, [_spec(number, port) for number in range(feeds)], clock())
    with Fetcher(Limits(), "tilannekuva-bench", allow_private=True) as fetcher:

        def poll() -> None:
            report: PollReport = poll_due(engine, fetcher, clock, load_settings({}), strict=True)
            if report.polls != feeds or report.failures:
                raise click.ClickException(f"not every feed was polled: {report}")

        first = _timed("first poll", feeds, poll)
        clock.set(clock() + timedelta(days=8))
        repeat = _timed("repeat (half 304, half same bytes)", feeds, poll)
    engine.dispose()
    return first, repeat


def _spec(number: int, port: int) -> FeedSpec:
    # a name each, as in life: the limit per host would else be what is measured
    url = f"http://lehti-{number}.localhost:{port}/{number}"
    return FeedSpec(f"lehti-{number}", url, f"Lehti {number}", "fi", (), f"ketju-{number}", "daily")


def _bare(feeds: int) -> Measured:
    bodies = [feed(number) for number in range(feeds)]
    parts = [bodies[start::CORES] for start in range(CORES)]
    with multiprocessing.get_context("spawn").Pool(CORES) as pool:
        pool.map(parse_bare, [bodies[:2]] * CORES, chunksize=1)  # started and warm
        clock = perf_counter()
        cpu = sum(pool.map(parse_bare, parts, chunksize=1))
        seconds = perf_counter() - clock
    return Measured(f"bare feedparser on {CORES} cores", feeds, seconds, cpu).show()


def parse_bare(bodies: Sequence[bytes]) -> float:
    """Parse with feedparser alone; the processor seconds it took."""
    began = process_time()
    for body in bodies:
        feedparser.parse(io.BytesIO(body), response_headers={"content-type": "application/rss+xml"})
    return process_time() - began


def _reader(feeds: int, port: int, folder: Path) -> tuple[Measured, Measured] | None:
    """The first and the repeated poll of `reader`; None where it cannot be installed."""
    python = READER / "bin" / "python"
    if not python.exists() and not _install_reader():
        click.echo("reader could not be installed: no comparison with it", err=True)
        return None
    given = [str(folder / "reader.db"), f"http://127.0.0.1:{port}", str(feeds), str(READER_WORKERS)]
    done = subprocess.run(
        [python, "-c", READER_POLLS, *given], check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    if found["entries"] != feeds * ITEMS:
        raise click.ClickException(f"reader stored {found['entries']} entries")
    first, repeat = found["took"]
    return (
        Measured(f"reader, {READER_WORKERS} workers, first", feeds, *first).show(),
        Measured(f"reader, {READER_WORKERS} workers, repeat", feeds, *repeat).show(),
    )


def _install_reader() -> bool:
    click.echo(f"making an environment with reader in {READER}", err=True)
    make = [sys.executable, "-m", "venv", str(READER)]
    # reader needs sgmllib and does not say so
    install = [str(READER / "bin" / "pip"), "install", "--quiet", "reader>=3,<4", "sgmllib3k"]
    return all(subprocess.run(command, check=False).returncode == 0 for command in (make, install))


def _timed(what: str, feeds: int, work: Callable[[], None]) -> Measured:
    began, cpu = perf_counter(), _cpu()
    work()
    return Measured(what, feeds, perf_counter() - began, _cpu() - cpu).show()


def _cpu() -> float:
    """Processor seconds of this process and of those it has ended."""
    usages = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


@click.command()
@click.argument("feeds", type=click.IntRange(1, 5000), default=1000)
def main(feeds: int) -> None:
    """Measure polling over FEEDS loopback feeds."""
    from monitor import logs

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
