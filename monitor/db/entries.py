"""Entries in the store: what is known of a feed's items, and which wait to become articles.

Returns plain values, never rows. Whether an item is new or revised is decided in `monitor.feeds`.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, func, insert, literal_column, or_, text, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from monitor.articles.values import PendingEntry
from monitor.db.batches import batches
from monitor.db.columns import UtcDateTime
from monitor.db.feeds import spec_of
from monitor.db.tables import EntryRow, FeedRow
from monitor.feeds.decide import EntryChange, KnownEntry
from monitor.values import FeedSpec, Permission

_ENTRIES: Table = EntryRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
# The pairs of feed and key as one parameter: as thousands of them they took eight times as long.
_KNOWN = {
    "sqlite": text(
        "SELECT e.feed_id, e.key, e.entry_hash, e.revision FROM json_each(:pairs) AS asked "
        "CROSS JOIN entries AS e ON e.feed_id = json_extract(asked.value, '$[0]') "
        "AND e.key = json_extract(asked.value, '$[1]')"
    ),
    "postgresql": text(
        "SELECT e.feed_id, e.key, e.entry_hash, e.revision "
        "FROM jsonb_array_elements(CAST(:pairs AS jsonb)) AS asked "
        "JOIN entries AS e ON e.feed_id = asked ->> 0 AND e.key = asked ->> 1"
    ),
}
_ADD = insert(_ENTRIES).values(state=literal_column("'pending'"), attempts=literal_column("0"))
_BEFORE_ALL = datetime(1, 1, 2, tzinfo=UTC)


def known_entries(
    session: Session, keys: Mapping[str, Collection[str]]
) -> dict[str, dict[str, KnownEntry]]:
    """What is stored of the items that feeds show: `keys` and the answer go by feed, then by key."""
    known: dict[str, dict[str, KnownEntry]] = {feed_id: {} for feed_id in keys}
    pairs = [(feed_id, key) for feed_id in sorted(keys) for key in sorted(keys[feed_id])]
    connection = session.connection()
    query = _KNOWN[connection.dialect.name]
    for feed_id, key, digest, revision in connection.execute(query, {"pairs": json.dumps(pairs)}):
        known[feed_id][key] = KnownEntry(digest, revision)
    return known


def newest_times(
    session: Session, feed_ids: Collection[str], n: int
) -> dict[str, tuple[datetime, ...]]:
    """By feed, the times of its `n` newest items that carry one, newest first."""
    # The n-th newest time is the lower bound of an index range: an archive of any size costs the same.
    oldest = aliased(EntryRow)
    bound = (
        select(oldest.published)
        .where(col(oldest.feed_id) == col(FeedRow.id), col(oldest.published).is_not(None))
        .order_by(col(oldest.published).desc())
        .offset(n - 1)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(EntryRow.feed_id, EntryRow.published)
        .join(FeedRow, col(EntryRow.feed_id) == col(FeedRow.id))
        .where(col(FeedRow.id).in_(feed_ids), col(EntryRow.published).is_not(None))
        .where(col(EntryRow.published) >= func.coalesce(bound, _BEFORE_ALL, type_=UtcDateTime))
    )
    found: dict[str, list[datetime]] = {feed_id: [] for feed_id in feed_ids}
    for feed_id, published in session.exec(query):
        if published is not None:
            found[feed_id].append(published)
    return {feed_id: tuple(sorted(times, reverse=True)[:n]) for feed_id, times in found.items()}


def save_entries(
    session: Session, feed_id: str, changes: Sequence[EntryChange], now: datetime
) -> None:
    """Store one feed's new items, note seen ones, put revised ones back in line for an article."""
    save_all_entries(session, [(feed_id, now, changes)])


def save_all_entries(
    session: Session, answers: Sequence[tuple[str, datetime, Sequence[EntryChange]]]
) -> None:
    """`save_entries` for many feeds: feed id, instant and changes of each."""
    new = [
        _new_row(feed_id, change, now)
        for feed_id, now, changes in answers
        for change in changes
        if change.kind == "new"
    ]
    if new:  # one statement: rows built one by one took a fifth of a first poll
        session.connection().execute(_ADD, new)
    for feed_id, now, changes in answers:
        for change in changes:
            if change.kind == "revised":
                _revise(session, feed_id, change, now)
        _note_seen(session, feed_id, changes, now)


def _note_seen(
    session: Session, feed_id: str, changes: Sequence[EntryChange], now: datetime
) -> None:
    seen = [change.entry.key for change in changes if change.kind == "seen"]
    for some in batches(seen):
        session.connection().execute(
            update(_ENTRIES)
            .where(_ENTRIES.c.feed_id == feed_id, _ENTRIES.c.key.in_(some))
            .values(last_seen=now, deleted=None)
        )


def pending_entries(session: Session, now: datetime, limit: int) -> list[PendingEntry]:
    """Entries that wait to become articles and whose next try has come, oldest first."""
    query = (
        select(EntryRow, FeedRow)
        .join(FeedRow, col(EntryRow.feed_id) == col(FeedRow.id))
        .where(EntryRow.state == "pending")
        .where(or_(col(EntryRow.next_try).is_(None), col(EntryRow.next_try) <= now))
        .order_by(col(EntryRow.first_seen), col(EntryRow.id))
        .limit(limit)
    )
    return [_pending(entry, spec_of(feed)) for entry, feed in session.exec(query)]


def finish_entry(
    session: Session,
    entry_id: int,
    article_id: int | None,
    revision: int | None = None,
    permission: Permission | None = None,
) -> bool:
    """Mark an entry done. False, and still pending, where it was revised since `revision` was read.

    `permission` is what allowed or refused its page.
    """
    row = session.get_one(EntryRow, entry_id, with_for_update=True)
    row.permission = permission.value if permission else None
    row.article_id = article_id if article_id is not None else row.article_id
    if revision is not None and row.revision != revision:
        return False
    row.state, row.next_try = "done", None
    return True


def retry_entry(
    session: Session,
    entry_id: int,
    next_try: datetime,
    attempts: int,
    permission: Permission | None = None,
) -> None:
    """Try an entry again at `next_try`; `attempts` tries have been made."""
    row = session.get_one(EntryRow, entry_id)
    row.permission = permission.value if permission else None
    row.next_try, row.attempts = next_try, attempts


def _new_row(feed_id: str, change: EntryChange, now: datetime) -> dict[str, Any]:
    return {
        "feed_id": feed_id,
        "key": change.entry.key,
        "published": change.entry.published,
        "first_seen": now,
        "last_seen": now,
        **_content(change),
    }


def _revise(session: Session, feed_id: str, change: EntryChange, now: datetime) -> None:
    query = select(EntryRow).where(EntryRow.feed_id == feed_id, EntryRow.key == change.entry.key)
    row = session.exec(query).one()
    row.sqlmodel_update(_content(change))
    row.published = change.entry.published or row.published
    row.last_seen, row.deleted = now, None
    row.state, row.attempts, row.next_try = "pending", 0, None


def _content(change: EntryChange) -> dict[str, Any]:
    """The columns a revision may change."""
    entry = change.entry
    return {
        "link": entry.link,
        "own_page": entry.own_page,
        "title": entry.title,
        "summary": entry.summary,
        "author": entry.author,
        "entry_hash": change.entry_hash,
        "revision": change.revision,
    }


def _pending(row: EntryRow, feed: FeedSpec) -> PendingEntry:
    assert row.id is not None
    return PendingEntry(
        entry_id=row.id,
        feed=feed,
        key=row.key,
        link=row.link,
        own_page=row.own_page,
        title=row.title,
        summary=row.summary,
        author=row.author,
        published=row.published,
        first_seen=row.first_seen,
        revision=row.revision,
        attempts=row.attempts,
    )
