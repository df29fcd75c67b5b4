"""A week's frozen inputs -> the scores of all units and groups. Pure: no store, clock or settings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from monitor.risk import combine, media
from monitor.risk.combine import Gap
from monitor.risk.constants import Constants
from monitor.risk.inputs import StorySignal, WeekInputs, story_weight
from monitor.risk.interval import Draws, interval, rank_ranges, simulate
from monitor.risk.media import Array, Expectation
from monitor.values import (
    ALL_GROUPS,
    Contribution,
    Coverage,
    Interval,
    NotReady,
    Score,
)

EXPECTED = "expected"  # ref of the rest: the pressure that stands without any story this week


@dataclass(frozen=True, slots=True)
class _Point:
    """The three numbers of one cell, and what the combined one is made of."""

    readiness: float | NotReady
    media: float | NotReady
    combined: float | NotReady
    contributions: tuple[Contribution, ...] = ()


def scores(inputs: WeekInputs, constants: Constants) -> tuple[Score, ...]:
    """Scores of every unit x (every roadmap group + all), in the inputs' order.

    `contributions` of a group sum to its combined score and are readiness components, stories and the
    rest; those of "all" are the groups. `contribution_tree` puts the two together.
    """
    past = past_expectation(inputs, constants)
    points = _points(inputs, past, constants)
    draws = simulate(inputs, past, constants)
    digest = inputs.digest()
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
            _intervals(points[coverage.region, group], draws, r, g, constants),
            standing[group].get(coverage.region),
        )
        for r, coverage in enumerate(inputs.coverage)
        for g, group in enumerate(columns)
    )


def past_expectation(inputs: WeekInputs, constants: Constants) -> Expectation:
    """The media model's view of the weeks before."""
    unit = {u: i for i, u in enumerate(inputs.units)}
    group = {g: i for i, g in enumerate(inputs.groups)}
    counts = np.zeros((len(inputs.past), len(unit), len(group)))
    exposure = np.zeros((len(inputs.past), len(unit)))
    for w, past in enumerate(inputs.past):
        for region, share in past.exposure:
            if region in unit:
                exposure[w, unit[region]] = share
        for region, label, value in past.groups:
            if region in unit and label in group:
                counts[w, unit[region], group[label]] = value
    return media.expectation(counts, exposure, constants.media)


def _points(
    inputs: WeekInputs, past: Expectation, constants: Constants
) -> dict[tuple[str, str], _Point]:
    components = {(r.region, r.group): r.components for r in inputs.readiness}
    national = media.national_mean(past)
    expected = media.expected_mean(past, constants.media)
    points: dict[tuple[str, str], _Point] = {}
    for r, coverage in enumerate(inputs.coverage):
        unit = coverage.region
        local = [s for s in inputs.stories if unit in dict(s.regions)]
        of_region = {}
        for g, group in enumerate(inputs.groups):
            gap = combine.gap(components.get((unit, group), ()), constants.readiness)
            model = MediaModel(coverage, float(expected[r, g]), float(national[g]), constants)
            weights = story_weights(local, unit, group, constants)
            of_region[group] = _group_point(gap, model, weights, group, constants)
        points |= {(unit, group): point for group, point in of_region.items()}
        points[unit, ALL_GROUPS] = _total_point(of_region, constants)
    return points


@dataclass(frozen=True, slots=True)
class MediaModel:
    """Media pressure of one cell as a function of its weighted count."""

    coverage: Coverage
    expected: float
    national: float
    constants: Constants

    def at(self, count: float) -> float:
        own = self.constants.media
        rate = media.week_mean(self.expected, count, self.coverage.exposure, own)
        return float(media.pressure(rate, self.expected, self.national, own))

    def point(self, weights: Iterable[float]) -> float | NotReady:
        own = self.constants.media
        if not media.heard(self.coverage.exposure, own):
            missing = combine.reason("coverage", self.coverage.exposure, own.minimum_exposure)
            return NotReady((missing,))
        return self.at(sum(weights))


def story_weights(
    stories: Iterable[StorySignal], region: str, group: str, constants: Constants
) -> list[tuple[StorySignal, float]]:
    """The stories that count for a region and group, with their weights; never a weight of zero."""
    found = []
    for story in stories:
        here, of_group = dict(story.regions).get(region, 0.0), dict(story.groups).get(group, 0.0)
        weight = story_weight(story, here, of_group, constants.stories.spread)
        if weight:
            found.append((story, weight))
    return found


def _group_point(
    gap: Gap | NotReady,
    model: MediaModel,
    weights: list[tuple[StorySignal, float]],
    group: str,
    constants: Constants,
) -> _Point:
    pressure = model.point(w for _, w in weights)
    readiness = gap.value if isinstance(gap, Gap) else gap
    if isinstance(gap, NotReady) or isinstance(pressure, NotReady):
        reasons = _reasons([gap, pressure])
        return _Point(readiness, pressure, NotReady(reasons))
    value = combine.combined(gap.value, pressure, group, constants.combined)
    of_gap, of_media = combine.halves(gap.value, pressure, group, constants.combined)
    parts = (*_gap_parts(gap, of_gap), *_media_parts(model, weights, pressure, of_media))
    return _Point(gap.value, pressure, value, parts)


def _reasons(values: Iterable[object]) -> tuple[str, ...]:
    found = (reason for v in values if isinstance(v, NotReady) for reason in v.reasons)
    return tuple(dict.fromkeys(found))


def _gap_parts(gap: Gap, points: float) -> Iterable[Contribution]:
    """The readiness half in proportion to each component's share of the gap."""
    for component, part in gap.parts:
        value = points * part / gap.value if gap.value else 0.0
        yield Contribution("readiness", component.component, component.detail, value)


def _media_parts(
    model: MediaModel, weights: list[tuple[StorySignal, float]], pressure: float, points: float
) -> Iterable[Contribution]:
    """The media half in three steps, because it is linear in M: no story, risk stories, progress.

    What the expectation alone gives is the rest; what the risk stories add is shared in proportion to
    their weights; what the progress stories then take away likewise, as negative points.
    """
    risk = [(s, w) for s, w in weights if w > 0]
    progress = [(s, w) for s, w in weights if w < 0]
    nothing, raised = model.at(0.0), model.at(sum(w for _, w in risk))
    per_unit = points / pressure
    yield Contribution("rest", EXPECTED, "expected from earlier weeks", per_unit * nothing)
    for stories, step in ((risk, raised - nothing), (progress, pressure - raised)):
        total = sum(w for _, w in stories)
        for story, weight in stories:
            value = per_unit * step * weight / total
            yield Contribution("story", str(story.story), story.title, value)


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


def _intervals(
    point: _Point, draws: Draws, region: int, group: int, constants: Constants
) -> tuple[Interval | None, Interval | None, Interval | None]:
    def one(value: float | NotReady, drawn: Array) -> Interval | None:
        if isinstance(value, NotReady):
            return None
        return interval(drawn[:, region, group], value, constants.interval.level)

    return (
        one(point.readiness, draws.readiness),
        one(point.media, draws.media),
        one(point.combined, draws.combined),
    )


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
    drawn = draws.combined[:, which, column]
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
