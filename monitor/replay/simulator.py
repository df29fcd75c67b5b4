"""News and readiness of a simulated country, as the frozen inputs that the real scorer takes. Pure; seeded.

`simulate` draws a history once; `History.inputs` then gives a week's `WeekInputs`, with all feeds or with
half of some regions' feeds cut. Judges nothing. Everything about articles is drawn in flat arrays, one
row per story; only the signals of the weeks asked for become objects.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from monitor.coverage.calendar import weekday_of
from monitor.replay.errors import Doubt, Errors
from monitor.replay.readiness import Reported, report
from monitor.replay.world import (
    WARM_UP,
    EventKind,
    Places,
    Truth,
    World,
    directions,
    mean_spread,
    truth,
)
from monitor.risk.constants import Constants
from monitor.risk.inputs import (
    Cells,
    DayCounts,
    ErrorRate,
    Pairs,
    PastWeek,
    StorySignal,
    WeekInputs,
)
from monitor.values import Coverage
from monitor.weeks import first_day, previous

Array = NDArray[np.float64]
Whole = NDArray[np.int64]
FIRST_WEEK = "2024-W01"
WEEKDAYS = (
    np.array([1.2, 1.2, 1.2, 1.2, 1.15, 0.55, 0.5]) / 7
)  # of a week's stories, Monday to Sunday
RISK, NEUTRAL, PROGRESS = range(3)


@dataclass(frozen=True, slots=True)
class Labels:
    """What a classifier says of candidates: one row per story and label."""

    story: Whole
    label: Whole
    probability: Array


@dataclass(frozen=True)
class Stories:
    """All stories of a history, by week; (n,) unless said otherwise."""

    week: Whole
    region: Whole  # where it happens
    topic: Whole  # what it is about first
    relevant: NDArray[np.bool_]
    direction: Whole
    day: Whole  # of its first article, 0 = Monday
    told: NDArray[np.bool_]  # (n, slots) by which publisher groups at home there, as far as heard
    p_relevant: Array
    p_direction: Array  # (n, 3)
    regions: Labels
    topics: Array  # (n, topics) probabilities
    groups: Array  # (n, groups): of the likeliest of a group's topics


@dataclass(frozen=True)
class History:
    """A simulated country over weeks; the first `WARM_UP` are past only."""

    world: World
    places: Places
    kind: EventKind | None
    truth: Truth
    stories: Stories
    reported: Reported
    error_rates: Mapping[str, tuple[float, float]]
    constants: Constants
    seed: int

    @property
    def weeks(self) -> int:
        return len(self.truth.rate)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        return tuple(self.places.topics_of_group)

    def week(self, index: int) -> str:
        return previous(FIRST_WEEK, -index)

    @cached_property
    def exposure(self) -> Array:
        """(weeks, regions): the mean hearing of the publisher groups at home there."""
        mean: Array = np.nanmean(self.truth.hearing, axis=2)
        return mean

    @cached_property
    def counts(self) -> Array:
        """(weeks, 7 days, regions, topics) weighted stories as heard: what `tally` gives of the signals."""
        return weighted(self, self.stories.topics)

    @cached_property
    def past(self) -> tuple[PastWeek, ...]:
        """Every week as the weeks after it see it."""
        groups = weighted(self, self.stories.groups).sum(axis=1)
        topics = self.counts.sum(axis=1)
        return tuple(
            PastWeek(
                self.week(w),
                tuple(sorted(zip(self.places.units, self.exposure[w].tolist(), strict=True))),
                _cells(groups[w], self.places.units, self.groups),
                _cells(topics[w], self.places.units, self.places.topics),
            )
            for w in range(self.weeks)
        )

    @cached_property
    def _days(self) -> tuple[tuple[DayCounts, ...], ...]:
        return tuple(self._days_of(w) for w in range(self.weeks))

    def _days_of(self, week: int) -> tuple[DayCounts, ...]:
        monday = first_day(self.week(week))
        days = [monday + timedelta(days=d) for d in range(7)]
        units, topics = self.places.units, self.places.topics
        return tuple(
            DayCounts(day.isoformat(), weekday_of(day), _cells(self.counts[week, d], units, topics))
            for d, day in enumerate(days)
        )

    def inputs(
        self, week: int, *, draws: int = 100, cut: Collection[int] = (), readiness: bool = True
    ) -> WeekInputs:
        """What the scorer would see of `week`; regions in `cut` lose half of their publisher groups.

        Daily counts are those of an uncut week: they are the alerts', which are not asked of a cut one.
        """
        first = max(0, week - self.constants.media.history_weeks)
        return WeekInputs(
            week=self.week(week),
            methodology=self.constants.name,
            seed=self.seed,
            draws=draws,
            models=(),
            error_rates=tuple(ErrorRate(t, *self.error_rates[t]) for t in sorted(self.error_rates)),
            units=self.places.units,
            groups=self.groups,
            topics=self.places.topics,
            stories=self.signals(week, cut),
            past=self.past[first:week],
            coverage=self.coverage(week, cut),
            readiness=self.reported.of_week(week, self.places.units, self.groups)
            if readiness
            else (),
            days=() if cut else tuple(chain(*self._days[first : week + 1])),
        )

    def coverage(self, week: int, cut: Collection[int] = ()) -> tuple[Coverage, ...]:
        """One per unit; a source is here a publisher group."""
        found = []
        for r, unit in enumerate(self.places.units):
            hearing = self._hearing(week, r, r in cut)
            groups, alive = len(hearing), int((hearing > 0).sum())
            exposure = float(hearing.mean()) if groups else 0.0
            found.append(
                Coverage(unit, self.week(week), exposure, groups, alive, alive, ("fi", "sv"))
            )
        return tuple(found)

    def _hearing(self, week: int, region: int, cut: bool) -> Array:
        hearing = self.truth.hearing[week, region]
        hearing = hearing[~np.isnan(hearing)].copy()
        if cut:
            hearing[len(hearing) // 2 :] = 0.0
        left: Array = hearing
        return left

    def signals(self, week: int, cut: Collection[int] = ()) -> tuple[StorySignal, ...]:
        """The stories that somebody heard, as the scorer sees them."""
        own = self.stories
        first, last = np.searchsorted(own.week, [week, week + 1])
        told = own.told[first:last]
        if cut:
            told = told & ~self._lost(own.region[first:last], cut)
        least = self.constants.stories.negligible_relevance
        heard = np.flatnonzero(told.any(axis=1) & (own.p_relevant[first:last] >= least))
        return self._signals(week, heard + first, told[heard].sum(axis=1))

    def _signals(self, week: int, which: Whole, publishers: Whole) -> tuple[StorySignal, ...]:
        own, monday = self.stories, first_day(self.week(week))
        days = [(monday + timedelta(days=d)).isoformat() for d in range(7)]
        columns = zip(
            which.tolist(),
            publishers.tolist(),
            own.p_relevant[which].tolist(),
            self._regions(which),
            _pairs(self.places.topics, own.topics[which]),
            _pairs(self.groups, own.groups[which]),
            own.p_direction[which].tolist(),
            own.day[which].tolist(),
            strict=True,
        )
        return tuple(
            StorySignal(
                i, self.week(week), "", n, p, regions, topics, groups, d[0], d[2], days[day]
            )
            for i, n, p, regions, topics, groups, d, day in columns
        )

    def _lost(self, region: Whole, cut: Collection[int]) -> NDArray[np.bool_]:
        slots = np.arange(self.stories.told.shape[1])[None, :]
        homes = (~np.isnan(self.truth.hearing[0])).sum(axis=1)[region][:, None]
        lost: NDArray[np.bool_] = (slots >= homes // 2) & np.isin(region, list(cut))[:, None]
        return lost

    def _regions(self, which: Whole) -> list[Pairs]:
        own, units = self.stories.regions, self.places.units
        first, last = np.searchsorted(own.story, which), np.searchsorted(own.story, which + 1)
        return [
            tuple(
                sorted(
                    (units[r], p)
                    for r, p in zip(
                        own.label[a:b].tolist(), own.probability[a:b].tolist(), strict=True
                    )
                )
            )
            for a, b in zip(first.tolist(), last.tolist(), strict=True)
        ]


def _pairs(names: Sequence[str], values: Array) -> list[Pairs]:
    order = sorted(range(len(names)), key=lambda k: names[k])
    found: list[list[tuple[str, float]]] = [[] for _ in values]
    values = values[:, order]
    rows, columns = np.nonzero(values)
    for row, k, p in zip(
        rows.tolist(), columns.tolist(), values[rows, columns].tolist(), strict=True
    ):
        found[row].append((names[order[k]], p))
    return [tuple(pairs) for pairs in found]


def _cells(values: Array, units: Sequence[str], labels: Sequence[str]) -> Cells:
    where = np.argwhere(values != 0)
    return tuple(sorted((units[r], labels[k], float(values[r, k])) for r, k in where))


def weighted(history: History, of_label: Array) -> Array:
    """(weeks, 7, regions, labels): sums of `monitor.risk.inputs.story_weight` over the stories heard."""
    own, constants = history.stories, history.constants.stories
    publishers = own.told.sum(axis=1)
    net = own.p_direction[:, RISK] - own.p_direction[:, PROGRESS]
    weight = own.p_relevant * net * mean_spread(publishers, constants.spread)
    weight[(publishers == 0) | (own.p_relevant < constants.negligible_relevance)] = 0.0
    story, region = own.regions.story, own.regions.label
    shape = history.weeks, 7, len(history.places.units)
    at = np.ravel_multi_index((own.week[story], own.day[story], region), shape)
    here = weight[story] * own.regions.probability
    sums = [
        np.bincount(at, weights=here * of_label[story, k], minlength=int(np.prod(shape)))
        for k in range(of_label.shape[1])
    ]
    return np.stack(sums, axis=-1).reshape(*shape, -1).astype(float)


def simulate(
    world: World,
    places: Places,
    kind: EventKind | None,
    weeks: int,
    error_rates: Mapping[str, tuple[float, float]],
    errors: Errors,
    constants: Constants,
    seed: int,
) -> History:
    """`weeks` judged weeks after the warm-up. The same arguments give the same history."""
    rng = np.random.default_rng(seed)
    real = truth(world, places, kind, weeks, constants, rng)
    stories = _stories(world, places, real, errors, rng)
    told = report(world, places, WARM_UP + weeks, constants, rng)
    return History(world, places, kind, real, stories, told, error_rates, constants, seed)


def _stories(
    world: World, places: Places, real: Truth, errors: Errors, rng: np.random.Generator
) -> Stories:
    rates = real.rate[..., None] * np.array(directions(world))
    rates[..., RISK] += real.extra
    noise = rates.sum(axis=-1) * errors.relevance.wrong_per_right
    counts = np.concatenate([rng.poisson(rates), rng.poisson(noise)[..., None]], axis=-1)
    week, region, topic, what = (x.repeat(counts.ravel()) for x in _indices(counts.shape))
    relevant, n = what < 3, len(week)
    direction = np.where(relevant, what, NEUTRAL)
    p_relevant = np.where(
        relevant, errors.relevance.of_right(n, rng), errors.relevance.of_wrong(n, rng)
    )
    k = len(places.topics)
    topics = _dense(_labels(errors.topic, topic, world.second_topic, k, rng), n, k)
    return Stories(
        week,
        region,
        topic,
        relevant,
        direction,
        rng.choice(7, size=n, p=WEEKDAYS / WEEKDAYS.sum()),
        _told(world, real, week, region, rng),
        p_relevant,
        _directions(errors.direction, relevant, direction, rng),
        _labels(errors.region, region, 0.0, len(places.units), rng),
        topics,
        _of_groups(topics, places),
    )


def _dense(labels: Labels, stories: int, topics: int) -> Array:
    dense = np.zeros((stories, topics))
    dense[labels.story, labels.label] = labels.probability
    return dense


def _of_groups(topics: Array, places: Places) -> Array:
    found = []
    for of in places.topics_of_group.values():
        mine = [t in of for t in places.topics]
        found.append(topics[:, mine].max(axis=1, initial=0.0))
    return np.stack(found, axis=1)


def _indices(shape: tuple[int, ...]) -> Sequence[Whole]:
    return [x.ravel() for x in np.indices(shape)]


def _told(
    world: World, real: Truth, week: Whole, region: Whole, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """(n, slots): who tells a story, chosen evenly, as far as that group was heard."""
    hearing = real.hearing[week, region]
    there = ~np.isnan(hearing)
    homes = there.sum(axis=1)
    n = 1 + rng.poisson(world.carriers, size=len(week))
    n = np.where(rng.random(len(week)) < world.wire_share, np.maximum(n, homes // 2), n)
    order = np.where(there, rng.random(hearing.shape), 2.0).argsort(axis=1).argsort(axis=1)
    tells = there & (order < np.minimum(n, homes)[:, None])
    heard: NDArray[np.bool_] = tells & (rng.random(hearing.shape) < np.nan_to_num(hearing))
    return heard


def _directions(
    prior: Array, relevant: NDArray[np.bool_], direction: Whole, rng: np.random.Generator
) -> Array:
    """Given the true direction it is Dirichlet with one more there; of the irrelevant nothing is true."""
    parameters = np.tile(prior, (len(direction), 1))
    rows = np.flatnonzero(relevant)
    parameters[rows, direction[rows]] += 1
    drawn = rng.standard_gamma(parameters) + 1e-300
    p: Array = drawn / drawn.sum(axis=1, keepdims=True)
    return p


def _labels(
    doubt: Doubt, true: Whole, second: float, labels: int, rng: np.random.Generator
) -> Labels:
    """The right labels with their probabilities, and wrong ones beside them, by story; each pair once."""
    n = len(true)
    also = np.flatnonzero(rng.random(n) < second)
    right = np.concatenate([np.arange(n), also])
    right_label = np.concatenate([true, rng.integers(0, labels, size=len(also))])
    per_story = doubt.wrong_per_right * len(right) / max(n, 1)
    wrong = np.repeat(np.arange(n), rng.poisson(per_story, size=n))
    wrong_label = (true[wrong] + rng.integers(1, labels, size=len(wrong))) % labels
    p = np.concatenate([doubt.of_right(len(right), rng), doubt.of_wrong(len(wrong), rng)])
    keys = np.concatenate([right, wrong]) * labels + np.concatenate([right_label, wrong_label])
    keys, first = np.unique(keys, return_index=True)  # the right one comes first
    return Labels(keys // labels, keys % labels, p[first])
