"""Which trained version of a task is in use since when. Append-only and audited."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from monitor.db.tables import ActivationRow, AuditRow

ACTIVATE, ROLL_BACK = "activate model version", "roll back model version"


def activated(session: Session, at: datetime | None = None) -> dict[str, str]:
    """Task -> version last activated, with `at` by that instant; tasks without an activation are left out."""
    query = select(ActivationRow).order_by(col(ActivationRow.id))
    if at is not None:
        query = query.where(col(ActivationRow.at) <= at)
    rows = session.exec(query)
    return {row.task: row.version for row in rows}


def activated_at(session: Session) -> dict[str, tuple[str, datetime]]:
    """Task -> version last activated and when; tasks without an activation are left out."""
    rows = session.exec(select(ActivationRow).order_by(col(ActivationRow.id)))
    return {row.task: (row.version, row.at) for row in rows}


def version_before(session: Session, task: str) -> str | None:
    """The version that was in use before the current one; None where there was none.

    What was rolled back counts as undone: rolling back twice goes back two versions, and does not
    return to the one just left.
    """
    rows = session.exec(
        select(AuditRow).where(col(AuditRow.subject) == f"model:{task}").order_by(col(AuditRow.id))
    )
    used: list[str] = []  # each took over from the one before it
    for row in rows:
        before, after = (row.before or {}).get("version"), (row.after or {})["version"]
        if row.action == ROLL_BACK and after in used[:-1]:
            used.pop()
            while used[-1] != after:
                used.pop()
            continue
        if before is not None and used[-1:] != [before]:
            used.append(before)  # it was in use without an activation: shipped
        used.append(after)
    return used[-2] if len(used) > 1 else None


def activate(
    session: Session,
    task: str,
    version: str,
    *,
    before: str | None,
    at: datetime,
    by: str,
    reason: str,
    action: str = ACTIVATE,
    overridden: Sequence[str] = (),
) -> None:
    """Put `version` in use, with its audit row. `before` is the version it takes over from;
    `overridden` is what the gate held against it."""
    session.add(ActivationRow(task=task, version=version, at=at, by=by, reason=reason))
    session.add(
        AuditRow(
            at=at,
            who=by,
            action=action,
            subject=f"model:{task}",
            before=None if before is None else {"version": before},
            after={
                "version": version,
                "reason": reason,
                **({"overridden": list(overridden)} if overridden else {}),
            },
        )
    )
