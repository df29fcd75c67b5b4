"""The scores of weeks, what they were computed from, and the alerts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from monitor.db.columns import instant, json_value


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
    value: dict[str, Any] = json_value()  # the whole Score
    methodology: str
    input_hash: str
    computed_at: datetime = instant()


class ScoreInputRow(SQLModel, table=True):
    """All that scores were computed from, so that they can be computed again."""

    __tablename__ = "score_inputs"
    hash: str = Field(primary_key=True)  # SHA-256 of the canonical JSON
    week: str = Field(index=True)
    packed: bytes  # the canonical JSON, compressed
    kept_at: datetime = instant()
    known_at: datetime | None = instant(nullable=True)  # where only what was known then counted


class RegionPictureRow(SQLModel, table=True):
    """What the region's page says of frozen inputs, computed once: it takes too long for a page."""

    __tablename__ = "region_pictures"
    input_hash: str = Field(primary_key=True)
    region: str = Field(primary_key=True)
    methodology: str
    uncertain: bytes  # JSON
    bases: list[dict[str, Any]] = json_value()


class AlertRow(SQLModel, table=True):
    """An alert with every parameter it was raised with."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("week", "region", "topic", "method"),)
    id: int | None = Field(default=None, primary_key=True)
    week: str = Field(index=True)
    region: str
    topic: str
    method: str
    value: dict[str, Any] = json_value()
    computed_at: datetime = instant()
