"""The use-cases: import a readiness file, undo an import, and what is known on a day.

A file is taken whole or not at all, in one transaction with its audit row. The same file a second time
changes nothing. What a file must look like is decided in `monitor.readiness.importers`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from classifiers.reference import Reference
from monitor.clock import Clock
from monitor.db import readiness as store
from monitor.db.engine import reading, transaction
from monitor.db.readiness import Import, Provenance
from monitor.logs import get_logger
from monitor.readiness.convert import Event
from monitor.readiness.importers import Batch, Known, known_names, read_csv
from monitor.readiness.indicators import load_indicators
from monitor.readiness.roadmap import RoadmapTask
from monitor.readiness.templates import KINDS
from monitor.values import Mistake, Observation

_log = get_logger(__name__)

MAX_BYTES = 20_000_000
SAMPLE = Path(__file__).parent / "sample"
SAMPLE_BY = "sample"


@dataclass(frozen=True, slots=True)
class Imported:
    """The file's data are in force."""

    id: int
    kind: str
    rows: int


@dataclass(frozen=True, slots=True)
class AlreadyImported:
    """This very file is in force since an earlier import; nothing changed."""

    id: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing of the file was taken."""

    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What loading the sample did."""

    imported: int  # files
    already: int
    rows: int  # of the files imported now


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is known of every region on a day."""

    as_of: date
    observations: tuple[Observation, ...]
    tasks: tuple[RoadmapTask, ...]  # of the latest report on each region and group
    events: tuple[Event, ...]


def names_known(reference: Reference) -> Known:
    """What files may name."""
    return known_names(reference, load_indicators())


def check_file(kind: str, path: Path, known: Known) -> Batch | Refused:
    """Read a file without taking it. An unreadable file is refused too."""
    data = _read(path)
    found = (data,) if isinstance(data, Mistake) else read_csv(kind, path.name, data, known)
    return found if isinstance(found, Batch) else Refused(found)


def _read(path: Path) -> bytes | Mistake:
    try:
        if path.stat().st_size > MAX_BYTES:
            megabytes = MAX_BYTES // 1_000_000
            expected, remedy = f"at most {megabytes} MB", "split it by region or by year"
            return Mistake(path.name, 1, "", "the file is too large", expected, remedy)
        return path.read_bytes()
    except OSError as error:
        problem = f"the file cannot be read ({error.strerror or type(error).__name__})"
        return Mistake(
            path.name, 1, "", problem, "a readable file", "check its name and its rights"
        )


def import_file(
    engine: Engine,
    kind: str,
    path: Path,
    who: str,
    clock: Clock,
    reference: Reference,
    source: str = "",
    licence: str = "",
) -> Imported | AlreadyImported | Refused:
    """Take a file of `kind` (a key of templates.KINDS).

    `source` and `licence` say where it comes from and on what terms; "" where the file's own columns
    do. A file that says neither is refused: a number without an origin helps nobody.
    """
    return _import(engine, kind, path, who, clock, source, licence, names_known(reference))


def _import(
    engine: Engine, kind: str, path: Path, who: str, clock: Clock,
    source: str, licence: str, known: Known,
) -> Imported | AlreadyImported | Refused:  # fmt: skip
    data = _read(path)
    if isinstance(data, Mistake):
        return Refused((data,))
    digest = sha256(data).hexdigest()
    with reading(engine) as session:
        earlier = store.find_import(session, kind, digest)
    if earlier is not None:
        return AlreadyImported(earlier.id)
    batch = read_csv(kind, path.name, data, known)
    if not isinstance(batch, Batch):
        return Refused(batch)
    source, licence = source or batch.source, licence or batch.licence
    missing = _without_origin(path.name, {"source": source, "licence": licence})
    if missing:
        return Refused(missing)
    return _take(engine, batch, Provenance(path.name, digest, source, licence, clock(), who))


def _take(engine: Engine, batch: Batch, of: Provenance) -> Imported | AlreadyImported:
    with transaction(engine) as session:
        store.lock_imports(session)
        # another process may have been faster
        earlier = store.find_import(session, batch.kind, of.file_hash)
        if earlier is not None:
            return AlreadyImported(earlier.id)
        done = store.add_import(session, batch, of)
    _log.info("readiness_imported", id=done.id, kind=batch.kind, file=of.file, rows=done.rows)
    return Imported(done.id, batch.kind, done.rows)


def _without_origin(file: str, origin: Mapping[str, str]) -> tuple[Mistake, ...]:
    return tuple(
        Mistake(
            file, 1, "", f"the {what} is not known", f"a column '{what}' or --{what}", "give one"
        )
        for what, said in origin.items()
        if not said
    )


def undo(engine: Engine, import_id: int, who: str, clock: Clock) -> Import | None:
    """Put an import out of force; None where there is none of that id. Undoing twice is once."""
    with transaction(engine) as session:
        return store.undo_import(session, import_id, who, clock())


def import_sample(engine: Engine, clock: Clock, reference: Reference) -> SampleReport:
    """Load the invented data that come with the program; run again, it loads what is missing.

    Each file is its own transaction. Raises ValueError where a shipped file has mistakes: a bug.
    """
    known = names_known(reference)
    imported = already = rows = 0
    for path in sample_files():
        result = _import(engine, kind_of(path), path, SAMPLE_BY, clock, "", "", known)
        match result:
            case Imported():
                imported, rows = imported + 1, rows + result.rows
            case AlreadyImported():
                already += 1
            case Refused():
                raise ValueError(f"the sample is damaged: {result.mistakes[0]}")
    return SampleReport(imported, already, rows)


def sample_files() -> tuple[Path, ...]:
    """The shipped files, in the order they are imported."""
    return tuple(sorted(SAMPLE.glob("*.csv")))


def kind_of(path: Path) -> str:
    """The kind a sample file's name begins with: roadmap-2026-11.csv is a roadmap."""
    kind = path.stem.split("-")[0]
    if kind not in KINDS:
        raise ValueError(f"{path.name} begins with none of {', '.join(KINDS)}")
    return kind


def readiness_at(session: Session, as_of: date, known_at: datetime | None = None) -> Readiness:
    """What is in force of `as_of` and before: the latest report of each region and group, all
    observations whose period has begun, all events.

    `as_of` is the day the data speak of. `known_at` is the day of the knowledge: with it, only what
    had been imported (and not undone) at that instant. Without it, late reports reach back.
    """
    return Readiness(
        as_of,
        store.observations_until(session, as_of, known_at),
        store.tasks_until(session, as_of, known_at),
        store.events_until(session, as_of, known_at),
    )
