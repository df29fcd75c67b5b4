"""Signing in and out: by password, by a one-time link, through the identity provider.

Every attempt with a password is counted before it is tried, so that many at once are not more than the
limit. What is refused looks the same whether or not the account exists.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Literal

from monitor.app import App
from monitor.db.audit import write_audit
from monitor.db.engine import reading, transaction
from monitor.db.people import account, find_account, keep_rehash, set_password
from monitor.db.sessions import (
    add_attempt,
    close_old_sessions,
    close_session,
    close_sessions,
    failed_attempts,
    forget_attempts,
    lock_attempts,
    make_link,
    open_session,
    use_link,
)
from monitor.people.names import login_name, password_problem
from monitor.people.passwords import cost_of, hash_password, is_outdated, is_password
from monitor.people.tokens import device_token, digest, is_device_token
from monitor.people.values import Account, SignedIn, User

WINDOW = timedelta(minutes=15)  # in which failed attempts are counted
LINK_STANDS = timedelta(minutes=15)
How = Literal["password", "link", "oidc"]


@dataclass(frozen=True, slots=True)
class Opened:
    """Signed in; `secret` is for the browser's cookie and kept nowhere."""

    user: User
    secret: str
    device: str = ""  # for the cookie of a known browser; "" without a password


@dataclass(frozen=True, slots=True)
class Wrong:
    """No such name, or not its password."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Too many attempts; not even looked at."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Browser:
    """Who asks: network address, what it calls itself, and the session it had before, if any."""

    address: str
    agent: str
    secret: str = ""
    device: str = ""  # what a sign-in before left there


def sign_in(app: App, typed: str, password: str, browser: Browser) -> Opened | Wrong | Wait:
    """Try a name and a password."""
    name, now = login_name(typed)[:200], app.clock()
    with reading(app.engine) as session:
        found = find_account(session, name)
    known = _is_known(found, browser)
    key = digest(f"device {browser.device}" if known else name)
    until = _count(app, key, browser.address, now, alone=known)
    if until is not None:
        return Wait(until)
    cost = cost_of(app.settings)
    right = is_password(found.password_hash if found else None, password, cost)
    if found is None or found.disabled_at is not None or not right:
        _note_failure(app, found, now)
        return Wrong()
    again = is_outdated(found.password_hash or "", cost)
    fresh = hash_password(password, cost) if again else None
    with transaction(app.engine) as session:
        if fresh:
            keep_rehash(session, found.user.id, fresh)
        forget_attempts(session, key, network(browser.address))
    opened = open_for(app, found.user, "password", browser)
    return replace(opened, device=device_token(fresh or found.password_hash or ""))


def _is_known(found: Account | None, browser: Browser) -> bool:
    """Whether somebody has signed in here before with the password that the account has now."""
    if found is None or found.password_hash is None or not browser.device:
        return False
    return is_device_token(browser.device, found.password_hash)


def network(address: str) -> str:
    """What attempts are counted by: an address, of IPv6 the /64 that one subscriber has."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> 64 << 64))


def _count(
    app: App, key: str, address: str, now: datetime, *, alone: bool = False
) -> datetime | None:
    """Count an attempt; where there were too many, when the next one may be made.

    Few of one name from one network, many of the name from anywhere: so that a stranger elsewhere cannot
    hold a colleague up, and a crowd of machines cannot go on guessing. `alone`: the key is that of one
    browser or account, which what others try does not concern.
    """
    settings, here = app.settings, network(address)
    limits = (settings.sign_in_tries, settings.sign_in_tries_name, settings.sign_in_tries_address)
    with transaction(app.engine) as session:
        lock_attempts(session)
        both, name, place = failed_attempts(session, key, here, now - WINDOW)
        made = (name, [], []) if alone else (both, name, place)
        waits = [
            at[-most] + WINDOW for at, most in zip(made, limits, strict=True) if len(at) >= most
        ]
        if waits:
            return max(waits)
        add_attempt(session, key, here, now, now - WINDOW)
    return None


def _note_failure(app: App, found: Account | None, now: datetime) -> None:
    if found is not None:
        with transaction(app.engine) as session:
            subject = f"user {found.user.id}"
            write_audit(session, now, found.user.name, "sign in refused", subject)


def open_for(app: App, user: User, how: How, browser: Browser) -> Opened:
    """A fresh session, with an audit row; the one the browser had before ends."""
    now, settings = app.clock(), app.settings
    with transaction(app.engine) as session:
        close_old_sessions(
            session,
            now - timedelta(hours=settings.session_hours),
            now - timedelta(minutes=settings.session_idle_minutes),
        )
        if browser.secret:
            close_session(session, digest(browser.secret))
        secret = open_session(session, user.id, now, how, browser.agent)
        write_audit(session, now, user.name, "sign in", f"user {user.id}", after={"how": how})
    return Opened(user, secret)


def sign_in_by_link(app: App, secret: str, browser: Browser) -> Opened | None:
    """Use a one-time link up; None where it does not open anything (any more)."""
    with transaction(app.engine) as session:
        user = use_link(session, secret, app.clock())
    return None if user is None else open_for(app, user, "link", browser)


def new_link(app: App, user_id: int, who: str) -> str:
    """The secret of a link that signs a user in once, within a quarter of an hour."""
    now = app.clock()
    with transaction(app.engine) as session:
        secret = make_link(session, user_id, now, now + LINK_STANDS, who)
        write_audit(session, now, who, "user link", f"user {user_id}")
    return secret


def sign_out(app: App, standing: SignedIn) -> None:
    """End this session."""
    with transaction(app.engine) as session:
        close_session(session, standing.digest)
        subject = f"user {standing.user.id}"
        write_audit(session, app.clock(), standing.user.name, "sign out", subject)


def sign_out_everywhere(app: App, user: User, who: str) -> int:
    """End every session of a user; returns how many."""
    with transaction(app.engine) as session:
        ended = close_sessions(session, user.id)
        after = {"sessions": ended}
        write_audit(
            session, app.clock(), who, "sign out everywhere", f"user {user.id}", after=after
        )
    return ended


def change_password(
    app: App, standing: SignedIn, old: str, new: str, browser: Browser
) -> Opened | Wait | str:
    """A user's own new password: every session ends, and this browser gets a new one.

    Otherwise what was wrong: "wrong" (the old one), "short", "name", "same"; or how long to wait. One who
    has no password yet needs no old one.
    """
    user, now = standing.user, app.clock()
    with reading(app.engine) as session:
        found = account(session, user.id)
    assert found is not None
    if found.password_hash is not None:
        key = digest(f"own {user.id}")
        until = _count(app, key, browser.address, now, alone=True)
        if until is not None:
            return Wait(until)
        if not is_password(found.password_hash, old, cost_of(app.settings)):
            return "wrong"
        with transaction(app.engine) as session:
            forget_attempts(session, key, network(browser.address))
    problem = password_problem(new, user.name, app.settings.password_least)
    if problem:
        return problem
    hashed = hash_password(new, cost_of(app.settings))
    with transaction(app.engine) as session:
        set_password(session, user.id, hashed, user.name, now)
    return replace(open_for(app, user, "password", browser), device=device_token(hashed))
