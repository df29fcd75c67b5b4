"""Floors under the shipped models: by cross-validation as stored with them, and live on text apart.

A floor is lowered only with the reason in the commit. The live samples are other people's text and lie
beside the repository (../shared/dev); without them those tests are skipped. Of the real items only the
fifth that is never learned from counts (`bench.real_sample`).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.real_sample import held_out
from classifiers.decisions import load_decisions
from classifiers.reference import NATIONAL, Reference
from classifiers.tagger import Tagger
from classifiers.values import TASKS, Tags, Text
from monitor.training import registry
from monitor.training.dataset import decisions_hash, load_dataset
from monitor.training.decisions import read_texts
from tests.conftest import ROOT, SHARED

MODELS, LABELS, DEV = ROOT / "models", ROOT / "labels", SHARED / "dev"
SAMPLES = {"real": DEV / "items.jsonl", "invented": DEV / "invented.jsonl"}
RETRAIN = "run: tilannekuva train --ship --texts ../shared/dev/items.jsonl"
SHIPPED = registry.shipped_versions(MODELS)

# task -> least score by grouped cross-validation: of all, of Finnish, of Swedish
CROSS_VALIDATED = {
    "relevance": (0.91, 0.90, 0.91),
    # Of Finnish it was 0.92 before the corpus had texts whose places mislead and real ones.
    "region": (0.90, 0.90, 0.89),
    "topic": (0.69, 0.71, 0.66),
    "direction": (0.64, 0.64, 0.60),
}
# (sample, figure) -> least score live, some way under what was measured when they were set: the held-out
# fifth has 95 items, of which 28 are relevant, and a single one moves direction by 0.03.
LIVE = {
    ("held out", "relevance"): 0.82,
    ("held out", "topic"): 0.43,
    ("held out", "direction"): 0.30,
    ("held out", "region"): 0.76,
    ("invented", "relevance"): 0.94,
    ("invented", "topic"): 0.72,
    ("invented", "direction"): 0.78,
    ("invented", "region"): 0.93,
}


@pytest.mark.parametrize("task", TASKS)
def test_the_stored_figures_are_above_their_floors(task: str) -> None:
    figures = registry.evaluation(MODELS, task, SHIPPED[task])
    parts = (figures["overall"], figures["by_language"]["fi"], figures["by_language"]["sv"])
    for part, floor in zip(parts, CROSS_VALIDATED[task], strict=True):
        assert part["value"] >= floor
        assert part["low"] <= part["value"] <= part["high"]
        assert part["n"] >= 150


@pytest.mark.parametrize("task", TASKS)
def test_the_probabilities_can_be_believed(task: str) -> None:
    assert registry.evaluation(MODELS, task, SHIPPED[task])["overall"]["calibration_error"] < 0.06


@pytest.mark.parametrize("task", TASKS)
def test_the_models_learned_from_the_corpus_that_is_here(task: str, reference: Reference) -> None:
    manifest = json.loads((MODELS / task / SHIPPED[task] / "manifest.json").read_text("utf-8"))
    dataset = load_dataset(LABELS, reference)
    assert dataset.mistakes == ()
    assert manifest["corpus_sha256"] == dataset.corpus_hash, RETRAIN
    assert manifest["decisions_sha256"] == decisions_hash(LABELS), RETRAIN
    assert manifest["task"] == task


@pytest.mark.parametrize("task", TASKS)
def test_the_models_learned_from_the_decided_texts(task: str, reference: Reference) -> None:
    manifest = json.loads((MODELS / task / SHIPPED[task] / "manifest.json").read_text("utf-8"))
    _needs_samples()
    dataset = load_dataset(LABELS, reference, lambda made: read_texts([SAMPLES["real"]], made))
    assert dataset.left_out == ()
    assert manifest["sources"] == dataset.sources
    assert manifest["dataset_sha256"] == dataset.hash, RETRAIN


def test_no_held_out_text_is_learned_from(reference: Reference) -> None:
    decided = [read.decision for read in load_decisions(LABELS / "decisions", reference).read]
    _needs_samples()
    held = {row["id"] for row in _rows(SAMPLES["real"]) if held_out(row["group"])}
    assert len(held) > 80
    assert not held & {d.key for d in decided}
    assert not any(held_out(d.story or d.key) for d in decided)


def test_the_models_are_small_and_hold_nothing_else() -> None:
    files = [p for p in MODELS.rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) < 8_000_000
    known = {"active.json", "model.skops", "manifest.json", "eval.json", "card.md", ".gitkeep"}
    known |= {"golden.json", "unseen.json", "reliability.svg", "confusion.svg"}
    assert {p.name for p in files} <= known


# --- live -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    text: Text
    gold: dict[str, Any]
    tags: Tags


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, path.read_text("utf-8").splitlines())


def _read(sample: str) -> Iterator[tuple[Text, dict[str, Any]]]:
    for row in _rows(SAMPLES["real" if sample == "held out" else sample]):
        measured = sample != "held out" or held_out(row["group"])
        if measured and row["gold"]["rel"] is not None:
            yield Text(row["id"], row["title"], row["text"], row["lang"]), row["gold"]


def _needs_samples() -> None:
    if not DEV.is_dir():
        pytest.skip("the labelled sample is not beside this repository (../shared/dev)")


@pytest.fixture(scope="module")
def samples() -> dict[str, list[Item]]:
    _needs_samples()
    tagger = Tagger.load(MODELS, SHIPPED, LABELS)
    found = {}
    for sample in ("held out", "invented"):
        rows = list(_read(sample))
        tags = tagger.tag([text for text, _ in rows])
        found[sample] = [Item(t, g, tag) for (t, g), tag in zip(rows, tags, strict=True)]
    return found


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


@pytest.mark.parametrize(("sample", "name"), LIVE)
def test_text_apart_is_tagged_above_the_floor(
    samples: dict[str, list[Item]], sample: str, name: str
) -> None:
    assert figure(samples[sample], name) >= LIVE[sample, name]


def test_both_languages_are_tagged_about_as_well(samples: dict[str, list[Item]]) -> None:
    for language in ("fi", "sv"):
        items = [i for i in samples["invented"] if i.text.language == language]
        assert figure(items, "relevance") >= 0.8
        assert figure(items, "topic") >= 0.55
        assert figure(items, "region") >= 0.75
