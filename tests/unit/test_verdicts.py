"""Verdicts on the days of a source, from polls and entries."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.coverage.calendar import day_bounds, day_of
from monitor.coverage.facts import (
    FAILED,
    Asked,
    Poll,
    polled_days,
    with_gaps,
    worker_gaps,
)
from monitor.coverage.ledger import Source
from monitor.coverage.notices import changes, recent
from monitor.coverage.verdicts import WORKER_DOWN, DayFacts, SourceDay, Verdict, verdicts

FIRST = date(2026, 9, 7)
START = day_bounds(FIRST)[0]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SOURCE = Source("lehti", ("05",), "talo", "fi")


def _ok(hours: float) -> Poll:
    at = START + hours * HOUR
    return Poll(at, "ok", at - 40 * HOUR)


def _failed(hours: float, reason: str = "timeout: no answer", status: int | None = None) -> Poll:
    return Poll(START + hours * HOUR, FAILED, reason=reason, status=status)


def _said(
    polls: list[Poll],
    days: int,
    entries: int = 10,
    full: int = 5,
    asked: list[Poll] | None = None,
    **special: dict[int, int],
) -> tuple[SourceDay, ...]:
    """Verdicts of `days` whole days; `special` gives entries or full texts of some of them."""
    now = START + days * DAY + HOUR
    everyone = Asked()
    everyone.add(polls if asked is None else asked)
    gaps = worker_gaps(everyone, now)
    facts = with_gaps(polled_days(polls, FIRST, now), gaps, FIRST, now)
    found = []
    for number, polled in enumerate(facts):
        said = special.get("entries_of", {}).get(number, entries)
        whole = special.get("full_of", {}).get(number, min(full, said))
        found.append(DayFacts(polled, said, whole, said - whole, True))
    return verdicts(found, now)[:days]


def _every(step: float, first: float, last: float) -> list[Poll]:
    hours = []
    while first < last:
        hours.append(first)
        first += step
    return [_ok(h) for h in hours]


def _names(said: tuple[SourceDay, ...]) -> list[str]:
    return [str(day.verdict) for day in said]


def test_reached_with_entries_is_heard_and_without_is_quiet() -> None:
    said = _said(_every(6, 0, 99), 4, entries_of={1: 0})
    assert _names(said) == ["heard", "quiet", "heard", "heard"]
    assert [day.heard for day in said] == [1, 1, 1, 1]


def test_failing_says_since_when_and_why() -> None:
    polls = _every(6, 0, 30) + [_failed(h) for h in (30, 40, 54, 70)] + _every(6, 90, 120)
    said = _said(polls, 5)
    assert _names(said) == ["heard", "failing", "failing", "failing", "heard"]
    assert said[3].since == FIRST + DAY
    assert said[3].reason == "timeout: no answer"


def test_a_day_that_was_caught_up_was_failing_and_is_heard() -> None:
    polls = [*_every(6, 0, 24), _failed(24), _failed(36), *_every(6, 48, 96)]
    said = _said(polls, 3)
    assert said[1].verdict is Verdict.FAILING
    assert said[1].heard == pytest.approx(1)


@pytest.mark.parametrize(
    ("reason", "status"),
    [("not allowed: robots.txt", None), ("http client error: refuses access", 403)],
)
def test_a_publisher_that_says_no_is_not_failing(reason: str, status: int | None) -> None:
    polls = _every(6, 0, 24) + [_failed(h, reason, status) for h in range(24, 96, 12)]
    assert _names(_said(polls, 4)) == ["heard"] + ["not allowed"] * 3


def test_our_own_worker_is_not_the_source() -> None:
    polls = [*_every(1, 0, 48), _failed(48), *_every(1, 96, 144)]
    said = _said(polls, 6)
    assert [(str(d.verdict), d.reason) for d in said[2:4]] == [("not polled", WORKER_DOWN)] * 2
    assert _names(said)[4:] == ["heard", "heard"]


def test_a_source_that_nobody_asked_while_others_were_is_not_polled() -> None:
    said = _said([], 3, asked=_every(1, 0, 72))
    assert [(str(d.verdict), d.reason, d.since) for d in said] == [("not polled", "", FIRST)] * 3


def test_rounds_a_few_hours_apart_are_no_gap() -> None:
    asked = Asked()
    asked.add(_every(6, 0, 240) + _every(6, 0.3, 240))
    assert worker_gaps(asked, START + 240 * HOUR) == []
    assert len(worker_gaps(asked, START + 300 * HOUR)) == 1


def test_silence_in_answers_is_quieter_and_hears_nothing() -> None:
    said = _said(_every(6, 0, 40 * 24), 40, entries_of=dict.fromkeys(range(36, 40), 0))
    assert _names(said)[36:] == ["quieter"] * 4
    assert [day.heard for day in said[36:]] == [0] * 4
    assert said[39].since == FIRST + 36 * DAY
    assert said[39].observed == 0


def test_the_day_that_runs_goes_on_as_a_silent_source_was() -> None:
    now = START + 40 * DAY + 9 * HOUR
    polls = _every(6, 0, 40 * 24 + 9)
    for entries, verdict in ((0, Verdict.QUIETER), (2, Verdict.HEARD)):
        counts = [10] * 36 + [0] * 4 + [entries]
        facts = [
            DayFacts(polled, n, n, 0, True)
            for polled, n in zip(polled_days(polls, FIRST, now), counts, strict=True)
        ]
        assert verdicts(facts, now)[-1].verdict is verdict


def test_a_failing_source_is_not_called_quieter() -> None:
    polls = _every(6, 0, 36 * 24) + [_failed(h) for h in range(36 * 24, 41 * 24, 12)]
    said = _said(polls, 40, entries_of=dict.fromkeys(range(36, 40), 0))
    assert _names(said)[36:] == ["failing"] * 4


def test_articles_cut_short_all_at_once_are_teasers_since_then() -> None:
    said = _said(_every(6, 0, 30 * 24 + 1), 30, entries=8, full=7, full_of={27: 0, 28: 0, 29: 0})
    assert _names(said)[27:] == ["teaser only"] * 3
    assert said[29].since == FIRST + 27 * DAY
    assert said[29].heard == 1, "its titles are heard"


def test_a_paywalled_source_that_is_cut_as_often_as_ever_is_heard() -> None:
    few = {n: 1 if n % 2 else 0 for n in range(30)}
    said = _said(_every(6, 0, 30 * 24), 30, entries=2, full_of=few)
    assert set(_names(said)) == {"heard"}


def test_a_source_that_never_had_a_full_text_is_teaser_only() -> None:
    assert set(_names(_said(_every(6, 0, 240), 10, full=0))) == {"teaser only"}


POLLS = st.builds(
    Poll,
    at=st.integers(-50, 400).map(lambda h: START + h * HOUR),
    outcome=st.sampled_from(["ok", "unchanged", "not modified", FAILED]),
    oldest_item=st.none() | st.integers(-300, 400).map(lambda h: START + h * HOUR),
    reason=st.sampled_from(["", "timeout: x", "not allowed: x"]),
)


@given(st.lists(POLLS, max_size=15))
def test_every_day_has_one_verdict_and_shares_are_shares(polls: list[Poll]) -> None:
    said = _said(polls, 17)
    assert [d.day for d in said] == [FIRST + n * DAY for n in range(17)]
    for day in said:
        polled = day.facts.polled
        for share in (polled.reached, polled.failing, polled.down, day.heard):
            assert 0 <= share <= 1
        assert polled.refused <= polled.failing + 1e-9


# --- notices -------------------------------------------------------------------------------------


def test_a_region_falls_once_and_recovers_once() -> None:
    least, standing = 0.6, frozenset[str]()
    told = []
    for share in (0.9, 0.5, 0.4, 0.62, 0.5, 0.7, 0.9, 0.3):
        found = changes(standing, {"05": share, "18": None}, least)
        standing = (standing | {r for r, _ in found.raised}) - {r for r, _ in found.cleared}
        told.append("raised" if found.raised else "cleared" if found.cleared else "")
    assert told == ["", "raised", "", "", "", "cleared", "", "raised"]


@given(
    st.frozensets(st.sampled_from("abc")),
    st.dictionaries(st.sampled_from("abc"), st.none() | st.floats(0, 1)),
    st.floats(0, 1),
)
def test_notices_are_raised_below_the_line_only(
    standing: frozenset[str], shares: dict[str, float | None], least: float
) -> None:
    found = changes(standing, shares, least)
    assert all(share < least and region not in standing for region, share in found.raised)
    assert all(share >= least and region in standing for region, share in found.cleared)


def test_a_healthy_source_that_is_asked_rarely_is_not_deaf() -> None:
    said = _said(_every(24, 6, 96), 4)  # the last answer is of six in the morning
    assert said[3].facts.polled.reached < 0.5
    assert recent(SOURCE, said, FIRST + 4 * DAY).share == 1


def test_a_dead_source_is_deaf_and_a_new_one_is_taken_by_what_it_has() -> None:
    dead = _said([_ok(0)] + [_failed(h) for h in range(2, 96, 6)], 4)
    assert recent(SOURCE, dead, FIRST + 4 * DAY).share < 0.1
    assert recent(SOURCE, (), FIRST).share == 0
    assert recent(SOURCE, _said(_every(6, 0, 24), 1), FIRST + DAY).share == 1


def test_days_of_instants() -> None:
    assert day_of(datetime(2026, 11, 15, 22, 30, tzinfo=UTC)) == date(2026, 11, 16)
