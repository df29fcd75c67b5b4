"""The topics of a week, and one topic: what it means, where it is talked of, and which way it points."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from monitor.db import situation, views
from monitor.db.engine import reading
from monitor.risk import country
from monitor.risk.constants import load_constants
from monitor.web import topics
from monitor.web.access import ViewerOf
from monitor.web.pages import Missing, Visit, page
from monitor.web.weeks import Picker, picked
from monitor.web.year import short_week
from monitor.weeks import previous, week_bounds, weeks_between

router = APIRouter()

YEAR = 52
LEAST_WEEKS = 12  # of an axis, however few are known
ALERTS = 12


def _ready(visit: Visit) -> dict[str, int]:
    with reading(visit.app.engine) as session:
        return views.ready_units(session)


def _empty(visit: Visit) -> HTMLResponse:
    with reading(visit.app.engine) as session:
        feeds = len(views.feed_titles(session))
    return page(visit, "empty.html", here="topics", feeds=feeds)


@router.get("/topics")
def all_topics(visit: ViewerOf) -> HTMLResponse:
    """What is talked of this week."""
    ready = _ready(visit)
    if not ready:
        return _empty(visit)
    picker = picked(visit, ready)
    sorts = (*topics.LIST_SORTS, *(f"-{name}" for name in topics.LIST_SORTS))
    sort = visit.parameter("sort", sorts, "stories")
    week = country.week_topics(visit.app.engine, picker.week)
    lines: tuple[topics.TopicLine, ...] = ()
    if not isinstance(week, country.NoPicture):
        history = country.topic_history(visit.app.engine, picker.week, 2)
        lines = topics.lines(
            visit.app.reference,
            week.stories,
            week.signals,
            history.get(picker.week, {}),
            history.get(previous(picker.week)),
            visit.t.language,
        )
    with reading(visit.app.engine) as session:
        raised = situation.alerts_until(session, picker.week, ALERTS * YEAR)
    return page(
        visit,
        "topics.html",
        here="topics",
        picker=picker,
        sort=sort,
        lines=topics.ordered_lines(lines, sort),
        names=_names(visit),
        alerts={r.alert.topic for r in raised if r.alert.week == picker.week},
    )


@router.get("/topics/{topic}")
def one_topic(visit: ViewerOf, topic: str) -> HTMLResponse:
    """One topic in one week, and the year before it."""
    if topic not in visit.app.reference.topic:
        raise Missing("topic", topic)
    ready = _ready(visit)
    if not ready:
        return _empty(visit)
    picker = picked(visit, ready)
    return page(
        visit,
        "topic.html",
        here="topics",
        picker=picker,
        topic=visit.app.reference.topic[topic],
        names=_names(visit),
        groups=visit.app.reference.group,
        short_week=short_week,
        **_week(visit, picker, topic),
        **_year(visit, picker, topic, min(ready)),
    )


def _names(visit: Visit) -> dict[str, str]:
    known = visit.app.reference
    return {code: known.region[code].short.get(visit.t.language) for code in known.units}


def _week(visit: Visit, picker: Picker, topic: str) -> dict[str, Any]:
    sorts = (*topics.SORTS, *(f"-{name}" for name in topics.SORTS))
    sort = visit.parameter("sort", sorts, "pressure")
    with reading(visit.app.engine) as session:
        raised = situation.alerts_until(session, picker.week, ALERTS, topic=topic)
    shown: dict[str, Any] = {"sort": sort, "alerts": raised}
    week = country.week_topics(visit.app.engine, picker.week)
    matrix = country.week_matrix(visit.app.engine, picker.week, visit.app.reference)
    if isinstance(week, country.NoPicture) or isinstance(matrix, country.NoPicture):
        return {**shown, "split": None}
    stories = topics.about(week.stories, topic)
    split = topics.split(stories)
    places = topics.places(week.signals, matrix.cells, topic, _names(visit))
    return {
        **shown,
        "split": split,
        "bar": topics.split_bar(split, visit.t) if split.stories else None,
        "places": topics.ordered_places(places, sort),
        "stories": _stories(visit, picker.week, topic, stories),
        "of_weeks": matrix.news.weeks,
    }


def _stories(visit: Visit, week: str, topic: str, found: list[Any]) -> tuple[topics.StoryLine, ...]:
    chosen = topics.loudest(found, topic, load_constants().stories.spread)
    with reading(visit.app.engine) as session:
        told = views.story_tellings(session, [s.story for s in chosen], *week_bounds(week))
    return topics.story_lines(chosen, topic, told)


def _year(visit: Visit, picker: Picker, topic: str, first_scored: str) -> dict[str, Any]:
    least = previous(picker.week, LEAST_WEEKS - 1)
    first = max(previous(picker.week, YEAR - 1), min(first_scored, least))
    weeks = weeks_between(first, picker.week)
    history = country.topic_history(visit.app.engine, picker.week, len(weeks))
    values = [max(history[w].get(topic, 0.0), 0.0) if w in history else None for w in weeks]
    return {
        "weeks": weeks,
        "year": topics.year(history, weeks, topic, visit.t),
        "values": list(zip(weeks, values, strict=True)),
    }
