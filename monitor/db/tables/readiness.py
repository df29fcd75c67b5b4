"""Readiness data: the files and answers it came in, and what they say of regions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from monitor.db.columns import instant, json_value


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
    imported_at: datetime = instant()
    imported_by: str
    undone_at: datetime | None = instant(nullable=True)


class FetchRow(SQLModel, table=True):
    """Where an import that was an answer of an open interface came from."""

    __tablename__ = "fetches"
    import_id: int = Field(foreign_key="imports.id", primary_key=True)
    recipe: str = Field(index=True)  # the question; two answers to it are comparable
    address: str  # "" for a saved answer
    fetched_at: datetime | None = instant(nullable=True)  # None: saved, and nobody said when


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
    outcome: dict[str, Any] = json_value()  # of the dry run, as monitor.readiness.outcome writes it
    at: datetime = instant(index=True)
