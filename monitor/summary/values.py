"""The weekly summary as a value: every number that a reader can see, and nothing else.

This is the shape of the JSON file. Text that depends on language is made when it is rendered;
what stands here are numbers, codes, addresses and headlines in their own language.
"""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Immutable, and strict about its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Number(Frozen):
    """A number with its 80 % interval, or the reasons why there is none."""

    value: float | None
    low: float | None = None
    high: float | None = None
    reasons: tuple[str, ...] = ()  # ids as in monitor.risk, worded when rendered


class Hearing(Frozen):
    """Whether the region could have been heard."""

    exposure: float  # [0, 1]
    sources: int
    alive: int
    groups: int  # independent publisher groups alive
    languages: tuple[str, ...]
    silent: tuple[tuple[str, str], ...]  # (feed id, why)


class Driver(Frozen):
    """One leaf of a combined score's contribution tree, in the points of the region's total."""

    group: str  # roadmap group it works through
    kind: str  # readiness | story | rest
    ref: str  # readiness component, or story id
    label: str
    value: float


class RegionLine(Frozen):
    """One region's row of the matrix."""

    code: str
    readiness: Number  # readiness gap, [0, 1]
    media: Number  # media pressure, [0, 1]
    combined: Number  # [0, 100]
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    change: float | None  # combined against the week before; None where either is missing
    groups: dict[str, Number]  # roadmap group -> combined
    drivers: tuple[Driver, ...]  # largest contributions first
    hearing: Hearing


class Source(Frozen):
    """One outlet's article in a story."""

    outlet: str
    group: str
    title: str
    url: str  # "" where the article has no page of its own
    language: str
    published: datetime


class StoryLine(Frozen):
    """One story of the week."""

    id: int
    regions: tuple[str, ...]
    topics: tuple[str, ...]
    direction: str
    relevance: float  # probability of its surest article
    publisher_groups: int
    sources: tuple[Source, ...]  # earliest first


class AlertLine(Frozen):
    """An alert with every parameter."""

    region: str
    topic: str
    observed: float
    expected: float
    threshold: float
    method: str
    p_value: float
    parameters: dict[str, float | str]


class National(Frozen):
    """The whole country in numbers."""

    units: int
    scored: int  # units that have a combined score
    highest: tuple[str, ...]  # the five highest, highest first
    risen: tuple[str, ...]  # risen by more than the noise, most first
    fallen: tuple[str, ...]
    articles: int  # published in the week
    relevant: int
    stories: int  # relevant ones
    risk_stories: int
    publisher_groups: int
    not_heard: tuple[str, ...]  # units without sufficient coverage


class WeeklySummary(Frozen):
    """All of it."""

    schema_version: int = 1
    week: str
    first_day: date
    last_day: date
    sample: bool  # the store holds the invented sample newsroom
    national: National
    regions: tuple[RegionLine, ...]  # by rank, those without one last
    stories: tuple[StoryLine, ...]
    alerts: tuple[AlertLine, ...]
    methodology: str
    models: dict[str, str]
    input_hash: str
