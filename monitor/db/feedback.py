"""What readers wrote to us. Returns plain values, never rows."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from monitor.db.audit import write_audit
from monitor.db.tables import FeedbackRow


@dataclass(frozen=True, slots=True)
class Feedback:
    """One message."""

    id: int
    at: datetime
    name: str  # "": not given
    page: str
    message: str
    language: str
    handled_by: str
    handled_at: datetime | None


def add_feedback(
    session: Session, at: datetime, name: str, page: str, message: str, language: str
) -> None:
    """Keep a message."""
    session.add(FeedbackRow(at=at, name=name, page=page, message=message, language=language))


def count_since(session: Session, since: datetime) -> int:
    """Messages after `since`."""
    query = select(func.count()).select_from(FeedbackRow).where(col(FeedbackRow.at) > since)
    return session.exec(query).one()


def newest_feedback(session: Session, limit: int) -> tuple[Feedback, ...]:
    """The newest messages first."""
    query = select(FeedbackRow).order_by(col(FeedbackRow.id).desc()).limit(limit)
    return tuple(Feedback(**row.model_dump()) for row in session.exec(query))


def handle(session: Session, number: int, who: str, at: datetime) -> bool:
    """Note that a message was dealt with, with an audit row; False where there is none. Once is enough."""
    row = session.get(FeedbackRow, number)
    if row is None:
        return False
    if row.handled_at is None:
        row.handled_by, row.handled_at = who, at
        session.add(row)
        before, after = {"handled_at": None}, {"handled_at": at.isoformat()}
        write_audit(session, at, who, "feedback handled", f"feedback {number}", before, after)
    return True
