"""People's decisions in the store: their rows, the claims that are taken back with them, the flags they close.

Append-only, but for marks: a claim and a decision remember by what and when they were undone. The unique
number of an article's decisions locks them: of two that were made on the same page one is kept. Returns
plain values, never rows; runs inside the caller's transaction.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, func, or_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from monitor.articles.fingerprint import similarity
from monitor.db import search
from monitor.db.batches import batches
from monitor.db.tables import (
    ArticleRow,
    ClaimRow,
    DecisionRow,
    FlagRow,
    RevisionRow,
    ScoreRow,
    StaleWeekRow,
    StoryRow,
)
from monitor.db.undone import standing
from monitor.review.values import Action, DecisionMade, Given
from monitor.values import Claim

LONGEST_STORY = 500  # articles of one story that are looked at
NEXT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Subject:
    """The article a decision is about."""

    id: int
    story_id: int | None
    address: str
    language: str
    published: datetime
    removed: bool
    hashes: frozenset[str]  # of every text it had


@dataclass(frozen=True, slots=True)
class Member:
    """An article that a decision holds for."""

    id: int
    content_hash: str


def subject(session: Session, article_id: int) -> Subject | None:
    """The article, its story locked until the transaction ends, so that its decisions come one by one."""
    row = session.get(ArticleRow, article_id, options=_LIGHT)
    if row is None or row.id is None:
        return None
    if row.story_id is not None:
        session.get(StoryRow, row.story_id, with_for_update=True)
    else:
        session.exec(select(ArticleRow.id).where(ArticleRow.id == row.id).with_for_update())
    texts = select(RevisionRow.content_hash).where(RevisionRow.article_id == row.id)
    hashes = {row.content_hash, *session.exec(texts)}
    return Subject(
        row.id, row.story_id, row.address, row.language, row.published, row.removed is not None,
        frozenset(hashes),
    )  # fmt: skip


_LIGHT = (
    load_only(
        *(
            cast(Any, column)
            for column in (
                ArticleRow.story_id,
                ArticleRow.address,
                ArticleRow.language,
                ArticleRow.published,
                ArticleRow.removed,
                ArticleRow.content_hash,
                ArticleRow.fingerprint,
            )
        )
    ),
)


def copies(session: Session, article_id: int, least: float) -> tuple[Member, ...]:
    """The near-identical articles of its story, in its language, by id: `least` is a Jaccard similarity."""
    own = session.get(ArticleRow, article_id, options=_LIGHT)
    if own is None or own.story_id is None:
        return ()
    query = select(
        ArticleRow.id, ArticleRow.content_hash, ArticleRow.language, ArticleRow.fingerprint
    )
    query = query.where(ArticleRow.story_id == own.story_id, col(ArticleRow.removed).is_(None))
    found = session.exec(query.order_by(col(ArticleRow.id)).limit(LONGEST_STORY))
    return tuple(
        Member(id_, text)
        for id_, text, language, fingerprint in found
        if id_ is not None and id_ != article_id and language == own.language
        and (text == own.content_hash or similarity(fingerprint, own.fingerprint) >= least)
    )  # fmt: skip


# --- reading -------------------------------------------------------------------------------------


def history(session: Session, article_id: int) -> tuple[DecisionMade, ...]:
    """Every decision of an article, the oldest first."""
    query = select(DecisionRow).where(DecisionRow.article_id == article_id)
    rows = session.exec(query.order_by(col(DecisionRow.number))).all()
    numbers = {row.id: row.number for row in rows}
    return tuple(_made(row, numbers.get(row.undoes)) for row in rows)


def newest(session: Session, article_id: int) -> DecisionMade | None:
    """The last decision of an article, or the last undoing."""
    query = select(DecisionRow).where(DecisionRow.article_id == article_id)
    row = session.exec(query.order_by(col(DecisionRow.number).desc()).limit(1)).first()
    return None if row is None else _value(session, row)


def by_key(session: Session, who: str, key: str) -> DecisionMade | None:
    """What this request of this person has done already."""
    query = select(DecisionRow).where(DecisionRow.who == who, DecisionRow.key == key)
    row = session.exec(query).first()
    return None if row is None else _value(session, row)


def find(session: Session, decision_id: int) -> DecisionMade | None:
    """A decision by its id; of a copy's, that of the card."""
    row = session.get(DecisionRow, decision_id)
    if row is not None and row.part_of is not None:
        row = session.get(DecisionRow, row.part_of)
    return None if row is None else _value(session, row)


def last_of(session: Session, who: str) -> DecisionMade | None:
    """The last decision of a person that stands: what their undo key takes back."""
    query = (
        select(DecisionRow)
        .where(DecisionRow.who == who, DecisionRow.action == "decide")
        .where(col(DecisionRow.part_of).is_(None), col(DecisionRow.undone_by).is_(None))
        .order_by(col(DecisionRow.id).desc())
        .limit(1)
    )
    row = session.exec(query).first()
    return None if row is None else _value(session, row)


def last_words(session: Session, article_ids: Collection[int]) -> dict[int, str]:
    """Article -> who has the last word on its relevance; without those that nobody has decided."""
    found: dict[int, str] = {}
    for ids in batches(sorted(set(article_ids))):
        query = (
            select(ClaimRow.article_id, ClaimRow.author_id)
            .where(col(ClaimRow.article_id).in_(ids), ClaimRow.task == "relevance")
            .where(ClaimRow.author == "person", standing())
            .order_by(col(ClaimRow.at), col(ClaimRow.id))
        )
        found |= dict(session.exec(query).all())
    return found


def articles_of(session: Session, decision_id: int) -> tuple[int, ...]:
    """The articles that a decision was made of, its own first."""
    query = select(DecisionRow.article_id).where(DecisionRow.part_of == decision_id)
    own = session.get_one(DecisionRow, decision_id)
    return (own.article_id, *session.exec(query.order_by(col(DecisionRow.id))))


def next_instant(session: Session, article_ids: Collection[int], now: datetime) -> datetime:
    """`now`, or just after the last decision of any of the articles: of two the later is later in time."""
    last = func.max(DecisionRow.at)
    found = session.exec(select(last).where(col(DecisionRow.article_id).in_(article_ids))).one()
    return now if found is None else max(now, found + NEXT)


# --- writing -------------------------------------------------------------------------------------


def add_decision(
    session: Session, members: Sequence[Member], who: str, at: datetime, given: Given,
    before: Sequence[Claim], key: str = "", source: str = "",
) -> DecisionMade:  # fmt: skip
    """A row for each of `members`, the card's article first. Raises IntegrityError where another came first."""
    own = _row(session, members[0], "decide", who, at, before=before, given=given, source=source)
    own.key = key or None
    session.add(own)
    session.flush()
    for copy in members[1:]:
        row = _row(session, copy, "decide", who, at, given=given, source=source)
        row.part_of, row.through = own.id, own.article_id
        session.add(row)
    session.flush()
    return _made(own, None)


def add_undoing(
    session: Session,
    decision_id: int,
    who: str,
    at: datetime,
    before: Sequence[Claim],
    key: str = "",
) -> tuple[DecisionMade, tuple[int, ...]]:
    """Undo a decision on its article and on the copies where nobody has decided since; takes its claims
    back from `at` on. Returns the undoing and the articles. Raises IntegrityError as `add_decision`."""
    parts = select(DecisionRow).where(DecisionRow.part_of == decision_id)
    rows = [session.get_one(DecisionRow, decision_id), *session.exec(parts)]
    last = _numbers(session, [row.article_id for row in rows])
    latest = [row for row in rows if row.number == last[row.article_id]]
    own: DecisionRow | None = None
    for row in latest:
        member = Member(row.article_id, row.content_hash)
        undoing = _row(session, member, "undo", who, at, before=() if own else before)
        undoing.undoes = row.id
        undoing.through = own.article_id if own else None
        undoing.part_of = own.id if own else None
        undoing.key = None if own else key or None
        session.add(undoing)
        session.flush()
        row.undone_by = undoing.id
        session.add(row)
        own = own or undoing
    assert own is not None  # the caller has seen that the decision is its article's newest
    for said in {row.at for row in latest}:  # of a copy that came later, when it was decided along
        of_then = [row.article_id for row in latest if row.at == said]
        _take_back(session, of_then, rows[0].who, said, at)
    return _made(own, rows[0].number), tuple(row.article_id for row in latest)


def _take_back(
    session: Session, articles: Sequence[int], who: str, said: datetime, at: datetime
) -> None:
    session.exec(
        update(ClaimRow)
        .where(col(ClaimRow.article_id).in_(articles), col(ClaimRow.author) == "person")
        .where(col(ClaimRow.author_id) == who, col(ClaimRow.at) == said)
        .where(col(ClaimRow.undone_at).is_(None))
        .values(undone_at=at)
    )
    search.expire(session, articles)


def close_flags(
    session: Session, article_ids: Iterable[int], story_id: int | None, decision_id: int
) -> int:
    """Close the open flags of the articles and of their story; returns how many."""
    wanted: ColumnElement[bool] = col(FlagRow.article_id).in_(sorted(article_ids))
    of_story = select(ArticleRow.id).where(ArticleRow.story_id == story_id)
    if story_id is not None:
        wanted = or_(wanted, col(FlagRow.article_id).in_(of_story))
    done = session.connection().execute(
        update(FlagRow)
        .where(wanted, col(FlagRow.state) == "open")
        .values(state="decided", closed_by=decision_id)
    )
    return int(done.rowcount)


def open_flags_again(session: Session, decision_id: int) -> int:
    """Open the flags that a decision closed; returns how many."""
    done = session.connection().execute(
        update(FlagRow)
        .where(col(FlagRow.closed_by) == decision_id)
        .values(state="open", closed_by=None)
    )
    return int(done.rowcount)


# --- weeks to score anew -------------------------------------------------------------------------


def mark_stale(session: Session, weeks: Iterable[str], at: datetime) -> tuple[str, ...]:
    """Say that the scores of those of `weeks` that have any lack a decision; returns these weeks."""
    wanted = sorted(set(weeks))
    query = select(ScoreRow.week).where(col(ScoreRow.week).in_(wanted), col(ScoreRow.current))
    scored = sorted(set(session.exec(query.distinct())))
    for week in scored:
        if not _one_more(session, week):
            try:
                with session.begin_nested():
                    session.add(StaleWeekRow(week=week, marks=1, since=at))
            except IntegrityError:
                _one_more(session, week)  # another decision was the first, at the same moment
    return tuple(scored)


def _one_more(session: Session, week: str) -> bool:
    # in the statement itself, so that two decisions at once count as two
    more = {"marks": StaleWeekRow.marks + 1}
    of_week = col(StaleWeekRow.week) == week
    done = session.connection().execute(update(StaleWeekRow).where(of_week).values(more))
    return bool(done.rowcount)


def stale_weeks(session: Session) -> dict[str, int]:
    """Weeks whose scores lack decisions -> how often that was said; by week."""
    rows = session.exec(select(StaleWeekRow).order_by(col(StaleWeekRow.week)))
    return {row.week: row.marks for row in rows}


def scored(session: Session, week: str, marks: int) -> bool:
    """The week was computed after `marks` decisions; False where more have come, it stays stale then."""
    row = session.get(StaleWeekRow, week, with_for_update=True)
    if row is None or row.marks != marks:
        return False
    session.delete(row)
    return True


# --- rows to values ------------------------------------------------------------------------------


def _row(
    session: Session, member: Member, action: Action, who: str, at: datetime,
    *, before: Sequence[Claim] = (), given: Given | None = None, source: str = "",
) -> DecisionRow:  # fmt: skip
    number = _numbers(session, [member.id])[member.id] + 1
    return DecisionRow(
        article_id=member.id, number=number, action=action, who=who, at=at,
        content_hash=member.content_hash, given=None if given is None else asdict(given),
        before=[[c.task, c.label, c.decided, c.author, c.author_id] for c in before], source=source,
    )  # fmt: skip


def _numbers(session: Session, articles: Sequence[int]) -> dict[int, int]:
    query = (
        select(DecisionRow.article_id, func.max(DecisionRow.number))
        .where(col(DecisionRow.article_id).in_(articles))
        .group_by(col(DecisionRow.article_id))
    )
    return dict.fromkeys(articles, 0) | dict(session.exec(query).all())


def _value(session: Session, row: DecisionRow) -> DecisionMade:
    undone = session.get(DecisionRow, row.undoes) if row.undoes else None
    return _made(row, undone.number if undone else None)


def _made(row: DecisionRow, undoes: int | None) -> DecisionMade:
    assert row.id is not None
    return DecisionMade(
        id=row.id,
        article_id=row.article_id,
        number=row.number,
        action=cast(Action, row.action),
        who=row.who,
        at=row.at,
        given=None if row.given is None else given_of(row.given),
        content_hash=row.content_hash,
        through=row.through,
        undoes=undoes,
        undone=row.undone_by is not None,
        source=row.source,
    )


def given_of(value: dict[str, Any]) -> Given:
    """A decision as it was stored."""
    lists = {name: tuple(value[name]) for name in ("regions", "mentioned", "topics")}
    return Given(**{**value, **lists})
