"""The simulated country: places, sources, usual rates, outages and events. Pure; seeded.

Every figure that is not known is an assumption with a name in `World`; the report shows them all. Draws no
stories (`monitor.replay.simulator`) and knows nothing of classifiers.

Two worlds. The *plausible* one has regions of real population and real newsrooms, seasons, topics that rise
everywhere at once, and weeks that differ by more than chance. The *model's own* one draws its rates, its
readiness and what is missing from the very model the score assumes: there an 80 % interval must hold the
truth 80 % of the time, and where it does not, the score's arithmetic is wrong. In the plausible world it
says how far the model's assumptions carry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.risk.constants import Constants

Array = NDArray[np.float64]
WARM_UP = 14  # weeks before the first that is judged; none has an event


@dataclass(frozen=True, slots=True)
class World:
    """What is assumed. Nothing here was measured, except where it says so."""

    stories: float = 12.0  # relevant stories a week in a region of 200,000 with 7 publisher groups
    population_power: float = 0.5  # a region twice as large has 2^0.5 times the news
    newsroom_power: float = 0.3  # and one with twice the publisher groups 2^0.3 times
    risk_share: float = 0.5  # of relevant stories raise risk
    progress_share: float = 0.2  # show progress; the rest are neutral
    topic_spread: float = (
        3.0  # Dirichlet concentration of a region's topics around the country's, per topic
    )
    second_topic: float = 0.3  # of stories have one
    week_variance: float = 0.15  # of the factor, mean 1, by which a cell's weeks differ
    wave_sd: float = (
        0.15  # of the log of a topic's weekly factor in the whole country, correlation 0.7
    )
    summer: float = 0.7  # of the usual in July and at Christmas
    carriers: float = 0.5  # further publisher groups that tell a story, on average
    wire_share: float = (
        0.08  # of stories go out by wire and are told by half of the region's groups
    )
    outage_chance: float = 0.01  # per source and week that one begins
    outage_weeks: float = 4.0  # its mean length
    whole_outages: float = 0.6  # of outages are complete; in the rest 20-80 % still comes
    events_per_year: float = 6.0  # per region
    missing: float = 0.2  # of readiness components have no data
    not_applicable: float = 0.05
    as_model: bool = False  # the model's own world instead


@dataclass(frozen=True, slots=True)
class Source:
    """A feed, as far as hearing goes."""

    homes: tuple[str, ...]
    group: str


@dataclass(frozen=True, slots=True)
class Places:
    """The regions, what is measured in them, and who reports on them."""

    units: tuple[str, ...]
    population: Mapping[str, int]
    topics: tuple[str, ...]
    topics_of_group: Mapping[str, Sequence[str]]
    sources: tuple[Source, ...]

    def publishers(self, unit: str) -> tuple[str, ...]:
        """Publisher groups at home in `unit`, sorted."""
        return tuple(sorted({s.group for s in self.sources if unit in s.homes}))


@dataclass(frozen=True, slots=True)
class EventKind:
    """How large the injected events are."""

    times: float  # the usual volume at the event's height
    of: str  # whose volume: "cell" (this topic in this region) or "region" (all its topics)


@dataclass(frozen=True, slots=True)
class Event:
    """News that would not have been. Weeks are indices; both ends are included."""

    region: int
    topic: int
    onset: int  # the first week above the usual
    peak: int  # the first week at full height
    end: int  # the last week above the usual
    extra: tuple[float, ...]  # risk stories per week, from onset to end


@dataclass(frozen=True, slots=True)
class Truth:
    """Rates per fully heard week, before any classifier. Arrays are weeks x regions x topics."""

    usual: Array  # (regions, topics) relevant stories of any direction, without events, of a plain week
    rate: Array  # likewise in each week, without events
    extra: Array  # risk stories that events add
    events: tuple[Event, ...]
    hearing: (
        Array  # (weeks, regions, publisher slots) of each group at home; NaN beyond their number
    )


def models_own() -> World:
    """The world as the score assumes it: no seasons, one publisher group a story, hardly any progress."""
    return World(progress_share=0.02, second_topic=0.0, carriers=0.0, wire_share=0.0, as_model=True)


def truth(
    world: World,
    places: Places,
    kind: EventKind | None,
    weeks: int,
    constants: Constants,
    rng: np.random.Generator,
) -> Truth:
    """Draw what happens in `WARM_UP` + `weeks` weeks. Without `kind` there are no events."""
    usual = _usual(world, places, constants, rng)
    rate = _weekly(world, usual, WARM_UP + weeks, constants, rng)
    events = _events(world, usual, kind, weeks, rng) if kind else ()
    extra = np.zeros_like(rate)
    for event in events:
        extra[event.onset : event.end + 1, event.region, event.topic] += event.extra
    return Truth(usual, rate, extra, events, _hearing(world, places, WARM_UP + weeks, rng))


def _usual(world: World, places: Places, constants: Constants, rng: np.random.Generator) -> Array:
    topics = len(places.topics)
    shares = rng.dirichlet(np.full(topics, 2.0))
    if world.as_model:
        # Gammas with one rate add up, so risk stories of each roadmap group, too, are
        # Gamma(k * national, k), as the score assumes.
        k = constants.media.region_weeks * world.risk_share
        national = np.tile(world.stories * shares, (len(places.units), 1))
        return np.maximum(rng.gamma(k * national) / k, 1e-9)
    population = np.array([places.population[u] for u in places.units]) / 200_000
    newsrooms = np.array([max(1, len(places.publishers(u))) for u in places.units]) / 7
    size = world.stories * population**world.population_power * newsrooms**world.newsroom_power
    mix = rng.dirichlet(shares * world.topic_spread * topics, size=len(places.units))
    return np.maximum(size[:, None] * mix, 1e-9)


def _weekly(
    world: World, usual: Array, weeks: int, constants: Constants, rng: np.random.Generator
) -> Array:
    if world.as_model:
        t = constants.media.week_weeks * world.risk_share
        return rng.gamma(t * usual, size=(weeks, *usual.shape)) / t
    topics = usual.shape[1]
    wave = np.zeros((weeks, topics))
    for week in range(1, weeks):
        wave[week] = 0.7 * wave[week - 1] + rng.normal(0, world.wave_sd * 0.714, topics)
    season = np.array([world.summer if _quiet(week) else 1.0 for week in range(weeks)])
    national = season[:, None] * np.exp(wave - world.wave_sd**2 / 2)
    size = 1 / max(world.week_variance, 1e-6)
    factor = rng.gamma(size, size=(weeks, *usual.shape)) / size
    drawn: Array = usual * national[:, None, :] * factor
    return drawn


def _quiet(week: int) -> bool:
    """July and Christmas; the first simulated week is the first of a year."""
    of_year = week % 52 + 1
    return 27 <= of_year <= 30 or of_year in (1, 52)


def _events(
    world: World, usual: Array, kind: EventKind, weeks: int, rng: np.random.Generator
) -> tuple[Event, ...]:
    """Ramps of 1-4 weeks to the peak, 1-3 weeks at its height, one at half. None overlap in a cell."""
    regions, topics = usual.shape
    busy = np.zeros((WARM_UP + weeks + 12, regions, topics), dtype=bool)
    # In proportion to the usual news: what is much written of has more that can happen.
    shares = usual / usual.sum(axis=1, keepdims=True)
    found = []
    for region in range(regions):
        for _ in range(rng.poisson(world.events_per_year * weeks / 52)):
            topic = int(rng.choice(topics, p=shares[region]))
            onset = int(rng.integers(WARM_UP, WARM_UP + weeks))
            volume = usual[region, topic] if kind.of == "cell" else usual[region].sum()
            shape = _shape(rng)
            end, peak = onset + len(shape) - 1, onset + shape.index(1.0)
            if end >= WARM_UP + weeks or busy[onset : end + 3, region, topic].any():
                continue
            busy[onset : end + 3, region, topic] = True
            full = (kind.times - 1) * volume * world.risk_share
            found.append(Event(region, topic, onset, peak, end, tuple(full * x for x in shape)))
    return tuple(found)


def _shape(rng: np.random.Generator) -> list[float]:
    ramp, height = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    return [i / ramp for i in range(1, ramp)] + [1.0] * height + [0.5]


def _hearing(world: World, places: Places, weeks: int, rng: np.random.Generator) -> Array:
    """(weeks, regions, slots) share of each publisher group's news that reaches us."""
    heard = np.ones((len(places.sources), weeks))
    for source in heard:
        for start in np.flatnonzero(rng.random(weeks) < world.outage_chance):
            length = int(rng.geometric(1 / world.outage_weeks))
            left = 0.0 if rng.random() < world.whole_outages else rng.uniform(0.2, 0.8)
            source[start : start + length] = left
    groups = [places.publishers(unit) for unit in places.units]
    result = np.full((weeks, len(groups), max(1, *map(len, groups))), np.nan)
    for r, unit in enumerate(places.units):
        for slot, group in enumerate(groups[r]):
            mine = [unit in s.homes and s.group == group for s in places.sources]
            result[:, r, slot] = heard[mine].mean(axis=0)
    return result


def mean_spread(publishers: Array, factor: float) -> Array:
    """What stories told by so many groups weigh."""
    weight: Array = 1 + factor * np.log(np.maximum(publishers, 1.0))
    return weight


def directions(world: World) -> tuple[float, float, float]:
    """Shares of risk, neutral and progress."""
    return (
        world.risk_share,
        1 - world.risk_share - world.progress_share,
        world.progress_share,
    )
