"""Keeps how well each region was heard in each week, what was reported of it, and the notices.

Returns plain values, never rows. The days of sources are in `monitor.db.source_days`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, or_
from sqlmodel import Session, col, select

from monitor.coverage.ledger import Breakdown
from monitor.coverage.rhythm import Judgement
from monitor.db.tables import (
    ArticleRow,
    ClaimRow,
    CoverageRow,
    NoticeRow,
    RegionHearingRow,
    RegionReportRow,
)
from monitor.db.undone import standing
from monitor.values import NATIONAL, Coverage
from monitor.weeks import week_bounds

_REPORTS: Any = RegionReportRow.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it


@dataclass(frozen=True, slots=True)
class RegionHearing:
    """A region's week as it is kept: who was heard, and whether less was reported than usual."""

    breakdown: Breakdown
    stories: int  # that sources reported of it
    expected: float | None  # None: the region's rhythm is not known yet
    at_most: float | None  # P(so few or fewer)
    fewer_since: str | None  # week of the change point


@dataclass(frozen=True, slots=True)
class Notice:
    """A region became deaf."""

    region: str
    raised: datetime
    share: float
    least: float
    cleared: datetime | None = None


# --- what regions' weeks were like ---------------------------------------------------------------


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


def save_hearing(
    session: Session, found: Iterable[tuple[Breakdown, int, Judgement, str | None]]
) -> None:
    """Keep each region's week: its breakdown, the stories reported of it, what that count says, and
    the week since which there are fewer."""
    found = list(found)
    weeks = {breakdown.week for breakdown, *_ in found}
    rows = session.exec(select(RegionHearingRow).where(col(RegionHearingRow.week).in_(weeks)))
    kept = {(row.region, row.week): row for row in rows}
    for new, stories, judged, since in found:
        values: dict[str, Any] = {
            "share": new.share,
            "reported": new.reported,
            "groups": [list(pair) for pair in new.groups],
            "languages": [list(pair) for pair in new.languages],
            "stories": stories,
            "expected": judged.expected,
            "at_most": judged.at_most,
            "fewer_since": since,
        }
        row = kept.get((new.region, new.week))
        if row is None:
            session.add(RegionHearingRow(region=new.region, week=new.week, **values))
        else:
            row.sqlmodel_update(values)


def hearing_of_weeks(
    session: Session, weeks: Iterable[str]
) -> dict[tuple[str, str], RegionHearing]:
    """What is kept of regions' weeks, by (region, week)."""
    query = select(RegionHearingRow).where(col(RegionHearingRow.week).in_(list(weeks)))
    return {(row.region, row.week): _hearing(row) for row in session.exec(query)}


def _hearing(row: RegionHearingRow) -> RegionHearing:
    breakdown = Breakdown(
        region=row.region,
        week=row.week,
        share=row.share,
        reported=row.reported,
        groups=tuple((group, share) for group, share in row.groups),
        languages=tuple((lang, share) for lang, share in row.languages),
    )
    return RegionHearing(breakdown, row.stories, row.expected, row.at_most, row.fewer_since)


# --- what was reported ---------------------------------------------------------------------------


def count_reports(session: Session, week: str, now: datetime) -> None:
    """Count anew the stories of each region that each publisher group reported in `week`, as far as
    articles and claims until `now` tell.

    A region is taken as reported where anybody decided that it happens there: it weighs sources, it
    is no statement about the article.
    """
    start, end = week_bounds(week)
    query = (
        select(
            ArticleRow.publisher_group,
            ClaimRow.label,
            func.count(func.distinct(ArticleRow.story_id)),
        )
        .join(ClaimRow, col(ClaimRow.article_id) == col(ArticleRow.id))
        .where(col(ArticleRow.published) >= start, col(ArticleRow.published) < end)
        .where(col(ArticleRow.first_seen) <= now, col(ClaimRow.at) <= now, standing(now))
        .where(ClaimRow.task == "region", col(ClaimRow.decided), ClaimRow.label != NATIONAL)
        .where(or_(col(ClaimRow.role).is_(None), col(ClaimRow.role) != "mentioned"))
        .group_by(col(ArticleRow.publisher_group), col(ClaimRow.label))
    )
    rows = [
        {"week": week, "publisher_group": group, "region": region, "stories": stories}
        for group, region, stories in session.exec(query)
        if stories
    ]
    session.connection().execute(delete(_REPORTS).where(_REPORTS.c.week == week))
    if rows:
        session.connection().execute(insert(_REPORTS), rows)


def reports_of_weeks(
    session: Session, weeks: Collection[str]
) -> dict[str, dict[str, dict[str, int]]]:
    """Week -> region -> publisher group -> stories. Weeks of which nothing is kept are left out."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    query = select(RegionReportRow).where(col(RegionReportRow.week).in_(list(weeks)))
    for row in session.exec(query):
        regions = found.setdefault(row.week, defaultdict(dict))
        regions[row.region][row.publisher_group] = row.stories
    return found


# --- notices -------------------------------------------------------------------------------------


def standing_notices(session: Session) -> tuple[Notice, ...]:
    """The notices that are not cleared, the newest first."""
    query = (
        select(NoticeRow)
        .where(col(NoticeRow.cleared).is_(None))
        .order_by(col(NoticeRow.raised).desc(), col(NoticeRow.region))
    )
    return tuple(_notice(row) for row in session.exec(query))


def past_notices(session: Session, n: int) -> tuple[Notice, ...]:
    """The last `n` notices that were cleared, the newest first."""
    query = (
        select(NoticeRow)
        .where(col(NoticeRow.cleared).is_not(None))
        .order_by(col(NoticeRow.cleared).desc(), col(NoticeRow.region))
        .limit(n)
    )
    return tuple(_notice(row) for row in session.exec(query))


def _notice(row: NoticeRow) -> Notice:
    return Notice(row.region, row.raised, row.share, row.least, row.cleared)


def save_notices(
    session: Session,
    raised: Mapping[str, float],
    cleared: Collection[str],
    least: float,
    now: datetime,
) -> None:
    """Raise notices (region -> share) and clear those of the regions `cleared`."""
    session.add_all(
        NoticeRow(region=region, raised=now, share=share, least=least)
        for region, share in raised.items()
    )
    query = select(NoticeRow).where(
        col(NoticeRow.cleared).is_(None), col(NoticeRow.region).in_(list(cleared))
    )
    for row in session.exec(query):
        row.cleared = now
