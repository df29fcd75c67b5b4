"""Classifier error at measured rates, as calibrated probabilities. Pure; reads no model.

A yes-or-no task is a Beta(a, b): of all candidates, the probabilities p the classifier gives are spread so,
and a candidate with p is right with probability p. That is what calibrated means. Given the truth, p is then
Beta(a + 1, b) for right candidates and Beta(a, b + 1) for wrong ones, with b / a wrong ones per right one
(conjugacy; Gelman et al., Bayesian Data Analysis, section 2.4). `a` and `b` are those with which a cut at
0.5 has the measured precision and recall. The direction is the same with three outcomes, a Dirichlet whose
most likely outcome is right as often as was measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, least_squares
from scipy.special import betaincc

Array = NDArray[np.float64]


# Where a Beta cannot have both figures, the fit must not flee to hundreds of wrong candidates per right one.
EVEN = 0.02


@dataclass(frozen=True, slots=True)
class Doubt:
    """A calibrated yes-or-no classifier: its probabilities over all candidates are Beta(right, wrong)."""

    right: float
    wrong: float

    @property
    def wrong_per_right(self) -> float:
        return self.wrong / self.right

    def of_right(self, n: int, rng: np.random.Generator) -> Array:
        """(n,) probabilities given to candidates that are right."""
        return rng.beta(self.right + 1, self.wrong, size=n)

    def of_wrong(self, n: int, rng: np.random.Generator) -> Array:
        """(n,) probabilities given to candidates that are wrong."""
        return rng.beta(self.right, self.wrong + 1, size=n)

    def figures(self) -> tuple[float, float]:
        """Precision and recall at a cut of 0.5."""
        return _figures(self.right, self.wrong)


def doubt(precision: float, recall: float) -> Doubt:
    """The calibrated classifier with these figures, each in (0.5, 1), or the nearest to them."""
    target = np.clip([precision, recall], 0.52, 0.995)

    def miss(x: Array) -> Array:
        figures = np.array(_figures(exp(x[0]), exp(x[1]))) - target
        return np.append(figures, EVEN * (x[1] - x[0]))

    fitted = least_squares(miss, np.array([-1.0, -0.5]), bounds=(log(1e-3), log(1e3)))
    return Doubt(exp(float(fitted.x[0])), exp(float(fitted.x[1])))


def _figures(right: float, wrong: float) -> tuple[float, float]:
    found = right / (right + wrong) * betaincc(right + 1, wrong, 0.5)
    return float(found / betaincc(right, wrong, 0.5)), float(found / (right / (right + wrong)))


def three_way(shares: tuple[float, float, float], accuracy: float, draws: int = 20_000) -> Array:
    """(3,) Dirichlet parameters in proportion to `shares`; the likeliest outcome is right at `accuracy`.

    For calibrated probabilities the accuracy is the mean of the largest one; it falls as the
    concentration grows, down to the largest share.
    """
    mean = np.array(shares)

    def miss(x: float) -> float:
        rng = np.random.default_rng(0)  # the same draws at every concentration
        return float(rng.dirichlet(mean * exp(x), size=draws).max(axis=1).mean()) - accuracy

    low, high = -3.0, 5.0
    if miss(high) > 0 or miss(low) < 0:  # beyond what any concentration gives: the nearest
        return mean * exp(high if miss(high) > 0 else low)
    return mean * exp(float(brentq(miss, low, high, xtol=0.01)))


@dataclass(frozen=True, slots=True)
class Errors:
    """The four tasks' classifiers."""

    relevance: Doubt
    region: Doubt
    topic: Doubt
    direction: Array  # (3,) Dirichlet: risk, neutral, progress


def classifier_errors(
    rates: Mapping[str, tuple[float, float]], directions: tuple[float, float, float]
) -> Errors:
    """From task -> (precision, recall); `directions` are the shares of risk, neutral and progress.

    Of the direction the mean of precision and recall stands for how often it is right.
    """
    return Errors(
        doubt(*rates["relevance"]),
        doubt(*rates["region"]),
        doubt(*rates["topic"]),
        three_way(directions, sum(rates["direction"]) / 2),
    )
