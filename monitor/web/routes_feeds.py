"""The feeds' page: can I trust what was heard?"""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from monitor.coverage.calendar import day_of
from monitor.db.coverage import hearing_of_weeks, standing_notices
from monitor.db.engine import reading
from monitor.db.feeds import feed_health
from monitor.db.sites import delays
from monitor.db.source_days import judged_days
from monitor.web import health
from monitor.web.access import ViewerOf
from monitor.web.pages import Visit, page
from monitor.web.text import web_address
from monitor.weeks import previous, week_of

router = APIRouter()


@router.get("/feeds")
def feeds(visit: ViewerOf) -> HTMLResponse:
    """Every feed with its state, its last weeks and what to do, the worst first; then the regions."""
    with reading(visit.app.engine) as session:
        stated = health.ordered(feed_health(session), visit.app.clock())
        ledger = _ledger(visit, session)
        asked = delays(session)
    only = visit.parameter("state", health.STATES, "")
    shown = [(feed, state) for feed, state in stated if only in ("", state)]
    return page(
        visit,
        "feeds.html",
        here="feeds",
        feeds=shown,
        total=len(stated),
        counts=health.counts(stated),
        only=only,
        regions=visit.app.reference.region,
        web_address=web_address,
        delay=lambda feed: asked.get(health.origin(feed), 0.0),
        **ledger,
    )


def _ledger(visit: Visit, session: Session) -> dict[str, Any]:
    """What the coverage ledger says: days of sources, weeks of regions, notices."""
    today = day_of(visit.app.clock())
    days = judged_days(session, today - timedelta(days=health.DAYS_SHOWN - 1), today)
    week = previous(week_of(visit.app.clock()))
    weeks = hearing_of_weeks(session, [previous(week), week])
    return {
        "strip": lambda feed: health.strip(days.get(feed, ()), today, visit.t),
        "key": health.key(visit.t),
        "worker_days": health.worker_days(days, visit.t),
        "notices": standing_notices(session),
        "week": week,
        "hearing": [
            (unit, weeks[unit, week], weeks.get((unit, previous(week))))
            for unit in visit.app.reference.units
            if (unit, week) in weeks
        ],
    }
