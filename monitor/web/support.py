"""The page of support as values: how wrong the national rule is, and the shares of forgotten regions. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from classifiers.reference import Reference
from monitor.risk.country import ForgottenRegions
from monitor.risk.forgotten import Forgotten, Share, share
from monitor.risk.inputs import StorySignal

SHOWN = 15  # gaps listed at first
LEVEL = 0.8


@dataclass(frozen=True, slots=True)
class Rate:
    """A measured share of weeks with its 95 % interval."""

    world: str  # message id of what was simulated
    counted: str  # message id of what was counted
    value: float
    low: float
    high: float
    n: int  # weeks


# As `python -m bench.national_rule --runs 4 --seed 2` counts them; docs/methodology.md has the same table,
# and a test holds the two equal.
MEASURED = (
    Rate("steady", "national", 0.002, 0.000, 0.013, 416),
    Rate("steady", "regional", 0.053, 0.035, 0.079, 416),
    Rate("plausible", "national", 0.017, 0.008, 0.034, 416),
    Rate("plausible", "regional", 0.036, 0.022, 0.059, 416),
)


@dataclass(frozen=True, slots=True)
class ForgottenLine:
    """A forgotten region with its share of the news and of the people."""

    found: Forgotten
    of_news: Share  # its share of the stories told of any region
    of_people: float | None


def forgotten_lines(found: ForgottenRegions, reference: Reference) -> tuple[ForgottenLine, ...]:
    """Each with both shares: a region with a tenth of the people and a fiftieth of the news is quiet."""
    people = sum(reference.region[c].population or 0 for c in reference.units)
    told = _told(found.news.stories, reference.units)
    return tuple(_line(f, told, people, reference) for f in found.regions)


def _line(found: Forgotten, told: float, people: int, reference: Reference) -> ForgottenLine:
    own = reference.region[found.region].population
    of_people = own / people if own and people else None
    return ForgottenLine(found, share(found.stories, max(told, found.stories), LEVEL), of_people)


def _told(stories: Iterable[StorySignal], units: Sequence[str]) -> float:
    """Expected relevant stories that happen in some unit."""
    known = set(units)
    return sum(
        s.relevant * min(1.0, sum(p for region, p in s.regions if region in known)) for s in stories
    )
