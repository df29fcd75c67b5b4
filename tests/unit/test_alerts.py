"""Alerts: what stands above its past, and that nothing else does."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.risk.alerts import Cell, alerts, cells, discovery_cut
from tests.risk_examples import CONSTANTS, past, story, week_inputs

SURGE = tuple(story(i) for i in range(12))


def test_a_surge_of_one_topic_in_one_region_is_the_only_alert() -> None:
    (alert,) = alerts(week_inputs(SURGE), CONSTANTS)
    assert (alert.region, alert.topic, alert.observed) == ("06", "ict", 12.0)
    assert alert.expected < alert.threshold <= alert.observed


def test_an_alert_shows_every_parameter_it_was_raised_with() -> None:
    (alert,) = alerts(week_inputs(SURGE), CONSTANTS)
    p = {k: float(v) for k, v in alert.parameters.items()}
    cell = Cell("06", "ict", 12.0, p["exposure"], p["gamma_shape"], p["gamma_rate"], 6)
    assert cell.expected == alert.expected
    assert cell.tail(12) == alert.p_value
    assert cell.tail(int(alert.threshold)) <= p["p_cut"] < cell.tail(int(alert.threshold) - 1)


def test_a_week_like_its_past_raises_nothing() -> None:
    assert alerts(week_inputs((story(1), story(2, "17"))), CONSTANTS) == ()


def test_progress_raises_nothing() -> None:
    good = tuple(story(i, raises=0.0, progress=1.0) for i in range(12))
    assert alerts(week_inputs(good), CONSTANTS) == ()


@pytest.mark.parametrize("weeks", [0, 2])
def test_without_enough_past_there_are_no_alerts(weeks: int) -> None:
    assert alerts(week_inputs(SURGE, before=past(weeks)), CONSTANTS) == ()


def test_past_weeks_that_were_not_heard_are_no_past() -> None:
    deaf = past(6, exposure=0.1)
    assert cells(week_inputs(SURGE, before=deaf), CONSTANTS) == []


def test_a_region_that_is_not_heard_is_not_tested() -> None:
    assert cells(week_inputs(SURGE, exposure=0.2), CONSTANTS) == []


def test_half_an_exposure_expects_half() -> None:
    full, half = (cells(week_inputs(exposure=e), CONSTANTS)[0].expected for e in (1.0, 0.5))
    assert half == pytest.approx(full / 2)


@given(st.floats(0.1, 30), st.floats(0.5, 30), st.floats(0.1, 1), st.integers(1, 40))
def test_the_tail_is_a_falling_probability(s: float, r: float, e: float, k: int) -> None:
    cell = Cell("06", "ict", 0.0, e, s, r, 6)
    tails = [cell.tail(i) for i in range(k + 1)]
    assert tails[0] == 1.0
    assert all(0 <= b <= a for a, b in pairwise(tails))


def test_the_tail_is_that_of_the_predictive_distribution() -> None:
    rng, cell = np.random.default_rng(2), Cell("06", "ict", 0.0, 0.8, 3.0, 5.0, 6)
    drawn = rng.poisson(0.8 * rng.gamma(3.0, size=200_000) / 5.0)
    assert cell.tail(2) == pytest.approx((drawn >= 2).mean(), abs=0.005)
    assert cell.expected == pytest.approx(drawn.mean(), abs=0.01)


def test_the_false_discovery_cut_is_the_published_procedure() -> None:
    p_values = [0.6, 0.001, 0.039, 0.008, 0.041]
    assert discovery_cut(p_values, 0.05) == 0.008
    assert discovery_cut(p_values, 0.0521) == 0.041
    assert discovery_cut([], 0.1) == 0.0


@given(st.lists(st.floats(0.2, 1), max_size=30))
def test_nothing_unlikely_means_no_discovery(p_values: list[float]) -> None:
    assert discovery_cut(p_values, 0.1) == 0.0


def test_copies_of_cells_do_not_depend_on_the_order_of_stories() -> None:
    inputs = week_inputs(SURGE)
    turned = replace(inputs, stories=tuple(reversed(inputs.stories)))
    assert alerts(turned, CONSTANTS) == alerts(inputs, CONSTANTS)
