"""What people sign in as, and what a password must be."""

import re
from unicodedata import normalize

_NAME = re.compile(r"[^\W_](?:[\w.@+-]{0,58}\w)?")


def login_name(typed: str) -> str:
    """The name as the store knows it: case and the way letters are composed do not matter."""
    return normalize("NFKC", typed).strip().casefold()


def is_login_name(name: str) -> bool:
    """Letters, digits and . @ + - _ inside, at most 60 of them."""
    return _NAME.fullmatch(name) is not None


def is_shown_name(shown: str) -> bool:
    """Something that can be printed, at most 80 characters."""
    return bool(shown.strip()) and shown.isprintable() and len(shown) <= 80


def password_problem(password: str, name: str, least: int) -> str:
    """What is wrong with a new password: short, name, same; "" where nothing is.

    Length is what counts (NIST SP 800-63B); no rules about kinds of characters.
    """
    if len(password) < least:
        return "short"
    if name and name in password.casefold():
        return "name"
    return "same" if len(set(password)) < 4 else ""
