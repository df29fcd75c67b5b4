"""Which labels of the training texts are probably wrong, by confident learning.

Pure: labels and out-of-fold probabilities in, suspects out. Where those come from is `judged`'s matter.

Northcutt, Jiang & Chuang 2021 (Confident Learning, JAIR 70): the threshold of a class is the mean
probability of that class over the texts given it; a text is counted off the diagonal of the confident
joint where, of the classes whose probability reaches their threshold, the likeliest is not the one it was
given. Suspects are ranked by normalised margin, p(given) - p(suggested), the lowest first. A task whose
labels hold side by side is one such question per label (it holds, it does not). Checked against
cleanlab 2.9's confident joint on the corpus: the same 638 texts off the diagonal. That library would bring
pandas with it for these few lines.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classifiers.metrics import Bools, Floats
from classifiers.values import Example

Ints = npt.NDArray[np.int64]
EXCLUSIVE = ("direction",)  # tasks of which exactly one label holds


@dataclass(frozen=True, slots=True)
class Judged:
    """Texts as they are labelled, and what a model said that had not learned from them."""

    task: str
    labels: tuple[str, ...]
    examples: tuple[Example, ...]
    truth: Bools  # (texts, labels)
    probabilities: Floats  # (texts, labels)


@dataclass(frozen=True, slots=True)
class Suspect:
    """One label that is probably wrong."""

    example: Example
    task: str
    given: str  # "ict"; "not ict" where the text was not given that label
    suggested: str
    p_given: float
    p_suggested: float

    @property
    def margin(self) -> float:
        """p(given) - p(suggested): the lower, the surer that the label is wrong."""
        return self.p_given - self.p_suggested


def suspects(judged: Judged) -> list[Suspect]:
    """The labels of one task that are probably wrong, the surest first."""
    found = [
        Suspect(
            judged.examples[i], judged.task, classes[given[i]], classes[other],
            float(probabilities[i, given[i]]), float(probabilities[i, other]),
        )
        for classes, given, probabilities in _questions(judged)
        for i, other in confident_errors(given, probabilities)
    ]  # fmt: skip
    return sorted(found, key=lambda s: (round(s.margin, 6), -round(s.p_suggested, 6)))


def in_turn(found: Iterable[Sequence[Suspect]]) -> list[Suspect]:
    """Suspects of several tasks, each task's surest first, then each one's second.

    Margins of different tasks do not compare: one in three labels is a direction's, one in fourteen a
    topic's, and the probability of a rare label that does not hold is near 0 for every text.
    """
    places = [(place, s) for of_task in found for place, s in enumerate(of_task)]
    return [s for _, s in sorted(places, key=lambda pair: pair[0])]


def confident_errors(given: Ints, probabilities: Floats) -> list[tuple[int, int]]:
    """(text, other class) for each text off the diagonal of the confident joint, in order.

    `given` is (texts,), `probabilities` (texts, classes). A class given to no text is never suggested.
    """
    if not len(given):
        return []
    reached = probabilities >= _thresholds(given, probabilities)
    likeliest = np.where(reached, probabilities, -1.0).argmax(axis=1)
    rows = np.flatnonzero(reached.any(axis=1) & (likeliest != given))
    return [(int(i), int(likeliest[i])) for i in rows]


def _thresholds(given: Ints, probabilities: Floats) -> Floats:
    """Mean self-confidence of each class."""
    means = np.full(probabilities.shape[1], np.inf)
    for c in np.unique(given):
        means[c] = probabilities[given == c, c].mean()
    # Means of equal numbers may come out above them by a rounding: nobody would reach the threshold.
    return means - 1e-9


def _questions(judged: Judged) -> Iterator[tuple[tuple[str, ...], Ints, Floats]]:
    """(names of the classes, class given, probabilities) of each single-choice question of the task."""
    truth, said = judged.truth, judged.probabilities
    if judged.task in EXCLUSIVE:
        yield judged.labels, truth.argmax(axis=1), said
        return
    for j, label in enumerate(judged.labels):
        sides = np.stack([1 - said[:, j], said[:, j]], axis=1)
        yield (f"not {label}", label), truth[:, j].astype(np.int64), sides
