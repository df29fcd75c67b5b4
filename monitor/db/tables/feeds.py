"""Feeds and what was asked of them: polls, the sites' own words on robots, the items of feeds."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from monitor.db.columns import instant, json_value

# The beginning of an entry's link: PostgreSQL cannot index one of thousands of characters.
LINK_BEGINS = "substr(link, 1, 200)"
# Entries whose page may not be read; written out, for an index of these alone is used only by this text.
REFUSED_ENTRY = "permission NOT IN ('allowed', 'allowed by agreement')"


class FeedRow(SQLModel, table=True):
    """A feed of feeds.yaml and all that is remembered of it: what is due is a query on this."""

    __tablename__ = "feeds"
    id: str = Field(primary_key=True)
    url: str
    title: str
    lang: str
    home: list[str] = json_value()
    publisher_group: str
    kind: str
    note: str = ""
    permission: str = ""  # the agreement that stands in for the site's permission
    status: str = "active"
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    failures: float = 0.0
    next_poll: datetime | None = instant(nullable=True, index=True)
    last_poll: datetime | None = instant(nullable=True)
    last_success: datetime | None = instant(nullable=True)
    moved_to: str | None = None
    ttl_minutes: int | None = None  # of the last body that was parsed
    skip_hours: list[int] | None = json_value(nullable=True)
    pace_seconds: float | None = None  # what the next poll is reckoned from, at the last new answer
    reach: datetime | None = instant(nullable=True)  # how far back the last answer reached


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
    at: datetime = instant(index=True)
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
    oldest_item: datetime | None = instant(nullable=True)  # how far back this answer reaches
    permission: str | None = None  # what allowed or refused it; None: not asked


class SiteRow(SQLModel, table=True):
    """What an origin last said about robots and text mining."""

    __tablename__ = "sites"
    origin: str = Field(primary_key=True)  # scheme://host[:port]
    asked: datetime = instant()
    expires: datetime = instant()
    status: int | None = None  # HTTP status of robots.txt
    robots: str
    tdm: list[list[Any]] = json_value()  # [location, reserved] of tdmrep.json, in its order
    unreadable_since: datetime | None = instant(nullable=True)
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
    published: datetime | None = instant(nullable=True)
    first_seen: datetime = instant()
    last_seen: datetime = instant()
    entry_hash: str
    revision: int = 1
    state: str = "pending"  # pending | done
    attempts: int = 0
    next_try: datetime | None = instant(nullable=True)
    permission: str | None = None  # what allowed or refused its page when it was last asked
    # when its feed said that it is removed (RFC 6721), and what it said of it
    deleted: datetime | None = instant(nullable=True)
    deleted_why: str = ""
    article_id: int | None = Field(default=None, foreign_key="articles.id", index=True)
