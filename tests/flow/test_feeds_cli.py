"""The feed commands as a user calls them: in a folder, against a server on loopback."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from click.testing import CliRunner, Result

from monitor.cli.main import cli
from monitor.db.engine import open_engine, reading
from monitor.db.feeds import feed_states
from monitor.feeds.write import entry_line
from monitor.values import FeedSpec
from tests.loopback import Loopback

GOLDEN = Path(__file__).parents[1] / "data" / "feeds"
ITEMS = "".join(
    f"<item><guid>g{n}</guid><title>Hälsostationen {n} stänger i november</title>"
    f"<link>/nyheter/{n}</link><pubDate>Mon, 02 Mar 2026 0{n}:00:00 GMT</pubDate></item>"
    for n in range(3)
)
FEED = f'<rss version="2.0"><channel><title>Bladet</title>{ITEMS}<item/></channel></rss>'.encode()


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback() as site:
        site.pages["/rss"] = lambda r: web.Response(
            status=304 if "If-None-Match" in r.headers else 200, body=FEED, headers={"ETag": '"1"'}
        )
        yield site


@pytest.fixture
def folder(tmp_path: Path, site: Loopback, monkeypatch: pytest.MonkeyPatch) -> Path:
    spec = FeedSpec("bladet", site.url("/old"), "Bladet", "sv", ("17",), "bladet", "daily")
    site.pages["/old"] = lambda _: web.Response(status=301, headers={"Location": "/rss"})
    (tmp_path / "feeds.yaml").write_text(f"# ours\nfeeds:\n  {entry_line(spec)}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TILANNEKUVA_FEEDS_FILE", str(tmp_path / "feeds.yaml"))
    monkeypatch.setenv("TILANNEKUVA_DATABASE_URL", f"sqlite:///{tmp_path / 'store.db'}")
    monkeypatch.setenv("TILANNEKUVA_ALLOW_PRIVATE_ADDRESSES", "true")
    return tmp_path


def run(*words: str | Path, given: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["feeds", *map(str, words)], input=given)


def outcomes(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [json.loads(line)["outcome"] for line in result.stdout.splitlines()]


def test_parse_prints_one_outcome_for_each_item(tmp_path: Path) -> None:
    path = GOLDEN / "rss2-fi.xml"
    result = run("parse", path, "--url", "https://lehti.example/feed")
    assert outcomes(result) == ["entry"] * 4 + ["rejected"] * 2
    first = json.loads(result.stdout.splitlines()[0])
    assert first["title"] == "Hyvinvointialue sulkee Kivilahden terveysaseman"
    assert first["link"].startswith("https://lehti.example/")
    packed = tmp_path / "feed.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert run("parse", packed, "--url", "lehti.example/feed").stdout == result.stdout
    piped = run("parse", "-", "--url", "https://lehti.example/feed", given=path.read_bytes())
    assert piped.stdout == result.stdout


BOMB = gzip.compress(b"<rss>" * 20_000_000, 1)


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00\xff\x1f", b"<html><body>Hej</body></html>", b"x" * 6_000_000, b"\x1f\x8b\x08cut",
     BOMB, b'<?xml version="1.0"?><rss><channel><item', b'{"items": []}'],
    ids=["empty", "binary", "html", "huge", "cut gzip", "gzip bomb", "cut feed", "json"],
)  # fmt: skip
def test_parse_ends_with_0_whatever_the_file_holds(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "f").write_bytes(body)
    assert outcomes(run("parse", tmp_path / "f")) == ["not a feed"]


def test_parse_reads_a_feed_that_names_no_charset(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(
        '<rss version="2.0"><channel><item><title>Åbo</title></item></channel></rss>'.encode(
            "latin-1"
        )
    )
    header = "text/xml; charset=iso-8859-1"
    assert json.loads(run("parse", path, "--content-type", header).stdout)["title"] == "Åbo"
    assert outcomes(run("parse", path)) == ["entry"]


def test_parse_refuses_what_is_no_file_and_no_address(tmp_path: Path) -> None:
    for words in (["nowhere.xml"], [str(tmp_path)], []):
        result = run("parse", *words)
        assert result.exit_code == 2
        assert "Error" in result.stderr
    assert "https://" in run("parse", GOLDEN / "rss2-fi.xml", "--url", "not an address").stderr


def test_try_shows_a_poll_and_stores_nothing(folder: Path, site: Loopback) -> None:
    result = run("try", "bladet")
    assert result.exit_code == 0, result.output
    assert "4: 3 new, 0 seen, 0 revised, 1 rejected" in result.stdout
    assert f"redirected to {site.url('/rss')} for good" in result.stdout
    assert "2026-03-02 04:00  Hälsostationen 2 stänger i november" in result.stdout
    assert "next poll  20" in result.stdout
    assert not (folder / "store.db").exists()


def test_try_says_why_a_poll_fails_and_which_feeds_there_are(folder: Path, site: Loopback) -> None:
    site.pages["/old"] = lambda _: web.Response(status=410)
    result = run("try", "bladet")
    assert result.exit_code == 1
    assert "gone" in result.stdout
    wrong = run("try", "bladett")
    assert wrong.exit_code == 2
    assert "did you mean bladet?" in wrong.stderr


def test_try_goes_by_what_the_store_remembers(folder: Path, site: Loopback) -> None:
    from monitor import pipeline
    from monitor.app import make_app
    from monitor.settings import load_settings

    app = make_app(load_settings())
    pipeline.read_feeds(app)
    pipeline.poll(app)
    app.engine.dispose()
    before = _states(folder)
    assert "outcome    not modified" in run("try", "bladet").stdout
    assert "4: 0 new, 3 seen, 0 revised, 1 rejected" in run("try", "bladet", "--fresh").stdout
    assert _states(folder) == before


def _states(folder: Path) -> object:
    engine = open_engine(f"sqlite:///{folder / 'store.db'}")
    with reading(engine) as session:
        states = feed_states(session)
    engine.dispose()
    return states


def test_discover_finds_what_a_page_names(folder: Path, site: Loopback) -> None:
    links = (
        '<link rel="alternate" type="application/rss+xml" href="/rss">'
        '<link rel="alternate" type="application/atom+xml" href="/dead">'
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed">'
        '<link rel="alternate" hreflang="fi" href="/fi">'
    )
    site.pages["/"] = lambda _: web.Response(
        text=f"<html><head>{links}</head><body>Hej</body></html>", content_type="text/html"
    )
    result = run("discover", site.url("/"), "--home", "17", "--kind", "weekly")
    assert result.exit_code == 0, result.output
    [line] = result.stdout.splitlines()
    expected = FeedSpec("bladet", site.url("/rss"), "Bladet", "sv", ("17",), "127-0-0", "weekly")
    assert line == f"  {entry_line(expected)}"
    assert "/dead" in result.stderr
    assert site.asked("/rss.xml") == []  # the page named a feed: nothing else is tried
    assert site.asked("/comments/feed") == []


def test_discover_tries_usual_addresses_and_stops_when_told(folder: Path, site: Loopback) -> None:
    site.pages["/uutiset"] = lambda _: web.Response(text="<html></html>", content_type="text/html")
    assert site.url("/rss") in run("discover", site.url("/uutiset")).stdout
    site.pages["/uutiset/feed/"] = lambda _: web.Response(status=429)
    site.requests.clear()
    result = run("discover", site.url("/uutiset"))
    assert result.exit_code == 1
    assert site.asked("/rss") == []


def test_a_list_goes_out_and_comes_in_again(folder: Path) -> None:
    out = folder / "list.opml"
    assert run("export", "--out", out).exit_code == 0
    again = run("import", out)
    assert (again.exit_code, again.stdout) == (0, "")
    assert "already" in again.stderr
    printed = run("import", out, "--file", folder / "other.yaml")
    assert printed.stdout.strip() in (folder / "feeds.yaml").read_text()
    assert not (folder / "other.yaml").exists()
    added = run("import", out, "--append", "--file", folder / "other.yaml")
    assert added.exit_code == 0, added.output
    assert (folder / "other.yaml").read_text() == (folder / "feeds.yaml").read_text()[7:]


def test_what_is_wrong_is_not_added(folder: Path) -> None:
    before = (folder / "feeds.yaml").read_text()
    list_ = folder / "list.opml"
    list_.write_text('<opml><body><outline text="A" xmlUrl="https://a.example/"/></body></opml>')
    result = run("import", list_, "--append", "--home", "77")
    assert result.exit_code == 1
    assert "77" in result.stderr
    assert (folder / "feeds.yaml").read_text() == before
    assert run("import", list_, "--append", "--home", "05").exit_code == 0
    assert (folder / "feeds.yaml").read_text().startswith(before)
    list_.write_text("no list")
    assert run("import", list_).exit_code == 2
    assert run("import", folder / "none.opml").exit_code == 2
    assert run("export").exit_code == 2
