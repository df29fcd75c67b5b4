"""When a weekly summary is due, and how a demo's rounds lie."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.demo.play import SECOND_LOOK, rounds
from monitor.pipeline import week_to_summarise
from monitor.weeks import week_bounds, week_of


@pytest.mark.parametrize(
    ("now", "week"),
    [
        ("2026-11-16T03:59", None),  # Monday 5.59 in Helsinki
        ("2026-11-16T04:00", "2026-W46"),  # Monday 6.00
        ("2026-11-19T12:00", "2026-W46"),  # the machine was off until Thursday
        ("2026-11-22T21:59", "2026-W46"),  # the last minute of Sunday
        ("2026-11-22T22:00", None),  # Monday 0.00 of the next week
        ("2026-10-26T03:59", None),  # the week in which the clocks went back
        ("2026-10-26T04:00", "2026-W43"),
        ("2027-01-04T05:00", "2026-W53"),
    ],
)
def test_the_ended_week_is_due_from_monday_six_in_helsinki(now: str, week: str | None) -> None:
    assert week_to_summarise(datetime.fromisoformat(now).replace(tzinfo=UTC)) == week


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)))  # noqa: DTZ001
def test_only_a_week_that_has_ended_is_due(naive: datetime) -> None:
    now = naive.replace(tzinfo=UTC)
    week = week_to_summarise(now)
    assert week is None or week_bounds(week)[1] <= now
    assert week is None or week < week_of(now)


def test_every_round_has_its_second_look_and_the_last_one_is_there() -> None:
    first = datetime(2026, 10, 5, 3, tzinfo=UTC)
    day = timedelta(days=1)
    instants = rounds(first, first + 2 * day, day)
    assert instants == tuple(
        first + n * day + look for n in range(3) for look in (timedelta(), SECOND_LOOK)
    )


def test_a_single_round() -> None:
    at = datetime(2026, 10, 5, 3, tzinfo=UTC)
    assert rounds(at, at, timedelta(days=1)) == (at, at + SECOND_LOOK)
