"""The use-case: entries that wait become articles.

Orders the calls and owns the transactions; what a page holds is decided in `extract`. An entry's
article, its outcome and its state are one transaction, so a
crash repeats nothing and loses nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol
from urllib.parse import urlsplit

from sqlalchemy import Engine

from monitor.articles.drafts import (
    draft_from_feed,
    draft_from_page,
    judge,
    next_try,
    page_of,
    with_language,
)
from monitor.articles.extract import extract
from monitor.articles.urls import canonical, variants
from monitor.articles.values import Draft, PendingEntry
from monitor.bounded import BrokeOff, TooSlow
from monitor.clock import Clock
from monitor.db import articles, outcomes
from monitor.db.engine import reading, transaction
from monitor.db.entries import finish_entry, pending_entries, retry_entry
from monitor.db.revisions import REMOVED, take_away
from monitor.fetch.permission import same_site
from monitor.fetch.results import (
    SOFT,
    FailReason,
    Fetched,
    FetchFailed,
    NotModified,
    Request,
    Result,
)
from monitor.logs import get_logger
from monitor.progress import Progress
from monitor.settings import Settings
from monitor.values import Extracted, Outcome, Permission, Stage, Unusable

BATCH = 200  # entries whose pages are asked for together
_BROKE_OFF = "reading the page broke off: it needs more memory than a page may"
MOST_UNREAD = 16  # pages handed to the executor at once: they wait in memory, whole
# Asking again does not help: the page is not there, or it may not be asked for.
_FINAL = {
    FailReason.NOT_FOUND,
    FailReason.GONE,
    FailReason.BAD_ADDRESS,
    FailReason.BLOCKED_ADDRESS,
    FailReason.NOT_ALLOWED,
}
# Said of a page that was read before: its publisher took it away.
_TAKEN_AWAY = {FailReason.NOT_FOUND, FailReason.GONE}

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
        reading: dict[Future[Extracted | Unusable], tuple[PendingEntry, Fetched]] = {}
        try:
            for result in fetcher.fetch_all(_request(key, e) for key, e in wanted.items()):
                entry = wanted[result.request.key]
                match result:
                    case Fetched():
                        reading[self._begin(result)] = entry, result
                        yield from self._finished(reading, MOST_UNREAD)
                        continue
                    case FetchFailed():
                        self._failed(entry, result)
                    case NotModified():  # nothing conditional was asked
                        self._give_up(entry, "the server said 304 to a first request")
                yield entry
            yield from self._finished(reading, 0)
        finally:
            for future in reading:
                future.cancel()

    def _begin(self, fetched: Fetched) -> "Future[Extracted | Unusable]":
        if self._executor is not None:
            return self._executor.submit(extract, page_of(fetched), dictionaries=False)
        here: Future[Extracted | Unusable] = Future()
        here.set_result(extract(page_of(fetched)))
        return here

    def _finished(
        self,
        reading: "dict[Future[Extracted | Unusable], tuple[PendingEntry, Fetched]]",
        most: int,
    ) -> Iterator[PendingEntry]:
        """Store the pages that have been read; wait for some while more than `most` have not."""
        while done := {f for f in reading if f.done()} or (
            wait(reading, return_when=FIRST_COMPLETED).done if len(reading) > most else set()
        ):
            for future in done:
                entry, fetched = reading.pop(future)
                self._take(entry, fetched, future)
                yield entry

    def _take(
        self, entry: PendingEntry, fetched: Fetched, future: "Future[Extracted | Unusable]"
    ) -> None:
        try:
            found = future.result()
        except TooSlow:
            reason = f"reading the page takes more than {self._settings.extract_seconds:g} seconds"
            self._give_up(entry, reason, "too slow", fetched.permission)
        except BrokeOff:
            # the page's fault or the machine's: it is tried again like one that could not be fetched
            broken = FetchFailed(fetched.request, FailReason.INTERNAL_ERROR, SOFT, _BROKE_OFF)
            self._failed(entry, replace(broken, permission=fetched.permission))
        except Exception as error:  # not of the page: `extract` never raises
            self._met_a_bug(entry, error)
        else:
            self._read(entry, fetched, found)

    def _read(self, entry: PendingEntry, fetched: Fetched, found: Extracted | Unusable) -> None:
        if isinstance(found, Unusable):
            self._give_up(entry, found.reason, permission=fetched.permission)
        else:
            found = with_language(found)
            make = partial(draft_from_page, entry, fetched, found, self._clock())
            self._store(entry, make, permission=fetched.permission)

    def _failed(self, entry: PendingEntry, failure: FetchFailed) -> None:
        attempts = entry.attempts + 1
        self.tally.failures.append((entry.link, failure.detail))
        if failure.reason in _FINAL or attempts >= self._settings.retry_limit:
            refused = failure.reason is FailReason.NOT_ALLOWED
            taken = failure.reason in _TAKEN_AWAY and entry.revision > 1
            verdict = "not allowed" if refused else REMOVED if taken else ""
            self._give_up(entry, failure.detail, verdict, failure.permission)
            return
        with transaction(self._engine) as session:
            at = next_try(self._clock(), attempts, failure)
            retry_entry(session, entry.entry_id, at, attempts, failure.permission)
        self.tally.retried += 1

    def _give_up(
        self,
        entry: PendingEntry,
        reason: str,
        outcome: str = "",
        permission: Permission | None = None,
    ) -> None:
        """Keep the feed's own text, under the page's address."""
        make = partial(draft_from_feed, entry, canonical(entry.link), reason, self._clock())
        self._store(entry, make, outcome, permission)

    def _store(
        self,
        entry: PendingEntry,
        make: Callable[[], Draft | None],
        outcome: str = "",
        permission: Permission | None = None,
    ) -> None:
        # The draft is made in here: text that breaks it would else stop every later tick, too.
        try:
            self._commit(entry, make(), outcome, permission)
        except Exception as error:
            self._met_a_bug(entry, error)

    def _met_a_bug(self, entry: PendingEntry, error: Exception) -> None:
        """Called where `error` is handled: set the entry aside, so that the others go on."""
        if self._strict:
            raise error
        _log.exception("entry_set_aside", entry=entry.entry_id, link=entry.link)
        self._set_aside(entry, f"internal error ({type(error).__name__}); the log has the details")

    def _set_aside(self, entry: PendingEntry, reason: str) -> None:
        item = f"{entry.entry_id}|{entry.revision}"
        with transaction(self._engine) as session:
            outcome = Outcome(Stage.INGEST, item, "set aside", reason)
            outcomes.record(session, [outcome], self._clock())
            finish_entry(session, entry.entry_id, None, entry.revision)
        self.tally.outcomes["set aside"] += 1

    def _commit(
        self, entry: PendingEntry, draft: Draft | None, named: str, permission: Permission | None
    ) -> None:
        """Article, outcome and the entry's state in one transaction; without `draft` the known one.

        `named` is the outcome where the page's own fate says more than what became of its text.
        """
        item = f"{entry.entry_id}|{entry.revision}"
        now = self._clock()
        with transaction(self._engine) as session:
            address = draft.address if draft else entry.link
            known = articles.find(session, variants(address), lock=True)
            if named == REMOVED and (known is None or known.text_source != "page"):
                named = ""  # it was never read: the feed's text is all there was
            verdict = judge(known, draft, entry)
            outcome = Outcome(
                Stage.INGEST, item, named or verdict, draft.completeness_reason if draft else ""
            )
            if outcomes.recorded(session, Stage.INGEST, [item]):
                return  # another process was faster
            article_id = known.id if known else None
            if draft is not None and known is None:
                article_id = articles.add(session, draft, now)
            elif known is not None and named == REMOVED:
                take_away(session, known.id, outcome.reason, "ingest", now)
            elif draft is not None and known is not None and verdict == "revised":
                articles.revise(session, known.id, draft, now)
            outcomes.record(session, [outcome], now)
            finish_entry(session, entry.entry_id, article_id, entry.revision, permission)
        self.tally.outcomes[outcome.outcome] += 1


def _request(key: str, entry: PendingEntry) -> Request:
    """An agreement with an outlet is about its own pages, not about those it links to."""
    agreement, feed = entry.feed.permission, urlsplit(entry.feed.url).hostname or ""
    own = bool(agreement) and same_site(urlsplit(entry.link).hostname or "", feed)
    return Request(entry.link, key=key, agreement=agreement if own else "")
