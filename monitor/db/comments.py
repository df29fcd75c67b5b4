"""Commentary on weekly summaries: all that was ever said, and what of it stands. Returns plain values."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from monitor.db.audit import write_audit
from monitor.db.tables import SummaryCommentRow
from monitor.summary.edition import Comment


@dataclass(frozen=True, slots=True)
class Said:
    """A commentary with its number, by which a page tells which one it had shown."""

    id: int
    section: str
    language: str
    text: str  # "": taken away
    who: str
    at: datetime


def all_said(session: Session, week: str) -> list[Said]:
    """All that was ever said of the week, the newest first."""
    query = select(SummaryCommentRow).where(SummaryCommentRow.week == week)
    return [
        Said(r.id or 0, r.section, r.language, r.text, r.who, r.at)
        for r in session.exec(query.order_by(col(SummaryCommentRow.id).desc()))
    ]


def standing_comments(session: Session, week: str) -> dict[tuple[str, str], Said]:
    """(section, language) -> what was said last; one that was taken away has no text."""
    return {(s.section, s.language): s for s in reversed(all_said(session, week))}


def audit_comment(session: Session, week: str, version: int, comment: Comment, before: str) -> None:
    """Say in the audit trail what a commentary was and what it is."""
    about = {"section": comment.section, "language": comment.language}
    was, now = {**about, "text": before}, {**about, "text": comment.text}
    subject = f"summary:{week}:{version}"
    write_audit(session, comment.at, comment.by, "comment", subject, was, now)


def comments(session: Session, week: str) -> list[Comment]:
    """All that was ever said of the week, the oldest first."""
    query = select(SummaryCommentRow).where(SummaryCommentRow.week == week)
    return [
        Comment(section=r.section, language=r.language, text=r.text, by=r.who, at=r.at)
        for r in session.exec(query.order_by(col(SummaryCommentRow.id)))
    ]


def add_comment(session: Session, week: str, comment: Comment) -> None:
    """Add a comment; an earlier one of the same section and language stays, no longer in force."""
    session.add(
        SummaryCommentRow(
            week=week,
            section=comment.section,
            language=comment.language,
            text=comment.text,
            who=comment.by,
            at=comment.at,
        )
    )
