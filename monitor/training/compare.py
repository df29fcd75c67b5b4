"""Two sets of decisions on the same texts, side by side: which differences are more than noise.

Pure arithmetic. The interval is a paired bootstrap: whole stories are drawn, and both sides are scored on
the same draw (Efron & Tibshirani 1993, ch. 16), so that what makes a text hard for both cancels out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from classifiers.metrics import DRAWS, Bools, Floats
from classifiers.values import Example

MACRO = ("direction",)  # tasks scored by the mean of the labels' F1; the others by micro F1
Kind = Literal["all", "language", "label"]


@dataclass(frozen=True, slots=True)
class Sides:
    """The same texts as two versions saw them; arrays are (texts, labels)."""

    task: str
    labels: tuple[str, ...]
    examples: tuple[Example, ...]
    truth: Bools
    a: Bools  # decided
    b: Bools


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of the texts: the F1 of both sides and the 95 % interval of B - A."""

    kind: Kind
    part: str
    n: int  # texts; of a label those it holds of
    a: float
    b: float
    low: float
    high: float

    @property
    def verdict(self) -> Literal["better", "worse", "noise"]:
        """Whether B is better than A; "noise" where the interval holds 0."""
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "noise"


def compare(sides: Sides, *, seed: int) -> list[Difference]:
    """The whole, each language and each label that either side or the truth knows of."""
    macro = sides.task in MACRO
    everything = np.ones(len(sides.examples), bool)
    languages = np.array([e.text.language for e in sides.examples])
    found = [_difference("all", "all", sides, everything, seed, macro)]
    for language in sorted(set(languages.tolist())):
        found.append(_difference("language", language, sides, languages == language, seed, macro))
    if len(sides.labels) == 1:  # the label is the whole
        return found
    for j, label in enumerate(sides.labels):
        column = [j]
        one = Sides(
            sides.task, (label,), sides.examples,
            sides.truth[:, column], sides.a[:, column], sides.b[:, column],
        )  # fmt: skip
        if one.truth.any() or one.a.any() or one.b.any():
            found.append(_difference("label", label, one, everything, seed, False))
    return found


def _difference(
    kind: Kind, part: str, sides: Sides, rows: Bools, seed: int, macro: bool
) -> Difference:
    stories = [e.story for e, wanted in zip(sides.examples, rows, strict=True) if wanted]
    truth = sides.truth[rows]
    a = _by_story(truth, sides.a[rows], stories)
    b = _by_story(truth, sides.b[rows], stories)
    weights = _draws(len(a), seed)
    gaps = _f1(np.tensordot(weights, b, 1), macro) - _f1(np.tensordot(weights, a, 1), macro)
    low, high = np.percentile(gaps, (2.5, 97.5)) if len(stories) else (0.0, 0.0)
    n = int(truth.sum()) if kind == "label" else len(stories)
    whole_a, whole_b = float(_f1(a.sum(axis=0), macro)), float(_f1(b.sum(axis=0), macro))
    return Difference(kind, part, n, whole_a, whole_b, float(low), float(high))


def _by_story(truth: Bools, decided: Bools, stories: Sequence[str]) -> Floats:
    """(stories, labels, 3): hits, decided, true."""
    cells = np.stack([truth & decided, decided, truth], axis=-1).astype(float)
    names, index = np.unique(np.asarray(stories, dtype=str), return_inverse=True)
    sums = np.zeros((len(names), *cells.shape[1:]))
    np.add.at(sums, index, cells)
    return sums


def _draws(stories: int, seed: int) -> npt.NDArray[np.float64]:
    """(draws, stories): how often each story is drawn."""
    if not stories:
        return np.zeros((DRAWS, 0))
    drawn = np.random.default_rng(seed).multinomial(stories, np.full(stories, 1 / stories), DRAWS)
    return drawn.astype(float)


def _f1(sums: Floats, macro: bool) -> Floats:
    """F1 over the last two axes (labels, 3). A label without truth and decision counts in no mean."""
    if not macro:
        sums = sums.sum(axis=-2, keepdims=True)
    total = sums[..., 1] + sums[..., 2]
    live = total > 0
    scores = np.where(live, 2 * sums[..., 0] / np.where(live, total, 1), 0.0)
    mean: Floats = scores.sum(axis=-1) / np.maximum(1, live.sum(axis=-1))
    return mean
