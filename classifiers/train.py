"""Learns each task from labelled texts, and measures it on texts it had not seen.

Reads no file and writes none: `classifiers.persist` stores what comes out, `monitor.training` decides
when to train and what is used.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from classifiers import linear, metrics, region_features, regions
from classifiers.embedding import Embedded, Embedder
from classifiers.features import FeatureOptions, Featurizer
from classifiers.linear import FOLDS, Fitted, LinearModel, LinearOptions, Weights
from classifiers.metrics import Bools, Floats
from classifiers.reference import NATIONAL, Reference
from classifiers.regions import RegionTagger
from classifiers.settle import base_rate_weights
from classifiers.values import DIRECTIONS, Example, Text
from classifiers.vocabulary import load_vocabulary

# Raise a task's number when its code learns something else from the same inputs.
ALGORITHMS = {
    "relevance": "linear-3",
    "region": "candidates-4",
    "topic": "linear-3",
    "direction": "linear-3",
}
# The corpus is two thirds relevant, news feeds are mostly not: an assumption, to be replaced by the
# share that reviewers find. Probabilities and the threshold of relevance are for this share.
RELEVANT_IN_FEEDS = 0.2
# Strength, and the weights of the blocks in the order of `classifiers.features`. Few were tried; whole
# words count less than their n-grams, since the news to come uses other words than the corpus does.
_CHOSEN: dict[str, tuple[float, tuple[float, ...]]] = {
    "relevance": (10.0, (0.5, 1.0, 0.25, 0.25, 0.0, 0.5)),
    "topic": (3.0, (0.5, 1.0, 0.25, 0.5, 0.5, 1.0)),
    "direction": (3.0, (1.0, 1.0, 0.0, 0.25, 0.0, 0.5)),
}
# How much a text that people met in the news counts against an invented one: when coefficients are
# fitted, and when probabilities and thresholds are. Chosen on the real items of the development sample.
_REAL: dict[str, tuple[float, float]] = {
    "relevance": (3.0, 20.0),
    "topic": (3.0, 3.0),
    "direction": (1.0, 1.0),
}
# How much a text's vector counts beside its words, where an embedder is used.
_EMBEDDED: dict[str, float] = {"topic": 1.0, "direction": 0.5}
PARTS = ("overall", "by_language", "by_label")  # of an evaluation
_SCORES: dict[str, tuple[str, Callable[[Bools, Bools], float]]] = {
    "relevance": ("F1", metrics.micro_f1),
    "region": ("micro F1", metrics.micro_f1),
    "topic": ("micro F1", metrics.micro_f1),
    "direction": ("macro F1", metrics.macro_f1),
}


class NothingToLearn(Exception):
    """The examples are too few for a task. The message is meant for people."""


@dataclass(frozen=True)
class Trained:
    """What came of training one task."""

    task: str
    algorithm: str
    parameters: dict[str, Any]
    state: dict[str, Any]  # for `classifiers.persist`
    evaluation: dict[str, Any]  # eval.json, see `evaluate`
    unseen: "_Unseen"  # what the evaluation rests on, text by text


@dataclass(frozen=True)
class _Unseen:
    """What was said of texts that were not learned from."""

    examples: Sequence[Example]
    labels: tuple[str, ...]
    truth: Bools
    probabilities: Floats
    decided: Bools


def train(
    task: str,
    examples: Sequence[Example],
    reference: Reference,
    labels: Path,
    *,
    seed: int,
    embedder: Embedder | None = None,
) -> Trained:
    """Learn `task`. `labels` is the folder of the gazetteer's files. With an embedder, topics and direction
    are learned a second time with its vectors besides; the plain model is the same as without.

    Raises NothingToLearn where the examples are too few.
    """
    used = [e for e in examples if task in ("relevance", "region") or e.relevant]
    if len({e.story for e in used}) < FOLDS:
        raise NothingToLearn(
            f"{task} has examples of {len({e.story for e in used})} stories; at least {FOLDS} are "
            "needed in labels/corpus"
        )
    embedder, seeing = embedder if task in _EMBEDDED else None, None
    if task == "region":
        state, unseen = _train_regions(used, reference, labels, seed)
    else:
        state, unseen, seeing = _train_linear(task, used, reference, labels, seed, embedder)
    evaluation, chosen = evaluate(task, unseen, seed), parameters(task)
    if embedder and seeing:
        figures = evaluate(task, seeing, seed)
        evaluation["embedded"] = {"embedder": embedder.name, **{k: figures[k] for k in PARTS}}
        chosen["embedded"] = {"embedder": embedder.name, "weight": _EMBEDDED[task]}
    return Trained(task, ALGORITHMS[task], chosen, state, evaluation, unseen)


def parameters(task: str) -> dict[str, Any]:
    """All that is chosen before learning, JSON-able: part of a version's name."""
    if task == "region":
        return {
            "folds": FOLDS,
            "strength": regions.C,
            "features": [
                *region_features.NAMES,
                *region_features.NATIONAL_NAMES,
                *map(" x ".join, region_features.PRODUCTS),
            ],
        }
    options = linear_options(task)
    plain = {**asdict(options), "features": options.features.as_parameters()}
    return {"folds": FOLDS, **plain, "real": list(_REAL[task])}


def linear_options(task: str) -> LinearOptions:
    """How relevance, topics or direction are fitted."""
    strength, weights = _CHOSEN[task]
    return LinearOptions(
        strength=strength,
        exclusive=task == "direction",
        base_rate=RELEVANT_IN_FEEDS if task == "relevance" else None,
        features=FeatureOptions(weights=weights),
    )


def _train_linear(
    task: str,
    examples: Sequence[Example],
    reference: Reference,
    labels_dir: Path,
    seed: int,
    embedder: Embedder | None,
) -> tuple[dict[str, Any], _Unseen, _Unseen | None]:
    """The state, what the plain model said of unseen texts, and what the one that sees vectors said."""
    featurizer = Featurizer(load_vocabulary(labels_dir), linear_options(task).features)
    counts = featurizer.counts([e.text for e in examples])
    labels, truth = _truth(task, examples, reference)

    def fitted(vectors: Embedded | None) -> tuple[LinearModel, _Unseen]:
        made = fit_linear(task, examples, counts, reference, seed=seed, embedded=vectors)
        return made.model, _Unseen(examples, labels, truth, made.probabilities, made.decided)

    plain, unseen = fitted(None)
    if embedder is None:
        return plain.state(), unseen, None
    other, seeing = fitted(embedded(task, embedder, [e.text for e in examples]))
    return plain.state_with(other), unseen, seeing


def embedded(task: str, embedder: Embedder, texts: Sequence[Text]) -> Embedded | None:
    """The texts' vectors with the weight they have for `task`; None where it does without."""
    if task not in _EMBEDDED:
        return None
    return Embedded(embedder.name, embedder.embed(texts), _EMBEDDED[task])


def fit_linear(
    task: str,
    examples: Sequence[Example],
    counts: sp.csr_matrix,
    reference: Reference,
    *,
    seed: int,
    options: LinearOptions | None = None,
    embedded: Embedded | None = None,
) -> Fitted:
    """Learn relevance, topics or direction from texts the task is asked of, without measuring anything.

    `counts` are theirs, row by row, and so are the vectors of `embedded`; `options` are `linear_options`
    unless given. Raises ValueError where there are too few stories.
    """
    labels, truth = _truth(task, examples, reference)
    real = np.array([e.source != "corpus" for e in examples])
    weights = Weights(*(np.where(real, weight, 1.0) for weight in _REAL[task]))
    return linear.fit(
        counts, truth, labels, [e.story for e in examples],
        options=options or linear_options(task), seed=seed, weights=weights, embedded=embedded,
        main=_main(examples, labels) if task == "topic" else None,
    )  # fmt: skip


def _main(examples: Sequence[Example], labels: Sequence[str]) -> npt.NDArray[np.int64]:
    """The index of each text's main topic, -1 where it has none."""
    return np.array([labels.index(e.topics[0]) if e.topics else -1 for e in examples])


def _train_regions(
    examples: Sequence[Example], reference: Reference, labels: Path, seed: int
) -> tuple[dict[str, Any], _Unseen]:
    codes, truth = _truth("region", examples, reference)
    place = {code: j for j, code in enumerate(codes)}
    probabilities, decided = np.zeros(truth.shape), np.zeros(truth.shape, bool)
    folds, untrained = linear.split([e.story for e in examples], seed), RegionTagger(labels)
    for fold in range(FOLDS):
        tagger = untrained.fit(_where(examples, folds != fold), seed=seed)
        rows = np.flatnonzero(folds == fold).tolist()
        for i, tags in zip(rows, tagger.tag([examples[i].text for i in rows]), strict=True):
            for tag in tags:
                # A national matter is asked of relevant texts only, as the tagger does.
                if tag.code in place and (tag.code != NATIONAL or examples[i].relevant):
                    probabilities[i, place[tag.code]] = tag.happens
                    decided[i, place[tag.code]] = tag.decided
    whole = untrained.fit(examples, seed=seed)
    return whole.state(), _Unseen(examples, codes, truth, probabilities, decided)


def _where(examples: Sequence[Example], mask: Bools) -> list[Example]:
    return [e for e, wanted in zip(examples, mask, strict=True) if wanted]


def _truth(
    task: str, examples: Sequence[Example], reference: Reference
) -> tuple[tuple[str, ...], Bools]:
    """The task's labels and which of them hold: (texts, labels)."""
    labels, holding = truth_of(task, reference)
    return labels, np.array([[x in holding(e) for x in labels] for e in examples], bool)


def truth_of(
    task: str, reference: Reference
) -> tuple[tuple[str, ...], Callable[[Example], tuple[str | None, ...]]]:
    """The task's labels, and a function that gives those that hold of an example."""
    match task:
        case "relevance":
            return ("relevant",), lambda e: ("relevant",) if e.relevant else ()
        case "topic":
            return tuple(t.id for t in reference.topics), lambda e: e.topics
        case "direction":
            return DIRECTIONS, lambda e: (e.direction,)
        case "region":
            codes = (*reference.units, NATIONAL)  # Åland is outside the reform and never decided
            return codes, lambda e: (NATIONAL,) if e.national and e.relevant else e.regions
    raise ValueError(f"no task {task!r}")


def evaluate(task: str, unseen: _Unseen, seed: int) -> dict[str, Any]:
    """eval.json: figures of the whole, of each language and of each label."""
    name, _ = _SCORES[task]
    languages = sorted({e.text.language for e in unseen.examples})
    everything = np.ones(len(unseen.examples), bool)
    return {
        "task": task,
        "method": f"grouped {FOLDS}-fold cross-validation, thresholds from the other folds",
        "score": name,
        "seed": seed,
        "overall": _figures(task, unseen, everything, seed),
        "by_language": {
            language: _figures(
                task, unseen, np.array([e.text.language == language for e in unseen.examples]), seed
            )
            for language in languages
        },
        "by_label": {
            label: _label_figures(unseen.truth[:, [j]], unseen.decided[:, [j]])
            for j, label in enumerate(unseen.labels)
        },
    }


def _figures(task: str, unseen: _Unseen, mask: Bools, seed: int) -> dict[str, Any]:
    truth, decided = unseen.truth[mask], unseen.decided[mask]
    groups = [e.story for e in _where(unseen.examples, mask)]
    measured = metrics.measure(_SCORES[task][1], truth, decided, groups, seed)
    precision, recall, _ = metrics.precision_recall_f1(truth, decided)
    rate = RELEVANT_IN_FEEDS if task == "relevance" else None  # probabilities are for that share
    weights = np.stack([base_rate_weights(column, rate) for column in truth.T], axis=1)
    error = metrics.calibration_error(truth, unseen.probabilities[mask], weights)
    return {
        **_rounded(asdict(measured)),
        **_rounded({"precision": precision, "recall": recall, "calibration_error": error}),
    }


def _label_figures(truth: Bools, decided: Bools) -> dict[str, float]:
    precision, recall, f1 = metrics.precision_recall_f1(truth, decided)
    figures = {"n": int(truth.sum()), "precision": precision, "recall": recall, "f1": f1}
    return _rounded(figures)


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {key: round(value, 4) for key, value in figures.items()}
