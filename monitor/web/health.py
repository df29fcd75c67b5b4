"""The state of a feed in one word, and what to do about it. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from monitor.db.feeds import FeedHealth
from monitor.values import FeedStatus

# Worst first: what needs a person stands on top.
STATES = ("gone", "silent", "moved", "failing", "waiting", "ok")
SILENT_AFTER = timedelta(days=3)  # a server may be down over a weekend
NEVER_ANSWERED = 3.0  # graded failures of a feed that never answered: its address is probably wrong


def state(health: FeedHealth, now: datetime) -> str:
    """One of STATES."""
    if health.status is FeedStatus.GONE:
        return "gone"
    if health.last_poll is None:
        return "waiting"
    if health.failures > 0:
        return "silent" if _long_silent(health, now) else "failing"
    return "moved" if health.moved_to else "ok"


def _long_silent(health: FeedHealth, now: datetime) -> bool:
    if health.last_success is None:
        return health.failures >= NEVER_ANSWERED
    return now - health.last_success > SILENT_AFTER


def ordered(feeds: Iterable[FeedHealth], now: datetime) -> list[tuple[FeedHealth, str]]:
    """Feeds with their states, the worst first, then by name."""
    stated = [(feed, state(feed, now)) for feed in feeds]
    return sorted(stated, key=lambda pair: (STATES.index(pair[1]), pair[0].spec.title.lower()))


def counts(stated: Iterable[tuple[FeedHealth, str]]) -> dict[str, int]:
    """State -> number of feeds, for the states that occur, worst first."""
    found = Counter(name for _, name in stated)
    return {name: found[name] for name in STATES if name in found}
