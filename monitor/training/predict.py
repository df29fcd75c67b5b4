"""What one trained version says of texts, as arrays: for measuring versions, not for tagging articles.

Unlike `classifiers.tagger` it asks each task of every text, whether or not the text is relevant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifiers import persist
from classifiers.embedding import Embedder
from classifiers.features import Featurizer
from classifiers.linear import LinearModel
from classifiers.metrics import Bools, Floats
from classifiers.reference import load_reference
from classifiers.regions import RegionTagger
from classifiers.train import truth_of
from classifiers.values import Text
from classifiers.vocabulary import load_vocabulary
from monitor.errors import ModelError


@dataclass(frozen=True)
class Predicted:
    """Calibrated probabilities and decisions, (texts, labels)."""

    labels: tuple[str, ...]
    probabilities: Floats
    decided: Bools


def load_version(models: Path, task: str, name: str) -> persist.Version:
    """The version, found whole. Raises ModelError."""
    try:
        return persist.load(models, task, name)
    except persist.VersionError as error:
        raise ModelError(str(error)) from error


def predict(
    version: persist.Version,
    texts: Sequence[Text],
    labels: Path,
    embedder: Embedder | None = None,
) -> Predicted:
    """What `version` says of `texts`, with vectors where it was learned with those of `embedder`.

    Raises ModelError where this program cannot use it.
    """
    try:
        if version.task == "region":
            return _regions(version, texts, labels)
        model = LinearModel.from_state(version.state, embedder.name if embedder else None)
        vectors = embedder.embed(texts) if embedder and model.dense else None
        counts = Featurizer(load_vocabulary(labels), model.features).counts(texts)
        probabilities = model.probabilities(counts, vectors)
        return Predicted(model.labels, probabilities, model.decide(probabilities))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{version.task} {version.name} lacks a part this program needs; train it anew"
        ) from error


def _regions(version: persist.Version, texts: Sequence[Text], labels: Path) -> Predicted:
    tagger = RegionTagger.from_state(version.state, labels)
    codes, _ = truth_of("region", load_reference(labels))
    place = {code: j for j, code in enumerate(codes)}
    shape = (len(texts), len(codes))
    probabilities, decided = np.zeros(shape), np.zeros(shape, bool)
    for i, tags in enumerate(tagger.tag(texts)):
        for tag in tags:
            if tag.code in place:
                probabilities[i, place[tag.code]] = tag.happens
                decided[i, place[tag.code]] = tag.decided
    return Predicted(codes, probabilities, decided)
