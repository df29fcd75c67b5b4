"""Lists of feeds: what is exported comes back the same, what is added to feeds.yaml leaves the rest."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.config import load_feeds, read_feeds
from monitor.feeds.opml import Defaults, NotOpml, OpmlFile, from_opml, to_opml
from monitor.feeds.write import EMPTY, appended, entry_line, free_id, slug
from monitor.values import FeedSpec
from tests.conftest import ROOT

UNITS = frozenset(["05", "06", "17"])
BLADET = FeedSpec(
    "bladet", "https://bladet.example/rss?a=1&b=2", 'Bladet "på" ön: nytt', "sv", ("17",), "ön-ab",
    "weekly", "två gånger # i veckan", "agreement 2026-01",
)  # fmt: skip
LEHTI = FeedSpec("lehti", "https://lehti.example/f", "Järven Lehti", "fi", (), "ketju", "daily")
BLADET = FeedSpec(**{**{n: getattr(BLADET, n) for n in FeedSpec.__slots__}, "group": "on-ab"})

OTHERS = b"""<?xml version="1.0"?><opml version="1.0"><body>
<outline text="Kunnat"><outline text="Raahe" xmlurl="https://raahe.example/feed" type="rss"/>
<outline title="Raahe" text="x" xmlUrl="https://raahe.example/sv/feed" language="sv-FI"/></outline>
<outline text="again" xmlUrl="http://raahe.example/feed/"/>
<outline text="file" xmlUrl="file:///etc/passwd"/></body></opml>"""


def read(body: bytes, taken: tuple[FeedSpec, ...] = ()) -> OpmlFile:
    found = from_opml(body, Defaults(home=("05",), kind="municipality"), taken)
    assert isinstance(found, OpmlFile), found
    return found


def test_a_list_that_is_exported_comes_back_the_same() -> None:
    assert read(to_opml([BLADET, LEHTI])) == OpmlFile((BLADET, LEHTI), ())
    shipped = load_feeds(ROOT / "feeds.yaml", frozenset(f"{n:02}" for n in range(99)) | {"HUS"})
    assert read(to_opml(shipped.feeds)).feeds == shipped.feeds


texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1)


@given(title=texts, note=texts)
def test_any_title_comes_back_through_opml_and_through_yaml(title: str, note: str) -> None:
    [spec] = read(
        to_opml([FeedSpec("a", "https://a.fi/", title, "fi", (), "g", "daily", note)])
    ).feeds
    whole = appended(EMPTY, [spec], "feeds.yaml", UNITS)
    assert isinstance(whole, str), whole
    assert read_feeds(whole, "feeds.yaml", UNITS).feeds == (spec,)


def test_a_list_of_another_program_is_read_with_what_it_does_not_say() -> None:
    found = read(OTHERS)
    assert [(f.id, f.lang, f.home, f.kind, f.group) for f in found.feeds] == [
        ("raahe", "fi", ("05",), "municipality", "raahe"),
        ("raahe-2", "sv", ("05",), "municipality", "raahe"),
    ]
    assert len(found.left_out) == 2
    assert read(OTHERS, found.feeds).feeds == ()


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00\xff", b"<html/>", b"<opml", b"feeds: []"],
)
def test_what_is_no_opml_is_said(body: bytes) -> None:
    assert isinstance(from_opml(body, Defaults()), NotOpml)


def test_an_entity_in_a_list_reaches_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("https://secret.example/")
    body = f"""<!DOCTYPE opml [<!ENTITY f SYSTEM "file://{secret}">]>
    <opml version="2.0"><body><outline text="a" xmlUrl="https://a.example/">&f;</outline></body></opml>"""
    [feed] = read(body.encode()).feeds
    assert "secret" not in repr(feed)


def test_entries_are_added_below_and_comments_stay() -> None:
    text = f"# my feeds\nfeeds:\n  # local\n  {entry_line(LEHTI)}  # the best\n"
    whole = appended(text, [BLADET], "feeds.yaml", UNITS)
    assert isinstance(whole, str), whole
    assert whole.startswith(text)
    assert read_feeds(whole, "feeds.yaml", UNITS).feeds == (LEHTI, BLADET)


def test_what_would_be_a_mistake_is_not_added() -> None:
    text = f"feeds:\n  {entry_line(LEHTI)}\n"
    unknown = FeedSpec("x", "https://x.fi/", "X", "fi", ("99",), "g", "daily")
    [mistake] = appended(text, [unknown], "feeds.yaml", UNITS)
    assert "99" in str(mistake)
    for other in ("feeds: []\n", f"{text}more: 1\n"):
        assert isinstance(appended(other, [BLADET], "feeds.yaml", UNITS), tuple)


def test_ids_are_made_of_titles() -> None:
    assert slug("Österbottens Tidning: nyheter!") == "osterbottens-tidning-nyheter"
    assert slug("Новости") == "feed"
    assert free_id("a", {"a", "a-2"}) == "a-3"
