"""What stands in the store where a file speaks: for comparing it before it is imported."""

from collections.abc import Iterable
from datetime import date

from sqlmodel import Session, col, select

from monitor.db.readiness import TABLES, V, in_force, value_of
from monitor.db.tables import ImportRow
from monitor.readiness.compare import Key, key_of
from monitor.readiness.convert import Datum, Event, Reading
from monitor.readiness.grants import Grant
from monitor.readiness.importers import Batch
from monitor.readiness.organisers import Link
from monitor.readiness.roadmap import RoadmapTask


def standing(session: Session, batch: Batch) -> tuple[dict[Key, Datum], tuple[Datum, ...]]:
    """The data in force by key, and those a roadmap report of `batch` would put out of force."""
    found: dict[Key, Datum] = {}
    if batch.readings:
        found |= _latest(session, Reading)
    if batch.events:
        found |= _latest(session, Event)
    if batch.grants:
        found |= _latest(session, Grant)
    if batch.links:
        found |= _latest(session, Link)
    reports = _reports(session, batch.tasks)
    ours = {key_of(task) for task in batch.tasks}
    gone = tuple(task for key, task in reports.items() if key not in ours)
    return {**found, **reports}, gone


def _latest(session: Session, kind: type[V]) -> dict[Key, Datum]:
    """Of what several imports tell, what the last one says."""
    return {key_of(datum): datum for _, datum in _all(session, kind)}


_Report = tuple[str, str, date]  # region, group, day


def _reports(session: Session, tasks: Iterable[RoadmapTask]) -> dict[Key, Datum]:
    """The tasks of the standing reports on the regions, groups and days of `tasks`."""
    told = {_report(task) for task in tasks}
    stored = [
        (at, t) for at, t in (_all(session, RoadmapTask) if told else ()) if _report(t) in told
    ]
    last = {_report(task): import_id for import_id, task in stored}
    return {key_of(t): t for import_id, t in stored if last[_report(t)] == import_id}


def _report(task: RoadmapTask) -> _Report:
    return (task.region, task.group, task.as_of)


def _all(session: Session, kind: type[V]) -> Iterable[tuple[int, V]]:
    """Every datum of `kind` in force with its import, the last imported last."""
    table = TABLES[kind]
    import_id = table.__table__.c.import_id  # type: ignore[attr-defined]
    query = (
        select(table)
        .join(ImportRow, import_id == col(ImportRow.id))
        .where(*in_force(None))
        .order_by(col(ImportRow.imported_at), import_id, table.__table__.c.id)  # type: ignore[attr-defined]
    )
    for row in session.exec(query):
        yield row.import_id, value_of(kind, row)  # type: ignore[attr-defined]
