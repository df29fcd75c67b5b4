"""All regions side by side: the list, the matrices by group and topic, and both as CSV."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from monitor.db import scores, views
from monitor.db.engine import reading
from monitor.risk import country
from monitor.web import regions
from monitor.web.access import ViewerOf
from monitor.web.figures import MEASURES
from monitor.web.pages import Visit, page
from monitor.web.weeks import Picker, picked
from monitor.weeks import previous

router = APIRouter()


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    view: str
    measure: str
    language: str
    area: str
    sort: str
    codes: tuple[str, ...]  # the units that are left


@router.get("/regions")
def all_regions(visit: ViewerOf) -> HTMLResponse:
    """The three numbers of all regions, or a matrix of them by group or by topic."""
    with reading(visit.app.engine) as session:
        ready = views.ready_units(session)
        if not ready:
            feeds = len(views.feed_titles(session))
            return page(visit, "empty.html", here="regions", feeds=feeds)
    picker, asked = picked(visit, ready), _asked(visit)
    found = _list(visit, picker, asked) if asked.view == "list" else _matrix(visit, picker, asked)
    areas = regions.areas(visit.app.reference)
    names = _names(visit)
    return page(
        visit, "regions.html", here="regions", picker=picker, asked=asked, areas=areas, names=names,
        views=regions.VIEWS, languages_of=regions.LANGUAGES, **found,
    )  # fmt: skip


@router.get("/regions.csv")
def regions_csv(visit: ViewerOf) -> Response:
    """The same as a file."""
    with reading(visit.app.engine) as session:
        ready = views.ready_units(session)
    picker, asked = picked(visit, ready), _asked(visit)
    if asked.view == "list":
        text = regions.list_csv(_list(visit, picker, asked)["units"], picker.week, visit.t)
    else:
        found = _matrix(visit, picker, asked)
        text = regions.to_csv(
            found["lines"], picker.week, asked.measure, _names(visit), found["columns"], visit.t
        )
    name = f"regions-{asked.view}-{asked.measure}-{picker.week}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


def _asked(visit: Visit) -> Asked:
    view = visit.parameter("view", regions.VIEWS, "list")
    measures = regions.TOPIC_MEASURES if view == "topics" else MEASURES
    language = visit.parameter("language", regions.LANGUAGES, "all")
    areas = ("all", *regions.areas(visit.app.reference))
    area = visit.parameter("area", areas, "all")
    sorts = (*regions.SORTS, *(f"-{name}" for name in regions.SORTS))
    return Asked(
        view,
        visit.parameter("show", measures, measures[0]),
        language,
        area,
        visit.parameter("sort", sorts, "combined" if view == "list" else "name"),
        regions.chosen(visit.app.reference, language, area),
    )


def _names(visit: Visit) -> dict[str, str]:
    known = visit.app.reference
    return {code: known.region[code].short.get(visit.t.language) for code in known.units}


def _list(visit: Visit, picker: Picker, asked: Asked) -> dict[str, Any]:
    with reading(visit.app.engine) as session:
        now = scores.current_scores(session, picker.week)
        before = scores.current_scores(session, previous(picker.week))
    found = regions.units(now, before, asked.codes, _names(visit))
    return {"units": regions.ordered(found, asked.sort), "measures": MEASURES}


def _matrix(visit: Visit, picker: Picker, asked: Asked) -> dict[str, Any]:
    lines = _group_lines(visit, picker, asked)
    if asked.view == "topics":
        lines = _topic_lines(visit, picker, asked)
    return {
        "lines": lines,
        "cells": regions.by_cell(lines),
        "columns": _columns(visit, asked),
        "measures": regions.TOPIC_MEASURES if asked.view == "topics" else MEASURES,
        "number": regions.number,
        "span": regions.span,
        "shares": regions.SHARES,
    }


def _columns(visit: Visit, asked: Asked) -> Mapping[str, str]:
    known, language = visit.app.reference, visit.t.language
    of = known.topics if asked.view == "topics" else known.groups
    return {one.id: one.name.get(language) for one in of}


def _group_lines(visit: Visit, picker: Picker, asked: Asked) -> tuple[regions.Line, ...]:
    if asked.view != "groups":
        return ()
    with reading(visit.app.engine) as session:
        now = scores.current_scores(session, picker.week)
    return regions.group_lines(now, asked.codes, asked.measure)


def _topic_lines(visit: Visit, picker: Picker, asked: Asked) -> tuple[regions.Line, ...]:
    engine, week = visit.app.engine, picker.week
    if asked.measure in ("of_region", "of_topic"):
        matrix = country.week_matrix(engine, week, visit.app.reference)
        if isinstance(matrix, country.NoPicture):
            return ()
        return regions.share_lines(matrix.cells, asked.codes, asked.measure)
    signals = country.week_signals(engine, week)
    if isinstance(signals, country.NoPicture):
        return ()
    return regions.signal_lines(signals, asked.codes, asked.measure)
