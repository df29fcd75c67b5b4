"""What a feed says it has deleted, and character sets that are not read."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.parse import parse_feed
from monitor.feeds.tombstones import MOST, NAMESPACE, deleted_entries
from monitor.values import DeletedEntry, NotAFeed, ParsedFeed

NOW = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
    "<title>Lehti</title>{}</feed>"
)
ENTRY = (
    "<entry><id>{0}</id><title>Otsikko {0}</title><link href='https://lehti.example/{0}'/></entry>"
)


def read(inside: str, content_type: str | None = None) -> ParsedFeed | NotAFeed:
    return parse_feed(ATOM.format(inside).encode(), "https://lehti.example/f", content_type, NOW)


def test_a_tombstone_names_its_entry_its_time_and_why() -> None:
    found = read(
        ENTRY.format("tag:1")
        + '<at:deleted-entry when="2026-11-15T10:00:00+02:00" ref="tag:2">'
        + "<at:comment>Uutinen oli &lt;b&gt;virheellinen&lt;/b&gt;.</at:comment></at:deleted-entry>"
        + "<at:deleted-entry ref='tag:3'/>"
    )
    assert isinstance(found, ParsedFeed)
    assert [e.key for e in found.entries] == ["tag:1"]
    at = datetime(2026, 11, 15, 8, 0, tzinfo=UTC)
    assert found.deleted == (
        DeletedEntry("tag:2", at, "Uutinen oli virheellinen."),
        DeletedEntry("tag:3", None, ""),
    )


def test_an_entry_that_is_there_is_not_deleted() -> None:
    found = read(ENTRY.format("tag:1") + '<at:deleted-entry ref="tag:1" when="x"/>')
    assert isinstance(found, ParsedFeed)
    assert (len(found.entries), found.deleted) == (1, ())


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:00:00-05:00"])
def test_a_time_outside_the_calendar_is_none(when: str) -> None:
    body = NAMESPACE + f'<at:deleted-entry ref="a" when="{when}"/>'.encode()
    assert deleted_entries(body) == (DeletedEntry("a", None, ""),)


def test_without_the_namespace_there_are_none() -> None:
    assert deleted_entries(b'<rss><deleted-entry ref="tag:1"/></rss>') == ()


def test_a_feed_of_tombstones_is_bounded() -> None:
    body = NAMESPACE + b"".join(b'<at:deleted-entry ref="%d"/>' % n for n in range(3 * MOST))
    assert len(deleted_entries(body)) == MOST


@given(st.binary(max_size=400))
def test_whatever_stands_in_it_no_tombstone_is_without_a_name(junk: bytes) -> None:
    found = deleted_entries(
        NAMESPACE + b'<at:deleted-entry ref="' + junk + b"<at:deleted-entry ref='a'/>"
    )
    assert all(entry.key.strip() for entry in found)


@pytest.mark.parametrize(
    "name", ["UTF-7", "utf7", "unicode-1-1-utf-7", "unicode_escape", "Punycode"]
)
def test_a_character_set_that_hides_markup_is_refused(name: str) -> None:
    said = f"the feed claims the character set {name}, which is not read"
    assert read(ENTRY.format("tag:1"), f"application/atom+xml; charset={name}") == NotAFeed(said)
    declared = f'<?xml version="1.0" encoding="{name}"?>' + ATOM.format("+ADw-entry+AD4-")
    assert parse_feed(declared.encode(), "https://lehti.example/f", None, NOW) == NotAFeed(said)


@pytest.mark.parametrize("name", ["utf-8", "ISO-8859-1", "windows-1252", "no-such-charset"])
def test_other_character_sets_are_read(name: str) -> None:
    assert isinstance(
        read(ENTRY.format("tag:1"), f"application/atom+xml; charset={name}"), ParsedFeed
    )
