"""Queries that only what programs read needs: a week's computation, sources of stories, summaries.

Returns plain values, never rows, and decides nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from monitor.db.merges import resolve_all
from monitor.db.remembered import remembered
from monitor.db.tables import ArticleRow, CoverageRow, FeedRow, ScoreRow, SummaryRow


@dataclass(frozen=True, slots=True)
class InForce:
    """The computation of a week that is in force."""

    week: str
    input_hash: str
    computed_at: datetime
    methodology: str


def in_force(session: Session, week: str) -> InForce | None:
    """The computation in force of `week`; None where it was not scored."""
    query = (
        select(ScoreRow.input_hash, ScoreRow.computed_at, ScoreRow.methodology)
        .where(ScoreRow.week == week, col(ScoreRow.current))
        .order_by(col(ScoreRow.id))
        .limit(1)
    )
    found = session.exec(query).first()
    return None if found is None else InForce(week, *found)


def weeks_covered(session: Session) -> list[str]:
    """Weeks of which a region's coverage is kept, the oldest first."""
    return sorted(session.exec(select(CoverageRow.week).distinct()).all())


def articles_published(session: Session, start: datetime, end: datetime) -> int:
    """How many articles were published in [start, end), relevant or not."""
    query = select(func.count(col(ArticleRow.id))).where(
        col(ArticleRow.published) >= start, col(ArticleRow.published) < end
    )
    return session.exec(query).one()


# --- stories -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Telling:
    """Who told a story where. Its text stays in the store."""

    outlet: str
    publisher_group: str
    title: str
    url: str  # "" where the article has no page of its own
    language: str
    published: datetime


def tellings(
    session: Session, stories: Iterable[int], start: datetime, end: datetime
) -> dict[int, tuple[Telling, ...]]:
    """The articles of each story published in [start, end), the earliest first.

    A story that was merged after it was scored tells what it was merged into.
    """
    roots = resolve_all(session, stories)
    query = (
        select(
            ArticleRow.story_id,
            FeedRow.title,
            ArticleRow.publisher_group,
            col(ArticleRow.title),
            ArticleRow.address,
            ArticleRow.language,
            ArticleRow.published,
        )  # type: ignore[call-overload]  # SQLModel types at most four columns
        .join(FeedRow, col(FeedRow.id) == ArticleRow.feed_id)
        .where(col(ArticleRow.story_id).in_(sorted(set(roots.values()))))
        .where(col(ArticleRow.published) >= start, col(ArticleRow.published) < end)
        .order_by(col(ArticleRow.published), col(ArticleRow.id))
    )
    found: defaultdict[int, list[Telling]] = defaultdict(list)
    for story, outlet, group, title, address, language, published in session.exec(query):
        url = address if address.startswith(("http://", "https://")) else ""
        found[story].append(Telling(outlet, group, title, url, language, published))
    return {story: tuple(found[root]) for story, root in roots.items()}


# --- summaries -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SummaryVersion:
    """One version of a week's summary, as it was frozen."""

    week: str
    version: int
    state: str  # draft | frozen | published
    input_hash: str
    created_at: datetime
    published_at: datetime | None
    reason: dict[str, str]  # language -> why the version before was corrected
    inputs: dict[str, Any]  # the WeeklySummary as JSON


def summary_versions(
    session: Session, states: Collection[str], week: str | None = None
) -> tuple[SummaryVersion, ...]:
    """Versions in one of `states`, by week and version; of one week where it is given."""
    query = select(SummaryRow.id, SummaryRow.input_hash, SummaryRow.state)
    query = query.where(col(SummaryRow.state).in_(list(states)))
    if week is not None:
        query = query.where(SummaryRow.week == week)
    rows = session.exec(query.order_by(col(SummaryRow.week), col(SummaryRow.version)))
    # a version changes with its numbers or its state alone, and a year's numbers take half a second to read
    return tuple(
        remembered(session, ("summary", *row), partial(_version, session, row[0])) for row in rows
    )


def _version(session: Session, number: int | None) -> SummaryVersion:
    row = session.get_one(SummaryRow, number)
    return SummaryVersion(
        week=row.week,
        version=row.version,
        state=row.state,
        input_hash=row.input_hash,
        created_at=row.created_at,
        published_at=row.published_at,
        reason=row.reason,
        inputs=row.inputs,
    )
