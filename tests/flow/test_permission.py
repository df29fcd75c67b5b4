"""Sites say what may be read: robots.txt and text-mining reservations, over a real server and store."""

from collections.abc import Iterator
from datetime import timedelta
from time import monotonic

import pytest
from aiohttp import web
from sqlalchemy import Engine
from sqlmodel import select

from monitor.clock import ManualClock
from monitor.db.engine import reading
from monitor.db.feeds import recent_polls
from monitor.db.sites import StoredSites, delays
from monitor.db.tables import SiteRow
from monitor.feeds.poll import poll_due, sync_feeds
from monitor.fetch.client import Fetcher, Limits
from monitor.fetch.permission import Site, TdmRule
from monitor.fetch.results import FailReason, Fetched, FetchFailed, Request, Result
from monitor.fetch.robots import LONGEST_DELAY, Rules
from monitor.settings import load_settings
from monitor.values import FeedSpec, Permission
from tests.loopback import Loopback

AGENT = "tilannekuva/0.1 (+toimitus@example.org)"
RSS = (
    "<rss version='2.0'><channel><title>Lehti</title><item><title>Päivystys suljetaan</title>"
    "<guid>1</guid></item></channel></rss>"
)


class Newspaper:
    """A site whose pages the test names, asked through a store that remembers what it permits."""

    def __init__(self, site: Loopback, engine: Engine, clock: ManualClock) -> None:
        self.site, self.engine, self.clock = site, engine, clock
        self.say("/uutiset/1", "<html><body><p>Jono kasvoi.</p></body></html>")

    def say(self, path: str, text: str, status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = "text/html" if text.startswith("<html") else "text/plain"
        self.site.pages[path] = lambda _: web.Response(
            text=text, status=status, content_type=kind, headers=named
        )

    def read(
        self, path: str = "/uutiset/1", agreement: str = "", host: str = "127.0.0.1"
    ) -> Result:
        book = StoredSites(self.engine)
        with Fetcher(Limits(), AGENT, allow_private=True, book=book, clock=self.clock) as fetcher:
            request = Request(self.site.url(path, host), agreement=agreement)
            [result] = fetcher.fetch_all([request])
        return result

    def failed(self, path: str = "/uutiset/1") -> FetchFailed:
        result = self.read(path)
        assert isinstance(result, FetchFailed), result
        return result

    def refusal(self, path: str = "/uutiset/1") -> FetchFailed:
        result = self.failed(path)
        assert result.reason is FailReason.NOT_ALLOWED
        assert result.detail
        return result

    def permission(self, path: str = "/uutiset/1") -> Permission | None:
        return self.read(path).permission


@pytest.fixture
def paper(sqlite: Engine, clock: ManualClock) -> Iterator[Newspaper]:
    with Loopback() as site:
        yield Newspaper(site, sqlite, clock)


def test_a_site_that_says_nothing_allows(paper: Newspaper) -> None:
    result = paper.read()
    assert isinstance(result, Fetched)
    assert result.permission is Permission.ALLOWED


def test_robots_txt_refuses_without_the_page_being_asked(paper: Newspaper) -> None:
    paper.say("/robots.txt", "User-agent: *\nDisallow: /uutiset\nAllow: /uutiset/avoin\n")
    paper.say("/uutiset/avoin/2", "<html><p>Avoin.</p></html>")
    assert paper.refusal().permission is Permission.ROBOTS
    assert paper.site.asked("/uutiset/1") == []
    assert paper.permission("/uutiset/avoin/2") is Permission.ALLOWED


def test_a_group_of_our_own_goes_before_that_of_all(paper: Newspaper) -> None:
    paper.say(
        "/robots.txt", "User-agent: *\nDisallow: /\n\nUser-agent: Tilannekuva\nDisallow: /x\n"
    )
    assert paper.permission() is Permission.ALLOWED


def test_the_answer_is_kept_for_a_day_and_asked_again_after_it(paper: Newspaper) -> None:
    for _ in range(3):
        paper.read()
    assert len(paper.site.asked("/robots.txt")) == 1
    assert len(paper.site.asked("/.well-known/tdmrep.json")) == 1
    paper.clock.set(paper.clock() + timedelta(hours=25))
    paper.say("/robots.txt", "User-agent: *\nDisallow: /\n")
    assert paper.refusal().permission is Permission.ROBOTS
    with reading(paper.engine) as session:
        assert session.exec(select(SiteRow.robots)).one() == "User-agent: *\nDisallow: /\n"


def test_a_robots_txt_that_cannot_be_had_refuses_for_a_bounded_time(paper: Newspaper) -> None:
    paper.say("/robots.txt", "vika", status=503)
    failed = paper.failed()
    assert (failed.reason, failed.weight) == (FailReason.HTTP_SERVER_ERROR, 0.25)
    assert "robots.txt" in failed.detail
    assert failed.permission is None  # nobody has refused
    paper.clock.set(paper.clock() + timedelta(days=6))
    paper.failed()
    assert paper.site.asked("/uutiset/1") == []
    paper.clock.set(paper.clock() + timedelta(days=2))
    assert paper.permission() is Permission.ALLOWED


def test_a_robots_txt_that_comes_back_is_obeyed(paper: Newspaper) -> None:
    paper.say("/robots.txt", "vika", status=500)
    paper.failed()
    paper.say("/robots.txt", "User-agent: *\nDisallow:\n")
    paper.failed()  # asked again after an hour only
    paper.clock.set(paper.clock() + timedelta(hours=2))
    assert paper.permission() is Permission.ALLOWED


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_robots_txt_that_is_not_there_allows(paper: Newspaper, status: int) -> None:
    paper.say("/robots.txt", "ei", status=status)
    assert paper.permission() is Permission.ALLOWED


def test_a_huge_robots_txt_is_read_as_far_as_the_limit(paper: Newspaper) -> None:
    rest = "\nUser-agent: *\nDisallow: /\n"
    paper.say("/robots.txt", "User-agent: *\nDisallow: /x\n" + "#" * 600_000 + rest)
    assert paper.permission() is Permission.ALLOWED


def test_a_dead_host_fails_as_a_dead_host(paper: Newspaper) -> None:
    book = StoredSites(paper.engine)
    with Fetcher(Limits(), AGENT, allow_private=True, book=book, clock=paper.clock) as fetcher:
        results = list(fetcher.fetch_all(Request(f"http://127.0.0.1:1/{n}") for n in range(3)))
    assert {r.reason for r in results if isinstance(r, FetchFailed)} == {FailReason.REFUSED}


def test_robots_is_asked_of_every_host_a_redirect_leads_to(paper: Newspaper) -> None:
    there = paper.site.url("/uutiset/1", host="muu.localhost")
    paper.site.pages["/vie"] = lambda _: web.Response(status=302, headers={"Location": there})
    paper.site.pages["/robots.txt"] = lambda r: (
        web.Response(text="User-agent: *\nDisallow: /")
        if (r.url.host or "").startswith("muu")
        else web.Response(status=404)
    )
    assert paper.refusal("/vie").permission is Permission.ROBOTS


def test_reservations_in_header_meta_and_file(paper: Newspaper) -> None:
    page = "<html><head>{}</head><p>Kö.</p></html>"
    paper.say("/header", page.format(""), tdm_reservation="1")
    paper.say("/meta", page.format('<meta name="tdm-reservation" content="1">'))
    free = '<META content=0 name="TDM-Reservation">'
    paper.say("/page-outranks-header", page.format(free), tdm_reservation="1")
    paper.say("/noai", page.format(""), X_Robots_Tag="noindex, noai")
    paper.say("/others", page.format(""), X_Robots_Tag="gptbot: noai")
    paper.say("/metanoai", page.format("<meta content='index,NOAI' name=robots>"))
    paper.say("/comment", page.format('<!-- <meta name="tdm-reservation" content="1"> -->'))
    rules = '[{"location": "/maksu/vapaa*", "tdm-reservation": 0}, {"location": "/maksu", "tdm-reservation": 1}]'
    paper.say("/.well-known/tdmrep.json", rules)
    for path in ("/maksu/1", "/maksu/vapaa/1"):
        paper.say(path, page.format(""))
    said = {path: paper.permission(path) for path in list(paper.site.pages) if path[1] != "."}
    assert said == {
        "/uutiset/1": Permission.ALLOWED,
        "/header": Permission.TDM_HEADER,
        "/meta": Permission.TDM_META,
        "/page-outranks-header": Permission.ALLOWED,
        "/noai": Permission.NOAI,
        "/others": Permission.ALLOWED,
        "/metanoai": Permission.NOAI,
        "/comment": Permission.ALLOWED,
        "/maksu/1": Permission.TDM_FILE,
        "/maksu/vapaa/1": Permission.ALLOWED,
    }
    assert paper.site.asked("/maksu/1") == []


def test_an_agreement_stands_in_for_permission_on_its_own_site_only(paper: Newspaper) -> None:
    paper.say("/robots.txt", "User-agent: *\nDisallow: /")
    there = paper.site.url("/uutiset/1", host="muu.example.localhost")
    paper.site.pages["/vie"] = lambda _: web.Response(status=302, headers={"Location": there})
    assert paper.read(agreement="agreement 2026-01").permission is Permission.AGREEMENT
    away = paper.read("/vie", agreement="agreement 2026-01")
    assert away.permission is Permission.ROBOTS


def test_a_feed_that_is_refused_is_a_poll_that_says_so(paper: Newspaper) -> None:
    paper.say("/rss", RSS)
    paper.say("/suljettu", RSS, tdm_reservation="1")
    open_, shut = (
        FeedSpec(name, paper.site.url(path), name, "fi", ("19",), "g", "daily")
        for name, path in (("open", "/rss"), ("shut", "/suljettu"))
    )
    sync_feeds(paper.engine, [open_, shut], paper.clock())
    book = StoredSites(paper.engine)
    with Fetcher(Limits(), AGENT, allow_private=True, book=book, clock=paper.clock) as fetcher:
        report = poll_due(paper.engine, fetcher, paper.clock, load_settings({}), strict=True)
    assert (report.new, len(report.failures)) == (1, 1)
    with reading(paper.engine) as session:
        [heard] = recent_polls(session, "open", 1)
        [refused] = recent_polls(session, "shut", 1)
    assert heard.permission is Permission.ALLOWED
    assert refused.permission is Permission.TDM_HEADER
    assert refused.reason.startswith("not allowed: ")


def test_what_a_site_said_is_the_same_after_the_store(engine: Engine, clock: ManualClock) -> None:
    book = StoredSites(engine)
    assert book.find("https://lehti.example") is None
    now = clock()
    for rules in ((), (TdmRule("/a*", True), TdmRule("/", False))):
        site = Site("https://lehti.example", now, now, None, "Disallow: /å", rules, now)
        book.keep(site)
        assert book.find("https://lehti.example") == site


def test_the_delay_that_robots_txt_asks_for_is_kept_bounded_and_stored(paper: Newspaper) -> None:
    paper.say("/robots.txt", "User-agent: *\nCrawl-delay: 0.2\n")
    paper.say("/uutiset/2", "<html><body><p>Toinen.</p></body></html>")
    book = StoredSites(paper.engine)
    began = monotonic()
    with Fetcher(Limits(), AGENT, allow_private=True, book=book, clock=paper.clock) as fetcher:
        urls = [paper.site.url(path) for path in ("/uutiset/1", "/uutiset/2", "/uutiset/1")]
        results = list(fetcher.fetch_all(Request(url, key=f"{n}") for n, url in enumerate(urls)))
    assert all(isinstance(result, Fetched) for result in results)
    assert monotonic() - began >= 0.4  # three requests, two delays between them
    with reading(paper.engine) as session:
        assert list(delays(session).values()) == [0.2]
    assert Rules("User-agent: *\nCrawl-delay: 3600", "tilannekuva").delay == LONGEST_DELAY
    assert Rules("User-agent: muu\nCrawl-delay: 9", "tilannekuva").delay == 0.0
