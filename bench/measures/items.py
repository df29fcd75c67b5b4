"""The labelled samples beside this repository, and what models say of them. Learns nothing.

The samples (../shared/dev: real items by two annotators, invented ones apart) are other people's text and
never part of this repository.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from classifiers import persist
from classifiers.embedding import Embedder, Vectors
from classifiers.linear import LinearModel
from classifiers.reference import NATIONAL
from classifiers.regions import RegionTagger
from classifiers.values import RegionTag, Text
from monitor.embedding import remembering
from monitor.progress import Shown
from monitor.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
LABELS = ROOT / "labels"
DEV = ROOT.parent / "shared" / "dev"
SAMPLES = {"real": "items.jsonl", "invented": "invented.jsonl"}
LINEAR = ("relevance", "topic", "direction")


@dataclass(frozen=True)
class Row:
    """One labelled text."""

    text: Text
    group: str  # items of one document share it
    gold: dict[str, Any]


@dataclass(frozen=True)
class Models:
    """One of each task."""

    linear: Mapping[str, LinearModel]
    regions: RegionTagger
    embedder: Embedder | None = None


@dataclass(frozen=True)
class Item:
    """One labelled text and all that the models say of it."""

    row: Row
    relevant: bool
    relevance: float
    regions: dict[str, float]  # candidates; the whole country only where it is taken as relevant
    regions_decided: frozenset[str]
    topics: dict[str, float]  # probabilities, as if it were relevant
    topics_decided: frozenset[str]
    direction: dict[str, float]
    direction_decided: str

    @property
    def gold(self) -> dict[str, Any]:
        return self.row.gold

    @property
    def group(self) -> str:
        return self.row.group


def rows(sample: str) -> list[Row]:
    """The items of "real" or "invented" whose relevance the annotators agree on. Raises OSError."""
    read = map(json.loads, (DEV / SAMPLES[sample]).read_text("utf-8").splitlines())
    return [
        Row(Text(r["id"], r["title"], r["text"], r["lang"]), r["group"], r["gold"])
        for r in read
        if r["gold"]["rel"] is not None
    ]


def stored(models: Path, versions: Mapping[str, str]) -> Models:
    """The versions of every task, with the embedder of TILANNEKUVA_EMBEDDING_DIR where they learned with
    it. Raises persist.VersionError.
    """
    state = {task: persist.load(models, task, name).state for task, name in versions.items()}
    embedder = remembering(load_settings(), Shown())
    return Models(
        {t: LinearModel.from_state(state[t], embedder.name if embedder else None) for t in LINEAR},
        RegionTagger.from_state(state["region"], LABELS),
        embedder,
    )


def judged(of: Sequence[Row], counts: sp.csr_matrix, models: Models) -> list[Item]:
    """What the models say of each; `counts` are the features of these texts, row by row."""
    vectors = _vectors(of, counts, models)
    seen = {task: model.see(counts, vectors) for task, model in models.linear.items()}
    said = {
        task: [
            dict(zip(model.labels, map(float, p), strict=True)) for p in seen[task].probabilities
        ]
        for task, model in models.linear.items()
    }
    held = {
        task: [frozenset(np.array(model.labels)[d].tolist()) for d in seen[task].decided]
        for task, model in models.linear.items()
    }
    regions = models.regions.tag([r.text for r in of])
    items = []
    for i, row in enumerate(of):
        relevant = bool(held["relevance"][i])
        placed = _placed(regions[i], relevant)
        items.append(
            Item(
                row, relevant, said["relevance"][i]["relevant"],
                {t.code: t.happens for t in placed},
                frozenset(t.code for t in placed if t.decided),
                said["topic"][i], held["topic"][i],
                said["direction"][i], min(held["direction"][i]),
            )
        )  # fmt: skip
    return items


def _vectors(of: Sequence[Row], counts: sp.csr_matrix, models: Models) -> Vectors | None:
    """Where a model sees them: of texts that are relevant or taken for it, 0 of others."""
    if models.embedder is None or not any(m.dense for m in models.linear.values()):
        return None
    relevant = models.linear["relevance"].see(counts).decided[:, 0]
    asked = [i for i, row in enumerate(of) if row.gold["rel"] or relevant[i]]
    known = models.embedder.embed([of[i].text for i in asked])
    vectors = np.zeros((len(of), known.shape[1]), np.float32)
    vectors[asked] = known
    return vectors


def _placed(tags: Sequence[RegionTag], relevant: bool) -> list[RegionTag]:
    """As the tagger: of irrelevant texts it is not asked whether they are a national matter."""
    return [t for t in tags if relevant or t.code != NATIONAL]
