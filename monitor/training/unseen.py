"""What a version said of each training text before it learned from it, kept in its folder.

These out-of-fold predictions are what its eval.json summarises; stored text by text, two versions can be
compared on the same texts long after their training.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifiers import persist
from classifiers.metrics import Bools, Floats
from classifiers.values import Example, Text

UNSEEN = "unseen.json"
LEAST = 0.01  # a label less probable is not written down: half of the file, and it decides nothing


@dataclass(frozen=True, slots=True)
class Unseen:
    """What was said of one text."""

    decided: frozenset[str]
    probability: Mapping[str, float]  # labels under LEAST are left out


def unseen_json(
    examples: Sequence[Example], labels: Sequence[str], probabilities: Floats, decided: Bools
) -> bytes:
    """unseen.json: one text a line, named by its id and a hash of its words."""
    rows = []
    for i, example in enumerate(examples):
        said = {
            label: round(float(p), 3) for label, p in zip(labels, probabilities[i], strict=True)
        }
        row = {
            "probability": {label: p for label, p in said.items() if p >= LEAST},
            "decided": [label for label, yes in zip(labels, decided[i], strict=True) if yes],
        }
        rows.append(
            f"{json.dumps(text_key(example.text))}: {json.dumps(row, separators=(',', ':'))}"
        )
    return ("{\n" + ",\n".join(rows) + "\n}\n").encode()


def text_key(text: Text) -> str:
    """Names a text as long as its words stay as they are."""
    words = hashlib.sha256(f"{text.title}\n{text.text}".encode()).hexdigest()
    return f"{text.id} {words[:12]}"


def read_unseen(models: Path, task: str, version: str) -> dict[str, Unseen] | None:
    """By `text_key`; None of a version that stored none."""
    path = models / task / version / UNSEEN
    if not path.is_file():
        return None
    rows = persist.read_json(path)
    return {key: Unseen(frozenset(row["decided"]), row["probability"]) for key, row in rows.items()}
