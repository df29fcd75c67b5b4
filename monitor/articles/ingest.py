"""The use-case: entries that wait become articles, and articles find their stories.

Orders the calls and owns the transactions; what a page holds is decided in `extract`, which story an
article belongs to in `stories`. An entry's article, its outcome and its state are one transaction, so a
crash repeats nothing and loses nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import Engine

from monitor.articles.drafts import draft_from_feed, draft_from_page, judge, next_try, page_of
from monitor.articles.extract import extract
from monitor.articles.fingerprint import bands
from monitor.articles.stories import WINDOW, Features, StoryChoice, Window, choose_story, features
from monitor.articles.urls import canonical, variants
from monitor.articles.values import Draft, PendingEntry
from monitor.clock import Clock
from monitor.db import articles, outcomes, stories
from monitor.db.engine import reading, transaction
from monitor.db.entries import finish_entry, pending_entries, retry_entry
from monitor.db.stories import Sketch
from monitor.fetch.results import FailReason, Fetched, FetchFailed, NotModified, Request, Result
from monitor.logs import get_logger
from monitor.progress import Progress
from monitor.settings import Settings
from monitor.values import Extracted, Outcome, Stage, Unusable

BATCH = 200  # entries whose pages are asked for together
COPY_WINDOW = timedelta(days=30)  # a copy may come long after; a follow-up within stories.WINDOW
# Asking again does not help: the page is not there, or it may not be asked for.
_FINAL = {FailReason.NOT_FOUND, FailReason.GONE, FailReason.BAD_ADDRESS, FailReason.BLOCKED_ADDRESS}

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
    *,
    strict: bool = False,
) -> IngestReport:
    """Turn every entry that is due into an article. Extraction runs in `executor` where one is given.

    An entry that meets a bug of ours is set aside with its reason, so that the others go on; with
    `strict` the bug is raised.
    """
    run = _Ingest(engine, clock, settings, executor, strict)
    while batch := run.due():
        for _ in progress.over(run.work(batch, fetcher), "articles", len(batch)):
            pass
    return run.tally.report()


def group_new(engine: Engine, clock: Clock, progress: Progress) -> StoryReport:
    """Give every article without a story one, oldest first, each in its own transaction."""
    counts: Counter[str] = Counter()
    window: Window | None = None
    while waiting := _waiting(engine):
        window = window or _window(engine, waiting[0].published)
        done = 0
        for sketch in progress.over(waiting, "stories", len(waiting)):
            done += 1
            new = _features(sketch)
            choice = _choose(engine, new, window)
            story_id = _assign(engine, new, choice, clock())
            if story_id is not None:
                window.add(replace(new, story_id=story_id))
                counts[choice.why] += 1
        if done < len(waiting):  # the loop was stopped: what is left waits for the next tick
            break
    return StoryReport(dict(sorted(counts.items())))


class _Ingest:
    """One run over the entries that are due."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        settings: Settings,
        executor: Executor | None,
        strict: bool,
    ) -> None:
        self._engine, self._clock, self._settings = engine, clock, settings
        self._executor, self._strict = executor, strict
        self._tried: set[tuple[int, int]] = set()
        self.tally = _Tally()

    def due(self) -> list[PendingEntry]:
        """The next entries of this run: each revision is tried once in it."""
        with reading(self._engine) as session:
            batch = pending_entries(session, self._clock(), BATCH)
        fresh = [e for e in batch if (e.entry_id, e.revision) not in self._tried]
        self._tried |= {(e.entry_id, e.revision) for e in fresh}
        return fresh

    def work(self, batch: list[PendingEntry], fetcher: PageFetcher) -> Iterator[PendingEntry]:
        """Yield each entry of the batch when it is done."""
        wanted: dict[str, PendingEntry] = {}
        for entry in batch:
            if not (entry.own_page and entry.link):
                address = f"feed:{entry.feed.id}#{entry.key}"
                self._store(entry, partial(draft_from_feed, entry, address, "", self._clock()))
                yield entry
            elif entry.revision == 1 and self._known(entry):
                self._store(entry, lambda: None)
                yield entry
            else:
                wanted[str(entry.entry_id)] = entry
        yield from self._pages(wanted, fetcher)

    def _known(self, entry: PendingEntry) -> bool:
        with reading(self._engine) as session:
            return articles.find(session, variants(entry.link)) is not None

    def _pages(
        self, wanted: Mapping[str, PendingEntry], fetcher: PageFetcher
    ) -> Iterator[PendingEntry]:
        under_way: list[tuple[PendingEntry, Fetched, Future[Extracted | Unusable]]] = []
        for result in fetcher.fetch_all(Request(e.link, key=key) for key, e in wanted.items()):
            entry = wanted[result.request.key]
            match result:
                case Fetched() if self._executor is not None:
                    future = self._executor.submit(extract, page_of(result))
                    under_way.append((entry, result, future))
                    continue
                case Fetched():
                    self._read(entry, result, extract(page_of(result)))
                case FetchFailed():
                    self._failed(entry, result)
                case NotModified():  # nothing conditional was asked
                    self._give_up(entry, "the server said 304 to a first request")
            yield entry
        for entry, fetched, future in under_way:
            self._read(entry, fetched, future.result())
            yield entry

    def _read(self, entry: PendingEntry, fetched: Fetched, found: Extracted | Unusable) -> None:
        if isinstance(found, Unusable):
            self._give_up(entry, found.reason)
        else:
            self._store(entry, partial(draft_from_page, entry, fetched, found, self._clock()))

    def _failed(self, entry: PendingEntry, failure: FetchFailed) -> None:
        attempts = entry.attempts + 1
        self.tally.failures.append((entry.link, failure.detail))
        if failure.reason in _FINAL or attempts >= self._settings.retry_limit:
            self._give_up(entry, failure.detail)
            return
        with transaction(self._engine) as session:
            retry_entry(
                session, entry.entry_id, next_try(self._clock(), attempts, failure), attempts
            )
        self.tally.retried += 1

    def _give_up(self, entry: PendingEntry, reason: str) -> None:
        """Keep the feed's own text, under the page's address."""
        address = canonical(entry.link)
        self._store(entry, partial(draft_from_feed, entry, address, reason, self._clock()))

    def _store(self, entry: PendingEntry, make: Callable[[], Draft | None]) -> None:
        # The draft is made in here: text that breaks it would else stop every later tick, too.
        try:
            self._commit(entry, make())
        except Exception as error:
            if self._strict:
                raise
            _log.exception("entry_set_aside", entry=entry.entry_id, link=entry.link)
            self._set_aside(
                entry, f"internal error ({type(error).__name__}); the log has the details"
            )

    def _set_aside(self, entry: PendingEntry, reason: str) -> None:
        item = f"{entry.entry_id}|{entry.revision}"
        with transaction(self._engine) as session:
            outcome = Outcome(Stage.INGEST, item, "set aside", reason)
            outcomes.record(session, [outcome], self._clock())
            finish_entry(session, entry.entry_id, None, entry.revision)
        self.tally.outcomes["set aside"] += 1

    def _commit(self, entry: PendingEntry, draft: Draft | None) -> None:
        """Article, outcome and the entry's state in one transaction; without `draft` the known one."""
        item = f"{entry.entry_id}|{entry.revision}"
        now = self._clock()
        with transaction(self._engine) as session:
            address = draft.address if draft else entry.link
            known = articles.find(session, variants(address), lock=True)
            verdict = judge(known, draft, entry)
            outcome = Outcome(
                Stage.INGEST, item, verdict, draft.completeness_reason if draft else ""
            )
            if outcomes.recorded(session, Stage.INGEST, [item]):
                return  # another process was faster
            article_id = known.id if known else None
            if draft is not None and known is None:
                article_id = articles.add(session, draft, now)
            elif draft is not None and known is not None and verdict == "revised":
                articles.revise(session, known.id, draft, now)
            outcomes.record(session, [outcome], now)
            finish_entry(session, entry.entry_id, article_id, entry.revision)
        self.tally.outcomes[verdict] += 1


def _waiting(engine: Engine) -> list[Sketch]:
    with reading(engine) as session:
        return stories.without_story(session, BATCH)


def _window(engine: Engine, start: datetime) -> Window:
    with reading(engine) as session:
        recent = stories.with_story(session, start - WINDOW, start + timedelta(days=366))
    return Window(_features(sketch) for sketch in recent)


def _choose(engine: Engine, new: Features, window: Window) -> StoryChoice:
    start, end = new.published - COPY_WINDOW, new.published + COPY_WINDOW
    with reading(engine) as session:
        copies = stories.sharing_bands(session, bands(new.signature), start, end)
    found = {c.article_id: c for c in window.candidates(new)}
    found |= {c.article_id: _features(c) for c in copies}
    return choose_story(new, found.values(), window.rarity(new.language))


def _assign(engine: Engine, new: Features, choice: StoryChoice, now: datetime) -> int | None:
    with transaction(engine) as session:
        story_id = stories.assign(session, new.article_id, choice.story_id, bands(new.signature))
        if story_id is not None:
            outcome = Outcome(Stage.STORY, f"{new.article_id}", choice.why, choice.reason)
            outcomes.record(session, [outcome], now)
    return story_id


def _features(sketch: Sketch) -> Features:
    return features(
        sketch.article_id,
        sketch.title,
        sketch.text,
        sketch.language,
        sketch.published,
        sketch.fingerprint,
        sketch.story_id,
    )
