"""The audit log: who did what, when, with before and after. Rows are only ever added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from monitor.db.tables import AuditRow


def write_audit(
    session: Session,
    at: datetime,
    who: str,
    action: str,
    subject: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add a row, in the transaction of the change it is about.

    `who` is a user's name, `subject` a kind and an id ("user 7"); `before` and `after` hold what JSON
    can hold, and never a secret.
    """
    session.add(
        AuditRow(
            at=at,
            who=who,
            action=action,
            subject=subject,
            before=None if before is None else dict(before),
            after=None if after is None else dict(after),
        )
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the log."""

    id: int
    at: datetime
    who: str
    action: str
    subject: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: every field that is given must fit."""

    who: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def entries(session: Session, wanted: Wanted, before: int | None, limit: int) -> list[Entry]:
    """The newest rows that are wanted, below the id `before`, the newest first."""
    query = select(AuditRow).where(*_conditions(wanted))
    if before is not None:
        query = query.where(col(AuditRow.id) < before)
    found = session.exec(query.order_by(col(AuditRow.id).desc()).limit(limit))
    return [_entry(row) for row in found]


def actions(session: Session) -> list[str]:
    """Every action that was ever noted: one step of the index from each to the next."""
    found: list[str] = []
    while True:
        newest = found[-1] if found else ""
        query = select(AuditRow.action).where(AuditRow.action > newest)
        following = session.exec(query.order_by(col(AuditRow.action)).limit(1)).first()
        if following is None:
            return found
        found.append(following)


def _conditions(wanted: Wanted) -> list[Any]:
    made: list[Any] = []
    if wanted.who:
        made.append(col(AuditRow.who) == wanted.who)
    if wanted.action:
        made.append(col(AuditRow.action) == wanted.action)
    if wanted.subject:
        made.append(col(AuditRow.subject) == wanted.subject)
    if wanted.since:
        made.append(col(AuditRow.at) >= wanted.since)
    if wanted.until:
        made.append(col(AuditRow.at) < wanted.until)
    return made


def _entry(row: AuditRow) -> Entry:
    return Entry(row.id or 0, row.at, row.who, row.action, row.subject, row.before, row.after)
