"""A year of an invented newsroom as rows: feeds, polls, articles with all that is kept of them.

Proportions are those of the played sample newsroom (`tilannekuva demo`), but for two: one article in ten is
relevant, as in feeds of whole newspapers, and flags keep to the weekly budget. Rows are plain tuples in the
order of the columns named beside them; what was decided by people is in `bench.simulated.people`.

Not made: the traits and shingles that later articles find their story by (`bench.stories` measures those).
"""

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bench.simulated.bulk import Filler, instant
from bench.simulated.texts import Text, Words, compose, corpus, evidence
from classifiers.reference import Reference
from classifiers.tagger import model_set_id
from monitor.db import tables as t
from monitor.settings import ROOT
from monitor.training.registry import shipped_versions
from monitor.weeks import previous, week_bounds, week_of, weeks_between

RELEVANT = 0.1  # of articles
FOLLOWS = 0.39  # of articles join an earlier one's story
COPIES = 0.55  # of those that join say the same
FLAGGED = 0.06  # of relevant articles
SECOND_REASON = 0.25  # of flagged ones
SPARE_PROBABILITY = 0.15  # of articles that are not relevant are read by the score all the same
OPEN_WEEKS = 3  # older flags are decided
LEFT_OPEN = 0.1  # but for these
SURGE = 0.06  # of a week's relevant articles tell of its surge: one region, one topic
FEEDS = 250
POLLS_A_DAY = 16
REASONS = ("risk", "risk", "risk", "spreading", "unsure", "rare topic")


@dataclass
class Year:
    """What is drawn, and what later rows need to know of earlier ones."""

    reference: Reference
    articles: int
    weeks: list[str]
    model_set: str
    versions: dict[str, str]
    rng: random.Random
    feeds: list["Feed"] = field(default_factory=list)
    told: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))  # week -> stories
    flagged: list["Flagged"] = field(default_factory=list)
    spans: dict[int, list[datetime]] = field(default_factory=dict)  # story -> first, last article
    surges: dict[str, tuple[str, str]] = field(default_factory=dict)  # week -> region, topic

    @property
    def start(self) -> datetime:
        return week_bounds(self.weeks[0])[0]

    @property
    def end(self) -> datetime:
        return week_bounds(self.weeks[-1])[1]


@dataclass(frozen=True)
class Feed:
    """A source."""

    id: str
    group: str
    language: str
    home: tuple[str, ...]


@dataclass(frozen=True)
class Flagged:
    """An article that a person is to look at."""

    article: int
    content_hash: str
    published: datetime
    region: str
    topic: str
    decided: bool


@dataclass(frozen=True)
class _Made:
    """What an article that later ones may follow is like."""

    story: int
    relevant: bool
    text: Text
    hash: str
    fingerprint: bytes
    region: str
    topic: str  # of the surge it belongs to; ""


def plan(reference: Reference, articles: int, last_week: str, weeks: int, seed: int) -> Year:
    """A year to be filled: `articles` spread over the `weeks` that end with `last_week`."""
    versions = shipped_versions(ROOT / "models")
    named = list(weeks_between(previous(last_week, weeks - 1), last_week))
    rng = random.Random(seed)
    year = Year(reference, articles, named, model_set_id(versions), versions, rng)
    for week in named:
        year.surges[week] = rng.choice(reference.units), rng.choice(reference.topics).id
    return year


def fill(year: Year, to: Filler) -> None:
    """Write everything up to the flags."""
    _feeds(year, to)
    _polls(year, to)
    made = _articles(year)
    for some in made:
        for table, names, rows in some:
            to.rows(table, names, rows)
    to.rows(
        t.StoryRow, "id first_published last_published",
        ((story, *span) for story, span in year.spans.items()),
    )  # fmt: skip


# --- sources -------------------------------------------------------------------------------------


def _feeds(year: Year, to: Filler) -> None:
    units = year.reference.units
    rows = []
    for n in range(FEEDS):
        national = n % 8 == 0
        home = () if national else (units[n % len(units)],)
        language = "sv" if n % 9 == 4 or home in (("17",), ("01",)) else "fi"
        feed = Feed(f"lehti-{n:03}", f"talo-{n % 60:02}", language, home)
        year.feeds.append(feed)
        rows.append((
            feed.id, f"https://{feed.id}.example/rss", f"Lehti {n}", language, list(home), feed.group,
            "daily", "", year.end, year.end, year.end,
        ))  # fmt: skip
    names = "id url title lang home publisher_group kind note next_poll last_poll last_success"
    to.rows(t.FeedRow, names, rows)
    sites: Iterator[tuple[object, ...]] = (
        (f"https://{f.id}.example", year.end, year.end, 404, "", []) for f in year.feeds
    )
    to.rows(t.SiteRow, "origin asked expires status robots tdm", sites)


def _polls(year: Year, to: Filler) -> None:
    names = "feed_id at outcome reason status items new seen oldest_item permission"
    to.rows(t.PollRow, names, _poll_rows(year))


def _poll_rows(year: Year) -> Iterator[tuple[object, ...]]:
    rng, step = year.rng, timedelta(days=1) / POLLS_A_DAY
    rounds = int((year.end - year.start) / step)
    silent = {f.id: rng.randrange(rounds) for f in rng.sample(year.feeds, FEEDS // 10)}
    for n in range(rounds):
        at = year.start + n * step
        now, reach = instant(at), instant(at - timedelta(days=2))
        for feed in year.feeds:
            down = 0 <= n - silent.get(feed.id, rounds) < 10 * POLLS_A_DAY
            if down or rng.random() < 0.01:
                yield feed.id, now, "failed", "server error: 503", 503, 0, 0, 0, None, None
            elif rng.random() < 0.4:
                yield feed.id, now, "ok", "", 200, 30, 3, 27, reach, "allowed"
            else:
                yield feed.id, now, "not modified", "", 304, 0, 0, 0, None, "allowed"


# --- articles ------------------------------------------------------------------------------------

_BATCH = 10_000
_ARTICLE = (
    "id address feed_id publisher_group feed_home title text language language_confidence completeness "
    "text_source published published_source first_seen content_hash fingerprint story_id tagged_with"
)
_ENTRY = (
    "feed_id key link own_page title summary published first_seen last_seen entry_hash state "
    "permission article_id"
)
_CLAIM = "article_id content_hash task label probability decided author author_id role evidence at"
_OUTCOME = "stage item outcome reason at"

Rows = list[tuple[object, ...]]


@dataclass
class _Batch:
    articles: Rows = field(default_factory=list)
    revisions: Rows = field(default_factory=list)
    entries: Rows = field(default_factory=list)
    claims: Rows = field(default_factory=list)
    flags: Rows = field(default_factory=list)
    outcomes: Rows = field(default_factory=list)

    def tables(self) -> list[tuple[type, str, Rows]]:
        revision = "article_id number at title text content_hash"
        return [
            (t.ArticleRow, _ARTICLE, self.articles),
            (t.RevisionRow, revision, self.revisions),
            (t.EntryRow, _ENTRY, self.entries),
            (t.ClaimRow, _CLAIM, self.claims),
            (t.FlagRow, "article_id reason strength detail state at", self.flags),
            (t.OutcomeRow, _OUTCOME, self.outcomes),
        ]


def _articles(year: Year) -> Iterator[list[tuple[type, str, Rows]]]:
    words, recent = corpus(), _Recent()
    gap = (year.end - year.start) / year.articles
    batch = _Batch()
    for number in range(1, year.articles + 1):
        at = year.start + (number - 1) * gap
        _article(year, number, at, words, recent, batch)
        if number % _BATCH == 0 or number == year.articles:
            yield batch.tables()
            batch = _Batch()


class _Recent:
    """The last articles, which later ones may follow."""

    def __init__(self) -> None:
        self.of: dict[tuple[bool, str], list[_Made]] = defaultdict(list)

    def add(self, made: _Made) -> None:
        kept = self.of[made.relevant, made.text.language]
        kept.append(made)
        if len(kept) > 2000:
            del kept[:1000]


def _article(
    year: Year, number: int, at: datetime, words: dict[tuple[bool, str], Words] | object,
    recent: _Recent, batch: _Batch,
) -> None:  # fmt: skip
    rng = year.rng
    feed, relevant = rng.choice(year.feeds), rng.random() < RELEVANT
    made, outcome = _what(year, number, feed, relevant, words, recent, week_of(at))
    recent.add(made)
    span = year.spans.setdefault(made.story, [at, at])
    span[1] = at
    day, seen = at.strftime("%Y/%m/%d"), at + timedelta(minutes=30)
    now, text, key = instant(seen), made.text, f"{feed.id}-{number}"
    address = f"https://{feed.id}.example/{day}/{number}.html"
    full = "full" if rng.random() < 0.97 else "teaser"
    batch.articles.append((
        number, address, feed.id, feed.group, json.dumps(feed.home), text.title, text.body, text.language,
        0.99, full, "page", instant(at), "feed", now, made.hash, made.fingerprint, made.story,
        f"{made.hash}|{year.model_set}",
    ))  # fmt: skip
    batch.revisions.append((number, 1, now, text.title, text.body, made.hash))
    batch.entries.append((
        feed.id, key, address, True, text.title, text.body[:150], instant(at), now, now,
        made.hash[3:], "done", "allowed", number,
    ))  # fmt: skip
    tag, flag = f"{number}|1|{year.model_set}", "not flagged"
    _claims(year, number, made, now, batch)
    if relevant:
        year.told[week_of(at)].append(made.story)
        if rng.random() < FLAGGED:
            flag = "flagged"
            _flag(year, number, made, at, now, batch)
    batch.outcomes += (
        ("entry", f"{feed.id}|{key}|1", "new", "", now),
        ("ingest", f"{number}|1", full, "", now),
        ("story", str(number), outcome, "", now),
        ("tag", tag, "relevant" if relevant else "not relevant", "", now),
        ("flag", tag, flag, "", now),
    )


def _what(
    year: Year, number: int, feed: Feed, relevant: bool, words: object, recent: _Recent, week: str
) -> tuple[_Made, str]:
    rng = year.rng
    kept = recent.of[relevant, feed.language]
    followed = rng.choice(kept) if kept and rng.random() < FOLLOWS else None
    if followed is not None and rng.random() < COPIES:
        return followed, "copy"
    region, topic = rng.choice(feed.home or year.reference.units), ""
    if relevant and followed is None and rng.random() < SURGE:
        region, topic = year.surges[week]
    text = compose(words[relevant, feed.language], number, rng)  # type: ignore[index]
    digest = "v1:" + hashlib.sha256(f"{text.title}\n{text.body}".encode()).hexdigest()
    if followed is not None:
        story, region, topic, outcome = followed.story, followed.region, followed.topic, "follow-up"
    else:
        story, outcome = number, "new story"
    made = _Made(story, relevant, text, digest, rng.randbytes(512), region, topic)
    return made, outcome


# --- what models say -----------------------------------------------------------------------------


def _claims(year: Year, number: int, made: _Made, now: str, batch: _Batch) -> None:
    rng, out = year.rng, batch.claims

    def say(task: str, label: str, p: float, role: str | None = None) -> None:
        spoken = p >= 0.5
        said = evidence(made.text, label, rng) if spoken else "[]"
        author = year.versions[task]
        out.append((number, made.hash, task, label, p, spoken, "model", author, role, said, now))

    if not made.relevant:
        most = 0.3 if rng.random() < SPARE_PROBABILITY else 0.05
        say("relevance", "relevant", rng.random() * most)
        return
    say("relevance", "relevant", rng.uniform(0.6, 1.0))
    say("region", made.region, rng.uniform(0.6, 1.0), "happens")
    if rng.random() < 0.4:
        other = rng.choice(year.reference.units)
        if other != made.region:
            say("region", other, rng.uniform(0.0, 1.0), "happens")
    say("region", "NAT", rng.random() * 0.3, "mentioned")
    topics = [topic.id for topic in year.reference.topics]
    for label in rng.sample(topics, 4):
        if label != made.topic:
            say("topic", label, rng.random())
    if made.topic:
        say("topic", made.topic, 0.95)
    risk = 0.95 if made.topic else rng.random()
    say("direction", "risk", risk)
    say("direction", "neutral", (1 - risk) * 0.6)
    say("direction", "progress", (1 - risk) * 0.4)


def _flag(year: Year, number: int, made: _Made, at: datetime, now: str, batch: _Batch) -> None:
    rng = year.rng
    old = at < year.end - timedelta(weeks=OPEN_WEEKS)
    decided = old and rng.random() >= LEFT_OPEN
    reasons = {rng.choice(REASONS)}
    if rng.random() < SECOND_REASON:
        reasons.add(rng.choice(REASONS))
    for reason in sorted(reasons):
        detail = {"relevant": 0.97, "risk": round(rng.random(), 3), "threshold": 0.4}
        state = "decided" if decided else "open"
        batch.flags.append((number, reason, rng.random(), json.dumps(detail), state, now))
    topic = rng.choice(year.reference.topics).id
    year.flagged.append(Flagged(number, made.hash, at, made.region, topic, decided))
