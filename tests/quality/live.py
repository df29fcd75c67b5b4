"""What the shipped models make of text apart: the samples beside the repository (../shared/dev).

Of the real items only the fifth that is never learned from counts (`bench.real_sample`).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.real_sample import held_out
from classifiers.reference import NATIONAL
from classifiers.tagger import Tagger
from classifiers.values import Tags, Text
from monitor.training import registry
from tests.conftest import ROOT, SHARED

MODELS, LABELS, DEV = ROOT / "models", ROOT / "labels", SHARED / "dev"
SAMPLES = {"real": DEV / "items.jsonl", "invented": DEV / "invented.jsonl"}
SHIPPED = registry.shipped_versions(MODELS)


@dataclass(frozen=True)
class Item:
    text: Text
    gold: dict[str, Any]
    tags: Tags


def rows(path: Path) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, path.read_text("utf-8").splitlines())


def _read(sample: str) -> Iterator[tuple[Text, dict[str, Any]]]:
    for row in rows(SAMPLES["real" if sample == "held out" else sample]):
        measured = sample != "held out" or held_out(row["group"])
        if measured and row["gold"]["rel"] is not None:
            yield Text(row["id"], row["title"], row["text"], row["lang"]), row["gold"]


def figure(items: Iterable[Item], name: str) -> float:
    """Micro F1 end to end; of directions the macro F1 over relevant items with an agreed direction.

    What only one annotator gave counts neither for nor against.
    """
    if name == "direction":
        return _direction(items)
    cells = [_cells(item, name) for item in items]
    hits = sum(len(said & gold) for said, gold, _ in cells)
    wrong = sum(len(said - gold - maybe) for said, gold, maybe in cells)
    missed = sum(len(gold - said) for said, gold, _ in cells)
    return float(2 * hits / max(1, 2 * hits + wrong + missed))


def _cells(item: Item, name: str) -> tuple[set[str], set[str], set[str]]:
    gold, tags = item.gold, item.tags
    if name == "relevance":
        return (
            ({"r"} if tags.relevance.decided else set()),
            ({"r"} if gold["rel"] else set()),
            set(),
        )
    if name == "topic":
        said = {t.label for t in tags.topics if t.decided}
        return said, set(gold["top"]), set(gold["top_maybe"])
    known = {"91", NATIONAL} if not gold["rel"] else {"91"}
    said = {r.code for r in tags.regions if r.decided}
    return said - known, set(gold["reg"]) - known, set(gold["reg_maybe"])


def _direction(items: Iterable[Item]) -> float:
    pairs = [
        (item.gold["dir"], next((d.label for d in item.tags.direction if d.decided), ""))
        for item in items
        if item.gold["rel"] and item.gold["dir"]
    ]
    scores = []
    for way in ("risk", "neutral", "progress"):
        hits = sum(gold == said == way for gold, said in pairs)
        total = sum((gold == way) + (said == way) for gold, said in pairs)
        scores.append(2 * hits / max(1, total))
    return float(sum(scores) / 3)


def tagged() -> dict[str, list[Item]]:
    """Sample -> its items as the shipped models tag them. Raises OSError where the samples are absent."""
    tagger = Tagger.load(MODELS, SHIPPED, LABELS)
    found = {}
    for sample in ("held out", "invented"):
        read = list(_read(sample))
        tags = tagger.tag([text for text, _ in read])
        found[sample] = [Item(t, g, tag) for (t, g), tag in zip(read, tags, strict=True)]
    return found
