"""What to find out next: what is worth knowing, what is not, and that a known thing is not asked again."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.risk.inputs import Readiness, WeekInputs
from monitor.risk.interval import central, simulate
from monitor.risk.knowing import Finding, capped, region_findings, value_of_knowing
from monitor.risk.score import past_expectation, scores
from monitor.values import ALL_GROUPS, NotReady, ReadinessComponent
from tests.risk_examples import CONSTANTS, GROUPS, UNITS, component, story, week_inputs

KNOWN = (component("roadmap", 0.5), component("grants", 0.7), component("survey", 0.4))
UNSURE = story(1, likely=0.6, publishers=6)


def found(inputs: WeekInputs, region: str = "06") -> tuple[Finding, ...]:
    return region_findings(inputs, CONSTANTS, region)


def with_parts(inputs: WeekInputs, group: str, *parts: ReadinessComponent) -> WeekInputs:
    """`inputs` with other components in one group of region 06."""
    cells = tuple(
        Readiness(c.region, c.group, parts) if (c.region, c.group) == ("06", group) else c
        for c in inputs.readiness
    )
    return replace(inputs, readiness=cells)


def width(inputs: WeekInputs) -> float:
    drawn = simulate(inputs, past_expectation(inputs, CONSTANTS), CONSTANTS)
    low, high = central(drawn.combined[-1, 0], CONSTANTS.interval.level)
    return float(high - low)


def test_a_region_with_everything_known_has_nothing_to_find_out() -> None:
    assert found(week_inputs((story(1),), components=KNOWN)) == ()


def test_the_missing_answer_is_named_with_its_group_and_where_it_lacks() -> None:
    inputs = with_parts(
        week_inputs(components=KNOWN, draws=2000),
        "ict_muutos",
        component("roadmap", None, weight=0.5),
        component("grants", 0.7, weight=0.5),
    )
    first = found(inputs)[0]
    assert (first.kind, first.ref, first.group) == ("missing", "roadmap", "ict_muutos")
    assert first.expected_width < first.width
    assert first.lowest < 0 < first.highest
    assert first.ready
    assert not first.opens
    assert {f.kind for f in value_of_knowing(inputs, CONSTANTS) if f.region != "06"} == set()


def test_the_heavier_of_two_missing_components_is_worth_more() -> None:
    inputs = with_parts(
        week_inputs(components=KNOWN, draws=2000),
        "ict_muutos",
        component("roadmap", None, weight=0.3),
        component("survey", None, weight=0.1),
        component("grants", 0.7, weight=0.3),
    )
    worth = {f.ref: f.reduction for f in found(inputs)}
    assert worth["roadmap"] > worth.get("survey", 0.0)


def test_what_is_expected_is_what_comes_of_the_answers() -> None:
    """Against the simulation itself, with each answer put in; at 20,000 draws and two seeds."""
    group, others = "ict_muutos", (component("grants", 0.7, weight=0.5),)
    base = week_inputs(components=KNOWN, draws=20_000)

    def told(done: float | None) -> WeekInputs:
        return with_parts(base, group, component("roadmap", done, weight=0.5), *others)

    finding = next(f for f in found(told(None)) if f.ref == "roadmap")
    after = [width(told(float(done))) for done in np.linspace(0, 1, 5)]
    expected = np.dot([7 / 90, 32 / 90, 12 / 90, 32 / 90, 7 / 90], after)
    assert finding.width == pytest.approx(width(told(None)), rel=0.03)
    assert finding.expected_width == pytest.approx(expected, rel=0.03)


def test_old_data_are_worth_asking_for_again_and_new_ones_are_not() -> None:
    old = with_parts(week_inputs(components=KNOWN, draws=2000), "ict_muutos", component(age=500))
    first = found(old)[0]
    assert (first.kind, first.ref, first.group) == ("aged", "roadmap", "ict_muutos")
    fresh = with_parts(old, "ict_muutos", component(age=0))
    assert found(fresh) == ()


def test_the_unsure_story_is_worth_a_label_and_the_settled_one_is_not() -> None:
    inputs = week_inputs((UNSURE, story(2)), components=KNOWN, draws=2000)
    (finding,) = found(inputs)
    assert (finding.kind, finding.ref, finding.group) == ("story", "1", "ict_muutos")
    assert finding.label == UNSURE.title
    assert finding.lowest < 0 < finding.highest
    settled = replace(UNSURE, relevant=1.0, regions=(("06", 1.0),), groups=(("ict_muutos", 1.0),))
    assert found(replace(inputs, stories=(settled, story(2)))) == ()


def test_a_storys_worth_is_what_comes_of_its_labels() -> None:
    inputs = week_inputs(
        (replace(UNSURE, raises=0.6, progress=0.2),), components=KNOWN, draws=20_000
    )
    (finding,) = found(inputs)
    sure = replace(UNSURE, relevant=1.0, regions=(("06", 1.0),), groups=(("ict_muutos", 1.0),))
    labels = {
        0.6**3 * 0.6: replace(sure, raises=1.0),
        0.6**3 * 0.2: replace(sure, raises=0.0, progress=1.0),
    }
    nothing = width(replace(inputs, stories=(replace(sure, raises=0.0),)))
    after = [width(replace(inputs, stories=(one,))) for one in labels.values()]
    expected = np.dot(list(labels), after) + (1 - sum(labels)) * nothing
    assert finding.expected_width == pytest.approx(expected, rel=0.03)


def test_an_answer_that_gives_the_region_its_score_says_so() -> None:
    lacking = (component("roadmap", 0.5, weight=0.2), component("survey", None, weight=0.8))
    inputs = week_inputs(components=lacking, draws=400)
    known = {g for g in GROUPS if g not in ("ict_muutos", "yhdyspinnat", "johtaminen_osaaminen")}
    cells = tuple(replace(c, components=KNOWN) if c.group in known else c for c in inputs.readiness)
    inputs = replace(inputs, readiness=cells)
    total = next(s for s in scores(inputs, CONSTANTS) if (s.region, s.group) == ("06", ALL_GROUPS))
    assert isinstance(total.combined, NotReady)
    missing = [f for f in found(inputs) if f.kind == "missing"]
    assert {f.group for f in missing if f.opens} == set(GROUPS) - known
    assert not any(f.ready for f in missing)


def test_a_region_that_is_not_heard_has_nothing_that_an_answer_could_change() -> None:
    assert found(week_inputs((UNSURE,), exposure=0.1)) == ()


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.05, 0.95), st.floats(0, 1)), max_size=4),
    st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=4),
    st.integers(0, 600),
    st.integers(0, 2**32 - 1),
)
def test_a_finding_is_expected_to_narrow_and_nothing_known_is_one(
    told: list[tuple[float, float]], done: list[float | None], age: int, seed: int
) -> None:
    stories = tuple(
        story(i, raises=r, progress=(1 - r) / 2, likely=p) for i, (p, r) in enumerate(told)
    )
    parts = tuple(component(f"c{i}", d, weight=0.3, age=age) for i, d in enumerate(done))
    inputs = replace(week_inputs(stories, components=parts, draws=400), seed=seed)
    lacking = {c.component for c in parts if c.done is None}
    every = value_of_knowing(inputs, CONSTANTS)
    for f in every:
        assert f.opens or 0 < f.expected_width < f.width
        assert f.lowest <= 0 <= f.highest
        assert (f.ref in lacking) == (f.kind == "missing")
        assert f.kind != "story" or f.ref in {str(s.story) for s in stories}
    assert list(every) == sorted(every, key=lambda f: -f.reduction)


def test_the_same_seed_gives_the_same_bytes_for_one_region_and_for_all() -> None:
    parts = (component("roadmap", None), component("survey", 0.4, age=200))
    inputs = week_inputs((UNSURE, story(2, "17", likely=0.5)), components=parts, draws=300)
    every = value_of_knowing(inputs, CONSTANTS)
    assert repr(every) == repr(value_of_knowing(inputs, CONSTANTS))
    for unit in UNITS:
        assert tuple(f for f in every if f.region == unit) == found(inputs, unit)


def test_the_list_of_the_country_holds_at_most_so_many_of_a_region() -> None:
    parts = (component("roadmap", None), component("survey", None))
    every = value_of_knowing(week_inputs(components=parts, draws=300), CONSTANTS)
    few = capped(every, 2)
    assert all(sum(f.region == unit for f in few) == 2 for unit in UNITS)
    assert set(few) <= set(every)


def test_a_number_of_draws_that_does_not_divide_into_parts_is_no_trouble() -> None:
    assert found(week_inputs((UNSURE,), components=KNOWN, draws=107)) is not None
