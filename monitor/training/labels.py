"""What the training texts are made of: counts, and texts that are nearly the same.

Pure: examples in, values out. Reading them, with the lines that are broken, is `dataset`'s.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from classifiers.reference import NATIONAL, Reference
from classifiers.values import DIRECTIONS, Example
from monitor.articles.fingerprint import bands, signature, similarity

TOPIC_WANTED, REGION_WANTED = 50, 30  # texts of a topic in each language; of a region in all


@dataclass(frozen=True, slots=True)
class Count:
    """One value of one kind: how many texts, by language."""

    name: str
    fi: int
    sv: int
    wanted: int | None = None  # of each language for topics, of both together for regions

    @property
    def total(self) -> int:
        return self.fi + self.sv


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Two texts that share many of their runs of four words."""

    a: Example
    b: Example
    similarity: float  # estimated Jaccard, [0, 1]


def stats(examples: Sequence[Example], reference: Reference) -> dict[str, list[Count]]:
    """Kind -> counts: texts, register, topic, direction, direction of each topic, region."""
    relevant = [e for e in examples if e.relevant]
    topics, registers = [t.id for t in reference.topics], sorted({_register(e) for e in examples})
    return {
        "texts": [
            _count("all", examples),
            _count("relevant", relevant),
            _count("not relevant", [e for e in examples if not e.relevant]),
        ],
        "register": [
            _count(name, [e for e in examples if _register(e) == name]) for name in registers
        ],
        "topic": [
            _count(topic, [e for e in relevant if topic in e.topics], TOPIC_WANTED)
            for topic in topics
        ],
        "direction": [
            _count(way, [e for e in relevant if e.direction == way]) for way in DIRECTIONS
        ],
        "topic and direction": [
            _count(f"{t} {way}", [e for e in relevant if t in e.topics and e.direction == way])
            for t in topics
            for way in DIRECTIONS
        ],
        "region": [
            *(
                _count(code, [e for e in examples if code in e.regions], REGION_WANTED)
                for code in reference.units
            ),
            _count(NATIONAL, [e for e in examples if e.national]),
        ],
    }


def short(kind: str, count: Count) -> bool:
    """Whether there are fewer than wanted."""
    if count.wanted is None:
        return False
    return min(count.fi, count.sv) < count.wanted if kind == "topic" else count.total < count.wanted


def near_duplicates(examples: Sequence[Example], least: float) -> list[NearDuplicate]:
    """Pairs at least `least` alike, the likest first; texts of one story are meant to be alike."""
    signatures = [signature(f"{e.text.title}\n{e.text.text}") for e in examples]
    shelves: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, own in enumerate(signatures):
        for band in enumerate(bands(own)):
            shelves[band].append(i)
    pairs = {pair for shelf in shelves.values() for pair in combinations(shelf, 2)}
    found = [
        NearDuplicate(examples[i], examples[j], similarity(signatures[i], signatures[j]))
        for i, j in sorted(pairs)
        if examples[i].story != examples[j].story
    ]
    return sorted((d for d in found if d.similarity >= least), key=lambda d: -d.similarity)


def _register(example: Example) -> str:
    return example.tags.get("register", "(none)")


def _count(name: str, examples: Sequence[Example], wanted: int | None = None) -> Count:
    languages = Counter(e.text.language for e in examples)
    return Count(name, languages["fi"], languages["sv"], wanted)
