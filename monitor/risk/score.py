"""A week's frozen inputs -> the scores of all units and groups. Pure: no store, clock or settings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from monitor.risk import combine, media
from monitor.risk.combine import Gap
from monitor.risk.constants import Constants
from monitor.risk.inputs import StorySignal, WeekInputs, story_weight
from monitor.risk.interval import Draws, central, holding, rank_ranges, simulate
from monitor.risk.media import Array, Expectation
from monitor.risk.past import past_counts
from monitor.values import (
    ALL_GROUPS,
    Contribution,
    Coverage,
    Interval,
    NotReady,
    Score,
)

_Here = tuple[StorySignal, float, Mapping[str, float]]  # story, that it happens there, its groups
_Weighed = list[tuple[StorySignal, float]]

EXPECTED = "expected"  # ref of the rest: the pressure that stands without any story this week


@dataclass(frozen=True, slots=True)
class _Point:
    """The three numbers of one cell, and what the combined one is made of."""

    readiness: float | NotReady
    media: float | NotReady
    combined: float | NotReady
    contributions: tuple[Contribution, ...] = ()


def scores(inputs: WeekInputs, constants: Constants, digest: str = "") -> tuple[Score, ...]:
    """Scores of every unit x (every roadmap group + all), in the inputs' order.

    `contributions` of a group sum to its combined score and are readiness components, stories and the
    rest; those of "all" are the groups. `contribution_tree` puts the two together. `digest` is that of the
    inputs, where the caller has it already.
    """
    past = past_expectation(inputs, constants)
    points = _points(inputs, past, constants)
    draws = simulate(inputs, past, constants)
    ends = _ends(draws, constants.interval.level)
    digest = digest or inputs.digest()
    columns = (*inputs.groups, ALL_GROUPS)
    standing = {
        g: _ranks(inputs.units, g, points, draws, i, constants) for i, g in enumerate(columns)
    }
    return tuple(
        _score(
            inputs,
            digest,
            coverage,
            group,
            points[coverage.region, group],
            _intervals(points[coverage.region, group], ends[:, :, g, r]),
            standing[group].get(coverage.region),
        )
        for r, coverage in enumerate(inputs.coverage)
        for g, group in enumerate(columns)
    )


def past_expectation(inputs: WeekInputs, constants: Constants) -> Expectation:
    """The media model's view of the weeks before."""
    counts, exposure = past_counts(inputs, "groups")
    return media.expectation(counts, exposure, constants.media)


def _points(
    inputs: WeekInputs, past: Expectation, constants: Constants
) -> dict[tuple[str, str], _Point]:
    components = {(r.region, r.group): r.components for r in inputs.readiness}
    told = _by_region(inputs)
    weights = {
        (unit, group): _weights(told.get(unit, ()), group, constants)
        for unit in inputs.units
        for group in inputs.groups
    }
    pressures = _pressures(inputs, past, weights, constants)
    points: dict[tuple[str, str], _Point] = {}
    for coverage in inputs.coverage:
        unit = coverage.region
        deaf = _deaf(coverage, constants)
        of_region = {}
        for group in inputs.groups:
            gap = combine.gap(components.get((unit, group), ()), constants.readiness)
            heard = deaf or pressures[unit, group]
            of_region[group] = _group_point(gap, heard, weights[unit, group], group, constants)
        points |= {(unit, group): point for group, point in of_region.items()}
        points[unit, ALL_GROUPS] = _total_point(of_region, constants)
    return points


@dataclass(frozen=True, slots=True)
class Pressure:
    """Media pressure of one cell, in three steps."""

    nothing: float  # M if no story had been told
    raised: float  # with the risk stories alone
    value: float  # with the progress stories too: M


def _pressures(
    inputs: WeekInputs, past: Expectation, weights: Mapping[tuple[str, str], _Weighed],
    constants: Constants,
) -> Mapping[tuple[str, str], Pressure]:  # fmt: skip
    """M of every cell at three counts, elementwise; in the order of the weights."""
    shape = (len(inputs.units), len(inputs.groups))
    risk = [sum([w for _, w in cell if w > 0]) for cell in weights.values()]
    net = [sum([w for _, w in cell]) for cell in weights.values()]
    counts = np.array([[0.0] * len(net), risk, net]).reshape(3, *shape)
    exposure = np.array([c.exposure for c in inputs.coverage])[:, None]
    nothing, raised, value = pressure_at(counts, exposure, past, constants).reshape(3, -1).tolist()
    return dict(zip(weights, map(Pressure, nothing, raised, value), strict=True))


def pressure_at(counts: Array, exposure: Any, past: Expectation, constants: Constants) -> Array:
    """M of (..., regions, groups) weighted counts; `exposure` broadcasts with them."""
    own = constants.media
    national, expected = media.national_mean(past), media.expected_mean(past, own)
    rate = media.week_median(expected, counts, exposure, own)
    found: Array = media.pressure(rate, expected, national, own)
    return found


def _deaf(coverage: Coverage, constants: Constants) -> NotReady | None:
    least = constants.media.minimum_exposure
    if media.heard(coverage.exposure, constants.media):
        return None
    return NotReady((combine.reason("coverage", coverage.exposure, least),))


def _by_region(inputs: WeekInputs) -> Mapping[str, Sequence[_Here]]:
    found: defaultdict[str, list[_Here]] = defaultdict(list)
    for story in inputs.stories:
        groups = dict(story.groups)
        for region, here in story.regions:
            found[region].append((story, here, groups))
    return found


def _weights(local: Iterable[_Here], group: str, constants: Constants) -> _Weighed:
    """The stories that count for a region and group, with their weights; never a weight of zero."""
    factor = constants.stories.spread
    weighed = (
        (story, story_weight(story, here, groups[group], factor))
        for story, here, groups in local
        if group in groups
    )
    return [(story, weight) for story, weight in weighed if weight]


def _group_point(
    gap: Gap | NotReady,
    heard: Pressure | NotReady,
    weights: _Weighed,
    group: str,
    constants: Constants,
) -> _Point:
    readiness = gap.value if isinstance(gap, Gap) else gap
    pressure = heard.value if isinstance(heard, Pressure) else heard
    if isinstance(gap, NotReady) or isinstance(heard, NotReady):
        return _Point(readiness, pressure, NotReady(_reasons([gap, heard])))
    value = combine.combined(gap.value, heard.value, group, constants.combined)
    of_gap, of_media = combine.halves(gap.value, heard.value, group, constants.combined)
    parts = (*_gap_parts(gap, of_gap), *_media_parts(heard, weights, of_media))
    return _Point(readiness, pressure, value, parts)


def _reasons(values: Iterable[object]) -> tuple[str, ...]:
    found = (reason for v in values if isinstance(v, NotReady) for reason in v.reasons)
    return tuple(dict.fromkeys(found))


def _gap_parts(gap: Gap, points: float) -> Iterable[Contribution]:
    """The readiness half in proportion to each component's share of the gap."""
    for component, part in gap.parts:
        value = points * part / gap.value if gap.value else 0.0
        yield Contribution("readiness", component.component, component.detail, value)


def _media_parts(heard: Pressure, weights: _Weighed, points: float) -> Iterable[Contribution]:
    """The media half in three steps, because it is linear in M: no story, risk stories, progress.

    What the expectation alone gives is the rest; what the risk stories add is shared in proportion to
    their weights; what the progress stories then take away likewise, as negative points.
    """
    risk = [(s, w) for s, w in weights if w > 0]
    progress = [(s, w) for s, w in weights if w < 0]
    per_unit = points / heard.value if heard.value else 0.0
    parts = [Contribution("rest", EXPECTED, EXPECTED, per_unit * heard.nothing)]
    steps = heard.raised - heard.nothing, heard.value - heard.raised
    for stories, step in zip((risk, progress), steps, strict=True):
        each = per_unit * step / (sum([w for _, w in stories]) or 1.0)
        parts += [Contribution("story", str(s.story), s.title, each * w) for s, w in stories]
    return parts


def _total_point(of_region: Mapping[str, _Point], constants: Constants) -> _Point:
    own = constants.combined
    ready = {g: p.combined for g, p in of_region.items() if isinstance(p.combined, float)}
    value = _total([p.combined for p in of_region.values()], list(of_region), constants)
    parts: tuple[Contribution, ...] = ()
    if isinstance(value, float):
        shares = combine.group_shares(ready, own)
        parts = tuple(Contribution("group", g, g, share) for g, share in shares.items())
    groups = list(of_region)
    return _Point(
        _total([p.readiness for p in of_region.values()], groups, constants),
        _total([p.media for p in of_region.values()], groups, constants),
        value,
        parts,
    )


def _total(
    values: Sequence[float | NotReady], groups: list[str], constants: Constants
) -> float | NotReady:
    own = constants.combined
    of_group = dict(zip(groups, values, strict=True))
    ready = {g: v for g, v in of_group.items() if not isinstance(v, NotReady)}
    if combine.enough_groups(list(ready), own):
        return combine.total(ready, own)
    reasons = _reasons(values)
    hit = {r: [g for g, v in of_group.items() if _lacks(v, r)] for r in _names(reasons)}
    # A reason that holds for one group alone is not why the region has no total.
    enough_without = {
        r: combine.enough_groups([g for g in groups if g not in lacking], own)
        for r, lacking in hit.items()
    }
    decisive = tuple(r for r in reasons if not enough_without[_name(r)])
    return NotReady(decisive or reasons)


def _name(reason: str) -> str:
    return reason.partition(":")[0]


def _names(reasons: Iterable[str]) -> set[str]:
    return {_name(reason) for reason in reasons}


def _lacks(value: float | NotReady, name: str) -> bool:
    return isinstance(value, NotReady) and name in _names(value.reasons)


def _ends(draws: Draws, level: float) -> Array:
    """(number, low or high, groups + 1, regions), the numbers as in a score: readiness, media, combined."""
    found = [central(x, level) for x in (draws.readiness, draws.media, draws.combined)]
    most = np.array([1.0, 1.0, 100.0])[:, None, None, None]
    return np.clip(found, 0.0, most)  # a float32 may round over it


def _intervals(
    point: _Point, ends: Array
) -> tuple[Interval | None, Interval | None, Interval | None]:
    numbers = (point.readiness, point.media, point.combined)
    found = [
        None if isinstance(value, NotReady) else holding(low, high, value)
        for value, (low, high) in zip(numbers, ends.tolist(), strict=True)
    ]
    return found[0], found[1], found[2]


def _ranks(
    units: Sequence[str],
    group: str,
    points: Mapping[tuple[str, str], _Point],
    draws: Draws,
    column: int,
    constants: Constants,
) -> dict[str, tuple[int, tuple[int, int]]]:
    """Rank and rank range of the units that are ready, among those."""
    values = {u: points[u, group].combined for u in units}
    ready = {u: v for u, v in values.items() if not isinstance(v, NotReady)}
    if not ready:
        return {}
    ranks = combine.ranks(ready)
    which = [i for i, u in enumerate(units) if u in ready]
    drawn = draws.combined[column, which]
    ranges = rank_ranges(drawn, [ranks[u] for u in ready], constants.interval.level)
    return {u: (ranks[u], span) for u, span in zip(ready, ranges, strict=True)}


def _score(
    inputs: WeekInputs,
    digest: str,
    coverage: Coverage,
    group: str,
    point: _Point,
    intervals: tuple[Interval | None, Interval | None, Interval | None],
    standing: tuple[int, tuple[int, int]] | None,
) -> Score:
    return Score(
        week=inputs.week,
        region=coverage.region,
        group=group,
        readiness=point.readiness,
        readiness_interval=intervals[0],
        media=point.media,
        media_interval=intervals[1],
        combined=point.combined,
        combined_interval=intervals[2],
        rank=standing[0] if standing else None,
        rank_range=standing[1] if standing else None,
        contributions=point.contributions,
        coverage=coverage,
        methodology=inputs.methodology,
        models=dict(inputs.models),
        input_hash=digest,
    )


def contribution_tree(
    of_region: Sequence[Score],
) -> tuple[tuple[Contribution, tuple[Contribution, ...]], ...]:
    """One region's total down to its leaves: (group, its parts in points of the region's total).

    `of_region` are the scores of one region and week. Both levels sum to the total; () where it is not
    ready.
    """
    by_group = {score.group: score for score in of_region}
    whole = by_group.get(ALL_GROUPS)
    if whole is None:
        return ()
    return tuple(
        (share, tuple(_scaled(by_group[share.ref], share.value))) for share in whole.contributions
    )


def _scaled(score: Score, points: float) -> Iterable[Contribution]:
    if isinstance(score.combined, NotReady) or score.combined == 0:
        return
    for part in score.contributions:
        yield replace(part, value=part.value * points / score.combined)
