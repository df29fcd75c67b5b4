"""The history of an article in the store, and what is left of one that was taken away.

Returns plain values, never rows. What changed between two revisions is told by `monitor.articles.diff`.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from monitor.db import search
from monitor.db.stories import trait_key
from monitor.db.tables import (
    ArticleRow,
    AuditRow,
    EntryRow,
    RevisionRow,
    StoryHourRow,
    StoryKeyRow,
    StoryTraitsRow,
)

REMOVED = "removed"  # outcome of an entry whose page was read before and is gone


@dataclass(frozen=True, slots=True)
class Revision:
    """What an article said from `at` on."""

    number: int
    at: datetime
    title: str
    text: str  # "" where the article was taken away
    content_hash: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """When and why the text of an article was taken away."""

    at: datetime
    why: str


def history(session: Session, article_id: int) -> list[Revision]:
    """The revisions of an article, the first one first."""
    query = select(RevisionRow).where(RevisionRow.article_id == article_id)
    rows = session.exec(query.order_by(col(RevisionRow.number)))
    return [Revision(r.number, r.at, r.title, r.text, r.content_hash) for r in rows]


def tombstone(session: Session, article_id: int) -> Tombstone | None:
    """Of an article whose text was taken away; None for any other."""
    row = session.get(ArticleRow, article_id)
    return Tombstone(row.removed, row.removed_why) if row and row.removed else None


def take_away(session: Session, article_id: int, why: str, who: str, now: datetime) -> bool:
    """Remove the text of an article, of its revisions and of its feed items; False where it is gone.

    Address, headlines, hashes, fingerprint, claims and story stay, so that scores keep what they point to.
    What later articles were compared with is removed: it is made of the text's words.
    """
    row = session.get_one(ArticleRow, article_id, with_for_update=True)
    if row.removed is not None:
        return False
    before = {"completeness": row.completeness, "characters": len(row.text)}
    row.text, row.removed, row.removed_why = "", now, why
    of_article = col(RevisionRow.article_id) == article_id
    session.exec(update(RevisionRow).where(of_article).values(text=""))
    of_entry = col(EntryRow.article_id) == article_id
    session.exec(update(EntryRow).where(of_entry).values(summary=""))
    search.drop(session, article_id)
    traits = session.get(StoryTraitsRow, article_id)
    if traits is not None:
        _forget(session, traits)
    session.add(
        AuditRow(at=now, who=who, action="article removed", subject=row.address, before=before, after={"why": why})
    )  # fmt: skip
    return True


def _forget(session: Session, traits: StoryTraitsRow) -> None:
    keys = sorted({trait_key(trait) for trait in traits.value["weights"]})
    session.exec(
        delete(StoryKeyRow).where(
            col(StoryKeyRow.trait).in_(keys),
            col(StoryKeyRow.hour) == traits.hour,
            col(StoryKeyRow.article_id) == traits.article_id,
        )
    )
    one_less = {"articles": StoryHourRow.articles - 1}
    session.exec(update(StoryHourRow).where(col(StoryHourRow.hour) == traits.hour).values(one_less))
    session.delete(traits)
