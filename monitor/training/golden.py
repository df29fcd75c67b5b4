"""Golden predictions: what a version said of a few texts when it was trained, kept in its folder.

A version under newer libraries, or under another labels/, is asked again; what it says now must be what
it said then. The texts are the corpus's own, invented, and stored beside what was said of them.
"""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from classifiers import persist
from classifiers.values import Example, Text
from monitor.training.predict import Predicted, predict

GOLDEN = "golden.json"
RELEVANT, OTHER = 3, 1  # texts of each language
TOLERANCE = 0.001  # of a probability: far above rounding, far below what changes a decision


def golden(version: persist.Version, examples: Sequence[Example], labels: Path) -> dict[str, Any]:
    """golden.json of a version that was just trained."""
    texts = [e.text for e in _chosen(examples)]
    said = predict(version, texts, labels)
    return {
        "texts": [{k: v for k, v in asdict(t).items() if k != "home"} for t in texts],
        "predictions": {t.id: _row(said, i) for i, t in enumerate(texts)},
    }


def _chosen(examples: Sequence[Example]) -> list[Example]:
    """Evenly over the ids, of each language: the same texts for the same corpus."""
    found = []
    for language in sorted({e.text.language for e in examples}):
        for relevant, wanted in ((True, RELEVANT), (False, OTHER)):
            some = [e for e in examples if (e.text.language, e.relevant) == (language, relevant)]
            some.sort(key=lambda e: e.text.id)
            step = max(1, len(some) // wanted)
            found += some[::step][:wanted]
    return found


def _row(said: Predicted, i: int) -> dict[str, Any]:
    pairs = list(zip(said.labels, said.probabilities[i], said.decided[i], strict=True))
    return {
        "probability": {label: round(float(p), 4) for label, p, _ in pairs if p >= 0.00005},
        "decided": [label for label, _, yes in pairs if yes],
    }


def deviations(version: persist.Version, stored: dict[str, Any], labels: Path) -> list[str]:
    """Where `version` says something else than `stored` (golden.json), a sentence each; [] where nowhere.

    Raises ModelError where the version cannot be used at all.
    """
    texts = [Text(**row) for row in stored["texts"]]
    said, found = predict(version, texts, labels), []
    for i, text in enumerate(texts):
        now, then = _row(said, i), stored["predictions"][text.id]
        if now["decided"] != then["decided"]:
            found.append(
                f"of {text.id} it said {_list(then['decided'])}, now {_list(now['decided'])}"
            )
        both = now["probability"].keys() | then["probability"].keys()
        furthest = max(
            (abs(now["probability"].get(k, 0.0) - then["probability"].get(k, 0.0)), k) for k in both
        ) if both else (0.0, "")  # fmt: skip
        if furthest[0] > TOLERANCE:
            found.append(
                f"of {text.id} the probability of {furthest[1]} moved by {furthest[0]:.3f}"
            )
    return found


def _list(labels: Sequence[str]) -> str:
    return ", ".join(labels) or "nothing"
