"""Alerts: what stands above its past, and that nothing else does."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.risk.alerts import alerts, combine, discovery_cut, evidence
from monitor.risk.inputs import DayCounts, StorySignal, WeekInputs, day_counts
from monitor.risk.predict import predict, tail, windows
from tests.risk_examples import CONSTANTS, UNITS, past, story, week_inputs

SURGE = tuple(story(i) for i in range(12))
OWN = CONSTANTS.alerts


def with_days(
    inputs: WeekInputs, on: str = "2026-11-10", usual: float = 1 / 7, region: str = "06"
) -> WeekInputs:
    """`inputs` with six past weeks of `usual` ict stories a day everywhere, and this week's on one day."""
    stories: list[StorySignal] = [replace(s, day=on) for s in inputs.stories]
    now = day_counts(date(2026, 9, 28), date(2026, 11, 15), stories, 0.5)
    days = [
        replace(d, topics=tuple((u, "ict", usual) for u in UNITS)) if d.day < "2026-11-09" else d
        for d in now
    ]
    return replace(inputs, days=tuple(days))


def test_a_surge_of_one_topic_in_one_region_is_the_only_alert() -> None:
    (alert,) = alerts(week_inputs(SURGE), CONSTANTS)
    assert (alert.region, alert.topic, alert.observed) == ("06", "ict", 12.0)
    assert alert.expected < alert.threshold <= alert.observed


def test_an_alert_shows_what_it_was_raised_with() -> None:
    (alert,) = alerts(with_days(week_inputs(SURGE)), CONSTANTS)
    p = {k: float(v) for k, v in alert.parameters.items()}
    shape, rate = np.array([p["gamma_shape"]]), p["gamma_rate"]
    mean = p["exposure"] * shape / rate
    assert mean[0] == pytest.approx(alert.expected)
    again = tail(np.array([12.0]), mean, shape, p["dispersion"], p["week_variance"])
    assert again[0] == pytest.approx(p["p_window_1"])
    windows = [np.array([p[f"p_window_{n}"]]) for n in (1, 2, 3)]
    assert combine(windows, [1 / 3] * 3)[0] == pytest.approx(p["p_predictive"])
    methods = ("predictive", "weekly", "weekday")
    whole = combine([np.array([p[f"p_{m}"]]) for m in methods], [p[f"weight_{m}"] for m in methods])
    assert whole[0] == pytest.approx(alert.p_value)
    assert alert.p_value <= p["p_cut"] <= p["false_discovery_rate"]


def test_a_week_with_the_thresholds_count_is_still_an_alert_and_one_below_is_not() -> None:
    (alert,) = alerts(week_inputs(SURGE), CONSTANTS)
    cut = float(alert.parameters["p_cut"])

    def p_at(count: float) -> float:
        weighted = tuple(replace(s, relevant=count / 12) for s in SURGE)
        found = evidence(week_inputs(weighted), CONSTANTS)
        return float(found.combined(OWN)[found.keys.index(("06", "ict"))])

    assert p_at(alert.threshold) <= cut < p_at(alert.threshold - 0.02)


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
    assert evidence(week_inputs(SURGE, before=deaf), CONSTANTS).keys == ()


def test_a_region_that_is_not_heard_is_not_tested() -> None:
    assert evidence(week_inputs(SURGE, exposure=0.2), CONSTANTS).keys == ()


def test_half_an_exposure_expects_half() -> None:
    full, half = (evidence(week_inputs(exposure=e), CONSTANTS).expected[0] for e in (1.0, 0.5))
    assert half == pytest.approx(full / 2)


def test_more_news_is_never_less_unlikely() -> None:
    def p(n: int) -> float:
        inputs = with_days(week_inputs(tuple(story(i) for i in range(n))))
        found = evidence(inputs, CONSTANTS)
        return float(found.combined(OWN)[found.keys.index(("06", "ict"))])

    assert all(more <= less for less, more in pairwise(p(n) for n in range(0, 12)))


def test_many_stories_on_one_day_weigh_more_than_the_same_over_the_week() -> None:
    def p(days: list[str]) -> float:
        inputs = with_days(week_inputs(SURGE))
        spread = [replace(s, day=days[i % len(days)]) for i, s in enumerate(SURGE)]
        past_days = inputs.days[:42]
        now = day_counts(date(2026, 11, 9), date(2026, 11, 15), spread, 0.5)
        found = evidence(replace(inputs, days=(*past_days, *now)), CONSTANTS)
        return float(found.weekday[found.keys.index(("06", "ict"))])

    assert p(["2026-11-10"]) < p([f"2026-11-{d:02}" for d in range(9, 15)])


def test_a_public_holiday_is_compared_with_sundays() -> None:
    days = day_counts(date(2026, 12, 6), date(2026, 12, 8), (), 0.5)  # Independence Day, a Sunday
    assert [d.weekday for d in days] == [6, 0, 1]
    (christmas,) = day_counts(date(2026, 12, 25), date(2026, 12, 25), (), 0.5)  # a Friday
    assert christmas.weekday == 6
    # Much on Sundays and nothing on weekdays: the same news on a holiday is less of a surprise.
    inputs = with_days(week_inputs(SURGE))
    cells = tuple((u, "ict", 10.0) for u in UNITS)
    rest = tuple(replace(d, topics=cells if d.weekday == 6 else ()) for d in inputs.days[:42])

    def p(weekday: int) -> float:
        now = DayCounts("2026-11-10", weekday, (("06", "ict", 12.0),))
        found = evidence(replace(inputs, days=(*rest, now)), CONSTANTS)
        return float(found.weekday[found.keys.index(("06", "ict"))])

    assert p(1) < 0.01 < p(6)


def test_a_topic_that_rises_everywhere_is_no_reason_to_expect_it_next_week() -> None:
    """A past week that stands out is weighed down, so the week after is still unusual."""
    event = replace(past(7)[-1], week="2026-W45", topics=(("06", "ict", 12.0),))
    after = (*past(6)[:-1], event)
    (alert,) = alerts(week_inputs(SURGE, before=after), CONSTANTS)
    assert (alert.region, alert.topic) == ("06", "ict")
    assert alert.expected < 3


@given(st.floats(0.1, 30), st.floats(0.1, 30), st.floats(0.3, 2), st.floats(0, 1))
def test_the_tail_is_a_falling_probability(mean: float, shape: float, phi: float, v: float) -> None:
    counts = np.arange(0, 40, 0.5)
    ones = np.ones_like(counts)
    tails = tail(counts, mean * ones, shape * ones, phi, v)
    assert tails[0] == 1.0
    assert (np.diff(tails) <= 1e-12).all()
    assert (tails >= 0).all()


def test_the_tail_of_counts_is_that_of_the_predictive_distribution() -> None:
    rng = np.random.default_rng(2)
    drawn = rng.poisson(0.8 * rng.gamma(3.0, size=200_000) / 5.0)
    one = np.array([2.0])
    p = tail(one, np.array([0.8 * 3 / 5]), np.array([3.0]), 1.0, 0.0)
    assert p[0] == pytest.approx((drawn >= 2).mean(), abs=0.005)


def test_weighted_counts_hold_their_level() -> None:
    """Sums of story weights without any event: about one in a hundred below 0.01, never far above."""
    rng = np.random.default_rng(4)
    rates = rng.gamma(2.0, 1.0, (23, 14))
    n = rng.poisson(rates * rng.gamma(10, 0.1, (40, 23, 14)))
    weights = rng.beta(3, 1.5, (n.max(), *n.shape))
    counts = np.where(np.arange(n.max())[:, None, None, None] < n, weights, 0).sum(axis=0)
    p = []
    for week in range(12, 40):
        model = predict(counts[week - 12 : week], np.ones((12, 23)), OWN)
        p.append(model.tail(counts[week], np.ones(23)))
    assert 0.5 < (np.array(p) < 0.01).mean() / 0.01 < 1.5
    assert model.dispersion < 1  # weights below one scatter less than whole stories


def test_a_rise_of_three_weeks_is_seen_where_no_week_alone_is() -> None:
    counts, heard = np.ones((12, 3, 2)), np.ones((12, 3))
    counts[-2:, 0, 0] = 4.0
    now = np.ones((3, 2))
    now[0, 0] = 4.0
    p = [w.tail(now)[0, 0] for w in windows(counts, heard, np.ones(3), OWN)]
    assert p[2] < p[1] < p[0]


def test_a_window_reaching_before_the_first_weeks_has_no_opinion() -> None:
    counts, heard = np.ones((4, 3, 2)), np.ones((4, 3))
    p = [w.tail(np.ones((3, 2))) for w in windows(counts, heard, np.ones(3), OWN)]
    assert [bool(np.isnan(x).all()) for x in p] == [False, False, True]


def test_a_small_region_is_not_expected_to_be_like_the_country() -> None:
    counts = np.ones((6, 3, 2))
    counts[:, 0] = 0.1
    model = predict(counts, np.ones((6, 3)), OWN)
    assert model.mean(np.ones(3))[0, 0] < 0.25


def test_the_combination_is_the_published_one_and_bounded() -> None:
    one = combine([np.array([0.01, 0.2, np.nan])], [1.0])
    assert one == pytest.approx([0.01, 0.2, 1.0])
    two = combine([np.array([0.001]), np.array([0.5])], [0.5, 0.5])
    assert two == pytest.approx([0.002], rel=1e-3)
    absent = combine([np.array([0.001]), np.array([np.nan])], [0.5, 0.5])
    assert absent == pytest.approx([0.001])
    assert combine([np.array([0.0]), np.array([1.0])], [0.5, 0.5])[0] < 1e-10


def test_the_false_discovery_cut_is_the_published_procedure() -> None:
    p_values = [0.6, 0.001, 0.039, 0.008, 0.041]
    assert discovery_cut(p_values, 0.05) == 0.008
    assert discovery_cut(p_values, 0.0521) == 0.041
    assert discovery_cut([], 0.1) == 0.0


@given(st.lists(st.floats(0.2, 1), max_size=30))
def test_nothing_unlikely_means_no_discovery(p_values: list[float]) -> None:
    assert discovery_cut(p_values, 0.1) == 0.0


def test_alerts_do_not_depend_on_the_order_of_stories() -> None:
    inputs = week_inputs(SURGE)
    turned = replace(inputs, stories=tuple(reversed(inputs.stories)))
    assert alerts(turned, CONSTANTS) == alerts(inputs, CONSTANTS)
