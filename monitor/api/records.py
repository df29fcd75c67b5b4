"""What programs read, field by field: the shapes of version 1 of the API and of `tilannekuva export`.

Version 1 only grows: a field is never taken away nor given another meaning. Pure.
"""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1
Kind = Literal["signals", "stories", "scores", "readiness", "coverage", "alerts", "summaries"]

WEEK = Field(description="ISO week of Europe/Helsinki.", examples=["2026-W46"])
REGION = Field(description="Code of the region; /codes names them.", examples=["19"])
GROUP = Field(description="Id of the roadmap group, or `all`.", examples=["ict_muutos"])
TOPIC = Field(description="Id of the topic.", examples=["personnel"])
EXPOSURE = Field(
    description="Share of the region's usual hearing that was alive in the week; a count means little "
    "without it.",
    examples=[0.87],
)


class Record(BaseModel):
    """Immutable, and complete: nothing that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Measure(Record):
    """A number with its 80 % interval, or the reasons why there is none. Never a zero for silence."""

    value: float | None = Field(description="None where it cannot be given.", examples=[0.42])
    low: float | None = Field(description="Lower end of the 80 % interval.", examples=[0.31])
    high: float | None = Field(description="Upper end of the 80 % interval.", examples=[0.58])
    reasons: list[str] = Field(
        default=[],
        description="Why there is no value: `id:parameter:...`, such as `coverage:0.1:0.25`.",
    )


class Signal(Record):
    """What was heard of one region and topic in one week. Silent cells are there too."""

    week: str = WEEK
    region: str = REGION
    topic: str = TOPIC
    stories: int = Field(
        description="Stories that are relevant, there and of the topic more likely than not."
    )
    stories_raising_risk: int = Field(
        description="Of those, more likely raising risk than progress."
    )
    stories_showing_progress: int = Field(description="Of those, the other way round.")
    weighted: float = Field(
        description="Weighted stories, progress taken off: what the model counts. It may be negative."
    )
    exposure: float = EXPOSURE
    past_weeks: int = Field(description="Heard weeks that the expectation rests on.")
    expected: float | None = Field(
        description="Weighted stories expected from the region's own past at this exposure."
    )
    rate: Measure = Field(description="Weighted stories in a fully heard week.")
    pressure: Measure = Field(
        description="Media pressure in [0, 1]. The interval is that of the count; classifier error is in "
        "the intervals of scores."
    )


class Where(Record):
    """That a story happens in a region."""

    region: str = REGION
    probability: float
    exposure: float = EXPOSURE


class Likely(Record):
    """That a story is of a topic."""

    topic: str = TOPIC
    probability: float


class Source(Record):
    """One outlet's article of a story."""

    outlet: str
    publisher_group: str = Field(description="Copies within one group count once.")
    title: str = Field(description="Headline in its own language; it is the outlet's.")
    url: str = Field(description="Empty where the article has no page of its own.")
    language: str
    published: datetime


class Story(Record):
    """One story in one week, more likely relevant than not."""

    week: str = WEEK
    id: int
    title: str = Field(description="Headline that stands for it, in its own language.")
    day: str = Field(description="Day in Helsinki of its first article that week.")
    publishers: int = Field(description="Independent publisher groups that told it.")
    relevance: float = Field(description="Probability that it is about the services.")
    raises_risk: float = Field(description="Probability.")
    shows_progress: float = Field(description="Probability.")
    regions: list[Where]
    topics: list[Likely]
    sources: list[Source] = Field(description="Its articles of the week, the earliest first.")


class Part(Record):
    """One input's share of a combined score. The parts of a score add up to it."""

    kind: str = Field(description="readiness, story, group or rest.")
    ref: str = Field(description="Component, story id or group id.")
    label: str
    value: float = Field(description="Points.")


class Score(Record):
    """The three numbers of one region and roadmap group."""

    week: str = WEEK
    region: str = REGION
    group: str = GROUP
    readiness: Measure = Field(description="Readiness gap in [0, 1].")
    media: Measure = Field(description="Media pressure in [0, 1].")
    combined: Measure = Field(description="Combined risk in [0, 100].")
    rank: int | None = Field(description="1 is the highest risk.")
    rank_low: int | None = Field(description="80 % interval of the rank.")
    rank_high: int | None
    stories: int = Field(description="Relevant stories of the region in the week.")
    exposure: float = EXPOSURE
    sources: int = Field(description="Sources whose home is the region.")
    sources_heard: int
    publisher_groups: int = Field(description="Independent publisher groups heard.")
    contributions: list[Part]
    methodology: str
    input_hash: str = Field(description="SHA-256 of the frozen inputs.")


class Component(Record):
    """One component of a readiness gap."""

    component: str = Field(examples=["roadmap"])
    state: str = Field(description="observed, missing, not yet due or not applicable.")
    done: float | None = Field(description="[0, 1] where observed.")
    age_days: int | None
    weight: float = Field(description="Nominal, before the discount for age.")
    detail: str
    n: int = Field(description="Data that it rests on, as far as they are single rows.")


class Readiness(Record):
    """The readiness gap of one region and roadmap group, with what it rests on."""

    week: str = WEEK
    region: str = REGION
    group: str = GROUP
    gap: Measure = Field(description="Readiness gap in [0, 1]; 0 is ready.")
    observed: int = Field(description="Components observed: the denominator is `components`.")
    components: list[Component]


class Silent(Record):
    """A source that was not heard."""

    feed: str
    why: str


class Share(Record):
    """What a publisher group or language counts for in a region's hearing."""

    name: str
    share: float


class Coverage(Record):
    """Whether one region could have been heard in one week."""

    week: str = WEEK
    region: str = REGION
    exposure: float = EXPOSURE
    sources: int = Field(description="Sources whose home is the region.")
    sources_heard: int
    publisher_groups: int = Field(description="Independent publisher groups heard.")
    languages: list[str]
    silent: list[Silent]
    stories: int | None = Field(description="Stories that sources reported of it.")
    stories_expected: float | None = Field(description="From its own rhythm; None where not known.")
    at_most: float | None = Field(description="Probability of so few stories or fewer.")
    by_group: list[Share]
    by_language: list[Share]


class Alert(Record):
    """A region and topic whose week stands above what its past predicts, with every parameter."""

    week: str = WEEK
    region: str = REGION
    topic: str = TOPIC
    observed: float = Field(description="Weighted stories.")
    expected: float
    threshold: float
    p_value: float
    method: str
    exposure: float = EXPOSURE
    cells_tested: int = Field(description="Cells that the false discovery rate is held over.")
    past_weeks: int = Field(description="Heard weeks behind the expectation.")
    parameters: dict[str, float | str]


class SummaryLine(Record):
    """One version of a week's summary."""

    week: str = WEEK
    version: int
    state: str = Field(description="published, or draft or frozen with a key of the role export.")
    created_at: datetime
    published_at: datetime | None
    reason: dict[str, str] = Field(
        description="Why the version before was corrected, by language; or empty."
    )
    articles: int | None = Field(description="Published in the week, relevant or not.")
    stories: int | None = Field(description="Relevant ones.")
    units: int | None = Field(description="Regions; the denominator of `units_scored`.")
    units_scored: int | None
    input_hash: str
    href: str


class WeekNote(Record):
    """A week's denominators: what every number of it is to be held against."""

    week: str = WEEK
    first_day: date
    last_day: date
    units: int = Field(description="Regions.")
    units_heard: int = Field(description="Regions with any exposure.")
    units_scored: int = Field(description="Regions with a combined score.")
    mean_exposure: float | None
    sources: int = Field(description="Sources with a home region, summed over regions.")
    sources_heard: int
    articles: int = Field(description="Published in the week, relevant or not.")
    stories: int | None = Field(description="Relevant ones; None where the inputs are not kept.")
    methodology: str
    input_hash: str
    computed_at: datetime | None
    inputs_kept: bool = Field(description="False: signals, stories and readiness cannot be given.")


class Page(Record):
    """What every list has around its items."""

    schema_version: int = SCHEMA_VERSION
    kind: str
    count: int = Field(description="Items in this answer.")
    next: str | None = Field(description="Address of the next page; null on the last one.")
    weeks: list[WeekNote] = Field(description="Denominators of the weeks in this answer.")
    attribution: list[str] = Field(
        description="Lines that the sources' licences ask for; show them where you show the data."
    )


class Signals(Page):
    """Region x topic x week."""

    items: list[Signal]


class Stories(Page):
    """Stories of weeks."""

    items: list[Story]


class Scores(Page):
    """Scores of regions and groups."""

    items: list[Score]


class ReadinessGaps(Page):
    """Readiness of regions and groups."""

    items: list[Readiness]


class Coverages(Page):
    """Coverage of regions."""

    items: list[Coverage]


class Alerts(Page):
    """Alerts of weeks."""

    items: list[Alert]


class Summaries(Page):
    """Versions of weekly summaries, without their contents."""

    items: list[SummaryLine]


class SummaryComment(Record):
    """Commentary on a section of a summary."""

    section: str = Field(examples=["national"])
    language: str = Field(examples=["sv"])
    text: str
    at: datetime


class Summary(Record):
    """One version of a week's summary with its frozen numbers."""

    schema_version: int = SCHEMA_VERSION
    line: SummaryLine
    attribution: list[str] = Field(description="As they were when the numbers were.")
    comments: list[SummaryComment] = Field(
        default=[], description="What people added to its sections."
    )
    schema_href: str | None = Field(
        default=None, description="JSON Schema of `summary`; null for an older shape."
    )
    summary: dict[str, Any] = Field(
        description="The weekly summary as its own published JSON Schema has it; see its schema_version."
    )


class Named(Record):
    """A code and its official name."""

    id: str
    fi: str
    sv: str
    en: str


class Codes(Record):
    """What the codes mean."""

    schema_version: int = SCHEMA_VERSION
    regions: list[Named]
    groups: list[Named]
    topics: list[Named]
    attribution: list[str]


class Index(Record):
    """Where to go on."""

    schema_version: int = SCHEMA_VERSION
    title: str
    links: dict[str, str]


class Wrong(Record):
    """One thing that is wrong with a request."""

    where: str = Field(examples=["query.week"])
    problem: str


class Problem(Record):
    """RFC 9457: why a request was not answered."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str
    instance: str
    errors: list[Wrong] = []


PAGES: dict[Kind, type[Page]] = {
    "signals": Signals,
    "stories": Stories,
    "scores": Scores,
    "readiness": ReadinessGaps,
    "coverage": Coverages,
    "alerts": Alerts,
    "summaries": Summaries,
}
