"""The use-case: entries that wait become articles, and articles find their stories.

Orders the calls and owns the transactions; what a page holds is decided in `extract`, which story an
article belongs to in `stories`. An entry's article, its outcome and its state are one transaction, so a
crash repeats nothing and loses nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
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
from monitor.fetch.results import FailReason, Fetched, FetchFailed, NotModified, Request, Result
from monitor.progress import Progress
from monitor.settings import Settings
from monitor.values import (
    Article,
    Completeness,
    Extracted,
    Outcome,
    Page,
    Stage,
    TimeSource,
    Unusable,
)

BATCH = 200  # entries whose pages are asked for together
FIRST_RETRY = timedelta(minutes=15)  # doubled with every try
LAST_RETRY = timedelta(days=1)
EARLY = timedelta(days=1)  # a page may be dated this far ahead of the clock (embargo, time zone)
COPY_WINDOW = timedelta(days=30)  # a copy may come long after; a follow-up within stories.WINDOW
# Asking again does not help: the page is not there, or it may not be asked for.
_FINAL = {FailReason.NOT_FOUND, FailReason.GONE, FailReason.BAD_ADDRESS, FailReason.BLOCKED_ADDRESS}
_RANK: Mapping[Completeness, int] = {"title only": 0, "teaser": 1, "full": 2}


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
        for sketch in progress.over(waiting, "stories", len(waiting)):
            new = _features(sketch)
            choice = _choose(engine, new, window)
            story_id = _assign(engine, new, choice, clock())
            if story_id is not None:
                window.add(replace(new, story_id=story_id))
                counts[choice.why] += 1
    return StoryReport(dict(sorted(counts.items())))


class _Ingest:
    """One run over the entries that are due."""

    def __init__(
        self, engine: Engine, clock: Clock, settings: Settings, executor: Executor | None
    ) -> None:
        self._engine, self._clock, self._settings = engine, clock, settings
        self._executor = executor
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
                self._store(entry, draft_from_feed(entry, address, "", self._clock()))
                yield entry
            elif entry.revision == 1 and self._known(entry):
                self._store(entry, None)
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
            self._store(entry, draft_from_page(entry, fetched, found, self._clock()))

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
        draft = draft_from_feed(entry, canonical(entry.link), reason, self._clock())
        self._store(entry, draft)

    def _store(self, entry: PendingEntry, draft: Draft | None) -> None:
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
            if articles.has_outcome(session, outcome):
                return  # another process was faster
            article_id = known.id if known else None
            if draft is not None and known is None:
                article_id = articles.add(session, draft, now)
            elif draft is not None and known is not None and verdict == "revised":
                articles.revise(session, known.id, draft, now)
            outcomes.record(session, [outcome], now)
            finish_entry(session, entry.entry_id, article_id, entry.revision)
        self.tally.outcomes[verdict] += 1


def judge(known: Article | None, draft: Draft | None, entry: PendingEntry) -> str:
    """The outcome of an entry whose page or feed text reads `draft` now and is stored as `known`.

    A worse reading never replaces a better one: not a feed's text a page's, not a teaser a whole text.
    """
    if known is None:
        if draft is None:
            raise ValueError("an entry needs a known article or a draft")
        return draft.completeness if draft.text_source == "page" else "feed text"
    same = (
        "unchanged" if entry.revision > 1 and known.feed_id == entry.feed.id else "seen elsewhere"
    )
    if draft is None or draft.content_hash == known.content_hash:
        return same
    worse = _RANK[draft.completeness] < _RANK[known.completeness]
    from_feed = draft.text_source != "page" and known.text_source == "page"
    return same if worse or from_feed else "revised"


def draft_from_feed(entry: PendingEntry, address: str, reason: str, now: datetime) -> Draft:
    """The article as the feed alone gives it; `reason` says why its page was not read."""
    text = entry.summary.strip()
    language = detect(f"{entry.title}\n{text}")
    known = language.code != UNKNOWN
    completeness: Completeness = "title only" if not text else "teaser" if reason else "full"
    published, source = published_at(entry, None, None, now)
    return Draft(
        address=address,
        feed=entry.feed,
        title=entry.title,
        text=text,
        language=language.code if known else entry.feed.lang,
        language_confidence=language.confidence,
        completeness=completeness,
        completeness_reason=reason,
        text_source="feed" if text else "title",
        published=published,
        published_source=source,
        content_hash=content_hash(entry.title, text),
        fingerprint=signature(text or entry.title),
    )


def draft_from_page(
    entry: PendingEntry, fetched: Fetched, found: Extracted, now: datetime
) -> Draft:
    """The article as its page gives it; the feed's text where the page shows less of it."""
    address = found.canonical or canonical(fetched.url)
    published, source = published_at(entry, found.published, _http_time(fetched.last_modified), now)
    feed = draft_from_feed(entry, address, found.reason or "the page shows less than the feed", now)
    if len(feed.text.split()) > len(found.text.split()):
        return replace(feed, published=published, published_source=source)
    known = found.language != UNKNOWN
    return Draft(
        address=address,
        feed=entry.feed,
        title=found.title or entry.title,
        text=found.text,
        language=found.language if known else entry.feed.lang,
        language_confidence=found.language_confidence,
        completeness=found.completeness,
        completeness_reason=found.reason,
        text_source="page" if found.text else "title",
        published=published,
        published_source=source,
        content_hash=content_hash(found.title or entry.title, found.text),
        fingerprint=signature(found.text or found.title),
    )


def published_at(
    entry: PendingEntry, page: datetime | None, http: datetime | None, now: datetime
) -> tuple[datetime, TimeSource]:
    """The first credible of feed, page and HTTP times, else when the entry was first seen."""
    named: tuple[tuple[datetime | None, TimeSource], ...] = (
        (entry.published, "feed"),
        (page, "page"),
        (http, "http"),
    )
    for instant, source in named:
        if instant is not None and instant <= now + EARLY:
            return instant, source
    return entry.first_seen, "first seen"


def next_try(now: datetime, attempts: int, failure: FetchFailed) -> datetime:
    """When to ask again after `attempts` failed tries; Retry-After wins where it is later."""
    grown = FIRST_RETRY * (1 << min(attempts - 1, 10))
    wait = max(min(grown, LAST_RETRY), timedelta(seconds=failure.retry_after_seconds or 0))
    return now + min(wait, 7 * LAST_RETRY)


def page_of(fetched: Fetched) -> Page:
    """What the extractor reads of an answer."""
    return Page(fetched.url, fetched.body, fetched.charset, _http_time(fetched.last_modified))


def _http_time(value: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(value) if value else None
    except ValueError:
        return None
    if found is None:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


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
