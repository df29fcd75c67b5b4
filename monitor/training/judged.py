"""What a version said of the training texts before it had learned from them, as they are labelled today."""

from collections.abc import Sequence

import numpy as np

from classifiers import train
from classifiers.reference import load_reference
from classifiers.values import Example
from monitor.errors import ModelError
from monitor.settings import Settings
from monitor.training.sides import asked, truth_table
from monitor.training.suspects import Judged
from monitor.training.unseen import read_unseen, text_key


def judged(settings: Settings, examples: Sequence[Example], task: str, version: str) -> Judged:
    """The texts that `version` knew word for word; others it has not judged are left out.

    Raises ModelError where it stored no such predictions.
    """
    said = read_unseen(settings.models_dir, task, version)
    if said is None:
        raise ModelError(
            f"{task} {version} stored no predictions of texts it had not seen; use --fresh"
        )
    known = tuple(e for e in examples if asked(task, e) and text_key(e.text) in said)
    labels, truth = truth_table(task, known, settings)
    rows = [[said[text_key(e.text)].probability.get(x, 0.0) for x in labels] for e in known]
    return Judged(task, labels, known, truth, np.array(rows, float).reshape(truth.shape))


def judged_afresh(settings: Settings, examples: Sequence[Example], task: str) -> Judged:
    """The same by a cross-validation now. Raises ModelError where the texts are too few."""
    reference = load_reference(settings.labels_dir)
    try:
        unseen = train.train(
            task, examples, reference, settings.labels_dir, seed=settings.seed
        ).unseen
    except train.NothingToLearn as error:
        raise ModelError(str(error)) from error
    return Judged(task, unseen.labels, tuple(unseen.examples), unseen.truth, unseen.probabilities)
