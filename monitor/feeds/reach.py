"""Which unit hears what: the feeds, publisher groups and languages at home in each unit.

Pure counting over `FeedSpec`s. It says what *could* be heard if every feed lived; whether the feeds
did live in a given week is the business of the coverage ledger. National sources (no home) reach no
unit here: that they might mention a place does not show that the place is followed.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from monitor.values import FeedSpec

# With only two groups, one chain that falls silent would leave a single voice.
MIN_GROUPS = 3
SWEDISH = "sv"


@dataclass(frozen=True, slots=True)
class Reach:
    """What one unit hears. Sources in file order, the rest sorted, each once."""

    unit: str
    sources: tuple[str, ...]  # feed ids
    groups: tuple[str, ...]  # publisher groups: what counts as independent
    languages: tuple[str, ...]
    swedish_groups: tuple[str, ...]  # groups with at least one feed in Swedish


def reach(feeds: Iterable[FeedSpec], units: Iterable[str]) -> tuple[Reach, ...]:
    """One `Reach` per unit, in the order of the codes; a unit without any feed has an empty one."""
    every = tuple(feeds)
    return tuple(_of_unit(unit, every) for unit in sorted(set(units)))


def _of_unit(unit: str, feeds: tuple[FeedSpec, ...]) -> Reach:
    heard = [feed for feed in feeds if unit in feed.home]
    return Reach(
        unit=unit,
        sources=tuple(feed.id for feed in heard),
        groups=_distinct(feed.group for feed in heard),
        languages=_distinct(feed.lang for feed in heard),
        swedish_groups=_distinct(feed.group for feed in heard if feed.lang == SWEDISH),
    )


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


def gaps(reached: Iterable[Reach], bilingual: Collection[str]) -> tuple[str, ...]:
    """Where the feed list falls short, one sentence each, beginning with the unit code.

    A unit heard by fewer than `MIN_GROUPS` publisher groups is a gap, and so is a unit of `bilingual`
    without any source in Swedish.
    """
    found: list[str] = []
    for one in reached:
        if len(one.groups) < MIN_GROUPS:
            found.append(
                f"{one.unit}: heard by {len(one.groups)} publisher groups, {MIN_GROUPS} are needed"
            )
        if one.unit in bilingual and not one.swedish_groups:
            found.append(f"{one.unit}: bilingual, but no source in Swedish")
    return tuple(found)
