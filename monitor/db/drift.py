"""Weekly counts of what versions say, made when a week is scored, so that a page reads a few rows.

Returns plain values. What the counts tell is `monitor.training.drift`'s matter.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, literal
from sqlmodel import Session, col, func, select

from monitor.db.tables import ArticleRow, ClaimRow, DriftRow
from monitor.training.drift import STEPS, Week
from monitor.weeks import week_bounds

LANGUAGE = "language"  # the row that counts articles by language, whichever version there is
Counts = dict[str, dict[str, int]]  # language -> bin -> articles


def count_week(session: Session, week: str, versions: Mapping[str, str]) -> dict[str, Counts]:
    """Task -> what its version said of the articles of a week: steps of P(relevant), topics decided."""
    start, end = week_bounds(week)
    return {
        LANGUAGE: _languages(session, start, end),
        "relevance": _relevance(session, start, end, versions["relevance"]),
        "topic": _topics(session, start, end, versions["topic"]),
    }


def keep_week(
    session: Session,
    week: str,
    versions: Mapping[str, str],
    found: Mapping[str, Counts],
    at: datetime,
) -> None:
    """Keep the counts of a week; those counted before are replaced."""
    for task, counts in found.items():
        key = (week, task, versions.get(task, ""))
        row = session.get(DriftRow, key) or DriftRow(
            week=week, task=task, version=key[2], value={}, counted_at=at
        )
        if row.value != counts:
            row.value, row.counted_at = dict(counts), at
            session.add(row)


def kept_weeks(session: Session, task: str, version: str, first: str, last: str) -> list[Week]:
    """The weeks of a version from `first` to `last`, in order."""
    query = select(DriftRow).where(DriftRow.task == task, DriftRow.version == version)
    query = query.where(col(DriftRow.week) >= first, col(DriftRow.week) <= last)
    return [Week(row.week, row.value) for row in session.exec(query.order_by(col(DriftRow.week)))]


def _languages(session: Session, start: datetime, end: datetime) -> Counts:
    query = select(ArticleRow.language, func.count()).where(*_within(start, end))
    found = session.exec(query.group_by(col(ArticleRow.language)))
    return {"all": {language: n for language, n in found}}


def _relevance(session: Session, start: datetime, end: datetime, version: str) -> Counts:
    # A version that was put back in use has spoken twice of an article: it counts once.
    said: Any = select(ArticleRow.language, func.max(ClaimRow.probability).label("p"))
    said = said.join(ClaimRow, _of_article()).where(*_within(start, end))
    said = said.where(ClaimRow.task == "relevance", ClaimRow.author_id == version)
    once = said.group_by(ArticleRow.id, ArticleRow.language).subquery()
    reached = [func.sum(case((once.c.p >= k / STEPS, 1), else_=0)) for k in range(1, STEPS)]
    query: Any = select(once.c.language, func.count(), *reached).group_by(once.c.language)
    found: Counts = {}
    for language, n, *above in session.exec(query):
        edges = [n, *above, 0]
        found[language] = {str(k): int(edges[k] - edges[k + 1]) for k in range(STEPS)}
    return found


def _topics(session: Session, start: datetime, end: datetime, version: str) -> Counts:
    articles = func.count(func.distinct(ArticleRow.id))
    query: Any = select(ArticleRow.language, ClaimRow.label, articles)
    query = query.join(ClaimRow, _of_article()).where(*_within(start, end))
    query = query.where(
        ClaimRow.task == "topic", ClaimRow.author_id == version, col(ClaimRow.decided)
    )
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for language, label, n in session.exec(query.group_by(ArticleRow.language, ClaimRow.label)):
        found[language][label] = n
    return {language: dict(counts) for language, counts in found.items()}


def _within(start: datetime, end: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(ArticleRow.published) >= start, col(ArticleRow.published) < end


def _of_article() -> ColumnElement[bool]:
    return (
        (col(ClaimRow.article_id) == col(ArticleRow.id))
        & (col(ClaimRow.content_hash) == col(ArticleRow.content_hash))
        & (col(ClaimRow.author) == literal("model"))
    )
