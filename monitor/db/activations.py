"""Which trained version of a task is in use since when. Append-only and audited."""

from datetime import datetime

from sqlmodel import Session, col, select

from monitor.db.tables import ActivationRow, AuditRow


def activated(session: Session) -> dict[str, str]:
    """Task -> version last activated; tasks that never had an activation are left out."""
    rows = session.exec(select(ActivationRow).order_by(col(ActivationRow.id)))
    return {row.task: row.version for row in rows}


def activate(
    session: Session,
    task: str,
    version: str,
    *,
    before: str | None,
    at: datetime,
    by: str,
    reason: str,
) -> None:
    """Put `version` in use, with its audit row. `before` is the version it takes over from."""
    session.add(ActivationRow(task=task, version=version, at=at, by=by, reason=reason))
    session.add(
        AuditRow(
            at=at,
            who=by,
            action="activate model version",
            subject=f"model:{task}",
            before=None if before is None else {"version": before},
            after={"version": version, "reason": reason},
        )
    )
