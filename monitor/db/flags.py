"""Flags in the store, what waits to be flagged, and the figures flags rest on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from monitor.db.tables import ArticleRow, ClaimRow, FlagRow, OutcomeRow
from monitor.db.undone import standing
from monitor.values import Flag, FlagReason, Stage


@dataclass(frozen=True, slots=True)
class Hearing:
    """One relevant article that told of a region."""

    region: str
    article_id: int
    story_id: int | None
    published: datetime


@dataclass(frozen=True, slots=True)
class DueFlag:
    """An article as the flagging rules need it."""

    article_id: int
    story_id: int | None
    published: datetime
    content_hash: str


def unflagged_items(session: Session, limit: int) -> list[str]:
    """Items that were tagged and have no outcome of flagging yet, the oldest first."""
    flagged = select(OutcomeRow.item).where(OutcomeRow.stage == Stage.FLAG.value)
    query = (
        select(OutcomeRow.item)
        .where(OutcomeRow.stage == Stage.TAG.value, col(OutcomeRow.item).not_in(flagged))
        .order_by(col(OutcomeRow.id))
        .limit(limit)
    )
    return list(session.exec(query))


def articles_to_flag(session: Session, ids: Sequence[int]) -> dict[int, DueFlag]:
    """The articles of these ids."""
    query = select(
        ArticleRow.id, ArticleRow.story_id, ArticleRow.published, ArticleRow.content_hash
    ).where(col(ArticleRow.id).in_(ids))
    return {
        article: DueFlag(article, story, published, text)
        for article, story, published, text in session.exec(query)
        if article is not None
    }


def publisher_groups(session: Session, story_ids: Iterable[int]) -> dict[int, int]:
    """Story -> number of publisher groups that tell it."""
    query = (
        select(ArticleRow.story_id, func.count(func.distinct(ArticleRow.publisher_group)))
        .where(col(ArticleRow.story_id).in_(sorted(set(story_ids))))
        .group_by(col(ArticleRow.story_id))
    )
    return {story: groups for story, groups in session.exec(query) if story is not None}


def hearings(session: Session, since: datetime, regions: Iterable[str]) -> list[Hearing]:
    """Relevant articles published from `since` on, once for each of `regions` they are about."""
    query = (
        select(ClaimRow.label, ArticleRow.id, ArticleRow.story_id, ArticleRow.published)
        .join(ArticleRow, col(ArticleRow.id) == ClaimRow.article_id)
        .where(ClaimRow.task == "region", col(ClaimRow.decided), ClaimRow.role == "happens")
        .where(standing())
        .where(col(ClaimRow.label).in_(list(regions)))
        .where(ClaimRow.content_hash == ArticleRow.content_hash)
        .where(col(ArticleRow.published) >= since, col(ArticleRow.id).in_(_relevant()))
        .distinct()
    )
    return [Hearing(r, a, s, p) for r, a, s, p in session.exec(query) if a is not None]


def relevant_articles(session: Session) -> int:
    """How many articles were found relevant."""
    query = select(func.count(func.distinct(ClaimRow.article_id))).where(_found_relevant())
    return session.exec(query).one()


def topic_counts(session: Session) -> dict[str, int]:
    """Topic -> number of articles found to be on it."""
    query = (
        select(ClaimRow.label, func.count(func.distinct(ClaimRow.article_id)))
        .where(ClaimRow.task == "topic", col(ClaimRow.decided), standing())
        .group_by(col(ClaimRow.label))
    )
    return dict(session.exec(query).all())


def flagged_since(session: Session, since: datetime) -> int:
    """How many articles were flagged from `since` on."""
    query = select(func.count(func.distinct(FlagRow.article_id))).where(col(FlagRow.at) >= since)
    return session.exec(query).one()


def replace_flags(session: Session, flags: Mapping[int, Sequence[Flag]], at: datetime) -> None:
    """Give each article these open flags. A flag that a person has decided stays, and is not repeated."""
    session.exec(
        delete(FlagRow).where(
            col(FlagRow.article_id).in_(list(flags)), col(FlagRow.state) == "open"
        )
    )
    decided = set(
        session.exec(
            select(FlagRow.article_id, FlagRow.reason).where(
                col(FlagRow.article_id).in_(list(flags))
            )
        ).all()
    )
    session.add_all(
        FlagRow(
            article_id=flag.article_id,
            reason=flag.reason.value,
            strength=flag.strength,
            detail=flag.detail,
            at=at,
        )
        for reasons in flags.values()
        for flag in reasons
        if (flag.article_id, flag.reason.value) not in decided
    )


def open_flags(session: Session, article_ids: Iterable[int]) -> dict[int, tuple[Flag, ...]]:
    """The flags nobody has decided yet, the strongest first."""
    query = (
        select(FlagRow)
        .where(col(FlagRow.article_id).in_(sorted(set(article_ids))), FlagRow.state == "open")
        .order_by(col(FlagRow.strength).desc(), col(FlagRow.id))
    )
    found: dict[int, list[Flag]] = defaultdict(list)
    for row in session.exec(query):
        flag = Flag(row.article_id, FlagReason(row.reason), row.strength, dict(row.detail))
        found[row.article_id].append(flag)
    return {article: tuple(flags) for article, flags in found.items()}


def _found_relevant() -> ColumnElement[bool]:
    return (col(ClaimRow.task) == "relevance") & col(ClaimRow.decided) & standing()


def _relevant() -> SelectOfScalar[int]:
    return select(ClaimRow.article_id).where(_found_relevant())
