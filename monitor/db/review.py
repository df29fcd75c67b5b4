"""The review queue in the store: what waits, in which order, and what people note on a card.

Every read is bounded by an index and a limit; the table of what waits holds nothing else. Returns plain
values, never rows. What an effect is and how cards are mixed is decided in `monitor.review`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, delete, func, or_, text
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from monitor.db.batches import batches
from monitor.db.tables import (
    ArticleRow,
    FeedRow,
    FlagRow,
    ReviewHoldRow,
    ReviewItemRow,
    ReviewSkipRow,
)
from monitor.review.values import Effect, QueueFilter
from monitor.values import Completeness, FlagReason

COUNT_TO = 1000  # cards are counted so far; a page shows "1000+" beyond
CLOSED = (
    -1
)  # lane of what was decided: kept while its week is scored, so that an undoing is at once
RANDOM = "random"  # the reason of a card of the slice
_LOCK = 747  # of PostgreSQL's advisory locks: the queue's


@dataclass(frozen=True, slots=True)
class Waiting:
    """An article with open flags."""

    article_id: int
    story_id: int | None
    published: datetime
    full: bool  # its whole text was read
    strength: float  # of its flags, summed
    reasons: tuple[str, ...]  # the strongest first


@dataclass(frozen=True, slots=True)
class Item:
    """What the queue keeps of an article that waits."""

    article_id: int
    story_id: int | None
    week: str
    flagged: bool
    recent: bool
    points: float
    strength: float
    effect: Effect
    reasons: tuple[str, ...]
    regions: tuple[str, ...]
    topics: tuple[str, ...]
    full: bool
    drawn: bool
    place: float


@dataclass(frozen=True, slots=True)
class Listed:
    """A card of the queue with what is shown of it, without who looks at it."""

    article_id: int
    story_id: int | None
    title: str
    language: str
    outlet: str
    published: datetime
    reasons: tuple[FlagReason, ...]
    effect: Effect
    completeness: Completeness
    random: bool
    others: int
    regions: tuple[str, ...]
    topics: tuple[str, ...]
    assigned: str | None
    discuss: bool
    notes: int


# --- keeping the queue ---------------------------------------------------------------------------


def hold_queue(session: Session, *, alone: bool) -> None:
    """Until the transaction ends: `alone`, nobody decides meanwhile; else nobody rebuilds the queue.

    SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        kind = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        session.connection().execute(text(f"SELECT {kind}({_LOCK})"))


def flagged(session: Session) -> list[Waiting]:
    """Every article with open flags; as many as the section has left over, not as many as there are."""
    query = (
        select(FlagRow, ArticleRow.story_id, ArticleRow.published, ArticleRow.completeness)
        .join(ArticleRow, col(ArticleRow.id) == FlagRow.article_id)
        .where(FlagRow.state == "open", col(ArticleRow.removed).is_(None))
        .order_by(col(FlagRow.article_id), col(FlagRow.strength).desc(), col(FlagRow.id))
    )
    flags: dict[int, list[FlagRow]] = defaultdict(list)
    facts: dict[int, tuple[int | None, datetime, bool]] = {}
    for row, story, published, completeness in session.exec(query):
        flags[row.article_id].append(row)
        facts[row.article_id] = story, published, completeness == "full"
    return [
        Waiting(id_, *facts[id_], sum(f.strength for f in own), tuple(f.reason for f in own))
        for id_, own in flags.items()
    ]


def unflagged(session: Session, article_ids: Sequence[int]) -> list[Waiting]:
    """The articles of the slice that have no flag."""
    found: list[Waiting] = []
    for some in batches(article_ids):
        query = select(
            ArticleRow.id, ArticleRow.story_id, ArticleRow.published, ArticleRow.completeness
        ).where(col(ArticleRow.id).in_(some))
        found += (
            Waiting(id_, story, published, completeness == "full", 0.0, ())
            for id_, story, published, completeness in session.exec(query)
            if id_ is not None
        )
    return found


def put(session: Session, items: Sequence[Item], since: str) -> None:
    """Make these the queue: nothing else waits. One card a story: that which has been it, else the best.

    What was decided of weeks before `since` is forgotten.
    """
    known = {row.article_id: row for row in session.exec(select(ReviewItemRow))}
    heads = {id_ for id_, row in known.items() if row.lane == 1}
    lanes = _lanes(items, heads)
    others = _others(session, [i.story_id for i in items if lanes[i.article_id]])
    left = set(known) - {item.article_id for item in items}
    gone = sorted(id_ for id_ in left if known[id_].lane != CLOSED or known[id_].week < since)
    for some in batches(gone):
        session.exec(delete(ReviewItemRow).where(col(ReviewItemRow.article_id).in_(some)))
    for item in items:
        values = _columns(item, lanes[item.article_id], others.get(item.story_id or 0, 0))
        row = known.get(item.article_id)
        if row is None:
            session.add(ReviewItemRow(article_id=item.article_id, **values))
        elif any(getattr(row, name) != value for name, value in values.items()):
            row.sqlmodel_update(values)
            session.add(row)
    session.flush()


def _lanes(items: Iterable[Item], heads: Collection[int]) -> dict[int, int]:
    """Article -> 1 where it is the card of its story."""
    best: dict[tuple[str, int], Item] = {}
    items = list(items)
    for item in items:
        key = ("story", item.story_id) if item.story_id else ("article", item.article_id)
        rival = best.get(key)
        if item.flagged and (rival is None or _standing(item, heads) > _standing(rival, heads)):
            best[key] = item
    cards = {item.article_id for item in best.values()}
    return {item.article_id: int(item.article_id in cards) for item in items}


def _standing(item: Item, heads: Collection[int]) -> tuple[bool, bool, float, int]:
    return (item.article_id in heads, item.full, item.strength, -item.article_id)


def _others(session: Session, stories: Iterable[int | None]) -> dict[int, int]:
    """Story -> how many articles it has beside the card."""
    found: dict[int, int] = {}
    for some in batches(sorted({s for s in stories if s})):
        query = select(ArticleRow.story_id, func.count()).where(col(ArticleRow.story_id).in_(some))
        for story, n in session.exec(query.group_by(col(ArticleRow.story_id))):
            found[story or 0] = n - 1
    return found


def _columns(item: Item, lane: int, others: int) -> dict[str, Any]:
    return {
        "story_id": item.story_id,
        "week": item.week,
        "lane": lane,
        "recent": item.recent,
        "points": item.points,
        "strength": item.strength,
        "effect": asdict(item.effect),
        "reasons": _words(item.reasons),
        "regions": _words(item.regions),
        "topics": _words(item.topics),
        "drawn": item.drawn,
        "place": item.place,
        "others": others,
        "closed_by": None,
        "stood": None,
    }


def close(
    session: Session, article_ids: Collection[int], story_id: int | None, decision_id: int
) -> None:
    """Take the articles out of the queue, and the card of their story; its other articles of the slice
    stay. What stood is kept with the rows, for `open_again`."""
    own = col(ReviewItemRow.article_id).in_(sorted(article_ids))
    of_story = col(ReviewItemRow.story_id) == story_id
    query = select(ReviewItemRow).where(own if story_id is None else or_(own, of_story))
    for row in session.exec(query.where(col(ReviewItemRow.closed_by).is_(None))):
        row.stood = {"lane": row.lane, "drawn": row.drawn, "reasons": row.reasons}
        row.closed_by = decision_id
        stays = row.drawn and row.article_id not in article_ids
        row.lane, row.drawn = (0, True) if stays else (CLOSED, False)
        row.reasons = _words(())
        session.add(row)
    session.flush()


def open_again(session: Session, decision_id: int) -> None:
    """Put back what a decision closed, as it stood."""
    query = select(ReviewItemRow).where(ReviewItemRow.closed_by == decision_id)
    for row in session.exec(query):
        row.sqlmodel_update({**(row.stood or {}), "closed_by": None, "stood": None})
        session.add(row)
    session.flush()


def known_items(session: Session) -> dict[int, Effect]:
    """Article -> its effect as last computed, of what waits."""
    query = select(ReviewItemRow.article_id, ReviewItemRow.effect)
    return {article: Effect(**effect) for article, effect in session.exec(query)}


# --- reading the queue ---------------------------------------------------------------------------


def waiting_count(session: Session) -> int:
    """Cards that wait, at most COUNT_TO: from an index of what waits alone."""
    lanes = select(ReviewItemRow.article_id).where(ReviewItemRow.lane == 1).limit(COUNT_TO)
    drawn = select(ReviewItemRow.article_id).where(_of_slice(), ReviewItemRow.lane == 0)
    counts = [
        session.exec(select(func.count()).select_from(q.limit(COUNT_TO).subquery())).one()
        for q in (lanes, drawn)
    ]
    return min(sum(counts), COUNT_TO)


def lane(session: Session, who: str, now: datetime, wanted: QueueFilter, limit: int) -> list[int]:
    """The flagged cards that pass the filter, in order; () where only the slice is asked for."""
    if wanted.reason == RANDOM:
        return []
    query = _passing(select(ReviewItemRow.article_id), who, now, wanted)
    query = query.where(ReviewItemRow.lane == 1).order_by(
        *(
            col(column).desc()
            for column in (
                ReviewItemRow.recent,
                ReviewItemRow.points,
                ReviewItemRow.strength,
                ReviewItemRow.article_id,
            )
        )
    )
    return list(session.exec(query.limit(limit)))


def drawn(session: Session, who: str, now: datetime, wanted: QueueFilter, limit: int) -> list[int]:
    """The cards of the random slice that pass the filter, the oldest week first, then by lot."""
    query = _passing(select(ReviewItemRow.article_id), who, now, wanted).where(_of_slice())
    query = query.order_by(col(ReviewItemRow.week), col(ReviewItemRow.place))
    return list(session.exec(query.limit(limit)))


def _of_slice() -> ColumnElement[bool]:
    return col(ReviewItemRow.drawn).is_(True)


def _passing(
    query: SelectOfScalar[int], who: str, now: datetime, wanted: QueueFilter
) -> SelectOfScalar[int]:
    item, hold = ReviewItemRow, ReviewHoldRow
    query = query.join(hold, col(hold.article_id) == col(item.article_id), isouter=True)
    if wanted.language or wanted.text:
        query = query.join(ArticleRow, col(ArticleRow.id) == col(item.article_id))
    if wanted.language:
        query = query.where(ArticleRow.language == wanted.language)
    if wanted.text:
        query = query.where(col(ArticleRow.title).icontains(wanted.text, autoescape=True))
    if wanted.reason and wanted.reason != RANDOM:
        query = query.where(_holds(item.reasons, wanted.reason))
    if wanted.region:
        query = query.where(_holds(item.regions, wanted.region))
    if wanted.topic:
        query = query.where(_holds(item.topics, wanted.topic))
    if wanted.mine:
        query = query.where(hold.assigned == who)
    if wanted.discuss:
        return query.where(col(hold.discuss).is_(True))
    query = query.where(or_(col(hold.discuss).is_(None), col(hold.discuss).is_(False)))
    return query.where(col(item.article_id).not_in(_put_off(who, now)))


def _put_off(who: str, now: datetime) -> SelectOfScalar[int]:
    return select(ReviewSkipRow.article_id).where(
        ReviewSkipRow.who == who, col(ReviewSkipRow.until) > now
    )


def _holds(column: Any, word: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = col(column).contains(f"|{word}|", autoescape=True)
    return found


def _words(words: Iterable[str]) -> str:
    return "|" + "".join(f"{word}|" for word in words)


def listed(session: Session, article_ids: Sequence[int]) -> list[Listed]:
    """The cards of these articles, in their order; those that wait no more are left out."""
    query = (
        select(ReviewItemRow, ReviewHoldRow, ArticleRow, FeedRow.title)
        .options(load_only(*_SHOWN))
        .join(ArticleRow, col(ArticleRow.id) == col(ReviewItemRow.article_id))
        .join(FeedRow, col(FeedRow.id) == col(ArticleRow.feed_id))
        .join(
            ReviewHoldRow,
            col(ReviewHoldRow.article_id) == col(ReviewItemRow.article_id),
            isouter=True,
        )
        .where(col(ReviewItemRow.article_id).in_(article_ids))
    )
    found = {row[0].article_id: _listed(row) for row in session.exec(query)}
    return [found[id_] for id_ in article_ids if id_ in found]


def _listed(row: Any) -> Listed:
    item, hold, article, outlet = row
    split = {name: tuple(getattr(item, name).strip("|").split("|")) for name in _LISTS}
    told = {name: words if words != ("",) else () for name, words in split.items()}
    return Listed(
        article_id=item.article_id,
        story_id=item.story_id,
        title=article.title,
        language=article.language,
        outlet=outlet,
        published=article.published,
        reasons=tuple(FlagReason(r) for r in told["reasons"]),
        effect=Effect(**item.effect),
        completeness=cast(Completeness, article.completeness),
        random=item.drawn,
        others=item.others,
        regions=told["regions"],
        topics=told["topics"],
        assigned=hold.assigned if hold else None,
        discuss=bool(hold and hold.discuss),
        notes=hold.notes if hold else 0,
    )


_SHOWN: tuple[Any, ...] = (
    ArticleRow.title,
    ArticleRow.language,
    ArticleRow.published,
    ArticleRow.completeness,
)
_LISTS = ("reasons", "regions", "topics")


def card_of_story(session: Session, story_id: int) -> int | None:
    """The article that stands for a story in the queue."""
    query = select(ReviewItemRow.article_id).where(
        ReviewItemRow.story_id == story_id, ReviewItemRow.lane == 1
    )
    return session.exec(query.limit(1)).first()
