"""Memory over 100,000 polls, what is left open after them, and fifty kills -9 of a run.

    python -m bench.endurance [--polls N] [--kills N] [--seed N]

Polls: a server process of its own plays 1,000 feeds at 20 sites over loopback HTTP; the program polls
them round after round as its worker does, robots.txt asked for, into a real SQLite store. Of every four
feeds one answers 304, one sends the same bytes, one has a new item in every round and the fourth has one
of five troubles. The resident memory of the polling process is read every 5,000 polls. Its slope over all
but the first fifth (caches fill there) is a least-squares line with Newey-West standard errors. At the
end everything is closed, and the threads, processes, files and sockets are compared with those before.

Kills: a process polls, reads pages, finds stories and tags, and is killed, again and again over one store
that new feeds come into: in a stage drawn at random (reading pages takes most of the time, and moments
drawn over the whole run would hardly meet the others), at a random moment of it. At the end it runs
unkilled. Text is made up.
"""

import gc
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np
from sqlmodel import Session, select

from bench.simulated.endurance_sites import KILLED_ITEMS, sites
from monitor.values import FeedSpec

if TYPE_CHECKING:
    from monitor.app import App

START = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
FEEDS, SITES = 1000, 20
SAMPLE_EVERY = 5000  # polls
ROUND = timedelta(hours=26)  # longer than the longest time between two polls
WARM = 0.2  # share of the polls before memory is judged
MOST_GROWTH = (
    0.05  # of the memory there was: what the slope's upper bound may come to over all polls
)
SPREAD = 1.96
WAVE = 5  # feeds that are new at every start of the process that is killed
STAGES = ("poll", "ingest", "stories", "tag", "flag")
# The process that is killed; it says which stage begins, so that the moments can be told.
RUN = "import sys; from bench.endurance import run_once; run_once(sys.argv[1])"


# --- memory and what is left open ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Open:
    """What a process holds: threads by name, its children, and what its descriptors lead to."""

    threads: Counter[str]
    children: int
    descriptors: Counter[str]

    def since(self, before: "Open") -> list[str]:
        """What is here that was not there before, in words."""
        more = [f"{n} thread {name}" for name, n in (self.threads - before.threads).items()]
        more += [f"{n} {name}" for name, n in (self.descriptors - before.descriptors).items()]
        if self.children > before.children:
            more.append(f"{self.children - before.children} process")
        return more


def held() -> Open:
    """What this process holds now."""
    descriptors: Counter[str] = Counter()
    for entry in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{entry}")
        except OSError:
            continue  # the listing's own
        descriptors[target.partition(":")[0]] += 1  # socket:[123] and pipe:[45] by their kind
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return Open(Counter(t.name for t in threading.enumerate()), len(children), descriptors)


def resident() -> float:
    """Resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def slope(polls: Sequence[int], memory: Sequence[float]) -> tuple[float, float]:
    """MiB per 100,000 polls and its standard error (Newey-West, two lags: neighbours are alike)."""
    x = np.asarray(polls, dtype=float) / 100_000
    y = np.asarray(memory)
    design = np.column_stack([np.ones_like(x), x])
    fit, *_ = np.linalg.lstsq(design, y, rcond=None)
    moments = design * (y - design @ fit)[:, None]
    meat = moments.T @ moments
    for lag, weight in ((1, 2 / 3), (2, 1 / 3)):
        part = moments[lag:].T @ moments[:-lag]
        meat += weight * (part + part.T)
    bread = np.linalg.inv(design.T @ design)
    freedom = len(x) / (len(x) - 2)
    return float(fit[1]), float(np.sqrt(max(0.0, (bread @ meat @ bread)[1, 1] * freedom)))


def _spec(number: int, port: int, path: str, site: str) -> FeedSpec:
    url = f"http://{site}.localhost:{port}/{path}/{number}"
    return FeedSpec(f"f{number}", url, f"F{number}", "fi", (), f"g{number % SITES}", "daily")


def memory(port: int, folder: Path, polls: int) -> bool:
    """Poll `polls` times; whether memory was flat and nothing was left open."""
    _poll(port, folder / "warm.db", FEEDS)  # what is imported and opened once is no leak
    gc.collect()
    before = held()
    samples = _poll(port, folder / "polls.db", polls)
    gc.collect()
    left = held().since(before)
    click.echo(f"left open after {polls} polls: {', '.join(left) or 'nothing'}")
    return _judged(samples, polls) and not left


def _poll(port: int, store: Path, polls: int) -> list[tuple[int, float]]:
    """(polls so far, resident MiB), every SAMPLE_EVERY polls."""
    # Here and not above: the parsing processes must not load the whole program.
    from monitor import pipeline
    from monitor.app import make_app
    from monitor.clock import ManualClock
    from monitor.settings import load_settings

    clock = ManualClock(START)
    settings = load_settings(
        {}, database_url=f"sqlite:///{store}", allow_private_addresses=True, log_level="ERROR"
    )
    app = make_app(settings, clock=clock)
    specs = [_spec(n, port, "feed", f"site{n % SITES}") for n in range(FEEDS)]
    pipeline.sync(app, specs)
    samples: list[tuple[int, float]] = []
    done, began = 0, time.monotonic()
    while done < polls:
        done += pipeline.poll(app).polls
        clock.set(clock() + ROUND)
        if done >= SAMPLE_EVERY * (len(samples) + 1):
            samples.append((done, resident()))
            speed = done / (time.monotonic() - began)
            click.echo(f"  {done:>7} polls  {samples[-1][1]:7.1f} MiB  {speed:5.0f} polls/s")
    app.close()
    return samples


def _judged(samples: Sequence[tuple[int, float]], polls: int) -> bool:
    kept = [s for s in samples if s[0] > WARM * polls]
    if len(kept) < 5:
        click.echo("too few polls to tell a slope: at least 40000 are needed")
        return True
    growth, error = slope([n for n, _ in kept], [m for _, m in kept])
    low, high = growth - SPREAD * error, growth + SPREAD * error
    most = MOST_GROWTH * kept[0][1]
    click.echo(
        f"memory: {growth:+.2f} MiB per 100,000 polls, 95 % interval [{low:+.2f}, {high:+.2f}], "
        f"n = {len(kept)} samples (bar: upper bound at most {most:.1f} MiB, 5 % of what it holds)"
    )
    return high <= most


# --- kills ---------------------------------------------------------------------------------------


def run_once(url: str) -> None:
    """What is killed: one round of every stage, in a process of its own."""
    from monitor.app import make_app
    from monitor.clock import ManualClock
    from monitor.settings import load_settings

    given = {"database_url": url, "parse_processes": 2, "extract_processes": 1}
    settings = load_settings({}, allow_private_addresses=True, log_level="ERROR", **given)
    app = make_app(settings, clock=ManualClock(START))
    for name, stage in _stages(app):
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()
        stage()
    sys.stdout.write("done\n")


def _stages(app: "App") -> Iterator[tuple[str, Callable[[], object]]]:
    """The stages of the pipeline, those that it runs as one apart."""
    from monitor import pipeline
    from monitor.articles.group import group_new
    from monitor.articles.ingest import ingest_due
    from monitor.tagging.run import flag_due, tag_due

    def ingest() -> None:
        with app.fetcher() as edge:
            ingest_due(app.engine, edge, app.clock, app.settings, app.progress, app.readers)

    yield "poll", lambda: pipeline.poll(app)
    yield "ingest", ingest
    yield "stories", lambda: group_new(app.engine, app.clock, app.progress, app.settings.labels_dir)
    yield "tag", lambda: tag_due(app.engine, app.tagger, app.clock, app.progress)
    yield (
        "flag",
        lambda: flag_due(
            app.engine, app.reference, app.tagger.versions, app.clock, app.settings, app.progress
        ),
    )


def _run(url: str, kill: tuple[str, float] | None) -> tuple[str, dict[str, float]]:
    """Run until done, or killed so many seconds after a stage began: the last stage that began, and
    the seconds that each took."""
    process = subprocess.Popen([sys.executable, "-c", RUN, url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said: list[tuple[str, float]] = []
    for line in process.stdout:
        said.append((line.strip(), time.monotonic()))
        if kill is not None and said[-1][0] == kill[0]:
            time.sleep(kill[1])
            process.send_signal(signal.SIGKILL)
    code = process.wait()
    process.stdout.close()
    if code not in (0, -signal.SIGKILL) or not said or said[0][0] != STAGES[0]:
        raise click.ClickException(f"the run ended with {code}")
    return said[-1][0], {name: later - at for (name, at), (_, later) in pairwise(said)}


def kills(port: int, folder: Path, times: int, seed: int) -> bool:
    """Kill a run `times` times; whether every entry then has one outcome per stage."""
    from monitor.db.engine import migrate, open_engine, reading
    from monitor.db.tally import discrepancies, tally
    from monitor.feeds.poll import sync_feeds

    rng, url = random.Random(seed), f"sqlite:///{folder / 'kills.db'}"
    engine = open_engine(url)
    migrate(engine)
    hit: Counter[str] = Counter()
    took: dict[str, float] = {}
    for number in range(times + 1):
        # new work before every start, so that a kill meets every stage under way
        specs = [_spec(n, port, "whole", f"s{n}") for n in range(WAVE * (number + 1))]
        sync_feeds(engine, specs, START)
        if number == 0:
            _, took = _run(url, None)
        else:
            drawn = rng.choice(STAGES)
            stage, _ = _run(url, (drawn, rng.uniform(0.0, took[drawn])))
            click.echo(f"  kill {number} of {times}: in {stage}")
            hit[stage] += 1
    _run(url, None)
    told = ", ".join(f"{hit[s]} in {s}" for s in (*STAGES, "done"))
    click.echo(
        f"kills: {times} at random moments (seed {seed}); a whole run takes {sum(took.values()):.1f} s; {told}"
    )
    with reading(engine) as session:
        wrong = [*discrepancies(tally(session)), *_lost_or_twice(session, len(specs))]
    engine.dispose()
    for sentence in wrong:
        click.echo(f"wrong: {sentence}")
    return not wrong


def _lost_or_twice(session: Session, feeds: int) -> list[str]:
    """Sentences about polls, entries, articles and outcomes that are not there exactly once."""
    from monitor.db.tables import ArticleRow, EntryRow, OutcomeRow, PollRow
    from monitor.values import Stage

    keys = {(f"f{f}", f"{f}-{n}") for f in range(feeds) for n in range(KILLED_ITEMS)}
    entries = session.exec(select(EntryRow.feed_id, EntryRow.key)).all()
    found = {
        "polls": (Counter(session.exec(select(PollRow.feed_id))), feeds),
        "entries": (Counter(entries), len(keys)),
        "articles": (Counter(session.exec(select(ArticleRow.address))), len(keys)),
    }
    for stage in (Stage.ENTRY, Stage.INGEST, Stage.STORY, Stage.TAG, Stage.FLAG):
        items = session.exec(select(OutcomeRow.item).where(OutcomeRow.stage == stage))
        found[f"outcomes of {stage}"] = (Counter(items), len(keys))
    wrong = [] if set(entries) == keys else ["the entries are others than the feeds'"]
    for what, (counted, wanted) in found.items():
        twice = sum(n > 1 for n in counted.values())
        click.echo(f"  {what:<20} {len(counted):>6} of {wanted}, {twice} twice")
        if twice or len(counted) != wanted:
            wrong.append(f"{what}: {len(counted)} of {wanted}, {twice} more than once")
    return wrong


@click.command()
@click.option("--polls", type=click.IntRange(0), default=100_000, show_default=True)
@click.option("--kills", "times", type=click.IntRange(0), default=50, show_default=True)
@click.option("--seed", type=int, help="Of the moments of the kills; random where not given.")
def main(polls: int, times: int, seed: int | None) -> None:
    """Measure memory over many polls, and what kills leave behind."""
    from monitor import logs

    logs.configure("ERROR")
    seed = random.randrange(2**32) if seed is None else seed
    good = True
    with sites() as port, tempfile.TemporaryDirectory() as name:
        if polls:
            good &= memory(port, Path(name), polls)
        if times:
            good &= kills(port, Path(name), times, seed)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
