"""The texts to learn from, with a hash that names them. Today the corpus; reviewers' decisions join it later."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from classifiers.corpus import load_corpus
from classifiers.reference import Reference
from classifiers.values import Example
from monitor.errors import InputFileError
from monitor.values import Mistake

CORPUS = "corpus"  # folder within labels/


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a training run learns from."""

    examples: tuple[Example, ...]
    hash: str  # SHA-256 over the examples
    mistakes: tuple[Mistake, ...]  # lines left out


def load_dataset(labels: Path, reference: Reference) -> Dataset:
    """Read labels/corpus. Raises InputFileError where not one line can be used."""
    corpus = load_corpus(labels / CORPUS, reference)
    mistakes = tuple(
        Mistake(f"{CORPUS}/{m.file}", m.line, m.entry, m.problem, m.expected, m.remedy)
        for m in corpus.mistakes
    )
    if not corpus.examples:
        none = Mistake(
            f"{CORPUS}/", 1, "", "holds no usable training text", "*.jsonl with one text a line",
            "see labels/README.md",
        )  # fmt: skip
        raise InputFileError(str(labels / CORPUS), mistakes or (none,))
    return Dataset(tuple(corpus.examples), examples_hash(corpus.examples), mistakes)


def examples_hash(examples: Sequence[Example]) -> str:
    """SHA-256 over all that is learned from, in order; where a text stands in which file is no part."""
    digest = hashlib.sha256()
    for example in examples:
        plain = asdict(example) | {"origin": "", "tags": {}}
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
