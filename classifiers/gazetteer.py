"""Finds every candidate mention of a Finnish place or organisation in a text, in one pass.

Longest match wins; homonyms are told apart by what else the text names; doubtful readings are kept
and marked (`ambiguous`, `exception`) for the model to weigh. Does not decide which region a text is
about (`regions`).

The scan has its own word pattern and not spaCy's tokens: names of both languages stand in one text,
hyphens belong to names here, and the lexicon is cut by the same pattern.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from classifiers.gazetteer_build import (
    CLITICS_FI,
    PREFIXES_FI,
    PREFIXES_SV,
    WORD,
    Entry,
    Lexicon,
    build,
)
from classifiers.gazetteer_words import Field, Known, KnownRuns, KnownWords, Noted, Words
from classifiers.mention_context import (
    Found,
    following_word,
    is_doubtful,
    is_person,
    is_swedish_locative,
    near_cues,
)
from classifiers.places import load_places, places_digest
from classifiers.values import Text

LEAD = 200  # characters of the text that count as its lead where there is no paragraph break
_PAIR = re.compile(r"\s?[/(]\s?")
_AND = frozenset(("ja", "och", "sekä", "samt"))
_LAI = re.compile(r"l(?:ai|äi)")


class Mention(NamedTuple):
    """One place or organisation named in a text."""

    codes: tuple[
        str, ...
    ]  # regions it stands for, e.g. ("02", "04") for a shared rescue department
    field: Field
    start: int
    end: int  # exclusive
    surface: str
    kind: str  # county | municipality | merged | locality | district | wide | demonym | brand | ...
    place_id: str
    name: str  # of the entry
    series: str  # grammatical | inner | outer | swedish | demonym
    ambiguous: bool  # may be a common word, a surname or a company
    exception: (
        str  # "" | head | town | court | university | newspaper | company | club | person ...
    )
    cues: frozenset[str]  # effects of cue words near it in its sentence
    sentence: int  # counted over title and text together


@dataclass(frozen=True, slots=True)
class Scan:
    """All mentions of a text, with how often each kind of cue word occurs in it."""

    mentions: tuple[Mention, ...]
    cue_counts: dict[str, int]
    title_cues: frozenset[str]
    early_cues: dict[str, int]  # in title and lead
    sentences: int
    words: int


@lru_cache(maxsize=2)
def _lexicon(labels: Path, digest: str) -> Lexicon:
    """`digest` makes an edited table a new key."""
    return build(load_places(labels))


class Gazetteer:
    """The names of labels/*.csv, ready to search. `digest` names the tables it was built from."""

    def __init__(self, lexicon: Lexicon, digest: str) -> None:
        self._lexicon = lexicon
        self.digest = digest
        self._known = KnownWords(self._learn)
        self._runs = KnownRuns(self._known)

    @classmethod
    def load(cls, labels: Path) -> "Gazetteer":
        """Build from the tables in `labels`, once per content. Raises OSError or ValueError."""
        return cls(_lexicon(labels, digest := places_digest(labels)), digest)

    def find(self, text: Text) -> tuple[Mention, ...]:
        """Every mention, in reading order."""
        return self.scan(text).mentions

    def scan(self, text: Text) -> Scan:
        """Every mention, with the cue words of the text."""
        title = Words("title", text.title, 0, self._runs)
        body = Words("text", text.text, title.sentences, self._runs)
        found = [*self._search(title), *self._search(body)]
        homonyms = any(len(m.entries) > 1 or m.entries[0].anchor for m in found)
        anchors = _anchors(found, text.home) if homonyms else {}
        mentions: list[Mention] = []
        for match in found:
            entry = _reading(match.entries, anchors)
            if entry is not None and not entry.kind.startswith("exception"):
                mentions.append(self._mention(match, entry, text))
        return Scan(
            _settled(_coordinated(_paired(mentions, text), text)),
            _counts((*title.cues, *body.cues)),
            frozenset(chain.from_iterable(word.known.cues for word in title.cues)),
            _counts((*title.cues, *(word for word in body.cues if word.start <= LEAD))),
            body.sentences,
            title.count + body.count,
        )

    def notice_place(self, title: str) -> tuple[str, ...]:
        """Codes of the municipality a rescue notice is issued for ("Mustasaari/Korsholm, maastopalo:
        pieni"), () where the title does not begin with a municipality's name."""
        for name in re.split(r"[/,:(]", title, maxsplit=2)[:2]:
            codes = self._lexicon.notices.get(name.strip().lower())
            if codes:
                return codes
        return ()

    @cached_property
    def _after(self) -> re.Pattern[str]:
        stems = "|".join(re.escape(stem) for stem, _ in self._lexicon.after)
        return re.compile(rf"(?:{stems})")

    @cached_property
    def _effects(self) -> dict[str, str]:
        return dict(self._lexicon.after)

    def _learn(self, word: str) -> Known | None:
        """What there is to say about a word; None for most."""
        shape = () if word.islower() and not _LAI.search(word) else self._shape(word)
        begins = bool(
            shape
            or word in self._lexicon.phrases
            or word in PREFIXES_FI
            or word in PREFIXES_SV
            or any(self._parts(word))
        )
        known = Known(self._lexicon.cues.get(word.lower(), ()), begins, shape, self._next(word))
        return known if any(known) else None

    def _parts(self, word: str) -> Iterator[tuple[re.Match[str], tuple[Entry, ...]]]:
        """Names that are part of a word with hyphens."""
        if "-" in word and word[0].isupper():
            for part in re.finditer(r"[^-]+", word):
                entries = self._exact((part[0],))
                if entries:
                    yield part, entries

    def _search(self, words: Words) -> Iterator[Found]:
        phrases = self._lexicon.phrases
        free = 0  # place of the first word no match has taken
        for word in words.noted:
            if word.place < free or not word.known.begins:
                continue
            candidates = phrases.get(word.text)
            match = self._longest(candidates, words, word) if candidates else None
            if match is None:
                yield from self._other(words, word)
            else:
                free = match.last + 1
                yield match

    def _longest(
        self,
        candidates: tuple[tuple[tuple[str, ...], tuple[Entry, ...]], ...],
        words: Words,
        first: Noted,
    ) -> Found | None:
        second = WORD.search(words.source, first.end) if len(candidates[0][0]) > 1 else None
        for phrase, entries in candidates:
            more = len(phrase) - 1
            if more and (second is None or second[0] != phrase[1]):
                continue
            end = _phrase_end(words, first, phrase) if more else first.end
            if end is not None:
                return Found(entries, words, first, first.place + more, first.start, end)
        return None

    def _other(self, words: Words, word: Noted) -> Iterator[Found]:
        """A dangling prefix, or a name with a clitic, in capitals, or as part of another word."""
        entries, start = word.known.shape, word.start
        if word.text in PREFIXES_FI or word.text in PREFIXES_SV:
            entries = self._elliptic(words, word)
        if entries:
            yield Found(entries, words, word, word.place, start, word.end)
        else:
            for part, named in self._parts(word.text):
                yield Found(
                    named, words, word, word.place, start + part.start(), start + part.end()
                )

    def _elliptic(self, words: Words, word: Noted) -> tuple[Entry, ...]:
        """The first word of "Etelä- ja Keski-Pohjanmaan" and of "Norra och Södra Savolax"."""
        dangling = words.source[word.end : word.end + 1] == "-"
        for i, match in enumerate(islice(WORD.finditer(words.source, word.end), 5)):
            other = match[0]
            if dangling and "-" in other:
                return self._exact((f"{word.text}-{other.partition('-')[2]}",))
            if not dangling and other not in PREFIXES_SV and other not in _AND:
                return self._exact((word.text, other)) if i else ()
        return ()

    def _exact(self, words: tuple[str, ...]) -> tuple[Entry, ...]:
        for phrase, entries in self._lexicon.phrases.get(words[0], ()):
            if phrase == words:
                return entries
        return ()

    def _shape(self, word: str) -> tuple[Entry, ...]:
        """The entries of a word that is no form of a name as it stands."""
        return self._demonym(word) or (self._reshaped(word) if word[0].isupper() else ())

    def _demonym(self, text: str) -> tuple[Entry, ...]:
        lower = text.lower().replace("-", "")
        for cut in _LAI.finditer(lower):
            entries = self._lexicon.demonyms.get(lower[: cut.start()])
            if entries:
                return entries
        return ()

    def _reshaped(self, text: str) -> tuple[Entry, ...]:
        if text.isupper() and len(text) > 3:
            return self._exact((text.capitalize(),))
        for clitic in CLITICS_FI:
            if text.endswith(clitic) and len(text) > len(clitic) + 3:
                return self._exact((text.removesuffix(clitic),))
        return ()

    def _mention(self, match: Found, entry: Entry, text: Text) -> Mention:
        words = match.words
        exception = self._exception(match, entry)
        near = near_cues(match, words.cues)
        at_home = bool(text.home) and not set(entry.codes).isdisjoint(text.home)
        series = "inner" if is_swedish_locative(match, entry) else entry.series
        return Mention(
            entry.codes,
            words.field,
            match.start,
            match.end,
            words.source[match.start : match.end],
            entry.kind,
            entry.id,
            entry.name,
            series,
            not at_home and is_doubtful(match, entry, exception, series, near, text),
            exception,
            frozenset(near),
            words.sentence(match.first.start),
        )

    def _exception(self, match: Found, entry: Entry) -> str:
        """What the following word makes of the name, or that it is a person's."""
        following = following_word(match)
        known = self._known[following] if following else None
        effect = known.effect if known else ""
        if not effect and is_person(match, entry, following, self._lexicon):
            return "person"
        return effect

    def _next(self, word: str) -> str:
        found = self._after.match(word) or self._after.match(word.lower())
        if found is None or (found[0] == "yliopisto" and word.startswith("yliopistolli")):
            return ""
        if found[0] in _WHOLE and found[0] != word:
            return ""
        return self._effects[found[0]]


# Beginnings that are words of their own: "Ab" is not "Abborre", "tie" is not "tietää".
_WHOLE = frozenset(("Oy", "Ab", "tie", "Oyj", "Abp", "hva", "stad", "stads", "Lehti", "IFK"))


def _phrase_end(words: Words, first: Noted, phrase: tuple[str, ...]) -> int | None:
    """Where the phrase that begins with the word `first` ends, None where it does not go on."""
    start, end = first.start, first.end
    for expected in phrase[1:]:
        word = WORD.search(words.source, end)
        if word is None or word[0] != expected:
            return None
        start, end = word.span()
    return end if words.sentence(start) == words.sentence(first.start) else None


def _counts(cues: Sequence[Noted]) -> dict[str, int]:
    """How often each effect occurs."""
    return dict(Counter(chain.from_iterable(word.known.cues for word in cues)))


def _anchors(found: list[Found], home: tuple[str, ...]) -> dict[str, int]:
    """How often each place id and region is named without doubt about which place it is."""
    counts: dict[str, int] = {f"code:{code}": 1 for code in home}
    for match in found:
        entry = match.entries[0]
        if entry.anchor or len({e.codes for e in match.entries}) > 1:
            continue
        for key in (entry.id, *(f"code:{code}" for code in entry.codes)):
            counts[key] = counts.get(key, 0) + 1
    return counts


def _reading(entries: tuple[Entry, ...], anchors: dict[str, int]) -> Entry | None:
    """The reading with the most support in the text; a homonymous district needs some."""
    if len(entries) == 1 and not entries[0].anchor:
        return entries[0]
    best: Entry | None = None
    support = -1
    for entry in entries:
        if entry.anchor:
            named = anchors.get(entry.anchor, 0)
            if not named:
                continue
            named += 1  # "Tampereen Tammela" is the district, however often Tammela is named
        else:
            named = max((anchors.get(f"code:{code}", 0) for code in entry.codes), default=0)
        if named > support:
            best, support = entry, named
    return best


def _paired(mentions: list[Mention], text: Text) -> list[Mention]:
    """ "Helsinki/Helsingfors" is one mention."""
    merged: list[Mention] = []
    for mention in mentions:
        last = merged[-1] if merged else None
        source = text.title if mention.field == "title" else text.text
        if (
            last is not None
            and last.place_id == mention.place_id
            and last.field == mention.field
            and _PAIR.fullmatch(source[last.end : mention.start])
        ):
            surface = source[last.start : mention.end]
            merged[-1] = last._replace(end=mention.end, surface=surface, ambiguous=False)
        else:
            merged.append(mention)
    return merged


def _coordinated(mentions: list[Mention], text: Text) -> list[Mention]:
    """The head of "Kainuun ja Lapin hyvinvointialueet" belongs to both names."""
    for i in range(len(mentions) - 2, -1, -1):
        one, other = mentions[i], mentions[i + 1]
        if one.exception or not other.exception or one.field != other.field:
            continue
        source = text.title if one.field == "title" else text.text
        between = source[one.end : other.start].strip("- ").split()
        if not between or (len(between) == 1 and between[0] in {*_AND, ","}):
            mentions[i] = one._replace(exception=other.exception)
    return mentions


def _settled(mentions: list[Mention]) -> tuple[Mention, ...]:
    """A name that stands once beyond doubt is beyond doubt wherever it stands, persons apart; where
    it is a person's and never beyond doubt, it is the person's in every case (Salon)."""
    sure = {m.place_id for m in mentions if not m.ambiguous and m.kind != "demonym"}
    placed = {m.place_id for m in mentions if m.series in ("inner", "outer") and not m.ambiguous}
    placed |= {m.place_id for m in mentions if m.exception in ("head", "town")}
    persons = {m.place_id for m in mentions if m.exception == "person"} - placed
    return tuple(
        m._replace(ambiguous=m.exception == "person" or m.place_id in persons)
        if m.place_id in (sure if m.ambiguous else persons)
        else m
        for m in mentions
    )
