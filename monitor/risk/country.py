"""The use-case behind the country's view: alerts, national or regional, support, forgotten regions.

Reads what a week's scores in force were computed from and hands it to the pure modules; changes nothing. So
the picture of a past week is that of its scores, whatever came in later. Scores computed with other
constants than this program's are told apart, for they would mix two methods.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Engine
from sqlmodel import Session

from classifiers.reference import Reference
from monitor.db import scores as store
from monitor.db.engine import reading
from monitor.db.remembered import remembered
from monitor.db.situation import bases
from monitor.risk import forgotten as coverage
from monitor.risk.alerts import Evidence
from monitor.risk.constants import Constants, load_constants
from monitor.risk.forgotten import CoverageCell, Forgotten, Heard
from monitor.risk.inputs import StorySignal, WeekInputs
from monitor.risk.kept import Kept, kept
from monitor.risk.national import GroupPicture
from monitor.risk.support import Support, support
from monitor.risk.topics import TopicSignal
from monitor.values import ALL_GROUPS, Alert, NotReady, Score
from monitor.weeks import previous, weeks_between

NEAREST = 5  # cells named that are nearest to an alert


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
    past_weeks: int  # heard well enough before this one, of the region with most of them
    enough: int  # tested cells with as many weighted stories as an alert needs
    nearest: tuple["Cell", ...] = ()  # tested cells that are no alert, the least likely first


@dataclass(frozen=True, slots=True)
class Cell:
    """A tested cell of region and topic."""

    region: str
    topic: str
    observed: float  # weighted stories
    expected: float
    p_value: float


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
    kept: Kept

    @property
    def inputs(self) -> WeekInputs:
        return self.kept.inputs


def week_alerts(engine: Engine, week: str) -> Alerts | NoPicture:
    """The alerts kept of `week`, and how they were looked for."""
    known, constants = _kept(engine, week), load_constants()
    if isinstance(known, NoPicture):
        return known
    with reading(engine) as session:
        raised = store.alerts(session, week)
    found = known.evidence
    return Alerts(
        week,
        tuple(raised),
        tested=len(found.keys),
        regions=len({region for region, _ in found.keys}),
        units=len(known.inputs.units),
        past_weeks=_heard_weeks(known.inputs, constants.media.minimum_exposure),
        enough=int((found.observed >= constants.alerts.minimum_observed).sum()),
        nearest=_nearest(found, constants, {(a.region, a.topic) for a in raised}),
    )


def _nearest(
    found: Evidence, constants: Constants, raised: Collection[tuple[str, str]]
) -> tuple[Cell, ...]:
    p = found.combined(constants.alerts)
    order = sorted(range(len(found.keys)), key=lambda i: (float(p[i]), found.keys[i]))
    cells = (
        Cell(*found.keys[i], float(found.observed[i]), float(found.expected[i]), float(p[i]))
        for i in order
        if p[i] < 1 and found.keys[i] not in raised
    )
    return tuple(islice(cells, NEAREST))


def _heard_weeks(inputs: WeekInputs, least: float) -> int:
    heard = Counter(unit for week in inputs.past for unit, share in week.exposure if share >= least)
    return max(heard.values(), default=0)


def week_national(engine: Engine, week: str) -> tuple[GroupPicture, ...] | NoPicture:
    """National, regional or neither, per group."""
    found = _kept(engine, week)
    return found if isinstance(found, NoPicture) else found.national


def week_signals(engine: Engine, week: str) -> Mapping[tuple[str, str], TopicSignal] | NoPicture:
    """(region, topic) -> what was heard of it."""
    found = _kept(engine, week)
    return found if isinstance(found, NoPicture) else found.signals


@dataclass(frozen=True, slots=True)
class TopicWeek:
    """What was written of the topics in a week."""

    signals: Mapping[tuple[str, str], TopicSignal]  # by region and topic
    stories: tuple[StorySignal, ...]
    units: tuple[str, ...]


def week_topics(engine: Engine, week: str) -> TopicWeek | NoPicture:
    """The week's stories and what was heard of every region and topic."""
    found = _kept(engine, week)
    if isinstance(found, NoPicture):
        return found
    return TopicWeek(found.signals, found.inputs.stories, found.inputs.units)


def topic_history(engine: Engine, week: str, back: int) -> Mapping[str, Mapping[str, float]]:
    """Week -> topic -> weighted stories in the country, of the `back` weeks up to `week`.

    Each week's inputs hold the weeks before it, so a year takes five of them. Weeks in which no region
    was heard, or of which nothing is kept, are left out.
    """
    found: dict[str, Mapping[str, float]] = {}
    first, at = previous(week, back - 1), week
    while at >= first:
        known = _topic_weeks(engine, at)
        if known is None:
            at = previous(at)
            continue
        weeks, back_to = known
        found |= {w: x for w, x in weeks.items() if w >= first and w not in found}
        at = previous(at, back_to)
    return found


def _topic_weeks(engine: Engine, week: str) -> tuple[Mapping[str, Mapping[str, float]], int] | None:
    """Week -> topic -> stories as the inputs of `week` have them, and how many weeks those reach back."""
    with reading(engine) as session:
        basis = bases(session, [week]).get(week)
        if basis is None or basis.methodology != load_constants().name:
            return None
        key = ("topic weeks", basis.input_hash)
        return remembered(session, key, lambda: _read_weeks(session, basis.input_hash))


def _read_weeks(
    session: Session, input_hash: str
) -> tuple[Mapping[str, Mapping[str, float]], int] | None:
    found = kept(session, input_hash)
    return None if found is None else (found.topic_weeks, len(found.inputs.past) + 1)


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

    def made() -> tuple[coverage.CoverageCell, ...]:
        return coverage.coverage_matrix(news.stories, reference.units, topics, level)

    with reading(engine) as session:
        hashes = tuple(sorted((b.week, b.input_hash) for b in bases(session, news.weeks).values()))
        cells = remembered(session, ("matrix", hashes, reference.units, topics, level), made)
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


def _kept(engine: Engine, week: str) -> Kept | NoPicture:
    """The inputs alone: the scores of a week are a hundred times as slow to read as their hash."""
    with reading(engine) as session:
        basis = bases(session, [week]).get(week)
        usable = basis is not None and basis.methodology == load_constants().name
        found = kept(session, basis.input_hash) if basis and usable else None
        return found or NoPicture(week, basis is not None, tuple(store.weeks_scored(session)))


def _week(engine: Engine, week: str) -> _Week | NoPicture:
    with reading(engine) as session:
        scores = store.current_scores(session, week)
        usable = bool(scores) and scores[0].methodology == load_constants().name
        found = kept(session, scores[0].input_hash) if usable else None
        if found is None:
            return NoPicture(week, bool(scores), tuple(store.weeks_scored(session)))
    return _Week(tuple(scores), found)


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
