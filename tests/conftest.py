"""Fixtures that several suites share: a store on SQLite and on PostgreSQL, a clock, label definitions."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
import structlog
from sqlalchemy import Engine, text
from sqlmodel import create_engine

from classifiers.reference import Reference, load_reference
from monitor.clock import ManualClock
from monitor.db.engine import migrate, open_engine

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
# Monday 6.00 in Helsinki, six hours into week 47.
NOW = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
# What a property says does not depend on how busy the machine is.
hypothesis.settings.register_profile("busy", deadline=None)
hypothesis.settings.load_profile("busy")


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    """A command that a test runs in this process configures the log; the next test has its own."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture(scope="session")
def reference() -> Reference:
    return load_reference(ROOT / "labels")


@pytest.fixture(scope="session")
def captured_newsroom() -> Path:
    """The folder of captured pages, which is other people's text and never in the repository."""
    folder = SHARED / "newsroom"
    if not folder.is_dir():
        pytest.skip("the captured newsroom is not beside this repository (../shared/newsroom)")
    return folder


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty store with the newest schema, on each of the two databases."""
    if request.param == "sqlite":
        made = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    else:
        made = open_engine(_fresh_database(request.getfixturevalue("postgres_server")))
    migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Engine]:
    """An empty SQLite store, for tests that are not about the store."""
    made = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    migrate(made)
    yield made
    made.dispose()


def _fresh_database(server: str) -> str:
    name = f"t{os.urandom(6).hex()}"
    admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return f"{server}/{name}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of our own on a free loopback port, or TILANNEKUVA_TEST_POSTGRES."""
    given = os.environ.get("TILANNEKUVA_TEST_POSTGRES")
    if given:
        yield given.rstrip("/")
        return
    binaries = _postgres_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (no initdb under /usr/lib/postgresql or on PATH)")
    folder = Path(tempfile.mkdtemp(prefix="tilannekuva-pg-"))
    try:
        yield from _run_server(binaries, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_binaries() -> Path | None:
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _run_server(binaries: Path, folder: Path) -> Iterator[str]:
    # PostgreSQL refuses to run as root: as root it is started as the user postgres.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    port = _free_port()
    data = folder / "data"

    def call(*command: str) -> None:
        subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)

    call(str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
    control = str(binaries / "pg_ctl")
    call(control, "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}"
    finally:
        call(control, "-D", str(data), "-m", "immediate", "-w", "stop")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
