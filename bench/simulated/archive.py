"""A synthetic archive of articles that have their stories, of any size. Shared by measurements.

Traits are drawn from those of real texts and from made-up rare ones, as often as they occur in texts. One
article in a hundred repeats one and the same text, as bulletins do: a text that many articles share must not
make the next one dear. Rows are sorted before they are written, so that a million articles take minutes.
"""

import json
import random
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from bench.events import Item
from monitor.articles.events import load_reader
from monitor.articles.fingerprint import BANDS, bands
from monitor.articles.group import group_new
from monitor.articles.stories import (
    SEARCH_TRAITS,
)
from monitor.clock import ManualClock
from monitor.db import stories
from monitor.db.engine import migrate, open_engine
from monitor.feeds.poll import sync_feeds
from monitor.progress import Silent
from monitor.settings import ROOT
from monitor.values import FeedSpec

NOW = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
PER_DAY = 2000  # articles; the whole archive of a million reaches 500 days back
FIRST = 1_000_000  # id of the first one
RARE = 200_000  # made-up words
REPEATED = 100  # every so many articles repeat one text
POOL = (
    2000  # sets of traits that are kept of articles; what is kept is read, not compared by number
)
CHUNK = 20_000


@contextmanager
def archive(given: Sequence[Item], size: int, folder: Path | None = None) -> Iterator[Engine]:
    """A store with `size` synthetic articles, in a file of its own that is removed afterwards."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        path = Path(name) / "archive.db"
        engine = open_engine(f"sqlite:///{path}")
        migrate(engine)
        feed = FeedSpec("bench", "https://bench.example/rss", "bench", "fi", (), "bench", "daily")
        sync_feeds(engine, [feed], NOW)
        engine.dispose()
        _fill(path, given, size)
        group_new(engine, ManualClock(NOW), Silent())  # nothing waits
        yield engine
        engine.dispose()


def _fill(path: Path, given: Sequence[Item], size: int) -> None:
    rng = np.random.default_rng(1)
    hours = np.array([_hour(n) for n in range(size)], dtype=np.int64)
    store = sqlite3.connect(path, isolation_level=None)
    # a journal of millions of rows takes longer than the rows; a file that broke is made anew
    store.execute("PRAGMA journal_mode = OFF")
    store.execute("PRAGMA synchronous = OFF")
    store.execute("PRAGMA cache_size = -500000")
    store.execute("BEGIN")
    _articles(store, size, given[0])
    traits = _traits(given)
    _kept(store, traits, hours)
    _keys(store, traits, hours, rng)
    _shingles(store, bands(given[0].signature), hours, rng)
    store.execute("INSERT INTO story_hours SELECT hour, count(*) FROM story_traits GROUP BY hour")
    store.execute("COMMIT")
    store.execute("ANALYZE")
    store.close()


def _at(number: int) -> datetime:
    return NOW - timedelta(days=number / PER_DAY)


def _hour(number: int) -> int:
    return int(_at(number).timestamp() // 3600)


def _traits(given: Sequence[Item]) -> list[str]:
    """Every trait of the texts, as often as it occurs."""
    reader = load_reader(ROOT / "labels")
    return [t for i in given for t in sorted(reader.traits(i.title, i.text, i.language).all)]


def _articles(store: sqlite3.Connection, size: int, repeated: Item) -> None:
    rng = random.Random(1)
    for start in range(0, size, CHUNK):
        numbers = range(start, min(start + CHUNK, size))
        times = [f"{_at(n):%Y-%m-%d %H:%M:%S.%f}" for n in numbers]
        ids = [FIRST + n for n in numbers]
        store.executemany(
            "INSERT INTO stories VALUES (?, ?, ?)", zip(ids, times, times, strict=True)
        )
        store.executemany(
            "INSERT INTO articles (id, address, feed_id, publisher_group, feed_home, title, text, language, "
            "language_confidence, completeness, completeness_reason, text_source, published, published_source, "
            "first_seen, content_hash, fingerprint, revision, story_id, removed_why) VALUES (?, ?, 'bench', 'bench', "
            "'[]', '-', '-', 'fi', 1.0, 'full', '', 'page', ?, 'feed', ?, ?, ?, 1, ?, '')",
            (
                (i, f"https://bench.example/{i}", at, at, f"v1:{i}", _signature(i, repeated, rng), _story(i))
                for i, at in zip(ids, times, strict=True)
            ),
        )  # fmt: skip


def _signature(number: int, repeated: Item, rng: random.Random) -> bytes:
    return repeated.signature if number % REPEATED == 0 else rng.randbytes(512)


def _story(number: int) -> int:
    return FIRST if number % REPEATED == 0 else number


def _kept(store: sqlite3.Connection, traits: Sequence[str], hours: np.ndarray) -> None:
    rng = random.Random(2)
    pool = []
    for _ in range(POOL):
        own = sorted(
            {*rng.choices(traits, k=40), *(f"wfi{rng.randrange(RARE):06}" for _ in range(40))}
        )
        weights = {t: round(rng.random(), 3) for t in own}
        pool.append(json.dumps({"title": own[:8], "weights": weights}))
    store.executemany(
        "INSERT INTO story_traits VALUES (?, ?, ?)",
        ((FIRST + n, int(hour), pool[n % POOL]) for n, hour in enumerate(hours)),
    )


def _keys(
    store: sqlite3.Connection, traits: Sequence[str], hours: np.ndarray, rng: np.random.Generator
) -> None:
    """SEARCH_TRAITS of each article, half from texts and half made up."""
    real = np.array([stories.trait_key(t) for t in traits])
    made = np.array([stories.trait_key(f"wfi{n:06}") for n in range(RARE)])
    half = SEARCH_TRAITS // 2
    size = len(hours)
    keys = np.concatenate([rng.choice(real, half * size), rng.choice(made, half * size)])
    numbers = np.tile(np.arange(size), 2 * half)
    _sorted_rows(store, "story_keys", keys, hours[numbers], numbers)


def _shingles(
    store: sqlite3.Connection, repeated: Sequence[int], hours: np.ndarray, rng: np.random.Generator
) -> None:
    numbers = np.arange(len(hours))
    for band in range(BANDS):
        values = rng.integers(-(2**31), 2**31, len(hours))
        values[(FIRST + numbers) % REPEATED == 0] = repeated[band]
        _sorted_rows(store, "shingles", values, hours, numbers, band)


def _sorted_rows(
    store: sqlite3.Connection,
    table: str,
    keys: np.ndarray,
    hours: np.ndarray,
    numbers: np.ndarray,
    *before: int,
) -> None:
    order = np.lexsort((numbers, hours, keys))
    marks = ", ".join("?" * (len(before) + 3))
    for start in range(0, len(order), 1_000_000):
        some = order[start : start + 1_000_000]
        columns = (keys[some].tolist(), hours[some].tolist(), (FIRST + numbers[some]).tolist())
        store.executemany(
            f"INSERT OR IGNORE INTO {table} VALUES ({marks})",
            ((*before, *row) for row in zip(*columns, strict=True)),
        )
