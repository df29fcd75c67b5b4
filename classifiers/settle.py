"""From scores of texts that were not learned from to probabilities and thresholds.

Each label has a sigmoid of its own (Platt 1999). Where a second set of scores tells which label is the main
one, they are stacked (Wolpert 1992): one logistic regression for all labels together over a label's score
and the log of its probability of being the main one, since labels of a text compete for what it is about.
A threshold is the one with the best F1, drawn half way to the threshold that is best for all labels
together, because a rare label's own is noisy.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_softmax
from sklearn.linear_model import LogisticRegression

from classifiers.metrics import Bools, Floats, best_threshold


@dataclass(frozen=True)
class Settled:
    """How scores become probabilities and decisions. Arrays are (labels,)."""

    slope: Floats
    offset: Floats
    rival: (
        Floats  # weight of the log-probability of being the main label; 0 where that is not asked
    )
    thresholds: Floats  # on probabilities


def settle(
    scores: Floats, truth: Bools, weights: Floats, *, base_rate: float | None, exclusive: bool
) -> Settled:
    """From scores (texts, labels), or (texts, 2 x labels) where the second half is of being the main
    label, and truth (texts, labels). `weights` (texts,) say how much each text counts."""
    labels = range(truth.shape[1])
    of_label = [base_rate_weights(truth[:, j], base_rate, weights) for j in labels]
    if scores.shape[1] > truth.shape[1]:
        slope, rival, offset = _stacked(scores, truth, weights)
    else:
        sigmoids = [_sigmoid(scores[:, j], truth[:, j], of_label[j]) for j in labels]
        slope, offset = np.array(sigmoids).T
        rival = np.zeros(len(labels))
    probabilities = calibrated(scores, slope, offset, rival, exclusive)
    own = [best_threshold(truth[:, j], probabilities[:, j], of_label[j]) for j in labels]
    together = best_threshold(
        truth.ravel(), probabilities.ravel(), np.stack(of_label, axis=1).ravel()
    )
    return Settled(slope, offset, rival, (np.array(own) + together) / 2)


def calibrated(
    scores: Floats, slope: Floats, offset: Floats, rival: Floats, exclusive: bool
) -> Floats:
    """Probabilities (texts, labels) of scores as in `settle`; of exclusive labels they sum to 1."""
    labels = len(slope)
    log_odds = scores[:, :labels] * slope + offset
    if scores.shape[1] > labels:
        log_odds += rival * log_softmax(scores[:, labels:], axis=1)
    probabilities: Floats = expit(log_odds)
    if exclusive:
        probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    return probabilities


def base_rate_weights(
    truth: Bools, base_rate: float | None, weights: Floats | None = None
) -> Floats:
    """Weights that give the label its base rate: a corpus holds far more of what matters than feeds do.

    `weights` (texts,) are those the texts have already.
    """
    weights = np.ones(len(truth)) if weights is None else weights
    if base_rate is None or truth.all() or not truth.any():
        return weights
    share = np.average(truth, weights=weights)
    rated: Floats = weights * np.where(truth, base_rate / share, (1 - base_rate) / (1 - share))
    return rated


def _stacked(scores: Floats, truth: Bools, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Slope, weight of being the main label, and offset: the same for every label."""
    labels = truth.shape[1]
    if truth.all() or not truth.any():
        return np.ones(labels), np.zeros(labels), np.zeros(labels)
    main = log_softmax(scores[:, labels:], axis=1)
    both = np.stack([scores[:, :labels].ravel(), main.ravel()], axis=1)
    model = LogisticRegression(C=100.0)
    model.fit(both, truth.ravel(), sample_weight=np.repeat(weights, labels))
    slope, rival = model.coef_[0]
    return np.full(labels, slope), np.full(labels, rival), np.full(labels, model.intercept_[0])


def _sigmoid(scores: Floats, truth: Bools, weights: Floats) -> tuple[float, float]:
    if truth.all() or not truth.any():
        return 1.0, 0.0
    model = LogisticRegression(C=100.0).fit(scores[:, None], truth, sample_weight=weights)
    return float(model.coef_[0, 0]), float(model.intercept_[0])
