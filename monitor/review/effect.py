"""How far a label of a story would move a score. Pure: a week's frozen inputs and stories in, effects out.

A label settles whether a story counts for a region and group, and whether it raises risk or shows progress.
With q+ = P(relevant) P(region) P(group) P(raises), q- likewise for progress and q0 = 1 - q+ - q-, the
effect on a cell is the expected absolute change of its combined score,

    q+ |C(risk) - C| + q- |C(progress) - C| + q0 |C(nothing) - C|,

the point values of `monitor.risk.score` with everything else as it is. A story's effect is that of the cell
it moves most. It is 0 where everything is certain: a label then changes nothing. (How much an answer would
*narrow the interval* is `monitor.risk.knowing`; here it is the number people see that counts.)

Where a cell lacks its score for want of readiness data, the media half alone is taken, and said so. A region
that was not heard has no score that could move.

An alert *rests* on a story where the cell's count without it lies below the alert's threshold. Alerts that
a label could newly raise are not looked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from monitor.review.values import Effect
from monitor.risk import combine, media
from monitor.risk.combine import Gap
from monitor.risk.constants import Constants
from monitor.risk.inputs import StorySignal, WeekInputs, spread, story_weight, tally
from monitor.risk.media import Array
from monitor.risk.score import past_expectation
from monitor.values import Alert

LEAST_CHANCE = 0.01  # that a story counts for a cell: below it the cell is not looked at
ALERT_POINTS = 5.0  # what an alert that stands or falls with a label is worth in the queue's order
NONE = Effect(0.0, "", "", 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class _Cell:
    """A story in one region and group."""

    story: int
    r: int
    g: int
    size: float  # its weight if it counts in full
    risk: float  # probabilities
    progress: float
    own: float  # its weight in the inputs' count, 0 where it is not among them


def effects(
    inputs: WeekInputs,
    stories: Iterable[StorySignal],
    constants: Constants,
    alerts: Sequence[Alert] = (),
) -> dict[int, Effect]:
    """Story -> its effect. `stories` are of the inputs' week; those not among the inputs are added to them."""
    stories = list(stories)
    cells = _cells(inputs, stories, constants)
    found = {story.story: NONE for story in stories}
    for cell, effect in zip(cells, _of_cells(inputs, cells, constants), strict=True):
        if effect.points > found[cell.story].points:
            found[cell.story] = effect
    rest = resting(stories, alerts, constants)
    return {s: _with_alert(e, rest.get(s, "")) for s, e in found.items()}


def worth(effect: Effect, relevant: float) -> float:
    """What orders the queue: the points, and for an alert that rests on the story its chance of falling."""
    return effect.points + (ALERT_POINTS * (1 - relevant) if effect.alert else 0.0)


def resting(
    stories: Iterable[StorySignal], alerts: Sequence[Alert], constants: Constants
) -> dict[int, str]:
    """Story -> topic of the least likely alert that rests on it."""
    found: dict[int, str] = {}
    for story in stories:
        regions, topics = dict(story.regions), dict(story.topics)
        for alert in sorted(alerts, key=lambda a: a.p_value):
            here, about = regions.get(alert.region, 0.0), topics.get(alert.topic, 0.0)
            weight = story_weight(story, here, about, constants.stories.spread)
            if weight > 0 and alert.observed - weight < alert.threshold:
                found.setdefault(story.story, alert.topic)
    return found


def _with_alert(effect: Effect, topic: str) -> Effect:
    return Effect(
        effect.points, effect.region, effect.group, effect.now, effect.if_risk, effect.if_not,
        effect.of_media, topic,
    )  # fmt: skip


def _cells(inputs: WeekInputs, stories: Iterable[StorySignal], constants: Constants) -> list[_Cell]:
    unit = {u: i for i, u in enumerate(inputs.units)}
    group = {g: i for i, g in enumerate(inputs.groups)}
    factor = constants.stories.spread
    known = {story.story: story for story in inputs.stories}
    return [
        _Cell(
            story.story, unit[region], group[label], spread(story.publishers, factor),
            chance * story.raises, chance * story.progress,
            _own(known.get(story.story), region, label, factor),
        )
        for story in stories
        for region, here in story.regions
        for label, about in story.groups
        if region in unit and label in group
        and (chance := story.relevant * here * about) >= LEAST_CHANCE
    ]  # fmt: skip


def _own(story: StorySignal | None, region: str, label: str, factor: float) -> float:
    if story is None:
        return 0.0
    here, about = dict(story.regions).get(region, 0.0), dict(story.groups).get(label, 0.0)
    return story_weight(story, here, about, factor)


def _of_cells(inputs: WeekInputs, cells: Sequence[_Cell], constants: Constants) -> Iterable[Effect]:
    if not cells:
        return []
    r, g = np.array([c.r for c in cells]), np.array([c.g for c in cells])
    size, risk, progress, own = (
        np.array([getattr(c, name) for c in cells]) for name in ("size", "risk", "progress", "own")
    )
    base = _counts(inputs, constants)[r, g] - own
    now = base + (risk - progress) * size
    gaps = _gaps(inputs, constants)[r, g]
    scores = _scores(inputs, constants, r, g, np.array([now, base + size, base - size, base]), gaps)
    chances = np.array([risk, progress, np.clip(1 - risk - progress, 0, 1)])
    points = (chances * np.abs(scores[1:] - scores[0])).sum(axis=0)
    heard = np.array([media.heard(c.exposure, constants.media) for c in inputs.coverage])[r]
    return [
        Effect(
            float(points[i]) if heard[i] else 0.0, inputs.units[cell.r], inputs.groups[cell.g],
            float(scores[0, i]), float(scores[1, i]), float(scores[3, i]), bool(np.isnan(gaps[i])),
        )
        for i, cell in enumerate(cells)
    ]  # fmt: skip


def _scores(
    inputs: WeekInputs, constants: Constants, r: Array, g: Array, counts: Array, gaps: Array
) -> Array:
    """(4, cells) combined scores at these counts."""
    own, past = constants.media, past_expectation(inputs, constants)
    index = r.astype(int), g.astype(int)
    expected = media.expected_mean(past, own)[index]
    national = media.national_mean(past)[index[1]]
    exposure = np.array([c.exposure for c in inputs.coverage])[index[0]]
    rate = media.week_median(expected, counts, exposure, own)
    pressure = media.pressure(rate, expected, national, own)
    of_gap = np.array([constants.combined.readiness_weight[x] for x in inputs.groups])[index[1]]
    of_media = np.array([constants.combined.media_weight[x] for x in inputs.groups])[index[1]]
    joined: Array = 100 * combine.join(of_gap * np.nan_to_num(gaps), of_media * pressure)
    return joined


def _counts(inputs: WeekInputs, constants: Constants) -> Array:
    told = tally(inputs.stories, constants.stories.spread, by="groups")
    return np.array([[told.get((u, g), 0.0) for g in inputs.groups] for u in inputs.units])


def _gaps(inputs: WeekInputs, constants: Constants) -> Array:
    """(units, groups) readiness gaps; NaN where there is none."""
    cells: Mapping[tuple[str, str], Gap | object] = {
        (x.region, x.group): combine.gap(x.components, constants.readiness)
        for x in inputs.readiness
    }
    return np.array([[_gap(cells.get((u, g))) for g in inputs.groups] for u in inputs.units])


def _gap(found: object) -> float:
    return found.value if isinstance(found, Gap) else float("nan")
