"""The sample newsroom over real HTTP on loopback."""

import gzip
import http.client
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import feedparser
import pytest

from monitor.clock import HELSINKI, ManualClock
from monitor.errors import PortInUse
from monitor.newsroom.load import DEMO_END, DEMO_START, load_newsroom
from monitor.newsroom.pages import INVENTED
from monitor.newsroom.server import FEED_LENGTH, NewsroomServer
from monitor.newsroom.values import Newsroom, SampleArticle


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return load_newsroom()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(DEMO_START)


@pytest.fixture
def server(newsroom: Newsroom, clock: ManualClock) -> Iterator[NewsroomServer]:
    with NewsroomServer(newsroom, clock, 0) as running:
        yield running


@dataclass(frozen=True)
class Got:
    status: int
    body: bytes
    headers: dict[str, str]


def get(server: NewsroomServer, outlet: str, path: str, **headers: str) -> Got:
    """GET from the outlet's virtual host; header names are written with _ for -."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    host = f"{outlet}.localhost:{server.port}" if outlet else f"127.0.0.1:{server.port}"
    sent = {"Host": host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    try:
        connection.request("GET", path, headers=sent)
        answer = connection.getresponse()
        return Got(answer.status, answer.read(), dict(answer.getheaders()))
    finally:
        connection.close()


def feed(server: NewsroomServer, outlet: str, path: str = "/feed.xml") -> feedparser.FeedParserDict:
    return feedparser.parse(get(server, outlet, path).body)


def of_outlet(newsroom: Newsroom, outlet: str) -> list[SampleArticle]:
    return [a for a in newsroom.articles if a.outlet == outlet]


# --- time ----------------------------------------------------------------------------------------


def test_only_what_is_published_by_the_clock_exists(
    newsroom: Newsroom, server: NewsroomServer, clock: ManualClock
) -> None:
    article = of_outlet(newsroom, "kustposten")[10]
    clock.set(article.published - timedelta(minutes=1))
    assert article.address(server.port) not in [e.link for e in feed(server, "kustposten").entries]
    assert get(server, "kustposten", article.path).status == 404
    clock.set(article.published)
    entry = feed(server, "kustposten").entries[0]
    assert (entry.link, entry.title) == (article.address(server.port), article.title)
    got = get(server, "kustposten", article.path)
    assert (got.status, article.lead in got.body.decode()) == (200, True)
    assert got.headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_headline_edit_shows_in_feed_and_page_from_its_time_on(
    newsroom: Newsroom, server: NewsroomServer, clock: ManualClock
) -> None:
    article = next(a for a in newsroom.articles if a.edit)
    assert article.edit is not None
    path = next(o.feed_path for o in newsroom.outlets if o.id == article.outlet)
    titles = []
    for instant in (article.published, article.edit.at):
        clock.set(instant)
        entries = feed(server, article.outlet, path).entries
        titles += [e.title for e in entries if e.link == article.address(server.port)]
        assert article.title_at(instant) in get(server, article.outlet, article.path).body.decode()
    assert titles == [article.title, article.edit.title]


def test_feeds_hold_the_newest_thirty(
    newsroom: Newsroom, server: NewsroomServer, clock: ManualClock
) -> None:
    clock.set(DEMO_END)
    links = [e.link for e in feed(server, "nylandsbladet").entries]
    expected = [a.address(server.port) for a in of_outlet(newsroom, "nylandsbladet")]
    assert len(expected) > FEED_LENGTH
    assert set(links) == set(expected[-FEED_LENGTH:])


def test_every_link_of_every_feed_leads_to_a_page(
    newsroom: Newsroom, server: NewsroomServer, clock: ManualClock
) -> None:
    clock.set(DEMO_END)
    articles = {a.address(server.port): a for a in newsroom.articles if a.path}
    seen = 0
    for outlet in newsroom.outlets:
        if outlet.behaviour in ("gone", "missing", "broken", "rescue"):
            continue
        path = "/rss/uutiset.xml" if outlet.behaviour == "redirect" else outlet.feed_path
        get(server, outlet.id, path)  # a busy server refuses the first request
        entries = feed(server, outlet.id, path).entries
        assert entries, outlet.id
        for entry in entries[:2]:
            got = get(server, outlet.id, articles[entry.link].path)
            assert got.status == 200
            seen += 1
    assert seen > 40


# --- HTTP ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["feed", "page"])
def test_a_client_that_has_it_gets_304(
    newsroom: Newsroom, server: NewsroomServer, clock: ManualClock, what: str
) -> None:
    first, second = of_outlet(newsroom, "savonportti")[:2]
    clock.set(first.published)
    path = "/feed.xml" if what == "feed" else first.path
    got = get(server, "savonportti", path)
    etag, changed = got.headers["Etag"], got.headers["Last-Modified"]
    for condition in ({"If_None_Match": etag}, {"If_Modified_Since": changed}):
        again = get(server, "savonportti", path, **condition)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["Etag"] == etag
    older = {"If_None_Match": '"other"', "If_Modified_Since": changed}
    assert get(server, "savonportti", path, **older).status == 200
    clock.set(second.published)
    status = get(server, "savonportti", path, If_None_Match=etag).status
    assert status == 200  # a new item; on the page, a new line in the list of most read


def test_gzip_goes_to_who_accepts_it(server: NewsroomServer, clock: ManualClock) -> None:
    clock.set(DEMO_END)
    plain = get(server, "kaiku-sv", "/feed.xml")
    packed = get(server, "kaiku-sv", "/feed.xml", Accept_Encoding="gzip, deflate")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Etag"] == plain.headers["Etag"]
    assert len(packed.body) < len(plain.body)
    assert gzip.decompress(packed.body) == plain.body


def test_unknown_addresses_and_hosts_are_404(server: NewsroomServer) -> None:
    assert get(server, "linkki", "/2026/10/05/ei-ole.html").status == 404
    assert get(server, "nobody", "/feed.xml").status == 404
    assert get(server, "", "/feed.xml").status == 404
    assert get(server, "savonportti", "/rss/uutiset.xml").status == 404


def test_front_pages_index_robots_and_style(
    newsroom: Newsroom, server: NewsroomServer, clock: ManualClock
) -> None:
    clock.set(DEMO_END)
    for outlet in newsroom.outlets:
        got = get(server, outlet.id, "/")
        assert got.status == 200
        assert f"{outlet.base(server.port)}{outlet.feed_path}".encode() in got.body
    index = get(server, "", "/").body.decode()
    assert INVENTED in index
    assert all(o.base(server.port) in index for o in newsroom.outlets)
    assert get(server, "linkki", "/robots.txt").body.startswith(b"User-agent: *")
    assert get(server, "linkki", "/style.css").headers["Content-Type"].startswith("text/css")


# --- servers that misbehave ----------------------------------------------------------------------


def test_a_moved_feed_is_found_at_its_new_address(server: NewsroomServer) -> None:
    got = get(server, "keskimaa", "/feed.xml")
    assert got.status == 301
    base = f"http://keskimaa.localhost:{server.port}"
    assert got.headers["Location"] == base + "/rss/uutiset.xml"
    assert get(server, "keskimaa", "/rss/uutiset.xml").status == 200


def test_a_busy_server_refuses_the_first_request_of_a_day(
    server: NewsroomServer, clock: ManualClock
) -> None:
    def statuses() -> list[int]:
        return [get(server, "paakaupunki", "/feed.xml").status for _ in range(3)]

    assert get(server, "paakaupunki", "/feed.xml").headers["Retry-After"] == "600"
    assert statuses() == [200, 200, 200]
    clock.set(datetime(2026, 10, 6, 0, 0, tzinfo=HELSINKI))
    assert statuses() == [429, 200, 200]
    assert get(server, "paakaupunki", "/").status == 200


@pytest.mark.slow
def test_a_slow_server_answers_all_the_same(server: NewsroomServer) -> None:
    answers = [get(server, "jokivarsi", "/feed.xml") for _ in range(2)]
    assert [a.status for a in answers] == [200, 200]
    assert answers[0].body == answers[1].body


def test_dead_feeds_say_how_dead_they_are(server: NewsroomServer) -> None:
    assert get(server, "vanhalehti", "/feed.xml").status == 410
    assert get(server, "kadonnut", "/feed.xml").status == 404
    broken = get(server, "rikkinainen", "/feed.xml")
    assert broken.status == 200
    assert feedparser.parse(broken.body).bozo


def test_an_undated_outlet_gives_no_time_in_headers(
    newsroom: Newsroom, server: NewsroomServer, clock: ManualClock
) -> None:
    clock.set(DEMO_END)
    article = of_outlet(newsroom, "kehaviikko")[0]
    for path in ("/feed.xml", article.path):
        got = get(server, "kehaviikko", path)
        assert (got.status, "Last-Modified" in got.headers) == (200, False)
        again = get(server, "kehaviikko", path, If_None_Match=got.headers["Etag"])
        assert again.status == 304


def test_latin1_feeds_and_pages_name_their_charset(
    newsroom: Newsroom, server: NewsroomServer, clock: ManualClock
) -> None:
    clock.set(DEMO_END)
    article = of_outlet(newsroom, "lansituuli")[0]
    for path in ("/rss.rdf", article.path):
        got = get(server, "lansituuli", path)
        assert got.headers["Content-Type"].endswith("charset=iso-8859-1")
        assert "ä" in got.body.decode("iso-8859-1")


def test_the_rescue_feed_has_one_link_for_all_and_no_pages(
    newsroom: Newsroom, server: NewsroomServer, clock: ManualClock
) -> None:
    clock.set(DEMO_END)
    entries = feed(server, "pelastus").entries
    expected = of_outlet(newsroom, "pelastus")[-FEED_LENGTH:]
    assert {e.link for e in entries} == {f"http://pelastus.localhost:{server.port}"}
    assert {e.title for e in entries} <= {a.title for a in expected}
    assert len(entries) == len(expected)


# --- the server itself ---------------------------------------------------------------------------


def test_a_taken_port_is_told(newsroom: Newsroom, server: NewsroomServer) -> None:
    other = NewsroomServer(newsroom, lambda: datetime.now(UTC), server.port)
    with pytest.raises(PortInUse, match="--newsroom-port"):
        other.start()
    other.stop()  # harmless


def test_a_stopped_server_frees_its_port(newsroom: Newsroom, clock: ManualClock) -> None:
    with NewsroomServer(newsroom, clock, 0) as first:
        port = first.port
        get(first, "linkki", "/")
    with NewsroomServer(newsroom, clock, port) as second:
        assert get(second, "linkki", "/").status == 200


def test_the_feeds_are_those_of_the_outlets(newsroom: Newsroom, server: NewsroomServer) -> None:
    feeds = {f.id: f for f in server.feeds()}
    assert list(feeds) == [o.id for o in newsroom.outlets]
    assert feeds["linkki"].url == f"http://linkki.localhost:{server.port}/atom.xml"
    assert feeds["kustposten"].lang == "sv"
    assert feeds["paakaupunki"].home == ("90", "03", "04", "02")


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_told_to_stop(end: signal.Signals) -> None:
    command = [sys.executable, "-c", "from monitor.cli.main import main; main()"]
    with subprocess.Popen(
        [*command, "newsroom", "--port", "0", "--now", "2026-10-20T12:00"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.strip())
            if line.startswith("serving"):
                break
        port = int(lines[0].rstrip("/").rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/")
        assert b"2026-10-20 12:00" in connection.getresponse().read()
        connection.close()
        process.send_signal(end)
        assert process.wait(timeout=20) == 0
        assert process.stdout.read().strip() == "stopped"
    assert any("linkki.localhost" in line for line in lines)
