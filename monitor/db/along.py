"""A copy that comes after the decision of its original is decided along with it.

The person's claims are made of the copy too, and a row says by which decision, so that undoing the decision
takes them back. Runs inside the caller's transaction; returns plain values, never rows.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Table, insert
from sqlmodel import Session, col, select

from monitor.db import search
from monitor.db.batches import batches
from monitor.db.decisions import copies, next_instant
from monitor.db.tables import ArticleRow, ClaimRow, DecisionRow
from monitor.review.values import COPY_RULE

_CLAIMS: Table = ClaimRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


def decide_along(session: Session, article_id: int, least: float, now: datetime) -> int | None:
    """The decision that now holds for the article too; None where there is none to follow.

    Followed is the newest standing decision of a near-identical article (`least` is a Jaccard similarity) of
    its story, made of the text that article has now. An article that has a decision of its own, even an
    undone one, is left alone. The story is the caller's: it has locked it.
    """
    if session.exec(select(DecisionRow.id).where(DecisionRow.article_id == article_id)).first():
        return None
    made = _followed(session, article_id, least)
    if made is None:
        return None
    content_hash = session.get_one(ArticleRow, article_id).content_hash
    at = next_instant(session, [made.article_id], now)
    session.add(
        DecisionRow(
            article_id=article_id, number=1, action="decide", who=made.who, at=at,
            content_hash=content_hash, given=made.given, before=[], part_of=made.id,
            through=made.article_id, source=COPY_RULE,
        )
    )  # fmt: skip
    session.flush()
    _same_claims(session, made, article_id, content_hash, at)
    return made.id


def _followed(session: Session, article_id: int, least: float) -> DecisionRow | None:
    alike = {member.id: member.content_hash for member in copies(session, article_id, least)}
    found: list[DecisionRow] = []
    for ids in batches(sorted(alike)):
        query = select(DecisionRow).where(col(DecisionRow.article_id).in_(ids))
        query = query.where(DecisionRow.action == "decide", col(DecisionRow.undone_by).is_(None))
        found += session.exec(query.where(col(DecisionRow.part_of).is_(None)))
    newest = max(found, key=lambda row: (row.at, row.id or 0), default=None)
    if newest is None or newest.content_hash != alike[newest.article_id]:
        return None
    return newest


def _same_claims(
    session: Session, made: DecisionRow, article_id: int, content_hash: str, at: datetime
) -> None:
    of_person = select(ClaimRow).where(
        ClaimRow.article_id == made.article_id, ClaimRow.author == "person",
        ClaimRow.author_id == made.who, ClaimRow.at == made.at, col(ClaimRow.undone_at).is_(None),
    )  # fmt: skip
    rows: list[dict[str, Any]] = []
    for claim in session.exec(of_person.order_by(col(ClaimRow.id))):
        row = claim.model_dump(exclude={"id", "evidence", "undone_at"})
        rows.append(row | {"article_id": article_id, "content_hash": content_hash, "at": at, "evidence": []})  # fmt: skip
    if rows:
        session.connection().execute(insert(_CLAIMS), rows)
    search.expire(session, {article_id})
