"""What a feed's answer means for what is remembered of it. Pure: values in, an intent out.

Stores nothing and fetches nothing; `monitor.feeds.poll` carries the intent out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Literal

from monitor.feeds.schedule import jitter_of, next_poll, pace
from monitor.fetch.results import SOFT, FailReason, Fetched, FetchFailed, NotModified, Result
from monitor.values import (
    DeletedEntry,
    FeedState,
    FeedStatus,
    NotAFeed,
    ParsedEntry,
    ParsedFeed,
    Permission,
    RejectedEntry,
)

INTERNAL_ERROR = "internal error: the program's log has the details"
RECENT = 20  # items that the rhythm is taken from
# A remembered new address that answers so is forgotten, and the address of feeds.yaml tried again.
_LOST = {FailReason.NOT_FOUND, FailReason.GONE, FailReason.DNS, FailReason.BAD_ADDRESS}


class PollOutcome(StrEnum):
    """What came of a poll."""

    OK = "ok"  # parsed
    UNCHANGED = "unchanged"  # the same bytes as last time
    NOT_MODIFIED = "not modified"  # the server said so
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest time between two polls of a feed."""

    minimum: timedelta
    maximum: timedelta


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """What is remembered of an entry, to tell whether its item says something new."""

    entry_hash: str
    revision: int


@dataclass(frozen=True, slots=True)
class Memory:
    """What the store knows of a feed's items when a new answer comes."""

    entries: Mapping[str, KnownEntry] = field(default_factory=dict)  # by key, of the answer's keys
    newest: Sequence[datetime] = ()  # times of the newest stored items


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An item beside what is known of it."""

    kind: Literal["new", "seen", "revised"]
    entry: ParsedEntry
    entry_hash: str
    revision: int  # 1 for a new one


@dataclass(frozen=True, slots=True)
class Poll:
    """The record of one poll. `items = new + seen + revised + rejected`."""

    feed_id: str
    at: datetime
    outcome: PollOutcome
    reason: str = ""  # a sentence for people where it failed
    status: int | None = None
    bytes: int = 0
    milliseconds: int = 0
    new: int = 0
    seen: int = 0
    revised: int = 0
    rejected: int = 0
    oldest_item: datetime | None = None  # how far back the answer reaches
    permission: Permission | None = None  # what allowed or refused it; None: not asked

    @property
    def items(self) -> int:
        return self.new + self.seen + self.revised + self.rejected


@dataclass(frozen=True, slots=True)
class PollIntent:
    """All that one poll changes."""

    state: FeedState
    poll: Poll
    changes: tuple[EntryChange, ...] = ()
    rejected: tuple[RejectedEntry, ...] = ()
    deleted: tuple[DeletedEntry, ...] = ()


def address_of(state: FeedState) -> str:
    """Where the feed is asked: where it moved to, else where feeds.yaml says."""
    return state.moved_to or state.spec.url


def body_hash(body: bytes) -> str:
    """SHA-256 of an answer, in hex."""
    return sha256(body).hexdigest()


def is_unchanged(state: FeedState, result: Result) -> bool:
    """Whether the answer repeats the last one byte for byte, so that it need not be parsed."""
    return isinstance(result, Fetched) and body_hash(result.body) == state.body_hash


def entry_hash(entry: ParsedEntry) -> str:
    """SHA-256 of what makes a revision when it changes: title, summary, link."""
    return sha256("\x1f".join((entry.title, entry.summary, entry.link)).encode()).hexdigest()


def decide(
    state: FeedState,
    result: Result,
    parsed: ParsedFeed | NotAFeed | None,
    memory: Memory,
    now: datetime,
    bounds: Bounds,
) -> PollIntent:
    """What the answer changes. `parsed` is the parsed body of a new one, else None.

    `memory` counts where items were parsed.
    """
    match result:
        case FetchFailed():
            return _failed(state, result, now, bounds)
        case NotModified():
            return _same(state, result, PollOutcome.NOT_MODIFIED, now, bounds)
        case Fetched() if parsed is None:
            return _same(state, result, PollOutcome.UNCHANGED, now, bounds)
        case Fetched():
            if isinstance(parsed, NotAFeed):
                return _not_a_feed(state, result, parsed, now, bounds)
            assert parsed is not None
            return _parsed(state, result, parsed, memory, now, bounds)


def broke(state: FeedState, now: datetime, bounds: Bounds) -> PollIntent:
    """The intent for an answer that met a bug of ours: a soft failure, so that the others go on."""
    failed = replace(state, failures=state.failures + SOFT, last_poll=now)
    poll = Poll(state.spec.id, now, PollOutcome.FAILED, INTERNAL_ERROR)
    return PollIntent(_scheduled(failed, now, bounds), poll)


def classify(
    entries: Sequence[ParsedEntry], known: Mapping[str, KnownEntry]
) -> tuple[EntryChange, ...]:
    """Every item as new, seen or revised: the same key with another title, summary or link."""
    return tuple(_change(entry, known.get(entry.key)) for entry in entries)


def _change(entry: ParsedEntry, known: KnownEntry | None) -> EntryChange:
    digest = entry_hash(entry)
    if known is None:
        return EntryChange("new", entry, digest, 1)
    if known.entry_hash == digest:
        return EntryChange("seen", entry, digest, known.revision)
    return EntryChange("revised", entry, digest, known.revision + 1)


def _parsed(
    state: FeedState,
    result: Fetched,
    parsed: ParsedFeed,
    memory: Memory,
    now: datetime,
    bounds: Bounds,
) -> PollIntent:
    changes = classify(parsed.entries, memory.entries)
    kinds = [change.kind for change in changes]
    times = [e.published for e in parsed.entries if e.published is not None]
    poll = Poll(
        feed_id=state.spec.id,
        at=now,
        outcome=PollOutcome.OK,
        status=result.status,
        bytes=len(result.body),
        milliseconds=result.milliseconds,
        permission=result.permission,
        new=kinds.count("new"),
        seen=kinds.count("seen"),
        revised=kinds.count("revised"),
        rejected=len(parsed.rejected),
        oldest_item=min(times, default=None),
    )
    newest = sorted({*times, *memory.newest}, reverse=True)[:RECENT]
    healthy = _healthy(
        state,
        result,
        now,
        etag=result.etag,
        last_modified=result.last_modified,
        body_hash=body_hash(result.body),
        ttl_minutes=parsed.ttl_minutes,
        skip_hours=parsed.skip_hours,
        pace_seconds=pace(newest),
        reach=poll.oldest_item,
    )
    after = _scheduled(healthy, now, bounds, max_age=result.max_age_seconds)
    return PollIntent(after, poll, changes, parsed.rejected, parsed.deleted)


def _same(
    state: FeedState,
    result: Fetched | NotModified,
    outcome: PollOutcome,
    now: datetime,
    bounds: Bounds,
) -> PollIntent:
    size = len(result.body) if isinstance(result, Fetched) else 0
    poll = Poll(
        feed_id=state.spec.id,
        at=now,
        outcome=outcome,
        status=result.status,
        bytes=size,
        milliseconds=result.milliseconds,
        permission=result.permission,
        oldest_item=state.reach,
    )
    # a 304 need not repeat the validators; the old ones stay good
    healthy = _healthy(
        state,
        result,
        now,
        etag=result.etag or state.etag,
        last_modified=result.last_modified or state.last_modified,
    )
    after = _scheduled(healthy, now, bounds, max_age=result.max_age_seconds)
    return PollIntent(after, poll)


def _healthy(
    state: FeedState, result: Fetched | NotModified, now: datetime, **read: Any
) -> FeedState:
    """The state after an answer; `read` is what is remembered of it."""
    return replace(
        state,
        status=FeedStatus.ACTIVE,
        failures=0.0,
        last_poll=now,
        last_success=now,
        moved_to=_new_home(state, result.moved_permanently_to),
        **read,
    )


def _new_home(state: FeedState, moved_to: str | None) -> str | None:
    """Where the feed lives now; a feed that moved back to its listed address has not moved."""
    home = moved_to or state.moved_to
    return None if home == state.spec.url else home


def _failed(state: FeedState, result: FetchFailed, now: datetime, bounds: Bounds) -> PollIntent:
    lost = state.moved_to is not None and result.reason in _LOST
    gone = result.reason is FailReason.GONE and not lost
    failed = replace(
        state,
        status=FeedStatus.GONE if gone else state.status,
        failures=state.failures + result.weight,
        last_poll=now,
        moved_to=None if lost else state.moved_to,
        etag=None if lost else state.etag,
        last_modified=None if lost else state.last_modified,
    )
    poll = Poll(
        feed_id=state.spec.id,
        at=now,
        outcome=PollOutcome.FAILED,
        reason=f"{result.reason}: {result.detail}",
        status=result.status,
        milliseconds=result.milliseconds,
        permission=result.permission,
    )
    retry = result.retry_after_seconds
    return PollIntent(_scheduled(failed, now, bounds, retry=retry), poll)


def _not_a_feed(
    state: FeedState,
    result: Fetched,
    parsed: NotAFeed,
    now: datetime,
    bounds: Bounds,
) -> PollIntent:
    # Validators are not kept: a later 304 would make the failure look like health. A permanent
    # redirect is not believed either: papers that close their feed send it to the front page.
    failed = replace(
        state, failures=state.failures + SOFT, last_poll=now, etag=None, last_modified=None
    )
    poll = Poll(
        feed_id=state.spec.id,
        at=now,
        outcome=PollOutcome.FAILED,
        reason=f"not a feed: {parsed.reason}",
        status=result.status,
        bytes=len(result.body),
        milliseconds=result.milliseconds,
        permission=result.permission,
    )
    return PollIntent(_scheduled(failed, now, bounds), poll)


def _scheduled(
    state: FeedState,
    now: datetime,
    bounds: Bounds,
    *,
    retry: float | None = None,
    max_age: int | None = None,
) -> FeedState:
    moment = next_poll(
        now,
        minimum=bounds.minimum,
        maximum=bounds.maximum,
        failures=state.failures,
        retry_after_seconds=retry,
        max_age_seconds=max_age,
        ttl_minutes=state.ttl_minutes,
        skip_hours=state.skip_hours,
        pace_seconds=state.pace_seconds,
        status=state.status,
        jitter=jitter_of(state.spec.id, now),
    )
    return replace(state, next_poll=moment)
