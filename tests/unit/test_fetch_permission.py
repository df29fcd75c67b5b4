"""What sites say about robots and text mining, read from any bytes in bounded time."""

from datetime import UTC, datetime, timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch.permission import (
    Site,
    TdmRule,
    of_headers,
    of_page,
    reserved_by_file,
    same_site,
    tdm_rules,
)
from monitor.fetch.robots import UNREADABLE_REFUSES, Rules, is_unreadable, refuses_all, text_of
from monitor.values import Permission

NOW = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
US = "tilannekuva"


def robots(text: str, path: str) -> bool:
    return Rules(text, US).allow(f"https://lehti.example{path}")


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("User-agent: *\nDisallow:", "/a", True),
        # the longest match, whatever the order; Allow where two are equal
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nAllow: /\nDisallow: /a", "/a", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", True),
        ("User-agent: *\nDisallow: /ä", "/%C3%A4", False),
        # other robots' groups are not ours, and ours goes before that of all
        ("User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: TILANNEKUVA/2.0 # me\nAllow: /", "/a", True),
        ("User-agent: GPTBot\nUser-agent: tilannekuva\nDisallow: /", "/a", False),
        ("User-agent: tilanne\nDisallow: /", "/a", True),
    ],
)
def test_robots_txt_says_what_rfc_9309_makes_of_it(text: str, path: str, allowed: bool) -> None:
    assert robots(text, path) is allowed


@given(st.binary(max_size=300), st.text(max_size=40))
def test_any_robots_txt_is_read(body: bytes, path: str) -> None:
    assert isinstance(robots(text_of(body), f"/{path}"), bool)


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"User-agent: b{n}\n" for n in range(15_000)) + "Disallow: /x\n" * 15_000,
        "User-agent: *\nDisallow: /" + "*a" * 200_000 + "b$",
        "User-agent: *\n" + "".join(f"Disallow: /a*{n}*b$\n" for n in range(20_000)),
    ],
    ids=["robots times rules", "stars", "rules"],
)
def test_a_hostile_robots_txt_takes_no_time(text: str) -> None:
    begun = process_time()
    robots(text, "/" + "a" * 2_000)
    assert process_time() - begun < 10


@pytest.mark.parametrize(
    ("status", "unreadable"), [(None, True), (500, True), (503, True), (429, True), (404, False), (200, False)]
)  # fmt: skip
def test_a_server_error_is_no_answer_and_a_missing_file_is_one(
    status: int | None, unreadable: bool
) -> None:
    assert is_unreadable(status) is unreadable


@given(st.timedeltas(timedelta(0), timedelta(days=60)))
def test_an_unreadable_robots_txt_refuses_for_a_bounded_time(since: timedelta) -> None:
    site = Site("https://lehti.example", NOW, NOW, 503, unreadable_since=NOW - since)
    assert refuses_all(site, NOW) is (since < UNREADABLE_REFUSES)


@pytest.mark.parametrize(
    ("tags", "reservations", "said"),
    [
        ([], [], Permission.ALLOWED),
        ([], ["1"], Permission.TDM_HEADER),
        ([], ["0"], Permission.ALLOWED),
        ([], ["yes"], Permission.ALLOWED),
        (["noindex, NOAI"], ["0"], Permission.NOAI),
        (["noimageai"], [], Permission.ALLOWED),
        (["otherbot: noindex, noai"], [], Permission.ALLOWED),
        (["tilannekuva: noindex, noai"], [], Permission.NOAI),
        (["max-image-preview: large, noai"], [], Permission.NOAI),
        (["otherbot: noai", "noai"], [], Permission.NOAI),
    ],
)
def test_headers(tags: list[str], reservations: list[str], said: Permission) -> None:
    assert of_headers(tags, reservations, US) is said


def test_the_page_outranks_the_header_and_scripts_and_comments_say_nothing() -> None:
    free, held = (
        b'<meta name="tdm-reservation" content="0">',
        b"<meta content='1' name=tdm-reservation>",
    )
    assert of_page(free, Permission.TDM_HEADER, US) is Permission.ALLOWED
    assert of_page(held, Permission.ALLOWED, US) is Permission.TDM_META
    assert of_page(b"", Permission.TDM_HEADER, US) is Permission.TDM_HEADER
    assert of_page(free, Permission.NOAI, US) is Permission.NOAI
    for hidden in (b"<!-- %s -->", b"<script>%s</SCRIPT>", b"<style>%s</style>", b"<!-- %s"):
        assert of_page(hidden % held, Permission.ALLOWED, US) is Permission.ALLOWED
        assert of_page(hidden % b"x" + b"-->" + held, Permission.ALLOWED, US) is Permission.TDM_META
    assert of_page(held.decode().encode("utf-16"), Permission.ALLOWED, US) is Permission.TDM_META


@given(st.binary(max_size=400) | st.lists(st.sampled_from([b"<!--", b"-->", b"<meta ", b"<script>", b"name='robots' content='noai'", b">"])).map(b"".join))  # fmt: skip
def test_any_page_is_read(body: bytes) -> None:
    assert of_page(body, Permission.ALLOWED, US) in Permission


@pytest.mark.parametrize("piece", [b"<!--", b"<script ", b"<meta ", b"<meta x='", b"<!-- -->"])
def test_a_hostile_page_takes_no_time(piece: bytes) -> None:
    begun = process_time()
    of_page(piece * (4_000_000 // len(piece)), Permission.ALLOWED, US)
    assert process_time() - begun < 20


def test_the_first_rule_of_a_tdmrep_file_that_matches_decides() -> None:
    rules = tdm_rules(
        b'[{"location": "/avoin/*.html$", "tdm-reservation": 0}, {"location": "/", "tdm-reservation": 1}]'
    )
    assert rules == (TdmRule("/avoin/*.html$", False), TdmRule("/", True))
    assert not reserved_by_file(rules, "https://lehti.example/avoin/a/1.html")
    assert reserved_by_file(rules, "https://lehti.example/avoin/1.html?x")
    assert reserved_by_file(rules, "https://lehti.example")
    assert not reserved_by_file((), "https://lehti.example/a")


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[1, null]", b'[{"location": 3}]', b"[" * 100_000, b"\xff", b"<html>"]
)
def test_a_tdmrep_file_that_is_none_reserves_nothing(body: bytes) -> None:
    assert tdm_rules(body) == ()


@given(st.text("/a*$", max_size=12), st.text("/a", max_size=12))
def test_locations_match_as_in_robots_txt(location: str, path: str) -> None:
    # a $ inside is a character of its own, which no path here has
    if not location.startswith("/") or "$" in location[:-1]:
        return
    mine = reserved_by_file([TdmRule(location, True)], f"https://lehti.example/{path}")
    assert mine is not robots(f"User-agent: *\nDisallow: {location}", f"/{path}")


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("www.lehti.example", "feeds.lehti.example", True),
        ("lehti.example", "LEHTI.example.", True),
        ("lehti.example", "muu.example", False),
        ("10.0.0.1", "10.1.0.1", False),
        ("10.0.0.1", "10.0.0.1", True),
        ("localhost", "a.localhost", False),
    ],
)
def test_hosts_of_one_site(a: str, b: str, same: bool) -> None:
    assert same_site(a, b) is same
