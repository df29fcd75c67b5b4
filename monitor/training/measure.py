"""How good a version is on labelled texts apart, in the form of eval.json."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from classifiers import metrics
from classifiers.metrics import Bools, Floats
from classifiers.values import Example
from monitor.errors import ModelError
from monitor.settings import Settings
from monitor.training.compare import MACRO
from monitor.training.sides import asked, said_of, truth_table


def measured(
    settings: Settings, examples: Sequence[Example], task: str, version: str, what: str
) -> dict[str, Any]:
    """Figures of all `examples` the task is asked of, of each language and each label.

    Intervals are 95 %, by bootstrap over stories. Raises ModelError where it is asked of none.
    """
    used = [e for e in examples if asked(task, e)]
    if not used:
        raise ModelError(f"{what} holds no text that {task} is asked of (relevant ones)")
    labels, truth = truth_table(task, used, settings)
    said = said_of(settings, used, task, version)
    languages = np.array([e.text.language for e in used])

    def part(rows: Bools) -> dict[str, Any]:
        stories = [e.story for e, wanted in zip(used, rows, strict=True) if wanted]
        return _figures(
            task, truth[rows], said.decided[rows], said.probabilities[rows], stories, settings.seed
        )

    return {
        "method": f"on {what}",
        "score": "macro F1" if task in MACRO else "micro F1",
        "overall": part(np.ones(len(used), bool)),
        "by_language": {lang: part(languages == lang) for lang in sorted(set(languages.tolist()))},
        "by_label": {
            label: _label(truth[:, [j]], said.decided[:, [j]]) for j, label in enumerate(labels)
        },
    }


def _figures(
    task: str, truth: Bools, decided: Bools, probabilities: Floats, stories: list[str], seed: int
) -> dict[str, Any]:
    score = metrics.macro_f1 if task in MACRO else metrics.micro_f1
    precision, recall, _ = metrics.precision_recall_f1(truth, decided)
    return {
        **asdict(metrics.measure(score, truth, decided, stories, seed)),
        "precision": precision,
        "recall": recall,
        "calibration_error": metrics.calibration_error(truth, probabilities),
    }


def _label(truth: Bools, decided: Bools) -> dict[str, Any]:
    precision, recall, f1 = metrics.precision_recall_f1(truth, decided)
    return {"n": int(truth.sum()), "precision": precision, "recall": recall, "f1": f1}
