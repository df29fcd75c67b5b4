"""Passwords: argon2id, kept as its encoded hash. The only module that knows argon2-cffi.

Two hashes at most are computed at once: each takes tens of megabytes on purpose, and a crowd of sign-ins
must not take them all at the same moment.
"""

from dataclasses import dataclass
from functools import lru_cache
from threading import BoundedSemaphore
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from monitor.people.tokens import new_secret
from monitor.settings import Settings

LONGEST = 1000  # characters; more is no password but an attempt to keep the machine busy
LANES = 4  # RFC 9106, section 4
_turn = BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Cost:
    """What computing a hash takes."""

    memory_kib: int
    passes: int


def cost_of(settings: Settings) -> Cost:
    """The cost that the settings ask for."""
    return Cost(settings.password_memory_kib, settings.password_passes)


def hash_password(password: str, cost: Cost) -> str:
    """The encoded hash, with its salt and parameters inside."""
    with _turn:
        return _hasher(cost).hash(_shape(password))


def is_password(stored: str | None, password: str, cost: Cost) -> bool:
    """Whether `password` is the one of the hash. Without a hash the same work is done for nothing, so
    that an answer's time does not tell which accounts exist."""
    with _turn:
        try:
            right = _hasher(cost).verify(stored or _nobodys(cost), _shape(password))
        except (VerificationError, InvalidHashError):
            return False
    return right and stored is not None


def is_outdated(stored: str, cost: Cost) -> bool:
    """Whether the hash was made at another cost than the one now in force."""
    return _hasher(cost).check_needs_rehash(stored)


@lru_cache(maxsize=4)
def _hasher(cost: Cost) -> PasswordHasher:
    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=LANES)


@lru_cache(maxsize=4)
def _nobodys(cost: Cost) -> str:
    return _hasher(cost).hash(new_secret())


def _shape(password: str) -> str:
    # the same letters typed on two systems are the same password (RFC 8265 asks for NFC)
    return normalize("NFC", password[:LONGEST])
