"""Trained versions: can I trust them, and what do analysts do about it."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from sqlmodel import Session

from classifiers.values import TASKS
from monitor.db import activations as activation_store
from monitor.db.engine import reading, transaction
from monitor.db.jobs import enqueue, newest_jobs, pending_job
from monitor.db.model_facts import (
    activations,
    articles_at_most,
    decisions_since,
    learned_until,
)
from monitor.db.verdicts import verdicts
from monitor.errors import ModelError
from monitor.training import registry
from monitor.training.pictures import CONFUSION, RELIABILITY
from monitor.training.shelf import Damaged, Shelved, shelf, shelved
from monitor.web.access import AnalystOf, ViewerOf, user_of
from monitor.web.models_page import TaskLines, by_label, task_lines
from monitor.web.pages import Missing, Visit, page
from monitor.web.routes_drift import shifted_now

router = APIRouter()

LONGEST_REASON = 500  # characters
KINDS = ("train", "judge", "activate", "compare", "retag")  # jobs about versions
PICTURES = {"reliability": RELIABILITY, "confusion": CONFUSION}


@router.get("/models")
def models(visit: ViewerOf) -> HTMLResponse:
    """The version in use of each task, all versions, training, and whether they have drifted."""
    return _models(visit)


@router.post("/models/train")
def train(visit: AnalystOf) -> Response:
    """Ask for a training."""
    tasks = [task for task in TASKS if task in visit.form.getlist("task")]
    if not tasks:
        return _models(visit, wrong={"train": "models.wrong.tasks"}, status=400)
    given = {"tasks": tasks, "decisions": visit.form.get("decisions") == "yes"}
    return _ask(visit, "train", given)


@router.post("/models/{task}/rollback")
def rollback(visit: AnalystOf, task: str) -> Response:
    """Put the version before back in use, at once, and ask for the archive to be tagged again."""
    app, who, reason = visit.app, user_of(visit).name, _text(visit, "reason")
    if task not in TASKS:
        raise Missing("page")
    if not reason:
        return _models(visit, wrong={task: "models.wrong.reason"}, status=400)
    try:
        registry.roll_back(
            app.engine, app.settings.models_dir, [task], app.clock, by=who, reason=reason
        )
    except ModelError:
        return _models(visit, wrong={task: "models.wrong.rollback"}, status=409)
    return _ask(visit, "retag", {})


@router.get("/models/{task}/{name}")
def model(visit: ViewerOf, task: str, name: str) -> HTMLResponse:
    """The card of a version, in plain words."""
    return _model(visit, task, name)


@router.get("/models/{task}/{name}/{picture}.svg")
def picture(visit: ViewerOf, task: str, name: str, picture: str) -> FileResponse:
    """A picture that was drawn when the version was trained."""
    version = _version(visit, task, name)
    if picture not in PICTURES or not isinstance(version, Shelved):
        raise Missing("page")
    path = version.folder / PICTURES[picture]
    if not path.is_file():
        raise Missing("page")
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return FileResponse(path, media_type="image/svg+xml", headers=policy)


@router.post("/models/{task}/{name}/judge")
def judge(visit: AnalystOf, task: str, name: str) -> Response:
    """Ask the gate."""
    _version(visit, task, name)
    return _ask(visit, "judge", {"task": task, "version": name})


@router.post("/models/{task}/{name}/activate")
def activate(visit: AnalystOf, task: str, name: str) -> Response:
    """Ask for a version to be put in use, past the gate."""
    _version(visit, task, name)
    reason, override = _text(visit, "reason"), _text(visit, "override")
    if not reason:
        return _model(visit, task, name, wrong="models.wrong.reason", status=400)
    given = {"task": task, "version": name, "reason": reason, "override": override}
    return _ask(visit, "activate", given)


def _ask(visit: Visit, kind: str, parameters: dict[str, Any]) -> Response:
    app = visit.app
    with transaction(app.engine) as session:
        number = enqueue(session, app.clock(), user_of(visit).name, kind, parameters)
    return RedirectResponse(f"/jobs/{number}", 303)


def _models(visit: Visit, wrong: dict[str, str] | None = None, status: int = 200) -> HTMLResponse:
    app = visit.app
    with reading(app.engine) as session:
        tasks = _task_lines(visit, session)
        learned = learned_until(session)
        facts = {
            "learned": learned,
            "new": decisions_since(session, learned),
            "articles": articles_at_most(session),
            "training": pending_job(session, "train"),
            "retagging": pending_job(session, "retag"),
            "jobs": [job for job in newest_jobs(session, 50) if job.kind in KINDS][:5],
            "shifted": shifted_now(session, app, {t.task: t.active for t in tasks}),
        }
    return page(
        visit,
        "models.html",
        status=status,
        here="models",
        tasks=tasks,
        wrong=wrong or {},
        given=visit.form,
        chosen=visit.form.getlist("task") if visit.form else TASKS,
        **facts,
    )


def _task_lines(visit: Visit, session: Session) -> list[TaskLines]:
    models_dir = visit.app.settings.models_dir
    found = shelf(models_dir)
    used = activations(session)
    active = {**registry.shipped_versions(models_dir), **activation_store.activated(session)}
    gates = verdicts(session, [v.name for versions in found.values() for v in versions])
    return [
        task_lines(
            task,
            found[task],
            active.get(task, ""),
            used,
            gates,
            activation_store.version_before(session, task) or "",
        )
        for task in TASKS
    ]


def _model(visit: Visit, task: str, name: str, wrong: str = "", status: int = 200) -> HTMLResponse:
    version = _version(visit, task, name)
    with reading(visit.app.engine) as session:
        lines = next(t for t in _task_lines(visit, session) if t.task == task)
        articles = articles_at_most(session)
        asked = pending_job(session, "activate")
    known = isinstance(version, Shelved)
    return page(
        visit,
        "model.html",
        status=status,
        here="models",
        version=version,
        damaged=isinstance(version, Damaged),
        line=next(line for line in lines.lines if line.name == name),
        active=lines.active,
        articles=articles,
        pending=asked,
        labels=by_label(version, visit.app.reference, visit.t) if known else [],  # type: ignore[arg-type]
        pictures=[p for p, file in PICTURES.items() if known and (version.folder / file).is_file()],  # type: ignore[union-attr]
        wrong=wrong,
        given=visit.form,
    )


def _version(visit: Visit, task: str, name: str) -> Shelved | Damaged:
    found = shelved(visit.app.settings.models_dir, task, name)
    if found is None:
        raise Missing("version", name)
    return found


def _text(visit: Visit, name: str) -> str:
    given = visit.form.get(name, "")
    return given.strip()[:LONGEST_REASON] if isinstance(given, str) else ""
