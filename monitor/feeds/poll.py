"""Polls the feeds that are due: fetch, parse, decide, store. One transaction per feed.

Orders the calls and owns the transactions; the rules are in `schedule`, `parse` and `decide`. Makes no
articles; entries wait for `monitor.articles.ingest`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from monitor.clock import Clock
from monitor.db.engine import reading, transaction
from monitor.db.entries import known_entries, newest_times, save_entries
from monitor.db.feeds import (
    SyncReport,
    due_feeds,
    last_reach,
    locked_feed,
    save_poll,
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
from monitor.feeds.parse import parse_feed
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
    RejectedEntry,
    Stage,
)

__all__ = ["PollReport", "SyncReport", "bounds_of", "poll_due", "sync_feeds"]

MOST_FEEDS = 10_000  # in one round; the rest is due still in the next

_log = get_logger(__name__)


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
    strict: bool = False,
) -> PollReport:
    """Ask every feed that is due, and store each answer in a transaction of its own.

    A bug met with one feed is logged and recorded as its failed poll, and the others go on; with
    `strict` it is raised.
    """
    with reading(engine) as session:
        due = {state.spec.id: state for state in due_feeds(session, clock(), MOST_FEEDS)}
    requests = [_request(state) for state in due.values()]
    bounds = bounds_of(settings)
    results = (progress or Silent()).over(
        fetcher.fetch_all(requests), "polling feeds", total=len(requests)
    )
    polls: list[Poll] = []
    for result in results:
        state, now = due[result.request.key], clock()
        try:
            poll = _take(engine, state, result, now, bounds)
        except Exception:
            if strict:
                raise
            _log.exception("feed_internal_error", feed=state.spec.id)
            poll = _commit(engine, state, broke(state, now, bounds), now)
        polls += [poll] if poll else []
    return _report(polls)


def bounds_of(settings: Settings) -> Bounds:
    """The shortest and longest time between two polls that the settings give."""
    minimum = timedelta(minutes=settings.poll_minutes)
    return Bounds(minimum, max(minimum, timedelta(hours=settings.poll_max_hours)))


def _request(state: FeedState) -> Request:
    return Request(address_of(state), state.etag, state.last_modified, key=state.spec.id)


def _take(
    engine: Engine, state: FeedState, result: Result, now: datetime, bounds: Bounds
) -> Poll | None:
    """Store one answer; None where somebody else polled or changed the feed meanwhile."""
    parsed = _parse(state, result, now)  # before the transaction: it must not hold the store's lock
    with transaction(engine) as session:
        if not _still(session, state):
            return None
        memory = _memory(session, state, parsed)
        intent = decide(state, result, parsed, memory, now, bounds)
        _save(session, intent, now)
    return _logged(intent.poll)


def _commit(engine: Engine, state: FeedState, intent: PollIntent, now: datetime) -> Poll | None:
    with transaction(engine) as session:
        if not _still(session, state):
            return None
        _save(session, intent, now)
    return _logged(intent.poll)


def _parse(state: FeedState, result: Result, now: datetime) -> ParsedFeed | NotAFeed | None:
    if not isinstance(result, Fetched) or is_unchanged(state, result):
        return None
    header = result.content_type
    if header and result.charset:
        header = f"{header}; charset={result.charset}"
    return parse_feed(result.body, result.url, header, now)


def _still(session: Session, state: FeedState) -> bool:
    """Whether the feed is as it was when it was asked; locks it until the transaction ends."""
    return locked_feed(session, state.spec.id) == state


def _memory(session: Session, state: FeedState, parsed: ParsedFeed | NotAFeed | None) -> Memory:
    keys = [entry.key for entry in parsed.entries] if isinstance(parsed, ParsedFeed) else []
    feed_id = state.spec.id
    return Memory(
        entries=known_entries(session, feed_id, keys),
        newest=newest_times(session, feed_id, RECENT),
        oldest_item=last_reach(session, feed_id),
    )


def _save(session: Session, intent: PollIntent, now: datetime) -> None:
    feed_id = intent.state.spec.id
    save_poll(session, intent.state, intent.poll)
    save_entries(session, feed_id, intent.changes, now)
    told = [change for change in intent.changes if change.kind != "seen"]
    record(session, [_outcome(feed_id, change) for change in told], now)
    record(session, _first_rejections(session, feed_id, intent.rejected), now)


def _outcome(feed_id: str, change: EntryChange) -> Outcome:
    item = f"{feed_id}|{change.entry.key}|{change.revision}"
    return Outcome(Stage.ENTRY, item, change.kind)


def _first_rejections(
    session: Session, feed_id: str, rejected: Iterable[RejectedEntry]
) -> list[Outcome]:
    """Outcomes of the rejected items that were not reported by an earlier poll."""
    found = {f"{feed_id}|rejected|{item.key}": item.reason for item in rejected}
    known = recorded(session, Stage.ENTRY, found.keys())
    return [
        Outcome(Stage.ENTRY, item, "rejected", reason)
        for item, reason in found.items()
        if item not in known
    ]


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
