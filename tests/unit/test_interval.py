"""The Monte Carlo draws: what widens an interval, and that the model's own truth lies in it."""

from dataclasses import replace

import numpy as np
import pytest

from monitor.risk import media
from monitor.risk.inputs import Cells, ErrorRate, WeekInputs, tally
from monitor.risk.interval import interval, rank_ranges, simulate, story_counts
from monitor.risk.media import Array
from monitor.risk.score import past_expectation
from tests.risk_examples import (
    CONSTANTS,
    GROUPS,
    UNITS,
    component,
    coverage,
    past,
    story,
    week_inputs,
)

LEVEL = CONSTANTS.interval.level
ICT = 4
PERFECT = tuple(ErrorRate(t, 1.0, 1.0) for t in ("relevance", "region", "topic", "direction"))


def _width(inputs: WeekInputs, which: str) -> float:
    draws = getattr(simulate(inputs, past_expectation(inputs, CONSTANTS), CONSTANTS), which)
    low, high = np.quantile(draws[:, 0, ICT], [0.1, 0.9])
    return float(high - low)


def test_a_missing_component_widens_the_readiness_interval() -> None:
    known = week_inputs(components=(component("roadmap", 0.5), component("survey", 0.5)))
    missing = week_inputs(components=(component("roadmap", 0.5), component("survey", None)))
    assert _width(missing, "readiness") > 2 * _width(known, "readiness")


def test_age_widens_the_readiness_interval() -> None:
    fresh, old = (week_inputs(components=(component(done=0.5, age=a),)) for a in (0, 400))
    assert _width(old, "readiness") > _width(fresh, "readiness") + 0.1


def test_poor_classifiers_widen_the_media_interval() -> None:
    inputs = week_inputs(tuple(story(i) for i in range(8)), draws=2000)
    poor = tuple(ErrorRate(e.task, 0.4, 0.4) for e in PERFECT)
    good = _width(replace(inputs, error_rates=PERFECT), "media")
    assert _width(replace(inputs, error_rates=poor), "media") > good * 1.2


def test_a_task_without_a_measurement_is_not_taken_for_perfect() -> None:
    inputs = week_inputs(tuple(story(i) for i in range(8)), draws=2000)
    unmeasured = _width(replace(inputs, error_rates=()), "media")
    assert unmeasured > _width(replace(inputs, error_rates=PERFECT), "media")


def test_partial_coverage_widens_the_media_interval() -> None:
    stories = tuple(story(i) for i in range(6))
    partly = week_inputs(stories, exposure=0.4, draws=2000)
    one_group = replace(partly, coverage=tuple(coverage(u, 0.4, 1) for u in UNITS))
    many = replace(partly, coverage=tuple(coverage(u, 0.4, 50) for u in UNITS))
    assert _width(one_group, "media") > _width(many, "media")


def test_drawn_stories_have_the_weighted_count_as_their_mean() -> None:
    stories = (
        story(1, likely=0.7, raises=0.6, progress=0.2, publishers=3),
        story(2, likely=0.9, raises=0.1, progress=0.8),
        replace(story(3, likely=0.8), regions=(("06", 0.8), ("17", 0.3))),
    )
    inputs = week_inputs(stories, draws=20_000)
    drawn = story_counts(inputs, 0.5, np.random.default_rng(3)).mean(axis=0)
    for (unit, group), value in tally(stories, 0.5, by="groups").items():
        cell = drawn[inputs.units.index(unit), inputs.groups.index(group)]
        assert cell == pytest.approx(value, abs=0.03)


def test_a_unit_the_inputs_do_not_know_is_passed_over() -> None:
    inputs = week_inputs((story(region="NAT"),))
    assert not story_counts(inputs, 0.5, np.random.default_rng(1)).any()


def test_the_interval_holds_the_point_value_that_leaves_missing_ones_out() -> None:
    values = np.linspace(0.4, 0.6, 101)
    assert interval(values, 0.5, LEVEL).low == pytest.approx(0.42)
    assert interval(values, 0.1, LEVEL).low == 0.1
    assert interval(values, 0.9, LEVEL).high == 0.9


def test_certain_ranks_have_narrow_ranges_and_equal_units_wide_ones() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal([50.0, 50.0, 50.0, 10.0, 90.0], 1.0, size=(2000, 5))
    ranges = rank_ranges(values, [2, 3, 4, 5, 1], LEVEL)
    assert ranges[3:] == [(5, 5), (1, 1)]
    assert ranges[0] == (2, 4)


def test_on_data_from_the_model_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Rates, past weeks and stories drawn from the model itself; classifiers without error."""
    rng, held = np.random.default_rng(11), []
    for seed in range(80):
        national, expected, rate = _true_rates(rng)
        inputs = replace(_observed(expected, rate, rng), seed=seed)
        drawn = simulate(inputs, past_expectation(inputs, CONSTANTS), CONSTANTS).media[
            :, :, : len(GROUPS)
        ]
        low, high = np.quantile(drawn, [0.1, 0.9], axis=0)
        truth = media.pressure(rate, expected, national, CONSTANTS.media)
        held.append((low <= truth) & (truth <= high))
    assert 0.75 <= np.mean(held) <= 0.85


def _true_rates(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    c = CONSTANTS.media
    shape = np.full((1, len(GROUPS)), c.national_rate * c.national_weeks)
    national = rng.gamma(shape) / c.national_weeks
    expected = rng.gamma(np.repeat(c.region_weeks * national, len(UNITS), axis=0)) / c.region_weeks
    return national, expected, rng.gamma(c.week_weeks * expected) / c.week_weeks


def _observed(expected: Array, rate: Array, rng: np.random.Generator) -> WeekInputs:
    cells = [(r, g) for r in range(len(UNITS)) for g in range(len(GROUPS))]
    before = tuple(
        replace(week, groups=_counts(cells, rng.poisson(expected).astype(float)))
        for week in past(12, count=0)
    )
    told = [(UNITS[r], GROUPS[g]) for r, g in cells for _ in range(rng.poisson(rate[r, g]))]
    stories = tuple(story(i, *cell) for i, cell in enumerate(told))
    return replace(week_inputs(stories, before=before, draws=400), error_rates=PERFECT)


def _counts(cells: list[tuple[int, int]], drawn: Array) -> Cells:
    return tuple((UNITS[r], GROUPS[g], float(drawn[r, g])) for r, g in cells)
