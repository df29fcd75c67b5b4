"""A region's page: why is this one so?"""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from monitor.db import scores, views
from monitor.db.engine import reading
from monitor.readiness.details import words
from monitor.readiness.run import readiness_at
from monitor.readiness.state import components
from monitor.risk import why
from monitor.risk.uncertainty import uncertainty_behind
from monitor.summary.parts import leaves
from monitor.values import ALL_GROUPS, NotReady, ReadinessState, Score
from monitor.web import region, uncertainty
from monitor.web.behind import behind
from monitor.web.figures import MEASURES, figure
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
            **_uncertain(visit, session, found, group),
            "silent": _silent(visit, session, found[0]),
            "alerts": [a for a in scores.alerts(session, picker.week) if a.region == code],
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
    reference = visit.app.reference
    root = None if total is None else why.explain(session, found, reference, group)
    return {
        "parts": lines,
        "behind": behind(root, reference, visit.t),
        "total": total,
        "bar": None if total is None else region.bar(lines, total, visit.t),
        "stories": region.story_cards(parts, tellings, now.region),
    }


def _uncertain(
    visit: Visit, session: Session, found: Sequence[Score], group: str
) -> dict[str, Any]:
    now = next(s for s in found if s.group == group)
    known = uncertainty_behind(session, now)
    if known is None:
        return {"uncertain": None}
    reference, t = visit.app.reference, visit.t
    ids = [int(f.ref) for f in uncertainty.shown(known.findings, group) if f.kind == "story"]
    told = views.story_tellings(session, ids, *week_bounds(now.week))
    of_group = next(s for s in known.sensitivity if s.group == group)
    lines = uncertainty.source_lines(of_group, t)
    if isinstance(now.combined, NotReady):
        lines = ()
    return {
        "uncertain": known,
        "findings": uncertainty.finding_lines(known.findings, group, told, reference, t),
        "width": known.sensitivity[-1].width,
        "sources": lines,
        "sources_bar": uncertainty.sources_bar(lines, t) if lines else None,
    }


def _readiness(visit: Visit, session: Session, code: str, group: str, week: str) -> dict[str, Any]:
    day = last_known_day(week, visit.app.clock())
    known = readiness_at(session, day)
    found = components(code, group, day, known.observations, known.tasks)
    missing = all(c.state is ReadinessState.MISSING for c in found)
    return {
        "components": [] if missing else [(c, words(c.detail, visit.t)) for c in found],
        "events": [e for e in reversed(known.events) if e.region == code],
    }


def _silent(visit: Visit, session: Session, score: Score) -> list[tuple[str, str]]:
    titles = views.feed_titles(session)
    return [(titles.get(feed, feed), visit.t.silence(why)) for feed, why in score.coverage.silent]
