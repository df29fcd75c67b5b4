"""The two shares of region x topic coverage, and the regions that are forgotten."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.risk.forgotten import Heard, coverage_matrix, forgotten, share, unknown
from tests.risk_examples import CONSTANTS, story

OWN = CONSTANTS.forgotten
UNITS, TOPICS = ("06", "17", "18"), ("ict", "finance")


def stories(region: str, n: int, group: str = "ict_muutos", first: int = 0):  # type: ignore[no-untyped-def]
    return tuple(story(first + i, region, group) for i in range(n))


def test_the_two_shares_ask_different_questions() -> None:
    """A small region that writes of one topic only, beside a large one that writes of it too."""
    told = (
        *stories("06", 20),
        *stories("06", 60, "hallinto_talous_tukipalvelut", 100),
        *stories("17", 4, first=300),
    )
    cells = {(c.region, c.topic): c for c in coverage_matrix(told, UNITS, TOPICS, 0.8)}
    small, large = cells["17", "ict"], cells["06", "ict"]
    assert (small.of_region.value, small.of_topic.value) == (1.0, pytest.approx(4 / 24))
    assert (large.of_region.value, large.of_topic.value) == (0.25, pytest.approx(20 / 24))
    assert (small.of_region.part, small.of_region.whole) == (4, 4)


def test_a_region_without_news_has_no_share_and_not_a_share_of_zero() -> None:
    cell = next(
        c for c in coverage_matrix(stories("06", 3), UNITS, TOPICS, 0.8) if c.region == "18"
    )
    assert cell.of_region.value is None
    assert cell.of_region.interval is None
    assert cell.of_topic.value in (0.0, None)


def test_a_story_counts_with_its_probabilities_whatever_its_direction() -> None:
    doubtful = replace(story(1, likely=0.5), raises=0.0, progress=1.0)
    cell = coverage_matrix((doubtful,), UNITS, TOPICS, 0.8)[0]
    assert cell.of_region.part == pytest.approx(0.125)  # relevant x region x topic
    assert cell.of_region.whole == pytest.approx(0.25)


@given(st.floats(0, 50), st.floats(0.01, 50), st.floats(0.5, 0.99))
def test_an_interval_holds_its_share_and_lies_in_0_1(
    part: float, more: float, level: float
) -> None:
    found = share(part, part + more, level)
    assert found.value is not None
    assert found.interval is not None
    assert 0 <= found.interval.low <= found.interval.high <= 1
    wider = share(part, part + more, min(0.999, level + 0.009))
    assert wider.interval is not None
    assert wider.interval.low <= found.interval.low
    assert wider.interval.high >= found.interval.high


def test_the_interval_holds_the_true_share_as_often_as_it_says() -> None:
    rng = np.random.default_rng(8)
    held = []
    for n in (5, 20, 80):
        for true in (0.1, 0.3, 0.5):
            for k in rng.binomial(n, true, 400):
                limits = share(float(k), float(n), 0.8).interval
                assert limits is not None
                held.append(limits.low <= true <= limits.high)
    assert 0.77 < np.mean(held) < 0.88


def heard(region: str, gap: float | None, exposure: float = 1.0, people: int | None = 200_000):  # type: ignore[no-untyped-def]
    return Heard(region, people, gap, exposure)


def test_poor_readiness_and_little_news_is_forgotten() -> None:
    regions = [heard("06", 0.8), heard("17", 0.2), heard("18", 0.3)]
    told = (*stories("06", 1), *stories("17", 20, first=100), *stories("18", 20, first=200))
    (found,) = forgotten(regions, told, OWN.weeks, OWN)
    assert (found.region, found.why, found.readiness_rank, found.ranked) == ("06", ("quiet",), 1, 3)
    assert found.per_100_000 == pytest.approx(1 / OWN.weeks / 2)
    assert found.interval is not None
    assert found.interval.low < found.per_100_000 < found.interval.high


def test_poor_readiness_with_much_news_is_not_forgotten_nor_is_quiet_with_good() -> None:
    regions = [heard("06", 0.8), heard("17", 0.2), heard("18", 0.3)]
    told = (*stories("06", 30), *stories("17", 1, first=100), *stories("18", 20, first=200))
    assert forgotten(regions, told, OWN.weeks, OWN) == ()


def test_a_region_that_was_not_heard_is_forgotten_for_that_and_not_called_quiet() -> None:
    regions = [heard("06", 0.8, exposure=0.2), heard("17", 0.2), heard("18", 0.3)]
    told = (*stories("17", 20, first=100), *stories("18", 20, first=200))
    (found,) = forgotten(regions, told, OWN.weeks, OWN)
    assert found.why == ("not heard",)


def test_news_is_compared_per_inhabitant() -> None:
    regions = [heard("06", 0.8, people=2_000_000), heard("17", 0.2), heard("18", 0.3)]
    told = (*stories("06", 30), *stories("17", 10, first=100), *stories("18", 10, first=200))
    assert [f.region for f in forgotten(regions, told, OWN.weeks, OWN)] == ["06"]


def test_a_region_without_a_readiness_number_is_named_apart() -> None:
    regions = [heard("06", None), heard("17", 0.2), heard("18", 0.3)]
    assert unknown(regions) == ("06",)
    assert "06" not in {f.region for f in forgotten(regions, (), OWN.weeks, OWN)}


def test_a_unit_without_inhabitants_of_its_own_can_only_be_unheard() -> None:
    regions = [heard("HUS", 0.8, people=None), heard("17", 0.2), heard("18", 0.3)]
    assert "HUS" not in {f.region for f in forgotten(regions, (), OWN.weeks, OWN)}
    deaf = [heard("HUS", 0.8, 0.1, None), heard("17", 0.2), heard("18", 0.3)]
    (found,) = forgotten(deaf, (), OWN.weeks, OWN)
    assert (found.region, found.per_100_000, found.interval) == ("HUS", None, None)
