"""Entries that their feeds say are deleted, in the store.

Returns plain values, never rows. The article stays; that it may have to go is shown with it, and only
where the settings say so is its text taken away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from monitor.db import outcomes
from monitor.db.batches import batches
from monitor.db.revisions import take_away
from monitor.db.tables import ArticleRow, EntryRow
from monitor.values import DeletedEntry, Outcome, Stage

OUTCOME = "removed by the feed"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A feed's word that one of its entries, and so its article, is to go."""

    feed_id: str
    at: datetime  # when the feed was read that said so
    why: str


def proposals(session: Session, article_id: int) -> list[Proposal]:
    """Which feeds say that the article is deleted, the first one first."""
    query = (
        select(EntryRow)
        .where(col(EntryRow.article_id) == article_id, col(EntryRow.deleted).is_not(None))
        .order_by(col(EntryRow.deleted), col(EntryRow.id))
    )
    return [Proposal(r.feed_id, r.deleted, r.deleted_why) for r in session.exec(query) if r.deleted]


def mark_deleted(
    session: Session, feed_id: str, deleted: Sequence[DeletedEntry], now: datetime
) -> int:
    """Note that the feed says these entries are deleted; returns how many it had not said before.

    One that still waits for its page is not read any more.
    """
    said = {entry.key: entry for entry in deleted}
    marked = 0
    for some in batches(sorted(said)):
        query = select(EntryRow).where(EntryRow.feed_id == feed_id, col(EntryRow.key).in_(some))
        for row in session.exec(query.where(col(EntryRow.deleted).is_(None))):
            _mark(session, row, said[row.key], now)
            marked += 1
    return marked


def follow(session: Session, now: datetime) -> int:
    """Take away the text of every article that a feed says is deleted; returns how many had one."""
    query = (
        select(ArticleRow.id, EntryRow.feed_id, EntryRow.deleted_why)
        .join(EntryRow, col(EntryRow.article_id) == col(ArticleRow.id))
        .where(col(EntryRow.deleted).is_not(None), col(ArticleRow.removed).is_(None))
        .order_by(col(ArticleRow.id))
    )
    return sum(
        take_away(session, article_id, f"{OUTCOME}: {why}", feed_id, now)
        for article_id, feed_id, why in session.exec(query).all()
        if article_id is not None
    )


def _mark(session: Session, row: EntryRow, entry: DeletedEntry, now: datetime) -> None:
    why = entry.why or "the feed gives no reason"
    row.deleted, row.deleted_why = now, why
    told = [Outcome(Stage.ENTRY, f"{row.feed_id}|{row.key}|{row.revision}|deleted", OUTCOME, why)]
    if row.state == "pending":
        row.state, row.next_try = "done", None
        told.append(Outcome(Stage.INGEST, f"{row.id}|{row.revision}", OUTCOME, why))
    for outcome in told:
        if not outcomes.recorded(session, outcome.stage, [outcome.item]):
            outcomes.record(session, [outcome], now)
