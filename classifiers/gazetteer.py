"""Finds every candidate mention of a Finnish place or organisation in a text, in one pass.

Longest match wins; homonyms are told apart by what else the text names; doubtful readings are kept
and marked (`ambiguous`, `exception`) for the model to weigh. Does not decide which region a text is
about (`regions`).

The scan has its own word pattern and not spaCy's tokens: names of both languages stand in one text,
hyphens belong to names here, and the lexicon is cut by the same pattern.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path

from classifiers.gazetteer_build import (
    CLITICS_FI,
    PREFIXES_FI,
    PREFIXES_SV,
    Entry,
    Lexicon,
    build,
)
from classifiers.mention_context import (
    Field,
    Found,
    Words,
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
_REMEMBERED = 50_000  # distinct words with capitals or like demonyms; about 5 MB when full
_DEMONYM = re.compile(r"l(?:ai|äi)")


@dataclass(frozen=True, slots=True)
class Mention:
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
        self._known_shapes: dict[str, tuple[Entry, ...]] = {}

    @classmethod
    def load(cls, labels: Path) -> "Gazetteer":
        """Build from the tables in `labels`, once per content. Raises OSError or ValueError."""
        return cls(_lexicon(labels, digest := places_digest(labels)), digest)

    def find(self, text: Text) -> tuple[Mention, ...]:
        """Every mention, in reading order."""
        return self.scan(text).mentions

    def scan(self, text: Text) -> Scan:
        """Every mention, with the cue words of the text."""
        title = Words("title", text.title, 0)
        body = Words("text", text.text, title.sentences)
        title_cues = self._cues(title)
        cues = {"title": title_cues, "text": self._cues(body)}
        found = [*self._search(title), *self._search(body)]
        homonyms = any(len(m.entries) > 1 or m.entries[0].anchor for m in found)
        anchors = _anchors(found, text.home) if homonyms else {}
        mentions: list[Mention] = []
        for match in found:
            entry = _reading(match.entries, anchors)
            if entry is not None and not entry.kind.startswith("exception"):
                mentions.append(self._mention(match, entry, cues[match.words.field], text))
        counts = Counter(chain(*title_cues.values(), *cues["text"].values()))
        return Scan(
            _settled(_coordinated(_paired(mentions, text), text)),
            dict(counts),
            frozenset(chain(*title_cues.values())),
            _early(body, title_cues, cues["text"]),
            body.sentences,
            len(title.texts) + len(body.texts),
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

    def _cues(self, words: Words) -> dict[int, tuple[str, ...]]:
        known = self._lexicon.cues
        lower = map(str.lower, words.texts)
        return {i: known[word] for i, word in enumerate(lower) if word in known}

    def _search(self, words: Words) -> Iterator[Found]:
        phrases = self._lexicon.phrases
        free = 0  # index of the first word no match has taken
        for i, word in self._promising(words):
            if i < free:
                continue
            candidates = phrases.get(word)
            if candidates is not None:
                match = self._longest(candidates, words, i)
                if match is not None:
                    free = match.last + 1
                    yield match
                    continue
            yield from self._other(word, words, i)

    def _promising(self, words: Words) -> list[tuple[int, str]]:
        """The words that may begin a name, with their indices: a few of a hundred."""
        phrases = self._lexicon.phrases
        if "lai" in words.source or "läi" in words.source:
            return [
                (i, word)
                for i, word in enumerate(words.texts)
                if word in phrases or not word.islower() or "lai" in word or "läi" in word
            ]
        return [
            (i, word) for i, word in enumerate(words.texts) if word in phrases or not word.islower()
        ]

    def _longest(
        self,
        candidates: tuple[tuple[tuple[str, ...], tuple[Entry, ...]], ...],
        words: Words,
        i: int,
    ) -> Found | None:
        for phrase, entries in candidates:
            last = i + len(phrase) - 1
            if last == i or (
                tuple(words.texts[i : last + 1]) == phrase
                and words.sentence(last) == words.sentence(i)
            ):
                return Found(entries, words, i, last, words.starts[i], words.ends[last])
        return None

    def _other(self, word: str, words: Words, i: int) -> Iterator[Found]:
        """A dangling prefix, or a name with a clitic, in capitals, or as part of another word."""
        start, end = words.starts[i], words.ends[i]
        if word in PREFIXES_FI or word in PREFIXES_SV:
            entries = self._elliptic(words, i)
        else:
            entries = self._shape(word)
        if entries:
            yield Found(entries, words, i, i, start, end)
        elif "-" in word and word[0].isupper():
            for part in re.finditer(r"[^-]+", word):
                entries = self._exact((part[0],))
                if entries:
                    yield Found(entries, words, i, i, start + part.start(), start + part.end())

    def _elliptic(self, words: Words, i: int) -> tuple[Entry, ...]:
        """The first word of "Etelä- ja Keski-Pohjanmaan" and of "Norra och Södra Savolax"."""
        word, end = words.texts[i], words.ends[i]
        dangling = words.source[end : end + 1] == "-"
        for j in range(i + 1, min(i + 6, len(words.texts))):
            other = words.texts[j]
            if dangling and "-" in other:
                return self._exact((f"{word}-{other.partition('-')[2]}",))
            if not dangling and other not in PREFIXES_SV and other not in _AND:
                return self._exact((word, other)) if j > i + 1 else ()
        return ()

    def _exact(self, words: tuple[str, ...]) -> tuple[Entry, ...]:
        for phrase, entries in self._lexicon.phrases.get(words[0], ()):
            if phrase == words:
                return entries
        return ()

    def _shape(self, word: str) -> tuple[Entry, ...]:
        """The entries of a word that is no form of a name as it stands; remembered, words recur."""
        found = self._known_shapes.get(word)
        if found is None:
            found = self._demonym(word) or (self._reshaped(word) if word[0].isupper() else ())
            if len(self._known_shapes) >= _REMEMBERED:
                self._known_shapes.clear()
            self._known_shapes[word] = found
        return found

    def _demonym(self, text: str) -> tuple[Entry, ...]:
        lower = text.lower().replace("-", "")
        for cut in _DEMONYM.finditer(lower):
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

    def _mention(
        self, match: Found, entry: Entry, cues: dict[int, tuple[str, ...]], text: Text
    ) -> Mention:
        words = match.words
        exception = self._exception(match, entry)
        near = near_cues(match, cues)
        at_home = any(code in text.home for code in entry.codes)
        return Mention(
            codes=entry.codes,
            field=words.field,
            start=match.start,
            end=match.end,
            surface=words.source[match.start : match.end],
            kind=entry.kind,
            place_id=entry.id,
            name=entry.name,
            series="inner" if is_swedish_locative(match, entry) else entry.series,
            ambiguous=not at_home and is_doubtful(entry, exception, match, near, text),
            exception=exception,
            cues=frozenset(near),
            sentence=words.sentence(match.first),
        )

    def _exception(self, match: Found, entry: Entry) -> str:
        """What the following word makes of the name, or that it is a person's."""
        words, last = match.words, match.last
        following = ""
        more = last + 1 < len(words.texts)
        if more and words.source[match.end : words.starts[last + 1]] in (" ", "-"):
            following = words.texts[last + 1]
        effect = self._next(following) if following else ""
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


def _early(
    body: Words, title: dict[int, tuple[str, ...]], cues: dict[int, tuple[str, ...]]
) -> dict[str, int]:
    lead = (effects for i, effects in cues.items() if body.starts[i] <= LEAD)
    return dict(Counter(chain(*title.values(), *lead)))


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
            merged[-1] = replace(last, end=mention.end, surface=surface, ambiguous=False)
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
            mentions[i] = replace(one, exception=other.exception)
    return mentions


def _settled(mentions: list[Mention]) -> tuple[Mention, ...]:
    """A name that stands once beyond doubt is beyond doubt wherever it stands, persons apart; where
    it is a person's and never beyond doubt, it is the person's in every case (Salon)."""
    sure = {m.place_id for m in mentions if not m.ambiguous and m.kind != "demonym"}
    placed = {m.place_id for m in mentions if m.series in ("inner", "outer") and not m.ambiguous}
    placed |= {m.place_id for m in mentions if m.exception in ("head", "town")}
    persons = {m.place_id for m in mentions if m.exception == "person"} - placed
    return tuple(
        replace(m, ambiguous=m.exception == "person" or m.place_id in persons)
        if m.place_id in (sure if m.ambiguous else persons)
        else m
        for m in mentions
    )
