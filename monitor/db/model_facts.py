"""Facts about versions and what they could learn from, for the models' pages. Returns plain values."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from monitor.db.tables import ActivationRow, ArticleRow, DecisionRow, JobRow


@dataclass(frozen=True, slots=True)
class Activation:
    """A version of a task was put in use."""

    task: str
    version: str
    at: datetime
    by: str
    reason: str


def activations(session: Session, limit: int = 200) -> tuple[Activation, ...]:
    """The newest ones, the newest first."""
    rows = session.exec(select(ActivationRow).order_by(col(ActivationRow.id).desc()).limit(limit))
    return tuple(Activation(row.task, row.version, row.at, row.by, row.reason) for row in rows)


def decisions_since(session: Session, since: datetime | None) -> int:
    """Decisions of people that stand, made after `since`; copies of a card count with their card."""
    query = select(func.count()).select_from(DecisionRow)
    query = query.where(
        DecisionRow.action == "decide",
        col(DecisionRow.undone_by).is_(None),
        col(DecisionRow.part_of).is_(None),
    )
    if since is not None:
        query = query.where(col(DecisionRow.at) > since)
    return session.exec(query).one()


def learned_until(session: Session) -> datetime | None:
    """When the newest training that learned from people's decisions began; None where none did."""
    query = select(JobRow).where(JobRow.kind == "train", JobRow.state == "done")
    for row in session.exec(query.order_by(col(JobRow.id).desc()).limit(50)):
        if row.parameters.get("decisions", True):
            return row.started_at
    return None


def articles_at_most(session: Session) -> int:
    """A number of articles that the store does not exceed: counting them takes longer than a page may."""
    return session.exec(select(func.max(ArticleRow.id))).one() or 0
