"""Long work: what waits, what is under way, what came of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from monitor.db.engine import reading, transaction
from monitor.db.jobs import (
    RESUMABLE,
    STATES,
    Job,
    ask_resume,
    ask_stop,
    find_job,
    jobs_by_state,
    newest_jobs,
)
from monitor.i18n import Translator
from monitor.jobs.words import error_words, how_far, lines, result_lines
from monitor.web.access import AnalystOf, ViewerOf, user_of
from monitor.web.pages import Missing, Visit, page

router = APIRouter()

SHOWN = 100
LARGEST = 2**31 - 1  # of a number in the store
IDLE = timedelta(minutes=1)
AREAS = {"task": "models.task", "tasks": "models.task"}  # parameters that are ids, and their words


@router.get("/jobs")
def jobs(visit: ViewerOf) -> HTMLResponse:
    """The newest jobs, all or those in one state."""
    state = visit.parameter("state", STATES, "")
    with reading(visit.app.engine) as session:
        found = newest_jobs(session, SHOWN, (state,) if state else STATES)
        counts = jobs_by_state(session)
    return page(
        visit,
        "jobs.html",
        here="jobs",
        jobs=found,
        counts=counts,
        only=state,
        idle=any(_idle(visit, job) for job in found) and not counts.get("running"),
        far=lambda job: how_far(job, visit.t),
    )


@router.get("/jobs/{job_id:int}")
def job(visit: ViewerOf, job_id: int) -> HTMLResponse:
    """One job: how far it is, what it says, what came of it."""
    found = _found(visit, job_id)
    return page(
        visit,
        "job.html",
        here="jobs",
        job=found,
        resumable=found.state in RESUMABLE,
        idle=_idle(visit, found),
        far=how_far(found, visit.t),
        share=_share(found),
        asked=_asked(found, visit.t),
        lines=lines(found, visit.t),
        said=result_lines(found, visit.t),
        error=error_words(found, visit.t) if found.error else "",
        result=found.result or {},
    )


@router.get("/jobs/{job_id:int}.json")
def job_now(visit: ViewerOf, job_id: int) -> JSONResponse:
    """How far a job is, for its page's script."""
    found = _found(visit, job_id)
    t = visit.t
    return JSONResponse(
        {
            "state": found.state,
            "word": t(f"jobs.state.{found.state}"),
            "note": "" if found.state == "done" else t(f"jobs.do.{found.state}"),
            "far": how_far(found, t),
            "share": _share(found),
            "under_way": found.under_way,
            "lines": [
                {"at": at.isoformat(), "moment": t.moment(at), "said": said}
                for at, said in lines(found, t)
            ],
        }
    )


@router.post("/jobs/{job_id:int}/stop")
def stop(visit: AnalystOf, job_id: int) -> Response:
    """Stop it after its step."""
    app = visit.app
    with transaction(app.engine) as session:
        ask_stop(session, app.clock(), user_of(visit).name, _number(job_id))
    return RedirectResponse(f"/jobs/{job_id}", 303)


@router.post("/jobs/{job_id:int}/resume")
def resume(visit: AnalystOf, job_id: int) -> Response:
    """Have it go on."""
    app = visit.app
    with transaction(app.engine) as session:
        ask_resume(session, app.clock(), user_of(visit).name, _number(job_id))
    return RedirectResponse(f"/jobs/{job_id}", 303)


def _number(job_id: int) -> int:
    if job_id > LARGEST:
        raise Missing("job", str(job_id))
    return job_id


def _found(visit: Visit, job_id: int) -> Job:
    with reading(visit.app.engine) as session:
        found = find_job(session, _number(job_id))
    if found is None:
        raise Missing("job", str(job_id))
    return found


def _idle(visit: Visit, job: Job) -> bool:
    """It waits so long that perhaps nobody takes it up."""
    return job.state == "waiting" and visit.app.clock() - job.asked_at > IDLE


def _share(job: Job) -> float | None:
    """How much of the present loop is done; None where that is not known."""
    total = job.progress.get("total")
    return min(1.0, job.progress["done"] / total) if total else None


def _asked(job: Job, t: Translator) -> list[tuple[str, str]]:
    """The parameters in words."""
    return [
        (t.word("jobs.parameter", name), _in_words(name, value, t))
        for name, value in job.parameters.items()
        if value not in (None, "")
    ]


def _in_words(name: str, value: Any, t: Translator) -> str:
    if isinstance(value, bool):
        return t("jobs.yes") if value else t("jobs.no")
    if isinstance(value, list | tuple):
        return ", ".join(_in_words(name, one, t) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {one}" for key, one in value.items())
    return t.word(AREAS[name], str(value)) if name in AREAS else str(value)
