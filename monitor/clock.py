"""Time, as a value that is passed in. Nothing else in the program asks the system for it.

Instants are aware UTC. Weeks and days are those of Europe/Helsinki.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")

Clock = Callable[[], datetime]
"""Returns the present instant, aware UTC."""


def system_clock() -> datetime:
    """The machine's own time."""
    return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is set: for the demo, replay and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = require_aware(start)

    def __call__(self) -> datetime:
        return self._now

    def set(self, instant: datetime) -> None:
        """Move to `instant`. Raises ValueError for a naive one or one in the past."""
        instant = require_aware(instant)
        if instant < self._now:
            raise ValueError(f"the clock stands at {self._now}; it cannot go back to {instant}")
        self._now = instant


@dataclass(frozen=True, slots=True)
class RunningClock:
    """Reads `start` when `ticks` reads `begun`, and goes on from there. It goes to other processes of the
    machine as it is: `time.monotonic` is one count for all of them."""

    start: datetime
    begun: float
    ticks: Callable[[], float]

    def __call__(self) -> datetime:
        return self.start + timedelta(seconds=self.ticks() - self.begun)


def running_from(start: datetime, ticks: Callable[[], float] = time.monotonic) -> Clock:
    """A clock that reads `start` now and goes on from there: for what is shown of a played past."""
    return RunningClock(require_aware(start), ticks(), ticks)


def require_aware(instant: datetime) -> datetime:
    """`instant` in UTC. Raises ValueError where it has no zone."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone")
    return instant.astimezone(UTC)
