"""Queries of the situation pages: which inputs a week's scores have, alerts, notices, hearing.

Returns plain values, never rows, and decides nothing. Every query is bounded by an index and a limit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from monitor.db.coverage import Notice, RegionHearing, _hearing
from monitor.db.tables import AlertRow, NoticeRow, RegionHearingRow, ScoreRow
from monitor.values import Alert


@dataclass(frozen=True, slots=True)
class Basis:
    """What the scores in force of a week were computed from."""

    week: str
    input_hash: str
    methodology: str


def bases(session: Session, weeks: Iterable[str]) -> dict[str, Basis]:
    """Week -> what its scores in force rest on; weeks without scores are left out."""
    query = (
        select(ScoreRow.week, ScoreRow.input_hash, ScoreRow.methodology)
        .where(col(ScoreRow.week).in_(list(weeks)), col(ScoreRow.current))
        .distinct()
    )
    return {week: Basis(week, digest, name) for week, digest, name in session.exec(query)}


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert and since when it stands."""

    alert: Alert
    at: datetime


def alerts_until(
    session: Session, week: str, limit: int, region: str | None = None, topic: str | None = None
) -> tuple[Raised, ...]:
    """The alerts of `week` and the weeks before it, the newest week first, then the least likely."""
    query = select(AlertRow.value, AlertRow.computed_at).where(col(AlertRow.week) <= week)
    if region is not None:
        query = query.where(AlertRow.region == region)
    if topic is not None:
        query = query.where(AlertRow.topic == topic)
    query = query.order_by(col(AlertRow.week).desc(), col(AlertRow.region), col(AlertRow.topic))
    found = [Raised(Alert(**value), at) for value, at in session.exec(query.limit(limit))]
    found.sort(key=lambda r: (r.alert.p_value, r.alert.region, r.alert.topic))
    return tuple(sorted(found, key=lambda r: r.alert.week, reverse=True))


def notices_of(session: Session, limit: int, region: str | None = None) -> tuple[Notice, ...]:
    """Notices of deaf regions, standing and cleared, the newest first."""
    query = select(NoticeRow).order_by(col(NoticeRow.raised).desc(), col(NoticeRow.region))
    if region is not None:
        query = query.where(NoticeRow.region == region)
    return tuple(
        Notice(row.region, row.raised, row.share, row.least, row.cleared)
        for row in session.exec(query.limit(limit))
    )


def hearing_of_region(
    session: Session, region: str, weeks: Iterable[str]
) -> dict[str, RegionHearing]:
    """Week -> how the region was heard; weeks of which nothing is kept are left out."""
    query = select(RegionHearingRow).where(
        RegionHearingRow.region == region, col(RegionHearingRow.week).in_(list(weeks))
    )
    return {row.week: _hearing(row) for row in session.exec(query)}
