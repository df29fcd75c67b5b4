"""The alert methods on the weeks in the store: who would have raised what. Reads the store, writes nothing.

Nobody knows which of these alarms are true, so nothing is called precision or sensitivity here: alarms are
counted, compared and listed. The current claims judge past weeks, not those that stood then.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.app import App
from monitor.coverage.run import compute_coverage
from monitor.db.engine import reading
from monitor.db.past import as_known
from monitor.db.replay import first_published
from monitor.db.signals import article_signals
from monitor.replay import methods
from monitor.replay.measure import WEEKS_PER_MONTH
from monitor.replay.methods import Opinion
from monitor.risk.constants import Constants, load_constants
from monitor.risk.inputs import (
    PastWeek,
    StorySignal,
    WeekInputs,
    day_counts,
    past_week,
    story_signals,
)
from monitor.weeks import first_day, last_known_day, previous, week_bounds, week_of, weeks_between

LISTED = 50  # alarms in the text; the JSON has all

NOTE = (
    "History has no truth: nobody knows which of these alarms are right. "
    "They are counted and compared, not scored."
)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A cell in a week that at least one method would have raised."""

    week: str
    region: str
    topic: str
    observed: float  # weighted stories
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One method's alarms in the stored weeks."""

    method: str
    alarms: int
    per_region_month: float
    also_ours: int  # of its alarms, those that ours raises too


@dataclass(frozen=True, slots=True)
class HistoryReport:
    """What was found. `judged` is empty where the store has too few weeks."""

    truth: None  # there is none
    note: str
    judged: tuple[str, ...]  # weeks
    methods: tuple[Compared, ...]
    alarms: tuple[Alarm, ...]

    def to_json(self) -> str:
        """All of it."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"

    def as_text(self) -> str:
        """The methods side by side, then the newest alarms."""
        if not self.judged:
            return (
                f"{self.note}\nThe store has no week with a week before it; nothing was judged.\n"
            )
        lines = [
            self.note,
            f"Weeks {self.judged[0]} to {self.judged[-1]} (n {len(self.judged)})",
            "",
        ]
        lines += [
            "| method | alarms | per region and month | ours too |",
            "| --- | --- | --- | --- |",
        ]
        lines += [
            f"| {m.method} | {m.alarms} | {m.per_region_month:.2f} | {m.also_ours} |"
            for m in self.methods
        ]
        return "\n".join([*lines, "", *self._listed()]) + "\n"

    def _listed(self) -> list[str]:
        newest = sorted(self.alarms, key=lambda a: (a.week, a.observed), reverse=True)
        lines = [
            f"{a.week}  {a.region:<3}  {a.topic:<27}  {a.observed:6.1f}  {', '.join(a.methods)}"
            for a in newest[:LISTED]
        ]
        if len(newest) > LISTED:
            lines.append(f"and {len(newest) - LISTED} more; --json lists them all")
        return lines or ["No method raised an alarm."]


def replay_history(app: App, weeks: int) -> HistoryReport:
    """Judge up to the last `weeks` finished weeks of the store; the first of all is past only."""
    constants = load_constants()
    now = app.clock()
    with reading(app.engine) as session:
        begun = first_published(session)
    last = previous(week_of(now))
    if begun is None or (first := week_of(begun)) >= last:
        return HistoryReport(None, NOTE, (), (), ())
    known = weeks_between(first, last)
    judged = known[1:][-weeks:]
    inputs = _inputs(app, known, constants)
    mine = [inputs[week] for week in app.progress.over(judged, "weeks judged", len(judged))]
    counts = _counts(mine[-1], [_as_past(inputs[week], constants) for week in known])
    opinions = (methods.ours(mine, constants), *methods.baselines(counts, known.index(judged[0])))
    return HistoryReport(
        None, NOTE, judged, _compared(opinions), _alarms(opinions, judged, mine, counts)
    )


def _inputs(app: App, weeks: Sequence[str], constants: Constants) -> dict[str, WeekInputs]:
    reference, now = app.reference, app.clock()
    with as_known(app.engine, now) as connection:  # what it keeps is taken back
        coverage = compute_coverage(connection, weeks, reference.units, now)
    start, end = week_bounds(weeks[0])[0], week_bounds(weeks[-1])[1]
    with reading(app.engine) as session:
        articles = article_signals(session, start, end, constants.stories.negligible_relevance)
    stories: dict[str, list[StorySignal]] = {week: [] for week in weeks}
    for story in story_signals(articles, week_of, reference.topics_of_group):
        stories[story.week].append(story)
    of_week: dict[str, WeekInputs] = {}
    for i, week in enumerate(weeks):
        back = weeks[max(0, i - constants.media.history_weeks) : i]
        looked = [s for w in (*back, week) for s in stories[w]]
        of_week[week] = WeekInputs(
            week=week,
            methodology=constants.name,
            seed=app.settings.seed,
            draws=app.settings.draws,
            models=(),
            error_rates=(),
            units=reference.units,
            groups=tuple(g.id for g in reference.groups),
            topics=tuple(t.id for t in reference.topics),
            stories=tuple(stories[week]),
            past=tuple(_as_past(of_week[w], constants) for w in back),
            coverage=tuple(coverage[unit, week] for unit in reference.units),
            readiness=(),
            days=day_counts(
                first_day(back[0] if back else week),
                last_known_day(week, now),
                looked,
                constants.stories.spread,
            ),
        )
    return of_week


def _as_past(inputs: WeekInputs, constants: Constants) -> PastWeek:
    exposure = {c.region: c.exposure for c in inputs.coverage}
    return past_week(inputs.week, inputs.stories, exposure, constants.stories.spread)


def _counts(like: WeekInputs, weeks: Sequence[PastWeek]) -> NDArray[np.float64]:
    """(weeks, regions, topics) weighted stories."""
    unit = {u: i for i, u in enumerate(like.units)}
    topic = {t: i for i, t in enumerate(like.topics)}
    counts = np.zeros((len(weeks), len(unit), len(topic)))
    for w, week in enumerate(weeks):
        for region, label, value in week.topics:
            if region in unit and label in topic:
                counts[w, unit[region], topic[label]] = value
    return counts


def _compared(opinions: Sequence[Opinion]) -> tuple[Compared, ...]:
    ours = opinions[0].raised
    months = len(ours) / WEEKS_PER_MONTH * ours.shape[1]
    return tuple(
        Compared(
            o.name,
            int(o.raised.sum()),
            float(o.raised.sum() / months),
            int((o.raised & ours).sum()),
        )
        for o in opinions
    )


def _alarms(
    opinions: Sequence[Opinion],
    weeks: Sequence[str],
    inputs: Sequence[WeekInputs],
    counts: NDArray[np.float64],
) -> tuple[Alarm, ...]:
    first = len(counts) - len(weeks)
    anybody = np.any([o.raised for o in opinions], axis=0)
    return tuple(
        Alarm(
            weeks[w],
            inputs[w].units[r],
            inputs[w].topics[k],
            round(float(counts[first + w, r, k]), 3),
            tuple(o.name for o in opinions if o.raised[w, r, k]),
        )
        for w, r, k in np.argwhere(anybody)
    )
