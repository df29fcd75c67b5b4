"""What the linear models see of a text: counts of hashed features, computed once per text.

Six blocks, each normalised for itself, so that a long body does not drown the title: words and word
pairs of the body, character n-grams within its words, the same two of the title, and the hits of the
topic vocabularies and the bilingual concepts (`classifiers.vocabulary`). Character n-grams stand in for a
lemmatiser: simplemma's lemmas gain about 0.02 in the topics' F1 by cross-validation on the corpus and
nothing in relevance and direction, but its two lexicons take several seconds to load in every process.

Knows nothing of labels to learn; a feature's weight is `classifiers.linear`'s matter.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple, Self, cast
from zlib import crc32

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from classifiers.tokens import RUN, function_words, tokenize
from classifiers.values import Text
from classifiers.vocabulary import Vocabulary

Ints = npt.NDArray[np.int64]
Columns = npt.NDArray[np.int32]
Field = Literal["title", "text"]

WORDS, CHARS, TITLE_WORDS, TITLE_CHARS, TOPICS, CONCEPTS = range(6)
BLOCKS = 6
_BLOCK_OF: dict[str, int] = {"topic": TOPICS, "concept": CONCEPTS}
_OF_A_FIELD = 2  # the first blocks are the body's; the title's are as many on
_REMEMBERED = 200_000  # runs, and words, of each language; some 100 MB when full
_NONE = np.empty(0, dtype=np.int32)
_BYTES = _NONE.itemsize


@dataclass(frozen=True, slots=True)
class FeatureOptions:
    """How texts become features. Chosen by grouped cross-validation on the corpus."""

    bits: int = 18  # hash buckets per block, as a power of two
    # Character n-grams, with the blanks around the word. Those of three to five letters are three times as
    # many and no better on the development samples; threes and fours together are worse.
    shortest: int = 4
    longest: int = 4
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
class _Word:
    """What is known of a word form wherever it stands."""

    columns: tuple[int, ...]  # of the word, its n-grams, and the vocabulary's hits
    checksum: int  # of the form, to which that of a next word's `tail` is added
    tail: bytes  # the form as the second of a pair
    empty: bool


class _Run(NamedTuple):
    """What is known of a run of characters between blanks wherever it stands: that of its words.

    A pair stands after its second word's own column. Bytes are joined ten times faster than arrays.
    """

    columns: bytes  # as Columns, in a body
    tail: bytes  # of the word it begins with, b"" where it begins with punctuation
    last: int | None  # checksum of the word it ends with, None where it ends with punctuation
    words: bytes  # of each word its start, end, emptiness and number of columns, as int32


_Transposed = tuple[tuple[bytes, ...], tuple[bytes, ...], tuple[int | None, ...], tuple[bytes, ...]]


@dataclass(frozen=True, slots=True)
class Reading:
    """One text's features in reading order, each with the token it belongs to."""

    columns: Columns
    owners: Ints  # the token of each column
    empty: npt.NDArray[np.bool_]  # function words and numbers: counted, but no evidence to show
    starts: Columns  # of the tokens in their field
    ends: Columns
    titled: int  # the first tokens are the title's


class Featurizer:
    """Turns texts into counts. Columns are `block << bits | bucket`.

    Remembers what it has made of every run of characters: words recur.
    """

    def __init__(self, vocabulary: Vocabulary, options: FeatureOptions | None = None) -> None:
        self.options = options or FeatureOptions()
        self._runs = {
            language: _Runs(vocabulary, self.options, language)
            for language in {*vocabulary.stems, "fi"}
        }

    @property
    def width(self) -> int:
        """Number of columns."""
        return BLOCKS << self.options.bits

    def counts(self, texts: Sequence[Text]) -> sp.csr_matrix:
        """Occurrences of every feature, one row a text."""
        columns: list[Columns] = [_NONE]
        values: list[Ints] = [_NONE.astype(np.int64)]
        ends = [0]
        for text in texts:
            distinct, times = _tally(self._columns(text))
            columns.append(distinct)
            values.append(times)
            ends.append(ends[-1] + len(distinct))
        return sp.csr_matrix(
            (
                np.concatenate(values).astype(np.float32),
                np.concatenate(columns),
                np.array(ends, dtype=np.int32),
            ),
            shape=(len(texts), self.width),
        )

    def read(self, text: Text) -> Reading:
        """The columns of `counts` in their places, each as often as it is counted."""
        columns, tokens = [], []
        for _, content, block in _contents(text):
            own, tails, lasts, words = self._runs_of(content, text.language)
            paired = [
                i
                for i, (b, t) in enumerate(zip(lasts, tails[1:], strict=False), 1)
                if t and b is not None
            ]
            # A pair stands after the own column of its second word, the first of its run.
            after = _begins([len(part) // _BYTES for part in own])[paired] + 1
            pairs = self._buckets(_pairs(tails, lasts))
            columns.append(self._placed(np.insert(_of_bytes(own), after, pairs), block))
            held = [len(part) // (4 * _BYTES) for part in words]
            token = _of_bytes(words).reshape(-1, 4).copy()
            token[_begins(held)[paired], 3] += 1
            offsets = np.array([match.start() for match in RUN.finditer(content)], dtype=np.int32)
            token[:, :2] += np.repeat(offsets, held)[:, None]
            tokens.append(token)
        starts, ends, empty, sizes = np.concatenate(tokens).T
        owners = np.repeat(np.arange(len(starts)), sizes)
        return Reading(np.concatenate(columns), owners, empty > 0, starts, ends, len(tokens[0]))

    def _columns(self, text: Text) -> Columns:
        """All columns of the text, in no order."""
        parts = []
        for _, content, block in _contents(text):
            own, tails, lasts, _ = self._runs_of(content, text.language)
            parts.append(self._placed(_of_bytes(own), block))
            parts.append(self._placed(self._buckets(_pairs(tails, lasts)), block))
        return np.concatenate(parts)

    def _runs_of(self, content: str, language: str) -> _Transposed:
        """The parts of the content's runs, part by part."""
        known = self._runs["fi" if language not in self._runs else language]
        parts = tuple(zip(*map(known.__getitem__, content.split()), strict=True))
        return cast(_Transposed, parts or ((), (), (), ()))

    def _buckets(self, checksums: Sequence[int]) -> Columns:
        mask = (1 << self.options.bits) - 1
        return (np.array(checksums, dtype=np.int64) & mask).astype(np.int32)

    def _placed(self, columns: Columns, block: int) -> Columns:
        """The columns of a body as those of the field whose first block it is."""
        if not block:
            return columns
        bits = self.options.bits
        return np.where(columns < _OF_A_FIELD << bits, columns + (block << bits), columns)


class _Runs(dict[str, _Run]):
    """What the runs of characters of one language become, as far as they were met."""

    def __init__(self, vocabulary: Vocabulary, options: FeatureOptions, language: str) -> None:
        super().__init__()
        self._vocabulary = vocabulary
        self._options = options
        self._language = language
        self._mask = (1 << options.bits) - 1
        self._words: dict[str, _Word | None] = {}

    def __missing__(self, run: str) -> _Run:
        columns: list[int] = []
        words: list[int] = []
        tail, last = b"", None
        for token, start in tokenize(run, self._language):
            word = self._word(token.lower())
            if word is not None:
                own = word.columns
                if last is not None:
                    own = (own[0], crc32(word.tail, last) & self._mask, *own[1:])
                columns += own
                words += (start, start + len(token), word.empty, len(own))
                tail = tail if start else word.tail
            last = None if word is None else word.checksum
        content, held = (np.array(part, dtype=np.int32).tobytes() for part in (columns, words))
        if len(self) >= _REMEMBERED:
            self.clear()
        self[run] = found = _Run(content, tail, last, held)
        return found

    def _word(self, form: str) -> _Word | None:
        if form not in self._words:
            if len(self._words) >= _REMEMBERED:
                self._words.clear()
            self._words[form] = self._read_word(form)
        return self._words[form]

    def _read_word(self, form: str) -> _Word | None:
        if not any(map(str.isalnum, form)):
            return None
        if form.isdigit():
            form = "0"  # that there is a number matters, which one does not
        bits, mask, content = self._options.bits, self._mask, form.encode()
        hits = [
            _BLOCK_OF[stem.kind] << bits | crc32(stem.feature.encode()) & mask
            for stem in self._vocabulary.hits(form, self._language)
        ]
        grams = [CHARS << bits | checksum & mask for checksum in self._grams(f" {form} ")]
        return _Word(
            columns=(crc32(content) & mask, *grams, *hits),
            checksum=crc32(content),
            tail=b" " + content,
            empty=form == "0" or form in function_words(self._language),
        )

    def _grams(self, padded: str) -> list[int]:
        """Checksums of the n-grams, the shorter first: each is that of its beginning, carried on."""
        letters = [c.encode() for c in padded]
        sums, grams = [0] * len(letters), []
        for n in range(1, self._options.longest + 1):
            sums = list(map(crc32, letters[n - 1 :], sums))
            if n >= self._options.shortest:
                grams += sums
        return grams


def _contents(text: Text) -> tuple[tuple[Field, str, int], ...]:
    """Field, content and the field's first block."""
    return ("title", text.title, TITLE_WORDS), ("text", text.text, WORDS)


def _pairs(tails: Sequence[bytes], lasts: Sequence[int | None]) -> list[int]:
    """Checksums of the pairs of a run's last word and the next run's first."""
    return [crc32(t, b) for b, t in zip(lasts, tails[1:], strict=False) if t and b is not None]


def _of_bytes(parts: Sequence[bytes]) -> Columns:
    return np.frombuffer(b"".join(parts), dtype=np.int32)


def _begins(lengths: Sequence[int]) -> Ints:
    """Where each of some parts in a row begins."""
    return np.cumsum([0, *lengths])[:-1]


def _tally(columns: Columns) -> tuple[Columns, Ints]:
    """The distinct columns, ascending, and how often each occurs. Sorts `columns`."""
    columns.sort()
    new = np.ones(len(columns) + 1, dtype=bool)
    np.not_equal(columns[1:], columns[:-1], out=new[1:-1])
    ends = np.flatnonzero(new)
    return columns[ends[:-1]], ends[1:] - ends[:-1]
