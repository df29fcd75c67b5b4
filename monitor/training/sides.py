"""What two versions say of the same labelled texts, for `compare`: before they learned from them (corpus),
or of texts apart (a labelled file).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from classifiers.corpus import load_corpus
from classifiers.metrics import Bools
from classifiers.reference import NATIONAL, Reference, load_reference
from classifiers.tagger import ASKED
from classifiers.train import truth_of
from classifiers.values import Example
from monitor.embedding import remembering
from monitor.errors import InputFileError
from monitor.settings import Settings
from monitor.training.compare import Sides
from monitor.training.predict import Predicted, load_version, predict
from monitor.training.unseen import Unseen, read_unseen, text_key
from monitor.values import Mistake


def unseen_sides(
    settings: Settings, examples: Sequence[Example], task: str, a: str, b: str
) -> Sides | None:
    """Out-of-fold decisions on the texts of the corpus both versions know, as they are labelled today.

    None where one of the two stored none.
    """
    said_a = read_unseen(settings.models_dir, task, a)
    said_b = read_unseen(settings.models_dir, task, b)
    if said_a is None or said_b is None:
        return None
    labels, truth = _truth(task, examples, load_reference(settings.labels_dir))
    keys = [text_key(e.text) for e in examples]
    rows = [
        i
        for i, (key, example) in enumerate(zip(keys, examples, strict=True))
        if key in said_a and key in said_b and asked(task, example)
    ]
    return Sides(
        task,
        labels,
        tuple(examples[i] for i in rows),
        truth[rows],
        _decided(said_a, [keys[i] for i in rows], labels),
        _decided(said_b, [keys[i] for i in rows], labels),
    )


def labelled_sides(
    settings: Settings, examples: Sequence[Example], task: str, a: str, b: str
) -> Sides:
    """Decisions on labelled texts apart. Raises ModelError where a version cannot be used."""
    asked_of = tuple(e for e in examples if asked(task, e))
    labels, truth = _truth(task, asked_of, load_reference(settings.labels_dir))
    first, second = (said_of(settings, asked_of, task, v).decided for v in (a, b))
    return Sides(task, labels, asked_of, truth, first, second)


def said_of(settings: Settings, examples: Sequence[Example], task: str, version: str) -> Predicted:
    """What a version says, as the tagger does: with an embedder where the settings name one, and of a
    national matter only where the text is relevant.
    """
    loaded = load_version(settings.models_dir, task, version)
    embedder = remembering(settings) if task in ASKED else None
    said = predict(loaded, [e.text for e in examples], settings.labels_dir, embedder)
    if NATIONAL in said.labels:
        other = [i for i, e in enumerate(examples) if not e.relevant]
        said.decided[other, said.labels.index(NATIONAL)] = False
        said.probabilities[other, said.labels.index(NATIONAL)] = 0.0
    return said


def asked(task: str, example: Example) -> bool:
    """Whether the task is asked of the text: topics and direction are asked of relevant ones."""
    return task in ("relevance", "region") or example.relevant


def load_labelled(
    path: Path, reference: Reference
) -> tuple[tuple[Example, ...], tuple[Mistake, ...]]:
    """A JSONL in the format of labels/corpus. Raises InputFileError where no line can be used."""
    corpus = load_corpus(path, reference)
    mistakes = tuple(
        Mistake(str(path), m.line, m.entry, m.problem, m.expected, m.remedy)
        for m in corpus.mistakes
    )
    if not corpus.examples:
        none = Mistake(str(path), 1, "", "holds no labelled text", "one text a line",
                       "see labels/README.md for the format")  # fmt: skip
        raise InputFileError(str(path), mistakes or (none,))
    return tuple(corpus.examples), mistakes


def truth_table(
    task: str, examples: Sequence[Example], settings: Settings
) -> tuple[tuple[str, ...], Bools]:
    """The task's labels and which of them hold: (texts, labels)."""
    return _truth(task, examples, load_reference(settings.labels_dir))


def _truth(
    task: str, examples: Sequence[Example], reference: Reference
) -> tuple[tuple[str, ...], Bools]:
    labels, holding = truth_of(task, reference)
    rows = [[label in holding(e) for label in labels] for e in examples]
    return labels, np.array(rows, bool).reshape(len(examples), len(labels))


def _decided(said: dict[str, Unseen], keys: Sequence[str], labels: Sequence[str]) -> Bools:
    rows = [[label in said[key].decided for label in labels] for key in keys]
    return np.array(rows, bool).reshape(len(keys), len(labels))
