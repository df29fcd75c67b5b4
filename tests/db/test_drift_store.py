"""Weekly counts of what versions say: counted by the store, kept once, and only of their own words."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from monitor.db.claims import count_tagged_by_others, tagged_by_others, untagged
from monitor.db.drift import count_week, keep_week, kept_weeks
from monitor.db.engine import reading, transaction
from monitor.db.tables import ArticleRow, ClaimRow
from tests.conftest import NOW
from tests.stored import article_row, feed_row

WEEK, MONDAY = "2026-W46", datetime(2026, 11, 9, 8, tzinfo=UTC)
VERSIONS = {"relevance": "r1", "topic": "t1", "region": "g1", "direction": "d1"}


def said(article: ArticleRow, task: str, label: str, p: float, version: str) -> ClaimRow:
    return ClaimRow(
        article_id=article.id or 0, content_hash=article.content_hash, task=task, label=label,
        probability=p, decided=p >= 0.5, author="model", author_id=version, evidence=[], at=NOW,
    )  # fmt: skip


def fill(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(feed_row())
        session.flush()
        rows = [
            article_row(
                n, language="sv" if n % 4 == 0 else "fi", published=MONDAY + timedelta(hours=n)
            )
            for n in range(8)
        ]
        rows.append(article_row(99, published=MONDAY + timedelta(days=7)))  # the week after
        session.add_all(rows)
        session.flush()
        for n, row in enumerate(rows):
            session.add(said(row, "relevance", "relevant", n / 8, "r1"))
            session.add(said(row, "relevance", "relevant", 0.99, "r0"))  # another version's word
            session.add(said(row, "topic", "ict", 0.9, "t1"))
            again = said(row, "topic", "ict", 0.9, "t1")  # said anew after a rollback
            again.at = NOW + timedelta(hours=1)
            session.add(again)
            session.add(said(row, "topic", "finance", 0.1, "t1"))


def test_a_week_is_counted_by_language_step_and_label(engine: Engine) -> None:
    fill(engine)
    with reading(engine) as session:
        found = count_week(session, WEEK, VERSIONS)
    assert found["language"] == {"all": {"fi": 6, "sv": 2}}
    relevance = {
        language: {step: n for step, n in counts.items() if n}
        for language, counts in found["relevance"].items()
    }
    assert relevance == {  # 0/8 and 4/8 are Swedish
        "fi": {"1": 1, "2": 1, "3": 1, "6": 1, "7": 1, "8": 1},
        "sv": {"0": 1, "5": 1},
    }
    assert found["topic"] == {"fi": {"ict": 6}, "sv": {"ict": 2}}


def test_what_is_counted_again_replaces_what_was(engine: Engine) -> None:
    first, second = {"relevance": {"fi": {"0": 1}}}, {"relevance": {"fi": {"0": 2}}}
    for found in (first, second, second):
        with transaction(engine) as session:
            keep_week(session, WEEK, VERSIONS, found, NOW)
    with transaction(engine) as session:
        keep_week(session, "2026-W45", {**VERSIONS, "relevance": "r0"}, first, NOW)
    with reading(engine) as session:
        kept = kept_weeks(session, "relevance", "r1", "2026-W01", WEEK)
    assert [(week.week, week.counts) for week in kept] == [(WEEK, {"fi": {"0": 2}})]


def test_articles_of_other_versions_are_tagged_again_apart_from_new_ones(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(feed_row())
        session.flush()
        session.add_all(
            [
                article_row(1, tagged_with="v1:1|old"),
                article_row(2, tagged_with="v1:2|new"),
                article_row(3),
                article_row(4, tagged_with="v1:before|new"),  # its text has changed since
                article_row(5, tagged_with="v1:5|old"),
                article_row(6, tagged_with="v1:6|old", removed=NOW),
            ]
        )
    with reading(engine) as session:
        every = [due.article.content_hash for due in untagged(session, "new", 9)]
        fresh = [due.article.content_hash for due in untagged(session, "new", 9, only_new=True)]
        others = tagged_by_others(session, "new", 9)
        rest = tagged_by_others(session, "new", 9, others[0].article.id)
        assert count_tagged_by_others(session, "new") == 2
    assert every == ["v1:1", "v1:3", "v1:4", "v1:5"]
    assert fresh == ["v1:3", "v1:4"]
    assert [due.article.content_hash for due in others] == ["v1:5", "v1:1"]
    assert [due.article.content_hash for due in rest] == ["v1:1"]
