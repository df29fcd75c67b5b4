"""What the store knows of one article beyond its card: every claim, and the outcome of each stage.

Returns plain values, never rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from monitor.db.claims import claim_of
from monitor.db.tables import ArticleRow, ClaimRow, EntryRow, FeedRow, OutcomeRow
from monitor.values import Claim, Stage

MOST_ENTRIES = 20  # of one article: an address may stand in many feeds


@dataclass(frozen=True, slots=True)
class Said:
    """A claim, when it was made, and when it was taken back."""

    claim: Claim
    at: datetime
    undone: datetime | None


@dataclass(frozen=True, slots=True)
class Passed:
    """What became of the article, or of the feed's item it came from, in one stage."""

    stage: Stage
    what: str  # outlet of the item, "" of a stage that is about the article
    revision: int | None  # of the item or the article; None of a stage that it passes once
    outcome: str
    reason: str
    at: datetime


def said_of(session: Session, article_id: int, limit: int) -> list[Said]:
    """The claims of an article, the newest first."""
    query = select(ClaimRow).where(ClaimRow.article_id == article_id)
    query = query.order_by(col(ClaimRow.at).desc(), col(ClaimRow.id).desc()).limit(limit)
    return [Said(claim_of(row), row.at, row.undone_at) for row in session.exec(query)]


def passed(session: Session, article_id: int) -> list[Passed]:
    """The outcomes of every stage in the order of the flow; of tagging those by the models that tagged it
    last."""
    row = session.get(ArticleRow, article_id)
    if row is None:
        return []
    found: list[Passed] = []
    for entry, outlet in _entries(session, article_id):
        for number in range(max(1, entry.revision - 4), entry.revision + 1):
            key = f"{entry.feed_id}|{entry.key}|{number}"
            found += _outcome(session, Stage.ENTRY, key, outlet, number)
            found += _outcome(session, Stage.INGEST, f"{entry.id}|{number}", outlet, number)
    found += _outcome(session, Stage.STORY, f"{article_id}", "", None)
    models = (row.tagged_with or "").rpartition("|")[2]
    for number in range(max(1, row.revision - 4), row.revision + 1):
        item = f"{article_id}|{number}|{models}"
        found += _outcome(session, Stage.TAG, item, "", number)
        found += _outcome(session, Stage.FLAG, item, "", number)
    order = list(Stage)
    return sorted(found, key=lambda p: (order.index(p.stage), p.at))


def _entries(session: Session, article_id: int) -> Sequence[tuple[EntryRow, str]]:
    query = select(EntryRow, FeedRow.title).join(FeedRow, col(FeedRow.id) == EntryRow.feed_id)
    query = query.where(EntryRow.article_id == article_id).order_by(col(EntryRow.id))
    return session.exec(query.limit(MOST_ENTRIES)).all()


def _outcome(
    session: Session, stage: Stage, item: str, what: str, number: int | None
) -> list[Passed]:
    query = select(OutcomeRow).where(OutcomeRow.stage == stage.value, OutcomeRow.item == item)
    return [Passed(stage, what, number, o.outcome, o.reason, o.at) for o in session.exec(query)]
