"""What a site and its documents say about being read for text mining. Pure: it makes no request.

Follows TDMRep (W3C Community Group report of 2024-05-10): the page's meta outranks the answer's header,
and both outrank `/.well-known/tdmrep.json`; no word is no reservation. `noai` is a token of
X-Robots-Tag and of the robots meta. robots.txt itself is read in `robots`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from monitor.values import Permission

MOST_RULES = 1_000  # of one tdmrep.json
LONGEST_LOCATION = 1_000

_PIECE = re.compile(rb"<!--|<script\b|<style\b|<meta\b([^<>]{0,2000})>", re.IGNORECASE)
_ENDS = {b"<!--": b"-->", b"<script": b"</script", b"<style": b"</style"}
_WITH_VALUE = ("max-snippet", "max-image-preview", "max-video-preview", "unavailable_after")
_ATTRIBUTE = re.compile(r"""([\w:-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]{1,200}))""")


@dataclass(frozen=True, slots=True)
class TdmRule:
    """One rule of a tdmrep.json: which paths, and whether they are reserved."""

    location: str  # a path; * stands for anything, $ for the end
    reserved: bool


@dataclass(frozen=True, slots=True)
class Site:
    """What an origin said about robots when it was last asked; kept between fetches."""

    origin: str  # scheme://host[:port]
    asked: datetime
    expires: datetime  # after this it is asked again
    status: int | None  # HTTP status of robots.txt; None: no answer
    robots: str = ""  # robots.txt, "" where there is none
    tdm: tuple[TdmRule, ...] = ()
    unreadable_since: datetime | None = None  # since when robots.txt has failed (5xx, no answer)
    delay: float = 0.0  # seconds between two requests that robots.txt asks for (Crawl-delay)


def of_headers(robots_tags: Sequence[str], reservations: Sequence[str], token: str) -> Permission:
    """What the X-Robots-Tag and tdm-reservation headers of an answer say to the robot `token`."""
    if any(_forbids_ai(tag, token) for tag in robots_tags):
        return Permission.NOAI
    return Permission.TDM_HEADER if _reserved(reservations) else Permission.ALLOWED


def of_page(body: bytes, header: Permission, token: str) -> Permission:
    """What the page's meta elements say; `header` where they say nothing about reservation."""
    said = header
    if said is Permission.NOAI:
        return said
    for name, content in _metas(body):
        if name in ("robots", token) and _forbids_ai(content, token):
            return Permission.NOAI
        if name == "tdm-reservation":
            said = Permission.TDM_META if content.strip() == "1" else Permission.ALLOWED
    return said


def tdm_rules(body: bytes) -> tuple[TdmRule, ...]:
    """The rules of a tdmrep.json, in its order; what cannot be read is no rule."""
    try:
        listed = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    rules = [_rule(item) for item in listed[:MOST_RULES]] if isinstance(listed, list) else []
    return tuple(rule for rule in rules if rule)


def reserved_by_file(rules: Iterable[TdmRule], url: str) -> bool:
    """Whether the first rule that matches the path of `url` reserves it."""
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    for rule in rules:
        if _matches(rule.location, path):
            return rule.reserved
    return False


def same_site(a: str, b: str) -> bool:
    """Whether two host names belong together: equal, or with the same last two labels."""
    one, other = a.lower().rstrip("."), b.lower().rstrip(".")
    if one == other or ":" in one + other or one.replace(".", "").isdigit():
        return one == other
    return "." in one and one.split(".")[-2:] == other.split(".")[-2:]


def _rule(item: Any) -> TdmRule | None:
    if not isinstance(item, dict):
        return None
    location, reservation = item.get("location"), item.get("tdm-reservation")
    if not isinstance(location, str) or not location or len(location) > LONGEST_LOCATION:
        return None
    return TdmRule(location.replace("\x00", ""), str(reservation).strip() == "1")


def _matches(location: str, path: str) -> bool:
    """As in robots.txt: a prefix in which * is anything and a last $ is the end."""
    anchored = location.endswith("$")
    first, *rest = (location[:-1] if anchored else location).split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not rest:
        return not anchored or at == len(path)
    for part in rest[:-1]:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    if anchored:
        return len(path) - len(rest[-1]) >= at and path.endswith(rest[-1])
    return path.find(rest[-1], at) >= 0


def _reserved(values: Sequence[str]) -> bool:
    return any(value.strip() == "1" for value in values)


def _forbids_ai(text: str, token: str) -> bool:
    """Whether `noai` is among the tokens; one meant for another robot ("gptbot: noai") is not ours."""
    robot = ""
    for piece in text.lower().split(","):
        named, colon, rest = piece.rpartition(":")
        if colon and named.strip() not in _WITH_VALUE:
            robot = named.strip()
        if rest.strip() == "noai" and robot in ("", "*", token):
            return True
    return False


def _metas(body: bytes) -> Iterator[tuple[str, str]]:
    """Name and content of each meta element, lower case names; comments and scripts are passed over."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        body = body.decode("utf-16", "replace").encode()
    at = 0
    while piece := _PIECE.search(body, at):
        at = piece.end()
        end = _ENDS.get(piece[0].lower())
        if end is not None:
            # an open comment or script runs to the end, as in a browser; it is also what keeps this linear
            found = re.compile(re.escape(end), re.IGNORECASE).search(body, at)
            if found is None:
                return
            at = found.end()
            continue
        given = {
            m[1].lower(): m[2] or m[3] or m[4] or ""
            for m in _ATTRIBUTE.finditer(piece[1].decode("utf-8", "replace"))
        }
        yield given.get("name", "").strip().lower(), given.get("content", "")
