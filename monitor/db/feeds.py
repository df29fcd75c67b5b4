"""Feeds and their polls in the store: what is due, what came of it, how each feed is.

Returns plain values, never rows. Decides nothing: a state is stored as it is given.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from monitor.db.tables import EntryRow, FeedRow, PollRow
from monitor.feeds.decide import Poll, PollOutcome
from monitor.values import FeedSpec, FeedState, FeedStatus


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """How one feed is, for the page that shows it."""

    spec: FeedSpec
    status: FeedStatus
    last_poll: datetime | None
    last_success: datetime | None
    last_outcome: PollOutcome | None  # None: never polled
    failures: float  # graded sum since the last success
    reason: str  # why the last poll failed, or ""
    items: int  # in the newest answer that was read
    newest_item: datetime | None  # time of the newest stored item
    next_poll: datetime | None
    moved_to: str | None  # address the server proposes for good


@dataclass(frozen=True, slots=True)
class SyncReport:
    """Feed ids by what a reading of feeds.yaml changed."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()  # had been removed before
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


def feed_states(session: Session) -> list[FeedState]:
    """Every feed, removed ones too, by id."""
    return [_state(row) for row in session.exec(select(FeedRow).order_by(col(FeedRow.id)))]


def due_feeds(session: Session, now: datetime, limit: int) -> list[FeedState]:
    """The feeds whose next poll has come, those that waited longest first."""
    query = (
        select(FeedRow)
        .where(FeedRow.status != FeedStatus.REMOVED.value)
        .where(or_(col(FeedRow.next_poll).is_(None), col(FeedRow.next_poll) <= now))
        .order_by(col(FeedRow.next_poll).asc().nulls_first(), col(FeedRow.id))
        .limit(limit)
    )
    return [_state(row) for row in session.exec(query)]


def locked_feed(session: Session, feed_id: str) -> FeedState | None:
    """The feed as it stands, locked until the transaction ends (SQLite locks the whole store)."""
    row = session.get(FeedRow, feed_id, with_for_update=True)
    return _state(row) if row is not None else None


def sync_specs(session: Session, specs: Iterable[FeedSpec], now: datetime) -> SyncReport:
    """Make the feed rows those of `specs`, keeping what is remembered of each.

    A changed address begins afresh and is due at `now`: validators and failures belong to the old one.
    A feed no longer listed is marked removed, and its entries stay.
    """
    rows = {row.id: row for row in session.exec(select(FeedRow))}
    wanted = {spec.id: spec for spec in specs}
    found: dict[str, list[str]] = {kind: [] for kind in SyncReport.__slots__}
    for spec in wanted.values():
        found[_sync_one(session, rows.get(spec.id), spec, now)].append(spec.id)
    for row in rows.values():
        if row.id not in wanted and row.status != FeedStatus.REMOVED.value:
            row.status = FeedStatus.REMOVED.value
            found["removed"].append(row.id)
    session.flush()
    return SyncReport(**{kind: tuple(sorted(ids)) for kind, ids in found.items()})


def _sync_one(session: Session, row: FeedRow | None, spec: FeedSpec, now: datetime) -> str:
    if row is None:
        session.add(FeedRow(**_columns(FeedState(spec, next_poll=now))))
        return "added"
    old = _state(row)
    returned = old.status is FeedStatus.REMOVED
    if old.spec == spec and not returned:
        return "kept"
    status = FeedStatus.ACTIVE if returned else old.status
    state = replace(old, spec=spec, status=status, next_poll=now if returned else old.next_poll)
    state = state if old.spec.url == spec.url else FeedState(spec, next_poll=now)
    row.sqlmodel_update(_columns(state))
    return "returned" if returned else "changed"


def save_poll(session: Session, state: FeedState, poll: Poll) -> None:
    """Store what a poll came to and what is remembered of the feed after it."""
    session.get_one(FeedRow, state.spec.id).sqlmodel_update(_columns(state))
    session.add(
        PollRow(
            feed_id=poll.feed_id,
            at=poll.at,
            outcome=poll.outcome.value,
            reason=poll.reason,
            status=poll.status,
            bytes=poll.bytes,
            milliseconds=poll.milliseconds,
            items=poll.items,
            new=poll.new,
            seen=poll.seen,
            revised=poll.revised,
            rejected=poll.rejected,
            oldest_item=poll.oldest_item,
        )
    )


def recent_polls(session: Session, feed_id: str, n: int) -> list[Poll]:
    """The last `n` polls of a feed, newest first."""
    query = (
        select(PollRow)
        .where(PollRow.feed_id == feed_id)
        .order_by(col(PollRow.at).desc(), col(PollRow.id).desc())
        .limit(n)
    )
    return [_poll(row) for row in session.exec(query)]


def last_reach(session: Session, feed_id: str) -> datetime | None:
    """How far back the last successful answer of a feed reached."""
    query = (
        select(PollRow.oldest_item)
        .where(PollRow.feed_id == feed_id, PollRow.outcome != PollOutcome.FAILED.value)
        .order_by(col(PollRow.at).desc(), col(PollRow.id).desc())
        .limit(1)
    )
    return session.exec(query).first()


def feed_health(session: Session) -> list[FeedHealth]:
    """How every feed is that feeds.yaml lists, by id."""
    rows = session.exec(
        select(FeedRow).where(FeedRow.status != FeedStatus.REMOVED.value).order_by(col(FeedRow.id))
    ).all()
    last, read = _last_polls(session, ()), _last_polls(session, (PollOutcome.OK.value,))
    newest = dict(
        session.exec(
            select(EntryRow.feed_id, func.max(EntryRow.published)).group_by(EntryRow.feed_id)
        ).all()
    )
    return [_health(row, last, read, newest.get(row.id)) for row in rows]


def _health(
    row: FeedRow,
    last: Mapping[str, PollRow],
    read: Mapping[str, PollRow],
    newest: datetime | None,
) -> FeedHealth:
    state = _state(row)
    poll = last.get(row.id)
    return FeedHealth(
        spec=state.spec,
        status=state.status,
        last_poll=state.last_poll,
        last_success=state.last_success,
        last_outcome=PollOutcome(poll.outcome) if poll else None,
        failures=state.failures,
        reason=poll.reason if poll else "",
        items=read[row.id].items if row.id in read else 0,
        newest_item=newest,
        next_poll=state.next_poll,
        moved_to=state.moved_to,
    )


def _last_polls(session: Session, outcomes: Sequence[str]) -> dict[str, PollRow]:
    """The newest poll of each feed, of those with one of `outcomes` where given."""
    newest = select(func.max(PollRow.id)).group_by(PollRow.feed_id)
    if outcomes:
        newest = newest.where(col(PollRow.outcome).in_(outcomes))
    rows = session.exec(select(PollRow).where(col(PollRow.id).in_(newest)))
    return {row.feed_id: row for row in rows}


def spec_of(row: FeedRow) -> FeedSpec:
    """The feeds.yaml entry a row was made of. For the query files of this package."""
    return FeedSpec(
        id=row.id,
        url=row.url,
        title=row.title,
        lang=row.lang,
        home=tuple(row.home),
        group=row.publisher_group,
        kind=row.kind,
        note=row.note,
    )


def _state(row: FeedRow) -> FeedState:
    return FeedState(
        spec=spec_of(row),
        status=FeedStatus(row.status),
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
        failures=row.failures,
        next_poll=row.next_poll,
        last_poll=row.last_poll,
        last_success=row.last_success,
        moved_to=row.moved_to,
    )


def _columns(state: FeedState) -> dict[str, Any]:
    spec = state.spec
    return {
        "id": spec.id,
        "url": spec.url,
        "title": spec.title,
        "lang": spec.lang,
        "home": list(spec.home),
        "publisher_group": spec.group,
        "kind": spec.kind,
        "note": spec.note,
        "status": state.status.value,
        "etag": state.etag,
        "last_modified": state.last_modified,
        "body_hash": state.body_hash,
        "failures": state.failures,
        "next_poll": state.next_poll,
        "last_poll": state.last_poll,
        "last_success": state.last_success,
        "moved_to": state.moved_to,
    }


def _poll(row: PollRow) -> Poll:
    return Poll(
        feed_id=row.feed_id,
        at=row.at,
        outcome=PollOutcome(row.outcome),
        reason=row.reason,
        status=row.status,
        bytes=row.bytes,
        milliseconds=row.milliseconds,
        new=row.new,
        seen=row.seen,
        revised=row.revised,
        rejected=row.rejected,
        oldest_item=row.oldest_item,
    )
