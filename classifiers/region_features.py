"""How each candidate region is mentioned in a text, as numbers for one model of all regions.

No feature knows which region it describes, so what is learnt of some holds for all; the whole
country (NAT) is a candidate with a block of features of its own. Does not decide anything.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p

import numpy as np
from numpy.typing import NDArray

from classifiers.gazetteer import LEAD, Mention, Scan
from classifiers.reference import ALAND, NATIONAL
from classifiers.values import Text

# What follows a name and makes it an institution of wider or other reach, or no place at all.
_DEMOTED = frozenset(
    ("court", "university", "newspaper", "company", "club", "bishop", "street", "person")
)
_ORGANISED = frozenset(("brand", "authority", "hospital", "rescue", "predecessor"))
_BLEMISHES = ("compare", "example", "origin", "earlier", "outside", "dateline")

NAMES = (
    "in title",
    "title mentions, share",
    "title names other regions only",
    "first of title",
    "in lead",
    "first of text",
    "position of first mention",
    "mentions, log",
    "share of mentions",
    "most mentioned",
    "share of clean mentions",
    "clean mentions, log",
    "sentences, share",
    "places named, log",
    "organisation",
    "hospital",
    "county by name",
    "name with head",
    "name with town",
    "municipality",
    "locality or district",
    "demonym only",
    "wide only",
    "joint authority",
    "ambiguous only",
    "ambiguous share",
    "demoted only",
    "demoted share",
    "locative",
    "clean locative",
    "first clean locative",
    "compare",
    "example",
    "origin",
    "earlier",
    "outside",
    "dateline",
    "blemished only",
    "other regions, log",
    "only candidate",
    "other regions clean, log",
    "other regions in title",
    "beside another region",
    "in last part only",
    "single mention among many",
    "in list",
    "shared organisation",
    "at home",
    "no text",
    "foreign words, log",
    "national words, log",
    "service words, log",
    "first sentence",
    "first sentence names other regions only",
    "as early as any",
    "no region in title or lead",
    "national words early, log",
    "foreign words early, log",
    "beside national word",
    "beside service word",
    "late and nowhere early",
    "mentions after the lead, share",
    "country words, log",
    "country words early, log",
)
NATIONAL_NAMES = (
    "national: constant",
    "national: no region",
    "national: clean regions, log",
    "national: clean mentions, log",
    "national: region in title",
    "national: organised region",
    "national: region in lead",
    "national: many regions",
    "national: words, log",
    "national: words, share",
    "national: words in title",
    "national: service words, log",
    "national: service words, share",
    "national: service words in title",
    "national: foreign words, log",
    "national: foreign words in title",
    "national: no text",
    "national: words and no region",
    "national: service and no region",
    "national: service, words and no region",
    "national: nothing early",
    "national: words early, log",
    "national: words early and nothing early",
)
# What a linear model cannot see by itself: a single clean region decides also where it comes late, a
# title that names several regions is about each of them, a list is about all it names or about none.
PRODUCTS = (
    ("only candidate", "clean mentions, log"),
    ("only candidate", "blemished only"),
    ("first of title", "share of clean mentions"),
    ("in title", "other regions in title"),
    ("joint authority", "share of clean mentions"),
    ("joint authority", "hospital"),
    ("in list", "most mentioned"),
    ("no region in title or lead", "share of clean mentions"),
    ("beside another region", "most mentioned"),
    ("county by name", "in title"),
)
_LEFT = np.array([NAMES.index(left) for left, _ in PRODUCTS])
_RIGHT = np.array([NAMES.index(right) for _, right in PRODUCTS])
_SINGLE = len(NAMES) + len(NATIONAL_NAMES)
WIDTH = _SINGLE + len(PRODUCTS)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One region a text may be about, with the mentions that speak for it."""

    code: str
    mentions: tuple[Mention, ...]


def candidates(scan: Scan) -> tuple[Candidate, ...]:
    """Every region mentioned, in order of first mention, and the whole country."""
    by_code: dict[str, list[Mention]] = defaultdict(list)
    for mention in scan.mentions:
        for code in mention.codes:
            by_code[code].append(mention)
    found = [Candidate(code, tuple(mentions)) for code, mentions in by_code.items()]
    return (*found, Candidate(NATIONAL, ()))


def features(text: Text, scan: Scan, found: Sequence[Candidate]) -> NDArray[np.float64]:
    """One row per candidate, `WIDTH` columns; the other block is zero."""
    rows = np.zeros((len(found), WIDTH))
    whole = _Whole(text, scan, found)
    for row, candidate in zip(rows, found, strict=True):
        if candidate.code == NATIONAL:
            row[len(NAMES) : _SINGLE] = _national(whole)
        else:
            row[: len(NAMES)] = _regional(candidate, whole)
    rows[:, _SINGLE:] = rows[:, _LEFT] * rows[:, _RIGHT]
    return rows


class _Whole:
    """What the features of all candidates of one text share."""

    def __init__(self, text: Text, scan: Scan, found: Sequence[Candidate]) -> None:
        self.text = text
        self.scan = scan
        self.mentions = scan.mentions
        self.regional = [c for c in found if c.code not in (NATIONAL, ALAND)]
        paragraph = text.text.find("\n")
        self.lead = min(paragraph if paragraph > 0 else LEAD, LEAD)
        self.nothing_early = not any(
            m.field == "title" or m.start <= self.lead for m in self.mentions
        )
        self.earliest = _earliness(self.mentions, self.lead)
        self.title = [m for m in self.mentions if m.field == "title"]
        self.total = float(sum(len(c.mentions) for c in self.regional)) or 1.0
        self.most = max((len(c.mentions) for c in self.regional), default=0)
        self.clean_codes = {
            c.code for c in self.regional if any(is_clean(m) and not is_wide(m) for m in c.mentions)
        }
        named = [m for m in self.mentions if not is_wide(m)]
        self.named_codes = {code for m in named for code in m.codes} - {ALAND}
        self.title_codes = {
            code
            for m in named
            if m.field == "title" and m.exception not in _DEMOTED
            for code in m.codes
        }
        body = [m.sentence for m in named if m.field == "text"]
        self.first_sentence = min(body, default=-1)
        by_sentence: dict[int, set[str]] = defaultdict(set)
        for mention in named:
            by_sentence[mention.sentence].update(mention.codes)
        self.by_sentence = by_sentence
        self.first_codes = by_sentence.get(self.first_sentence, set())

    def cue(self, effect: str) -> float:
        return log1p(self.scan.cue_counts.get(effect, 0))


def _earliness(mentions: Sequence[Mention], lead: int) -> int:
    """0 in the title, 1 in the lead, 2 later, 3 nowhere."""
    if not mentions:
        return 3
    if mentions[0].field == "title":
        return 0
    return 1 if mentions[0].start <= lead else 2


def is_wide(mention: Mention) -> bool:
    """Whether it names more than two regions at once (Uusimaa): too wide to point at any."""
    return len(mention.codes) > 2


def is_clean(mention: Mention) -> bool:
    """Whether nothing near the mention says that it is an example, an origin or no place."""
    return (
        not mention.ambiguous
        and mention.exception not in _DEMOTED
        and not mention.cues.intersection(_BLEMISHES)
    )


def _regional(candidate: Candidate, whole: _Whole) -> list[float]:
    mentions = candidate.mentions
    return [
        *_where(candidate, whole),
        *_how_often(candidate, whole),
        *_what(candidate),
        *_how(mentions),
        *_among(candidate, whole),
    ]


def _where(candidate: Candidate, whole: _Whole) -> list[float]:
    """From "in title" to "position of first mention"."""
    code, mentions = candidate.code, candidate.mentions
    titled = [m for m in mentions if m.field == "title"]
    body = [m.start for m in mentions if m.field == "text"]
    length = max(len(whole.text.text), 1)
    return [
        bool(titled),
        len(titled) / max(len(whole.title), 1),
        bool(whole.title_codes) and code not in whole.title_codes,
        bool(whole.title) and code in whole.title[0].codes,
        bool(body) and (body[0] <= whole.lead or whole.earliest == 2),
        bool(body) and code in whole.first_codes,
        (body[0] / length) if body else (0.0 if titled else 1.0),
    ]


def _how_often(candidate: Candidate, whole: _Whole) -> list[float]:
    """From "mentions, log" to "places named, log"."""
    mentions = candidate.mentions
    clean = [m for m in mentions if is_clean(m)]
    all_clean = sum(1 for m in whole.mentions if is_clean(m))
    return [
        log1p(len(mentions)),
        len(mentions) / whole.total,
        len(mentions) == whole.most,
        len(clean) / max(all_clean, 1),
        log1p(len(clean)),
        len({m.sentence for m in mentions}) / max(whole.scan.sentences, 1),
        log1p(len({m.place_id for m in mentions})),
    ]


def _what(candidate: Candidate) -> list[float]:
    """From "organisation" to "demoted share"."""
    mentions = candidate.mentions
    kinds = {m.kind for m in mentions}
    ambiguous = sum(m.ambiguous for m in mentions)
    demoted = sum(m.exception in _DEMOTED for m in mentions)
    return [
        bool(kinds & _ORGANISED),
        "hospital" in kinds,
        "county" in kinds,
        any(m.exception == "head" for m in mentions),
        any(m.exception == "town" for m in mentions),
        "municipality" in kinds,
        bool(kinds & {"locality", "district", "merged"}),
        kinds == {"demonym"},
        kinds == {"wide"} or all(map(is_wide, mentions)),
        not candidate.code.isdigit(),
        ambiguous == len(mentions),
        ambiguous / len(mentions),
        demoted == len(mentions),
        demoted / len(mentions),
    ]


def _how(mentions: tuple[Mention, ...]) -> list[float]:
    """From "locative" to "blemished only"."""
    locative = [m for m in mentions if m.series in ("inner", "outer")]
    first = mentions[0]
    shares = [sum(b in m.cues for m in mentions) / len(mentions) for b in _BLEMISHES]
    return [
        bool(locative),
        any(is_clean(m) for m in locative),
        first.series in ("inner", "outer") and is_clean(first),
        *shares,
        not any(is_clean(m) for m in mentions),
    ]


def _among(candidate: Candidate, whole: _Whole) -> list[float]:
    """From "other regions, log" to the end."""
    code, mentions = candidate.code, candidate.mentions
    others = len(whole.named_codes - {code})
    sentences = {m.sentence for m in mentions}
    length = max(len(whole.text.text), 1)
    late = all(m.field == "text" and m.start > 0.6 * length for m in mentions)
    return [
        log1p(others),
        not others,
        log1p(len(whole.clean_codes - {code})),
        len(whole.title_codes - {code}),
        any(len(whole.by_sentence[s]) > 1 for s in sentences),
        late,
        len(mentions) == 1 and len(whole.mentions) > 3,
        any(len(whole.by_sentence[s]) > 2 for s in sentences),
        any(len(m.codes) == 2 for m in mentions),
        code in whole.text.home,
        not whole.text.text,
        whole.cue("foreign"),
        whole.cue("national"),
        whole.cue("service"),
        code in whole.first_codes and whole.first_sentence >= 0,
        bool(whole.first_codes) and code not in whole.first_codes,
        *_early(mentions, whole),
    ]


def _early(mentions: tuple[Mention, ...], whole: _Whole) -> list[float]:
    """From "as early as any" to the end: a matter of the whole country names its examples late."""
    early = [m for m in mentions if m.field == "title" or m.start <= whole.lead]
    return [
        _earliness(mentions, whole.lead) == whole.earliest,
        whole.nothing_early,
        log1p(whole.scan.early_cues.get("national", 0)),
        log1p(whole.scan.early_cues.get("foreign", 0)),
        any("national" in m.cues for m in mentions),
        any("service" in m.cues for m in mentions),
        whole.nothing_early and whole.scan.early_cues.get("national", 0) > 0,
        1 - len(early) / len(mentions),
        whole.cue("country"),
        log1p(whole.scan.early_cues.get("country", 0)),
    ]


def _national(whole: _Whole) -> list[float]:
    words = max(whole.scan.words, 1)
    count, early = whole.scan.cue_counts.get, whole.scan.early_cues.get
    country = count("national", 0) + count("country", 0)
    country_early = early("national", 0) + early("country", 0)
    none = not whole.clean_codes
    titled = whole.scan.title_cues
    organised = any(m.kind in _ORGANISED or m.exception == "head" for m in whole.mentions)
    lead = any(m.field == "text" and m.start <= whole.lead for m in whole.mentions)
    national, service = country > 0, count("service", 0) > 0
    return [
        1.0,
        none,
        log1p(len(whole.clean_codes)),
        log1p(sum(map(is_clean, whole.mentions))),
        bool(whole.title_codes),
        organised,
        lead,
        len(whole.clean_codes) > 2,
        log1p(country),
        10 * country / words,
        bool(titled & {"national", "country"}),
        whole.cue("service"),
        10 * count("service", 0) / words,
        "service" in titled,
        whole.cue("foreign"),
        "foreign" in titled,
        not whole.text.text,
        national and none,
        service and none,
        national and service and none,
        whole.nothing_early,
        log1p(country_early),
        whole.nothing_early and country_early > 0,
    ]
