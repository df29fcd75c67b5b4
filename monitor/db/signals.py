"""Reads articles with the claims in force on them, as the score sees them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import exists
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from monitor.db.claims import current_claims
from monitor.db.tables import ArticleRow, ClaimRow
from monitor.db.undone import standing
from monitor.risk.inputs import ArticleSignal
from monitor.values import Claim

COLUMNS: tuple[Any, ...] = (
    ArticleRow.story_id,
    ArticleRow.publisher_group,
    ArticleRow.published,
    ArticleRow.completeness,
    ArticleRow.title,
)


def article_signals(
    session: Session,
    start: datetime,
    end: datetime,
    least_relevance: float,
    known_at: datetime | None = None,
    stories: Collection[int] | None = None,
) -> tuple[ArticleSignal, ...]:
    """Articles of a story, published in [start, end), that anybody holds relevant, by id.

    `least_relevance` is the probability below which a claim of relevance does not count. With `known_at`,
    what was known at that instant: articles seen and claims made by then (a title or text that was
    revised since is read as it is now). With `stories`, of these alone.
    """
    # Per article, by the index: a list of all relevant articles there are would be read whole.
    relevant = exists().where(
        col(ClaimRow.article_id) == col(ArticleRow.id),
        col(ClaimRow.task) == "relevance",
        col(ClaimRow.label) == "relevant",
        col(ClaimRow.probability) >= least_relevance,
        standing(known_at),
    )
    if known_at is not None:
        relevant = relevant.where(col(ClaimRow.at) <= known_at)
    query = (
        select(ArticleRow)
        .options(load_only(*COLUMNS))  # not the text: thousands of articles are read at once
        .where(col(ArticleRow.published) >= start, col(ArticleRow.published) < end)
        .where(col(ArticleRow.story_id).is_not(None), relevant)
        .order_by(col(ArticleRow.id))
    )
    if known_at is not None:
        query = query.where(col(ArticleRow.first_seen) <= known_at)
    if stories is not None:
        query = query.where(col(ArticleRow.story_id).in_(sorted(stories)))
    rows = session.exec(query).all()
    claims = current_claims(session, [int(row.id or 0) for row in rows], known_at)
    return tuple(_signal(row, claims.get(int(row.id or 0), ())) for row in rows)


def _signal(row: ArticleRow, claims: tuple[Claim, ...]) -> ArticleSignal:
    return ArticleSignal(
        article=int(row.id or 0),
        story=int(row.story_id or 0),
        publisher_group=row.publisher_group,
        published=row.published,
        full=row.completeness == "full",
        title=row.title,
        claims=claims,
    )
