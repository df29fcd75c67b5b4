"""The use-case: how well regions are heard, week by week and now, and the notices about it.

Orders the calls and owns the transactions; the rules are in the pure modules beside it. The days of
sources that all of it rests on are kept by `monitor.coverage.days`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine
from sqlmodel import Session

from monitor.coverage.calendar import day_of
from monitor.coverage.constants import load_ledger_constants
from monitor.coverage.days import update_days
from monitor.coverage.ledger import (
    Breakdown,
    Hearing,
    at_home,
    breakdown,
    coverage,
    hearing,
    usual_reports,
)
from monitor.coverage.notices import DAYS, Changes, changes, recent
from monitor.coverage.rhythm import Count, Judgement, judge
from monitor.db import coverage as regions
from monitor.db import source_days as store
from monitor.db.engine import reading, transaction
from monitor.logs import get_logger
from monitor.values import Coverage
from monitor.weeks import first_day, previous, week_of, weeks_between

_REGION = load_ledger_constants().ledger_region
REPORT_WEEKS = _REGION.report_weeks
FRESH_REPORTS = _REGION.fresh_report_weeks
LEAST_WEEKS = _REGION.least_weeks

Heard = Mapping[str, Sequence[Hearing]]  # week -> the verdict on every source
Reports = Mapping[str, Mapping[str, Mapping[str, int]]]  # week -> region -> group -> stories
Usual = Mapping[str, Mapping[str, float]]  # region -> group -> stories

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What keeping the ledger did."""

    sources: int
    written: int  # days that are new or changed
    raised: tuple[str, ...]  # regions that fell deaf
    cleared: tuple[str, ...]  # regions that hear again


def keep_ledger(engine: Engine, units: Iterable[str], least: float, now: datetime) -> LedgerReport:
    """Bring the ledger up to `now`; raise and clear the notices of regions heard less than `least`."""
    kept = update_days(engine, now)
    week = week_of(now)
    back = weeks_between(previous(week, REPORT_WEEKS), week)
    with transaction(engine) as session:
        heard = _heard(session, back, now)
        usual = _usual(week, heard, _reports(session, back, now))
        latest = _latest(session, now)
        shares = {unit: _share(unit, latest, usual.get(unit, {})) for unit in units}
        standing = frozenset(notice.region for notice in regions.standing_notices(session))
        found = changes(standing, shares, least)
        cleared = [region for region, _ in found.cleared]
        regions.save_notices(session, dict(found.raised), cleared, least, now)
    _tell(found, least)
    return LedgerReport(
        kept.sources, kept.written, tuple(region for region, _ in found.raised), tuple(cleared)
    )


def _latest(session: Session, now: datetime) -> list[Hearing]:
    """How well the listed sources were heard in the last days; those without a day yet are left out."""
    today = day_of(now)
    days = store.kept_days(session, today - timedelta(days=DAYS), today - timedelta(days=1))
    listed = store.sources(session)
    return [
        recent(source, days[source.id], today)
        for source, in_use in listed.items()
        if in_use and source.id in days
    ]


def _share(unit: str, heard: Sequence[Hearing], usual: Mapping[str, float]) -> float | None:
    if not at_home(unit, heard):
        return None
    return coverage(unit, "", heard, usual=usual).exposure


def _tell(found: Changes, least: float) -> None:
    for region, share in found.raised:
        _log.warning("region_deaf", region=region, share=round(share, 3), least=least)
    for region, share in found.cleared:
        _log.info("region_heard_again", region=region, share=round(share, 3), least=least)


# --- weeks ---------------------------------------------------------------------------------------


def compute_coverage(
    engine: Engine | Connection, weeks: Iterable[str], units: Iterable[str], now: datetime
) -> dict[tuple[str, str], Coverage]:
    """Coverage of `units` in `weeks` as far as polls until `now` tell, by (region, week); kept.

    Run again it gives the same, or more where later polls reached back into a week. A week that is
    still running has at most the share of it that has passed.
    """
    weeks, units = tuple(sorted(set(weeks))), tuple(units)
    if not weeks:
        return {}
    update_days(engine, now)
    back = weeks_between(previous(weeks[0], REPORT_WEEKS), weeks[-1])
    with transaction(engine) as session:
        heard = _heard(session, back, now)
        reports = _reports(session, back, now)
        usual = {week: _usual(week, heard, reports) for week in weeks}
        found = {
            (unit, week): coverage(unit, week, heard[week], usual=usual[week].get(unit, {}))
            for week in weeks
            for unit in units
        }
        regions.save_coverage(session, found.values())
        regions.save_hearing(
            session,
            [row for unit in units for row in _weeks_of(unit, weeks, heard, reports, usual)],
        )
    return found


def hearings(engine: Engine, week: str, now: datetime) -> tuple[Hearing, ...]:
    """The verdict on every source in `week`, national ones among them, by id."""
    update_days(engine, now)
    with reading(engine) as session:
        return tuple(_heard(session, [week], now)[week])


def _heard(session: Session, weeks: Sequence[str], now: datetime) -> dict[str, list[Hearing]]:
    """The verdict on every source in each of `weeks`, which follow each other.

    A source that was taken out of feeds.yaml counts only in weeks in which it was still asked.
    """
    last = min(first_day(weeks[-1]) + timedelta(days=6), day_of(now))
    days = store.kept_days(session, first_day(weeks[0]), last)
    listed = store.sources(session)
    found: dict[str, list[Hearing]] = {}
    for week in weeks:
        sunday = first_day(week) + timedelta(days=6)
        found[week] = []
        for source, in_use in listed.items():
            mine = [d for d in days.get(source.id, ()) if first_day(week) <= d.day <= sunday]
            if in_use or any(d.facts.polled.answers + d.facts.polled.failures for d in mine):
                found[week].append(hearing(source, week, mine))
    return found


def _reports(session: Session, weeks: Sequence[str], now: datetime) -> Reports:
    """Stories reported in `weeks`; counted anew where articles may have come or nothing is kept."""
    known = regions.reports_of_weeks(session, weeks)
    fresh = previous(week_of(now), FRESH_REPORTS)
    for week in weeks:
        if week >= fresh or week not in known:
            regions.count_reports(session, week, now)
    return regions.reports_of_weeks(session, weeks)


def _usual(week: str, heard: Heard, reports: Reports) -> Usual:
    """What each publisher group usually reports of each region, from the weeks before `week`."""
    back = [previous(week, n) for n in range(1, REPORT_WEEKS + 1)]
    weeks_heard: defaultdict[str, float] = defaultdict(float)
    stories: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for past in back:
        for group, share in _group_shares(heard.get(past, ())).items():
            weeks_heard[group] += share
        for region, groups in reports.get(past, {}).items():
            for group, n in groups.items():
                stories[region][group] += n
    return {region: usual_reports(groups, weeks_heard) for region, groups in stories.items()}


def _group_shares(heard: Iterable[Hearing]) -> dict[str, float]:
    shares: defaultdict[str, list[float]] = defaultdict(list)
    for h in heard:
        shares[h.source.group].append(h.share)
    return {group: sum(some) / len(some) for group, some in shares.items()}


def _weeks_of(
    unit: str, weeks: Sequence[str], heard: Heard, reports: Reports, usual: Mapping[str, Usual]
) -> Iterator[tuple[Breakdown, int, Judgement, str | None]]:
    """The rows of one region: each week's breakdown beside what its number of stories says."""
    back = sorted(heard)
    stories = [sum(reports.get(week, {}).get(unit, {}).values()) for week in back]
    whole = {week: breakdown(unit, week, heard[week]) for week in back}
    judged = judge(
        [Count(n, whole[week].share) for week, n in zip(back, stories, strict=True)],
        least_periods=LEAST_WEEKS,
    )
    for week, n, judgement in zip(back, stories, judged, strict=True):
        if week in weeks:
            found = breakdown(unit, week, heard[week], usual=usual[week].get(unit, {}))
            since = back[judgement.since] if judgement.since is not None else None
            yield found, n, judgement, since
