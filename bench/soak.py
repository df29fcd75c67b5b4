"""Six simulated weeks of the sample newsroom with outages: does the coverage ledger name them?

    python -m bench.soak [--seeds N] [--weeks N] [--outlets N]

The sample newsroom's outlets, languages, homes and proportions, at VOLUME times their volume (a paper
puts out some ten items a day), are played on a clock set by hand: six weeks to learn from, then six weeks
with outages. Polls, entries, articles and region claims are put into a real store as the stages would have
left them: the network, parsing and tagging are left out for speed. The ledger is kept twice a day, as the
worker does, and read at the end. Exit code 1 where an outage was not named or more than 2 % of the
source-days were named falsely.

Days differ by more than chance (negative binomial, size 6), by weekday, and holidays are Sundays. A
*silent* or *trickling* source is so for at least MISSED entries that it would have had: with fewer nobody
can tell it from chance. How small a silence is heard is measured apart, by entries missed, on the rhythm alone.
"""

import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from pathlib import Path
from statistics import median

import click
import numpy as np

from bench.simulated.newsroom import (
    LEARNING_WEEKS,
    NAMED,
    Outage,
    Played,
    instant_of,
    missed_entries,
    named,
    outlets,
    play,
    publish,
    right,
)
from monitor.coverage.calendar import day_of, days_between, weekday_of
from monitor.coverage.rhythm import Count, judge
from monitor.coverage.verdicts import TROUBLES
from monitor.db.engine import migrate, open_engine
from monitor.logs import configure as configure_logs
from monitor.newsroom.load import DEMO_START


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over source-days."""

    days: int  # of all sources
    healthy: int  # that no outage touches
    told: int  # with a verdict that something is wrong
    false: int  # of those told, the ones that no outage of that kind touches
    kinds: Counter[str]  # verdict -> false days


def tally(played: Played) -> Tally:
    """How many source-days were named, and how many of them falsely."""
    days = healthy = told = 0
    false: Counter[str] = Counter()
    for source, said in played.days.items():
        mine = [o for o in played.outages if o.source in ("", source)]
        for day in said:
            touching = [o for o in mine if o.touches(day.day)]
            days += 1
            healthy += not touching
            if day.verdict in TROUBLES:
                told += 1
                if not any(right(o, day) for o in touching):
                    false[str(day.verdict)] += 1
    return Tally(days, healthy, told, sum(false.values()), false)


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if n == 0:
        return 0.0, 1.0
    share, scale = hits / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def _share(hits: int, n: int) -> str:
    low, high = wilson(hits, n)
    return f"{hits}/{n} = {hits / max(1, n):.1%} (95 % {low:.1%}-{high:.1%})"


def run(seed: int, weeks: int, n: int | None) -> Played:
    """One play in a store of its own."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'soak.db'}")
        migrate(engine)
        try:
            return play(engine, seed, outlets(n), weeks)
        finally:
            engine.dispose()


def report(plays: Sequence[Played]) -> bool:
    """Print what came of the plays; whether the bars are met."""
    tallies = [tally(played) for played in plays]
    found: dict[str, list[bool]] = defaultdict(list)
    delays: dict[str, list[float]] = defaultdict(list)
    for played in plays:
        for outage in played.outages:
            found[outage.kind].append(named(outage, played.days))
            if outage in played.first_named:
                delay = played.first_named[outage] - outage.start
                delays[outage.kind].append(delay / timedelta(days=1))
            if not found[outage.kind][-1]:
                click.echo(f"not named: {outage}")
    for kind in NAMED:
        wait = f"median {median(delays[kind]):.1f} days after it began" if delays[kind] else "-"
        click.echo(f"{kind:8} named {_share(sum(found[kind]), len(found[kind]))}, {wait}")
    hits, n = sum(map(sum, found.values())), sum(map(len, found.values()))
    click.echo(f"{'recall':8} {_share(hits, n)}")
    false, days = sum(t.false for t in tallies), sum(t.days for t in tallies)
    told, healthy = sum(t.told for t in tallies), sum(t.healthy for t in tallies)
    click.echo(f"source-days {days}, of them healthy {healthy}, told as wrong {told}")
    click.echo(f"false source-days, of all: {_share(false, days)}")
    click.echo(f"false source-days, of those told as wrong: {_share(false, told)}")
    click.echo(f"false by verdict: {dict(sum((t.kinds for t in tallies), Counter()))}")
    return hits == n and false <= 0.02 * days


def limits(seeds: Sequence[int]) -> dict[str, tuple[int, int]]:
    """How small a silence is heard: entries missed -> (heard, injected). The rhythm alone."""
    found: dict[str, list[bool]] = defaultdict(list)
    first = day_of(DEMO_START)
    days = list(days_between(first - timedelta(weeks=LEARNING_WEEKS), first + timedelta(days=20)))
    for seed in seeds:
        rng = random.Random(seed)
        for n, (outlet, rate) in enumerate(outlets()):
            start = instant_of(rng, first + timedelta(days=rng.randrange(7)))
            end = start + timedelta(hours=rng.uniform(12, 120))
            missed = missed_entries(outlet, rate, start, end, "silent")
            outage = Outage("silent", outlet.id, start, end, missed)
            items = publish(np.random.default_rng([seed, n, 7]), outlet, rate, days, [outage])
            counted = Counter(day_of(item.at) for item in items if item.shown)
            said = judge(Count(counted[day], 1.0, weekday_of(day)) for day in days)
            heard = any(
                j.since is not None and outage.touches(day)
                for day, j in zip(days, said, strict=True)
            )
            found[_band(missed)].append(heard)
    return {band: (sum(found[band]), len(found[band])) for band in BANDS if found[band]}


BANDS = ("under 5", "5-10", "10-15", "15-25", "25 and more")


def _band(missed: float) -> str:
    return BANDS[sum(missed >= edge for edge in (5, 10, 15, 25))]


@click.command()
@click.option("--seeds", default=3, show_default=True, help="Plays, each with outages of its own.")
@click.option("--weeks", default=6, show_default=True)
@click.option(
    "--outlets", "count", default=None, type=int, help="The first so many; all by default."
)
def main(seeds: int, weeks: int, count: int | None) -> None:
    """Play, and print what was named and what falsely."""
    configure_logs("ERROR")
    began = time.perf_counter()
    plays = [run(seed, weeks, count) for seed in range(1, seeds + 1)]
    met = report(plays)
    click.echo("how small a silence is heard, by entries missed:")
    for band, (heard, n) in limits(range(1, 4)).items():
        click.echo(f"  {band:12} {_share(heard, n)}")
    click.echo(f"{seeds} x {weeks} weeks in {time.perf_counter() - began:.0f} s")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
