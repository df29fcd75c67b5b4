"""Region x topic coverage in its two normalisations, and the regions that are forgotten. Pure.

News is counted as expected relevant stories, whatever their direction: the sum over stories of P(relevant) x
P(happens in the region) x P(topic); a story told by many publishers is one story. Two shares of a cell say
different things and are both given:

- *of the region*: the topic's share of the region's news. What is talked of here?
- *of the topic*: the region's share of the topic's news. Where is this talked of?

A story may have several topics or regions, so shares of a row or a column may sum to more than 1. The
interval is Jeffreys's: Beta(k + 1/2, n - k + 1/2), equal tails (Brown, Cai, DasGupta 2001, Stat. Sci. 16),
which takes the fractional k and n as they are and holds its level in small samples.

**Forgotten** is a region with a poor readiness figure and little said about it: its readiness gap is among
the worst `poor_share` of those that have one, and either its news per 100,000 inhabitants is among the least
`quiet_share`, or it was heard less than `little_heard` of the time. Then nobody may notice that things go
wrong. The unknown is told from the quiet: a region without a readiness number is named apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np
from scipy.special import betaincinv, gammaincinv

from monitor.risk.constants import ForgottenConstants
from monitor.risk.inputs import StorySignal
from monitor.values import Interval

Why = Literal["quiet", "not heard"]


@dataclass(frozen=True, slots=True)
class Share:
    """Part of a whole, with what it was counted from."""

    value: float | None  # None where the whole is empty
    part: float  # expected stories
    whole: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class CoverageCell:
    """One region and topic."""

    region: str
    topic: str
    of_region: Share  # the topic's share of the region's news
    of_topic: Share  # the region's share of the topic's news


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of one region over the weeks looked at."""

    region: str
    population: int | None
    readiness: float | None  # gap; None where it is not ready
    exposure: float  # mean


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A region of which little is said while its readiness is poor."""

    region: str
    readiness: float
    readiness_rank: int  # 1 is the largest gap
    ranked: int  # regions with a readiness number
    stories: float  # expected relevant stories
    per_100_000: float | None  # a week
    interval: Interval | None  # of that, at the same level as shares
    exposure: float
    why: tuple[Why, ...]


def coverage_matrix(
    stories: Iterable[StorySignal], units: Sequence[str], topics: Sequence[str], level: float
) -> tuple[CoverageCell, ...]:
    """Every region x topic with both shares, by region and topic."""
    cells, of_unit, of_topic = _counts(stories, units, topics)
    return tuple(
        CoverageCell(
            unit,
            topic,
            share(cells[u, t], of_unit[u], level),
            share(cells[u, t], of_topic[t], level),
        )
        for u, unit in enumerate(units)
        for t, topic in enumerate(topics)
    )


def share(part: float, whole: float, level: float) -> Share:
    """`part` of `whole` with Jeffreys's interval; none where the whole is empty."""
    if whole <= 0:
        return Share(None, part, whole, None)
    part = min(part, whole)
    a, b, tail = part + 0.5, whole - part + 0.5, (1 - level) / 2
    low = 0.0 if part == 0 else float(betaincinv(a, b, tail))
    high = 1.0 if part == whole else float(betaincinv(a, b, 1 - tail))
    return Share(part / whole, part, whole, Interval(low, high))


def forgotten(
    heard: Sequence[Heard],
    stories: Iterable[StorySignal],
    weeks: int,
    constants: ForgottenConstants,
) -> tuple[Forgotten, ...]:
    """The forgotten regions of `weeks` weeks, the largest readiness gap first."""
    units = [h.region for h in heard]
    _, told, _ = _counts(stories, units, ())
    news = dict(zip(units, told.tolist(), strict=True))
    known = sorted(
        (h for h in heard if h.readiness is not None), key=lambda h: (-(h.readiness or 0), h.region)
    )
    poor = known[: ceil(constants.poor_share * len(known))]
    quiet = _quiet(heard, news, weeks, constants)
    return tuple(
        _forgotten(h, rank, len(known), news[h.region], weeks, why, constants)
        for rank, h in enumerate(poor, 1)
        if (why := _why(h, quiet, constants))
    )


def unknown(heard: Iterable[Heard]) -> tuple[str, ...]:
    """Regions that cannot be called forgotten or not, because they have no readiness number."""
    return tuple(h.region for h in heard if h.readiness is None)


def _why(h: Heard, quiet: frozenset[str], constants: ForgottenConstants) -> tuple[Why, ...]:
    found: list[Why] = []
    if h.region in quiet:
        found.append("quiet")
    if h.exposure < constants.little_heard:
        found.append("not heard")
    return tuple(found)


def _quiet(
    heard: Sequence[Heard], news: Mapping[str, float], weeks: int, constants: ForgottenConstants
) -> frozenset[str]:
    """Those with the least news per inhabitant; a region that was not heard is not called quiet."""
    rates = {
        h.region: _rate(news[h.region], h.population, weeks)
        for h in heard
        if h.population and h.exposure >= constants.little_heard
    }
    order = sorted(rates, key=lambda unit: (rates[unit], unit))
    return frozenset(order[: ceil(constants.quiet_share * len(order))])


def _rate(stories: float, population: int, weeks: int) -> float:
    return stories / weeks / population * 100_000


def _forgotten(
    h: Heard,
    rank: int,
    ranked: int,
    stories: float,
    weeks: int,
    why: tuple[Why, ...],
    constants: ForgottenConstants,
) -> Forgotten:
    rate = interval = None
    if h.population:
        rate = _rate(stories, h.population, weeks)
        tail = (1 - constants.level) / 2
        # Jeffreys's for a Poisson mean: Gamma(k + 1/2).
        low, high = (float(gammaincinv(stories + 0.5, q)) for q in (tail, 1 - tail))
        low = low if stories > 0 else 0.0
        interval = Interval(_rate(low, h.population, weeks), _rate(high, h.population, weeks))
    return Forgotten(
        h.region, h.readiness or 0.0, rank, ranked, stories, rate, interval, h.exposure, why
    )


def _counts(
    stories: Iterable[StorySignal], units: Sequence[str], topics: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(units, topics), (units,) and (topics,) expected relevant stories."""
    unit, topic = {u: i for i, u in enumerate(units)}, {t: i for i, t in enumerate(topics)}
    cells, of_unit, of_topic = (
        np.zeros((len(units), len(topics))),
        np.zeros(len(units)),
        np.zeros(len(topics)),
    )
    for story in stories:
        where = [(unit[r], story.relevant * p) for r, p in story.regions if r in unit]
        what = [(topic[t], p) for t, p in story.topics if t in topic]
        for u, here in where:
            of_unit[u] += here
            for t, p in what:
                cells[u, t] += here * p
        somewhere = min(1.0, sum(p for r, p in story.regions if r in unit)) * story.relevant
        for t, p in what:
            of_topic[t] += somewhere * p
    return cells, of_unit, of_topic
