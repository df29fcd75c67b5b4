"""Vectorised Monte Carlo behind the intervals and rank ranges.

What varies from draw to draw:

- *stories*: whether each is relevant, happens in a region, belongs to a group, and raises risk, drawn
  from its probabilities; one draw of a story holds for all its regions and groups;
- *classifiers*: per task and region a factor between precision (every false find removed, nothing
  missed) and 1 / recall (nothing false, everything missed added), uniform on the log scale;
- *counts*: the Gamma posteriors of `monitor.risk.media`;
- *coverage*: the exposure, Beta around its value, the tighter the more groups were heard;
- *readiness*: a missing component anywhere in [0, 1]; an aged one moved by up to its drift;
- *weights*: Dirichlet around nominal, one draw for all regions, for it is one choice.

An interval is the central share of the draws, extended where needed to hold the point value: that
value leaves missing components out, while the draws do not. The same inputs, constants and seed give
the same bytes; each source of variation has a stream of its own and the streams do not depend on the
week, so that a change from week to week is not noise of the draws. Arrays are (draws, regions, groups).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from monitor.risk import media
from monitor.risk.combine import applicable, freshness
from monitor.risk.constants import Constants
from monitor.risk.inputs import TASKS, ErrorRate, StorySignal, WeekInputs, spread
from monitor.risk.media import Array, Expectation
from monitor.values import Interval

STREAMS = ("stories", "classifiers", "coverage", "rates", "components", "weights")


@dataclass(frozen=True, slots=True)
class Draws:
    """Simulated values, (draws, regions, groups + 1); the last group is the region's total."""

    readiness: Array
    media: Array
    combined: Array


def simulate(inputs: WeekInputs, past: Expectation, constants: Constants) -> Draws:
    """Draw everything once per draw."""
    streams = {
        name: np.random.Generator(np.random.PCG64(np.random.SeedSequence([inputs.seed, i])))
        for i, name in enumerate(STREAMS)
    }
    pressure = _media(inputs, past, constants, streams)
    gap = _readiness(inputs, constants, streams["components"], streams["weights"])
    score = _combined(gap, pressure, inputs.groups, constants, streams["weights"])
    groups = _group_weights(inputs, constants, streams["weights"])
    power = constants.combined.power
    return Draws(*(_with_total(x, groups, power) for x in (gap, pressure, score)))


def _media(
    inputs: WeekInputs,
    past: Expectation,
    constants: Constants,
    streams: Mapping[str, np.random.Generator],
) -> Array:
    counts = story_counts(inputs, constants.stories.spread, streams["stories"])
    counts *= _classifier_factor(inputs, constants, streams["classifiers"])[:, :, None]
    exposure = _exposure(inputs, constants, streams["coverage"])[:, :, None]
    rng, n = streams["rates"], inputs.draws
    national = rng.gamma(past.national_shape, size=(n, len(inputs.groups))) / past.national_rate
    national = national[:, None, :]
    shape, rate = media.expected_parameters(past, national, constants.media)
    expected = rng.gamma(shape) / rate
    shape, rate = media.week_parameters(expected, counts, exposure, constants.media)
    drawn: Array = media.pressure(rng.gamma(shape) / rate, expected, national, constants.media)
    return drawn


def story_counts(inputs: WeekInputs, factor: float, rng: np.random.Generator) -> Array:
    """Weighted stories per draw, region and group, before any floor at zero."""
    counts = np.zeros((inputs.draws, len(inputs.units), len(inputs.groups)))
    stories = [s for s in inputs.stories if s.regions and s.groups and s.relevant > 0]
    at = {unit: i for i, unit in enumerate(inputs.units)}
    # By region, so that each region's stories lie side by side and are added up in one fixed order.
    pairs = sorted((at[r], i, p) for i, s in enumerate(stories) for r, p in s.regions if r in at)
    if not pairs:
        return counts
    regions, which, likely = (np.array(column) for column in zip(*pairs, strict=True))
    present, starts = np.unique(regions, return_index=True)
    spreads = [spread(s.publishers, factor) for s in stories]
    weight = _signs(stories, inputs.draws, rng) * spreads
    here = weight[:, which] * (rng.random((inputs.draws, len(pairs))) < likely)
    for g, group in enumerate(inputs.groups):
        of_group = np.array([dict(s.groups).get(group, 0.0) for s in stories])
        belongs = rng.random((inputs.draws, len(stories))) < of_group
        counts[:, present, g] = np.add.reduceat(here * belongs[:, which], starts, axis=1)
    return counts


def _signs(stories: list[StorySignal], draws: int, rng: np.random.Generator) -> Array:
    """(draws, stories): 1 raises risk, -1 shows progress, 0 neither or irrelevant."""
    raises = np.array([s.raises for s in stories])
    progress = np.array([s.progress for s in stories])
    relevant = rng.random((draws, len(stories))) < np.array([s.relevant for s in stories])
    u = rng.random((draws, len(stories)))
    sign = np.where(u < raises, 1.0, np.where(u < raises + progress, -1.0, 0.0))
    return np.where(relevant, sign, 0.0)


def _classifier_factor(inputs: WeekInputs, constants: Constants, rng: np.random.Generator) -> Array:
    """(draws, regions): true stories per story found."""
    assumed = constants.interval
    unknown = ErrorRate("", assumed.assumed_precision, assumed.assumed_recall)
    rates = {e.task: e for e in inputs.error_rates}
    exponent = np.zeros((inputs.draws, len(inputs.units)))
    for task in TASKS:
        found = rates.get(task, unknown)
        # A classifier that was never right in a small test is not infinitely wrong.
        low, high = np.log(max(found.precision, 0.05)), -np.log(max(found.recall, 0.05))
        exponent += low + (high - low) * rng.random(exponent.shape)
    factor: Array = np.exp(exponent)
    return factor


def _exposure(inputs: WeekInputs, constants: Constants, rng: np.random.Generator) -> Array:
    """(draws, regions). A week heard in full is certain, one heard in part is not."""
    exposure = np.clip([c.exposure for c in inputs.coverage], 1e-6, 1 - 1e-6)
    tightness = constants.interval.coverage_concentration * np.array(
        [max(1, c.groups) for c in inputs.coverage]
    )
    a, b = exposure * tightness, (1 - exposure) * tightness
    return rng.beta(a, b, size=(inputs.draws, len(exposure)))


def _readiness(
    inputs: WeekInputs,
    constants: Constants,
    rng: np.random.Generator,
    weights_rng: np.random.Generator,
) -> Array:
    """(draws, regions, groups) gaps; a cell without any applicable component is anywhere in [0, 1]."""
    names = sorted({c.component for r in inputs.readiness for c in r.components})
    weight, low, high = _component_arrays(inputs, names, constants)
    nominal = weight.max(axis=(0, 1), initial=0.0)
    scale = _dirichlet_scale(nominal, inputs.draws, constants, weights_rng)
    cells = weight.shape[:2]
    total = np.zeros((inputs.draws, *cells))
    undone = np.zeros((inputs.draws, *cells))
    for k in range(len(names)):  # one component at a time keeps the arrays small
        drawn = low[:, :, k] + (high - low)[:, :, k] * rng.random(total.shape)
        w = weight[:, :, k] * scale[:, k, None, None]
        total += w
        undone += w * (1 - drawn)
    nothing = rng.random(total.shape)
    return np.where(total > 0, undone / np.where(total > 0, total, 1.0), nothing)


def _component_arrays(
    inputs: WeekInputs, names: list[str], constants: Constants
) -> tuple[Array, Array, Array]:
    """(regions, groups, components): weight now, and the least and most that may be done."""
    shape = (len(inputs.units), len(inputs.groups), len(names))
    weight, low, high = np.zeros(shape), np.zeros(shape), np.ones(shape)
    unit = {u: i for i, u in enumerate(inputs.units)}
    group = {g: i for i, g in enumerate(inputs.groups)}
    name = {n: i for i, n in enumerate(names)}
    for cell in inputs.readiness:
        for c in applicable(cell.components):
            at = unit[cell.region], group[cell.group], name[c.component]
            weight[at] = c.weight
            if c.done is None:
                continue
            fresh = freshness(c, constants.readiness)
            moved = (1 - fresh) * constants.readiness.drift
            weight[at] = c.weight * fresh
            low[at], high[at] = max(0.0, c.done - moved), min(1.0, c.done + moved)
    return weight, low, high


def _dirichlet_scale(
    nominal: Array, draws: int, constants: Constants, rng: np.random.Generator
) -> Array:
    """(draws, weights): what each nominal weight is multiplied by; mean 1."""
    used = nominal > 0
    scale = np.ones((draws, len(nominal)))
    if used.any():
        mean = nominal[used] / nominal[used].sum()
        concentration = constants.interval.weight_concentration
        scale[:, used] = rng.dirichlet(mean * concentration, size=draws) / mean
    return scale


def _combined(
    gap: Array,
    pressure: Array,
    groups: tuple[str, ...],
    constants: Constants,
    rng: np.random.Generator,
) -> Array:
    score = np.empty_like(gap)
    for g, group in enumerate(groups):
        nominal = np.array(
            [constants.combined.readiness_weight[group], constants.combined.media_weight[group]]
        )
        weights = np.minimum(nominal * _dirichlet_scale(nominal, len(gap), constants, rng), 1.0)
        a = weights[:, 0, None] * gap[:, :, g]
        b = weights[:, 1, None] * pressure[:, :, g]
        score[:, :, g] = 100 * (a + b - a * b)
    return score


def _group_weights(inputs: WeekInputs, constants: Constants, rng: np.random.Generator) -> Array:
    """(draws, groups), each draw summing to 1."""
    nominal = np.array([constants.combined.group_weight[g] for g in inputs.groups])
    weights = nominal * _dirichlet_scale(nominal, inputs.draws, constants, rng)
    normed: Array = weights / weights.sum(axis=1, keepdims=True)
    return normed


def _with_total(values: Array, weights: Array, power: float) -> Array:
    mean = (weights[:, None, :] * values**power).sum(axis=2, keepdims=True)
    return np.concatenate([values, mean ** (1 / power)], axis=2)


def interval(values: Array, point: float, level: float) -> Interval:
    """The central `level` share of `values` (draws,), extended to hold `point`."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(min(float(low), point), max(float(high), point))


def rank_ranges(values: Array, points: list[int], level: float) -> list[tuple[int, int]]:
    """Per unit the central `level` share of its ranks over the draws, extended to hold its rank.

    `values` is (draws, units), the ready ones only; rank 1 is the highest.
    """
    order = np.argsort(np.argsort(-values, axis=1, kind="stable"), axis=1, kind="stable") + 1
    ends = np.quantile(order, [(1 - level) / 2, (1 + level) / 2], axis=0, method="inverted_cdf")
    return [
        (min(int(low), point), max(int(high), point))
        for low, high, point in zip(ends[0], ends[1], points, strict=True)
    ]
