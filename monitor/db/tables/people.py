"""People who sign in, their sessions, what they changed and what readers wrote."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from monitor.db.columns import instant, json_value


class AuditRow(SQLModel, table=True):
    """A change somebody made, with before and after."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_who", "who", "id"),
        Index("ix_audit_action", "action", "id"),
        Index("ix_audit_subject", "subject", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = instant(index=True)
    who: str
    action: str
    subject: str
    before: dict[str, Any] | None = json_value(nullable=True)
    after: dict[str, Any] | None = json_value(nullable=True)


class UserRow(SQLModel, table=True):
    """A person who may sign in. Never deleted: decisions and the audit log name them."""

    __tablename__ = "users"
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    shown: str
    role: str  # viewer | reviewer | analyst | admin
    language: str
    password_hash: str | None = None  # argon2id
    subject: str | None = Field(default=None, unique=True)  # issuer and subject of the provider
    disabled_at: datetime | None = instant(nullable=True)
    created_at: datetime = instant()
    created_by: str


class SessionRow(SQLModel, table=True):
    """A browser that is signed in; known by the digest of the secret in its cookie."""

    __tablename__ = "sessions"
    digest: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="users.id", index=True)
    how: str  # password | link | oidc
    agent: str
    made_at: datetime = instant()
    seen_at: datetime = instant()


class SignInLinkRow(SQLModel, table=True):
    """A link that signs in once; taken away when it is used."""

    __tablename__ = "sign_in_links"
    digest: str = Field(primary_key=True)
    user_id: int = Field(foreign_key="users.id", index=True)
    made_at: datetime = instant()
    until: datetime = instant()
    made_by: str


class SignInAttemptRow(SQLModel, table=True):
    """An attempt to sign in with a password that did not succeed, or has not yet."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        Index("ix_sign_in_attempts_name", "name_digest", "at"),
        Index("ix_sign_in_attempts_address", "address", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = instant(index=True)
    name_digest: str  # people type passwords into the wrong field: the name itself is not kept
    address: str


class FeedbackRow(SQLModel, table=True):
    """What a reader wrote to us on the feedback page."""

    __tablename__ = "feedback"
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = instant(index=True)
    name: str  # "": not given
    page: str
    message: str
    language: str
    handled_by: str = ""
    handled_at: datetime | None = instant(nullable=True)
