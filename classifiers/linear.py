"""One linear model per label over shared features: relevance, topics and direction.

A label's logistic regression is calibrated by a sigmoid on out-of-fold scores (Platt 1999), and its
threshold is the one with the best F1 out of fold, drawn half way to the threshold that is best for all
labels together, because a rare label's own is noisy. A story never stands on both sides of a fold.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from classifiers.features import BLOCKS, FeatureOptions, TokenFeatures
from classifiers.metrics import Bools, Floats, best_threshold
from classifiers.values import Span

FOLDS = 5
SPANS = 5  # places shown as evidence for one label
_SPACE = ("labels", "exclusive", "features", "columns", "idf")
_ARRAYS = ("columns", "idf", "coef", "intercept", "slope", "offset", "thresholds")


@dataclass(frozen=True, slots=True)
class LinearOptions:
    """How the models are fitted."""

    strength: float = 3.0  # C of the logistic regression: larger fits closer
    exclusive: bool = False  # exactly one label holds
    base_rate: float | None = (
        None  # share of texts a label holds of where it is used; None: as here
    )
    features: FeatureOptions = field(default_factory=FeatureOptions)


@dataclass(frozen=True)
class LinearModel:
    """What is learned. Arrays are (columns,), (labels,) or (labels, columns)."""

    labels: tuple[str, ...]
    exclusive: bool
    features: FeatureOptions
    columns: npt.NDArray[np.int32]  # features kept, ascending
    idf: npt.NDArray[np.float32]
    coef: npt.NDArray[np.float32]
    intercept: npt.NDArray[np.float64]
    slope: npt.NDArray[np.float64]  # of the calibrating sigmoid
    offset: npt.NDArray[np.float64]
    thresholds: npt.NDArray[np.float64]  # on calibrated probabilities

    def state(self) -> dict[str, Any]:
        """Plain values and arrays, for `classifiers.persist`."""
        plain = {"labels": list(self.labels), "exclusive": self.exclusive}
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        # Half precision halves the file; `fit` has rounded, so nothing is lost here.
        arrays |= {name: arrays[name].astype(np.float16) for name in ("idf", "coef")}
        return {**plain, "features": self.features.as_parameters(), **arrays}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """The inverse of `state`. Raises KeyError where a part is missing."""
        arrays = {name: state[name] for name in _ARRAYS}
        arrays |= {name: arrays[name].astype(np.float32) for name in ("idf", "coef")}
        return cls(
            labels=tuple(state["labels"]),
            exclusive=state["exclusive"],
            features=FeatureOptions.from_parameters(state["features"]),
            **arrays,
        )

    def matrix(self, counts: sp.csr_matrix) -> sp.csr_matrix:
        """Weighted features: (1 + ln count) x idf, each block of unit length times its weight."""
        kept = self._kept(counts)
        kept.data = (1 + np.log(kept.data)) * self.idf[kept.indices]
        block = self.columns[kept.indices] >> self.features.bits
        cell = np.repeat(np.arange(kept.shape[0]), np.diff(kept.indptr)) * BLOCKS + block
        square = np.bincount(cell, kept.data**2, minlength=kept.shape[0] * BLOCKS)
        weights = np.asarray(self.features.weights, np.float32)
        kept.data = (kept.data * weights[block] / np.sqrt(square)[cell]).astype(np.float32)
        return kept

    def _kept(self, counts: sp.csr_matrix) -> sp.csr_matrix:
        """The model's own columns: the same as `counts[:, columns]`, twenty times faster."""
        place = np.searchsorted(self.columns, counts.indices)
        place[place == len(self.columns)] = 0
        known = self.columns[place] == counts.indices if len(self.columns) else place < 0
        ends = np.concatenate(([0], np.cumsum(known)))[counts.indptr]
        return sp.csr_matrix(
            (counts.data[known], place[known], ends), shape=(counts.shape[0], len(self.columns))
        )

    def probabilities(self, counts: sp.csr_matrix) -> Floats:
        """Calibrated, (texts, labels); rows of an exclusive model sum to 1."""
        scores = self.matrix(counts) @ self.coef.T + self.intercept
        return _calibrate(np.asarray(scores, float), self.slope, self.offset, self.exclusive)

    def decide(self, probabilities: Floats) -> Bools:
        """Which labels hold."""
        return decide(probabilities, self.thresholds, self.exclusive)

    def spans(
        self, tokens: Sequence[TokenFeatures], counts: sp.csr_matrix, label: str
    ) -> tuple[Span, ...]:
        """The tokens of one text that speak most for `label`, the strongest first; in log-odds.

        `counts` is the text's single row.
        """
        row, times = self.matrix(counts), self._kept(counts).data
        j = self.labels.index(label)
        shares = row.data * self.coef[j, row.indices] * self.slope[j] / times
        share = dict(zip(self.columns[row.indices].tolist(), shares.tolist(), strict=True))
        found = []
        for token in tokens:
            weight = 0.0 if token.empty else sum(share.get(c, 0.0) for c in token.columns.tolist())
            if weight > 0:
                found.append(Span(token.field, token.start, token.end, f"words:{label}", weight))
        return tuple(sorted(found, key=lambda s: (-s.weight, s.field, s.start))[:SPANS])


@dataclass(frozen=True)
class Fitted:
    """A model with what it said of texts it had not seen."""

    model: LinearModel
    probabilities: Floats  # out of fold, calibrated on the other folds
    decided: Bools  # with the thresholds of the other folds


def fit(
    counts: sp.csr_matrix,
    truth: Bools,
    labels: Sequence[str],
    groups: Sequence[str],
    *,
    options: LinearOptions,
    seed: int,
) -> Fitted:
    """Learn `labels` from `truth` (texts, labels). Raises ValueError where there are too few groups."""
    folds = split(groups, seed)
    base = _feature_space(counts, labels, options)
    # One thread: the matrices are small, and threads that wait for a busy core cost tenfold.
    with threadpool_limits(1):
        compact, back = _compact(base.matrix(counts))
        scores = np.empty(truth.shape)
        for fold in range(FOLDS):
            rest = folds != fold
            coef, intercept = _regress(compact[rest], truth[rest], options)
            scores[~rest] = compact[~rest] @ coef.T + intercept
        coef, intercept = _regress(compact, truth, options)
    slope, offset, thresholds = _settle(scores, truth, options)
    probabilities, decided = _held_out(scores, truth, folds, options)
    model = LinearModel(
        **{name: getattr(base, name) for name in _SPACE},
        coef=_half(back(coef)),
        intercept=intercept,
        slope=slope,
        offset=offset,
        thresholds=thresholds,
    )
    return Fitted(model, probabilities, decided)


def split(groups: Sequence[str], seed: int) -> npt.NDArray[np.int64]:
    """The fold of each text; members of a group share it. Raises ValueError below FOLDS groups."""
    names, index = np.unique(np.asarray(groups), return_inverse=True)
    if len(names) < FOLDS:
        raise ValueError(f"{len(names)} stories are too few to learn from; {FOLDS} are needed")
    order = np.random.default_rng(seed).permutation(len(names))
    folds: npt.NDArray[np.int64] = (order % FOLDS)[index]
    return folds


def decide(probabilities: Floats, thresholds: Floats, exclusive: bool) -> Bools:
    """Over the threshold; of exclusive labels the one that exceeds its own by the largest factor."""
    if not exclusive:
        return probabilities >= thresholds
    best = np.argmax(probabilities / thresholds, axis=1)
    chosen: Bools = np.arange(probabilities.shape[1]) == best[:, None]
    return chosen


def _feature_space(
    counts: sp.csr_matrix, labels: Sequence[str], options: LinearOptions
) -> LinearModel:
    """A model that knows its features and nothing else yet."""
    features = options.features
    documents = np.bincount(counts.indices, minlength=counts.shape[1])
    columns = np.flatnonzero(documents >= features.min_documents).astype(np.int32)
    idf = np.log((1 + counts.shape[0]) / (1 + documents[columns])) + 1
    none = np.zeros(len(labels))
    return LinearModel(
        labels=tuple(labels),
        exclusive=options.exclusive,
        features=features,
        columns=columns,
        idf=_half(idf),
        coef=np.zeros((len(labels), len(columns)), np.float32),
        intercept=none,
        slope=none,
        offset=none,
        thresholds=none,
    )


def _compact(matrix: sp.csr_matrix) -> tuple[Floats, Callable[[Floats], Floats]]:
    """The texts in as many dimensions as there are texts, and the way back for coefficients.

    A rotation: inner products stay, and an L2-penalised model's coefficients lie in the texts' span, so
    what is learned is the same, some twenty times faster than among half a million columns.
    """
    gram = np.asarray((matrix @ matrix.T).todense(), float)
    values, vectors = np.linalg.eigh(gram)
    kept = values > values[-1] * 1e-9
    values, vectors = np.sqrt(values[kept]), vectors[:, kept]
    return vectors * values, lambda coef: np.asarray((matrix.T @ (vectors / values)) @ coef.T).T


def _regress(compact: Floats, truth: Bools, options: LinearOptions) -> tuple[Floats, Floats]:
    coefs, intercepts = [], []
    for j in range(truth.shape[1]):
        if truth[:, j].all() or not truth[:, j].any():
            coefs.append(np.zeros(compact.shape[1]))  # nothing to learn from one side only
            intercepts.append(-10.0 if not truth[:, j].any() else 10.0)
            continue
        model = LogisticRegression(C=options.strength, class_weight="balanced", max_iter=500)
        model.fit(compact, truth[:, j])
        coefs.append(model.coef_[0])
        intercepts.append(float(model.intercept_[0]))
    return np.stack(coefs), np.array(intercepts)


def _settle(scores: Floats, truth: Bools, options: LinearOptions) -> tuple[Floats, Floats, Floats]:
    """Slope, offset and threshold of each label, from scores of texts that were not learned from."""
    labels = range(truth.shape[1])
    weights = [base_rate_weights(truth[:, j], options.base_rate) for j in labels]
    sigmoids = np.array([_sigmoid(scores[:, j], truth[:, j], weights[j]) for j in labels])
    slope, offset = sigmoids[:, 0], sigmoids[:, 1]
    probabilities = _calibrate(scores, slope, offset, options.exclusive)
    own = [best_threshold(truth[:, j], probabilities[:, j], weights[j]) for j in labels]
    together = best_threshold(
        truth.ravel(), probabilities.ravel(), np.stack(weights, axis=1).ravel()
    )
    return slope, offset, (np.array(own) + together) / 2


def base_rate_weights(truth: Bools, base_rate: float | None) -> Floats:
    """Weights that give the label its base rate: a corpus holds far more of what matters than feeds do."""
    if base_rate is None or truth.all() or not truth.any():
        return np.ones(len(truth))
    share = truth.mean()
    weights: Floats = np.where(truth, base_rate / share, (1 - base_rate) / (1 - share))
    return weights


def _sigmoid(scores: Floats, truth: Bools, weights: Floats) -> tuple[float, float]:
    if truth.all() or not truth.any():
        return 1.0, 0.0
    model = LogisticRegression(C=100.0).fit(scores[:, None], truth, sample_weight=weights)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _calibrate(scores: Floats, slope: Floats, offset: Floats, exclusive: bool) -> Floats:
    probabilities: Floats = expit(scores * slope + offset)
    if exclusive:
        probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    return probabilities


def _held_out(
    scores: Floats, truth: Bools, folds: npt.NDArray[np.int64], options: LinearOptions
) -> tuple[Floats, Bools]:
    # A threshold chosen on the texts it is then measured on flatters: each fold gets the others'.
    probabilities, decided = np.empty(scores.shape), np.empty(scores.shape, bool)
    for fold in range(FOLDS):
        rest, own = folds != fold, folds == fold
        slope, offset, thresholds = _settle(scores[rest], truth[rest], options)
        probabilities[own] = _calibrate(scores[own], slope, offset, options.exclusive)
        decided[own] = decide(probabilities[own], thresholds, options.exclusive)
    return probabilities, decided


def _half(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return values.astype(np.float16).astype(np.float32)
