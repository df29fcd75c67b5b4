"""What polls tell of each day of one source: reached, failing, refused, or our own worker down. Pure.

Facts only; `monitor.coverage.verdicts` judges them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from monitor.coverage.calendar import day_bounds, day_of, days_between
from monitor.coverage.constants import load_ledger_constants

FAILED = "failed"  # the outcome of a poll that got no answer to read; every other one got it
Stretch = tuple[datetime, datetime]

# The worker asks something every minute; where a store has few feeds, gaps are longer as a rule.
LEAST_GAP = timedelta(hours=load_ledger_constants().ledger_day.least_gap_hours)
GAP_FACTOR = load_ledger_constants().ledger_day.gap_factor
REFUSED = ("not allowed", "robots", "reserved")  # how the reason of a refused poll begins
REFUSED_STATUS = frozenset({401, 402, 403, 451})


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll of a source."""

    at: datetime
    outcome: str  # ok | unchanged | not modified | failed
    oldest_item: datetime | None = None  # how far back the answer reaches
    reason: str = ""  # of a failed one
    status: int | None = None  # HTTP status where there was one


@dataclass(frozen=True, slots=True)
class PolledDay:
    """What polls tell of one day of one source. Shares are of the day's hours, [0, 1]."""

    day: date
    reached: float  # that successful answers speak for
    failing: float  # within a run of failed polls
    refused: float  # of `failing`, where the publisher said no
    down: float  # in which our own worker asked nobody
    answers: int
    failures: int
    reason: str  # of the newest failure of a run that touches the day


@dataclass(slots=True)
class Asked:
    """When anything at all was asked, by hour: a year of polls is some thousand hours."""

    hours: dict[datetime, Stretch] = field(
        default_factory=dict
    )  # hour -> first and last poll in it

    def add(self, polls: Iterable[Poll]) -> None:
        for poll in polls:
            hour = poll.at.replace(minute=0, second=0, microsecond=0)
            first, last = self.hours.get(hour, (poll.at, poll.at))
            self.hours[hour] = (min(first, poll.at), max(last, poll.at))


def worker_gaps(asked: Asked, until: datetime) -> list[Stretch]:
    """Stretches in which no source at all was asked though some would have been, up to `until`.

    A gap counts that is longer than three hours and than three times the 95th percentile of the gaps
    between hours with polls.
    """
    hours = [asked.hours[hour] for hour in sorted(asked.hours)]
    pairs = [(before[1], after[0]) for before, after in pairwise(hours)]
    if not pairs:
        return []
    usual = sorted(b - a for a, b in pairs)[int(0.95 * (len(pairs) - 1))]
    limit = max(LEAST_GAP, GAP_FACTOR * usual)
    return [(a, b) for a, b in [*pairs, (hours[-1][1], until)] if b - a > limit]


def with_gaps(
    days: Sequence[PolledDay], gaps: Sequence[Stretch], since: date, now: datetime
) -> tuple[PolledDay, ...]:
    """`days` with the worker's gaps; a source's days before `since` are none of the worker's doing."""
    if not days:
        return ()
    down = _by_day(gaps, days[0].day, now)
    return tuple(replace(d, down=down.get(d.day, 0.0) if d.day >= since else 0.0) for d in days)


def polled_days(polls: Sequence[Poll], first: date, now: datetime) -> tuple[PolledDay, ...]:
    """A fact sheet for every day from `first` to that of `now`, the worker's gaps left out.

    `polls` may be in any order.
    """
    polls = sorted(polls, key=lambda p: p.at)
    runs = _runs(polls, now)
    reached = _by_day(windows(polls), first, now)
    failing = _by_day([run.stretch for run in runs], first, now)
    refused = _by_day([run.stretch for run in runs if run.refused], first, now)
    reasons = _reasons(runs, first, now)
    answers, failures = _counts(polls)
    return tuple(
        PolledDay(
            day,
            reached.get(day, 0.0),
            failing.get(day, 0.0),
            refused.get(day, 0.0),
            0.0,
            answers.get(day, 0),
            failures.get(day, 0),
            reasons.get(day, ""),
        )
        for day in days_between(first, day_of(now))
    )


def windows(polls: Iterable[Poll]) -> list[Stretch]:
    """What successful polls speak for, oldest answer first.

    A successful poll makes the hours from its oldest item to itself heard: what was published then
    would have been seen. Where an answer has no dated items, it speaks for the time since the last
    successful poll.
    """
    found: list[Stretch] = []
    before: datetime | None = None
    for poll in sorted((p for p in polls if p.outcome != FAILED), key=lambda p: p.at):
        found.append((poll.oldest_item or before or poll.at, poll.at))
        before = poll.at
    return found


@dataclass(frozen=True, slots=True)
class _Run:
    """Failed polls in a row, until the next answer."""

    stretch: Stretch
    reason: str
    refused: bool


def _runs(polls: Sequence[Poll], now: datetime) -> list[_Run]:
    runs: list[_Run] = []
    begun: Poll | None = None
    last: Poll | None = None
    for poll in polls:
        if poll.outcome == FAILED:
            begun, last = begun or poll, poll
        elif begun is not None and last is not None:
            runs.append(_run(begun, last, poll.at))
            begun = None
    if begun is not None and last is not None:
        runs.append(_run(begun, last, now))
    return runs


def _run(begun: Poll, last: Poll, end: datetime) -> _Run:
    refused = last.status in REFUSED_STATUS or last.reason.lower().startswith(REFUSED)
    return _Run((begun.at, end), last.reason, refused)


def _reasons(runs: Iterable[_Run], first: date, now: datetime) -> dict[date, str]:
    found: dict[date, str] = {}
    for run in runs:
        start, end = (day_of(instant) for instant in run.stretch)
        for day in days_between(max(start, first), min(end, day_of(now))):
            found[day] = run.reason
    return found


def _counts(polls: Iterable[Poll]) -> tuple[dict[date, int], dict[date, int]]:
    answers: dict[date, int] = {}
    failures: dict[date, int] = {}
    for poll in polls:
        kind = failures if poll.outcome == FAILED else answers
        day = day_of(poll.at)
        kind[day] = kind.get(day, 0) + 1
    return answers, failures


def _by_day(stretches: Iterable[Stretch], first: date, now: datetime) -> dict[date, float]:
    """Share of each day inside at least one stretch."""
    shares: dict[date, float] = {}
    reached = day_bounds(first)[0]
    for begin, end in sorted(stretches):
        begin, end = max(begin, reached), min(end, now)
        if end <= begin:
            continue
        reached = end
        for day in days_between(day_of(begin), day_of(end)):
            start, stop = day_bounds(day)
            seconds = (min(end, stop) - max(begin, start)).total_seconds()
            if seconds > 0:
                shares[day] = shares.get(day, 0.0) + seconds / (stop - start).total_seconds()
    return {day: min(1.0, share) for day, share in shares.items()}
