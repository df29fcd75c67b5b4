"""National, regional, or neither: is the same group elevated in many regions at once? Pure.

Per roadmap group and heard region the week's weighted count is held against its predictive distribution
(`monitor.risk.predict`); a region is *elevated* where its p-value is at most `elevated_level`. Without any
event each is elevated with its own chance c_r: that level, or less where so little is written that hardly
any week could be (at most the chance of any news at all). The number of elevated regions is then
Poisson-binomial (Hong 2013, Comput. Stat. Data Anal. 59; here by exact convolution).

**The rule.** A group is *national* where at least `least_regions` regions are elevated and so many or more
have a probability of at most `national_level` / groups (Bonferroni: the chance of any false one in a week is
at most `national_level`). Else it is *regional* where single regions stand out, with the false discovery
rate over all regions and groups of the week controlled (Benjamini and Hochberg 1995) and at least
`minimum_observed` weighted stories. Else it is neither. `bench/national_rule.py` counts its false alarms.

The rule is about this week's news. How readiness lags is `monitor.risk.support`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from monitor.risk.alerts import discovery_cut
from monitor.risk.constants import AlertConstants, Constants
from monitor.risk.inputs import WeekInputs, tally
from monitor.risk.past import heard_counts
from monitor.risk.predict import predict, tail

Array = NDArray[np.float64]
Kind = Literal["national", "regional", "neither", "unheard"]


@dataclass(frozen=True, slots=True)
class RegionReading:
    """One region's news of one group in one week."""

    region: str
    observed: float  # weighted stories
    expected: float
    p_value: float
    elevated: bool
    stands_out: bool  # a discovery of its own among all regions and groups


@dataclass(frozen=True, slots=True)
class GroupPicture:
    """Whether a group's risk is the country's, single regions', or nobody's."""

    group: str
    kind: Kind  # "unheard": no region could be tested
    regions: tuple[str, ...]  # elevated ones where national, those that stand out where regional
    tested: int
    elevated: int
    by_chance: float  # elevated regions to expect without any event
    p_value: float  # of so many elevated regions or more without any event
    level: float  # p-value at or below which it is national
    readings: tuple[RegionReading, ...]  # the least likely first


def national(inputs: WeekInputs, constants: Constants) -> tuple[GroupPicture, ...]:
    """One picture per roadmap group, in the inputs' order."""
    own = constants.national
    least = constants.media.minimum_exposure
    exposure = np.array([c.exposure for c in inputs.coverage], dtype=float)
    counts, heard = heard_counts(inputs, "groups", least)
    tested = (exposure >= least) & (
        np.isfinite(heard).sum(axis=0) >= constants.alerts.minimum_past_weeks
    )
    if not tested.any():
        return tuple(_unheard(group) for group in inputs.groups)
    now = _now(inputs, constants)
    p, expected, chance = readings(
        counts, heard, now, exposure, own.elevated_level, constants.alerts
    )
    flat = p[tested].ravel().tolist()
    cut = discovery_cut(flat, own.regional_false_discovery_rate)
    out = (p <= cut) & (now >= constants.alerts.minimum_observed) & (now > expected)
    units = [u for u, use in zip(inputs.units, tested, strict=True) if use]
    columns = [
        _Column(
            group,
            now[tested, g],
            expected[tested, g],
            p[tested, g],
            chance[tested, g],
            out[tested, g],
        )
        for g, group in enumerate(inputs.groups)
    ]
    return tuple(_picture(column, units, constants) for column in columns)


@dataclass(frozen=True, slots=True)
class _Column:
    """One group over the tested regions."""

    group: str
    now: Array
    expected: Array
    p: Array
    chance: Array
    out: NDArray[np.bool_]


def readings(
    counts: Array, heard: Array, now: Array, exposure: Array, level: float, own: AlertConstants
) -> tuple[Array, Array, Array]:
    """(regions, groups) p-values, expected counts, and each one's own chance to be at or below `level`."""
    model = predict(counts, heard, own)
    expected = model.mean(exposure)
    p = model.tail(now, exposure)
    # Of anything at all: the tail at the smallest count there is, half a story.
    least = np.full(now.shape, 0.5)
    any_news = tail(least, expected, model.shape, model.dispersion, model.week_variance)
    return p, expected, np.minimum(level, any_news)


def at_least(k: int, chances: Sequence[float]) -> float:
    """P(K >= k) of independent events with these chances: Poisson-binomial, by convolution."""
    distribution = np.ones(1)
    for c in chances:
        distribution = np.convolve(distribution, [1 - c, c])
    return float(min(1.0, distribution[k:].sum())) if k > 0 else 1.0


def _picture(column: _Column, units: Sequence[str], constants: Constants) -> GroupPicture:
    own = constants.national
    elevated = (column.p <= own.elevated_level) & (column.now > column.expected)
    count = int(elevated.sum())
    p_value = at_least(count, column.chance.tolist())
    level = own.national_level / len(constants.combined.group_weight)
    is_national = count >= own.least_regions and p_value <= level
    found = _readings(column, units, elevated)
    regions = tuple(r.region for r in found if (r.elevated if is_national else r.stands_out))
    kind: Kind = "national" if is_national else "regional" if regions else "neither"
    by_chance = float(column.chance.sum())
    return GroupPicture(
        column.group, kind, regions, len(units), count, by_chance, p_value, level, found
    )


def _readings(
    column: _Column, units: Sequence[str], elevated: NDArray[np.bool_]
) -> tuple[RegionReading, ...]:
    found = [
        RegionReading(
            unit,
            float(column.now[i]),
            float(column.expected[i]),
            float(column.p[i]),
            bool(elevated[i]),
            bool(column.out[i]),
        )
        for i, unit in enumerate(units)
    ]
    return tuple(sorted(found, key=lambda r: (r.p_value, r.region)))


def _unheard(group: str) -> GroupPicture:
    return GroupPicture(group, "unheard", (), 0, 0, 0.0, 1.0, 0.0, ())


def _now(inputs: WeekInputs, constants: Constants) -> Array:
    counts = tally(inputs.stories, constants.stories.spread, by="groups")
    return np.array(
        [[max(0.0, counts.get((u, g), 0.0)) for g in inputs.groups] for u in inputs.units]
    )
