"""What lies behind a score in the store: articles of its stories, readiness rows of its components.

Returns plain values, never rows, and decides nothing.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlmodel import Session, col, select

from monitor.db.frozen import inputs_text
from monitor.db.readiness import in_force
from monitor.db.region_pictures import region_picture
from monitor.db.remembered import remembered
from monitor.db.signals import article_signals
from monitor.db.tables import (
    ArticleRow,
    FeedRow,
    ImportRow,
    ObservationRow,
    RoadmapTaskRow,
    ScoreRow,
)
from monitor.risk.explain import Row, Told
from monitor.values import ALL_GROUPS


@dataclass(frozen=True, slots=True)
class Basis:
    """A component of a group as a score read it."""

    group: str
    component: str
    observation_ids: tuple[int, ...]


def computed(session: Session, region: str, week: str) -> tuple[str, datetime] | None:
    """Input hash of the scores in force of a region and week, and when they were computed."""
    query = select(ScoreRow.input_hash, ScoreRow.computed_at).where(
        ScoreRow.region == region, ScoreRow.week == week, col(ScoreRow.current)
    )
    return session.exec(query.limit(1)).first()


def frozen_bases(session: Session, input_hash: str, region: str) -> tuple[Basis, ...]:
    """The readiness components of a region in kept inputs; () where they are not kept."""
    key = ("bases", input_hash, region)
    return remembered(session, key, lambda: _kept_bases(session, input_hash, region)) or ()


def _kept_bases(session: Session, input_hash: str, region: str) -> tuple[Basis, ...] | None:
    picture = region_picture(session, input_hash, region)
    if picture is not None:
        return tuple(_basis(found) for found in picture.bases)
    text = inputs_text(session, input_hash)
    return None if text is None else tuple(map(_basis, _bases(text).get(region, ())))


def _basis(found: Mapping[str, Any]) -> Basis:
    return Basis(found["group"], found["component"], tuple(found["observation_ids"]))


@lru_cache(
    maxsize=4
)  # what a hash names never changes, and every region of a week asks for the same
def _bases(text: str) -> Mapping[str, list[dict[str, Any]]]:
    return bases_json(json.loads(text))


def bases_json(inputs: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Region -> its readiness components in frozen inputs, as a region's picture keeps them."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for cell in inputs["readiness"]:
        found[cell["region"]] += (
            {
                "group": cell["group"],
                "component": c["component"],
                "observation_ids": c["observation_ids"],
            }
            for c in cell["components"]
        )
    return dict(found)


def told(
    session: Session,
    stories: Collection[int],
    start: datetime,
    end: datetime,
    least_relevance: float,
    known_at: datetime,
) -> dict[str, list[Told]]:
    """Story id -> its articles published in [start, end) as they were known at `known_at`."""
    signals = article_signals(session, start, end, least_relevance, known_at, stories)
    rows = session.exec(
        select(ArticleRow, FeedRow.title)
        .join(FeedRow, col(FeedRow.id) == col(ArticleRow.feed_id))
        .where(col(ArticleRow.id).in_([s.article for s in signals]))
    )
    kept = {row.id: (row, outlet) for row, outlet in rows}
    found: dict[str, list[Told]] = defaultdict(list)
    for signal in signals:
        row, outlet = kept[signal.article]
        found[str(signal.story)].append(
            Told(signal, outlet, row.address, row.language, row.content_hash, row.text)
        )
    return found


def observation_rows(session: Session, ids: Collection[int]) -> Mapping[int, Row]:
    """Observations by id, undone imports' too: a score may rest on them."""
    query = (
        select(ObservationRow, ImportRow)
        .join(ImportRow, col(ObservationRow.import_id) == col(ImportRow.id))
        .where(col(ObservationRow.id).in_(sorted(ids)))
    )
    return {row.id or 0: _observation(row, of) for row, of in session.exec(query)}


def _observation(row: ObservationRow, of: ImportRow) -> Row:
    facts: dict[str, str | float | None] = {
        "value": row.value,
        "unit": row.unit,
        "done": row.done,
        "period": f"{row.period_start}/{row.period_end}",
        **_origin(of),
    }
    return Row(f"observation:{row.id}", row.indicator, 1 - (row.done or 0.0), facts)


def _origin(of: ImportRow) -> dict[str, str | float | None]:
    return {"source": of.source, "licence": of.licence, "import": str(of.id)}


def task_rows(
    session: Session, region: str, day: date, known_at: datetime
) -> Mapping[str, list[Row]]:
    """Roadmap group -> the due critical tasks of its latest report that is not after `day`."""
    known = (
        select(ImportRow, RoadmapTaskRow.group, col(RoadmapTaskRow.as_of))
        .join(ImportRow, col(RoadmapTaskRow.import_id) == col(ImportRow.id))
        .where(RoadmapTaskRow.region == region, col(RoadmapTaskRow.as_of) <= day)
        .where(*in_force(known_at))
        .distinct()
    )
    newest: dict[str, tuple[date, datetime, int]] = {}
    for of, group, as_of in session.exec(known):
        report = (as_of, of.imported_at, of.id or 0)
        newest[group] = max(newest.get(group, report), report)
    query = (
        select(RoadmapTaskRow, ImportRow)
        .join(ImportRow, col(RoadmapTaskRow.import_id) == col(ImportRow.id))
        .where(RoadmapTaskRow.region == region, col(RoadmapTaskRow.critical))
        .where(col(RoadmapTaskRow.as_of).in_({as_of for as_of, *_ in newest.values()}))
        .where(col(RoadmapTaskRow.import_id).in_({id_ for *_, id_ in newest.values()}))
        .order_by(col(RoadmapTaskRow.id))
    )
    found: dict[str, list[Row]] = {group: [] for group in newest if group != ALL_GROUPS}
    for row, of in session.exec(query):
        same = newest.get(row.group) == (row.as_of, of.imported_at, of.id)
        if row.group in found and same and row.due <= row.as_of:
            found[row.group].append(_task(row, of))
    return found


def _task(row: RoadmapTaskRow, of: ImportRow) -> Row:
    done = row.finished is not None and row.finished <= row.as_of
    facts: dict[str, str | float | None] = {
        "due": str(row.due),
        "started": str(row.started) if row.started else None,
        "finished": str(row.finished) if row.finished else None,
        "report": str(row.as_of),
        **_origin(of),
    }
    return Row(f"task:{row.id}", f"{row.task}: {row.subtask}", 0.0 if done else 1.0, facts)
