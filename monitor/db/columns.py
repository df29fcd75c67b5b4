"""Column types and fields the tables share. They reject what SQLite would silently take."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, DateTime
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Field

Json: TypeEngine[Any] = JSON().with_variant(JSONB(), "postgresql")


class _SqliteUtc(sqlite.DATETIME):
    """SQLite's text of an instant that is UTC already: the dialect's own way takes ten times as long."""

    def bind_processor(self, dialect: Dialect) -> Any:
        return lambda value: value and value.isoformat(" ", "microseconds")[:26]


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored as UTC. A naive datetime raises ValueError (SQLite drops the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(_SqliteUtc())  # type: ignore[no-untyped-call]
        return dialect.type_descriptor(self.impl_instance)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(
                f"naive datetime {value!r} given to the store; every instant is aware UTC"
            )
        return value if value.tzinfo is UTC else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def instant(nullable: bool = False, index: bool = False) -> Any:
    """A field of an aware UTC instant."""
    return Field(default=None, sa_column=Column(UtcDateTime, nullable=nullable, index=index))


def json_value(nullable: bool = False) -> Any:
    """A field of a JSON value; one that may be lacking is None by default."""
    column = Column(Json, nullable=nullable)
    return Field(default=None, sa_column=column) if nullable else Field(sa_column=column)
