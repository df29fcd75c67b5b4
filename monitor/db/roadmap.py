"""Reads roadmap reports counted, so that a year of them costs one pass in the store.

What counts as due, started and finished is the rule of `monitor.readiness.roadmap`; a test holds the
two equal. Undone imports are passed over. Where a report of the same day was imported again, the last
import stands for the whole group.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, func, or_
from sqlalchemy import select as columns
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, col, select

from monitor.db.readiness import _observation, in_force, links_known, value_of
from monitor.db.tables import ImportRow, ObservationRow, RoadmapTaskRow
from monitor.readiness.history import Report, month_of
from monitor.readiness.organisers import ORGANISERS, organisers, still_organises
from monitor.readiness.roadmap import RoadmapTask, Shares, Views
from monitor.values import Observation

_T = RoadmapTaskRow


def months_reported(session: Session, known_at: datetime | None = None) -> tuple[str, ...]:
    """The months with a report in force, oldest first."""
    query = (
        select(col(_T.as_of))
        .join(ImportRow, col(_T.import_id) == col(ImportRow.id))
        .where(*in_force(known_at))
        .distinct()
    )
    return tuple(sorted({month_of(day) for day in session.exec(query)}))


def reports(
    session: Session,
    until: date,
    *,
    since: date | None = None,
    target: date | None = None,
    region: str | None = None,
    known_at: datetime | None = None,
) -> tuple[Report, ...]:
    """Every report from `since` to `until`, counted; without `target`, every critical task counts there.

    With `known_at`, those in force at that instant.
    """
    limits: list[ColumnElement[bool]] = [col(_T.as_of) <= until, *in_force(known_at)]
    if since is not None:
        limits.append(col(_T.as_of) >= since)
    if region is not None:
        limits.append(col(_T.region) == region)
    newest: dict[tuple[str, str, date], tuple[datetime, int, Report]] = {}
    for at, *counted in session.connection().execute(_counted(target, limits)):
        report = _report(*counted)
        key = (report.region, report.group, report.as_of)
        if key not in newest or newest[key][:2] < (at, report.import_id):
            newest[key] = (at, report.import_id, report)
    return tuple(report for *_, report in newest.values())


def _counted(target: date | None, limits: Iterable[ColumnElement[bool]]) -> Any:
    critical = col(_T.critical).is_(True)
    started_by = col(_T.started) <= col(_T.as_of)
    finished = col(_T.finished) <= col(_T.as_of)
    started = or_(finished, started_by)
    due = and_(critical, col(_T.due) <= col(_T.as_of))
    goal = critical if target is None else and_(critical, col(_T.due) <= target)
    names: tuple[Any, ...] = (ImportRow.imported_at, _T.region, _T.group, _T.as_of, _T.import_id)
    cell = [col(name) for name in names]
    counts = [
        *(due, and_(due, started), and_(due, finished)),
        *(goal, and_(goal, started), and_(goal, finished)),
    ]
    return (
        columns(*cell, *map(_count, counts))
        .join(ImportRow, col(_T.import_id) == col(ImportRow.id))
        .where(*limits)
        .group_by(*cell)
    )


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _report(region: str, group: str, as_of: date, import_id: int, *counts: int) -> Report:
    views = Views(Shares(*counts[:3]), Shares(*counts[3:]))
    return Report(region, group, as_of, views, import_id)


def last_due(
    session: Session, since: date, until: date, known_at: datetime | None = None
) -> date | None:
    """The last due day of all tasks in the reports from `since` to `until`."""
    query = (
        select(func.max(_T.due))
        .join(ImportRow, col(_T.import_id) == col(ImportRow.id))
        .where(col(_T.as_of) >= since, col(_T.as_of) <= until, *in_force(known_at))
    )
    return session.exec(query).one()


def critical_tasks(session: Session, of: Iterable[Report]) -> tuple[RoadmapTask, ...]:
    """The critical tasks of these reports, in the order they were stored."""
    each = [
        and_(
            col(_T.region) == report.region,
            col(_T.group) == report.group,
            col(_T.as_of) == report.as_of,
            col(_T.import_id) == report.import_id,
        )
        for report in of
    ]
    if not each:
        return ()
    query = select(_T).where(col(_T.critical), or_(*each)).order_by(col(_T.id))
    return tuple(value_of(RoadmapTask, row) for row in session.exec(query))


def observations_of(session: Session, region: str, day: date) -> tuple[Observation, ...]:
    """One region's observations in force whose period begins on `day` or before.

    Ratings of an organiser that has handed the region's services over by then are left out.
    """
    query = (
        select(ObservationRow, ImportRow)
        .join(ImportRow, col(ObservationRow.import_id) == col(ImportRow.id))
        .where(col(ObservationRow.region) == region, col(ObservationRow.period_start) <= day)
        .where(*in_force(None))
        .order_by(col(ObservationRow.id))
    )
    known = organisers(links_known(session))
    return tuple(
        _observation(row, source)
        for row, source in session.exec(query)
        if row.component != ORGANISERS or still_organises(known, row.indicator, region, day)
    )
