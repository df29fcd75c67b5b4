"""What was heard of a region and topic: never below what was told, never a zero for silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.risk.score import past_expectation, pressure_at
from monitor.risk.topics import TopicSignal, topic_signals
from tests.risk_examples import CONSTANTS, UNITS, past, story, week_inputs


def cell(
    stories: int, region: str = "06", topic: str = "ict", exposure: float = 1.0, raises: float = 1.0
) -> TopicSignal:
    told = tuple(story(i, raises=raises, progress=1 - raises) for i in range(stories))
    found = topic_signals(week_inputs(told, exposure=exposure), CONSTANTS)
    (wanted,) = (c for c in found if (c.region, c.topic) == (region, topic))
    return wanted


def test_every_cell_is_told_of_in_order() -> None:
    inputs = week_inputs()
    cells = [(c.region, c.topic) for c in topic_signals(inputs, CONSTANTS)]
    assert cells == [(u, t) for u in inputs.units for t in inputs.topics]


def test_stories_are_counted_where_they_happen_and_by_direction() -> None:
    told = (story(1), story(2, raises=0.1, progress=0.9), story(3, likely=0.4), story(4, "17"))
    found = {(c.region, c.topic): c for c in topic_signals(week_inputs(told), CONSTANTS)}
    here = found["06", "ict"]
    assert (here.stories, here.raises, here.progress) == (2, 1, 1)
    assert found["17", "ict"].stories == 1
    assert found["06", "finance"].stories == 0


@given(st.integers(0, 12), st.floats(0.3, 1.0))
def test_numbers_lie_within_their_intervals_and_bounds(stories: int, exposure: float) -> None:
    found = cell(stories, exposure=exposure)
    assert found.rate is not None
    assert found.pressure is not None
    assert 0 <= found.rate.low <= found.rate.value <= found.rate.high
    assert 0 <= found.pressure.low <= found.pressure.value <= found.pressure.high <= 1


@given(st.integers(0, 10))
def test_a_further_risk_story_never_lowers_the_pressure(stories: int) -> None:
    less, more = cell(stories).pressure, cell(stories + 1).pressure
    assert less is not None
    assert more is not None
    assert more.value >= less.value
    assert more.low >= less.low


@given(st.integers(0, 10))
def test_progress_never_raises_the_pressure(stories: int) -> None:
    none, some = cell(0).pressure, cell(stories, raises=0.0).pressure
    assert none is not None
    assert some is not None
    assert some.value <= none.value


def test_an_unheard_region_has_no_pressure_and_not_a_low_one() -> None:
    found = cell(3, exposure=0.05)
    assert (found.rate, found.pressure, found.expected) == (None, None, None)
    assert found.stories == 3
    assert found.exposure == 0.05


def test_the_model_is_that_of_the_groups() -> None:
    """A group of one topic has the same pressure as its topic."""
    inputs = week_inputs((story(1), story(2)))
    counts = [
        [2.0 if (u, g) == ("06", "ict_muutos") else 0.0 for g in inputs.groups] for u in UNITS
    ]
    import numpy as np

    of_groups = pressure_at(
        np.array(counts), np.ones((len(UNITS), 1)), past_expectation(inputs, CONSTANTS), CONSTANTS
    )
    here = cell(2).pressure
    assert here is not None
    assert here.value == pytest.approx(of_groups[0, list(inputs.groups).index("ict_muutos")])


def test_weeks_that_were_not_heard_are_no_past() -> None:
    inputs = week_inputs(before=(*past(4), *past(2, exposure=0.05)))
    assert {c.past_weeks for c in topic_signals(inputs, CONSTANTS)} == {4}
