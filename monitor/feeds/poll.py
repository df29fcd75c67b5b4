"""Polls the feeds that are due: fetch, parse, decide, store.

A transaction holds whole polls: what came of some feeds, their items, the outcomes and what is remembered
of each feed. One that is cut off leaves those feeds due. Orders the calls and owns the transactions; the
rules are in `schedule`, `parse` and `decide`. Makes no articles; entries wait for
`monitor.articles.ingest`.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeVar

from sqlalchemy import Engine
from sqlmodel import Session

from monitor.clock import Clock
from monitor.db.deletions import follow, mark_deleted
from monitor.db.engine import reading, transaction
from monitor.db.entries import known_entries, newest_times, save_all_entries
from monitor.db.feeds import (
    SyncReport,
    feeds_to_ask,
    locked_feeds,
    save_polls,
    sync_specs,
)
from monitor.db.outcomes import record, recorded
from monitor.feeds.decide import (
    RECENT,
    Bounds,
    EntryChange,
    Memory,
    Poll,
    PollIntent,
    PollOutcome,
    address_of,
    broke,
    decide,
    is_unchanged,
)
from monitor.feeds.readers import Body, Readers, body_of, readers_of
from monitor.fetch.client import Fetcher
from monitor.fetch.results import Fetched, Request, Result
from monitor.logs import get_logger
from monitor.progress import Progress, Silent
from monitor.settings import Settings
from monitor.values import (
    FeedSpec,
    FeedState,
    NotAFeed,
    Outcome,
    ParsedFeed,
    Stage,
)

__all__ = ["PollReport", "SyncReport", "bounds_of", "poll_due", "sync_feeds"]

MOST_FEEDS = 10_000  # in one round; the rest is due still in the next
BATCH = (
    50  # answers in one transaction: a commit and the queries around it cost as much as ten feeds
)
LONGEST_WAIT = timedelta(seconds=2)  # of an answer for others to be stored with it
NOTHING = Memory()

_log = get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PollReport:
    """What a round of polls came to. `items = new + seen + revised + rejected`."""

    polls: int = 0
    outcomes: Mapping[PollOutcome, int] = field(default_factory=dict)
    items: int = 0
    new: int = 0
    seen: int = 0
    revised: int = 0
    rejected: int = 0
    failures: tuple[tuple[str, str], ...] = ()  # (feed id, reason), by feed id


def sync_feeds(engine: Engine, specs: Iterable[FeedSpec], now: datetime) -> SyncReport:
    """Bring the store's feeds in line with feeds.yaml; what is remembered of each feed stays."""
    with transaction(engine) as session:
        report = sync_specs(session, specs, now)
    _log.info(
        "feeds_synced",
        added=len(report.added),
        changed=len(report.changed),
        returned=len(report.returned),
        removed=len(report.removed),
    )
    return report


def poll_due(
    engine: Engine,
    fetcher: Fetcher,
    clock: Clock,
    settings: Settings,
    progress: Progress | None = None,
    *,
    readers: Readers | None = None,
    strict: bool = False,
) -> PollReport:
    """Ask every feed that is due, parse and store what comes back.

    `readers` parse, and are kept for the next round; where none are given they are made for this one.
    An address that several feeds share is asked once, for all of them. A bug met with one feed is logged
    and recorded as its failed poll, and the others go on; with `strict` it is raised.
    """
    with reading(engine) as session:
        feeds = _by_address(feeds_to_ask(session, clock(), MOST_FEEDS))
    requests = [request_of(address, states) for address, states in feeds.items()]
    results = (progress or Silent()).over(
        fetcher.fetch_all(requests), "polling feeds", total=len(requests)
    )
    answers = (_answer(feeds[r.request.key], r, clock()) for r in results)
    bounds = bounds_of(settings)
    polls: list[Poll] = []
    with nullcontext(readers) if readers else closing(readers_of(settings)) as parsing:
        for some in _batches(parsing.over(answers, _Answer.to_parse), clock):
            takes = [take for answer, parsed in some for take in _takes(answer, parsed)]
            polls += _store(engine, takes, bounds, strict=strict)
    if settings.remove_deleted:
        with transaction(engine) as session:
            follow(session, clock())
    return _report(polls)


def bounds_of(settings: Settings) -> Bounds:
    """The shortest and longest time between two polls that the settings give."""
    minimum = timedelta(minutes=settings.poll_minutes)
    return Bounds(minimum, max(minimum, timedelta(hours=settings.poll_max_hours)))


# --- from due feeds to answers -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back for the feeds of one address."""

    states: Sequence[FeedState]  # as they were when the address was asked
    unchanged: Sequence[bool]  # by state: it has read the same bytes already
    result: Result
    at: datetime

    def to_parse(self) -> Body | None:
        """The body, unless every feed of the address has read the same bytes already."""
        if not isinstance(self.result, Fetched) or all(self.unchanged):
            return None
        return body_of(self.result, self.at)


@dataclass(frozen=True, slots=True)
class _Take:
    """An answer for one feed, on its way to the store."""

    state: FeedState
    result: Result
    parsed: ParsedFeed | NotAFeed | None  # None: nothing new to parse
    at: datetime


def _by_address(states: Iterable[FeedState]) -> dict[str, list[FeedState]]:
    found: dict[str, list[FeedState]] = {}
    for state in states:
        found.setdefault(address_of(state), []).append(state)
    return found


def request_of(address: str, states: Sequence[FeedState]) -> Request:
    """One request for all feeds of `address`, conditional where all remember the same answer."""
    remembered = {(state.etag, state.last_modified) for state in states}
    etag, last_modified = remembered.pop() if len(remembered) == 1 else (None, None)
    agreements = {state.spec.permission for state in states}
    agreement = agreements.pop() if len(agreements) == 1 else ""
    return Request(address, etag, last_modified, key=address, agreement=agreement)


def _answer(states: Sequence[FeedState], result: Result, at: datetime) -> _Answer:
    return _Answer(states, [is_unchanged(state, result) for state in states], result, at)


def _takes(answer: _Answer, parsed: ParsedFeed | NotAFeed | None) -> list[_Take]:
    return [
        _Take(state, answer.result, None if unchanged else parsed, answer.at)
        for state, unchanged in zip(answer.states, answer.unchanged, strict=True)
    ]


def _batches(answers: Iterable[T], clock: Clock) -> Iterator[list[T]]:
    """Cut at BATCH answers, or after LONGEST_WAIT where they come slowly."""
    some: list[T] = []
    began = clock()
    for answer in answers:
        began = began if some else clock()
        some.append(answer)
        if len(some) >= BATCH or clock() - began > LONGEST_WAIT:
            yield some
            some = []
    if some:
        yield some


# --- from answers to the store -------------------------------------------------------------------


def _store(engine: Engine, takes: Sequence[_Take], bounds: Bounds, *, strict: bool) -> list[Poll]:
    """Store the answers in one transaction; where that meets a bug, each in one of its own."""
    try:
        intents = _decide_and_save(engine, takes, bounds)
    except Exception:
        if strict:
            raise
        if len(takes) > 1:
            return [p for take in takes for p in _store(engine, [take], bounds, strict=False)]
        [take] = takes
        _log.exception("feed_internal_error", feed=take.state.spec.id)
        intents = _save_broken(engine, take, bounds)
    return [_logged(intent.poll) for intent in intents]


def _decide_and_save(
    engine: Engine, takes: Sequence[_Take], bounds: Bounds
) -> tuple[PollIntent, ...]:
    with transaction(engine) as session:
        takes = _still(session, takes)
        memories = _memories(session, takes)
        intents = tuple(
            decide(
                t.state, t.result, t.parsed, memories.get(t.state.spec.id, NOTHING), t.at, bounds
            )
            for t in takes
        )
        _save(session, intents)
    return intents


def _save_broken(engine: Engine, take: _Take, bounds: Bounds) -> tuple[PollIntent, ...]:
    with transaction(engine) as session:
        intents = tuple(broke(t.state, t.at, bounds) for t in _still(session, [take]))
        _save(session, intents)
    return intents


def _still(session: Session, takes: Sequence[_Take]) -> list[_Take]:
    """Those whose feed is as it was when it was asked, locked until the transaction ends.

    Somebody else polled or changed the others meanwhile.
    """
    standing = locked_feeds(session, [take.state.spec.id for take in takes])
    return [take for take in takes if standing.get(take.state.spec.id) == take.state]


def _memories(session: Session, takes: Sequence[_Take]) -> dict[str, Memory]:
    return memories(session, {take.state.spec.id: take.parsed for take in takes})


def memories(
    session: Session, answers: Mapping[str, ParsedFeed | NotAFeed | None]
) -> dict[str, Memory]:
    """What the store knows of the items, by feed id, for those whose answer was parsed."""
    keys = {
        feed_id: [entry.key for entry in parsed.entries]
        for feed_id, parsed in answers.items()
        if isinstance(parsed, ParsedFeed)
    }
    if not keys:
        return {}
    known = known_entries(session, keys)
    newest = newest_times(session, keys, RECENT)
    return {feed_id: Memory(known[feed_id], newest[feed_id]) for feed_id in keys}


def _save(session: Session, intents: Sequence[PollIntent]) -> None:
    save_polls(session, [(intent.state, intent.poll) for intent in intents])
    save_all_entries(
        session, [(i.poll.feed_id, i.poll.at, i.changes) for i in intents if i.changes]
    )
    for intent in intents:
        if intent.deleted:
            mark_deleted(session, intent.poll.feed_id, intent.deleted, intent.poll.at)
    known = recorded(session, Stage.ENTRY, {item for i in intents for item in _rejections(i)})
    for at, some in groupby(intents, key=lambda intent: intent.poll.at):
        record(session, [o for intent in some for o in _outcomes(intent, known)], at)


def _outcomes(intent: PollIntent, known: Collection[str]) -> list[Outcome]:
    """What became of the items: those not seen before, and rejections not reported before."""
    feed_id = intent.poll.feed_id
    told = [_outcome(feed_id, change) for change in intent.changes if change.kind != "seen"]
    rejections = [
        Outcome(Stage.ENTRY, item, "rejected", reason)
        for item, reason in _rejections(intent).items()
        if item not in known
    ]
    return told + rejections


def _rejections(intent: PollIntent) -> dict[str, str]:
    feed_id = intent.poll.feed_id
    return {f"{feed_id}|rejected|{item.key}": item.reason for item in intent.rejected}


def _outcome(feed_id: str, change: EntryChange) -> Outcome:
    item = f"{feed_id}|{change.entry.key}|{change.revision}"
    return Outcome(Stage.ENTRY, item, change.kind)


def _logged(poll: Poll) -> Poll:
    _log.info(
        "feed_polled",
        feed=poll.feed_id,
        outcome=poll.outcome.value,
        reason=poll.reason,
        new=poll.new,
        seen=poll.seen,
        revised=poll.revised,
        rejected=poll.rejected,
        milliseconds=poll.milliseconds,
    )
    return poll


def _report(polls: list[Poll]) -> PollReport:
    failed = [poll for poll in polls if poll.outcome is PollOutcome.FAILED]
    return PollReport(
        polls=len(polls),
        outcomes=dict(Counter(poll.outcome for poll in polls)),
        items=sum(poll.items for poll in polls),
        new=sum(poll.new for poll in polls),
        seen=sum(poll.seen for poll in polls),
        revised=sum(poll.revised for poll in polls),
        rejected=sum(poll.rejected for poll in polls),
        failures=tuple(sorted((poll.feed_id, poll.reason) for poll in failed)),
    )
