"""Which input makes a region's combined score uncertain: variance-based sensitivity of the draws. Pure.

The combined score of a draw is a function Y = f(X1, ..., Xk) of the sources of variation of
`monitor.risk.interval`, which are drawn independently. For each source two shares of Y's variance V:

- *first*, S = V(E(Y | X)) / V: what would go on the average if the source were known (Sobol' 1993);
- *total*, T = E(V(Y | all others)) / V: what would stay if everything else were known. T >= S; the
  difference is what the source does only together with others. The first-order shares sum to at most 1.

**Estimators.** Two independent sets A and B of the draws, and for every source the mixtures "A with the
source from B" and "B with the source from A" (pick-freeze; Saltelli et al. 2010, Comput. Phys. Commun.
181, table 2). With y centred, V the mean of their squares, (y, y') pairs that share the source alone,
S = (mean(y y') - c mean(y_A y_B)) / V. The second mean is of independent draws, so it is 0 but for chance,
and the same chance is in the first: a control variate. Saltelli's estimator has c = 1; ours has the c that
makes the error least. With (y, y') that share everything but the source, T = mean((y - y')^2) / 2V (Jansen
1999). Both pairs of each kind are used. Standard errors are those of a mean over the draws, by linearising
the ratio; at 2,000 draws they are at most about 0.02, and far less for small shares.

A region is looked at alone: the country's expectation is part of the inputs, and nothing else ties the
draws of two regions but the choice of weights.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from monitor.risk.combine import applicable
from monitor.risk.constants import Constants
from monitor.risk.inputs import TASKS, WeekInputs
from monitor.risk.interval import (
    Draws,
    central,
    draw_combined,
    draw_media,
    draw_readiness,
)
from monitor.risk.media import Array, Expectation
from monitor.risk.score import past_expectation
from monitor.risk.variates import Floats, Noise, noise
from monitor.values import ALL_GROUPS

MISSING = "missing:"  # before a component's id; alone for a group without any component
OF_MEDIA = ("stories", "classifiers", "counts", "coverage")
OF_READINESS = ("aged",)
SECOND = 1 << 32  # from the seed of one set of draws to that of the other; settings allow less


@dataclass(frozen=True, slots=True)
class Share:
    """What one source does to the variance of a combined score."""

    source: str  # stories | classifiers | counts | coverage | missing:COMPONENT | aged | weights
    first: float  # share of the variance that it makes alone; by chance a little below 0
    first_error: float  # standard error
    total: float  # share that it makes alone or together with others
    total_error: float


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Why one combined score is uncertain."""

    region: str
    group: str  # roadmap group, or "all"
    width: float  # of the central 80 % of the draws, in points
    shares: tuple[Share, ...]  # the largest first share first; () where nothing varies

    @property
    def together(self) -> float:
        """Share of the variance that no source makes alone; by chance a little below 0."""
        return 1 - sum(s.first for s in self.shares) if self.shares else 0.0


@dataclass(frozen=True, slots=True)
class OneRegion:
    """A week's inputs cut to one region."""

    inputs: WeekInputs
    past: Expectation
    components: tuple[str, ...]  # ids, sorted


def one_region(inputs: WeekInputs, past: Expectation, region: str) -> OneRegion:
    """Of `inputs` what the scores of `region` depend on; `past` is the whole country's."""
    at = inputs.units.index(region)
    readiness = tuple(r for r in inputs.readiness if r.region == region)
    cut = replace(
        inputs,
        units=(region,),
        stories=tuple(s for s in inputs.stories if region in dict(s.regions)),
        coverage=(inputs.coverage[at],),
        readiness=readiness,
    )
    own = replace(past, own_shape=past.own_shape[[at]], own_rate=past.own_rate[[at]])
    return OneRegion(
        cut, own, tuple(sorted({c.component for r in readiness for c in r.components}))
    )


@dataclass(frozen=True, slots=True)
class _Set:
    """Where each source of a set of draws comes from."""

    stories: int  # seed
    weights: int  # seed
    noise: Noise


def sensitivity(inputs: WeekInputs, constants: Constants, region: str) -> tuple[Sensitivity, ...]:
    """Of every roadmap group of `region`, then of its total, in the order of the scores.

    Groups whose score is not ready have a row too: their draws are there.
    """
    one = one_region(inputs, past_expectation(inputs, constants), region)
    first, second = _set(one, inputs.seed), _set(one, inputs.seed + SECOND)
    a, b = _draw(one, first, constants), _draw(one, second, constants)
    mixed = {
        source: (
            _again(one, source, _with(one, source, first, second), a, constants),
            _again(one, source, _with(one, source, second, first), b, constants),
        )
        for source in sources(one)
    }
    low, high = central(a.combined[:, 0], constants.interval.level)
    columns = (*inputs.groups, ALL_GROUPS)
    return tuple(
        Sensitivity(
            region,
            group,
            float(high[g] - low[g]),
            _shares(
                a.combined[g, 0],
                b.combined[g, 0],
                {source: (x[g, 0], y[g, 0]) for source, (x, y) in mixed.items()},
            ),
        )
        for g, group in enumerate(columns)
    )


def sources(one: OneRegion) -> tuple[str, ...]:
    """Everything that varies in the draws of a region."""
    lacking = sorted({name for name, _ in _unknown(one)})
    return (*OF_MEDIA, *(MISSING + name for name in lacking), *OF_READINESS, "weights")


def _unknown(one: OneRegion) -> list[tuple[str, str]]:
    """(component, group) without a value; the component is "" where a group has none at all."""
    found = []
    for cell in one.inputs.readiness:
        could = applicable(cell.components)
        found += [(c.component, cell.group) for c in could if c.done is None]
        found += [("", cell.group)] if not could else []
    told = {cell.group for cell in one.inputs.readiness}
    return found + [("", group) for group in one.inputs.groups if group not in told]


def _set(one: OneRegion, seed: int) -> _Set:
    return _Set(seed, seed, region_noise(one, seed))


def region_noise(one: OneRegion, seed: int) -> Noise:
    """The noise of a region alone; the same for every region."""
    return _kept_noise(seed, one.inputs.draws, len(one.inputs.groups), len(one.components))


@lru_cache(maxsize=2)  # the two sets of draws: pages look at one region after the other
def _kept_noise(seed: int, draws: int, groups: int, components: int) -> Noise:
    return noise(seed, draws, 1, groups, components, len(TASKS))


def _with(one: OneRegion, source: str, base: _Set, other: _Set) -> _Set:
    """`base` with one source from `other`."""
    own, theirs = base.noise, other.noise
    match source:
        case "stories":
            return replace(base, stories=other.stories)
        case "weights":
            return replace(base, weights=other.weights)
        case "classifiers":
            changed = replace(own, classifiers=theirs.classifiers)
        case "counts":
            changed = replace(
                own, national=theirs.national, expected=theirs.expected, week=theirs.week
            )
        case "coverage":
            changed = replace(own, alive=theirs.alive, silent=theirs.silent)
        case "missing:":
            changed = replace(own, nothing=theirs.nothing)
        case _:
            here = _cells(one, source)[:, :, None, None]
            changed = replace(own, components=np.where(here, theirs.components, own.components))
    return replace(base, noise=changed)


def _cells(one: OneRegion, source: str) -> NDArray[np.bool_]:
    """(components, groups): the missing cells of a component, or all that have a value."""
    found = np.full((len(one.components), len(one.inputs.groups)), source == "aged")
    for name, group in _unknown(one):
        if name:
            at = one.components.index(name), one.inputs.groups.index(group)
            found[at] = source == MISSING + name
    return found


def _draw(one: OneRegion, of: _Set, constants: Constants) -> Draws:
    shape = (len(one.inputs.groups) + 1, 1, one.inputs.draws)
    drawn = Draws(*(np.empty(shape, np.float32) for _ in range(3)))
    _redraw_media(one, of, constants, drawn)
    _redraw_readiness(one, of, constants, drawn)
    draw_combined(replace(one.inputs, seed=of.weights), drawn, constants)
    return drawn


def _again(one: OneRegion, source: str, of: _Set, known: Draws, constants: Constants) -> Floats:
    """The combined scores of a mixture; of `known` what its source does not reach stays."""
    drawn = replace(known, combined=np.empty_like(known.combined))
    if source in OF_MEDIA:
        drawn = replace(drawn, media=np.empty_like(known.media))
        _redraw_media(one, of, constants, drawn)
    else:
        drawn = replace(drawn, readiness=np.empty_like(known.readiness))
        _redraw_readiness(one, of, constants, drawn)
    draw_combined(replace(one.inputs, seed=of.weights), drawn, constants)
    return drawn.combined


def _redraw_media(one: OneRegion, of: _Set, constants: Constants, drawn: Draws) -> None:
    inputs = replace(one.inputs, seed=of.stories)
    draw_media(inputs, one.past, constants, of.noise, drawn.media[:-1])


def _redraw_readiness(one: OneRegion, of: _Set, constants: Constants, drawn: Draws) -> None:
    inputs = replace(one.inputs, seed=of.weights)
    draw_readiness(inputs, list(one.components), constants, of.noise, drawn.readiness[:-1])


def _shares(a: Floats, b: Floats, mixed: dict[str, tuple[Floats, Floats]]) -> tuple[Share, ...]:
    """`mixed`: source -> (A with it from B, B with it from A), all (draws,)."""
    y, z = a.astype(float), b.astype(float)
    if y.std() < 1e-9:
        return ()
    found = [
        share(source, y, z, of_b.astype(float), of_a.astype(float))
        for source, (of_b, of_a) in mixed.items()
    ]
    return tuple(sorted(found, key=lambda s: (-s.first, s.source)))


def share(source: str, a: Array, b: Array, a_with_b: Array, b_with_a: Array) -> Share:
    """The two shares of one source from its four sets of draws; see the module's docstring."""
    if np.array_equal(a, a_with_b) and np.array_equal(b, b_with_a):
        return Share(source, 0.0, 0.0, 0.0, 0.0)  # it does not vary
    every = np.stack([a, b, a_with_b, b_with_a])
    far = every - every.mean()
    squares = (far**2).mean(axis=0)
    alone = (far[0] * far[3] + far[1] * far[2]) / 2  # pairs that share the source alone
    chance = far[0] * far[1]
    spread = chance - chance.mean()
    alone = alone - (alone * spread).mean() / (spread**2).mean() * chance
    without = ((far[0] - far[2]) ** 2 + (far[1] - far[3]) ** 2) / 4
    first, first_error = _ratio(alone, squares)
    total, total_error = _ratio(without, squares)
    return Share(source, first, first_error, total, total_error)


def _ratio(part: Array, whole: Array) -> tuple[float, float]:
    """Mean over mean, and its standard error to the first order."""
    value = part.mean() / whole.mean()
    error = (part - value * whole).std() / (whole.mean() * len(part) ** 0.5)
    return float(value), float(error)
