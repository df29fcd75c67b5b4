"""Bodies are unfolded under a limit, and the headers that say when to ask again are understood."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch.answer import (
    BodyTooLarge,
    BrokenBody,
    max_age_seconds,
    read_body,
    retry_after_seconds,
)

NOW = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)


def read(body: bytes, encoding: str, limit: int = 1_000_000, piece: int = 7) -> bytes:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), piece):
            yield body[start : start + piece]

    return asyncio.run(read_body(chunks(), encoding, limit))


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


@given(st.binary(max_size=400), st.integers(1, 50))
def test_what_was_packed_comes_out_however_it_is_cut(body: bytes, piece: int) -> None:
    assert read(body, "", piece=piece) == body
    assert read(gzip.compress(body), "gzip", piece=piece) == body
    assert read(gzip.compress(body), "X-GZIP ", piece=piece) == body
    assert read(zlib.compress(body), "deflate", piece=piece) == body


def test_deflate_without_its_header_and_gzip_in_two_members_are_read() -> None:
    assert read(bare_deflate(b"terveysasema" * 50), "deflate") == b"terveysasema" * 50
    assert read(gzip.compress(b"ensi") + gzip.compress(b"hoito"), "gzip") == b"ensihoito"
    assert read(gzip.compress(b"jour") + b"\0\0\0", "gzip", piece=999) == b"jour"


@given(st.binary(min_size=1, max_size=300), st.integers(0, 299))
def test_a_body_of_just_the_limit_passes_and_one_byte_more_does_not(body: bytes, less: int) -> None:
    assert read(body, "", limit=len(body)) == body
    limit = min(less, len(body) - 1)
    with pytest.raises(BodyTooLarge):
        read(body, "", limit=limit)


def test_a_bomb_is_left_before_it_unfolds() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    taken = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal taken
        for start in range(0, len(bomb), 1000):
            taken += 1
            yield bomb[start : start + 1000]

    with pytest.raises(BodyTooLarge):
        asyncio.run(read_body(chunks(), "gzip", 100_000))
    assert taken == 1


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b"kesken" * 99, mtime=0)[:-9], "gzip"),
        (b"not gzip at all", "gzip"),
        (b"x", "br"),
    ],
)
def test_a_body_that_cannot_be_unfolded_is_broken(body: bytes, encoding: str) -> None:
    with pytest.raises(BrokenBody):
        read(body, encoding)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("600", 600.0),
        (" 0 ", 0.0),
        ("Mon, 16 Nov 2026 04:10:00 GMT", 600.0),
        ("Mon, 16 Nov 2026 03:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("Fri, 31 Dec 99999999999 23:59:59 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOW) == seconds


@given(st.text(max_size=60))
def test_no_retry_after_raises_or_is_negative(header: str) -> None:
    seconds = retry_after_seconds(header, NOW)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("public, max-age=900", 900),
        ('MAX-AGE="60"', 60),
        ("s-maxage=900", None),
        ("no-cache, max-age=900", None),
        ("max-age=x", None),
        (None, None),
    ],
)
def test_max_age_is_read_where_keeping_is_allowed(header: str | None, seconds: int | None) -> None:
    assert max_age_seconds(header) == seconds


@pytest.mark.parametrize(
    ("cache", "expires", "date", "seconds"),
    [
        (None, "Mon, 16 Nov 2026 05:00:00 GMT", "Mon, 16 Nov 2026 04:00:00 GMT", 3600),
        ("max-age=60", "Mon, 16 Nov 2026 05:00:00 GMT", "Mon, 16 Nov 2026 04:00:00 GMT", 60),
        ("no-store", "Mon, 16 Nov 2026 05:00:00 GMT", "Mon, 16 Nov 2026 04:00:00 GMT", None),
        (None, "Mon, 16 Nov 2026 03:00:00 GMT", "Mon, 16 Nov 2026 04:00:00 GMT", 0),
        (None, "Mon, 16 Nov 2026 05:00:00 GMT", None, None),
        (None, "0", "Mon, 16 Nov 2026 04:00:00 GMT", None),
    ],
)
def test_expires_counts_from_the_servers_own_clock(
    cache: str | None, expires: str, date: str | None, seconds: int | None
) -> None:
    assert max_age_seconds(cache, expires, date) == seconds


def test_a_huge_retry_after_is_still_a_number() -> None:
    seconds = retry_after_seconds("9" * 5000, NOW)
    assert seconds is not None
    assert timedelta(seconds=min(seconds, 1e9)) > timedelta(days=365)


def test_a_date_beyond_the_calendar_says_nothing() -> None:
    assert retry_after_seconds("Fri, 31 Dec 9999 23:59:59 -0500", NOW) is None
