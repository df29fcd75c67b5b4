"""A thousand damaged pages are read: each has one recorded outcome, and nothing else happens."""

import random
from collections import Counter
from itertools import islice

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import select

from monitor.articles.extract import MAX_MARKUP, extract
from monitor.articles.group import group_new
from monitor.articles.ingest import ingest_due
from monitor.bounded import BoundedExecutor
from monitor.clock import ManualClock
from monitor.db.engine import reading, transaction
from monitor.db.entries import save_entries
from monitor.db.tables import ArticleRow, EntryRow, OutcomeRow
from monitor.feeds.decide import EntryChange
from monitor.feeds.poll import sync_feeds
from monitor.fetch.client import Fetcher, Limits
from monitor.newsroom import pages
from monitor.newsroom.behaviour import BEHAVIOURS
from monitor.newsroom.load import load_newsroom
from monitor.progress import Silent
from monitor.settings import load_settings
from monitor.values import FeedSpec, Page, ParsedEntry, Stage, Unusable
from tests.conftest import NOW
from tests.loopback import Loopback
from tests.mutations import damaged, with_pieces

SEED = 20260101
PAGES, GROUPED = 1000, 100
SETTINGS = load_settings({}, retry_limit=1)
# What breaks readers of pages: markup cut in two, characters no text holds, nesting, scripts, structured
# data, dates and encodings that are none.
BAITS = (
    b"<", b">", b'"', b"&", b"&#0;", b"&#xD800;", b"\x00", b"\xff\xfe", b"\xc3", b"\xf0\x9f\x98", b"<!--",
    b"-->", b"<script>", b"</script>", b"<style>", b"<svg><p>", b"<template>", b"<plaintext>", b"<table><p>",
    b"<noscript>", b"<body>", b"</body></html>", b"<h1></h1>", b"<article><article>", b"<div>" * 3000,
    b"<b><i>" * 1500, b"<p>" * 3000, b"&nbsp;" * 3000, b"<a href='http://['>x</a>",
    b"<base href='http://['>", b"<link rel=canonical href='http://['>", b"<meta charset='no-such-set'>",
    b"<meta charset=utf-16>", b"<time datetime='0000-00-00T99:99'>", b"<time datetime='9999-12-31T23:59:59-23:59'>",
    b"<meta property='article:published_time' content='99999999999999999999'>",
    b"<script type='application/ld+json'>", b"<script type='application/ld+json'>" + b"[" * 4000 + b"</script>",
    b'<script type="application/ld+json">{"@type":"NewsArticle","datePublished":7,"headline":[{}]}</script>',
    b"<x " + b'a="1" ' * 150 + b"/>", b"<p>" + "\u202e\u0301ä".encode() * 2000, b"<html xmlns='x:y' lang='%'>",
)  # fmt: skip


def samples() -> list[bytes]:
    """Pages of the sample newsroom: two articles of every outlet, in its layout and character set."""
    room, found = load_newsroom(), []
    for outlet in room.outlets:
        own = [a for a in room.articles if a.outlet == outlet.id and a.path and a.published <= NOW]
        links = [pages.Link(a.title, a.path) for a in own[:4]]
        for article in own[-2:]:
            text = pages.article_page(outlet, article, NOW, 80, links, links)
            found.append(text.encode(BEHAVIOURS[outlet.behaviour].charset, "xmlcharrefreplace"))
    return found


WHOLE = samples()


class First(Silent):
    """Ends a loop after GROUPED items."""

    def over(self, items, what, total=None):  # type: ignore[no-untyped-def]
        yield from islice(items, GROUPED)


def test_undamaged_pages_are_read() -> None:
    read = [extract(Page("https://outlet.example/1", body, None)) for body in WHOLE]
    assert sum(isinstance(found, Unusable) for found in read) == 0


@pytest.mark.slow
def test_every_damaged_page_has_one_recorded_outcome(sqlite: Engine) -> None:
    rng, clock = random.Random(SEED), ManualClock(NOW)
    bodies = [damaged(rng.choice(WHOLE), rng, BAITS) for _ in range(PAGES)]
    feed = FeedSpec("lehti", "https://lehti.example/rss", "Lehti", "fi", ("19",), "g", "daily")
    sync_feeds(sqlite, [feed], clock())
    with (
        Loopback() as site,
        Fetcher(Limits(), "test", allow_private=True) as fetcher,
        BoundedExecutor(2, SETTINGS.extract_seconds) as executor,
    ):
        links = [site.url(f"/{n}", host=f"h{n % 50}.localhost") for n in range(PAGES)]
        for number, body in enumerate(bodies):
            site.pages[f"/{number}"] = lambda _, body=body: web.Response(  # type: ignore[misc]
                body=body, content_type="text/html"
            )
        with transaction(sqlite) as session:
            save_entries(session, feed.id, [_new(n, links[n]) for n in range(PAGES)], clock())
        # strict: an exception inside the stage is raised here; each page has a limit of time and memory
        ingest_due(sqlite, fetcher, clock, SETTINGS, Silent(), executor, strict=True)
    grouped = group_new(sqlite, clock, First(), SETTINGS.labels_dir)
    with reading(sqlite) as session:
        entries = session.exec(select(EntryRow)).all()
        told = session.exec(select(OutcomeRow).where(OutcomeRow.stage == Stage.INGEST)).all()
        articles = session.exec(select(ArticleRow)).all()
    assert sorted(row.item for row in told) == sorted(f"{entry.id}|1" for entry in entries)
    assert {entry.state for entry in entries} == {"done"}
    assert {entry.article_id for entry in entries} <= {article.id for article in articles}
    assert grouped.items == sum(article.story_id is not None for article in articles) == GROUPED
    kinds = Counter(row.outcome for row in told)
    assert kinds["set aside"] == kinds["too slow"] == 0
    assert kinds["full"] > PAGES / 4
    assert kinds["feed text"] > PAGES / 50, "the damage does damage"


def _new(number: int, link: str) -> EntryChange:
    item = ParsedEntry(
        str(number), link, True, f"Otsikko {number}", "Lyhyt teksti syötteestä.", None
    )
    return EntryChange("new", item, str(number), 1)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    whole=st.sampled_from(WHOLE),
    pieces=st.lists(st.tuples(st.floats(0, 1), st.sampled_from(BAITS) | st.binary(max_size=9)), min_size=1, max_size=5),
    charset=st.none() | st.sampled_from(["utf-8", "latin-1", "utf-16", "no-such-set", "\x00", ""]),
    url=st.sampled_from(["https://outlet.example/1", "", "http://[", "x:y"]),
)  # fmt: skip
def test_no_damage_raises(
    whole: bytes, pieces: list[tuple[float, bytes]], charset: str | None, url: str
) -> None:
    found = extract(Page(url, with_pieces(whole, pieces), charset))
    if isinstance(found, Unusable):
        assert found.reason
        return
    assert found.title.strip()
    assert len(found.text) <= MAX_MARKUP
    assert found.published is None or found.published.tzinfo is not None
    (found.title + found.text).encode()
