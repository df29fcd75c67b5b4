"""One recorded outcome per item and stage."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from monitor.db.tables import OutcomeRow
from monitor.values import Outcome, Stage


def record(session: Session, outcomes: Iterable[Outcome], at: datetime) -> None:
    """Store the outcomes. A second one of the same stage and item breaks the unique key: a bug."""
    session.add_all(
        OutcomeRow(stage=o.stage.value, item=o.item, outcome=o.outcome, reason=o.reason, at=at)
        for o in outcomes
    )


def counts(session: Session, stage: Stage) -> dict[str, int]:
    """How many items of `stage` had which outcome."""
    query = (
        select(OutcomeRow.outcome, func.count())
        .where(OutcomeRow.stage == stage.value)
        .group_by(col(OutcomeRow.outcome))
        .order_by(col(OutcomeRow.outcome))
    )
    return {outcome: n for outcome, n in session.exec(query)}
