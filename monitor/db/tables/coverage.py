"""Whether regions could be heard: by week, by source and day, and the notices of it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from monitor.db.columns import instant, json_value


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
    languages: list[str] = json_value()
    silent: list[list[str]] = json_value()


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
    groups: list[list[Any]] = json_value()  # [publisher group, share]
    languages: list[list[Any]] = json_value()  # [language, share]
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
    raised: datetime = instant(index=True)
    share: float  # of its usual hearing, when it was raised
    least: float  # the set share at that time
    cleared: datetime | None = instant(nullable=True)
