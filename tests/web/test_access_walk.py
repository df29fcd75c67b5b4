"""Every address against every role, strangers included; every form against a token that is not its own.

`route_roles.NEEDS` is written by hand. Addresses are filled with ids that name nothing: who may not come
in is turned away before anything is looked up, and who may gets anything but that refusal.
"""

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import func, select
from starlette.testclient import TestClient

from classifiers.reference import Reference
from monitor.db.engine import migrate, open_engine, reading
from monitor.db.tables import AuditRow
from monitor.people.values import ROLES, Role
from monitor.web.app import ROUTES
from tests.web.conftest import signed_in_as, token_of, web_of
from tests.web.route_roles import NEEDS

OPEN_FORMS = {"/login", "/login/link/{secret}", "/feedback"}  # nobody is signed in there
ENDS = {"/logout", "/me/leave"}  # these end the session they are posted in
POSTS = sorted(path for method, path in NEEDS if method == "POST")


def filled(path: str) -> str:
    """The address with something in its places that names nothing."""
    return re.sub(r"\{\w+(:int)?\}", lambda m: "987654" if m[1] else "9-nothing", path)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An empty store of these tests: what is posted here changes nobody else's."""
    made = open_engine(f"sqlite:///{tmp_path_factory.mktemp('walk') / 'walk.db'}")
    migrate(made)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def site(store: Engine, reference: Reference) -> FastAPI:
    return web_of(store, reference)


def test_every_route_has_its_row() -> None:
    there = {(x, r.path) for m in ROUTES for r in m.router.routes for x in r.methods}  # type: ignore[attr-defined]
    assert there - NEEDS.keys() == set(), "add a row to tests/web/route_roles.py"
    assert NEEDS.keys() - there == set(), "take the row out of tests/web/route_roles.py"


def test_nothing_is_served_past_the_routes(site: FastAPI) -> None:
    others = {getattr(r, "path", "") for r in site.routes} - {path for _, path in NEEDS}
    assert others - {""} <= {"/healthz", "/static/charts.css", "/favicon.ico", "/api/v1", "/static"}


def test_a_stranger_is_shown_the_way_in(site: FastAPI) -> None:
    client = TestClient(site, raise_server_exceptions=False, follow_redirects=False)
    for (method, path), needs in NEEDS.items():
        answer = client.request(method, filled(path))
        if path.endswith("/atom.xml"):
            continue  # programs fetch these too; see test_feed_keys
        if needs is None:
            assert answer.status_code not in (303, 403), path
            continue
        assert answer.status_code == (303 if method == "GET" else 401), (method, path)
        if method == "GET":
            wanted = "/login" + (f"?next={quote(filled(path), safe='')}" if path != "/" else "")
            assert answer.headers["location"] == wanted
        else:
            assert 'action="/login"' in answer.text


def test_a_stranger_learns_nothing_of_the_store(site: FastAPI) -> None:
    answer = TestClient(site).get("/login")
    for word in ("/queue", "/users", "waiting", 'name="token"', '<meta name="token"'):
        assert word not in answer.text


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_the_table_says_and_no_more(site: FastAPI, role: Role) -> None:
    client = signed_in_as(role, site)
    client.follow_redirects = False
    for (method, path), needs in NEEDS.items():
        if path in ENDS:
            continue
        data = {"token": token_of(client)} if method == "POST" else None
        answer = client.request(method, filled(path), data=data)
        refused = answer.status_code == 403
        permitted = needs is None or ROLES.index(role) >= ROLES.index(needs)
        assert refused is not permitted, (method, path, role, answer.status_code)
        assert answer.status_code != 401 or path in OPEN_FORMS, (method, path)
        assert answer.status_code < 500, (method, path, answer.text[:500])


def test_a_form_of_another_session_is_refused(site: FastAPI, store: Engine) -> None:
    client, other = signed_in_as("admin", site), signed_in_as("admin", site)
    before = _written(store)
    wrong = (None, {"token": ""}, {"token": token_of(other)}, {"token": "ä" * 64})
    for path in POSTS:
        if path in OPEN_FORMS:
            continue
        for data in wrong:
            answer = client.post(filled(path), data=data, follow_redirects=False)
            assert answer.status_code == 403, (path, data)
        assert client.post(filled(path), headers={"X-Token": "x"}).status_code == 403, path
    assert _written(store) == before


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "null"},
     {"origin": "https://evil.example"}],
    ids=["cross-site", "same-site", "null", "origin"],
)  # fmt: skip
def test_what_another_site_sends_is_refused_whatever_it_holds(
    site: FastAPI, headers: dict[str, str]
) -> None:
    client = signed_in_as("admin", site)
    for path in POSTS:
        answer = client.post(filled(path), data={"token": token_of(client)}, headers=headers)
        assert (answer.status_code, "another site" in answer.text) == (403, True), path


def test_our_own_pages_may_post(site: FastAPI) -> None:
    client = signed_in_as("viewer", site)
    data = {"token": token_of(client), "language": "sv"}
    for headers in ({"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}, {}):
        answer = client.post("/me/language", data=data, headers=headers, follow_redirects=False)
        assert answer.status_code == 303
    answer = client.post(
        "/me/language", data={"language": "fi"}, headers={"X-Token": data["token"]},
        follow_redirects=False,
    )  # fmt: skip
    assert answer.status_code == 303


def test_the_menu_holds_only_what_opens(visitor_as: Callable[[Role], TestClient]) -> None:
    for role in ROLES:
        client = visitor_as(role)
        page = client.get("/method").text
        links = re.findall(r'<li><a href="(/[a-z]*)"', page)
        assert len(links) >= 5
        for link in links:
            assert client.get(link).status_code == 200, (role, link)
    assert "/users" not in visitor_as("analyst").get("/method").text
    assert 'href="/users"' in visitor_as("admin").get("/method").text


def _written(engine: Engine) -> int:
    with reading(engine) as session:
        return session.exec(select(func.count()).select_from(AuditRow)).one()
