"""Reads a feed's bytes: RSS and Atom of every version. The only module that knows feedparser.

Never raises, whatever the bytes. It is given bytes only (feedparser would open addresses and files by
itself), and whether an item is new is not its question.
"""

import calendar
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from time import struct_time
from typing import Any
from urllib.parse import urljoin, urlsplit

import feedparser

from monitor.clock import HELSINKI
from monitor.feeds.plain import html_text
from monitor.feeds.tombstones import deleted_entries
from monitor.logs import get_logger
from monitor.text import is_unsafe_charset, one_line, paragraphs
from monitor.values import DeletedEntry, NotAFeed, ParsedEntry, ParsedFeed, RejectedEntry

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)  # no Finnish outlet published on the web before
LATEST_AHEAD = timedelta(days=1)  # wrong zones and early stamps are usual, tomorrow's news is not
LONGEST_KEY = 500  # characters; PostgreSQL cannot index much more
LONGEST_LINK = 2_000
LONGEST_TITLE = 500
# The largest real feeds are a tenth of this. feedparser needs some 50 seconds for a million elements.
MOST_BYTES = 5_000_000
MOST_ELEMENTS = 50_000
MOST_REFERENCES = 1_000_000  # of characters and entities: a bare & costs as much as an element
MOST_ATTRIBUTES = (
    200  # of one element: the time is in the square of their number, minutes for 100,000
)
LONGEST_STAMP = 200
LONGEST_TEXT = 300_000  # characters of one item

_log = get_logger(__name__)
_HTML_START = re.compile(rb"<(!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_FEED_START = re.compile(rb"<([a-z]+:)?(rss|feed|rdf)\b", re.IGNORECASE)
_NUMBERED = re.compile(rb"&#(?:x([0-9a-f]+)|([0-9]+));?", re.IGNORECASE)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_DECLARED = re.compile(
    rb"<\?xml\b[^<>]{0,150}?\bencoding\s*=\s*[\"']([\w.:-]{2,40})[\"']", re.IGNORECASE
)
_HEAD = 50_000  # bytes before the items, in which a channel says how it wants to be polled
_SKIP_HOURS = re.compile(rb"<skipHours\b[^<>]*>(.{0,3000}?)</skipHours", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour\b[^<>]*>\s*(2[0-4]|[01]?[0-9])\s*</hour", re.IGNORECASE)
# one letter and not a run of them: `[a-z]+[^<>]*` takes time in the square of a long word
_MARKED_UP = re.compile(r"</?[a-z][^<>]*>")
_UTF16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
# What no well-formed start tag goes on for; possessive, so that it takes one look at each character.
_MANY_ATTRIBUTES = re.compile(
    rb"""<[^\s<>]++(?:\s++[^\s=<>]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+')){%d}""" % MOST_ATTRIBUTES
)
# A time says where it holds: Z, an offset, or the name of a zone. Those of Finland feedparser takes for UTC.
_ZONED = re.compile(r"(Z|[+-]\d\d:?\d\d|[A-Z]{1,5})\)?$", re.IGNORECASE)
_FINNISH_ZONE = re.compile(r"\bEES?T\)?$", re.IGNORECASE)
_CLOCK = re.compile(r"\d\d?[:.]\d\d")
_SENTENCE = re.compile(r"(.+?[.!?])(\s|$)", re.DOTALL)


def parse_feed(
    body: bytes, url: str, content_type: str | None, now: datetime
) -> ParsedFeed | NotAFeed:
    """The items of the feed in `body`, which came from `url` with the header `content_type`.

    Every item is either an entry or rejected. A time that is missing, cannot be read, lies before 1995
    or more than a day after `now` is None; one that names no zone is a time in Finland.
    """
    if not body.strip():
        return NotAFeed("the answer is empty")
    if len(body) > MOST_BYTES:
        return NotAFeed(f"the answer is larger than a feed can be (over {MOST_BYTES:,} bytes)")
    if charset := _unsafe_charset(body, content_type):
        return NotAFeed(f"the feed claims the character set {charset}, which is not read")
    body = _in_utf8(body)
    if too_costly := _too_costly(body):
        return NotAFeed(too_costly)
    if _is_page(body):
        return NotAFeed(
            "the address answers with a web page; look there for the feed's own address"
        )
    try:
        return _read(body, url, content_type, now)
    except Exception as error:
        # Whatever feedparser makes of hostile bytes, it is the feed that is broken. A bug of ours would
        # look alike, so the log has the traceback.
        _log.warning("feed_unreadable", url=url, exc_info=True)
        return NotAFeed(f"the feed cannot be read ({type(error).__name__})")


def entry_key(raw: "RawItem", unique_guids: frozenset[str], unique_links: frozenset[str]) -> str:
    """The item's identity within its feed: guid if unique, else link if unique, else its content."""
    if raw.guid in unique_guids:
        return _short(raw.guid)
    if raw.link in unique_links:
        return _short(raw.link)
    return raw.content_key


@dataclass(frozen=True, slots=True)
class RawItem:
    """An item as it stands in the feed, cleaned, before it has an identity."""

    guid: str
    link: str  # absolute, or ""
    title: str
    summary: str
    author: str
    published: datetime | None
    stamp: str  # the time as written: a time we do not believe still tells items apart

    @property
    def content_key(self) -> str:
        return _digest(self.title, self.summary, self.stamp)


def _in_utf8(body: bytes) -> bytes:
    """UTF-16, told by its first bytes, in UTF-8: what is counted below must be found as it is written."""
    for start, codec in _UTF16.items():
        if body.startswith(start):
            return body.decode(codec, "replace").encode("utf-8", "replace")
    return body


def _unsafe_charset(body: bytes, content_type: str | None) -> str:
    """The character set that header or declaration claim, where it is one that hides markup; else ""."""
    claims = [found[1] for found in _CHARSET.finditer((content_type or "").encode())]
    if declared := _DECLARED.match(body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")):
        claims.append(declared[1])
    for claim in claims:
        name = claim.decode("ascii")
        if is_unsafe_charset(name):
            return name
    return ""


def _too_costly(body: bytes) -> str:
    """Why reading `body` could take minutes, or ""."""
    if body.count(b"<") > 2 * MOST_ELEMENTS:
        return f"the answer has more than {MOST_ELEMENTS:,} elements"
    if body.count(b"&") > MOST_REFERENCES:
        return f"the answer has more than {MOST_REFERENCES:,} character references"
    if _MANY_ATTRIBUTES.search(body):
        return f"an element of the answer has more than {MOST_ATTRIBUTES} attributes"
    return ""


def _is_page(body: bytes) -> bool:
    start = body[:4096]
    return bool(_HTML_START.search(start)) and not _FEED_START.search(start)


def _read(body: bytes, url: str, content_type: str | None, now: datetime) -> ParsedFeed | NotAFeed:
    document = feedparser.parse(
        io.BytesIO(_NUMBERED.sub(_allowed, body)),
        response_headers=_headers(body, content_type),
        sanitize_html=False,  # no markup is kept
        resolve_relative_uris=False,
    )
    broken = document.get("bozo") and not isinstance(
        document.get("bozo_exception"),
        feedparser.CharacterEncodingOverride | feedparser.NonXMLContentType,
    )
    if not document.entries and (broken or not document.version):
        return NotAFeed(
            "the feed is broken and no item can be read from it"
            if document.version
            else "the answer is neither RSS nor Atom"
        )
    feed = document.feed
    home = _link(feed, url)
    items = [_item(entry, url, now) for entry in document.entries]
    entries, rejected = _identify(items, home)
    return ParsedFeed(
        entries, rejected, _title(feed), _ttl(feed), _skip_hours(body), _deleted(body, entries)
    )


def _deleted(body: bytes, entries: Iterable[ParsedEntry]) -> tuple[DeletedEntry, ...]:
    """The feed's tombstones; an entry that is there is not deleted."""
    standing = {entry.key for entry in entries}
    named = (replace(d, key=_short(d.key)) for d in deleted_entries(body))
    return tuple(d for d in named if d.key not in standing)


def _allowed(reference: re.Match[bytes]) -> bytes:
    """The character reference, or nothing for a character XML does not allow.

    Half a surrogate pair, as some systems write emoji, would else cost the whole feed.
    """
    base, digits = (16, reference[1]) if reference[1] else (10, reference[2])
    number = int(digits[:9], base)
    control = number < 0x20 and number not in (9, 10, 13)
    wrong = control or 0xD800 <= number <= 0xDFFF or number in (0xFFFE, 0xFFFF)
    return b"" if wrong or number > 0x10FFFF else reference[0]


def _headers(body: bytes, content_type: str | None) -> dict[str, str]:
    """What feedparser may know of the answer.

    Bytes that are UTF-8 are taken for UTF-8 whatever header and declaration say: servers that label
    UTF-8 as ISO-8859-1 are common, and text in Latin-1 that happens to be valid UTF-8 is not. The
    feed's address is kept back: feedparser would resolve guids against it, and a feed that moves would
    then repeat every item as a new one.
    """
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return {"content-type": content_type} if content_type else {}
    return {"content-type": "application/xml; charset=utf-8"}


# --- one item ------------------------------------------------------------------------------------


def _item(entry: Any, url: str, now: datetime) -> RawItem:
    title, summary = _title(entry), _summary(entry)
    dated = "published" if dict.get(entry, "published") else "updated"
    # dict.get goes past feedparser's own mapping of one date to the other, which warns
    stamp = one_line(str(dict.get(entry, dated) or ""))[:LONGEST_STAMP]
    return RawItem(
        guid=one_line(str(dict.get(entry, "id") or "")),
        link=_link(entry, url),
        title=title or _first_sentence(summary),
        summary=summary,
        author=one_line(str(dict.get(entry, "author") or ""))[:200],
        published=_instant(dict.get(entry, f"{dated}_parsed"), stamp, now),
        stamp=stamp,
    )


def _title(element: Any) -> str:
    detail = dict.get(element, "title_detail") or {}
    value = str(dict.get(element, "title") or "")
    marked_up = dict.get(detail, "type") in ("text/html", "application/xhtml+xml")
    return one_line(html_text(value) if marked_up else value)[:LONGEST_TITLE]


def _summary(entry: Any) -> str:
    """The longest text the item carries; some feeds give an ingress, some the whole article."""
    details = [dict.get(entry, "summary_detail"), *(dict.get(entry, "content") or ())]
    texts = [_text(detail) for detail in details if detail]
    return max(texts, key=len, default="")


def _text(detail: Any) -> str:
    value = str(dict.get(detail, "value") or "")
    # feeds declare plain text and send markup all the same
    marked_up = dict.get(detail, "type") != "text/plain" or _MARKED_UP.search(value)
    return html_text(value) if marked_up else paragraphs(value[:LONGEST_TEXT])


def _first_sentence(summary: str) -> str:
    first = summary.partition("\n")[0]
    found = _SENTENCE.match(first)
    return (found.group(1) if found else first)[:120]


def _link(element: Any, url: str) -> str:
    """The element's absolute web address, or "" where it has none that can be followed."""
    written = one_line(str(dict.get(element, "link") or "")) or _alternate(element)
    if written == dict.get(element, "id") and ":" not in written:
        return ""  # a guid that feedparser took for a link, and that is only a number or a name
    try:
        link = urljoin(url, written) if written else ""
        parts = urlsplit(link)
        usable = parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        return ""
    return link if usable and len(link) <= LONGEST_LINK else ""


def _alternate(element: Any) -> str:
    for link in dict.get(element, "links") or ():
        if dict.get(link, "rel") == "alternate" and dict.get(link, "href"):
            return one_line(str(link["href"]))
    return ""


def _instant(parsed: Any, stamp: str, now: datetime) -> datetime | None:
    if parsed is None:
        parsed = _without_zone(stamp)
    if parsed is None:
        return None
    try:
        instant = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
        if _is_local(stamp):
            instant = instant.replace(tzinfo=HELSINKI).astimezone(UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    return instant if EARLIEST <= instant <= now + LATEST_AHEAD else None


def _without_zone(stamp: str) -> struct_time | None:
    """A time in the form of mail headers that names no zone, which feedparser does not read."""
    try:
        return None if _ZONED.search(stamp) else parsedate_to_datetime(stamp).timetuple()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _is_local(stamp: str) -> bool:
    """Whether the time as written is meant as that of Finland: it names no zone, or a Finnish one."""
    if _FINNISH_ZONE.search(stamp):
        return True
    return bool(_CLOCK.search(stamp)) and not _ZONED.search(stamp)


def _ttl(feed: Any) -> int | None:
    text = str(dict.get(feed, "ttl") or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _skip_hours(body: bytes) -> tuple[int, ...]:
    """The hours of a channel's skipHours; feedparser keeps only the last of them."""
    found = _SKIP_HOURS.search(body[:_HEAD])
    hours = {int(hour) % 24 for hour in _HOUR.findall(found[1])} if found else set()
    return tuple(sorted(hours))


# --- identity ------------------------------------------------------------------------------------


def _identify(
    items: Sequence[RawItem], home: str
) -> tuple[tuple[ParsedEntry, ...], tuple[RejectedEntry, ...]]:
    """Give every item its key, or reject it."""
    usable, rejected = _usable(items)
    unique_guids = _unique(raw.guid for _, raw in usable)
    # An item that links to the site's front page has no page of its own, even alone in the feed.
    unique_links = frozenset(
        link for link in _unique(raw.link for _, raw in usable) if not _is_front_page(link, home)
    )
    entries: dict[str, ParsedEntry] = {}
    for position, raw in usable:
        key = entry_key(raw, unique_guids, unique_links)
        if key in entries:
            rejected.append(_rejected(position, raw, "duplicate in feed"))
        else:
            entries[key] = _entry(raw, key, raw.link in unique_links)
    return tuple(entries.values()), tuple(sorted(rejected, key=lambda r: r.position))


def _usable(items: Sequence[RawItem]) -> tuple[list[tuple[int, RawItem]], list[RejectedEntry]]:
    seen: set[RawItem] = set()
    usable: list[tuple[int, RawItem]] = []
    rejected: list[RejectedEntry] = []
    for position, raw in enumerate(items):
        if not raw.title:
            rejected.append(_rejected(position, raw, "no title and no text"))
        elif raw in seen:
            rejected.append(_rejected(position, raw, "duplicate in feed"))
        else:
            seen.add(raw)
            usable.append((position, raw))
    return usable, rejected


def _unique(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name, times in Counter(names).items() if name and times == 1)


def _is_front_page(link: str, home: str) -> bool:
    parts = urlsplit(link)
    bare = parts.path in ("", "/") and not parts.query
    return bare or link.rstrip("/") == home.rstrip("/")


def _entry(raw: RawItem, key: str, own_page: bool) -> ParsedEntry:
    return ParsedEntry(
        key=key,
        link=raw.link,
        own_page=own_page,
        title=raw.title,
        summary=raw.summary,
        published=raw.published,
        author=raw.author,
    )


def _rejected(position: int, raw: RawItem, reason: str) -> RejectedEntry:
    return RejectedEntry(position, reason, _digest(reason, raw.guid, raw.link, raw.content_key))


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_KEY else _digest(name)


def _digest(*parts: str) -> str:
    return "sha256:" + sha256("\x1f".join(parts).encode()).hexdigest()
