"""What is told of single articles in the review: on their card, and why they are not in a list.

Returns plain values, never rows. Every read is by an indexed key.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import String, literal_column
from sqlmodel import Session, col, select

from monitor.db.tables import (
    LINK_BEGINS,
    ArticleRow,
    EntryRow,
    FeedRow,
    OutcomeRow,
    ReviewDrawRow,
    ReviewItemRow,
)
from monitor.review.values import Effect, Other
from monitor.values import Completeness, Stage


@dataclass(frozen=True, slots=True)
class EntryFate:
    """An item of a feed that has not become an article, or did."""

    feed: str
    state: str  # pending | done
    permission: str | None
    attempts: int
    next_try: datetime | None
    article_id: int | None
    outcome: str  # of reading its page, "" where it was not tried
    reason: str


def facts(session: Session, article_id: int) -> tuple[str, str]:
    """Why its text is less than full, and its outlet."""
    query = select(ArticleRow.completeness_reason, FeedRow.title)
    query = query.join(FeedRow, col(FeedRow.id) == col(ArticleRow.feed_id))
    return session.exec(query.where(ArticleRow.id == article_id)).one()


def of_story(session: Session, story_id: int, limit: int) -> list[Other]:
    """The articles of a story, the oldest first; who decided them is left open."""
    query = (
        select(ArticleRow, FeedRow.title)
        .join(FeedRow, col(FeedRow.id) == col(ArticleRow.feed_id))
        .where(ArticleRow.story_id == story_id)
        .order_by(col(ArticleRow.published), col(ArticleRow.id))
        .limit(limit)
    )
    return [
        Other(
            row.id or 0, row.title, row.language, outlet, row.publisher_group, row.published,
            row.address, cast(Completeness, row.completeness), None,
        )
        for row, outlet in session.exec(query)
    ]  # fmt: skip


def effect_of(session: Session, article_id: int) -> Effect | None:
    """The effect of the article's story as last computed; None where it is not in the queue."""
    row = session.get(ReviewItemRow, article_id)
    return None if row is None else Effect(**row.effect)


def is_drawn(session: Session, article_id: int) -> bool:
    """Whether the article is of its week's random slice."""
    row = session.get(ReviewDrawRow, article_id)
    return row is not None and row.chance > 0


def lane_of(session: Session, article_id: int) -> tuple[int, bool] | None:
    """The article's lane in the queue and whether it waits as one of the slice; None where it is not there."""
    row = session.get(ReviewItemRow, article_id)
    return None if row is None else (row.lane, row.drawn)


def by_address(session: Session, addresses: list[str]) -> int | None:
    """The article under one of the addresses."""
    query = select(ArticleRow.id).where(col(ArticleRow.address).in_(addresses))
    return session.exec(query.order_by(col(ArticleRow.id)).limit(1)).first()


def entry_by_link(session: Session, links: list[str]) -> EntryFate | None:
    """What became of the newest feed item with one of these links."""
    begins = literal_column(LINK_BEGINS, String).in_([link[:200] for link in links])
    query = select(EntryRow).where(begins, col(EntryRow.link).in_(links))
    row = session.exec(query.order_by(col(EntryRow.id).desc()).limit(1)).first()
    if row is None:
        return None
    told = session.exec(
        select(OutcomeRow).where(
            OutcomeRow.stage == Stage.INGEST.value, OutcomeRow.item == f"{row.id}|{row.revision}"
        )
    ).first()
    return EntryFate(
        row.feed_id, row.state, row.permission, row.attempts, row.next_try, row.article_id,
        told.outcome if told else "", told.reason if told else "",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tagging:
    """What tagging and flagging made of an article's present text; "" where they have not come to it."""

    tagged: str
    tag_reason: str
    flagged: str
    flag_reason: str


def tagging(session: Session, article_id: int) -> Tagging:
    """By the outcomes of its last tagging."""
    row = session.get_one(ArticleRow, article_id)
    if row.tagged_with is None or not row.tagged_with.startswith(f"{row.content_hash}|"):
        return Tagging("", "", "", "")
    item = f"{article_id}|{row.revision}|{row.tagged_with.removeprefix(f'{row.content_hash}|')}"
    query = select(OutcomeRow).where(
        col(OutcomeRow.stage).in_([Stage.TAG.value, Stage.FLAG.value]), OutcomeRow.item == item
    )
    found = {o.stage: (o.outcome, o.reason) for o in session.exec(query)}
    return Tagging(*found.get(Stage.TAG.value, ("", "")), *found.get(Stage.FLAG.value, ("", "")))
