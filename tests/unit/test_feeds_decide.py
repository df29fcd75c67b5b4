"""What each kind of answer means for the feed, its record and its items."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.decide import (
    Bounds,
    KnownEntry,
    Memory,
    PollIntent,
    PollOutcome,
    address_of,
    body_hash,
    broke,
    classify,
    decide,
    entry_hash,
    is_unchanged,
)
from monitor.fetch.results import FailReason, Fetched, FetchFailed, NotModified, Request, Result
from monitor.values import (
    FeedSpec,
    FeedState,
    FeedStatus,
    NotAFeed,
    ParsedEntry,
    ParsedFeed,
    RejectedEntry,
)

NOW = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
BOUNDS = Bounds(timedelta(minutes=30), timedelta(hours=24))
SPEC = FeedSpec("bladet", "https://bladet.example/rss", "Bladet", "sv", ("17",), "bladet", "daily")
STATE = FeedState(SPEC, etag='"v0"', last_modified="then", body_hash="old", failures=1.5)
REQUEST = Request(SPEC.url, key=SPEC.id)
NOTHING = Memory({})

ENTRY = ParsedEntry("k1", "https://bladet.example/1", True, "Jouren stänger", "Nattetid.", NOW)
OTHER = ParsedEntry("k2", "https://bladet.example/2", True, "Päivystys siirtyy", "", None)


def answer(body: bytes = b"new", moved: str | None = None) -> Fetched:
    return Fetched(REQUEST, SPEC.url, 200, body, "text/xml", None, '"v1"', "now", moved, 12, None)


def not_modified(etag: str | None = None) -> NotModified:
    return NotModified(REQUEST, SPEC.url, 304, etag, None, None, 5, None)


def failed(reason: FailReason, weight: float = 1.0, retry: float | None = None) -> FetchFailed:
    return FetchFailed(REQUEST, reason, weight, "nothing here", 404, retry)


def decided(
    result: Result,
    parsed: ParsedFeed | NotAFeed | None = None,
    state: FeedState = STATE,
    memory: Memory = NOTHING,
) -> PollIntent:
    return decide(state, result, parsed, memory, NOW, BOUNDS)


def test_what_a_feed_asks_of_its_readers_outlives_the_answers_that_do_not_repeat_it() -> None:
    asking = ParsedFeed((ENTRY,), (), ttl_minutes=300, skip_hours=(9, 10))
    after = decided(answer(), asking).state
    assert (after.ttl_minutes, after.skip_hours) == (300, (9, 10))
    # five hours after four o'clock is nine, and that is when it sleeps
    assert after.next_poll is not None
    assert after.next_poll.hour == 11 or after.next_poll.hour < 9
    again = decided(not_modified(), state=after).state
    assert again.next_poll is not None
    assert again.next_poll - NOW > timedelta(hours=4)
    assert decided(answer(), ParsedFeed((ENTRY,), ()), state=again).state.ttl_minutes is None


def test_items_are_new_seen_or_revised() -> None:
    known = {
        "k1": KnownEntry(entry_hash(ENTRY), 3),
        "k2": KnownEntry("otherwise", 3),
    }
    third = replace(OTHER, key="k3")
    changes = classify([ENTRY, OTHER, third], known)
    assert [(c.kind, c.revision) for c in changes] == [("seen", 3), ("revised", 4), ("new", 1)]


@pytest.mark.parametrize("field", ["title", "summary", "link"])
def test_title_summary_and_link_make_a_revision(field: str) -> None:
    assert entry_hash(replace(ENTRY, **{field: "uusi"})) != entry_hash(ENTRY)


def test_time_and_author_make_no_revision() -> None:
    assert entry_hash(replace(ENTRY, published=None, author="N.N.")) == entry_hash(ENTRY)


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.sets(st.sampled_from("abcdef")))
def test_every_item_is_counted_once(keys: list[str], known: set[str]) -> None:
    entries = tuple(replace(ENTRY, key=key) for key in keys)
    memory = Memory({key: KnownEntry(entry_hash(ENTRY), 1) for key in known})
    parsed = ParsedFeed(entries, (RejectedEntry(9, "duplicate in feed"),))
    poll = decided(answer(), parsed, memory=memory).poll
    assert poll.items == len(keys) + 1
    assert poll.seen == len(set(keys) & known)
    assert poll.new == len(set(keys) - known)
    assert (poll.revised, poll.rejected) == (0, 1)


def test_what_an_unchanged_feed_is_asked_by_is_remembered_of_its_last_new_answer() -> None:
    dated = [replace(ENTRY, key=str(n), published=NOW - timedelta(hours=4 * n)) for n in (1, 2, 3)]
    memory = Memory({}, newest=[NOW - timedelta(hours=16)])
    state = decided(answer(), ParsedFeed(tuple(dated), ()), memory=memory).state
    assert (state.pace_seconds, state.reach) == (2 * 3600, NOW - timedelta(hours=12))
    for result in (not_modified(), failed(FailReason.TIMEOUT)):
        after = decided(result, state=state).state
        assert (after.pace_seconds, after.reach) == (state.pace_seconds, state.reach)


def test_a_new_answer_is_remembered_and_heals_the_feed() -> None:
    intent = decided(answer(b"body"), ParsedFeed((ENTRY, OTHER), ()))
    state = intent.state
    assert intent.poll.outcome is PollOutcome.OK
    assert intent.poll.oldest_item == NOW
    assert (state.etag, state.last_modified, state.body_hash) == ('"v1"', "now", body_hash(b"body"))
    assert (state.failures, state.last_poll, state.last_success) == (0.0, NOW, NOW)
    assert state.next_poll is not None
    assert state.next_poll > NOW


def test_the_same_bytes_are_unchanged_and_not_parsed() -> None:
    reach = NOW - timedelta(days=2)
    state = replace(STATE, body_hash=body_hash(b"same"), reach=reach)
    assert is_unchanged(state, answer(b"same"))
    assert not is_unchanged(state, answer(b"other"))
    assert not is_unchanged(state, not_modified())
    intent = decided(answer(b"same"), state=state)
    assert intent.poll.outcome is PollOutcome.UNCHANGED
    assert intent.poll.oldest_item == reach
    assert intent.changes == ()
    assert intent.state.failures == 0


def test_not_modified_keeps_the_validators_it_does_not_repeat() -> None:
    intent = decided(not_modified())
    assert intent.poll.outcome is PollOutcome.NOT_MODIFIED
    assert (intent.state.etag, intent.state.last_modified) == ('"v0"', "then")
    assert decided(not_modified('"v2"')).state.etag == '"v2"'


def test_a_permanent_move_is_remembered_and_asked_there() -> None:
    moved = decided(answer(moved="https://ny.example/rss"), ParsedFeed((), ())).state
    assert address_of(moved) == "https://ny.example/rss"
    assert moved.spec.url == SPEC.url
    assert address_of(decided(not_modified(), state=moved).state) == "https://ny.example/rss"
    back = decided(answer(moved=SPEC.url), ParsedFeed((), ()), state=moved).state
    assert back.moved_to is None


def test_a_move_to_something_that_is_no_feed_is_not_believed() -> None:
    intent = decided(answer(moved="https://bladet.example/"), NotAFeed("a web page"))
    assert intent.state.moved_to is None
    assert intent.poll.outcome is PollOutcome.FAILED
    assert "a web page" in intent.poll.reason
    assert intent.state.failures == STATE.failures + 0.5
    assert (intent.state.etag, intent.state.last_success) == (None, None)


@pytest.mark.parametrize("reason", [FailReason.NOT_FOUND, FailReason.GONE, FailReason.DNS])
def test_a_new_address_that_is_lost_gives_way_to_the_listed_one(reason: FailReason) -> None:
    state = replace(STATE, moved_to="https://ny.example/rss")
    after = decided(failed(reason), state=state).state
    assert address_of(after) == SPEC.url
    assert after.status is FeedStatus.ACTIVE
    kept = decided(failed(FailReason.TIMEOUT, 0.25), state=state).state
    assert kept.moved_to == "https://ny.example/rss"


def test_failures_add_up_by_weight_and_say_why() -> None:
    intent = decided(failed(FailReason.TIMEOUT, 0.25))
    assert intent.state.failures == STATE.failures + 0.25
    assert intent.poll.outcome is PollOutcome.FAILED
    assert intent.poll.reason == "timeout: nothing here"
    assert intent.state.etag == '"v0"'
    assert intent.state.last_success is None


def test_gone_is_asked_weekly_until_it_comes_back() -> None:
    gone = decided(failed(FailReason.GONE)).state
    assert gone.status is FeedStatus.GONE
    assert gone.next_poll is not None
    assert gone.next_poll - NOW > timedelta(days=6)
    assert decided(answer(), ParsedFeed((), ()), state=gone).state.status is FeedStatus.ACTIVE


def test_retry_after_sets_the_next_poll() -> None:
    after = decided(failed(FailReason.RATE_LIMITED, 0.25, retry=600)).state
    assert after.next_poll == NOW + timedelta(seconds=600)


def test_a_bug_is_a_soft_failure_with_a_sentence() -> None:
    intent = broke(STATE, NOW, BOUNDS)
    assert intent.poll.outcome is PollOutcome.FAILED
    assert "internal error" in intent.poll.reason
    assert intent.state.failures == STATE.failures + 0.5
    assert intent.state.next_poll is not None
