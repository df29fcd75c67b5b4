"""Articles in the store: one per canonical address, with every revision it had.

Returns plain values, never rows. What counts as a revision is decided in `monitor.articles.drafts`.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from sqlmodel import Session, col, select

from monitor.articles.values import Draft
from monitor.db import search
from monitor.db.batches import batches
from monitor.db.tables import ArticleRow, ClaimRow, RevisionRow
from monitor.db.undone import standing
from monitor.values import Article, Completeness, TextSource, TimeSource


def find(session: Session, addresses: Collection[str], *, lock: bool = False) -> Article | None:
    """The article under any of `addresses`; with `lock` no other transaction may change it meanwhile."""
    query = select(ArticleRow).where(col(ArticleRow.address).in_(list(addresses)))
    query = query.order_by(col(ArticleRow.id)).limit(1)
    row = session.exec(query.with_for_update() if lock else query).first()
    return article_of(row) if row else None


def get(session: Session, article_id: int) -> Article | None:
    """One article, or None."""
    row = session.get(ArticleRow, article_id)
    return article_of(row) if row else None


def get_many(session: Session, article_ids: Collection[int]) -> list[Article]:
    """The articles of these ids that are there, by id."""
    found: list[Article] = []
    for ids in batches(sorted(set(article_ids))):
        query = select(ArticleRow).where(col(ArticleRow.id).in_(ids)).order_by(col(ArticleRow.id))
        found += [article_of(row) for row in session.exec(query)]
    return found


def articles_between(session: Session, start: datetime, end: datetime) -> list[Article]:
    """Articles published from `start` until before `end`, oldest first."""
    query = (
        select(ArticleRow)
        .where(col(ArticleRow.published) >= start, col(ArticleRow.published) < end)
        .order_by(col(ArticleRow.published), col(ArticleRow.id))
    )
    return [article_of(row) for row in session.exec(query)]


def newest_articles(session: Session, limit: int, *, relevant: bool = False) -> list[Article]:
    """The articles stored last, the newest first; with `relevant` of those somebody found relevant."""
    query = select(ArticleRow).where(col(ArticleRow.removed).is_(None))
    if relevant:
        said = select(ClaimRow.id).where(
            ClaimRow.article_id == ArticleRow.id,
            ClaimRow.task == "relevance",
            col(ClaimRow.decided),
            ClaimRow.content_hash == ArticleRow.content_hash,
            standing(),
        )
        query = query.where(said.exists())
    rows = session.exec(query.order_by(col(ArticleRow.id).desc()).limit(limit))
    return [article_of(row) for row in rows]


def add(session: Session, draft: Draft, now: datetime) -> int:
    """Store a new article with its first revision; returns its id."""
    row = ArticleRow(
        address=draft.address,
        feed_id=draft.feed.id,
        publisher_group=draft.feed.group,
        feed_home=list(draft.feed.home),
        published=draft.published,
        published_source=draft.published_source,
        first_seen=now,
        **_content(draft),
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    session.add(_revision(row.id, 1, draft, now))
    search.enter(session, row.id, draft.published)
    return row.id


def revise(session: Session, article_id: int, draft: Draft, now: datetime) -> int:
    """Give an article its next text; returns the number of the revision.

    Time of publication, feed and story stay those of the first reading. One that was taken away stays so.
    """
    row = session.get_one(ArticleRow, article_id, with_for_update=True)
    if row.removed is not None:
        return row.revision
    row.sqlmodel_update(_content(draft))
    row.revision += 1
    session.add(_revision(article_id, row.revision, draft, now))
    search.expire(session, [article_id])
    return row.revision


def article_of(row: ArticleRow) -> Article:
    """The value of a row. For the query files of this package."""
    assert row.id is not None
    return Article(
        id=row.id,
        address=row.address,
        feed_id=row.feed_id,
        publisher_group=row.publisher_group,
        feed_home=tuple(row.feed_home),
        title=row.title,
        text=row.text,
        language=row.language,
        language_confidence=row.language_confidence,
        completeness=cast(Completeness, row.completeness),
        text_source=cast(TextSource, row.text_source),
        published=row.published,
        published_source=cast(TimeSource, row.published_source),
        first_seen=row.first_seen,
        content_hash=row.content_hash,
        revision=row.revision,
        story_id=row.story_id,
    )


def _content(draft: Draft) -> dict[str, Any]:
    """The columns a revision may change."""
    return {
        "title": draft.title,
        "text": draft.text,
        "language": draft.language,
        "language_confidence": draft.language_confidence,
        "completeness": draft.completeness,
        "completeness_reason": draft.completeness_reason,
        "text_source": draft.text_source,
        "content_hash": draft.content_hash,
        "fingerprint": draft.fingerprint,
    }


def _revision(article_id: int, number: int, draft: Draft, now: datetime) -> RevisionRow:
    return RevisionRow(
        article_id=article_id,
        number=number,
        at=now,
        title=draft.title,
        text=draft.text,
        content_hash=draft.content_hash,
    )
