"""What the linear models see of a text: counts of hashed features, computed once per text.

Six blocks, each normalised for itself, so that a long body does not drown the title: words and word
pairs of the body, character n-grams within its words, the same two of the title, and the hits of the
topic vocabularies and the bilingual concepts (`classifiers.vocabulary`). Character n-grams stand in for a
lemmatiser: simplemma's lemmas gain about 0.02 in the topics' F1 by cross-validation on the corpus and
nothing in relevance and direction, but its two lexicons take several seconds to load in every process.

Knows nothing of labels to learn; a feature's weight is `classifiers.linear`'s matter.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Literal, Self
from zlib import crc32

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from classifiers.tokens import function_words, tokenize
from classifiers.values import Text
from classifiers.vocabulary import Vocabulary

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Field = Literal["title", "text"]

WORDS, CHARS, TITLE_WORDS, TITLE_CHARS, TOPICS, CONCEPTS = range(6)
BLOCKS = 6
_BLOCK_OF: dict[str, int] = {"topic": TOPICS, "concept": CONCEPTS}


@dataclass(frozen=True, slots=True)
class FeatureOptions:
    """How texts become features. Chosen by grouped cross-validation on the corpus."""

    bits: int = 18  # hash buckets per block, as a power of two
    shortest: int = 3  # character n-grams, with the blanks around the word
    longest: int = 5
    min_documents: int = 3  # rarer features are dropped
    weights: tuple[float, ...] = (0.5, 1.0, 0.25, 0.5, 0.5, 0.5)  # of the blocks

    @property
    def buckets(self) -> tuple[int, int, int]:
        """What decides the counts: models equal in this share one reading of a text."""
        return self.bits, self.shortest, self.longest

    def as_parameters(self) -> dict[str, Any]:
        """As JSON-able parameters."""
        return {**asdict(self), "weights": list(self.weights)}

    @classmethod
    def from_parameters(cls, parameters: dict[str, Any]) -> Self:
        """The inverse of `as_parameters`."""
        return cls(**{**parameters, "weights": tuple(parameters["weights"])})


@dataclass(frozen=True, slots=True)
class TokenFeatures:
    """The features of one token in its place."""

    field: Field
    start: int
    end: int
    columns: Ints
    empty: bool  # a function word or a number: counted, but no evidence to show


@dataclass(frozen=True, slots=True)
class _Word:
    """What is known of a word form wherever it stands; buckets without their block."""

    form: str
    word: int
    chars: Ints
    hits: Ints  # of the vocabulary, with their block
    empty: bool


class Featurizer:
    """Turns texts into counts. Columns are `block << bits | bucket`."""

    def __init__(self, vocabulary: Vocabulary, options: FeatureOptions | None = None) -> None:
        self.options = options or FeatureOptions()
        self._vocabulary = vocabulary
        self._word = lru_cache(maxsize=200_000)(self._read_word)

    @property
    def width(self) -> int:
        """Number of columns."""
        return BLOCKS << self.options.bits

    def counts(self, texts: Sequence[Text]) -> sp.csr_matrix:
        """Occurrences of every feature, one row a text."""
        return self.count([tuple(self.tokens(text)) for text in texts])

    def count(self, read: Sequence[Sequence[TokenFeatures]]) -> sp.csr_matrix:
        """As `counts`, of texts whose tokens are at hand."""
        columns, values, ends = [], [], [0]
        for tokens in read:
            parts = [token.columns for token in tokens]
            found = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
            distinct, count = np.unique(found, return_counts=True)
            columns.append(distinct)
            values.append(count)
            ends.append(ends[-1] + len(distinct))
        return sp.csr_matrix(
            (
                np.concatenate([*values, np.empty(0)]).astype(np.float32),
                np.concatenate([*columns, np.empty(0)]).astype(np.int32),
                np.array(ends, dtype=np.int32),
            ),
            shape=(len(read), self.width),
        )

    def tokens(self, text: Text) -> Iterator[TokenFeatures]:
        """The features token by token, in reading order; the word pair belongs to its second word."""
        language = text.language if text.language in self._vocabulary.stems else "fi"
        bits = self.options.bits
        fields: tuple[tuple[Field, str, int, int], ...] = (
            ("title", text.title, TITLE_WORDS << bits, TITLE_CHARS << bits),
            ("text", text.text, WORDS << bits, CHARS << bits),
        )
        for field, content, words, chars in fields:
            before = ""
            for token, start in tokenize(content, language):
                word = self._word(token, language)
                if word is None:
                    before = ""
                    continue
                own = [words | word.word]
                if before:
                    own.append(words | self._bucket(f"{before} {word.form}"))
                columns = np.concatenate((own, chars | word.chars, word.hits))
                yield TokenFeatures(field, start, start + len(token), columns, word.empty)
                before = word.form

    def _read_word(self, token: str, language: str) -> _Word | None:
        form = token.lower()
        if not any(c.isalnum() for c in form):
            return None
        if form.isdigit():
            form = "0"  # that there is a number matters, which one does not
        padded = f" {form} "
        sizes = range(self.options.shortest, self.options.longest + 1)
        grams = [padded[i : i + n] for n in sizes for i in range(len(padded) - n + 1)]
        hits = [
            _BLOCK_OF[stem.kind] << self.options.bits | self._bucket(stem.feature)
            for stem in self._vocabulary.hits(form, language)
        ]
        return _Word(
            form,
            self._bucket(form),
            np.array([self._bucket(g) for g in grams], dtype=np.int64),
            np.array(hits, dtype=np.int64),
            form == "0" or form in function_words(language),
        )

    def _bucket(self, feature: str) -> int:
        return crc32(feature.encode()) & ((1 << self.options.bits) - 1)
