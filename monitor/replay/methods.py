"""The alert methods side by side on one history: a statistic per cell and week, and who raised when. Pure.

Every method sees the same weekly weighted counts, so that differences are the methods' own. Ours alone
knows exposure and daily counts, because the scorer gives it those. A *cell* is a region and a topic; arrays
are weeks x regions x topics, NaN where a method has no opinion. Judges nothing.

The *oracle* is no method: it knows each cell's true usual rate, the hearing and the size of the events, and
counts the true stories without any classifier. By the Neyman-Pearson lemma nothing that looks at one week
can beat it. What it misses, chance hides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from monitor.replay.simulator import RISK, History
from monitor.replay.world import WARM_UP
from monitor.risk import ears
from monitor.risk.alerts import evidence, raised
from monitor.risk.constants import Constants
from monitor.risk.inputs import WeekInputs

Array = NDArray[np.float64]
OURS, ORACLE = "ours", "oracle"
THRESHOLD_SD = 2.0  # of the plain threshold: mean + 2 standard deviations
THRESHOLD_WEEKS = 12
BASELINES = ("EARS C1", "EARS C2", "EARS C3", "eEARS", "threshold")


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one method says of a history."""

    name: str
    statistic: Array  # the larger the more alarming; NaN where it has none
    raised: NDArray[np.bool_]  # at the method's own limit; the oracle has none


def ours(weeks: Sequence[WeekInputs], constants: Constants) -> Opinion:
    """Our alerts; the statistic is -log10 of a cell's p-value, none where too little was heard."""
    unit = {u: i for i, u in enumerate(weeks[0].units)}
    topic = {t: i for i, t in enumerate(weeks[0].topics)}
    shape = len(weeks), len(unit), len(topic)
    statistic, alarms = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    for w, inputs in enumerate(weeks):
        found = evidence(inputs, constants)
        at = [(unit[region], topic[label]) for region, label in found.keys]
        if not at:
            continue
        r, k = np.array(at).T
        statistic[w, r, k] = -np.log10(found.combined(constants.alerts))
        alarms[w, r, k] = raised(found, constants.alerts)[1]
    return Opinion(OURS, statistic, alarms)


Statistic = Callable[[Array, Array], ears.Reading]


def baselines(counts: Array, first: int) -> tuple[Opinion, ...]:
    """The published methods with their published limits on `counts`, from week `first` on."""
    flat = np.maximum(counts, 0.0).reshape(len(counts), -1)
    methods: Mapping[str, Statistic] = {
        "EARS C1": ears.c1,
        "EARS C2": ears.c2,
        "EARS C3": ears.c3,
        "eEARS": ears.eears,
        "threshold": threshold,
    }
    return tuple(_over(name, method, flat, counts.shape, first) for name, method in methods.items())


def _over(name: str, method: Statistic, flat: Array, shape: tuple[int, ...], first: int) -> Opinion:
    readings = [method(flat[:week], flat[week]) for week in range(first, len(flat))]
    cells = len(readings), *shape[1:]
    statistic = np.array([r.statistic for r in readings]).reshape(cells)
    alarms = np.array([r.exceeds for r in readings]).reshape(cells)
    return Opinion(name, statistic, alarms)


def threshold(past: Array, now: Array) -> ears.Reading:
    """Mean + 2 standard deviations of the last 12 weeks."""
    parameters = ears.EarsParameters(baseline=THRESHOLD_WEEKS, guard=0, limit=THRESHOLD_SD)
    return ears.c1(past, now, parameters)


def oracle(history: History) -> Opinion:
    """Log likelihood ratio of the true counts, an event at its height against none."""
    ratio = _log_ratio(history)[WARM_UP:]
    return Opinion(ORACLE, ratio, np.zeros(ratio.shape, dtype=bool))


def _log_ratio(history: History) -> Array:
    real, world = history.truth, history.world
    usual = real.usual * world.risk_share
    extra = _full_extra(history)
    hearing = history.exposure[:, :, None]
    low, high = hearing * usual[None], hearing * (usual + extra)[None]
    counts = true_counts(history)
    # Weeks differ by more than chance: negative binomial around the usual, as the world draws them.
    size = np.full_like(low, 1 / max(world.week_variance, 1e-6))
    if world.as_model:
        size = np.broadcast_to(history.constants.media.week_weeks * usual, low.shape)
    return _log_nb(counts, high, size) - _log_nb(counts, low, size)


def _full_extra(history: History) -> Array:
    """(regions, topics) what an event of this history's kind adds at its height."""
    world, kind, usual = history.world, history.kind, history.truth.usual
    if kind is None:
        return usual * world.risk_share
    volume = (
        usual if kind.of == "cell" else np.broadcast_to(usual.sum(axis=1)[:, None], usual.shape)
    )
    extra: Array = (kind.times - 1) * volume * world.risk_share
    return extra


def true_counts(history: History) -> Array:
    """(weeks, regions, topics) stories heard that are relevant and raise risk, as they truly are."""
    own = history.stories
    shape = history.truth.rate.shape
    mine = own.relevant & (own.direction == RISK) & own.told.any(axis=1)
    at = np.ravel_multi_index((own.week[mine], own.region[mine], own.topic[mine]), shape)
    return np.bincount(at, minlength=int(np.prod(shape))).reshape(shape).astype(float)


def _log_nb(counts: Array, mean: Array, size: Array) -> Array:
    """Log probability of a negative binomial with this mean and size, without the term in counts alone."""
    mean = np.maximum(mean, 1e-9)
    found: Array = (
        gammaln(counts + size)
        - gammaln(size)
        + size * np.log(size / (size + mean))
        + counts * np.log(mean / (size + mean))
    )
    return found


def judged(history: History) -> Opinion:
    """Our alerts on the judged weeks of a simulated history."""
    weeks = [history.inputs(w, readiness=False) for w in range(WARM_UP, history.weeks)]
    return ours(weeks, history.constants)


def opinions(history: History) -> tuple[Opinion, ...]:
    """Every method and the oracle on the judged weeks of a simulated history."""
    counts = history.counts.sum(axis=1)
    return (judged(history), *baselines(counts, WARM_UP), oracle(history))
