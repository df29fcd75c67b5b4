"""What becomes of a page that may not be read, or that takes too long: its feed's text is kept."""

from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import Engine
from sqlmodel import select

from monitor.articles.ingest import IngestReport, ingest_due
from monitor.bounded import BoundedExecutor
from monitor.clock import ManualClock
from monitor.db.engine import reading
from monitor.db.sites import StoredSites
from monitor.db.tables import EntryRow, OutcomeRow
from monitor.feeds.poll import sync_feeds
from monitor.fetch.client import Fetcher, Limits
from monitor.progress import Silent
from monitor.values import Permission
from tests.flow.test_ingest import FI, LEHTI, SETTINGS, SV, Newsroom
from tests.loopback import Loopback

SLOW = "<p>Terveysasema sulkee ovensa ensi viikolla, kertoo hyvinvointialue.</p>" * 26_000


class Asking(Newsroom):
    """A newsroom whose sites are asked for permission."""

    def ingest(self, executor: Executor | None = None) -> IngestReport:
        book = StoredSites(self.engine)
        with Fetcher(Limits(), "tilannekuva", allow_private=True, book=book, clock=self.clock) as f:
            return ingest_due(self.engine, f, self.clock, SETTINGS, Silent(), executor, strict=True)

    def outcomes(self) -> dict[str, str]:
        with reading(self.engine) as session:
            rows = session.exec(select(OutcomeRow).where(OutcomeRow.stage == "ingest"))
            return {row.item: f"{row.outcome}: {row.reason}" for row in rows}

    def permissions(self) -> dict[str, str | None]:
        with reading(self.engine) as session:
            return dict(session.exec(select(EntryRow.key, EntryRow.permission)).all())


@pytest.fixture
def room(sqlite: Engine, clock: ManualClock) -> Iterator[Asking]:
    with Loopback() as site:
        yield Asking(site, sqlite, clock)


def test_a_page_that_is_reserved_leaves_its_feed_text_and_the_decision(room: Asking) -> None:
    room.entry(
        "1", room.page("/1", "Jono kasvaa", FI, tdm_reservation="1"),
        title="Jono kasvaa", summary="Leikkausjono kasvoi taas.",
    )  # fmt: skip
    room.entry("2", room.page("/2", "Jouren stängs", SV))
    assert dict(room.ingest().outcomes) == {"full": 1, "not allowed": 1}
    kept = {a.address: a for a in room.articles()}[room.site.url("/1")]
    assert (kept.text, kept.text_source) == ("Leikkausjono kasvoi taas.", "feed")
    assert room.permissions() == {
        "1": Permission.TDM_HEADER.value,
        "2": Permission.ALLOWED.value,
    }
    assert room.adds_up()


def test_a_robots_txt_that_cannot_be_had_puts_the_page_off(room: Asking) -> None:
    room.fail("/robots.txt", 503)
    room.entry("1", room.page("/1", "Jono kasvaa", FI), summary="Leikkausjono kasvoi taas.")
    assert room.ingest().retried == 1
    assert room.permissions() == {"1": None}
    room.site.pages.pop("/robots.txt")
    room.clock.set(room.clock() + timedelta(hours=2))
    assert dict(room.ingest().outcomes) == {"full": 1}
    assert room.permissions() == {"1": Permission.ALLOWED.value}


def test_an_agreement_opens_the_pages_of_its_own_site(room: Asking) -> None:
    room.site.pages["/robots.txt"] = lambda _: web.Response(text="User-agent: *\nDisallow: /")
    own = replace(LEHTI, url=room.site.url("/rss"), permission="agreement 2026-01")
    sync_feeds(room.engine, [own], room.clock())
    room.page("/2", "Jouren stängs", SV)
    room.entry("1", room.page("/1", "Jono kasvaa", FI))
    room.entry("2", room.site.url("/2", host="muu.localhost"))
    assert dict(room.ingest().outcomes) == {"full": 1, "not allowed": 1}
    assert room.permissions() == {"1": Permission.AGREEMENT.value, "2": Permission.ROBOTS.value}


@pytest.mark.slow
def test_a_page_that_takes_too_long_stops_only_itself(room: Asking) -> None:
    for n in range(6):
        room.entry(f"{n}", room.page(f"/{n}", f"Otsikko numero {n}", FI))
    room.site.pages["/3"] = lambda _: web.Response(
        text=f"<html><h1>Hidas</h1>{SLOW}</html>", content_type="text/html"
    )
    room.entry("3", room.site.url("/3"), title="Hidas", summary="Sivu on pitkä.", revision=2)
    with BoundedExecutor(2, 1) as executor:
        report = room.ingest(executor)
    assert dict(report.outcomes) == {"full": 5, "too slow": 1}
    slow = next(a for a in room.articles() if a.address.endswith("/3"))
    assert (slow.text, slow.text_source) == ("Sivu on pitkä.", "feed")
    assert [o for o in room.outcomes().values() if o.startswith("too slow: reading")]


@pytest.mark.slow
def test_a_page_whose_process_breaks_off_is_tried_again(room: Asking) -> None:
    class Breaking(BoundedExecutor):
        def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
            future = super().submit(fn, *args, **kwargs)
            self.shutdown()
            return future

    room.entry("1", room.page("/1", "Jono kasvaa", FI))
    assert room.ingest(Breaking(1, 300)).retried == 1
    room.clock.set(room.clock() + timedelta(hours=1))
    assert dict(room.ingest().outcomes) == {"full": 1}


def test_a_run_that_is_stopped_leaves_the_rest_for_the_next(room: Asking) -> None:
    class Stopping(Silent):
        def over(self, items, what, total=None):  # type: ignore[no-untyped-def]
            yield next(iter(items))

    for n in range(8):
        room.entry(f"{n}", room.page(f"/{n}", f"Otsikko numero {n}", FI))
    with (
        BoundedExecutor(2, 30) as executor,
        Fetcher(Limits(), "tilannekuva", allow_private=True) as fetcher,
    ):
        # the loop of every batch ends after one entry, as when the worker is told to stop
        ingest_due(room.engine, fetcher, room.clock, SETTINGS, Stopping(), executor, strict=True)
    assert room.adds_up()
    assert len(room.articles()) < 8
    room.ingest()
    assert len(room.articles()) == 8
    assert room.adds_up()
