"""Bands of the roadmap matrix: which band a share of finished tasks lies in, and what it is called.

The monthly picture was published as a matrix in colours of which one limit is known: the best band is
for shares *over* 90 per cent. So a band begins above its limit, and a share equal to a limit belongs to
the band below. Knows no tasks, no colours and no settings.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

MOST = 4  # limits; each makes one band more, and each band needs a word of its own

# Words of the bands by their number, the lowest first: ids of messages, `band.<id>`.
_WORDS = {
    2: ("behind", "near"),
    3: ("far", "behind", "near"),
    4: ("far", "behind", "under_way", "near"),
    5: ("far", "behind", "halfway", "under_way", "near"),
}


@dataclass(frozen=True, slots=True)
class Band:
    """One band."""

    number: int  # from 1, the lowest
    word: str  # id
    above: float  # share; 0 for the lowest, which also holds 0 itself
    to: float  # share, inclusive; 1 for the highest


@dataclass(frozen=True, slots=True)
class Bands:
    """All bands, the lowest first."""

    all: tuple[Band, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.all)

    def of(self, share: float) -> Band:
        """The band of a share in [0, 1]."""
        return next((b for b in reversed(self.all) if share > b.above), self.all[0])


def make_bands(limits: Sequence[float]) -> Bands:
    """Bands between `limits` in per cent. Raises ValueError for limits that cannot be."""
    limits = check_limits(limits)
    edges = [0.0, *(limit / 100 for limit in limits), 1.0]
    words = _WORDS[len(limits) + 1]
    pairs = enumerate(zip(words, pairwise(edges), strict=True), start=1)
    return Bands(tuple(Band(n, word, low, high) for n, (word, (low, high)) in pairs))


def read_limits(given: object) -> tuple[float, ...]:
    """Limits from a setting such as "50,75,90". Raises ValueError with a sentence."""
    if isinstance(given, str):
        given = [part.strip() for part in given.split(",")]
    if not isinstance(given, list | tuple):
        raise ValueError(_EXPECTED)
    try:
        numbers = [float(part) for part in given]
    except (TypeError, ValueError):
        raise ValueError(_EXPECTED) from None
    return check_limits(numbers)


_EXPECTED = "expected percentages with commas between them, the lowest first, such as 50,75,90"


def check_limits(limits: Sequence[float]) -> tuple[float, ...]:
    """`limits` where they are one to four, rising, between 0 and 100. Raises ValueError otherwise."""
    if not 1 <= len(limits) <= MOST:
        raise ValueError(f"{len(limits)} limits; {_EXPECTED}, at most {MOST} of them")
    for limit in limits:
        if not 0 < limit < 100:
            raise ValueError(f"{limit:g} does not lie between 0 and 100; {_EXPECTED}")
    for low, high in pairwise(limits):
        if low >= high:
            raise ValueError(f"{high:g} does not rise above {low:g}; {_EXPECTED}")
    return tuple(limits)


def digits(share: float, bands: Bands) -> int:
    """Decimals of a percentage at which the number as it is written does not contradict its band.

    56 of 62 is over 90 per cent, and "90 %" in the band over 90 would look like a mistake.
    """
    band = bands.of(share)
    return next((d for d in (0, 1, 2) if bands.of(round(share, d + 2)) == band), 3)
