"""Stores readiness imports and reads what is known on a day. Undone imports stay and are passed over."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import func, insert, literal, or_, text
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import Session, SQLModel, col, select

from monitor.db.tables import (
    AuditRow,
    EventRow,
    FetchRow,
    GrantRow,
    ImportRow,
    ObservationRow,
    OrganiserLinkRow,
    RoadmapTaskRow,
)
from monitor.readiness.convert import Datum, Event, Reading
from monitor.readiness.grants import Grant
from monitor.readiness.importers import Batch
from monitor.readiness.organisers import Link
from monitor.readiness.roadmap import RoadmapTask
from monitor.values import Observation


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a file came from, and who brought it when."""

    file: str  # its name
    file_hash: str  # SHA-256
    source: str
    licence: str
    imported_at: datetime
    imported_by: str
    content_hash: str = ""  # SHA-256 of what it says, "" where nobody asks


@dataclass(frozen=True, slots=True)
class Import:
    """One import as the store remembers it."""

    id: int
    kind: str
    rows: int
    source: str
    licence: str
    file_hash: str
    imported_at: datetime
    imported_by: str
    undone_at: datetime | None
    file: str = ""  # its name


TABLES: Mapping[type[Datum], type[SQLModel]] = {
    RoadmapTask: RoadmapTaskRow,
    Reading: ObservationRow,
    Event: EventRow,
    Grant: GrantRow,
    Link: OrganiserLinkRow,
}
V = TypeVar("V", RoadmapTask, Reading, Event, Grant, Link)


def lock_imports(session: Session) -> None:
    """Let no other import begin before this transaction ends.

    SQLite's writers wait for each other anyway; PostgreSQL's have to be told.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("LOCK TABLE imports IN SHARE ROW EXCLUSIVE MODE"))


def find_import(session: Session, kind: str, file_hash: str) -> Import | None:
    """The import of this very file that is in force; None where there is none."""
    query = select(ImportRow).where(
        ImportRow.kind == kind,
        ImportRow.file_hash == file_hash,
        col(ImportRow.undone_at).is_(None),
    )
    row = session.exec(query).first()
    return None if row is None else _import(row)


def find_content(session: Session, kind: str, content_hash: str) -> Import | None:
    """The import in force that says the same, whatever its file looked like; None where there is none."""
    query = select(ImportRow).where(
        ImportRow.kind == kind,
        ImportRow.content_hash == content_hash,
        col(ImportRow.undone_at).is_(None),
    )
    row = session.exec(query).first()
    return None if row is None else _import(row)


def add_import(session: Session, batch: Batch, of: Provenance) -> Import:
    """Store a file's data with its history and an audit row."""
    row = ImportRow(
        kind=batch.kind,
        source=of.source,
        licence=of.licence,
        file_hash=of.file_hash,
        rows=batch.rows,
        imported_at=of.imported_at,
        imported_by=of.imported_by,
        file=of.file,
        content_hash=of.content_hash,
    )
    session.add(row)
    session.flush()
    stored = _import(row)
    for value, table in TABLES.items():
        rows = [{"import_id": stored.id, **columns(d)} for d in batch.data if type(d) is value]
        if rows:  # thousands at once: many times faster than row objects
            session.connection().execute(insert(table), rows)
    after = {"kind": batch.kind, "file": of.file, "rows": batch.rows, "hash": of.file_hash}
    _audit(session, stored.id, of.imported_at, of.imported_by, "readiness import", None, after)
    return stored


def columns(datum: Datum) -> dict[str, Any]:
    """What a row of its table holds of `datum`; the columns are called as its fields."""
    return {field.name: getattr(datum, field.name) for field in fields(datum)}


def value_of(kind: type[V], row: Any) -> V:
    """The value that `row` of its table holds."""
    return kind(**{field.name: getattr(row, field.name) for field in fields(kind)})


def undo_import(session: Session, import_id: int, who: str, at: datetime) -> Import | None:
    """Put an import out of force; its rows stay. None where there is no such import.

    One that was undone before is returned as it is: nothing happens twice.
    """
    row = session.get(ImportRow, import_id)
    if row is None:
        return None
    if row.undone_at is None:
        row.undone_at = at
        session.add(row)
        before, after = {"undone_at": None}, {"undone_at": at.isoformat()}
        _audit(session, import_id, at, who, "readiness undo", before, after)
    return _import(row)


def redo_import(session: Session, import_id: int, who: str, at: datetime) -> Import | None:
    """The data of an undone import in force again, as an import of their own.

    The undone one stays as it is, so that what was in force at an instant never changes. None where there is
    no such import, or its data are in force.
    """
    row = session.get(ImportRow, import_id)
    if row is None or row.undone_at is None:
        return None
    same = row.content_hash and find_content(session, row.kind, row.content_hash)
    if same or find_import(session, row.kind, row.file_hash):
        return None
    made = ImportRow(
        **row.model_dump(exclude={"id", "undone_at", "imported_at", "imported_by"}),
        imported_at=at,
        imported_by=who,
    )
    session.add(made)
    session.flush()
    again = _import(made)
    tables: tuple[type[SQLModel], ...] = (*TABLES.values(), FetchRow)
    for table in tables:
        _copy(session, table, import_id, again.id)
    before = {"import": import_id, "undone_at": row.undone_at.isoformat()}
    after = {"kind": row.kind, "file": row.file, "rows": row.rows, "hash": row.file_hash}
    _audit(session, again.id, at, who, "readiness redo", before, after)
    return again


def _copy(session: Session, table: type[SQLModel], import_id: int, to: int) -> None:
    """The rows of one import once more, as those of another."""
    columns_of = table.__table__.c  # type: ignore[attr-defined]
    kept = [c for c in columns_of if c.name not in ("id", "import_id")]
    rows = select(literal(to), *kept).where(columns_of.import_id == import_id)
    names = ["import_id", *(c.name for c in kept)]
    if "id" in columns_of:
        rows = rows.order_by(columns_of.id)
    session.connection().execute(insert(table).from_select(names, rows))


def _audit(
    session: Session,
    import_id: int,
    at: datetime,
    who: str,
    action: str,
    before: dict[str, Any] | None,
    after: dict[str, Any],
) -> None:
    subject = f"import {import_id}"
    session.add(
        AuditRow(at=at, who=who, action=action, subject=subject, before=before, after=after)
    )


def all_imports(session: Session) -> tuple[Import, ...]:
    """Every import, undone ones too, the newest first."""
    rows = session.exec(select(ImportRow).order_by(col(ImportRow.id).desc()))
    return tuple(_import(row) for row in rows)


def newest_imports(session: Session, limit: int) -> tuple[Import, ...]:
    """The newest imports, undone ones too, the newest first."""
    rows = session.exec(select(ImportRow).order_by(col(ImportRow.id).desc()).limit(limit))
    return tuple(_import(row) for row in rows)


def _import(row: ImportRow) -> Import:
    assert row.id is not None
    return Import(
        id=row.id,
        kind=row.kind,
        rows=row.rows,
        source=row.source,
        licence=row.licence,
        file_hash=row.file_hash,
        imported_at=row.imported_at,
        imported_by=row.imported_by,
        undone_at=row.undone_at,
        file=row.file,
    )


# --- what is known -------------------------------------------------------------------------------


def imports_stand(session: Session) -> tuple[int | None, int, datetime | None]:
    """Changes with every import and every undoing: what is read of readiness data depends on nothing else."""
    newest, undone = func.max(ImportRow.id), func.max(ImportRow.undone_at)
    query = select(newest, func.count(col(ImportRow.undone_at)), undone)
    return session.exec(query).one()


def observations_until(
    session: Session, day: date, known_at: datetime | None = None, region: str | None = None
) -> tuple[Observation, ...]:
    """Observations in force that begin on `day` or before, in the order they were stored.

    With `known_at`, those in force at that instant: imported by then and not undone by then. With
    `region`, of that one alone.
    """
    query = (
        select(ObservationRow, ImportRow)
        .join(ImportRow, col(ObservationRow.import_id) == col(ImportRow.id))
        .where(col(ObservationRow.period_start) <= day, *in_force(known_at))
        .where(*_of(ObservationRow.region, region))
        .order_by(col(ObservationRow.id))
    )
    return tuple(_observation(row, source) for row, source in session.exec(query))


def tasks_until(
    session: Session, day: date, known_at: datetime | None = None, region: str | None = None
) -> tuple[RoadmapTask, ...]:
    """Roadmap tasks of the latest report on each region and group that is not after `day`.

    Where a report of the same day was imported again, the last import stands for the whole group.
    """
    newest: dict[tuple[str, str], _Report] = {}
    query = (
        select(ImportRow, RoadmapTaskRow.region, RoadmapTaskRow.group, col(RoadmapTaskRow.as_of))
        .join(ImportRow, col(RoadmapTaskRow.import_id) == col(ImportRow.id))
        .where(col(RoadmapTaskRow.as_of) <= day, *in_force(known_at))
        .where(*_of(RoadmapTaskRow.region, region))
        .distinct()
    )
    for of, code, group, as_of in session.exec(query):
        report = (as_of, of.imported_at, of.id or 0)
        newest[code, group] = max(newest.get((code, group), report), report)
    return _tasks(session, newest, region)


_Report = tuple[date, datetime, int]  # day of the report, when it was imported, the import's id


def _tasks(
    session: Session, reports: dict[tuple[str, str], _Report], region: str | None
) -> tuple[RoadmapTask, ...]:
    query = (
        select(RoadmapTaskRow)
        .where(*_of(RoadmapTaskRow.region, region))
        .where(col(RoadmapTaskRow.import_id).in_({import_id for *_, import_id in reports.values()}))
        .where(col(RoadmapTaskRow.as_of).in_({as_of for as_of, *_ in reports.values()}))
        .order_by(col(RoadmapTaskRow.id))
    )
    wanted = {(*cell, as_of, import_id) for cell, (as_of, _, import_id) in reports.items()}
    return tuple(
        value_of(RoadmapTask, row)
        for row in session.exec(query)
        if (row.region, row.group, row.as_of, row.import_id) in wanted
    )


def events_until(
    session: Session, day: date, known_at: datetime | None = None, region: str | None = None
) -> tuple[Event, ...]:
    """Events in force on `day` or before, by day; one that two files tell of stands once."""
    query = (
        select(EventRow)
        .join(ImportRow, col(EventRow.import_id) == col(ImportRow.id))
        .where(col(EventRow.on) <= day, *in_force(known_at), *_of(EventRow.region, region))
        .order_by(col(EventRow.on), col(EventRow.id))
    )
    found = {event.key: event for row in session.exec(query) for event in [value_of(Event, row)]}
    return tuple(found.values())


def grants_until(
    session: Session, day: date, known_at: datetime | None = None, region: str | None = None
) -> tuple[Grant, ...]:
    """Grants as reports in force of `day` and before give them, by programme and day."""
    query = (
        select(GrantRow)
        .join(ImportRow, col(GrantRow.import_id) == col(ImportRow.id))
        .where(col(GrantRow.as_of) <= day, *in_force(known_at), *_of(GrantRow.region, region))
        .order_by(col(ImportRow.imported_at), col(GrantRow.id))
    )
    found = {g.key: g for g in (value_of(Grant, row) for row in session.exec(query))}
    return tuple(sorted(found.values(), key=lambda g: (*g.programme_key, g.as_of)))


def links_known(session: Session, known_at: datetime | None = None) -> tuple[Link, ...]:
    """Links of organisers in force; of one organiser, region and first day the last import's."""
    query = (
        select(OrganiserLinkRow)
        .join(ImportRow, col(OrganiserLinkRow.import_id) == col(ImportRow.id))
        .where(*in_force(known_at))
        .order_by(col(ImportRow.imported_at), col(OrganiserLinkRow.id))
    )
    found = {link.key: link for link in (value_of(Link, row) for row in session.exec(query))}
    return tuple(found.values())


def _of(column: Any, region: str | None) -> Iterable[ColumnElement[bool]]:
    return () if region is None else (col(column) == region,)


def in_force(known_at: datetime | None) -> Iterable[ColumnElement[bool]]:
    """That an import counts: today, or at the instant `known_at`."""
    undone = col(ImportRow.undone_at)
    if known_at is None:
        return (undone.is_(None),)
    return (col(ImportRow.imported_at) <= known_at, or_(undone.is_(None), undone > known_at))


def _observation(row: ObservationRow, of: ImportRow) -> Observation:
    return Observation(
        component=row.component,
        region=row.region,
        group=row.group,
        indicator=row.indicator,
        period_start=row.period_start,
        period_end=row.period_end,
        value=row.value,
        unit=row.unit,
        done=row.done,
        source=of.source,
        licence=of.licence,
        file_hash=of.file_hash,
        imported_at=of.imported_at,
        imported_by=of.imported_by,
        note=row.note,
        id=row.id or 0,
    )
