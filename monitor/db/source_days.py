"""The days of sources in the store: what polls and entries tell of them, and the verdicts kept.

Returns plain values, never rows. Judges nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, Table, and_, func, insert, or_, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from monitor.coverage.calendar import day_bounds, day_of
from monitor.coverage.facts import FAILED, Poll, PolledDay
from monitor.coverage.ledger import Source
from monitor.coverage.verdicts import DayFacts, SourceDay, Verdict
from monitor.db.tables import ArticleRow, EntryRow, FeedRow, PollRow, SourceDayRow
from monitor.values import FeedStatus

# SQLModel does not declare the tables of its classes to the type checker.
_DAYS: Table = SourceDayRow.__table__  # type: ignore[attr-defined]
_POLLS: Table = PollRow.__table__  # type: ignore[attr-defined]
_VERDICTS = {verdict.value: verdict for verdict in Verdict}


@dataclass(frozen=True, slots=True)
class Counted:
    """Entries of one source and day, and what became of them."""

    entries: int = 0
    full: int = 0
    cut: int = 0


def sources(session: Session) -> dict[Source, bool]:
    """Every source, whether it is still in feeds.yaml, by id."""
    rows = session.exec(select(FeedRow).order_by(col(FeedRow.id)))
    return {
        Source(row.id, tuple(row.home), row.publisher_group, row.lang): (
            row.status != FeedStatus.REMOVED
        )
        for row in rows
    }


def polls_of(session: Session, feed: str, start: datetime, now: datetime) -> list[Poll]:
    """The polls of a source in [start, now], oldest first."""
    query = (
        _poll_query()
        .where(_POLLS.c.feed_id == feed, _POLLS.c.at >= start, _POLLS.c.at <= now)
        .order_by(_POLLS.c.at)
    )
    return [Poll(*row) for row in session.connection().execute(query)]


def standing_before(session: Session, feed: str, start: datetime) -> list[Poll]:
    """The newest answer of a source before `start` and its newest poll before it, oldest first.

    Polls from `start` on alone do not tell which run of failures they continue, nor since when an
    answer without dated items speaks.
    """
    earlier = _poll_query().where(_POLLS.c.feed_id == feed, _POLLS.c.at < start)
    newest = earlier.order_by(_POLLS.c.at.desc()).limit(1)
    answered = newest.where(_POLLS.c.outcome != FAILED)
    rows = [session.connection().execute(query).first() for query in (answered, newest)]
    return list(dict.fromkeys(Poll(*row) for row in rows if row is not None))


def _poll_query() -> Select[Any]:
    wanted = [_POLLS.c[name] for name in ("at", "outcome", "oldest_item", "reason", "status")]
    return sql_select(*wanted)


def first_reach(session: Session, feed: str, now: datetime) -> datetime | None:
    """The earliest instant anything is known of a source from; None where it was never asked."""
    query = select(
        func.min(PollRow.at), func.min(PollRow.oldest_item).filter(col(PollRow.outcome) != FAILED)
    ).where(PollRow.feed_id == feed, col(PollRow.at) <= now)
    asked, oldest = session.exec(query).one()
    return min((t for t in (asked, oldest) if t is not None), default=None)


def entries_of(
    session: Session, feed: str, start: datetime, now: datetime, first_answer: datetime | None
) -> dict[date, Counted]:
    """Entries of a source by the day they are dated; undated ones count where they were first seen.

    Undated entries of the first answer ever are left out: nobody knows what day they are of.
    """
    published, seen = col(EntryRow.published), col(EntryRow.first_seen)
    query = (
        select(EntryRow.published, EntryRow.first_seen, ArticleRow.completeness)
        .join(ArticleRow, col(EntryRow.article_id) == col(ArticleRow.id), isouter=True)
        .where(EntryRow.feed_id == feed, seen <= now)
        .where(or_(published >= start, and_(published.is_(None), seen >= start)))
    )
    found: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    for dated, first_seen, completeness in session.exec(query):
        if dated is None and first_answer is not None and first_seen <= first_answer:
            continue
        counts = found[day_of(dated or first_seen)]
        counts[0] += 1
        if completeness is not None:
            counts[1 if completeness == "full" else 2] += 1
    return {day: Counted(*counts) for day, counts in found.items()}


def days_of(session: Session, feed: str, first: date, last: date) -> list[SourceDay]:
    """What is kept of a source from `first` to `last`, oldest first."""
    query = (
        select(SourceDayRow)
        .where(SourceDayRow.feed_id == feed)
        .where(col(SourceDayRow.day) >= first, col(SourceDayRow.day) <= last)
        .order_by(col(SourceDayRow.day))
    )
    return [_value(row) for row in session.exec(query)]


def kept_days(session: Session, first: date, last: date) -> dict[str, list[SourceDay]]:
    """What is kept of every source from `first` to `last`: source id -> days, oldest first."""
    query = (
        sql_select(_DAYS)
        .where(_DAYS.c.day >= first, _DAYS.c.day <= last)
        .order_by(_DAYS.c.feed_id, _DAYS.c.day)
    )
    found: dict[str, list[SourceDay]] = defaultdict(list)
    for row in session.connection().execute(query):
        found[row.feed_id].append(_value(row))
    return dict(found)


@dataclass(frozen=True, slots=True)
class JudgedDay:
    """A day's verdict and what it rests on, without what polls and entries told."""

    day: date
    verdict: Verdict
    since: date | None
    reason: str
    observed: int | None
    expected: float | None
    at_most: float | None


def judged_days(session: Session, first: date, last: date) -> dict[str, list[JudgedDay]]:
    """The verdicts on every source from `first` to `last`: source id -> days, oldest first."""
    names = ("feed_id", *(f.name for f in fields(JudgedDay)))
    query = (
        sql_select(*(_DAYS.c[name] for name in names))
        .where(_DAYS.c.day >= first, _DAYS.c.day <= last)
        .order_by(_DAYS.c.feed_id, _DAYS.c.day)
    )
    found: dict[str, list[JudgedDay]] = defaultdict(list)
    for feed, day, verdict, *rest in session.connection().execute(query):
        found[feed].append(JudgedDay(day, _VERDICTS[verdict], *rest))
    return dict(found)


def last_days(session: Session) -> dict[str, date]:
    """Source id -> the newest day that is kept of it."""
    query = select(SourceDayRow.feed_id, func.max(SourceDayRow.day)).group_by(
        col(SourceDayRow.feed_id)
    )
    return {feed: day for feed, day in session.exec(query)}


def save_days(
    session: Session, feed: str, days: Sequence[SourceDay], before: Iterable[SourceDay]
) -> int:
    """Keep `days`; those that say what `before` says change nothing. Returns the rows written."""
    known: Mapping[date, SourceDay] = {day.day: day for day in before}
    new = [_columns(feed, day) for day in days if day.day not in known]
    changed = [
        day
        for day in days
        if day.day in known and _columns(feed, known[day.day]) != _columns(feed, day)
    ]
    if new:
        session.connection().execute(insert(_DAYS), new)
    for day in changed:
        session.connection().execute(
            update(_DAYS)
            .where(_DAYS.c.feed_id == feed, _DAYS.c.day == day.day)
            .values(_columns(feed, day))
        )
    return len(new) + len(changed)


def _columns(feed: str, day: SourceDay) -> dict[str, Any]:
    facts, polled = day.facts, day.facts.polled
    return {
        "feed_id": feed,
        "day": day.day,
        "reached": polled.reached,
        "failing": polled.failing,
        "refused": polled.refused,
        "down": polled.down,
        "answers": polled.answers,
        "failures": polled.failures,
        "failure": polled.reason,
        "entries": facts.entries,
        "full": facts.full,
        "cut": facts.cut,
        "counted": facts.counted,
        "verdict": day.verdict.value,
        "since": day.since,
        "reason": day.reason,
        "observed": day.observed,
        "expected": day.expected,
        "at_most": day.at_most,
        "loudness": day.loudness,
    }


def _value(row: Any) -> SourceDay:
    polled = PolledDay(
        day=row.day,
        reached=row.reached,
        failing=row.failing,
        refused=row.refused,
        down=row.down,
        answers=row.answers,
        failures=row.failures,
        reason=row.failure,
    )
    return SourceDay(
        DayFacts(polled, row.entries, row.full, row.cut, row.counted),
        Verdict(row.verdict),
        row.since,
        row.reason,
        row.observed,
        row.expected,
        row.at_most,
        row.loudness,
    )


def start_of(day: date) -> datetime:
    """The instant `day` begins in Helsinki."""
    return day_bounds(day)[0]
