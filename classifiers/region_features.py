"""How each candidate region is mentioned in a text, as numbers for one model of all regions.

No feature knows which region it describes, so what is learnt of some holds for all; the whole
country (NAT) is a candidate with a block of features of its own. Does not decide anything.
"""

from collections.abc import Sequence
from math import log1p
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifiers import region_candidates as of
from classifiers.gazetteer import Scan
from classifiers.reference import ALAND
from classifiers.region_candidates import Bools, Candidate, Ints, Mentions, Seen
from classifiers.values import Text

Matrix = NDArray[np.float64]
Columns = list[Matrix | Ints | Bools]

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
_COUNTED = ("foreign", "national", "service", "country")
_NOWHERE = np.iinfo(np.int64).max


class _Regions(NamedTuple):
    """The candidates of all texts but the whole country, (candidates,) or (candidates, TRAITS)."""

    texts: Ints  # the text of each
    mentions: Ints  # how many it has
    times: Ints  # of how many of them each trait holds
    first: Bools  # whether it holds of the first
    earliness: Ints  # of the first
    body: Ints  # where the body names it first
    sentences: Ints
    places: Ints  # of it that are named
    beside: Ints  # the most regions that one of its sentences names
    aland: Bools
    joint: Bools  # its code is no region's but a joint authority's
    home: Bools


class _Whole(NamedTuple):
    """What the features of all candidates of a text share, (texts,) or (texts, TRAITS)."""

    length: Ints  # of the body, at least 1
    empty: Bools  # no body
    sentences: Ints
    words: Ints
    mentions: Ints
    times: Ints  # of how many mentions each trait holds
    earliest: Ints  # as `Mentions.earliness`, 3 where there is no mention
    total: Ints  # mentions of all regions
    most: Ints  # mentions of the region that has the most
    clean: Ints  # regions with a clean mention
    named: Ints  # regions
    titled: Ints  # regions the title names
    opening: Ints  # regions in the first sentence of the body that names any
    cues: dict[str, Ints]
    early: dict[str, Ints]  # cues in title and lead
    in_title: dict[str, Bools]


def features(text: Text, scan: Scan, found: tuple[Candidate, ...]) -> Matrix:
    """One row per candidate, `WIDTH` columns; the other block is zero."""
    return features_of([Seen(text, scan, found)])


def features_of(batch: Sequence[Seen]) -> Matrix:
    """As `features`, of all texts in order: many at once are several times faster."""
    if not batch:
        return np.empty((0, WIDTH))
    last = np.cumsum([len(seen.found) for seen in batch]) - 1  # the whole country, of each text
    rows = np.zeros((int(last[-1]) + 1, WIDTH))
    mentions = of.mentions_of(batch)
    regions = _regions(batch, mentions)
    whole = _whole(batch, mentions, regions)
    parts = (_where, _how_often, _what, _how, _among, _early)
    columns = [column for part in parts for column in part(regions, whole)]
    rows[np.delete(np.arange(len(rows)), last), : len(NAMES)] = np.array(columns).T
    rows[last, len(NAMES) : _SINGLE] = np.array(_national(whole)).T
    rows[:, _SINGLE:] = rows[:, _LEFT] * rows[:, _RIGHT]
    return rows


def _regions(batch: Sequence[Seen], mentions: Mentions) -> _Regions:
    found = [(i, c) for i, seen in enumerate(batch) for c in seen.found[:-1]]
    lengths, members = of.pairs_of(batch)
    texts = np.array([i for i, _ in found], dtype=np.int64)
    begins = np.cumsum(lengths) - lengths
    holds, sentence = mentions.holds[members], mentions.sentence[members]
    width = int(sentence.max(initial=0)) + 1
    cell = np.repeat(np.arange(len(found)), lengths) * width + sentence  # candidate and sentence
    named = np.unique(cell[holds[:, of.NAMED]])
    regions = np.bincount(
        texts[named // width] * width + named % width, minlength=len(batch) * width
    )
    beside = regions[mentions.texts[members] * width + sentence]
    body = np.where(holds[:, of.TITLED], _NOWHERE, mentions.start[members])
    return _Regions(
        texts,
        lengths,
        np.add.reduceat(holds, begins, axis=0, dtype=np.int64),
        holds[begins],
        mentions.earliness[members[begins]],
        np.minimum.reduceat(body, begins),
        np.bincount(np.unique(cell) // width, minlength=len(found)),
        np.array([len({m.place_id for m in c.mentions}) for _, c in found], dtype=np.int64),
        np.maximum.reduceat(beside, begins),
        np.array([c.code == ALAND for _, c in found], dtype=np.bool_),
        np.array([not c.code.isdigit() for _, c in found], dtype=np.bool_),
        np.array([c.code in batch[i].text.home for i, c in found], dtype=np.bool_),
    )


def _whole(batch: Sequence[Seen], mentions: Mentions, regions: _Regions) -> _Whole:
    texts, scans = [seen.text for seen in batch], [seen.scan for seen in batch]
    own = ~regions.aland
    holds = regions.times > 0

    def how_many(which: Bools) -> Ints:
        return np.bincount(regions.texts[which], minlength=len(batch))

    most = np.zeros(len(batch), dtype=np.int64)
    np.maximum.at(most, regions.texts[own], regions.mentions[own])
    total = np.zeros(len(batch), dtype=np.int64)
    np.add.at(total, regions.texts[own], regions.mentions[own])
    earliest = np.full(len(batch), 3)
    np.minimum.at(earliest, mentions.texts, mentions.earliness)  # they stand in reading order
    ends = np.cumsum([len(scan.mentions) for scan in scans])
    sums = np.cumsum(mentions.holds, axis=0, dtype=np.int64)
    sums = np.vstack([np.zeros((1, of.TRAITS), dtype=np.int64), sums])[ends]
    return _Whole(
        length=np.array([max(len(text.text), 1) for text in texts]),
        empty=np.array([not text.text for text in texts]),
        sentences=np.array([scan.sentences for scan in scans]),
        words=np.array([scan.words for scan in scans]),
        mentions=np.diff(ends, prepend=0),
        times=np.diff(sums, axis=0, prepend=0),
        earliest=earliest,
        total=total,
        most=most,
        clean=how_many(holds[:, of.CLEAN_NAMED] & own),
        named=how_many(holds[:, of.NAMED] & own),
        titled=how_many(holds[:, of.TITLE_NAMED]),
        opening=how_many(holds[:, of.OPENING]),
        cues={cue: np.array([s.cue_counts.get(cue, 0) for s in scans]) for cue in _COUNTED},
        early={cue: np.array([s.early_cues.get(cue, 0) for s in scans]) for cue in _COUNTED},
        in_title={cue: np.array([cue in s.title_cues for s in scans]) for cue in _COUNTED},
    )


def _log(counts: Ints) -> Matrix:
    """ln(1 + count), as the C library has it: numpy's own may differ in the last bit."""
    return np.array(list(map(log1p, counts.tolist())), dtype=np.float64)


def _where(r: _Regions, w: _Whole) -> Columns:
    """From "in title" to "position of first mention"."""
    t, titled, in_body = r.texts, r.times[:, of.TITLED], r.body < _NOWHERE
    elsewhere = np.where(titled > 0, 0.0, 1.0)
    lead = (r.times[:, of.EARLY] > titled) | (w.earliest[t] == 2)
    return [
        titled > 0,
        titled / np.maximum(w.times[t, of.TITLED], 1),
        (w.titled[t] > 0) & (r.times[:, of.TITLE_NAMED] == 0),
        r.times[:, of.FIRST_TITLED] > 0,
        in_body & lead,
        in_body & (r.times[:, of.OPENING] > 0),
        np.where(in_body, r.body / w.length[t], elsewhere),
    ]


def _how_often(r: _Regions, w: _Whole) -> Columns:
    """From "mentions, log" to "places named, log"."""
    t, clean = r.texts, r.times[:, of.CLEAN]
    return [
        _log(r.mentions),
        r.mentions / np.maximum(w.total[t], 1),
        r.mentions == w.most[t],
        clean / np.maximum(w.times[t, of.CLEAN], 1),
        _log(clean),
        r.sentences / np.maximum(w.sentences[t], 1),
        _log(r.places),
    ]


def _what(r: _Regions, w: _Whole) -> Columns:
    """From "organisation" to "demoted share"."""
    times, every = r.times.T, r.mentions == r.times.T
    return [
        times[of.ORGANISED] > 0,
        times[of.HOSPITAL] > 0,
        times[of.COUNTY] > 0,
        times[of.HEAD] > 0,
        times[of.TOWN] > 0,
        times[of.MUNICIPALITY] > 0,
        times[of.PART] > 0,
        every[of.DEMONYM],
        every[of.WIDE_AREA] | every[of.WIDE],
        r.joint,
        every[of.AMBIGUOUS],
        times[of.AMBIGUOUS] / r.mentions,
        every[of.DEMOTED],
        times[of.DEMOTED] / r.mentions,
    ]


def _how(r: _Regions, w: _Whole) -> Columns:
    """From "locative" to "blemished only"."""
    return [
        r.times[:, of.LOCATIVE] > 0,
        r.times[:, of.CLEAN_LOCATIVE] > 0,
        r.first[:, of.CLEAN_LOCATIVE],
        *(r.times[:, of.BLEMISHED :].T / r.mentions),
        r.times[:, of.CLEAN] == 0,
    ]


def _among(r: _Regions, w: _Whole) -> Columns:
    """From "other regions, log" to "first sentence names other regions only"."""
    t, holds = r.texts, r.times.T > 0
    others = w.named[t] - (holds[of.NAMED] & ~r.aland)
    return [
        _log(others),
        others == 0,
        _log(w.clean[t] - (holds[of.CLEAN_NAMED] & ~r.aland)),
        w.titled[t] - holds[of.TITLE_NAMED],
        r.beside > 1,
        r.times[:, of.LATE] == r.mentions,
        (r.mentions == 1) & (w.mentions[t] > 3),
        r.beside > 2,
        holds[of.SHARED],
        r.home,
        w.empty[t],
        *(_log(w.cues[cue])[t] for cue in ("foreign", "national", "service")),
        holds[of.OPENING],
        (w.opening[t] > 0) & ~holds[of.OPENING],
    ]


def _early(r: _Regions, w: _Whole) -> Columns:
    """From "as early as any" to the end: a matter of the whole country names its examples late."""
    t, nothing = r.texts, w.times[r.texts, of.EARLY] == 0
    return [
        r.earliness == w.earliest[t],
        nothing,
        _log(w.early["national"])[t],
        _log(w.early["foreign"])[t],
        r.times[:, of.BESIDE_NATIONAL] > 0,
        r.times[:, of.BESIDE_SERVICE] > 0,
        nothing & (w.early["national"][t] > 0),
        1 - r.times[:, of.EARLY] / r.mentions,
        _log(w.cues["country"])[t],
        _log(w.early["country"])[t],
    ]


def _national(w: _Whole) -> Columns:
    words = np.maximum(w.words, 1)
    country = w.cues["national"] + w.cues["country"]
    country_early = w.early["national"] + w.early["country"]
    service, none, times = w.cues["service"], w.clean == 0, w.times.T
    late = times[of.EARLY] == 0
    return [
        np.ones(len(words)),
        none,
        _log(w.clean),
        _log(times[of.CLEAN]),
        w.titled > 0,
        times[of.ORGANISED] + times[of.HEAD] > 0,
        times[of.EARLY] > times[of.TITLED],
        w.clean > 2,
        _log(country),
        10 * country / words,
        w.in_title["national"] | w.in_title["country"],
        _log(service),
        10 * service / words,
        w.in_title["service"],
        _log(w.cues["foreign"]),
        w.in_title["foreign"],
        w.empty,
        (country > 0) & none,
        (service > 0) & none,
        (country > 0) & (service > 0) & none,
        late,
        _log(country_early),
        late & (country_early > 0),
    ]
