"""The tables. Rows are built and read only in `monitor.db`; they never leave it.

A table class does not validate on construction, so values are checked at the edge before. No
`from __future__ import annotations` here: it breaks SQLModel's reading of the annotations.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from monitor.db.columns import Json, UtcDateTime

# The beginning of an entry's link: PostgreSQL cannot index one of thousands of characters.
LINK_BEGINS = "substr(link, 1, 200)"
# Entries whose page may not be read; written out, for an index of these alone is used only by this text.
REFUSED_ENTRY = "permission NOT IN ('allowed', 'allowed by agreement')"


def _instant(nullable: bool = False, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=nullable, index=index))


def _json() -> Any:
    return Field(sa_column=Column(Json, nullable=False))


class FeedRow(SQLModel, table=True):
    """A feed of feeds.yaml and all that is remembered of it: what is due is a query on this."""

    __tablename__ = "feeds"
    id: str = Field(primary_key=True)
    url: str
    title: str
    lang: str
    home: list[str] = _json()
    publisher_group: str
    kind: str
    note: str = ""
    permission: str = ""  # the agreement that stands in for the site's permission
    status: str = "active"
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    failures: float = 0.0
    next_poll: datetime | None = _instant(nullable=True, index=True)
    last_poll: datetime | None = _instant(nullable=True)
    last_success: datetime | None = _instant(nullable=True)
    moved_to: str | None = None
    ttl_minutes: int | None = None  # of the last body that was parsed
    skip_hours: list[int] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    pace_seconds: float | None = None  # what the next poll is reckoned from, at the last new answer
    reach: datetime | None = _instant(nullable=True)  # how far back the last answer reached


class PollRow(SQLModel, table=True):
    """One poll of one feed and what came of it. `items = new + seen + revised + rejected`."""

    __tablename__ = "polls"
    __table_args__ = (
        Index("ix_polls_feed_at", "feed_id", "at"),
        # of a feed that answers 304 for years the last parsed answer lies far back
        Index(
            "ix_polls_parsed",
            "feed_id",
            "at",
            sqlite_where=text("outcome = 'ok'"),
            postgresql_where=text("outcome = 'ok'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    feed_id: str = Field(foreign_key="feeds.id")
    at: datetime = _instant(index=True)
    outcome: str  # ok | unchanged | not modified | failed
    reason: str = ""
    status: int | None = None  # HTTP status of the last hop
    bytes: int = 0
    milliseconds: int = 0
    items: int = 0
    new: int = 0
    seen: int = 0
    revised: int = 0
    rejected: int = 0
    oldest_item: datetime | None = _instant(nullable=True)  # how far back this answer reaches
    permission: str | None = None  # what allowed or refused it; None: not asked


class SiteRow(SQLModel, table=True):
    """What an origin last said about robots and text mining."""

    __tablename__ = "sites"
    origin: str = Field(primary_key=True)  # scheme://host[:port]
    asked: datetime = _instant()
    expires: datetime = _instant()
    status: int | None = None  # HTTP status of robots.txt
    robots: str
    tdm: list[list[Any]] = _json()  # [location, reserved] of tdmrep.json, in its order
    unreadable_since: datetime | None = _instant(nullable=True)
    delay: float = 0.0  # seconds between two requests that its robots.txt asks for


class EntryRow(SQLModel, table=True):
    """An item of a feed. `state` says whether it still waits to become an article."""

    __tablename__ = "entries"
    __table_args__ = (
        UniqueConstraint("feed_id", "key"),
        Index("ix_entries_state_next", "state", "next_try"),
        Index("ix_entries_feed_published", "feed_id", "published"),
        Index("ix_entries_link", text(LINK_BEGINS)),
        Index(
            "ix_entries_refused",
            "feed_id",
            "permission",
            sqlite_where=text(REFUSED_ENTRY),
            postgresql_where=text(REFUSED_ENTRY),
        ),
        Index(
            "ix_entries_deleted",
            "article_id",
            sqlite_where=text("deleted IS NOT NULL"),
            postgresql_where=text("deleted IS NOT NULL"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    feed_id: str = Field(foreign_key="feeds.id")
    key: str
    link: str
    own_page: bool
    title: str
    summary: str
    author: str = ""
    published: datetime | None = _instant(nullable=True)
    first_seen: datetime = _instant()
    last_seen: datetime = _instant()
    entry_hash: str
    revision: int = 1
    state: str = "pending"  # pending | done
    attempts: int = 0
    next_try: datetime | None = _instant(nullable=True)
    permission: str | None = None  # what allowed or refused its page when it was last asked
    # when its feed said that it is removed (RFC 6721), and what it said of it
    deleted: datetime | None = _instant(nullable=True)
    deleted_why: str = ""
    article_id: int | None = Field(default=None, foreign_key="articles.id", index=True)


class ArticleRow(SQLModel, table=True):
    """An article under its canonical address, in its newest revision."""

    __tablename__ = "articles"
    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(unique=True)
    feed_id: str = Field(foreign_key="feeds.id")
    publisher_group: str
    feed_home: list[str] = _json()
    title: str
    text: str
    language: str
    language_confidence: float
    completeness: str
    completeness_reason: str = ""
    text_source: str
    published: datetime = _instant(index=True)
    published_source: str
    first_seen: datetime = _instant()
    content_hash: str = Field(index=True)
    fingerprint: bytes
    revision: int = 1
    story_id: int | None = Field(default=None, foreign_key="stories.id", index=True)
    removed: datetime | None = _instant(nullable=True)  # when its text was taken away
    removed_why: str = ""
    # "content hash|model set" of the last tagging
    tagged_with: str | None = Field(default=None, index=True)


class RevisionRow(SQLModel, table=True):
    """What an article said, revision by revision; the newest is the article itself too."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("article_id", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="articles.id", index=True)
    number: int
    at: datetime = _instant()
    title: str
    text: str
    content_hash: str


class StoryRow(SQLModel, table=True):
    """An event that one or more articles tell of."""

    __tablename__ = "stories"
    id: int | None = Field(default=None, primary_key=True)
    first_published: datetime = _instant(index=True)
    last_published: datetime = _instant(index=True)


class StoryMergeRow(SQLModel, table=True):
    """Two stories were found to be one, or that was taken back. Append-only; a story's newest row counts."""

    __tablename__ = "story_merges"
    id: int | None = Field(default=None, primary_key=True)
    story_id: int = Field(foreign_key="stories.id", index=True)
    into_id: int = Field(foreign_key="stories.id", index=True)
    undone: bool = False
    reason: str
    who: str  # "stories" where the program decided
    at: datetime = _instant()
    article_ids: list[int] = _json()  # of `story_id` when it was merged


class ShingleRow(SQLModel, table=True):
    """One band of an article's MinHash: equal bands make two articles candidates for one story."""

    __tablename__ = "shingles"
    __table_args__ = {"sqlite_with_rowid": False}  # the table is its own index
    band: int = Field(primary_key=True)
    value: int = Field(primary_key=True)
    hour: int = Field(primary_key=True)  # of publication, since 1970
    article_id: int = Field(primary_key=True)


class StoryTraitsRow(SQLModel, table=True):
    """What is kept of an article that has its story, for later ones to be compared with."""

    __tablename__ = "story_traits"
    article_id: int = Field(primary_key=True, foreign_key="articles.id")
    hour: int  # of publication, since 1970
    value: dict[str, Any] = _json()  # traits of the title; weight of every trait


class StoryHourRow(SQLModel, table=True):
    """How many articles of an hour are in `story_traits`: counting them one by one grew with the archive."""

    __tablename__ = "story_hours"
    hour: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    articles: int


class StoryKeyRow(SQLModel, table=True):
    """One rare trait of an article: later articles that have it too find it here."""

    __tablename__ = "story_keys"
    __table_args__ = {"sqlite_with_rowid": False}  # the table is its own index
    trait: int = Field(primary_key=True)
    hour: int = Field(primary_key=True)
    article_id: int = Field(primary_key=True)


class ClaimRow(SQLModel, table=True):
    """What somebody says of an article. Never changed; only that it was taken back, and when, is added."""

    __tablename__ = "claims"
    __table_args__ = (
        UniqueConstraint("article_id", "content_hash", "task", "label", "author_id", "at"),
        Index("ix_claims_article_task", "article_id", "task"),
    )
    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="articles.id")
    content_hash: str
    task: str
    label: str
    probability: float
    decided: bool
    author: str  # person | rule | model
    author_id: str
    role: str | None = None
    evidence: list[dict[str, Any]] = _json()
    at: datetime = _instant()
    undone_at: datetime | None = _instant(nullable=True)  # when the decision it is of was undone


class FlagRow(SQLModel, table=True):
    """A reason to look at an article."""

    __tablename__ = "flags"
    __table_args__ = (UniqueConstraint("article_id", "reason"),)
    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="articles.id", index=True)
    reason: str
    strength: float
    detail: dict[str, Any] = _json()
    state: str = "open"  # open | decided
    at: datetime = _instant()
    closed_by: int | None = Field(default=None, index=True)  # the decision that closed it


class OutcomeRow(SQLModel, table=True):
    """What became of one item in one stage: exactly one row per stage and item."""

    __tablename__ = "outcomes"
    __table_args__ = (UniqueConstraint("stage", "item"),)
    id: int | None = Field(default=None, primary_key=True)
    stage: str
    item: str
    outcome: str
    reason: str = ""
    at: datetime = _instant()


class ImportRow(SQLModel, table=True):
    """One file or answer of readiness data, taken whole or not at all."""

    __tablename__ = "imports"
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    source: str
    licence: str
    file_hash: str = Field(index=True)
    rows: int
    file: str = ""  # its name
    content_hash: str = Field(default="", index=True)  # of what it says, however it was saved
    imported_at: datetime = _instant()
    imported_by: str
    undone_at: datetime | None = _instant(nullable=True)


class FetchRow(SQLModel, table=True):
    """Where an import that was an answer of an open interface came from."""

    __tablename__ = "fetches"
    import_id: int = Field(foreign_key="imports.id", primary_key=True)
    recipe: str = Field(index=True)  # the question; two answers to it are comparable
    address: str  # "" for a saved answer
    fetched_at: datetime | None = _instant(nullable=True)  # None: saved, and nobody said when


class ObservationRow(SQLModel, table=True):
    """One readiness datum in one form for every component."""

    __tablename__ = "observations"
    __table_args__ = (Index("ix_observations_cell", "region", "group", "component"),)
    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="imports.id", index=True)
    component: str
    region: str
    group: str
    indicator: str
    period_start: date
    period_end: date
    value: float | None
    unit: str
    done: float | None
    note: str = ""


class RoadmapTaskRow(SQLModel, table=True):
    """A roadmap sub-task of a region as a month's report gave it."""

    __tablename__ = "roadmap_tasks"
    __table_args__ = (UniqueConstraint("import_id", "region", "group", "task", "subtask", "as_of"),)
    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="imports.id", index=True)
    as_of: date = Field(index=True)
    region: str = Field(index=True)
    group: str
    task_whole: str
    task: str
    subtask: str
    critical: bool
    phase: int
    due: date
    started: date | None
    finished: date | None


class EventRow(SQLModel, table=True):
    """A dated procedure event of a region, for instance an assessment procedure opened."""

    __tablename__ = "events"
    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="imports.id", index=True)
    region: str = Field(index=True)
    kind: str
    on: date
    note: str = ""


class GrantRow(SQLModel, table=True):
    """A state grant of a region as a report gave it, in euros."""

    __tablename__ = "grants"
    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="imports.id", index=True)
    region: str = Field(index=True)
    group: str
    programme: str
    as_of: date
    start: date
    deadline: date
    granted: float
    paid: float
    used: float
    milestones_due: int | None
    milestones_done: int | None


class OrganiserLinkRow(SQLModel, table=True):
    """An organiser's region from a day to a day; an organiser is what its links have in common."""

    __tablename__ = "organiser_links"
    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="imports.id", index=True)
    organiser: str
    also: str
    kind: str
    business_id: str
    region: str = Field(index=True)
    first: date
    last: date | None
    note: str = ""


class CoverageRow(SQLModel, table=True):
    """Whether a region could have been heard in a week."""

    __tablename__ = "coverage"
    __table_args__ = (UniqueConstraint("region", "week"),)
    id: int | None = Field(default=None, primary_key=True)
    region: str
    week: str = Field(index=True)
    exposure: float
    sources: int
    alive: int
    groups: int
    languages: list[str] = _json()
    silent: list[list[str]] = _json()


class SourceDayRow(SQLModel, table=True):
    """What one day of one source was like: what polls and entries tell, and the verdict on it."""

    __tablename__ = "source_days"
    __table_args__ = (UniqueConstraint("feed_id", "day"),)
    id: int | None = Field(default=None, primary_key=True)
    feed_id: str = Field(foreign_key="feeds.id")
    day: date = Field(index=True)  # in Helsinki
    reached: float  # shares of the day's hours
    failing: float
    refused: float
    down: float
    answers: int
    failures: int
    failure: str = ""
    entries: int
    full: int
    cut: int
    counted: bool
    verdict: str
    since: date | None = None
    reason: str = ""
    observed: int | None = None
    expected: float | None = None
    at_most: float | None = None
    loudness: float = 1.0


class RegionHearingRow(SQLModel, table=True):
    """The share of a region's usual hearing that was alive in a week, by group and language."""

    __tablename__ = "region_hearing"
    __table_args__ = (UniqueConstraint("region", "week"),)
    id: int | None = Field(default=None, primary_key=True)
    region: str
    week: str = Field(index=True)
    share: float
    reported: float | None = None
    groups: list[list[Any]] = _json()  # [publisher group, share]
    languages: list[list[Any]] = _json()  # [language, share]
    stories: int = 0  # that sources reported of the region
    expected: float | None = None
    at_most: float | None = None  # P(so few or fewer)
    fewer_since: str | None = None  # week of the change point


class RegionReportRow(SQLModel, table=True):
    """Stories of a region that a publisher group reported in a week."""

    __tablename__ = "region_reports"
    __table_args__ = (UniqueConstraint("week", "publisher_group", "region"),)
    id: int | None = Field(default=None, primary_key=True)
    week: str
    publisher_group: str
    region: str
    stories: int


class NoticeRow(SQLModel, table=True):
    """A region became deaf: raised once per fall, cleared when it hears again."""

    __tablename__ = "notices"
    id: int | None = Field(default=None, primary_key=True)
    region: str = Field(index=True)
    raised: datetime = _instant(index=True)
    share: float  # of its usual hearing, when it was raised
    least: float  # the set share at that time
    cleared: datetime | None = _instant(nullable=True)


class ScoreRow(SQLModel, table=True):
    """A computed score with its frozen inputs' hash. A new computation of other inputs is a new row."""

    __tablename__ = "scores"
    __table_args__ = (
        UniqueConstraint("week", "region", "group", "input_hash"),
        # the pages ask for these alone; the values beside them are long
        Index("ix_scores_in_force", "current", "week", "input_hash"),
        Index("ix_scores_totals", "group", "current", "week", "combined"),
        Index("ix_scores_region", "region", "group", "week", "current"),
    )
    id: int | None = Field(default=None, primary_key=True)
    week: str = Field(index=True)
    region: str
    group: str
    current: bool = True  # the newest computation of this week
    combined: float | None  # repeated from the value for queries
    value: dict[str, Any] = _json()  # the whole Score
    methodology: str
    input_hash: str
    computed_at: datetime = _instant()


class ScoreInputRow(SQLModel, table=True):
    """All that scores were computed from, so that they can be computed again."""

    __tablename__ = "score_inputs"
    hash: str = Field(primary_key=True)  # SHA-256 of the canonical JSON
    week: str = Field(index=True)
    packed: bytes  # the canonical JSON, compressed
    kept_at: datetime = _instant()
    known_at: datetime | None = _instant(nullable=True)  # where only what was known then counted


class RegionPictureRow(SQLModel, table=True):
    """What the region's page says of frozen inputs, computed once: it takes too long for a page."""

    __tablename__ = "region_pictures"
    input_hash: str = Field(primary_key=True)
    region: str = Field(primary_key=True)
    methodology: str
    uncertain: bytes  # JSON
    bases: list[dict[str, Any]] = _json()


class AlertRow(SQLModel, table=True):
    """An alert with every parameter it was raised with."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("week", "region", "topic", "method"),)
    id: int | None = Field(default=None, primary_key=True)
    week: str = Field(index=True)
    region: str
    topic: str
    method: str
    value: dict[str, Any] = _json()
    computed_at: datetime = _instant()


class SummaryRow(SQLModel, table=True):
    """A version of a weekly summary with its frozen inputs; a published one never changes."""

    __tablename__ = "summaries"
    __table_args__ = (UniqueConstraint("week", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    week: str = Field(index=True)
    version: int
    state: str = "draft"  # draft | frozen | published
    input_hash: str
    inputs: dict[str, Any] = _json()
    created_at: datetime = _instant()
    comments: list[dict[str, Any]] = _json()  # those in force when it was frozen
    frozen_at: datetime | None = _instant(nullable=True)
    frozen_by: str = ""
    published_at: datetime | None = _instant(nullable=True)
    published_by: str = ""
    reason: dict[str, str] = _json()  # language -> why the version before was corrected
    changes: list[dict[str, Any]] = _json()  # numbers that differ from the version before
    program: str = ""  # version of the program that made the published files


class SummaryFileRow(SQLModel, table=True):
    """A file of a published version, as it left the house."""

    __tablename__ = "summary_files"
    summary_id: int = Field(foreign_key="summaries.id", primary_key=True)
    name: str = Field(primary_key=True)
    sha256: str
    packed: bytes  # zlib


class SummaryCommentRow(SQLModel, table=True):
    """Commentary on a section of a week's summary; the newest of a section and language is in force."""

    __tablename__ = "summary_comments"
    id: int | None = Field(default=None, primary_key=True)
    week: str = Field(index=True)
    section: str
    language: str
    text: str  # "": taken away
    who: str
    at: datetime = _instant()


class SummaryNoticeRow(SQLModel, table=True):
    """What a week's summary lacked when it was looked at; the newest row of a week is in force."""

    __tablename__ = "summary_notices"
    id: int | None = Field(default=None, primary_key=True)
    week: str = Field(index=True)
    at: datetime = _instant()
    reasons: list[str] = _json()  # []: nothing


class SummarySendRow(SQLModel, table=True):
    """A published version on its way to one address: at most once each."""

    __tablename__ = "summary_sends"
    __table_args__ = (UniqueConstraint("week", "version", "address"),)
    id: int | None = Field(default=None, primary_key=True)
    week: str = Field(index=True)
    version: int
    address: str
    language: str
    level: str
    state: str  # sending | sent | refused | unknown
    detail: str = ""
    message_id: str
    at: datetime = _instant()


class ActivationRow(SQLModel, table=True):
    """Which trained version of a task is in use since when; the newest row of a task wins."""

    __tablename__ = "activations"
    id: int | None = Field(default=None, primary_key=True)
    task: str = Field(index=True)
    version: str
    at: datetime = _instant()
    by: str
    reason: str


class JobRow(SQLModel, table=True):
    """Long work that a person asked for; the worker takes it up."""

    __tablename__ = "jobs"
    __table_args__ = (
        # One of a kind runs at a time: the store itself refuses the second.
        Index(
            "ux_jobs_running_kind",
            "kind",
            unique=True,
            sqlite_where=text("state IN ('running', 'stopping')"),
            postgresql_where=text("state IN ('running', 'stopping')"),
        ),
        Index("ix_jobs_state", "state", "id"),
        Index("ix_jobs_kind", "kind", "state", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    parameters: dict[str, Any] = _json()
    state: str = "waiting"  # waiting | running | stopping | stopped | done | failed
    who: str  # asked for it
    asked_at: datetime = _instant()
    started_at: datetime | None = _instant(nullable=True)
    ended_at: datetime | None = _instant(nullable=True)
    beat_at: datetime | None = _instant(
        nullable=True
    )  # the runner was alive then, by the machine's time
    runner: str = ""  # who works on it; a runner that lost it writes nothing more
    attempts: int = 0  # times a runner took it up since somebody asked for it
    progress: dict[str, Any] = _json()  # what, done, total
    kept: dict[str, Any] = _json()  # step -> what came of it; not done again
    log: list[dict[str, Any]] = _json()  # at, say, values; the newest lines
    result: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    error: str = ""


class GateVerdictRow(SQLModel, table=True):
    """What the gate said of a version when it was asked; the newest row of a version counts."""

    __tablename__ = "gate_verdicts"
    id: int | None = Field(default=None, primary_key=True)
    task: str
    version: str = Field(index=True)
    against: str  # the version in use then; "" where there was none
    objections: list[str] = _json()
    at: datetime = _instant()


class DriftRow(SQLModel, table=True):
    """What a version said of a week's articles, counted when the week was scored."""

    __tablename__ = "drift"
    week: str = Field(primary_key=True)
    task: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    value: dict[str, Any] = _json()  # language -> label or step of probability -> articles
    counted_at: datetime = _instant()


class ApiKeyRow(SQLModel, table=True):
    """A program's key to the API; the key itself is not kept, only what it can be known by."""

    __tablename__ = "api_keys"
    id: int | None = Field(default=None, primary_key=True)
    hash: str = Field(unique=True)  # SHA-256 of the key
    name: str  # of the program
    role: str  # read | export
    created_at: datetime = _instant()
    created_by: str
    revoked_at: datetime | None = _instant(nullable=True)


class AuditRow(SQLModel, table=True):
    """A change somebody made, with before and after."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_who", "who", "id"),
        Index("ix_audit_action", "action", "id"),
        Index("ix_audit_subject", "subject", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = _instant(index=True)
    who: str
    action: str
    subject: str
    before: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    after: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))


class UserRow(SQLModel, table=True):
    """A person who may sign in. Never deleted: decisions and the audit log name them."""

    __tablename__ = "users"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    shown: str
    role: str  # viewer | reviewer | analyst | admin
    language: str
    password_hash: str | None = None  # argon2id
    subject: str | None = Field(default=None, unique=True)  # issuer and subject of the provider
    disabled_at: datetime | None = _instant(nullable=True)
    created_at: datetime = _instant()
    created_by: str


class SessionRow(SQLModel, table=True):
    """A browser that is signed in; known by the digest of the secret in its cookie."""

    __tablename__ = "sessions"
    digest: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="users.id", index=True)
    how: str  # password | link | oidc
    agent: str
    made_at: datetime = _instant()
    seen_at: datetime = _instant()


class SignInLinkRow(SQLModel, table=True):
    """A link that signs in once; taken away when it is used."""

    __tablename__ = "sign_in_links"
    digest: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="users.id", index=True)
    made_at: datetime = _instant()
    until: datetime = _instant()
    made_by: str


class SignInAttemptRow(SQLModel, table=True):
    """An attempt to sign in with a password that did not succeed, or has not yet."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        Index("ix_sign_in_attempts_name", "name_digest", "at"),
        Index("ix_sign_in_attempts_address", "address", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = _instant(index=True)
    name_digest: str  # people type passwords into the wrong field: the name itself is not kept
    address: str


class DecisionRow(SQLModel, table=True):
    """A person's decision of an article, or the undoing of one. Append-only; the numbers lock it."""

    __tablename__ = "decisions"
    __table_args__ = (
        UniqueConstraint("article_id", "number"),
        UniqueConstraint("who", "key"),
        Index("ix_decisions_who", "who", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="articles.id")
    number: int  # 1, 2, ... of the article
    action: str  # decide | undo
    who: str
    at: datetime = _instant(index=True)  # when its claims were made, or taken back
    content_hash: str
    given: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    before: list[list[Any]] = (
        _json()
    )  # [task, label, decided, author, author id] in force until then
    part_of: int | None = Field(default=None, index=True)  # of a copy: the decision of the card
    through: int | None = None  # of a copy: the card's article
    undoes: int | None = None  # of an undoing: the decision's id
    undone_by: int | None = None  # the undoing's id
    key: str | None = None  # of the request: one that comes twice decides once
    source: str = ""  # file of an imported decision


class ReviewItemRow(SQLModel, table=True):
    """An article in the review queue, with what its order and its filters need."""

    __tablename__ = "review_items"
    __table_args__ = (
        Index("ix_review_items_lane", "lane", "recent", "points", "strength", "article_id"),
        Index("ix_review_items_drawn", "drawn", "week", "place"),
    )
    article_id: int = Field(primary_key=True, foreign_key="articles.id")
    story_id: int | None = Field(default=None, index=True)
    week: str  # of its publication
    lane: int  # 1: its story's card; 0: behind it; -1: decided
    recent: bool  # its week is still scored
    points: float
    strength: float  # of its flags, summed
    effect: dict[str, Any] = _json()
    reasons: str  # "|risk|unsure|"
    regions: str
    topics: str
    drawn: bool  # waits as one of the random slice
    place: float = 0.0  # in the slice's order
    others: int = 0  # articles behind the card
    closed_by: int | None = Field(default=None, index=True)  # the decision that took it out
    stood: dict[str, Any] | None = Field(default=None, sa_column=Column(Json, nullable=True))


class ReviewDrawRow(SQLModel, table=True):
    """An article of a week that was flagged or not, and drawn into the random slice or not."""

    __tablename__ = "review_draws"
    __table_args__ = (Index("ix_review_draws_week", "week", "flagged", "predicted", "chance"),)
    article_id: int = Field(primary_key=True, foreign_key="articles.id")
    week: str
    flagged: bool
    predicted: bool  # found relevant by the models when it was drawn
    chance: float  # of being drawn; 0 where it was not
    models: str


class ReviewEstimateRow(SQLModel, table=True):
    """Precision and recall of a week, as last computed."""

    __tablename__ = "review_estimates"
    week: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    value: dict[str, Any] = _json()
    computed_at: datetime = _instant()


class ReviewHoldRow(SQLModel, table=True):
    """Who a card is assigned to, and whether it lies in the discuss bin."""

    __tablename__ = "review_holds"
    article_id: int = Field(primary_key=True, foreign_key="articles.id")
    assigned: str | None = Field(default=None, index=True)
    discuss: bool = Field(default=False, index=True)
    notes: int = 0


class ReviewNoteRow(SQLModel, table=True):
    """What somebody wrote on a card. Append-only."""

    __tablename__ = "review_notes"
    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="articles.id", index=True)
    who: str
    at: datetime = _instant()
    kind: str  # hand over | discuss | discussed
    text: str
    to: str | None = None


class ReviewLookRow(SQLModel, table=True):
    """Somebody has a card open until an instant; kept alive by the page, blocks nobody."""

    __tablename__ = "review_looks"
    article_id: int = Field(primary_key=True)
    who: str = Field(primary_key=True)
    shown: str
    since: datetime = _instant()
    until: datetime = _instant(index=True)


class ReviewSkipRow(SQLModel, table=True):
    """A card somebody put off."""

    __tablename__ = "review_skips"
    who: str = Field(primary_key=True)
    article_id: int = Field(primary_key=True)
    until: datetime = _instant(index=True)


class ReviewFilterRow(SQLModel, table=True):
    """A filter of the queue that somebody keeps under a name."""

    __tablename__ = "review_filters"
    __table_args__ = (UniqueConstraint("who", "name"),)
    id: int | None = Field(default=None, primary_key=True)
    who: str
    name: str
    value: dict[str, Any] = _json()


class ReviewKeysRow(SQLModel, table=True):
    """The keys somebody chose for the review page."""

    __tablename__ = "review_keys"
    user_id: int = Field(primary_key=True, foreign_key="users.id")
    keys: dict[str, str] | None = Field(default=None, sa_column=Column(Json, nullable=True))
    letters: bool = True


class StaleWeekRow(SQLModel, table=True):
    """A week whose scores do not yet hold the last decisions."""

    __tablename__ = "stale_weeks"
    week: str = Field(primary_key=True)
    marks: int  # decisions since the scores were last computed; more may come meanwhile
    since: datetime = _instant()


class SearchDocumentRow(SQLModel, table=True):
    """An article in the search index, or one that waits to be put there; its words lie in `search_text`,
    which each database keeps in its own way (`monitor.db.search`)."""

    __tablename__ = "search_documents"
    __table_args__ = (Index("ix_search_documents_lexicon", "lexicon", "place"),)
    article_id: int = Field(
        primary_key=True, foreign_key="articles.id", sa_column_kwargs={"autoincrement": False}
    )
    place: int = Field(sa_type=BigInteger, unique=True, index=True)  # orders by publication
    lexicon: str  # what its words were made with; "": it waits
    turn: int = (
        0  # goes up with every change of the article: what was read before does not count as it
    )


class CodebookVersionRow(SQLModel, table=True):
    """What a label means, as a person wrote it; the newest of a label is in force."""

    __tablename__ = "codebook_versions"
    __table_args__ = (UniqueConstraint("label", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    label: str  # "topic:finance"
    number: int  # 1, 2, ... of the label
    value: dict[str, Any] = _json()
    note: str
    who: str
    at: datetime = _instant()


class LabelVerdictRow(SQLModel, table=True):
    """What a person says of a suspected label; the newest of a text, task and label counts."""

    __tablename__ = "label_verdicts"
    __table_args__ = (Index("ix_label_verdicts_text", "text_id", "task", "label"),)
    id: int | None = Field(default=None, primary_key=True)
    text_id: str
    task: str
    label: str
    verdict: str  # right | wrong | open
    who: str
    at: datetime = _instant()


class UploadRow(SQLModel, table=True):
    """A readiness file that somebody has brought and not yet taken in; kept for a day."""

    __tablename__ = "uploads"
    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="users.id", index=True)
    name: str
    kind: str  # "": as its headings tell
    source: str
    licence: str
    sha256: str
    content: bytes
    outcome: dict[str, Any] = _json()  # of the dry run, as monitor.readiness.outcome writes it
    at: datetime = _instant(index=True)


class FeedbackRow(SQLModel, table=True):
    """What a reader wrote to us on the feedback page."""

    __tablename__ = "feedback"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = _instant(index=True)
    name: str  # "": not given
    page: str
    message: str
    language: str
    handled_by: str = ""
    handled_at: datetime | None = _instant(nullable=True)
