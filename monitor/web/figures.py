"""The three numbers of a score as pages show them: all on the scale 0-100, with their interval.

Pure. A number that cannot be given stays a `NotReady` all the way to the page.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.charts import step
from monitor.risk.score import contribution_tree
from monitor.values import ALL_GROUPS, Contribution, Interval, NotReady, Score

MEASURES = ("combined", "readiness", "media")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of one region."""

    measure: str
    value: float | None  # 0-100
    low: float | None
    high: float | None
    reasons: tuple[str, ...]  # ids, where there is no value

    @property
    def step(self) -> int | None:
        """1-4, by the number as it is written."""
        return None if self.value is None else step(self.value)


def figure(score: Score, measure: str) -> Figure:
    """`measure` of `score`."""
    value: float | NotReady = getattr(score, measure)
    interval: Interval | None = getattr(score, f"{measure}_interval")
    if isinstance(value, NotReady):
        return Figure(measure, None, None, None, value.reasons)
    factor = 1.0 if measure == "combined" else 100.0
    if interval is None:
        return Figure(measure, value * factor, None, None, ())
    return Figure(measure, value * factor, interval.low * factor, interval.high * factor, ())


def change(now: Score, before: Score | None, measure: str) -> float | None:
    """Points risen since the week before; None where either week has no number."""
    if before is None:
        return None
    new, old = figure(now, measure).value, figure(before, measure).value
    return None if new is None or old is None else new - old


def leaves(scores: Iterable[Score], group: str = ALL_GROUPS) -> tuple[Contribution, ...]:
    """What one region's number of `group` is made of, the largest parts first.

    For the whole region every part of every group, one and the same story or component added up over
    the groups; the points still sum to the number.
    """
    of_region = list(scores)
    if group != ALL_GROUPS:
        parts: Sequence[Contribution] = [
            c for s in of_region if s.group == group for c in s.contributions
        ]
    else:
        parts = [leaf for _, below in contribution_tree(of_region) for leaf in below]
    return tuple(sorted(_merged(parts), key=lambda c: (-c.value, c.kind, c.ref)))


def _merged(parts: Iterable[Contribution]) -> list[Contribution]:
    sums: dict[tuple[str, str], Contribution] = {}
    for part in parts:
        known = sums.get((part.kind, part.ref))
        value = part.value + (known.value if known else 0.0)
        sums[part.kind, part.ref] = Contribution(part.kind, part.ref, part.label, value)
    return list(sums.values())


def main_cause(
    now: Sequence[Contribution], before: Sequence[Contribution], change: float
) -> tuple[Contribution, float] | None:
    """The part that moved most in the direction of `change`, and by how many points."""
    old: Mapping[tuple[str, str], float] = {(c.kind, c.ref): c.value for c in before}
    new = {(c.kind, c.ref) for c in now}
    moved = [(c, c.value - old.get((c.kind, c.ref), 0.0)) for c in now]
    moved += [(c, -c.value) for c in before if (c.kind, c.ref) not in new]
    same_way = [(c, points) for c, points in moved if points * change > 0]
    return max(same_way, key=lambda pair: abs(pair[1]), default=None)
