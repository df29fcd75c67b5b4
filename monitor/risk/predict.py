"""What a week's counts should be, and how unlikely those seen are: the predictive distribution. Pure.

Arrays are weeks x regions x topics. The caller says which weeks a region was heard in (NaN where not).

**A weighted count is not a count.** A cell's number S is a sum of story weights, each a probability times
a slowly growing function of the publisher groups. Were stories Poisson and weights independent of them, S
would be compound Poisson with mean m = lambda E[w] and variance lambda E[w^2] = phi m, where
phi = E[w^2] / E[w] lies below 1 for probabilities and above 1 for widely told stories. So S / phi is close
to a count with mean m / phi: the two moments agree (quasi-Poisson; McCullagh and Nelder 1989, ch. 9).
Rounding S down, as if it were a count, would throw evidence away, and taking phi = 1 would call too little
unlikely where weights are small. Weeks moreover differ by more than chance, by a factor with mean 1 and
variance v. Together, with the Gamma posterior of the mean (shape a, rate b, in units of S / phi):

    Var S = phi m + m^2 (v + phi / a),      S / phi ~ negative binomial, size 1 / (v + phi / a).

phi and v come from the past's own residuals over all cells, least squares of (S - m)^2 / m on 1 and m,
drawn to a guess: unusual weeks of the past would else make the next one look usual.

**What a cell should hold** is its own past drawn to topic rate x region factor, the count it would have
if regions and topics were independent: a small region is not expected to be like the country, and a
topic nobody writes of is not expected to be like the others. Past weeks that stand out are weighed down,
as in eEARS, so that last month's event does not hide this week's.

**A rise of several weeks** may be nothing in any one of them. So the last one, two, ... weeks together are
each held against the weeks before them; the p-values are combined by the caller.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from monitor.risk.constants import AlertConstants

Array = NDArray[np.float64]
ROUNDS = 2  # of weighing down what stands out; a third changes nothing that shows


@dataclass(frozen=True, slots=True)
class Prediction:
    """The rates per fully heard week before this week's news, and how weeks scatter around them."""

    shape: Array  # (regions, topics) weighted stories, prior and past
    rate: Array  # (regions, topics) fully heard weeks, prior and past
    dispersion: float  # phi: variance over mean where the mean is small
    week_variance: float  # v: of the factor by which a cell's weeks differ

    def mean(self, exposure: Array) -> Array:
        """(regions, topics) weighted stories to expect at `exposure` (regions,)."""
        expected: Array = exposure[:, None] * self.shape / self.rate
        return expected

    def tail(self, observed: Array, exposure: Array) -> Array:
        """P(S >= observed) per cell; 1 where nothing was observed.

        The negative binomial's tail is I_p(k, size), the regularised incomplete beta function, which is
        defined between whole numbers too (Johnson, Kemp, Kotz: Univariate Discrete Distributions, ch. 5).
        """
        return tail(observed, self.mean(exposure), self.shape, self.dispersion, self.week_variance)


def tail(
    observed: Array, mean: Array, shape: Array, dispersion: float, week_variance: float | Array
) -> Array:
    """The tail of one or many cells from the numbers that an alert shows."""
    size = 1 / (week_variance + dispersion / shape)
    scaled = mean / dispersion
    k = np.maximum(observed, 0.0) / dispersion
    p: Array = np.where(k > 0, betainc(np.maximum(k, 1e-9), size, scaled / (scaled + size)), 1.0)
    return p


@dataclass(frozen=True, slots=True)
class Window:
    """The last weeks together against those before them, this week's count still open. Arrays per cell."""

    earlier: Array  # weighted stories of the window's weeks before this one
    mean: Array  # weighted stories to expect of the whole window
    shape: Array
    week_variance: Array  # of the window's factor
    dispersion: float
    enough: NDArray[np.bool_]  # heard weeks before the window

    def tail(self, now: Array) -> Array:
        """P-value per cell if this week has `now` weighted stories; NaN where the past is too short."""
        together = self.earlier + now
        p = tail(together, self.mean, self.shape, self.dispersion, self.week_variance)
        return np.where(self.enough, p, np.nan)

    def at(self, cells: NDArray[np.bool_] | NDArray[np.intp]) -> "Window":
        """The window of these regions of a grid, or of these cells of a row, by topic and region."""

        def rows(values: Array) -> Array:
            return values[cells].T.ravel()

        return Window(
            rows(self.earlier),
            rows(self.mean),
            rows(self.shape),
            rows(self.week_variance),
            self.dispersion,
            self.enough[cells].T.ravel(),
        )


def windows(
    counts: Array, heard: Array, exposure: Array, own: AlertConstants
) -> tuple[Window, ...]:
    """This week alone, with the week before, and so on. Arrays are regions x topics.

    `counts` and `heard` are those of the weeks before, `exposure` is this week's. An unheard week in a
    window says nothing and is expected to hold nothing.
    """
    return tuple(
        _window(counts, heard, exposure, len(counts) - back, own)
        for back in range(min(own.predictive_windows, len(counts)))
    )


def _window(counts: Array, heard: Array, exposure: Array, end: int, own: AlertConstants) -> Window:
    model = predict(counts[:end], heard[:end], own)
    shares = np.vstack([np.nan_to_num(heard[end:]), exposure[None, :]])
    # Independent weeks: the variance of their factors' mean is that of one, by how many were heard.
    weeks = np.maximum(shares.sum(axis=0) ** 2 / np.maximum((shares**2).sum(axis=0), 1e-9), 1.0)
    enough = np.isfinite(heard[:end]).sum(axis=0) >= own.minimum_past_weeks
    grid = model.shape.shape
    return Window(
        np.maximum(np.nan_to_num(counts[end:]), 0.0).sum(axis=0),
        model.mean(shares.sum(axis=0)),
        model.shape,
        np.broadcast_to((model.week_variance / weeks)[:, None], grid),
        model.dispersion,
        np.broadcast_to(enough[:, None], grid),
    )


def predict(counts: Array, exposure: Array, own: AlertConstants) -> Prediction:
    """From past `counts` (weeks, regions, topics) and `exposure` (weeks, regions), both NaN where unheard.

    Net counts below zero (more progress than risk) count as zero.
    """
    heard = np.broadcast_to(np.nan_to_num(exposure)[:, :, None], counts.shape)
    counts = np.maximum(np.nan_to_num(counts), 0.0)
    weights = np.ones(counts.shape)
    for _ in range(ROUNDS):
        shape, rate = _posterior(counts, heard, weights, own)
        weights = _weights(counts, heard, shape / rate, own)
    shape, rate = _posterior(counts, heard, weights, own)
    return Prediction(shape, rate, *_scatter(counts, heard, weights, shape / rate, own))


def _posterior(
    counts: Array, heard: Array, weights: Array, own: AlertConstants
) -> tuple[Array, Array]:
    """Gamma shape and rate. The prior is worth `cell_stories` whatever the mean: rare cells stay drawn longer."""
    count, weeks = (weights * counts).sum(axis=0), (weights * heard).sum(axis=0)
    topic = (own.prior_rate * own.prior_weeks + count.sum(axis=0)) / (
        own.prior_weeks + weeks.sum(axis=0)
    )
    like_others = (weeks * topic).sum(axis=1)
    factor = (own.prior_stories + count.sum(axis=1)) / (own.prior_stories + like_others)
    independent = factor[:, None] * topic
    return own.cell_stories + count, own.cell_stories / independent + weeks


def _scatter(
    counts: Array, heard: Array, weights: Array, rate: Array, own: AlertConstants
) -> tuple[float, float]:
    """phi and v. The guess is worth `scatter_cells` cell-weeks, half of each kind of evidence."""
    mean = heard * rate
    use = mean > 0
    m, y = mean[use], ((counts - mean) ** 2)[use] / mean[use]
    # A squared residual over its mean has a variance of about 2 y^2 + y / m: large means say more.
    w = weights[use] / (2 + 1 / m)
    guess = own.scatter_cells / 3
    a11, a12, a22 = w.sum() + guess, (w * m).sum(), (w * m * m).sum() + guess
    b1 = (w * y).sum() + guess * own.dispersion
    b2 = (w * m * y).sum() + guess * own.week_variance
    determinant = a11 * a22 - a12 * a12
    variance = max(0.0, float((a11 * b2 - a12 * b1) / determinant))
    return max(own.least_dispersion, float((b1 - a12 * variance) / a11)), variance


def _weights(counts: Array, heard: Array, rate: Array, own: AlertConstants) -> Array:
    """Judged by the guessed scatter: an event must not widen what it is measured with."""
    mean = heard * rate
    spread = np.sqrt(own.dispersion * mean + own.week_variance * mean**2 + 1e-12)
    residual = (counts - mean) / spread
    limit = own.outlier_residual
    weights: Array = np.where(
        residual > limit, (limit / np.maximum(residual, limit)) ** own.outlier_decay, 1.0
    )
    return weights
