"""The readiness pages: how far is each region, and what is one region's readiness made of?"""

import re
from datetime import date
from typing import Any, cast

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from monitor.clock import HELSINKI
from monitor.db import readiness, roadmap
from monitor.db.engine import reading
from monitor.db.readiness import Import
from monitor.readiness.bands import Bands, make_bands
from monitor.readiness.history import Picture
from monitor.readiness.indicators import load_indicators
from monitor.readiness.picture import picture
from monitor.readiness.roadmap import View, undone
from monitor.values import ALL_GROUPS
from monitor.web import readiness_page as shown
from monitor.web import readiness_region as region
from monitor.web.access import ViewerOf
from monitor.web.pages import Missing, Visit, page

router = APIRouter()

IMPORTS = 60  # listed on the page; the command lists all


@router.get("/readiness")
def matrix(visit: ViewerOf) -> HTMLResponse:
    """The roadmap matrix of a month with its history, and where the data come from."""
    with reading(visit.app.engine) as session:
        imports = readiness.all_imports(session)
        found = _picture(visit, session)
    if not imports:
        return page(visit, "readiness_empty.html", here="readiness")
    values = {} if found is None else _matrix(visit, found)
    values |= {"imports": imports[:IMPORTS], "more": len(imports) - IMPORTS}
    return page(visit, "readiness.html", here="readiness", found=found, **_choice(visit), **values)


def _today(visit: Visit) -> date:
    return visit.app.clock().astimezone(HELSINKI).date()


def _picture(visit: Visit, session: Session, code: str | None = None) -> Picture | None:
    """The month of ?month=, or the newest one. Raises Missing for a month that has no report."""
    asked = visit.request.query_params.get("month")
    if asked is not None and not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", asked):
        raise Missing("month", asked)
    target = visit.app.settings.roadmap_target
    found = picture(session, _today(visit), month=asked, target=target, region=code)
    if found is None and asked is not None:
        raise Missing("month", visit.t.month(asked))
    return found


def _choice(visit: Visit) -> dict[str, Any]:
    return {
        "view": visit.parameter("view", shown.VIEWS, "schedule"),
        "columns": shown.columns(visit.app.reference),
        "groups": visit.app.reference.group,
    }


def _bands(visit: Visit) -> Bands:
    return make_bands(visit.app.settings.roadmap_bands)


def _matrix(visit: Visit, found: Picture) -> dict[str, Any]:
    reference, t, bands = visit.app.reference, visit.t, _bands(visit)
    view = cast(View, _choice(visit)["view"])
    names = ("name", *shown.columns(reference))
    sort = visit.parameter("sort", (*names, *(f"-{name}" for name in names)), "")
    rows = shown.rows(found, view, bands, reference, t)
    return {
        "sort": sort,
        "rows": shown.ordered(rows, sort),
        "together": shown.together(found, view, bands, t),
        "behind": shown.behind(rows, bands),
        "silent": [row for row in rows if ALL_GROUPS not in row.squares],
        "key": shown.key(bands, t),
        "series": shown.series(found, view, reference, t),
    }


@router.get("/readiness/{code}")
def one_region(visit: ViewerOf, code: str) -> HTMLResponse:
    """What one region has not done, and every datum on it with its origin."""
    if code not in visit.app.reference.units:
        raise Missing("region", code)
    with reading(visit.app.engine) as session:
        found = _picture(visit, session, code)
        day = found.day if found else _today(visit)
        values = {**_roadmap(visit, session, code, found), **_facts(visit, session, code, day)}
        events = [e for e in readiness.events_until(session, day) if e.region == code]
    return page(
        visit,
        "readiness_region.html",
        here="readiness",
        code=code,
        place=visit.app.reference.region[code],
        found=found,
        day=day,
        events=events[::-1],
        amount=region.amount,
        period=region.period,
        **_choice(visit),
        **values,
    )


def _roadmap(visit: Visit, session: Session, code: str, found: Picture | None) -> dict[str, Any]:
    """The region's row in both views, its months, and its critical tasks that are not finished."""
    if found is None or not found.cells:
        return {"squares": None}
    reports = found.standing(code)
    tasks = roadmap.critical_tasks(session, reports)
    wanted = {report.import_id for report in reports}
    imports: dict[int, Import] = {i.id: i for i in readiness.all_imports(session) if i.id in wanted}
    row = {
        view: shown.squares(found, code, view, _bands(visit), visit.app.reference, visit.t)
        for view in shown.VIEWS
    }
    view = cast(View, _choice(visit)["view"])
    return {
        "squares": row,
        "key": shown.key(_bands(visit), visit.t),
        "series": shown.group_series(found, code, view, visit.app.reference, visit.t),
        "undone": undone(tasks, found.day),
        "sources": {r.group: (r, imports[r.import_id]) for r in reports},
    }


def _facts(visit: Visit, session: Session, code: str, day: date) -> dict[str, Any]:
    known = region.in_force(roadmap.observations_of(session, code, day), day)
    table = load_indicators(visit.app.settings.indicators_file)
    groups = [g.id for g in visit.app.reference.groups]
    grants = [g for g in readiness.grants_until(session, day) if g.region == code]
    return {
        "organisers": region.newest(known, "organisers", groups),
        "programmes": region.programmes(grants, known, day, visit.t),
        "links": [link for link in readiness.links_known(session) if link.region == code],
        "surveys": region.newest(known, "survey", groups),
        "measured": region.measured(known, table, groups, visit.t),
        "interviews": region.interviews(known, day),
    }
