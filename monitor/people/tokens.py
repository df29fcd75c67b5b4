"""Secrets that stand for a person: made from the system's randomness, kept only as digests.

They hold 256 random bits, so a plain hash is enough: there is nothing to guess. A digest is looked up
by its index; an attacker who measures that look-up learns of digests, and a digest opens nothing.
"""

import hmac
import secrets
from hashlib import sha256


def new_secret() -> str:
    """A fresh secret for a session or a link."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What the store keeps of `secret`."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def form_token(secret: str) -> str:
    """The token that the forms of the session of `secret` carry; from it the secret does not follow."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), b"form token", sha256).hexdigest()


def device_token(password_hash: str) -> str:
    """What a browser keeps to show that somebody signed in there with this very password.

    It opens nothing: others' failed attempts do not hold its bearer up. Another password ends it.
    """
    nonce = secrets.token_urlsafe(12)
    return f"{nonce}.{_of_device(nonce, password_hash)}"


def is_device_token(token: str, password_hash: str) -> bool:
    """Whether `device_token` made `token` for this password."""
    nonce, _, seal = token.partition(".")
    return same(seal, _of_device(nonce, password_hash))


def _of_device(nonce: str, password_hash: str) -> str:
    said = f"device {nonce}".encode("utf-8", "surrogatepass")
    return hmac.new(password_hash.encode(), said, sha256).hexdigest()


def same(given: str, wanted: str) -> bool:
    """Equality in a time that does not depend on where the two differ."""
    return hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), wanted.encode("utf-8", "surrogatepass")
    )
