"""A thousand damaged feeds go through a poll: each has one recorded outcome, and nothing else happens."""

import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import select

from monitor.clock import ManualClock
from monitor.db.engine import reading
from monitor.db.tables import EntryRow, OutcomeRow, PollRow
from monitor.feeds.parse import parse_feed
from monitor.feeds.poll import poll_due, sync_feeds
from monitor.fetch.client import Fetcher, Limits
from monitor.newsroom.feedwriter import feed_item, write_feed
from monitor.newsroom.load import load_newsroom
from monitor.settings import load_settings
from monitor.values import FeedSpec, NotAFeed
from tests.loopback import Loopback
from tests.mutations import damaged, with_pieces

SEED = 20260101
FEEDS = 1000
ITEMS = 4  # of each feed: damage does not need many
NOW = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
GOLDEN = Path(__file__).parents[1] / "data" / "feeds"
# What breaks readers of feeds: markup cut in two, characters XML forbids, entities, nesting, encodings.
BAITS = (
    b"]]>", b"<![CDATA[", b"&#xD800;", b"&#0;", b"\x00", b"\xff\xfe", b"\xc3", b"&", b"<", b">", b'"',
    b"<!--", b"<?xml version='1.0' encoding='utf-7'?>", b'encoding="no-such-set"', b"</item>", b"<item>",
    b"</channel>", b"<description>", b"<div>" * 3000, b"&lt;b&gt;" * 3000, b"<content type='xhtml'>",
    b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>', b"&b;", b"<x " + b'a="1" ' * 150 + b"/>",
    b"<guid>", b"<link>http://[</link>", b"<pubDate>99999-99-99T99:99:99</pubDate>", b"<ttl>-1</ttl>",
    b"<updated>0000-00-00</updated>", b'xml:base="http://["', b"\xf0\x9f\x98", b"<html><body>",
)  # fmt: skip


def samples() -> list[bytes]:
    """Feeds of the sample newsroom, in every form it writes, and those beside the tests."""
    room = load_newsroom()
    found = [path.read_bytes() for path in sorted(GOLDEN.glob("*.xml"))]
    for outlet in room.outlets:
        own = [a for a in room.articles if a.outlet == outlet.id and a.published <= NOW]
        items = [feed_item(article, NOW, 80) for article in own[-ITEMS:]]
        found.append(write_feed(outlet, items, outlet.base(80)))
    return found


@pytest.mark.slow
def test_every_damaged_feed_has_one_recorded_outcome(sqlite: Engine) -> None:
    rng, whole = random.Random(SEED), samples()
    bodies = [damaged(rng.choice(whole), rng, BAITS) for _ in range(FEEDS)]
    clock = ManualClock(NOW)
    with Loopback() as site, Fetcher(Limits(), "test", allow_private=True) as fetcher:
        for number, body in enumerate(bodies):
            site.pages[f"/{number}"] = lambda _, body=body: web.Response(  # type: ignore[misc]
                body=body, content_type="application/rss+xml"
            )
        sync_feeds(sqlite, [_spec(site, number) for number in range(FEEDS)], clock())
        # strict: an exception inside the stage is raised here; each body has a limit of time and memory
        poll_due(sqlite, fetcher, clock, load_settings({}, parse_processes=2), strict=True)
    with reading(sqlite) as session:
        polls = session.exec(select(PollRow)).all()
        entries = Counter(session.exec(select(EntryRow.feed_id)))
        told = Counter(item.partition("|")[0] for item in session.exec(select(OutcomeRow.item)))
    assert Counter(poll.feed_id for poll in polls) == Counter(f"f{n}" for n in range(FEEDS))
    for poll in polls:
        assert poll.outcome == "ok" or poll.reason.startswith("not a feed: ")
        assert poll.new == entries[poll.feed_id]
        assert poll.new <= told[poll.feed_id] <= poll.items
    assert 100 < sum(poll.outcome == "ok" for poll in polls) < FEEDS  # the damage does damage


def _spec(site: Loopback, number: int) -> FeedSpec:
    # a name for every few, so that the limit per host does not make the test wait
    url = site.url(f"/{number}", host=f"h{number % 50}.localhost")
    return FeedSpec(f"f{number}", url, f"F{number}", "fi", (), f"g{number}", "daily")


WHOLE = [path.read_bytes() for path in sorted(GOLDEN.glob("*.xml"))]


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    whole=st.sampled_from(WHOLE),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.sampled_from(BAITS) | st.binary(max_size=9)), min_size=1, max_size=5),
    content_type=st.none() | st.sampled_from(["text/xml", "text/html", "text/xml; charset=\x00", "x"]),
)  # fmt: skip
def test_no_damage_raises(
    whole: bytes, cuts: list[tuple[float, bytes]], content_type: str | None
) -> None:
    parsed = parse_feed(with_pieces(whole, cuts), "https://outlet.example/feed", content_type, NOW)
    if isinstance(parsed, NotAFeed):
        assert parsed.reason
        return
    positions = [item.position for item in parsed.rejected]
    assert len(set(positions)) == len(positions)
    assert len({entry.key for entry in parsed.entries}) == len(parsed.entries)
    for entry in parsed.entries:
        (entry.title + entry.summary + entry.link + entry.key).encode()
