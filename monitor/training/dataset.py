"""The texts to learn from, with a hash that names them: the corpus, and what people decided of articles.

Decisions hold no text; whoever trains says where their texts are found (`TextFinder`).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from classifiers.corpus import LineMistake, load_corpus
from classifiers.decisions import load_decisions
from classifiers.reference import Reference
from classifiers.values import Example
from monitor.errors import InputFileError
from monitor.training.decisions import LeftOut, TextFinder, joined
from monitor.values import Mistake

CORPUS, DECISIONS = "corpus", "decisions"  # folders within labels/


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a training run learns from."""

    examples: tuple[Example, ...]
    hash: str  # SHA-256 over the examples
    corpus_hash: str  # SHA-256 over those of the corpus, whose texts are everywhere the same
    mistakes: tuple[Mistake, ...]  # lines left out
    left_out: tuple[LeftOut, ...] = ()  # decided texts that are not learned from
    decisions_hash: str | None = None  # of their files; None where none is learned

    @property
    def sources(self) -> dict[str, int]:
        """Where the examples come from: source -> how many."""
        return dict(sorted(Counter(e.source for e in self.examples).items()))

    @property
    def ours(self) -> tuple[Example, ...]:
        """The examples whose text is the project's own and may be shown and stored."""
        return tuple(e for e in self.examples if e.source == CORPUS)


def load_dataset(
    labels: Path,
    reference: Reference,
    texts: TextFinder | None = None,
    more: Path | None = None,
) -> Dataset:
    """Read labels/corpus, and labels/decisions where `texts` finds what they are about; `more` is a file
    of decisions beside those.

    Without `texts` decisions are read for their mistakes only. Raises InputFileError where not one line
    of the corpus can be used.
    """
    corpus = load_corpus(labels / CORPUS, reference)
    decisions = load_decisions(labels / DECISIONS, reference)
    mistakes = (
        *_mistakes(CORPUS, corpus.mistakes),
        *_mistakes(DECISIONS, decisions.mistakes),
    )
    if not corpus.examples:
        raise InputFileError(str(labels / CORPUS), mistakes or (_no_text(),))
    made = [read.decision for read in decisions.read]
    if more is not None:
        made += [read.decision for read in load_decisions(more, reference).read]
    ours = examples_hash(corpus.examples)
    if texts is None or not made:
        return Dataset(tuple(corpus.examples), ours, ours, mistakes)
    found = texts(made)
    people = joined(made, found)
    examples = (*corpus.examples, *people.examples)
    return Dataset(
        examples,
        examples_hash(examples),
        ours,
        (*mistakes, *found.mistakes),
        people.left_out,
        decisions_hash(labels, more) if people.examples else None,
    )


def _no_text() -> Mistake:
    problem, expected = "holds no usable training text", "*.jsonl with one text a line"
    return Mistake(f"{CORPUS}/", 1, "", problem, expected, "see labels/README.md")


def decisions_hash(labels: Path, more: Path | None = None) -> str | None:
    """SHA-256 over the files of labels/decisions, None where there is none: what people decided can be
    told unchanged without the texts. Of `more` only what it holds counts, for it is made anew for each
    training. Raises OSError where a file cannot be read."""
    paths = list((labels / DECISIONS).glob("*.jsonl"))
    own = files_hash(paths) if paths else None
    held = b"" if more is None else more.read_bytes()
    if not held:
        return own
    return hashlib.sha256((own or "").encode() + hashlib.sha256(held).digest()).hexdigest()


def _mistakes(folder: str, found: Iterable[LineMistake]) -> tuple[Mistake, ...]:
    return tuple(
        Mistake(f"{folder}/{m.file}", m.line, m.entry, m.problem, m.expected, m.remedy)
        for m in found
    )


def examples_hash(examples: Sequence[Example]) -> str:
    """SHA-256 over all that is learned from, in order; where a text stands in which file is no part.

    The source is part of it where it is not the corpus, so that a corpus alone keeps its hash.
    """
    digest = hashlib.sha256()
    for example in examples:
        plain = asdict(example) | {"origin": "", "tags": {}}
        if plain["source"] == CORPUS:
            del plain["source"]
        digest.update(json.dumps(plain, ensure_ascii=False, sort_keys=True).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def files_hash(paths: Iterable[Path]) -> str:
    """SHA-256 over names and contents. Raises OSError where one cannot be read."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.name.encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
