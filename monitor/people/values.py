"""Who uses the program and what each role may. Plain values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Role = Literal["viewer", "reviewer", "analyst", "admin"]
ROLES: tuple[Role, ...] = ("viewer", "reviewer", "analyst", "admin")
"""Each may what those before it may."""


@dataclass(frozen=True, slots=True)
class User:
    """A person with an account."""

    id: int
    name: str  # what they sign in with, and what stands in the audit log
    shown: str  # how others see them
    role: Role
    language: str  # fi | sv | en

    def may(self, least: Role) -> bool:
        """Whether the role is `least` or one above it."""
        return ROLES.index(self.role) >= ROLES.index(least)


@dataclass(frozen=True, slots=True)
class Account:
    """A user as the users' page and the command line show them."""

    user: User
    password_hash: str | None  # None: signs in by a link or through the identity provider only
    subject: str | None  # who they are at the identity provider
    disabled_at: datetime | None
    created_at: datetime
    created_by: str
    seen_at: datetime | None = None  # of the newest session


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that stands. `digest` is what the store knows it by, never the secret itself."""

    user: User
    digest: str
    how: str  # password | link | oidc
    agent: str  # what the browser calls itself
    made_at: datetime
    seen_at: datetime
