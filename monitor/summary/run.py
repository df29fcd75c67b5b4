"""The use-case: writes the weekly summary of a week, to the store and to files."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from classifiers.reference import Reference
from monitor.clock import Clock
from monitor.db import scores, summaries
from monitor.db.engine import reading, transaction
from monitor.i18n import LANGUAGES
from monitor.settings import Settings
from monitor.summary.build import build
from monitor.summary.render import render_html, render_json
from monitor.summary.values import WeeklySummary
from monitor.weeks import previous, week_bounds


@dataclass(frozen=True, slots=True)
class SummaryReport:
    """What was written."""

    week: str
    created: bool  # False where the newest stored version already has the same content
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class NoScores:
    """The week has no scores in force, so there is nothing to sum up."""

    week: str


def write_summary(
    engine: Engine, week: str, reference: Reference, settings: Settings, clock: Clock
) -> SummaryReport | NoScores:
    """Build the summary of `week` from the current scores, store it, and write its files.

    Same inputs give the same bytes and no new version.
    """
    with reading(engine) as session:
        summary = _gather(session, week)
    if summary is None:
        return NoScores(week)
    with transaction(engine) as session:
        created = summaries.save(session, summary, clock())
    folder = settings.output_dir / week
    return SummaryReport(week, created, write_files(folder, contents(summary, reference)))


def summary_html(session: Session, week: str, language: str, reference: Reference) -> str | None:
    """The stored summary of `week` as a page, or None where there is none."""
    summary = summaries.newest(session, week)
    return None if summary is None else render_html(summary, language, reference)


def _gather(session: Session, week: str) -> WeeklySummary | None:
    found = scores.current_scores(session, week)
    if not found:
        return None
    stories, counts = summaries.week_stories(session, *week_bounds(week))
    return build(
        week,
        found,
        scores.current_scores(session, previous(week)),
        stories,
        scores.alerts(session, week),
        counts,
        summaries.holds_sample(session),
    )


def contents(summary: WeeklySummary, reference: Reference) -> dict[str, bytes]:
    """File name -> bytes of every form of the summary."""
    pages = {
        f"summary.{language}.html": render_html(summary, language, reference).encode()
        for language in LANGUAGES
    }
    return {**pages, "summary.json": render_json(summary).encode()}


def write_files(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write each file whole or not at all: under a temporary name, then renamed."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in files.items():
        target = folder / name
        temporary = folder / f".{name}.{os.getpid()}"
        temporary.write_bytes(content)
        os.replace(temporary, target)
        written.append(target)
    return tuple(written)
