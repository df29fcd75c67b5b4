"""One week as programs read it: its records by kind, each with a key to be sorted and asked for by.

Reads the store through `monitor.db` and computes nothing but what `monitor.risk` says of frozen inputs.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlmodel import Session

from classifiers.reference import Reference
from monitor.db import exports
from monitor.db import scores as scores_store
from monitor.db.coverage import coverage_of_weeks, hearing_of_weeks
from monitor.db.exports import InForce, SummaryVersion
from monitor.db.frozen import inputs_text
from monitor.risk.constants import load_constants
from monitor.risk.frozen import thaw
from monitor.risk.inputs import StorySignal, WeekInputs
from monitor.risk.topics import LIKELY, topic_signals
from monitor.values import ALL_GROUPS, Coverage, NotReady, Score
from monitor.weeks import first_day


@dataclass(frozen=True, slots=True)
class Pick:
    """Which regions, groups and topics are asked for; none named is all."""

    regions: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    topics: frozenset[str] = frozenset()

    def region(self, code: str) -> bool:
        return not self.regions or code in self.regions

    def group(self, name: str) -> bool:
        return not self.groups or name in self.groups

    def topic(self, name: str) -> bool:
        return not self.topics or name in self.topics


ALL = Pick()


@dataclass(frozen=True, slots=True)
class Row:
    """A record before it is built: what it is sorted by, and what it is built from."""

    key: str
    value: Any
    week: "Week | None" = None


@dataclass(frozen=True, slots=True)
class Week:
    """What is in force of a week."""

    week: str
    units: tuple[str, ...]
    computed: InForce | None
    inputs: WeekInputs | None  # None where they are not kept
    scores: tuple[Score, ...]
    coverage: Mapping[str, Coverage]  # region -> what was heard, as the scores saw it
    stories: Mapping[str, int] = field(default_factory=dict)  # region -> relevant ones

    def exposure(self, region: str) -> float:
        """0 where nothing is kept of the region."""
        heard = self.coverage.get(region)
        return heard.exposure if heard else 0.0


def load_week(session: Session, week: str, reference: Reference) -> Week:
    """Read a week; one that was never scored has its coverage alone."""
    computed = exports.in_force(session, week)
    text = inputs_text(session, computed.input_hash) if computed else None
    inputs = _thawed(text) if text else None
    kept = coverage_of_weeks(session, (week,))
    coverage = {region: one for (region, _), one in kept.items()}
    if inputs is not None:
        coverage |= {one.region: one for one in inputs.coverage}
    return Week(
        week=week,
        units=inputs.units if inputs else reference.units_on(first_day(week)),
        computed=computed,
        inputs=inputs,
        scores=tuple(scores_store.current_scores(session, week)),
        coverage=coverage,
        stories=_per_region(inputs.stories) if inputs else {},
    )


@lru_cache(maxsize=3)
def _thawed(text: str) -> WeekInputs:
    return thaw(text)


def _per_region(stories: Iterable[StorySignal]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for story in stories:
        if story.relevant >= LIKELY:
            found.update(region for region, p in story.regions if p >= LIKELY)
    return found


# --- rows by kind --------------------------------------------------------------------------------


def signals(_session: Session, week: Week, pick: Pick) -> Iterable[Row]:
    """Every region and topic, silent ones too."""
    for cell in topic_signals(week.inputs, load_constants()) if week.inputs else ():
        if pick.region(cell.region) and pick.topic(cell.topic):
            yield Row(f"{week.week}:{cell.region}:{cell.topic}", cell, week)


def stories(_session: Session, week: Week, pick: Pick) -> Iterable[Row]:
    """Stories that are more likely relevant than not."""
    for story in week.inputs.stories if week.inputs else ():
        if story.relevant >= LIKELY and _about(story, pick):
            yield Row(f"{week.week}:{story.story:010d}", story, week)


def _about(story: StorySignal, pick: Pick) -> bool:
    return all(
        not wanted or any(p >= LIKELY and name in wanted for name, p in said)
        for wanted, said in (
            (pick.regions, story.regions),
            (pick.groups, story.groups),
            (pick.topics, story.topics),
        )
    )


def scores(_session: Session, week: Week, pick: Pick) -> Iterable[Row]:
    """Every region and group, and each region's total."""
    for score in week.scores:
        if pick.region(score.region) and pick.group(score.group):
            yield Row(f"{week.week}:{score.region}:{score.group}", score, week)


def readiness(_session: Session, week: Week, pick: Pick) -> Iterable[Row]:
    """Every region and group with its components; the total has none of its own."""
    of = {(r.region, r.group): r for r in week.inputs.readiness} if week.inputs else {}
    for row in scores(_session, week, pick):
        score: Score = row.value
        if (score.region, score.group) in of:
            yield Row(row.key, (score, of[score.region, score.group]), week)


def coverage(session: Session, week: Week, pick: Pick) -> Iterable[Row]:
    """Every region's hearing."""
    hearing = hearing_of_weeks(session, (week.week,))
    for region, heard in week.coverage.items():
        if pick.region(region):
            value = (heard, hearing.get((region, week.week)))
            yield Row(f"{week.week}:{region}", value, week)


def alerts(session: Session, week: Week, pick: Pick) -> Iterable[Row]:
    """The week's alerts."""
    for alert in scores_store.alerts(session, week.week):
        if pick.region(alert.region) and pick.topic(alert.topic):
            key = f"{week.week}:{alert.region}:{alert.topic}:{alert.method.replace(' ', '_')}"
            yield Row(key, alert, week)


def summary_row(version: SummaryVersion) -> Row:
    return Row(f"{version.week}:{version.version:04d}", version)


def note(week: Week, articles: int) -> dict[str, Any]:
    """The week's denominators."""
    heard = list(week.coverage.values())
    relevant = [s for s in week.inputs.stories if s.relevant >= LIKELY] if week.inputs else None
    totals = [s.combined for s in week.scores if s.group == ALL_GROUPS]
    monday = first_day(week.week)
    return {
        "week": week.week,
        "first_day": monday,
        "last_day": monday + timedelta(days=6),
        "units": len(week.units),
        "units_heard": sum(c.exposure > 0 for c in heard),
        "units_scored": sum(not isinstance(total, NotReady) for total in totals),
        "mean_exposure": sum(c.exposure for c in heard) / len(heard) if heard else None,
        "sources": sum(c.sources for c in heard),
        "sources_heard": sum(c.alive for c in heard),
        "articles": articles,
        "stories": None if relevant is None else len(relevant),
        "methodology": week.computed.methodology if week.computed else "",
        "input_hash": week.computed.input_hash if week.computed else "",
        "computed_at": week.computed.computed_at if week.computed else None,
        "inputs_kept": week.inputs is not None,
    }
