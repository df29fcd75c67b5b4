"""What a single value of a feeds.yaml entry must be. Pure; knows nothing of files and lines."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from urllib.parse import urlsplit

LANGS = ("fi", "sv", "en", "se")
MEDIA = ("broadcaster", "daily", "weekly", "wire", "party", "magazine")
OFFICIAL = ("ministry", "agency", "region", "municipality", "rescue")
KINDS = MEDIA + OFFICIAL
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

# Problem, expectation and remedy of one value, without saying where it stands.
Complaint = tuple[str, str, str]


def _check_any(_key: str, _text: str) -> Complaint | None:
    return None


def _check_slug(key: str, text: str) -> Complaint | None:
    if _SLUG.fullmatch(text):
        return None
    expected = "small letters a-z, digits and single hyphens"
    return f"bad {key} '{text}'", expected, "write it like 'yle-pirkanmaa'"


def _check_choice(choices: tuple[str, ...], key: str, text: str) -> Complaint | None:
    if text in choices:
        return None
    near = get_close_matches(text, choices, n=1)
    remedy = f"write '{near[0]}'" if near else "choose one of them"
    return f"unknown {key} '{text}'", "one of " + ", ".join(choices), remedy


def _check_url(_key: str, text: str) -> Complaint | None:
    if is_web_address(text):
        return None
    expected = "an http or https address with a host, without spaces or a password"
    return f"bad url '{text}'", expected, "copy the address of the feed itself"


def is_web_address(text: str) -> bool:
    """Whether `text` is an http or https address with a host, and without spaces and passwords."""
    if any(c.isspace() or not c.isprintable() for c in text):
        return False
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port  # an impossible port raises
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and "@" not in parts.netloc


def _check_permission(_key: str, text: str) -> Complaint | None:
    if any(c.isdigit() for c in text) and " " in text:
        return None
    expected = "the agreement and its date, such as 'agreement 2026-01'"
    remedy = "say what allows reading this outlet's pages, or take the key out"
    return f"permission '{text}' gives no reason", expected, remedy


CHECKS: Mapping[str, Callable[[str, str], Complaint | None]] = {
    "id": _check_slug,
    "url": _check_url,
    "title": _check_any,
    "lang": partial(_check_choice, LANGS),
    "group": _check_slug,
    "kind": partial(_check_choice, KINDS),
    "note": _check_any,
    "permission": _check_permission,
}
