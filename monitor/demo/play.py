"""Plays a newsroom through the whole flow: poll, ingest, tag, flag, score, summarise.

The rounds are those of a clock that is set by hand. Time never goes back: a second play begins with
the round of the newest poll in the store, and what is due in it is a query. There is no other memory of
how far the first one came.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor import pipeline
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db.engine import reading
from monitor.db.feeds import feed_states
from monitor.db.tally import Tally, newest_poll, tally
from monitor.errors import StoreError
from monitor.progress import Silent
from monitor.readiness.run import import_sample
from monitor.search.fill import index_due
from monitor.summary.run import NoScores, Refused, SummaryReport
from monitor.values import FeedSpec

# A second look at each round's feeds: a feed that was too busy has said when to come again.
SECOND_LOOK = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Programme:
    """What to play."""

    feeds: tuple[FeedSpec, ...]
    first: datetime  # first round
    last: datetime  # last round; the clock stands here afterwards
    step: timedelta
    weeks: tuple[str, ...]  # weeks that are scored and get a summary
    sample_readiness: bool  # load the invented readiness data that goes with the invented newsroom


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it."""

    before: Tally
    after: Tally
    summary_files: tuple[str, ...]


def rounds(first: datetime, last: datetime, step: timedelta) -> tuple[datetime, ...]:
    """The instants of all rounds, `last` included."""
    return tuple(sorted({*_steps(first, last, step), last, last + SECOND_LOOK}))


def _steps(first: datetime, last: datetime, step: timedelta) -> Iterator[datetime]:
    at = first
    while at < last:
        yield from (at, at + SECOND_LOOK)
        at += step


def play(app: App, clock: ManualClock, programme: Programme) -> Played:
    """Run everything. `clock` is the one `app` reads."""
    _same_addresses(app, programme.feeds)
    before = _tally(app)
    pipeline.sync(app, programme.feeds)
    quiet = _quietly(app)
    instants = _rounds_left(app, rounds(programme.first, programme.last, programme.step))
    for at in app.progress.over(instants, "rounds of poll, fetch, extract, tag", len(instants)):
        clock.set(max(at, clock()))
        pipeline.poll(quiet)
        pipeline.ingest(quiet)
        pipeline.tag(quiet)
    clock.set(max(programme.last, clock()))  # a store that is further on has no rounds left
    if programme.sample_readiness:
        import_sample(app.engine, app.clock, app.reference)
    while index_due(quiet):  # until none waits
        pass
    pipeline.score(app, programme.weeks)
    written = [pipeline.summarise(app, week) for week in programme.weeks]
    return Played(before, _tally(app), tuple(_files(written)))


def _files(written: Sequence[SummaryReport | NoScores | Refused]) -> Iterator[str]:
    """The files of the last week's summary; where a person has published it, none was written."""
    if isinstance(written[-1], SummaryReport):
        yield from map(str, written[-1].files)


def _same_addresses(app: App, feeds: Sequence[FeedSpec]) -> None:
    """Raise StoreError where the store was filled from another address of the same newsroom: an
    article's address is its identity, so all of them would be read as new ones."""
    wanted = {feed.id: feed.url for feed in feeds}
    with reading(app.engine) as session:
        known = [state.spec for state in feed_states(session) if state.spec.id in wanted]
    for spec in known:
        if spec.url != wanted[spec.id]:
            raise StoreError(
                f"this store was filled from {spec.url}, not from {wanted[spec.id]}; give the same "
                "--newsroom-port as then, or another store in TILANNEKUVA_DATABASE_URL"
            )


def _rounds_left(app: App, instants: Sequence[datetime]) -> list[datetime]:
    """The rounds from the newest poll on. The newsroom of an earlier moment would not have the pages
    that a later poll announced."""
    with reading(app.engine) as session:
        reached = newest_poll(session)
    return [at for at in instants if reached is None or at >= reached]


def _quietly(app: App) -> App:
    """`app` without progress of its own, for work that is one step of a longer one."""
    return replace(app, progress=Silent())


def _tally(app: App) -> Tally:
    with reading(app.engine) as session:
        return tally(session)
