"""Days of Europe/Helsinki, and which of them a newsroom keeps like a Sunday. Pure.

The dates of Finnish public holidays come from the `holidays` library (MIT), boxed here: it knows the
movable ones of every year (Act 388/1937 on the Church and other holidays; Christmas Eve and Midsummer
Eve are holidays by collective agreement). `tests/unit/test_rhythm.py` holds a table of our own against
it.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from monitor.clock import HELSINKI

SUNDAY = 6


def day_of(instant: datetime) -> date:
    """The calendar day in Helsinki."""
    return instant.astimezone(HELSINKI).date()


@lru_cache(maxsize=4096)
def day_bounds(day: date) -> tuple[datetime, datetime]:
    """Start and end of `day`, aware UTC, the end exclusive: 23, 24 or 25 hours apart."""
    return _midnight(day), _midnight(day + timedelta(days=1))


def days_between(first: date, last: date) -> Iterator[date]:
    """The days from `first` to `last`, both included."""
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


def weekday_of(day: date) -> int:
    """0 is Monday, 6 Sunday; a public holiday counts as a Sunday."""
    return SUNDAY if day in _holidays(day.year) else day.weekday()


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    from holidays import country_holidays  # slow to import; only the ledger needs it

    return frozenset(country_holidays("FI", years=year))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), HELSINKI).astimezone(UTC)
