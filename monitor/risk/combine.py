"""The readiness gap, the combined score, its parts, and regions' totals: point values only.

Pure arithmetic on numbers and readiness components. Intervals are `monitor.risk.interval`'s, and what
is assembled into a `Score` is `monitor.risk.score`'s.

**Reasons of a NotReady** are ids with parameters, so that they can be worded in three languages:
`coverage:OBSERVED:NEEDED` (exposure), `readiness:OBSERVED:NEEDED` (share of the readiness weight that
has data). Both numbers are shares in [0, 1] with a decimal point; the observed one is rounded down.

A combined score is not ready where either half is not: a score from readiness alone would reward a
region for silence, and one from news alone would take missing reports for good ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

from monitor.risk.constants import CombinedConstants, ReadinessConstants
from monitor.values import NotReady, ReadinessComponent, ReadinessState

_APPLICABLE = (ReadinessState.OBSERVED, ReadinessState.MISSING)


@dataclass(frozen=True, slots=True)
class Gap:
    """A readiness gap and what makes it."""

    value: float  # [0, 1]
    parts: tuple[tuple[ReadinessComponent, float], ...]  # observed ones; the shares sum to value


def freshness(component: ReadinessComponent, constants: ReadinessConstants) -> float:
    """(0, 1]: what an observation of this age still weighs, halved every half-life."""
    return float(0.5 ** (max(component.age_days or 0, 0) / constants.half_life_days))


def applicable(components: Sequence[ReadinessComponent]) -> tuple[ReadinessComponent, ...]:
    """Those that could have a value now: observed or missing, neither early nor beside the point."""
    return tuple(c for c in components if c.state in _APPLICABLE and c.weight > 0)


def gap(components: Sequence[ReadinessComponent], constants: ReadinessConstants) -> Gap | NotReady:
    """One minus the weighted share done, over the components that have a value.

    Weights are nominal times freshness. Missing components are not filled in: below a least observed
    share of the nominal weight there is no gap, above it they widen the interval.
    """
    could = applicable(components)
    due = sum([c.weight for c in could])
    known = [c for c in could if c.done is not None]
    share = sum([c.weight for c in known]) / due if due else 0.0
    if not known or share < constants.minimum_share:
        return NotReady((reason("readiness", share, constants.minimum_share),))
    weights = [c.weight * freshness(c, constants) for c in known]
    total = sum(weights)
    parts = tuple(
        (c, w / total * (1 - (c.done or 0.0))) for c, w in zip(known, weights, strict=True)
    )
    return Gap(min(1.0, sum([part for _, part in parts])), parts)


def reason(name: str, value: float, needed: float) -> str:
    """A NotReady reason; see the module's docstring."""
    return f"{name}:{floor(value * 100) / 100:.2f}:{needed:.2f}"


def join(a: Any, b: Any) -> Any:
    """1 - (1 - a)(1 - b) = a + b - ab, elementwise: in [0, 1] where both are, either alone raises it."""
    return a + b - a * b


def combined(readiness: float, media: float, group: str, constants: CombinedConstants) -> float:
    """C = 100 (1 - (1 - w_R R)(1 - w_M M)) in [0, 100]: either alone raises it, both more."""
    a = constants.readiness_weight[group] * readiness
    b = constants.media_weight[group] * media
    return float(100 * join(a, b))


def halves(
    readiness: float, media: float, group: str, constants: CombinedConstants
) -> tuple[float, float]:
    """The combined score parted into readiness and media: Shapley values of the two factors.

    With a = w_R R and b = w_M M they are 100 (a - ab/2) and 100 (b - ab/2): each factor's share is its
    mean effect over the two orders in which they can be added (Shapley 1953). They sum to C.
    """
    a = constants.readiness_weight[group] * readiness
    b = constants.media_weight[group] * media
    return 100 * (a - a * b / 2), 100 * (b - a * b / 2)


def total(values: Mapping[str, float], constants: CombinedConstants) -> float:
    """A region's total: the weighted power mean (sum w x^p)^(1/p) over its ready groups, p > 1.

    It lies between the plain mean and the worst group, so a good group does not hide a bad one.
    """
    power = constants.power
    weights = constants.group_weight
    weight = sum(weights[g] for g in values)
    mean = sum(weights[g] / weight * x**power for g, x in values.items())
    return min(float(mean ** (1 / power)), max(values.values()))


def group_shares(values: Mapping[str, float], constants: CombinedConstants) -> dict[str, float]:
    """The total parted into groups: w x^p total^(1-p), which sum to the total.

    By Euler's theorem: the power mean is homogeneous of degree one, so it is the sum of each value
    times the derivative by it.
    """
    whole = total(values, constants)
    weights = {g: constants.group_weight[g] * x**constants.power for g, x in values.items()}
    mass = sum(weights.values())
    return {g: whole * w / mass if mass else 0.0 for g, w in weights.items()}


def enough_groups(ready: Sequence[str], constants: CombinedConstants) -> bool:
    """Whether the ready groups weigh enough to speak for their region."""
    weight = sum(constants.group_weight[g] for g in ready)
    return bool(ready) and weight >= constants.minimum_group_weight - 1e-12


def ranks(values: Mapping[str, float]) -> dict[str, int]:
    """Rank of each unit, 1 for the highest; equal values share the better rank."""
    return {unit: 1 + sum(other > x for other in values.values()) for unit, x in values.items()}
