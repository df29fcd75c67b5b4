"""Accounts, sessions and links on both databases: once is once, also when two try."""

import threading
from datetime import timedelta

from sqlalchemy import Engine

from monitor.db.audit import Wanted, actions, entries, write_audit
from monitor.db.engine import reading, transaction
from monitor.db.people import accounts, add_user, find_account, set_role
from monitor.db.sessions import (
    add_attempt,
    close_sessions,
    failed_attempts,
    find_session,
    make_link,
    open_session,
    use_link,
)
from monitor.people.values import User
from tests.conftest import NOW

LATER = NOW + timedelta(minutes=15)
BEFORE = NOW - timedelta(days=1)


def kaisa(engine: Engine) -> User:
    with transaction(engine) as session:
        made = add_user(session, "kaisa", "Kaisa", "reviewer", "fi", who="test", at=NOW)
    assert made is not None
    return made


def test_a_name_is_given_once(engine: Engine) -> None:
    user = kaisa(engine)
    with transaction(engine) as session:
        assert add_user(session, "kaisa", "x", "admin", "fi", who="test", at=NOW) is None
        assert set_role(session, user.id, "analyst", "test", NOW) is not None
        assert set_role(session, user.id, "analyst", "test", NOW) is not None, "nothing changes"
        assert set_role(session, 999, "analyst", "test", NOW) is None
    with reading(engine) as session:
        (found,) = accounts(session)
        assert find_account(session, "nobody") is None
        log = entries(session, Wanted(), None, 10)
        assert actions(session) == ["user add", "user role"]
    assert (found.user.role, found.seen_at) == ("analyst", None)
    assert [(e.action, e.before, e.after) for e in log] == [
        ("user role", {"role": "reviewer"}, {"role": "analyst"}),
        (
            "user add",
            None,
            {"name": "kaisa", "shown": "Kaisa", "role": "reviewer", "language": "fi"},
        ),
    ]


def test_a_session_is_found_by_its_secret_while_it_stands(engine: Engine) -> None:
    user = kaisa(engine)
    with transaction(engine) as session:
        first, second = (open_session(session, user.id, NOW, "link", "x" * 999) for _ in range(2))
    with transaction(engine) as session:
        found = find_session(session, first, BEFORE, BEFORE)
        assert found is not None
        assert found.user == user
        assert find_session(session, first + "x", BEFORE, BEFORE) is None
        assert find_session(session, first, NOW, BEFORE) is None
        assert find_session(session, first, BEFORE, NOW) is None
        assert close_sessions(session, user.id, but=found.digest) == 1
        assert find_session(session, second, BEFORE, BEFORE) is None
        assert find_session(session, first, BEFORE, BEFORE) is not None


def test_of_many_that_follow_a_link_at_once_one_gets_in(engine: Engine) -> None:
    user = kaisa(engine)
    with transaction(engine) as session:
        secret = make_link(session, user.id, NOW, LATER, "test")
    came: list[User | None] = []

    def follow() -> None:
        with transaction(engine) as session:
            came.append(use_link(session, secret, NOW))

    threads = [threading.Thread(target=follow) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(user is not None for user in came) == [False] * 5 + [True]


def test_attempts_are_counted_by_name_and_by_address(engine: Engine) -> None:
    with transaction(engine) as session:
        for n in range(3):
            add_attempt(session, "name", "here", NOW + timedelta(seconds=n), BEFORE)
        add_attempt(session, "other", "here", NOW, BEFORE)
        add_attempt(session, "name", "there", NOW, BEFORE)
        both, by_name, by_address = failed_attempts(session, "name", "here", BEFORE)
        assert (len(both), len(by_name), len(by_address)) == (3, 4, 4)
        assert by_name == sorted(by_name)
        later = failed_attempts(session, "name", "here", NOW + timedelta(seconds=1))
        assert later == (both[2:], both[2:], both[2:])


def test_the_log_is_read_by_what_is_wanted(engine: Engine) -> None:
    with transaction(engine) as session:
        for n in range(6):
            at = NOW + timedelta(hours=n)
            write_audit(session, at, f"w{n % 2}", "do", f"thing {n % 3}", after={"n": n})

    def numbers(wanted: Wanted, before: int | None = None) -> list[int]:
        with reading(engine) as session:
            return [(e.after or {})["n"] for e in entries(session, wanted, before, 10)]

    assert numbers(Wanted()) == [5, 4, 3, 2, 1, 0]
    assert numbers(Wanted(who="w1")) == [5, 3, 1]
    assert numbers(Wanted(subject="thing 0")) == [3, 0]
    since, until = NOW + timedelta(hours=1), NOW + timedelta(hours=3)
    assert numbers(Wanted(since=since, until=until)) == [2, 1]
    assert numbers(Wanted(), before=3) == [1, 0]
