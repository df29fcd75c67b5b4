"""Where support is needed: national or regional, where it would help most, and who is forgotten."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from monitor.db import views
from monitor.db.engine import reading
from monitor.risk import country
from monitor.risk.constants import load_constants
from monitor.web import support
from monitor.web.access import ViewerOf
from monitor.web.pages import Visit, page
from monitor.web.weeks import Picker, picked

router = APIRouter()


@router.get("/support")
def support_page(visit: ViewerOf) -> HTMLResponse:
    """Is it the whole country's risk, which gap to close first, and where nobody looks."""
    with reading(visit.app.engine) as session:
        ready = views.ready_units(session)
        if not ready:
            feeds = len(views.feed_titles(session))
            return page(visit, "empty.html", here="support", feeds=feeds)
    picker = picked(visit, ready)
    return page(visit, "support.html", here="support", picker=picker, **_found(visit, picker))


def _found(visit: Visit, picker: Picker) -> dict[str, Any]:
    engine, known, week = visit.app.engine, visit.app.reference, picker.week
    constants = load_constants()
    shown: dict[str, Any] = {
        "constants": constants,
        "measured": support.MEASURED,
        "names": {code: known.region[code].short.get(visit.t.language) for code in known.units},
        "groups": known.group,
    }
    pictures = country.week_national(engine, week)
    helps = country.week_support(engine, week)
    forgotten = country.week_forgotten(engine, week, known)
    if (
        isinstance(pictures, country.NoPicture)
        or isinstance(helps, country.NoPicture)
        or isinstance(forgotten, country.NoPicture)
    ):
        return {**shown, "pictures": None}
    everything = visit.request.query_params.get("all") == "1"
    return {
        **shown,
        "pictures": pictures,
        "helps": helps if everything else helps[: support.SHOWN],
        "all_helps": len(helps),
        "news": forgotten.news,
        "forgotten": support.forgotten_lines(forgotten, known),
        "unknown": forgotten.unknown,
    }
