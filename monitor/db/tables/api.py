"""Programs that read over the API."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from monitor.db.columns import instant


class ApiKeyRow(SQLModel, table=True):
    """A program's key to the API; the key itself is not kept, only what it can be known by."""

    __tablename__ = "api_keys"
    id: int | None = Field(default=None, primary_key=True)
    hash: str = Field(unique=True)  # SHA-256 of the key
    name: str  # of the program
    role: str  # read | export
    created_at: datetime = instant()
    created_by: str
    revoked_at: datetime | None = instant(nullable=True)
