"""The use-case behind the country's view: alerts, national or regional, support, forgotten regions.

Reads what a week's scores in force were computed from and hands it to the pure modules; changes nothing. So
the picture of a past week is that of its scores, whatever came in later. Scores computed with other
constants than this program's are told apart, for they would mix two methods.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from classifiers.reference import Reference
from monitor.db import scores as store
from monitor.db.engine import reading
from monitor.db.frozen import inputs_text
from monitor.risk import forgotten as coverage
from monitor.risk.alerts import evidence
from monitor.risk.constants import Constants, load_constants
from monitor.risk.forgotten import CoverageCell, Forgotten, Heard
from monitor.risk.frozen import thaw
from monitor.risk.inputs import StorySignal, WeekInputs
from monitor.risk.national import GroupPicture, national
from monitor.risk.support import Support, support
from monitor.values import ALL_GROUPS, Alert, NotReady, Score
from monitor.weeks import previous, weeks_between


@dataclass(frozen=True, slots=True)
class NoPicture:
    """There is nothing to show."""

    week: str
    scored: bool  # scores there are, but not what they were computed from, or with other constants
    known: tuple[str, ...]  # scored weeks


@dataclass(frozen=True, slots=True)
class Alerts:
    """A week's alerts, and how much was tested for them."""

    week: str
    alerts: tuple[Alert, ...]
    tested: int  # cells
    regions: int  # that could be tested
    units: int


@dataclass(frozen=True, slots=True)
class News:
    """Stories of some weeks, as far as those were scored."""

    weeks: tuple[str, ...]  # the oldest first
    missing: tuple[str, ...]  # weeks without scores or inputs: their news is not counted
    stories: tuple[StorySignal, ...]
    exposure: dict[str, float]  # region -> mean over the weeks


@dataclass(frozen=True, slots=True)
class Matrix:
    """The region x topic coverage, with the weeks it is counted from."""

    news: News
    level: float
    cells: tuple[CoverageCell, ...]


@dataclass(frozen=True, slots=True)
class ForgottenRegions:
    """The forgotten regions, and those of which nobody can tell."""

    news: News
    regions: tuple[Forgotten, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Week:
    scores: tuple[Score, ...]
    inputs: WeekInputs


def week_alerts(engine: Engine, week: str) -> Alerts | NoPicture:
    """The alerts kept of `week`."""
    known = _week(engine, week)
    if isinstance(known, NoPicture):
        return known
    with reading(engine) as session:
        raised = store.alerts(session, week)
    keys = evidence(known.inputs, load_constants()).keys
    regions = len({region for region, _ in keys})
    return Alerts(week, tuple(raised), len(keys), regions, len(known.inputs.units))


def week_national(engine: Engine, week: str) -> tuple[GroupPicture, ...] | NoPicture:
    """National, regional or neither, per group."""
    known = _week(engine, week)
    return known if isinstance(known, NoPicture) else national(known.inputs, load_constants())


def week_support(engine: Engine, week: str) -> tuple[Support, ...] | NoPicture:
    """Where closing the readiness gap would take most off, the largest first."""
    known = _week(engine, week)
    return known if isinstance(known, NoPicture) else support(known.scores, load_constants())


def week_matrix(engine: Engine, week: str, reference: Reference) -> Matrix | NoPicture:
    """The two shares of every region and topic, over the weeks up to `week`."""
    known, constants = _week(engine, week), load_constants()
    if isinstance(known, NoPicture):
        return known
    news, level = _news(engine, week, known, constants), constants.forgotten.level
    topics = tuple(t.id for t in reference.topics)
    cells = coverage.coverage_matrix(news.stories, reference.units, topics, level)
    return Matrix(news, level, cells)


def week_forgotten(engine: Engine, week: str, reference: Reference) -> ForgottenRegions | NoPicture:
    """Poor readiness and little coverage, over the weeks up to `week`."""
    known, constants = _week(engine, week), load_constants()
    if isinstance(known, NoPicture):
        return known
    news = _news(engine, week, known, constants)
    heard = _heard(known.scores, news, reference)
    found = coverage.forgotten(heard, news.stories, len(news.weeks), constants.forgotten)
    return ForgottenRegions(news, found, coverage.unknown(heard))


def _week(engine: Engine, week: str) -> _Week | NoPicture:
    with reading(engine) as session:
        scores = store.current_scores(session, week)
        text = inputs_text(session, scores[0].input_hash) if scores else None
        known = tuple(store.weeks_scored(session))
    if text is None or scores[0].methodology != load_constants().name:
        return NoPicture(week, bool(scores), known)
    return _Week(tuple(scores), thaw(text))


def _news(engine: Engine, week: str, known: _Week, constants: Constants) -> News:
    back = weeks_between(previous(week, constants.forgotten.weeks - 1), week)
    found = {w: known if w == week else _week(engine, w) for w in back}
    there = {w: x.inputs for w, x in found.items() if isinstance(x, _Week)}
    exposures: dict[str, list[float]] = {}
    for inputs in there.values():
        for unit in inputs.coverage:
            exposures.setdefault(unit.region, []).append(unit.exposure)
    return News(
        weeks=tuple(there),
        missing=tuple(w for w in back if w not in there),
        stories=tuple(story for inputs in there.values() for story in inputs.stories),
        exposure={region: sum(x) / len(x) for region, x in exposures.items()},
    )


def _heard(scores: Sequence[Score], news: News, reference: Reference) -> list[Heard]:
    whole = {s.region: s.readiness for s in scores if s.group == ALL_GROUPS}
    return [
        Heard(
            unit,
            reference.region[unit].population,
            None if isinstance(gap, NotReady) else gap,
            news.exposure.get(unit, 0.0),
        )
        for unit, gap in ((u, whole[u]) for u in reference.units if u in whole)
    ]
