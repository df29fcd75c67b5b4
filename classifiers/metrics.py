"""How good decisions are: F1 with its bootstrap interval, and whether probabilities can be believed.

Pure arithmetic over arrays of (texts x labels) truth and decisions. Where a label has neither truth nor
decision its F1 is undefined and it is left out of a macro mean.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

DRAWS = 1000  # bootstrap resamples behind an interval


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure with its 95 % bootstrap interval and the number of texts behind it."""

    value: float
    low: float
    high: float
    n: int


def precision_recall_f1(truth: Bools, decided: Bools) -> tuple[float, float, float]:
    """Micro-averaged over all cells. A ratio of nothing to nothing is 0."""
    hits = float(np.sum(truth & decided))
    said, true = float(np.sum(decided)), float(np.sum(truth))
    return _ratio(hits, said), _ratio(hits, true), _ratio(2 * hits, said + true)


def micro_f1(truth: Bools, decided: Bools) -> float:
    """2 x hits / (decided + true), over all cells."""
    return precision_recall_f1(truth, decided)[2]


def macro_f1(truth: Bools, decided: Bools) -> float:
    """Mean of the labels' F1."""
    columns = range(truth.shape[1])
    live = [j for j in columns if truth[:, j].any() or decided[:, j].any()]
    scores = [micro_f1(truth[:, j], decided[:, j]) for j in live]
    return float(np.mean(scores)) if scores else 0.0


def measure(
    score: Callable[[Bools, Bools], float],
    truth: Bools,
    decided: Bools,
    groups: Sequence[str],
    seed: int,
) -> Measure:
    """`score` with a percentile interval from resampling whole groups."""
    rng = np.random.default_rng(seed)
    names, index = np.unique(np.asarray(groups), return_inverse=True)
    members = [np.flatnonzero(index == g) for g in range(len(names))]
    if not members:
        return Measure(0.0, 0.0, 0.0, 0)
    draws = []
    for _ in range(DRAWS):
        picked = rng.integers(0, len(names), len(names))
        rows = np.concatenate([members[g] for g in picked])
        draws.append(score(truth[rows], decided[rows]))
    low, high = np.percentile(draws, (2.5, 97.5))
    return Measure(score(truth, decided), float(low), float(high), len(truth))


def calibration_error(
    truth: Bools, probabilities: Floats, weights: Floats | None = None, bins: int = 10
) -> float:
    """Expected calibration error over bins of equal count (Naeini et al. 2015), in [0, 1]."""
    flat, hit = probabilities.ravel(), truth.ravel()
    weight = np.ones(len(flat)) if weights is None else weights.ravel()
    order = np.argsort(flat, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(float(np.sum((flat[part] - hit[part]) * weight[part]))) for part in parts]
    return sum(gaps) / float(weight.sum()) if len(flat) else 0.0


def best_threshold(truth: Bools, probabilities: Floats, weights: Floats | None = None) -> float:
    """The threshold with the highest F1, each cell counted `weights` times.

    0.5 where nothing is true; ties go to the threshold nearest 0.5.
    """
    if not truth.any():
        return 0.5
    order = np.argsort(-probabilities, kind="stable")
    weight = np.ones(len(order)) if weights is None else weights[order]
    ranked, hits = probabilities[order], np.cumsum(truth[order] * weight)
    f1 = 2 * hits / (np.cumsum(weight) + hits[-1])
    last_of_tie = np.append(ranked[:-1] > ranked[1:], True)
    below = np.append(ranked[1:], 0.0)
    middles = (ranked + below) / 2  # half way to the next, so that rounding decides nothing
    middles = np.where(middles > below, middles, ranked)  # neighbours among floats have no middle
    good = np.flatnonzero(last_of_tie & (f1 >= f1[last_of_tie].max() - 1e-12))
    return float(middles[good[np.argmin(np.abs(middles[good] - 0.5))]])


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
