"""Two articles side by side: what they share, in figures that a model of one event can learn from.

Every figure is symmetric and lies in [0, 1]. Decides nothing, and reads neither a store nor a clock.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from monitor.articles import events

WINDOW = timedelta(days=45)  # 19 of 20 follow-ups in the sample newsroom come within 29 days
# Fewer words than these do not tell an event: two fire alarms in one town on one day are two events.
LEAST_WORDS = 15
SEARCHED = frozenset((events.WORD, events.NAME, events.PLACE, events.NUMBER, events.DATE, events.COGNATE))  # fmt: skip

EVIDENCE = (
    "title words",  # cosine of the titles' words
    "title in text",  # share of each title that the other article holds, mean of both ways
    "words",
    "names",
    "places",
    "other places",  # the title's places are missing in the other article
    "other regions",
    "numbers",
    "dates",
    "concepts",
    "title concepts",
    "cognates",
    "title cognates",
    "days apart",  # log(1 + days) / log(1 + WINDOW)
    "rarest",  # weight of the rarest shared trait
)


@dataclass(frozen=True)
class Features:
    """What of an article decides its story."""

    article_id: int
    story_id: int | None
    language: str
    published: datetime
    title: frozenset[str]  # traits of the title
    weights: Mapping[str, float]  # every trait -> how rare it was when the article came, [0, 1]
    signature: bytes

    @cached_property
    def kinds(self) -> Mapping[str, Mapping[str, float]]:
        """Weights by kind of trait."""
        found: dict[str, dict[str, float]] = {}
        for trait, weight in self.weights.items():
            found.setdefault(trait[0], {})[trait] = weight
        return found

    @cached_property
    def title_kinds(self) -> Mapping[str, Mapping[str, float]]:
        """Weights by kind, those of the title."""
        found: dict[str, dict[str, float]] = {}
        for trait in self.title:
            found.setdefault(trait[0], {})[trait] = self.weights[trait]
        return found

    def of(self, kind: str) -> Mapping[str, float]:
        """The traits of a kind."""
        return self.kinds.get(kind, {})

    def in_title(self, kind: str) -> Mapping[str, float]:
        """The traits of a kind in the title."""
        return self.title_kinds.get(kind, {})


def evidence(a: Features, b: Features) -> tuple[float, ...]:
    """The values of EVIDENCE for a pair, each in [0, 1]; symmetric."""
    word, name, place, region = events.WORD, events.NAME, events.PLACE, events.REGION
    concept, like = events.CONCEPT, events.COGNATE
    shared = a.weights.keys() & b.weights.keys()
    telling_traits = [t for t in shared if t[0] in SEARCHED]
    return (
        _cosine(a.in_title(word), b.in_title(word)),
        (_held(a.in_title(word), b.of(word)) + _held(b.in_title(word), a.of(word))) / 2,
        _cosine(a.of(word), b.of(word)),
        _much(a.of(name), b.of(name)),
        _much(a.of(place), b.of(place)),
        _missing(a, b, place),
        _apart(a, b, region),
        _much(a.of(events.NUMBER), b.of(events.NUMBER)),
        _much(a.of(events.DATE), b.of(events.DATE)),
        _cosine(a.of(concept), b.of(concept)),
        _cosine(a.in_title(concept), b.in_title(concept)),
        _overlap(a.of(like), b.of(like)),
        _overlap(a.in_title(like), b.in_title(like)),
        _gap(a.published, b.published),
        max((min(a.weights[t], b.weights[t]) for t in telling_traits), default=0.0),
    )


Weighed = Mapping[str, float]


def _cosine(a: Weighed, b: Weighed) -> float:
    dot = sum(a[t] * b[t] for t in a.keys() & b.keys())
    if not dot:
        return 0.0
    norms = sum(w * w for w in a.values()) * sum(w * w for w in b.values())
    return min(1.0, dot / math.sqrt(norms))


def _held(part: Weighed, whole: Weighed) -> float:
    total = sum(part.values())
    return sum(w for t, w in part.items() if t in whole) / total if total else 0.0


def _overlap(a: Weighed, b: Weighed) -> float:
    shared = sum((a[t] + b[t]) / 2 for t in a.keys() & b.keys())
    least = min(sum(a.values()), sum(b.values()))
    return min(1.0, shared / least) if least else 0.0


def _much(a: Weighed, b: Weighed) -> float:
    """Grows with the weight shared and not with the length of the articles."""
    return 1 - math.exp(-sum(a[t] * b[t] for t in a.keys() & b.keys()))


def _missing(a: Features, b: Features, kind: str) -> float:
    """Like things happen in many places at once: how many of the two titles name one the other lacks."""
    pairs = ((a, b), (b, a))
    return sum(
        0.5
        for one, two in pairs
        if one.in_title(kind) and not one.in_title(kind).keys() & two.of(kind).keys()
    )


def _apart(a: Features, b: Features, kind: str) -> float:
    one, two = (x.in_title(kind) or x.of(kind) for x in (a, b))
    return float(bool(one and two and not one.keys() & two.keys()))


def _gap(a: datetime, b: datetime) -> float:
    days = abs((a - b).total_seconds()) / 86400
    return min(1.0, math.log1p(days) / math.log1p(WINDOW.days))


def could_follow(new: Features, other: Features) -> bool:
    """Whether the two may be one event at all: within the window, long enough, not told of elsewhere."""
    if abs(new.published - other.published) > WINDOW:
        return False
    least = min(len(new.of(events.WORD)), len(other.of(events.WORD)))
    return least >= LEAST_WORDS and not _elsewhere(new, other)


def _elsewhere(a: Features, b: Features) -> bool:
    """Like things happen in many regions at once: both titles name regions the other article has not."""
    one, two = (x.in_title(events.REGION).keys() for x in (a, b))
    if not one or not two:
        return False
    return not one & b.of(events.REGION).keys() and not two & a.of(events.REGION).keys()
