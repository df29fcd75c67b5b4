"""The use-cases: check and import a readiness file, undo an import, and what is known on a day.

A file is taken whole or not at all, in one transaction with its audit row. The same file a second time
changes nothing. What a file must look like is decided in `monitor.readiness.importers`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from classifiers.reference import Reference
from monitor.clock import Clock
from monitor.db import readiness as store
from monitor.db.engine import reading, transaction
from monitor.db.readiness import Import, Provenance
from monitor.db.readiness_standing import standing
from monitor.db.remembered import remembered
from monitor.errors import SettingsError
from monitor.logs import get_logger
from monitor.readiness.compare import Changes, compare, content_hash
from monitor.readiness.convert import Event
from monitor.readiness.grants import Grant
from monitor.readiness.importers import Batch, Known, guess_kind, known_names, read_tables
from monitor.readiness.indicators import load_indicators
from monitor.readiness.organisers import ORGANISERS, Link, organisers, still_organises
from monitor.readiness.roadmap import RoadmapTask
from monitor.readiness.state import ROADMAP, nominal_weights
from monitor.readiness.templates import KINDS
from monitor.readiness.workbook import read_sheets
from monitor.values import ALL_GROUPS, Mistake, Observation

_log = get_logger(__name__)

MAX_BYTES = 20_000_000
SAMPLE = Path(__file__).parent / "sample"
SAMPLE_BY = "sample"
_NO_TIME = datetime.min.replace(tzinfo=UTC)  # of a file that is only looked at


@dataclass(frozen=True, slots=True)
class Imported:
    """The file's data are in force."""

    id: int
    kind: str
    rows: int
    notes: tuple[str, ...] = ()  # what was passed over


@dataclass(frozen=True, slots=True)
class AlreadyImported:
    """This very file, or one that says the same, is in force since an earlier import."""

    id: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing of the file was taken."""

    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """The file could be imported, and this is what would become of its data."""

    kind: str
    rows: int
    changes: Changes
    notes: tuple[str, ...]  # what was passed over


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
    grants: tuple[Grant, ...] = ()  # every report, by programme and day
    links: tuple[Link, ...] = ()  # of organisers, of any day


def names_known(
    reference: Reference, indicators_file: Path | None = None, links: Iterable[Link] = ()
) -> Known:
    """What files may name. `indicators_file` is the user's own table beside the shipped one.

    Raises SettingsError where that table cannot be read or speaks of what is not known.
    """
    try:
        indicators = load_indicators(indicators_file)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{indicators_file} cannot be read; it must be CSV in UTF-8") from error
    except ValueError as error:
        raise SettingsError(str(error)) from error
    groups = {ALL_GROUPS, *reference.group}
    parts = nominal_weights().keys() - {ROADMAP}
    for i in indicators.values():
        if i.group not in groups or i.component not in parts:
            raise SettingsError(
                f"indicator '{i.id}': group '{i.group}' must be one of {', '.join(sorted(groups))} "
                f"and component '{i.component}' one of {', '.join(sorted(parts))}"
            )
    return known_names(reference, indicators, links)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A file that could be imported."""

    batch: Batch
    of: Provenance


def _prepare(kind: str | None, known: Known, of: Provenance, data: bytes) -> _Prepared | Refused:
    """Read `data`. `of` has what is known of the file; "" where the file may say it."""
    name = of.file
    found = read_sheets(name, data)
    guessed = found if isinstance(found, Mistake) else kind or guess_kind(name, found)
    if isinstance(found, Mistake) or isinstance(guessed, Mistake):
        return Refused(tuple(m for m in (guessed,) if isinstance(m, Mistake)))
    batch = read_tables(guessed, name, found, known)
    if not isinstance(batch, Batch):
        return Refused(batch)
    source, licence = of.source or batch.source, of.licence or batch.licence
    missing = _without_origin(name, {"source": source, "licence": licence})
    if missing:
        return Refused(missing)
    content = content_hash(batch, source, licence)
    return _Prepared(batch, replace(of, source=source, licence=licence, content_hash=content))


def check_file(
    engine: Engine,
    kind: str | None,
    path: Path,
    reference: Reference,
    source: str = "",
    licence: str = "",
    indicators_file: Path | None = None,
) -> Checked | AlreadyImported | Refused:
    """What importing a file would do, with the same rules; changes nothing."""
    data = _read(path)
    if isinstance(data, Mistake):
        return Refused((data,))
    return check_data(engine, kind, path.name, data, reference, source, licence, indicators_file)


def check_data(
    engine: Engine,
    kind: str | None,
    name: str,
    data: bytes,
    reference: Reference,
    source: str = "",
    licence: str = "",
    indicators_file: Path | None = None,
) -> Checked | AlreadyImported | Refused:
    """As `check_file`, of the bytes of a file called `name`."""
    of = Provenance(name, sha256(data).hexdigest(), source, licence, _NO_TIME, "")
    with reading(engine) as session:
        known = names_known(reference, indicators_file, store.links_known(session))
        ready = _prepare(kind, known, of, data)
        if isinstance(ready, Refused):
            return ready
        earlier = _earlier(session, ready)
        if earlier is not None:
            return AlreadyImported(earlier.id)
        before, gone = standing(session, ready.batch)
    batch = ready.batch
    return Checked(batch.kind, batch.rows, compare(batch, before, gone), batch.notes)


def _earlier(session: Session, ready: _Prepared) -> Import | None:
    """The import in force of this very file, or of one that says the same."""
    kind, of = ready.batch.kind, ready.of
    return store.find_import(session, kind, of.file_hash) or store.find_content(
        session, kind, of.content_hash
    )


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
    kind: str | None,
    path: Path,
    who: str,
    clock: Clock,
    reference: Reference,
    source: str = "",
    licence: str = "",
    indicators_file: Path | None = None,
) -> Imported | AlreadyImported | Refused:
    """Take a file of `kind` (a key of templates.KINDS), or of the kind its headings tell.

    `source` and `licence` say where it comes from and on what terms; "" where the file's own columns
    do. A file that says neither is refused: a number without an origin helps nobody.
    """
    data = _read(path)
    if isinstance(data, Mistake):
        return Refused((data,))
    return import_data(
        engine, kind, path.name, data, who, clock, reference, source, licence, indicators_file
    )


def import_data(
    engine: Engine,
    kind: str | None,
    name: str,
    data: bytes,
    who: str,
    clock: Clock,
    reference: Reference,
    source: str = "",
    licence: str = "",
    indicators_file: Path | None = None,
) -> Imported | AlreadyImported | Refused:
    """As `import_file`, of the bytes of a file called `name`."""
    digest = sha256(data).hexdigest()
    if kind is not None:
        with reading(engine) as session:
            earlier = store.find_import(session, kind, digest)
        if earlier is not None:
            return AlreadyImported(earlier.id)
    with reading(engine) as session:
        links = store.links_known(session)
    known = names_known(reference, indicators_file, links)
    of = Provenance(name, digest, source, licence, clock(), who)
    ready = _prepare(kind, known, of, data)
    return ready if isinstance(ready, Refused) else _take(engine, ready)


def _take(engine: Engine, ready: _Prepared) -> Imported | AlreadyImported:
    with transaction(engine) as session:
        store.lock_imports(session)
        # another process may have been faster
        earlier = _earlier(session, ready)
        if earlier is not None:
            return AlreadyImported(earlier.id)
        done = store.add_import(session, ready.batch, ready.of)
    _log.info("readiness_imported", id=done.id, kind=done.kind, file=done.file, rows=done.rows)
    return Imported(done.id, done.kind, done.rows, ready.batch.notes)


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
    imported = already = rows = 0
    for path in sample_files():
        result = import_file(engine, kind_of(path), path, SAMPLE_BY, clock, reference)
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
    kinds = [kind for kind in KINDS if path.stem.startswith(f"{kind}-")]
    if not kinds:
        raise ValueError(f"{path.name} begins with none of {', '.join(KINDS)}")
    return max(kinds, key=len)


def readiness_at(
    session: Session, as_of: date, known_at: datetime | None = None, region: str | None = None
) -> Readiness:
    """What is in force of `as_of` and before: the latest report of each region and group, all
    observations whose period has begun, all events, all reports on grants, all links of organisers.

    `as_of` is the day the data speak of. `known_at` is the day of the knowledge: with it, only what
    had been imported (and not undone) at that instant. Without it, late reports reach back.
    Ratings of an organiser that has handed the region's services over by `as_of` are left out. With
    `region`, of that one alone, but for the links.
    """
    links = store.links_known(session, known_at)
    of_name = organisers(links)
    return Readiness(
        as_of,
        tuple(
            o
            for o in store.observations_until(session, as_of, known_at, region)
            if o.component != ORGANISERS or still_organises(of_name, o.indicator, o.region, as_of)
        ),
        store.tasks_until(session, as_of, known_at, region),
        store.events_until(session, as_of, known_at, region),
        store.grants_until(session, as_of, known_at, region),
        links,
    )


def readiness_of(session: Session, as_of: date, region: str) -> Readiness:
    """`readiness_at` of one region, kept in memory until the next import or undoing: for pages."""
    key = ("readiness", store.imports_stand(session), as_of, region)
    return remembered(session, key, lambda: readiness_at(session, as_of, region=region))
