"""The trained versions of all tasks together: texts in, tags out.

Knows nothing of articles or of the store, and does not decide which versions are in use.
"""

import gc
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import numpy as np
import scipy.sparse as sp

from classifiers import persist
from classifiers.embedding import Embedder, Vectors
from classifiers.features import Featurizer, Reading
from classifiers.linear import LinearModel, embedder_of
from classifiers.metrics import Bools
from classifiers.reference import NATIONAL
from classifiers.regions import RegionTagger
from classifiers.values import TASKS, LabelTag, Span, Tags, Text
from classifiers.vocabulary import load_vocabulary

SHOWN = 0.05  # a topic less likely than this is not mentioned
ASKED = ("topic", "direction")  # of relevant texts
EMBEDDED = "+embedded"  # after a version's name: its second model spoke, which sees vectors


class Tagger:
    """Says of each text whether it is relevant, where, on what and in which direction."""

    def __init__(
        self,
        featurizer: Featurizer,
        models: Mapping[str, LinearModel],
        regions: RegionTagger,
        versions: Mapping[str, str],
        embedder: Embedder | None = None,
    ) -> None:
        seeing = {task for task, model in models.items() if model.dense is not None}
        self.versions = {t: versions[t] + (EMBEDDED if t in seeing else "") for t in TASKS}
        self.notes: tuple[str, ...] = ()  # why an embedder goes unused, a sentence each
        self._embedder = embedder if seeing else None
        self._featurizer = featurizer
        self._models = dict(models)
        self._regions = regions

    @classmethod
    def load(
        cls,
        models: Path,
        versions: Mapping[str, str],
        labels: Path,
        embedder: Embedder | None = None,
    ) -> Self:
        """The tagger of these versions, one for each task. With an embedder, versions that were learned
        with its vectors too use them on topics and direction of relevant texts.

        Raises persist.VersionError where a task has none or one cannot be used.
        """
        missing = [task for task in TASKS if task not in versions]
        if missing:
            raise persist.VersionError(f"no trained version of {', '.join(missing)} is in use")
        with _no_collection():
            return cls._loaded(models, versions, labels, embedder)

    @classmethod
    def _loaded(
        cls, models: Path, versions: Mapping[str, str], labels: Path, embedder: Embedder | None
    ) -> Self:
        read = {task: persist.load(models, task, versions[task]) for task in TASKS}
        try:
            linear = {
                t: LinearModel.from_state(read[t].state, _name(embedder) if t in ASKED else None)
                for t in TASKS
                if t != "region"
            }
            regions = RegionTagger.from_state(read["region"].state, labels)
        except (KeyError, TypeError, ValueError) as error:
            raise persist.VersionError(
                f"a version in {models} lacks a part this program needs; train the tasks anew"
            ) from error
        if len({model.features.buckets for model in linear.values()}) > 1:
            raise persist.VersionError(
                "the versions in use see texts differently; train relevance, topic and direction anew"
            )
        featurizer = Featurizer(load_vocabulary(labels), linear["relevance"].features)
        tagger = cls(featurizer, linear, regions, versions, embedder)
        tagger.notes = tuple(_unused(read, linear, embedder))
        return tagger

    @property
    def id(self) -> str:
        """Names this set of versions: equal ids tag equally."""
        return model_set_id(self.versions)

    def place_of_notice(self, title: str) -> tuple[str, ...]:
        """Regions of the municipality a rescue notice is issued for, () where it names none."""
        return self._regions.gazetteer.notice_place(title)

    def tag(self, texts: Sequence[Text]) -> list[Tags]:
        """The tags of each text, in order."""
        if not texts:
            return []
        counts = self._featurizer.counts(texts)
        relevance = _Said(self._models["relevance"], counts)
        # Only of relevant texts is it asked on what and in which direction.
        rows = np.flatnonzero(relevance.decided)
        vectors = None
        if self._embedder is not None:
            vectors = self._embedder.embed([texts[i] for i in rows.tolist()])
        topics, directions = (_Said(self._models[t], counts[rows], vectors) for t in ASKED)
        regions = self._regions.tag(texts)
        tags: list[Tags] = []
        for i, text in enumerate(texts):
            j = int(np.searchsorted(rows, i))
            if not relevance.decided[i]:  # and so no national matter either
                (relevant,) = relevance.labels(i, None)
                placed = tuple(r for r in regions[i] if r.code != NATIONAL)
                tags.append(Tags(text.id, relevant, placed))
                continue
            reading = self._featurizer.read(text)
            (relevant,) = relevance.labels(i, reading)
            topic = tuple(
                t for t in topics.labels(j, reading) if t.decided or t.probability >= SHOWN
            )
            tags.append(Tags(text.id, relevant, regions[i], topic, directions.labels(j, reading)))
        return tags


class _Said:
    """One model's decisions on a batch."""

    def __init__(
        self, model: LinearModel, counts: sp.csr_matrix, vectors: Vectors | None = None
    ) -> None:
        self._model = model
        self._seen = model.see(counts, vectors)
        self.decided: Bools = np.any(self._seen.decided, axis=1)  # of each text, any label

    def labels(self, i: int, reading: Reading | None) -> tuple[LabelTag, ...]:
        """The labels of row `i`, the likeliest first; evidence for what is decided."""
        names, decided = self._model.labels, self._seen.decided[i].tolist()
        probabilities = self._seen.probabilities[i]
        spans: dict[str, tuple[Span, ...]] = dict.fromkeys(names, ())
        if reading is not None and any(decided):
            held = [name for name, holds in zip(names, decided, strict=True) if holds]
            spans |= zip(held, self._model.spans(reading, self._seen, i, held), strict=True)
        return tuple(
            LabelTag(names[j], float(probabilities[j]), decided[j], spans[names[j]])
            for j in np.argsort(-probabilities, kind="stable").tolist()
        )


def _name(embedder: Embedder | None) -> str | None:
    return None if embedder is None else embedder.name


def _unused(
    read: Mapping[str, persist.Version],
    models: Mapping[str, LinearModel],
    embedder: Embedder | None,
) -> Iterator[str]:
    """Why a version does not use the embedder, a sentence each."""
    for task in ASKED:
        if embedder is None or models[task].dense is not None:
            continue
        learned = embedder_of(read[task].state)
        how = "without embeddings" if learned is None else f"with the embeddings of {learned}"
        yield (
            f"{task} {read[task].name} was learned {how}: it does not use those of {embedder.name}; "
            "train it anew for that"
        )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Loading makes many objects that last and no garbage: looking for some takes a fifth of its time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def model_set_id(versions: Mapping[str, str]) -> str:
    """A short name of a set of versions, the same for equal sets."""
    text = "\n".join(f"{task}={versions[task]}" for task in sorted(versions))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
