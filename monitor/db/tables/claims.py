"""What models, rules and people say of articles, and the reasons to look at one."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from monitor.db.columns import instant, json_value


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
    evidence: list[dict[str, Any]] = json_value()
    at: datetime = instant()
    undone_at: datetime | None = instant(nullable=True)  # when the decision it is of was undone


class FlagRow(SQLModel, table=True):
    """A reason to look at an article."""

    __tablename__ = "flags"
    __table_args__ = (UniqueConstraint("article_id", "reason"),)
    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="articles.id", index=True)
    reason: str
    strength: float
    detail: dict[str, Any] = json_value()
    state: str = "open"  # open | decided
    at: datetime = instant()
    closed_by: int | None = Field(default=None, index=True)  # the decision that closed it
