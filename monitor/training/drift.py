"""Whether what a version says of the news has shifted: distributions of weeks against its first weeks.

Pure: counts in, findings out. The population stability index of shares p now and q before is
sum((p - q) ln(p / q)) (Siddiqi 2006, Credit Risk Scorecards, ch. 6, who reads 0.1 as a shift worth a look
and 0.25 as a large one). Of two samples from one distribution in B bins it is about
(1/n + 1/m) chi-squared with B - 1 degrees of freedom (Yurdakul & Naranjo 2020, Statistical properties of
the population stability index, Journal of Risk Model Validation 14(4)): what lies within its 95 % is
noise however large the number looks, and a small week counts for what it is.

A shift may be the world's and not the version's: a week of one great story shifts it too. It says look.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.stats import chi2

STEPS = 10  # equal steps of P(relevant)
BEFORE = 8  # first weeks of a version, with which later ones are compared
ENOUGH = 50  # articles of a week or a language; of fewer no index is given
LOOK, LARGE = 0.1, 0.25  # Siddiqi's readings
LEVEL = 0.95  # of the noise
_LEAST = 0.5  # added to every bin: an empty one would give an infinite index

Counts = Mapping[str, int]
Verdict = Literal["steady", "noise", "shifted", "large"]


@dataclass(frozen=True, slots=True)
class Week:
    """What a version said of one week's articles: language -> bin -> articles."""

    week: str
    counts: Mapping[str, Counts]


@dataclass(frozen=True, slots=True)
class Shift:
    """One week against the weeks before."""

    week: str
    n: int
    index: float | None  # None: too few articles, or nothing to compare with
    noise: (
        float | None
    )  # the index that two samples of one distribution stay under, 95 of 100 times
    verdict: Verdict | None


def population_stability(now: Counts, before: Counts) -> float:
    """The index, over the bins that either knows; each bin half an article larger than counted."""
    bins = sorted(set(now) | set(before))
    p, q = _shares(now, bins), _shares(before, bins)
    return sum((p[b] - q[b]) * math.log(p[b] / q[b]) for b in bins)


def noise(now: Counts, before: Counts) -> float:
    """What the index of two samples of one distribution stays under with probability LEVEL."""
    bins = len(set(now) | set(before))
    n, m = sum(now.values()), sum(before.values())
    if bins < 2 or not n or not m:
        return 0.0
    return float(chi2.ppf(LEVEL, bins - 1)) * (1 / n + 1 / m)


def shifts(weeks: Sequence[Week], language: str = "") -> tuple[Shift, ...]:
    """Every week against the first BEFORE of `weeks`, which are in order; those first ones against one
    another tell nothing and have no index. All languages together unless one is named."""
    first = Counter[str]()
    for week in weeks[:BEFORE]:
        first.update(bins_of(week, language))
    return tuple(
        _shift(week, bins_of(week, language), first if i >= BEFORE else Counter())
        for i, week in enumerate(weeks)
    )


def bins_of(week: Week, language: str = "") -> Counter[str]:
    """The week's counts of one language, or of all together."""
    found = Counter[str]()
    for spoken, counts in week.counts.items():
        if language in ("", spoken):
            found.update({name: int(n) for name, n in counts.items()})
    return found


def _shift(week: Week, now: Counts, before: Counts) -> Shift:
    n = sum(now.values())
    if n < ENOUGH or sum(before.values()) < ENOUGH:
        return Shift(week.week, n, None, None, None)
    index, within = population_stability(now, before), noise(now, before)
    return Shift(week.week, n, index, within, _verdict(index, within))


def _verdict(index: float, within: float) -> Verdict:
    if index < LOOK:
        return "steady"
    if index <= within:
        return "noise"
    return "large" if index >= LARGE else "shifted"


def _shares(counts: Counts, bins: Sequence[str]) -> dict[str, float]:
    whole = sum(counts.values()) + _LEAST * len(bins)
    return {b: (counts.get(b, 0) + _LEAST) / whole for b in bins}
