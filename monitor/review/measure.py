"""Precision and recall of a week from its random slice. Pure.

The week's articles fall into four cells, flagged or not and predicted relevant or not, of known size N.
Within a cell people have decided n of those drawn, x of them relevant. The share q among the N - n others is
estimated from these: each was drawn with a known chance and so stands for 1 / chance - 1 that were not
(Horvitz and Thompson 1952, JASA 47; as a ratio, Hajek). The cell holds x + (N - n) q relevant articles, and the
cells add up (stratified estimator; Cochran 1977, Sampling Techniques, ch. 5). With the positives P (predicted,
or flagged):

    precision = relevant among P / size of P,      recall = relevant among P / all relevant.

**Intervals** are quantiles of draws: of each cell q from its Jeffreys posterior Beta(n q + 1/2, n (1 - q) + 1/2)
(Brown, Cai and DasGupta 2001, Statistical Science 16: near nominal coverage at small n), with Kish's effective
n where weights differ, then a binomial number of the N - n (they are finitely many: where all were decided
nothing is left to chance).

Articles that were drawn and not decided are taken for lost at random within their cell; how many there are
is told with the estimate. A share of which nobody decided a single article of the cells it needs is not
given.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from monitor.review.values import Share

LEVEL = 0.95
DRAWS = 4000

Cell = tuple[bool, bool]  # flagged, predicted relevant


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article of the slice that a person decided."""

    flagged: bool
    predicted: bool
    chance: float  # (0, 1] of being drawn
    relevant: bool


@dataclass(frozen=True, slots=True)
class _Cell:
    size: int
    relevant: int  # decided so
    decided: int
    share: float  # of the others, as estimated
    effective: float  # n


def precision_recall(
    sizes: Mapping[Cell, int],
    labelled: Sequence[Labelled],
    what: Literal["relevance", "flags"],
    *,
    seed: int,
    level: float = LEVEL,
) -> tuple[Share | None, Share | None]:
    """Precision and recall of the week's relevance predictions, or of its flags as signs of relevance."""
    positive, negative = _sides(sizes, labelled, what)
    if not sum(c.decided for c in positive):
        return None, None
    rng = np.random.default_rng(seed)
    found, missed = _drawn(positive, rng), _drawn(negative, rng)
    of_positive = sum(c.size for c in positive)
    precision = _share(found / of_positive, _total(positive) / of_positive, level)
    if any(c.size for c in negative) and not sum(c.decided for c in negative):
        return precision, None
    relevant = _total(positive) + _total(negative)
    if not relevant:
        return precision, None
    recall = found / np.maximum(found + missed, 1e-9)
    return precision, _share(recall, _total(positive) / relevant, level)


def _sides(
    sizes: Mapping[Cell, int], labelled: Sequence[Labelled], what: str
) -> tuple[list[_Cell], list[_Cell]]:
    at = 0 if what == "flags" else 1
    sides: tuple[list[_Cell], list[_Cell]] = ([], [])
    for key, size in sorted(sizes.items()):
        own = [x for x in labelled if (x.flagged, x.predicted) == key]
        sides[0 if key[at] else 1].append(_cell(size, own))
    return sides


def _cell(size: int, labelled: Sequence[Labelled]) -> _Cell:
    if not labelled:
        return _Cell(size, 0, 0, 0.0, 0.0)
    weights = np.array([1 / x.chance - 1 for x in labelled])
    truth = np.array([x.relevant for x in labelled], float)
    if weights.sum() <= 0:  # all were drawn: those not decided are like the others
        weights = np.ones(len(labelled))
    share = float(weights @ truth / weights.sum())
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    return _Cell(max(size, len(labelled)), int(truth.sum()), len(labelled), share, effective)


def _total(cells: Iterable[_Cell]) -> float:
    return float(sum(c.relevant + (c.size - c.decided) * c.share for c in cells))


def _drawn(
    cells: Iterable[_Cell], rng: np.random.Generator
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """(draws,) relevant articles of the cells together."""
    total = np.zeros(DRAWS)
    for cell in cells:
        if cell.size == 0:
            continue
        yes = cell.share * cell.effective
        p = rng.beta(yes + 0.5, cell.effective - yes + 0.5, DRAWS)
        total += cell.relevant + rng.binomial(cell.size - cell.decided, p)
    return total


def _share(
    drawn: np.ndarray[tuple[int], np.dtype[np.float64]], value: float, level: float
) -> Share:
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    value = min(max(value, 0.0), 1.0)
    return Share(value, min(float(low), value), min(max(float(high), value), 1.0))
