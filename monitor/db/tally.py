"""How much the store holds, stage by stage, as counts that must add up.

Only counts; what they mean is worded where they are shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, SQLModel, col, select

from monitor.db import outcomes
from monitor.db.tables import (
    AlertRow,
    ArticleRow,
    ClaimRow,
    EntryRow,
    FeedRow,
    FlagRow,
    ImportRow,
    ObservationRow,
    PollRow,
    RoadmapTaskRow,
    ScoreRow,
    StoryRow,
    SummaryRow,
)
from monitor.values import Stage


@dataclass(frozen=True, slots=True)
class Tally:
    """Totals of the store. Outcome mappings are outcome -> number of items."""

    feeds: int
    polls: Mapping[str, int]  # by outcome
    items: Mapping[str, int]  # items seen in polls: new, seen, revised, rejected
    items_total: int
    entries: int
    entry_revisions: int  # entries counted once per revision
    pending: int
    stages: Mapping[Stage, Mapping[str, int]]
    articles: int
    articles_in_stories: int
    articles_tagged: int
    stories: int
    claims: int
    flags: int
    imports: int
    readiness_rows: int
    scores: int
    alerts: int
    summaries: int


def tally(session: Session) -> Tally:
    """Count everything once."""
    polls = session.exec(
        select(PollRow.outcome, func.count())
        .group_by(col(PollRow.outcome))
        .order_by(col(PollRow.outcome))
    )
    return Tally(
        feeds=_count(session, FeedRow),
        polls=dict(polls.all()),
        items=_items(session),
        items_total=_sum(session, PollRow.items),
        entries=_count(session, EntryRow),
        entry_revisions=_sum(session, EntryRow.revision),
        pending=_count(session, EntryRow, col(EntryRow.state) == "pending"),
        stages={stage: outcomes.counts(session, stage) for stage in Stage},
        articles=_count(session, ArticleRow),
        articles_in_stories=_count(session, ArticleRow, col(ArticleRow.story_id).is_not(None)),
        articles_tagged=_count(session, ArticleRow, col(ArticleRow.tagged_with).is_not(None)),
        stories=_count(session, StoryRow),
        claims=_count(session, ClaimRow),
        flags=_count(session, FlagRow),
        imports=_count(session, ImportRow),
        readiness_rows=_count(session, ObservationRow) + _count(session, RoadmapTaskRow),
        scores=_count(session, ScoreRow, col(ScoreRow.current).is_(True)),
        alerts=_count(session, AlertRow),
        summaries=_count(session, SummaryRow),
    )


def newest_poll(session: Session) -> datetime | None:
    """When a feed was last polled; None in an empty store."""
    return session.exec(select(PollRow.at).order_by(col(PollRow.at).desc()).limit(1)).first()


def _count(session: Session, table: type[SQLModel], *where: ColumnElement[bool]) -> int:
    return session.exec(select(func.count()).select_from(table).where(*where)).one()


def _sum(session: Session, column: int) -> int:
    # SQLModel types a column by the values it holds
    return int(session.exec(select(func.coalesce(func.sum(col(column)), 0))).one())


def _items(session: Session) -> dict[str, int]:
    columns = {
        "new": PollRow.new,
        "seen": PollRow.seen,
        "revised": PollRow.revised,
        "rejected": PollRow.rejected,
    }
    return {name: _sum(session, column) for name, column in columns.items()}


def discrepancies(t: Tally) -> tuple[str, ...]:
    """Where the counts do not add up; empty when every item has exactly one outcome per stage."""
    ingested = sum(t.stages[Stage.INGEST].values())
    sums = (
        (
            "items of all polls",
            t.items_total,
            "new + seen + revised + rejected",
            sum(t.items.values()),
        ),
        (
            "new and revised items",
            t.items["new"] + t.items["revised"],
            "entry revisions",
            t.entry_revisions,
        ),
        ("entry revisions", t.entry_revisions, "ingest outcomes + pending", ingested + t.pending),
        ("articles", t.articles, "articles in a story", t.articles_in_stories),
        ("articles", t.articles, "story outcomes", sum(t.stages[Stage.STORY].values())),
        ("articles", t.articles, "tagged articles", t.articles_tagged),
        (
            "tag outcomes",
            sum(t.stages[Stage.TAG].values()),
            "flag outcomes",
            sum(t.stages[Stage.FLAG].values()),
        ),
    )
    return tuple(f"{a} ({n}) differ from {b} ({m})" for a, n, b, m in sums if n != m)
