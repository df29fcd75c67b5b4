"""How fast the extractor is beside bare trafilatura on the same pages in the same run.

    python -m bench.extract_speed [FOLDER] [--rounds N] [--copies N]

Two questions. First, the extractor alone, on one core: reads every `*.html.gz` and `*.html` of FOLDER (by default the captured pages beside this repository, else
the pages of the tests) and lets three ways take turns page by page, so that a busy machine slows all
alike: ours, `trafilatura.extract`, and `trafilatura.bare_extraction` with metadata, which like ours finds
title and date. Prints pages per second and ratios of the medians over the rounds.

Second, the way from a fetched page to a stored, tagged article on two cores: entries of which each has a
page of FOLDER (`--copies` times over, with an address and a paragraph of its own each) go through
`ingest_due` with the service's executor and through `tag_due`, and so do the same pages through bare
`trafilatura.extract` in a pool of two processes, turn about. Tagging runs in a thread beside, as in the
service. Fetching is left out of both: pages come from memory. Processes are started and dictionaries
loaded before the clock runs. Prints ratios of time by the clock, which a busy machine distorts, and of
processor time of all processes, which it does less: the median of the rounds, with its range.
"""

import gzip
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import NamedTuple

import click
import trafilatura
from sqlmodel import func, select

from monitor import logs
from monitor.app import App, make_app
from monitor.articles.extract import extract
from monitor.articles.ingest import ingest_due
from monitor.articles.language import detect
from monitor.clock import system_clock
from monitor.db.engine import reading, transaction
from monitor.db.entries import save_entries
from monitor.db.tables import ArticleRow
from monitor.feeds.decide import EntryChange
from monitor.feeds.poll import sync_feeds
from monitor.fetch.results import Fetched, Request, Result
from monitor.progress import Silent
from monitor.settings import load_settings
from monitor.tagging.run import tag_due
from monitor.values import FeedSpec, Page, ParsedEntry

ROOT = Path(__file__).resolve().parent.parent
PLACES = (ROOT.parent / "shared" / "newsroom" / "pages", ROOT / "tests" / "data" / "pages")
Way = Callable[[bytes], object]
WAYS: dict[str, Way] = {
    "ours": lambda body: extract(Page("", body, None)),
    "trafilatura.extract": lambda body: trafilatura.extract(body, include_comments=False),
    "trafilatura.bare_extraction with metadata": lambda body: trafilatura.bare_extraction(
        body, include_comments=False, with_metadata=True
    ),
}


def load(folder: Path | None) -> list[bytes]:
    """The pages of `folder`, or of the first usual place that has any."""
    for place in (folder,) if folder else PLACES:
        files = sorted([*place.glob("*.html.gz"), *place.glob("*.html")])
        if files:
            return [
                gzip.decompress(f.read_bytes()) if f.suffix == ".gz" else f.read_bytes()
                for f in files
            ]
    raise click.ClickException("no pages found; give a FOLDER with *.html or *.html.gz")


def seconds(pages: list[bytes]) -> dict[str, float]:
    """Time each way took for all pages, the ways taking turns."""
    taken = dict.fromkeys(WAYS, 0.0)
    for number, body in enumerate(pages):
        names = list(WAYS)
        for name in names[number % 3 :] + names[: number % 3]:
            start = time.perf_counter()
            WAYS[name](body)
            taken[name] += time.perf_counter() - start
    return taken


# --- from page to tagged article on two cores ----------------------------------------------------

FEED = FeedSpec("lehti", "https://lehti.example/rss", "Lehti", "fi", (), "lehti", "daily")


class Taken(NamedTuple):
    """Seconds by the clock and of processor."""

    clock: float
    processor: float

    def __sub__(self, other: "Taken") -> "Taken":
        return Taken(self.clock - other.clock, self.processor - other.processor)

    def __str__(self) -> str:
        return f"{self.clock:.1f} s, {self.processor:.1f} s of processor"


def _now() -> Taken:
    """The clock, and the processor time of this process and those it started."""
    tasks = Path("/proc/self/task").iterdir()
    children = [pid for task in tasks for pid in (task / "children").read_text().split()]
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in children]
    ticks = sum(int(f[11]) + int(f[12]) for f in fields)
    return Taken(time.perf_counter(), time.process_time() + ticks / os.sysconf("SC_CLK_TCK"))


class PagesInMemory:
    """The fetcher's place: answers every address with its page."""

    def __init__(self, pages: Sequence[bytes]) -> None:
        self._pages = pages

    def fetch_all(self, requests: Iterable[Request]) -> Iterator[Result]:
        for request in requests:
            body = self._pages[int(request.url.rpartition("/")[2])]
            yield Fetched(
                request, request.url, 200, body, "text/html", None, None, None, None, 0, None
            )


def copies(pages: Sequence[bytes], n: int) -> list[bytes]:
    """Every page `n` times, each with a paragraph of its own, so that none is a repeat of another.

    The canonical address a page names is cut out: it would make one article of all its copies.
    """
    return [
        page.replace(b"canonical", b"elsewhere")
        .replace(b"og:url", b"og:elsewhere")
        .replace(b"<p>", f"<p>Kappale {copy}-{number}. ".encode(), 1)
        for copy in range(n)
        for number, page in enumerate(pages)
    ]


def ours(app: App, pages: Sequence[bytes], round_: int) -> Taken:
    """What it takes from the first page to the last tagged article."""
    entries = [
        ParsedEntry(
            f"{round_}-{n}", f"https://lehti.example/{round_}/{n}", True, f"Juttu {n}", "", None
        )
        for n in range(len(pages))
    ]
    with transaction(app.engine) as session:
        changes = [EntryChange("new", e, sha256(e.key.encode()).hexdigest(), 1) for e in entries]
        save_entries(session, FEED.id, changes, app.clock())
    before, start = _articles(app), _now()
    with ThreadPoolExecutor(1) as beside:
        ingest = beside.submit(
            ingest_due, app.engine, PagesInMemory(pages), app.clock, app.settings, Silent(),
            app.readers, strict=True,
        )  # fmt: skip
        while not ingest.done():
            tag_due(app.engine, app.tagger, app.clock, Silent())
            time.sleep(0.1)
        ingest.result()
        tag_due(app.engine, app.tagger, app.clock, Silent())
    taken = _now() - start
    made = _articles(app) - before
    click.echo(f"  ours: {made} articles, {taken}")
    if made < 0.95 * len(pages):
        raise click.ClickException(f"only {made} of {len(pages)} pages became articles")
    return taken


def _articles(app: App) -> int:
    with reading(app.engine) as session:
        return session.exec(select(func.count()).select_from(ArticleRow)).one()


def bare(pool: Executor, pages: Sequence[bytes]) -> Taken:
    """What trafilatura alone takes for all pages in the processes of `pool`."""
    start = _now()
    texts = sum(1 for text in pool.map(_bare, pages, chunksize=4) if text)
    taken = _now() - start
    click.echo(f"  trafilatura: {texts} texts, {taken}")
    return taken


def _bare(body: bytes) -> str | None:
    return trafilatura.extract(body, include_comments=False)


def two_cores(pages: list[bytes], rounds: int) -> None:
    """Print both speeds and their ratio, the two ways taking turns."""
    logs.configure("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        store = f"sqlite:///{Path(folder) / 'bench.db'}"
        app = make_app(load_settings({}, database_url=store, log_level="ERROR"))
        sync_feeds(app.engine, [FEED], system_clock())
        with ProcessPoolExecutor(2, get_context("spawn")) as pool:
            detect("xx")  # loads the dictionaries
            bare(pool, pages[:8])
            ours(app, pages[:8], 0)
            taken = [(ours(app, pages, n), bare(pool, pages)) for n in range(1, rounds + 1)]
        assert app.readers is not None
        app.readers.shutdown()
        app.engine.dispose()
    for what, kind in (("by the clock", 0), ("of processor", 1)):
        mine, theirs = (median(pair[way][kind] for pair in taken) for way in (0, 1))
        shares = [100 * pair[1][kind] / pair[0][kind] for pair in taken]
        click.echo(
            f"two cores, seconds {what} for {len(pages)} pages: ours to tagged articles {mine:.1f}, "
            f"trafilatura.extract alone {theirs:.1f}; ours is {median(shares):.0f} % as fast "
            f"[{min(shares):.0f} to {max(shares):.0f} in {rounds} rounds]"
        )


@click.command()
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False
)
@click.option("--rounds", default=3, show_default=True, help="Times the whole folder is read.")
@click.option("--copies", "times", default=3, show_default=True, help="For the second question.")
def main(folder: Path | None, rounds: int, times: int) -> None:
    """Measure pages per second."""
    pages = load(folder)
    seconds(pages[:3])  # dictionaries and patterns load at first use
    results = [seconds(pages) for _ in range(rounds)]
    for name in WAYS:
        took = median(r[name] for r in results)
        click.echo(f"{name}: {len(pages) / took:.1f} pages/s")
    for name in list(WAYS)[1:]:
        ratio = median(r[name] / r["ours"] for r in results)
        click.echo(f"ours against {name}: {ratio:.2f} times as fast")
    two_cores(copies(pages, times), rounds)


if __name__ == "__main__":
    main()
