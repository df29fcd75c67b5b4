"""Vectorised Monte Carlo behind the intervals and rank ranges.

What varies from draw to draw:

- *stories*: whether each is relevant, happens in a region, belongs to a group, and raises risk, drawn
  from its probabilities; one draw of a story holds for all its regions and groups;
- *classifiers*: per task and region a factor on the stories found, uniform on the log scale and centred
  on 1. Calibrated probabilities already count what is missed and what is falsely found on the average;
  what is left is how far a region may lie from the average. Half its width is the mean of -log precision
  and -log recall, so it spans as much as "all false finds removed, nothing missed" to "nothing false,
  everything missed added";
- *counts*: the Gamma posteriors of `monitor.risk.media`;
- *coverage*: the exposure, Beta around its value, the tighter the more groups were heard;
- *readiness*: a missing component anywhere in [0, 1]; an aged one moved by up to its drift;
- *weights*: Dirichlet around nominal, one draw for all regions, for it is one choice.

An interval is the central share of the draws, extended where needed to hold the point value: that
value leaves missing components out, while the draws do not. The same inputs, constants and seed give
the same bytes; the noise is the same for every week (`monitor.risk.variates`). Arrays are
(groups, regions, draws).
"""

from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from monitor.risk import media
from monitor.risk.combine import applicable, join
from monitor.risk.constants import Constants
from monitor.risk.inputs import TASKS, ErrorRate, StorySignal, WeekInputs, spread
from monitor.risk.media import Array, Expectation
from monitor.risk.variates import (
    Floats,
    Noise,
    dirichlet_scale,
    noise,
    sixteen_bits,
    weighted_components,
)
from monitor.values import Interval

Bools = NDArray[np.bool_]

LEAST_RATE = 0.05  # a classifier that was never right in a small test is not infinitely wrong
COMPONENTS, TOTALS = 0, 1  # choices of weights; those of the groups' two halves follow
RELEVANT, SIGN, HERE, OF_GROUP = range(
    4
)  # what is drawn of a story; one for every group from the last on


@dataclass(frozen=True, slots=True)
class Draws:
    """Simulated values, (groups + 1, regions, draws); the last group is the region's total."""

    readiness: Floats
    media: Floats
    combined: Floats


def simulate(inputs: WeekInputs, past: Expectation, constants: Constants) -> Draws:
    """Draw everything once per draw."""
    names = sorted({c.component for r in inputs.readiness for c in r.components})
    regions, groups = len(inputs.units), len(inputs.groups)
    fixed = noise(inputs.seed, inputs.draws, regions, groups, len(names), len(TASKS))
    shape = (groups + 1, regions, inputs.draws)
    drawn = Draws(*(np.empty(shape, np.float32) for _ in range(3)))
    draw_media(inputs, past, constants, fixed, drawn.media[:groups])
    draw_readiness(inputs, names, constants, fixed, drawn.readiness[:groups])
    draw_combined(inputs, drawn, constants)
    share = group_weights(inputs, constants)
    for values in (drawn.readiness, drawn.media):
        power_mean(values[:groups], share, constants.combined.power, values[groups])
    return drawn


def draw_combined(inputs: WeekInputs, drawn: Draws, constants: Constants) -> None:
    """Groups and total of `drawn.combined`, from the groups of the other two."""
    groups = len(inputs.groups)
    for g, group in enumerate(inputs.groups):
        weights = half_weights(inputs, g, group, constants)
        a, b = weights[0] * drawn.readiness[g], weights[1] * drawn.media[g]
        np.multiply(join(a, b), np.float32(100), out=drawn.combined[g])
    share, power = group_weights(inputs, constants), constants.combined.power
    power_mean(drawn.combined[:groups], share, power, drawn.combined[groups])


def draw_media(
    inputs: WeekInputs, past: Expectation, constants: Constants, fixed: Noise, out: Floats
) -> None:
    own = constants.media
    counts = story_counts(inputs, constants.stories.spread)
    counts *= classifier_factor(inputs, constants, fixed)
    exposure = draw_exposure(inputs, constants, fixed)
    national = fixed.national.variate(past.national_shape[:, None])
    national /= np.float32(past.national_rate)
    past = replace(past, own_shape=np.asarray(past.own_shape, np.float32))
    rate = _column(past.own_rate[:, 0] + own.region_weeks)
    for g in range(len(inputs.groups)):  # one group's arrays stay in the processor's cache
        shape, _ = media.expected_parameters(past, national[g], own, g)
        expected = fixed.expected.variate(shape, g)
        expected /= rate
        shape, weeks = media.week_parameters(expected, counts[g], exposure, own)
        week = fixed.week.variate(shape, g)
        week /= weeks
        out[g] = media.pressure(week, expected, national[g], own)


def _column(values: Array) -> Floats:
    return np.asarray(values, np.float32)[:, None]


def story_counts(inputs: WeekInputs, factor: float) -> Floats:
    """Weighted stories per group, region and draw, before any floor at zero."""
    counts = np.zeros((len(inputs.groups), len(inputs.units), inputs.draws), np.float32)
    at = {unit: i for i, unit in enumerate(inputs.units)}
    stories = [s for s in inputs.stories if s.groups and any(r in at for r, _ in s.regions)]
    # By region, so that each region's stories lie side by side and are added up in one fixed order.
    pairs = sorted((at[r], i, p) for i, s in enumerate(stories) for r, p in s.regions if r in at)
    if not pairs:
        return counts
    regions, which, likely = (np.array(column) for column in zip(*pairs, strict=True))
    signed, here = _signed(stories, factor, inputs), _happens(likely, inputs, HERE)
    groups = [dict(s.groups) for s in stories]
    of_group = [np.array([held.get(g, 0.0) for held in groups]) for g in inputs.groups]
    belongs = [_happens(p, inputs, OF_GROUP + g) for g, p in enumerate(of_group)]
    ends = np.searchsorted(regions, np.arange(len(inputs.units) + 1))
    for region in np.unique(regions):  # one region's stories stay in the processor's cache
        rows = slice(ends[region], ends[region + 1])
        told = signed[which[rows]] * here[rows]
        for g in range(len(inputs.groups)):
            if of_group[g][which[rows]].any():
                counts[g, region] = (told * belongs[g][which[rows]]).sum(axis=0)
    return counts


def _happens(probabilities: Array, inputs: WeekInputs, which: int) -> Bools:
    """(n, draws): 1 is always true, 0 never, and others to the nearest 1/65536."""
    return _below(probabilities, sixteen_bits(inputs.seed, inputs.draws, len(probabilities), which))


def _below(probabilities: Array, drawn: NDArray[np.uint16]) -> Bools:
    bounded = np.clip(probabilities, 0.0, 1.0)
    below: Bools = drawn < np.minimum(np.round(bounded * 65536), 65535).astype(np.uint16)[:, None]
    below[bounded == 1] = True
    return below


def _signed(stories: list[StorySignal], factor: float, inputs: WeekInputs) -> Floats:
    """(stories, draws): its spread where it raises risk, minus that for progress, else 0."""
    relevant = _happens(np.array([s.relevant for s in stories]), inputs, RELEVANT)
    drawn = sixteen_bits(inputs.seed, inputs.draws, len(stories), SIGN)
    raises = _below(np.array([s.raises for s in stories]), drawn)
    either = _below(np.array([s.raises + s.progress for s in stories]), drawn)
    sign = 2 * raises.view(np.int8) - (raises | either).view(np.int8)
    sign *= relevant.view(np.int8)
    spreads = _column(np.array([spread(s.publishers, factor) for s in stories]))
    signed: Floats = sign * spreads
    return signed


def classifier_factor(inputs: WeekInputs, constants: Constants, fixed: Noise) -> Floats:
    """(regions, draws): true stories per story found."""
    assumed = constants.interval
    unknown = ErrorRate("", assumed.assumed_precision, assumed.assumed_recall)
    rates = {e.task: e for e in inputs.error_rates}
    exponent = np.zeros(fixed.classifiers.shape[1:], np.float32)
    for task, uniform in zip(TASKS, fixed.classifiers, strict=True):
        found = rates.get(task, unknown)
        precision, recall = max(found.precision, LEAST_RATE), max(found.recall, LEAST_RATE)
        half = -float(np.log(precision) + np.log(recall)) / 2
        exponent += np.float32(2 * half) * uniform - np.float32(half)
    factor: Floats = np.exp(exponent)
    return factor


def draw_exposure(inputs: WeekInputs, constants: Constants, fixed: Noise) -> Floats:
    """(regions, draws), Beta. A week heard in full is certain, one heard in part is not."""
    exposure = np.clip([c.exposure for c in inputs.coverage], 1e-6, 1 - 1e-6)
    tightness = constants.interval.coverage_concentration * np.array(
        [max(1, c.groups) for c in inputs.coverage]
    )
    alive = fixed.alive.variate(_column(exposure * tightness))
    silent = fixed.silent.variate(_column((1 - exposure) * tightness))
    silent += alive
    alive /= np.maximum(silent, np.float32(1e-30))
    return alive


def draw_readiness(
    inputs: WeekInputs, names: list[str], constants: Constants, fixed: Noise, out: Floats
) -> None:
    """Gaps into (groups, regions, draws); without any applicable component anywhere in [0, 1]."""
    nominal, weight, low, high = component_arrays(inputs, names, constants)
    concentration = constants.interval.weight_concentration
    choice = (inputs.seed, inputs.draws, COMPONENTS, tuple(nominal.tolist()), concentration)
    scale, moved = dirichlet_scale(*choice), weighted_components(fixed, choice)
    span = np.asarray(weight * (high - low), np.float32)
    for g in range(len(inputs.groups)):
        # sum of w (1 - done) with done = low + span u: what does not vary by cell is one product.
        total = np.asarray(weight[:, g].T, np.float32) @ scale
        undone = np.asarray((weight * (1 - low))[:, g].T, np.float32) @ scale
        for k in np.flatnonzero(span[:, g].any(axis=1)):
            undone -= span[k, g][:, None] * moved[k, g]
        nothing = weight[:, g].sum(axis=0) <= 0
        np.divide(undone, np.where(nothing[:, None], np.float32(1), total), out=out[g])
        out[g, nothing] = fixed.nothing[g, nothing]
    np.maximum(out, 0, out=out)  # a difference of two sums may round below it


def component_arrays(
    inputs: WeekInputs, names: list[str], constants: Constants
) -> tuple[Array, Array, Array, Array]:
    """(components,) nominal weights; (components, groups, regions): weight now, least and most done."""
    shape = (len(names), len(inputs.groups), len(inputs.units))
    nominal = np.zeros(len(names))
    weight, low, high = np.zeros(shape), np.zeros(shape), np.ones(shape)
    unit = {u: i for i, u in enumerate(inputs.units)}
    group = {g: i for i, g in enumerate(inputs.groups)}
    name = {n: i for i, n in enumerate(names)}
    found = [
        (name[c.component], group[cell.group], unit[cell.region], c.weight, c.done, c.age_days or 0)
        for cell in inputs.readiness
        for c in applicable(cell.components)
    ]
    if not found:
        return nominal, weight, low, high
    k, g, r, nominals, dones, ages = (list(column) for column in zip(*found, strict=True))
    done, at = np.array(dones, float), (k, g, r)  # NaN where missing
    missing = np.isnan(done)
    age = np.where(missing, 0, np.maximum(np.array(ages, float), 0))
    fresh = 0.5 ** (age / constants.readiness.half_life_days)
    moved = (1 - fresh) * constants.readiness.drift
    np.maximum.at(nominal, k, nominals)
    weight[at] = nominals * fresh
    low[at] = np.where(missing, 0.0, np.maximum(done - moved, 0.0))
    high[at] = np.where(missing, 1.0, np.minimum(done + moved, 1.0))
    return nominal, weight, low, high


def half_weights(inputs: WeekInputs, g: int, group: str, constants: Constants) -> Floats:
    """(2, draws) weights of readiness and media in a group's combined score."""
    own = constants.combined
    nominal = (own.readiness_weight[group], own.media_weight[group])
    concentration = constants.interval.weight_concentration
    scale = dirichlet_scale(inputs.seed, inputs.draws, TOTALS + 1 + g, nominal, concentration)
    weights: Floats = np.minimum(_column(np.array(nominal)) * scale, np.float32(1))
    return weights


def group_weights(inputs: WeekInputs, constants: Constants) -> Floats:
    """(groups, draws), each draw summing to 1."""
    nominal = tuple(constants.combined.group_weight[g] for g in inputs.groups)
    concentration = constants.interval.weight_concentration
    scale = dirichlet_scale(inputs.seed, inputs.draws, TOTALS, nominal, concentration)
    weights: Floats = _column(np.array(nominal)) * scale
    weights /= weights.sum(axis=0)
    return weights


def power_mean(values: Floats, weights: Floats, power: float, out: Floats) -> None:
    """(sum over groups of w x^p)^(1/p) of `values` (groups, regions, draws) into (regions, draws)."""
    doublings = int(np.log2(power)) if power > 0 and np.log2(power).is_integer() else None
    out[:] = 0
    for x, w in zip(values, weights, strict=True):
        raised = x * x if doublings else x**power
        for _ in range(
            (doublings or 1) - 1
        ):  # squares and roots are exact and quick, powers neither
            raised *= raised
        raised *= w
        out += raised
    if doublings is None:
        np.power(out, 1 / power, out=out)
    for _ in range(doublings or 0):
        np.sqrt(out, out=out)


def central(values: Floats, level: float) -> tuple[Array, Array]:
    """Ends of the central `level` share of the draws, the last axis; between two draws linear."""
    # numpy sorts float32 four times as fast as it finds four order statistics.
    ordered, last = np.sort(values, axis=-1), values.shape[-1] - 1
    low, high = (_at(ordered, share * last) for share in ((1 - level) / 2, (1 + level) / 2))
    return low, high


def _at(ordered: Floats, place: float) -> Array:
    below = int(place)
    left = ordered[..., below].astype(float)
    right = ordered[..., min(below + 1, ordered.shape[-1] - 1)]
    between: Array = left + (place - below) * (right - left)
    return between


def holding(low: float, high: float, point: float) -> Interval:
    """The interval, extended where needed to hold the point value."""
    return Interval(min(float(low), point), max(float(high), point))


def rank_ranges(values: Floats, points: list[int], level: float) -> list[tuple[int, int]]:
    """Per unit the central `level` share of its ranks over the draws, extended to hold its rank.

    `values` is (units, draws), the ready ones only; rank 1 is the highest, and equal values share the
    better rank.
    """
    n, draws = values.shape
    ranks = np.ones((n, draws), np.uint8 if n < 256 else np.uint16)
    for other in values:  # vectorised over draws: sorting 23 values at a time is slower
        ranks += (values < other).view(np.uint8)
    ranks.sort(axis=1, kind="stable")  # of small numbers a radix sort
    tail = (1 - level) / 2 * draws
    low, high = (ranks[:, max(ceil(places - 1e-9), 1) - 1] for places in (tail, draws - tail))
    return [
        (min(int(a), point), max(int(b), point))
        for a, b, point in zip(low, high, points, strict=True)
    ]
