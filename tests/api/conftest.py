"""The API over a seeded store that no test writes to, with a key of each role."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from classifiers.reference import Reference
from monitor.api.app import PREFIX, make_api
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db.engine import migrate, open_engine, transaction
from monitor.db.keys import add_key
from monitor.db.scores import current_scores, save
from monitor.db.tables import SummaryRow
from monitor.settings import load_settings
from monitor.values import Alert
from tests.web.seed import NOW, WEEK, seed

with warnings.catch_warnings():
    # Starlette asks for a fork of httpx that is not among our dependencies; httpx still works.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

ALERT = Alert(
    WEEK, "19", "personnel", 7.5, 1.25, 4.0, "predictive + eEARS", 0.0001,
    {"cells_tested": 322.0, "past_weeks": 2.0, "exposure": 1.0},
)  # fmt: skip
SUMMARY = {
    "schema_version": 1,
    "week": WEEK,
    "national": {"articles": 50, "stories": 33, "units": 23},
}


@dataclass
class Seconds:
    """A clock for rate limits that is moved by hand."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Served:
    """The API as its server mounts it."""

    app: FastAPI
    keys: dict[str, str]  # role -> key
    seconds: Seconds

    def get(self, path: str, role: str = "read", **headers: str) -> Any:
        """An answer to a program with a key of `role`, or with none."""
        given = {"Authorization": f"Bearer {self.keys[role]}"} if role else {}
        client = TestClient(self.app, raise_server_exceptions=False)
        return client.get(PREFIX + path, headers=given | headers)


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('api') / 'api.db'}")
    migrate(engine)
    seed(engine, reference, weeks=3)
    with transaction(engine) as session:
        save(session, current_scores(session, WEEK), [ALERT], NOW)
        for version, state in ((1, "published"), (2, "draft")):
            session.add(
                SummaryRow(
                    week=WEEK, version=version, state=state, input_hash="0" * 64, inputs=SUMMARY,
                    created_at=NOW, comments=[], reason={}, changes=[],
                )
            )  # fmt: skip
    yield engine
    engine.dispose()


def serve(engine: Engine, reference: Reference, **settings: object) -> Served:
    """The API over `engine`, with a new key of each role."""
    with transaction(engine) as session:
        keys = {role: add_key(session, role, role, "test", NOW)[1] for role in ("read", "export")}
    app, seconds = FastAPI(openapi_url=None), Seconds()
    given = App(load_settings({}, **settings), ManualClock(NOW), engine, reference)
    app.mount(PREFIX, make_api(given, seconds))
    return Served(app, keys, seconds)


@pytest.fixture(scope="session")
def _served(stored: Engine, reference: Reference) -> Served:
    return serve(stored, reference, api_burst=100_000, api_requests_per_minute=100_000)


@pytest.fixture
def api(_served: Served) -> Served:
    return replace(_served)
