"""The use-case: the scores and alerts of given weeks, from the store to the store.

Orders the calls and owns the transaction; every rule is in the pure modules beside it. A week's scores,
its alerts and the `current` flags change in one transaction. The same inputs write nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine

from classifiers.reference import Reference
from monitor.clock import Clock
from monitor.coverage.run import compute_coverage
from monitor.db import scores as store
from monitor.db.engine import reading, transaction
from monitor.db.frozen import keep_inputs, thin
from monitor.db.past import as_known
from monitor.db.signals import article_signals
from monitor.logs import get_logger
from monitor.progress import Progress
from monitor.readiness.run import readiness_at
from monitor.readiness.state import components
from monitor.risk.alerts import alerts
from monitor.risk.constants import Constants, load_constants
from monitor.risk.inputs import (
    DayCounts,
    ErrorRate,
    PastWeek,
    Readiness,
    StorySignal,
    WeekInputs,
    day_counts,
    past_week,
    story_signals,
)
from monitor.risk.score import scores
from monitor.settings import Settings
from monitor.values import ALL_GROUPS, Coverage, NotReady, Score
from monitor.weeks import first_day, last_known_day, previous, week_bounds, week_of, weeks_between

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """What scoring did."""

    weeks: tuple[str, ...]
    written: int  # new score rows
    unchanged: tuple[str, ...]  # weeks whose inputs were those of the scores in force
    alerts: int  # raised in the weeks that were computed
    not_ready: dict[str, int]  # week -> regions without a combined total, of those computed


def score_weeks(
    engine: Engine,
    weeks: Iterable[str],
    reference: Reference,
    settings: Settings,
    models: Mapping[str, str],
    error_rates: Mapping[str, Mapping[str, float]],
    clock: Clock,
    progress: Progress,
) -> ScoreReport:
    """Compute and keep scores and alerts of `weeks`.

    `models` is task -> version, `error_rates` task -> {"precision": ..., "recall": ...} as measured on
    held-out texts; a task without them gets the assumed ones of the constants.
    """
    weeks = tuple(sorted(set(weeks)))
    if not weeks:
        return ScoreReport((), 0, (), 0, {})
    background = _background(reference, settings, models, error_rates)
    known = _Known(clock(), None)
    signals = _signals(engine, weeks, background, known)
    done = [
        _score(engine, _inputs(engine, week, background, signals, known), clock)
        for week in progress.over(weeks, "weeks scored", len(weeks))
    ]
    # Shorter than the weeks where the program was told to stop meanwhile.
    scored = {week: result for week, result in zip(weeks, done, strict=False) if result}
    return ScoreReport(
        weeks,
        written=sum(result.written for result in scored.values()),
        unchanged=tuple(week for week, result in zip(weeks, done, strict=False) if not result),
        alerts=sum(result.alerts for result in scored.values()),
        not_ready={week: result.not_ready for week, result in scored.items()},
    )


@dataclass(frozen=True, slots=True)
class NotThen:
    """A week cannot be computed as of that instant."""

    week: str
    at: datetime
    running: str  # the week of that instant


def scores_as_of(
    engine: Engine,
    week: str,
    at: datetime,
    reference: Reference,
    settings: Settings,
    models: Mapping[str, str],
    error_rates: Mapping[str, Mapping[str, float]],
) -> tuple[WeekInputs, tuple[Score, ...]] | NotThen:
    """Compute a week from what was known at `at`; nothing is kept.

    Articles by when they were first seen, claims and decisions by when they were made, readiness by when it
    was imported and undone, coverage from the polls until then. Constants, seed, draws and the formulas
    are those of today.
    """
    if week > week_of(at):
        return NotThen(week, at, week_of(at))
    background = _background(reference, settings, models, error_rates)
    known = _Known(at, at)
    signals = _signals(engine, (week,), background, known)
    inputs = _inputs(engine, week, background, signals, known)
    return inputs, scores(inputs, background.constants)


def keep_aside(
    engine: Engine, inputs: WeekInputs, found: Sequence[Score], at: datetime, clock: Clock
) -> int:
    """Keep scores as of `at` with their inputs, not in force; returns how many rows are new."""
    with transaction(engine) as session:
        keep_inputs(session, inputs, clock(), at)
        return store.save_aside(session, found, clock())


@dataclass(frozen=True, slots=True)
class _Scored:
    """What scoring one week did."""

    written: int  # new score rows
    alerts: int
    not_ready: int  # regions without a combined total


def _score(engine: Engine, inputs: WeekInputs, clock: Clock) -> _Scored | None:
    """Score one week; None where the scores in force are those of the same inputs."""
    constants, digest = load_constants(), inputs.digest()
    with reading(engine) as session:
        if store.is_current(session, inputs.week, digest):
            return None
    found, alarms = scores(inputs, constants, digest), alerts(inputs, constants)
    with transaction(engine) as session:
        written = store.save(session, found, alarms, clock())
        keep_inputs(session, inputs, clock())
        thin(session, inputs.week)
    totals = (s.combined for s in found if s.group == ALL_GROUPS)
    not_ready = sum(isinstance(total, NotReady) for total in totals)
    _log.info("week_scored", week=inputs.week, alerts=len(alarms), not_ready=not_ready)
    return _Scored(written, len(alarms), not_ready)


@dataclass(frozen=True, slots=True)
class _Known:
    """Until when the store is read."""

    now: datetime
    at: datetime | None  # None: all there is


@dataclass(frozen=True, slots=True)
class _Background:
    """What is the same for every week of a run."""

    reference: Reference
    settings: Settings
    constants: Constants
    models: tuple[tuple[str, str], ...]
    error_rates: tuple[ErrorRate, ...]


def _background(
    reference: Reference,
    settings: Settings,
    models: Mapping[str, str],
    error_rates: Mapping[str, Mapping[str, float]],
) -> _Background:
    return _Background(
        reference,
        settings,
        load_constants(),
        tuple(sorted(models.items())),
        tuple(ErrorRate(t, e["precision"], e["recall"]) for t, e in sorted(error_rates.items())),
    )


@dataclass(frozen=True, slots=True)
class _Signals:
    """Stories and coverage of all weeks that are scored or looked back on."""

    stories: Mapping[str, Sequence[StorySignal]]
    coverage: Mapping[tuple[str, str], Coverage]


def _signals(
    engine: Engine, weeks: Sequence[str], background: _Background, known: _Known
) -> _Signals:
    constants, reference = background.constants, background.reference
    all_weeks = weeks_between(previous(weeks[0], constants.media.history_weeks), weeks[-1])
    if known.at is None:
        coverage = compute_coverage(engine, all_weeks, reference.units, known.now)
    else:
        with as_known(engine, known.at) as then:
            coverage = compute_coverage(then, all_weeks, reference.units, known.at)
    start, end = week_bounds(all_weeks[0])[0], week_bounds(all_weeks[-1])[1]
    with reading(engine) as session:
        least = constants.stories.negligible_relevance
        articles = article_signals(session, start, end, least, known.at)
    stories: dict[str, list[StorySignal]] = {week: [] for week in all_weeks}
    for story in story_signals(articles, week_of, reference.topics_of_group):
        stories[story.week].append(story)
    return _Signals(stories, coverage)


def _inputs(
    engine: Engine, week: str, background: _Background, signals: _Signals, known: _Known
) -> WeekInputs:
    reference, constants = background.reference, background.constants
    last = last_known_day(week, known.now)
    return WeekInputs(
        week=week,
        methodology=constants.name,
        seed=background.settings.seed,
        draws=background.settings.draws,
        models=background.models,
        error_rates=background.error_rates,
        units=reference.units,
        groups=tuple(g.id for g in reference.groups),
        topics=tuple(t.id for t in reference.topics),
        stories=tuple(signals.stories[week]),
        past=_past(week, background, signals),
        coverage=tuple(signals.coverage[unit, week] for unit in reference.units),
        readiness=_readiness(engine, reference, last, known.at),
        days=_days(week, last, constants, signals),
    )


def _past(week: str, background: _Background, signals: _Signals) -> tuple[PastWeek, ...]:
    constants, units = background.constants, background.reference.units
    before = weeks_between(previous(week, constants.media.history_weeks), previous(week))
    return tuple(
        past_week(
            past,
            signals.stories[past],
            {unit: signals.coverage[unit, past].exposure for unit in units},
            constants.stories.spread,
        )
        for past in before
    )


def _days(week: str, last: date, constants: Constants, signals: _Signals) -> tuple[DayCounts, ...]:
    weeks = weeks_between(previous(week, constants.media.history_weeks), week)
    stories = [story for one in weeks for story in signals.stories[one]]
    return day_counts(first_day(weeks[0]), last, stories, constants.stories.spread)


def _readiness(
    engine: Engine, reference: Reference, as_of: date, known_at: datetime | None
) -> tuple[Readiness, ...]:
    with reading(engine) as session:
        known = readiness_at(session, as_of, known_at)
    # By region first: each region's groups then look through their own data alone.
    said = {unit: [o for o in known.observations if o.region == unit] for unit in reference.units}
    tasks = {unit: [t for t in known.tasks if t.region == unit] for unit in reference.units}
    return tuple(
        Readiness(unit, g.id, components(unit, g.id, as_of, said[unit], tasks[unit]))
        for unit in reference.units
        for g in reference.groups
    )
