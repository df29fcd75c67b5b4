"""What people do around a card: look at it, put it off, hand it over, discuss it; and their saved filters.

Returns plain values, never rows. A look is no lock: it expires by itself and keeps nobody from deciding.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import delete, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from monitor.db.tables import (
    ReviewFilterRow,
    ReviewHoldRow,
    ReviewLookRow,
    ReviewNoteRow,
    ReviewSkipRow,
)
from monitor.review.values import CardNote, Looking, QueueFilter, SavedFilter

Kind = Literal["hand over", "discuss", "discussed"]
MOST_FILTERS = 50  # of one person


def look(
    session: Session, article_id: int, who: str, shown: str, now: datetime, until: datetime
) -> None:
    """Say that somebody has the card open; forgets looks that have expired."""
    session.exec(delete(ReviewLookRow).where(col(ReviewLookRow.until) <= now))
    row = session.get(ReviewLookRow, (article_id, who))
    since = row.since if row else now
    session.merge(
        ReviewLookRow(article_id=article_id, who=who, shown=shown, since=since, until=until)
    )


def leave(session: Session, article_id: int, who: str) -> None:
    """Say that somebody has closed the card."""
    here = col(ReviewLookRow.article_id) == article_id, col(ReviewLookRow.who) == who
    session.exec(delete(ReviewLookRow).where(*here))


def looking(
    session: Session, article_ids: Collection[int], but: str, now: datetime
) -> dict[int, tuple[Looking, ...]]:
    """Article -> who looks at it now, without `but`, the first one first."""
    query = (
        select(ReviewLookRow)
        .where(col(ReviewLookRow.article_id).in_(article_ids), ReviewLookRow.who != but)
        .where(col(ReviewLookRow.until) > now)
        .order_by(col(ReviewLookRow.since), col(ReviewLookRow.who))
    )
    found: dict[int, list[Looking]] = defaultdict(list)
    for row in session.exec(query):
        found[row.article_id].append(Looking(row.who, row.shown, row.since, row.until))
    return {article: tuple(people) for article, people in found.items()}


def hold(session: Session, article_id: int) -> tuple[str | None, bool]:
    """Who the card is assigned to, and whether it lies in the discuss bin."""
    row = session.get(ReviewHoldRow, article_id)
    return (row.assigned, row.discuss) if row else (None, False)


def assign(session: Session, article_id: int, to: str | None) -> str | None:
    """Assign the card, to nobody with None; returns who had it before."""
    row = _hold(session, article_id)
    before, row.assigned = row.assigned, to
    session.add(row)
    return before


def set_discuss(session: Session, article_id: int, discuss: bool) -> bool:
    """Put the card into the discuss bin or take it out; returns whether that changed anything."""
    row = _hold(session, article_id)
    changed, row.discuss = row.discuss != discuss, discuss
    session.add(row)
    return changed


def add_note(
    session: Session, article_id: int, who: str, at: datetime, kind: Kind, text: str,
    to: str | None = None,
) -> None:  # fmt: skip
    """Write a note on the card."""
    session.add(ReviewNoteRow(article_id=article_id, who=who, at=at, kind=kind, text=text, to=to))
    row = _hold(session, article_id)
    row.notes += 1
    session.add(row)
    session.flush()


def notes(session: Session, article_id: int, limit: int = 100) -> tuple[CardNote, ...]:
    """The newest notes on the card, the oldest of them first."""
    query = select(ReviewNoteRow).where(ReviewNoteRow.article_id == article_id)
    rows = session.exec(query.order_by(col(ReviewNoteRow.id).desc()).limit(limit)).all()
    return tuple(
        CardNote(row.id or 0, row.who, row.at, cast(Kind, row.kind), row.text, row.to)
        for row in reversed(rows)
    )


def _hold(session: Session, article_id: int) -> ReviewHoldRow:
    row = session.get(ReviewHoldRow, article_id, with_for_update=True)
    if row is None:
        try:
            with session.begin_nested():
                session.add(ReviewHoldRow(article_id=article_id))
        except IntegrityError:
            pass  # another was the first, at the same moment
        row = session.get_one(ReviewHoldRow, article_id, with_for_update=True)
    return row


def skip(session: Session, article_id: int, who: str, until: datetime, now: datetime) -> None:
    """Put a card off for one person; forgets what was put off until before."""
    session.exec(delete(ReviewSkipRow).where(col(ReviewSkipRow.until) <= now))
    session.merge(ReviewSkipRow(who=who, article_id=article_id, until=until))


def unskip(session: Session, who: str, article_id: int | None = None) -> None:
    """Take back what a person has put off, one card or all."""
    query = delete(ReviewSkipRow).where(col(ReviewSkipRow.who) == who)
    session.exec(
        query if article_id is None else query.where(col(ReviewSkipRow.article_id) == article_id)
    )


def skipped(session: Session, who: str, now: datetime) -> int:
    """How many cards the person has put off."""
    query = select(func.count()).select_from(ReviewSkipRow)
    return session.exec(query.where(ReviewSkipRow.who == who, col(ReviewSkipRow.until) > now)).one()


def skipped_until(session: Session, article_id: int, who: str, now: datetime) -> datetime | None:
    """Until when the person has put the card off; None where they have not."""
    row = session.get(ReviewSkipRow, (who, article_id))
    return row.until if row and row.until > now else None


def filters(session: Session, who: str) -> tuple[SavedFilter, ...]:
    """A person's saved filters, by name."""
    query = select(ReviewFilterRow).where(ReviewFilterRow.who == who)
    rows = session.exec(query.order_by(col(ReviewFilterRow.name)).limit(MOST_FILTERS))
    return tuple(SavedFilter(row.id or 0, row.name, QueueFilter(**row.value)) for row in rows)


def keep_filter(session: Session, who: str, name: str, wanted: QueueFilter) -> SavedFilter | None:
    """Keep a filter under a name, in place of one of that name; None where there are too many."""
    query = select(ReviewFilterRow).where(ReviewFilterRow.who == who, ReviewFilterRow.name == name)
    row = session.exec(query).first()
    if row is None:
        if len(filters(session, who)) >= MOST_FILTERS:
            return None
        row = ReviewFilterRow(who=who, name=name, value={})
    row.value = asdict(wanted)
    session.add(row)
    session.flush()
    return SavedFilter(row.id or 0, name, wanted)


def drop_filter(session: Session, who: str, filter_id: int) -> bool:
    """Forget a filter of the person; False where they have none of that number."""
    row = session.get(ReviewFilterRow, filter_id)
    if row is None or row.who != who:
        return False
    session.delete(row)
    return True
