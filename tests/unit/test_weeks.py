"""Weeks partition time, also across changes of the clock and of the year."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.weeks import (
    first_day,
    last_known_day,
    previous,
    week_bounds,
    week_of,
    week_of_day,
    weeks_between,
)

INSTANTS = st.datetimes(datetime(1995, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
WEEKS = INSTANTS.map(week_of)
COUNTS = st.integers(-300, 300)


@given(INSTANTS)
def test_every_instant_lies_in_its_week_and_in_no_other(instant: datetime) -> None:
    week = week_of(instant)
    start, end = week_bounds(week)
    assert start <= instant < end
    assert week_bounds(previous(week))[1] == start
    assert week_bounds(previous(week, -1))[0] == end


@given(INSTANTS, INSTANTS)
def test_weeks_sort_as_text_in_the_order_of_time(one: datetime, other: datetime) -> None:
    first, last = sorted([one, other])
    assert week_of(first) <= week_of(last)


@given(WEEKS, COUNTS, COUNTS)
def test_going_back_adds_up(week: str, n: int, m: int) -> None:
    assert previous(previous(week, n), m) == previous(week, n + m)


@given(WEEKS, st.integers(0, 120))
def test_weeks_between_are_each_after_the_other(first: str, n: int) -> None:
    weeks = weeks_between(first, previous(first, -n))
    assert weeks[0] == first
    assert len(weeks) == n + 1
    assert all(previous(b) == a for a, b in pairwise(weeks))
    assert n == 0 or weeks_between(weeks[-1], first) == ()


@pytest.mark.parametrize(
    ("week", "hours"), [("2026-W13", 167), ("2026-W43", 169), ("2026-W46", 168)]
)
def test_the_clock_change_makes_a_week_an_hour_shorter_or_longer(week: str, hours: int) -> None:
    start, end = week_bounds(week)
    assert end - start == timedelta(hours=hours)


def test_a_week_begins_on_monday_midnight_in_helsinki() -> None:
    start, end = week_bounds("2026-W46")
    assert start == datetime(2026, 11, 8, 22, 0, tzinfo=UTC)
    assert week_of(start) == "2026-W46"
    assert week_of(start - timedelta(microseconds=1)) == "2026-W45"
    assert week_of(end) == "2026-W47"


def test_a_week_belongs_to_the_year_of_its_thursday() -> None:
    assert week_of_day(date(2027, 1, 3)) == "2026-W53"
    assert first_day("2026-W53") == date(2026, 12, 28)
    assert previous("2027-W01") == "2026-W53"


def test_the_last_known_day_is_the_sunday_or_today_while_the_week_runs() -> None:
    now = datetime(2026, 11, 15, 23, 0, tzinfo=UTC)  # Monday already in Helsinki
    assert last_known_day("2026-W46", now) == date(2026, 11, 15)
    assert last_known_day("2026-W47", now) == date(2026, 11, 16)


@pytest.mark.parametrize("text", ["2025-W53", "2026-46", "2026-W00", "2026-W54", "W46", ""])
def test_what_is_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="week"):
        week_bounds(text)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        week_of(datetime(2026, 11, 16))  # noqa: DTZ001
