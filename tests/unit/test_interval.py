"""The Monte Carlo draws: what widens an interval, and that the model's own truth lies in it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma, kstest

from monitor.risk import media
from monitor.risk.inputs import Cells, ErrorRate, WeekInputs, tally
from monitor.risk.interval import central, holding, power_mean, rank_ranges, simulate, story_counts
from monitor.risk.media import Array
from monitor.risk.score import past_expectation, scores
from monitor.risk.variates import noise
from monitor.values import Interval, ReadinessComponent
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
    low, high = central(draws[ICT, 0], LEVEL)
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
    drawn = story_counts(inputs, 0.5).mean(axis=2)
    for (unit, group), value in tally(stories, 0.5, by="groups").items():
        cell = drawn[inputs.groups.index(group), inputs.units.index(unit)]
        assert cell == pytest.approx(value, abs=0.03)


def test_a_unit_the_inputs_do_not_know_is_passed_over() -> None:
    inputs = week_inputs((story(region="NAT"),))
    assert not story_counts(inputs, 0.5).any()


def test_what_is_certain_happens_in_every_draw_and_what_is_impossible_in_none() -> None:
    sure, never = story(1), story(2, "17", likely=1.0)
    inputs = week_inputs((sure, replace(never, relevant=0.0)), draws=20_000)
    drawn = story_counts(inputs, 0.5)
    assert (drawn[ICT, 0] == 1).all()
    assert not drawn[ICT, 1].any()


def test_the_interval_is_the_central_share_and_holds_the_point_that_leaves_missing_ones_out() -> (
    None
):
    low, high = map(float, central(np.linspace(0.6, 0.4, 101, dtype=np.float32), LEVEL))
    assert low == pytest.approx(0.42)
    assert high == pytest.approx(0.58)
    assert holding(low, high, 0.5) == Interval(low, high)
    assert holding(low, high, 0.1).low == 0.1
    assert holding(low, high, 0.9).high == 0.9


def test_certain_ranks_have_narrow_ranges_and_equal_units_wide_ones() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal([50.0, 50.0, 50.0, 10.0, 90.0], 1.0, size=(2000, 5))
    ranges = rank_ranges(values.T.astype(np.float32), [2, 3, 4, 5, 1], LEVEL)
    assert ranges[3:] == [(5, 5), (1, 1)]
    assert ranges[0] == (2, 4)


def test_equal_units_share_the_better_rank_in_every_draw() -> None:
    values = np.array([[5.0] * 100, [5.0] * 100, [1.0] * 100], dtype=np.float32)
    assert rank_ranges(values, [1, 1, 3], LEVEL) == [(1, 1), (1, 1), (3, 3)]


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=5), st.sampled_from([1.5, 2, 3, 4]))
def test_the_power_mean_of_the_draws_is_that_of_the_point(values: list[float], p: float) -> None:
    drawn = np.array(values, np.float32)[:, None, None]
    weights, out = (
        np.full((len(values), 1), 1 / len(values), np.float32),
        np.empty((1, 1), np.float32),
    )
    power_mean(drawn, weights, p, out)
    assert float(out[0, 0]) == pytest.approx(np.mean(np.array(values) ** p) ** (1 / p), abs=2e-3)


def test_the_noise_is_the_same_for_every_week_so_that_more_stories_raise_every_draw() -> None:
    few, more = (week_inputs(tuple(story(i) for i in range(n)), draws=500) for n in (3, 4))
    a, b = (simulate(x, past_expectation(x, CONSTANTS), CONSTANTS) for x in (few, more))
    assert (b.media >= a.media).all()
    assert (b.readiness == a.readiness).all()


@pytest.mark.parametrize("shape", [0.1, 0.25, 1.0, 3.0, 40.0])
def test_the_gamma_variates_are_as_the_docs_say_within_four_thousandths_of_gamma(
    shape: float,
) -> None:
    made = noise(7, 100_000, 1, 1, 1, 1).week.variate(np.full((1, 1), shape), 0).ravel()
    error = kstest(made.astype(float), gamma(shape).cdf).statistic
    assert (
        error < 0.004 + 1.63 / 100_000**0.5
    )  # the second is what chance does in 99 of 100 samples


def _position(values: Array, point: Array) -> float:
    """Mean share of the draws below the point."""
    return float((values < point[..., None]).mean())


def test_where_data_are_complete_the_points_lie_in_the_middle_of_their_draws() -> None:
    """Readiness observed today, measured classifiers, stories from the model; 40 weeks of 15 cells."""
    rng, found = np.random.default_rng(3), []
    for seed in range(40):
        _, expected, rate = _true_rates(rng)
        inputs = replace(_observed(expected, rate, rng), seed=seed, error_rates=())
        drawn = simulate(inputs, past_expectation(inputs, CONSTANTS), CONSTANTS)
        points = {(s.region, s.group): s for s in scores(inputs, CONSTANTS)}
        for name in ("readiness", "media", "combined"):
            point = np.array([[getattr(points[u, g], name) for u in UNITS] for g in GROUPS])
            found.append((name, _position(getattr(drawn, name)[: len(GROUPS)], point)))
    for name in ("readiness", "media", "combined"):
        assert 0.42 < np.mean([p for n, p in found if n == name]) < 0.58, name


@pytest.mark.slow
def test_on_data_from_the_model_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Rates, past weeks, stories, done shares and weights drawn from the model; 150 weeks of 15 cells."""
    rng, held = np.random.default_rng(11), []
    for seed in range(150):
        national, expected, rate = _true_rates(rng)
        components, gap = _true_gap(rng)
        inputs = _observed(expected, rate, rng, components)
        found = {(s.region, s.group): s for s in scores(replace(inputs, seed=seed), CONSTANTS)}
        pressure = media.pressure(rate, expected, national, CONSTANTS.media)
        for g, group in enumerate(GROUPS):
            combined = _true_combined(gap, pressure[:, g], group, rng)
            for r, unit in enumerate(UNITS):
                score = found[unit, group]
                held.append(
                    [
                        _holds(score.readiness_interval, gap),
                        _holds(score.media_interval, pressure[r, g]),
                        _holds(score.combined_interval, combined[r]),
                    ]
                )
    for name, share in zip(("R", "M", "C"), np.mean(held, axis=0), strict=True):
        assert 0.75 <= share <= 0.85, (name, share)


def _holds(interval: Interval | None, truth: float) -> bool:
    return interval is not None and interval.low <= truth <= interval.high


def _true_gap(rng: np.random.Generator) -> tuple[tuple[ReadinessComponent, ...], float]:
    """Three components reported 0-400 days ago and one missing; the gap as it is now."""
    own, names = CONSTANTS.readiness, ("roadmap", "survey", "grants", "interview")
    nominal = np.array([0.4, 0.3, 0.2, 0.1])
    weights = rng.dirichlet(nominal * CONSTANTS.interval.weight_concentration)
    ages = rng.integers(0, 400, 4)
    fresh = 0.5 ** (ages / own.half_life_days)
    reported, moved = rng.uniform(0.3, 0.7, 4), (1 - fresh) * own.drift
    now = rng.uniform(np.maximum(reported - moved, 0), np.minimum(reported + moved, 1))
    now[3], fresh[3] = rng.random(), 1.0  # missing: anywhere, and not discounted
    made = [
        component(n, float(d), weight=float(w), age=int(a))
        for n, d, w, a in zip(names, reported, nominal, ages, strict=True)
    ]
    made[3] = component(names[3], None, weight=0.1)
    mass = weights * fresh
    return tuple(made), float((mass * (1 - now)).sum() / mass.sum())


def _true_combined(gap: float, pressure: Array, group: str, rng: np.random.Generator) -> Array:
    own = CONSTANTS.combined
    nominal = np.array([own.readiness_weight[group], own.media_weight[group]])
    mean = nominal / nominal.sum()
    drawn = rng.dirichlet(mean * CONSTANTS.interval.weight_concentration)
    w = np.minimum(nominal * drawn / mean, 1)
    return 100 * (1 - (1 - w[0] * gap) * (1 - w[1] * pressure))  # type: ignore[no-any-return]


def _true_rates(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    c = CONSTANTS.media
    shape = np.full((1, len(GROUPS)), c.national_rate * c.national_weeks)
    national = rng.gamma(shape) / c.national_weeks
    expected = rng.gamma(np.repeat(c.region_weeks * national, len(UNITS), axis=0)) / c.region_weeks
    return national, expected, rng.gamma(c.week_weeks * expected) / c.week_weeks


def _observed(
    expected: Array,
    rate: Array,
    rng: np.random.Generator,
    components: tuple[ReadinessComponent, ...] | None = None,
) -> WeekInputs:
    cells = [(r, g) for r in range(len(UNITS)) for g in range(len(GROUPS))]
    before = tuple(
        replace(week, groups=_counts(cells, rng.poisson(expected).astype(float)))
        for week in past(12, count=0)
    )
    told = [(UNITS[r], GROUPS[g]) for r, g in cells for _ in range(rng.poisson(rate[r, g]))]
    stories = tuple(story(i, *cell) for i, cell in enumerate(told))
    made = week_inputs(stories, before=before, draws=400, components=components)
    return replace(made, error_rates=PERFECT)


def _counts(cells: list[tuple[int, int]], drawn: Array) -> Cells:
    return tuple((UNITS[r], GROUPS[g], float(drawn[r, g])) for r, g in cells)
