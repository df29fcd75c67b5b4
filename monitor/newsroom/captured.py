"""Plays captured feeds and pages on loopback, under their real addresses.

The folder holds `urls.json` (address -> page file), `yle-selkouutiset.rss.xml`, a genuine
`peto-media_2019-08.rss.xml`, and `pages/*.html.gz`. Pages are served byte for byte. Feeds too, but
for the Yle feed's https, which becomes http because there is no TLS here. The Digitoday pages came
without a feed; one is written from what the pages say of themselves. Nothing of the folder is kept.
"""

import gzip
import html
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from monitor.errors import InputFileError
from monitor.newsroom.server import LOOPBACK, LoopbackServer, Reply
from monitor.values import FeedSpec, Mistake

URLS = "urls.json"
YLE_FEED = "yle-selkouutiset.rss.xml"
RESCUE_FEED = "peto-media_2019-08.rss.xml"
DIGITODAY_PAGES = "pages/digitoday-*.html.gz"

RESCUE = FeedSpec(
    "peto-media",
    "http://www.peto-media.fi/tiedotteet/rss.xml",
    "Pelastustoimen ensitiedotteet 2019",
    "fi",
    (),
    "pelastustoimi",
    "rescue",
    "captured",
)
YLE = FeedSpec(
    "yle-selkouutiset",
    "http://yle.fi/selkouutiset.rss.xml",
    "Yle Selkouutiset",
    "fi",
    (),
    "yle",
    "broadcaster",
    "captured",
)
DIGITODAY = FeedSpec(
    "digitoday",
    "http://www.digitoday.fi/feeds/captured.xml",
    "Digitoday 2014-2015",
    "fi",
    (),
    "digitoday",
    "magazine",
    "captured",
)

_Key = tuple[str, str]  # host, path with query: http and https are one


class _Document(NamedTuple):
    body: bytes
    content_type: str


class _Teaser(NamedTuple):
    address: str
    title: str
    lead: str
    published: datetime


class CapturedNewsroom:
    """The documents of a folder. Raises InputFileError, naming every file it cannot use."""

    def __init__(self, folder: Path) -> None:
        mistakes: list[Mistake] = []
        documents = {
            _key(RESCUE.url): _Document(
                _read(folder, RESCUE_FEED, mistakes), "application/rss+xml"
            ),
            _key(YLE.url): _Document(
                _without_tls(_read(folder, YLE_FEED, mistakes)), "application/rss+xml"
            ),
        }
        for address, file in _addresses(folder, mistakes).items():
            documents[_key(address)] = _Document(_read(folder, file, mistakes), "text/html")
        teasers = list(_digitoday(folder, documents, mistakes))
        if mistakes:
            raise InputFileError(str(folder), mistakes)
        documents[_key(DIGITODAY.url)] = _Document(_feed(teasers), "application/rss+xml")
        self._documents: Mapping[_Key, _Document] = documents

    @property
    def newest(self) -> datetime:
        """When the newest item of any feed was published, aware UTC."""
        dates = [
            parsedate_to_datetime(text.decode("ascii")).astimezone(UTC)
            for spec in self.feeds()
            for text in re.findall(
                rb"<pubDate>([^<]+)</pubDate>", self._documents[_key(spec.url)].body
            )
        ]
        return max(dates)

    def feeds(self) -> tuple[FeedSpec, ...]:
        """The three feeds under their real addresses; fetch them through `CapturedServer.hosts`."""
        return (RESCUE, YLE, DIGITODAY)

    def addresses(self) -> tuple[str, ...]:
        """The http address of every page and feed."""
        return tuple(f"http://{host}{path}" for host, path in self._documents)

    def serve(self, port: int, option: str = "--newsroom-port") -> "CapturedServer":
        """A server of this newsroom, not yet started."""
        return CapturedServer(self._documents, port, option)


class CapturedServer(LoopbackServer):
    """Answers for every captured host on one loopback port."""

    def __init__(self, documents: Mapping[_Key, _Document], port: int, option: str) -> None:
        super().__init__(partial(_reply, documents), port, option)
        self._names = sorted({host for host, _ in documents})

    @property
    def hosts(self) -> dict[str, tuple[str, int]]:
        """Host -> where it is played, for the resolver. Known once the server has started."""
        return {name: (LOOPBACK, self.port) for name in self._names}


def _reply(documents: Mapping[_Key, _Document], host: str, path: str) -> Reply:
    found = documents.get((host, path))
    if found is None:
        return Reply(404, b"not captured\n", "text/plain")
    # no charset: the header was not captured, and the documents name their own
    return Reply(200, found.body, found.content_type, charset=None)


def _key(address: str) -> _Key:
    parts = urlsplit(address)
    query = f"?{parts.query}" if parts.query else ""
    return (parts.hostname or "", (parts.path or "/") + query)


# --- reading -------------------------------------------------------------------------------------


def _read(folder: Path, name: str, mistakes: list[Mistake]) -> bytes:
    """The file's bytes, unpacked; b"" and a mistake where it cannot be read."""
    try:
        body = (folder / name).read_bytes()
        return gzip.decompress(body) if name.endswith(".gz") else body
    except FileNotFoundError:
        mistakes.append(_mistake(name, "the file is missing", "the file in the folder"))
    except (OSError, EOFError, zlib.error) as error:
        mistakes.append(_mistake(name, f"the file cannot be read ({error})", "a whole file"))
    return b""


def _addresses(folder: Path, mistakes: list[Mistake]) -> dict[str, str]:
    """urls.json: address -> page file."""
    text = _read(folder, URLS, mistakes)
    if not text:
        return {}
    form = 'an object of "address": "page file"'
    try:
        addresses = json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        mistakes.append(_mistake(URLS, f"not JSON ({error})", form, line))
        return {}
    if isinstance(addresses, dict) and all(isinstance(f, str) for f in addresses.values()):
        return addresses
    mistakes.append(_mistake(URLS, "it has another form", form))
    return {}


def _mistake(name: str, problem: str, expected: str, line: int = 1) -> Mistake:
    return Mistake(name, line, "", problem, expected, "restore the folder of captured pages")


def _without_tls(feed: bytes) -> bytes:
    return feed.replace(b"https://yle.fi", b"http://yle.fi")


# --- Digitoday -----------------------------------------------------------------------------------

_CANONICAL = re.compile(r'<link rel="canonical" href="([^"]+)"')
_TITLE = re.compile(r'<meta name="og:title" content="([^"]*)"')
_LEAD = re.compile(r'<meta name="og:description" content="([^"]*)"')
_PUBLISHED = re.compile(r'"publisheddate":"(\d+)"')  # seconds since 1970


def _digitoday(
    folder: Path, documents: dict[_Key, _Document], mistakes: list[Mistake]
) -> Iterator[_Teaser]:
    """Put the pages into `documents`, and yield what each says of itself."""
    for path in sorted(folder.glob(DIGITODAY_PAGES)):
        name = str(path.relative_to(folder))
        body = _read(folder, name, mistakes)
        teaser = _teaser(body)
        if teaser is not None:
            documents[_key(teaser.address)] = _Document(body, "text/html")
            yield teaser
        elif body:
            expected = "a page that names its canonical address, title and time"
            mistakes.append(_mistake(name, "it is no Digitoday page", expected))


def _teaser(body: bytes) -> _Teaser | None:
    text = body.decode("cp1252", "replace")  # what browsers read as ISO-8859-1
    found = [pattern.search(text) for pattern in (_CANONICAL, _TITLE, _LEAD, _PUBLISHED)]
    values = [html.unescape(match[1]) for match in found if match]
    if len(values) < len(found):
        return None
    address, title, lead, published = values
    return _Teaser(address, title, lead, datetime.fromtimestamp(int(published), UTC))


def _feed(teasers: list[_Teaser]) -> bytes:
    newest_first = sorted(teasers, key=lambda t: t.published, reverse=True)
    items = "".join(
        f"<item><title>{escape(t.title)}</title><link>{escape(t.address)}</link>"
        f'<guid isPermaLink="true">{escape(t.address)}</guid>'
        f"<pubDate>{format_datetime(t.published)}</pubDate>"
        f"<description>{escape(t.lead)}</description></item>\n"
        for t in newest_first
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{DIGITODAY.title}</title><link>http://www.digitoday.fi/</link>"
        f"<description>{DIGITODAY.title}</description><language>fi</language>\n"
        f"{items}</channel></rss>\n"
    ).encode()
