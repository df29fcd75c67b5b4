"""Feeds polled per second over loopback, store included, beside `reader` and beside bare feedparser.

    python -m bench.feeds_per_second [FEEDS] [--rounds N]

A server process of its own plays FEEDS feeds (1000) of 30 items from memory, each under a host name of its
own, as in life. The first poll fetches, parses and stores all. In the repeat, which follows at once over the
connections that are open still, nothing has changed: half of the feeds answer 304, half send the same
bytes. A second repeat opens every connection anew, as polls far apart do. The same feeds are polled by the
`reader` library with 16 workers, on one host name whose connections it keeps, in an environment of its own
under var/ that is made at the first run (it needs the package index then), and their bytes are parsed by
bare feedparser in two processes that have been started; ours have been too, as they are kept between polls. Text is made up; no permission is asked for, as
`reader` asks for none.

Every round begins with an empty store, and in it the contenders take turns. What is compared is the median
of the rounds' ratios, with its range. On a busy machine compare the processor seconds: they are those of
every process but the server, which serves all alike and whose own are printed beside.
"""

import asyncio
import io
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import click
import feedparser
from aiohttp import web

from monitor.values import FeedSpec

ITEMS = 30
CORES = 2
WARMING = 48  # bodies: the first are parsed by the caller, the rest start the processes
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
class Server:
    """The process that plays the feeds."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Its processor seconds so far."""
        return _process(self.pid)[1]


@dataclass(frozen=True, slots=True)
class Measured:
    """How fast something was; `cpu` is in processor seconds."""

    what: str
    feeds: int
    seconds: float
    cpu: float
    server: float = 0.0  # processor seconds of the server meanwhile

    @property
    def rate(self) -> float:
        return self.feeds / self.seconds

    def show(self) -> "Measured":
        click.echo(
            f"{self.what:<36} {self.rate:>6.0f} feeds/s  {self.seconds:>6.2f} s  "
            f"{self.cpu:>6.2f} s of processor  {self.server:>5.2f} s of the server's"
        )
        return self


FIRST, REPEAT, ANEW = "first poll", "repeat", "repeat over new connections"
BARE = f"bare feedparser on {CORES} cores"
READ, READ_AGAIN = (f"reader, {READER_WORKERS} workers, {poll}" for poll in ("first", "repeat"))
# What is compared with what, and the least ratio of their speeds that the project asks for.
RATIOS = (
    (FIRST, BARE, 0.8),
    (FIRST, READ, 3.0),
    (REPEAT, FIRST, 15.0),
    (ANEW, FIRST, None),
    (REPEAT, READ_AGAIN, None),
)


def measure(feeds: int, server: Server, rounds: int) -> None:
    """Poll, let `reader` poll, parse without either; say how they compare."""
    found: list[dict[str, Measured]] = []
    for number in range(rounds):
        click.echo(f"round {number + 1} of {rounds}")
        with tempfile.TemporaryDirectory() as folder:
            ours = _ours(feeds, server, Path(folder))
            made = [*ours, _bare(feeds), *_reader(feeds, server, Path(folder))]
        found.append({one.what: one for one in made})
    click.echo("")
    for one, other, bar in RATIOS:
        if other in found[0]:
            pairs = [(round_[one], round_[other]) for round_ in found]
            clock = _spread([a.rate / b.rate for a, b in pairs])
            cpu = _spread([b.cpu / a.cpu for a, b in pairs])
            least = "" if bar is None else f" (bar: at least {bar:g})"
            click.echo(f"{f'{one} / {other}':<52} by the clock {clock}, by processor {cpu}{least}")


def _spread(ratios: Sequence[float]) -> str:
    return f"{median(ratios):>5.2f} [{min(ratios):.2f} to {max(ratios):.2f}]"


def _ours(feeds: int, server: Server, folder: Path) -> Iterator[Measured]:
    # Here and not above: parsing processes must not load the program's whole network and store.
    from monitor import heap
    from monitor.clock import ManualClock
    from monitor.db.engine import migrate, open_engine
    from monitor.feeds.poll import PollReport, poll_due, sync_feeds
    from monitor.feeds.readers import Body, readers_of
    from monitor.fetch.client import Fetcher, Limits
    from monitor.settings import load_settings

    engine = open_engine(f"sqlite:///{folder / 'bench.db'}")
    migrate(engine)
    clock = ManualClock(START)
    sync_feeds(engine, [_spec(number, server.port) for number in range(feeds)], clock())

    settings = load_settings({})
    heap.settle()
    readers = readers_of(settings)
    warm = Body(feed(0), "http://lehti.localhost/0", "application/rss+xml", START)
    deque(readers.over(range(WARMING), lambda _: warm), maxlen=0)

    def poll(fetcher: Fetcher) -> None:
        report: PollReport = poll_due(
            engine, fetcher, clock, settings, readers=readers, strict=True
        )
        if report.polls != feeds or report.failures:
            raise click.ClickException(f"not every feed was polled: {report}")
        clock.set(clock() + timedelta(days=8))

    for names in ((FIRST, REPEAT), (ANEW,)):
        with Fetcher(Limits(), "tilannekuva-bench", allow_private=True) as fetcher:
            for name in names:
                yield _timed(name, feeds, server, partial(poll, fetcher))
    readers.close()
    engine.dispose()


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
    return Measured(BARE, feeds, seconds, cpu).show()


def parse_bare(bodies: Sequence[bytes]) -> float:
    """Parse with feedparser alone; the processor seconds it took."""
    began = process_time()
    for body in bodies:
        feedparser.parse(io.BytesIO(body), response_headers={"content-type": "application/rss+xml"})
    return process_time() - began


def _reader(feeds: int, server: Server, folder: Path) -> list[Measured]:
    """The first and the repeated poll of `reader`; nothing where it cannot be installed."""
    python = READER / "bin" / "python"
    if not python.exists() and not _install_reader():
        click.echo("reader could not be installed: no comparison with it", err=True)
        return []
    base = f"http://127.0.0.1:{server.port}"
    given = [str(folder / "reader.db"), base, str(feeds), str(READER_WORKERS)]
    began = server.cpu()
    done = subprocess.run(
        [python, "-c", READER_POLLS, *given], check=True, capture_output=True, text=True
    )
    served = (server.cpu() - began) / 2
    found = json.loads(done.stdout.splitlines()[-1])
    if found["entries"] != feeds * ITEMS:
        raise click.ClickException(f"reader stored {found['entries']} entries")
    took = zip((READ, READ_AGAIN), found["took"], strict=True)
    return [Measured(name, feeds, clock, cpu, served).show() for name, (clock, cpu) in took]


def _install_reader() -> bool:
    click.echo(f"making an environment with reader in {READER}", err=True)
    make = [sys.executable, "-m", "venv", str(READER)]
    # reader needs sgmllib and does not say so
    install = [str(READER / "bin" / "pip"), "install", "--quiet", "reader>=3,<4", "sgmllib3k"]
    return all(subprocess.run(command, check=False).returncode == 0 for command in (make, install))


def _timed(what: str, feeds: int, server: Server, work: Callable[[], None]) -> Measured:
    began, cpu, served = perf_counter(), _cpu(server), server.cpu()
    work()
    seconds = perf_counter() - began
    return Measured(what, feeds, seconds, _cpu(server) - cpu, server.cpu() - served).show()


def _cpu(server: Server) -> float:
    """Processor seconds of this process, of those it has ended, and of those it keeps but the server."""
    usages = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    pids = (int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit())
    found = (_process(pid) for pid in pids if pid != server.pid)
    kept = sum(seconds for parent, seconds in found if parent == os.getpid())
    return kept + sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _process(pid: int) -> tuple[int, float]:
    """Its parent and its processor seconds so far; those of a process that has just ended are none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0.0
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@click.command()
@click.argument("feeds", type=click.IntRange(1, 5000), default=1000)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
def main(feeds: int, rounds: int) -> None:
    """Measure polling over FEEDS loopback feeds."""
    from monitor import logs

    logs.configure("WARNING")
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(feeds, there))
    process.start()
    try:
        assert process.pid is not None
        measure(feeds, Server(here.recv(), process.pid), rounds)
    finally:
        process.terminate()
        process.join()


if __name__ == "__main__":
    main()
