"""Entries in the store: what is known of a feed's items, and which wait to become articles.

Returns plain values, never rows. Whether an item is new or revised is decided in `monitor.feeds`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, update
from sqlmodel import Session, col, select

from monitor.articles.values import PendingEntry
from monitor.db.batches import batches
from monitor.db.feeds import spec_of
from monitor.db.tables import EntryRow, FeedRow
from monitor.feeds.decide import EntryChange, KnownEntry
from monitor.values import FeedSpec


def known_entries(session: Session, feed_id: str, keys: Collection[str]) -> dict[str, KnownEntry]:
    """What is stored of those of `keys` that the feed has shown before."""
    known: dict[str, KnownEntry] = {}
    for some in batches(sorted(keys)):
        query = select(EntryRow.key, EntryRow.entry_hash, EntryRow.revision).where(
            EntryRow.feed_id == feed_id, col(EntryRow.key).in_(some)
        )
        known |= {
            key: KnownEntry(digest, revision) for key, digest, revision in session.exec(query)
        }
    return known


def newest_times(session: Session, feed_id: str, n: int) -> list[datetime]:
    """Times of the `n` newest items of a feed that carry one, newest first."""
    query = (
        select(EntryRow.published)
        .where(EntryRow.feed_id == feed_id, col(EntryRow.published).is_not(None))
        .order_by(col(EntryRow.published).desc())
        .limit(n)
    )
    return [time for time in session.exec(query) if time is not None]


def save_entries(
    session: Session, feed_id: str, changes: Sequence[EntryChange], now: datetime
) -> None:
    """Store new items, note seen ones, and put revised ones back in line to become articles."""
    new = [_new_row(feed_id, change, now) for change in changes if change.kind == "new"]
    if new:  # one statement: rows built one by one took a fifth of a first poll
        session.exec(insert(EntryRow), params=new)
    for change in changes:
        if change.kind == "revised":
            _revise(session, feed_id, change, now)
    seen = [change.entry.key for change in changes if change.kind == "seen"]
    for some in batches(seen):
        session.exec(
            update(EntryRow)
            .where(col(EntryRow.feed_id) == feed_id, col(EntryRow.key).in_(some))
            .values(last_seen=now)
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
    session: Session, entry_id: int, article_id: int | None, revision: int | None = None
) -> bool:
    """Mark an entry done. False, and still pending, where it was revised since `revision` was read."""
    row = session.get_one(EntryRow, entry_id, with_for_update=True)
    row.article_id = article_id if article_id is not None else row.article_id
    if revision is not None and row.revision != revision:
        return False
    row.state, row.next_try = "done", None
    return True


def retry_entry(session: Session, entry_id: int, next_try: datetime, attempts: int) -> None:
    """Try an entry again at `next_try`; `attempts` tries have been made."""
    row = session.get_one(EntryRow, entry_id)
    row.next_try, row.attempts = next_try, attempts


def _new_row(feed_id: str, change: EntryChange, now: datetime) -> dict[str, Any]:
    return {
        "feed_id": feed_id,
        "key": change.entry.key,
        "published": change.entry.published,
        "first_seen": now,
        "last_seen": now,
        "state": "pending",
        "attempts": 0,
        **_content(change),
    }


def _revise(session: Session, feed_id: str, change: EntryChange, now: datetime) -> None:
    query = select(EntryRow).where(EntryRow.feed_id == feed_id, EntryRow.key == change.entry.key)
    row = session.exec(query).one()
    row.sqlmodel_update(_content(change))
    row.published = change.entry.published or row.published
    row.last_seen = now
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
