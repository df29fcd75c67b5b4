"""One recorded outcome per item and stage."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Table, func, insert
from sqlmodel import Session, col, select

from monitor.db.batches import batches
from monitor.db.tables import OutcomeRow
from monitor.values import Outcome, Stage

_OUTCOMES: Table = OutcomeRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
_RECORD = insert(_OUTCOMES)


def record(session: Session, outcomes: Iterable[Outcome], at: datetime) -> None:
    """Store the outcomes. A second one of the same stage and item breaks the unique key: a bug."""
    rows = [
        {"stage": o.stage.value, "item": o.item, "outcome": o.outcome, "reason": o.reason, "at": at}
        for o in outcomes
    ]
    if rows:  # one statement: rows built one by one took a tenth of a first poll
        session.connection().execute(_RECORD, rows)


def recorded(session: Session, stage: Stage, items: Collection[str]) -> set[str]:
    """Those of `items` that have an outcome in `stage` already."""
    found: set[str] = set()
    for some in batches(sorted(items)):
        query = select(OutcomeRow.item).where(
            OutcomeRow.stage == stage.value, col(OutcomeRow.item).in_(some)
        )
        found |= set(session.exec(query))
    return found


def counts(session: Session, stage: Stage) -> dict[str, int]:
    """How many items of `stage` had which outcome."""
    query = (
        select(OutcomeRow.outcome, func.count())
        .where(OutcomeRow.stage == stage.value)
        .group_by(col(OutcomeRow.outcome))
        .order_by(col(OutcomeRow.outcome))
    )
    return {outcome: n for outcome, n in session.exec(query)}
