"""What a region's number is made of, and what changed it between two weeks. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from monitor.risk.score import contribution_tree
from monitor.values import ALL_GROUPS, Contribution, Score


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
