"""Which source makes a score uncertain: shares of the variance with a known answer, and their properties."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.risk.inputs import ErrorRate, Readiness, WeekInputs
from monitor.risk.sensitivity import Sensitivity, sensitivity, share
from monitor.values import ALL_GROUPS, ReadinessState
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

LEVEL_OF_CHANCE = 4  # standard errors that a right estimate stays within
PERFECT = tuple(ErrorRate(t, 1.0, 1.0) for t in ("relevance", "region", "topic", "direction"))


def of(inputs: WeekInputs, group: str = ALL_GROUPS) -> Sensitivity:
    return next(s for s in sensitivity(inputs, CONSTANTS, "06") if s.group == group)


def shares(found: Sensitivity) -> dict[str, float]:
    return {s.source: s.first for s in found.shares}


def test_ishigamis_function_has_the_indices_that_are_known_in_closed_form() -> None:
    """Ishigami and Homma 1990, a = 7, b = 0.1: S = 0.3139, 0.4424, 0; T = 0.5576, 0.4424, 0.2437."""
    rng = np.random.default_rng(4)
    a, b = rng.uniform(-np.pi, np.pi, (2, 3, 20_000))

    def f(x: np.ndarray) -> np.ndarray:
        return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])

    for i, (first, total) in enumerate([(0.3139, 0.5576), (0.4424, 0.4424), (0.0, 0.2437)]):
        a_with_b, b_with_a = a.copy(), b.copy()
        a_with_b[i], b_with_a[i] = b[i], a[i]
        found = share(str(i), f(a), f(b), f(a_with_b), f(b_with_a))
        assert abs(found.first - first) < LEVEL_OF_CHANCE * found.first_error
        assert abs(found.total - total) < LEVEL_OF_CHANCE * found.total_error
        assert found.first_error < 0.012


def test_the_standard_errors_are_as_large_as_the_scatter_of_the_estimates() -> None:
    rng, estimates, errors = np.random.default_rng(9), [], []
    for _ in range(200):
        a, b = rng.normal(size=(2, 2, 500))
        found = share("x", a.sum(0), b.sum(0), b[0] + a[1], a[0] + b[1])
        estimates.append((found.first, found.total))
        errors.append((found.first_error, found.total_error))
    assert np.mean(estimates, axis=0) == pytest.approx([0.5, 0.5], abs=0.01)
    assert np.mean(errors, axis=0) == pytest.approx(np.std(estimates, axis=0), rel=0.2)


def test_two_missing_components_share_the_readiness_variance_as_the_squares_of_their_weights() -> (
    None
):
    """The worked example: weights 0.30 and 0.10 missing give 9 : 1, for each is uniform."""
    parts = (
        component("roadmap", None, weight=0.3),
        component("grants", None, weight=0.1),
        component("indicator", 0.5, weight=0.6),
    )
    found = shares(of(week_inputs(components=parts, before=(), draws=8000), "ict_muutos"))
    ratio = found["missing:roadmap"] / found["missing:grants"]
    assert ratio == pytest.approx(9, rel=0.25)


def test_a_source_that_does_not_vary_has_no_share_at_all() -> None:
    certain = replace(week_inputs((story(1),), draws=400), error_rates=PERFECT)
    found = {s.source: s for s in of(certain).shares}
    for source in ("stories", "classifiers", "aged"):
        assert (found[source].first, found[source].total, found[source].first_error) == (0, 0, 0)
    assert not [s for s in found if s.startswith("missing")]
    assert found["counts"].total > 0.1


def test_what_is_unsure_about_a_region_shows_up_under_its_name() -> None:
    unsure = week_inputs(tuple(story(i, likely=0.6, publishers=5) for i in range(3)), draws=2000)
    assert shares(of(unsure))["stories"] > 0.1
    partly = replace(unsure, coverage=tuple(coverage(u, 0.4, 1) for u in UNITS))
    assert shares(of(partly))["coverage"] > shares(of(unsure))["coverage"]
    old = week_inputs(components=(component(done=0.5, age=500),), draws=2000)
    assert shares(of(old))["aged"] > 0.1


def test_a_group_without_any_component_is_a_source_of_its_own() -> None:
    inputs = week_inputs(draws=400)
    nothing = tuple(Readiness(u, g, ()) for u in UNITS for g in GROUPS)
    found = of(replace(inputs, readiness=nothing))
    assert shares(found)["missing:"] > 0.2
    assert of(replace(inputs, readiness=())).shares != ()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.05, 1), st.floats(0, 1)), max_size=5),
    st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=4),
    st.integers(0, 600),
    st.floats(0.05, 1),
    st.integers(0, 2**32 - 1),
)
def test_shares_lie_between_nothing_and_all_and_sum_to_at_most_all(
    told: list[tuple[float, float]],
    done: list[float | None],
    age: int,
    exposure: float,
    seed: int,
) -> None:
    stories = tuple(
        story(i, raises=r, progress=(1 - r) / 2, likely=p) for i, (p, r) in enumerate(told)
    )
    parts = tuple(component(f"c{i}", d, weight=0.3, age=age) for i, d in enumerate(done))
    inputs = replace(
        week_inputs(stories, components=parts, exposure=exposure, draws=400), seed=seed
    )
    for found in sensitivity(inputs, CONSTANTS, "06"):
        for s in found.shares:
            assert -5 * s.first_error - 1e-9 <= s.first <= 1 + 5 * s.first_error
            assert 0 <= s.total <= 1 + 5 * s.total_error + 1e-9
            assert s.first - s.total <= 5 * (s.first_error + s.total_error) + 1e-9
        sum_error = sum(s.first_error for s in found.shares)
        assert found.together >= -5 * sum_error - 1e-9


def test_the_same_seed_gives_the_same_bytes_and_another_one_others() -> None:
    inputs = week_inputs((story(1, likely=0.6),), draws=300)
    first, again = (sensitivity(inputs, CONSTANTS, "06") for _ in range(2))
    assert repr(first) == repr(again)
    assert sensitivity(replace(inputs, seed=2), CONSTANTS, "06") != first


def test_every_group_and_the_total_have_a_row_and_other_regions_news_changes_nothing() -> None:
    inputs = week_inputs((story(1, likely=0.6),), before=past(), draws=300)
    found = sensitivity(inputs, CONSTANTS, "06")
    assert [s.group for s in found] == [*GROUPS, ALL_GROUPS]
    more = replace(inputs, stories=(*inputs.stories, story(2, "17"), story(3, "18")))
    assert sensitivity(more, CONSTANTS, "06") == found


def test_what_is_not_due_varies_nothing() -> None:
    later = replace(component("survey", None), state=ReadinessState.NOT_YET_DUE)
    found = of(week_inputs(components=(component(), later), draws=300))
    assert "missing:survey" not in shares(found)
