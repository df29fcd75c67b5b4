"""Feeds and their polls in the store: what is due, what came of it, how each feed is.

Returns plain values, never rows. Decides nothing: a state is stored as it is given.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, func, insert, or_, update
from sqlmodel import Session, col, select

from monitor.db.batches import batches
from monitor.db.tables import EntryRow, FeedRow, PollRow
from monitor.feeds.decide import Poll, PollOutcome
from monitor.values import FeedSpec, FeedState, FeedStatus, Permission

_FEEDS: Table = FeedRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
_POLLS: Table = PollRow.__table__  # type: ignore[attr-defined]
_REMEMBERED = (
    "status",
    "etag",
    "last_modified",
    "body_hash",
    "failures",
    "next_poll",
    "last_poll",
    "last_success",
    "moved_to",
    "ttl_minutes",
    "skip_hours",
)
# Plain statements for many rows: rows kept as objects took most of the time of a poll.
_REMEMBER = (
    update(_FEEDS)
    .where(_FEEDS.c.id == bindparam("feed"))
    .values({name: bindparam(f"new_{name}") for name in _REMEMBERED})
)


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
    permission: Permission | None = None  # what allowed or refused the last poll that asked
    refused: Mapping[Permission, int] = field(default_factory=dict)  # pages of entries not read


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


def sharing_feeds(session: Session, addresses: Collection[str]) -> list[FeedState]:
    """The feeds that are asked at one of `addresses`, due or not."""
    asked = func.coalesce(FeedRow.moved_to, FeedRow.url)
    found: list[FeedState] = []
    for some in batches(sorted(addresses)):
        query = select(FeedRow).where(
            FeedRow.status != FeedStatus.REMOVED.value, asked.in_(list(some))
        )
        found += [_state(row) for row in session.exec(query.order_by(col(FeedRow.id)))]
    return found


def locked_feeds(session: Session, feed_ids: Collection[str]) -> dict[str, FeedState]:
    """The feeds as they stand, locked until the transaction ends (SQLite locks the whole store)."""
    # in one order everywhere, so that two workers never wait for each other
    query = select(FeedRow).where(col(FeedRow.id).in_(feed_ids)).order_by(col(FeedRow.id))
    return {row.id: _state(row) for row in session.exec(query.with_for_update())}


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


def save_polls(session: Session, polls: Sequence[tuple[FeedState, Poll]]) -> None:
    """Store what polls came to and what is remembered of each feed after its own."""
    if not polls:
        return
    connection = session.connection()
    connection.execute(_REMEMBER, [_remembered(state) for state, _ in polls])
    connection.execute(insert(_POLLS), [_poll_columns(poll) for _, poll in polls])


def _remembered(state: FeedState) -> dict[str, Any]:
    return {"feed": state.spec.id, **{f"new_{k}": v for k, v in _memory(state).items()}}


def _poll_columns(poll: Poll) -> dict[str, Any]:
    return {
        "feed_id": poll.feed_id,
        "at": poll.at,
        "outcome": poll.outcome.value,
        "reason": poll.reason,
        "status": poll.status,
        "bytes": poll.bytes,
        "milliseconds": poll.milliseconds,
        "items": poll.items,
        "new": poll.new,
        "seen": poll.seen,
        "revised": poll.revised,
        "rejected": poll.rejected,
        "oldest_item": poll.oldest_item,
        "permission": poll.permission.value if poll.permission else None,
    }


def recent_polls(session: Session, feed_id: str, n: int) -> list[Poll]:
    """The last `n` polls of a feed, newest first."""
    query = (
        select(PollRow)
        .where(PollRow.feed_id == feed_id)
        .order_by(col(PollRow.at).desc(), col(PollRow.id).desc())
        .limit(n)
    )
    return [_poll(row) for row in session.exec(query)]


def last_reach(session: Session, feed_ids: Collection[str]) -> dict[str, datetime | None]:
    """By feed, how far back its last successful answer reached."""
    newest = (
        select(PollRow.oldest_item)
        .where(col(PollRow.feed_id) == col(FeedRow.id))
        .where(PollRow.outcome != PollOutcome.FAILED.value)
        .order_by(col(PollRow.at).desc(), col(PollRow.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    return dict(session.exec(select(FeedRow.id, newest).where(col(FeedRow.id).in_(feed_ids))).all())


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
    refused = _refused_pages(session)
    return [_health(row, last, read, newest.get(row.id), refused.get(row.id, {})) for row in rows]


def _refused_pages(session: Session) -> dict[str, dict[Permission, int]]:
    """By feed, how many of its entries' pages may not be read, by what refused them."""
    refusals = [p.value for p in Permission if not p.may]
    found: dict[str, dict[Permission, int]] = {}
    query = (
        select(EntryRow.feed_id, EntryRow.permission, func.count())
        .where(col(EntryRow.permission).in_(refusals))
        .group_by(col(EntryRow.feed_id), col(EntryRow.permission))
        .order_by(col(EntryRow.permission))
    )
    for feed_id, permission, n in session.exec(query):
        found.setdefault(feed_id, {})[Permission(str(permission))] = n
    return found


def _health(
    row: FeedRow,
    last: Mapping[str, PollRow],
    read: Mapping[str, PollRow],
    newest: datetime | None,
    refused: Mapping[Permission, int],
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
        permission=Permission(poll.permission) if poll and poll.permission else None,
        refused=refused,
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
        permission=row.permission,
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
        ttl_minutes=row.ttl_minutes,
        skip_hours=tuple(row.skip_hours or ()),
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
        "permission": spec.permission,
        **_memory(state),
    }


def _memory(state: FeedState) -> dict[str, Any]:
    """The columns a poll may change."""
    return {
        "status": state.status.value,
        "etag": state.etag,
        "last_modified": state.last_modified,
        "body_hash": state.body_hash,
        "failures": state.failures,
        "next_poll": state.next_poll,
        "last_poll": state.last_poll,
        "last_success": state.last_success,
        "moved_to": state.moved_to,
        "ttl_minutes": state.ttl_minutes,
        "skip_hours": list(state.skip_hours),
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
        permission=Permission(row.permission) if row.permission else None,
    )
