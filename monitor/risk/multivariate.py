"""How the parts of the score hang together over the regions: the handbook's multivariate view. Pure.

Spearman's rank correlation of every two readiness components, over the cells of region and group where both
have a value, and of readiness gap and media pressure, over groups and over totals. Ranks, because the shares
are bounded and few are normal; groups are ranked apart, so that what differs between groups alone does not
count. The 95 % interval is the bootstrap's over *regions* (percentile; Davison and Hinkley 1997, section 5.3),
because the cells of one region are no independent observations.

*What is common.* The largest eigenvalue of the components' correlation matrix over their number (pairs without
`LEAST` cells count as 0), and Cronbach's alpha of the standardised components, n r / (1 + (n - 1) r) with the
mean correlation r (Cronbach 1951). A composite of unlike things may well have a low alpha: the components are
added because each matters, and not as measurements of one thing. What would speak against the weights is a pair
near 1, which counts one thing twice, or clearly below 0, which takes from one what the other gives.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import rankdata

from monitor.risk.inputs import WeekInputs
from monitor.risk.media import Array
from monitor.values import ALL_GROUPS, Interval, NotReady, Score

LEAST = 8  # cells; below it there is no correlation
RESAMPLES = 500
LEVEL = 0.95
READINESS, MEDIA = "readiness", "media"


@dataclass(frozen=True, slots=True)
class Pair:
    """How two parts go together."""

    first: str  # component id, or "readiness"
    second: str  # component id, or "media"
    of: str  # "cells" of region and group, or "totals" of regions
    n: int
    regions: int
    correlation: float | None  # Spearman's; None below LEAST or where one does not vary
    interval: Interval | None  # 95 %


@dataclass(frozen=True, slots=True)
class Multivariate:
    """The correlations of one week."""

    week: str
    components: tuple[str, ...]  # those with a value anywhere
    pairs: tuple[Pair, ...]  # of components, then readiness against media
    common: float | None  # share of the variance on the first principal component
    alpha: float | None  # Cronbach's


@dataclass(frozen=True, slots=True)
class _Cell:
    """Two values side by side."""

    region: str
    group: str
    first: float
    second: float


def multivariate(inputs: WeekInputs, scores: Sequence[Score]) -> Multivariate:
    """Of a week's inputs and the scores computed from them."""
    done = {
        (cell.region, cell.group, c.component): c.done
        for cell in inputs.readiness
        for c in cell.components
        if c.done is not None
    }
    names = tuple(sorted({name for _, _, name in done}))
    rng = np.random.Generator(np.random.PCG64(inputs.seed))
    pairs = [_pair(a, b, "cells", _both(done, a, b), rng) for a, b in combinations(names, 2)]
    halves = [_pair(READINESS, MEDIA, of, _halves(scores, of), rng) for of in ("cells", "totals")]
    return Multivariate(inputs.week, names, (*pairs, *halves), *_common(names, pairs))


def _both(done: dict[tuple[str, str, str], float], a: str, b: str) -> list[_Cell]:
    return [
        _Cell(region, group, value, done[region, group, b])
        for (region, group, name), value in sorted(done.items())
        if name == a and (region, group, b) in done
    ]


def _halves(scores: Iterable[Score], of: str) -> list[_Cell]:
    return [
        _Cell(s.region, s.group, s.readiness, s.media)
        for s in scores
        if (s.group == ALL_GROUPS) == (of == "totals")
        and not isinstance(s.readiness, NotReady)
        and not isinstance(s.media, NotReady)
    ]


def _pair(first: str, second: str, of: str, cells: list[_Cell], rng: np.random.Generator) -> Pair:
    regions = sorted({c.region for c in cells})
    told = first, second, of, len(cells), len(regions)
    value = None
    if len(cells) >= LEAST:
        x, y = (_ranks(cells, which) for which in ("first", "second"))
        value = _correlation(x, y)
    if value is None:
        return Pair(*told, None, None)
    rows = [[i for i, c in enumerate(cells) if c.region == r] for r in regions]
    again = []
    for _ in range(RESAMPLES):
        taken = [i for r in rng.integers(len(rows), size=len(rows)) for i in rows[r]]
        again.append(_correlation(x[taken], y[taken]))
    known = [c for c in again if c is not None]
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Pair(*told, value, Interval(min(float(low), value), max(float(high), value)))


def _ranks(cells: Sequence[_Cell], which: str) -> Array:
    """Ranks within each group, centred, as shares of the group's number."""
    values = np.array([getattr(c, which) for c in cells])
    found = np.zeros(len(cells))
    for group in {c.group for c in cells}:
        at = [i for i, c in enumerate(cells) if c.group == group]
        found[at] = (rankdata(values[at]) - (len(at) + 1) / 2) / len(at)
    return found


def _correlation(x: Array, y: Array) -> float | None:
    """Pearson's of the ranks; None where either does not vary."""
    x, y = x - x.mean(), y - y.mean()
    size = float(np.sqrt((x**2).sum() * (y**2).sum()))
    return None if size < 1e-12 else float((x * y).sum() / size)


def _common(names: Sequence[str], pairs: Sequence[Pair]) -> tuple[float | None, float | None]:
    known = [p for p in pairs if p.correlation is not None]
    if not known:
        return None, None
    matrix = np.eye(len(names))
    for p in known:
        i, j = names.index(p.first), names.index(p.second)
        matrix[i, j] = matrix[j, i] = p.correlation or 0.0
    mean = sum(p.correlation or 0.0 for p in known) / len(known)
    n = len(names)
    return float(np.linalg.eigvalsh(matrix)[-1] / n), n * mean / (1 + (n - 1) * mean)
