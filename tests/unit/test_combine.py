"""Readiness gap, combined score, totals and their parts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.risk.combine import (
    Gap,
    combined,
    freshness,
    gap,
    group_shares,
    halves,
    ranks,
    reason,
    total,
)
from monitor.values import NotReady, ReadinessState
from tests.risk_examples import CONSTANTS, GROUPS, component

R, C = CONSTANTS.readiness, CONSTANTS.combined
ICT = "ict_muutos"
SHARE = st.floats(0, 1)
POINTS = st.dictionaries(st.sampled_from(GROUPS), st.floats(0, 100), min_size=1)


def _value(*components: object) -> float:
    found = gap(components, R)  # type: ignore[arg-type]
    assert isinstance(found, Gap)
    return found.value


def test_the_gap_is_what_is_not_done() -> None:
    assert _value(component("roadmap", 0.25)) == 0.75
    assert _value(component("roadmap", 1.0), component("survey", 0.0)) == 0.5


@given(SHARE, SHARE, SHARE, st.integers(0, 2000))
def test_finishing_more_never_raises_the_gap(a: float, b: float, more: float, age: int) -> None:
    before = _value(component("roadmap", a, age=age), component("survey", b))
    after = _value(component("roadmap", a + (1 - a) * more, age=age), component("survey", b))
    assert 0 <= after <= before + 1e-12 <= 1 + 2e-12


@given(st.lists(st.tuples(SHARE, st.integers(0, 999)), min_size=1, max_size=6))
def test_the_parts_of_the_gap_sum_to_it(values: list[tuple[float, int]]) -> None:
    found = gap([component(str(i), d, age=a) for i, (d, a) in enumerate(values)], R)
    assert isinstance(found, Gap)
    assert abs(sum(part for _, part in found.parts) - found.value) < 1e-12


def test_an_old_observation_weighs_half_after_a_half_life() -> None:
    old = component("survey", 0.0, age=round(R.half_life_days))
    assert freshness(old, R) == 0.5
    assert abs(_value(component("roadmap", 1.0), old) - 1 / 3) < 1e-12


def test_a_missing_component_is_not_filled_in() -> None:
    known = component("roadmap", 0.2)
    assert _value(known, component("survey", None)) == _value(known)


@pytest.mark.parametrize("state", [ReadinessState.NOT_YET_DUE, ReadinessState.NOT_APPLICABLE])
def test_what_is_not_due_or_not_applicable_is_not_missing(state: ReadinessState) -> None:
    heavy = replace(component("roadmap", None, weight=10.0), state=state)
    assert _value(component("survey", 0.4, weight=0.1), heavy) == 0.6


def test_too_little_readiness_data_gives_no_gap_but_a_reason() -> None:
    thin = [component("survey", 0.9, weight=0.1), component("roadmap", None, weight=0.9)]
    assert gap(thin, R) == NotReady(("readiness:0.10:0.30",))
    assert gap([], R) == NotReady(("readiness:0.00:0.30",))


def test_a_reason_never_rounds_up_to_what_was_needed() -> None:
    assert reason("coverage", 0.2999, 0.3) == "coverage:0.29:0.30"


@given(SHARE, SHARE)
def test_the_two_halves_sum_to_the_combined_score(r: float, m: float) -> None:
    value = combined(r, m, ICT, C)
    assert 0 <= value <= 100
    assert abs(sum(halves(r, m, ICT, C)) - value) < 1e-9
    assert min(halves(r, m, ICT, C)) >= 0


@given(SHARE, SHARE, SHARE)
def test_the_combined_score_rises_with_either_half(r: float, m: float, more: float) -> None:
    value = combined(r, m, ICT, C)
    assert combined(max(r, more), m, ICT, C) >= value
    assert combined(r, max(m, more), ICT, C) >= value


@given(POINTS)
def test_the_total_lies_between_the_mean_and_the_worst_group(values: dict[str, float]) -> None:
    weight = sum(C.group_weight[g] for g in values)
    mean = sum(C.group_weight[g] / weight * x for g, x in values.items())
    assert mean - 1e-9 <= total(values, C) <= max(values.values())


def test_a_good_group_does_not_hide_a_bad_one() -> None:
    values = {g: 10.0 for g in GROUPS} | {ICT: 90.0}
    assert total(values, C) > 2 * sum(values.values()) / len(values)


@given(POINTS)
def test_the_group_shares_sum_to_the_total(values: dict[str, float]) -> None:
    shares = group_shares(values, C)
    assert abs(sum(shares.values()) - total(values, C)) < 1e-9
    assert min(shares.values()) >= 0


def test_equal_scores_share_the_better_rank() -> None:
    assert ranks({"06": 5.0, "17": 7.0, "18": 5.0}) == {"17": 1, "06": 2, "18": 2}
