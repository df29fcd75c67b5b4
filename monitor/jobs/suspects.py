"""The job that looks for training texts whose label is probably wrong."""

from collections.abc import Mapping
from typing import Any

from classifiers.values import TASKS
from monitor.app import App
from monitor.errors import ModelError
from monitor.jobs.run import JobProgress
from monitor.training import registry
from monitor.training.dataset import load_dataset
from monitor.training.judged import judged, judged_afresh
from monitor.training.suspects import Suspect, in_turn, suspects

SHOWN = 200


def run(app: App, parameters: Mapping[str, Any], progress: JobProgress) -> dict[str, Any]:
    """The surest of each of `tasks` in turn, by what the versions in use said of texts they had not
    learned from; with `fresh` by a cross-validation now."""
    tasks = [task for task in TASKS if task in parameters.get("tasks", TASKS)]
    examples = load_dataset(app.settings.labels_dir, app.reference).examples
    used = registry.in_use(app.engine, app.settings.models_dir)
    found, texts = [], 0
    for task in progress.over(tasks, "suspects", len(tasks)):
        if parameters.get("fresh", False):
            known = judged_afresh(app.settings, examples, task)
        elif task in used:
            known = judged(app.settings, examples, task, used[task])
        else:
            raise ModelError(f"no version of {task} is in use; train one first")
        texts = max(texts, len(known.examples))
        found.append(suspects(known))
    rows = [_row(suspect) for suspect in in_turn(found)]
    return {
        "page": "/labels/suspects",
        "said": [["jobs.said.suspects", {"n": len(rows), "texts": texts}]],
        "texts": texts,
        "found": len(rows),
        "suspects": rows[:SHOWN],
    }


def _row(s: Suspect) -> dict[str, Any]:
    file, _, line = s.example.origin.rpartition(":")
    return {
        "file": f"corpus/{file}",
        "line": int(line) if line.isdigit() else 0,
        "id": s.example.text.id,
        "language": s.example.text.language,
        "title": s.example.text.title,
        "task": s.task,
        "given": s.given,
        "suggested": s.suggested,
        "p_given": round(s.p_given, 4),
        "p_suggested": round(s.p_suggested, 4),
    }
