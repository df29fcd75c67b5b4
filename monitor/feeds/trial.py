"""Polls one feed and says what would happen. Stores nothing.

The rules are those of a real poll: `parse`, `decide`, `schedule`.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine

from monitor.db.engine import reading
from monitor.db.feeds import feed_states
from monitor.feeds.decide import (
    Bounds,
    Memory,
    PollIntent,
    PollOutcome,
    address_of,
    decide,
    is_unchanged,
)
from monitor.feeds.poll import memories, request_of
from monitor.feeds.readers import body_of, parse_body
from monitor.fetch.client import Fetcher
from monitor.fetch.results import Fetched, Request, Result
from monitor.values import FeedSpec, FeedState, NotAFeed, ParsedFeed


@dataclass(frozen=True, slots=True)
class Trial:
    """What was asked, what came back, and what a poll would make of it."""

    request: Request
    result: Result
    intent: PollIntent

    @property
    def failed(self) -> bool:
        return self.intent.poll.outcome is PollOutcome.FAILED


def try_feed(
    engine: Engine | None,
    fetcher: Fetcher,
    spec: FeedSpec,
    now: datetime,
    bounds: Bounds,
    *,
    fresh: bool = False,
) -> Trial:
    """Ask the feed once, as a poll at `now` would.

    What the store at `engine` remembers of it counts, where there is a store; with `fresh` its
    validators and its last body do not, so that the answer comes whole.
    """
    state = _state(engine, spec)
    if fresh:
        state = replace(state, etag=None, last_modified=None, body_hash=None)
    request = request_of(address_of(state), [state])
    [result] = fetcher.fetch_all([request])
    parsed = _parsed(state, result, now)
    return Trial(
        request, result, decide(state, result, parsed, _memory(engine, spec, parsed), now, bounds)
    )


def _state(engine: Engine | None, spec: FeedSpec) -> FeedState:
    """What is remembered of the feed, as long as feeds.yaml gives it the same address."""
    if engine is None:
        return FeedState(spec)
    with reading(engine) as session:
        states = {state.spec.id: state for state in feed_states(session)}
    known = states.get(spec.id)
    return replace(known, spec=spec) if known and known.spec.url == spec.url else FeedState(spec)


def _parsed(state: FeedState, result: Result, now: datetime) -> ParsedFeed | NotAFeed | None:
    if not isinstance(result, Fetched) or is_unchanged(state, result):
        return None
    return parse_body(body_of(result, now))


def _memory(engine: Engine | None, spec: FeedSpec, parsed: ParsedFeed | NotAFeed | None) -> Memory:
    if engine is None:
        return Memory({})
    with reading(engine) as session:
        return memories(session, {spec.id: parsed}).get(spec.id) or Memory({})
