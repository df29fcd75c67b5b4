"""The use-case: entries that wait become articles, and articles find their stories.

Orders the calls and owns the transactions; what a page holds is decided in `extract`, which story an
article belongs to in `stories`. An entry's article, its outcome and its state are one transaction, so a
crash repeats nothing and loses nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol

from sqlalchemy import Engine

from monitor.articles.extract import extract
from monitor.articles.fingerprint import bands, content_hash, signature
from monitor.articles.language import UNKNOWN, detect
from monitor.articles.stories import WINDOW, Features, StoryChoice, Window, choose_story, features
from monitor.articles.urls import canonical, variants
from monitor.clock import Clock
from monitor.db import articles, outcomes, stories
from monitor.db.articles import Draft
from monitor.db.engine import reading, transaction
from monitor.db.entries import PendingEntry, finish_entry, pending_entries, retry_entry
from monitor.db.stories import Sketch
from monitor.fetch.results import HARD, FailReason, Fetched, FetchFailed, Request, Result
from monitor.logs import get_logger
from monitor.progress import Progress
from monitor.settings import Settings
from monitor.values import Article, Completeness, Extracted, Outcome, Page, Stage, TimeSource, Unusable

BATCH = 200  # entries whose pages are asked for together
FIRST_RETRY = timedelta(minutes=15)  # doubled with every try
LAST_RETRY = timedelta(days=1)
EARLY = timedelta(days=1)  # a page may be dated this far ahead of the clock (embargo, time zone)
COPY_WINDOW = timedelta(days=30)  # a copy may come long after; a follow-up within stories.WINDOW
# Asking again does not help: the page is not there, or it may not be asked for.
_FINAL = {FailReason.NOT_FOUND, FailReason.GONE, FailReason.BAD_ADDRESS, FailReason.BLOCKED_ADDRESS}
_RANK: Mapping[Completeness, int] = {"title only": 0, "teaser": 1, "full": 2}

_log = get_logger(__name__)


class PageFetcher(Protocol):
    """The part of `monitor.fetch.client.Fetcher` that is used here."""

    def fetch_all(self, requests: Iterable[Request]) -> Iterator[Result]:
        """One result per request, as they come."""
        ...


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of the entries that waited."""

    outcomes: Mapping[str, int] = field(default_factory=dict)  # outcome -> entry revisions
    retried: int = 0  # put off to a later try
    failures: tuple[tuple[str, str], ...] = ()  # address, why it could not be read

    @property
    def items(self) -> int:
        """Entry revisions that got their outcome."""
        return sum(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class StoryReport:
    """Into which kinds of story new articles went: new story, copy, follow-up."""

    outcomes: Mapping[str, int] = field(default_factory=dict)

    @property
    def items(self) -> int:
        """Articles that got their story."""
        return sum(self.outcomes.values())


@dataclass(slots=True)
class _Tally:
    """Counts while the work runs."""

    outcomes: Counter[str] = field(default_factory=Counter)
    retried: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)

    def report(self) -> IngestReport:
        return IngestReport(dict(sorted(self.outcomes.items())), self.retried, tuple(self.failures))


def ingest_due(
    engine: Engine,
    fetcher: PageFetcher,
    clock: Clock,
    settings: Settings,
    progress: Progress,
    executor: Executor | None = None,
) -> IngestReport:
    """Turn every entry that is due into an article. Extraction runs in `executor` where one is given."""
    run = _Ingest(engine, clock, settings, executor)
    tried: set[tuple[int, int]] = set()
    while batch := [e for e in run.due() if (e.entry_id, e.revision) not in tried]:
        tried |= {(e.entry_id, e.revision) for e in batch}
        for _ in progress.over(run.work(batch, fetcher), "articles", len(batch)):
            pass
    return run.tally.report()


class _Ingest:
    """One run over the entries that are due."""

    def __init__(
        self, engine: Engine, clock: Clock, settings: Settings, executor: Executor | None
    ) -> None:
        self._engine, self._clock, self._settings = engine, clock, settings
        self._executor = executor
        self.tally = _Tally()

    def due(self) -> list[PendingEntry]:
        with reading(self._engine) as session:
            return pending_entries(session, self._clock(), BATCH)

    def work(self, batch: list[PendingEntry], fetcher: PageFetcher) -> Iterator[PendingEntry]:
        """Yield each entry of the batch when it is done."""
        wanted: dict[str, PendingEntry] = {}
        for entry in batch:
            if not entry.own_page or not entry.link:
                self._settle(entry, lambda e: self._from_feed(e, f"feed:{e.feed.id}#{e.key}", ""))
                yield entry
            elif entry.revision == 1 and (known := self._known(entry)):
                self._settle(entry, lambda e, k=known: self._seen(e, k))  # type: ignore[misc]
                yield entry
            else:
                wanted[str(entry.entry_id)] = entry
        yield from self._pages(wanted, fetcher)

    def _pages(
        self, wanted: Mapping[str, PendingEntry], fetcher: PageFetcher
    ) -> Iterator[PendingEntry]:
        under_way: list[tuple[PendingEntry, Fetched, Future[Extracted | Unusable]]] = []
        requests = (Request(entry.link, key=key) for key, entry in wanted.items())
        for result in fetcher.fetch_all(requests):
            entry = wanted[result.request.key]
            if isinstance(result, Fetched) and self._executor is not None:
                under_way.append((entry, result, self._executor.submit(extract, page_of(result))))
                continue
            if isinstance(result, Fetched):
                found = extract(page_of(result))
                self._settle(entry, lambda e, r=result, f=found: self._from_page(e, r, f))  # type: ignore[misc]
            else:
                self._failed(entry, result)
            yield entry
        for entry, result, future in under_way:
            found = future.result()
            self._settle(entry, lambda e, r=result, f=found: self._from_page(e, r, f))  # type: ignore[misc]
            yield entry
