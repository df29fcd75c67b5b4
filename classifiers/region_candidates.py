"""The regions a text may be about, and what the mentions of all of a batch are like, as arrays.

Does not say what that means for a region (`region_features`).
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifiers.gazetteer import LEAD, Mention, Scan
from classifiers.reference import NATIONAL
from classifiers.values import Text

# What follows a name and makes it an institution of wider or other reach, or no place at all.
_DEMOTED = frozenset(
    ("court", "university", "newspaper", "company", "club", "bishop", "street", "person")
)
_ORGANISED = frozenset(("brand", "authority", "hospital", "rescue", "predecessor"))
_BLEMISHES = ("compare", "example", "origin", "earlier", "outside", "dateline")

# What holds of a mention or not. Those of the first line depend on where in its text it stands.
(TITLED, FIRST_TITLED, EARLY, LATE, OPENING) = range(5)
(ORGANISED, HOSPITAL, COUNTY, HEAD, TOWN, MUNICIPALITY, PART, DEMONYM, WIDE_AREA) = range(5, 14)
(WIDE, NAMED, AMBIGUOUS, DEMOTED, LOCATIVE, CLEAN, CLEAN_LOCATIVE, CLEAN_NAMED) = range(14, 22)
(TITLE_NAMED, SHARED, BESIDE_NATIONAL, BESIDE_SERVICE, BLEMISHED) = range(22, 27)
_PLACED, TRAITS = 5, BLEMISHED + len(_BLEMISHES)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Candidate(NamedTuple):
    """One region a text may be about, with the mentions that name it."""

    code: str
    mentions: tuple[Mention, ...]


class Seen(NamedTuple):
    """A text with what was found in it."""

    text: Text
    scan: Scan
    found: tuple[Candidate, ...]  # `candidates` of the scan


class Mentions(NamedTuple):
    """All mentions of some texts, in order: (mentions,) or (mentions, TRAITS)."""

    texts: Ints
    start: Ints
    sentence: Ints
    earliness: Ints  # 0 in the title, 1 in the lead, 2 later
    holds: Bools


def candidates(scan: Scan) -> tuple[Candidate, ...]:
    """Every region mentioned, in order of first mention, and the whole country."""
    by_code: dict[str, list[Mention]] = {}
    for mention in scan.mentions:
        for code in mention.codes:
            by_code.setdefault(code, []).append(mention)
    found = [Candidate(code, tuple(mentions)) for code, mentions in by_code.items()]
    return (*found, Candidate(NATIONAL, ()))


def mentions_of(batch: Sequence[Seen]) -> Mentions:
    """The mentions of the scans, whether they name a candidate or not."""
    owned = [(i, m) for i, seen in enumerate(batch) for m in seen.scan.mentions]
    texts = np.array([i for i, _ in owned], dtype=np.int64)
    places = [(m.field == "title", m.start, m.sentence) for _, m in owned]
    flat = np.fromiter(chain.from_iterable(places), np.int64)
    titled, start, sentence = flat.reshape(-1, 3).T
    traits = b"".join(
        [
            _traits(m.kind, m.exception, m.series, m.ambiguous, m.cues, len(m.codes))
            for _, m in owned
        ]
    )
    holds = np.frombuffer(traits, np.bool_).reshape(-1, TRAITS).copy()
    lead = np.array([lead_of(seen.text) for seen in batch])[texts]
    length = np.array([len(seen.text.text) for seen in batch])[texts]
    in_title = titled > 0
    holds[:, TITLED] = in_title
    holds[:, EARLY] = in_title | (start <= lead)
    holds[:, LATE] = ~in_title & (start > 0.6 * np.maximum(length, 1))
    holds[:, TITLE_NAMED] &= in_title
    holds[_firsts(texts, in_title), FIRST_TITLED] = True
    # The first sentence of the body that names a region at all.
    body = holds[:, NAMED] & ~in_title
    first = np.full(len(batch), -1)
    opening = _firsts(texts, body)  # sentences ascend
    first[texts[opening]] = sentence[opening]
    holds[:, OPENING] = holds[:, NAMED] & (sentence == first[texts])
    earliness = np.where(in_title, 0, np.where(holds[:, EARLY], 1, 2))
    return Mentions(texts, start, sentence, earliness, holds)


def pairs_of(batch: Sequence[Seen]) -> tuple[Ints, Ints]:
    """Of each candidate but the whole country, one after the other: how many mentions it has, and
    which these are among all."""
    numbers = count()
    lengths: list[int] = []
    members: list[int] = []
    for seen in batch:
        by_code: dict[str, list[int]] = {c.code: [] for c in seen.found[:-1]}
        for mention, number in zip(seen.scan.mentions, numbers, strict=False):
            for code in mention.codes:
                by_code[code].append(number)
        lengths += map(len, by_code.values())
        members += chain.from_iterable(by_code.values())
    return np.array(lengths, dtype=np.int64), np.array(members, dtype=np.int64)


def lead_of(text: Text) -> int:
    """The last character that counts as its lead."""
    paragraph = text.text.find("\n")
    return min(paragraph if paragraph > 0 else LEAD, LEAD)


def _firsts(texts: Ints, holds: Bools) -> Ints:
    """The first mention of each text of which it holds."""
    where = np.flatnonzero(holds)
    owners = texts[where]
    new = np.ones(len(where), dtype=bool)
    new[1:] = owners[1:] != owners[:-1]
    return where[new]


@lru_cache(maxsize=10_000)
def _traits(
    kind: str, exception: str, series: str, ambiguous: bool, cues: frozenset[str], reach: int
) -> bytes:
    """Of each trait whether it holds, as bytes; `reach` is the number of regions named at once."""
    wide = reach > 2  # names too many regions to point at any (Uusimaa)
    demoted = exception in _DEMOTED
    locative = series in ("inner", "outer")
    # Nothing near it says that it is an example, an origin or no place.
    clean = not ambiguous and not demoted and cues.isdisjoint(_BLEMISHES)
    return bytes(
        [
            *(False,) * _PLACED,
            kind in _ORGANISED,
            kind == "hospital",
            kind == "county",
            exception == "head",
            exception == "town",
            kind == "municipality",
            kind in ("locality", "district", "merged"),
            kind == "demonym",
            kind == "wide",
            wide,
            not wide,
            ambiguous,
            demoted,
            locative,
            clean,
            clean and locative,
            clean and not wide,
            not wide and not demoted,
            reach == 2,
            "national" in cues,
            "service" in cues,
            *(blemish in cues for blemish in _BLEMISHES),
        ]
    )
