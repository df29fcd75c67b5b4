"""Weekly summaries and the method they were made with."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from monitor import charts
from monitor.coverage.constants import LedgerConstants, load_ledger_constants
from monitor.db import scores, views
from monitor.db.engine import reading
from monitor.i18n import Translator
from monitor.risk.constants import Constants, load_constants
from monitor.summary.run import summary_html
from monitor.web.pages import Missing, VisitOf, answer, page
from monitor.weeks import is_week

router = APIRouter()


@router.get("/summary")
def summaries(visit: VisitOf) -> HTMLResponse:
    """The weeks that have a summary."""
    with reading(visit.app.engine) as session:
        weeks = views.summary_weeks(session)
    return page(visit, "summaries.html", here="summary", weeks=weeks)


@router.get("/summary/{week}")
def summary(visit: VisitOf, week: str) -> HTMLResponse:
    """One week's summary, as it was frozen."""
    if not is_week(week):
        raise Missing("summary", week)
    with reading(visit.app.engine) as session:
        html = summary_html(session, week, visit.t.language, visit.app.reference)
    if html is None:
        raise Missing("summary", week)
    return answer(visit, html)


@router.get("/method")
def method(visit: VisitOf) -> HTMLResponse:
    """The constants in force and the versions the newest figures were computed with."""
    with reading(visit.app.engine) as session:
        weeks = scores.weeks_scored(session)
        newest = scores.current_scores(session, weeks[-1]) if weeks else []
    constants, ledger = load_constants(), load_ledger_constants()
    names = visit.app.reference.group
    return page(
        visit,
        "method.html",
        here="method",
        sections=[*_sections(constants, visit.t, names), *_sections(ledger, visit.t, names)],
        version=constants.version,
        digest=constants.digest(),
        ledger=ledger,
        newest=newest[0] if newest else None,
        steps=(0.0, *charts.STEPS, 100.0),
    )


Lines = list[tuple[str, list[tuple[str, float]], str]]
"""Per constant: its name, its values with what each is for ("" where there is one), its meaning."""


def _sections(
    constants: Constants | LedgerConstants, t: Translator, groups: Mapping[str, Any]
) -> Iterable[tuple[str, Lines]]:
    for section, values in constants.model_dump().items():
        if isinstance(values, dict):
            yield section, [_line(section, n, v, t, groups) for n, v in values.items()]


def _line(
    section: str, name: str, value: Any, t: Translator, groups: Mapping[str, Any]
) -> tuple[str, list[tuple[str, float]], str]:
    key = f"method.{section}.{name}"
    meaning = t(key) if t.has(key) else ""
    if not isinstance(value, dict):
        return name, [("", value)], meaning
    named = [(_named(g, key, t, groups), v) for g, v in value.items()]
    return name, named, meaning


def _named(name: str, key: str, t: Translator, groups: Mapping[str, Any]) -> str:
    if name in groups:
        return str(groups[name].name.get(t.language))
    return t(f"{key}.{name}") if t.has(f"{key}.{name}") else t.word("component", name)
