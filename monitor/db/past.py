"""The store as it was at an instant: a connection on which what came later has not happened.

Only for the coverage ledger, whose days are kept and brought up to date in place. Claims and readiness
carry their times and are read with them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, exists
from sqlmodel import Session, col, delete, update

from monitor.coverage.calendar import day_of
from monitor.db.tables import FeedRow, PollRow, RegionReportRow, SourceDayRow
from monitor.values import FeedStatus
from monitor.weeks import week_of


@contextmanager
def as_known(engine: Engine, at: datetime) -> Iterator[Connection]:
    """A connection for sessions that may write; all that is done on it is taken back at the end.

    Days of sources after `at` are forgotten, so that the ledger is brought up to `at` anew from the polls
    until then; feeds that nobody had asked by then are not listed. Other writers wait meanwhile.
    """
    with engine.connect() as raw:
        connection = raw.execution_options(writes=True)
        outer = connection.begin()
        try:
            with Session(connection) as session:
                _forget(session, at)
                session.commit()  # into the outer transaction alone
            yield connection
        finally:
            outer.rollback()


def _forget(session: Session, at: datetime) -> None:
    session.exec(delete(SourceDayRow).where(col(SourceDayRow.day) > day_of(at)))
    session.exec(delete(RegionReportRow).where(col(RegionReportRow.week) >= week_of(at)))
    asked = exists().where(col(PollRow.feed_id) == FeedRow.id, col(PollRow.at) <= at)
    session.exec(update(FeedRow).where(~asked).values(status=FeedStatus.REMOVED.value))
