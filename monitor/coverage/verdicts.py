"""A verdict for every day of a source, from what polls, entries and articles tell of it. Pure.

In this order, the first that holds: *not polled* (our own worker asked nobody for half the day),
*not allowed* or *failing* (half the day lies in a run of failed polls), *not polled* (nobody asked this
source, and no later answer reaches back), *quieter than usual* (see `monitor.coverage.rhythm`), *teaser
only*, *heard*, *quiet as usual*. What a day was like and whether its news were caught up later are two
things: a source that was down for a day and then gave everything was failing, and its hours count as
heard.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from math import log

from monitor.coverage.calendar import day_bounds, weekday_of
from monitor.coverage.constants import load_ledger_constants
from monitor.coverage.facts import PolledDay
from monitor.coverage.rhythm import Count, Judgement, judge

_DAY = load_ledger_constants().ledger_day
HALF = _DAY.whole
WORKER_DOWN = "worker down"
# A run of articles without one full text is no chance where it had a chance below this, given the share
# that was cut short before; a source that never gave a full one is said so after ten articles.
TEASER_CHANCE = _DAY.teaser_chance


class Verdict(StrEnum):
    """What a day, or a week, was like for one source."""

    HEARD = "heard"  # reached, with entries
    QUIET = "quiet"  # reached, without entries, which is usual
    QUIETER = "quieter"  # reached, with fewer entries than chance allows
    FAILING = "failing"  # asked, and no answer that can be read
    TEASER = "teaser only"  # no article is whole, and once they were
    NOT_ALLOWED = "not allowed"  # asked, and the publisher said no
    NOT_POLLED = "not polled"  # not asked: our own doing


@dataclass(frozen=True, slots=True)
class DayFacts:
    """All that is known of one source and day."""

    polled: PolledDay
    entries: int  # published that day, or first seen where undated
    full: int  # articles made of them
    cut: int  # articles of them that are a teaser or a title
    counted: bool  # whether the entries are all that the reached hours had

    @property
    def day(self) -> date:
        return self.polled.day


@dataclass(frozen=True, slots=True)
class SourceDay:
    """The verdict on one source and day, with what it rests on."""

    facts: DayFacts
    verdict: Verdict
    since: date | None = None  # since when it is so; of failing, not allowed, quieter, teaser only
    reason: str = ""
    observed: int | None = None  # entries; of the whole fall where quieter
    expected: float | None = None  # None: the rhythm is not known yet
    at_most: float | None = None  # P(so few or fewer)
    loudness: float = 1.0  # [0, 1]: of the usual voice

    @property
    def day(self) -> date:
        return self.facts.day

    @property
    def heard(self) -> float:
        """[0, 1]: the share of its usual hearing that the day had."""
        return self.facts.polled.reached * self.loudness


TROUBLES = frozenset(
    {Verdict.FAILING, Verdict.NOT_ALLOWED, Verdict.NOT_POLLED, Verdict.QUIETER, Verdict.TEASER}
)


def verdicts(days: Sequence[DayFacts], now: datetime) -> tuple[SourceDay, ...]:
    """The verdict on every day, oldest first. `days` are one source's, without a gap."""
    judged = judge(_count(facts, now) for facts in days)
    teasers = _teaser_since(days)
    said: list[SourceDay] = []
    for facts, judgement, teaser in zip(days, judged, teasers, strict=True):
        found = _verdict(facts, judgement, teaser, days)
        said.append(_since(found, said[-1] if said else None))
    if len(said) > 1 and day_bounds(said[-1].day)[1] > now:
        said[-1] = _today(said[-1], said[-2])
    return tuple(said)


def _today(today: SourceDay, before: SourceDay) -> SourceDay:
    """A day that is not over is not judged; but a source that fell and says nothing is no less silent."""
    if before.verdict is Verdict.QUIETER and today.verdict is Verdict.QUIET:
        return replace(before, facts=today.facts)
    return today


def _count(facts: DayFacts, now: datetime) -> Count:
    over = day_bounds(facts.day)[1] <= now
    polled = facts.polled
    usable = over and facts.counted and polled.failing < HALF and polled.down < HALF
    return Count(facts.entries, polled.reached if usable else 0.0, weekday_of(facts.day))


def _verdict(
    facts: DayFacts, judged: Judgement, teaser: date | None, days: Sequence[DayFacts]
) -> SourceDay:
    polled = facts.polled
    statistic = (judged.observed, judged.expected, judged.at_most)
    if polled.down >= HALF:
        return SourceDay(facts, Verdict.NOT_POLLED, reason=WORKER_DOWN)
    if polled.failing >= HALF:
        refused = polled.refused >= polled.failing / 2
        verdict = Verdict.NOT_ALLOWED if refused else Verdict.FAILING
        return SourceDay(facts, verdict, reason=polled.reason)
    if polled.reached == 0 and not polled.answers:
        if polled.failures:
            return SourceDay(facts, Verdict.FAILING, reason=polled.reason)
        return SourceDay(facts, Verdict.NOT_POLLED)
    if judged.since is not None:
        since = days[judged.since].day
        return SourceDay(facts, Verdict.QUIETER, since, "", *statistic, judged.loudness)
    if teaser is not None:
        return SourceDay(facts, Verdict.TEASER, teaser, "", *statistic)
    verdict = Verdict.HEARD if facts.entries else Verdict.QUIET
    return SourceDay(facts, verdict, None, "", *statistic)


def _since(found: SourceDay, before: SourceDay | None) -> SourceDay:
    """`found` with the day its failing began, where it is one of a run."""
    if found.verdict not in (Verdict.FAILING, Verdict.NOT_ALLOWED, Verdict.NOT_POLLED):
        return found
    since = found.day
    if before is not None and before.verdict is found.verdict and before.since is not None:
        since = before.since
    return replace(found, since=since)


def _teaser_since(days: Sequence[DayFacts]) -> list[date | None]:
    """For each day: since when no article of the source was full, where that is no chance.

    The chance of a run of n cut articles is q^n, q the share of cut ones before the run: the mean of a
    Beta(1, 1) after what was seen (Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.1).
    """
    said: list[date | None] = [None] * len(days)
    full, cut, run = 1.0, 1.0, list[int]()
    for index, facts in enumerate(days):
        if facts.full:
            usual = [i for i in run if said[i] is None]  # an alarm that ended was not the usual
            full, cut = full + facts.full, cut + facts.cut + sum(days[i].cut for i in usual)
            run = []
        elif facts.cut:
            run.append(index)
            length = sum(days[i].cut for i in run)
            if length * log(cut / (full + cut)) < log(TEASER_CHANCE):
                for i in run:
                    said[i] = days[run[0]].day
    return said
