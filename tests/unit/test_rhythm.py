"""What is usual of a source, and when it says less than that."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.coverage.calendar import day_bounds, days_between, weekday_of
from monitor.coverage.rhythm import ADOPT, Count, Judgement, few, judge

MONDAY = date(2026, 8, 3)
WEEK = (12, 12, 12, 12, 12, 5, 4)  # entries Monday to Sunday


def _days(n: int, start: date = MONDAY) -> list[date]:
    return list(days_between(start, start + timedelta(days=n - 1)))


def _usual(n: int) -> list[Count]:
    """A paper that publishes as WEEK says, a little more and a little less in turn."""
    days = _days(n)
    return [
        Count(WEEK[weekday_of(d)] + (i % 3 - 1), 1.0, weekday_of(d)) for i, d in enumerate(days)
    ]


def _after(counts: list[Count], entries: list[int]) -> list[Count]:
    days = _days(len(counts) + len(entries))[len(counts) :]
    return counts + [Count(n, 1.0, weekday_of(d)) for n, d in zip(entries, days, strict=True)]


def _falls(said: list[Judgement]) -> list[int]:
    return [i for i, judgement in enumerate(said) if judgement.since is not None]


# --- days ----------------------------------------------------------------------------------------

# Public holidays and the eves that newspapers keep, from the almanac; our own table.
HOLIDAYS = {
    2026: "01-01 01-06 04-03 04-05 04-06 05-01 05-14 05-24 06-19 06-20 10-31 12-06 12-24 12-25 12-26",
    2027: "01-01 01-06 03-26 03-28 03-29 05-01 05-06 05-16 06-25 06-26 11-06 12-06 12-24 12-25 12-26",
}


@pytest.mark.parametrize("year", HOLIDAYS)
def test_holidays_are_sundays_and_no_other_days_are(year: int) -> None:
    table = {date.fromisoformat(f"{year}-{day}") for day in HOLIDAYS[year].split()}
    for day in days_between(date(year, 1, 1), date(year, 12, 31)):
        assert (weekday_of(day) == 6) == (day in table or day.weekday() == 6), day


def test_days_are_those_of_helsinki_and_partition_time() -> None:
    lengths = []
    for day in days_between(date(2026, 3, 28), date(2026, 10, 26)):
        start, end = day_bounds(day)
        assert end == day_bounds(day + timedelta(days=1))[0]
        lengths.append((end - start) / timedelta(hours=1))
    assert sorted(set(lengths)) == [23, 24, 25]


# --- what is usual -------------------------------------------------------------------------------


def test_a_weekend_is_expected_to_be_quieter() -> None:
    said = judge(_usual(56))
    expected = {i % 7: said[i].expected for i in range(49, 56)}
    assert expected[0] == pytest.approx(12, abs=2)
    assert expected[6] == pytest.approx(4, abs=2)


def test_a_source_as_always_is_never_quieter() -> None:
    assert _falls(judge(_usual(180))) == []


def test_nothing_is_judged_before_the_rhythm_is_known() -> None:
    said = judge(_after(_usual(10), [0] * 4))
    assert all(judgement == Judgement() for judgement in said)


def test_a_source_that_hardly_ever_speaks_is_never_judged() -> None:
    assert _falls(judge([Count(0, 1.0)] * 120)) == []


def test_days_that_were_not_heard_say_nothing_and_teach_nothing() -> None:
    deaf = [Count(0, 0.0, weekday_of(d)) for d in _days(40)]
    usual = _usual(63)
    assert judge(usual[:42] + deaf[:14] + usual[42:])[-1].expected == pytest.approx(
        judge(usual)[-1].expected
    )
    assert _falls(judge(usual[:42] + deaf[:14] + usual[42:])) == []


# --- falls ---------------------------------------------------------------------------------------


def test_a_silent_source_is_told_from_its_first_silent_day() -> None:
    said = judge(_after(_usual(42), [0, 0, 0]))
    assert _falls(said) == [42, 43, 44]
    last = said[-1]
    assert (last.since, last.observed, last.loudness) == (42, 0, 0.0)
    assert last.expected == pytest.approx(36, abs=5)
    assert last.at_most is not None
    assert last.at_most < 0.001


def test_a_trickle_is_told_with_how_loud_it_still_is() -> None:
    said = judge(_after(_usual(42), [2, 1, 2, 2, 1]))
    assert {42, 43, 44, 45} <= set(_falls(said))
    assert said[46].loudness == pytest.approx(0.16, abs=0.1)


def test_one_usual_day_ends_a_fall() -> None:
    said = judge(_after(_usual(42), [0, 0, 0, 12, 12]))
    assert _falls(said) == [42, 43, 44]


def test_a_silent_source_never_becomes_usual() -> None:
    said = judge(_after(_usual(42), [0] * 90))
    assert _falls(said) == list(range(42, 132))


def test_a_lower_rhythm_becomes_usual_after_four_weeks() -> None:
    # an even 2 of 12 a day, weekends too: certainly less, and it stays so
    said = judge(_after(_usual(42), [2, 1, 2, 3, 1, 1, 1] * 12))
    falls = _falls(said)
    assert falls[0] <= 43
    assert max(falls) < 42 + ADOPT + 3
    assert said[-1].expected == pytest.approx(1.6, abs=0.6)


def test_a_weekly_that_misses_its_day_is_heard_to_be_missing_in_time() -> None:
    weeks = [Count(9 if i % 7 == 3 else 0, 1.0, i % 7) for i in range(70)]
    silent = [Count(0, 1.0, i % 7) for i in range(21)]
    assert _falls(judge(weeks)) == []
    assert _falls(judge(weeks + silent)) != []


COUNTS = st.lists(
    st.builds(Count, st.integers(0, 40), st.sampled_from([0.0, 0.4, 0.7, 1.0]), st.integers(0, 6)),
    max_size=120,
)


@given(COUNTS)
def test_judgements_are_in_their_bounds(counts: list[Count]) -> None:
    said = judge(counts)
    assert len(said) == len(counts)
    for index, judgement in enumerate(said):
        assert 0 <= judgement.loudness <= 1
        if judgement.expected is None:
            assert judgement == Judgement()
            continue
        assert judgement.expected > 0
        assert judgement.at_most is not None
        assert 0 <= judgement.at_most <= 1
        assert judgement.since is None or judgement.since <= index
        assert counts[index].exposure > 0


@given(COUNTS, st.integers(0, 120))
def test_what_comes_later_changes_only_falls(counts: list[Count], cut: int) -> None:
    # A judgement rests on earlier days alone, but for a fall that is told from its beginning.
    whole, part = judge(counts), judge(counts[:cut])
    for before, after in zip(part, whole[:cut], strict=False):
        if before.since is None and after.since is None:
            assert before == after


@given(st.integers(0, 50), st.floats(0.1, 80), st.floats(0.2, 50))
def test_the_chance_of_so_few_rises_with_the_count(n: int, mean: float, size: float) -> None:
    assert 0 <= few(n, mean, size) <= few(n + 1, mean, size) <= 1


def test_the_chance_of_so_few_is_that_of_draws() -> None:
    draws = np.random.default_rng(1).negative_binomial(4, 4 / (4 + 10), 200_000)
    assert few(3, 10, 4) == pytest.approx(float(np.mean(draws <= 3)), abs=0.005)
