"""What the servers of the sample newsroom do with a request."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.newsroom.behaviour import (
    BEHAVIOURS,
    MOVED_TO,
    Redirect,
    Refuse,
    Serve,
    on_feed_request,
    period,
)

SUNDAY_LATE = datetime(2026, 10, 11, 20, 59, tzinfo=UTC)  # 23.59 in Helsinki
AN_INSTANT = st.integers(0, 10_000).map(lambda hours: SUNDAY_LATE + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("name", "step", "same"),
    [
        ("busy", timedelta(hours=-23), True),
        ("busy", timedelta(minutes=1), False),
        ("slow", timedelta(days=-6), True),
        ("slow", timedelta(minutes=1), False),
    ],
)
def test_days_and_weeks_are_those_of_helsinki(name: str, step: timedelta, same: bool) -> None:
    behaviour = BEHAVIOURS[name]
    assert (period(behaviour, SUNDAY_LATE) == period(behaviour, SUNDAY_LATE + step)) is same


@given(AN_INSTANT, st.sampled_from(sorted(set(BEHAVIOURS) - {"busy", "slow"})))
def test_only_busy_and_slow_servers_look_at_the_calendar(now: datetime, name: str) -> None:
    assert period(BEHAVIOURS[name], now) is None


def test_each_fault_is_answered_as_it_should_be() -> None:
    def ask(name: str, *, first: bool, path: str = "/feed.xml") -> object:
        return on_feed_request(BEHAVIOURS[name], path, first_of_period=first)

    assert ask("gone", first=True) == Refuse(410)
    assert ask("missing", first=False) == Refuse(404)
    assert ask("redirect", first=False) == Redirect(MOVED_TO)
    assert ask("redirect", first=False, path=MOVED_TO) == Serve()
    assert ask("busy", first=True) == Refuse(429, timedelta(seconds=600))
    assert ask("busy", first=False) == Serve()
    assert ask("slow", first=True) == Serve(timedelta(seconds=1.5))
    assert ask("slow", first=False) == Serve()
    for name in ("plain", "gzip", "latin1", "undated", "rescue", "broken"):
        assert ask(name, first=True) == Serve()
