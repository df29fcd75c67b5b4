"""Feeds and their polls in the store: what is due, what came of it, how each feed is.

Returns plain values, never rows. Decides nothing: a state is stored as it is given.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Table, bindparam, func, insert, or_, text, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from monitor.db.batches import batches
from monitor.db.tables import REFUSED_ENTRY, EntryRow, FeedRow, PollRow
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
    "pace_seconds",
    "reach",
)
# Plain statements for many rows: rows kept as objects took most of the time of a poll.
_REMEMBER = (
    update(_FEEDS)
    .where(_FEEDS.c.id == bindparam("feed"))
    .values({name: bindparam(f"new_{name}") for name in _REMEMBERED})
)
_RECORD = insert(_POLLS)


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


def feeds_to_ask(session: Session, now: datetime, limit: int) -> list[FeedState]:
    """The feeds whose next poll has come and those that share an address with one, by id.

    Where more than `limit` are due, the addresses of those that waited longest.
    """
    asked = func.coalesce(_FEEDS.c.moved_to, _FEEDS.c.url)
    listed = _FEEDS.c.status != FeedStatus.REMOVED.value
    due = (
        select(asked)
        .where(listed, or_(_FEEDS.c.next_poll.is_(None), _FEEDS.c.next_poll <= now))
        .order_by(_FEEDS.c.next_poll.asc().nulls_first(), _FEEDS.c.id)
        .limit(limit)
    )
    query = _FEEDS.select().where(listed, asked.in_(due)).order_by(_FEEDS.c.id)
    return [_state(row) for row in session.connection().execute(query).all()]


def locked_feeds(session: Session, feed_ids: Collection[str]) -> dict[str, FeedState]:
    """The feeds as they stand, locked until the transaction ends (SQLite locks the whole store)."""
    # in one order everywhere, so that two workers never wait for each other
    query = _FEEDS.select().where(_FEEDS.c.id.in_(feed_ids)).order_by(_FEEDS.c.id)
    rows = session.connection().execute(query.with_for_update())
    return {row.id: _state(row) for row in rows.all()}


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
    connection.execute(_RECORD, [_poll_columns(poll) for _, poll in polls])


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


def feed_health(session: Session) -> list[FeedHealth]:
    """How every feed is that feeds.yaml lists, by id."""
    newest = (
        select(EntryRow.published)
        .where(col(EntryRow.feed_id) == col(FeedRow.id), col(EntryRow.published).is_not(None))
        .order_by(col(EntryRow.published).desc())
        .limit(1)
    )
    # each a look into an index: nothing is read of a feed but its last poll and its last answer
    query = select(
        FeedRow,
        _last_poll().scalar_subquery(),
        _last_poll().where(text("polls.outcome = 'ok'")).scalar_subquery(),
        newest.scalar_subquery(),
    )
    rows = session.exec(
        query.where(FeedRow.status != FeedStatus.REMOVED.value).order_by(col(FeedRow.id))
    ).all()
    polls = _polls(session, {number for row in rows for number in row[1:3] if number is not None})
    refused = _refused_pages(session)
    return [
        _health(row, polls.get(last), polls.get(read), item, refused.get(row.id, {}))
        for row, last, read, item in rows
    ]


def _last_poll() -> Select[Any]:
    """The id of a feed's newest poll, for each row of a query on feeds."""
    return (
        sql_select(_POLLS.c.id)
        .where(_POLLS.c.feed_id == _FEEDS.c.id)
        .order_by(_POLLS.c.at.desc(), _POLLS.c.id.desc())
        .limit(1)
    )


def _polls(session: Session, ids: Collection[int]) -> dict[int | None, PollRow]:
    found: dict[int | None, PollRow] = {}
    for some in batches(sorted(ids)):
        found |= {r.id: r for r in session.exec(select(PollRow).where(col(PollRow.id).in_(some)))}
    return found


def _refused_pages(session: Session) -> dict[str, dict[Permission, int]]:
    """By feed, how many of its entries' pages may not be read, by what refused them."""
    found: dict[str, dict[Permission, int]] = {}
    query = (
        select(EntryRow.feed_id, EntryRow.permission, func.count())
        .where(text(REFUSED_ENTRY))
        .group_by(col(EntryRow.feed_id), col(EntryRow.permission))
        .order_by(col(EntryRow.permission))
    )
    for feed_id, permission, n in session.exec(query):
        found.setdefault(feed_id, {})[Permission(str(permission))] = n
    return found


def _health(
    row: FeedRow,
    poll: PollRow | None,  # the newest
    read: PollRow | None,  # the newest that was parsed
    newest: datetime | None,
    refused: Mapping[Permission, int],
) -> FeedHealth:
    state = _state(row)
    return FeedHealth(
        spec=state.spec,
        status=state.status,
        last_poll=state.last_poll,
        last_success=state.last_success,
        last_outcome=PollOutcome(poll.outcome) if poll else None,
        failures=state.failures,
        reason=poll.reason if poll else "",
        items=read.items if read else 0,
        newest_item=newest,
        next_poll=state.next_poll,
        moved_to=state.moved_to,
        permission=Permission(poll.permission) if poll and poll.permission else None,
        refused=refused,
    )


def spec_of(row: FeedRow | Row[Any]) -> FeedSpec:
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


def _state(row: FeedRow | Row[Any]) -> FeedState:
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
        pace_seconds=row.pace_seconds,
        reach=row.reach,
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
        "pace_seconds": state.pace_seconds,
        "reach": state.reach,
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
