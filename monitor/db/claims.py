"""Claims in the store, and which articles wait to be tagged.

Append-only: nothing here changes or deletes a claim, but those of a decision that was undone count no more. What people claimed is read and added here too. Which of them count is decided in
`monitor.tagging.standing`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, exists, false, func, insert
from sqlmodel import Session, col, select, update

from monitor.db import search
from monitor.db.articles import article_of
from monitor.db.batches import batches
from monitor.db.tables import ArticleRow, AuditRow, ClaimRow, DecisionRow, FeedRow
from monitor.db.undone import standing
from monitor.tagging.standing import in_force
from monitor.values import Article, Author, Claim, Evidence, Role, Task

_CLAIMS: Table = ClaimRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
_ADD = insert(_CLAIMS)


@dataclass(frozen=True, slots=True)
class DueArticle:
    """An article that the models in use have not seen in its present text."""

    article: Article
    feed_kind: str


@dataclass(frozen=True, slots=True)
class PersonsWord:
    """All that one person has said of one article."""

    who: str
    address: str
    language: str
    story: (
        str  # address of the first article of its story; "" where that is this one, or it has none
    )
    said: tuple[tuple[Claim, datetime], ...]  # in the order it was said


def untagged(
    session: Session, model_set: str, limit: int, *, only_new: bool = False
) -> list[DueArticle]:
    """Articles whose present text `model_set` has not tagged, the oldest first; with `only_new` those
    whose present text nothing has tagged."""
    query = _due(_not_tagged_by(model_set))
    if only_new:
        query = query.where(~func.coalesce(_tagged_now(), False))
    return _due_articles(session, query.order_by(col(ArticleRow.id)).limit(limit))


def tagged_by_others(
    session: Session, model_set: str, limit: int, before: int | None = None
) -> list[DueArticle]:
    """Articles whose present text another set of versions has tagged, the newest first; with `before`
    those older than that article."""
    query = _due(_not_tagged_by(model_set)).where(_tagged_now())
    if before is not None:
        query = query.where(col(ArticleRow.id) < before)
    return _due_articles(session, query.order_by(col(ArticleRow.id).desc()).limit(limit))


def count_tagged_by_others(session: Session, model_set: str) -> int:
    """How many `tagged_by_others` would give. Reads every article: for a job, not for a page."""
    query = select(func.count()).select_from(ArticleRow)
    query = query.where(_not_tagged_by(model_set), _tagged_now(), col(ArticleRow.removed).is_(None))
    return session.exec(query).one()


def _not_tagged_by(model_set: str) -> ColumnElement[bool]:
    tagged_now = col(ArticleRow.content_hash).concat(f"|{model_set}")
    return col(ArticleRow.tagged_with).is_distinct_from(tagged_now)


def _tagged_now() -> ColumnElement[bool]:
    """The present text was tagged, by whichever versions."""
    begins = col(ArticleRow.content_hash).concat("|")
    return func.substr(col(ArticleRow.tagged_with), 1, func.length(begins)) == begins


def _due(which: ColumnElement[bool]) -> Any:
    return (
        select(ArticleRow, FeedRow.kind)
        .join(FeedRow, col(FeedRow.id) == ArticleRow.feed_id)
        .where(which)
        .where(col(ArticleRow.removed).is_(None))  # no text to say anything of; its claims stay
    )


def _due_articles(session: Session, query: Any) -> list[DueArticle]:
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
    rows = [_row(claim, at) for claim in claims]
    session.flush()
    if rows:  # one statement: rows built one by one kept other writers waiting
        session.connection().execute(_ADD, rows)
    search.expire(session, {row["article_id"] for row in rows})


def current_claims(
    session: Session, article_ids: Iterable[int], known_at: datetime | None = None
) -> dict[int, tuple[Claim, ...]]:
    """The claims in force on each article, with `known_at` at that instant; articles without any are
    left out."""
    said: dict[int, list[Claim]] = defaultdict(list)
    for ids in batches(sorted(set(article_ids))):
        query = select(ClaimRow).where(col(ClaimRow.article_id).in_(ids), standing(known_at))
        if known_at is not None:
            query = query.where(col(ClaimRow.at) <= known_at)
        # By time first: an older decision that is imported later does not outrank a newer one.
        query = query.order_by(col(ClaimRow.at), col(ClaimRow.id))
        for row in session.exec(query):
            said[row.article_id].append(claim_of(row))
    return {article: in_force(claims) for article, claims in said.items()}


def words_of_people(
    session: Session, article_ids: Collection[int] | None = None, *, copies: bool = False
) -> list[PersonsWord]:
    """What every person has said of each of the articles (all unless given), by article and person.

    A decision of a card and its copies is one word, of the card's article: a copy that was decided last
    through another's card is left out. With `copies` it is one of each.
    """
    through = _of_copy() if not copies else false()
    query = select(ClaimRow, ArticleRow.address, ArticleRow.language, ArticleRow.story_id, through)  # type: ignore[call-overload]  # SQLModel declares four columns at most
    query = query.join(ArticleRow, col(ArticleRow.id) == ClaimRow.article_id)
    query = query.where(ClaimRow.author == "person", standing())
    query = query.order_by(col(ClaimRow.at), col(ClaimRow.id))
    parts = [query]
    if article_ids is not None:
        parts = [
            query.where(col(ClaimRow.article_id).in_(ids)) for ids in batches(sorted(article_ids))
        ]
    found = [row for part in parts for row in session.exec(part)]
    first = _first_of_story(session, {row[3] for row in found if row[3] is not None})
    last = {(row.article_id, row.author_id): through for row, _, _, _, through in found}
    said: dict[tuple[int, str], list[tuple[Claim, datetime]]] = defaultdict(list)
    facts: dict[int, tuple[str, str, str]] = {}
    for row, address, language, story, through in found:
        if through or last[row.article_id, row.author_id]:
            continue
        said[row.article_id, row.author_id].append((claim_of(row), row.at))
        begun = "" if story is None else first[story]
        facts[row.article_id] = (address, language, "" if begun == address else begun)
    return [
        PersonsWord(who, *facts[article], tuple(said[article, who]))
        for article, who in sorted(said)
    ]


def taken_back(
    session: Session, article_ids: Collection[int]
) -> frozenset[tuple[int, str, datetime]]:
    """(article, who, when) of what people said of the articles and was undone since."""
    found: set[tuple[int, str, datetime]] = set()
    for ids in batches(sorted(article_ids)):
        query = select(ClaimRow.article_id, ClaimRow.author_id, ClaimRow.at).where(
            col(ClaimRow.article_id).in_(ids), ClaimRow.author == "person", ~standing()
        )
        found |= set(session.exec(query.distinct()))
    return frozenset(found)


def _of_copy() -> ColumnElement[bool]:
    """The claim was made of a copy, by a decision on another article's card."""
    return exists().where(
        col(DecisionRow.article_id) == col(ClaimRow.article_id),
        col(DecisionRow.who) == col(ClaimRow.author_id),
        col(DecisionRow.at) == col(ClaimRow.at),
        col(DecisionRow.part_of).is_not(None),
    )


def decided_articles(
    session: Session, hashes: Collection[str], addresses: Collection[str]
) -> list[Article]:
    """The articles that hold one of the texts or stand under one of the addresses, by id."""
    found: dict[int, Article] = {}
    for column, values in ((ArticleRow.content_hash, hashes), (ArticleRow.address, addresses)):
        for some in batches(sorted(set(values))):
            for row in session.exec(select(ArticleRow).where(col(column).in_(some))):
                found[row.id or 0] = article_of(row)
    return [found[id_] for id_ in sorted(found)]


def audit_import(session: Session, at: datetime, by: str, file: str, keys: Sequence[str]) -> None:
    """Say in the audit trail that the decisions under `keys` came from `file`."""
    after = {"decisions": len(keys), "keys": list(keys)}
    session.add(
        AuditRow(at=at, who=by, action="import decisions", subject=f"file:{file}", after=after)
    )


def _first_of_story(session: Session, stories: Collection[int]) -> dict[int, str]:
    """Story -> address of its first article."""
    found: dict[int, str] = {}
    for some in batches(sorted(stories)):
        first = (
            select(func.min(ArticleRow.id))
            .where(col(ArticleRow.story_id).in_(some))
            .group_by(col(ArticleRow.story_id))
        )
        query = select(ArticleRow.story_id, ArticleRow.address).where(col(ArticleRow.id).in_(first))
        found |= {story: address for story, address in session.exec(query) if story is not None}
    return found


def _row(claim: Claim, at: datetime) -> dict[str, Any]:
    return {
        "article_id": claim.article_id,
        "content_hash": claim.content_hash,
        "task": claim.task,
        "label": claim.label,
        "probability": claim.probability,
        "decided": claim.decided,
        "author": claim.author,
        "author_id": claim.author_id,
        "role": claim.role,
        "evidence": [asdict(e) for e in claim.evidence],
        "at": at,
    }


def claim_of(row: ClaimRow) -> Claim:
    """The value of a row. For the query files of this package."""
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
