"""Claims in the store, and which articles wait to be tagged.

Append-only: nothing here changes or deletes a claim. Which of them count is decided in
`monitor.tagging.standing`.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

from sqlmodel import Session, col, select, update

from monitor.db.articles import article_of
from monitor.db.batches import batches
from monitor.db.tables import ArticleRow, ClaimRow, FeedRow
from monitor.tagging.standing import in_force
from monitor.values import Article, Author, Claim, Evidence, Role, Task


@dataclass(frozen=True, slots=True)
class DueArticle:
    """An article that the models in use have not seen in its present text."""

    article: Article
    feed_kind: str


def untagged(session: Session, model_set: str, limit: int) -> list[DueArticle]:
    """Articles whose present text `model_set` has not tagged, the oldest first."""
    tagged_now = col(ArticleRow.content_hash).concat(f"|{model_set}")
    query = (
        select(ArticleRow, FeedRow.kind)
        .join(FeedRow, col(FeedRow.id) == ArticleRow.feed_id)
        .where(col(ArticleRow.tagged_with).is_distinct_from(tagged_now))
        .order_by(col(ArticleRow.id))
        .limit(limit)
    )
    return [DueArticle(article_of(row), kind) for row, kind in session.exec(query)]


def mark_tagged(session: Session, articles: Iterable[Article], model_set: str) -> None:
    """Say that `model_set` has tagged the articles in the text given here."""
    for article in articles:
        session.exec(
            update(ArticleRow)
            .where(col(ArticleRow.id) == article.id)
            .values(tagged_with=f"{article.content_hash}|{model_set}")
        )


def add_claims(session: Session, claims: Iterable[Claim], at: datetime) -> None:
    """Store what was said at one time. A tagging gives its relevance claim first, see `monitor.tagging.standing`."""
    session.add_all(_row(claim, at) for claim in claims)
    session.flush()


def current_claims(session: Session, article_ids: Iterable[int]) -> dict[int, tuple[Claim, ...]]:
    """The claims in force on each article; articles without any are left out."""
    said: dict[int, list[Claim]] = defaultdict(list)
    for ids in batches(sorted(set(article_ids))):
        query = select(ClaimRow).where(col(ClaimRow.article_id).in_(ids)).order_by(col(ClaimRow.id))
        for row in session.exec(query):
            said[row.article_id].append(_claim(row))
    return {article: in_force(claims) for article, claims in said.items()}


def _row(claim: Claim, at: datetime) -> ClaimRow:
    return ClaimRow(
        article_id=claim.article_id,
        content_hash=claim.content_hash,
        task=claim.task,
        label=claim.label,
        probability=claim.probability,
        decided=claim.decided,
        author=claim.author,
        author_id=claim.author_id,
        role=claim.role,
        evidence=[asdict(e) for e in claim.evidence],
        at=at,
    )


def _claim(row: ClaimRow) -> Claim:
    return Claim(
        article_id=row.article_id,
        content_hash=row.content_hash,
        task=cast(Task, row.task),
        label=row.label,
        probability=row.probability,
        decided=row.decided,
        author=cast(Author, row.author),
        author_id=row.author_id,
        role=cast(Role | None, row.role),
        evidence=tuple(Evidence(**e) for e in row.evidence),
    )
