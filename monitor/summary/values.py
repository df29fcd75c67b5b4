"""The weekly summary as a value: every number that a reader can see, and nothing else.

This is the shape of the JSON file. Text that depends on language is made when it is rendered;
what stands here are numbers, codes, addresses and headlines in their own language.

**Versions of the shape.** 2 added the country's view, history, roadmap, classifiers' figures and
attributions. 3 added attributions in words, as they were when the numbers were, and in files what is said of
the version (`monitor.summary.whole`). What an older shape did not know is empty or None in it, so an older summary reads as it was stored
(`read_summary`), and a section about it is left out.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

SCHEMA_VERSION = 3


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
    label: str  # of a story its headline
    value: float
    language: str = ""  # of a story's headline


class WeekPoint(Frozen):
    """One week of a region's history; a number that could not be given is None."""

    week: str
    combined: float | None
    low: float | None = None
    high: float | None = None
    readiness: float | None = None
    media: float | None = None


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
    parts: tuple[Driver, ...] = ()  # the same, each added up over the groups; their group is ""
    noise: float | None = None  # a change up to this many points is no news; None without a change
    history: tuple[WeekPoint, ...] = ()  # the last weeks up to this one, oldest first


class Mover(Frozen):
    """A region whose combined score changed, and the part that changed it most."""

    region: str
    change: float
    noise: float
    cause: Driver | None  # its value is in points of the change; the group is "" where all share it
    gone: bool = False  # the cause is a story of the week before that is no longer there


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


class GroupLine(Frozen):
    """Whether a roadmap group's risk is the country's, single regions', or nobody's, this week."""

    group: str
    kind: Literal["national", "regional", "neither", "unheard"]
    regions: tuple[str, ...]  # elevated ones where national, those that stand out where regional
    tested: int
    elevated: int
    by_chance: float  # elevated regions to expect without any event
    p_value: float


class SupportLine(Frozen):
    """What closing one region's readiness gap in one group would do."""

    region: str
    group: str
    gap: float  # [0, 1]
    median_gap: float  # of the regions that have one
    reduction: float  # points of the group's combined score
    low: float
    high: float
    component: str  # that makes most of the gap; "" where none does
    remedy: Literal["regional", "national"]


class ForgottenLine(Frozen):
    """A region of which little is said while its readiness is poor."""

    region: str
    readiness: float  # gap, [0, 1]
    readiness_rank: int  # 1 is the largest gap
    ranked: int
    stories: float  # expected relevant ones over the weeks
    per_100_000: float | None  # a week
    low: float | None
    high: float | None
    exposure: float
    why: tuple[Literal["quiet", "not heard"], ...]


class ForgottenPicture(Frozen):
    """The forgotten regions of some weeks, and those of which nobody can tell."""

    weeks: tuple[str, ...]  # looked back on, oldest first
    missing: tuple[str, ...]  # of them, not scored: their news is not counted
    regions: tuple[ForgottenLine, ...]
    unknown: tuple[str, ...]  # no readiness number


class Country(Frozen):
    """What is seen only by looking at all regions together."""

    cells_tested: int  # region x topic, for alerts
    regions_tested: int
    groups: tuple[GroupLine, ...]
    support: tuple[SupportLine, ...]  # the largest reductions first
    forgotten: ForgottenPicture


class RoadmapCell(Frozen):
    """Critical tasks of one region and group; the group "all" is the region's sum."""

    region: str
    group: str
    due: int  # by the day of the report
    due_finished: int
    total: int  # by the target day
    started: int
    finished: int
    reported: date


class Roadmap(Frozen):
    """The readiness roadmap as it stood."""

    month: str
    day: date
    target: date
    limits: tuple[float, ...]  # between bands, per cent of due tasks finished
    cells: tuple[RoadmapCell, ...]


class ClassifierLine(Frozen):
    """How good the classifier of a task is, on texts it was not trained on."""

    task: str
    version: str
    score: str  # "macro F1"
    value: float
    low: float | None  # 95 %
    high: float | None
    n: int


class AttributionLine(Frozen):
    """Where readiness data came from, as its licence asks to be told."""

    source: str
    licence: str
    address: str  # "" for a file
    on: datetime
    fetched: bool  # else brought as a file
    fi: str = ""  # the line in words, as it was said then
    sv: str = ""
    en: str = ""


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

    schema_version: int = SCHEMA_VERSION
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
    interval: float = 0.8  # level of every interval and rank range
    noise_share: float = 0.5  # of the wider interval: a change up to it is no news
    movers: tuple[Mover, ...] = ()  # changed by more than the noise, the largest change first
    country: Country | None = None  # None: not known, or computed with other constants
    feeds: dict[str, str] = {}  # id -> title of every source that was silent
    roadmap: Roadmap | None = None
    classifiers: tuple[ClassifierLine, ...] = ()
    attributions: tuple[AttributionLine, ...] = ()
    scores_hash: str = ""  # SHA-256 of what the scores were computed from
    input_hash: str


def read_summary(stored: Mapping[str, Any]) -> WeeklySummary:
    """A stored summary of any version of the shape, with its own version and hash.

    Raises pydantic.ValidationError for one that a newer program wrote.
    """
    return WeeklySummary.model_validate(stored)
