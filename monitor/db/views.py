"""Queries that only the web pages need: weeks with figures, a region's history, articles of stories.

Returns plain values, never rows, and decides nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from monitor.db.claims import current_claims
from monitor.db.merges import resolve_all
from monitor.db.scores import from_json
from monitor.db.tables import ArticleRow, FeedRow, ScoreRow
from monitor.values import ALL_GROUPS, Claim, Score


@dataclass(frozen=True, slots=True)
class Telling:
    """One article of a story, with the claims in force."""

    outlet: str
    publisher_group: str
    title: str
    text: str
    language: str
    address: str  # a web address, or feed:... where the article has no page of its own
    published: datetime
    completeness: str
    content_hash: str
    claims: tuple[Claim, ...]


def ready_units(session: Session) -> dict[str, int]:
    """Scored week -> how many units have a combined score, in the weeks' order."""
    query = (
        select(ScoreRow.week, func.count(col(ScoreRow.combined)))
        .where(col(ScoreRow.current), ScoreRow.group == ALL_GROUPS)
        .group_by(col(ScoreRow.week))
        .order_by(col(ScoreRow.week))
    )
    return dict(session.exec(query).all())


def region_scores(session: Session, region: str, week: str) -> list[Score]:
    """The scores in force of one region and week, by group; [] where it has none."""
    query = (
        select(ScoreRow.value)
        .where(ScoreRow.region == region, ScoreRow.week == week, col(ScoreRow.current))
        .order_by(col(ScoreRow.group))
    )
    return [from_json(value) for value in session.exec(query)]


def history(session: Session, region: str, group: str, weeks: Iterable[str]) -> dict[str, Score]:
    """Week -> the region's score in force of that group; weeks without one are left out."""
    query = (
        select(ScoreRow.value)
        .where(ScoreRow.region == region, ScoreRow.group == group, col(ScoreRow.current))
        .where(col(ScoreRow.week).in_(list(weeks)))
    )
    return {score.week: score for score in map(from_json, session.exec(query))}


def story_tellings(
    session: Session, story_ids: Iterable[int], start: datetime, end: datetime
) -> dict[int, tuple[Telling, ...]]:
    """The articles of each story published in [start, end), the earliest first.

    A story that was merged after it was scored tells what it was merged into.
    """
    roots = resolve_all(session, story_ids)
    rows = session.exec(
        select(ArticleRow, FeedRow.title)
        .join(FeedRow, col(FeedRow.id) == ArticleRow.feed_id)
        .where(col(ArticleRow.story_id).in_(sorted(set(roots.values()))))
        .where(col(ArticleRow.published) >= start, col(ArticleRow.published) < end)
        .order_by(col(ArticleRow.published), col(ArticleRow.id))
    ).all()
    claims = current_claims(session, [row.id for row, _ in rows if row.id is not None])
    found: dict[int, list[Telling]] = defaultdict(list)
    for row, outlet in rows:
        found[row.story_id or 0].append(_telling(row, outlet, claims))
    return {story: tuple(found[root]) for story, root in roots.items() if root in found}


def _telling(row: ArticleRow, outlet: str, claims: Mapping[int, tuple[Claim, ...]]) -> Telling:
    return Telling(
        outlet=outlet,
        publisher_group=row.publisher_group,
        title=row.title,
        text=row.text,
        language=row.language,
        address=row.address,
        published=row.published,
        completeness=row.completeness,
        content_hash=row.content_hash,
        claims=claims.get(row.id or 0, ()),
    )


def story_languages(session: Session, story_ids: Iterable[int]) -> dict[int, str]:
    """Story -> language of its first article: that of the headline that stands for it."""
    roots = resolve_all(session, story_ids)
    rows = session.exec(
        select(ArticleRow.story_id, ArticleRow.language)
        .where(col(ArticleRow.story_id).in_(sorted(set(roots.values()))))
        .order_by(col(ArticleRow.published).desc(), col(ArticleRow.id).desc())
    )
    first = {story: language for story, language in rows if story is not None}
    return {story: first[root] for story, root in roots.items() if root in first}


def feed_titles(session: Session) -> dict[str, str]:
    """Feed id -> the outlet's name."""
    return dict(session.exec(select(FeedRow.id, FeedRow.title)).all())
