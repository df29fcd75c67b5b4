"""Fits all four tasks as `classifiers.train` does, without its cross-validation, many times over the same
texts: what is read of a text once is remembered. Stores nothing.
"""

import copy
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from bench.measures.items import LABELS, LINEAR, Item, Models, Row, judged
from classifiers.embedding import Embedder
from classifiers.features import Featurizer
from classifiers.linear import LinearModel, LinearOptions
from classifiers.reference import NATIONAL, load_reference
from classifiers.region_features import NAMES, NATIONAL_NAMES, PRODUCTS
from classifiers.regions import RegionTagger, _Table
from classifiers.train import embedded, fit_linear, linear_options
from classifiers.values import Example, Text
from classifiers.vocabulary import load_vocabulary

SEED = 20260101  # as the settings'
COLUMNS = (*NAMES, *NATIONAL_NAMES)
_PARTS = [{name} for name in COLUMNS] + [{*pair} for pair in PRODUCTS]
Which = npt.NDArray[np.int64]


class RememberingRegions(RegionTagger):
    """As RegionTagger, reading every text once; `dropped` features are taken as 0."""

    def __init__(self) -> None:
        super().__init__(LABELS)
        self._read: dict[Text, _Table] = {}
        self._dropped: list[int] = []

    def without(self, dropped: Collection[str]) -> "RememberingRegions":
        """One that does not see the features of these names, nor their products."""
        other = copy.copy(self)
        other._dropped = [i for i, parts in enumerate(_PARTS) if parts & {*dropped}]
        return other

    def fit(self, examples: Sequence[Example], *, seed: int) -> "RememberingRegions":
        other = copy.copy(self)
        other.model = self._learn(examples, seed)[0]
        return other

    def candidates_of(self, text: Text) -> frozenset[str]:
        """Every region the text names, which is all a plain gazetteer says."""
        return frozenset(c.code for c in self._table([text]).found) - {NATIONAL}

    def _table(self, texts: Sequence[Text]) -> _Table:
        new = [text for text in dict.fromkeys(texts) if text not in self._read]
        self._read.update((text, super(RememberingRegions, self)._table([text])) for text in new)
        read = [self._read[text] for text in texts]
        rows = np.concatenate([table.rows for table in read])
        rows[:, self._dropped] = 0.0
        return _Table(
            rows,
            np.repeat(np.arange(len(texts)), [len(table.found) for table in read]),
            tuple(candidate for table in read for candidate in table.found),
            np.concatenate([table.national for table in read]),
        )


class Learner:
    """All texts that are ever learned from or judged, with their features."""

    def __init__(
        self,
        examples: Sequence[Example],
        judged_on: Mapping[str, Sequence[Row]],
        embedder: Embedder | None = None,
    ) -> None:
        self.examples = tuple(examples)
        self.samples = {name: list(rows) for name, rows in judged_on.items()}
        self.reference = load_reference(LABELS)
        self.regions = RememberingRegions()
        featurizer = Featurizer(load_vocabulary(LABELS), linear_options("topic").features)
        self.counts = featurizer.counts([e.text for e in self.examples])
        self.sample_counts = {
            name: featurizer.counts([r.text for r in rows]) for name, rows in self.samples.items()
        }
        self.embedder = embedder
        if embedder:  # all at once, with one bar; each is remembered
            embedder.embed([e.text for e in self.examples if e.relevant])
        self._asked = {
            task: np.array([task == "relevance" or e.relevant for e in self.examples])
            for task in LINEAR
        }

    def fit(self, which: Which) -> Models:
        """All four tasks from these examples."""
        return Models(
            {task: self.fit_task(task, which) for task in LINEAR},
            self.regions.fit([self.examples[i] for i in which], seed=SEED),
            self.embedder,
        )

    def fit_task(
        self,
        task: str,
        which: Which,
        *,
        options: LinearOptions | None = None,
        counts: sp.csr_matrix | None = None,
    ) -> LinearModel:
        """One linear task; `counts` are of all examples, the usual ones unless given."""
        own = which[self._asked[task][which]]
        some = [self.examples[i] for i in own]
        return fit_linear(
            task,
            some,
            (self.counts if counts is None else counts)[own],
            self.reference,
            seed=SEED,
            options=options,
            embedded=embedded(task, self.embedder, [e.text for e in some])
            if self.embedder
            else None,
        ).model

    def judged(
        self, sample: str, models: Models, counts: sp.csr_matrix | None = None
    ) -> list[Item]:
        """What the models say of a sample; `counts` are its features, the usual ones unless given."""
        return judged(
            self.samples[sample],
            self.sample_counts[sample] if counts is None else counts,
            models,
        )
