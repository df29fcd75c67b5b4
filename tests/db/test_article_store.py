"""Articles and stories in the store, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from monitor.articles.fingerprint import bands, content_hash, signature
from monitor.articles.urls import variants
from monitor.articles.values import Draft
from monitor.db import articles, stories
from monitor.db.engine import reading, transaction
from monitor.db.tables import RevisionRow
from monitor.feeds.poll import sync_feeds
from monitor.values import FeedSpec

NOW = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
FEED = FeedSpec(
    "bladet", "https://bladet.example/rss", "Bladet", "sv", ("17",), "kustmedia", "daily"
)
PAPER = FeedSpec("lehti", "https://lehti.example/rss", "Lehti", "fi", ("19",), "tunturi", "daily")
TEXT = "Jouren i Jakobstad stängs. Klienterna hänvisas till Vasa, berättar överläkaren för Bladet."


def _draft(
    address: str,
    title: str = "Jouren stängs",
    text: str = TEXT,
    feed: FeedSpec = FEED,
    hours: int = 0,
) -> Draft:
    return Draft(
        address, feed, title, text, "sv", 0.9, "full", "", "page", NOW + timedelta(hours=hours), "feed",
        content_hash(title, text), signature(text),
    )  # fmt: skip


@pytest.fixture
def store(engine: Engine) -> Engine:
    sync_feeds(engine, [FEED, PAPER], NOW)
    return engine


def test_an_article_comes_back_under_http_and_https(store: Engine) -> None:
    with transaction(store) as session:
        number = articles.add(session, _draft("https://bladet.example/a"), NOW)
    with reading(store) as session:
        found = articles.find(session, variants("http://bladet.example/a/"))
        assert found == articles.get(session, number)
        assert articles.find(session, variants("https://bladet.example/b")) is None
    assert found is not None
    assert (found.title, found.text, found.revision, found.story_id) == (
        "Jouren stängs",
        TEXT,
        1,
        None,
    )
    assert (found.publisher_group, found.feed_home, found.published) == ("kustmedia", ("17",), NOW)


def test_a_revision_keeps_what_was_said_before(store: Engine) -> None:
    with transaction(store) as session:
        number = articles.add(session, _draft("https://bladet.example/a"), NOW)
        assert (
            articles.revise(
                session, number, _draft("https://bladet.example/a", "Ny rubrik", hours=5), NOW
            )
            == 2
        )
    with reading(store) as session:
        now = articles.get(session, number)
        titles = session.exec(select(RevisionRow.title).order_by("number")).all()
    assert titles == ["Jouren stängs", "Ny rubrik"]
    assert now is not None
    assert (now.title, now.revision, now.published) == ("Ny rubrik", 2, NOW)


def test_one_article_per_address(store: Engine) -> None:
    with transaction(store) as session:
        articles.add(session, _draft("https://bladet.example/a"), NOW)
    with pytest.raises(IntegrityError), transaction(store) as session:
        articles.add(session, _draft("https://bladet.example/a", feed=PAPER), NOW)


def test_articles_of_a_span_are_those_from_its_start_until_before_its_end(store: Engine) -> None:
    with transaction(store) as session:
        for hours in (-1, 0, 5, 24):
            articles.add(session, _draft(f"https://bladet.example/{hours}", hours=hours), NOW)
    with reading(store) as session:
        found = articles.articles_between(session, NOW, NOW + timedelta(hours=24))
    assert [a.published for a in found] == [NOW, NOW + timedelta(hours=5)]


def test_a_story_gathers_articles_and_their_publisher_groups(store: Engine) -> None:
    marks = bands(signature(TEXT))
    with transaction(store) as session:
        first = articles.add(session, _draft("https://bladet.example/a"), NOW)
        second = articles.add(session, _draft("https://lehti.example/a", feed=PAPER, hours=3), NOW)
        number = stories.assign(session, first, None, marks)
        assert stories.assign(session, second, number, marks) == number
        assert stories.assign(session, second, None, marks) is None  # it has one already
    with reading(store) as session:
        assert stories.without_story(session, 10) == []
        assert number is not None
        story = stories.story(session, number)
        assert stories.stories_of(session, [first, second, 999]) == {first: story, second: story}
        assert stories.story(session, number + 1) is None
    assert story is not None
    assert (story.article_ids, story.publisher_groups) == (
        (first, second),
        ("kustmedia", "tunturi"),
    )
    assert (story.first_published, story.last_published) == (NOW, NOW + timedelta(hours=3))


def test_candidates_share_a_band_in_the_same_place(store: Engine) -> None:
    marks = bands(signature(TEXT))
    with transaction(store) as session:
        first = articles.add(session, _draft("https://bladet.example/a"), NOW)
        stories.assign(session, first, None, marks)
    day = timedelta(days=1)
    with reading(store) as session:
        same = stories.sharing_bands(session, marks, NOW - day, NOW + day)
        moved = stories.sharing_bands(session, (0, *marks[:-1]), NOW - day, NOW + day)
        late = stories.sharing_bands(session, marks, NOW + day, NOW + 2 * day)
        assert stories.sharing_bands(session, (), NOW - day, NOW + day) == []
    assert same == [first]
    assert (moved, late) == ([], [])
