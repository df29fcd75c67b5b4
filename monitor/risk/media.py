"""Media pressure from weighted stories: a Gamma-Poisson model with coverage as exposure.

Every function is elementwise over numpy arrays, so that the point value and the Monte Carlo draws go
through the same formulas. Axes are regions x roadmap groups, with weeks or draws before them. Does not
decide whether a region was heard well enough: `heard` says it, the caller acts on it.

Model (conjugate; Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.6, rate and exposure form):

    national rate   lambda_g   ~ Gamma(a0 + sum of past counts, b0 + sum of past exposure)
    expected rate   mu_rg      ~ Gamma(k * lambda_g + region's past counts, k + region's past exposure)
    this week       theta_rg   ~ Gamma(t * mu_rg + count, t + exposure)

Rates are weighted stories per fully heard region-week. Weighted counts are no whole numbers; the Gamma
posterior takes them as they are.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from monitor.risk.constants import MediaConstants

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Expectation:
    """Gamma shapes and rates before this week. `own_shape` holds the past counts alone."""

    national_shape: Array  # (groups,)
    national_rate: float
    own_shape: Array  # (regions, groups): past counts without the prior
    own_rate: Array  # (regions, 1): past exposure without the prior


def heard(exposure: float, constants: MediaConstants) -> bool:
    """Whether a region was heard well enough to have a media number at all."""
    return exposure >= constants.minimum_exposure


def expectation(counts: Array, exposure: Array, constants: MediaConstants) -> Expectation:
    """What the past says. `counts` is (weeks, regions, groups), `exposure` (weeks, regions).

    Weeks in which a region was not heard well enough do not count for it: their silence says nothing.
    Net counts below zero (more progress than risk) count as zero.
    """
    usable = exposure >= constants.minimum_exposure
    counts = np.where(usable[:, :, None], np.maximum(counts, 0.0), 0.0)
    exposure = np.where(usable, exposure, 0.0)
    return Expectation(
        constants.national_rate * constants.national_weeks + counts.sum(axis=(0, 1)),
        constants.national_weeks + float(exposure.sum()),
        counts.sum(axis=0),
        exposure.sum(axis=0)[:, None],
    )


def national_mean(past: Expectation) -> Array:
    """(groups,) the country's rate: posterior mean."""
    mean: Array = past.national_shape / past.national_rate
    return mean


def expected_mean(past: Expectation, constants: MediaConstants) -> Array:
    """(regions, groups) the region's expected rate: its own history drawn to the country's."""
    shape, rate = expected_parameters(past, national_mean(past), constants)
    mean: Array = shape / rate
    return mean


def expected_parameters(
    past: Expectation, national: Any, constants: MediaConstants, group: int | None = None
) -> tuple[Any, Array]:
    """Gamma shape and rate of the expected rate, given the national one.

    With `group`, of that group alone: (regions, 1) against a `national` of (draws,).
    """
    k = constants.region_weeks
    own = past.own_shape if group is None else past.own_shape[:, [group]]
    return k * national + own, k + past.own_rate


def week_parameters(
    expected: Any, count: Any, exposure: Any, constants: MediaConstants
) -> tuple[Any, Any]:
    """Gamma shape and rate of this week's rate; a net count below zero counts as zero."""
    t = constants.week_weeks
    return t * expected + np.maximum(count, 0.0), t + exposure


def week_median(expected: Any, count: Any, exposure: Any, constants: MediaConstants) -> Any:
    """This week's rate: posterior median.

    The median and not the mean, because M rises with the rate: the middle of the rate's draws is then the
    middle of M's. With few stories the posterior is skewed and its mean lies well above its middle.
    """
    shape, rate = week_parameters(expected, count, exposure, constants)
    return gammaincinv(shape, 0.5) / rate


def pressure(rate: Any, expected: Any, national: Any, constants: MediaConstants) -> Any:
    """Media pressure M in [0, 1] of this week's `rate`; it never falls when `rate` rises.

    Surge: (rate - expected)+ / (rate + floor), nothing at or below the expectation. Level:
    rate / (rate + national), one half at the country's rate. M is their weighted mean. Both are of the
    saturating form x / (x + c), our own choice: it needs no upper limit and is monotone.
    """
    surge = np.maximum(rate - expected, 0.0) / (rate + constants.surge_floor)
    level = rate / (rate + national)
    share = constants.surge_share
    return share * surge + (1 - share) * level
