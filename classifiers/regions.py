"""Which regions a text is about: one trained model over the candidates the gazetteer finds.

The model judges how a candidate is mentioned and never which region it is, so it works for regions
it has seen no example of, in both languages. Does not know which texts are relevant: a national
matter (NAT) means something only for a relevant text, and that is for the caller to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from classifiers.gazetteer import Gazetteer, Mention
from classifiers.reference import ALAND, NATIONAL
from classifiers.region_candidates import Candidate, Seen, candidates
from classifiers.region_features import features_of
from classifiers.values import Example, RegionTag, Span, Text

FOLDS = 5
# Regularisation and form: C of 0.003 to 0.1, gradient boosting and a forest were level in grouped
# cross-validation on the corpus (micro F1 0.95 to 0.96 of texts with a place); the linear model can
# be stored without code and explained.
C = 0.1
FLAT = 0.003  # F1 within which thresholds are taken as equally good
# Of regions the lowest of a wider range: text unlike the corpus names the place it is about later and
# once, and its probabilities run low. On the corpus that costs at most this much F1.
FLAT_REGION = 0.01
REAL = 5.0  # weight in calibration of a text that people met in the news, against an invented one
FEATURES_VERSION = 2  # of region_features: a model fits only the columns it was trained on

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RegionModel:
    """The learned parts: plain scikit-learn estimators and numbers."""

    estimator: Any  # Pipeline(StandardScaler, LogisticRegression) over the candidates' features
    calibrator: Any  # LogisticRegression over log-odds, apart for regions and the whole country
    thresholds: Mapping[str, float]  # "region" and NAT: calibrated probability to decide at
    gazetteer: str  # digest of the tables it was trained with
    version: int = FEATURES_VERSION


@dataclass(frozen=True, slots=True)
class _Table:
    """Candidates of many texts as one matrix."""

    rows: Matrix
    texts: NDArray[np.int64]  # index of the text of each row
    found: tuple[Candidate, ...]
    national: NDArray[np.bool_]


class RegionTagger:
    """Tags texts with regions. Without a model it can only be fitted."""

    def __init__(self, labels: Path, model: RegionModel | None = None) -> None:
        """`labels` is the folder of the gazetteer's tables. Raises OSError or ValueError."""
        self.labels = labels
        self.gazetteer = Gazetteer.load(labels)
        self.model = model

    def fit(self, examples: Sequence[Example], *, seed: int) -> "RegionTagger":
        """A tagger trained on `examples`; calibrated, and its thresholds chosen, on predictions for
        examples of stories the predicting model had not seen."""
        return RegionTagger(self.labels, self._learn(examples, seed)[0])

    def cross_tag(
        self, examples: Sequence[Example], *, seed: int
    ) -> tuple["RegionTagger", list[tuple[RegionTag, ...]]]:
        """As `fit`, with the out-of-fold tags of every example, for evaluation. Calibration and
        thresholds were chosen on the same predictions (5 numbers), so it flatters slightly."""
        model, table, oof = self._learn(examples, seed)
        return RegionTagger(self.labels, model), _tags(model, table, oof, len(examples))

    def tag(self, texts: Sequence[Text]) -> list[tuple[RegionTag, ...]]:
        """Every candidate of each text and NAT, the likeliest first. Raises ValueError where the
        tagger has no model."""
        if self.model is None:
            raise ValueError("this tagger has no model: fit it or load a trained version")
        table = self._table(texts)
        return _tags(self.model, table, _log_odds(self.model.estimator, table.rows), len(texts))

    def state(self) -> dict[str, Any]:
        """What a trained version keeps: two scikit-learn estimators and JSON-able values."""
        if self.model is None:
            raise ValueError("this tagger has no model: fit it or load a trained version")
        m = self.model
        return {
            "estimator": m.estimator,
            "calibrator": m.calibrator,
            "thresholds": dict(m.thresholds),
            "gazetteer": m.gazetteer,
            "version": m.version,
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any], labels: Path) -> "RegionTagger":
        """The tagger of `state`. Raises ValueError where its features are not those of this code.

        Another gazetteer than it was trained with is allowed: new names need no new model.
        """
        model = RegionModel(**state)
        if model.version != FEATURES_VERSION:
            raise ValueError(
                f"the region model has features version {model.version}, this program computes "
                f"version {FEATURES_VERSION}: train it again"
            )
        return cls(labels, model)

    def _learn(self, examples: Sequence[Example], seed: int) -> tuple[RegionModel, _Table, Matrix]:
        table = self._table([e.text for e in examples])
        truth = np.array(
            [_is_true(c, examples[i]) for c, i in zip(table.found, table.texts, strict=True)]
        )
        stories = np.array([examples[i].story for i in table.texts])
        oof = _out_of_fold(table.rows, truth, stories, seed)
        calibrator = LogisticRegression(C=1e3).fit(
            _stacked(oof, table.national), truth, sample_weight=_weights(table, examples)
        )
        probability = _probability(calibrator, oof, table.national)
        # Chosen on texts that have a region: most others are off topic, where a wrong one costs less.
        placed = np.array([bool(examples[i].regions) for i in table.texts]) & ~table.national
        relevant = np.array([examples[i].relevant for i in table.texts]) & table.national
        thresholds = {
            "region": _range(probability[placed], truth[placed], FLAT_REGION)[0],
            # The whole country is asked about for relevant texts only.
            NATIONAL: round(fmean(_range(probability[relevant], truth[relevant], FLAT)), 4),
        }
        estimator = _estimator().fit(table.rows, truth)
        return RegionModel(estimator, calibrator, thresholds, self.gazetteer.digest), table, oof

    def _table(self, texts: Sequence[Text]) -> _Table:
        scans = [self.gazetteer.scan(text) for text in texts]
        batch = [Seen(t, scan, candidates(scan)) for t, scan in zip(texts, scans, strict=True)]
        return _Table(
            features_of(batch),
            np.repeat(np.arange(len(batch)), [len(seen.found) for seen in batch]),
            tuple(candidate for seen in batch for candidate in seen.found),
            np.array([c.code == NATIONAL for seen in batch for c in seen.found], dtype=np.bool_),
        )


def _weights(table: _Table, examples: Sequence[Example]) -> Matrix:
    """In calibration. The whole country is asked about for relevant texts only, so others say nothing of it."""
    relevant = np.array([examples[i].relevant for i in table.texts])
    real = np.array([examples[i].source != "corpus" for i in table.texts])
    return np.where(table.national & ~relevant, 0.0, np.where(real, REAL, 1.0))


def _estimator() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=2000))


def _is_true(candidate: Candidate, example: Example) -> bool:
    if candidate.code == NATIONAL:
        return example.national
    return candidate.code in example.regions


def _log_odds(estimator: Any, rows: Matrix) -> Matrix:
    """As its decision_function, whose checks take longer than the arithmetic of a few texts."""
    scaler, regression = estimator[0], estimator[-1]
    return _linear(regression, (rows - scaler.mean_) / scaler.scale_)


def _probability(calibrator: Any, log_odds: Matrix, national: NDArray[np.bool_]) -> Matrix:
    """As its predict_proba, likewise."""
    found: Matrix = expit(_linear(calibrator, _stacked(log_odds, national)))
    return found


def _linear(regression: Any, rows: Matrix) -> Matrix:
    found: Matrix = (rows @ regression.coef_.T + regression.intercept_).ravel()
    return found


def _out_of_fold(
    rows: Matrix, truth: NDArray[np.bool_], stories: NDArray[Any], seed: int
) -> Matrix:
    folds = min(FOLDS, len(set(stories)))
    if folds < 2:
        raise ValueError("regions need examples of at least two stories to learn from")
    oof = np.zeros(len(rows))
    split = GroupKFold(folds, shuffle=True, random_state=seed)
    for train, test in split.split(rows, groups=stories):
        oof[test] = _log_odds(_estimator().fit(rows[train], truth[train]), rows[test])
    return oof


def _stacked(log_odds: Matrix, national: NDArray[np.bool_]) -> Matrix:
    """Columns of the calibrator: a sigmoid of its own for the whole country."""
    return np.column_stack([log_odds, national, log_odds * national])


def _range(probability: Matrix, truth: NDArray[np.bool_], flat: float) -> tuple[float, float]:
    """The lowest and the highest threshold whose F1 is within `flat` of the best; 0.5 where there is
    nothing to choose from. A range moves less than its best point when examples are added."""
    if not truth.any():
        return 0.5, 0.5
    order = np.argsort(-probability, kind="stable")
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + truth.sum())
    good = np.flatnonzero(f1 >= f1.max() - flat)
    below = probability[order[good[-1] + 1]] if good[-1] + 1 < len(order) else 0.0
    lowest = (probability[order[good[-1]]] + below) / 2
    return round(float(lowest), 4), round(float(probability[order[good[0]]]), 4)


def _tags(
    model: RegionModel, table: _Table, log_odds: Matrix, texts: int
) -> list[tuple[RegionTag, ...]]:
    tags: list[list[RegionTag]] = [[] for _ in range(texts)]
    if len(table.found):
        probability = _probability(model.calibrator, log_odds, table.national)
        evidence = log_odds - float(model.estimator[-1].intercept_[0])
        for owner, candidate, happens, odds in zip(
            table.texts.tolist(), table.found, probability.tolist(), evidence.tolist(), strict=True
        ):
            tags[owner].append(_tag(model, candidate, happens, odds))
    return [tuple(sorted(t, key=lambda tag: (-tag.happens, tag.code))) for t in tags]


def _tag(model: RegionModel, candidate: Candidate, happens: float, odds: float) -> RegionTag:
    threshold = model.thresholds[NATIONAL if candidate.code == NATIONAL else "region"]
    # Åland stands outside the reform: it is recognised so that nothing else is made of it.
    decided = happens >= threshold and candidate.code != ALAND
    return RegionTag(
        code=candidate.code,
        happens=happens,
        decided=decided,
        role="happens" if decided else "mentioned",
        spans=tuple(_span(m, odds / len(candidate.mentions)) for m in candidate.mentions),
    )


def _span(mention: Mention, weight: float) -> Span:
    """`weight` is an equal share of the candidate's log-odds: the features describe it as a whole."""
    why = f"{mention.surface}: {mention.kind} {mention.name}"
    return Span(mention.field, mention.start, mention.end, why, weight)
