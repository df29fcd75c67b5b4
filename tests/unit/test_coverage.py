"""The coverage ledger: quiet is not silent, copies of one voice count once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.reference import Reference
from monitor.coverage.calendar import day_of
from monitor.coverage.facts import Poll, polled_days
from monitor.coverage.ledger import (
    SERVES,
    Hearing,
    Source,
    breakdown,
    coverage,
    hearing,
    usual_reports,
)
from monitor.coverage.verdicts import DayFacts, Verdict, verdicts
from monitor.weeks import week_bounds

WEEK = "2026-W46"
START, END = week_bounds(WEEK)
HOUR = timedelta(hours=1)


def _source(id_: str = "lehti", **other: object) -> Source:
    source = Source(id_, home=("05",), group="talo", lang="fi")
    return replace(source, **other)  # type: ignore[arg-type]


def _heard(*polls: Poll, items: int = 0) -> Hearing:
    """The week as these polls tell it, with `items` entries on its first day."""
    now = max([END, *(p.at for p in polls)])
    days = [
        DayFacts(day, items if day.day == day_of(START) else 0, 0, 0, True)
        for day in polled_days(polls, day_of(START), now)
    ]
    return hearing(_source(), WEEK, verdicts(days, now))


def _hearing(id_: str, share: float, **other: object) -> Hearing:
    verdict = Verdict.QUIET if share else Verdict.FAILING
    return Hearing(_source(id_=id_, **other), verdict, share, "" if share else "failing: timeout")


# --- one source ----------------------------------------------------------------------------------


def test_a_feed_that_was_reached_and_had_nothing_new_is_quiet_and_alive() -> None:
    polls = [Poll(START + n * 12 * HOUR, "not modified", START - 48 * HOUR) for n in range(15)]
    found = _heard(*polls)
    assert (found.verdict, found.alive, found.share) == (Verdict.QUIET, True, 1.0)


def test_a_feed_with_items_is_heard() -> None:
    assert _heard(Poll(END, "ok", START), items=3).verdict is Verdict.HEARD


def test_a_feed_that_never_answered_is_silent_with_the_last_reason() -> None:
    polls = [Poll(START + HOUR, "failed", reason="dns"), Poll(START, "failed", reason="timeout")]
    found = _heard(*polls)
    assert (found.verdict, found.alive, found.share) == (Verdict.FAILING, False, 0.0)
    assert found.reason == "failing: dns"


def test_a_feed_nobody_asked_is_not_polled() -> None:
    assert _heard().verdict is Verdict.NOT_POLLED
    failed_later = Poll(END + HOUR, "failed", reason="timeout")
    assert _heard(failed_later).verdict is Verdict.NOT_POLLED


def test_a_later_poll_that_reaches_back_hears_the_week() -> None:
    found = _heard(Poll(END + 24 * HOUR, "ok", START - HOUR), items=9)
    assert (found.verdict, found.share) == (Verdict.HEARD, 1.0)


def test_a_feed_that_forgets_faster_than_it_is_asked_is_heard_in_part() -> None:
    polls = [Poll(START + n * 24 * HOUR, "ok", START + (n * 24 - 6) * HOUR) for n in range(1, 8)]
    assert _heard(*polls, items=70).share == pytest.approx(0.25)


def test_an_answer_without_dated_items_speaks_for_the_time_since_the_last_one() -> None:
    polls = [Poll(START, "ok"), Poll(START + 84 * HOUR, "unchanged")]
    assert _heard(*polls).share == pytest.approx(0.5)


def test_a_single_answer_without_dated_items_hears_nothing_but_the_moment() -> None:
    assert _heard(Poll(START + HOUR, "ok")).share == 0.0


POLLS = st.builds(
    Poll,
    at=st.integers(-100, 400).map(lambda h: START + h * HOUR),
    outcome=st.sampled_from(["ok", "unchanged", "not modified", "failed"]),
    oldest_item=st.none() | st.integers(-300, 400).map(lambda h: START + h * HOUR),
)


@given(st.lists(POLLS, max_size=12), POLLS)
def test_another_poll_with_dated_items_never_makes_a_week_less_heard(
    polls: list[Poll], more: Poll
) -> None:
    more = replace(more, oldest_item=more.oldest_item or more.at)
    before = _heard(*polls).share
    after = _heard(*polls, more).share
    dated = all(p.oldest_item for p in polls)
    assert 0 <= before <= 1
    assert 0 <= after <= 1
    assert after >= before or not dated  # undated answers lean on the poll before them


# --- a region ------------------------------------------------------------------------------------


def test_papers_of_one_group_count_as_one_voice() -> None:
    chain = [_hearing(f"ketju-{n}", 0.0, group="ketju") for n in range(9)]
    own = _hearing("oma", 1.0, group="oma")
    found = coverage("05", WEEK, [*chain, own])
    assert found.exposure == pytest.approx(0.5)
    assert (found.sources, found.alive, found.groups) == (10, 1, 1)
    assert found.silent[0] == ("ketju-0", "failing: timeout")


def test_a_dead_paper_of_a_living_group_is_missed() -> None:
    living = _hearing("yle-uusimaa", 1.0, group="yle", lang="fi")
    dead = _hearing("yle-nyland", 0.0, group="yle", lang="sv")
    found = coverage("05", WEEK, [living, dead])
    assert found.exposure == pytest.approx(0.5)
    assert found.languages == ("fi",)


def test_national_sources_count_for_no_region() -> None:
    found = coverage("05", WEEK, [_hearing("hs", 1.0, home=())])
    assert (found.exposure, found.sources) == (0.0, 0)


def test_no_source_is_no_exposure() -> None:
    assert coverage("18", WEEK, []).exposure == 0.0


@pytest.mark.parametrize("home", ["01", "90", "HUS"])
def test_hus_is_heard_through_those_it_serves(home: str) -> None:
    assert coverage("HUS", WEEK, [_hearing("lehti", 1.0, home=(home,))]).exposure == 1.0
    assert coverage("HUS", WEEK, [_hearing("lehti", 1.0, home=("05",))]).sources == 0


def test_a_source_at_home_in_several_places_counts_once() -> None:
    found = coverage("HUS", WEEK, [_hearing("lehti", 1.0, home=("01", "02", "HUS"))])
    assert found.sources == 1


def test_who_serves_whom_is_what_the_labels_say(reference: Reference) -> None:
    assert dict(SERVES) == {r.code: r.members for r in reference.regions if r.members}


SHARES = st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 1)), min_size=1, max_size=8)


@given(SHARES, st.data())
def test_exposure_is_a_share_and_rises_with_every_source_that_lives(
    shares: list[tuple[str, float]], data: st.DataObject
) -> None:
    heard = [_hearing(f"s{n}", share, group=group) for n, (group, share) in enumerate(shares)]
    exposure = coverage("05", WEEK, heard).exposure
    assert 0 <= exposure <= 1
    chosen = data.draw(st.integers(0, len(heard) - 1))
    better = [replace(h, share=1.0) if n == chosen else h for n, h in enumerate(heard)]
    assert coverage("05", WEEK, better).exposure >= exposure - 1e-12


def test_a_running_week_has_at_most_the_part_that_has_passed() -> None:
    now = datetime(2026, 11, 12, 10, 0, tzinfo=UTC)
    share = _heard(Poll(now, "ok", START - HOUR), items=1).share
    assert share == pytest.approx((now - START) / (END - START))


# --- what is usually reported --------------------------------------------------------------------


def test_a_group_that_was_dead_for_long_is_missed_no_less() -> None:
    usual = usual_reports(
        {"elävä": 24, "kuollut": 8, "uusi": 3}, {"elävä": 12, "kuollut": 4, "uusi": 0.5}
    )
    assert usual == {"elävä": 24, "kuollut": 24}, "heard for half a week, the new one has no usual"


def test_what_national_sources_usually_tell_counts_in_what_is_reported_alone() -> None:
    heard = [_hearing("oma", 0.0, group="oma"), _hearing("maa", 1.0, group="maa", home=())]
    found = breakdown("05", WEEK, heard, usual={"oma": 30, "maa": 10})
    assert (found.share, found.reported) == (0.0, 0.25)
    assert found.groups == (("oma", 0.0),)
    assert breakdown("05", WEEK, heard).reported is None


@given(SHARES, st.dictionaries(st.sampled_from("abcd"), st.floats(0, 500)))
def test_weights_keep_the_exposure_between_the_best_and_the_worst_group(
    shares: list[tuple[str, float]], usual: dict[str, float]
) -> None:
    heard = [_hearing(f"s{n}", share, group=group) for n, (group, share) in enumerate(shares)]
    found = breakdown("05", WEEK, heard, usual=usual)
    groups = [share for _, share in found.groups]
    assert min(groups) - 1e-9 <= found.share <= max(groups) + 1e-9
    assert found.share == coverage("05", WEEK, heard, usual=usual).exposure
