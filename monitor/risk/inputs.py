"""What a week's score is computed from: frozen, JSON-able, hashed.

Turns articles and their current claims into weighted stories. Reads no store and knows no constants
but those it is given.

A story counts once a week, with the articles published in that week. Per publisher group and task one
article speaks for the group: one a person has decided, else one read in full, else the earliest. Among
the groups' speakers only those of the best standing count (a person's word, else a full text), and
their probabilities are averaged. So a further copy within a publisher group changes nothing, and a
person's decision on one article outranks the models on the story's others.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache, lru_cache
from math import log
from operator import attrgetter
from typing import Any, cast

from monitor.coverage.calendar import day_of, days_between, weekday_of
from monitor.values import Claim, Coverage, ReadinessComponent, Task

Pairs = tuple[tuple[str, float], ...]
Cells = tuple[tuple[str, str, float], ...]
TASKS: tuple[Task, ...] = ("relevance", "region", "topic", "direction")


@dataclass(frozen=True, slots=True)
class ArticleSignal:
    """An article as the score sees it."""

    article: int
    story: int
    publisher_group: str
    published: datetime
    full: bool  # its whole text was read, not a teaser or the title alone
    title: str
    claims: tuple[Claim, ...]  # those in force


@dataclass(frozen=True, slots=True)
class StorySignal:
    """A story in one week. Every number is a probability except `publishers`."""

    story: int
    week: str
    title: str  # of its first article that week, in the article's own language
    publishers: int  # independent publisher groups that week
    relevant: float
    regions: Pairs  # unit -> that it happens there
    topics: Pairs
    groups: Pairs  # roadmap group -> the likeliest of its topics
    raises: float
    progress: float
    day: str = ""  # ISO date in Helsinki of its first article that week


@dataclass(frozen=True, slots=True)
class PastWeek:
    """A week before the scored one, as counts. Cells with nothing in them are left out."""

    week: str
    exposure: Pairs  # region -> [0, 1]
    groups: Cells  # region, roadmap group, weighted stories (may be negative)
    topics: Cells  # region, topic, weighted stories


@dataclass(frozen=True, slots=True)
class DayCounts:
    """One day's counts, for the alerts' same-weekday baseline. A story counts on its first day of a week."""

    day: str  # ISO date in Helsinki
    weekday: int  # 0 is Monday; a public holiday is a Sunday, 6
    topics: Cells  # region, topic, weighted stories; cells with nothing in them are left out


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """Held-out precision and recall of one task's classifier."""

    task: str
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Readiness:
    """The readiness components of one region and roadmap group."""

    region: str
    group: str
    components: tuple[ReadinessComponent, ...]


@dataclass(frozen=True, slots=True)
class WeekInputs:
    """Everything that a week's scores and alerts depend on. Sequences are sorted by their keys."""

    week: str
    methodology: str  # version and digest of the constants
    seed: int
    draws: int
    models: tuple[tuple[str, str], ...]  # task -> version
    error_rates: tuple[ErrorRate, ...]
    units: tuple[str, ...]
    groups: tuple[str, ...]
    topics: tuple[str, ...]
    stories: tuple[StorySignal, ...]
    past: tuple[PastWeek, ...]  # the oldest first
    coverage: tuple[Coverage, ...]  # one per unit, in the units' order
    readiness: tuple[Readiness, ...]
    days: tuple[DayCounts, ...] = ()  # of the past weeks and of this one as far as it is known

    def canonical(self) -> str:
        """The canonical JSON of all fields: keys sorted, no spaces, numbers as Python writes them."""
        parts = ((f.name, getattr(self, f.name)) for f in fields(self))
        told = (f'"{name}":{_text(value)}' for name, value in sorted(parts))
        return "{" + ",".join(told) + "}"

    def digest(self) -> str:
        """SHA-256 over the canonical JSON of all fields."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


def _text(value: Any) -> str:
    """Canonical JSON. Weeks and days of the past are kept: the next week looks back on the same."""
    if isinstance(value, tuple) and value and isinstance(value[0], PastWeek | DayCounts):
        return "[" + ",".join(_kept_text(item) for item in value) + "]"
    return _JSON.encode(value)


@lru_cache(maxsize=512)
def _kept_text(value: PastWeek | DayCounts) -> str:
    return _JSON.encode(value)


def _fields(value: Any) -> dict[str, Any]:
    kind: Any = type(value)
    names, values = _reader(kind)
    return dict(zip(names, values(value), strict=True))


@cache
def _reader(of: Hashable) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """The names of a dataclass's fields, sorted, and what reads them all at once."""
    names = sorted(f.name for f in fields(cast(Any, of)))
    return tuple(names), attrgetter(*names)


_JSON = json.JSONEncoder(
    ensure_ascii=False,
    separators=(",", ":"),
    allow_nan=False,
    check_circular=False,
    default=_fields,  # what is not JSON is a dataclass; there are no other keys to be sorted
)


def probability(claim: Claim) -> float:
    """What a claim says, as a probability: a model's is calibrated, a person or a rule is certain.

    A person's or rule's region with the role "mentioned" is a statement that it does not happen there.
    """
    if claim.author == "model":
        return claim.probability
    return float(claim.decided and claim.role != "mentioned")


def spread(publishers: int, factor: float) -> float:
    """Weight of a story in `publishers` independent groups: 1 for one, growing slowly after."""
    return 1 + factor * log(publishers)


def story_signals(
    articles: Iterable[ArticleSignal],
    week_of: Callable[[datetime], str],
    topics_of_group: Mapping[str, Sequence[str]],
) -> tuple[StorySignal, ...]:
    """The stories of each week, by week and story id."""
    gathered: defaultdict[tuple[str, int], list[ArticleSignal]] = defaultdict(list)
    for article in articles:
        gathered[week_of(article.published), article.story].append(article)
    return tuple(_story(*key, gathered[key], topics_of_group) for key in sorted(gathered))


def _story(
    week: str,
    story: int,
    articles: list[ArticleSignal],
    topics_of_group: Mapping[str, Sequence[str]],
) -> StorySignal:
    said = {task: _said(articles, task) for task in TASKS}
    topics = said["topic"]
    return StorySignal(
        story=story,
        week=week,
        title=min(articles, key=lambda a: (not a.full, a.published, a.article)).title,
        publishers=len({a.publisher_group for a in articles}),
        relevant=said["relevance"].get("relevant", 0.0),
        regions=_pairs(said["region"]),
        topics=_pairs(topics),
        groups=_pairs(
            {
                g: max((topics.get(t, 0.0) for t in ts), default=0.0)
                for g, ts in topics_of_group.items()
            }
        ),
        raises=said["direction"].get("risk", 0.0),
        progress=said["direction"].get("progress", 0.0),
        day=day_of(min(a.published for a in articles)).isoformat(),
    )


def _pairs(values: Mapping[str, float]) -> Pairs:
    return tuple(sorted((key, value) for key, value in values.items() if value > 0))


def _said(articles: list[ArticleSignal], task: Task) -> dict[str, float]:
    """Label -> mean probability over those who speak."""
    heard = speakers(articles, task)
    totals: defaultdict[str, float] = defaultdict(float)
    for speaker in heard:
        for label, claim in sorted(loudest(speaker, task).items()):
            totals[label] += probability(claim)
    return {label: total / len(heard) for label, total in totals.items()}


def speakers(articles: Sequence[ArticleSignal], task: Task) -> list[ArticleSignal]:
    """The articles that speak for a story: the best-standing one of each publisher group, of these the
    best standing. By publisher group, because a sum of floats depends on the order."""
    # Topics and direction are said of relevant articles only: one without them has no voice there,
    # while an article without regions says that it happens nowhere known.
    voices = [a for a in articles if task == "region" or any(c.task == task for c in a.claims)]
    first: dict[str, ArticleSignal] = {}
    for article in sorted(voices, key=lambda a: (_standing(a, task), a.published, a.article)):
        first.setdefault(article.publisher_group, article)
    best = min((_standing(a, task) for a in first.values()), default=0)
    heard = [a for a in first.values() if _standing(a, task) == best]
    return sorted(heard, key=lambda a: a.publisher_group)


def _standing(article: ArticleSignal, task: Task) -> int:
    if any(c.author == "person" and c.task == task for c in article.claims):
        return 0
    return 1 if article.full else 2


def loudest(article: ArticleSignal, task: Task) -> dict[str, Claim]:
    """Label -> the article's claim that says most of it."""
    found: dict[str, Claim] = {}
    for claim in article.claims:
        known = found.get(claim.label)
        if claim.task == task and (known is None or probability(claim) > probability(known)):
            found[claim.label] = claim
    return found


def story_weight(story: StorySignal, region: float, label: float, factor: float) -> float:
    """Weight of a story for one region and one group or topic, given its two probabilities there.

    P(relevant) x P(region) x P(label) x (P(raises) - P(progress)) x spread; negative for progress.
    """
    net = story.raises - story.progress
    return story.relevant * region * label * net * spread(story.publishers, factor)


def tally(
    stories: Iterable[StorySignal], factor: float, *, by: str
) -> dict[tuple[str, str], float]:
    """Weighted stories per (region, roadmap group) or (region, topic): `by` is "groups" or "topics"."""
    totals: defaultdict[tuple[str, str], float] = defaultdict(float)
    for story in stories:
        labels: Pairs = story.groups if by == "groups" else story.topics
        for region, in_region in story.regions:
            for label, of_label in labels:
                totals[region, label] += story_weight(story, in_region, of_label, factor)
    return dict(totals)


def past_week(
    week: str, stories: Sequence[StorySignal], exposure: Mapping[str, float], factor: float
) -> PastWeek:
    """A week before the scored one, reduced to counts."""
    return PastWeek(
        week,
        tuple(sorted(exposure.items())),
        _cells(tally(stories, factor, by="groups")),
        _cells(tally(stories, factor, by="topics")),
    )


def day_counts(
    first: date, last: date, stories: Iterable[StorySignal], factor: float
) -> tuple[DayCounts, ...]:
    """A count for every day from `first` to `last`, also for those on which nothing was told."""
    on: defaultdict[str, list[StorySignal]] = defaultdict(list)
    for story in stories:
        on[story.day].append(story)
    return tuple(
        DayCounts(
            day.isoformat(),
            weekday_of(day),
            _cells(tally(on[day.isoformat()], factor, by="topics")),
        )
        for day in days_between(first, last)
    )


def _cells(totals: Mapping[tuple[str, str], float]) -> Cells:
    return tuple((r, label, value) for (r, label), value in sorted(totals.items()) if value != 0)
