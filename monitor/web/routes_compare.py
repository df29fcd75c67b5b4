"""Two versions of a task side by side: what a job found, and where to ask for one."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from classifiers.values import TASKS
from monitor.db import activations as activation_store
from monitor.db.articles import get_many
from monitor.db.engine import reading, transaction
from monitor.db.jobs import enqueue, newest_of_kind
from monitor.training import registry
from monitor.training.shelf import versions
from monitor.web.access import AnalystOf, ViewerOf, user_of
from monitor.web.models_page import label_word, labels_words, part_word
from monitor.web.pages import Missing, Visit, page

router = APIRouter()


@router.get("/models/compare")
def compare(visit: ViewerOf) -> HTMLResponse:
    """The newest comparison of the two versions that the address names; a form to choose two."""
    query = visit.request.query_params
    task = query.get("task", TASKS[0])
    if task not in TASKS:
        raise Missing("page")
    names = versions(visit.app.settings.models_dir, task)
    return _shown(visit, task, names, query.get("a", ""), query.get("b", ""))


@router.post("/models/compare")
def ask(visit: AnalystOf) -> Response:
    """Ask for a comparison."""
    task, a, b = (str(visit.form.get(name, "")) for name in ("task", "a", "b"))
    names = versions(visit.app.settings.models_dir, task) if task in TASKS else ()
    if a not in names or b not in names or a == b:
        raise Missing("version", b)
    app = visit.app
    with transaction(app.engine) as session:
        given = {"task": task, "a": a, "b": b}
        number = enqueue(session, app.clock(), user_of(visit).name, "compare", given)
    return RedirectResponse(f"/jobs/{number}", 303)


def _shown(visit: Visit, task: str, names: tuple[str, ...], a: str, b: str) -> HTMLResponse:
    app, t = visit.app, visit.t
    with reading(app.engine) as session:
        shipped = registry.shipped_versions(app.settings.models_dir)
        active = {**shipped, **activation_store.activated(session)}.get(task, "")
        a = a if a in names else active if active in names else ""
        b = b if b in names and b != a else ""
        jobs = newest_of_kind(session, "compare", {"task": task, "a": a, "b": b}) if a and b else ()
        done = next((job for job in jobs if job.state == "done"), None)
        result: Mapping[str, Any] = (done.result if done else None) or {}
        articles = {
            x.id: x for x in get_many(session, [row["id"] for row in result.get("articles", ())])
        }
    reference = app.reference
    return page(
        visit,
        "models_compare.html",
        here="models",
        task=task,
        names=names,
        active=active,
        a=a,
        b=b,
        done=done,
        waiting=next((job for job in jobs if job.under_way), None),
        result=result,
        articles=articles,
        part=lambda row: part_word(task, row["kind"], row["part"], reference, t),
        words=lambda labels: labels_words(task, labels, reference, t),
        label=lambda name: label_word(task, name, reference, t),
    )
