"""The shipped classifiers on labelled text they have not learned from, against the bars of issue 3.

    python -m bench.classifiers [--models FOLDER]

Reads ../shared/dev beside this repository (480 real items, 120 invented ones; other people's text, never
part of it) and measures the versions that models/active.json names. Topics and direction are asked of the
relevant items, whatever the relevance model says of them; `end to end` rows show what is left of them when
it has its say. What only one annotator gave counts neither for nor against. Intervals: 95 %, from 1,000
resamples of whole groups. Trains nothing and changes nothing.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt

from classifiers import persist
from classifiers.features import Featurizer
from classifiers.linear import LinearModel
from classifiers.metrics import calibration_error
from classifiers.reference import NATIONAL
from classifiers.tagger import Tagger
from classifiers.values import DIRECTIONS, Tags, Text
from classifiers.vocabulary import load_vocabulary
from monitor.training import registry

ROOT = Path(__file__).resolve().parents[1]
DEV = ROOT.parent / "shared" / "dev"
SAMPLES = {"real": "items.jsonl", "invented": "invented.jsonl"}
DRAWS, ECE_DRAWS, SEED = 1000, 200, 1
BARS = {
    "relevance F1": 0.88,
    "region micro F1": 0.90,
    "topic micro F1": 0.72,
    "main topic accuracy": 0.70,
    "direction macro F1": 0.65,
}
WORST_CALIBRATION = 0.06
Cells = npt.NDArray[np.float64]  # (items, labels, 3): hits, wrong, missed


@dataclass(frozen=True)
class Item:
    """One labelled text and all that the models say of it."""

    text: Text
    group: str
    gold: dict[str, Any]
    tags: Tags
    topics: dict[str, float]  # probabilities, as if it were relevant
    topics_decided: frozenset[str]
    direction: dict[str, float]
    direction_decided: str


def read(path: Path, models: Path) -> list[Item]:
    """The items whose relevance the annotators agree on, tagged."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows = [row for row in rows if row["gold"]["rel"] is not None]
    texts = [Text(row["id"], row["title"], row["text"], row["lang"]) for row in rows]
    versions, labels = registry.shipped_versions(models), ROOT / "labels"
    tags = Tagger.load(models, versions, labels).tag(texts)
    topic, direction = (
        LinearModel.from_state(persist.load(models, task, versions[task]).state)
        for task in ("topic", "direction")
    )
    counts = Featurizer(load_vocabulary(labels), topic.features).counts(texts)
    said = [
        [dict(zip(m.labels, map(float, p), strict=True)) for p in m.probabilities(counts)]
        for m in (topic, direction)
    ]
    held = [
        [frozenset(np.array(m.labels)[d].tolist()) for d in m.decide(m.probabilities(counts))]
        for m in (topic, direction)
    ]
    return [
        Item(t, r["group"], r["gold"], tag, said[0][i], held[0][i], said[1][i], min(held[1][i]))
        for i, (t, r, tag) in enumerate(zip(texts, rows, tags, strict=True))
    ]


# --- what counts -----------------------------------------------------------------------------------


def cells(pairs: Sequence[tuple[set[str], set[str], set[str]]]) -> Cells:
    """Of (said, gold, maybe) per item."""
    labels = sorted(set().union(*(said | gold for said, gold, _ in pairs)))
    table = [
        [(x in s and x in g, x in s and x not in g | m, x in g and x not in s) for x in labels]
        for s, g, m in pairs
    ]
    return np.array(table, float).reshape(len(pairs), len(labels), 3)


def relevance(items: Sequence[Item]) -> Cells:
    return cells(
        [
            ({"r"} if i.tags.relevance.decided else set(), {"r"} if i.gold["rel"] else set(), set())
            for i in items
        ]
    )


def regions(items: Sequence[Item]) -> Cells:
    return cells([(_said_regions(i), _gold_regions(i), set(i.gold["reg_maybe"])) for i in items])


def topics(items: Sequence[Item]) -> Cells:
    return cells(
        [(set(i.topics_decided), set(i.gold["top"]), set(i.gold["top_maybe"])) for i in items]
    )


def topics_end_to_end(items: Sequence[Item]) -> Cells:
    return cells(
        [
            (
                {t.label for t in i.tags.topics if t.decided},
                set(i.gold["top"]),
                set(i.gold["top_maybe"]),
            )
            for i in items
        ]
    )


def main_topic(items: Sequence[Item]) -> Cells:
    right = [max(i.topics, key=lambda t: i.topics[t]) == i.gold["main"] for i in items]
    return np.array([[(r, False, not r)] for r in right], float)


def directions(items: Sequence[Item]) -> Cells:
    return cells([({i.direction_decided}, {i.gold["dir"]}, set()) for i in items])


def _gold_regions(item: Item) -> set[str]:
    return set(item.gold["reg"]) - _not_asked(item)


def _said_regions(item: Item) -> set[str]:
    return {r.code for r in item.tags.regions if r.decided} - _not_asked(item)


def _not_asked(item: Item) -> set[str]:
    return {"91"} if item.gold["rel"] else {"91", NATIONAL}  # Åland is outside the reform


# --- figures ---------------------------------------------------------------------------------------


def micro(sums: Cells) -> Cells:
    """F1 over all labels of (draws, labels, 3)."""
    hits, wrong, missed = np.moveaxis(sums.sum(axis=1), -1, 0)
    f1: Cells = 2 * hits / np.maximum(1, 2 * hits + wrong + missed)
    return f1


def macro(sums: Cells) -> Cells:
    """Mean F1 of the labels of (draws, labels, 3)."""
    hits, wrong, missed = np.moveaxis(sums, -1, 0)
    mean: Cells = (2 * hits / np.maximum(1, 2 * hits + wrong + missed)).mean(axis=1)
    return mean


def accuracy(sums: Cells) -> Cells:
    """Share of hits."""
    hits, _, missed = np.moveaxis(sums.sum(axis=1), -1, 0)
    share: Cells = hits / np.maximum(1, hits + missed)
    return share


def interval(
    counted: Cells, groups: Sequence[str], score: Callable[[Cells], Cells]
) -> tuple[float, float, float]:
    """The score, and the ends of its interval."""
    names, index = np.unique(np.asarray(groups), return_inverse=True)
    sums = np.zeros((len(names), *counted.shape[1:]))
    np.add.at(sums, index, counted)
    rng = np.random.default_rng(SEED)
    times = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), DRAWS).astype(float)
    low, high = np.percentile(score(np.tensordot(times, sums, axes=1)), (2.5, 97.5))
    return float(score(counted.sum(axis=0)[None])[0]), float(low), float(high)


def calibration(
    pairs: Sequence[tuple[list[float], list[bool]]], groups: Sequence[str]
) -> tuple[float, float, float]:
    """Expected calibration error of (probabilities, truths) per item, and its interval."""
    names, index = np.unique(np.asarray(groups), return_inverse=True)
    members = [np.flatnonzero(index == g) for g in range(len(names))]
    rng = np.random.default_rng(SEED)

    def error(rows: Sequence[int]) -> float:
        p = np.concatenate([pairs[r][0] for r in rows])
        return calibration_error(np.concatenate([pairs[r][1] for r in rows]).astype(bool), p)

    draws = [
        error(
            np.concatenate([members[g] for g in rng.integers(0, len(names), len(names))]).tolist()
        )
        for _ in range(ECE_DRAWS)
    ]
    low, high = np.percentile(draws, (2.5, 97.5))
    return error(range(len(pairs))), float(low), float(high)


def probabilities(task: str, item: Item) -> tuple[list[float], list[bool]]:
    """Probabilities and truths of what the task says of one item; regions: its candidates."""
    gold = item.gold
    match task:
        case "relevance":
            return [item.tags.relevance.probability], [bool(gold["rel"])]
        case "region":
            unasked = _not_asked(item) | set(gold["reg_maybe"])
            asked = [r for r in item.tags.regions if r.code not in unasked]
            return [r.happens for r in asked], [r.code in gold["reg"] for r in asked]
        case "topic":
            asked_topics = {t: p for t, p in item.topics.items() if t not in gold["top_maybe"]}
            return list(asked_topics.values()), [t in gold["top"] for t in asked_topics]
        case _:
            return [item.direction[d] for d in DIRECTIONS], [gold["dir"] == d for d in DIRECTIONS]


def asked(task: str, items: Sequence[Item]) -> list[Item]:
    """The items a task is measured on."""
    wanted: dict[str, Callable[[Item], bool]] = {
        "relevance": lambda i: True,
        "region": lambda i: bool(_gold_regions(i) - {NATIONAL}),
        "topic": lambda i: bool(i.gold["rel"]),
        "main": lambda i: bool(i.gold["rel"] and i.gold["main"]),
        "direction": lambda i: bool(i.gold["rel"] and i.gold["dir"]),
    }
    return [i for i in items if wanted[task](i)]


MEASURES: tuple[tuple[str, str, Callable[[Sequence[Item]], Cells], Callable[[Cells], Cells]], ...]
MEASURES = (
    ("relevance F1", "relevance", relevance, micro),
    ("region micro F1", "region", regions, micro),
    ("topic micro F1", "topic", topics, micro),
    ("main topic accuracy", "main", main_topic, accuracy),
    ("direction macro F1", "direction", directions, macro),
    ("topic micro F1, end to end", "relevance", topics_end_to_end, micro),
)


def lines(items: Sequence[Item]) -> Iterator[str]:
    """Every figure of these items."""
    for name, task, count, score in MEASURES:
        some = asked(task, items)
        if len(some) < 5:
            yield f"  {name:<28} n {len(some):>3}  too few"
            continue
        found = interval(count(some), [i.group for i in some], score)
        bar = BARS.get(name)
        met = "" if bar is None else f"  bar {bar:.2f} " + ("met" if found[0] >= bar else "MISSED")
        yield _line(name, len(some), found) + met
    for task in ("relevance", "region", "topic", "direction"):
        # Regions: every candidate of every item, since a choice by the truth would bend the figure.
        those = items if task == "region" else asked(task, items)
        some = [i for i in those if probabilities(task, i)[0]]
        if len(some) >= 5:
            pairs = [probabilities(task, i) for i in some]
            found = calibration(pairs, [i.group for i in some])
            met = "met" if found[0] <= WORST_CALIBRATION else "MISSED"
            yield _line(f"calibration error, {task}", len(some), found) + f"  bar 0.06 {met}"
    yield from _weak_regions(items)


def _line(name: str, n: int, found: tuple[float, float, float]) -> str:
    return f"  {name:<28} n {n:>3}  {found[0]:.3f} ({found[1]:.3f}-{found[2]:.3f})"


def _weak_regions(items: Sequence[Item]) -> Iterator[str]:
    codes = sorted({c for i in items for c in _gold_regions(i)} - {NATIONAL})
    for code in codes:
        own = [i for i in items if code in _gold_regions(i)]
        recall = sum(code in _said_regions(i) for i in own) / len(own)
        if len(own) >= 5 and recall < 0.75:
            yield f"  region {code}: recall {recall:.2f} of n {len(own)}, under 0.75"


@click.command()
@click.option(
    "--models",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=ROOT / "models",
    help="Where the versions lie.",
)
def main(models: Path) -> None:
    """Measure the shipped versions on the labelled sample beside this repository."""
    if not DEV.is_dir():
        click.echo("not measured: the labelled sample ../shared/dev is not beside this repository")
        return
    for task, version in sorted(registry.shipped_versions(models).items()):
        click.echo(f"{task} {version}")
    for sample, file in SAMPLES.items():
        items = read(DEV / file, models)
        parts = {sample: items} | {
            f"{sample} {language}": [i for i in items if i.text.language == language]
            for language in ("fi", "sv")
        }
        for name, some in parts.items():
            click.echo(f"{name}: {len(some)} items")
            for line in lines(some):
                click.echo(line)


if __name__ == "__main__":
    main()
