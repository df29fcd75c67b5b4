"""State grants: how the money is drawn against the time gone.

A grant is one programme of one region as a report gave it; its history is the reports one after another.
Knows no files and no store, and does not judge why money is unused.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Grant:
    """One programme's money on the day of a report, in euros."""

    region: str
    group: str  # roadmap group id, or "all"
    programme: str
    as_of: date
    start: date
    deadline: date  # the money must be used by then
    granted: float  # > 0
    paid: float
    used: float
    milestones_due: int | None
    milestones_done: int | None

    @property
    def programme_key(self) -> tuple[str, str, str]:
        """What the reports of one programme have in common."""
        return (self.region, self.group, self.programme)

    @property
    def key(self) -> tuple[object, ...]:
        """What may occur once in a file."""
        return (*self.programme_key, self.as_of)


@dataclass(frozen=True, slots=True)
class Drawdown:
    """A grant's money against its time; shares of the whole grant and of the whole time."""

    grant: Grant
    time: float  # [0, 1] of the time gone on the day of the report
    paid: float  # share of what was granted
    used: float  # likewise; above 1 where more was used than granted
    pace: float | None  # used over time, 1 is as fast as time; None on the first day
    days_left: int  # to the deadline; 0 after it
    milestones: float | None  # reached over due; None where none is due

    @property
    def behind(self) -> float:
        """Share of the grant that an even use would have used by now and that is not."""
        return max(0.0, self.time - self.used)

    @property
    def done(self) -> float | None:
        """What the score reads: the pace, at most 1."""
        return None if self.pace is None else min(1.0, self.pace)


def drawdown(grant: Grant) -> Drawdown:
    """`grant` against the time gone on the day of its report."""
    whole = (grant.deadline - grant.start).days
    gone = (min(grant.as_of, grant.deadline) - grant.start).days
    time, used = gone / whole, grant.used / grant.granted
    due = grant.milestones_due
    return Drawdown(
        grant=grant,
        time=time,
        paid=grant.paid / grant.granted,
        used=used,
        pace=used / time if time else None,
        days_left=max(0, (grant.deadline - grant.as_of).days),
        milestones=(grant.milestones_done or 0) / due if due else None,
    )


def drawdowns(grants: Iterable[Grant], on: date) -> tuple[tuple[Drawdown, ...], ...]:
    """Per programme its drawdowns up to `on`, the oldest report first; programmes by their key."""
    found: dict[tuple[str, str, str], dict[date, Grant]] = defaultdict(dict)
    for grant in grants:
        if grant.as_of <= on:
            found[grant.programme_key][grant.as_of] = grant
    return tuple(
        tuple(drawdown(reports[day]) for day in sorted(reports))
        for _, reports in sorted(found.items())
    )
