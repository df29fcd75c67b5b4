"""Which articles nobody has decided yet. Returns plain values, never rows."""

from collections.abc import Collection

from sqlalchemy import func
from sqlmodel import Session, col, select

from monitor.db.articles import article_of
from monitor.db.tables import ArticleRow, ClaimRow
from monitor.db.undone import standing
from monitor.values import Article

_DECIDED = select(ClaimRow.article_id).where(ClaimRow.author == "person", standing())


def undecided(session: Session, languages: Collection[str], limit: int) -> list[Article]:
    """The newest articles in `languages` of which no person has said anything, the newest first."""
    query = (
        select(ArticleRow)
        .where(col(ArticleRow.language).in_(sorted(languages)))
        .where(col(ArticleRow.id).not_in(_DECIDED))
        .order_by(col(ArticleRow.published).desc(), col(ArticleRow.id).desc())
        .limit(limit)
    )
    return [article_of(row) for row in session.exec(query)]


def stories_decided(session: Session) -> dict[int, int]:
    """Story -> how many of its articles a person has decided; stories without any are left out."""
    query = (
        select(ArticleRow.story_id, func.count(col(ArticleRow.id)))
        .where(col(ArticleRow.id).in_(_DECIDED), col(ArticleRow.story_id).is_not(None))
        .group_by(col(ArticleRow.story_id))
    )
    return {story: count for story, count in session.exec(query) if story is not None}
