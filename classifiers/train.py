"""Learns each task from labelled texts, and measures it on texts it had not seen.

Reads no file and writes none: `classifiers.persist` stores what comes out, `monitor.training` decides
when to train and what is used.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import linear, metrics, region_features, regions
from classifiers.features import FeatureOptions, Featurizer
from classifiers.linear import FOLDS, LinearOptions
from classifiers.metrics import Bools, Floats
from classifiers.reference import NATIONAL, Reference
from classifiers.regions import RegionTagger
from classifiers.values import DIRECTIONS, Example
from classifiers.vocabulary import load_vocabulary

# Raise a task's number when its code learns something else from the same inputs.
ALGORITHMS = {
    "relevance": "linear-2",
    "region": "candidates-2",
    "topic": "linear-2",
    "direction": "linear-2",
}
# The corpus is two thirds relevant, news feeds are mostly not: an assumption, to be replaced by the
# share that reviewers find. Probabilities and the threshold of relevance are for this share.
RELEVANT_IN_FEEDS = 0.2
# Strength, and the weights of the blocks in the order of `classifiers.features`. Few were tried; whole
# words count less than their n-grams, since the news to come uses other words than the corpus does.
_CHOSEN: dict[str, tuple[float, tuple[float, ...]]] = {
    "relevance": (10.0, (0.5, 1.0, 0.25, 0.25, 0.0, 0.5)),
    "topic": (3.0, (0.5, 1.0, 0.25, 0.5, 0.5, 1.0)),
    "direction": (3.0, (0.5, 1.0, 0.0, 0.25, 0.0, 0.5)),
}
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
    task: str, examples: Sequence[Example], reference: Reference, labels: Path, *, seed: int
) -> Trained:
    """Learn `task`. `labels` is the folder of the gazetteer's files.

    Raises NothingToLearn where the examples are too few.
    """
    used = [e for e in examples if task in ("relevance", "region") or e.relevant]
    if len({e.story for e in used}) < FOLDS:
        raise NothingToLearn(
            f"{task} has examples of {len({e.story for e in used})} stories; at least {FOLDS} are "
            "needed in labels/corpus"
        )
    if task == "region":
        state, unseen = _train_regions(used, reference, labels, seed)
    else:
        state, unseen = _train_linear(task, used, reference, labels, seed)
    evaluation = evaluate(task, unseen, seed)
    return Trained(task, ALGORITHMS[task], parameters(task), state, evaluation, unseen)


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
    options = _options(task)
    plain = {**asdict(options), "features": options.features.as_parameters()}
    return {"folds": FOLDS, **plain}


def _options(task: str) -> LinearOptions:
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
) -> tuple[dict[str, Any], _Unseen]:
    options = _options(task)
    labels, truth = _truth(task, examples, reference)
    counts = Featurizer(load_vocabulary(labels_dir), options.features).counts(
        [e.text for e in examples]
    )
    groups = [e.story for e in examples]
    fitted = linear.fit(counts, truth, labels, groups, options=options, seed=seed)
    unseen = _Unseen(examples, labels, truth, fitted.probabilities, fitted.decided)
    return fitted.model.state(), unseen


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
    weights = np.stack([linear.base_rate_weights(column, rate) for column in truth.T], axis=1)
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
