"""Polling end to end: a real server, a real store, a clock that is moved by hand."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import Engine, text
from sqlmodel import select
from structlog.testing import capture_logs

from monitor.clock import ManualClock
from monitor.db import deletions, outcomes
from monitor.db.engine import reading, transaction
from monitor.db.entries import finish_entry, pending_entries
from monitor.db.feeds import feed_health, feed_states, recent_polls
from monitor.db.revisions import tombstone
from monitor.db.tables import EntryRow, OutcomeRow, PollRow
from monitor.db.tally import discrepancies, tally
from monitor.feeds.decide import Poll, PollOutcome
from monitor.feeds.poll import PollReport, poll_due, sync_feeds
from monitor.fetch.client import Fetcher, Limits
from monitor.settings import load_settings
from monitor.values import FeedSpec, FeedState, FeedStatus, Stage
from tests.loopback import Loopback
from tests.stored import article_row

GOLDEN = Path(__file__).parents[1] / "data" / "feeds"
SETTINGS = load_settings({})
WEEK = timedelta(days=8)


class Newsstand:
    """One feed, `bladet`, on a server whose pages the test sets; and more where it wants them."""

    def __init__(self, site: Loopback, engine: Engine, clock: ManualClock) -> None:
        self.site, self.engine, self.clock = site, engine, clock
        self.specs = [
            FeedSpec("bladet", site.url("/rss"), "Bladet", "sv", ("17",), "bladet", "daily")
        ]

    def serve(self, body: bytes | str, path: str = "/rss", **headers: str) -> None:
        raw = body.encode() if isinstance(body, str) else body
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        self.site.pages[path] = lambda _: web.Response(body=raw, headers=given)

    def refuse(self, status: int, path: str = "/rss", **headers: str) -> None:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        self.site.pages[path] = lambda _: web.Response(status=status, headers=given)

    def poll(self, strict: bool = True) -> PollReport:
        """A week later: every feed is due again."""
        self.clock.set(self.clock() + WEEK)
        return self.poll_now(strict)

    def poll_now(self, strict: bool = True) -> PollReport:
        sync_feeds(self.engine, self.specs, self.clock())
        with Fetcher(Limits(), "tilannekuva-test", allow_private=True) as fetcher:
            return poll_due(self.engine, fetcher, self.clock, SETTINGS, strict=strict)

    def state(self, feed_id: str = "bladet") -> FeedState:
        with reading(self.engine) as session:
            return next(s for s in feed_states(session) if s.spec.id == feed_id)

    def last(self) -> Poll:
        with reading(self.engine) as session:
            return recent_polls(session, "bladet", 1)[0]

    def outcomes(self) -> dict[str, int]:
        with reading(self.engine) as session:
            return outcomes.counts(session, Stage.ENTRY)


@pytest.fixture
def stand(sqlite: Engine, clock: ManualClock) -> Iterator[Newsstand]:
    with Loopback() as site:
        yield Newsstand(site, sqlite, clock)


def rss(*titles: str, link: str = "https://bladet.example/{}") -> str:
    items = "".join(
        f"<item><guid>g{n}</guid><title>{title}</title><link>{link.format(n)}</link>"
        f"<pubDate>Mon, {16 - n} Nov 2026 02:00:00 GMT</pubDate></item>"
        for n, title in enumerate(titles)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'


def test_every_golden_feed_flows_into_the_store(stand: Newsstand) -> None:
    paths = sorted(GOLDEN.glob("*.xml"))
    stand.specs = [
        replace(stand.specs[0], id=path.stem, url=stand.site.url(f"/{path.name}")) for path in paths
    ]
    for path in paths:
        stand.serve(path.read_bytes(), f"/{path.name}", Content_Type="text/xml")
    report = stand.poll()
    assert report.outcomes == {PollOutcome.OK: len(paths)}
    assert report.items == report.new + report.rejected
    assert stand.outcomes() == {"new": report.new, "rejected": report.rejected}
    with reading(stand.engine) as session:
        assert len(pending_entries(session, stand.clock(), 1000)) == report.new
        titles = set(session.exec(select(EntryRow.title)))
    assert {"Välfärdsområdet skär ner i jouren", "Lääkäripäivystys siirtyy"} <= titles


def atom(*inside: str) -> str:
    spaces = 'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
    return f"<feed {spaces}><title>Bladet</title>{''.join(inside)}</feed>"


JOUR = (
    "<entry><id>g0</id><title>Jouren stänger</title><link href='https://bladet.example/0'/></entry>"
)
TAND = "<entry><id>g1</id><title>Tandvården flyttar</title><link href='https://bladet.example/1'/></entry>"
TOMBSTONE = (
    '<at:deleted-entry ref="g0"><at:comment>Artikeln var felaktig.</at:comment></at:deleted-entry>'
)


def _tagged_on(stand: Newsstand, key: str) -> int:
    """An article of the entry, as ingestion leaves it."""
    with transaction(stand.engine) as session:
        row = session.exec(select(EntryRow).where(EntryRow.key == key)).one()
        article = article_row(1, feed_id="bladet")
        session.add(article)
        session.flush()
        assert row.id is not None
        finish_entry(session, row.id, article.id)
        return article.id or 0


def test_a_tombstone_is_an_outcome_and_proposes_that_the_article_goes(stand: Newsstand) -> None:
    stand.serve(atom(JOUR, TAND))
    stand.poll()
    article = _tagged_on(stand, "g0")
    stand.serve(atom(TAND, TOMBSTONE))
    report = stand.poll()
    stand.poll()  # said again: no second outcome
    assert (report.items, report.seen) == (1, 1)
    assert stand.outcomes() == {"new": 2, "removed by the feed": 1}
    with reading(stand.engine) as session:
        [proposal] = deletions.proposals(session, article)
        assert proposal.why == "Artikeln var felaktig."
        assert tombstone(session, article) is None
    with transaction(stand.engine) as session:
        assert deletions.follow(session, stand.clock()) == 1
        assert deletions.follow(session, stand.clock()) == 0
        grave = tombstone(session, article)
    assert grave is not None
    assert grave.why == "removed by the feed: Artikeln var felaktig."


def test_a_deleted_entry_that_waits_is_not_read_and_one_that_returns_is_no_longer_deleted(
    stand: Newsstand,
) -> None:
    stand.serve(atom(JOUR, TAND))
    stand.poll()
    stand.serve(atom(TAND, TOMBSTONE))
    stand.poll()
    with reading(stand.engine) as session:
        assert [e.key for e in pending_entries(session, stand.clock(), 10)] == ["g1"]
        assert outcomes.counts(session, Stage.INGEST) == {"removed by the feed": 1}
        counted = tally(session)
    assert not [said for said in discrepancies(counted) if "entry revisions" in said]
    stand.serve(atom(JOUR, TAND, TOMBSTONE))
    stand.poll()
    with reading(stand.engine) as session:
        rows = session.exec(select(EntryRow.deleted).where(EntryRow.key == "g0")).all()
    assert rows == [None]


def test_new_seen_and_revised_items_add_up_and_each_has_one_outcome(stand: Newsstand) -> None:
    stand.serve(rss("Jouren stänger", "Hemvården söker folk"))
    assert stand.poll().new == 2
    stand.serve(rss("Jouren stänger ändå inte", "Hemvården söker folk", "Tandvården flyttar"))
    report = stand.poll()
    assert (report.new, report.seen, report.revised, report.items) == (1, 1, 1, 3)
    assert stand.outcomes() == {"new": 3, "revised": 1}
    with reading(stand.engine) as session:
        waiting = {
            entry.key: entry.revision for entry in pending_entries(session, stand.clock(), 9)
        }
    assert waiting == {"g0": 2, "g1": 1, "g2": 1}


def test_a_rejected_item_is_counted_in_every_poll_and_reported_once(stand: Newsstand) -> None:
    twice = "<item><title>Pieni palo</title></item>" * 2
    for comment in ("a", "b"):  # other bytes, the same items
        stand.serve(f'<rss version="2.0"><!--{comment}--><channel>{twice}</channel></rss>')
        assert stand.poll().rejected == 1
    assert stand.outcomes() == {"new": 1, "rejected": 1}


def test_an_unchanged_feed_costs_no_parsing_and_keeps_its_reach(stand: Newsstand) -> None:
    stand.serve(rss("Jouren stänger", "Hemvården söker folk"))
    stand.poll()
    reach = stand.last().oldest_item
    assert reach is not None
    assert stand.poll().outcomes == {PollOutcome.UNCHANGED: 1}
    assert (stand.last().oldest_item, stand.last().items) == (reach, 0)


def test_validators_are_used_and_a_304_is_health(stand: Newsstand) -> None:
    stand.serve(rss("Jouren stänger"), ETag='"v1"')
    stand.poll()
    stand.site.pages["/rss"] = lambda r: web.Response(
        status=304 if r.headers.get("If-None-Match") == '"v1"' else 500
    )
    assert stand.poll().outcomes == {PollOutcome.NOT_MODIFIED: 1}
    assert stand.state().last_success == stand.clock()
    assert stand.last().oldest_item is not None


def test_a_feed_that_moved_for_good_is_asked_at_its_new_address(stand: Newsstand) -> None:
    stand.site.pages["/rss"] = lambda _: web.Response(status=301, headers={"Location": "/new"})
    stand.serve(rss("Jouren stänger"), "/new")
    stand.poll()
    stand.poll()
    assert stand.state().moved_to == stand.site.url("/new")
    assert len(stand.site.asked("/rss")) == 1
    assert len(stand.site.asked("/new")) == 2


def test_a_failing_feed_stops_no_other_and_says_why(stand: Newsstand) -> None:
    stand.specs += [replace(stand.specs[0], id="lehti", url=stand.site.url("/web"))]
    stand.specs += [replace(stand.specs[0], id="poissa", url=stand.site.url("/none"))]
    stand.serve(rss("Jouren stänger"))
    stand.serve("<!DOCTYPE html><html><body>Etusivu</body></html>", "/web")
    report = stand.poll()
    assert report.outcomes == {PollOutcome.OK: 1, PollOutcome.FAILED: 2}
    reasons = dict(report.failures)
    assert "web page" in reasons["lehti"]
    assert "404" in reasons["poissa"]
    assert (stand.state("lehti").failures, stand.state("poissa").failures) == (0.5, 1.0)
    with reading(stand.engine) as session:
        reason = {health.spec.id: health.reason for health in feed_health(session)}
    assert reason == {"bladet": "", **reasons}


def test_only_feeds_that_are_due_are_asked(stand: Newsstand) -> None:
    stand.serve(rss("Jouren stänger"))
    assert stand.poll().polls == 1
    assert stand.poll_now().polls == 0
    due = stand.state().next_poll
    assert due is not None
    stand.clock.set(due)
    assert stand.poll_now().polls == 1


def test_retry_after_is_kept_to_and_gone_is_asked_weekly(stand: Newsstand) -> None:
    stand.refuse(429, Retry_After="600")
    stand.poll()
    assert stand.state().next_poll == stand.clock() + timedelta(seconds=600)
    stand.refuse(410)
    stand.poll()
    assert stand.state().status is FeedStatus.GONE
    stand.clock.set(stand.clock() + timedelta(days=6))
    assert stand.poll_now().polls == 0
    stand.serve(rss("Jouren stänger"))
    assert stand.poll().new == 1
    assert stand.state().status is FeedStatus.ACTIVE


def test_a_feed_that_another_process_polled_meanwhile_is_left_alone(stand: Newsstand) -> None:
    stand.serve(rss("Jouren stänger"))
    plain = stand.site.pages["/rss"]
    other = Fetcher(Limits(), "other", allow_private=True)

    def race(request: web.Request) -> web.StreamResponse:
        stand.site.pages["/rss"] = plain
        with other:  # the first answer waits until a second worker has stored its own
            poll_due(stand.engine, other, stand.clock, SETTINGS, strict=True)
        return plain(request)  # type: ignore[return-value]

    async def slow(request: web.Request) -> web.StreamResponse:
        return await asyncio.to_thread(race, request)

    stand.site.pages["/rss"] = slow
    assert stand.poll().polls == 0
    with reading(stand.engine) as session:
        assert len(session.exec(select(PollRow)).all()) == 1
    assert stand.outcomes() == {"new": 1}


def test_a_bug_with_one_feed_is_recorded_and_the_others_go_on(stand: Newsstand) -> None:
    stand.specs += [replace(stand.specs[0], id="lehti", url=stand.site.url("/fi"))]
    stand.serve(rss("Jouren stänger"))
    stand.serve(rss("Päivystys siirtyy", link="https://lehti.example/{}"), "/fi")
    with stand.engine.begin() as connection:  # a store that breaks for one feed's items
        connection.execute(
            text(
                "CREATE TRIGGER broken BEFORE INSERT ON entries WHEN NEW.feed_id = 'lehti' "
                "BEGIN SELECT RAISE(ABORT, 'a bug'); END"
            )
        )
    with capture_logs() as log:
        report = stand.poll(strict=False)
    assert [line["feed"] for line in log if line.get("exc_info")] == ["lehti"]
    assert report.outcomes == {PollOutcome.OK: 1, PollOutcome.FAILED: 1}
    assert dict(report.failures)["lehti"].startswith("internal error")
    with reading(stand.engine) as session:
        assert set(session.exec(select(EntryRow.feed_id))) == {"bladet"}
        assert all("bladet" in item for item in session.exec(select(OutcomeRow.item)))
    stand.specs = [stand.specs[1]]
    with pytest.raises(Exception, match="a bug"):
        stand.poll(strict=True)


def test_one_address_of_several_feeds_is_asked_once_for_all(stand: Newsstand) -> None:
    # a second paper moved to the address of the first; a third joins when the two were read before
    stand.specs += [replace(stand.specs[0], id="lehti", url=stand.site.url("/old"))]
    stand.site.pages["/old"] = lambda _: web.Response(status=301, headers={"Location": "/rss"})
    stand.serve(rss("Jouren stänger"), ETag='"v1"')
    assert stand.poll().new == 2
    stand.site.requests.clear()
    assert stand.poll().outcomes == {PollOutcome.UNCHANGED: 2}
    assert len(stand.site.requests) == 1
    stand.specs += [replace(stand.specs[0], id="tredje")]
    report = stand.poll_now()  # only the third is due; the others come along
    assert (report.polls, report.new) == (3, 1)
    assert len(stand.site.requests) == 2


def test_a_round_of_many_feeds_is_parsed_in_processes_and_stored_whole(stand: Newsstand) -> None:
    bomb = "<x " + " ".join(f'a{n}="1"' for n in range(500)) + "/>"
    stand.specs = [
        replace(stand.specs[0], id=f"f{n:02}", url=stand.site.url(f"/{n}")) for n in range(60)
    ]
    for n in range(60):
        stand.serve(rss(f"Jouren {n} stänger", "Hemvården") if n != 30 else bomb, f"/{n}")
    report = stand.poll()
    assert report.outcomes == {PollOutcome.OK: 59, PollOutcome.FAILED: 1}
    assert stand.outcomes() == {"new": 118}
    with reading(stand.engine) as session:
        titles = dict(
            session.exec(
                select(EntryRow.feed_id, EntryRow.title).order_by(EntryRow.key.desc())
            ).all()
        )
    assert titles["f17"] == "Jouren 17 stänger"  # each feed has its own items
    assert "f30" not in titles
