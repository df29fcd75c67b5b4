"""The alerts of a week and of the weeks before it, how they were looked for, and who went unheard."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from monitor.db import situation, views
from monitor.db.engine import reading
from monitor.risk import country
from monitor.risk.constants import load_constants
from monitor.web.access import ViewerOf
from monitor.web.pages import Visit, page
from monitor.web.weeks import Picker, picked

router = APIRouter()

SHOWN = 200  # alerts of all weeks
NOTICES = 50


@router.get("/alerts")
def alerts(visit: ViewerOf) -> HTMLResponse:
    """What stands out, with every parameter; what nothing can be said of."""
    with reading(visit.app.engine) as session:
        ready = views.ready_units(session)
        if not ready:
            feeds = len(views.feed_titles(session))
            return page(visit, "empty.html", here="alerts", feeds=feeds)
    picker = picked(visit, ready)
    return page(visit, "alerts_page.html", here="alerts", picker=picker, **_found(visit, picker))


def _found(visit: Visit, picker: Picker) -> dict[str, Any]:
    known = visit.app.reference
    region = visit.parameter("region", known.units, "") or None
    topic = visit.parameter("topic", tuple(known.topic), "") or None
    with reading(visit.app.engine) as session:
        raised = situation.alerts_until(session, picker.week, SHOWN, region, topic)
        notices = situation.notices_of(session, NOTICES, region)
    looked = country.week_alerts(visit.app.engine, picker.week)
    return {
        "region": region,
        "topic": topic,
        "this_week": [r for r in raised if r.alert.week == picker.week],
        "earlier": [r for r in raised if r.alert.week != picker.week],
        "shown": SHOWN,
        "notices": notices,
        "looked": None if isinstance(looked, country.NoPicture) else looked,
        "constants": load_constants(),
        "regions": known.region,
        "topics": known.topic,
        "units": known.units,
    }
