"""The coverage ledger in the store: kept once, said the same again, notices once per fall."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select
from structlog.testing import capture_logs

from monitor.coverage.calendar import day_bounds
from monitor.coverage.days import update_days
from monitor.coverage.run import compute_coverage, keep_ledger
from monitor.coverage.verdicts import SourceDay
from monitor.db.coverage import hearing_of_weeks, past_notices, standing_notices
from monitor.db.engine import reading, transaction
from monitor.db.source_days import kept_days
from monitor.db.tables import (
    ArticleRow,
    ClaimRow,
    EntryRow,
    FeedRow,
    NoticeRow,
    PollRow,
    StoryRow,
)

FIRST = date(2026, 9, 7)  # a Monday
START = day_bounds(FIRST)[0]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
UNITS = ("05", "17", "18")


def _feed(engine: Engine, id_: str, home: list[str], group: str = "talo", lang: str = "fi") -> None:
    with transaction(engine) as session:
        session.add(
            FeedRow(id=id_, url=f"http://{id_}.localhost/", title=id_, lang=lang, home=home,
                    publisher_group=group, kind="daily")
        )  # fmt: skip


def _polls(engine: Engine, feed: str, first: int, last: int, outcome: str = "ok") -> None:
    """Four polls a day, from day `first` to before day `last`."""
    failed = outcome == "failed"
    with transaction(engine) as session:
        for n in range(first * 4, last * 4):
            at = START + n * 6 * HOUR + HOUR
            session.add(
                PollRow(feed_id=feed, at=at, outcome=outcome, reason="timeout: x" if failed else "",
                        oldest_item=None if failed else at - 30 * HOUR)
            )  # fmt: skip


def _entries(engine: Engine, feed: str, first: int, last: int, a_day: int = 8) -> None:
    with transaction(engine) as session:
        for n in range(first, last):
            for item in range(a_day):
                at = START + n * DAY + (8 + item) * HOUR
                session.add(
                    EntryRow(feed_id=feed, key=str(at), link="", own_page=False, title="t",
                             summary="", published=at, first_seen=at, last_seen=at, entry_hash="h")
                )  # fmt: skip


def _days(engine: Engine) -> dict[str, list[SourceDay]]:
    with reading(engine) as session:
        return kept_days(session, FIRST, FIRST + 100 * DAY)


def _now(days: float) -> datetime:
    return (START + days * DAY).astimezone(UTC)


def test_the_ledger_says_the_same_again_and_writes_nothing(engine: Engine) -> None:
    _feed(engine, "lehti", ["05"])
    _polls(engine, "lehti", 0, 30)
    _entries(engine, "lehti", 0, 26)
    assert update_days(engine, _now(30)).written >= 30
    before = _days(engine)
    assert update_days(engine, _now(30)).written == 0
    assert _days(engine) == before
    assert [str(d.verdict) for d in before["lehti"]][-6:-1] == ["heard"] + ["quieter"] * 4


def test_kept_day_by_day_it_says_what_it_says_at_once(engine: Engine) -> None:
    for id_ in ("alku", "loppu"):
        _feed(engine, id_, ["05"])
    _polls(engine, "alku", 0, 60)
    _entries(engine, "alku", 0, 60)
    _polls(engine, "loppu", 0, 40)
    _polls(engine, "loppu", 40, 43, "failed")
    _polls(engine, "loppu", 43, 60)
    _entries(engine, "loppu", 0, 50)
    for day in range(1, 61):
        update_days(engine, _now(day) + 2 * HOUR)
    verdicts = {
        feed: [(d.day, d.verdict, d.since) for d in days] for feed, days in _days(engine).items()
    }
    said = [str(verdict) for _, verdict, _ in verdicts["loppu"]]
    offset = (FIRST - verdicts["loppu"][0][0]).days
    assert said[offset + 40 : offset + 43] == ["failing"] * 3
    assert said[offset + 50 : offset + 60] == ["quieter"] * 10
    with transaction(engine) as session:
        session.connection().exec_driver_sql("DELETE FROM source_days")
    update_days(engine, _now(60) + 2 * HOUR)
    again = {
        feed: [(d.day, d.verdict, d.since) for d in days] for feed, days in _days(engine).items()
    }
    assert again == verdicts


def test_what_began_before_the_days_looked_at_still_holds(engine: Engine) -> None:
    """A feed that is asked no more, and one whose rare answers carry no times."""
    for id_ in ("poissa", "harva", "muu"):
        _feed(engine, id_, ["05"])
    _polls(engine, "muu", 0, 60)
    _polls(engine, "poissa", 0, 20)
    _polls(engine, "poissa", 20, 21, "failed")
    with transaction(engine) as session:
        for day in range(0, 60, 5):
            session.add(PollRow(feed_id="harva", at=_now(day + 0.5), outcome="not modified"))
    update_days(engine, _now(60))
    at_once = _days(engine)
    assert {str(d.verdict) for d in at_once["poissa"] if d.day >= FIRST + 20 * DAY} == {"failing"}
    assert update_days(engine, _now(60)).written == 0
    with transaction(engine) as session:
        session.connection().exec_driver_sql("DELETE FROM source_days")
    for day in range(1, 61):
        update_days(engine, _now(day))
    kept = _days(engine)
    for id_ in ("poissa", "harva"):
        assert [d.facts.polled for d in kept[id_]] == [d.facts.polled for d in at_once[id_]]


def test_undated_entries_of_the_first_answer_are_of_no_day(engine: Engine) -> None:
    _feed(engine, "lehti", ["05"])
    first = _now(0) + HOUR
    with transaction(engine) as session:
        for at in (first, first + 6 * HOUR, first + 30 * HOUR):
            session.add(PollRow(feed_id="lehti", at=at, outcome="ok"))
            for n in range(9):
                session.add(
                    EntryRow(feed_id="lehti", key=f"{at}{n}", link="", own_page=False, title="t",
                             summary="", first_seen=at, last_seen=at, entry_hash="h")
                )  # fmt: skip
    update_days(engine, _now(2))
    assert [d.facts.entries for d in _days(engine)["lehti"]][:2] == [9, 9]


def test_a_notice_is_raised_once_per_fall_and_cleared(engine: Engine) -> None:
    _feed(engine, "lehti", ["05"])
    _feed(engine, "blad", ["17"], "hus", "sv")
    _polls(engine, "blad", 0, 40)
    _polls(engine, "lehti", 0, 20)
    _polls(engine, "lehti", 20, 26, "failed")
    _polls(engine, "lehti", 26, 32)
    _polls(engine, "lehti", 32, 36, "failed")
    raised, cleared = [], []
    with capture_logs() as logged:
        for half in range(38, 70):
            report = keep_ledger(engine, UNITS, 0.6, _now(half / 2))
            raised += [(region, half / 2) for region in report.raised]
            cleared += [(region, half / 2) for region in report.cleared]
    assert [region for region, _ in raised] == ["05", "05"], "18 has no source and cannot fall"
    assert [region for region, _ in cleared] == ["05"]
    assert 20 < raised[0][1] <= 23
    assert 26 < cleared[0][1] <= 30
    assert [line["event"] for line in logged if line["log_level"] == "warning"] == [
        "region_deaf"
    ] * 2
    with reading(engine) as session:
        assert [n.region for n in standing_notices(session)] == ["05"]
        assert [n.region for n in past_notices(session, 5)] == ["05"]
        assert len(session.exec(select(NoticeRow)).all()) == 2
        assert all(n.share < n.least for n in standing_notices(session))


def _report(engine: Engine, feed: str, group: str, region: str, week: int, n: int) -> None:
    """`n` stories of `region` in a week; each is told twice by the group."""
    at = START + week * 7 * DAY + 9 * HOUR
    with transaction(engine) as session:
        for number in range(n):
            story = StoryRow(first_published=at, last_published=at)
            session.add(story)
            session.flush()
            for copy in "ab":
                article = ArticleRow(
                    address=f"{feed}{week}{number}{copy}", feed_id=feed, publisher_group=group,
                    feed_home=[], title="t", text="t", language="fi", language_confidence=1,
                    completeness="full", text_source="page", published=at, published_source="feed",
                    first_seen=at, content_hash="h", fingerprint=b"", story_id=story.id,
                )  # fmt: skip
                session.add(article)
                session.flush()
                for label, role in ((region, "happens"), ("17", "mentioned")):
                    session.add(
                        ClaimRow(article_id=article.id or 0, content_hash="h", task="region",
                                 label=label, probability=0.9, decided=True, author="model",
                                 author_id="v1", role=role, evidence=[], at=at)
                    )  # fmt: skip


def test_losing_the_paper_that_tells_most_costs_most(engine: Engine) -> None:
    for id_, group, home, lang in (
        ("iso", "iso", ["05"], "fi"),
        ("blad", "liten", ["05"], "sv"),
        ("koko-maa", "maa", [], "fi"),
    ):
        _feed(engine, id_, home, group, lang)
        _polls(engine, id_, 0, 28)
    for week in range(4):
        _report(engine, "iso", "iso", "05", week, 10)
        _report(engine, "koko-maa", "maa", "05", week, 5)
    _polls(engine, "blad", 28, 35)
    _polls(engine, "koko-maa", 28, 35)
    _polls(engine, "iso", 28, 35, "failed")
    week = "2026-W41"
    found = compute_coverage(engine, [week], UNITS, _now(35))["05", week]
    with reading(engine) as session:
        kept = hearing_of_weeks(session, [week])["05", week]
    # Equal weights are worth 20 stories; the big paper told 40, the small one none.
    assert found.exposure == pytest.approx(10 / 60, abs=0.03)
    assert kept.breakdown.share == found.exposure
    assert kept.breakdown.reported == pytest.approx(20 / 60, abs=0.03)
    groups, languages = dict(kept.breakdown.groups), dict(kept.breakdown.languages)
    assert groups["liten"] == languages["sv"] == pytest.approx(1, abs=0.05)
    assert groups["iso"] == languages["fi"] == pytest.approx(0, abs=0.05)


def test_a_region_of_which_less_is_told_than_usual_is_said_since_when(engine: Engine) -> None:
    _feed(engine, "lehti", ["05"])
    _polls(engine, "lehti", 0, 98)
    for week in range(14):
        _report(engine, "lehti", "talo", "05", week, 9 if week < 11 else 0)
    compute_coverage(engine, ["2026-W50"], UNITS, _now(98))
    with reading(engine) as session:
        kept = hearing_of_weeks(session, ["2026-W50"])["05", "2026-W50"]
    assert (kept.stories, kept.fewer_since) == (0, "2026-W48")
    assert kept.at_most is not None
    assert kept.at_most < 0.01
