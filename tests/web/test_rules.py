"""The rules behind the pages: which week, which order, what moved, how a feed is, what a basis says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.db.feeds import FeedHealth
from monitor.feeds.decide import PollOutcome
from monitor.i18n import Translator
from monitor.readiness.details import words
from monitor.summary.parts import main_cause
from monitor.values import Contribution, FeedSpec, FeedStatus, Permission
from monitor.web import health, overview

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
FINE = FeedHealth(
    spec=FeedSpec("a", "https://a.fi/rss", "A", "fi", ("05",), "a", "daily"),
    status=FeedStatus.ACTIVE,
    last_poll=NOW,
    last_success=NOW,
    last_outcome=PollOutcome.OK,
    failures=0.0,
    reason="",
    items=30,
    newest_item=NOW,
    next_poll=NOW,
    moved_to=None,
)


def test_the_week_shown_first_is_the_newest_that_gives_a_picture() -> None:
    assert overview.default_week({"2026-W45": 20, "2026-W46": 21, "2026-W47": 0}, 23) == "2026-W46"
    assert overview.default_week({"2026-W46": 3, "2026-W47": 0}, 23) == "2026-W47"
    assert overview.default_week({}, 23) is None


def test_names_sort_by_the_finnish_and_swedish_alphabet() -> None:
    names = ["Österbotten", "Åland", "Zeta", "Ähtäri", "Birkaland"]
    assert sorted(names, key=overview.collation) == [
        "Birkaland", "Zeta", "Åland", "Ähtäri", "Österbotten",
    ]  # fmt: skip


def part(kind: str, ref: str, value: float) -> Contribution:
    return Contribution(kind, ref, ref, value)  # type: ignore[arg-type]


def test_the_cause_of_a_change_goes_the_same_way() -> None:
    before = [part("story", "1", 9.0), part("readiness", "roadmap", 20.0)]
    now = [part("story", "2", 4.0), part("readiness", "roadmap", 21.0)]
    assert main_cause(now, before, -4.0) == (before[0], -9.0)
    assert main_cause(now, before, +3.0) == (now[0], 4.0)
    assert main_cause(now, now, 1.0) is None


@pytest.mark.parametrize(
    ("feed", "state"),
    [
        (FINE, "ok"),
        (replace(FINE, moved_to="https://b.fi/rss"), "moved"),
        (replace(FINE, failures=0.5), "failing"),
        (replace(FINE, failures=0.5, last_success=NOW - timedelta(days=4)), "silent"),
        (replace(FINE, failures=1.0, last_success=None), "failing"),
        (replace(FINE, failures=3.0, last_success=None), "silent"),
        (replace(FINE, last_poll=None, last_success=None), "waiting"),
        (replace(FINE, status=FeedStatus.GONE), "gone"),
        (replace(FINE, failures=1.0, permission=Permission.ROBOTS), "refused"),
        (replace(FINE, permission=Permission.AGREEMENT), "ok"),
    ],
)
def test_the_state_of_a_feed(feed: FeedHealth, state: str) -> None:
    assert health.state(feed, NOW) == state


def test_feeds_that_need_a_person_stand_first_and_all_are_counted() -> None:
    gone = replace(FINE, status=FeedStatus.GONE)
    stated = health.ordered([FINE, gone, FINE], NOW)
    assert [state for _, state in stated] == ["gone", "ok", "ok"]
    assert health.counts(stated) == {"gone": 1, "ok": 2}


@pytest.mark.parametrize(
    ("said", "finnish", "swedish"),
    [
        (
            "roadmap:7:9:2026-08-31",
            "7/9 kriittisestä tehtävästä, joiden määräaika on ohi, valmiina (raportti 31.8.2026)",
            "7/9 förfallna kritiska uppgifter klara (rapport 31.8.2026)",
        ),
        (
            "mean:1:2026-06-30",
            "yksi arvo, uusin 30.6.2026",
            "ett värde, det nyaste 30.6.2026",
        ),
        (
            "first_period:2026-12-31",
            "ensimmäinen jakso päättyy 31.12.2026",
            "den första perioden slutar 31.12.2026",
        ),
        ("no_report", "tiekarttaraporttia ei ole", "färdplansrapport saknas"),
        ("something new", "something new", "something new"),
    ],
)
def test_the_basis_of_readiness_in_words(said: str, finnish: str, swedish: str) -> None:
    assert (words(said, Translator("fi")), words(said, Translator("sv"))) == (finnish, swedish)
