"""A week's frozen inputs -> what was heard of every region and topic. Pure.

The score knows roadmap groups; programs that build a picture of their own want the finer cells. The same
Gamma-Poisson model as for the groups (`monitor.risk.media`) is read with topics in the place of groups:
a past of topics' counts, drawn to the country's rate of that topic.

The interval is that of the week's rate given its count, at the level of the constants. It holds what a
count of so few stories leaves open; the classifiers' error and the spread of the expectation are in the
intervals of scores, which are simulated, and not in this one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

from monitor.risk import media
from monitor.risk.constants import Constants
from monitor.risk.inputs import StorySignal, WeekInputs, tally
from monitor.risk.media import Array, Expectation
from monitor.risk.past import past_counts

LIKELY = 0.5  # a story is counted where it is relevant, there and of the topic more likely than not


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class TopicSignal:
    """One region and topic in one week."""

    region: str
    topic: str
    stories: int  # more likely than not about both
    raises: int  # of those, more likely raising risk than showing progress
    progress: int  # of those, the other way round
    weighted: float  # weighted stories, progress taken off; what the model counts
    exposure: float  # [0, 1]: share of the region's usual hearing
    past_weeks: int  # heard weeks that the expectation rests on
    expected: float | None  # weighted stories of such a week at this exposure; None where not heard
    rate: Measured | None  # weighted stories in a fully heard week
    pressure: Measured | None  # [0, 1]; None where the region was not heard


def topic_signals(inputs: WeekInputs, constants: Constants) -> tuple[TopicSignal, ...]:
    """Every region and topic, by region and topic in the inputs' order; silent cells too."""
    weighted = tally(inputs.stories, constants.stories.spread, by="topics")
    told = _told(inputs.stories)
    exposure = np.array([c.exposure for c in inputs.coverage], dtype=float)
    counts, past_exposure = past_counts(inputs, "topics")
    past = media.expectation(counts, past_exposure, constants.media)
    weeks = (past_exposure >= constants.media.minimum_exposure).sum(axis=0)
    now = np.array([[weighted.get((u, t), 0.0) for t in inputs.topics] for u in inputs.units])
    expected, rate, pressure = _readings(now, exposure, past, constants)
    return tuple(
        TopicSignal(
            region,
            topic,
            *told.get((region, topic), (0, 0, 0)),
            weighted=float(now[r, t]),
            exposure=float(exposure[r]),
            past_weeks=int(weeks[r]),
            expected=float(expected[r, t] * exposure[r]) if heard else None,
            rate=_measured(rate, r, t) if heard else None,
            pressure=_measured(pressure, r, t) if heard else None,
        )
        for r, region in enumerate(inputs.units)
        for heard in [media.heard(float(exposure[r]), constants.media)]
        for t, topic in enumerate(inputs.topics)
    )


def _readings(
    now: Array, exposure: Array, past: Expectation, constants: Constants
) -> tuple[Array, Array, Array]:
    """(regions, topics) the expected rate; (3, regions, topics) rate and pressure: median, low, high."""
    own, tail = constants.media, (1 - constants.interval.level) / 2
    national, expected = media.national_mean(past), media.expected_mean(past, own)
    shape, divisor = media.week_parameters(expected, now, exposure[:, None], own)
    rate = np.array([gammaincinv(shape, q) / divisor for q in (0.5, tail, 1 - tail)])
    return expected, rate, media.pressure(rate, expected, national, own)


def _measured(values: Array, region: int, topic: int) -> Measured:
    return Measured(*(float(values[i, region, topic]) for i in range(3)))


def _told(stories: Sequence[StorySignal]) -> Mapping[tuple[str, str], tuple[int, int, int]]:
    """(region, topic) -> stories, those that raise risk, those that show progress."""
    found: dict[str, Counter[tuple[str, str]]] = {
        "all": Counter(),
        "up": Counter(),
        "down": Counter(),
    }
    for story in stories:
        for cell in likely_cells(story):
            found["all"][cell] += 1
            found["up"][cell] += story.raises > story.progress
            found["down"][cell] += story.raises < story.progress
    return {cell: (n, found["up"][cell], found["down"][cell]) for cell, n in found["all"].items()}


def likely_cells(story: StorySignal) -> list[tuple[str, str]]:
    """The regions and topics that a relevant story is about, more likely than not."""
    if story.relevant < LIKELY:
        return []
    regions = [region for region, p in story.regions if p >= LIKELY]
    topics = [topic for topic, p in story.topics if p >= LIKELY]
    return [(region, topic) for region in regions for topic in topics]
