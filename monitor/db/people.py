"""Accounts. Every change writes its audit row in the same transaction. Returns plain values."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from monitor.db.audit import write_audit
from monitor.db.sessions import close_sessions, user_of
from monitor.db.tables import SessionRow, UserRow
from monitor.people.values import Account, Role, User


def add_user(
    session: Session,
    name: str,
    shown: str,
    role: Role,
    language: str,
    *,
    who: str,
    at: datetime,
    password_hash: str | None = None,
    subject: str | None = None,
) -> User | None:
    """A new account, with an audit row; None where the name is taken."""
    if session.exec(select(UserRow.id).where(UserRow.name == name)).first() is not None:
        return None
    row = UserRow(
        name=name, shown=shown, role=role, language=language, password_hash=password_hash,
        subject=subject, created_at=at, created_by=who,
    )  # fmt: skip
    session.add(row)
    session.flush()
    after = {"name": name, "shown": shown, "role": role, "language": language}
    write_audit(session, at, who, "user add", f"user {row.id}", after=after)
    return user_of(row)


def find_account(session: Session, name: str) -> Account | None:
    """The account that signs in as `name`."""
    row = session.exec(select(UserRow).where(UserRow.name == name)).first()
    return None if row is None else _account(row)


def account(session: Session, user_id: int) -> Account | None:
    """The account of an id."""
    row = session.get(UserRow, user_id)
    return None if row is None else _account(row)


def account_of_subject(session: Session, subject: str) -> Account | None:
    """The account of a person of the identity provider."""
    row = session.exec(select(UserRow).where(UserRow.subject == subject)).first()
    return None if row is None else _account(row)


def accounts(session: Session) -> tuple[Account, ...]:
    """Every account by name, with when it was last used."""
    newest = (
        select(col(SessionRow.user_id), func.max(SessionRow.seen_at).label("seen"))
        .group_by(col(SessionRow.user_id))
        .subquery()
    )
    found = session.exec(
        select(UserRow, newest.c.seen)
        .outerjoin(newest, newest.c.user_id == col(UserRow.id))
        .order_by(col(UserRow.name))
    )
    return tuple(_account(row, at) for row, at in found)


def set_role(session: Session, user_id: int, role: Role, who: str, at: datetime) -> User | None:
    """Another role. Ends the user's sessions: what a browser may is decided as it signs in."""
    return _change(session, user_id, "user role", {"role": role}, who, at, end_sessions=True)


def set_disabled(
    session: Session, user_id: int, disabled: bool, who: str, at: datetime
) -> User | None:
    """Let a user in no more, or again."""
    action = "user disable" if disabled else "user enable"
    changes = {"disabled_at": at if disabled else None}
    return _change(session, user_id, action, changes, who, at, end_sessions=disabled)


def set_password(
    session: Session, user_id: int, password_hash: str, who: str, at: datetime
) -> User | None:
    """Another password. Ends the user's sessions. The audit row holds neither."""
    changes = {"password_hash": password_hash}
    return _change(session, user_id, "user password", changes, who, at, end_sessions=True)


def set_language(
    session: Session, user_id: int, language: str, who: str, at: datetime
) -> User | None:
    """Another language of the pages."""
    return _change(session, user_id, "user language", {"language": language}, who, at)


def keep_rehash(session: Session, user_id: int, password_hash: str) -> None:
    """The same password under newer parameters: nothing a person did, so no audit row."""
    row = session.get(UserRow, user_id)
    if row is not None:
        row.password_hash = password_hash
        session.add(row)


_SECRET = ("password_hash",)


def _change(
    session: Session,
    user_id: int,
    action: str,
    changes: Mapping[str, Any],
    who: str,
    at: datetime,
    *,
    end_sessions: bool = False,
) -> User | None:
    row = session.get(UserRow, user_id, with_for_update=True)
    if row is None:
        return None
    before = {name: getattr(row, name) for name in changes}
    if before == dict(changes):
        return user_of(row)
    for name, value in changes.items():
        setattr(row, name, value)
    session.add(row)
    if end_sessions:
        close_sessions(session, user_id)
    told = {**_told(before)}, {**_told(changes)}
    write_audit(session, at, who, action, f"user {user_id}", *told)
    return user_of(row)


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in values.items() if name not in _SECRET}
    return {n: v.isoformat() if isinstance(v, datetime) else v for n, v in shown.items()}


def _account(row: UserRow, seen: datetime | None = None) -> Account:
    return Account(
        user=user_of(row),
        password_hash=row.password_hash,
        subject=row.subject,
        disabled_at=row.disabled_at,
        created_at=row.created_at,
        created_by=row.created_by,
        seen_at=seen,
    )
