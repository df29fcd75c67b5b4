"""Where support would help most, and whether the remedy is regional or national. Pure; from scores alone.

For a region and a roadmap group with gap R and pressure M, a = w_R R and b = w_M M, closing the gap wholly
takes 100 (a + b - ab) - 100 b = 100 a (1 - b) points off the group's combined score. The news stays as it is.

**Interval.** The reduction is a product of two quantities that are drawn independently, so its logarithm is a
sum, whose limits follow from those of its parts (MOVER; Zou and Donner 2008, Stat. Med. 27): the distance from
the value to the lower limit is the root of the summed squares of the parts' distances, likewise upwards. The
parts' limits are the 80 % intervals of R and M. What the choice of weights leaves open is not in it.

**Remedy.** The part of the gap that the country's median region has too is nobody's own: R = min(R, m) +
(R - m)+, with m the median over the regions that have a number. Where the common part is the larger, what is
lacking is lacking in most regions, and the remedy is *national*; else it is *regional*.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, hypot, log
from statistics import median
from typing import Literal

from monitor.risk.combine import total
from monitor.risk.constants import Constants
from monitor.values import ALL_GROUPS, Interval, NotReady, Score

LEAST = 1e-9  # a limit of zero has no logarithm


@dataclass(frozen=True, slots=True)
class Support:
    """What closing one readiness gap would do."""

    region: str
    group: str
    gap: float  # R in [0, 1]
    median_gap: float  # of the regions that have one
    reduction: float  # points of the group's combined score
    interval: Interval  # 80 %
    total_reduction: float | None  # points of the region's total; None where it has none
    component: str  # the readiness component that makes most of the gap; "" where none does
    remedy: Literal["regional", "national"]
    common: float  # share of the gap that the median region has too


def support(scores: Iterable[Score], constants: Constants) -> tuple[Support, ...]:
    """Every region and group with both numbers and a gap, the largest reduction first."""
    ready = [s for s in scores if s.group != ALL_GROUPS and not isinstance(s.combined, NotReady)]
    gaps: dict[str, list[float]] = {}
    for score in ready:
        gaps.setdefault(score.group, []).append(_value(score.readiness))
    of_region: dict[str, list[Score]] = {}
    for score in ready:
        of_region.setdefault(score.region, []).append(score)
    found = [
        _support(score, median(gaps[score.group]), of_region[score.region], constants)
        for score in ready
        if _value(score.readiness) > 0
    ]
    return tuple(sorted(found, key=lambda s: (-s.reduction, s.region, s.group)))


def reduction(readiness: float, media: float, group: str, constants: Constants) -> float:
    """Points of the group's combined score that closing the gap takes off: 100 a (1 - b)."""
    own = constants.combined
    return 100 * own.readiness_weight[group] * readiness * (1 - own.media_weight[group] * media)


def _support(
    score: Score, usual: float, of_region: Sequence[Score], constants: Constants
) -> Support:
    gap, group = _value(score.readiness), score.group
    common = min(gap, usual) / gap
    parts = [c for c in score.contributions if c.kind == "readiness" and c.value > 0]
    return Support(
        region=score.region,
        group=group,
        gap=gap,
        median_gap=usual,
        reduction=reduction(gap, _value(score.media), group, constants),
        interval=_interval(score, constants),
        total_reduction=_total_reduction(group, of_region, constants),
        component=max(parts, key=lambda c: (c.value, c.ref)).ref if parts else "",
        remedy="national" if common >= 0.5 else "regional",
        common=common,
    )


def _interval(score: Score, constants: Constants) -> Interval:
    gap, media = _value(score.readiness), _value(score.media)
    of_gap = score.readiness_interval or Interval(gap, gap)
    of_media = score.media_interval or Interval(media, media)
    at = reduction(gap, media, score.group, constants)

    def distance(gap_limit: float, media_limit: float) -> float:
        first = reduction(gap_limit, media, score.group, constants)
        second = reduction(gap, media_limit, score.group, constants)
        return hypot(*(log(max(x, LEAST) / max(at, LEAST)) for x in (first, second)))

    low = at * exp(-distance(of_gap.low, of_media.high))
    high = at * exp(distance(of_gap.high, of_media.low))
    return Interval(low, min(high, 100.0))


def _total_reduction(group: str, of_region: Sequence[Score], constants: Constants) -> float | None:
    own = constants.combined
    now = {s.group: _value(s.combined) for s in of_region}
    if sum(own.group_weight[g] for g in now) < own.minimum_group_weight - 1e-12:
        return None
    media = next(_value(s.media) for s in of_region if s.group == group)
    closed = now | {group: 100 * own.media_weight[group] * media}
    return total(now, own) - total(closed, own)


def _value(number: float | NotReady) -> float:
    if isinstance(number, NotReady):
        raise ValueError("a score without its numbers has no support figure")
    return number
