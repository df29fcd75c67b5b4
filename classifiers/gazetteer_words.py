"""One field of a text as the gazetteer reads it: the words there is something to say about, and where.

A word never crosses a blank, so what a run of characters between blanks holds is found once and
remembered: most runs are a word that is neither name nor cue. What stands beside a word is looked up
only where a mention asks for it. Knows nothing of places: what there is to say about a word is `learn`'s.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate, compress, count
from typing import Literal, NamedTuple

from classifiers.gazetteer_build import WORD, Entry
from classifiers.tokens import RUN

_REMEMBERED = 200_000  # distinct words, and runs; about 20 MB each when full
# A full stop and the blank after it are one end. Begins with a class of characters: searched faster.
_SENTENCE_END = re.compile(r"[.!?\n•|](?:(?<![.!?])|\s)")
_OPENING = re.compile(r"[.!?:\n•|]|[”\"»“–—]\s*$")

Field = Literal["title", "text"]


class Known(NamedTuple):
    """What a word is wherever it stands."""

    cues: tuple[str, ...]  # effects it has as a cue word
    begins: bool  # whether a name may begin with it, or it may be one
    shape: tuple[Entry, ...]  # of a name in another shape, see `gazetteer`
    effect: str  # on a name that it follows


class Noted(NamedTuple):
    """A word there is something to say about."""

    place: int  # among the words of its field, or of its run
    start: int
    end: int
    text: str
    known: Known


class _Run(NamedTuple):
    """What is known of a run of characters between blanks wherever it stands."""

    words: int
    noted: tuple[Noted, ...]


class KnownWords(dict[str, Known | None]):
    """What is known of the words met before; None where there is nothing to say."""

    def __init__(self, learn: Callable[[str], Known | None]) -> None:
        super().__init__()
        self._learn = learn

    def __missing__(self, word: str) -> Known | None:
        if len(self) >= _REMEMBERED:
            self.clear()
        self[word] = known = self._learn(word)
        return known


class KnownRuns(dict[str, _Run | None]):
    """As `KnownWords`, of runs; None for one word with nothing to say about it."""

    def __init__(self, words: KnownWords) -> None:
        super().__init__()
        self._words = words

    def __missing__(self, run: str) -> _Run | None:
        if len(self) >= _REMEMBERED:
            self.clear()
        words = list(WORD.finditer(run))
        noted = tuple(
            Noted(k, word.start(), word.end(), word[0], known)
            for k, word in enumerate(words)
            if (known := self._words[word[0]]) is not None
        )
        self[run] = found = None if len(words) == 1 and not noted else _Run(len(words), noted)
        return found


class Words:
    """The words of one field. Offsets are of the field, sentences are counted on from `sentence`."""

    def __init__(self, field: Field, source: str, sentence: int, known: KnownRuns) -> None:
        self.field = field
        self.source = source
        cut = source.split()
        found = list(map(known.__getitem__, cut))
        rare = list(compress(count(), found))
        self.noted: list[Noted] = []
        self.count = len(cut)
        for i, at in zip(rare, _starts(cut, source, rare), strict=True):
            run, place = found[i], i + self.count - len(cut)
            assert run is not None  # compress has left out the others
            for k, start, end, text, about in run.noted:
                self.noted.append(Noted(place + k, at + start, at + end, text, about))
            self.count += run.words - 1
        self.cues = [word for word in self.noted if word.known.cues]
        self._base = sentence
        self._stops = [m.start() for m in _SENTENCE_END.finditer(source)]
        self.sentences = sentence + len(self._stops) + bool(self.count)

    def sentence(self, at: int) -> int:
        """The sentence of the character `at`."""
        return self._base + bisect_right(self._stops, at)

    def before(self, start: int) -> re.Match[str] | None:
        """The last word before the one that starts at `start`."""
        end = start
        while end > 0:
            # No word crosses a blank: cut where one stands, the words are those of the whole field.
            begin = self.source.rfind(" ", 0, end - 1) + 1
            word = None
            for word in WORD.finditer(self.source, begin, end):  # noqa: B007
                pass
            if word is not None:
                return word
            end = begin
        return None

    def opens(self, start: int) -> bool:
        """Whether the word at `start` begins its sentence or a quotation, where every word has a capital."""
        before = self.before(start)
        if before is None:
            return True
        between = self.source[before.end() : start]
        return len(between) > 1 and bool(_OPENING.search(between))


def _starts(cut: Sequence[str], source: str, wanted: Sequence[int]) -> list[int]:
    """Where the runs start that are wanted."""
    ends = list(accumulate(map(len, cut)))
    if cut and ends[-1] + len(cut) - 1 == len(source):  # one blank between any two, none elsewhere
        return [ends[i] - len(cut[i]) + i for i in wanted]
    starts = [run.start() for run in RUN.finditer(source)] if wanted else []
    return [starts[i] for i in wanted]
