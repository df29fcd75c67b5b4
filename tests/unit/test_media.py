"""Media pressure: what raises it, what does not, and what the past is good for."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitor.risk import media
from tests.risk_examples import CONSTANTS

C = CONSTANTS.media
RATES = st.floats(0.01, 50)
COUNTS = st.floats(-20, 200)
EXPOSURES = st.floats(0.05, 1)


def _pressure(expected: float, count: float, exposure: float, national: float) -> float:
    rate = media.week_median(expected, count, exposure, C)
    return float(media.pressure(rate, expected, national, C))


@given(RATES, COUNTS, EXPOSURES, RATES)
def test_pressure_is_bounded(expected: float, count: float, exposure: float, nat: float) -> None:
    assert 0 <= _pressure(expected, count, exposure, nat) <= 1


@given(RATES, COUNTS, st.floats(0, 50), EXPOSURES, RATES)
def test_more_risk_never_lowers_it_and_more_progress_never_raises_it(
    expected: float, count: float, more: float, exposure: float, nat: float
) -> None:
    before = _pressure(expected, count, exposure, nat)
    assert _pressure(expected, count + more, exposure, nat) >= before - 1e-12
    assert _pressure(expected, count - more, exposure, nat) <= before + 1e-12


@given(RATES, st.floats(0, 100), EXPOSURES, RATES)
def test_the_more_was_expected_the_less_a_count_surprises(
    expected: float, count: float, exposure: float, nat: float
) -> None:
    rate = media.week_median(expected, count, exposure, C)
    assert media.pressure(rate, expected + 1, nat, C) <= media.pressure(rate, expected, nat, C)


def test_a_week_as_expected_at_the_countrys_level_has_half_of_the_level_share() -> None:
    value = float(media.pressure(2.0, 2.0, 2.0, C))
    assert abs(value - (1 - C.surge_share) / 2) < 1e-12
    # The median of the rate lies a little below its mean, the more so the fewer the stories.
    assert _pressure(expected=2.0, count=2.0, exposure=1.0, national=2.0) < value


def test_little_coverage_draws_the_rate_to_the_expectation_and_divides_by_nothing() -> None:
    """One story in a tenth of a week is not ten stories a week."""
    assert media.week_median(1.0, 1.0, 0.1, C) < 3
    assert (
        0 < media.week_median(1.0, 0.0, 0.0, C) < 1.0
    )  # nothing heard: what was expected, below its mean


def test_a_region_without_a_past_is_expected_to_be_like_the_country() -> None:
    counts = np.zeros((5, 2, 1))
    counts[:, 0, 0] = 3.0
    exposure = np.array([[1.0, 0.0]] * 5)
    past = media.expectation(counts, exposure, C)
    expected = media.expected_mean(past, C)[:, 0]
    national = float(media.national_mean(past)[0])
    assert abs(expected[1] - national) < 1e-12
    assert national < expected[0] < 3.0


def test_weeks_that_were_not_heard_teach_nothing() -> None:
    counts = np.full((4, 1, 1), 2.0)
    heard = media.expectation(counts, np.ones((4, 1)), C)
    deaf = np.concatenate([counts, np.zeros((8, 1, 1))])
    exposure = np.concatenate([np.ones((4, 1)), np.full((8, 1), C.minimum_exposure / 2)])
    also = media.expectation(deaf, exposure, C)
    assert media.expected_mean(also, C) == media.expected_mean(heard, C)


def test_silence_below_the_least_exposure_is_not_heard() -> None:
    assert not media.heard(0.0, C)
    assert not media.heard(C.minimum_exposure - 1e-9, C)
    assert media.heard(C.minimum_exposure, C)
