"""The use-cases of a version's life: preview, freeze, publish, correct, rebuild.

A published version never changes: what is wrong in it is put right in a new one that says what changed.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version as installed
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from classifiers.reference import Reference
from monitor.clock import Clock
from monitor.db import editions
from monitor.db.engine import reading, transaction
from monitor.i18n import LANGUAGES
from monitor.progress import Progress
from monitor.settings import Settings
from monitor.summary.build import digest
from monitor.summary.document import Level
from monitor.summary.edition import Edition, State, changes
from monitor.summary.forms import FORMATS, File, count, files
from monitor.summary.gather import gather
from monitor.summary.report import LEVELS
from monitor.summary.run import Refused, folder_of, write_files
from monitor.summary.values import SCHEMA_VERSION

PROGRAM = installed("tilannekuva")


@dataclass(frozen=True, slots=True)
class Published:
    """A version that has left the house."""

    edition: Edition
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that was not rebuilt as it was published."""

    name: str
    what: str


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The files of a published version, made again."""

    edition: Edition
    files: tuple[Path, ...]
    compared: int
    differences: tuple[Difference, ...]


def preview(
    engine: Engine, week: str, reference: Reference, settings: Settings, progress: Progress, *,
    formats: Sequence[str] = FORMATS, levels: Sequence[Level] = LEVELS,
    languages: Sequence[str] = LANGUAGES,
) -> tuple[Path, ...] | Refused:  # fmt: skip
    """Write the draft's files as they would be published, marked as a draft's."""
    with reading(engine) as session:
        edition = editions.latest(session, week)
    if edition is None:
        return Refused(week, "no summary")
    if edition.published:
        return Refused(week, "published", edition.version)
    made = files(edition, reference, formats=formats, levels=levels, languages=languages)
    total = count(formats, levels, languages)
    return write_files(folder_of(settings, edition), progress.over(made, "files", total))


def freeze(engine: Engine, week: str, who: str, clock: Clock) -> Edition | Refused:
    """Fix the draft's numbers and commentary."""
    return _step(engine, week, "draft", lambda s: editions.freeze(s, week, clock(), who))


def thaw(engine: Engine, week: str, who: str, clock: Clock) -> Edition | Refused:
    """Make the frozen version a draft again."""
    return _step(engine, week, "frozen", lambda s: editions.thaw(s, week, clock(), who))


def _step(
    engine: Engine, week: str, state: State, change: Callable[[Session], None]
) -> Edition | Refused:
    with transaction(engine) as session:
        edition = _newest(session, week, state)
        if isinstance(edition, Refused):
            return edition
        change(session)
        session.flush()
        return _newest_of(session, week)


def publish(
    engine: Engine, week: str, who: str, reference: Reference, settings: Settings, clock: Clock,
    progress: Progress, formats: Sequence[str] = FORMATS,
) -> Published | Refused:  # fmt: skip
    """Make the frozen version's files, keep them for good, and write them to a folder of their own.

    Where the newest version is published already, its files are written again if any is missing.
    """
    with reading(engine) as session:
        edition = editions.latest(session, week)
        if edition is not None and edition.published:
            return Published(edition, _put(session, edition, settings))
    if edition is None or edition.state != "frozen":
        return _refused(edition, week)
    leaving = edition.model_copy(
        update={
            "state": "published", "published_at": clock(), "published_by": who, "program": PROGRAM,
        }
    )  # fmt: skip
    made = _made(leaving, reference, progress, formats)
    with transaction(engine) as session:
        again = editions.latest(session, week)
        if again != edition:  # thawed, or published by another, while the files were made
            return Refused(week, "changed", edition.version)
        editions.publish(session, leaving, made)
    with reading(engine) as session:
        return Published(leaving, _put(session, leaving, settings))


def _made(
    edition: Edition, reference: Reference, progress: Progress, formats: Sequence[str]
) -> dict[str, bytes]:
    total = count(formats, LEVELS, LANGUAGES)
    made = files(edition, reference, formats=formats)
    return {name: make() for name, make in progress.over(made, "files", total)}


def _put(session: Session, edition: Edition, settings: Settings) -> tuple[Path, ...]:
    kept = editions.files(session, edition.week, edition.version)
    return write_files(folder_of(settings, edition), _ready(kept))


def _ready(kept: Mapping[str, bytes]) -> Iterable[File]:
    for name, content in kept.items():
        yield name, partial(bytes, content)


def correct(
    engine: Engine, week: str, reason: Mapping[str, str], who: str, reference: Reference,
    settings: Settings, clock: Clock,
) -> Edition | Refused:  # fmt: skip
    """Begin a new version of a published week, a draft with the scores now in force.

    `reason` says in each language why; Finnish and Swedish must be there. `who` begins it.
    """
    summary = gather(engine, week, reference, settings, clock())
    with transaction(engine) as session:
        edition = _newest(session, week, "published")
        if isinstance(edition, Refused):
            return edition
        new = summary or edition.summary
        told = changes(edition.summary, new)
        editions.add_draft(session, new, clock(), reason=reason, changes=told)
        session.flush()
        editions.audit_correction(session, week, clock(), who)
        return _newest_of(session, week)


def _newest_of(session: Session, week: str) -> Edition:
    edition = editions.latest(session, week)
    assert edition is not None
    return edition


def _newest(session: Session, week: str, state: State) -> Edition | Refused:
    edition = editions.latest(session, week)
    if edition is None or edition.state != state:
        return _refused(edition, week)
    return edition


def _refused(edition: Edition | None, week: str) -> Refused:
    if edition is None:
        return Refused(week, "no summary")
    return Refused(week, edition.state, edition.version)


# --- rebuild -------------------------------------------------------------------------------------


def rebuild(
    engine: Engine, week: str, reference: Reference, settings: Settings, progress: Progress, *,
    version: int | None = None, folder: Path | None = None,
) -> Rebuilt | Refused:  # fmt: skip
    """Make the files of a published version again from its frozen inputs, and compare every byte with
    those that were published and with those in the output folder. Writes them to `folder` if given."""
    with reading(engine) as session:
        found = [e for e in editions.editions(session, week) if e.published]
        edition = next((e for e in reversed(found) if version in (None, e.version)), None)
        if edition is None:
            return Refused(week, "never published", version or 0)
        kept = editions.files(session, week, edition.version)
    published = [form for form in FORMATS if any(name.endswith(f".{form}") for name in kept)]
    made = _made(edition, reference, progress, published)
    told = (*_inputs(edition), *_compare(kept, made), *_on_disk(folder_of(settings, edition), kept))
    written = write_files(folder, _ready(made)) if folder else ()
    return Rebuilt(edition, written, len(kept), told)


def _inputs(edition: Edition) -> Iterable[Difference]:
    summary = edition.summary
    # an older shape was hashed without the fields that came later
    if summary.schema_version == SCHEMA_VERSION and digest(summary) != summary.input_hash:
        yield Difference("inputs", f"their hash is {digest(summary)}, not {summary.input_hash}")


def _compare(kept: Mapping[str, bytes], made: Mapping[str, bytes]) -> Iterable[Difference]:
    for name in sorted(kept.keys() | made.keys()):
        if name not in made:
            yield Difference(name, "is no longer made")
        elif name not in kept:
            yield Difference(name, "was not published")
        elif kept[name] != made[name]:
            yield Difference(name, _first(kept[name], made[name]))


def _on_disk(folder: Path, kept: Mapping[str, bytes]) -> Iterable[Difference]:
    for name, content in sorted(kept.items()):
        path = folder / name
        if path.is_file() and path.read_bytes() != content:
            yield Difference(str(path), "was changed after it was published")


def _first(before: bytes, after: bytes) -> str:
    at = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
        min(len(before), len(after)),
    )
    line = before.count(b"\n", 0, at) + 1
    hashes = (hashlib.sha256(content).hexdigest()[:12] for content in (before, after))
    return "differs from byte {} (line {}): {!r} was {!r}; SHA-256 {} was {}".format(
        at, line, *_around(after, before, at), *reversed(list(hashes))
    )


def _around(after: bytes, before: bytes, at: int) -> tuple[str, str]:
    start = max(0, at - 20)
    shown = (c[start : at + 40].decode("utf-8", "replace") for c in (after, before))
    first, second = shown
    return first, second
