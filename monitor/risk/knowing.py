"""What to find out next: how much one answer would narrow a region's combined score. Pure.

A *finding* is something that nobody has said yet and somebody could: a readiness component of a group
without data (`missing`) or with old data (`aged`), or a story that no person has labelled (`story`). Its
worth is the expected reduction of the width of the 80 % interval of the region's combined score: the
expected value of perfect information about one input (Raiffa and Schlaifer 1961; preposterior analysis),
with the width as the loss.

    worth = width now - sum over the answers of P(answer) x width given the answer

The answers come from their present distribution. Everything else is drawn as in `monitor.risk.interval`
with the same noise for every answer, so that what differs is the answer:

- a component that is missing is drawn anywhere in [0, 1], an aged one anywhere it may have drifted; the
  mean over five answers from end to end is Boole's rule. What is answered today is not aged any more;
- a story raises risk, shows progress or does neither, and belongs to some of the groups: the likeliest
  `MOST_OUTCOMES` of these, with their probabilities in proportion. The labels settle all of it at once.

The width is that of the draws: the interval shown is extended where needed to hold the point value. An
expected width may lie above the present one, unlike an expected variance: an answer that is unlikely and
would change much is hardly in an 80 % interval until it comes. Such a thing is no finding, nor is one whose
worth is below its standard error, which is that of the mean over ten parts of the draws.

A region that was not heard well enough has no findings, because no answer gives it a score; listening comes
first. A region that lacks its score for want of readiness data has them, and the answers that would give it
the score say so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np

from monitor.risk import combine, media
from monitor.risk.combine import Gap, join
from monitor.risk.constants import Constants
from monitor.risk.inputs import Pairs, Readiness, StorySignal, WeekInputs, spread
from monitor.risk.interval import (
    central,
    classifier_factor,
    component_arrays,
    draw_exposure,
    draw_media,
    draw_readiness,
    group_weights,
    half_weights,
    story_counts,
)
from monitor.risk.media import Array
from monitor.risk.score import past_expectation
from monitor.risk.sensitivity import OneRegion, one_region, region_noise
from monitor.risk.variates import Floats, Noise, dirichlet_scale
from monitor.values import ReadinessComponent, ReadinessState

Kind = Literal["missing", "aged", "story"]

BOOLE = (7 / 90, 32 / 90, 12 / 90, 32 / 90, 7 / 90)  # Abramowitz and Stegun 25.4.14
MOST_STORIES = 20  # of a region are looked at: those that vary most
MOST_OUTCOMES = 8
PARTS = 10  # of the draws, for the standard error


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to find out."""

    kind: Kind
    ref: str  # readiness component id, or story id
    region: str
    group: str  # roadmap group; of a story the one that it most likely belongs to
    label: str  # the component's state now, or the story's headline
    width: float  # of the region's combined score now, in points
    expected_width: float  # once this is known
    error: float  # standard error of the difference
    lowest: float  # how far the middle of the draws moves at most downwards, in points
    highest: float  # and upwards
    ready: bool  # the region has a combined score now
    opens: bool  # it has none, and this answer gives it one

    @property
    def reduction(self) -> float:
        """Points by which the interval is expected to narrow."""
        return self.width - self.expected_width


def value_of_knowing(inputs: WeekInputs, constants: Constants) -> tuple[Finding, ...]:
    """The findings of all regions, the largest expected reduction first."""
    past = past_expectation(inputs, constants)
    found = [
        finding
        for unit in inputs.units
        for finding in _findings(one_region(inputs, past, unit), constants)
    ]
    return tuple(sorted(found, key=_order))


def region_findings(inputs: WeekInputs, constants: Constants, region: str) -> tuple[Finding, ...]:
    """The findings of one region; the same as in `value_of_knowing`."""
    one = one_region(inputs, past_expectation(inputs, constants), region)
    return tuple(sorted(_findings(one, constants), key=_order))


def capped(findings: Iterable[Finding], most: int) -> tuple[Finding, ...]:
    """At most `most` of each region, in their order: a list for the whole country."""
    taken: dict[str, int] = {}
    kept = []
    for finding in findings:
        taken[finding.region] = taken.get(finding.region, 0) + 1
        if taken[finding.region] <= most:
            kept.append(finding)
    return tuple(kept)


def _order(finding: Finding) -> tuple[float, str, str, str, str]:
    return (-finding.reduction, finding.region, finding.kind, finding.ref, finding.group)


@dataclass(frozen=True, slots=True)
class _Answer:
    """One thing that could be answered, with the scores it could give."""

    kind: Kind
    ref: str
    group: str
    label: str
    chances: Array  # (answers,)
    combined: Floats  # (answers, draws)
    opens: bool = False


def _findings(one: OneRegion, constants: Constants) -> list[Finding]:
    if not media.heard(one.inputs.coverage[0].exposure, constants.media):
        return []
    model = _Model(one, constants)
    ready = has_score(one.inputs.readiness, constants)
    answers = [*_component_answers(model, ready), *_story_answers(model)]
    found = [_finding(model, answer, ready) for answer in answers]
    return [f for f in found if f.opens or f.reduction > f.error]


def _finding(model: "_Model", answer: _Answer, ready: bool) -> Finding:
    level, chances = model.constants.interval.level, answer.chances
    widths = _widths(answer.combined, level)
    parts = _widths(_parts(answer.combined), level)
    gains = model.part_widths - chances @ parts
    moved = np.median(answer.combined, axis=1) - model.middle
    return Finding(
        kind=answer.kind,
        ref=answer.ref,
        region=model.one.inputs.units[0],
        group=answer.group,
        label=answer.label,
        width=model.width,
        expected_width=float(chances @ widths),
        error=float(gains.std(ddof=1) / PARTS**0.5),
        lowest=min(float(moved.min()), 0.0),
        highest=max(float(moved.max()), 0.0),
        ready=ready,
        opens=answer.opens,
    )


def _widths(values: Floats, level: float) -> Array:
    low, high = central(values, level)
    return high - low


def _parts(values: Floats) -> Floats:
    """(..., draws) -> (..., parts, draws of a part); what is left over is left out."""
    each = values.shape[-1] // PARTS
    return values[..., : PARTS * each].reshape(*values.shape[:-1], PARTS, each)


class _Model:
    """The draws of one region, and what they become where one group's counts or gap are others."""

    def __init__(self, one: OneRegion, constants: Constants) -> None:
        inputs = one.inputs
        self.one, self.constants = one, constants
        self.noise: Noise = region_noise(one, inputs.seed)
        shape = (len(inputs.groups), 1, inputs.draws)
        gaps, pressures = np.empty(shape, np.float32), np.empty(shape, np.float32)
        draw_media(inputs, one.past, constants, self.noise, pressures)
        draw_readiness(inputs, list(one.components), constants, self.noise, gaps)
        self.gaps, self.pressures = gaps[:, 0], pressures[:, 0]
        self.halves = [half_weights(inputs, g, x, constants) for g, x in enumerate(inputs.groups)]
        self.share = group_weights(inputs, constants)
        own = [self.raised(g, self.gaps[g], self.pressures[g]) for g in range(len(self.gaps))]
        self.own_raised = np.stack(own)
        now = self.total(self.own_raised.sum(axis=0))
        self.width = float(_widths(now, constants.interval.level))
        self.part_widths = _widths(_parts(now), constants.interval.level)
        self.middle = float(np.median(now))
        self._rates = self._before()

    def raised(self, g: int, gap: Floats, pressure: Floats) -> Floats:
        """(..., draws) what a group adds to the region's total: weight x score^power."""
        weights, power = self.halves[g], self.constants.combined.power
        scores = join(weights[0] * gap, weights[1] * pressure)
        found: Floats = self.share[g] * scores**power
        return found

    def total(self, raised: Floats) -> Floats:
        """The region's combined score of the sum over the groups."""
        power = np.float32(1 / self.constants.combined.power)
        found: Floats = np.float32(100) * np.maximum(raised, 0) ** power
        return found

    def _before(self) -> tuple[Floats, Floats, Floats, Floats]:
        """(groups, draws) national and expected rates, (draws,) exposure and classifier factor."""
        past, own, fixed = self.one.past, self.constants.media, self.noise
        national = fixed.national.variate(past.national_shape[:, None])
        national /= np.float32(past.national_rate)
        shape = np.float32(own.region_weeks) * national + past.own_shape.T
        expected = fixed.expected.variate(shape[:, None])[:, 0]
        expected /= np.float32(past.own_rate[0, 0] + own.region_weeks)
        inputs = self.one.inputs
        exposure = draw_exposure(inputs, self.constants, fixed)[0]
        return national, expected, exposure, classifier_factor(inputs, self.constants, fixed)[0]

    def pressure_of(self, g: int, counts: Floats) -> Floats:
        """Media pressure of a group at other drawn `counts` (..., draws)."""
        national, expected, exposure, factor = self._rates
        own = self.constants.media
        shape, weeks = media.week_parameters(expected[g], counts * factor, exposure, own)
        week = self.noise.week.variate(shape, (g, 0)) / weeks
        found: Floats = media.pressure(week, expected[g], national[g], own)
        return found


def _component_answers(model: _Model, ready: bool) -> Iterable[_Answer]:
    """Of every cell without data or with old data."""
    inputs, names = model.one.inputs, list(model.one.components)
    arrays = component_arrays(inputs, names, model.constants)
    for cell in inputs.readiness:
        for component in combine.applicable(cell.components):
            at = names.index(component.component), inputs.groups.index(cell.group)
            low, high = float(arrays[2][at][0]), float(arrays[3][at][0])
            if high > low:
                yield _component_answer(model, cell, component, at, arrays, ready)


def _component_answer(
    model: _Model,
    cell: Readiness,
    component: ReadinessComponent,
    at: tuple[int, int],
    arrays: tuple[Array, Array, Array, Array],
    ready: bool,
) -> _Answer:
    missing = component.done is None
    (k, g), (nominal, weight, low, high) = at, arrays
    done = np.linspace(low[k, g, 0], high[k, g, 0], len(BOOLE), dtype=np.float32)
    scale = _scale(model, nominal)
    weights = np.asarray(weight[:, g, 0, None] * scale, np.float32)
    span = np.asarray(high - low, np.float32)[:, g, 0, None]
    undone = 1 - np.asarray(low, np.float32)[:, g, 0, None] - span * model.noise.components[:, g, 0]
    weights[k] = component.weight * scale[k]  # what is answered today is not aged
    others = np.delete(np.arange(len(nominal)), k)
    rest = (weights[others] * undone[others]).sum(axis=0)
    gaps = (rest + weights[k] * (1 - done[:, None])) / weights.sum(axis=0)
    raised = model.raised(g, gaps, model.pressures[g]) - model.own_raised[g]
    return _Answer(
        "missing" if missing else "aged",
        component.component,
        cell.group,
        component.detail,
        np.array(BOOLE),
        model.total(model.own_raised.sum(axis=0) + raised),
        opens=missing and not ready and _would_open(model, cell, component),
    )


def _scale(model: _Model, nominal: Array) -> Floats:
    inputs, constants = model.one.inputs, model.constants
    concentration = constants.interval.weight_concentration
    return dirichlet_scale(inputs.seed, inputs.draws, 0, tuple(nominal.tolist()), concentration)


def _would_open(model: _Model, cell: Readiness, component: ReadinessComponent) -> bool:
    told = replace(component, state=ReadinessState.OBSERVED, done=0.5, age_days=0)
    parts = tuple(told if c is component else c for c in cell.components)
    cells = [replace(c, components=parts) if c is cell else c for c in model.one.inputs.readiness]
    return has_score(cells, model.constants)


def has_score(cells: Sequence[Readiness], constants: Constants) -> bool:
    """Whether enough groups of a region have a readiness gap; that it is heard is another question."""
    gaps = {c.group: combine.gap(c.components, constants.readiness) for c in cells}
    ready = [group for group, gap in gaps.items() if isinstance(gap, Gap)]
    return combine.enough_groups(ready, constants.combined)


def _story_answers(model: _Model) -> Iterable[_Answer]:
    """Of the stories about which the classifiers are least sure; none that people have settled."""
    region = model.one.inputs.units[0]
    stories = model.one.inputs.stories
    unsure = {i: _variance(s, region, model.constants) for i, s in enumerate(stories)}
    chosen = sorted((i for i, v in unsure.items() if v > 1e-9), key=lambda i: (-unsure[i], i))
    return (_story_answer(model, i, region) for i in chosen[:MOST_STORIES])


def _variance(story: StorySignal, region: str, constants: Constants) -> float:
    """Of what it adds to the groups' counts, summed over the groups."""
    size = spread(story.publishers, constants.stories.spread)
    here = story.relevant * dict(story.regions)[region]
    net, either = story.raises - story.progress, story.raises + story.progress
    return size**2 * sum(
        max(here * p * either - (here * p * net) ** 2, 0.0) for _, p in story.groups
    )


def _story_answer(model: _Model, at: int, region: str) -> _Answer:
    inputs = model.one.inputs
    story = inputs.stories[at]
    # Its row stays where it is, so that every other story is drawn as before.
    silent = replace(story, relevant=0.0)
    without = replace(inputs, stories=(*inputs.stories[:at], silent, *inputs.stories[at + 1 :]))
    counts = story_counts(without, model.constants.stories.spread)[:, 0]
    size = np.float32(spread(story.publishers, model.constants.stories.spread))
    effects = {
        g: model.raised(
            g,
            model.gaps[g],
            model.pressure_of(g, counts[g] + np.array([[-size], [0], [size]], np.float32)),
        )
        for g, group in enumerate(inputs.groups)
        if dict(story.groups).get(group, 0.0) > 0
    }
    rest = sum(model.own_raised[g] for g in range(len(inputs.groups)) if g not in effects)
    answers = _outcomes(story, region, inputs.groups)
    raised = [
        rest + sum(x[1 + sign * (g in belongs)] for g, x in effects.items())
        for sign, belongs, _ in answers
    ]
    chances = np.array([chance for _, _, chance in answers])
    likeliest = max(story.groups, key=lambda pair: (pair[1], pair[0]))[0]
    return _Answer(
        "story", str(story.story), likeliest, story.title, chances / chances.sum(),
        model.total(np.stack(raised)),
    )  # fmt: skip


def _outcomes(
    story: StorySignal, region: str, groups: Sequence[str]
) -> list[tuple[int, frozenset[int], float]]:
    """(sign, groups it belongs to, chance), the likeliest; "does not count" is one of them."""
    here = story.relevant * dict(story.regions)[region]
    sets = _sets(story.groups, groups)
    signed = [
        (sign, belongs, here * p * q)
        for sign, p in ((1, story.raises), (-1, story.progress))
        for belongs, q in sets
        if belongs and p * q > 0
    ]
    nothing = (0, frozenset[int](), max(1 - sum(chance for _, _, chance in signed), 0.0))
    ordered = sorted([nothing, *signed], key=lambda x: (-x[2], x[0], sorted(x[1])))
    return [x for x in ordered[:MOST_OUTCOMES] if x[2] > 0]


def _sets(pairs: Pairs, groups: Sequence[str]) -> list[tuple[frozenset[int], float]]:
    """Every set of groups that a story may belong to, with its probability."""
    at = {group: g for g, group in enumerate(groups)}
    known = [(at[group], p) for group, p in pairs if group in at]
    found = []
    for chosen in product((False, True), repeat=len(known)):
        chance = 1.0
        for (_, p), belongs in zip(known, chosen, strict=True):
            chance *= p if belongs else 1 - p
        found.append((frozenset(g for (g, _), b in zip(known, chosen, strict=True) if b), chance))
    return found
