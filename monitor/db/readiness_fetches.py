"""Stores where fetched imports came from, and reads who is to be named for the data in force."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from monitor.db.readiness import in_force, value_of
from monitor.db.tables import FetchRow, ImportRow, ObservationRow
from monitor.readiness.attribution import Attribution
from monitor.readiness.convert import Reading


@dataclass(frozen=True, slots=True)
class Earlier:
    """The newest import in force that answered the same question."""

    id: int
    readings: frozenset[Reading]


def newest_answer(session: Session, recipe: str) -> Earlier | None:
    """What is in force of an answer to `recipe`; None where there is none."""
    query = (
        select(ImportRow.id)
        .join(FetchRow, col(FetchRow.import_id) == col(ImportRow.id))
        .where(FetchRow.recipe == recipe, *in_force(None))
        .order_by(col(ImportRow.id).desc())
        .limit(1)
    )
    import_id = session.exec(query).first()
    if import_id is None:
        return None
    rows = session.exec(select(ObservationRow).where(ObservationRow.import_id == import_id))
    return Earlier(import_id, frozenset(value_of(Reading, row) for row in rows))


def add_fetch(
    session: Session, import_id: int, recipe: str, address: str, fetched_at: datetime | None
) -> None:
    """Remember of a stored import what was asked where and when."""
    session.add(
        FetchRow(import_id=import_id, recipe=recipe, address=address, fetched_at=fetched_at)
    )


def attributions(session: Session, known_at: datetime | None = None) -> tuple[Attribution, ...]:
    """Whom to name for the data in force, files too; of one source and licence the latest."""
    query = (
        select(ImportRow, FetchRow)
        .join(FetchRow, col(FetchRow.import_id) == col(ImportRow.id), isouter=True)
        .where(*in_force(known_at))
        .order_by(col(ImportRow.id))
    )
    found = {
        (of.source, of.licence): Attribution(
            source=of.source,
            licence=of.licence,
            address=fetch.address if fetch else "",
            on=(fetch.fetched_at if fetch else None) or of.imported_at,
            fetched=fetch is not None and fetch.fetched_at is not None,
        )
        for of, fetch in session.exec(query).all()
    }
    return tuple(found[key] for key in sorted(found))
