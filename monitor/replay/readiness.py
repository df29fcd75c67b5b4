"""Simulated readiness: what is really done, and what of it is reported, how late, or not at all. Pure.

In the plausible world a region has a level, its components lie around it and move forward every week. In
the model's own world components are independent, and what was done since the report lies evenly within
the drift that the score allows for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.replay.world import Places, World
from monitor.risk.constants import Constants
from monitor.risk.inputs import Readiness
from monitor.values import ReadinessComponent, ReadinessState

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
EVERY_WEEKS = (4, 52, 13, 26, 13, 26)  # between two reports of a component, taken in turn
DELAY_WEEKS = 2  # from the day a report speaks of to the day it is here


@dataclass(frozen=True, slots=True)
class Reported:
    """Arrays are weeks x regions x groups x components, where not said otherwise."""

    names: tuple[str, ...]
    weights: tuple[float, ...]  # nominal
    really: Array  # done now
    said: Array  # done at the last report
    age_days: Array  # (weeks, components) of the last report
    missing: Flags  # (regions, groups, components)
    not_applicable: Flags  # likewise

    def of_week(
        self, week: int, units: Sequence[str], groups: Sequence[str]
    ) -> tuple[Readiness, ...]:
        """As the scorer reads it."""
        return tuple(
            Readiness(unit, group, self._components(week, r, g))
            for r, unit in enumerate(units)
            for g, group in enumerate(groups)
        )

    def _components(self, week: int, r: int, g: int) -> tuple[ReadinessComponent, ...]:
        return tuple(self._component(week, r, g, c) for c in range(len(self.names)))

    def _component(self, week: int, r: int, g: int, c: int) -> ReadinessComponent:
        name, weight = self.names[c], self.weights[c]
        if self.not_applicable[r, g, c]:
            state = ReadinessState.NOT_APPLICABLE
            return ReadinessComponent(name, state, None, None, weight, "not_applicable")
        if self.missing[r, g, c]:
            state = ReadinessState.MISSING
            return ReadinessComponent(name, state, None, None, weight, "no_data")
        return ReadinessComponent(
            name,
            ReadinessState.OBSERVED,
            float(self.said[week, r, g, c]),
            int(self.age_days[week, c]),
            weight,
            "no_data",
        )


def report(
    world: World, places: Places, weeks: int, constants: Constants, rng: np.random.Generator
) -> Reported:
    """Draw the readiness of all weeks."""
    weights = constants.readiness.component_weight
    shape = (len(places.units), len(places.topics_of_group), len(weights))
    last = np.array([[_last(week, c) for c in range(len(weights))] for week in range(weeks)])
    age_days = 7.0 * (np.arange(weeks)[:, None] - last)
    if world.as_model:
        said, really = _as_model(shape, age_days, constants, rng)
    else:
        said, really = _plausible(shape, weeks, last, rng)
    return Reported(
        tuple(weights),
        tuple(weights.values()),
        really,
        said,
        age_days,
        rng.random(shape) < world.missing,
        rng.random(shape) < world.not_applicable,
    )


def _last(week: int, component: int) -> int:
    """The week that the newest report here by `week` speaks of; it may lie before the first week."""
    every = EVERY_WEEKS[component % len(EVERY_WEEKS)]
    known = week - DELAY_WEEKS
    return known - known % every


def _plausible(
    shape: tuple[int, int, int], weeks: int, last: NDArray[np.int64], rng: np.random.Generator
) -> tuple[Array, Array]:
    region = rng.uniform(0.2, 0.6, size=(shape[0], 1, 1))
    start = region + rng.normal(0, 0.12, size=shape)
    pace = rng.gamma(4.0, 0.004 / 4, size=shape)

    def done(at: Array) -> Array:
        level: Array = np.clip(start + pace * at, 0.0, 1.0)
        return level

    really = np.stack([done(np.full(shape, float(week))) for week in range(weeks)])
    said = np.stack([done(np.broadcast_to(at, shape).astype(float)) for at in last])
    return said, really


def _as_model(
    shape: tuple[int, int, int], age_days: Array, constants: Constants, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Anything may have been said; now it lies evenly within the drift. Missing ones are anywhere."""
    said = rng.random((len(age_days), *shape))
    drift = constants.readiness.drift * (1 - 0.5 ** (age_days / constants.readiness.half_life_days))
    moved = drift[:, None, None, :]
    low, high = np.maximum(said - moved, 0.0), np.minimum(said + moved, 1.0)
    really: Array = low + (high - low) * rng.random(said.shape)
    return said, really
