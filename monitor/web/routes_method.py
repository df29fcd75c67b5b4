"""The method in force: constants, thresholds, versions, since when, and an example of one number."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from monitor import charts
from monitor.coverage.constants import LedgerConstants, load_ledger_constants
from monitor.db import scores
from monitor.db.activations import activated_at
from monitor.db.engine import reading
from monitor.i18n import Translator
from monitor.risk.constants import Constants, load_constants
from monitor.tagging import flag
from monitor.values import ALL_GROUPS, NotReady, Score
from monitor.web.access import ViewerOf
from monitor.web.pages import page

router = APIRouter()

Lines = list[tuple[str, list[tuple[str, float]], str]]
"""Per constant: its name, its values with what each is for ("" where there is one), its meaning."""


@router.get("/method")
def method(visit: ViewerOf) -> HTMLResponse:
    """The constants in force and the versions the newest figures were computed with."""
    constants, ledger = load_constants(), load_ledger_constants()
    with reading(visit.app.engine) as session:
        weeks = scores.weeks_scored(session)
        newest = scores.current_scores(session, weeks[-1]) if weeks else []
        in_use = bool(newest) and newest[0].methodology == constants.name
        since = scores.first_computed(session, constants.name) if in_use else None
        used = activated_at(session)
    names = visit.app.reference.group
    return page(
        visit, "method.html", here="method",
        sections=[
            *_sections(constants, visit.t, names), *_sections(ledger, visit.t, names),
            ("flags", _flags(visit.app.settings.flag_budget, visit.t)),
        ],
        version=constants.version, digest=constants.digest(), ledger=ledger, since=since, used=used,
        newest=newest[0] if newest else None, example=_example(newest),
        steps=(0.0, *charts.STEPS, 100.0),
    )  # fmt: skip


def _example(newest: Iterable[Score]) -> Score | None:
    """The region with the highest number of the newest week: there is most to be seen in it."""
    totals = [s for s in newest if s.group == ALL_GROUPS and not isinstance(s.combined, NotReady)]
    return max(totals, key=lambda s: (s.combined, s.region), default=None)


def _flags(budget: int, t: Translator) -> Lines:
    """The thresholds from which an article is flagged, and how many fit a week."""
    values: dict[str, float] = {
        "risk_at": flag.RISK_AT,
        "spreading_at": flag.SPREADING_AT,
        "unsure_within": flag.UNSURE_WITHIN,
        "quiet_weeks": flag.QUIET_WEEKS,
        "rare_below": flag.RARE_BELOW,
        "rare_needs": flag.RARE_NEEDS,
        "budget": budget,
    }
    return [(name, [("", value)], t(f"method.flags.{name}")) for name, value in values.items()]


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
