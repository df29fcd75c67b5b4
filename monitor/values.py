"""The values that cross a stage boundary, in the order the data flows.

Each is frozen and complete in itself. Rows of the store and dictionaries do not cross a stage; an
expected failure is a value here (`Unusable`, `NotReady`), a bug is an exception. The results of the
network edge live beside it, in `monitor.fetch.results`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

Completeness = Literal["full", "teaser", "title only"]
TextSource = Literal["page", "feed", "title"]
TimeSource = Literal["feed", "page", "http", "first seen"]
Task = Literal["relevance", "region", "topic", "direction"]
Role = Literal["happens", "mentioned"]
Author = Literal["person", "rule", "model"]

# Region codes are those of labels/regions.yaml: 01-21, 90 (Helsinki), HUS; 91 (Åland) is outside the
# reform. NATIONAL stands where a claim is about the whole country.
NATIONAL = "NAT"
# The five roadmap preparation groups are ids of labels/topics.yaml; ALL is their aggregate.
ALL_GROUPS = "all"


# --- feeds ---------------------------------------------------------------------------------------


SAMPLE_NOTE = "sample newsroom: invented"
"""The note of every feed of the sample newsroom: pages and summaries say that they show invented news."""


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """One entry of feeds.yaml."""

    id: str  # kebab-case, stable for ever: the store's key
    url: str
    title: str
    lang: str  # fi | sv | en | se: what the outlet says; the text's own language is decided later
    home: tuple[str, ...]  # regions the outlet reports on; () is national
    group: str  # publisher group: copies within one group count once
    kind: str
    note: str = ""
    permission: str = ""  # the agreement that stands in for the site's permission


class Permission(StrEnum):
    """Whether a document may be read for text mining, and what said so. Stored with every fetch."""

    ALLOWED = "allowed"
    AGREEMENT = "allowed by agreement"  # feeds.yaml names it; nothing else was asked
    ROBOTS = "refused by robots"
    TDM_HEADER = "reserved by TDM header"
    TDM_META = "reserved by TDM meta"
    TDM_FILE = "reserved by TDM file"  # /.well-known/tdmrep.json
    NOAI = "noai"  # in X-Robots-Tag or the robots meta

    @property
    def may(self) -> bool:
        return self in (Permission.ALLOWED, Permission.AGREEMENT)


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a file a person wrote: where, what, and what to do."""

    file: str
    line: int  # 1-based
    entry: str  # id of the entry, or "" where it has none
    problem: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " + (f"entry '{self.entry}': " if self.entry else "")
        return f"{where}{self.problem}; expected {self.expected}; {self.remedy}"


class FeedStatus(StrEnum):
    ACTIVE = "active"
    GONE = "gone"  # the server said 410: asked rarely, never given up
    REMOVED = "removed"  # no longer in feeds.yaml; its articles stay


@dataclass(frozen=True, slots=True)
class FeedState:
    """What the store remembers of one feed between polls."""

    spec: FeedSpec
    status: FeedStatus = FeedStatus.ACTIVE
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None  # SHA-256 of the last body that was parsed
    failures: float = 0.0  # graded sum since the last success: temporary 1/4, soft 1/2, hard 1
    next_poll: datetime | None = None  # None: now
    last_poll: datetime | None = None
    last_success: datetime | None = None
    moved_to: str | None = None  # address of a permanent redirect, proposed to the operator
    ttl_minutes: int | None = None  # of the last body that was parsed: a 304 does not repeat it
    skip_hours: tuple[int, ...] = ()
    pace_seconds: float | None = None  # half the median gap of its newest items; None: not known
    reach: datetime | None = None  # how far back the last answer that was read reached


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One item of a feed, cleaned: plain text, absolute link, aware UTC time."""

    key: str  # identity within the feed: guid, link or content, see feeds.parse.entry_key
    link: str  # "" where the item has none
    own_page: bool  # False where the link is missing or shared by other items of the feed
    title: str
    summary: str  # plain text, paragraphs parted by a blank line
    published: datetime | None
    author: str = ""


@dataclass(frozen=True, slots=True)
class RejectedEntry:
    """An item that cannot become an entry, with the reason people see."""

    position: int  # 0-based place in the feed
    reason: str
    key: str = ""  # hash of what the item holds: the same item is reported once, not at every poll


@dataclass(frozen=True, slots=True)
class DeletedEntry:
    """A tombstone: an entry that its feed says is deleted (RFC 6721)."""

    key: str  # that of the entry it names
    at: datetime | None  # when it was deleted, where the feed says so
    why: str  # the feed's comment, or ""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed's items: every one is either an entry or rejected."""

    entries: tuple[ParsedEntry, ...]
    rejected: tuple[RejectedEntry, ...]
    title: str = ""
    ttl_minutes: int | None = None
    skip_hours: tuple[int, ...] = ()  # hours of the day, UTC, in which it asks not to be polled
    deleted: tuple[DeletedEntry, ...] = ()  # never one that is among the entries


@dataclass(frozen=True, slots=True)
class NotAFeed:
    """The body is no feed."""

    reason: str


# --- articles ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came over the network."""

    url: str  # address it was finally read from
    body: bytes
    charset: str | None  # from Content-Type
    last_modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Extracted:
    """The article in a page."""

    title: str
    text: str  # paragraphs parted by a blank line
    published: datetime | None
    published_source: TimeSource | None
    language: str  # of the text, ISO 639-1, "und" where it cannot be told
    language_confidence: float  # [0, 1]
    completeness: Completeness
    canonical: str  # canonical address the page names, or ""
    reason: str = ""  # why completeness is less than full


@dataclass(frozen=True, slots=True)
class Unusable:
    """A page without an article in it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Article:
    """One article under its canonical address, in its newest revision."""

    id: int
    address: str
    feed_id: str  # where it was first seen
    publisher_group: str
    feed_home: tuple[str, ...]
    title: str
    text: str
    language: str
    language_confidence: float
    completeness: Completeness
    text_source: TextSource
    published: datetime
    published_source: TimeSource
    first_seen: datetime
    content_hash: str  # versioned, see articles.fingerprint
    revision: int  # 1 for the first
    story_id: int | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """Articles on one event."""

    id: int
    first_published: datetime
    last_published: datetime
    article_ids: tuple[int, ...]
    publisher_groups: tuple[str, ...]


# --- tags ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place in the text that a claim rests on."""

    field: Literal["title", "text"]
    start: int  # character offsets into that field, end exclusive
    end: int
    text: str  # the characters themselves
    why: str  # gazetteer entry, feature, or rule
    weight: float = 0.0  # contribution to the decision, log-odds where the model is linear


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says of an article. Never changed, only outranked."""

    article_id: int
    content_hash: str  # of the text it was said about
    task: Task
    label: str  # relevant | a region code or NAT | a topic id | risk, neutral, progress
    probability: float  # [0, 1], calibrated; 1 for a person
    decided: bool  # over its threshold
    author: Author
    author_id: str  # model version, rule name or user
    role: Role | None = None  # region only
    evidence: tuple[Evidence, ...] = ()


class FlagReason(StrEnum):
    RISK = "risk"  # relevant and raises risk above the threshold
    SPREADING = "spreading"  # a story across publisher groups
    UNSURE = "unsure"  # a model unsure where it matters
    FIRST_IN_WEEKS = "first in weeks"  # a region's first story in weeks
    RARE_TOPIC = "rare topic"


@dataclass(frozen=True, slots=True)
class Flag:
    """A reason why a person should look at an article."""

    article_id: int
    reason: FlagReason
    strength: float  # [0, 1], orders flags of one reason
    detail: dict[str, str | float | int] = field(default_factory=dict)  # parameters shown


# --- readiness and coverage ----------------------------------------------------------------------


class ReadinessState(StrEnum):
    OBSERVED = "observed"
    MISSING = "missing"
    NOT_YET_DUE = "not yet due"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Observation:
    """One structured readiness datum, with where it came from."""

    component: str  # roadmap | organisers | grants | survey | indicator | interview
    region: str
    group: str  # roadmap group id, or "all"
    indicator: str
    period_start: date
    period_end: date  # inclusive
    value: float | None  # None: the source says it has none
    unit: str  # share | euro | rating_1_5 | ...
    done: float | None  # value mapped to [0, 1], 1 best; None where it cannot be
    source: str
    licence: str
    file_hash: str  # SHA-256 of the imported file
    imported_at: datetime
    imported_by: str
    note: str = ""  # what an interview said, in its own language
    id: int = 0  # in the store; 0 before it is there


@dataclass(frozen=True, slots=True)
class ReadinessComponent:
    """The state of one component for one region and group, as the score reads it."""

    component: str
    state: ReadinessState
    done: float | None  # [0, 1] where observed
    age_days: int | None
    weight: float  # nominal, before the discount for age
    detail: str  # id and parameters, "roadmap:7:9:2026-11-10"; monitor.readiness.details words it
    observation_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether a region could have been heard in a week."""

    region: str
    week: str  # ISO week, 2026-W46
    exposure: float  # [0, 1]: share of its usual hearing that was alive
    sources: int  # sources whose home is the region
    alive: int  # of those, heard this week
    groups: int  # independent publisher groups alive
    languages: tuple[str, ...]
    silent: tuple[tuple[str, str], ...] = ()  # (feed id, why)


# --- score ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Contribution:
    """One input's share of a score; the shares of a score sum to its combined value."""

    kind: Literal["readiness", "story", "group", "rest"]
    ref: str  # component name, story id or group id
    label: str
    value: float  # points of the combined score, same unit: 0-100


@dataclass(frozen=True, slots=True)
class NotReady:
    """A number that cannot be given, with the reasons people see in its place."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """The risk picture of one region and group in one week."""

    week: str
    region: str
    group: str  # roadmap group id or "all"
    readiness: float | NotReady  # readiness gap R in [0, 1]
    readiness_interval: Interval | None
    media: float | NotReady  # media pressure M in [0, 1]
    media_interval: Interval | None
    combined: float | NotReady  # C in [0, 100]
    combined_interval: Interval | None  # 80 %
    rank: int | None  # 1 is the highest risk; None where combined is not ready
    rank_range: tuple[int, int] | None  # 80 %
    contributions: tuple[Contribution, ...]
    coverage: Coverage
    methodology: str
    models: dict[str, str]  # task -> version
    input_hash: str  # SHA-256 over the frozen inputs


@dataclass(frozen=True, slots=True)
class Alert:
    """A cell of region x topic whose week stands above what its past predicts."""

    week: str
    region: str
    topic: str
    observed: float
    expected: float
    threshold: float
    method: str
    p_value: float
    parameters: dict[str, float | str] = field(default_factory=dict)


# --- outcomes ------------------------------------------------------------------------------------


class Stage(StrEnum):
    """Stages that record exactly one outcome per item, in the order of the flow."""

    ENTRY = "entry"  # item of a feed -> entry
    INGEST = "ingest"  # entry -> article
    STORY = "story"  # article -> story
    TAG = "tag"  # article -> claims
    FLAG = "flag"  # article -> flags


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item in one stage."""

    stage: Stage
    item: str  # entry id or article id with its revision
    outcome: str
    reason: str = ""
