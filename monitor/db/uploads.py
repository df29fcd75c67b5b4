"""Readiness files that people have brought and not yet taken in. Returns plain values, never rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, func, select

from monitor.db.tables import UploadRow


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way in, without its bytes."""

    id: int
    user_id: int
    name: str
    kind: str  # "": as its headings tell
    source: str
    licence: str
    sha256: str
    size: int
    outcome: Mapping[str, Any]
    at: datetime


_COLUMNS: tuple[Any, ...] = (
    col(UploadRow.id), col(UploadRow.user_id), col(UploadRow.name), col(UploadRow.kind),
    col(UploadRow.source), col(UploadRow.licence), col(UploadRow.sha256),
    func.length(col(UploadRow.content)), col(UploadRow.outcome), col(UploadRow.at),
)  # fmt: skip


def add_upload(
    session: Session, user_id: int, name: str, content: bytes, sha256: str, said: Mapping[str, str],
    outcome: Mapping[str, Any], at: datetime,
) -> int:  # fmt: skip
    """Keep a file; `said` has kind, source and licence. Returns its number."""
    row = UploadRow(
        user_id=user_id, name=name, content=content, sha256=sha256, outcome=dict(outcome), at=at,
        kind=said["kind"], source=said["source"], licence=said["licence"],
    )  # fmt: skip
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def change_upload(
    session: Session, upload_id: int, said: Mapping[str, str], outcome: Mapping[str, Any]
) -> None:
    """Kind, source, licence and the dry run's result, anew."""
    changed = update(UploadRow).where(col(UploadRow.id) == upload_id)
    session.connection().execute(changed.values(outcome=dict(outcome), **said))


def uploads_of(session: Session, user_id: int, since: datetime) -> tuple[Upload, ...]:
    """A person's files brought after `since`, the newest first."""
    own = (col(UploadRow.user_id) == user_id, col(UploadRow.at) > since)
    query = columns(*_COLUMNS).where(*own).order_by(col(UploadRow.id).desc())
    return tuple(Upload(*row) for row in session.connection().execute(query))


def find_upload(session: Session, upload_id: int, user_id: int, since: datetime) -> Upload | None:
    """The file, where it is that person's and was brought after `since`."""
    query = columns(*_COLUMNS).where(
        col(UploadRow.id) == upload_id,
        col(UploadRow.user_id) == user_id,
        col(UploadRow.at) > since,
    )
    row = session.connection().execute(query).first()
    return None if row is None else Upload(*row)


def content_of(session: Session, upload_id: int) -> bytes:
    """Its bytes."""
    return session.exec(select(UploadRow.content).where(col(UploadRow.id) == upload_id)).one()


def drop_upload(session: Session, upload_id: int) -> None:
    """Forget it: it was taken in, or is not wanted."""
    session.connection().execute(delete(UploadRow).where(col(UploadRow.id) == upload_id))


def sweep_uploads(session: Session, before: datetime) -> None:
    """Forget what was brought at `before` or earlier."""
    session.connection().execute(delete(UploadRow).where(col(UploadRow.at) <= before))


def keep_newest(session: Session, user_id: int, n: int) -> None:
    """Forget all but a person's `n` newest files."""
    newest = select(UploadRow.id).where(col(UploadRow.user_id) == user_id)
    kept = session.exec(newest.order_by(col(UploadRow.id).desc()).limit(n)).all()
    gone = delete(UploadRow).where(
        col(UploadRow.user_id) == user_id, col(UploadRow.id).not_in(kept)
    )
    session.connection().execute(gone)
