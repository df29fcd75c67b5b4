"""Reads what polls heard, and keeps the coverage of each region and week."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from monitor.coverage.ledger import FAILED, Poll, Source
from monitor.db.tables import CoverageRow, EntryRow, FeedRow, PollRow
from monitor.values import Coverage, FeedStatus
from monitor.weeks import week_bounds


def sources_of_week(session: Session, week: str, now: datetime) -> tuple[Source, ...]:
    """Every source with what is known of it for `week` at `now`, by id.

    A source that was taken out of feeds.yaml counts only in weeks in which it was still asked.
    """
    polls = _polls(session, week, now)
    items = _items(session, week, now)
    rows = session.exec(select(FeedRow).order_by(col(FeedRow.id)))
    return tuple(
        Source(
            id=row.id,
            home=tuple(row.home),
            group=row.publisher_group,
            lang=row.lang,
            polls=tuple(polls[row.id]),
            items=items.get(row.id, 0),
        )
        for row in rows
        if row.status != FeedStatus.REMOVED or polls[row.id]
    )


def _polls(session: Session, week: str, now: datetime) -> dict[str, list[Poll]]:
    """Polls made in the week, and one that stands for all later ones that reach back into it."""
    start, end = week_bounds(week)
    at, oldest_item = col(PollRow.at), col(PollRow.oldest_item)
    in_week = (at >= start, at < end, at <= now)
    answered = select(PollRow.feed_id, PollRow.at, PollRow.outcome, PollRow.oldest_item).where(
        PollRow.outcome != FAILED, *in_week
    )
    failed = select(PollRow.feed_id, PollRow.at, PollRow.outcome, PollRow.reason).where(
        PollRow.outcome == FAILED, *in_week
    )
    # Within the week, later answers make one window: from the oldest item any of them has to the end.
    later = (
        select(PollRow.feed_id, func.min(oldest_item))
        .where(PollRow.outcome != FAILED, at >= end, at <= now, oldest_item < end)
        .group_by(col(PollRow.feed_id))
    )
    polls: dict[str, list[Poll]] = defaultdict(list)
    for feed, instant, outcome, oldest in session.exec(answered):
        polls[feed].append(Poll(instant, outcome, oldest_item=oldest))
    for feed, instant, outcome, reason in session.exec(failed):
        polls[feed].append(Poll(instant, outcome, reason=reason))
    for feed, oldest in session.exec(later):
        polls[feed].append(Poll(end, "ok", oldest_item=oldest))
    return polls


def _items(session: Session, week: str, now: datetime) -> dict[str, int]:
    """Items of each source dated in the week; undated ones count where they were first seen."""
    start, end = week_bounds(week)
    dated = func.coalesce(col(EntryRow.published), col(EntryRow.first_seen))
    query = (
        select(EntryRow.feed_id, func.count())
        .where(dated >= start, dated < end, col(EntryRow.first_seen) <= now)
        .group_by(col(EntryRow.feed_id))
    )
    return {feed: count for feed, count in session.exec(query)}


def save_coverage(session: Session, found: Collection[Coverage]) -> None:
    """Keep the newest ledger of each region and week; one that says the same changes nothing."""
    weeks = {coverage.week for coverage in found}
    rows = session.exec(select(CoverageRow).where(col(CoverageRow.week).in_(weeks)))
    kept = {(row.region, row.week): row for row in rows}
    for new in found:
        row = kept.get((new.region, new.week))
        if row is None:
            session.add(CoverageRow(region=new.region, week=new.week, **_columns(new)))
        else:
            row.sqlmodel_update(_columns(new))


def _columns(coverage: Coverage) -> dict[str, Any]:
    return {
        "exposure": coverage.exposure,
        "sources": coverage.sources,
        "alive": coverage.alive,
        "groups": coverage.groups,
        "languages": list(coverage.languages),
        "silent": [list(pair) for pair in coverage.silent],
    }


def coverage_of_weeks(session: Session, weeks: Iterable[str]) -> dict[tuple[str, str], Coverage]:
    """What is kept, by (region, week)."""
    rows = session.exec(select(CoverageRow).where(col(CoverageRow.week).in_(list(weeks))))
    return {(row.region, row.week): _value(row) for row in rows}


def _value(row: CoverageRow) -> Coverage:
    return Coverage(
        region=row.region,
        week=row.week,
        exposure=row.exposure,
        sources=row.sources,
        alive=row.alive,
        groups=row.groups,
        languages=tuple(row.languages),
        silent=tuple((feed, why) for feed, why in row.silent),
    )
