"""A region's page: why is this one so?"""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from monitor.db import readiness, views
from monitor.db.engine import reading
from monitor.readiness.state import components
from monitor.values import ALL_GROUPS, NotReady, ReadinessState, Score
from monitor.web import region
from monitor.web.detail import detail
from monitor.web.figures import MEASURES, figure, leaves
from monitor.web.pages import Missing, Visit, VisitOf, page
from monitor.web.weeks import picked
from monitor.weeks import last_known_day, previous, week_bounds

router = APIRouter()

HISTORY_WEEKS = 12


@router.get("/regions/{code}")
def one_region(visit: VisitOf, code: str) -> HTMLResponse:
    """The three numbers of one region, what they are made of, and what lies behind them."""
    if code not in visit.app.reference.units:
        raise Missing("region", code)
    groups = (ALL_GROUPS, *(g.id for g in visit.app.reference.groups))
    group = visit.parameter("group", groups, ALL_GROUPS)
    with reading(visit.app.engine) as session:
        ready = views.ready_units(session)
        if not ready:
            feeds = len(views.feed_titles(session))
            return page(visit, "empty.html", here="overview", feeds=feeds)
        picker = picked(visit, ready)
        found = views.region_scores(session, code, picker.week)
        if group not in {s.group for s in found}:
            raise Missing("week", picker.week)
        values = {
            **_figures(visit, session, found, group, _shown_weeks(picker.week, min(ready))),
            **_made_of(visit, session, found, group),
            **_readiness(visit, session, code, group, picker.week),
            "silent": _silent(visit, session, found[0]),
        }
    official = region.names(code, visit.app.reference, visit.t.language)
    place = visit.app.reference.region[code]
    values |= {"code": code, "place": place, "official": official, "group": group, "groups": groups}
    return page(visit, "region.html", here="overview", picker=picker, **values)


def _shown_weeks(week: str, first: str) -> tuple[str, ...]:
    """At most twelve weeks up to `week`, none before the first that was scored."""
    weeks = [previous(week, n) for n in reversed(range(HISTORY_WEEKS))]
    return tuple(w for w in weeks if w >= first)


def _figures(
    visit: Visit, session: Session, found: Sequence[Score], group: str, weeks: Sequence[str]
) -> dict[str, Any]:
    now = next(s for s in found if s.group == group)
    past = views.history(session, now.region, group, weeks)
    by_group = {s.group: {m: figure(s, m) for m in MEASURES} for s in found}
    return {
        "score": now,
        "cards": region.cards(past, weeks, now, visit.t),
        "weeks": weeks,
        "by_group": by_group,
        "units": len(visit.app.reference.units),
    }


def _made_of(visit: Visit, session: Session, found: Sequence[Score], group: str) -> dict[str, Any]:
    now = next(s for s in found if s.group == group)
    parts = leaves(found, group)
    ids = [int(c.ref) for c in parts if c.kind == "story"]
    tellings = views.story_tellings(session, ids, *week_bounds(now.week))
    lines = region.part_lines(parts, views.story_languages(session, ids), visit.t)
    total = None if isinstance(now.combined, NotReady) else now.combined
    return {
        "parts": lines,
        "total": total,
        "bar": None if total is None else region.bar(lines, total, visit.t),
        "stories": region.story_cards(parts, tellings, now.region),
    }


def _readiness(visit: Visit, session: Session, code: str, group: str, week: str) -> dict[str, Any]:
    day = last_known_day(week, visit.app.clock())
    known = readiness.observations_until(session, day)
    tasks = readiness.tasks_until(session, day)
    found = components(code, group, day, known, tasks)
    missing = all(c.state is ReadinessState.MISSING for c in found)
    return {
        "components": [] if missing else [(c, detail(c.detail, visit.t)) for c in found],
        "events": [e for e in reversed(readiness.events_until(session, day)) if e.region == code],
    }


def _silent(visit: Visit, session: Session, score: Score) -> list[tuple[str, str]]:
    titles = views.feed_titles(session)
    return [(titles.get(feed, feed), visit.t.silence(why)) for feed, why in score.coverage.silent]
