"""Feeds become entries: every item is one or is rejected, in both languages, whatever the bytes."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.feeds.parse import LONGEST_KEY, parse_feed
from monitor.feeds.plain import html_text
from monitor.values import NotAFeed, ParsedFeed

NOW = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
URL = "https://outlet.example/feed.xml"
FEEDS = sorted((Path(__file__).parents[1] / "data" / "feeds").glob("*.xml"))


def parse(body: bytes | str, content_type: str | None = "text/xml") -> ParsedFeed:
    raw = body.encode() if isinstance(body, str) else body
    parsed = parse_feed(raw, URL, content_type, NOW)
    assert isinstance(parsed, ParsedFeed), parsed
    return parsed


def rss(*items: str, head: str = "") -> str:
    joined = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{joined}</channel></rss>'


@pytest.mark.parametrize("path", FEEDS, ids=lambda path: path.stem)
def test_golden_feeds_say_what_is_written_beside_them(path: Path) -> None:
    found = asdict(parse(path.read_bytes()))
    assert found.pop("deleted") == ()
    for entry in found["entries"]:
        entry["published"] = entry["published"] and entry["published"].isoformat()
    keys = [item.pop("key") for item in found["rejected"]]
    assert len(set(keys)) == len(keys)
    assert json.loads(json.dumps(found)) == json.loads(path.with_suffix(".json").read_text("utf-8"))


def test_a_channel_says_in_which_hours_it_sleeps() -> None:
    hours = "<skipHours><hour>24</hour><hour> 1 </hour><hour>07</hour><hour>99</hour></skipHours>"
    assert parse(rss("<title>Jono</title>", head=hours)).skip_hours == (0, 1, 7)
    assert parse(rss("<title>Kö</title>", head="<skipHours><hour>1</hour>")).skip_hours == ()


def test_identity_is_guid_then_link_then_content() -> None:
    feed = parse(
        rss(
            "<title>A</title><guid>g1</guid><link>https://x.fi/a</link>",
            "<title>B</title><link>https://x.fi/b</link>",
            "<title>C</title><link>https://x.fi/same</link>",
            "<title>D</title><link>https://x.fi/same</link>",
        )
    )
    keys = [entry.key for entry in feed.entries]
    assert keys[:2] == ["g1", "https://x.fi/b"]
    assert all(key.startswith("sha256:") for key in keys[2:])
    assert [entry.own_page for entry in feed.entries] == [True, True, False, False]


def test_a_single_item_that_links_to_the_front_page_has_no_page_of_its_own() -> None:
    # else the next item in its place would pass for a revision of it
    one, other = (
        parse(rss(f"<title>{title}</title><link>http://www.pelastus.example/</link>")).entries[0]
        for title in ("rakennuspalo", "maastopalo")
    )
    assert not one.own_page
    assert one.key != other.key


def test_a_time_that_is_not_believed_still_tells_items_apart_and_keeps_their_key() -> None:
    item = "<title>Jouren stänger</title><pubDate>Thu, 19 Nov 2026 04:00:00 GMT</pubDate>"
    early = parse(rss(item))
    late = parse_feed(rss(item).encode(), URL, None, datetime(2026, 11, 19, 5, 0, tzinfo=UTC))
    assert isinstance(late, ParsedFeed)
    assert early.entries[0].published is None
    assert late.entries[0].published == datetime(2026, 11, 19, 4, 0, tzinfo=UTC)
    assert early.entries[0].key == late.entries[0].key


@pytest.mark.parametrize(
    ("stamp", "believed"),
    [
        ("Mon, 16 Nov 2026 23:00:00 +0200", True),  # later today: a wrong zone
        ("Wed, 18 Nov 2026 00:00:00 +0200", False),
        ("Sat, 31 Dec 1994 23:59:59 GMT", False),
        ("0000-00-00T00:00:00Z", False),
        ("eilen", False),
    ],
)
def test_only_possible_times_are_believed(stamp: str, believed: bool) -> None:
    [entry] = parse(rss(f"<title>A</title><pubDate>{stamp}</pubDate>")).entries
    assert (entry.published is not None) == believed


def test_the_charset_is_found_whatever_the_labels_say() -> None:
    text = '<?xml version="1.0" encoding="{}"?><rss version="2.0"><channel><item><title>Äldreomsorg på hörn</title></item></channel></rss>'
    cases = [
        ("iso-8859-1", "latin-1", "text/xml; charset=utf-8"),
        ("iso-8859-1", "latin-1", None),
        ("utf-8", "utf-8", "text/xml; charset=iso-8859-1"),
        ("iso-8859-1", "utf-8", "application/rss+xml"),
        ("utf-16", "utf-16", None),
    ]
    for declared, real, header in cases:
        feed = parse(text.format(declared).encode(real), header)
        assert feed.entries[0].title == "Äldreomsorg på hörn", (declared, real, header)


def test_half_a_surrogate_pair_costs_its_character_and_not_the_feed() -> None:
    feed = parse(rss("<title>Ilo &#xD83D;&#55357; irti &#0;&#x1F600;</title>"))
    assert feed.entries[0].title == "Ilo irti 😀"


def test_an_entity_reaches_neither_a_file_nor_a_billion_laughs() -> None:
    body = (
        '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/hostname">'
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
        '<rss version="2.0"><channel><item><title>x&f;y</title></item></channel></rss>'
    )
    assert parse(body).entries[0].title == "xy"


def test_long_keys_are_short_enough_to_index() -> None:
    [entry] = parse(rss(f"<title>A</title><guid>{'g' * 5000}</guid>")).entries
    assert len(entry.key) <= LONGEST_KEY


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"<!DOCTYPE html><html><body><p>Hei</p></body></html>", "web page"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "neither RSS nor Atom"),
        (b"/etc/hostname", "neither RSS nor Atom"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel', "broken"),
        (b"<rss>" + b"<" * 200_001, "elements"),
        (b"x" * 5_000_001, "larger"),
    ],
)
def test_what_is_no_feed_is_said_in_a_sentence(body: bytes, says: str) -> None:
    parsed = parse_feed(body, URL, None, NOW)
    assert isinstance(parsed, NotAFeed)
    assert says in parsed.reason


def test_an_empty_feed_is_a_feed() -> None:
    assert parse(rss(head="<title>Tyst</title>")) == ParsedFeed((), (), "Tyst")


WHOLE = FEEDS[0].read_bytes()


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.tuples(st.integers(0, len(WHOLE)), st.binary(max_size=9)).map(
            lambda cut: WHOLE[: cut[0]] + cut[1] + WHOLE[cut[0] :]
        ),
        st.integers(0, len(WHOLE)).map(lambda end: WHOLE[:end]),
    )
)
def test_no_bytes_raise_and_every_item_is_accounted_for(body: bytes) -> None:
    parsed = parse_feed(body, URL, "text/xml", NOW)
    if isinstance(parsed, NotAFeed):
        assert parsed.reason
        return
    keys = [entry.key for entry in parsed.entries]
    assert len(set(keys)) == len(keys)
    assert all(entry.title and len(entry.key) <= LONGEST_KEY for entry in parsed.entries)
    for entry in parsed.entries:
        (entry.title + entry.summary + entry.link).encode()  # storable: no lone surrogates
        assert "\x00" not in entry.title + entry.summary + entry.key


@given(st.text(max_size=200))
def test_plain_text_is_storable_and_its_paragraphs_are_single(markup: str) -> None:
    text = html_text(markup)
    text.encode()
    assert "\n\n\n" not in text
    assert text == text.strip()
    assert "  " not in text


@pytest.mark.parametrize("text", ["&lt;" + "a" * 300_000, "a" + " " * 300_000 + "b"])
def test_long_plain_text_takes_no_time_in_its_square(text: str) -> None:
    begun = perf_counter()
    (entry,) = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>x</title>'
        f'<summary type="text">{text}</summary></entry></feed>'
    ).entries
    assert entry.summary
    assert perf_counter() - begun < 20  # in the square of the length it would be minutes
