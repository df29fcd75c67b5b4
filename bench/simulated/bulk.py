"""Many rows into a store at once, and a whole store from SQLite into PostgreSQL. Shared by measurements.

A SQLite file is written without a journal: a store that broke half-way is made anew.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from pydantic_core import PydanticUndefined
from sqlalchemy import Boolean, Column, Engine, Table, inspect, text
from sqlalchemy.dialects.postgresql import dialect as postgresql
from sqlmodel import SQLModel

from bench.simulated import searchable
from monitor.db.columns import UtcDateTime

CHUNK = 20_000


class Filler:
    """Writes rows into a SQLite store; its indexes are away until `close`."""

    def __init__(self, engine: Engine) -> None:
        self._indexes = _take_indexes(engine)
        self._engine = engine
        engine.dispose()
        self._store = sqlite3.connect(str(engine.url.database), isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000"):
            self._store.execute(f"PRAGMA {pragma}")
        self._store.execute("BEGIN")

    def rows(self, of: type[SQLModel], names: str, rows: Iterable[Sequence[Any]]) -> None:
        """Rows of the columns `names`; columns that are not named get what a new row has."""
        table: Table = of.__table__  # type: ignore[attr-defined]  # SQLModel does not declare it
        given = names.split()
        rest = {
            name: field.get_default(call_default_factory=True)
            for name, field in of.model_fields.items()
            if name not in given
        }
        rest = {n: v for n, v in rest.items() if v is not None and v is not PydanticUndefined}
        makers = [_to_sqlite(table.c[name]) for name in given]
        constant = [_to_sqlite(table.c[name])(value) for name, value in rest.items()]
        columns = ", ".join(f'"{name}"' for name in (*given, *rest))
        marks = ", ".join("?" * (len(given) + len(rest)))
        self._store.executemany(
            f"INSERT INTO {table.name} ({columns}) VALUES ({marks})",
            ([*(make(v) for make, v in zip(makers, row, strict=True)), *constant] for row in rows),
        )

    def close(self) -> None:
        """Keep what was written, with its indexes and the figures the planner needs."""
        for statement in self._indexes:
            self._store.execute(statement)
        self._store.execute("COMMIT")
        self._store.execute("ANALYZE")
        self._store.close()


def _take_indexes(engine: Engine) -> list[str]:
    """Drop what can be made again; returns what makes it."""
    with engine.begin() as connection:
        found = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        ).all()
        for name, _ in found:
            connection.execute(text(f'DROP INDEX "{name}"'))
    return [sql for _, sql in found]


def instant(value: datetime) -> str:
    """A UTC instant as the store writes it in SQLite."""
    return value.isoformat(" ", "microseconds")[:26]


def _to_sqlite(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, UtcDateTime):
        return lambda v: instant(v) if isinstance(v, datetime) else v
    return lambda v: (
        json.dumps(v) if isinstance(v, list | dict) else v.isoformat() if type(v) is date else v
    )


# --- to PostgreSQL -------------------------------------------------------------------------------


def copy_store(source: Engine, target: Engine, skipped: Sequence[str] = ()) -> dict[str, int]:
    """Every row of the SQLite store `source` into the empty PostgreSQL store `target`; rows by table.

    Both have the newest schema; tables `skipped` stay empty.
    """
    counts: dict[str, int] = {}
    read = sqlite3.connect(str(source.url.database))
    raw = target.raw_connection()
    cursor = raw.cursor()
    cursor.execute(
        "SET session_replication_role = replica"
    )  # keys were checked where they come from
    indexes = _take_postgres_indexes(cursor)
    there = set(inspect(target).get_table_names())
    for table in SQLModel.metadata.sorted_tables:
        if table.name in there and table.name not in skipped:
            counts[table.name] = _copy_table(read, cursor, table)
    with cursor.copy("COPY search_text (place, terms) FROM STDIN") as copy:
        for row in searchable.copied(read):
            copy.write_row(row)
    cursor.execute("SET maintenance_work_mem = '1GB'")
    for statement in indexes:
        cursor.execute(statement)
    raw.commit()
    raw.close()
    _finish(target)
    return counts


def _take_postgres_indexes(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.schemaname = 'public' AND NOT EXISTS "
        "(SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)"
    )
    found = cursor.fetchall()
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _, definition in found]


def _copy_table(read: sqlite3.Connection, cursor: Any, table: Table) -> int:
    writable = [c for c in table.columns if c.computed is None]
    names = ", ".join(f'"{c.name}"' for c in writable)
    makers = [_to_postgres(c) for c in writable]
    plain = all(make is _same for make in makers)
    rows = 0
    cursor.execute(f'TRUNCATE "{table.name}" CASCADE')
    with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
        for some in _chunks(read.execute(f'SELECT {names} FROM "{table.name}"')):
            rows += len(some)
            for row in some:
                copy.write_row(row if plain else [m(v) for m, v in zip(makers, row, strict=True)])
    return rows


def _to_postgres(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type.dialect_impl(postgresql()), Boolean):  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
        return lambda v: None if v is None else bool(v)
    if isinstance(column.type, UtcDateTime):
        return lambda v: None if v is None else v + "+00"
    return _same


def _same(value: Any) -> Any:
    return value


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while some := list(islice(rows, CHUNK)):
        yield some


def _finish(target: Engine) -> None:
    """New rows get numbers after those that were copied; the planner learns what there is."""
    with target.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            sequence = (
                connection.scalar(
                    text("SELECT pg_get_serial_sequence(:t, 'id')"), {"t": table.name}
                )
                if "id" in table.c and table.c.id.type.python_type is int
                else None
            )
            if sequence:
                connection.execute(
                    text(
                        f"SELECT setval('{sequence}', (SELECT coalesce(max(id), 0) + 1 FROM {table.name}), false)"
                    )
                )
        connection.execute(text("VACUUM ANALYZE"))
