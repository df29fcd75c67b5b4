"""The state of each readiness component of one region and group: observed, or typed as to why not.

A component without data is never filled with the middle; the score widens its interval instead. Does
not discount for age and does not weigh components against each other: that is the score's.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.readiness import details
from monitor.readiness.roadmap import RoadmapTask, latest_report, shares
from monitor.risk.constants import load_constants
from monitor.values import ALL_GROUPS, Observation, ReadinessComponent, ReadinessState

ROADMAP = "roadmap"
# Statistics Finland's mark "." in a table: the category does not apply. Kept as the datum's unit,
# because its value, like that of "..", is none.
NOT_APPLICABLE_UNIT = "not applicable"


@dataclass(frozen=True, slots=True)
class _Found:
    """What is known of a component, before its name and weight."""

    state: ReadinessState
    detail: str  # monitor.readiness.details
    done: float | None = None
    age_days: int | None = None
    observation_ids: tuple[int, ...] = ()


def components(
    region: str,
    group: str,
    as_of: date,
    observations: Iterable[Observation],
    tasks: Iterable[RoadmapTask],
    weights: Mapping[str, float] | None = None,
) -> tuple[ReadinessComponent, ...]:
    """One value per component of `weights`, in its order; without them, of the methodology in force.

    `group` is a roadmap group, or "all" for the region as a whole. Data of other regions and of
    later days in `observations` and `tasks` are passed over.
    """
    weights = weights or nominal_weights()
    mine = [o for o in observations if o.region == region]
    report = latest_report(tasks, region, as_of)
    found = {
        name: _roadmap(report, group, as_of)
        if name == ROADMAP
        else _observed(_of_group([o for o in mine if o.component == name], group), as_of)
        for name in weights
    }
    return tuple(
        ReadinessComponent(
            name, f.state, f.done, f.age_days, weights[name], f.detail, f.observation_ids
        )
        for name, f in found.items()
    )


def nominal_weights() -> Mapping[str, float]:
    """The components and their weights before the discount for age, from the constants of the score."""
    return load_constants().readiness.component_weight


def _roadmap(report: Sequence[RoadmapTask], group: str, as_of: date) -> _Found:
    tasks = [t for t in report if group in (t.group, ALL_GROUPS)]
    if not tasks:
        return _Found(ReadinessState.MISSING, "no_report")
    critical = [t for t in tasks if t.critical]
    if not critical:
        return _Found(ReadinessState.NOT_APPLICABLE, "no_tasks")
    due = shares(critical)
    if due.share_finished is None:
        first = min(t.due for t in critical)
        return _Found(ReadinessState.NOT_YET_DUE, details.first_due(first))
    day = min(t.as_of for t in critical)  # of the oldest report, where groups have their own
    detail = details.roadmap(due.finished, due.total, day)
    return _Found(ReadinessState.OBSERVED, detail, due.share_finished, (as_of - day).days)


def _of_group(observations: Sequence[Observation], group: str) -> Sequence[Observation]:
    """The group's own data; where it has none, what was said of the region as a whole.

    For "all", everything that was said of the region.
    """
    if group == ALL_GROUPS:
        return observations
    own = [o for o in observations if o.group == group]
    return own or [o for o in observations if o.group == ALL_GROUPS]


def _observed(observations: Sequence[Observation], as_of: date) -> _Found:
    known = [o for o in observations if o.period_end <= as_of]
    if not known:
        return _nothing_yet(observations)
    newest = _newest_per_indicator(known)
    used = [o for o in newest if o.done is not None]
    if used:
        return _mean(used, as_of)
    if all(o.unit == NOT_APPLICABLE_UNIT for o in newest):
        return _Found(ReadinessState.NOT_APPLICABLE, "not_applicable")
    return _Found(ReadinessState.MISSING, "no_value")


def _nothing_yet(observations: Sequence[Observation]) -> _Found:
    if not observations:
        return _Found(ReadinessState.MISSING, "no_data")
    first = min(o.period_end for o in observations)
    return _Found(ReadinessState.NOT_YET_DUE, details.first_period(first))


def _newest_per_indicator(observations: Iterable[Observation]) -> list[Observation]:
    """One datum per indicator and group: that of the newest period that has one.

    Of several imports of one period the last counts, also where it takes a value back. A period whose
    value the source does not have (yet) leaves the one before in force: its age tells.
    """
    series: dict[tuple[str, str], dict[tuple[date, date], Observation]] = defaultdict(dict)
    for o in sorted(observations, key=lambda o: (o.imported_at, o.id)):
        series[o.indicator, o.group][o.period_end, o.period_start] = o
    return [max(periods.values(), key=_recency) for _, periods in sorted(series.items())]


def _recency(o: Observation) -> tuple[bool, date, date]:
    says_something = o.value is not None or o.unit == NOT_APPLICABLE_UNIT
    return (says_something, o.period_end, o.period_start)


def _mean(used: Sequence[Observation], as_of: date) -> _Found:
    """Plain mean; its age is the mean age of what it is made of."""
    done = sum(o.done for o in used if o.done is not None) / len(used)
    age = sum((as_of - o.period_end).days for o in used) // len(used)
    newest = max(o.period_end for o in used)
    detail = details.mean(len(used), newest)
    ids = tuple(sorted(o.id for o in used))
    return _Found(ReadinessState.OBSERVED, detail, done, age, ids)
