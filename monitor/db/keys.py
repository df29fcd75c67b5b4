"""Keys of programs that read the API. What is kept of a key is its SHA-256; the key is shown once.

A key holds 256 random bits, so a plain hash is enough: there is nothing to guess. Returns plain values.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, cast

from sqlmodel import Session, col, select

from monitor.db.tables import ApiKeyRow, AuditRow

Role = Literal["read", "export"]
ROLES: tuple[Role, ...] = ("read", "export")
PREFIX = "tk_"  # so that a key is recognised where it should not be


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as the store remembers it."""

    id: int
    name: str
    role: Role
    created_at: datetime
    created_by: str
    revoked_at: datetime | None


def add_key(session: Session, name: str, role: Role, who: str, now: datetime) -> tuple[ApiKey, str]:
    """Make a key, with an audit row; returns what is kept and the key itself, which is kept nowhere."""
    secret = PREFIX + secrets.token_urlsafe(32)
    row = ApiKeyRow(hash=_hash(secret), name=name, role=role, created_at=now, created_by=who)
    session.add(row)
    session.flush()
    after = {"name": name, "role": role}
    session.add(
        AuditRow(at=now, who=who, action="key add", subject=f"api key {row.id}", after=after)
    )
    return _value(row), secret


def revoke_key(session: Session, key_id: int, who: str, now: datetime) -> ApiKey | None:
    """Put a key out of use for good, with an audit row; None where there is no such key.

    One that was revoked before is returned as it is.
    """
    row = session.get(ApiKeyRow, key_id)
    if row is None:
        return None
    if row.revoked_at is None:
        row.revoked_at = now
        session.add(row)
        session.add(
            AuditRow(
                at=now,
                who=who,
                action="key revoke",
                subject=f"api key {row.id}",
                before={"revoked_at": None},
                after={"revoked_at": now.isoformat()},
            )
        )
    return _value(row)


def all_keys(session: Session) -> tuple[ApiKey, ...]:
    """Every key, revoked ones too, the newest first."""
    return tuple(map(_value, session.exec(select(ApiKeyRow).order_by(col(ApiKeyRow.id).desc()))))


def find_key(session: Session, secret: str) -> ApiKey | None:
    """The key in use that `secret` is; None where it is none, or revoked."""
    query = select(ApiKeyRow).where(
        ApiKeyRow.hash == _hash(secret), col(ApiKeyRow.revoked_at).is_(None)
    )
    row = session.exec(query).first()
    return None if row is None else _value(row)


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _value(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id or 0,
        name=row.name,
        role=cast(Role, row.role),
        created_at=row.created_at,
        created_by=row.created_by,
        revoked_at=row.revoked_at,
    )
