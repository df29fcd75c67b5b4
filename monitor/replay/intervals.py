"""Whether intervals hold the truth, and whether silence pays. Pure; uses the scorer as it is.

What is true in a week: the readiness gap R had nothing been missing and nothing aged; the media pressure M
of the true rates (`rates.group_rates`), the usual rate as what was to be expected; and the combined
score C of the two. Which weights are the right ones nobody knows, so each week draws its own from the
Dirichlet distributions the score allows for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.replay import measure
from monitor.replay.rates import group_rates
from monitor.replay.report import HeldResult, SilenceResult
from monitor.replay.simulator import History
from monitor.replay.world import WARM_UP
from monitor.risk import media
from monitor.risk.score import scores
from monitor.values import ALL_GROUPS, Interval, NotReady, Score

Array = NDArray[np.float64]
NUMBERS = ("R", "M", "C")
CLASSES = (("0.95 or more", 0.95, 1.01), ("0.60–0.95", 0.6, 0.95), ("below 0.60", 0.0, 0.6))
DRAWS = 1000
CUT_WEEKS = 4  # of a history in which every region's feeds are cut in turn
CUT_DRAWS = 100  # a cut week is asked for its point value only


@dataclass(frozen=True, slots=True)
class Checks:
    """One row per interval that was given."""

    number: NDArray[np.int64]  # into NUMBERS
    exposure: Array
    low: Array
    high: Array
    truth: Array
    region: NDArray[np.int64]
    regions: int


def check(history: History, every: int) -> Checks:
    """Compare intervals with the truth in every `every`-th judged week, for all regions and groups."""
    rates = group_rates(history)
    rows: list[tuple[float, ...]] = []
    for week in range(WARM_UP, history.weeks, every):
        given = scores(history.inputs(week, draws=DRAWS), history.constants)
        true = _true(history, week, *rates)
        rows += _rows(history, given, true)
    number, exposure, low, high, truth, region = np.array(rows).T
    whole = number.astype(np.int64), region.astype(np.int64)
    return Checks(whole[0], exposure, low, high, truth, whole[1], len(history.places.units))


def _rows(
    history: History, given: Iterable[Score], true: tuple[Array, Array, Array]
) -> Iterable[tuple[float, ...]]:
    unit = {u: i for i, u in enumerate(history.places.units)}
    column = {g: i for i, g in enumerate((*history.groups, ALL_GROUPS))}
    for score in given:
        at = unit[score.region], column[score.group]
        intervals = score.readiness_interval, score.media_interval, score.combined_interval
        for number, interval in enumerate(intervals):
            if isinstance(interval, Interval):
                truth = float(true[number][at])
                exposure = score.coverage.exposure
                yield number, exposure, interval.low, interval.high, truth, at[0]


def _true(history: History, week: int, usual: Array, weekly: Array) -> tuple[Array, Array, Array]:
    """R, M and C, each (regions, groups + 1): the last is the region's total."""
    own = history.constants
    rng = np.random.default_rng([history.seed, week])
    gap = _true_gap(history, week, rng)
    pressure = media.pressure(np.maximum(weekly[week], 0.0), usual, usual.mean(axis=0), own.media)
    combined = own.combined
    a, b = _factors(history, rng)
    score = 100 * (1 - (1 - np.minimum(a, 1) * gap) * (1 - np.minimum(b, 1) * pressure))
    groups = _weights(np.array([combined.group_weight[g] for g in history.groups]), history, rng)
    power = combined.power
    return (
        _with_total(gap, groups, power),
        _with_total(pressure, groups, power),
        _with_total(score, groups, power),
    )


def _factors(history: History, rng: np.random.Generator) -> tuple[Array, Array]:
    """(groups,) the weights of readiness and of media in the combined score."""
    own = history.constants.combined
    drawn = np.array(
        [
            _weights(np.array([own.readiness_weight[g], own.media_weight[g]]), history, rng)
            for g in history.groups
        ]
    )
    return drawn[:, 0], drawn[:, 1]


def _weights(nominal: Array, history: History, rng: np.random.Generator) -> Array:
    """Dirichlet around `nominal`, with its sum."""
    concentration = history.constants.interval.weight_concentration
    drawn: Array = rng.dirichlet(nominal / nominal.sum() * concentration) * nominal.sum()
    return drawn


def _true_gap(history: History, week: int, rng: np.random.Generator) -> Array:
    told = history.reported
    weights = _weights(np.array(told.weights), history, rng)
    half_life = history.constants.readiness.half_life_days
    fresh = 0.5 ** (told.age_days[week] / half_life)
    weight = np.where(told.missing, 1.0, fresh) * weights * ~told.not_applicable
    undone = weight * (1 - told.really[week])
    gap: Array = undone.sum(axis=2) / np.maximum(weight.sum(axis=2), 1e-12)
    return gap


def _with_total(values: Array, weights: Array, power: float) -> Array:
    mean = ((weights / weights.sum()) * values**power).sum(axis=1, keepdims=True)
    return np.concatenate([values, mean ** (1 / power)], axis=1)


def held(world: str, checked: Sequence[Checks]) -> tuple[HeldResult, ...]:
    """Shares held, by number and class of exposure; the bootstrap is over the regions of all runs."""
    regions = checked[0].regions
    joined = [
        np.concatenate(parts)
        for parts in zip(
            *(
                (c.number, c.exposure, c.truth < c.low, c.truth > c.high, c.region + i * regions)
                for i, c in enumerate(checked)
            ),
            strict=True,
        )
    ]
    number, exposure, below, above, cluster = joined
    classes = (("all", 0.0, 1.01), *CLASSES)
    found = []
    for name, low, high in classes:
        for n, letter in ((None, "R, M, C"), *enumerate(NUMBERS)):
            mine = (exposure >= low) & (exposure < high) & (True if n is None else number == n)
            if not mine.any():
                continue
            kept = ~(below | above)[mine]
            share = measure.share(kept, cluster[mine], regions * len(checked))
            found.append(
                HeldResult(
                    world, letter, name, share, float(above[mine].mean()), float(below[mine].mean())
                )
            )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Cuts:
    """One row per region and week whose feeds were cut."""

    region: NDArray[np.int64]
    not_ready: NDArray[np.bool_]
    lowered: NDArray[np.bool_]  # of those that stayed ready
    better_rank: NDArray[np.bool_]
    change: Array
    regions: int


def cut(history: History) -> Cuts:
    """Cut half of each region's publisher groups in turn, in `CUT_WEEKS` weeks, and score again."""
    weeks = np.linspace(WARM_UP, history.weeks - 1, CUT_WEEKS).astype(int)
    rows = [row for week in weeks for row in _cut_week(history, int(week))]
    region, not_ready, lowered, better, change = (np.array(x) for x in zip(*rows, strict=True))
    return Cuts(region, not_ready, lowered, better, change, len(history.places.units))


def _cut_week(history: History, week: int) -> Iterable[tuple[int, bool, bool, bool, float]]:
    before = _totals(scores(history.inputs(week, draws=DRAWS), history.constants))
    for r, unit in enumerate(history.places.units):
        inputs = history.inputs(week, draws=CUT_DRAWS, cut=[r])
        yield from _compared(r, before[unit], _totals(scores(inputs, history.constants))[unit])


def _compared(r: int, whole: Score, less: Score) -> Iterable[tuple[int, bool, bool, bool, float]]:
    if isinstance(whole.combined, NotReady) or whole.combined_interval is None:
        return
    if isinstance(less.combined, NotReady):
        yield r, True, False, False, 0.0
        return
    worst = whole.rank_range[1] if whole.rank_range else 0
    yield (
        r,
        False,
        less.combined < whole.combined_interval.low,
        (less.rank or 0) > worst,
        less.combined - whole.combined,
    )


def _totals(given: Iterable[Score]) -> dict[str, Score]:
    return {s.region: s for s in given if s.group == ALL_GROUPS}


def silence(cuts: Sequence[Cuts]) -> SilenceResult:
    """Pool the cuts of all runs."""
    regions = cuts[0].regions
    cluster = np.concatenate([c.region + i * regions for i, c in enumerate(cuts)])
    gone, lowered, better, change = (
        np.concatenate([getattr(c, name) for c in cuts])
        for name in ("not_ready", "lowered", "better_rank", "change")
    )
    n = regions * len(cuts)
    stayed = ~gone
    return SilenceResult(
        cases=len(gone),
        not_ready=measure.share(gone, cluster, n),
        lowered=measure.share(lowered[stayed], cluster[stayed], n),
        better_rank=measure.share(better[stayed], cluster[stayed], n),
        mean_change=float(change[stayed].mean()) if stayed.any() else 0.0,
    )
