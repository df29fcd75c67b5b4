"""Finds the feeds of a site: those its page names, else those at the usual addresses. Each is read.

Asks one address after another and stops where the site says that it is asked too much. Stores nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import document_fromstring

from monitor.articles.language import detect
from monitor.feeds.decide import body_hash
from monitor.feeds.readers import body_of, parse_body
from monitor.fetch.client import Fetcher
from monitor.fetch.results import FailReason, Fetched, FetchFailed, Request, Result
from monitor.values import NotAFeed, ParsedFeed

# Where Finnish papers, municipalities and the usual publishing systems keep them.
USUAL = ("feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "feeds/rss.xml", "index.xml")
MOST_NAMED = 12  # addresses of one page that are tried
_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "text/xml",
          "application/xml")  # fmt: skip
_LONGEST_PAGE = 3_000_000  # bytes
_STOP = {FailReason.RATE_LIMITED, FailReason.NOT_ALLOWED, FailReason.BLOCKED_ADDRESS,
         FailReason.DNS, FailReason.REFUSED}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """An address that answers with a feed."""

    url: str  # where it moved to for good, else as asked
    title: str
    lang: str  # of its items' titles and texts; "und" where they do not tell
    items: int
    newest: datetime | None


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found at a site, and what came of every other address that was asked."""

    feeds: tuple[FoundFeed, ...]
    others: tuple[tuple[str, str], ...]  # (address, why it is none)


def discover(fetcher: Fetcher, address: str, now: datetime) -> Discovery:
    """The feeds of the page at `address`, or `address` itself where it is a feed."""
    search = _Search(fetcher, now)
    page = search.ask(address)
    if not isinstance(page, Fetched) or search.feeds:
        return search.result()
    for named in feeds_named(page.body, page.url):
        if search.stopped:
            break
        search.ask(named)
    for usual in [] if search.feeds else usual_addresses(page.url):
        if search.stopped or search.feeds:
            break
        search.ask(usual)
    return search.result()


class _Search:
    """What has been asked and found so far."""

    def __init__(self, fetcher: Fetcher, now: datetime) -> None:
        self._fetcher, self._now = fetcher, now
        self._bodies: set[str] = set()
        self._asked: set[str] = set()
        self.feeds: list[FoundFeed] = []
        self._others: list[tuple[str, str]] = []
        self.stopped = False

    def ask(self, address: str) -> Result | None:
        """Fetch `address` and note what it is; None where it was asked before."""
        if address in self._asked:
            return None
        self._asked.add(address)
        [result] = self._fetcher.fetch_all([Request(address)])
        if isinstance(result, FetchFailed):
            self._others.append((address, f"{result.reason}: {result.detail}"))
            self.stopped = result.reason in _STOP
        elif isinstance(result, Fetched):
            self._read(address, result)
        return result

    def _read(self, address: str, result: Fetched) -> None:
        parsed = parse_body(body_of(result, self._now))
        if isinstance(parsed, NotAFeed):
            self._others.append((address, parsed.reason))
        elif body_hash(result.body) in self._bodies:
            self._others.append((address, "the same feed under another address"))
        else:
            self._bodies.add(body_hash(result.body))
            self.feeds.append(_found(result.moved_permanently_to or address, parsed))

    def result(self) -> Discovery:
        return Discovery(tuple(self.feeds), tuple(self._others))


def _found(url: str, feed: ParsedFeed) -> FoundFeed:
    text = " ".join(f"{entry.title} {entry.summary}" for entry in feed.entries[:20])
    lang = detect(text[:5000]).code if text.strip() else "und"
    newest = max((e.published for e in feed.entries if e.published), default=None)
    return FoundFeed(url, feed.title, lang, len(feed.entries), newest)


def feeds_named(page: bytes, url: str) -> tuple[str, ...]:
    """The addresses that a page at `url` names as its feeds, in its order, each once."""
    found = dict.fromkeys(_named(page[:_LONGEST_PAGE], url))
    return tuple(found)[:MOST_NAMED]


def _named(page: bytes, url: str) -> Iterator[str]:
    try:
        tree = document_fromstring(page)
    except (etree.LxmlError, ValueError):
        return
    base = next(iter(tree.xpath("//base/@href")), url)
    for link in tree.iter("link"):
        rel = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").lower().partition(";")[0].strip()
        href = (link.get("href") or "").strip()
        if "alternate" in rel and kind in _TYPES and href and not _is_comments(href):
            yield from _web(urljoin(url, base), href)


def _is_comments(href: str) -> bool:
    return any(word in href.lower() for word in ("/comments/", "kommentit", "kommentarer"))


def usual_addresses(url: str) -> tuple[str, ...]:
    """Where feeds usually lie: below the page itself, then below the front page of its site."""
    folder = url.partition("?")[0].partition("#")[0].rstrip("/") + "/"
    front = urljoin(url, "/")
    below = [urljoin(folder, name) for name in USUAL[:2]] if folder != front else []
    return tuple(dict.fromkeys([*below, *(urljoin(front, name) for name in USUAL)]))


def _web(base: str, href: str) -> Sequence[str]:
    try:
        address = urljoin(base, href).partition("#")[0]
        usable = urlsplit(address).scheme in ("http", "https") and urlsplit(address).hostname
    except ValueError:
        return []
    return [address] if usable else []
