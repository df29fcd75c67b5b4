"""The regressions behind a linear model: one per label, and one of which label is the main one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from classifiers.metrics import Bools, Floats

Ints = npt.NDArray[np.int64]
_NEVER, _ALWAYS, _NO_CHANCE = -10.0, 10.0, -30.0  # intercepts where there is nothing to learn


@dataclass(frozen=True)
class Known:
    """What there is to learn from; all rows stand for the same texts."""

    texts: Floats  # (texts, dimensions)
    truth: Bools  # (texts, labels)
    main: Ints | None  # (texts,) index of the main label, -1 where there is none
    weights: Floats  # (texts,)
    strength: float  # C of the regressions

    def learn(self, rows: Bools) -> tuple[Floats, Floats]:
        """Coefficients and intercepts from some of the texts, those of being the main label below."""
        own = self._each(rows)
        if self.main is None:
            return own
        main = self._main(rows, self.main[rows])
        return np.vstack((own[0], main[0])), np.concatenate((own[1], main[1]))

    def unseen_scores(self, folds: Ints) -> Floats:
        """Scores of each fold by what was learned from the others."""
        width = self.truth.shape[1] * (1 if self.main is None else 2)
        scores = np.empty((len(self.truth), width))
        for fold in np.unique(folds):
            coef, intercept = self.learn(folds != fold)
            scores[folds == fold] = self.texts[folds == fold] @ coef.T + intercept
        return scores

    def _each(self, rows: Bools) -> tuple[Floats, Floats]:
        """One regression a label."""
        texts, truth, coefs, intercepts = self.texts[rows], self.truth[rows], [], []
        for label in truth.T:
            if label.all() or not label.any():
                coefs.append(np.zeros(texts.shape[1]))  # nothing to learn from one side only
                intercepts.append(_ALWAYS if label.any() else _NEVER)
                continue
            model = LogisticRegression(C=self.strength, class_weight="balanced", max_iter=500)
            model.fit(texts, label, sample_weight=self.weights[rows])
            coefs.append(model.coef_[0])
            intercepts.append(float(model.intercept_[0]))
        return np.stack(coefs), np.array(intercepts)

    def _main(self, rows: Bools, main: Ints) -> tuple[Floats, Floats]:
        """One multinomial regression over the labels; one that is never the main one gets no chance."""
        texts, labels = self.texts[rows], self.truth.shape[1]
        coef, intercept = np.zeros((labels, texts.shape[1])), np.full(labels, _NO_CHANCE)
        known = main >= 0
        found = np.unique(main[known])
        if len(found) < 2:
            intercept[found] = 0.0
            return coef, intercept
        model = LogisticRegression(C=self.strength, max_iter=500)
        model.fit(texts[known], main[known], sample_weight=self.weights[rows][known])
        # Of two classes the regression keeps one row, the second's log-odds.
        two = len(found) == 2
        coef[found] = np.vstack((-model.coef_, model.coef_)) / 2 if two else model.coef_
        intercept[found] = model.intercept_ * ((-0.5, 0.5) if two else 1.0)
        return coef, intercept
