"""Signing in and out as a browser does it: sessions, limits, links, what is kept of a form."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlmodel import col, select
from starlette.testclient import TestClient

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db.audit import Entry, Wanted, entries, write_audit
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.db.tables import AuditRow, SessionRow, SignInAttemptRow, SignInLinkRow, UserRow
from monitor.people import manage
from monitor.people.signin import WINDOW, new_link
from monitor.people.tokens import digest
from monitor.people.values import User
from monitor.settings import load_settings
from monitor.web.app import make_web
from tests.web.conftest import signed_in_as, token_of
from tests.web.seed import NOW

PASSWORD = "lumi sulaa hitaasti"
CHEAP = {"password_memory_kib": 8192, "password_passes": 1}
# the argument of a hostile spreadsheet, a page and an address
FORMULA = '=HYPERLINK("http://evil.example","x")'


class House:
    """A site with one user, and a clock that moves."""

    def __init__(self, engine: Engine, reference: Reference, **settings: object) -> None:
        self.clock = ManualClock(NOW)
        self.app = App(load_settings({}, **{**CHEAP, **settings}), self.clock, engine, reference)
        self.web: FastAPI = make_web(self.app)
        self.engine = engine
        made = manage.add(self.app, "Kaisa", "Kaisa K.", "reviewer", "sv", "test")
        assert isinstance(made, User)
        self.kaisa = made
        manage.give_password(self.app, "kaisa", PASSWORD, "test")

    def client(self, base: str = "http://testserver") -> TestClient:
        return TestClient(
            self.web, base_url=base, raise_server_exceptions=False, follow_redirects=False
        )

    def pass_(self, **time: float) -> None:
        self.clock.set(self.clock() + timedelta(**time))

    def log(self, **wanted: str) -> list[Entry]:
        with reading(self.engine) as session:
            return entries(session, Wanted(**wanted), None, 100)


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Iterator[House]:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('house') / 'house.db'}")
    migrate(engine)
    yield House(engine, reference)
    engine.dispose()


def enter(client: TestClient, name: str = "kaisa", password: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    return client.post("/login", data={"name": name, "password": password, **more})


def test_a_password_opens_a_session_whose_cookie_no_script_reads(house: House) -> None:
    client = house.client()
    answer = enter(client, " KAISA ", next="/feeds?state=ok")
    assert (answer.status_code, answer.headers["location"]) == (303, "/feeds?state=ok")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("session="))
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert client.get("/me").status_code == 200
    assert 'lang="sv"' in client.get("/me").text, "a person's own language is used"
    with reading(house.engine) as session:
        kept = session.exec(select(SessionRow)).one()
        user = session.exec(select(UserRow)).one()
    assert kept.digest == digest(client.cookies["session"]) != client.cookies["session"]
    assert user.password_hash is not None
    assert user.password_hash.startswith("$argon2id$v=19$m=8192,t=1,p=4$")
    assert PASSWORD not in user.password_hash


def test_over_tls_the_cookie_stays_on_tls(house: House) -> None:
    client = house.client("https://testserver")
    answer = enter(client)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie
    assert "max-age=" in answer.headers["strict-transport-security"]
    assert client.get("/me").status_code == 200
    assert "strict-transport-security" not in house.client().get("/login").headers


def test_who_is_unknown_looks_like_a_wrong_password(house: House) -> None:
    manage.add(house.app, "nopass", "", "viewer", "fi", "test")
    manage.add(house.app, "gone", "", "viewer", "fi", "test")
    manage.give_password(house.app, "gone", PASSWORD, "test")
    with reading(house.engine) as session:
        gone = session.exec(select(UserRow.id).where(UserRow.name == "gone")).one()
    manage.disable(house.app, gone or 0, True, "test")
    seen = set()
    for name, password in (
        ("kaisa", "wrong"), ("nobody", PASSWORD), ("nopass", ""), ("gone", PASSWORD), ("", ""),
    ):  # fmt: skip
        answer = enter(house.client(), name, password)
        seen.add((answer.status_code, answer.text.replace(f'value="{name}"', "")))
    assert len(seen) == 1
    assert seen.pop()[0] == 401


def test_too_many_attempts_wait_whether_or_not_the_name_exists(house: House) -> None:
    for name in ("kaisa", "nobody"):
        for _ in range(house.app.settings.sign_in_tries):
            assert enter(house.client(), name, "wrong").status_code == 401
            house.pass_(seconds=10)
        answer = enter(house.client(), name, PASSWORD)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= WINDOW.total_seconds()
        assert "kertakirjautumislinkki" in answer.text
    house.pass_(minutes=15)
    assert enter(house.client()).status_code == 303
    with reading(house.engine) as session:
        kept = session.exec(select(SignInAttemptRow)).all()
    assert all("kaisa" not in row.name_digest for row in kept), "what was typed is not kept"


def test_one_address_may_not_try_many_names(house: House) -> None:
    most = house.app.settings.sign_in_tries_address
    codes = [enter(house.client(), f"n{n}", "x").status_code for n in range(most + 1)]
    assert codes == [401] * most + [429]


def test_the_session_changes_with_every_sign_in(house: House) -> None:
    client = house.client()
    client.cookies.set("session", "planted-by-somebody-else")
    enter(client)
    first = client.cookies.get("session", domain="testserver.local")
    assert first not in (None, "planted-by-somebody-else")
    enter(client)
    second = client.cookies.get("session", domain="testserver.local")
    assert second != first
    old = house.client()
    old.cookies.set("session", str(first))
    assert old.get("/me").status_code == 303, "the session before it has ended"


def test_sessions_end_when_idle_and_at_the_latest(house: House) -> None:
    idle, whole = house.app.settings.session_idle_minutes, house.app.settings.session_hours
    client = house.client()
    enter(client)
    house.pass_(minutes=idle - 1)
    assert client.get("/me").status_code == 200
    house.pass_(minutes=idle + 1)
    assert client.get("/me").status_code == 303
    enter(client)
    for _ in range(whole * 60 // (idle - 1)):
        house.pass_(minutes=idle - 1)
        assert client.get("/me").status_code == 200
    house.pass_(minutes=idle - 1)
    assert client.get("/me").status_code == 303


def test_signing_out_ends_the_session_and_everywhere_ends_all(house: House) -> None:
    one, two = house.client(), house.client()
    enter(one), enter(two)
    secret = one.cookies["session"]
    assert one.post("/logout", data={"token": token_of(one)}).status_code == 303
    again = house.client()
    again.cookies.set("session", secret)
    assert again.get("/me").status_code == 303
    assert two.get("/me").status_code == 200
    enter(one)
    assert one.post("/me/leave", data={"token": token_of(one)}).status_code == 303
    assert two.get("/me").status_code == 303


def test_a_new_password_signs_every_other_browser_out(house: House) -> None:
    one, two = house.client(), house.client()
    enter(one), enter(two)
    before = one.cookies["session"]
    new = {"new": "toinen pitkä lause", "again": "toinen pitkä lause"}

    def change(**fields: str) -> int:
        data = {"token": token_of(one), **new, **fields}
        return one.post("/me/password", data=data).status_code

    assert change(old="wrong") == 422
    assert change(old=PASSWORD, again="another") == 422
    assert change(old=PASSWORD, new="lyhyt", again="lyhyt") == 422
    assert change(old=PASSWORD) == 303
    assert one.cookies["session"] != before
    assert one.get("/me").status_code == 200
    assert two.get("/me").status_code == 303
    assert enter(house.client()).status_code == 401
    assert enter(house.client(), password=new["new"]).status_code == 303
    (entry, *_) = house.log(action="user password")
    assert (entry.before, entry.after) == ({}, {}), "the log holds no hash"


def test_a_changed_role_or_a_disabled_account_ends_what_stands(house: House) -> None:
    client = house.client()
    enter(client)
    manage.give_role(house.app, house.kaisa.id, "viewer", "test")
    assert client.get("/me").status_code == 303
    enter(client)
    manage.disable(house.app, house.kaisa.id, True, "test")
    assert client.get("/me").status_code == 303
    assert enter(house.client()).status_code == 401


def test_a_link_works_once_and_not_for_long(house: House) -> None:
    secret = new_link(house.app, house.kaisa.id, "test")
    client = house.client()
    assert client.get(f"/login/link/{secret}").status_code == 200, "to look does not use it up"
    assert client.post(f"/login/link/{secret}").status_code == 303
    assert client.get("/me").status_code == 200
    assert house.client().post(f"/login/link/{secret}").status_code == 410
    late = new_link(house.app, house.kaisa.id, "test")
    house.pass_(minutes=16)
    assert house.client().post(f"/login/link/{late}").status_code == 410
    replaced, newest = (new_link(house.app, house.kaisa.id, "test") for _ in range(2))
    assert house.client().post(f"/login/link/{replaced}").status_code == 410
    with reading(house.engine) as session:
        assert session.exec(select(SignInLinkRow.digest)).all() == [digest(newest)]


@pytest.mark.parametrize(
    "following",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "evil",
     "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", "http:evil.example", ""],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(house: House, following: str) -> None:
    assert enter(house.client(), next=following).headers["location"] == "/"
    client = house.client()
    enter(client)
    assert client.get("/login", params={"next": following}).headers["location"] == "/"


def test_a_form_posted_after_the_end_is_not_lost(house: House) -> None:
    client = house.client()
    enter(client)
    house.pass_(days=30)
    typed = {"token": "old", "new": 'kirjoitettu "<b>', "again": "toinen"}
    answer = client.post("/me/password", data=typed)
    assert answer.status_code == 401
    kept = re.search(r'name="kept" value="([^"]*)"', answer.text)
    assert kept is not None
    import html

    answer = enter(client, kept=html.unescape(kept[1]), next="/")
    assert answer.status_code == 200
    assert 'action="/me/password"' in answer.text
    assert 'name="new" value="kirjoitettu &#34;&lt;b&gt;"' in answer.text
    assert f'name="token" value="{token_of(client)}"' in answer.text
    assert answer.text.count('name="token"') == 1
    hostile = enter(client, kept='["https://evil.example/", []]')
    assert hostile.status_code == 303
    script = client.post("/me/password", headers={"accept": "application/json", "x-token": "x"})
    assert script.status_code == 403
    stranger = house.client().post("/me/password", headers={"accept": "application/json"})
    assert (stranger.status_code, stranger.json()["error"]) == (401, "signed_out")


def test_what_is_done_is_logged_and_reading_the_log_too(house: House) -> None:
    enter(house.client(), password="wrong")
    enter(house.client())
    actions = {e.action for e in house.log(who="kaisa")}
    assert actions == {"sign in refused", "sign in"}
    client = signed_in_as("analyst", house.web)
    page = client.get("/audit?who=kaisa&since=2026-01-01&until=2026-12-31")
    assert page.status_code == 200
    assert "user 1" in page.text
    assert client.get("/audit?action=nothing").status_code == 200
    read = house.log(action="read")
    assert [(e.who, e.subject) for e in read] == [("analyst", "audit"), ("analyst", "audit")]
    assert read[1].after == {"who": "kaisa", "since": "2026-01-01", "until": "2026-12-31"}


def test_the_log_is_paged_and_its_file_runs_nothing(house: House) -> None:
    with transaction(house.engine) as session:
        for n in range(120):
            write_audit(session, NOW, FORMULA, "x", f"<b>{n}", after={"n": FORMULA})
    client = signed_in_as("analyst", house.web)
    seen, address = [], "/audit?action=x"
    while address:
        page = client.get(address).text
        assert "<b>" not in page.replace("<b>analyst", "")
        seen += re.findall(r"&lt;b&gt;(\d+)", page)
        older = re.search(r'<a href="([^"]+)" rel="next"', page)
        address = older[1].replace("&amp;", "&") if older else ""
    assert seen == [str(n) for n in reversed(range(120))]
    rows = client.get("/audit.csv?action=x").text.splitlines()
    assert len(rows) == 121
    assert all("'=HYPERLINK" in row for row in rows[1:])
    assert not any(re.search(r'(^|,)"?[=+@-]', row) for row in rows[1:])


def test_an_admin_makes_users_and_may_not_lock_themself_out(house: House) -> None:
    client = signed_in_as("admin", house.web)
    client.follow_redirects = False
    token = {"token": token_of(client)}
    given = {"name": "Matti.M", "shown": "<i>Matti", "role": "analyst", "language": "fi"}
    page = client.post("/users", data={**token, **given})
    assert page.status_code == 200
    assert "<i>Matti" not in page.text
    link = re.search(r"http://testserver(/login/link/[\w-]+)", page.text)
    assert link is not None
    new = house.client()
    assert new.post(link[1]).status_code == 303
    assert new.get("/audit").status_code == 200
    assert client.post("/users", data={**token, **given}).status_code == 422
    assert client.post("/users", data={**token, **given, "name": "a b"}).status_code == 422
    with reading(house.engine) as session:
        ids = dict(session.exec(select(UserRow.name, UserRow.id)).all())
    own = ids["admin"]
    assert client.post(f"/users/{own}/disable", data=token).status_code == 422
    assert client.post(f"/users/{own}/role", data={**token, "role": "viewer"}).status_code == 422
    matti = ids["matti.m"]
    assert client.post(f"/users/{matti}/role", data={**token, "role": "x"}).status_code == 422
    assert client.post(f"/users/{matti}/role", data={**token, "role": "viewer"}).status_code == 303
    assert new.get("/me").status_code == 303, "with another role one signs in again"
    assert client.post(f"/users/{matti}/disable", data=token).status_code == 303
    assert client.post(f"/users/{matti}/link", data=token).status_code == 422
    with reading(house.engine) as session:
        query = select(AuditRow).where(col(AuditRow.subject) == f"user {matti}")
        rows = {r.action: (r.before, r.after) for r in session.exec(query)}
    assert rows["user role"] == ({"role": "analyst"}, {"role": "viewer"})
    assert {"user add", "user link", "user disable"} <= rows.keys()


def test_pages_of_a_person_are_kept_nowhere_between(house: House) -> None:
    client = house.client()
    enter(client)
    headers = client.get("/me").headers
    assert headers["cache-control"] == "private, no-cache"
    assert "Cookie" in headers["vary"]
    assert "script-src 'self'" in headers["content-security-policy"]
    assert client.get("/static/site.css").headers.get("vary") != "Cookie"


def test_a_body_that_is_too_large_is_not_read(house: House) -> None:
    answer = house.client().post("/login", content=b"", headers={"content-length": "99999999"})
    assert answer.status_code == 413
