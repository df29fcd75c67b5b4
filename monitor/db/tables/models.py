"""Trained versions in use, the long work that people ask for, and how they drift."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from monitor.db.columns import instant, json_value


class ActivationRow(SQLModel, table=True):
    """Which trained version of a task is in use since when; the newest row of a task wins."""

    __tablename__ = "activations"
    id: int | None = Field(default=None, primary_key=True)
    task: str = Field(index=True)
    version: str
    at: datetime = instant()
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
    parameters: dict[str, Any] = json_value()
    state: str = "waiting"  # waiting | running | stopping | stopped | done | failed
    who: str  # asked for it
    asked_at: datetime = instant()
    started_at: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)
    beat_at: datetime | None = instant(
        nullable=True
    )  # the runner was alive then, by the machine's time
    runner: str = ""  # who works on it; a runner that lost it writes nothing more
    attempts: int = 0  # times a runner took it up since somebody asked for it
    progress: dict[str, Any] = json_value()  # what, done, total
    kept: dict[str, Any] = json_value()  # step -> what came of it; not done again
    log: list[dict[str, Any]] = json_value()  # at, say, values; the newest lines
    result: dict[str, Any] | None = json_value(nullable=True)
    error: str = ""


class GateVerdictRow(SQLModel, table=True):
    """What the gate said of a version when it was asked; the newest row of a version counts."""

    __tablename__ = "gate_verdicts"
    id: int | None = Field(default=None, primary_key=True)
    task: str
    version: str = Field(index=True)
    against: str  # the version in use then; "" where there was none
    objections: list[str] = json_value()
    at: datetime = instant()


class DriftRow(SQLModel, table=True):
    """What a version said of a week's articles, counted when the week was scored."""

    __tablename__ = "drift"
    week: str = Field(primary_key=True)
    task: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    value: dict[str, Any] = json_value()  # language -> label or step of probability -> articles
    counted_at: datetime = instant()
