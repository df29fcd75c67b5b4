"""ISO weeks of Europe/Helsinki: the unit of scores, coverage and summaries.

A week is written `2026-W46`; written so, weeks sort as text. A week runs from Monday 00:00 Helsinki
time to the next Monday 00:00, so the two with a change of the clock have 167 and 169 hours. Knows
nothing of what happens in a week.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from monitor.clock import HELSINKI, require_aware

_WEEK = re.compile(r"(\d{4})-W(\d{2})")


def week_of(instant: datetime) -> str:
    """The week `instant` falls in. Raises ValueError where it has no zone."""
    return week_of_day(require_aware(instant).astimezone(HELSINKI).date())


def week_of_day(day: date) -> str:
    """The week of a calendar day in Helsinki."""
    iso = day.isocalendar()
    return f"{iso.year:04d}-W{iso.week:02d}"


def first_day(week: str) -> date:
    """Monday of `week`. Raises ValueError for what is no ISO week, such as 2025-W53."""
    match = _WEEK.fullmatch(week)
    if match is None:
        raise ValueError(f"{week!r} is no week; write it as 2026-W46")
    return date.fromisocalendar(int(match[1]), int(match[2]), 1)


def is_week(text: str) -> bool:
    """Whether `text` names an ISO week."""
    try:
        first_day(text)
    except ValueError:
        return False
    return True


def week_bounds(week: str) -> tuple[datetime, datetime]:
    """Start and end of `week`, aware UTC, the end exclusive. Raises ValueError for no ISO week."""
    monday = first_day(week)
    return _midnight(monday), _midnight(monday + timedelta(days=7))


def previous(week: str, n: int = 1) -> str:
    """The week `n` weeks before `week`; after it where `n` is negative."""
    return week_of_day(first_day(week) - timedelta(weeks=n))


def weeks_between(first: str, last: str) -> tuple[str, ...]:
    """The weeks from `first` to `last`, both included, in order; () where `last` is earlier."""
    count = (first_day(last) - first_day(first)).days // 7 + 1
    return tuple(previous(first, -i) for i in range(count))


def last_known_day(week: str, now: datetime) -> date:
    """Sunday of `week`, or today in Helsinki while it runs."""
    return min(first_day(week) + timedelta(days=6), now.astimezone(HELSINKI).date())


def end_of_day(day: date) -> datetime:
    """The last instant of `day` in Helsinki, aware UTC."""
    return _midnight(day + timedelta(days=1)) - timedelta(microseconds=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HELSINKI).astimezone(UTC)
