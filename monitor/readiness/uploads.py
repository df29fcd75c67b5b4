"""The use-cases of the import page: a file is brought, looked at, corrected, taken in or given up.

A file is kept for a day under the person's id, so that nothing is lost where a field was wrong. What a file
must be like, and taking it in, are `monitor.readiness.run`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import PurePath

from sqlalchemy import Engine

from monitor.app import App
from monitor.db import readiness as store
from monitor.db import uploads
from monitor.db.engine import reading, transaction
from monitor.db.uploads import Upload
from monitor.people.values import User
from monitor.readiness import outcome
from monitor.readiness.outcome import Outcome
from monitor.readiness.run import (
    MAX_BYTES,
    AlreadyImported,
    Checked,
    Imported,
    Refused,
    check_data,
    import_data,
)
from monitor.readiness.templates import KINDS

KEPT = timedelta(days=1)
MOST_WAITING = 10  # files of one person
MOST_SAID = 500  # characters of source and licence
MOST_NAME = 200  # characters of a file's name


@dataclass(frozen=True, slots=True)
class Unfit:
    """Nothing was kept: no file, an empty one, or one that is too large."""

    why: str  # none | empty | large


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of a file beside it; "" where the file says it."""

    kind: str
    source: str
    licence: str


def said_of(kind: str, source: str, licence: str) -> Said:
    """The fields of a form: what is no kind counts as none, text is cut at its bound."""
    kind = kind if kind in KINDS else ""
    return Said(kind, _plain(source, MOST_SAID), _plain(licence, MOST_SAID))


def bring(app: App, user: User, name: str, data: bytes, said: Said) -> int | Unfit:
    """Keep a file and look at it; returns its number. The same file again is looked at again."""
    if not data:
        return Unfit("empty" if name else "none")
    if len(data) > MAX_BYTES:
        return Unfit("large")
    name = _plain(PurePath(name.replace("\\", "/")).name, MOST_NAME) or "file"
    found, now = _looked(app, name, data, said), app.clock()
    with transaction(app.engine) as session:
        uploads.sweep_uploads(session, now - KEPT)
        made = uploads.add_upload(
            session, user.id, name, data, sha256(data).hexdigest(), _fields(said),
            outcome.to_json(found), now,
        )  # fmt: skip
        uploads.keep_newest(session, user.id, MOST_WAITING)
    return made


def waiting(engine: Engine, user: User, now: datetime) -> tuple[Upload, ...]:
    """A person's files that wait, the newest first."""
    with reading(engine) as session:
        return uploads.uploads_of(session, user.id, now - KEPT)


def find(app: App, user: User, number: int) -> Upload | None:
    """A person's own file; None where it is another's, was given up, or is older than a day."""
    with reading(app.engine) as session:
        return uploads.find_upload(session, number, user.id, app.clock() - KEPT)


def look_again(app: App, user: User, number: int, said: Said) -> Outcome | None:
    """The dry run once more, with other words on the file. None where there is no such file."""
    brought = _with_content(app, user, number)
    if brought is None:
        return None
    upload, data = brought
    found = _looked(app, upload.name, data, said)
    with transaction(app.engine) as session:
        uploads.change_upload(session, number, _fields(said), outcome.to_json(found))
    return found


def take(app: App, user: User, number: int) -> Imported | Outcome | None:
    """Take the file in, whole or not at all. Where it no longer fits, what is wrong now; None where
    there is no such file."""
    brought = _with_content(app, user, number)
    if brought is None:
        return None
    upload, data = brought
    done = import_data(
        app.engine, upload.kind or None, upload.name, data, user.name, app.clock, app.reference,
        upload.source, upload.licence, app.settings.indicators_file,
    )  # fmt: skip
    if isinstance(done, Imported):
        give_up(app, user, number)
        return done
    found = (
        outcome.already(done.id)
        if isinstance(done, AlreadyImported)
        else outcome.refused(done.mistakes)
    )
    with transaction(app.engine) as session:
        said = Said(upload.kind, upload.source, upload.licence)
        uploads.change_upload(session, number, _fields(said), outcome.to_json(found))
    return found


def give_up(app: App, user: User, number: int) -> None:
    """Forget a person's file."""
    with transaction(app.engine) as session:
        if uploads.find_upload(session, number, user.id, app.clock() - KEPT) is not None:
            uploads.drop_upload(session, number)


def redo(app: App, import_id: int, who: str) -> store.Import | None:
    """Put an undone import's data in force again, as a new import: what was known when does not change.

    None where there is no such import, or its data are in force.
    """
    with transaction(app.engine) as session:
        store.lock_imports(session)
        return store.redo_import(session, import_id, who, app.clock())


def _with_content(app: App, user: User, number: int) -> tuple[Upload, bytes] | None:
    with reading(app.engine) as session:
        upload = uploads.find_upload(session, number, user.id, app.clock() - KEPT)
        return None if upload is None else (upload, uploads.content_of(session, number))


def _looked(app: App, name: str, data: bytes, said: Said) -> Outcome:
    found = check_data(
        app.engine, said.kind or None, name, data, app.reference, said.source, said.licence,
        app.settings.indicators_file,
    )  # fmt: skip
    match found:
        case Checked():
            return outcome.fitting(found.kind, found.rows, found.changes, found.notes)
        case AlreadyImported():
            return outcome.already(found.id)
        case Refused():
            return outcome.refused(found.mistakes)


def _fields(said: Said) -> Mapping[str, str]:
    return {"kind": said.kind, "source": said.source, "licence": said.licence}


def _plain(text: str, most: int) -> str:
    """One line without what a terminal or a page would act on."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * most]).split())[:most]
