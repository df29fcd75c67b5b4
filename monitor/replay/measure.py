"""How good alarms are, against events that are known: counts, operating points and intervals. Pure.

- An *alarm* is a cell in a week. It is true where the week lies between an event's onset and its end in
  that cell, both included, and false elsewhere. *Precision* is the share of alarms that are true.
- An event is *found* where an alarm stands in one of its weeks. *Sensitivity* is the share found.
- *Lead* is the days from the first alarm of a found event to the end of its first week at full height:
  7 x (peak week - alarm week), negative where the alarm came after. *Delay* is the days from the onset's
  Monday to the end of the alarm's week. Both are of weekly alarms, known when the week is over.
- *False alarms* are per region and month of 365.25 / 12 days.

Intervals are 95 %, by bootstrap over the regions of all runs (one region in one run is one cluster), so
that events and alarms of one place stay together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.replay.methods import Opinion
from monitor.replay.world import WARM_UP, Event

Array = NDArray[np.float64]
WEEKS_PER_MONTH = 365.25 / 12 / 7
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number with its 95 % interval; NaN where nothing could be measured."""

    value: float
    low: float
    high: float
    n: int  # what it is a share or median of


@dataclass(frozen=True, slots=True)
class Seen:
    """One method's statistic over all runs of a case, parted by what was true. Clusters are numbered."""

    name: str
    inside: Array  # statistic of cell-weeks in events
    inside_cluster: NDArray[np.int64]
    inside_event: NDArray[np.int64]
    inside_week: NDArray[np.int64]  # from the onset, 0 first
    outside: Array  # of all others
    outside_cluster: NDArray[np.int64]
    raised_inside: NDArray[np.bool_]  # at the method's own limit
    raised_outside: NDArray[np.bool_]
    event_cluster: NDArray[np.int64]
    event_peak: NDArray[np.int64]  # weeks from onset to peak
    event_size: Array  # stories a week it adds at its height
    clusters: int
    months: float  # of one cluster


def seen(runs: Sequence[tuple[Opinion, Sequence[Event]]]) -> Seen:
    """Pool one method's opinions, from the first judged week on, with the events of their histories."""
    parts: dict[str, list[NDArray[Any]]] = {}
    events = 0
    regions = runs[0][0].statistic.shape[1]
    for run, (opinion, happened) in enumerate(runs):
        for name, values in _part(opinion, happened, run * regions, events).items():
            parts.setdefault(name, []).append(values)
        events += len(happened)
    joined = {name: np.concatenate(values) for name, values in parts.items()}
    first = runs[0][0]
    return Seen(
        name=first.name,
        clusters=len(runs) * regions,
        months=len(first.statistic) / WEEKS_PER_MONTH,
        **joined,
    )


def _part(
    opinion: Opinion, events: Sequence[Event], first_cluster: int, first_event: int
) -> dict[str, NDArray[Any]]:
    # No opinion is no alarm, at any limit.
    statistic = np.where(np.isnan(opinion.statistic), -np.inf, opinion.statistic)
    at = np.array(
        [
            (w - WARM_UP, e.region, e.topic, i, w - e.onset)
            for i, e in enumerate(events)
            for w in range(e.onset, e.end + 1)
        ],
        dtype=np.int64,
    ).reshape(-1, 5)
    week, region, topic, event, since = at.T
    calm = np.ones(statistic.shape, dtype=bool)
    calm[week, region, topic] = False
    return {
        "inside": statistic[week, region, topic],
        "inside_cluster": first_cluster + region,
        "inside_event": first_event + event,
        "inside_week": since,
        "outside": statistic[calm],
        "outside_cluster": first_cluster + np.nonzero(calm)[1],
        "raised_inside": opinion.raised[week, region, topic],
        "raised_outside": opinion.raised[calm],
        "event_cluster": first_cluster + np.array([e.region for e in events], dtype=np.int64),
        "event_peak": np.array([e.peak - e.onset for e in events], dtype=np.int64),
        "event_size": np.array([max(e.extra) for e in events], dtype=float),
    }


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts per cluster at one operating point. They may be a mixture of two limits, so no integers."""

    true: Array
    false: Array
    found: Array
    events: Array
    months: float  # of one cluster

    def precision(self) -> Figure:
        return ratio(self.true, self.true + self.false)

    def sensitivity(self) -> Figure:
        return ratio(self.found, self.events)

    def false_alarms(self) -> Figure:
        return ratio(self.false, np.full(len(self.false), self.months))

    def mixed(self, other: "Tally", share: float) -> "Tally":
        """This one, and `share` of the time the other."""

        def mix(mine: Array, theirs: Array) -> Array:
            return (1 - share) * mine + share * theirs

        return Tally(
            mix(self.true, other.true),
            mix(self.false, other.false),
            mix(self.found, other.found),
            mix(self.events, other.events),
            self.months,
        )


def native(own: Seen) -> Tally:
    """At the method's own limit."""
    return _tally(own, own.raised_inside, own.raised_outside)


def at_limit(own: Seen, limit: float) -> Tally:
    """An alarm wherever the statistic reaches `limit`."""
    return _tally(own, own.inside >= limit, own.outside >= limit)


def found_events(own: Seen, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(events,) which are found by alarms at `inside`, cell-weeks of events."""
    found = np.zeros(len(own.event_cluster), dtype=bool)
    found[own.inside_event[inside]] = True
    return found


def _tally(own: Seen, inside: NDArray[np.bool_], outside: NDArray[np.bool_]) -> Tally:
    n = own.clusters
    found = found_events(own, inside)
    return Tally(
        np.bincount(own.inside_cluster[inside], minlength=n).astype(float),
        np.bincount(own.outside_cluster[outside], minlength=n).astype(float),
        np.bincount(own.event_cluster[found], minlength=n).astype(float),
        np.bincount(own.event_cluster, minlength=n).astype(float),
        own.months,
    )


def at_false_alarms(own: Seen, target: float) -> Tally:
    """At the limit that gives `target` false alarms per region and month.

    Where counts jump over the target, the two limits next to it are mixed in the proportion that meets it.
    """
    allowed = target * own.clusters * own.months
    values = np.sort(own.outside[np.isfinite(own.outside)])[::-1]
    if len(values) == 0:
        return at_limit(own, np.inf)
    at = min(int(allowed), len(values) - 1)
    strict, loose = at_limit(own, np.nextafter(values[at], np.inf)), at_limit(own, values[at])
    low, high = strict.false.sum(), loose.false.sum()
    share = float(np.clip((allowed - low) / (high - low), 0.0, 1.0)) if high > low else 0.0
    return strict.mixed(loose, share)


def limit_for(own: Seen, target: float) -> float:
    """The limit with at most `target` false alarms per region and month."""
    values = np.sort(own.outside[np.isfinite(own.outside)])[::-1]
    at = int(target * own.clusters * own.months)
    return float(np.nextafter(values[at], np.inf)) if at < len(values) else -np.inf


def at_sensitivity(own: Seen, target: float) -> Tally | None:
    """At the limit that finds `target` of the events, limits mixed as needed; None where none does."""
    best = np.full(len(own.event_cluster), -np.inf)
    np.maximum.at(best, own.inside_event, own.inside)
    values = np.sort(best)[::-1]
    wanted = target * len(values)
    at = int(np.ceil(wanted)) - 1
    if not len(values) or not np.isfinite(values[at]):
        return None
    strict, loose = at_limit(own, np.nextafter(values[at], np.inf)), at_limit(own, values[at])
    low, high = strict.found.sum(), loose.found.sum()
    return strict.mixed(loose, float(np.clip((wanted - low) / (high - low), 0.0, 1.0)))


def lead_and_delay(own: Seen) -> tuple[Figure, Figure]:
    """Medians in days over the events that were found at the method's own limit."""
    first = np.full(len(own.event_cluster), np.inf)
    np.minimum.at(
        first, own.inside_event[own.raised_inside], own.inside_week[own.raised_inside].astype(float)
    )
    found = np.isfinite(first)
    clusters = own.event_cluster[found]
    lead = 7.0 * (own.event_peak[found] - first[found])
    return median(lead, clusters, own.clusters), median(
        7.0 * (first[found] + 1), clusters, own.clusters
    )


@cache
def _weights(clusters: int, resamples: int = RESAMPLES) -> NDArray[np.int64]:
    """(resamples, clusters) how often each cluster is drawn; always the same draws."""
    rng = np.random.default_rng(20260101)
    return rng.multinomial(clusters, np.full(clusters, 1 / clusters), size=resamples)


def ratio(above: Array, below: Array) -> Figure:
    """Sum over sum of what the clusters hold."""
    total = float(below.sum())
    if total == 0:
        return Figure(np.nan, np.nan, np.nan, 0)
    weights = _weights(len(above))
    drawn = weights @ below
    held = drawn > 0  # a draw without anything to count says nothing
    low, high = np.quantile((weights @ above)[held] / drawn[held], [0.025, 0.975])
    return Figure(float(above.sum()) / total, float(low), float(high), round(total))


def share(yes: NDArray[np.bool_], cluster: NDArray[np.int64], clusters: int) -> Figure:
    """Share of those that lie in clusters."""
    return ratio(
        np.bincount(cluster[yes], minlength=clusters).astype(float),
        np.bincount(cluster, minlength=clusters).astype(float),
    )


def difference(ours: Tally, other: Tally) -> Figure:
    """Sensitivity of ours less that of another over the same clusters."""
    events = ours.events
    weights = _weights(len(events))
    below = np.maximum(weights @ events, 1e-12)
    drawn = (weights @ (ours.found - other.found)) / below
    low, high = np.quantile(drawn, [0.025, 0.975])
    value = float((ours.found - other.found).sum() / max(events.sum(), 1e-12))
    return Figure(value, float(low), float(high), round(float(events.sum())))


def median(values: Array, cluster: NDArray[np.int64], clusters: int) -> Figure:
    """Median of values that lie in clusters."""
    if not len(values):
        return Figure(np.nan, np.nan, np.nan, 0)
    order = np.argsort(values, kind="stable")
    weights = _weights(clusters)[:, cluster[order]].cumsum(axis=1)
    middle = (weights * 2 < weights[:, -1:]).sum(axis=1)
    drawn = values[order][np.minimum(middle, len(values) - 1)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(float(np.median(values)), float(low), float(high), len(values))
