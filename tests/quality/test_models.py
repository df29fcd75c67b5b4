"""Floors under the shipped models: by cross-validation as stored with them, and live on text apart.

The floors are pinned in floors.yaml by `tests.quality.pin`. The live samples are other people's text and
lie beside the repository (../shared/dev); without them those tests are skipped.
"""

import json

import pytest
import yaml

from bench.real_sample import held_out
from classifiers.decisions import load_decisions
from classifiers.reference import Reference
from classifiers.values import TASKS
from monitor.training import registry
from monitor.training.dataset import decisions_hash, load_dataset
from monitor.training.decisions import read_texts
from tests.quality.live import DEV, LABELS, MODELS, SAMPLES, SHIPPED, Item, figure, rows, tagged
from tests.quality.pin import FILE, Floors, learned_from, lowered, raised, seal

RETRAIN = "run: tilannekuva train --ship --texts ../shared/dev/items.jsonl"

PINNED = yaml.safe_load(FILE.read_text("utf-8"))
FLOORS: Floors = PINNED["floors"]
LIVE = sorted(name for name in FLOORS if not name.startswith("cross-validated/"))


def test_floors_are_pinned_by_the_command_and_not_by_hand() -> None:
    assert PINNED["seal"] == seal(PINNED), "changed by hand; run: python -m tests.quality.pin"
    assert {key: PINNED[key] for key in learned_from()} == learned_from(), (
        "the texts changed; retrain, then run: python -m tests.quality.pin"
    )
    assert all(change["reason"].strip() for change in PINNED["lowered"])


def test_a_floor_rises_by_itself_and_is_lowered_only_on_demand() -> None:
    now = {"invented/topic": 0.70, "invented/region": 0.90}
    floors = raised({"invented/topic": 0.71, "invented/region": 0.5}, now)
    assert floors == {"invented/topic": 0.71, "invented/region": 0.86}
    assert lowered(floors, now, "invented/topic") == 0.66
    with pytest.raises(ValueError, match="can stay"):
        lowered(floors, now, "invented/region")
    with pytest.raises(ValueError, match="no floor"):
        lowered(floors, now, "invented/nothing")


@pytest.mark.parametrize("task", TASKS)
def test_the_stored_figures_are_above_their_floors(task: str) -> None:
    figures = registry.evaluation(MODELS, task, SHIPPED[task])
    parts = (figures["overall"], figures["by_language"]["fi"], figures["by_language"]["sv"])
    for name, part in zip(("all", "fi", "sv"), parts, strict=True):
        assert part["value"] >= FLOORS[f"cross-validated/{task}/{name}"]
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
    held = {row["id"] for row in rows(SAMPLES["real"]) if held_out(row["group"])}
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


def _needs_samples() -> None:
    if not DEV.is_dir():
        pytest.skip("the labelled sample is not beside this repository (../shared/dev)")


@pytest.fixture(scope="module")
def samples() -> dict[str, list[Item]]:
    _needs_samples()
    return tagged()


@pytest.mark.parametrize("name", LIVE)
def test_text_apart_is_tagged_above_the_floor(samples: dict[str, list[Item]], name: str) -> None:
    sample, task = name.split("/")
    assert figure(samples[sample], task) >= FLOORS[name]


def test_both_languages_are_tagged_about_as_well(samples: dict[str, list[Item]]) -> None:
    for language in ("fi", "sv"):
        items = [i for i in samples["invented"] if i.text.language == language]
        assert figure(items, "relevance") >= 0.8
        assert figure(items, "topic") >= 0.55
        assert figure(items, "region") >= 0.75
