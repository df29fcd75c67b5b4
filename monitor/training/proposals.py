"""What to label next: finds the texts nobody has decided, asks the models, lets `choose` choose.

The texts are the store's articles or the lines of a file; the models are the versions in use.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import scipy.sparse as sp
from sqlalchemy import Engine

from classifiers.decisions import load_decisions
from classifiers.features import Featurizer
from classifiers.linear import LinearModel
from classifiers.metrics import Floats
from classifiers.reference import NATIONAL, load_reference
from classifiers.train import truth_of
from classifiers.values import TASKS, Example, Text
from classifiers.vocabulary import load_vocabulary
from monitor.db import labelling
from monitor.db.engine import reading
from monitor.errors import ModelError
from monitor.settings import Settings
from monitor.tagging.lines import BadLine, read_line
from monitor.tagging.tag import LANGUAGES, text_of
from monitor.training.choose import Pool, Proposal, Reading, Strategy, choose, equal_stories
from monitor.training.dataset import DECISIONS, load_dataset
from monitor.training.decisions import key_of
from monitor.training.exchange import stored_texts
from monitor.training.labels import near_duplicates
from monitor.training.predict import load_version, predict
from monitor.values import Article

NEAR = 0.5  # lines of a file at least so alike are one story


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that could be labelled."""

    text: Text  # its id is the article's number in the store, or the line's own
    story: str
    address: str = ""  # "" of a file's lines


@dataclass(frozen=True)
class Waiting:
    """What could be labelled, and how much of each story is labelled already."""

    candidates: tuple[Candidate, ...]
    labelled: tuple[Example, ...]  # the corpus; of a store the articles people decided too
    asked: Mapping[str, int] = field(default_factory=dict)
    bad: tuple[BadLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposed:
    """One text to label, and why."""

    candidate: Candidate
    proposal: Proposal


def from_store(engine: Engine, settings: Settings, limit: int) -> Waiting:
    """The newest articles that no person has decided, in the store or in labels/decisions."""
    reference = load_reference(settings.labels_dir)
    read = load_decisions(settings.labels_dir / DECISIONS, reference).read
    decided = {r.decision.key for r in read}
    with reading(engine) as session:
        articles = labelling.undecided(session, LANGUAGES, limit)
        stories = labelling.stories_decided(session)
        dataset = load_dataset(settings.labels_dir, reference, partial(stored_texts, session))
    waiting = [_candidate(a) for a in articles if key_of(a.address) not in decided]
    asked = {_story(story): count for story, count in stories.items()}
    return Waiting(tuple(waiting), dataset.examples, asked)


def from_lines(lines: Iterable[bytes], settings: Settings) -> Waiting:
    """The lines of a JSONL of {"id", "title", "text"} that are not in labels/corpus word for word; near
    copies count as one story."""
    read = [
        read_line(n, raw)
        for n, raw in enumerate(lines, start=1)
        if raw.strip(b"\xef\xbb\xbf\r\n\t ")
    ]
    examples = load_dataset(settings.labels_dir, load_reference(settings.labels_dir)).examples
    labelled = {(e.text.title, e.text.text) for e in examples}
    texts = [
        line.text
        for line in read
        if not isinstance(line, BadLine) and (line.text.title, line.text.text) not in labelled
    ]
    stories = equal_stories(list(_alike(texts)), len(texts))
    found = tuple(Candidate(t, s) for t, s in zip(texts, stories, strict=True))
    bad = tuple(line for line in read if isinstance(line, BadLine))
    return Waiting(found, examples, bad=bad)


def propose(
    waiting: Waiting,
    settings: Settings,
    versions: Mapping[str, str],
    count: int,
    *,
    strategy: Strategy,
    seed: int,
    per_story: int,
) -> list[Proposed]:
    """What to label, the random slice first. Raises ModelError where a version cannot be used."""
    if not waiting.candidates:
        return []
    pool = _pool(waiting, settings, versions, apart=strategy in ("mixed", "diverse"))
    chosen = choose(pool, count, strategy=strategy, seed=seed, per_story=per_story)
    return [Proposed(waiting.candidates[p.row], p) for p in chosen]


def _candidate(article: Article) -> Candidate:
    story = _story(article.story_id) if article.story_id else f"article {article.id}"
    return Candidate(text_of(article), story, article.address)


def _story(number: int) -> str:
    return f"story {number}"


def _alike(texts: Sequence[Text]) -> Iterator[tuple[int, int]]:
    numbered = [
        Example(text, False, (), (), False, (), None, story=str(i)) for i, text in enumerate(texts)
    ]
    return ((int(d.a.story), int(d.b.story)) for d in near_duplicates(numbered, NEAR))


# --- what the models say ---------------------------------------------------------------------------


def _pool(
    waiting: Waiting, settings: Settings, versions: Mapping[str, str], *, apart: bool
) -> Pool:
    """What to choose from; with `apart` also what is labelled already, to keep away from."""
    texts = [c.text for c in waiting.candidates]
    try:
        read = _Models(settings, versions)
        return Pool(
            stories=tuple(c.story for c in waiting.candidates),
            readings=tuple(read.readings(texts)),
            vectors=read.vectors(texts),
            known=read.vectors([e.text for e in waiting.labelled] if apart else []),
            examples=_examples_of(waiting.labelled, settings),
            asked=waiting.asked,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            "a version in use lacks a part this program needs; train the tasks anew"
        ) from error


class _Models:
    """The versions in use, reading each text once."""

    def __init__(self, settings: Settings, versions: Mapping[str, str]) -> None:
        self._labels, models = settings.labels_dir, settings.models_dir
        missing = [task for task in TASKS if task not in versions]
        if missing:
            raise ModelError(
                f"no version of {', '.join(missing)} is in use; run: tilannekuva train --activate"
            )
        loaded = {task: load_version(models, task, versions[task]) for task in TASKS}
        self._region = loaded["region"]
        self._linear = {
            task: LinearModel.from_state(loaded[task].state) for task in TASKS if task != "region"
        }
        self._vocabulary = load_vocabulary(self._labels)

    def readings(self, texts: Sequence[Text]) -> Iterator[Reading]:
        seen: dict[tuple[int, int, int], sp.csr_matrix] = {}
        for task, model in self._linear.items():
            buckets = model.features.buckets
            if buckets not in seen:
                seen[buckets] = Featurizer(self._vocabulary, model.features).counts(texts)
            said = model.probabilities(seen[buckets])
            yield Reading(task, model.labels, said, model.thresholds, model.exclusive)
        regions = predict(self._region, texts, self._labels)
        limits = self._region.state["thresholds"]
        if NATIONAL in regions.labels:  # a national matter is asked of relevant texts only
            relevance = self._linear["relevance"]
            share = relevance.probabilities(seen[relevance.features.buckets])[:, 0]
            regions.probabilities[:, regions.labels.index(NATIONAL)] *= share
        own = [limits[NATIONAL if code == NATIONAL else "region"] for code in regions.labels]
        yield Reading("region", regions.labels, regions.probabilities, _array(own))

    def vectors(self, texts: Sequence[Text]) -> sp.csr_matrix:
        """As the topic model sees them: what they are about."""
        topic = self._linear["topic"]
        return topic.matrix(Featurizer(self._vocabulary, topic.features).counts(texts))


def _array(values: Sequence[float]) -> Floats:
    return np.asarray(values, float)


def _examples_of(examples: Sequence[Example], settings: Settings) -> dict[tuple[str, str], int]:
    """(task, label) -> how many texts hold it."""
    reference, counts = load_reference(settings.labels_dir), Counter[tuple[str, str]]()
    for task in TASKS:
        _, holding = truth_of(task, reference)
        for example in examples:
            counts.update((task, label) for label in holding(example) if label)
    return dict(counts)
