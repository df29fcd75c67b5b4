"""Opens the store and brings its schema up to date.

SQLite gets foreign keys, WAL and a busy timeout on every connection; PostgreSQL is taken as it is.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError
from sqlmodel import Session, create_engine

from monitor.errors import StoreError

BUSY_TIMEOUT_MS = 10_000
CACHE_KIB = 16_384  # of each connection
MAPPED_BYTES = 2**30  # of the file, read without copying
# A page may hold a connection and ask for another; as many as the web page has threads, and the worker's.
POOL = {"pool_size": 10, "max_overflow": 40}


def open_engine(url: str) -> Engine:
    """An engine for `url`. Creates the folder of a SQLite file. Raises StoreError for a bad address."""
    try:
        parsed = make_url(url)
        if parsed.drivername.startswith("sqlite") and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        pool = {} if parsed.drivername.startswith("sqlite") and not parsed.database else POOL
        engine = create_engine(
            parsed, pool_pre_ping=not parsed.drivername.startswith("sqlite"), **pool
        )
    except (SQLAlchemyError, OSError, ImportError) as error:
        raise StoreError(
            f"the database address cannot be used ({type(error).__name__}); "
            "expected sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver starts no transaction of its own: _begin_sqlite does.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    cursor.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turns writer fails at once when another wrote meanwhile; a transaction that will
    # write takes the write lock first and waits for it up to the busy timeout.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision. Raises StoreError where the database does not answer."""
    from alembic import command  # slow to import, needed once per process
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except OperationalError as error:
        raise StoreError(
            f"the database at {engine.url.render_as_string(hide_password=True)} does not answer; "
            "check that it runs and that TILANNEKUVA_DATABASE_URL is right"
        ) from error
    except (DatabaseError, CommandError) as error:
        raise StoreError(
            f"the database at {engine.url.render_as_string(hide_password=True)} is not one of this "
            "program, or of a newer version of it; check TILANNEKUVA_DATABASE_URL"
        ) from error


@contextmanager
def transaction(engine: Engine | Connection) -> Iterator[Session]:
    """A session that may write: commits at the end, rolls back whole when an exception leaves it.

    On a connection whose transaction another one owns, it only writes into that one.
    """
    with Session(engine.execution_options(writes=True), expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def reading(engine: Engine | Connection) -> Iterator[Session]:
    """A session that only reads."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
