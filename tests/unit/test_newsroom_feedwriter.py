"""Feeds of the sample newsroom, read back with feedparser."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from xml.sax import SAXParseException

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.newsroom.feedwriter import FeedItem, write_feed
from monitor.newsroom.values import FeedFormat, Outlet

BASE = "http://lehti.localhost:80"
OUTLET = Outlet("lehti", "Päivän & Yön <Lehti>", "fi", "g", (), "daily", "rss2", "grid", "plain")
SUMMER = datetime(2026, 10, 12, 3, 30, tzinfo=UTC)
WINTER = datetime(2026, 11, 12, 3, 30, tzinfo=UTC)
ITEM = FeedItem(
    "lehti-a001-1",
    "”Päivystys” & jono – 3 < 5 €",
    f"{BASE}/2026/10/12/paivystys-a001-1.html",
    "Vård på svenska: a < b & ”åäö”.",
    "Toimitus",
    SUMMER,
    WINTER,
)
# What XML 1.0 cannot carry is no text that an outlet could have.
TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Cn"), blacklist_characters="\ufffe\uffff"),
    min_size=1,
).filter(lambda t: t == " ".join(t.split()) and t)


def read(outlet: Outlet, *items: FeedItem) -> feedparser.FeedParserDict:
    return feedparser.parse(write_feed(outlet, items, BASE))


@pytest.mark.parametrize("form", ["rss2", "atom", "rss1"])
@pytest.mark.parametrize("behaviour", ["plain", "latin1"])
def test_every_form_carries_title_link_lead_and_time(form: FeedFormat, behaviour: str) -> None:
    feed = read(replace(OUTLET, format=form, behaviour=behaviour), ITEM)
    assert not feed.bozo
    assert feed.feed.title == OUTLET.title
    (entry,) = feed.entries
    assert (entry.title, entry.link) == (ITEM.title, ITEM.link)
    assert unescape(re.sub("</?p>", "", entry.summary)) == ITEM.lead
    stamp = entry.get("published_parsed") or entry.updated_parsed
    assert datetime(*stamp[:6], tzinfo=UTC) == SUMMER


@given(TEXT, TEXT)
@pytest.mark.parametrize("form", ["rss2", "atom", "rss1"])
def test_any_text_gives_well_formed_feeds(form: FeedFormat, title: str, lead: str) -> None:
    item = replace(ITEM, title=title, lead=lead)
    feed = read(replace(OUTLET, format=form, behaviour="latin1"), item)
    assert not feed.bozo
    assert len(feed.entries) == 1


def test_an_atom_entry_tells_of_the_edit_beside_the_publication() -> None:
    (entry,) = read(replace(OUTLET, format="atom"), ITEM).entries
    assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == SUMMER
    assert datetime(*entry.updated_parsed[:6], tzinfo=UTC) == WINTER


def test_latin1_is_latin1() -> None:
    body = write_feed(replace(OUTLET, behaviour="latin1"), [ITEM], BASE)
    assert body.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>')
    assert "Päivän".encode("latin-1") in body
    assert b"&#8211;" in body  # the en dash is not in Latin-1


def test_an_undated_feed_holds_no_time_at_all() -> None:
    outlet = replace(OUTLET, behaviour="undated")
    body = write_feed(outlet, [ITEM], BASE)
    assert b"Date" not in body
    assert b"Date" in write_feed(OUTLET, [ITEM], BASE)


def test_the_rescue_feed_has_the_faults_of_the_real_one() -> None:
    outlet = replace(OUTLET, behaviour="rescue")
    body = write_feed(outlet, [ITEM, replace(ITEM, id="x", published=WINTER)], BASE)
    assert b"guid" not in body
    feed = feedparser.parse(body)
    assert {e.link for e in feed.entries} == {BASE}
    # 6.30 and 5.30 in Helsinki; summer time is labelled with the zone of winter
    assert [e.published for e in feed.entries] == [
        "Mon, 12 Oct 2026 06:30:00 +0200",
        "Thu, 12 Nov 2026 05:30:00 +0200",
    ]


def test_a_broken_feed_is_cut_in_the_middle() -> None:
    items = [replace(ITEM, id=f"i{n}", link=f"{BASE}/{n}") for n in range(10)]
    whole, broken = read(OUTLET, *items), read(replace(OUTLET, behaviour="broken"), *items)
    assert isinstance(broken.bozo_exception, SAXParseException)
    assert 0 < len(broken.entries) < len(whole.entries) == 10
    assert read(replace(OUTLET, behaviour="broken")).bozo  # also where there is nothing to tell


@pytest.mark.parametrize("form", ["rss2", "atom", "rss1"])
def test_a_feed_without_items_is_still_a_feed(form: FeedFormat) -> None:
    feed = read(replace(OUTLET, format=form))
    assert not feed.bozo
    assert feed.entries == []
    assert feed.version
