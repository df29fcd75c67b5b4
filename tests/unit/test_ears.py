"""The EARS statistics against values worked out by hand, and against their promises."""

from collections.abc import Callable
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import t as student

from monitor.risk.ears import EarsParameters, EearsParameters, Reading, c1, c2, c3, eears

SERIES = [150, 130, 122, 160, 155, 128, 144, 125, 300, 319, 289, 277, 500]
"""A made series with a jump at the ninth unit that stays."""

Statistic = Callable[[np.ndarray, np.ndarray], Reading]


def at(unit: int, statistic: Statistic) -> Reading:
    """The reading of the 0-based `unit` of SERIES, as one cell."""
    past = np.array(SERIES[:unit], dtype=float)[:, None]
    return statistic(past, np.array([float(SERIES[unit])]))


def test_c1_is_the_distance_from_the_last_seven_in_their_standard_deviations() -> None:
    reading = at(8, c1)
    before = SERIES[1:8]
    assert reading.statistic[0] == pytest.approx((300 - mean(before)) / stdev(before))
    assert reading.limit[0] == pytest.approx(mean(before) + 3 * stdev(before))
    assert reading.exceeds[0]


def test_c2_leaves_two_units_out_so_a_rise_does_not_hide_itself() -> None:
    first, second = at(10, c1), at(10, c2)
    before = SERIES[1:8]
    assert second.statistic[0] == pytest.approx((289 - mean(before)) / stdev(before))
    assert second.exceeds[0]
    assert not first.exceeds[0]


def test_c3_sums_what_three_units_have_above_one() -> None:
    parts = [max(0.0, at(unit, c2).statistic[0] - 1) for unit in (9, 10, 11)]
    reading = at(11, c3)
    assert reading.statistic[0] == pytest.approx(sum(parts))
    assert reading.exceeds[0]
    assert not at(7, c3).exceeds[0]


def test_c3_sees_three_small_excesses_that_c2_does_not() -> None:
    flat = [10.0, 12, 8, 11, 9, 10, 10, 10, 10]
    past = np.array([*flat, 12.4, 12.4])[:, None]
    now = np.array([12.4])
    assert not c2(past, now).exceeds[0]
    assert c3(past, now).exceeds[0]


def test_eears_is_the_prediction_interval_of_a_t_where_nothing_stood_out() -> None:
    reading = at(7, eears)
    before = SERIES[:7]
    width = stdev(before) * (1 + 1 / 7) ** 0.5
    assert reading.expected[0] == pytest.approx(mean(before))
    assert reading.limit[0] == pytest.approx(mean(before) + student.ppf(0.975, 6) * width)
    assert reading.p_value[0] == pytest.approx(student.sf((125 - mean(before)) / width, 6))
    assert not reading.exceeds[0]
    assert at(8, eears).exceeds[0]


def test_eears_weighs_a_past_signal_down() -> None:
    """With one jump behind it the limit stays near the usual; without the weights it would not."""
    usual = [20.0, 22, 18, 21, 19, 20]
    past = np.array([*usual, 60.0])[:, None]
    down = eears(past, np.array([45.0]))
    flat = eears(past, np.array([45.0]), EearsParameters(decay=1e-9))
    assert down.exceeds[0]
    assert not flat.exceeds[0]
    assert down.expected[0] < 23 < flat.expected[0]


def test_the_weights_are_those_of_the_externally_studentised_residuals() -> None:
    values = np.array([20.0, 22, 18, 21, 19, 20, 60.0])
    others = [np.delete(values, i) for i in range(7)]
    studentised = np.array(
        [
            (v - values.mean()) / (np.std(o, ddof=1) * (1 - 1 / 7) ** 0.5)
            for v, o in zip(values, others, strict=True)
        ]
    )
    limit = student.ppf(0.95, 5)
    weights = np.where(studentised > limit, (limit / np.maximum(studentised, limit)) ** 4, 1.0)
    expected = (weights * values).sum() / weights.sum()
    assert eears(values[:, None], np.array([20.0])).expected[0] == pytest.approx(expected)


def test_units_that_were_not_heard_take_no_part() -> None:
    past = np.array([10.0, np.nan, 12, 8, np.nan, 11, 9])[:, None]
    less = np.array([10.0, 12, 8, 11, 9])[:, None]
    now = np.array([13.0])
    for statistic in (c1, eears):
        assert statistic(past, now).statistic == pytest.approx(statistic(less, now).statistic)


@pytest.mark.parametrize("statistic", [c1, c2, c3, eears])
@pytest.mark.parametrize("units", [0, 2])
def test_too_little_past_gives_no_reading_and_no_alarm(statistic: Statistic, units: int) -> None:
    reading = statistic(np.zeros((units, 3)), np.full(3, 50.0))
    assert np.isnan(reading.statistic).all()
    assert not reading.exceeds.any()


def test_a_past_of_zeros_does_not_make_one_an_infinite_surprise() -> None:
    for statistic in (c1, c2, eears):
        assert np.isfinite(statistic(np.zeros((12, 1)), np.ones(1)).statistic).all()
    root = EearsParameters(root=True, least_sd=1.0)
    assert eears(np.zeros((12, 1)), np.ones(1), root).p_value[0] > 0.05


@given(arrays(float, (10, 4), elements=st.floats(0, 50)), st.floats(0, 50), st.floats(0, 50))
def test_more_is_never_less_unusual(past: np.ndarray, a: float, b: float) -> None:
    low, high = np.full(4, min(a, b)), np.full(4, max(a, b))
    for statistic in (c1, c2, c3, eears):
        first, second = statistic(past, low).statistic, statistic(past, high).statistic
        assert (first <= second + 1e-9).all()


@given(arrays(float, (9, 3), elements=st.floats(0, 50)))
def test_cells_know_nothing_of_each_other(past: np.ndarray) -> None:
    now = np.array([5.0, 10.0, 15.0])
    for statistic in (c1, c2, c3, eears):
        together = statistic(past, now).statistic
        alone = [statistic(past[:, [i]], now[[i]]).statistic[0] for i in range(3)]
        assert together == pytest.approx(alone)


def test_on_normal_counts_an_eears_without_outlier_weights_keeps_its_level() -> None:
    rng = np.random.default_rng(3)
    past, now = rng.normal(100, 10, (7, 40_000)), rng.normal(100, 10, 40_000)
    reading = eears(past, now, EearsParameters(decay=1e-9))
    assert reading.exceeds.mean() == pytest.approx(0.025, abs=0.003)
    # The published weights take chance highs out of the baseline too: about twice the nominal level.
    assert 0.025 < eears(past, now).exceeds.mean() < 0.06


def test_roots_keep_a_level_below_the_nominal_on_small_counts() -> None:
    rng = np.random.default_rng(5)
    past, now = rng.poisson(0.5, (12, 40_000)), rng.poisson(0.5, 40_000)
    own = EearsParameters(baseline=12, root=True, least_sd=1.0)
    assert eears(past.astype(float), now.astype(float), own).exceeds.mean() < 0.025
    assert eears(past.astype(float), now.astype(float)).exceeds.mean() > 0.1  # the published form


def test_the_parameters_are_the_published_ones() -> None:
    own = EarsParameters()
    assert (own.baseline, own.guard, own.limit, own.c3_limit) == (7, 2, 3.0, 2.0)
    extended = EearsParameters()
    assert (extended.alpha, extended.outlier_alpha, extended.decay) == (0.025, 0.05, 4.0)
