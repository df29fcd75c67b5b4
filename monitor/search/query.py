"""Reads what a person typed into the search field. Pure: a string in, a Query or a Wrong out, never an error.

Words must all occur, "words in a row" together, -word not at all, begin* begins so; region:, topic:,
outlet:, language:, from:, to: and decided: narrow it, also by their Finnish and Swedish names.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import chain

from classifiers.reference import NATIONAL, Reference
from monitor.clock import HELSINKI
from monitor.search.values import Names, Query, Term, Wrong
from monitor.search.words import LANGUAGES, fold, lemma, tokens

LONGEST = 400  # characters
MOST = 20  # words and fields
LEAST_PREFIX = 3  # letters before *: fewer would match a tenth of all words

FIELDS = {
    "region": ("region", "alue", "region", "område", "omrade"),
    "topic": ("topic", "aihe", "ämne", "amne"),
    "outlet": ("outlet", "lähde", "lahde", "julkaisija", "källa", "kalla"),
    "language": ("language", "lang", "kieli", "språk", "sprak"),
    "from": ("from", "alkaen", "från", "fran"),
    "to": ("to", "asti", "till"),
    "decided": ("decided", "päätetty", "paatetty", "avgjord"),
}
_FIELD_OF = {name: field for field, names in FIELDS.items() for name in names}
_YES = {"yes": "yes", "kyllä": "yes", "ja": "yes", "no": "no", "ei": "no", "nej": "no"}
_PART = re.compile(
    r'(?P<minus>-?)(?:(?P<field>[^\W\d_]+):(?=[^\s:])(?!//))?(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))'
)
_CASE_ENDING = re.compile(r"[a-zåäö]{1,6}")


@dataclass(slots=True)
class _Read:
    """What was read so far."""

    terms: list[Term] = field(default_factory=list)
    without: list[Term] = field(default_factory=list)
    marks: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    without_marks: list[str] = field(default_factory=list)
    days: dict[str, date] = field(default_factory=dict)


class _WrongPart(Exception):
    def __init__(self, why: str, **values: str) -> None:
        super().__init__(why)
        self.wrong = Wrong(why, values)


def parse(text: str, names: Names) -> Query | Wrong:
    """`text` as a query. An empty one asks for every article."""
    if len(text) > LONGEST:
        return Wrong("long", {"most": str(LONGEST)})
    if text.count('"') % 2:
        return Wrong("quote")
    read = _Read()
    try:
        parts = list(_PART.finditer(text))
        if len(parts) > MOST:
            raise _WrongPart("many", most=str(MOST))
        for part in parts:
            _take(part, read, names)
        return _query(read)
    except _WrongPart as error:
        return error.wrong


def names_of(reference: Reference, outlets: dict[str, str]) -> Names:
    """What fields may name. `outlets`: id -> the outlet's name."""
    regions = {fold(NATIONAL): NATIONAL, "valtakunnallinen": NATIONAL, "nationell": NATIONAL}
    for region in reference.regions:
        own = (region.name, region.short)
        said = [region.code, *region.aliases, *chain(*((n.fi, n.sv, n.en) for n in own))]
        regions |= {fold_name(name): region.code for name in said}
    topics = {
        fold_name(name): topic.id
        for topic in reference.topics
        for name in (topic.id, topic.name.fi, topic.name.sv, topic.name.en)
    }
    by_title = {fold_name(title): id_ for id_, title in outlets.items()}
    return Names(regions, topics, by_title | {fold_name(id_): id_ for id_ in outlets})


def compose(typed: str, fields: Mapping[str, str]) -> str:
    """What was typed and what was chosen from lists, as one query."""
    chosen = (f'{name}:"{value.replace(chr(34), "")}"' for name, value in fields.items() if value)
    return " ".join([typed, *chosen]).strip()


@lru_cache(maxsize=10_000)
def fold_name(name: str) -> str:
    """A name as it is compared."""
    return " ".join(fold(word) for word in re.split(r"[\s]+", name.strip()) if word)


def mark(kind: str, value: str) -> str:
    """What the index holds of an article besides its words: "r=19"; never like a word."""
    safe = "".join(c if c.isalnum() and c.isascii() else f"-{ord(c):x}-" for c in value.lower())
    return f"{kind}={safe}"


def _take(part: re.Match[str], read: _Read, names: Names) -> None:
    quoted, plain, named = part["quoted"], part["plain"], part["field"]
    value = plain if quoted is None else quoted
    minus = bool(part["minus"])
    if named and (_FIELD_OF.get(named.lower()) or not _is_case_ending(named, value)):
        _take_field(_FIELD_OF.get(named.lower(), ""), named, value, minus, read, names)
        return
    term = _term(f"{named}:{value}" if named else value, quoted is None)
    (read.without if minus else read.terms).append(term)


def _is_case_ending(word: str, value: str) -> bool:
    return bool(_CASE_ENDING.fullmatch(value)) and word.isupper()


def _term(value: str, may_go_on: bool) -> Term:
    prefix = may_go_on and value.endswith("*")
    words = [token.word for token in tokens(value)]
    if not words:
        raise _WrongPart("empty", part=value)
    if "*" in value.rstrip("*") or (value.endswith("*") and not may_go_on):
        raise _WrongPart("star", part=value)
    if prefix and len(words[-1]) < LEAST_PREFIX:
        raise _WrongPart("prefix", part=value, least=str(LEAST_PREFIX))
    readings = [reading for reading in _readings(words, prefix) if all(reading)]
    if not readings:
        raise _WrongPart("empty", part=value)
    return Term(tuple(dict.fromkeys(readings)), prefix)


def _readings(words: list[str], prefix: bool) -> Iterator[tuple[str, ...]]:
    """The words as they stand, and by lemma in each language; of a beginning only what is typed."""
    last = [fold(words[-1])] if prefix else None
    yield tuple(fold(word) for word in words)
    for language in LANGUAGES:
        for written in (words, [w if w.isupper() else w.capitalize() for w in words]):
            own = [lemma(word, language) for word in written]
            yield tuple(own[:-1] + last if last else own)


def _take_field(known: str, named: str, value: str, minus: bool, read: _Read, names: Names) -> None:
    if not known:
        raise _WrongPart("field", field=named, fields=", ".join(f"{name}:" for name in FIELDS))
    if known in ("from", "to"):
        if minus:
            raise _WrongPart("minus", field=named)
        read.days[known] = _day(value)
        return
    made = _mark(known, value, names)
    if minus:
        read.without_marks.append(made)
    else:
        read.marks[known].append(made)


def _mark(known: str, value: str, names: Names) -> str:
    if known == "decided":
        said = _YES.get(value.lower())
        if said is None:
            raise _WrongPart("decided", value=value)
        return mark("d", said)
    if known == "language":
        return mark("l", value[:20])
    kind, allowed = {
        "region": ("r", names.regions),
        "topic": ("t", names.topics),
        "outlet": ("o", names.outlets),
    }[known]
    id_ = allowed.get(fold_name(value))
    if id_ is None:
        raise _WrongPart(known, value=value)
    return mark(kind, id_)


def _day(value: str) -> date:
    """2026-11-21 or 21.11.2026."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", value)
    year, month, day = found.groups() if found else ("", "", "")
    if not found and (found := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", value)):
        day, month, year = found.groups()
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise _WrongPart("date", value=value) from None


def _query(read: _Read) -> Query:
    start, end = read.days.get("from"), read.days.get("to")
    if start and end and end < start:
        raise _WrongPart("days")
    if (read.without or read.without_marks) and not (read.terms or read.marks):
        raise _WrongPart("only_without")
    return Query(
        tuple(read.terms),
        tuple(read.without),
        tuple(tuple(group) for group in read.marks.values()),
        tuple(read.without_marks),
        _midnight(start) if start else None,
        _midnight(end, 1) if end else None,
    )


def _midnight(day: date, later: int = 0) -> datetime:
    try:
        day += timedelta(days=later)
    except OverflowError:
        day = date.max
    return datetime.combine(day, time(), HELSINKI)
