"""The matrix of a month and its history: which report stands, gaps, sums; the order of undone tasks."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.readiness.history import (
    Picture,
    Report,
    cells,
    country,
    history,
    last_day,
    month_of,
    months_before,
)
from monitor.readiness.roadmap import RoadmapTask, Shares, Undone, Views, undone
from monitor.values import ALL_GROUPS

ONE, TWO = "ict_muutos", "yhdyspinnat"
OCTOBER, NOVEMBER = date(2026, 10, 10), date(2026, 11, 10)


def report(day: date, finished: int, group: str = ONE, region: str = "10", of: int = 4) -> Report:
    shares = Shares(of, finished, finished)
    return Report(region, group, day, Views(shares, shares), 1)


@pytest.mark.parametrize(
    ("month", "last"), [("2026-02", 28), ("2028-02", 29), ("2026-12", 31), ("2026-11", 30)]
)
def test_the_last_day_of_a_month(month: str, last: int) -> None:
    assert last_day(month).day == last
    assert month_of(last_day(month)) == month


@given(st.dates(date(2001, 1, 1), date(2098, 12, 31)), st.integers(1, 40))
def test_months_follow_one_another(day: date, n: int) -> None:
    months = months_before(month_of(day), n)
    assert len(months) == n
    assert months[-1] == month_of(day)
    for before, after in pairwise(months):
        assert month_of(last_day(before) + timedelta(days=1)) == after


def test_the_latest_report_stands_and_a_later_one_does_not_reach_back() -> None:
    reports = [report(NOVEMBER, 3), report(OCTOBER, 1), report(OCTOBER, 2, TWO)]
    october = cells(reports, last_day("2026-10"))
    assert october["10", ONE].views.schedule == Shares(4, 1, 1)
    november = cells(reports, last_day("2026-11"))
    assert november["10", ONE].views.schedule.finished == 3
    total = november["10", ALL_GROUPS]
    assert total.views.schedule == Shares(8, 5, 5)
    assert (total.oldest, total.newest, total.reported) == (OCTOBER, NOVEMBER, 2)
    assert cells(reports, date(2026, 9, 30)) == {}


def test_the_country_is_the_sum_of_tasks_and_not_the_mean_of_regions() -> None:
    reports = [report(OCTOBER, 4), report(OCTOBER, 1, region="11", of=16)]
    sums = country(cells(reports, OCTOBER))
    assert sums[ONE].views.schedule == Shares(20, 5, 5)
    assert sums[ALL_GROUPS].reported == 2


def test_a_month_without_a_report_is_a_gap_and_the_total_does_not_jump() -> None:
    reports = [report(date(2026, 8, 10), 1), report(OCTOBER, 3)]
    reports += [report(date(2026, 8, 10), 2, TWO)]  # this group is silent in October
    months = months_before("2026-10", 4)
    assert [c and c.views.target.finished for c in history(reports, months, "10", ONE)] == [
        None, 1, None, 3,
    ]  # fmt: skip
    assert [c and c.views.target.total for c in history(reports, months, "10", TWO)] == [
        None, 4, None, None,
    ]  # fmt: skip
    assert [c and c.views.target for c in history(reports, months, "10", ALL_GROUPS)] == [
        None, Shares(8, 3, 3), None, Shares(8, 5, 5),
    ]  # fmt: skip


def test_a_picture_begins_with_the_first_month_reported() -> None:
    reports = (report(OCTOBER, 1), report(NOVEMBER, 2))
    day = last_day("2026-11")
    found = Picture("2026-11", day, day, ("2026-10", "2026-11"), reports, cells(reports, day))
    assert found.past == ("2026-10", "2026-11")
    assert [r.as_of for r in found.standing("10")] == [NOVEMBER]
    assert found.standing("11") == []


def task(name: str, due: date, finished: date | None = None, critical: bool = True) -> RoadmapTask:
    started = finished and finished - timedelta(days=9)
    return RoadmapTask("10", ONE, "k", "t", name, critical, 3, due, started, finished, NOVEMBER)


def test_undone_critical_tasks_stand_with_the_longest_overdue_first() -> None:
    found = undone(
        [
            task("later", date(2027, 1, 1)),
            task("since", NOVEMBER + timedelta(days=3)),
            task("late", date(2026, 11, 1)),
            task("latest", date(2026, 6, 1)),
            task("today", NOVEMBER),
            task("done", date(2026, 6, 1), finished=date(2026, 6, 2)),
            task("minor", date(2026, 6, 1), critical=False),
        ],
        on=NOVEMBER + timedelta(days=5),
    )
    assert [(u.task.subtask, u.late, u.due_since) for u in found] == [
        ("latest", 162, False), ("late", 9, False), ("today", 0, False), ("since", None, True),
        ("later", None, False),
    ]  # fmt: skip


@given(st.lists(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=8))
def test_no_undone_task_is_lost(days: list[date]) -> None:
    found: tuple[Undone, ...] = undone([task(f"{n}", d) for n, d in enumerate(days)], NOVEMBER)
    assert sorted(u.task.due for u in found) == sorted(days)
