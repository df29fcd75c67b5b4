"""What the gate said of trained versions, so that a page need not ask it. Returns plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from monitor.db.tables import GateVerdictRow


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate said of one version."""

    task: str
    version: str
    against: str  # the version in use then; "" where there was none
    objections: tuple[str, ...]
    at: datetime


def keep_verdict(
    session: Session, at: datetime, task: str, version: str, against: str, objections: Sequence[str]
) -> None:
    """Add what the gate said."""
    session.add(
        GateVerdictRow(
            task=task, version=version, against=against, objections=list(objections), at=at
        )
    )


def verdicts(session: Session, versions: Sequence[str]) -> dict[tuple[str, str], Verdict]:
    """(task, version) -> the newest verdict, for each of `versions` that was asked about."""
    query = select(GateVerdictRow).where(col(GateVerdictRow.version).in_(versions))
    rows = session.exec(query.order_by(col(GateVerdictRow.id)))
    return {
        (row.task, row.version): Verdict(
            row.task, row.version, row.against, tuple(row.objections), row.at
        )
        for row in rows
    }
