"""The use-case: keep the days of every source.

What lies more than FRESH days back is settled in its facts, and more than SETTLED days back in its
verdict: an hour's work does not grow with the archive. Run again it gives the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Engine
from sqlmodel import Session

from monitor.coverage.calendar import day_of
from monitor.coverage.constants import load_ledger_constants
from monitor.coverage.facts import (
    FAILED,
    Asked,
    Poll,
    PolledDay,
    polled_days,
    with_gaps,
    worker_gaps,
)
from monitor.coverage.rhythm import ADOPT
from monitor.coverage.verdicts import DayFacts, verdicts
from monitor.db import source_days as store
from monitor.db.engine import reading, transaction

_DAY = load_ledger_constants().ledger_day
FRESH = _DAY.fresh_days  # days back to which a later answer may still change what is known
SETTLED = FRESH + ADOPT  # days after which a verdict stands
LOOK_BACK = _DAY.look_back_days
LEARN_BACK = _DAY.learn_back_days  # days before the first poll that its answer may speak for


@dataclass(frozen=True, slots=True)
class DaysReport:
    """What keeping the days did."""

    sources: int
    written: int  # days that are new or changed


@dataclass(frozen=True, slots=True)
class _Fresh:
    """What polls and entries tell of one source, as far back as it may have changed."""

    days: tuple[PolledDay, ...]
    counted: Mapping[date, store.Counted]
    asked_since: date  # day of its first poll that was read
    dated: bool  # whether its entries carry times
    before: Poll | None  # its last poll before them


def update_days(engine: Engine | Connection, now: datetime) -> DaysReport:
    """Bring the days of every source up to `now`."""
    with reading(engine) as session:
        listed = store.sources(session)
        known = store.last_days(session)
        asked, fresh = Asked(), dict[str, _Fresh]()
        for source, in_use in listed.items():
            found = _read(session, source.id, known.get(source.id), in_use, now, asked)
            if found is not None:
                fresh[source.id] = found
    asked.add(_asked_before(fresh.values()))
    gaps = worker_gaps(asked, now)
    written = 0
    for feed, found in fresh.items():
        days = with_gaps(found.days, gaps, found.asked_since, now)
        with transaction(engine) as session:
            written += _keep(session, feed, replace(found, days=days), now)
    return DaysReport(len(fresh), written)


def _read(
    session: Session, feed: str, last: date | None, in_use: bool, now: datetime, asked: Asked
) -> _Fresh | None:
    """None where nothing is known, or nothing new will be: a source out of the list ends there."""
    first = _first(session, feed, last, now)
    if first is None or first > day_of(now):
        return None
    start = store.start_of(first)
    polls = store.polls_of(session, feed, start, now)
    if not polls and (last is None or not in_use):
        return None
    asked.add(polls)
    stood = store.standing_before(session, feed, start) if last is not None else []
    answers = [p for p in polls if p.outcome != FAILED]
    first_answer = answers[0].at if answers and last is None else None
    end = now if in_use else min(now, polls[-1].at)
    return _Fresh(
        polled_days([*stood, *polls], first, end),
        store.entries_of(session, feed, start, now, first_answer),
        first if last is not None else day_of(polls[0].at),
        not answers or any(p.oldest_item for p in answers),
        stood[-1] if stood else None,
    )


def _asked_before(fresh: Iterable[_Fresh]) -> list[Poll]:
    """The last poll before the days looked at: a gap of the worker may have begun with it."""
    last = [found.before for found in fresh if found.before is not None]
    return [max(last, key=lambda poll: poll.at)] if last else []


def _first(session: Session, feed: str, last: date | None, now: datetime) -> date | None:
    if last is not None:
        return last - timedelta(days=FRESH)
    reach = store.first_reach(session, feed, now)
    return max(day_of(reach), day_of(now) - timedelta(days=LOOK_BACK)) if reach else None


def _keep(session: Session, feed: str, found: _Fresh, now: datetime) -> int:
    first, last = found.days[0].day, found.days[-1].day
    before = store.days_of(session, feed, last - timedelta(days=LOOK_BACK), last)
    settled = [day.facts for day in before if day.day < first]
    facts = _without_gap([*settled, *(_facts(found, day) for day in found.days)])
    judged = verdicts(facts, now)
    stands = max((d.day for d in before), default=None)
    limit = first if stands is None else last - timedelta(days=SETTLED)
    return store.save_days(session, feed, [d for d in judged if d.day >= limit], before)


def _without_gap(facts: Sequence[DayFacts]) -> list[DayFacts]:
    """The unbroken run of days at the end: a source that was out of the list begins anew."""
    begin = len(facts) - 1
    while begin > 0 and facts[begin].day - facts[begin - 1].day == timedelta(days=1):
        begin -= 1
    return list(facts[begin:])


def _facts(found: _Fresh, polled: PolledDay) -> DayFacts:
    counted = found.counted.get(polled.day, store.Counted())
    learnable = polled.day >= found.asked_since - timedelta(days=LEARN_BACK)
    complete = learnable and (found.dated or polled.answers > 0)
    return DayFacts(polled, counted.entries, counted.full, counted.cut, complete)
