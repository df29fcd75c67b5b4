"""Entries that a feed says are deleted (at:deleted-entry, RFC 6721), which feedparser does not read. Pure.

Reads bytes in UTF-8, in time linear in their length. What becomes of the articles is not its question.
"""

import re
from datetime import UTC, datetime
from html import unescape

from monitor.feeds.plain import html_text
from monitor.text import one_line
from monitor.values import DeletedEntry

NAMESPACE = b"http://purl.org/atompub/tombstones/1.0"
MOST = 1_000  # of one feed; the rest is not read
LONGEST_WHY = 300
_START = re.compile(rb"<(?:[\w.-]{1,40}:)?deleted-entry\b([^<>]{1,3000})>")
_REF = re.compile(rb"""\sref\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_WHEN = re.compile(rb"""\swhen\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_COMMENT = re.compile(rb"<(?:[\w.-]{1,40}:)?comment\b[^<>]{0,300}>(.{0,2000}?)</", re.DOTALL)
_REACH = 3_000  # bytes after its start tag in which a tombstone's comment is looked for


def deleted_entries(body: bytes) -> tuple[DeletedEntry, ...]:
    """The tombstones of a feed, each id once, in its order; () where it has none."""
    if NAMESPACE not in body:
        return ()
    found: dict[str, DeletedEntry] = {}
    for start in _START.finditer(body):
        attributes = b" " + start[1]
        guid = one_line(_value(_REF.search(attributes)))
        if guid:
            why = "" if attributes.endswith(b"/") else _why(body, start.end())
            found.setdefault(
                guid, DeletedEntry(guid, _instant(_value(_WHEN.search(attributes))), why)
            )
        if len(found) >= MOST:
            break
    return tuple(found.values())


def _why(body: bytes, at: int) -> str:
    piece = body[at : at + _REACH].partition(b"deleted-entry")[0]
    comment = _COMMENT.search(piece)
    text = unescape(comment[1].decode("utf-8", "replace")) if comment else ""
    return one_line(html_text(text))[:LONGEST_WHY]


def _value(found: re.Match[bytes] | None) -> str:
    if found is None:
        return ""
    return unescape((found[1] or found[2] or b"").decode("utf-8", "replace"))


def _instant(when: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(when.strip())
        return instant.astimezone(UTC) if instant.tzinfo else None
    except (ValueError, OverflowError):  # of the year 1 or 9999, whose UTC is outside the calendar
        return None
