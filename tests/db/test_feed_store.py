"""The store of feeds, polls and entries, on each database: plain values in, the same values out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from monitor.db.engine import reading, transaction
from monitor.db.entries import (
    finish_entry,
    known_entries,
    newest_times,
    pending_entries,
    retry_entry,
    save_entries,
)
from monitor.db.feeds import (
    feed_health,
    feed_states,
    feeds_to_ask,
    locked_feeds,
    recent_polls,
    save_polls,
    sync_specs,
)
from monitor.db.outcomes import record, recorded
from monitor.db.tables import ArticleRow, EntryRow
from monitor.feeds.decide import EntryChange, KnownEntry, Poll, PollOutcome, entry_hash
from monitor.values import FeedSpec, FeedState, FeedStatus, Outcome, ParsedEntry, Stage

NOW = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEHTI = FeedSpec(
    "lehti", "https://lehti.example/f", "Järven Lehti", "fi", ("05", "06"), "ketju", "daily", "huom"
)
BLADET = FeedSpec("bladet", "https://bladet.example/f", "Bladet", "sv", (), "bladet", "weekly")


@pytest.fixture
def store(engine: Engine) -> Engine:
    """A store with two feeds."""
    with transaction(engine) as session:
        sync_specs(session, [LEHTI, BLADET], NOW)
    return engine


def state(engine: Engine, feed_id: str = "lehti") -> FeedState:
    with reading(engine) as session:
        return next(s for s in feed_states(session) if s.spec.id == feed_id)


def entry(key: str, title: str = "Vårdkön växer", hours: float | None = 1) -> ParsedEntry:
    published = None if hours is None else NOW - hours * HOUR
    return ParsedEntry(key, f"https://lehti.example/{key}", True, title, "Ingress.", published)


def change(kind: str, item: ParsedEntry, revision: int = 1) -> EntryChange:
    return EntryChange(kind, item, entry_hash(item), revision)  # type: ignore[arg-type]


def save(engine: Engine, *changes: EntryChange, now: datetime = NOW) -> None:
    with transaction(engine) as session:
        save_entries(session, "lehti", changes, now)


def rows(engine: Engine) -> list[EntryRow]:
    with reading(engine) as session:
        return list(session.exec(select(EntryRow).order_by(EntryRow.key)))


def poll(outcome: PollOutcome, at: datetime = NOW, **given: object) -> Poll:
    return replace(Poll("lehti", at, outcome), **given)  # type: ignore[arg-type]


# --- feeds.yaml and the store --------------------------------------------------------------------


def test_feeds_come_back_as_they_were_given_and_are_due_at_once(store: Engine) -> None:
    assert state(store) == FeedState(LEHTI, next_poll=NOW)
    with reading(store) as session:
        assert [s.spec for s in feeds_to_ask(session, NOW, 10)] == [BLADET, LEHTI]
        assert feeds_to_ask(session, NOW - HOUR, 10) == []


def test_a_second_reading_of_the_same_file_changes_nothing(store: Engine) -> None:
    with transaction(store) as session:
        report = sync_specs(session, [LEHTI, BLADET], NOW + HOUR)
    assert report.kept == ("bladet", "lehti")
    assert state(store).next_poll == NOW


def test_a_changed_title_keeps_what_is_remembered_and_a_changed_address_does_not(
    store: Engine,
) -> None:
    remembered = replace(state(store), etag='"v1"', failures=2.0, next_poll=NOW + HOUR)
    with transaction(store) as session:
        save_polls(session, [(remembered, poll(PollOutcome.OK))])
        sync_specs(session, [replace(LEHTI, title="Järvi"), BLADET], NOW)
    assert state(store) == replace(remembered, spec=replace(LEHTI, title="Järvi"))
    moved = replace(LEHTI, url="https://uusi.example/f")
    with transaction(store) as session:
        assert sync_specs(session, [moved, BLADET], NOW).changed == ("lehti",)
    assert state(store) == FeedState(moved, next_poll=NOW)


def test_a_feed_taken_out_is_not_asked_and_returns_with_its_memory(store: Engine) -> None:
    save(store, change("new", entry("k1")))
    with transaction(store) as session:
        assert sync_specs(session, [BLADET], NOW).removed == ("lehti",)
        assert sync_specs(session, [BLADET], NOW).removed == ()
    with reading(store) as session:
        assert [s.spec.id for s in feeds_to_ask(session, NOW, 10)] == ["bladet"]
        assert [h.spec.id for h in feed_health(session)] == ["bladet"]
    assert state(store).status is FeedStatus.REMOVED
    with transaction(store) as session:
        assert sync_specs(session, [LEHTI, BLADET], NOW + HOUR).returned == ("lehti",)
    assert state(store) == FeedState(LEHTI, next_poll=NOW + HOUR)
    assert len(rows(store)) == 1


# --- polls ---------------------------------------------------------------------------------------


def test_what_a_poll_leaves_comes_back(store: Engine) -> None:
    after = FeedState(
        LEHTI, FeedStatus.GONE, '"v1"', "then", "hash", 1.25, NOW + HOUR, NOW, NOW - HOUR, "https://x.fi",
        pace_seconds=5400.5, reach=NOW - HOUR,
    )  # fmt: skip
    made = poll(
        PollOutcome.OK, status=200, bytes=9, milliseconds=8, new=3, seen=2, revised=1, rejected=4,
        oldest_item=NOW - HOUR,
    )  # fmt: skip
    with transaction(store) as session:
        save_polls(session, [(after, made)])
    assert state(store) == after
    with reading(store) as session:
        assert recent_polls(session, "lehti", 5) == [made]
        assert locked_feeds(session, ["lehti", "nobody"]) == {"lehti": after}
    assert made.items == 10


def test_polls_come_newest_first(store: Engine) -> None:
    polls = [
        poll(PollOutcome.OK, NOW, oldest_item=NOW - 5 * HOUR, new=7),
        poll(PollOutcome.NOT_MODIFIED, NOW + HOUR, oldest_item=NOW - 4 * HOUR),
        poll(PollOutcome.FAILED, NOW + 2 * HOUR, reason="timeout: no answer"),
    ]
    for made in polls:
        with transaction(store) as session:
            save_polls(session, [(replace(state(store), last_poll=made.at), made)])
    with reading(store) as session:
        assert recent_polls(session, "lehti", 2) == [polls[2], polls[1]]


def test_due_feeds_are_those_that_waited_longest(store: Engine) -> None:
    with transaction(store) as session:
        late = replace(state(store), next_poll=NOW - HOUR)
        save_polls(session, [(late, poll(PollOutcome.OK))])
    with reading(store) as session:
        assert [s.spec.id for s in feeds_to_ask(session, NOW, 1)] == ["lehti"]
        assert len(feeds_to_ask(session, NOW, 9)) == 2
        assert feeds_to_ask(session, NOW - 2 * HOUR, 9) == []


def test_feeds_that_share_an_address_are_found_wherever_they_have_it_from(store: Engine) -> None:
    moved = replace(state(store, "bladet"), moved_to=LEHTI.url)
    with transaction(store) as session:
        moved = replace(moved, next_poll=NOW + 9 * HOUR)
        save_polls(session, [(moved, replace(poll(PollOutcome.OK), feed_id="bladet"))])
    with reading(store) as session:  # one of them is due, and both are asked
        assert [s.spec.id for s in feeds_to_ask(session, NOW, 1)] == ["bladet", "lehti"]


def test_health_shows_the_last_poll_and_what_was_last_read(store: Engine) -> None:
    save(store, change("new", entry("k1", hours=3)), change("new", entry("k2", hours=9)))
    failed = poll(PollOutcome.FAILED, NOW + HOUR, reason="dns: not known")
    for made in (poll(PollOutcome.OK, new=2), failed):
        with transaction(store) as session:
            after = replace(state(store), last_poll=made.at, failures=0.5)
            save_polls(session, [(after, made)])
    with reading(store) as session:
        silent, heard = feed_health(session)
    assert (heard.spec, heard.reason, heard.items) == (LEHTI, "dns: not known", 2)
    assert heard.last_outcome is PollOutcome.FAILED
    assert (heard.last_poll, heard.newest_item, heard.failures) == (NOW + HOUR, NOW - 3 * HOUR, 0.5)
    assert (silent.last_outcome, silent.items, silent.newest_item) == (None, 0, None)


# --- entries -------------------------------------------------------------------------------------


def test_new_items_are_known_afterwards_and_only_in_their_feed(store: Engine) -> None:
    item = entry("k1")
    save(store, change("new", item))
    with reading(store) as session:
        known = known_entries(session, {"lehti": ["k1", "k2"], "bladet": ["k1"]})
    assert known == {"lehti": {"k1": KnownEntry(entry_hash(item), 1)}, "bladet": {}}


def test_more_keys_than_one_query_takes_are_all_found(store: Engine) -> None:
    save(store, *(change("new", entry(f"k{n}")) for n in range(1203)))
    with reading(store) as session:
        known = known_entries(session, {"lehti": [f"k{n}" for n in range(1300)]})
    assert len(known["lehti"]) == 1203


def test_a_seen_item_moves_only_its_last_seen(store: Engine) -> None:
    save(store, change("new", entry("k1")))
    save(store, change("seen", entry("k1", "annat")), now=NOW + HOUR)
    [row] = rows(store)
    assert (row.first_seen, row.last_seen, row.title) == (NOW, NOW + HOUR, "Vårdkön växer")


def test_a_revised_item_waits_again(store: Engine) -> None:
    save(store, change("new", entry("k1")))
    [row] = rows(store)
    assert row.id is not None
    with transaction(store) as session:
        retry_entry(session, row.id, NOW + HOUR, attempts=2)
        assert finish_entry(session, row.id, None)
    with reading(store) as session:
        assert pending_entries(session, NOW + 9 * HOUR, 9) == []
    save(store, change("revised", entry("k1", "Vårdkön minskar", hours=None), 2))
    with reading(store) as session:
        [waiting] = pending_entries(session, NOW, 9)
    assert (waiting.title, waiting.revision, waiting.attempts) == ("Vårdkön minskar", 2, 0)
    assert waiting.published == NOW - HOUR  # a revision without a time keeps the first one
    assert waiting.feed == LEHTI


def test_entries_wait_in_the_order_they_were_seen_until_their_next_try(store: Engine) -> None:
    save(store, change("new", entry("late")), now=NOW + HOUR)
    save(store, change("new", entry("early")), now=NOW)
    with reading(store) as session:
        early, late = pending_entries(session, NOW + HOUR, 9)
        assert pending_entries(session, NOW, 1) == [early]
    assert (early.key, late.key) == ("early", "late")
    with transaction(store) as session:
        retry_entry(session, early.entry_id, NOW + 2 * HOUR, attempts=1)
    with reading(store) as session:
        assert [p.key for p in pending_entries(session, NOW + HOUR, 9)] == ["late"]
        again = pending_entries(session, NOW + 2 * HOUR, 9)
    assert [(p.key, p.attempts) for p in again] == [("early", 1), ("late", 0)]


def _article(session: Session) -> int:
    row = ArticleRow(
        address="a", feed_id="lehti", publisher_group="ketju", feed_home=[], title="t", text="x",
        language="sv", language_confidence=1.0, completeness="full", text_source="page",
        published=NOW, published_source="feed", first_seen=NOW, content_hash="h", fingerprint=b"",
    )  # fmt: skip
    session.add(row)
    session.flush()
    assert row.id is not None
    return row.id


def test_an_entry_revised_while_its_page_was_read_stays_pending(store: Engine) -> None:
    save(store, change("new", entry("k1")))
    save(store, change("revised", entry("k1", "Uusi otsikko"), 2))
    [row] = rows(store)
    assert row.id is not None
    with transaction(store) as session:
        article = _article(session)
        assert not finish_entry(session, row.id, article, revision=1)
    [row] = rows(store)
    assert (row.state, row.article_id) == ("pending", article)
    assert row.id is not None
    with transaction(store) as session:
        assert finish_entry(session, row.id, article, revision=2)
    assert rows(store)[0].state == "done"


def test_newest_times_leave_out_undated_items(store: Engine) -> None:
    items = [entry("a", hours=5), entry("b", hours=None), entry("c", hours=1), entry("d", hours=3)]
    save(store, *(change("new", item) for item in items))
    with reading(store) as session:
        newest = newest_times(session, ["lehti", "bladet"], 2)
    assert newest == {"lehti": (NOW - HOUR, NOW - 3 * HOUR), "bladet": ()}


def test_recorded_items_are_those_of_the_stage(store: Engine) -> None:
    with transaction(store) as session:
        record(session, [Outcome(Stage.ENTRY, "x", "new"), Outcome(Stage.TAG, "y", "done")], NOW)
    with reading(store) as session:
        assert recorded(session, Stage.ENTRY, {"x", "y", "z"}) == {"x"}
        assert recorded(session, Stage.ENTRY, []) == set()
