"""Signing in under attack: strangers who guess, strangers who lock others out, sessions that are planted."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient

from classifiers.reference import Reference
from monitor.db.engine import reading
from monitor.db.tables import AuditRow, SessionRow
from monitor.people import manage
from monitor.people.signin import Browser, Opened, Wait, network, new_link, sign_in, sign_in_by_link
from tests.web.conftest import token_of
from tests.web.test_signin import PASSWORD, House, enter

OFFICE = "192.0.2.7"


@pytest.fixture
def house(engine: Engine, reference: Reference) -> House:
    return House(engine, reference)


def try_(house: House, password: str, address: str, device: str = ""):  # type: ignore[no-untyped-def]
    return sign_in(house.app, "kaisa", password, Browser(address, "x", "", device))


def lock(house: House, address: str) -> None:
    for _ in range(house.app.settings.sign_in_tries):
        try_(house, "wrong", address)
    assert isinstance(try_(house, PASSWORD, address), Wait)


def test_a_stranger_elsewhere_does_not_hold_a_colleague_up(house: House) -> None:
    lock(house, "203.0.113.5")
    assert isinstance(try_(house, PASSWORD, OFFICE), Opened)


def test_a_crowd_of_machines_runs_into_the_limit_of_the_name(house: House) -> None:
    most = house.app.settings.sign_in_tries_name
    tried = [try_(house, "wrong", f"203.0.{n}.1") for n in range(most + 1)]
    assert [isinstance(one, Wait) for one in tried] == [False] * most + [True]
    assert isinstance(try_(house, PASSWORD, OFFICE), Wait)
    house.pass_(minutes=16)
    assert isinstance(try_(house, PASSWORD, OFFICE), Opened)


def test_a_known_browser_gets_in_past_what_others_tried(house: House) -> None:
    came = try_(house, PASSWORD, OFFICE)
    assert isinstance(came, Opened)
    for n in range(house.app.settings.sign_in_tries_name + 1):
        try_(house, "wrong", f"203.0.{n}.1")
    lock(house, OFFICE)
    assert isinstance(try_(house, PASSWORD, OFFICE, came.device), Opened)
    for forged in (came.device[:-1] + "x", "x." + came.device.partition(".")[2], ".", "\ud800"):
        assert isinstance(try_(house, PASSWORD, OFFICE, forged), Wait), forged
    # who has the cookie may guess no more often than anybody
    lock_own = [try_(house, "wrong", f"203.1.{n}.1", came.device) for n in range(6)]
    assert [isinstance(one, Wait) for one in lock_own] == [False] * 5 + [True]
    manage.give_password(house.app, "kaisa", "toinen pitkä lause", "test")
    assert isinstance(try_(house, "toinen pitkä lause", OFFICE, came.device), Wait)


def test_the_browser_keeps_that_it_is_known_out_of_reach(house: House) -> None:
    client = house.client()
    answer = enter(client)
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("device="))
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    secret = client.cookies["device"]
    client.post("/logout", data={"token": token_of(client)})
    assert client.cookies["device"] == secret
    other = house.client()
    other.cookies.set("device", secret)
    assert other.get("/me").status_code == 303, "it opens nothing"
    for _ in range(5):
        enter(house.client(), password="wrong")
    assert enter(house.client()).status_code == 429
    assert enter(client).status_code == 303


def test_guessing_from_outside_does_not_keep_one_from_changing_the_password(house: House) -> None:
    client = house.client()
    enter(client)
    for n in range(house.app.settings.sign_in_tries_name + 1):
        try_(house, "wrong", f"203.0.{n}.1")
    new = {"new": "toinen pitkä lause", "again": "toinen pitkä lause"}
    wrong = [
        client.post("/me/password", data={"token": token_of(client), "old": "no", **new})
        for _ in range(6)
    ]
    assert [a.status_code for a in wrong] == [422] * 5 + [429], "nor is it a way round the limit"
    house.pass_(minutes=16)
    right = {"token": token_of(client), "old": PASSWORD, **new}
    assert client.post("/me/password", data=right).status_code == 303


@pytest.mark.parametrize(
    ("one", "two"),
    [("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"), ("::ffff:192.0.2.7", OFFICE),
     ("fe80::1%eth0", "fe80::2%eth1"), (OFFICE, OFFICE)],
)  # fmt: skip
def test_addresses_of_one_subscriber_are_one_network(one: str, two: str) -> None:
    assert network(one) == network(two)
    assert network("2001:db8:1:3::1") != network("2001:db8:1:2::1")
    assert network("") == ""
    assert network("testclient") == "testclient"


def test_of_many_who_use_a_link_at_once_one_gets_in(house: House) -> None:
    secret = new_link(house.app, house.kaisa.id, "test")
    with ThreadPoolExecutor(8) as pool:
        browser = Browser(OFFICE, "x")
        came = list(pool.map(lambda _: sign_in_by_link(house.app, secret, browser), range(8)))
    assert sum(isinstance(one, Opened) for one in came) == 1
    with reading(house.engine) as session:
        assert len(session.exec(select(SessionRow)).all()) == 1


def test_of_many_guesses_at_once_no_more_than_the_limit_are_tried(house: House) -> None:
    with ThreadPoolExecutor(12) as pool:
        tried = list(pool.map(lambda _: try_(house, "wrong", OFFICE), range(12)))
    assert sum(not isinstance(one, Wait) for one in tried) == house.app.settings.sign_in_tries
    with reading(house.engine) as session:
        refused = [r for r in session.exec(select(AuditRow)) if r.action == "sign in refused"]
    assert len(refused) == house.app.settings.sign_in_tries


def web_client(web: FastAPI) -> TestClient:
    return TestClient(web, raise_server_exceptions=False, follow_redirects=False)


def test_another_host_header_leads_nowhere_else(house: House) -> None:
    client = house.client()
    enter(client)
    for host in ("evil.example", "evil.example:1", "testserver@evil.example", "x" * 2000):
        answer = client.get("/login?next=/feeds", headers={"host": host})
        assert answer.headers.get("location", "/feeds") in ("/feeds",), host
        assert "evil.example" not in answer.text
    posted = {"name": "kaisa", "password": PASSWORD}
    headers = {"host": "testserver", "origin": "http://evil.example"}
    assert client.post("/login", data=posted, headers=headers).status_code == 403
    for method in ("TRACE", "PUT", "DELETE", "PATCH"):
        assert client.request(method, "/me/password").status_code in (404, 405)
    override = {"x-http-method-override": "POST", "x-method-override": "POST"}
    assert client.get("/logout", headers=override).status_code in (404, 405)
    assert client.get("/me").status_code == 200


def test_many_cookies_and_twins_of_the_session_open_nothing(house: House) -> None:
    client = house.client()
    many = "; ".join(f"c{n}={'x' * 20}" for n in range(1000))
    for cookie in (many, "session=", "session=a; session=b", "session=" + "x" * 50_000, ";;=;",
                   'session="\\000"', "__Host-session=x", "lang=xx; lang=<b>", "errand=.."):  # fmt: skip
        answer = client.get("/me", headers={"cookie": cookie})
        assert answer.status_code == 303, cookie[:30]
        assert client.get("/login/oidc/back", headers={"cookie": cookie}).status_code == 404
