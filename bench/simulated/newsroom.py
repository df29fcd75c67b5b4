"""The sample newsroom on a clock set by hand, with outages: plays what `bench.soak` measures.

Polls, entries, articles and region claims are put into a real store as the stages would have left them;
`bench.soak` says what is left out and why.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine, insert

from monitor.coverage.calendar import day_bounds, day_of, days_between, weekday_of
from monitor.coverage.run import keep_ledger
from monitor.coverage.verdicts import WORKER_DOWN, SourceDay, Verdict
from monitor.db.engine import reading, transaction
from monitor.db.source_days import kept_days
from monitor.db.tables import ArticleRow, ClaimRow, EntryRow, FeedRow, PollRow, StoryRow
from monitor.newsroom.load import DEMO_START, load_newsroom
from monitor.newsroom.values import Outlet
from monitor.settings import load_settings

VOLUME = 12
SIZE = 6.0  # of the negative binomial of a day's entries
KEPT = 30  # items in a feed
EVERY = timedelta(hours=2)  # between two polls of a feed
MISSED = 25.0  # entries that a silent or trickling source would have had
LEARNING_WEEKS = 6
OUT_OF_ORDER = ("gone", "missing", "broken")  # behaviours of outlets that never work
WEEKDAYS = {  # Monday to Sunday
    "weekly": (0.5, 0.5, 0.8, 3.2, 1.2, 0.5, 0.3),
    "region": (1.2, 1.4, 1.4, 1.4, 1.2, 0.2, 0.2),
    "rescue": (1.0, 0.9, 0.9, 1.0, 1.1, 1.1, 1.0),
}
DAILY = (1.15, 1.2, 1.2, 1.2, 1.15, 0.6, 0.5)
NAMED = {
    "down": {Verdict.FAILING},
    "refused": {Verdict.NOT_ALLOWED},
    "silent": {Verdict.QUIETER},
    "trickle": {Verdict.QUIETER},
    "teaser": {Verdict.TEASER},
    "worker": {Verdict.NOT_POLLED},
}
TRICKLE = 0.15  # of the entries still come


@dataclass(frozen=True, slots=True)
class Outage:
    """Something that was broken on purpose."""

    kind: str  # a key of NAMED
    source: str  # "" for the worker
    start: datetime
    end: datetime
    missed: float = 0.0  # entries it is expected to have swallowed

    def touches(self, day: date) -> bool:
        begin, stop = day_bounds(day)
        return self.start < stop and self.end > begin


@dataclass(frozen=True, slots=True)
class Item:
    """Something an outlet published."""

    at: datetime
    full: bool
    shown: bool  # whether the feed ever has it


@dataclass(slots=True)
class Played:
    """What came of one play."""

    days: dict[str, list[SourceDay]]  # as the ledger has them at the end
    outages: list[Outage]
    first_named: dict[Outage, datetime] = field(default_factory=dict)
    first: date = date.min
    last: date = date.min


def outlets(n: int | None = None) -> list[tuple[Outlet, float]]:
    """The outlets that work, each with its items a day."""
    newsroom = load_newsroom()
    volume = Counter(article.outlet for article in newsroom.articles)
    working = [o for o in newsroom.outlets if o.behaviour not in OUT_OF_ORDER]
    return [(o, volume[o.id] / 42 * VOLUME) for o in working][:n]


def expected(outlet: Outlet, rate: float, day: date) -> float:
    """Mean of the items of one day."""
    return rate * WEEKDAYS.get(outlet.kind, DAILY)[weekday_of(day)]


# --- outages -------------------------------------------------------------------------------------


def plan(
    rng: random.Random, chosen: Sequence[tuple[Outlet, float]], first: date, last: date
) -> list[Outage]:
    """Up to two outages of different kinds for every outlet, and two of our own worker."""
    worker = [
        Outage(
            "worker",
            "",
            instant_of(rng, first + timedelta(days=9)),
            instant_of(rng, first + timedelta(days=11)),
        ),
        Outage(
            "worker",
            "",
            instant_of(rng, last - timedelta(days=9)),
            instant_of(rng, last - timedelta(days=7)),
        ),
    ]
    kinds = ["down", "silent", "teaser", "trickle", "refused"]
    found = list(worker)
    for number, (outlet, rate) in enumerate(chosen):
        mine: list[Outage] = list(worker)
        for kind in (kinds[number % 5], kinds[(number + 1 + number // 5 % 4) % 5]):
            outage = _place(rng, kind, outlet, rate, first, last, mine)
            if outage is not None:
                mine.append(outage)
                found.append(outage)
    return found


def instant_of(rng: random.Random, day: date) -> datetime:
    return day_bounds(day)[0] + timedelta(minutes=rng.randrange(24 * 60))


def _place(
    rng: random.Random,
    kind: str,
    outlet: Outlet,
    rate: float,
    first: date,
    last: date,
    taken: Sequence[Outage],
) -> Outage | None:
    """An outage of this kind that keeps four days from the others; None where there is no room."""
    for _ in range(200):
        start = instant_of(rng, first + timedelta(days=rng.randrange(1, (last - first).days - 2)))
        days = (4, 7) if kind == "trickle" else (1.5, 5)
        length = timedelta(days=rng.uniform(*days))
        if kind in ("silent", "trickle"):
            length = max(length, _long_enough(outlet, rate, start, kind))
        if kind == "teaser":
            length = max(length, timedelta(days=MISSED / rate))
        end, room = start + length, timedelta(days=4)
        clear = all(end + room < o.start or start > o.end + room for o in taken)
        if clear and day_of(end) <= last:
            return Outage(
                kind, outlet.id, start, end, missed_entries(outlet, rate, start, end, kind)
            )
    return None


def _long_enough(outlet: Outlet, rate: float, start: datetime, kind: str) -> timedelta:
    end = start
    while missed_entries(outlet, rate, start, end, kind) < MISSED:
        end += timedelta(hours=12)
    return end - start


def missed_entries(outlet: Outlet, rate: float, start: datetime, end: datetime, kind: str) -> float:
    share = {"silent": 1.0, "trickle": 1 - TRICKLE}.get(kind, 0.0)
    total = 0.0
    for day in days_between(day_of(start), day_of(end)):
        begin, stop = day_bounds(day)
        part = (min(end, stop) - max(start, begin)) / (stop - begin)
        total += share * part * expected(outlet, rate, day)
    return total


# --- the play ------------------------------------------------------------------------------------


def publish(
    rng: np.random.Generator,
    outlet: Outlet,
    rate: float,
    days: Sequence[date],
    outages: Sequence[Outage],
) -> list[Item]:
    """Everything an outlet publishes, by time."""
    found = []
    for day in days:
        mean = expected(outlet, rate, day)
        count = int(rng.negative_binomial(SIZE, SIZE / (SIZE + mean)))
        begin = day_bounds(day)[0]
        for hour in sorted(rng.triangular(5.0, 11.0, 23.0, count)):
            at = begin + timedelta(hours=float(hour))
            hit = {o.kind for o in outages if o.source == outlet.id and o.start <= at < o.end}
            shown = "silent" not in hit and ("trickle" not in hit or rng.random() < TRICKLE)
            found.append(Item(at, "teaser" not in hit and rng.random() > 0.15, shown))
    return found


@dataclass(slots=True)
class _Feed:
    """One outlet's feed while it is played."""

    outlet: Outlet
    items: list[Item]
    outages: list[Outage]
    seen: int = 0  # items that polls have passed

    def poll(self, at: datetime) -> tuple[dict[str, Any], list[Item]] | None:
        """The poll at `at` and what is new in it; None while our worker is down."""
        hit = {o.kind for o in self.outages if o.start <= at < o.end}
        if "worker" in hit:
            return None
        if hit & {"down", "refused"}:
            status = 403 if "refused" in hit else None
            reason = "http client error: refused" if status else "timeout: no answer"
            return _poll(self.outlet.id, at, "failed", reason=reason, status=status), []
        end = self.seen
        while end < len(self.items) and self.items[end].at <= at:
            end += 1
        shown = [item for item in self.items[:end] if item.shown][-KEPT:]
        since = self.items[self.seen].at if self.seen < end else at
        new = [item for item in shown if item.at >= since] if end > self.seen else []
        self.seen = end
        dated = self.outlet.behaviour != "undated"
        oldest = shown[0].at if shown and dated else None
        outcome = "ok" if new else "unchanged"
        return _poll(self.outlet.id, at, outcome, oldest=oldest, status=200), new


def _poll(
    feed: str,
    at: datetime,
    outcome: str,
    *,
    reason: str = "",
    status: int | None = None,
    oldest: datetime | None = None,
) -> dict[str, Any]:
    return {
        "feed_id": feed,
        "at": at,
        "outcome": outcome,
        "reason": reason,
        "status": status,
        "oldest_item": oldest,
    }


def play(engine: Engine, seed: int, chosen: Sequence[tuple[Outlet, float]], weeks: int) -> Played:
    """Learn for six weeks, then play `weeks` with outages; the ledger is kept twice a day."""
    rng = random.Random(seed)
    first = day_of(DEMO_START)
    last = first + timedelta(days=7 * weeks - 1)
    begin = first - timedelta(weeks=LEARNING_WEEKS)
    played = Played({}, plan(rng, chosen, first, last), first=first, last=last)
    feeds = _feeds(engine, seed, chosen, played.outages, list(days_between(begin, last)))
    units = sorted({code for outlet, _ in chosen for code in outlet.home})
    least = load_settings({}).hearing_least
    for day in days_between(begin, last):
        for morning in (True, False):
            start = day_bounds(day)[0] + timedelta(hours=0 if morning else 12)
            now = start + timedelta(hours=12)
            with transaction(engine) as session:
                _store(session.connection(), list(_polls(feeds, start, now)))
            if any(o.kind == "worker" and o.start <= now < o.end for o in played.outages):
                continue
            keep_ledger(engine, units, least, now)
            if day >= first:
                _note(engine, played, now)
    with reading(engine) as session:
        played.days = kept_days(session, first, last)
    return played


def _feeds(
    engine: Engine,
    seed: int,
    chosen: Sequence[tuple[Outlet, float]],
    outages: Sequence[Outage],
    days: Sequence[date],
) -> list[_Feed]:
    with transaction(engine) as session:
        for o, _ in chosen:
            session.add(
                FeedRow(id=o.id, url=o.base(1), title=o.title, lang=o.lang, home=list(o.home),
                        publisher_group=o.group, kind=o.kind)
            )  # fmt: skip
    return [
        _Feed(
            outlet,
            publish(np.random.default_rng([seed, n]), outlet, rate, days, outages),
            [o for o in outages if o.source in ("", outlet.id)],
        )
        for n, (outlet, rate) in enumerate(chosen)
    ]


def _polls(
    feeds: Sequence[_Feed], start: datetime, end: datetime
) -> Iterator[tuple[_Feed, dict[str, Any], list[Item]]]:
    for number, feed in enumerate(feeds):
        at = start + timedelta(minutes=(7 * number) % 120)
        while at < end:
            found = feed.poll(at)
            if found is not None:
                yield (feed, *found)
            at += EVERY


def _store(connection: Any, polls: Sequence[tuple[_Feed, dict[str, Any], list[Item]]]) -> None:
    """Polls, entries, articles, stories and region claims, as the stages would leave them."""
    rows: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    number = connection.exec_driver_sql("SELECT count(*) FROM articles").scalar()
    for feed, poll, new in polls:
        rows[PollRow].append(poll)
        for item in new:
            number += 1
            for table, row in _article(feed.outlet, item, number, poll["at"]).items():
                rows[table].append(row)
    tables: tuple[Any, ...] = (PollRow, StoryRow, ArticleRow, EntryRow, ClaimRow)
    for table in tables:
        if rows[table]:
            defaults = {
                c.name: c.default.arg
                for c in table.__table__.columns
                if c.default is not None and c.default.is_scalar
            }
            connection.execute(insert(table), [{**defaults, **row} for row in rows[table]])


def _article(outlet: Outlet, item: Item, number: int, seen: datetime) -> dict[Any, dict[str, Any]]:
    dated = item.at if outlet.behaviour != "undated" else None
    address = f"{outlet.base(1)}/{number}"
    found: dict[Any, dict[str, Any]] = {
        StoryRow: {"id": number, "first_published": item.at, "last_published": item.at},
        ArticleRow: {
            "id": number, "address": address, "feed_id": outlet.id, "title": "t", "text": "t",
            "publisher_group": outlet.group, "feed_home": list(outlet.home), "language": outlet.lang,
            "language_confidence": 1.0, "completeness": "full" if item.full else "teaser",
            "text_source": "page", "published": dated or seen, "published_source": "feed",
            "first_seen": seen, "content_hash": str(number), "fingerprint": b"", "story_id": number,
        },
        EntryRow: {
            "feed_id": outlet.id, "key": str(number), "link": address, "own_page": True, "title": "t",
            "summary": "", "published": dated, "first_seen": seen, "last_seen": seen,
            "entry_hash": "h", "state": "done", "article_id": number,
        },
    }  # fmt: skip
    if outlet.home:
        found[ClaimRow] = {
            "article_id": number, "content_hash": str(number), "task": "region",
            "label": outlet.home[number % len(outlet.home)], "probability": 0.9, "decided": True,
            "author": "model", "author_id": "v1", "role": "happens", "evidence": [], "at": seen,
        }  # fmt: skip
    return found


def _note(engine: Engine, played: Played, now: datetime) -> None:
    """Write down when each outage was first named."""
    open_ = [o for o in played.outages if o not in played.first_named and o.start <= now]
    if not open_:
        return
    with reading(engine) as session:
        days = kept_days(session, played.first, played.last)
    for outage in open_:
        if named(outage, days):
            played.first_named[outage] = now


def named(outage: Outage, days: dict[str, list[SourceDay]]) -> bool:
    """Whether the ledger says of a day of the outage what it was; of the worker's, at every source."""
    mine = [outage.source] if outage.source else list(days)
    return all(any(right(outage, day) for day in days.get(source, ())) for source in mine)


def right(outage: Outage, day: SourceDay) -> bool:
    if not outage.touches(day.day) or day.verdict not in NAMED[outage.kind]:
        return False
    return outage.kind != "worker" or day.reason == WORKER_DOWN
