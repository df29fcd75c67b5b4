"""The EARS statistics over many cells at once: C1, C2, C3, and the extended eEARS. Pure arithmetic.

Every function takes `past`, an array (time, cells) of counts with the oldest first, and `now`, an array
(cells,) of the unit under test, and returns a `Reading`. A unit that says nothing, because nobody
listened, is NaN and is left out of its cell's baseline. Units may be days, weeks, or days of one
weekday: a statistic knows only their order. Whether a unit was heard, and what a reading leads to, is
the caller's.

- Hutwagner, Thompson, Seeman, Treadwell (2003): The bioterrorism preparedness and response Early
  Aberration Reporting System (EARS). J Urban Health 80(2 Suppl 1), i89-i96. C1, C2, C3.
- Espinosa, Wijermans, Orchard and others (2022): Epitweetr: early warning of public health threats using
  Twitter data. Euro Surveill 27(39). The extended EARS with a Student t limit and past signals weighed
  down.
- Chatterjee and Hadi (1988): Sensitivity Analysis in Linear Regression, p. 74: externally studentised
  residuals. The weights (limit / residual)^k go back to Farrington and others (1996), JRSS A 159(3).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EarsParameters:
    """Those of C1, C2 and C3. The defaults are the published ones; `least_sd` is EARS's usual floor."""

    baseline: int = 7  # units
    guard: int = 2  # units between baseline and the unit under test; C1 has none
    limit: float = 3.0  # of C1 and C2, in standard deviations
    c3_limit: float = 2.0  # of C3, the sum of three exceedances
    least_sd: float = 0.2  # counts: a baseline without variation would make anything an alarm
    least_units: int = 3  # heard units without which there is no reading


@dataclass(frozen=True, slots=True)
class EearsParameters:
    """Those of eEARS. The defaults are the published ones, except for the floor."""

    baseline: int = 7  # units
    alpha: float = 0.025  # one-sided chance of an alarm without an event
    outlier_alpha: float = 0.05  # residuals beyond this quantile count as past signals
    decay: float = 4.0  # power by which past signals weigh less
    least_sd: float = 0.2  # in counts, or in roots where `root`
    least_units: int = 3  # heard units without which there is no reading
    root: bool = False  # read the counts as 2 * sqrt(x + 3/8): standard deviation 1 if Poisson (Anscombe 1948)


@dataclass(frozen=True, slots=True)
class Reading:
    """One statistic over all cells; every array is (cells,), NaN where there is too little baseline."""

    statistic: Array
    expected: Array  # mean of the baseline, as counts
    limit: Array  # the least count above which it exceeds; NaN for C3
    exceeds: NDArray[np.bool_]  # never where the statistic is NaN
    p_value: Array  # of the unit under test without an event; 1 where NaN


def c1(past: Array, now: Array, parameters: EarsParameters | None = None) -> Reading:
    """(now - mean) / sd of the last `baseline` units, an alarm above `limit`."""
    own = parameters or EarsParameters()
    return _c(past, now, own, guard=0)


def c2(past: Array, now: Array, parameters: EarsParameters | None = None) -> Reading:
    """C1 with `guard` units left out before the unit under test, so that a slow rise is not its own past."""
    own = parameters or EarsParameters()
    return _c(past, now, own, guard=own.guard)


def c3(past: Array, now: Array, parameters: EarsParameters | None = None) -> Reading:
    """Sum of max(0, C2 - 1) over this unit and the two before, an alarm above `c3_limit`.

    Units without a reading add nothing. There is no p-value and no limit in counts: they are NaN.
    """
    own = parameters or EarsParameters()
    series = np.vstack([past, now[None, :]])
    total = np.zeros(now.shape)
    last = _c(past, now, own, guard=own.guard)
    for back in range(3):
        end = len(series) - 1 - back
        if end < 1:
            break
        reading = _c(series[:end], series[end], own, guard=own.guard)
        total += np.nan_to_num(np.maximum(reading.statistic - 1.0, 0.0))
    statistic = np.where(np.isnan(last.statistic), np.nan, total)
    nothing = np.full(now.shape, np.nan)
    return Reading(
        statistic, last.expected, nothing, np.nan_to_num(statistic) > own.c3_limit, nothing
    )


def eears(past: Array, now: Array, parameters: EearsParameters | None = None) -> Reading:
    """(now - m) / (s * sqrt(1 + 1/n)) against Student's t with n - 1 degrees of freedom.

    m and s^2 = sum w r^2 / (n - 1) are over those of the last `baseline` units that were heard, n of them, with
    weights that sum to n: 1, or (limit / r*)^decay where the externally studentised residual r* lies above
    the 1 - `outlier_alpha` quantile of t with n - 2 degrees. The limit is m + t(1 - alpha) s sqrt(1 + 1/n).
    """
    own = parameters or EearsParameters()
    window = _stabilised(past[-own.baseline :], own.root)
    heard = ~np.isnan(window)
    n = heard.sum(axis=0).astype(float)
    values = np.where(heard, window, 0.0)
    weights = np.where(heard, _weights(values, heard, n, own), 0.0)
    mean, sd = _moments(values, weights, n, own.least_sd)
    width = sd * np.sqrt(1 + 1 / np.maximum(n, 1))
    degrees = np.maximum(n - 1, 1)
    enough = n >= own.least_units
    statistic = np.where(enough, (_stabilised(now, own.root) - mean) / width, np.nan)
    limit = mean + stdtrit(degrees, 1 - own.alpha) * width
    p_value = np.where(enough, stdtr(degrees, -np.nan_to_num(statistic)), 1.0)
    back_mean, back_limit = _counts(mean, own.root), _counts(limit, own.root)
    return Reading(
        statistic,
        np.where(enough, back_mean, np.nan),
        np.where(enough, back_limit, np.nan),
        enough & (p_value < own.alpha),
        p_value,
    )


def _c(past: Array, now: Array, own: EarsParameters, *, guard: int) -> Reading:
    end = len(past) - guard
    window = past[max(0, end - own.baseline) : max(0, end)]
    heard = ~np.isnan(window)
    n = heard.sum(axis=0).astype(float)
    values = np.where(heard, window, 0.0)
    mean, sd = _moments(values, heard.astype(float), n, own.least_sd)
    enough = n >= own.least_units
    statistic = np.where(enough, (now - mean) / sd, np.nan)
    p_value = np.where(enough, stdtr(1e9, -np.nan_to_num(statistic)), 1.0)
    return Reading(
        statistic,
        np.where(enough, mean, np.nan),
        np.where(enough, mean + own.limit * sd, np.nan),
        np.nan_to_num(statistic) > own.limit,
        p_value,
    )


def _moments(values: Array, weights: Array, n: Array, least_sd: float) -> tuple[Array, Array]:
    """Weighted mean, and standard deviation with n - 1 in its denominator, never below the floor."""
    mean = (weights * values).sum(axis=0) / np.maximum(weights.sum(axis=0), 1e-300)
    squares = (weights * (values - mean) ** 2).sum(axis=0)
    sd = np.sqrt(squares / np.maximum(n - 1, 1))
    return mean, np.maximum(sd, least_sd)


def _weights(values: Array, heard: NDArray[np.bool_], n: Array, own: EearsParameters) -> Array:
    """1, less for units that stand out above the others; they sum to n in every cell."""
    ones = heard.astype(float)
    mean, sd = _moments(values, ones, n, 0.0)
    residual = np.where(heard, values - mean, 0.0)
    # Without the unit itself: (n - 1) s^2 = (n - 2) s_i^2 + r^2 n / (n - 1).
    others = (sd**2 * (n - 1) - residual**2 * n / np.maximum(n - 1, 1)) / np.maximum(n - 2, 1)
    spread = np.maximum(np.sqrt(np.maximum(others, 0.0)), own.least_sd)
    studentised = residual / (spread * np.sqrt(1 - 1 / np.maximum(n, 2)))
    limit = stdtrit(np.maximum(n - 2, 1), 1 - own.outlier_alpha)
    weights = np.where(
        studentised > limit, (limit / np.maximum(studentised, limit)) ** own.decay, 1.0
    )
    weights = np.where(heard, weights, 0.0)
    scaled: Array = weights * n / np.maximum(weights.sum(axis=0), 1e-300)
    return scaled


def _stabilised(counts: Array, root: bool) -> Array:
    stable: Array = 2 * np.sqrt(np.maximum(counts, 0.0) + 0.375) if root else counts
    return stable


def _counts(values: Array, root: bool) -> Any:
    return np.maximum((values / 2) ** 2 - 0.375, 0.0) if root else values
