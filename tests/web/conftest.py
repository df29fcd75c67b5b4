"""A seeded store, read by every web test and written by none; the web application over it."""

import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db.engine import migrate, open_engine, transaction
from monitor.db.people import add_user, find_account
from monitor.db.sessions import open_session
from monitor.people.tokens import form_token
from monitor.people.values import Role
from monitor.settings import load_settings
from monitor.summary.run import write_summary
from monitor.web.app import make_web
from tests.web.seed import NOW, WEEK, seed

with warnings.catch_warnings():
    # Starlette asks for a fork of httpx that is not among our dependencies; httpx still works.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


def client_of(
    engine: Engine, reference: Reference, now: datetime = NOW, role: Role | None = "admin"
) -> TestClient:
    """A new visitor, signed in; a stranger where `role` is None."""
    return signed_in_as(role, web_of(engine, reference, now))


def signed_in_as(role: Role | None, web: FastAPI) -> TestClient:
    """A client of `web` whose session is that of a user of this role."""
    client = TestClient(web, raise_server_exceptions=False)
    if role is not None:
        client.cookies.set("session", session_of(web.state.application, role))
    return client


def session_of(app: App, role: Role) -> str:
    """The secret of a new session of the user named as `role`, made where there is none."""
    with transaction(app.engine) as session:
        found = find_account(session, role)
        user = found and found.user
        user = user or add_user(
            session, role, f"{role} <b>", role, "fi", who="test", at=app.clock()
        )
        assert user is not None
        return open_session(session, user.id, app.clock(), "link", "test")


def token_of(client: TestClient) -> str:
    """The token that the forms of a signed-in client carry."""
    return form_token(client.cookies["session"])


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
    """Signed in as an admin."""
    return signed_in_as("admin", site)


@pytest.fixture
def visitor_as(site: FastAPI) -> Callable[[Role], TestClient]:
    """A visitor of a role: `visitor_as("reviewer")`."""
    return lambda role: signed_in_as(role, site)


@pytest.fixture
def stranger(site: FastAPI) -> TestClient:
    """Nobody is signed in, and redirections are not followed."""
    return TestClient(site, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture
def empty_visitor(sqlite: Engine, reference: Reference) -> Iterator[TestClient]:
    with client_of(sqlite, reference) as client:
        yield client
