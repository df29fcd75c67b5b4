"""The job that trains: a task is a step, and a version that is on disk is not made again.

What people had decided when the job began is frozen in a file, so that every task, also one that a resumed
job trains a day later, learns from the same decisions.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from classifiers.decisions import Decision
from classifiers.values import TASKS
from monitor.app import App
from monitor.db.engine import reading
from monitor.jobs.models import verdict
from monitor.jobs.run import JobProgress
from monitor.progress import Silent
from monitor.training.decisions import TextFinder, Texts
from monitor.training.exchange import stored_decisions, stored_texts, write_decisions
from monitor.training.train import TrainReport, train_all

PAGE = "/models"


def run(app: App, parameters: Mapping[str, Any], progress: JobProgress) -> dict[str, Any]:
    """Train `tasks` (all unless given), with what people decided in this house unless `decisions` is
    false; then ask the gate about each. Puts nothing in use: that is a person's act."""
    tasks = [task for task in TASKS if task in parameters.get("tasks", TASKS)]
    decided = _frozen(app, progress) if parameters.get("decisions", True) else None
    texts = _texts(app) if decided else None
    for task in progress.over(tasks, "train", len(tasks)):
        if task not in progress.kept:
            progress.say("jobs.log.training", task=task)
            report = train_all(app.settings, Silent(), (task,), texts=texts, more=decided)
            version = report.versions[0].version
            progress.keep(task, _kept(report), "jobs.log.trained", task=task, version=version)
            if report.left_out:
                progress.say("jobs.log.left_out", n=len(report.left_out))
    versions = {task: progress.kept[task]["version"] for task in tasks}
    objections = {
        task: verdict(app, task, versions[task])
        for task in progress.over(tasks, "gate", len(tasks))
    }
    return {
        "page": PAGE,
        "said": [_said(task, progress.kept[task], objections[task]) for task in tasks],
        "objections": [f"{task}: {said}" for task in tasks for said in objections[task]],
        "versions": versions,
        "texts": progress.kept[tasks[0]]["texts"] if tasks else 0,
        "decided": progress.kept[tasks[0]]["decided"] if tasks else 0,
    }


def _frozen(app: App, progress: JobProgress) -> Path:
    """The file of what people had decided when this job first began."""
    path = app.settings.cache_dir / "jobs" / f"{progress.number}.jsonl"
    if not path.is_file():
        with reading(app.engine) as session:
            stored = stored_decisions(session)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_decisions(path, stored.decisions)
        progress.say("jobs.log.decisions", n=len(stored.decisions))
    return path


def _texts(app: App) -> TextFinder:
    def find(decisions: Sequence[Decision]) -> Texts:
        with reading(app.engine) as session:
            return stored_texts(session, decisions)

    return find


def _kept(report: TrainReport) -> dict[str, Any]:
    [made] = report.versions
    overall = made.evaluation["overall"]
    return {
        "version": made.version,
        "value": overall["value"],
        "low": overall["low"],
        "high": overall["high"],
        "n": overall["n"],
        "texts": report.examples,
        "decided": report.sources.get("decision", 0),
    }


def _said(task: str, kept: Mapping[str, Any], objections: Sequence[str]) -> list[Any]:
    key = "jobs.said.refused" if objections else "jobs.said.passed"
    names = ("version", "value", "low", "high", "n")
    return [key, {"task": task, **{name: kept[name] for name in names}}]
