"""What surrounds a name in running text: its sentence, the words before and after, cue words near it.

Says what a single mention looks like; does not search (`gazetteer`) and does not decide (`regions`).
"""

from collections.abc import Sequence
from typing import NamedTuple

from classifiers.gazetteer_build import WORD, Entry, Lexicon
from classifiers.gazetteer_words import Noted, Words
from classifiers.values import Text

_BEFORE, _AFTER = 7, 6  # words on either side in which a cue word counts
_IN_SWEDISH = frozenset(("i", "på", "vid", "I", "På", "Vid"))
_LAST_LETTERS = frozenset(word[-1] for word in _IN_SWEDISH)
_PLACES = frozenset(("municipality", "merged", "locality", "district"))


class Found(NamedTuple):
    """A match before homonyms are told apart."""

    entries: tuple[Entry, ...]
    words: Words
    first: Noted  # its first word, which may begin before the name
    last: int  # place of its last word
    start: int
    end: int


def following_word(match: Found) -> str:
    """The word after the name with one blank between them, or ""."""
    source, end = match.words.source, match.end
    word = WORD.match(source, end + 1) if source[end : end + 1] == " " else None
    return word[0] if word else ""


def is_person(match: Found, entry: Entry, following: str, lexicon: Lexicon) -> bool:
    """Whether the words around the name make it a person's: Salla Tervo, valmentaja Nousiainen."""
    if entry.series != "grammatical" or entry.kind not in _PLACES:
        return False
    if "first_name" in entry.flags and entry.nominative and following[:1].isupper():
        return following not in lexicon.phrases
    surname, words = "surname" in entry.flags, match.words
    if not (entry.nominative or surname) or words.source[match.start - 1 : match.start] != " ":
        return False
    word = words.before(match.start)
    if word is None or word.end() != match.start - 1:
        return False
    before = word[0]
    if surname and "title" in lexicon.cues.get(before.lower(), ()):
        return True
    capital = before[0].isupper() and before[-1].islower() and before not in lexicon.phrases
    return capital and not words.opens(word.start())


def is_swedish_locative(match: Found, entry: Entry) -> bool:
    """Swedish says with a preposition what Finnish says with a locative."""
    if not match.first.place or entry.series in ("inner", "outer", "demonym"):
        return False
    source, start = match.words.source, match.first.start
    last = source[start - 2]
    if source[start - 1] == " " and last.isalnum() and last not in _LAST_LETTERS:
        return False  # as mostly: the word before ends with that letter
    before = match.words.before(start)
    return before is not None and before[0] in _IN_SWEDISH


def near_cues(match: Found, cues: Sequence[Noted]) -> set[str]:
    """Effects of the cue words within a few words of the mention, in its sentence."""
    near: set[str] = set()
    first, last, words = match.first.place, match.last, match.words
    for cue in cues:
        outside = first - _BEFORE <= cue.place < first or last < cue.place <= last + _AFTER
        if outside and words.sentence(cue.start) == words.sentence(match.first.start):
            near.update(cue.known.cues)
    return near


def is_doubtful(
    match: Found, entry: Entry, exception: str, series: str, near: set[str], text: Text
) -> bool:
    """Whether the name may be a common word, a surname or a company here. `series` is the mention's."""
    flags = entry.flags
    if not flags or exception in ("head", "town") or series != entry.series:
        return False
    first = match.words.opens(match.first.start)
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
