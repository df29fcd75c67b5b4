"""The trained versions of all tasks together: texts in, tags out.

Knows nothing of articles or of the store, and does not decide which versions are in use.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import scipy.sparse as sp

from classifiers import persist
from classifiers.features import Featurizer, TokenFeatures
from classifiers.linear import LinearModel
from classifiers.metrics import Bools, Floats
from classifiers.reference import NATIONAL
from classifiers.regions import RegionTagger
from classifiers.values import TASKS, LabelTag, RegionTag, Tags, Text
from classifiers.vocabulary import load_vocabulary

SHOWN = 0.05  # a topic less likely than this is not mentioned
Read = tuple[tuple[TokenFeatures, ...], sp.csr_matrix]  # one text's tokens and its row of counts


class Tagger:
    """Says of each text whether it is relevant, where, on what and in which direction."""

    def __init__(
        self,
        featurizer: Featurizer,
        models: Mapping[str, LinearModel],
        regions: RegionTagger,
        versions: Mapping[str, str],
    ) -> None:
        self.versions = {task: versions[task] for task in TASKS}
        self._featurizer = featurizer
        self._models = dict(models)
        self._regions = regions

    @classmethod
    def load(cls, models: Path, versions: Mapping[str, str], labels: Path) -> Self:
        """The tagger of these versions, one for each task.

        Raises persist.VersionError where a task has none or one cannot be used.
        """
        missing = [task for task in TASKS if task not in versions]
        if missing:
            raise persist.VersionError(f"no trained version of {', '.join(missing)} is in use")
        read = {task: persist.load(models, task, versions[task]) for task in TASKS}
        try:
            linear = {t: LinearModel.from_state(read[t].state) for t in TASKS if t != "region"}
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
        return cls(featurizer, linear, regions, versions)

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
        reads = [tuple(self._featurizer.tokens(text)) for text in texts]
        counts = self._featurizer.count(reads)
        said = {task: _Said(model, counts) for task, model in self._models.items()}
        return [
            self._tags(text, i, (reads[i], counts[i]), said, regions)
            for i, (text, regions) in enumerate(zip(texts, self._regions.tag(texts), strict=True))
        ]

    def _tags(
        self,
        text: Text,
        i: int,
        read: Read,
        said: Mapping[str, "_Said"],
        regions: tuple[RegionTag, ...],
    ) -> Tags:
        (relevance,) = said["relevance"].labels(i, read, lambda p, decided: True)
        if not relevance.decided:  # and so no national matter either
            return Tags(text.id, relevance, tuple(r for r in regions if r.code != NATIONAL))
        topics = said["topic"].labels(i, read, lambda p, decided: decided or p >= SHOWN)
        direction = said["direction"].labels(i, read, lambda p, decided: True)
        return Tags(text.id, relevance, regions, topics, direction)


class _Said:
    """One model's decisions on a batch."""

    def __init__(self, model: LinearModel, counts: sp.csr_matrix) -> None:
        self._model = model
        self._probabilities: Floats = model.probabilities(counts)
        self._decided: Bools = model.decide(self._probabilities)

    def labels(
        self, i: int, read: Read, wanted: Callable[[float, bool], bool]
    ) -> tuple[LabelTag, ...]:
        """The wanted labels of text `i`, the likeliest first; evidence for what is decided."""
        found = []
        for j in np.argsort(-self._probabilities[i], kind="stable"):
            p, decided = float(self._probabilities[i, j]), bool(self._decided[i, j])
            if wanted(p, decided):
                label = self._model.labels[j]
                spans = self._model.spans(*read, label) if decided else ()
                found.append(LabelTag(label, p, decided, spans))
        return tuple(found)


def model_set_id(versions: Mapping[str, str]) -> str:
    """A short name of a set of versions, the same for equal sets."""
    text = "\n".join(f"{task}={versions[task]}" for task in sorted(versions))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
