"""A region's page: why is this one so?"""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from monitor.db import scores, situation, views
from monitor.db.decisions import stale_weeks
from monitor.db.engine import reading
from monitor.readiness.details import words
from monitor.readiness.roadmap import undone
from monitor.readiness.run import readiness_of
from monitor.readiness.state import components
from monitor.risk import why
from monitor.risk.uncertainty import uncertainty_behind
from monitor.summary.parts import leaves
from monitor.values import ALL_GROUPS, NotReady, ReadinessState, Score
from monitor.web import region, region_past, uncertainty
from monitor.web.access import ViewerOf
from monitor.web.behind import behind
from monitor.web.figures import MEASURES, figure
from monitor.web.pages import Missing, Visit, page
from monitor.web.places import has_page
from monitor.web.readiness_region import interviews
from monitor.web.weeks import picked
from monitor.weeks import last_known_day, previous, week_bounds

router = APIRouter()

HISTORY_WEEKS = 12
YEAR = 52
TASKS = 10  # undone tasks listed
INTERVIEWS = 12


@router.get("/regions/{code}")
def one_region(visit: ViewerOf, code: str) -> HTMLResponse:
    """The three numbers of one region, what they are made of, and what lies behind them."""
    if code not in visit.app.reference.units:
        raise Missing("region", code)
    groups = (ALL_GROUPS, *(g.id for g in visit.app.reference.groups))
    group = visit.parameter("group", groups, ALL_GROUPS)
    with reading(visit.app.engine) as session:
        ready = views.ready_units(session)
        if not ready:
            feeds = len(views.feed_titles(session))
            return page(visit, "empty.html", here="regions", feeds=feeds)
        picker = picked(visit, ready)
        found = views.region_scores(session, code, picker.week)
        if group not in {s.group for s in found}:
            raise Missing("week", picker.week)
        values = {
            **_figures(visit, session, found, group, min(ready)),
            **_made_of(visit, session, found, group),
            **_readiness(visit, session, code, group, picker.week),
            **_uncertain(visit, session, found, group),
            "silent": _silent(visit, session, found[0]),
            "alerts": [a for a in scores.alerts(session, picker.week) if a.region == code],
            "stale": picker.week in stale_weeks(session),
            **_heard(visit, session, code, _shown_weeks(picker.week, min(ready), HISTORY_WEEKS)),
        }
    past, of_year, events = values.pop("past"), values.pop("of_year"), values["events"]
    values["year"] = region_past.year(past, of_year, events, visit.t)
    values["queue"] = has_page(visit, "/queue")
    official = region.names(code, visit.app.reference, visit.t.language)
    place = visit.app.reference.region[code]
    values |= {"code": code, "place": place, "official": official, "group": group, "groups": groups}
    return page(visit, "region.html", here="regions", picker=picker, **values)


def _shown_weeks(week: str, first: str, most: int) -> tuple[str, ...]:
    """At most `most` weeks up to `week`, none before the first that was scored."""
    weeks = [previous(week, n) for n in reversed(range(most))]
    return tuple(w for w in weeks if w >= first)


def _figures(
    visit: Visit, session: Session, found: Sequence[Score], group: str, first: str
) -> dict[str, Any]:
    now = next(s for s in found if s.group == group)
    weeks = _shown_weeks(now.week, first, HISTORY_WEEKS)
    of_year = _shown_weeks(now.week, first, YEAR)
    past = views.history(session, now.region, group, of_year)
    by_group = {s.group: {m: figure(s, m) for m in MEASURES} for s in found}
    return {
        "past": past,
        "of_year": of_year,
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
    lines = region.part_lines(parts, views.story_languages(session, ids), visit.t)
    told = [int(c.ref) for c in region.loudest(parts)]
    tellings = views.story_tellings(session, told, *week_bounds(now.week))
    total = None if isinstance(now.combined, NotReady) else now.combined
    reference = visit.app.reference
    shown = [int(line.ref) for line in lines if line.kind == "story"]
    root = None if total is None else why.explain(session, found, reference, group, shown)
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
    known = readiness_of(session, day, code)
    found = components(code, group, day, known.observations, known.tasks)
    missing = all(c.state is ReadinessState.MISSING for c in found)
    own = [t for t in known.tasks if group in (ALL_GROUPS, t.group)]
    late = [u for u in undone(own, day) if u.late is not None]
    said = [o for o in known.observations if group in (ALL_GROUPS, o.group)]
    return {
        "components": [] if missing else [(c, words(c.detail, visit.t)) for c in found],
        "late": late[:TASKS],
        "late_more": max(0, len(late) - TASKS),
        "interviews": interviews(said, day)[:INTERVIEWS],
        "events": [e for e in reversed(known.events) if e.region == code],
    }


def _heard(visit: Visit, session: Session, code: str, weeks: Sequence[str]) -> dict[str, Any]:
    # None before the first that was scored: nobody listened yet, and that is no silence.
    known = situation.hearing_of_region(session, code, weeks)
    lines, more = region_past.ledger(known, weeks, visit.t)
    return {"ledger": lines, "ledger_weeks": weeks, "ledger_more": more}


def _silent(visit: Visit, session: Session, score: Score) -> list[tuple[str, str]]:
    titles = views.feed_titles(session)
    return [(titles.get(feed, feed), visit.t.silence(why)) for feed, why in score.coverage.silent]
