"""Words of a text as the search index holds them: by lemma, folded, with their places in the text.

Pure. A text and a query go through the same functions, so what matters is that all forms of a word come
out alike, not that what comes out is the form of a dictionary. simplemma knows most words; a compound it
does not know is looked up by its last part; what is left (names, mostly) loses its endings. Which
articles hold a word is asked in `monitor.db.search`.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version
from typing import Any, NamedTuple

LANGUAGES = ("fi", "sv")
LONGEST_WORD = 60  # characters; more is no word
LEXICON = f"2:{version('simplemma')}"  # another one: every article is indexed anew

# A word, and a case ending after a colon (HUS:n, EU:s) that is no part of it.
_TOKEN = re.compile(r"([^\W_]+)(?:[:’'][a-zåäö]{1,6}\b)?")
_ACRONYM = re.compile(r"([A-ZÅÄÖ]{2,})[a-zåäö]{1,5}")  # HUSin, THLssä
_OWN = frozenset("åäö")  # letters of their own in both languages; é is an e
_LEAST_HEAD = {True: 4, False: 6}  # letters of a last part after a first part that is known, or not
_ENDINGS = {
    "fi": re.compile(
        r"(ss[aä]|st[aä]|ll[aä]|lt[aä]|lle|n[aä]|ksi|(?<=([aeiouyäö]))\2n|(?<=[aeiouyäö])h[aeiouyäö]n|(?<=[aeiouyäö])n|"
        r"(?<=[aeiouyäö])t|(?<=[aeiouyäö])[aä])$"
    ),
    "sv": re.compile(r"(ernas?|arnas?|ornas?|ens?|ets?|ar|er|or|s)$"),
}
# Of nouns in -nen, whose dictionary entry is often there while a form of it is not.
_OF_NEN = re.compile(
    r"s(en|t[aä]|een|ess[aä]|est[aä]|ell[aä]|elt[aä]|elle|iin|i[aä]|ten|et|iss[aä]|ist[aä]|ill[aä]|ille)$"
)
_LEAST_STEM = 4
_STEMMED = 5  # letters from which an unknown word may lose an ending


class Token(NamedTuple):
    """One word of a text and where it stands."""

    start: int
    end: int
    word: str  # as it is written, without a case ending after a colon


def tokens(text: str) -> Iterator[Token]:
    """The words of `text` in order; digits count as words, hyphens part them."""
    return (Token(m.start(1), m.end(1), m[1]) for m in _TOKEN.finditer(text))


def lemmas(text: str, language: str) -> list[str]:
    """The words of `text` as the index holds them, in order."""
    return [lemma(token.word, language) for token in tokens(text)]


def fold(word: str) -> str:
    """Small letters and digits, nothing else, without diacritics; å, ä and ö are letters of their own."""
    small = unicodedata.normalize("NFKC", word).lower()
    return "".join(_folded(c) for c in unicodedata.normalize("NFC", small))[:LONGEST_WORD]


def _folded(character: str) -> str:
    apart = character if character in _OWN else unicodedata.normalize("NFD", character)
    return "".join(c for c in apart if c.isalnum())


@lru_cache(maxsize=200_000)
def lemma(word: str, language: str) -> str:
    """What all forms of `word` have in common, folded; the folded word in a language other than fi, sv."""
    acronym = _ACRONYM.fullmatch(word)
    if acronym:
        return fold(acronym[1])
    small = unicodedata.normalize("NFC", word).lower()[:LONGEST_WORD]
    if language not in LANGUAGES or not small.isalpha() or len(small) < 2:
        return fold(small)
    found = word[:1].isupper() and _name(small, language)
    found = found or _base(small, language) or _by_last_part(small, language)
    return fold(found or _without_endings(small, language))


def _name(word: str, language: str) -> str | None:
    """The proper name that `word` is a form of: the dictionary takes "Vantaan" for a mitten."""
    for form in (word, _ENDINGS[language].sub("", word), word.removesuffix("n")):
        known = _known(form.capitalize(), language)
        if known and known.lower() == form and known[:1].isupper():
            return form
    return None


def _base(word: str, language: str) -> str | None:
    """The dictionary's entry, or None."""
    if language == "fi":
        return _known(word, "fi") or _known(_OF_NEN.sub("nen", word), "fi")
    known = _known(word, "sv")
    # a noun that is an order too: verk, not verka
    return word if known == word + "a" else known


def _by_last_part(word: str, language: str) -> str | None:
    """A compound by the longest last part the dictionary knows, one after a known first part first."""
    for sure, least in _LEAST_HEAD.items():
        for at in range(3, len(word) - least + 1):
            head = _base(word[at:], language)
            if head and (not sure or _first_part(word[:at], language)):
                return word[:at] + head.lower()
    return None


def _first_part(part: str, language: str) -> bool:
    """Known as it is, or without the s that joins Swedish compounds."""
    joined = language == "sv" and part.endswith("s") and _known(part[:-1], language)
    return bool(joined or _known(part, language))


def _without_endings(word: str, language: str) -> str:
    """All case endings off, one after the other, so that every form of a name ends the same."""
    if len(word) < _STEMMED:
        return word
    while True:
        shorter = _ENDINGS[language].sub("", word)
        if shorter == word or len(shorter) < _LEAST_STEM:
            return word
        word = shorter


@lru_cache(maxsize=200_000)
def _known(word: str, language: str) -> str | None:
    found: str | None = _dictionary().get_lemma(word, language)
    return found


@lru_cache(maxsize=1)
def _dictionary() -> Any:
    # Here, because it takes seconds to load; the lean form, for the other one takes 500 MB.
    from simplemma.strategies import LOW_MEMORY_DICTIONARY_FACTORY, DictionaryLookupStrategy

    return DictionaryLookupStrategy(LOW_MEMORY_DICTIONARY_FACTORY)


def warm() -> None:
    """Load the dictionaries now, so that nobody waits for them at the first question."""
    for language in LANGUAGES:
        _known("sote", language)
