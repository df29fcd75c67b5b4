"""The feeds' page: can I trust what was heard?"""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from monitor.db.engine import reading
from monitor.db.feeds import feed_health
from monitor.web import health
from monitor.web.pages import VisitOf, page
from monitor.web.text import web_address

router = APIRouter()


@router.get("/feeds")
def feeds(visit: VisitOf) -> HTMLResponse:
    """Every feed with its state in words and what to do about it, the worst first."""
    with reading(visit.app.engine) as session:
        stated = health.ordered(feed_health(session), visit.app.clock())
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
    )
