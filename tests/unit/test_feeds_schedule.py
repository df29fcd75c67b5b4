"""The next poll: within bounds, never in the past, later the more a feed has failed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.schedule import JITTER, jitter_of, next_poll, pace
from monitor.values import FeedStatus

NOW = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
MINIMUM, MAXIMUM = timedelta(minutes=30), timedelta(hours=24)
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


def wait(**given: Any) -> timedelta:
    usual: dict[str, Any] = {
        "minimum": MINIMUM,
        "maximum": MAXIMUM,
        "failures": 0.0,
        "retry_after_seconds": None,
        "max_age_seconds": None,
        "ttl_minutes": None,
        "skip_hours": (),
        "pace_seconds": None,
        "status": FeedStatus.ACTIVE,
        "jitter": 0.0,
    }
    if "newest" in given:
        given["pace_seconds"] = pace(given.pop("newest"))
    return next_poll(NOW, **(usual | given)) - NOW


def every(hours: float, items: int = 10) -> list[datetime]:
    return [NOW - timedelta(hours=hours) * n for n in range(items)]


ages = st.integers(-1440, 16_000_000)  # minutes: from a day ahead to thirty years ago
times = st.lists(ages.map(lambda minutes: NOW - timedelta(minutes=minutes)), max_size=6)
jitters = st.floats(-JITTER, JITTER)
failures = st.floats(0, 1e6)
stated = st.none() | st.integers(0, 10**12)


hours = st.frozensets(st.integers(0, 23))


@given(times, jitters, failures, stated, stated, hours)
def test_the_wait_lies_within_the_bounds(
    newest: list[datetime],
    jitter: float,
    failed: float,
    age: int | None,
    ttl: int | None,
    skip: frozenset[int],
) -> None:
    got = wait(
        newest=newest,
        jitter=jitter,
        failures=failed,
        max_age_seconds=age,
        ttl_minutes=ttl,
        skip_hours=skip,
    )
    assert MINIMUM <= got <= MAXIMUM


@given(times, jitters, failures, hours)
def test_no_poll_falls_into_an_hour_to_skip_where_another_is_to_be_had(
    newest: list[datetime], jitter: float, failed: float, skip: frozenset[int]
) -> None:
    got = NOW + wait(newest=newest, jitter=jitter, failures=failed, skip_hours=skip)
    minutes = int((MAXIMUM - MINIMUM) / timedelta(minutes=1))
    possible = {(NOW + MINIMUM + timedelta(minutes=n)).hour for n in range(minutes + 1)}
    assert got.hour not in skip or possible <= skip


@given(times, jitters, failures, hours)
def test_hours_to_skip_never_make_a_poll_earlier_unless_the_longest_wait_ends_in_them(
    newest: list[datetime], jitter: float, failed: float, skip: frozenset[int]
) -> None:
    given_ = {"newest": newest, "jitter": jitter, "failures": failed}
    free, bound = wait(**given_), wait(**given_, skip_hours=skip)
    asleep = {(NOW + free + timedelta(hours=n)).hour for n in range(int((MAXIMUM - free) / HOUR))}
    assert bound >= free or asleep <= skip


@given(times, jitters, failures, failures)
def test_more_failures_never_mean_an_earlier_poll(
    newest: list[datetime], jitter: float, some: float, more: float
) -> None:
    few, many = sorted((some, more))
    given_ = {"newest": newest, "jitter": jitter}
    assert wait(failures=few, **given_) <= wait(failures=many, **given_)


@given(
    st.none() | st.floats(allow_nan=False), jitters, failures, st.sampled_from(FeedStatus), times
)
def test_no_poll_lies_in_the_past_and_none_is_given_up(
    retry: float | None, jitter: float, failed: float, status: FeedStatus, newest: list[datetime]
) -> None:
    got = wait(
        retry_after_seconds=retry, jitter=jitter, failures=failed, status=status, newest=newest
    )
    assert timedelta(0) < got <= WEEK * (1 + JITTER)


def test_the_rhythm_is_half_the_median_gap() -> None:
    assert wait(newest=every(hours=6)) == timedelta(hours=3)
    assert wait(newest=every(hours=0.1)) == MINIMUM
    assert wait(newest=every(hours=500)) == MAXIMUM
    assert wait(newest=[*every(hours=4), NOW - timedelta(days=900)]) == timedelta(hours=2)
    assert pace([NOW]) is None
    assert wait(newest=[NOW]) == MINIMUM


def test_four_temporary_failures_weigh_as_one_hard_one_and_double_the_wait() -> None:
    newest = every(hours=4)
    assert wait(newest=newest, failures=4 * 0.25) == wait(newest=newest, failures=1.0)
    assert wait(newest=newest, failures=1.0) == timedelta(hours=4)
    assert wait(newest=newest, failures=2.0) == timedelta(hours=8)


def test_the_server_may_ask_for_longer_waits_but_not_for_shorter() -> None:
    assert wait(max_age_seconds=7200) == timedelta(hours=2)
    assert wait(ttl_minutes=180) == timedelta(hours=3)
    assert wait(max_age_seconds=5, ttl_minutes=1) == MINIMUM


def test_a_poll_in_an_hour_to_skip_comes_after_it() -> None:
    # NOW is four o'clock; the poll would be at seven
    newest = every(hours=6)
    assert wait(newest=newest, skip_hours=(7, 8)) == timedelta(hours=5)
    assert wait(newest=newest, skip_hours=(7, 8), jitter=0.1) > timedelta(hours=5)
    assert wait(newest=newest, skip_hours=range(24)) == timedelta(hours=3)
    last = wait(newest=every(hours=500), skip_hours=(4, 5))  # a day on, the hours are those again
    assert timedelta(hours=23) < last < MAXIMUM


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (600, timedelta(minutes=10)),  # before the minimum: the server knows best
        (3 * 86_400, timedelta(days=3)),  # beyond the maximum
        (90 * 86_400, WEEK),
        (0, timedelta(minutes=1)),
    ],
)
def test_retry_after_wins_over_everything(seconds: int, expected: timedelta) -> None:
    for status in (FeedStatus.ACTIVE, FeedStatus.GONE):
        got = wait(
            retry_after_seconds=seconds, failures=9, jitter=0.1, status=status, ttl_minutes=9
        )
        assert got == expected


def test_a_feed_that_is_gone_is_asked_once_a_week() -> None:
    assert wait(status=FeedStatus.GONE, failures=50) == WEEK


@given(st.text(max_size=20), st.datetimes(timezones=st.just(UTC)))
def test_jitter_is_small_and_always_the_same(feed_id: str, now: datetime) -> None:
    assert -JITTER <= jitter_of(feed_id, now) <= JITTER
    assert jitter_of(feed_id, now) == jitter_of(feed_id, now)


def test_jitter_spreads_feeds_that_began_together() -> None:
    shares = {jitter_of(f"lehti-{n}", NOW) for n in range(100)}
    assert len(shares) == 100
    assert max(shares) - min(shares) > JITTER
