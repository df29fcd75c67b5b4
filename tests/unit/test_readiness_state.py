"""Roadmap views, the mapping of indicators, and the typed state of each component."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.reference import Reference
from monitor.readiness.indicators import load_indicators, share_done
from monitor.readiness.roadmap import RoadmapTask, Shares, latest_report, shares, views
from monitor.readiness.state import NOT_APPLICABLE_UNIT, components, nominal_weights
from monitor.values import ALL_GROUPS, Observation, ReadinessComponent, ReadinessState

DAY = date(2026, 11, 15)
REPORT = date(2026, 11, 10)
GROUP = "ict_muutos"
TASK = RoadmapTask(
    region="10", group=GROUP, task_whole="Tietoturva", task="Pääsynhallinta", subtask="roolit",
    critical=True, phase=3, due=date(2026, 6, 30), started=None, finished=None, as_of=REPORT,
)  # fmt: skip
SEEN = Observation(
    component="interview", region="10", group=GROUP, indicator="muutosjohtaja",
    period_start=date(2026, 10, 1), period_end=date(2026, 10, 1), value=4, unit="rating_1_5",
    done=0.75, source="keksitty", licence="EUPL-1.2", file_hash="h",
    imported_at=datetime(2026, 10, 2, tzinfo=UTC), imported_by="test", id=1,
)  # fmt: skip


def _task(n: int, **other: object) -> RoadmapTask:
    return replace(TASK, subtask=f"osatehtävä {n}", **other)  # type: ignore[arg-type]


def _seen(**other: object) -> Observation:
    return replace(SEEN, **other)  # type: ignore[arg-type]


def _one(
    name: str, *observations: Observation, tasks: tuple[RoadmapTask, ...] = (), group: str = GROUP
) -> ReadinessComponent:
    found = components("10", group, DAY, observations, tasks)
    return next(c for c in found if c.component == name)


# --- roadmap -------------------------------------------------------------------------------------


def test_only_critical_tasks_count_and_each_view_has_its_own_day() -> None:
    tasks = (
        _task(1, started=date(2026, 5, 1), finished=date(2026, 6, 1)),
        _task(2, started=date(2026, 5, 1)),
        _task(3),
        _task(4, due=date(2026, 12, 31), started=date(2026, 10, 1)),
        _task(5, due=date(2027, 6, 1)),
        _task(6, critical=False, finished=date(2026, 6, 1)),
    )
    found = views(tasks, DAY, target=date(2027, 1, 1))["10", GROUP]
    assert found.schedule == Shares(total=3, started=2, finished=1)
    assert found.target == Shares(total=4, started=3, finished=1)
    assert views(tasks, DAY)["10", ALL_GROUPS].target.total == 5


def test_what_fell_due_after_the_report_is_not_held_against_the_region() -> None:
    due_since = _task(1, due=REPORT + timedelta(days=2))
    assert views([due_since], DAY)["10", GROUP].schedule.share_finished is None


def test_a_task_finished_after_its_report_is_not_believed() -> None:
    later = REPORT + timedelta(days=1)
    assert shares([_task(1, started=later, finished=later)]) == Shares(1, 0, 0)


def test_the_latest_report_is_taken_group_by_group_and_never_from_the_future() -> None:
    old = _task(1, group="yhdyspinnat", as_of=date(2026, 9, 10))
    future = _task(1, as_of=date(2026, 12, 10), finished=date(2026, 12, 1))
    assert latest_report([TASK, old, future], "10", DAY) == (TASK, old)


@given(
    st.lists(st.builds(replace, st.just(TASK), critical=st.booleans(), due=st.dates()), max_size=9),
    st.data(),
)
def test_finishing_a_task_never_lowers_a_share(
    tasks: list[RoadmapTask], data: st.DataObject
) -> None:
    before = shares(tasks)
    assert 0 <= before.finished <= before.started <= before.total
    if tasks:
        n = data.draw(st.integers(0, len(tasks) - 1))
        done = [replace(t, finished=t.as_of) if i == n else t for i, t in enumerate(tasks)]
        after = shares(done)
        assert after.total == before.total
        assert after.finished >= before.finished
        assert after.started >= before.started


# --- indicators ----------------------------------------------------------------------------------

NUMBERS = st.floats(-1e6, 1e6)


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_the_nearer_to_best_the_more_is_done(a: float, b: float, worst: float, best: float) -> None:
    if abs(worst - best) < 1e-3:
        return
    one, other = share_done(a, worst, best), share_done(b, worst, best)
    assert 0 <= one <= 1
    if (a < b) == (worst < best):
        assert one <= other
    assert share_done(worst, worst, best) == 0
    assert share_done(best, worst, best) == 1


def test_less_is_better_where_worst_is_the_greater() -> None:
    assert share_done(200, worst=800, best=0) == pytest.approx(0.75)
    with pytest.raises(ValueError, match="no direction"):
        share_done(1, worst=2, best=2)


def test_the_table_of_indicators_speaks_of_known_groups(reference: Reference) -> None:
    table = load_indicators()
    assert {i.group for i in table.values()} == {g.id for g in reference.groups}
    assert {i.component for i in table.values()} <= set(nominal_weights())
    assert all(all(i.names) and i.source and i.licence for i in table.values())


# --- components ----------------------------------------------------------------------------------


def test_nothing_known_is_missing_and_never_the_middle() -> None:
    found = components("10", GROUP, DAY, (), ())
    assert [c.component for c in found] == list(nominal_weights())
    assert {c.state for c in found} == {ReadinessState.MISSING}
    assert {c.done for c in found} == {None}
    assert sum(c.weight for c in found) == pytest.approx(1)


def test_the_roadmap_says_how_many_of_the_due_are_finished() -> None:
    done = date(2026, 6, 1)
    tasks = tuple(_task(n, started=done, finished=done if n < 7 else None) for n in range(9))
    found = _one("roadmap", tasks=tasks)
    assert (found.state, found.done, found.age_days) == (ReadinessState.OBSERVED, 7 / 9, 5)
    assert found.detail == "roadmap:7:9:2026-11-10"


@pytest.mark.parametrize(
    ("task", "state"),
    [
        (_task(1, due=date(2027, 1, 1)), ReadinessState.NOT_YET_DUE),
        (_task(1, critical=False), ReadinessState.NOT_APPLICABLE),
        (_task(1, group="yhdyspinnat"), ReadinessState.MISSING),
        (_task(1, region="11"), ReadinessState.MISSING),
        (_task(1, as_of=date(2026, 12, 1)), ReadinessState.MISSING),
    ],
)
def test_a_roadmap_without_due_critical_tasks_has_a_typed_state(
    task: RoadmapTask, state: ReadinessState
) -> None:
    found = _one("roadmap", tasks=(task,))
    assert (found.state, found.done) == (state, None)


def test_the_newest_period_of_each_indicator_counts() -> None:
    old = _seen(period_end=date(2026, 5, 1), period_start=date(2026, 5, 1), done=0.0, id=2)
    other = _seen(indicator="förändringsdirektör", done=0.25, value=2, id=3)
    found = _one("interview", SEEN, old, other)
    assert found.done == pytest.approx(0.5)
    assert found.observation_ids == (1, 3)
    assert found.age_days == 45


def test_a_correction_outranks_what_it_corrects_also_when_it_takes_it_back() -> None:
    later = datetime(2026, 11, 1, tzinfo=UTC)
    assert _one("interview", SEEN, _seen(done=0.0, value=1, imported_at=later, id=2)).done == 0
    taken_back = _seen(done=None, value=None, imported_at=later, id=2)
    assert _one("interview", taken_back, SEEN).state is ReadinessState.MISSING


def test_a_period_without_data_leaves_the_older_value_with_its_age() -> None:
    older = _seen(period_start=date(2026, 8, 1), period_end=date(2026, 8, 1), id=2)
    found = _one("interview", older, _seen(done=None, value=None))
    assert (found.done, found.age_days) == (0.75, 106)


def test_a_running_period_is_not_yet_due() -> None:
    running = _seen(component="survey", period_end=date(2026, 12, 31))
    assert _one("survey", running).state is ReadinessState.NOT_YET_DUE


def test_what_does_not_apply_is_not_missing() -> None:
    none = _seen(component="indicator", value=None, done=None, unit=NOT_APPLICABLE_UNIT)
    assert _one("indicator", none).state is ReadinessState.NOT_APPLICABLE


def test_what_was_said_of_the_whole_region_stands_in_only_where_the_group_has_nothing() -> None:
    whole = _seen(group=ALL_GROUPS, done=0.0, id=2)
    assert _one("interview", whole).done == 0.0
    assert _one("interview", whole, SEEN).done == 0.75
    assert _one("interview", whole, SEEN, group=ALL_GROUPS).done == pytest.approx(0.375)


@given(st.lists(st.builds(replace, st.just(SEEN), done=st.none() | st.floats(0, 1),
    group=st.sampled_from([GROUP, ALL_GROUPS]), component=st.sampled_from(sorted(nominal_weights())),
    indicator=st.sampled_from("ab"), period_end=st.dates(date(2026, 1, 1), date(2027, 12, 31)))))  # fmt: skip
def test_a_component_has_a_value_exactly_when_it_is_observed(seen: list[Observation]) -> None:
    for c in components("10", GROUP, DAY, seen, (TASK,)):
        observed = c.state is ReadinessState.OBSERVED
        assert (c.done is not None) == observed
        assert (c.age_days is not None) == observed
        assert c.done is None or 0 <= c.done <= 1
        assert c.age_days is None or c.age_days >= 0
        assert c.detail
