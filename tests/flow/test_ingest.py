"""Entries become articles and stories: a real server, a real store, a clock moved by hand."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from sqlalchemy import Engine
from sqlmodel import select
from structlog.testing import capture_logs

from monitor.articles.drafts import draft_from_feed, next_try
from monitor.articles.group import group_new
from monitor.articles.ingest import IngestReport, ingest_due
from monitor.clock import ManualClock
from monitor.db import outcomes
from monitor.db.articles import Draft, articles_between
from monitor.db.engine import reading, transaction
from monitor.db.entries import PendingEntry, save_entries
from monitor.db.tables import EntryRow, OutcomeRow, RevisionRow
from monitor.db.tally import tally
from monitor.feeds.decide import EntryChange
from monitor.feeds.poll import sync_feeds
from monitor.fetch.client import Fetcher, Limits
from monitor.fetch.results import TEMPORARY, FailReason, FetchFailed, Request
from monitor.progress import Silent
from monitor.settings import load_settings
from monitor.values import Article, FeedSpec, ParsedEntry, Stage
from tests.loopback import Loopback

SETTINGS = load_settings({}, retry_limit=3)
LEHTI = FeedSpec("lehti", "https://lehti.example/rss", "Lehti", "fi", ("19",), "tunturi", "daily")
BLADET = FeedSpec(
    "bladet", "https://bladet.example/rss", "Bladet", "sv", ("17",), "kustmedia", "daily"
)
FI = [
    "Pohjois-Pohjanmaan hyvinvointialue sulkee Raahen sairaalan yöpäivystyksen marraskuun alussa.",
    "Potilaat ohjataan Ouluun, jonne matkaa on yli seitsemänkymmentä kilometriä, kertoo ylilääkäri.",
    "Perusteena on pula lääkäreistä, joita ei ole saatu yövuoroihin kesän jälkeen lainkaan.",
]
SV = [
    "Österbottens välfärdsområde stänger jouren i Jakobstad nattetid från och med november.",
    "Klienterna hänvisas till Vasa, dit det är hundra kilometer, och det oroar många i nejden.",
]


def _html(title: str, paragraphs: list[str], head: str = "") -> str:
    body = "".join(f"<p>{p}</p>" for p in paragraphs)
    return f"<html><head>{head}<title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"


class Newsroom:
    """Two feeds whose entries the test names, and the pages behind them."""

    def __init__(self, site: Loopback, engine: Engine, clock: ManualClock) -> None:
        self.site, self.engine, self.clock = site, engine, clock
        sync_feeds(engine, [LEHTI, BLADET], clock())

    def page(
        self, path: str, title: str, paragraphs: list[str], head: str = "", **headers: str
    ) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        page = _html(title, paragraphs, head)
        self.site.pages[path] = lambda _: web.Response(
            text=page, content_type="text/html", headers=named
        )
        return self.site.url(path)

    def fail(self, path: str, status: int) -> str:
        self.site.pages[path] = lambda _: web.Response(status=status)
        return self.site.url(path)

    def entry(
        self, key: str, link: str = "", title: str = "Otsikko", summary: str = "", *,
        feed: FeedSpec = LEHTI, revision: int = 1, published: datetime | None = None,
    ) -> None:  # fmt: skip
        item = ParsedEntry(key, link, bool(link), title, summary, published)
        change = EntryChange(
            "new" if revision == 1 else "revised", item, f"{key}{revision}", revision
        )
        with transaction(self.engine) as session:
            save_entries(session, feed.id, [change], self.clock())

    def ingest(self, executor: ThreadPoolExecutor | None = None) -> IngestReport:
        with Fetcher(Limits(), "tilannekuva-test", allow_private=True) as fetcher:
            return ingest_due(
                self.engine, fetcher, self.clock, SETTINGS, Silent(), executor, strict=True
            )

    def articles(self) -> list[Article]:
        far = timedelta(days=9999)
        with reading(self.engine) as session:
            return articles_between(session, self.clock() - far, self.clock() + far)

    def adds_up(self) -> bool:
        with reading(self.engine) as session:
            t = tally(session)
        return t.entry_revisions == sum(t.stages[Stage.INGEST].values()) + t.pending


@pytest.fixture
def room(sqlite: Engine, clock: ManualClock) -> Iterator[Newsroom]:
    with Loopback() as site:
        yield Newsroom(site, sqlite, clock)


@pytest.mark.parametrize("executor", [None, ThreadPoolExecutor(2)], ids=["inline", "executor"])
def test_pages_become_articles(room: Newsroom, executor: ThreadPoolExecutor | None) -> None:
    room.entry("1", room.page("/fi", "Raahen päivystys suljetaan", FI))
    room.entry("2", room.page("/sv", "Jouren stängs", SV), feed=BLADET)
    report = room.ingest(executor)
    assert dict(report.outcomes) == {"full": 2}
    found = {a.language: a for a in room.articles()}
    assert found["fi"].text == "\n\n".join(FI)
    assert found["sv"].title == "Jouren stängs"
    assert found["sv"].text_source == "page"
    assert room.ingest().items == 0
    assert room.adds_up()


def test_an_entry_without_its_own_page_is_its_feed_text(room: Newsroom) -> None:
    room.entry("n1", title="Kuopio: rakennuspalo", summary="Pelastuslaitos hälytettiin kello 12.")
    room.entry("n2", title="Vasa: trafikolycka")
    assert dict(room.ingest().outcomes) == {"feed text": 2}
    by_title = {a.title: a for a in room.articles()}
    assert by_title["Kuopio: rakennuspalo"].address == "feed:lehti#n1"
    assert by_title["Kuopio: rakennuspalo"].text_source == "feed"
    assert by_title["Vasa: trafikolycka"].text_source == "title"
    assert by_title["Vasa: trafikolycka"].completeness == "title only"


def test_one_article_for_two_feeds_and_tracking_parameters(room: Newsroom) -> None:
    link = room.page("/fi", "Raahen päivystys suljetaan", FI)
    room.entry("1", f"{link}?utm_source=a")
    room.ingest()
    room.entry("9", f"{link}?utm_source=b#x", feed=BLADET)
    assert dict(room.ingest().outcomes) == {"seen elsewhere": 1}
    assert len(room.articles()) == 1
    assert room.adds_up()


def test_a_changed_page_is_a_revision_and_an_unchanged_one_is_not(room: Newsroom) -> None:
    link = room.page("/fi", "Raahen päivystys suljetaan", FI)
    room.entry("1", link)
    room.ingest()
    room.entry("1", link, title="Uusi", revision=2)
    assert dict(room.ingest().outcomes) == {"unchanged": 1}
    room.page("/fi", "Raahen päivystys jatkuu sittenkin", FI)
    room.entry("1", link, title="Uusi taas", revision=3)
    assert dict(room.ingest().outcomes) == {"revised": 1}
    (article,) = room.articles()
    assert (article.title, article.revision) == ("Raahen päivystys jatkuu sittenkin", 2)
    with reading(room.engine) as session:
        assert len(session.exec(select(RevisionRow)).all()) == 2
    assert room.adds_up()


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_leaves_the_feed_text_at_once(room: Newsroom, status: int) -> None:
    room.entry(
        "1", room.fail("/x", status), title="Jono kasvaa", summary="Leikkausjono kasvoi taas."
    )
    report = room.ingest()
    assert dict(report.outcomes) == {"feed text": 1}
    (article,) = room.articles()
    assert (article.text, article.text_source, article.completeness) == (
        "Leikkausjono kasvoi taas.",
        "feed",
        "teaser",
    )
    assert article.address == room.site.url("/x")


def test_a_failing_page_is_tried_again_later_and_then_its_feed_text_is_kept(room: Newsroom) -> None:
    room.entry("1", room.fail("/x", 503), title="Jono kasvaa", summary="Leikkausjono kasvoi taas.")
    assert room.ingest().retried == 1
    assert room.ingest().retried == 0  # not due yet
    assert room.articles() == []
    assert room.adds_up()
    room.clock.set(room.clock() + timedelta(hours=1))
    assert room.ingest().retried == 1
    room.clock.set(room.clock() + timedelta(hours=2))
    assert dict(room.ingest().outcomes) == {"feed text": 1}
    with reading(room.engine) as session:
        outcome = session.exec(select(OutcomeRow).where(OutcomeRow.stage == "ingest")).one()
        assert session.exec(select(EntryRow.state)).one() == "done"
    assert outcome.item.endswith("|1")
    assert outcome.reason


def test_a_page_that_recovers_replaces_the_feed_text(room: Newsroom) -> None:
    link = room.fail("/fi", 404)
    room.entry("1", link, summary="Lyhyt teksti.")
    room.ingest()
    room.page("/fi", "Raahen päivystys suljetaan", FI)
    room.entry("1", link, summary="Lyhyt teksti, muutettu.", revision=2)
    assert dict(room.ingest().outcomes) == {"revised": 1}
    assert room.articles()[0].text_source == "page"


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_was_read_and_is_gone_leaves_a_tombstone(room: Newsroom, status: int) -> None:
    link = room.page("/fi", "Raahen päivystys suljetaan", FI)
    room.entry("1", link)
    room.ingest()
    (before,) = room.articles()
    room.fail("/fi", status)
    room.entry("1", link, title="Juttu on poistettu", revision=2)
    assert dict(room.ingest().outcomes) == {"removed": 1}
    (after,) = room.articles()
    assert (after.text, after.title) == ("", before.title)
    assert (after.address, after.content_hash) == (before.address, before.content_hash)
    assert room.adds_up()


def test_a_feed_text_whose_page_was_never_there_is_no_tombstone(room: Newsroom) -> None:
    link = room.fail("/fi", 404)
    room.entry("1", link, summary="Lyhyt teksti.")
    room.ingest()
    room.entry("1", link, summary="Lyhyt teksti, muutettu.", revision=2)
    assert dict(room.ingest().outcomes) == {"revised": 1}
    assert room.articles()[0].text == "Lyhyt teksti, muutettu."


def test_a_feed_text_longer_than_the_page_is_kept(room: Newsroom) -> None:
    head = '<meta property="article:content_tier" content="locked">'
    link = room.page("/sv", "Jouren stängs", SV[:1], head)
    room.entry("1", link, "Jouren stängs", "\n\n".join(SV), feed=BLADET)
    assert dict(room.ingest().outcomes) == {"feed text": 1}
    (article,) = room.articles()
    assert (article.text, article.completeness) == ("\n\n".join(SV), "teaser")


def test_time_of_publication_is_of_the_feed_then_the_page_then_http_then_first_seen(
    room: Newsroom,
) -> None:
    at = datetime(2026, 11, 10, 8, 0, tzinfo=UTC)
    meta = '<meta property="article:published_time" content="2026-11-11T10:00:00+02:00">'
    http = {"Last_Modified": "Thu, 12 Nov 2026 09:00:00 GMT"}
    room.entry("1", room.page("/1", "Yksi otsikko tässä", FI, meta, **http), published=at)
    room.entry("2", room.page("/2", "Kaksi otsikkoa tässä", FI, meta, **http))
    room.entry("3", room.page("/3", "Kolme otsikkoa tässä", FI, **http))
    room.entry("4", room.page("/4", "Neljä otsikkoa tässä", FI))
    ahead = room.clock() + timedelta(days=40)
    room.entry("5", room.page("/5", "Viisi otsikkoa tässä", FI), published=ahead)
    room.ingest()
    found = {a.title.split()[0]: (a.published_source, a.published) for a in room.articles()}
    assert found["Yksi"] == ("feed", at)
    assert found["Kaksi"] == ("page", datetime(2026, 11, 11, 8, 0, tzinfo=UTC))
    assert found["Kolme"] == ("http", datetime(2026, 11, 12, 9, 0, tzinfo=UTC))
    assert found["Neljä"] == found["Viisi"] == ("first seen", room.clock())


def test_a_time_that_no_calendar_has_is_passed_over(room: Newsroom) -> None:
    for number, written in enumerate(
        ("Fri, 31 Dec 9999 23:59:59 -2359", "Fri, 31 Dec 99999999999 23:59:59 GMT")
    ):
        page = room.page(f"/{number}", f"Otsikko numero {number}", FI, Last_Modified=written)
        room.entry(str(number), page)
    room.ingest()
    assert [a.published_source for a in room.articles()] == ["first seen"] * 2


def test_pages_that_name_their_section_as_canonical_stay_apart(room: Newsroom) -> None:
    head = f'<link rel="canonical" href="{room.site.url("/selko")}">'
    room.entry("1", room.page("/a/1", "Uutiset maanantaina 9.11.2026", FI, head))
    room.entry("2", room.page("/a/2", "Uutiset tiistaina 10.11.2026", SV, head))
    room.ingest()
    assert len(room.articles()) == 2


def test_a_crash_between_two_entries_repeats_and_loses_nothing(room: Newsroom) -> None:
    class Crashing(Silent):
        def over(self, items, what, total=None):  # type: ignore[no-untyped-def]
            yield next(iter(items))
            raise KeyboardInterrupt

    for n in range(3):
        room.entry(f"{n}", title=f"Tiedote {n}", summary=f"Pelastuslaitos tiedottaa asiasta {n}.")
    with (
        Fetcher(Limits(), "tilannekuva-test", allow_private=True) as fetcher,
        pytest.raises(KeyboardInterrupt),
    ):
        ingest_due(room.engine, fetcher, room.clock, SETTINGS, Crashing())
    assert room.adds_up()
    assert room.ingest().items == 2
    assert len(room.articles()) == 3


def test_a_bug_sets_one_entry_aside_and_the_others_go_on(room: Newsroom) -> None:
    room.entry("bad", title="Rikki", summary="Tätä tietokanta ei ota vastaan.")
    room.entry("good", title="Kuopio: rakennuspalo", summary="Pelastuslaitos hälytettiin kello 12.")
    refuse = (
        "CREATE TRIGGER refuse BEFORE INSERT ON articles WHEN NEW.title = 'Rikki' "
        "BEGIN SELECT RAISE(ABORT, 'refused'); END"
    )
    with room.engine.begin() as connection:
        connection.exec_driver_sql(refuse)
    with capture_logs() as logs, Fetcher(Limits(), "test", allow_private=True) as fetcher:
        report = ingest_due(room.engine, fetcher, room.clock, SETTINGS, Silent())
    assert dict(report.outcomes) == {"feed text": 1, "set aside": 1}
    assert room.adds_up()
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["entry_set_aside"]


def test_stories_gather_copies_and_follow_ups(room: Newsroom) -> None:
    start = room.clock() - timedelta(days=2)
    room.entry("1", room.page("/1", "Raahen päivystys suljetaan yöksi", FI), published=start)
    room.entry(
        "2",
        room.page("/2", "Yöpäivystys loppuu", [*FI[:2], "Uutistoimisto."]),
        published=start + timedelta(hours=2),
    )
    room.entry("3", room.page("/3", "Jouren i Jakobstad stängs", SV), feed=BLADET, published=start)
    room.ingest()
    report = group_new(room.engine, room.clock, Silent())
    assert dict(report.outcomes) == {"copy": 1, "new story": 2}
    assert group_new(room.engine, room.clock, Silent()).items == 0
    found = {a.address.rsplit("/", 1)[1]: a.story_id for a in room.articles()}
    assert found["1"] == found["2"] != found["3"]
    with reading(room.engine) as session:
        assert outcomes.counts(session, Stage.STORY) == {"copy": 1, "new story": 2}


def test_retry_waits_grow_and_retry_after_wins() -> None:
    now = datetime(2026, 11, 16, tzinfo=UTC)
    plain = FetchFailed(Request("https://x.example"), FailReason.TIMEOUT, TEMPORARY, "slow")
    waits = [next_try(now, n, plain) - now for n in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(days=1)
    asked = FetchFailed(
        Request("https://x.example"), FailReason.RATE_LIMITED, TEMPORARY, "", 429, 7200.0
    )
    assert next_try(now, 1, asked) - now == timedelta(hours=2)


@pytest.mark.parametrize(
    ("head", "headers"),
    [
        ('<meta property="article:published_time" content="0001-01-01T00:00:00Z">', {}),
        ("", {"Last_Modified": "Fri, 31 Dec 9999 23:59:59 -0500"}),
        ("", {"Last_Modified": "Thu, 01 Jan 1970 00:00:00 GMT"}),
    ],
)
def test_an_impossible_date_of_a_page_stops_neither_ingest_nor_stories(
    room: Newsroom, head: str, headers: dict[str, str]
) -> None:
    room.entry("1", room.page("/1", "Raahen päivystys suljetaan", FI, head, **headers))
    assert dict(room.ingest().outcomes) == {"full": 1}
    assert group_new(room.engine, room.clock, Silent()).items == 1
    (article,) = room.articles()
    assert (article.published, article.published_source) == (room.clock(), "first seen")


def test_an_entry_whose_draft_cannot_be_made_is_set_aside(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(entry: PendingEntry, *_: object) -> Draft:
        if entry.key == "1":
            raise ZeroDivisionError
        return draft_from_feed(entry, "feed:lehti#2", "", room.clock())

    monkeypatch.setattr("monitor.articles.ingest.draft_from_feed", broken)
    room.entry("1", title="Rikki")
    room.entry("2", title="Ehjä")
    with Fetcher(Limits(), "tilannekuva-test", allow_private=True) as fetcher, capture_logs():
        report = ingest_due(room.engine, fetcher, room.clock, SETTINGS, Silent())
    assert dict(report.outcomes) == {"feed text": 1, "set aside": 1}
    assert room.adds_up()
