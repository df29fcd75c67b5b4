"""What surrounds a name in running text: its sentence, the words before and after, cue words near it.

Says what a single mention looks like; does not search (`gazetteer`) and does not decide (`regions`).
"""

import re
from bisect import bisect_right
from itertools import accumulate
from typing import Literal, NamedTuple

from classifiers.gazetteer_build import WORD, Entry, Lexicon
from classifiers.values import Text

_BEFORE, _AFTER = 7, 6  # words on either side in which a cue word counts
_CUT = re.compile(f"({WORD.pattern})")
_SENTENCE_END = re.compile(r"[.!?]\s|[\n•|]")
_OPENING = re.compile(r"[.!?:\n•|]|[”\"»“–—]\s*$")
_IN_SWEDISH = frozenset(("i", "på", "vid", "I", "På", "Vid"))
_PLACES = frozenset(("municipality", "merged", "locality", "district"))

Field = Literal["title", "text"]


class Words:
    """One field cut into words; sentences are found only where a mention asks for them."""

    def __init__(self, field: Field, source: str, sentence: int) -> None:
        self.field = field
        self.source = source
        # Gaps and words in turn: their lengths add up to the offsets, without a match object each.
        parts = _CUT.split(source)
        offsets = list(accumulate(map(len, parts)))
        self.texts = parts[1::2]
        self.starts = offsets[:-1:2]
        self.ends = offsets[1::2]
        self._base = sentence
        self._stops = [m.start() for m in _SENTENCE_END.finditer(source)]
        self.sentences = sentence + len(self._stops) + bool(self.texts)

    def sentence(self, i: int) -> int:
        return self._base + bisect_right(self._stops, self.starts[i])

    def first(self, i: int) -> bool:
        """Whether word `i` begins its sentence or a quotation, where every word has a capital."""
        if i == 0:
            return True
        between = self.source[self.ends[i - 1] : self.starts[i]]
        return len(between) > 1 and bool(_OPENING.search(between))


class Found(NamedTuple):
    """A match before homonyms are told apart."""

    entries: tuple[Entry, ...]
    words: Words
    first: int  # index of its first word
    last: int
    start: int
    end: int


def is_person(match: Found, entry: Entry, following: str, lexicon: Lexicon) -> bool:
    """Whether the words around the name make it a person's: Salla Tervo, valmentaja Nousiainen."""
    if entry.series != "grammatical" or entry.kind not in _PLACES:
        return False
    if "first_name" in entry.flags and entry.nominative and following[:1].isupper():
        return following not in lexicon.phrases
    if match.first == 0:
        return False
    before = match.words.texts[match.first - 1]
    if match.words.source[match.words.ends[match.first - 1] : match.start] != " ":
        return False
    if "surname" in entry.flags and "title" in lexicon.cues.get(before.lower(), ()):
        return True
    if not entry.nominative and "surname" not in entry.flags:
        return False
    capital = before[0].isupper() and before[-1].islower() and before not in lexicon.phrases
    return capital and not match.words.first(match.first - 1)


def is_swedish_locative(match: Found, entry: Entry) -> bool:
    """Swedish says with a preposition what Finnish says with a locative."""
    if not match.first or entry.series in ("inner", "outer", "demonym"):
        return False
    return match.words.texts[match.first - 1] in _IN_SWEDISH


def near_cues(match: Found, cues: dict[int, tuple[str, ...]]) -> set[str]:
    """Effects of the cue words within a few words of the mention, in its sentence."""
    near: set[str] = set()
    words = match.words
    for i in range(match.first - _BEFORE, match.last + 1 + _AFTER):
        outside = i in cues and not match.first <= i <= match.last
        if outside and words.sentence(i) == words.sentence(match.first):
            near.update(cues[i])
    return near


def is_doubtful(entry: Entry, exception: str, match: Found, near: set[str], text: Text) -> bool:
    flags = entry.flags
    if not flags or exception in ("head", "town") or is_swedish_locative(match, entry):
        return False
    first = match.words.first(match.first)
    # Varkaudessa is where, Kolarissa may be in a crash; Nokialta may be from the company.
    placed = entry.series in ("inner", "outer") and not flags & {"word_all", "company"}
    if exception == "person" or ("word" in flags and first and not placed):
        return True
    if "word_sv" in flags and text.language == "sv" and first:
        return True
    if "homonym_sv" in flags and "foreign" in near:
        return True
    if "first_name" in flags and entry.series == "outer":
        return True  # Sallalla is the person's, the places with such names take Sallassa
    if "company" in flags and entry.series == "grammatical":
        return True  # Raision tulos: only a locative or a word like kaupunki tells the town
    return bool(flags & {"surname", "first_name"}) and entry.nominative
