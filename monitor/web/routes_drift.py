"""Whether the versions in use still do what they did: weekly distributions, precision and recall."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from monitor.app import App
from monitor.db import activations as activation_store
from monitor.db.draws import kept_estimates
from monitor.db.drift import kept_weeks
from monitor.db.engine import reading
from monitor.training import registry
from monitor.training.drift import BEFORE, ENOUGH, LARGE, LOOK, Shift, Week
from monitor.web import drift_page
from monitor.web.access import ViewerOf
from monitor.web.pages import page
from monitor.weeks import previous, week_of, weeks_between

router = APIRouter()

TASKS = ("relevance", "topic")
FIRST = "2000-W01"  # the first weeks of a version may lie long back


@router.get("/models/drift")
def drift(visit: ViewerOf) -> HTMLResponse:
    """Distributions of what the versions in use said, week by week, and what people said of it."""
    app, t = visit.app, visit.t
    last = previous(week_of(app.clock()))
    with reading(app.engine) as session:
        active = _active(session, app)
        found = _weeks(session, active, last)
        weeks = weeks_between(previous(last, drift_page.WEEKS - 1), last)
        estimates = kept_estimates(session, weeks)
    measured = {e.week for e in estimates}
    values: dict[str, Any] = {
        "active": active,
        "last": last,
        "shifted": drift_page.shifted(found, last),
        "counted": {task: len(of) for task, of in found.items()},
        "index": [
            (task, drift_page.index_drawn(task, weeks, of, t)) for task, of in found.items() if of
        ],
        "relevant": drift_page.relevant_drawn(weeks, found["relevance"], t)
        if found["relevance"]
        else None,
        "slices": [
            (what, drift_page.estimates_drawn(what, weeks, estimates, t))
            for what in ("relevance", "flags")
            if measured
        ],
        "topics": drift_page.topic_shares(found["topic"], app.reference, t),
    }
    constants = {"before": BEFORE, "enough": ENOUGH, "look": LOOK, "large": LARGE}
    return page(visit, "drift.html", here="models", constants=constants, **values)


def shifted_now(
    session: Session, app: App, active: Mapping[str, str]
) -> tuple[tuple[str, str, Shift], ...]:
    """(task, language, shift) of what shifted in the last full week, by more than noise."""
    last = previous(week_of(app.clock()))
    return drift_page.shifted(_weeks(session, active, last), last)


def _active(session: Session, app: App) -> dict[str, str]:
    shipped = registry.shipped_versions(app.settings.models_dir)
    return {**shipped, **activation_store.activated(session)}


def _weeks(session: Session, active: Mapping[str, str], last: str) -> dict[str, list[Week]]:
    return {task: kept_weeks(session, task, active.get(task, ""), FIRST, last) for task in TASKS}
