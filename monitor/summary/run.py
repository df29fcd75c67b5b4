"""The use-case: writes the weekly summary of a week as a draft, to the store and to files.

A draft follows the scores in force each time it is written. What was frozen or published stays as it is.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Engine
from sqlmodel import Session

from classifiers.reference import Reference
from monitor.clock import Clock
from monitor.db import editions
from monitor.db.engine import reading, transaction
from monitor.logs import get_logger
from monitor.settings import Settings
from monitor.summary.edition import Change, Edition, changes, newest_published
from monitor.summary.forms import QUICK, File, files
from monitor.summary.gather import gather
from monitor.summary.ready import NO_SCORES, lacking
from monitor.summary.values import WeeklySummary
from monitor.weeks import week_bounds

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SummaryReport:
    """What was written."""

    week: str
    version: int
    created: bool  # False where the stored draft already has the same numbers
    files: tuple[Path, ...]
    lacking: tuple[str, ...]  # what the week is not ready for, as in monitor.summary.ready


@dataclass(frozen=True, slots=True)
class NoScores:
    """The week has no scores in force, so there is nothing to sum up."""

    week: str


Why = Literal[
    "no summary", "draft", "frozen", "published", "never published", "correcting", "section", "changed"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refused:
    """What was asked for cannot be done with the week's newest version."""

    week: str
    why: Why
    version: int = 0


def write_summary(
    engine: Engine, week: str, reference: Reference, settings: Settings, clock: Clock
) -> SummaryReport | NoScores | Refused:
    """Build the summary of `week` from the scores in force, store it as a draft, and write its files.

    Same inputs give the same bytes and no new draft. Refused where the newest version is no draft.
    """
    summary = gather(engine, week, reference, settings, clock())
    if summary is None:
        with transaction(engine) as session:
            note_lacking(
                editions.set_notice(session, week, (NO_SCORES,), clock()), week, (NO_SCORES,)
            )
        return NoScores(week)
    lacks = _lacking(engine, summary, settings)
    with transaction(engine) as session:
        created = _store(session, summary, clock)
        if isinstance(created, Refused):
            return created
        note_lacking(editions.set_notice(session, week, lacks, clock()), week, lacks)
    with reading(engine) as session:
        edition = editions.latest(session, week)
    assert edition is not None  # it was stored just now
    made = files(edition, reference, formats=QUICK, levels=("full",))
    written = write_files(folder_of(settings, edition), made)
    return SummaryReport(week, edition.version, created, written, lacks)


def _store(session: Session, summary: WeeklySummary, clock: Clock) -> bool | Refused:
    versions = editions.editions(session, summary.week)
    if not versions:
        editions.add_draft(session, summary, clock())
        return True
    newest = versions[-1]
    if newest.state != "draft":
        return Refused(summary.week, newest.state, newest.version)
    return editions.renew(session, summary, clock(), changed(versions, summary))


def changed(versions: list[Edition], summary: WeeklySummary) -> tuple[Change, ...]:
    """What `summary` changes of the newest published version; nothing where there is none."""
    before = newest_published(versions)
    return () if before is None else changes(before.summary, summary)


def _lacking(engine: Engine, summary: WeeklySummary, settings: Settings) -> tuple[str, ...]:
    with reading(engine) as session:
        flags = editions.open_flags(session, *week_bounds(summary.week))
    return lacking(summary, flags, settings.hearing_least)


def note_lacking(is_new: bool, week: str, lacks: tuple[str, ...]) -> None:
    """Say in the log what a week lacks, once."""
    if is_new and lacks:
        _log.warning("summary_not_ready", week=week, lacking=list(lacks))


def folder_of(settings: Settings, edition: Edition) -> Path:
    """Where the version's files belong: a published one never shares a folder with a draft."""
    name = f"v{edition.version}" if edition.published else "draft"
    return settings.output_dir / edition.week / name


def write_files(folder: Path, made: Iterable[File]) -> tuple[Path, ...]:
    """Write each file whole or not at all: under a temporary name, then renamed."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, make in made:
        target = folder / name
        temporary = folder / f".{name}.{os.getpid()}"
        temporary.write_bytes(make())
        os.replace(temporary, target)
        written.append(target)
    return tuple(written)
