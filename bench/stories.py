"""How well articles find their stories, and what one costs as the archive grows.

    python -m bench.stories [--rows N ...] [--no-copies] [--no-quality] [--folder FOLDER]

Held-out half of the sample newsroom's events (the model was fitted on the other half), against naive
title match and plain MinHash in the same run; copies edited at five distances; milliseconds per article
in stores of several sizes, with SQLite's plan. Everything goes through the store and `group_new`.
"""

import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

import click
from sqlalchemy import Engine, text

from bench.events import Item, bcubed_each, bootstrap, items, mean, part
from bench.simulated.archive import archive
from monitor import logs
from monitor.articles.events import load_reader
from monitor.articles.fingerprint import content_hash, signature, similarity
from monitor.articles.group import find_story, group_new
from monitor.articles.pairs import WINDOW
from monitor.articles.stories import (
    COPY_SIMILARITY,
)
from monitor.articles.values import Draft
from monitor.clock import ManualClock
from monitor.db import articles, stories
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.feeds.poll import sync_feeds
from monitor.progress import Silent
from monitor.settings import ROOT
from monitor.values import FeedSpec

NOW = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
RATES = (0.05, 0.1, 0.2, 0.3, 0.5)
# Two writers invented the same unions' overtime ban with other dates: a reader would call it one event.
# Counted as two; a second figure leaves the pairs between them out.
DISPUTED = {"a024", "b036"}
LEAST_WORDS = 40  # of an original that is copied
TIMED = 100  # articles whose time is taken per size

Method = Callable[[Sequence[Item]], list[int]]


@contextmanager
def store(given: Sequence[Item]) -> Iterator[Engine]:
    """A fresh store with the articles in it, none in a story."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'bench.db'}")
        migrate(engine)
        feeds = {g: FeedSpec(g, f"https://{g}.example/rss", g, "fi", (), g, "daily") for g in {i.group for i in given} | {"bench"}}  # fmt: skip
        sync_feeds(engine, list(feeds.values()), NOW)
        with transaction(engine) as session:
            for item in given:
                articles.add(session, _draft(item, feeds[item.group]), NOW)
        yield engine
        engine.dispose()


def _draft(item: Item, feed: FeedSpec) -> Draft:
    return Draft(
        f"https://{item.group}.example/{item.id}", feed, item.title, item.text, item.language, 1.0,
        "full", "", "page", item.published, "feed", content_hash(item.title, item.text), item.signature,
    )  # fmt: skip


def by_program(given: Sequence[Item]) -> list[int]:
    """Stories as the program makes them."""
    with store(given) as engine:
        group_new(engine, ManualClock(NOW), Silent())
        with reading(engine) as session:
            rows = session.connection().execute(
                text("SELECT id, story_id FROM articles ORDER BY id")
            )
            return [story for _, story in rows]


def by_title(given: Sequence[Item]) -> list[int]:
    """The same title within the window."""
    return _first_match(given, lambda a, b: _words(a.title) == _words(b.title))


def by_minhash(given: Sequence[Item]) -> list[int]:
    """Plain MinHash of word shingles from 0.5 on, within the window."""
    return _first_match(given, lambda a, b: similarity(a.signature, b.signature) >= COPY_SIMILARITY)


def _first_match(given: Sequence[Item], alike: Callable[[Item, Item], bool]) -> list[int]:
    found: list[int] = []
    for n, item in enumerate(given):
        near = (k for k in range(n) if item.published - given[k].published <= WINDOW)
        found.append(next((found[k] for k in near if alike(given[k], item)), n))
    return found


def _words(title: str) -> list[str]:
    return re.findall(r"\w+", title.casefold())


METHODS: dict[str, Method] = {
    "title match": by_title,
    "plain MinHash": by_minhash,
    "stories": by_program,
}


def held_out(given: Sequence[Item]) -> None:
    """B-cubed on the held-out events, per language, and pairs of one event."""
    truth = [item.event for item in given]
    test = [n for n, item in enumerate(given) if part(item.event) == "test"]
    events = len({truth[n] for n in test})
    click.echo(f"held-out events: {events} with {len(test)} articles, among all {len(given)}")
    for name, method in METHODS.items():
        found = method(given)
        for label, of in (("all", test), *((lang, [n for n in test if given[n].language == lang]) for lang in ("fi", "sv"))):  # fmt: skip
            each = bcubed_each(truth, found, of)
            p, r, f = bootstrap([truth[n] for n in of], each)
            click.echo(f"  {name:14} {label:4} n={len(of):3} B-cubed {mean(each)}  95 %: P {_span(p)} R {_span(r)} F1 {_span(f)}")  # fmt: skip
        _pairs(name, given, found, set(test))


def _pairs(name: str, given: Sequence[Item], found: Sequence[int], test: set[int]) -> None:
    """Precision and recall over pairs that are no copies: follow-ups in one language, and across."""
    counted: dict[tuple[str, str], list[tuple[bool, bool]]] = defaultdict(list)
    disputed = 0
    for b in range(len(given)):
        for a in range(b):
            one, two = given[a], given[b]
            right, joined = one.event == two.event, found[a] == found[b]
            if not (right or joined) or not (a in test or b in test):
                continue
            if similarity(one.signature, two.signature) >= COPY_SIMILARITY:
                continue
            if joined and {one.event, two.event} == DISPUTED:
                disputed += 1
            kind = "one language" if one.language == two.language else "fi and sv"
            counted[kind, one.event].append((right, joined))
    for kind in ("one language", "fi and sv"):
        pairs = [pair for (k, _), found_ in counted.items() if k == kind for pair in found_]
        events, joins = sum(r for r, _ in pairs), sum(j for _, j in pairs)
        both = sum(r and j for r, j in pairs)
        click.echo(f"  {name:14} follow-up pairs, {kind}: {_share(both, joins)} right of those joined, {_share(both, events)} of the true joined")  # fmt: skip
    if disputed:
        click.echo(f"  {name:14} {disputed} of the wrong pairs are between {' and '.join(sorted(DISPUTED))}")  # fmt: skip


def _share(part_: int, whole: int) -> str:
    return f"{part_}/{whole} = {part_ / whole:.2f}" if whole else "0/0"


def _span(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.2f}-{interval[1]:.2f}"


def edited_copies(given: Sequence[Item]) -> None:
    """Copies with words deleted and replaced, in text and title, beside the whole newsroom."""
    chosen = [i for i in given if not i.copy and part(i.event) == "test" and len(i.text.split()) >= LEAST_WORDS]  # fmt: skip
    vocabulary = sorted({w for i in given for w in i.text.split()})
    click.echo(f"edited copies of {len(chosen)} held-out articles: share that joined the original's story; B-cubed of all")  # fmt: skip
    for rate in RATES:
        rng = random.Random(f"{rate}")
        copies = [_edited(i, rate, vocabulary, rng) for i in chosen]
        everything = sorted([*given, *copies], key=lambda i: (i.published, i.id))
        at = {item.id: n for n, item in enumerate(everything)}
        for name, method in METHODS.items():
            found = method(everything)
            joined = {lang: [found[at[c.id]] == found[at[c.id[: -len("-edit")]]] for c in copies if c.language == lang] for lang in ("fi", "sv")}  # fmt: skip
            each = bcubed_each([i.event for i in everything], found, [at[c.id] for c in copies])
            shares = ", ".join(f"{lang} {_share(sum(v), len(v))}" for lang, v in joined.items())
            click.echo(f"  {rate:4.0%} {name:14} {shares}; copies: B-cubed {mean(each)}")


def _edited(item: Item, rate: float, vocabulary: Sequence[str], rng: random.Random) -> Item:
    """A copy three hours later in which `rate` of the words were deleted or replaced, half and half."""

    def edit(given: str) -> str:
        words = []
        for word in given.split():
            if rng.random() >= rate:
                words.append(word)
            elif rng.random() < 0.5:
                words.append(rng.choice(vocabulary))
        return " ".join(words)

    title, body = edit(item.title), edit(item.text)
    return replace(item, id=f"{item.id}-edit", title=title, text=body, signature=signature(body), published=item.published + timedelta(hours=3), group="bench", copy=True)  # fmt: skip


def growth(given: Sequence[Item], sizes: Sequence[int], folder: Path | None) -> None:
    """Milliseconds to find a story, and to store it, in archives of several sizes."""
    first = 0.0
    for size in sizes:
        with archive(given, size, folder) as engine:
            found, stored = _times(engine, given)
            middle = found[len(found) // 2]
            first = first or middle
            click.echo(
                f"  {size:>9,} articles before: found in {middle:.1f} ms of processor (95 % {found[int(0.95 * len(found))]:.1f}), "
                f"{middle / first:.2f} times the first; found and stored in {stored[len(stored) // 2]:.1f} ms by the clock "
                f"(95 % {stored[int(0.95 * len(stored))]:.1f}); n={len(found)}"
            )  # fmt: skip
            if size == sizes[-1]:
                _plan(engine)


def _times(engine: Engine, given: Sequence[Item]) -> tuple[list[float], list[float]]:
    """Milliseconds of processor to find each story, and by the clock to find and store it; sorted."""
    reader, found, stored = load_reader(ROOT / "labels"), [], []
    chosen = given[:: max(1, len(given) // TIMED)]
    for n, item in enumerate(chosen):
        sketch = stories.Sketch(-1 - n, item.title, item.text, item.language, NOW, item.signature)
        began = process_time()
        with reading(engine) as session:
            find_story(session, sketch, reader)
        found.append((process_time() - began) * 1000)
    feed = FeedSpec("bench", "https://bench.example/rss", "bench", "fi", (), "bench", "daily")
    for item in chosen:
        again = replace(item, id=f"{item.id}-again", published=NOW, group="bench")
        with transaction(engine) as session:
            articles.add(session, _draft(again, feed), NOW)
        started = perf_counter()
        group_new(engine, ManualClock(NOW), Silent())
        stored.append((perf_counter() - started) * 1000)
    return sorted(found), sorted(stored)


def _plan(engine: Engine) -> None:
    for statement, values in (
        (stories.postings_statement(1), {"k0": 1, "start": 0, "end": 9, "most": 50}),
        (stories.bands_statement(1), {"v0": 1, "start": 0, "end": 9, "most": 50}),
    ):
        with reading(engine) as session:
            rows = session.connection().execute(
                text(f"EXPLAIN QUERY PLAN {statement.text}"), values
            )
            for row in rows:
                click.echo(f"  plan: {row[-1]}")


@click.command()
@click.option("--rows", multiple=True, type=click.IntRange(1), default=(1000, 10_000, 100_000, 1_000_000), show_default=True)  # fmt: skip
@click.option("--copies/--no-copies", default=True, help="Measure edited copies, too.")
@click.option("--quality/--no-quality", default=True, help="Measure the stories, not only time.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where the archives are made; 6 GB for a million articles.")  # fmt: skip
def main(rows: tuple[int, ...], copies: bool, quality: bool, folder: Path | None) -> None:
    """Measure stories on the sample newsroom."""
    logs.configure("WARNING")
    given = items()
    if quality:
        held_out(given)
    if quality and copies:
        edited_copies(given)
    click.echo("time to find an article's story, the archive growing:")
    growth(given, sorted(rows), folder)


if __name__ == "__main__":
    main()
