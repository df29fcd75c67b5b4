"""Weekly summaries: their versions, files, comments, notices and sending."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from monitor.db.columns import instant, json_value


class SummaryRow(SQLModel, table=True):
    """A version of a weekly summary with its frozen inputs; a published one never changes."""

    __tablename__ = "summaries"
    __table_args__ = (UniqueConstraint("week", "version"),)
    id: int | None = Field(default=None, primary_key=True)
    week: str = Field(index=True)
    version: int
    state: str = "draft"  # draft | frozen | published
    input_hash: str
    inputs: dict[str, Any] = json_value()
    created_at: datetime = instant()
    comments: list[dict[str, Any]] = json_value()  # those in force when it was frozen
    frozen_at: datetime | None = instant(nullable=True)
    frozen_by: str = ""
    published_at: datetime | None = instant(nullable=True)
    published_by: str = ""
    reason: dict[str, str] = json_value()  # language -> why the version before was corrected
    changes: list[dict[str, Any]] = json_value()  # numbers that differ from the version before
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
    at: datetime = instant()


class SummaryNoticeRow(SQLModel, table=True):
    """What a week's summary lacked when it was looked at; the newest row of a week is in force."""

    __tablename__ = "summary_notices"
    id: int | None = Field(default=None, primary_key=True)
    week: str = Field(index=True)
    at: datetime = instant()
    reasons: list[str] = json_value()  # []: nothing


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
    at: datetime = instant()
