"""Names, passwords, secrets, roles and addresses: the pure rules of signing in."""

import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from monitor.clock import running_from
from monitor.demo.compose import is_loopback
from monitor.people.names import is_login_name, is_shown_name, login_name, password_problem
from monitor.people.passwords import Cost, hash_password, is_outdated, is_password
from monitor.people.tokens import digest, form_token, new_secret, same
from monitor.people.values import ROLES, User
from monitor.web.resume import kept_fields, read_kept, safe_path

CHEAP = Cost(memory_kib=8192, passes=1)


def test_each_role_may_what_those_before_it_may() -> None:
    for n, role in enumerate(ROLES):
        user = User(1, "a", "A", role, "fi")
        assert [user.may(least) for least in ROLES] == [m <= n for m in range(len(ROLES))]


@given(st.text(max_size=80))
def test_a_name_is_the_same_however_often_it_is_read(typed: str) -> None:
    name = login_name(typed)
    assert login_name(name) == name
    if is_login_name(name):
        assert not set(name) & set(" <>\"'/\\&=;,\n\t")


@pytest.mark.parametrize("name", ["kaisa", "kaisa.k", "å.öman", "k@virasto.fi", "a", "a-b_c+d9"])
def test_names_people_have(name: str) -> None:
    assert is_login_name(login_name(name.upper()))


@pytest.mark.parametrize("name", ["", " ", "a b", "-a", "a-", "a" * 61, "a<b", "a/b", "a\nb", ".."])
def test_names_nobody_has(name: str) -> None:
    assert not is_login_name(name)
    assert is_shown_name("Kaisa Öman <3")
    assert not is_shown_name("Kaisa\u202eÖman")


def test_passwords_are_long_and_not_the_name() -> None:
    assert password_problem("lyhyt", "kaisa", 12) == "short"
    assert password_problem("kaisa-kaisa-kaisa", "kaisa", 12) == "name"
    assert password_problem("aaaaaaaaaaaaaaaa", "kaisa", 12) == "same"
    assert password_problem("lumi sulaa hitaasti", "kaisa", 12) == ""


def test_a_password_is_known_by_its_hash_alone() -> None:
    one, two = hash_password("lumi å sulaa", CHEAP), hash_password("lumi å sulaa", CHEAP)
    assert one != two, "each has its salt"
    assert one.startswith("$argon2id$")
    assert is_password(one, "lumi å sulaa", CHEAP)
    assert is_password(one, "lumi a\u030a sulaa", CHEAP), "composed or not, it is the same letter"
    assert not is_password(one, "lumi a sulaa", CHEAP)
    assert not is_password(None, "lumi å sulaa", CHEAP)
    assert not is_password("$argon2id$broken", "lumi å sulaa", CHEAP)
    assert is_outdated(one, Cost(8192, 2))
    assert not is_outdated(one, CHEAP)


def test_secrets_are_many_and_tell_nothing_of_each_other() -> None:
    found = {new_secret() for _ in range(1000)}
    assert len(found) == 1000
    for secret in list(found)[:10]:
        assert len(secret) >= 43
        assert len({secret, digest(secret), form_token(secret)}) == 3


@given(st.text(), st.text())
def test_same_is_equality(one: str, two: str) -> None:
    assert same(one, two) is (one == two)
    assert same(one, one)


@given(st.text(max_size=50))
def test_no_address_leads_off_the_site(typed: str) -> None:
    for path in (typed, f"/{typed}", f"//{typed}", f"/\\{typed}", f"/\t{typed}"):
        found = safe_path(path)
        assert found.startswith("/")
        assert not found.startswith(("//", "/\\"))
        assert found in ("/", path)
        assert found.isprintable()


@given(st.lists(st.tuples(st.text(max_size=10), st.text(max_size=30)), max_size=5))
def test_a_form_is_kept_whole_but_for_its_token(fields: list[tuple[str, str]]) -> None:
    kept = read_kept(kept_fields("/labels", FormData([*fields, ("token", "t")])))
    assert kept is not None
    assert kept.path == "/labels"
    assert list(kept.fields) == [(n, v) for n, v in fields if n != "token"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "[1, []]", '["//evil", []]', '["/a", [1]]', "[" * 9999]
)
def test_what_is_no_kept_form_is_none(text: str) -> None:
    assert read_kept(text) is None
    assert kept_fields("/a", FormData([("a", "x" * 200_000)])) == ""


def test_a_clock_runs_on_from_where_it_was_put() -> None:
    ticks = iter([100.0, 100.0, 160.5])
    start = datetime(2026, 11, 16, 8, tzinfo=UTC)
    clock = running_from(start, lambda: next(ticks))
    assert clock() == start
    assert (clock() - start).total_seconds() == 60.5


def test_a_running_clock_goes_to_another_process_as_it_is() -> None:
    clock = running_from(datetime(2026, 11, 16, 8, tzinfo=UTC))
    there = pickle.loads(pickle.dumps(clock))
    before = clock()
    assert before <= there() <= clock()


def test_only_this_machine_is_loopback() -> None:
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    assert is_loopback("localhost")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("192.168.1.2")
    assert not is_loopback("localhost.example.org")
