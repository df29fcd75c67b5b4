"""The sample newsroom as a labelled set of events, and B-cubed. Shared by the measurements of stories.

An event is one file of monitor/newsroom/sample/events, but for b900: its notices are events of their own.
Its halves are fixed by the event's name. The program itself never reads which event an article is of.
"""

import random
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.articles.fingerprint import signature
from monitor.newsroom.load import load_newsroom

SEPARATE = "b900"  # rescue notices: a file of many small events


@dataclass(frozen=True, slots=True)
class Item:
    """One article of the sample newsroom, with the event it tells of."""

    id: str
    event: str
    title: str
    text: str
    language: str
    published: datetime
    group: str
    signature: bytes
    copy: bool


def items() -> list[Item]:
    """All articles, oldest first."""
    newsroom = load_newsroom()
    groups = {outlet.id: outlet.group for outlet in newsroom.outlets}
    found = []
    for a in newsroom.articles:
        text = "\n\n".join((a.lead, *a.paragraphs)).strip()
        event = a.id if a.event == SEPARATE else a.event
        found.append(
            Item(a.id, event, a.title, text, a.lang, a.published, groups[a.outlet], signature(text), a.copy_of is not None)
        )  # fmt: skip
    return sorted(found, key=lambda item: (item.published, item.id))


def part(event: str) -> str:
    """ "train" or "test", half and half, by the event's name."""
    return "train" if zlib.crc32(event.encode()) % 2 else "test"


@dataclass(frozen=True, slots=True)
class Agreement:
    """B-cubed precision and recall (Bagga and Baldwin 1998), [0, 1]."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def __str__(self) -> str:
        return f"P {self.precision:.3f} R {self.recall:.3f} F1 {self.f1:.3f}"


def mean(each: Sequence[tuple[float, float]]) -> Agreement:
    """The mean over items."""
    size = max(1, len(each))
    return Agreement(sum(p for p, _ in each) / size, sum(r for _, r in each) / size)


def bcubed_each(
    truth: Sequence[object], found: Sequence[object], of: Sequence[int]
) -> list[tuple[float, float]]:
    """Precision and recall of each item numbered in `of`, against all items."""
    by_truth, by_found = _members(truth), _members(found)
    result = []
    for n in of:
        right, given = by_truth[truth[n]], by_found[found[n]]
        both = len(right & given)
        result.append((both / len(given), both / len(right)))
    return result


def bootstrap(
    events: Sequence[str], each: Sequence[tuple[float, float]], draws: int = 1000, seed: int = 1
) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    """95 % intervals of precision, recall and F1; whole events are drawn."""
    by_event: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for event, pair in zip(events, each, strict=True):
        by_event[event].append(pair)
    names, rng = sorted(by_event), random.Random(seed)
    drawn = [mean([p for name in rng.choices(names, k=len(names)) for p in by_event[name]]) for _ in range(draws)]  # fmt: skip
    columns = ([d.precision for d in drawn], [d.recall for d in drawn], [d.f1 for d in drawn])
    low, high = (_interval(columns[0]), _interval(columns[1])), _interval(columns[2])
    return low[0], low[1], high


def _interval(values: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return ordered[int(0.025 * len(ordered))], ordered[int(0.975 * len(ordered)) - 1]


def _members(groups: Sequence[object]) -> dict[object, set[int]]:
    found: dict[object, set[int]] = defaultdict(set)
    for number, group in enumerate(groups):
        found[group].add(number)
    return found
