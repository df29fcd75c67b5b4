"""One linear model per label over shared features: relevance, topics and direction.

A label's logistic regression is calibrated on out-of-fold scores, which its threshold is chosen on as well
(`classifiers.settle`). A story never stands on both sides of a fold. Where it is known which label is the
main one, a multinomial regression learns that, and has its say in each label's probability.

A model learned with the vectors of an embedder besides is another model over the same features; the two are
stored as one state, and which one is read depends on the embedder at hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from threadpoolctl import threadpool_limits

from classifiers.embedding import Dense, Embedded, Vectors
from classifiers.features import BLOCKS, FeatureOptions, Reading
from classifiers.metrics import Bools, Floats
from classifiers.regress import Known
from classifiers.rotate import in_few_dimensions
from classifiers.settle import Settled, calibrated, settle
from classifiers.values import Span

FOLDS = 5
SPANS = 5  # places shown as evidence for one label
_SPACE = ("labels", "exclusive", "features", "columns", "idf")
_SETTLED = ("slope", "offset", "rival", "thresholds")
_HEAD = ("coef", "intercept", *_SETTLED)  # all but the features
_ARRAYS = ("columns", "idf", *_HEAD)


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
class Weights:
    """How much each text counts, (texts,): more where it is like the news to come."""

    learning: Floats  # when coefficients are fitted
    settling: Floats  # when probabilities and thresholds are

    @classmethod
    def equal(cls, texts: int) -> Self:
        """Every text counts the same."""
        return cls(np.ones(texts), np.ones(texts))


@dataclass(frozen=True)
class LinearModel:
    """What is learned. Arrays are (columns,), (labels,) or (labels, columns).

    Of a model that knows main labels `coef` and `intercept` have a second row for each label, after the
    first rows of all: of being the main one.
    """

    labels: tuple[str, ...]
    exclusive: bool
    features: FeatureOptions
    columns: npt.NDArray[np.int32]  # features kept, ascending
    idf: npt.NDArray[np.float32]
    coef: npt.NDArray[np.float32]
    intercept: npt.NDArray[np.float64]
    slope: npt.NDArray[np.float64]  # of the calibrating sigmoid
    offset: npt.NDArray[np.float64]
    rival: npt.NDArray[np.float64]  # weight of the log-probability of being the main label
    thresholds: npt.NDArray[np.float64]  # on calibrated probabilities
    dense: Dense | None = None  # of a model that sees vectors too

    def state(self) -> dict[str, Any]:
        """Plain values and arrays, for `classifiers.persist`."""
        plain = {"labels": list(self.labels), "exclusive": self.exclusive}
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        # Half precision halves the file; `fit` has rounded, so nothing is lost here.
        arrays |= {name: arrays[name].astype(np.float16) for name in ("idf", "coef")}
        state = {**plain, "features": self.features.as_parameters(), **arrays}
        return state | (self.dense.state() if self.dense else {})

    def state_with(self, embedded: Self) -> dict[str, Any]:
        """As `state`, of this model and one over the same features that sees vectors too."""
        own, other = self.state(), embedded.state()
        head = {key: part for key, part in other.items() if key in _HEAD or key not in own}
        return {**own, "embedded": head}

    @classmethod
    def from_state(cls, state: Mapping[str, Any], embedder: str | None = None) -> Self:
        """The inverse of `state`. Of a state that holds two models the one that sees vectors, where it was
        learned with those of `embedder`; else the plain one. Raises KeyError where a part is missing.
        """
        with_vectors = embedder is not None and embedder == embedder_of(state)
        state = {**state, **state["embedded"]} if with_vectors else state
        state = {"rival": np.zeros(len(state["labels"])), **state}  # older versions know none
        arrays = {name: state[name] for name in _ARRAYS}
        arrays |= {name: arrays[name].astype(np.float32) for name in ("idf", "coef")}
        return cls(
            labels=tuple(state["labels"]),
            exclusive=state["exclusive"],
            features=FeatureOptions.from_parameters(state["features"]),
            **arrays,
            dense=Dense.from_state(state) if with_vectors else None,
        )

    def matrix(self, counts: sp.csr_matrix) -> sp.csr_matrix:
        """Weighted features: (1 + ln count) x idf, each block of unit length times its weight."""
        return self._weighed(self._kept(counts))

    def _weighed(self, kept: sp.csr_matrix) -> sp.csr_matrix:
        """As `matrix`, of counts of the model's own columns."""
        data = (1 + np.log(kept.data)) * self.idf[kept.indices]
        # A row's columns ascend, so each block of it is one stretch: no column's block is looked up.
        rows = zip(kept.indptr[:-1].tolist(), kept.indptr[1:].tolist(), strict=True)
        cuts = [a + np.searchsorted(kept.indices[a:b], self._begins) for a, b in rows]
        bounds = np.append(np.concatenate([*cuts, [0][:0]]), kept.nnz).astype(np.int64)
        running = np.concatenate([[0.0], np.cumsum(data**2, dtype=float)])
        square = np.diff(running[bounds])
        weights = np.tile(np.asarray(self.features.weights), kept.shape[0])
        scale = np.divide(weights, np.sqrt(square), out=np.zeros(len(square)), where=square > 0)
        data = (data * np.repeat(scale, np.diff(bounds))).astype(np.float32)
        return sp.csr_matrix((data, kept.indices, kept.indptr), shape=kept.shape)

    def _kept(self, counts: sp.csr_matrix) -> sp.csr_matrix:
        """The model's own columns: the same as `counts[:, columns]`, many times faster."""
        place = self._places[counts.indices]
        known = np.flatnonzero(place >= 0)
        ends = np.searchsorted(known, counts.indptr)
        return sp.csr_matrix(
            (counts.data[known], place[known], ends), shape=(counts.shape[0], len(self.columns))
        )

    @cached_property
    def _places(self) -> npt.NDArray[np.int32]:
        """The place of each feature among `columns`, -1 where it is not kept."""
        places = np.full(BLOCKS << self.features.bits, -1, np.int32)
        places[self.columns] = np.arange(len(self.columns))
        return places

    @cached_property
    def _begins(self) -> npt.NDArray[np.int32]:
        """Where each block begins among `columns`."""
        first = np.arange(BLOCKS) << self.features.bits
        return np.searchsorted(self.columns, first).astype(np.int32)

    @cached_property
    def _weights(self) -> npt.NDArray[np.float32]:
        """(columns, labels), row by row in memory as sparse products want it."""
        return np.ascontiguousarray(self.coef.T)

    def probabilities(self, counts: sp.csr_matrix, vectors: Vectors | None = None) -> Floats:
        """Calibrated, (texts, labels); rows of an exclusive model sum to 1."""
        return self.see(counts, vectors).probabilities

    def see(self, counts: sp.csr_matrix, vectors: Vectors | None = None) -> "Seen":
        """What the model makes of texts, to be asked for decisions and for their evidence.

        `vectors` are looked at by a model with a dense part only, which needs them.
        """
        kept = self._kept(counts)
        matrix = self._weighed(kept)
        scores = np.asarray(matrix @ self._weights + self.intercept, float)
        if self.dense is not None:
            if vectors is None:
                raise ValueError(f"the model needs the vectors of {self.dense.embedder}")
            scores += self.dense.scores(vectors)
        probabilities = calibrated(scores, self.slope, self.offset, self.rival, self.exclusive)
        return Seen(kept.data, matrix, probabilities, self.decide(probabilities))

    def decide(self, probabilities: Floats) -> Bools:
        """Which labels hold."""
        return decide(probabilities, self.thresholds, self.exclusive)

    def spans(
        self, reading: Reading, seen: "Seen", i: int, labels: Sequence[str]
    ) -> list[tuple[Span, ...]]:
        """For each of `labels` the tokens that speak most for it, the strongest first; in log-odds.

        `reading` is of the text in row `i` of `seen`.
        """
        row = slice(*seen.matrix.indptr[i : i + 2])
        columns, values, times = seen.matrix.indices[row], seen.matrix.data[row], seen.times[row]
        place = self._places[reading.columns]
        known = np.flatnonzero(place >= 0)
        index = np.empty(len(self.columns), np.int32)  # only what is in the row is ever looked up
        index[columns] = np.arange(len(columns))
        at, owners = index[place[known]], reading.owners[known]
        found = []
        for j in map(self.labels.index, labels):
            shares = values * self._pull(j, columns) / times
            weights = np.bincount(owners, shares[at], minlength=len(reading.empty))
            speaking = np.where(reading.empty, 0.0, weights)
            found.append(_strongest(reading, speaking, f"words:{self.labels[j]}"))
        return found

    def _pull(self, j: int, columns: npt.NDArray[np.int32]) -> Floats:
        """What a unit of each column adds to label j's log-odds. That being the main label is a matter of
        all labels' scores is left out: no word's share of that can be told."""
        pull: Floats = self.coef[j, columns] * self.slope[j]
        if len(self.coef) > len(self.labels):
            pull = pull + self.coef[len(self.labels) + j, columns] * self.rival[j]
        return pull


def embedder_of(state: Mapping[str, Any]) -> str | None:
    """The embedder a state's second model was learned with; None where there is none."""
    return state["embedded"]["embedder"] if "embedded" in state else None


class Seen(NamedTuple):
    """A model's view of some texts."""

    times: npt.NDArray[np.float32]  # how often each feature of `matrix` occurs
    matrix: sp.csr_matrix  # (texts, columns), weighted
    probabilities: Floats  # (texts, labels)
    decided: Bools


def _strongest(reading: Reading, weights: Floats, why: str) -> tuple[Span, ...]:
    strong = np.flatnonzero(weights > 0)
    # Ties: the body before the title, then in reading order.
    order = np.lexsort((strong, strong < reading.titled, -weights[strong]))
    return tuple(
        Span(
            "title" if token < reading.titled else "text",
            int(reading.starts[token]),
            int(reading.ends[token]),
            why,
            float(weights[token]),
        )
        for token in strong[order[:SPANS]].tolist()
    )


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
    weights: Weights | None = None,
    embedded: Embedded | None = None,
    main: npt.NDArray[np.int64] | None = None,
) -> Fitted:
    """Learn `labels` from `truth` (texts, labels), with vectors where they are given.

    `main` (texts,) is the index of each text's main label, -1 where it has none.

    Raises ValueError where there are too few groups.
    """
    folds = split(groups, seed)
    weights = weights or Weights.equal(len(truth))
    base = _feature_space(counts, labels, options)
    dense = None if embedded is None else Dense.of(embedded, len(labels))
    block = dense.block(embedded.vectors) if dense and embedded else np.zeros((len(truth), 0))
    # One thread: the matrices are small, and threads that wait for a busy core cost tenfold.
    with threadpool_limits(1):
        compact, back = in_few_dimensions(base.matrix(counts), block)
        known = Known(compact, truth, main, weights.learning, options.strength)
        coef, intercept = known.learn(folds >= 0)
        scores = known.unseen_scores(folds)
        of_words, of_vectors = back(coef)
    found = _settle(scores, truth, options, weights.settling)
    probabilities, decided = _held_out(scores, truth, folds, options, weights.settling)
    model = LinearModel(
        **{name: getattr(base, name) for name in _SPACE},
        coef=_half(of_words),
        intercept=intercept,
        **{name: getattr(found, name) for name in _SETTLED},
        dense=dense and replace(dense, coef=of_vectors.astype(np.float32)),
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
        rival=none,
        thresholds=none,
    )


def _held_out(
    scores: Floats,
    truth: Bools,
    folds: npt.NDArray[np.int64],
    options: LinearOptions,
    weights: Floats,
) -> tuple[Floats, Bools]:
    # A threshold chosen on the texts it is then measured on flatters: each fold gets the others'.
    probabilities, decided = np.empty(truth.shape), np.empty(truth.shape, bool)
    for fold in range(FOLDS):
        rest, own = folds != fold, folds == fold
        found = _settle(scores[rest], truth[rest], options, weights[rest])
        probabilities[own] = calibrated(
            scores[own], found.slope, found.offset, found.rival, options.exclusive
        )
        decided[own] = decide(probabilities[own], found.thresholds, options.exclusive)
    return probabilities, decided


def _settle(scores: Floats, truth: Bools, options: LinearOptions, weights: Floats) -> Settled:
    return settle(scores, truth, weights, base_rate=options.base_rate, exclusive=options.exclusive)


def _half(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return values.astype(np.float16).astype(np.float32)
