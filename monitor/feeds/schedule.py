"""When a feed is asked next. Pure: the present instant is given, nothing is looked up.

A feed that fails is asked less often, but it is never given up.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from statistics import median

from monitor.values import FeedStatus

JITTER = 0.1  # largest share by which the wait is shortened or lengthened
GONE_WAIT = timedelta(days=7)
LONGEST_RETRY_AFTER = timedelta(days=7)
SHORTEST_RETRY_AFTER = timedelta(minutes=1)  # "Retry-After: 0" must not make a loop
_HOUR, _MOMENT = timedelta(hours=1), timedelta(seconds=1)
_MOST_DOUBLINGS = 20.0  # beyond this every wait is the longest one; keeps the power finite


def next_poll(
    now: datetime,
    *,
    minimum: timedelta,
    maximum: timedelta,
    failures: float,
    retry_after_seconds: float | None,
    max_age_seconds: int | None,
    ttl_minutes: int | None,
    skip_hours: Collection[int] = (),
    pace_seconds: float | None,
    status: FeedStatus,
    jitter: float,
) -> datetime:
    """The instant of the next poll, after `now`.

    Retry-After wins over everything, also beyond `maximum`, up to seven days. A feed that is gone is
    asked once a week. Else the wait is the feed's `pace_seconds`, no shorter than the server's own max-age
    and ttl, doubled per whole failure and moved by `jitter` (a share in
    [-0.1, 0.1]); it lies between `minimum` and `maximum`, and outside the `skip_hours` (of the UTC day)
    where any other hour does. `max_age_seconds` is that of Cache-Control, else of Expires. `failures`
    is the graded sum since the last success.
    """
    if retry_after_seconds is not None:
        return now + _clip(_seconds(retry_after_seconds), SHORTEST_RETRY_AFTER, LONGEST_RETRY_AFTER)
    if status is FeedStatus.GONE:
        return now + GONE_WAIT * (1 + jitter)
    stated = max(_seconds(max_age_seconds or 0), _seconds((ttl_minutes or 0) * 60))
    wait = _clip(max(_seconds(pace_seconds or 0), stated), minimum, maximum)
    wait = wait * (2 ** min(failures, _MOST_DOUBLINGS) * (1 + jitter))
    wait = _clip(wait, minimum, maximum)
    return _outside(now + wait, skip_hours, now + minimum, now + maximum, spread=abs(jitter))


def _outside(
    moment: datetime, hours: Collection[int], low: datetime, high: datetime, spread: float
) -> datetime:
    """The first instant from `moment` to `high` outside `hours`, else the last before it from `low` on.

    `moment` itself where no hour of that time is free. `spread` keeps feeds from all coming on the hour.
    """
    later = earlier = moment
    for _ in range(24):
        if later.hour not in hours:
            return min(later + _HOUR * spread, high) if later > moment else moment
        later = _whole_hour(later) + _HOUR
        if later > high:
            break
    while earlier.hour in hours:
        earlier = _whole_hour(earlier) - _MOMENT
        if earlier < low:
            return moment
    return earlier


def _whole_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def pace(newest: Sequence[datetime]) -> float | None:
    """Half the median gap between the `newest` items, in seconds; None for fewer than two."""
    times = sorted(newest)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    return median(gaps) / 2 if gaps else None


def jitter_of(feed_id: str, now: datetime) -> float:
    """A share in [-0.1, 0.1] that is always the same for one feed and instant.

    It spreads feeds that began together, so that they do not all ask at one moment for ever.
    """
    digest = sha256(f"{feed_id}|{now.isoformat()}".encode()).digest()
    return (int.from_bytes(digest[:4]) / 0xFFFFFFFF * 2 - 1) * JITTER


def _seconds(number: float) -> timedelta:
    # a server may state any number; a year is more than any bound here
    return timedelta(seconds=min(max(number, 0), 31_536_000))


def _clip(wait: timedelta, low: timedelta, high: timedelta) -> timedelta:
    return max(low, min(wait, high))
