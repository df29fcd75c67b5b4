"""Writes an outlet's feed: RSS 2.0, Atom or RSS 1.0, or the rescue services' peculiar RSS.

Pure: items in, bytes out; the same items give the same bytes. The caller chooses which items a feed
holds and what their titles are at that moment. Text is escaped; what the character set lacks becomes
a character reference.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from xml.sax.saxutils import escape

from monitor.clock import HELSINKI
from monitor.newsroom.behaviour import BEHAVIOURS, cut
from monitor.newsroom.values import Outlet, SampleArticle

# The rescue feed labels Finnish local time +0200 all year round, which is wrong in summer.
_WRONG_ZONE = timezone(timedelta(hours=2))

CONTENT_TYPES = {
    "rss2": "application/rss+xml",
    "atom": "application/atom+xml",
    "rss1": "application/rdf+xml",
}


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An article as a feed tells of it."""

    id: str
    title: str
    link: str
    lead: str
    author: str
    published: datetime
    changed: datetime


def feed_item(article: SampleArticle, now: datetime, port: int) -> FeedItem:
    """`article` as a feed that is read at `now` tells of it."""
    return FeedItem(
        id=f"{article.outlet}-{article.id}",
        title=article.title_at(now),
        link=article.address(port),
        lead=article.lead,
        author=article.author,
        published=article.published,
        changed=article.changed_at(now),
    )


def write_feed(outlet: Outlet, items: Sequence[FeedItem], base: str) -> bytes:
    """The feed of `outlet`, newest item first as given. `base` is its front page's address."""
    behaviour = BEHAVIOURS[outlet.behaviour]
    writer: Callable[[Outlet, Sequence[FeedItem], str], str]
    if behaviour.rescue:
        writer = _rescue
    else:
        writer = {"rss2": _rss2, "atom": _atom, "rss1": _rss1}[outlet.format]
    declaration = f'<?xml version="1.0" encoding="{behaviour.charset.upper()}"?>\n'
    body = (declaration + writer(outlet, items, base)).encode(
        behaviour.charset, "xmlcharrefreplace"
    )
    return cut(body) if behaviour.cut else body


# --- RSS 2.0 -------------------------------------------------------------------------------------


def _rss2(outlet: Outlet, items: Sequence[FeedItem], base: str) -> str:
    dated = BEHAVIOURS[outlet.behaviour].dated
    stamp = _tag("lastBuildDate", _rfc822(max(i.changed for i in items))) if items and dated else ""
    return (
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">\n<channel>\n'
        f"{_tag('title', outlet.title)}{_tag('link', base + '/')}"
        f"{_tag('description', outlet.title)}{_tag('language', outlet.lang)}{stamp}"
        f'<atom:link href="{base}{outlet.feed_path}" rel="self" type="application/rss+xml"/>\n'
        f"{''.join(_rss2_item(outlet, i, dated) for i in items)}</channel>\n</rss>\n"
    )


def _rss2_item(outlet: Outlet, item: FeedItem, dated: bool) -> str:
    # Papers give their own number as guid and HTML in the description; broadcasters and offices
    # give the address and plain text. Both are common.
    paper = outlet.kind in ("daily", "weekly")
    guid = item.id if paper else item.link
    lead = f"<p>{escape(item.lead)}</p>" if paper else item.lead
    return (
        f"<item>\n{_tag('title', item.title)}{_tag('link', item.link)}"
        f'<guid isPermaLink="{"false" if paper else "true"}">{escape(guid)}</guid>\n'
        f"{_tag('pubDate', _rfc822(item.published)) if dated else ''}"
        f"{_tag('dc:creator', item.author) if item.author else ''}"
        f"{_tag('description', lead)}</item>\n"
    )


# --- Atom ----------------------------------------------------------------------------------------


def _atom(outlet: Outlet, items: Sequence[FeedItem], base: str) -> str:
    updated = max((i.changed for i in items), default=None)
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.lang}">\n'
        f"{_tag('title', outlet.title)}{_tag('id', base + '/')}"
        f'<link rel="alternate" type="text/html" href="{base}/"/>\n'
        f'<link rel="self" type="application/atom+xml" href="{base}{outlet.feed_path}"/>\n'
        f"{_tag('updated', _iso(updated)) if updated else ''}"
        f"{''.join(_atom_entry(outlet, i) for i in items)}</feed>\n"
    )


def _atom_entry(outlet: Outlet, item: FeedItem) -> str:
    day = item.published.astimezone(HELSINKI).date()
    return (
        f"<entry>\n{_tag('id', f'tag:{outlet.host},{day}:{item.id}')}{_tag('title', item.title)}"
        f'<link rel="alternate" type="text/html" href="{escape(item.link)}"/>\n'
        f"{_tag('published', _iso(item.published))}{_tag('updated', _iso(item.changed))}"
        f"<author>{_tag('name', item.author or outlet.title)}</author>\n"
        f'<summary type="text">{escape(item.lead)}</summary>\n</entry>\n'
    )


# --- RSS 1.0 -------------------------------------------------------------------------------------


def _rss1(outlet: Outlet, items: Sequence[FeedItem], base: str) -> str:
    places = "".join(f'<rdf:li rdf:resource="{escape(i.link)}"/>\n' for i in items)
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{base}{outlet.feed_path}">\n'
        f"{_tag('title', outlet.title)}{_tag('link', base + '/')}"
        f"{_tag('description', outlet.title)}{_tag('dc:language', outlet.lang)}"
        f"<items><rdf:Seq>\n{places}</rdf:Seq></items>\n</channel>\n"
        f"{''.join(_rss1_item(i) for i in items)}</rdf:RDF>\n"
    )


def _rss1_item(item: FeedItem) -> str:
    return (
        f'<item rdf:about="{escape(item.link)}">\n'
        f"{_tag('title', item.title)}{_tag('link', item.link)}{_tag('description', item.lead)}"
        f"{_tag('dc:date', _iso(item.published))}"
        f"{_tag('dc:creator', item.author) if item.author else ''}</item>\n"
    )


# --- the rescue services -------------------------------------------------------------------------


def _rescue(outlet: Outlet, items: Sequence[FeedItem], base: str) -> str:
    """No guid, every item the same link, a wrong zone: as the real one has been for years."""
    return (
        f'<rss version="2.0">\n<channel>\n{_tag("title", outlet.title)}{_tag("link", base)}'
        f"{_tag('description', outlet.title)}{_tag('language', 'FI-fi')}"
        f"{''.join(_rescue_item(i, base) for i in items)}</channel>\n</rss>\n"
    )


def _rescue_item(item: FeedItem, base: str) -> str:
    local = item.published.astimezone(HELSINKI).replace(tzinfo=_WRONG_ZONE)
    return (
        f"<item>\n{_tag('title', item.title)}{_tag('description', item.lead)}{_tag('link', base)}"
        f"{_tag('pubDate', format_datetime(local))}</item>\n"
    )


# --- small helpers -------------------------------------------------------------------------------


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>\n"


def _rfc822(instant: datetime) -> str:
    return format_datetime(instant.astimezone(HELSINKI))


def _iso(instant: datetime) -> str:
    return instant.astimezone(HELSINKI).isoformat(timespec="seconds")
