"""Atom feeds are fetched by feed readers: with an API key, and without a word of it in any log."""

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from classifiers.reference import Reference
from monitor.db.engine import transaction
from monitor.db.keys import add_key, revoke_key
from tests.web.conftest import signed_in_as, web_of
from tests.web.seed import NOW

FEEDS = ("/summary/atom.xml", "/alerts/atom.xml")


@pytest.fixture
def site(sqlite: Engine, reference: Reference) -> FastAPI:
    return web_of(sqlite, reference)


@pytest.fixture
def reader(site: FastAPI) -> TestClient:
    return TestClient(site, raise_server_exceptions=False, follow_redirects=False)


def key_of(engine: Engine) -> tuple[int, str]:
    with transaction(engine) as session:
        key, secret = add_key(session, "reader", "read", "test", NOW)
    return key.id, secret


@pytest.mark.parametrize("address", FEEDS)
def test_a_key_opens_the_feeds_and_nothing_else(
    sqlite: Engine, reader: TestClient, address: str
) -> None:
    number, secret = key_of(sqlite)
    asked = reader.get(address)
    assert (asked.status_code, asked.headers["www-authenticate"][:5]) == (401, "Basic")
    for auth in (("reader", secret), ("", secret), (secret, "")):
        answer = reader.get(address, auth=auth)
        assert answer.status_code == 200, auth
        assert answer.headers["content-type"].startswith("application/atom+xml")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert secret not in answer.text
    assert reader.get(address, headers={"authorization": f"Bearer {secret}"}).status_code == 200
    assert reader.get("/summary", auth=("x", secret)).status_code == 303
    assert reader.get(f"{address}?key={secret}").status_code == 401, "addresses are logged"
    with transaction(sqlite) as session:
        revoke_key(session, number, "test", NOW)
    assert reader.get(address, auth=("x", secret)).status_code == 401


@pytest.mark.parametrize(
    "header", ["Basic", "Basic ###", "Basic /w==", "Digest x", "Bearer ", "x" * 9000]
)
def test_what_is_no_key_is_refused(reader: TestClient, header: str) -> None:
    assert reader.get(FEEDS[0], headers={"authorization": header}).status_code == 401


def test_a_key_that_asks_too_often_waits(sqlite: Engine, reader: TestClient) -> None:
    _, secret = key_of(sqlite)
    codes = [reader.get(FEEDS[0], auth=("x", secret)).status_code for _ in range(31)]
    assert codes == [200] * 30 + [429]


def test_a_browser_is_led_to_sign_in_and_a_viewer_reads(site: FastAPI, reader: TestClient) -> None:
    answer = reader.get(FEEDS[0], headers={"accept": "text/html,*/*"})
    assert answer.status_code == 303
    assert signed_in_as("viewer", site).get(FEEDS[0]).status_code == 200
