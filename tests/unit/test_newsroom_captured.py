"""Playing a folder of captured pages: a small one written here, and the real one where it is."""

import gzip
import json
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path
from urllib.request import Request, urlopen

import feedparser
import pytest

from monitor.errors import InputFileError
from monitor.newsroom.captured import (
    DIGITODAY,
    RESCUE,
    RESCUE_FEED,
    URLS,
    YLE,
    YLE_FEED,
    CapturedNewsroom,
)

RESCUE_BODY = (
    b'<?xml version="1.0" encoding="ISO-8859-1"?><rss version="2.0"><channel><title>P\xe4</title>'
    b"<item><title>Pori/Bj\xf6rneborg, palo: pieni</title><link>http://www.peto-media.fi</link>"
    b"<pubDate>Wed, 07 Aug 2019 17:17:04 +0200</pubDate></item></channel></rss>"
)
YLE_BODY = (
    b'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Selko</title>'
    b"<item><title>Uutiset</title><link>https://yle.fi/a/74-1</link>"
    b"<pubDate>Sun, 31 Mar 2024 17:02:50 +0300</pubDate></item></channel></rss>"
)
YLE_PAGE = "<html><body><p>Hyvää päivää.</p></body></html>".encode()
DIGITODAY_ADDRESS = "http://www.digitoday.fi/data/2015/08/25/juttu--ja-toinen/2015/66"
DIGITODAY_PAGE = (
    f'<html><head><link rel="canonical" href="{DIGITODAY_ADDRESS}" />'
    '<meta name="og:title" content="Älykello &amp; puhelin – uutta" />'
    '<meta name="og:description" content="Johdanto." /></head>'
    '<body><script>x = {"publisheddate":"1440482000"};</script><p>Teksti.</p></body></html>'
).encode("cp1252")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pages").mkdir()
    (tmp_path / RESCUE_FEED).write_bytes(RESCUE_BODY)
    (tmp_path / YLE_FEED).write_bytes(YLE_BODY)
    (tmp_path / URLS).write_text(json.dumps({"https://yle.fi/a/74-1": "pages/yle.html.gz"}))
    (tmp_path / "pages" / "yle.html.gz").write_bytes(gzip.compress(YLE_PAGE))
    (tmp_path / "pages" / "digitoday-1.html.gz").write_bytes(gzip.compress(DIGITODAY_PAGE))
    return tmp_path


def get(port: int, address: str) -> tuple[bytes, Message]:
    """Read `address` from the loopback server, as a resolver with `hosts` would lead us to."""
    host, _, path = address.removeprefix("http://").partition("/")
    request = Request(f"http://127.0.0.1:{port}/{path}", headers={"Host": host})
    with urlopen(request, timeout=10) as answer:
        return answer.read(), answer.headers


def test_pages_and_feeds_are_served_under_their_real_addresses(folder: Path) -> None:
    newsroom = CapturedNewsroom(folder)
    assert newsroom.feeds() == (RESCUE, YLE, DIGITODAY)
    with newsroom.serve(0) as server:
        here = ("127.0.0.1", server.port)
        assert server.hosts == {
            name: here for name in ("yle.fi", "www.peto-media.fi", "www.digitoday.fi")
        }
        body, headers = get(server.port, "http://yle.fi/a/74-1")
        assert body == YLE_PAGE
        assert headers["Content-Type"] == "text/html"  # the page names its own charset
        assert get(server.port, DIGITODAY_ADDRESS)[0] == DIGITODAY_PAGE
        assert get(server.port, RESCUE.url)[0] == RESCUE_BODY
        assert get(server.port, YLE.url)[0] == YLE_BODY.replace(b"https:", b"http:")


def test_the_written_feed_tells_what_the_pages_say_of_themselves(folder: Path) -> None:
    newsroom = CapturedNewsroom(folder)
    with newsroom.serve(0) as server:
        feed = feedparser.parse(get(server.port, DIGITODAY.url)[0])
    (entry,) = feed.entries
    assert entry.title == "Älykello & puhelin – uutta"
    assert (entry.link, entry.summary) == (DIGITODAY_ADDRESS, "Johdanto.")
    assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == datetime.fromtimestamp(
        1440482000, UTC
    )


def test_the_newest_item_of_all_feeds_tells_when_to_play_it(folder: Path) -> None:
    assert CapturedNewsroom(folder).newest == datetime(2024, 3, 31, 14, 2, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        (URLS, None, "urls.json:1: the file is missing"),
        (URLS, b'{\n"a": }', "urls.json:2: not JSON"),
        (URLS, b'["a"]', "it has another form"),
        (URLS, b'{"https://yle.fi/a": "pages/none.gz"}', "pages/none.gz:1: the file is missing"),
        (RESCUE_FEED, None, "peto-media_2019-08.rss.xml:1: the file is missing"),
        ("pages/yle.html.gz", b"plain", "pages/yle.html.gz:1: the file cannot be read"),
        ("pages/yle.html.gz", gzip.compress(YLE_PAGE, mtime=0)[:-9], "the file cannot be read"),
        ("pages/digitoday-1.html.gz", gzip.compress(b"<html>", mtime=0), "it is no Digitoday page"),
    ],
)
def test_what_is_missing_or_broken_is_named(
    folder: Path, name: str, content: bytes | None, problem: str
) -> None:
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content)
    with pytest.raises(InputFileError) as caught:
        CapturedNewsroom(folder)
    assert problem in caught.value.message


@pytest.mark.captured
def test_every_item_of_the_real_feeds_leads_to_a_captured_page(captured_newsroom: Path) -> None:
    newsroom = CapturedNewsroom(captured_newsroom)
    addresses = set(newsroom.addresses())
    with newsroom.serve(0) as server:
        feeds = {
            spec.id: feedparser.parse(get(server.port, spec.url)[0]) for spec in newsroom.feeds()
        }
    assert {name: len(feed.entries) for name, feed in feeds.items()} == {
        "peto-media": 100,
        "yle-selkouutiset": 50,
        "digitoday": 60,
    }
    for name in ("yle-selkouutiset", "digitoday"):
        assert {e.link for e in feeds[name].entries} <= addresses
    assert len(addresses) == 113
