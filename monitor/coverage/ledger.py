"""Which sources could be heard in a week, and so how well each region could.

Quiet is not safe: a source that was reached and had nothing new is quiet, one that was not reached is
silent with a reason, and only the first says anything about its region. Decides from polls alone; knows
neither store nor clock. National sources count for no region, for their news is about all of them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.values import Coverage
from monitor.weeks import week_bounds

FAILED = "failed"  # the outcome of a poll that got no answer to read; every other one got it
# Units without an area of their own are heard through those they serve. labels/regions.yaml says the
# same; a test keeps the two equal.
SERVES: Mapping[str, tuple[str, ...]] = {"HUS": ("01", "02", "03", "04", "90")}


class Verdict(StrEnum):
    """What a week was like for one source."""

    HEARD = "heard"  # reached, with items
    QUIET = "quiet"  # reached, without items
    FAILING = "failing"  # asked, never reached
    NOT_POLLED = "not polled"


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll of a source."""

    at: datetime
    outcome: str  # ok | unchanged | not modified | failed
    oldest_item: datetime | None = None  # how far back the answer reaches
    reason: str = ""  # of a failed one


@dataclass(frozen=True, slots=True)
class Source:
    """One source and what is known of it for one week."""

    id: str
    home: tuple[str, ...]  # () is national
    group: str  # publisher group
    lang: str
    polls: tuple[Poll, ...]  # those that may reach into the week, in any order
    items: int  # its items published in the week


@dataclass(frozen=True, slots=True)
class Hearing:
    """The verdict on one source and week."""

    source: Source
    verdict: Verdict
    share: float  # [0, 1]: of the week's hours that successful polls reach
    reason: str = ""  # why it was silent: "failing: timeout" or "not polled"

    @property
    def alive(self) -> bool:
        return self.verdict in (Verdict.HEARD, Verdict.QUIET)


def hearing(source: Source, week: str) -> Hearing:
    """Judge one source.

    A successful poll makes the hours from its oldest item to itself heard: what was published then
    would have been seen. Where an answer has no dated items, it speaks for the time since the last
    successful poll. Hours that have not come yet are not heard.
    """
    start, end = week_bounds(week)
    heard = _length(_windows(source.polls), start, end)
    if heard > 0:
        verdict = Verdict.HEARD if source.items else Verdict.QUIET
        return Hearing(source, verdict, heard / (end - start).total_seconds())
    failures = [p for p in source.polls if p.outcome == FAILED and start <= p.at < end]
    if not failures:
        return Hearing(source, Verdict.NOT_POLLED, 0.0, str(Verdict.NOT_POLLED))
    last = max(failures, key=lambda p: p.at)
    return Hearing(source, Verdict.FAILING, 0.0, f"failing: {last.reason or 'no reason recorded'}")


def _windows(polls: Iterable[Poll]) -> list[tuple[datetime, datetime]]:
    windows = []
    before: datetime | None = None
    for poll in sorted((p for p in polls if p.outcome != FAILED), key=lambda p: p.at):
        windows.append((poll.oldest_item or before or poll.at, poll.at))
        before = poll.at
    return windows


def _length(windows: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime) -> float:
    """Seconds of [start, end) inside at least one window."""
    seconds = 0.0
    reached = start
    for begin, until in sorted(windows):
        begin, until = max(begin, reached), min(until, end)
        if until > begin:
            seconds += (until - begin).total_seconds()
            reached = until
    return seconds


def coverage(
    region: str,
    week: str,
    hearings: Iterable[Hearing],
    serves: Mapping[str, Collection[str]] = SERVES,
) -> Coverage:
    """What was heard of `region`.

    Exposure is the mean over publisher groups of the mean share of the group's sources: papers of one
    chain count as one voice, and a dead paper is still missed. 0 where the region has no source.
    """
    area = {region, *serves.get(region, ())}
    mine = sorted((h for h in hearings if area & set(h.source.home)), key=lambda h: h.source.id)
    groups: dict[str, list[Hearing]] = defaultdict(list)
    for h in mine:
        groups[h.source.group].append(h)
    alive = [h for h in mine if h.alive]
    return Coverage(
        region=region,
        week=week,
        exposure=_mean([_mean([h.share for h in g]) for g in groups.values()]),
        sources=len(mine),
        alive=len(alive),
        groups=len({h.source.group for h in alive}),
        languages=tuple(sorted({h.source.lang for h in alive})),
        silent=tuple((h.source.id, h.reason) for h in mine if not h.alive),
    )


def _mean(numbers: Sequence[float]) -> float:
    # A sum of shares may pass its count by a rounding error, an exposure may not pass 1.
    return min(1.0, sum(numbers) / len(numbers)) if numbers else 0.0
