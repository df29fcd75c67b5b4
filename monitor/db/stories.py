"""Stories in the store, and what is needed to find an article's story.

Returns plain values, never rows. Which story an article belongs to is decided in
`monitor.articles.stories`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from monitor.db.tables import ArticleRow, ShingleRow, StoryRow
from monitor.values import Story


@dataclass(frozen=True, slots=True)
class Sketch:
    """What of an article the search for its story reads."""

    article_id: int
    story_id: int | None
    title: str
    text: str
    language: str
    published: datetime
    fingerprint: bytes


def without_story(session: Session, limit: int) -> list[Sketch]:
    """Articles that have no story yet, oldest first."""
    query = select(ArticleRow).where(col(ArticleRow.story_id).is_(None))
    query = query.order_by(col(ArticleRow.published), col(ArticleRow.id)).limit(limit)
    return [_sketch(row) for row in session.exec(query)]


def with_story(session: Session, start: datetime, end: datetime) -> list[Sketch]:
    """Articles with a story published from `start` to `end`, oldest first."""
    query = (
        select(ArticleRow)
        .where(col(ArticleRow.story_id).is_not(None))
        .where(col(ArticleRow.published) >= start, col(ArticleRow.published) <= end)
        .order_by(col(ArticleRow.published), col(ArticleRow.id))
    )
    return [_sketch(row) for row in session.exec(query)]


def sharing_bands(
    session: Session, bands: Sequence[int], start: datetime, end: datetime
) -> list[Sketch]:
    """Articles with a story published from `start` to `end` that share one of `bands`."""
    if not bands:
        return []
    same = or_(
        *(and_(col(ShingleRow.band) == n, col(ShingleRow.value) == v) for n, v in enumerate(bands))
    )
    query = (
        select(ArticleRow)
        .where(col(ArticleRow.id).in_(select(ShingleRow.article_id).where(same)))
        .where(col(ArticleRow.story_id).is_not(None))
        .where(col(ArticleRow.published) >= start, col(ArticleRow.published) <= end)
        .order_by(col(ArticleRow.published), col(ArticleRow.id))
    )
    return [_sketch(row) for row in session.exec(query)]


def assign(
    session: Session, article_id: int, story_id: int | None, bands: Sequence[int]
) -> int | None:
    """Put an article into a story, a new one where `story_id` is None, and make it findable by `bands`.

    Returns the story's id, or None where the article has a story already.
    """
    article = session.get_one(ArticleRow, article_id, with_for_update=True)
    if article.story_id is not None:
        return None
    published = article.published
    story = session.get(StoryRow, story_id, with_for_update=True) if story_id else None
    if story is None:
        story = StoryRow(first_published=published, last_published=published)
        session.add(story)
        session.flush()
    story.first_published = min(story.first_published, published)
    story.last_published = max(story.last_published, published)
    article.story_id = story.id
    session.add_all(
        ShingleRow(band=n, value=value, article_id=article_id) for n, value in enumerate(bands)
    )
    return story.id


def story(session: Session, story_id: int) -> Story | None:
    """One story with its articles, oldest first, or None."""
    row = session.get(StoryRow, story_id)
    if row is None:
        return None
    query = (
        select(ArticleRow.id, ArticleRow.publisher_group)
        .where(ArticleRow.story_id == story_id)
        .order_by(col(ArticleRow.published), col(ArticleRow.id))
    )
    found = session.exec(query).all()
    groups = tuple(sorted({group for _, group in found}))
    ids = tuple(number for number, _ in found if number is not None)
    return Story(story_id, row.first_published, row.last_published, ids, groups)


def stories_of(session: Session, article_ids: Collection[int]) -> dict[int, Story]:
    """The story of each of `article_ids` that has one."""
    query = select(ArticleRow.id, ArticleRow.story_id).where(
        col(ArticleRow.id).in_(list(article_ids)), col(ArticleRow.story_id).is_not(None)
    )
    pairs = [(a, s) for a, s in session.exec(query) if a is not None and s is not None]
    known = {number: story(session, number) for number in sorted({s for _, s in pairs})}
    return {a: found for a, s in pairs if (found := known[s]) is not None}


def _sketch(row: ArticleRow) -> Sketch:
    assert row.id is not None
    return Sketch(
        row.id, row.story_id, row.title, row.text, row.language, row.published, row.fingerprint
    )
