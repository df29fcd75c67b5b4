"""Figures of labelled texts: F1 and accuracy per task, calibration error, differences, each with its
95 % interval from resampling whole groups. Pure arithmetic over `Item`.

Topics and direction are asked of the relevant items, whatever the relevance model says of them. What only
one annotator gave counts neither for nor against.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.measures.items import Item
from classifiers.metrics import calibration_error
from classifiers.reference import ALAND, NATIONAL
from classifiers.values import DIRECTIONS

DRAWS, ECE_DRAWS, SEED = 1000, 200, 1
ENOUGH = 5  # items behind a figure
Cells = npt.NDArray[np.float64]  # (items, labels, 3): hits, wrong, missed
Floats = npt.NDArray[np.float64]
Score = Callable[[Cells], Floats]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, the ends of its 95 % interval, and how many items it rests on."""

    value: float
    low: float
    high: float
    n: int

    @property
    def cell(self) -> str:
        """The figure and its interval."""
        return f"{self.value:.3f} ({self.low:.3f}-{self.high:.3f})"

    def __str__(self) -> str:
        return f"n {self.n:>3}  {self.cell}"


@dataclass(frozen=True, slots=True)
class Gap:
    """The difference of two figures of the same items, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """Whether the second is better; noise where the interval holds 0."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "noise"

    def __str__(self) -> str:
        return f"{self.value:+.3f} ({self.low:+.3f} to {self.high:+.3f}) {self.verdict}"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure that can be asked of items."""

    name: str
    count: Callable[[Sequence[Item]], Cells]
    score: Score
    asked: Callable[[Item], bool]


# --- what counts -----------------------------------------------------------------------------------


def _cells(pairs: Sequence[tuple[frozenset[str], set[str], set[str]]]) -> Cells:
    """Of (said, gold, maybe) per item."""
    labels = sorted(set().union(*(said | gold for said, gold, _ in pairs)))
    table = [
        [(x in s and x in g, x in s and x not in g | m, x in g and x not in s) for x in labels]
        for s, g, m in pairs
    ]
    return np.array(table, float).reshape(len(pairs), len(labels), 3)


def _relevance(items: Sequence[Item]) -> Cells:
    one, none = frozenset(("r",)), frozenset[str]()
    return _cells(
        [(one if i.relevant else none, {"r"} if i.gold["rel"] else set(), set()) for i in items]
    )


def _regions(items: Sequence[Item]) -> Cells:
    return _cells([(said_regions(i), gold_regions(i), set(i.gold["reg_maybe"])) for i in items])


def _topics(items: Sequence[Item]) -> Cells:
    return _cells([(i.topics_decided, set(i.gold["top"]), set(i.gold["top_maybe"])) for i in items])


def _topics_end_to_end(items: Sequence[Item]) -> Cells:
    none = frozenset[str]()
    return _cells(
        [
            (
                i.topics_decided if i.relevant else none,
                set(i.gold["top"]),
                set(i.gold["top_maybe"]),
            )
            for i in items
        ]
    )


def _main_topic(items: Sequence[Item]) -> Cells:
    right = [max(i.topics, key=lambda t: i.topics[t]) == i.gold["main"] for i in items]
    return np.array([[(r, False, not r)] for r in right], float)


def _directions(items: Sequence[Item]) -> Cells:
    table = [
        [_outcome(i.direction_decided == d, i.gold["dir"] == d) for d in DIRECTIONS] for i in items
    ]
    return np.array(table, float).reshape(len(items), len(DIRECTIONS), 3)


def _outcome(said: bool, true: bool) -> tuple[bool, bool, bool]:
    return said and true, said and not true, true and not said


def gold_regions(item: Item) -> set[str]:
    """Where it happens; a national matter only of relevant items."""
    return set(item.gold["reg"]) - _not_asked(item)


def said_regions(item: Item) -> frozenset[str]:
    """What the model decides, of what it is asked."""
    return item.regions_decided - _not_asked(item)


def _not_asked(item: Item) -> set[str]:
    # Åland is outside the reform.
    return {ALAND} if item.gold["rel"] else {ALAND, NATIONAL}


# --- scores ----------------------------------------------------------------------------------------


def micro(sums: Cells) -> Floats:
    """F1 over all labels of (draws, labels, 3)."""
    hits, wrong, missed = np.moveaxis(sums.sum(axis=1), -1, 0)
    f1: Floats = 2 * hits / np.maximum(1, 2 * hits + wrong + missed)
    return f1


def macro(sums: Cells) -> Floats:
    """Mean F1 of the labels of (draws, labels, 3); one without truth and decision counts in no mean."""
    hits, wrong, missed = np.moveaxis(sums, -1, 0)
    total = 2 * hits + wrong + missed
    f1: Floats = (2 * hits / np.maximum(1, total)).sum(axis=1) / np.maximum(
        1, (total > 0).sum(axis=1)
    )
    return f1


def accuracy(sums: Cells) -> Floats:
    """Share of hits."""
    hits, _, missed = np.moveaxis(sums.sum(axis=1), -1, 0)
    share: Floats = hits / np.maximum(1, hits + missed)
    return share


MEASURES = (
    Measure("relevance F1", _relevance, micro, lambda i: True),
    Measure("region micro F1", _regions, micro, lambda i: bool(gold_regions(i) - {NATIONAL})),
    Measure("topic micro F1", _topics, micro, lambda i: bool(i.gold["rel"])),
    Measure(
        "main topic accuracy",
        _main_topic,
        accuracy,
        lambda i: bool(i.gold["rel"] and i.gold["main"]),
    ),
    Measure(
        "direction macro F1",
        _directions,
        macro,
        lambda i: bool(i.gold["rel"] and i.gold["dir"]),
    ),
)
# Beside the bars: what is said of texts without a place counts too, and what relevance lets through.
MORE = (
    Measure("region micro F1, every item", _regions, micro, lambda i: True),
    Measure("topic micro F1, end to end", _topics_end_to_end, micro, lambda i: True),
)


def figure(measure: Measure, items: Sequence[Item]) -> Figure | None:
    """None where fewer than ENOUGH items are asked."""
    some = [i for i in items if measure.asked(i)]
    if len(some) < ENOUGH:
        return None
    low, high = np.percentile(draws(measure, some), (2.5, 97.5))
    value = float(measure.score(measure.count(some).sum(axis=0)[None])[0])
    return Figure(value, float(low), float(high), len(some))


def draws(measure: Measure, items: Sequence[Item], seed: int = SEED) -> Floats:
    """The figure of DRAWS resamples of whole groups."""
    some = [i for i in items if measure.asked(i)]
    return _scores(measure, measure.count(some), some, seed)


def gap(measure: Measure, first: Sequence[Item], second: Sequence[Item]) -> Gap | None:
    """second - first, of the same rows judged twice: whole groups are drawn, and both sides scored on
    the same draw. None where fewer than ENOUGH items are asked."""
    return mean_gap(measure, [(first, second)])


def mean_gap(
    measure: Measure, pairs: Sequence[tuple[Sequence[Item], Sequence[Item]]]
) -> Gap | None:
    """The mean of several such differences, each pair of the same rows as every other's."""
    values, spread = [], []
    for first, second in pairs:
        kept = [(a, b) for a, b in zip(first, second, strict=True) if measure.asked(a)]
        if len(kept) < ENOUGH:
            return None
        # Counted together, so that both sides have the same labels.
        count = measure.count([a for a, _ in kept] + [b for _, b in kept])
        sides = np.split(count, 2)
        scores = [measure.score(side.sum(axis=0)[None])[0] for side in sides]
        values.append(scores[1] - scores[0])
        drawn = [_scores(measure, side, [a for a, _ in kept], SEED) for side in sides]
        spread.append(drawn[1] - drawn[0])
    low, high = np.percentile(np.mean(spread, axis=0), (2.5, 97.5))
    return Gap(float(np.mean(values)), float(low), float(high))


def _scores(measure: Measure, counted: Cells, items: Sequence[Item], seed: int) -> Floats:
    names, index = np.unique([i.group for i in items], return_inverse=True)
    sums = np.zeros((len(names), *counted.shape[1:]))
    np.add.at(sums, index, counted)
    rng = np.random.default_rng(seed)
    times = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), DRAWS)
    return measure.score(np.tensordot(times.astype(float), sums, axes=1))


# --- calibration -----------------------------------------------------------------------------------


def calibration(task: str, items: Sequence[Item]) -> Figure | None:
    """Expected calibration error of a task; of regions over every candidate of every item, since a
    choice by the truth would bend the figure. None where fewer than ENOUGH items are asked."""
    pairs = [(probabilities(task, i), i.group) for i in items if _calibrated(task, i)]
    pairs = [(pair, group) for pair, group in pairs if pair[0]]
    if len(pairs) < ENOUGH:
        return None
    names, index = np.unique([group for _, group in pairs], return_inverse=True)
    members = [np.flatnonzero(index == g) for g in range(len(names))]
    rng = np.random.default_rng(SEED)

    def error(chosen: npt.NDArray[np.int64]) -> float:
        p = np.concatenate([pairs[r][0][0] for r in chosen])
        return calibration_error(np.concatenate([pairs[r][0][1] for r in chosen]).astype(bool), p)

    errors = [
        error(np.concatenate([members[g] for g in rng.integers(0, len(names), len(names))]))
        for _ in range(ECE_DRAWS)
    ]
    low, high = np.percentile(errors, (2.5, 97.5))
    return Figure(error(np.arange(len(pairs))), float(low), float(high), len(pairs))


def _calibrated(task: str, item: Item) -> bool:
    match task:
        case "topic":
            return bool(item.gold["rel"])
        case "direction":
            return bool(item.gold["rel"] and item.gold["dir"])
    return True


def probabilities(task: str, item: Item) -> tuple[list[float], list[bool]]:
    """Probabilities and truths of what the task says of one item; regions: its candidates."""
    gold = item.gold
    match task:
        case "relevance":
            return [item.relevance], [bool(gold["rel"])]
        case "region":
            unasked = _not_asked(item) | set(gold["reg_maybe"])
            asked = {code: p for code, p in item.regions.items() if code not in unasked}
            return list(asked.values()), [code in gold["reg"] for code in asked]
        case "topic":
            asked = {t: p for t, p in item.topics.items() if t not in gold["top_maybe"]}
            return list(asked.values()), [t in gold["top"] for t in asked]
        case _:
            return [item.direction[d] for d in DIRECTIONS], [gold["dir"] == d for d in DIRECTIONS]
