"""Where support would help most: what closing a gap would do, and whose remedy it is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.risk.combine import combined
from monitor.risk.score import scores
from monitor.risk.support import reduction, support
from monitor.values import ALL_GROUPS, Interval, NotReady, Score
from tests.risk_examples import CONSTANTS, GROUPS, component, story, week_inputs

SCORES = scores(week_inputs((story(1), story(2, "17"))), CONSTANTS)


def with_gap(gaps: dict[str, float]) -> list[Score]:
    """SCORES with these readiness gaps per region, all else as it was."""
    changed = []
    for score in SCORES:
        gap = gaps.get(score.region)
        if gap is None or score.group == ALL_GROUPS or isinstance(score.media, NotReady):
            changed.append(score)
            continue
        whole = combined(gap, score.media, score.group, CONSTANTS.combined)
        around = Interval(gap * 0.9, min(1.0, gap * 1.1))
        changed.append(replace(score, readiness=gap, readiness_interval=around, combined=whole))
    return changed


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_reduction_is_the_score_now_less_the_score_without_the_gap(r: float, m: float) -> None:
    now = combined(r, m, "ict_muutos", CONSTANTS.combined)
    closed = combined(0.0, m, "ict_muutos", CONSTANTS.combined)
    assert reduction(r, m, "ict_muutos", CONSTANTS) == pytest.approx(now - closed, abs=1e-9)


def test_the_largest_reduction_comes_first_and_lies_in_its_interval() -> None:
    found = support(with_gap({"06": 0.9, "17": 0.2, "18": 0.3}), CONSTANTS)
    assert len(found) == 3 * len(GROUPS)
    assert found[0].region == "06"
    assert [s.reduction for s in found] == sorted((s.reduction for s in found), reverse=True)
    for line in found:
        assert line.interval.low <= line.reduction <= line.interval.high
        assert line.interval.low < line.interval.high
        assert line.total_reduction is not None
        assert 0 <= line.total_reduction <= line.reduction


def test_a_gap_that_most_regions_have_needs_a_national_remedy() -> None:
    alike = support(with_gap({"06": 0.6, "17": 0.5, "18": 0.55}), CONSTANTS)
    assert {s.remedy for s in alike} == {"national"}
    alone = support(with_gap({"06": 0.9, "17": 0.1, "18": 0.15}), CONSTANTS)
    by_region = {s.region: s for s in alone}
    assert by_region["06"].remedy == "regional"
    assert by_region["06"].common == pytest.approx(0.15 / 0.9)
    assert by_region["17"].remedy == "national"


def test_the_component_that_makes_most_of_the_gap_is_named() -> None:
    parts = (component("roadmap", 0.9), component("survey", 0.1))
    found = support(scores(week_inputs(components=parts), CONSTANTS), CONSTANTS)
    assert {s.component for s in found} == {"survey"}


def test_a_region_without_its_numbers_has_no_line_and_one_without_a_gap_neither() -> None:
    assert support(scores(week_inputs(exposure=0.1), CONSTANTS), CONSTANTS) == ()
    done = (component("roadmap", 1.0), component("survey", 1.0))
    assert support(scores(week_inputs(components=done), CONSTANTS), CONSTANTS) == ()
