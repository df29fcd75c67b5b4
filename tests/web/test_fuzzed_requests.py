"""Requests no page of ours sends: numbers no store holds, characters no database takes, forms without end.

Every route is walked, on both databases. A refusal is fine; an error of ours is not.
"""

import re
from collections.abc import Iterator
from itertools import product
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from classifiers.reference import Reference
from tests.web.conftest import signed_in_as, token_of, web_of
from tests.web.review_store import fill
from tests.web.route_roles import NEEDS

# Names of the fields of our forms; those a form does not know are passed over.
FIELDS = (
    "act", "again", "article", "as_direction", "as_region", "as_topic", "count", "decisions",
    "direction", "fi", "hash", "instead", "kept", "key", "kind", "language", "letters", "licence",
    "mentioned", "message", "mine_region", "mine_topic", "name", "new", "next", "note", "old",
    "override", "page", "password", "q", "reason", "region", "role", "seen", "seen.fi", "seen.sv",
    "shown", "source", "standard", "strategy", "sv", "task", "text", "text.fi", "text.sv", "to",
    "topic", "user_id", "verdict", "version", "word", "yes", "id", "given", "section", "undo", "a", "b",
)  # fmt: skip
FILES = ("text", "name", "file")
ENDS = {"/logout", "/me/leave"}  # these end the session they are posted in
ASKED = ("week", "version", "q", "page", "after", "order", "article", "region", "topic", "text",
         "state", "who", "since", "until", "action", "before", "subject", "lang", "next", "level",
         "measure", "a", "b", "task", "note", "language", "outlet", "label", "done", "weeks")  # fmt: skip
NASTY = (
    "a\x00b\x1b[2J\ufffe\u202e", "9" * 40, "-1", "²'\"\\;--%*{{7*7}}", "x" * 250,
)  # fmt: skip


@pytest.fixture
def site(engine: Engine, reference: Reference) -> FastAPI:
    fill(engine, reference, 3)
    return web_of(engine, reference)


def _filled(path: str, text: str, number: str) -> str:
    return re.sub(r"\{\w+(:int)?\}", lambda m: number if m[1] else quote(text, safe=""), path)


def _walk(method: str) -> Iterator[str]:
    for own, path in NEEDS:
        if own == method and path not in ENDS:
            yield path


def test_no_address_makes_an_error(site: FastAPI) -> None:
    client, broken = _admin(site), []
    places = [("a\x00b", "9" * 30), ("..", str(2**63)), ("%2e%2e/x", str(2**31)), ("x" * 3000, "0")]
    for path in _walk("GET"):
        for text, number in places if "{" in path else [("", "")]:
            if client.get(_filled(path, text, number)).status_code >= 500:
                broken.append((path, text[:10], number))
    assert broken == []


@pytest.mark.slow
def test_no_query_makes_an_error(site: FastAPI) -> None:
    client, broken = _admin(site), []
    for path in _walk("GET"):
        for value in NASTY if "{" not in path else ():
            if client.get(path, params=dict.fromkeys(ASKED, value)).status_code >= 500:
                broken.append((path, value[:20]))
    assert broken == []


@pytest.mark.slow
def test_no_form_makes_an_error(site: FastAPI) -> None:
    broken = []
    for path in _walk("POST"):
        numbers = ("1", str(2**63)) if ":int" in path else ("1",)
        for value, number in product(NASTY, numbers):
            client = _admin(site)  # anew: some forms end the session or begin another
            data = {**dict.fromkeys(FIELDS, value), "token": token_of(client)}
            if client.post(_filled(path, "x", number), data=data).status_code >= 500:
                broken.append((path, number, value[:20]))
    assert broken == []


def test_files_where_a_text_is_meant_make_no_error(site: FastAPI) -> None:
    client, broken = _admin(site), []
    odd = b'--b\r\ncontent-disposition: form-data; name="note"\r\n\r\n\\ud800\r\n--b--\r\n'
    kind = "multipart/form-data; boundary=b; charset=unicode_escape"
    for path in _walk("POST"):
        address, token = _filled(path, "x", "1"), token_of(client)
        evil = ("..\\\x00/evil.xlsx", b"PK\x03\x04", "text/plain")
        files = [(name, evil) for name in FILES]
        headers = {"content-type": kind, "x-token": token}
        for answer in (
            client.post(address, files=files, data={"token": token}),
            client.post(address, content=odd, headers=headers),
        ):
            if answer.status_code >= 500:
                broken.append(path)
    assert broken == []


def _admin(site: FastAPI) -> TestClient:
    client = signed_in_as("admin", site)
    client.follow_redirects = False
    return client
