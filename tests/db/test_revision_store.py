"""The history of an article, and what is left of one that was taken away, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from monitor.articles.fingerprint import bands, content_hash, signature
from monitor.articles.values import Draft
from monitor.db import articles, claims, revisions, stories
from monitor.db.engine import reading, transaction
from monitor.db.tables import AuditRow, StoryKeyRow
from monitor.feeds.poll import sync_feeds
from monitor.values import FeedSpec

NOW = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
FEED = FeedSpec("bladet", "https://bladet.example/rss", "Bladet", "sv", ("17",), "kust", "daily")
TEXT = "Jouren i Jakobstad stängs. Klienterna hänvisas till Vasa."


def _draft(text: str, title: str = "Jouren stängs") -> Draft:
    return Draft(
        "https://bladet.example/a", FEED, title, text, "sv", 0.9, "full", "", "page", NOW, "feed",
        content_hash(title, text), signature(text),
    )  # fmt: skip


@pytest.fixture
def store(engine: Engine) -> Engine:
    sync_feeds(engine, [FEED], NOW)
    return engine


@pytest.fixture
def article(store: Engine) -> int:
    """An article of two revisions in a story, findable by its traits."""
    with transaction(store) as session:
        number = articles.add(session, _draft(TEXT), NOW)
        articles.revise(session, number, _draft(TEXT + " Rättat."), NOW + timedelta(hours=1))
        marks = bands(signature(TEXT))
        stories.assign(session, number, None, marks)
        traits = {"wsvjouren": 0.5, "p598": 0.7}
        stories.index(session, number, NOW, frozenset({"p598"}), traits, ["p598"])
    return number


def test_every_revision_is_kept_in_order(store: Engine, article: int) -> None:
    with reading(store) as session:
        past = revisions.history(session, article)
        assert revisions.history(session, article + 1) == []
        assert revisions.tombstone(session, article) is None
    assert [(r.number, r.text) for r in past] == [(1, TEXT), (2, TEXT + " Rättat.")]


def test_an_article_is_found_by_a_trait_within_the_span(store: Engine, article: int) -> None:
    day = timedelta(days=1)
    with reading(store) as session:
        found = stories.postings(session, ["p598", "zother"], NOW - day, NOW + day)
        assert {t: [number for _, number in p] for t, p in found.items()} == {"p598": [article]}
        assert stories.counts(found, NOW - day) == {"p598": 1}
        assert stories.postings(session, ["p598"], NOW + day, NOW + 2 * day) == {}
        assert stories.postings(session, [], NOW - day, NOW + day) == {}
        assert stories.indexed_between(session, NOW - day, NOW) == 1
        (known,) = stories.known(session, [article])
    assert (known.title, known.weights) == ({"p598"}, {"wsvjouren": 0.5, "p598": 0.7})


def test_a_common_trait_is_counted_in_its_newest_articles() -> None:
    hours = [(1000 - n, n) for n in range(stories.POSTINGS)]
    start = datetime.fromtimestamp(0, UTC) + timedelta(hours=501)
    assert stories.counts({"t": hours}, start) == {"t": 500}


def test_a_tombstone_keeps_address_hashes_and_story_but_no_text(
    store: Engine, article: int
) -> None:
    with reading(store) as session:
        before = articles.get(session, article)
    with transaction(store) as session:
        assert revisions.take_away(session, article, "the publisher asked", "editor", NOW)
        assert not revisions.take_away(session, article, "again", "editor", NOW)
    with reading(store) as session:
        after = articles.get(session, article)
        past = revisions.history(session, article)
        assert revisions.tombstone(session, article) == revisions.Tombstone(
            NOW, "the publisher asked"
        )
        assert session.exec(select(StoryKeyRow)).all() == []
        (known,) = stories.known(session, [article])
        trail = session.exec(select(AuditRow).where(AuditRow.action == "article removed")).all()
        assert claims.untagged(session, "m1", 10) == []
    assert before is not None
    assert after is not None
    assert (after.text, after.title) == ("", before.title)
    assert (after.address, after.content_hash, after.story_id) == (
        before.address,
        before.content_hash,
        before.story_id,
    )
    assert [(r.text, bool(r.content_hash)) for r in past] == [("", True), ("", True)]
    assert (known.weights, known.fingerprint) == ({}, signature(TEXT + " Rättat."))
    assert [row.who for row in trail] == ["editor"]


def test_what_was_taken_away_does_not_come_back(store: Engine, article: int) -> None:
    with transaction(store) as session:
        revisions.take_away(session, article, "asked", "editor", NOW)
        assert articles.revise(session, article, _draft("Ny text."), NOW) == 2
    with reading(store) as session:
        found = articles.get(session, article)
    assert found is not None
    assert (found.text, found.revision) == ("", 2)
