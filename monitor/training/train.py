"""Trains tasks from labels/ into models/. Activates nothing: that is the registry's."""

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from classifiers import persist, train, vocabulary
from classifiers.reference import Reference, load_reference
from classifiers.train import Trained
from monitor.errors import InputFileError
from monitor.progress import Progress
from monitor.settings import Settings
from monitor.training.card import card
from monitor.training.dataset import CORPUS, Dataset, files_hash, load_dataset
from monitor.values import Mistake

LIBRARIES = ("numpy", "scikit-learn", "scipy", "skops", "spacy")
# The definitions a task learns with, beside its examples: a change of them is another version.
_DEFINITIONS = {
    "relevance": vocabulary.FILES,
    "topic": vocabulary.FILES,
    "direction": vocabulary.FILES,
    "region": ("regions.yaml", "*.csv"),
}


@dataclass(frozen=True, slots=True)
class TrainedVersion:
    """A version that is on disk."""

    task: str
    version: str
    folder: Path
    evaluation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a training run made, and the lines of the corpus it had to leave out."""

    versions: tuple[TrainedVersion, ...]
    examples: int
    mistakes: tuple[Mistake, ...]


def train_all(
    settings: Settings, progress: Progress, tasks: Sequence[str], *, seed: int | None = None
) -> TrainReport:
    """Train `tasks`; `seed` is the settings' unless given.

    Raises InputFileError where the corpus has too little to learn from.
    """
    labels, seed = settings.labels_dir, settings.seed if seed is None else seed
    reference = load_reference(labels)
    dataset = load_dataset(labels, reference)
    made = [
        _train(task, dataset, reference, settings, seed)
        for task in progress.over(tasks, "train", len(tasks))
    ]
    return TrainReport(tuple(made), len(dataset.examples), dataset.mistakes)


def _train(
    task: str, dataset: Dataset, reference: Reference, settings: Settings, seed: int
) -> TrainedVersion:
    labels = settings.labels_dir
    try:
        trained = train.train(task, dataset.examples, reference, labels, seed=seed)
    except train.NothingToLearn as error:
        mistake = Mistake(f"{CORPUS}/", 1, "", str(error), "more texts", "see labels/README.md")
        raise InputFileError(str(labels / CORPUS), (mistake, *dataset.mistakes)) from error
    inputs = _inputs(trained, dataset, labels, seed)
    name = "v1-" + hashlib.sha256(persist.canonical_json(inputs)).hexdigest()[:12]
    manifest = {
        **inputs,
        "code_version": _version_of("tilannekuva"),
        "libraries": {
            "python": platform.python_version(),
            **{library: _version_of(library) for library in LIBRARIES},
        },
        "metrics": trained.evaluation["overall"],
    }
    folder = persist.write(
        settings.models_dir,
        task,
        name,
        state=trained.state,
        manifest=manifest,
        evaluation=trained.evaluation,
        card=card(task, name, manifest, trained.evaluation),
    )
    return TrainedVersion(task, name, folder, trained.evaluation)


def _inputs(trained: Trained, dataset: Dataset, labels: Path, seed: int) -> dict[str, Any]:
    """All that decides what is learned; its hash is the version's name."""
    definitions = [p for pattern in _DEFINITIONS[trained.task] for p in labels.glob(pattern)]
    return {
        "task": trained.task,
        "algorithm": trained.algorithm,
        "parameters": trained.parameters,
        "seed": seed,
        "examples": len(dataset.examples),
        "dataset_sha256": dataset.hash,
        "labels_sha256": files_hash(definitions),
    }


def _version_of(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"
