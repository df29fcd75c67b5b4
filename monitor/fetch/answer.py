"""Reads an answer: its body under a size limit, and the headers that say when to ask again.

Undoes gzip and deflate itself, piece by piece, because a small compressed body can unfold into
gigabytes. Opens no socket.
"""

import re
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MAX_AGE = re.compile(r'(?:^|[\s,])max-age\s*=\s*"?(\d{1,10})', re.IGNORECASE)
_GZIP_START = b"\x1f\x8b"


class BodyTooLarge(Exception):
    """The body is larger than the limit, as it came or unfolded."""


class BrokenBody(Exception):
    """The body cannot be decompressed, or ended in the middle."""


async def read_body(chunks: AsyncIterator[bytes], encoding: str, limit: int) -> bytes:
    """The body that came in `chunks` with Content-Encoding `encoding`, of at most `limit` bytes.

    Raises BodyTooLarge as soon as either the compressed or the unfolded bytes pass the limit, and
    BrokenBody for an encoding other than gzip or deflate and for a body that ends early.
    """
    body = bytearray()
    await _read_into(body, chunks, encoding, limit)
    return bytes(body)


async def read_start(chunks: AsyncIterator[bytes], encoding: str, limit: int) -> bytes:
    """The first `limit` bytes of a body; what comes after them is not read. Raises BrokenBody."""
    body = bytearray()
    with suppress(BodyTooLarge):
        await _read_into(body, chunks, encoding, limit)
    return bytes(body[:limit])


async def _read_into(
    body: bytearray, chunks: AsyncIterator[bytes], encoding: str, limit: int
) -> None:
    inflate = _inflater(encoding.strip().lower(), limit)
    raw = 0
    async for chunk in chunks:
        raw += len(chunk)
        if inflate is None:
            body += chunk
        if raw > limit:
            raise BodyTooLarge
        if inflate is not None:
            inflate.feed(chunk, body)
    if inflate is not None:
        inflate.finish()


def _inflater(encoding: str, limit: int) -> "_Inflater | None":
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _Inflater(encoding, limit)
    raise BrokenBody(f"unknown content encoding {encoding[:40]!r}")


class _Inflater:
    """Unfolds one body; the pieces are appended to the caller's buffer."""

    def __init__(self, encoding: str, limit: int) -> None:
        self._gzip = encoding != "deflate"
        self._limit = limit
        self._stream: zlib._Decompress | None = None
        self._begun = False

    def feed(self, data: bytes, body: bytearray) -> None:
        while data:
            if self._stream is None:
                if self._begun and not data.startswith(_GZIP_START):
                    return  # padding after the last member
                self._stream, self._begun = zlib.decompressobj(self._window(data)), True
            try:
                body += self._stream.decompress(data, self._limit - len(body) + 1)
            except zlib.error as error:
                raise BrokenBody(str(error)) from error
            if len(body) > self._limit:
                raise BodyTooLarge
            data = self._stream.unconsumed_tail
            if self._stream.eof:
                data, self._stream = self._stream.unused_data, None

    def finish(self) -> None:
        if self._stream is not None:
            raise BrokenBody("the compressed body ended early")

    def _window(self, data: bytes) -> int:
        if self._gzip:
            return 16 + zlib.MAX_WBITS
        # "deflate" means zlib's format, yet some servers send the bare stream without its header
        has_header = data[0] & 0x0F == 8 and (len(data) < 2 or int.from_bytes(data[:2]) % 31 == 0)
        return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After header (a number or an HTTP date); None where it says nothing usable."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    moment = http_date(text)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def http_date(text: str | None) -> datetime | None:
    """An HTTP date as aware UTC, or None."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
        # the last hours of the year 9999 in a zone west of here have no time in UTC
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def max_age_seconds(
    cache_control: str | None, expires: str | None = None, date: str | None = None
) -> int | None:
    """How long the answer may be kept; None where it does not say or may not be kept.

    Cache-Control's max-age, else Expires less Date (RFC 9111, 4.2.1): both on the server's clock, so
    that a wrong one does no harm; without a Date, Expires says nothing.
    """
    text = cache_control or ""
    if "no-cache" in text.lower() or "no-store" in text.lower():
        return None
    found = _MAX_AGE.search(text)
    if found:
        return int(found.group(1))
    until = http_date(expires)
    now = http_date(date) if until else None
    return max(0, int((until - now).total_seconds())) if until and now else None
