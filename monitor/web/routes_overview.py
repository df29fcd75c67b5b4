"""The front page: how are the regions?"""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from monitor import charts
from monitor.db import scores, views
from monitor.db.coverage import standing_notices
from monitor.db.decisions import stale_weeks
from monitor.db.engine import reading
from monitor.db.summaries import summarised_weeks
from monitor.web import overview
from monitor.web.access import ViewerOf
from monitor.web.pages import Visit, page, url
from monitor.web.region import part_name
from monitor.web.weeks import Picker, picked
from monitor.weeks import previous

router = APIRouter()


@router.get("/")
def front(visit: ViewerOf) -> HTMLResponse:
    """Grid and table of the regions; what moved, alerts, gaps. Without scores: what to do."""
    with reading(visit.app.engine) as session:
        ready = views.ready_units(session)
        if not ready:
            feeds = len(views.feed_titles(session))
            return page(visit, "empty.html", here="overview", feeds=feeds)
        picker = picked(visit, ready)
        values = _week(visit, session, picker)
    return page(visit, "overview.html", here="overview", picker=picker, **values)


def _week(visit: Visit, session: Session, picker: Picker) -> dict[str, Any]:
    now = scores.current_scores(session, picker.week)
    before = scores.current_scores(session, previous(picker.week))
    show = visit.parameter("show", overview.SHOWS, "combined")
    sort = visit.parameter("sort", _sorts(), "change" if show == "change" else "value")
    rows = overview.rows(
        now, before, visit.app.reference, visit.t.language, overview.measure_of(show)
    )
    total = overview.rows(now, before, visit.app.reference, visit.t.language, "combined")
    movers = overview.movers(total, now, before)
    causes = [m.cause for m in movers if m.cause is not None and m.cause.kind == "story"]
    languages = views.story_languages(session, [int(c.ref) for c in causes])
    return {
        "show": show,
        "sort": sort,
        "rows": overview.ordered(rows, sort),
        "grid": _grid(visit, rows, show, picker.week),
        "highest": overview.highest(total),
        "unknown": sum(r.figure.value is None for r in total),
        "movers": movers,
        "causes": {m.row.code: part_name(m.cause, languages, visit.t) for m in movers if m.cause},
        "alerts": scores.alerts(session, picker.week),
        "stale": picker.week in stale_weeks(session),
        "gaps": overview.gaps(total),
        "notices": standing_notices(session),
        "has_summary": picker.week in summarised_weeks(session),
    }


def _sorts() -> tuple[str, ...]:
    return (*overview.SORTS, *(f"-{name}" for name in overview.SORTS))


def _grid(visit: Visit, rows: tuple[overview.Row, ...], show: str, week: str) -> str:
    t = visit.t
    hrefs = {row.code: url(f"/regions/{row.code}", week=week) for row in rows}
    return charts.tile_grid(
        overview.tiles(rows, visit.app.reference, t, show, hrefs),
        title=f"{t('overview.grid')}: {t(f'measure.{show}')}, {t.week_year(week)}",
        description=t("overview.grid_desc"),
        name="grid",
    )
