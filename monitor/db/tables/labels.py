"""The labels' codebook, and what people say of suspected labels."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from monitor.db.columns import instant, json_value


class CodebookVersionRow(SQLModel, table=True):
    """What a label means, as a person wrote it; the newest of a label is in force."""

    __tablename__ = "codebook_versions"
    __table_args__ = (UniqueConstraint("label", "number"),)
    id: int | None = Field(default=None, primary_key=True)
    label: str  # "topic:finance"
    number: int  # 1, 2, ... of the label
    value: dict[str, Any] = json_value()
    note: str
    who: str
    at: datetime = instant()


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
    at: datetime = instant()
