"""What of an article tells which event it is about, in a form that Finnish and Swedish share.

A trait is a short string with its kind as first letter. Words and names stay in their language's
spelling; places, numbers, dates and concepts are the same in both. Decides nothing about stories
(`monitor.articles.stories`) and reads no store and no clock.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from classifiers.gazetteer import Gazetteer
from classifiers.values import Text
from classifiers.vocabulary import Vocabulary, load_vocabulary

# Kinds: the first letter of a trait.
WORD, COGNATE, NAME, PLACE, REGION, NUMBER, DATE, CONCEPT = "wknprzdc"
LANGUAGES = ("fi", "sv")
LEAD_CHARACTERS = 600  # words beyond it tell background, which many events share
READ_CHARACTERS = 6000  # names, places and numbers beyond it are not read: time stays bounded
STEM = 6  # letters kept of a word: Finnish and Swedish inflect at the end
NAME_STEMS = (4, 7)  # of a name both are kept: Kela and Kelan share the short one
COGNATE_LETTERS = 5

_WORD = re.compile(r"[^\W\d_]{4,40}")
_NAME = re.compile(r"(?<=[a-zåäö0-9,;)%]\s)[A-ZÅÄÖ][\w-]{2,40}")  # no sentence begins there
_ACRONYM = re.compile(r"\b[A-ZÅÄÖ]{2,8}(?=\b|[a-zåäö:])")
# fmt: off
_MONTHS_FI = ("tammi", "helmi", "maalis", "huhti", "touko", "kesä", "heinä", "elo", "syys", "loka", "marras", "joulu")
_MONTHS_SV = ("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december")
# fmt: on
_MONTH = {f"{m}kuu": n for n, m in enumerate(_MONTHS_FI, 1)} | {
    m: n for n, m in enumerate(_MONTHS_SV, 1)
}
_DATE = re.compile(
    r"\b(\d{1,2})\.?(?:\s?[–-]\s?(\d{1,2})\.?)?\s?(?:"
    + "|".join(_MONTH)
    + r")|\b(\d{1,2})\.(\d{1,2})\.",
    re.IGNORECASE,
)
_MONTH_NAME = re.compile("|".join(_MONTH), re.IGNORECASE)
_NUMBER = re.compile(
    r"\b(\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d{1,9})(?:,(\d{1,3}))?"
    r"(?:\s?(%|prosen|procent|miljard|milj|mn\b|tuhat|tuhan|tusen))?",
    re.IGNORECASE,
)
_TIMES = {"milj": 10**6, "mn": 10**6, "tuha": 10**3, "tuse": 10**3}
_OF_PLACES = (
    "",
    "head",
    "town",
)  # what follows a name; a club, court or paper of that name is elsewhere
_SMALLEST = 10  # two texts that both say "three" share nothing


@dataclass(frozen=True, slots=True)
class Traits:
    """What an article holds, each trait once."""

    title: frozenset[str] = frozenset()  # those of the title
    all: frozenset[str] = frozenset()  # of title, lead and, but for words, the text


@dataclass(frozen=True)
class Reader:
    """Reads traits with the names and concepts of labels/."""

    gazetteer: Gazetteer
    vocabulary: Vocabulary
    _concepts: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def traits(self, title: str, text: str, language: str) -> Traits:
        """The traits of one article. `language` other than fi and sv is read as fi."""
        language = language if language in LANGUAGES else LANGUAGES[0]
        lead, text = text[:LEAD_CHARACTERS], text[:READ_CHARACTERS]
        places = self._places(title, text, language)
        heading = {*self._words(title, language), *_names(title), *_figures(title)}
        heading |= places["title"]
        body = {*self._words(lead, language), *_names(text), *_figures(text), *places["text"]}
        return Traits(frozenset(heading), frozenset(heading | body))

    def _places(self, title: str, text: str, language: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {"title": set(), "text": set()}
        for mention in self.gazetteer.find(Text("", title, text, language)):
            if mention.ambiguous or mention.exception not in _OF_PLACES:
                continue
            found[mention.field].add(f"{PLACE}{mention.place_id}")
            found[mention.field].update(f"{REGION}{code}" for code in mention.codes)
        return found

    def _words(self, text: str, language: str) -> Iterator[str]:
        for match in _WORD.finditer(text):
            word = match[0].lower()
            yield f"{WORD}{language}{word[:STEM]}"
            if len(word) > COGNATE_LETTERS:
                yield f"{COGNATE}{cognate(word)}"
            yield from self._concepts_of(word, language)

    def _concepts_of(self, word: str, language: str) -> frozenset[str]:
        known = self._concepts.get((language, word))
        if known is None:
            hits = self.vocabulary.hits(word, language)
            known = frozenset(f"{CONCEPT}{stem.feature}" for stem in hits)
            if len(self._concepts) >= 100_000:
                self._concepts.clear()
            self._concepts[language, word] = known
        return known


@lru_cache(maxsize=2)
def load_reader(labels: Path) -> Reader:
    """The reader of the tables in `labels`. Raises OSError or ValueError where they cannot be read."""
    return Reader(Gazetteer.load(labels), load_vocabulary(labels))


def cognate(word: str) -> str:
    """A spelling that loans and names of both languages share: festivaali and festival, konsertti and konsert.

    Letters Finnish writes otherwise are put together, doubled ones once, and the end is cut.
    """
    folded = unicodedata.normalize("NFKD", word.lower())
    plain = "".join(c for c in folded if c.isalpha()).translate(_LOANS)
    return re.sub(r"(.)\1", r"\1", plain)[:COGNATE_LETTERS]


_LOANS = str.maketrans({"c": "k", "q": "k", "g": "k", "b": "p", "d": "t", "w": "v", "f": "v", "z": "s", "j": "i", "y": "i", "x": "k", "h": None})  # fmt: skip


def _names(text: str) -> Iterator[str]:
    for match in _NAME.finditer(text):
        name = match[0].casefold()
        yield from (f"{NAME}{name[:n]}" for n in NAME_STEMS if n == NAME_STEMS[0] or len(name) >= n)
    for match in _ACRONYM.finditer(text):
        yield f"{NAME}{match[0]}"


def _figures(text: str) -> Iterator[str]:
    """Dates and numbers; those of a date are no numbers."""
    rest = []
    last = 0
    for match in _DATE.finditer(text):
        rest.append(text[last : match.start()])
        last = match.end()
        yield from _dates(match)
    rest.append(text[last:])
    for match in _NUMBER.finditer(" ".join(rest)):
        if number := _number(match):
            yield f"{NUMBER}{number}"


def _dates(match: re.Match[str]) -> Iterator[str]:
    if match[3]:
        if not (1 <= int(match[4]) <= 12 and int(match[3]) <= 31):  # a clock time, a score
            return
        yield f"{DATE}{int(match[4]):02}-{int(match[3]):02}"
        return
    name = _MONTH_NAME.search(match[0])
    assert name is not None
    for day in filter(None, (match[1], match[2])):
        yield f"{DATE}{_MONTH[name[0].lower()]:02}-{int(day):02}"


def _number(match: re.Match[str]) -> str:
    whole, part, unit = match.groups()
    digits = re.sub(r"\D", "", whole)
    share = (unit or "").lower()
    if share.startswith(("%", "pro")):
        return f"{int(digits)}.{part or 0}%"
    times = 10**9 if share.startswith("miljard") else _TIMES.get(share[:4], 1)
    value = round(float(f"{digits}.{part or 0}") * times, 2)
    return f"{value:.15g}" if value >= _SMALLEST else ""
