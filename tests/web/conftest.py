"""A seeded store, read by every web test and written by none; the web application over it."""

import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db.engine import migrate, open_engine
from monitor.settings import load_settings
from monitor.summary.run import write_summary
from monitor.web.app import make_web
from tests.web.seed import NOW, WEEK, seed

with warnings.catch_warnings():
    # Starlette asks for a fork of httpx that is not among our dependencies; httpx still works.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


def client_of(engine: Engine, reference: Reference, now: datetime = NOW) -> TestClient:
    """A new visitor without cookies."""
    return TestClient(web_of(engine, reference, now), raise_server_exceptions=False)


def web_of(engine: Engine, reference: Reference, now: datetime = NOW) -> FastAPI:
    return make_web(App(load_settings({}), ManualClock(now), engine, reference))


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("web")
    engine = open_engine(f"sqlite:///{folder / 'web.db'}")
    migrate(engine)
    seed(engine, reference, weeks=5)
    settings = load_settings({}, output_dir=folder / "summaries")
    write_summary(engine, WEEK, reference, settings, ManualClock(NOW))
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def site(seeded: Engine, reference: Reference) -> FastAPI:
    return web_of(seeded, reference)


@pytest.fixture
def visitor(site: FastAPI) -> TestClient:
    return TestClient(site, raise_server_exceptions=False)


@pytest.fixture
def empty_visitor(sqlite: Engine, reference: Reference) -> Iterator[TestClient]:
    with client_of(sqlite, reference) as client:
        yield client
