"""Trains tasks from labels/ into models/. Activates nothing: that is the registry's."""

import hashlib
import os
import platform
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import persist, train, vocabulary
from classifiers.embedding import Embedder
from classifiers.reference import Reference, load_reference
from classifiers.settle import base_rate_weights
from classifiers.train import Trained
from monitor.embedding import remembering
from monitor.errors import InputFileError
from monitor.progress import Progress
from monitor.settings import Settings
from monitor.training.card import card
from monitor.training.dataset import CORPUS, Dataset, files_hash, load_dataset
from monitor.training.decisions import LeftOut, TextFinder
from monitor.training.golden import GOLDEN, golden
from monitor.training.pictures import CONFUSION, RELIABILITY, confusion, reliability
from monitor.training.unseen import UNSEEN, unseen_json
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
    """What a training run made, and what it had to leave out."""

    versions: tuple[TrainedVersion, ...]
    sources: Mapping[str, int]  # corpus, decision -> texts
    mistakes: tuple[Mistake, ...]  # lines that cannot be used
    left_out: tuple[LeftOut, ...]  # decided texts

    @property
    def examples(self) -> int:
        """How many texts were learned from."""
        return sum(self.sources.values())


def train_all(
    settings: Settings,
    progress: Progress,
    tasks: Sequence[str],
    *,
    seed: int | None = None,
    texts: TextFinder | None = None,
    more: Path | None = None,
    embedder: Embedder | None = None,
) -> TrainReport:
    """Train `tasks`; `seed` and `embedder` are the settings' unless given. `texts` finds what people's
    decisions are about; without it they are not learned from. `more` is a file of decisions beside those
    of labels/decisions.

    Raises InputFileError where the corpus has too little to learn from, SettingsError where the embedder
    of the settings cannot be had.
    """
    embedder = embedder or remembering(settings, progress)
    labels, seed = settings.labels_dir, settings.seed if seed is None else seed
    reference = load_reference(labels)
    dataset = load_dataset(labels, reference, texts, more)
    made = [
        _train(task, dataset, reference, settings, seed, embedder)
        for task in progress.over(tasks, "train", len(tasks))
    ]
    return TrainReport(tuple(made), dataset.sources, dataset.mistakes, dataset.left_out)


def _train(
    task: str,
    dataset: Dataset,
    reference: Reference,
    settings: Settings,
    seed: int,
    embedder: Embedder | None,
) -> TrainedVersion:
    labels = settings.labels_dir
    try:
        trained = train.train(
            task, dataset.examples, reference, labels, seed=seed, embedder=embedder
        )
    except train.NothingToLearn as error:
        mistake = Mistake(f"{CORPUS}/", 1, "", str(error), "more texts", "see labels/README.md")
        raise InputFileError(str(labels / CORPUS), (mistake, *dataset.mistakes)) from error
    inputs = _inputs(trained, dataset, labels, seed)
    # v2: a version that keeps golden and out-of-fold predictions; v1 had none.
    name = "v2-" + hashlib.sha256(persist.canonical_json(inputs)).hexdigest()[:12]
    manifest = {
        **inputs,
        "sources": dataset.sources,
        "corpus_sha256": dataset.corpus_hash,
        "code_version": _version_of("tilannekuva"),
        "libraries": {
            "python": platform.python_version(),
            **{library: _version_of(library) for library in LIBRARIES},
        },
        "metrics": trained.evaluation["overall"],
    }
    folder = _store(settings.models_dir, labels, name, trained, manifest, dataset)
    return TrainedVersion(task, name, folder, trained.evaluation)


def _store(
    models: Path,
    labels: Path,
    name: str,
    trained: Trained,
    manifest: Mapping[str, Any],
    dataset: Dataset,
) -> Path:
    """Write the version with its golden and out-of-fold predictions and pictures, whole or not at all."""
    target = models / trained.task / name
    if target.is_dir():
        persist.verify(models, trained.task, name)
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".draft-", dir=models) as draft:
        folder = persist.write(
            Path(draft),
            trained.task,
            name,
            state=trained.state,
            manifest=manifest,
            evaluation=trained.evaluation,
            card=card(trained.task, name, manifest, trained.evaluation),
        )
        # Said by what is on disk, so that what rounding in the file changes is golden too.
        # A version is shown around: of decided texts, which are other people's, it stores none.
        said = golden(persist.load(Path(draft), trained.task, name), dataset.ours, labels)
        _add(folder, {GOLDEN: persist.canonical_json(said), **_records(trained)})
        folder.rename(target)
    return target


def _records(trained: Trained) -> dict[str, bytes]:
    """What was said of texts not yet learned from, as it was and as pictures."""
    task, unseen = trained.task, trained.unseen
    rate = train.RELEVANT_IN_FEEDS if task == "relevance" else None
    weights = np.stack([base_rate_weights(column, rate) for column in unseen.truth.T], axis=1)
    drawn = {
        RELIABILITY: reliability(task, unseen.truth, unseen.probabilities, weights),
        CONFUSION: confusion(task, unseen.labels, unseen.truth, unseen.decided),
    }
    kept = unseen_json(unseen.examples, unseen.labels, unseen.probabilities, unseen.decided)
    return {UNSEEN: kept, **{name: picture.encode() for name, picture in drawn.items()}}


def _add(folder: Path, files: Mapping[str, bytes]) -> None:
    manifest = persist.read_json(folder / persist.MANIFEST)
    sums = {file: hashlib.sha256(content).hexdigest() for file, content in files.items()}
    manifest["files"] = {**manifest["files"], **sums}
    for file, content in {**files, persist.MANIFEST: persist.canonical_json(manifest)}.items():
        with (folder / file).open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())


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
        "decisions_sha256": dataset.decisions_hash,
        "labels_sha256": files_hash(definitions),
    }


def _version_of(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "unknown"
