"""Jobs about trained versions: ask the gate, put in use past the gate."""

from collections.abc import Mapping
from typing import Any

from monitor.app import App
from monitor.db.engine import reading, transaction
from monitor.db.jobs import enqueue, find_job
from monitor.db.verdicts import keep_verdict
from monitor.jobs.run import JobProgress
from monitor.training import gate, registry


def judge(app: App, parameters: Mapping[str, Any], progress: JobProgress) -> dict[str, Any]:
    """Ask the gate about `version` of `task` against what is in use now."""
    task, version = parameters["task"], parameters["version"]
    objections = verdict(app, task, version)
    key = "jobs.said.not_passable" if objections else "jobs.said.passable"
    return {
        "page": f"/models/{task}/{version}",
        "said": [[key, {"task": task, "version": version}]],
        "objections": objections,
    }


def activate(app: App, parameters: Mapping[str, Any], progress: JobProgress) -> dict[str, Any]:
    """Put `version` of `task` in use if it passes the gate or `override` says why it may all the same; then
    ask for the archive to be tagged again.

    The audit log names the person who asked, and `reason`.
    """
    task, version = parameters["task"], parameters["version"]
    page, names = f"/models/{task}/{version}", {"task": task, "version": version}
    override = str(parameters.get("override", ""))
    objections = verdict(app, task, version)
    if objections and not override:
        return {"page": page, "said": [["jobs.said.not_in_use", names]], "objections": objections}
    with reading(app.engine) as session:
        job = find_job(session, progress.number)
    who = job.who if job else "job"
    changed = registry.activate(
        app.engine, app.settings.models_dir, {task: version}, app.clock,
        by=who, reason=override if objections else str(parameters["reason"]),
        overridden={task: objections},
    )  # fmt: skip
    if not changed:
        return {"page": page, "said": [["jobs.said.was_in_use", names]]}
    with transaction(app.engine) as session:
        again = enqueue(session, app.clock(), who, "retag", {})
    return {
        "page": page,
        "said": [["jobs.said.in_use", names], ["jobs.said.retag", {"n": again}]],
        "objections": objections,
        "next": again,
    }


def verdict(app: App, task: str, version: str) -> list[str]:
    """What the gate holds against a version now; kept for the models' page."""
    used = registry.in_use(app.engine, app.settings.models_dir)
    [found] = gate.judge(app.settings, {task: version}, used)
    with transaction(app.engine) as session:
        keep_verdict(session, app.clock(), task, version, used.get(task, ""), found.objections)
    return list(found.objections)
