"""What a broken or hostile feed comes to: every row of the table in docs/operations.md, and no other."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time

import pytest

from monitor.feeds.parse import LONGEST_KEY, LONGEST_TEXT, LONGEST_TITLE, parse_feed
from monitor.values import NotAFeed, ParsedEntry, ParsedFeed
from tests.conftest import ROOT

NOW = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
URL = "https://bladet.example/feeds/nyheter.xml"
SECONDS = 60  # of processor time for any one feed


def rss(*items: str, doctype: str = "") -> bytes:
    joined = "".join(f"<item>{item}</item>" for item in items)
    text = f'<?xml version="1.0"?>{doctype}<rss version="2.0"><channel>{joined}</channel></rss>'
    return text.encode()


def parse(body: bytes) -> ParsedFeed | NotAFeed:
    began = process_time()
    found = parse_feed(body, URL, None, NOW)
    assert process_time() - began < SECONDS
    return found


def one(body: bytes) -> ParsedEntry:
    found = parse(body)
    assert isinstance(found, ParsedFeed), found
    [entry] = found.entries
    return entry


def refused(body: bytes) -> str:
    found = parse(body)
    assert isinstance(found, NotAFeed), found
    return found.reason


def published(stamp: str) -> datetime | None:
    return one(rss(f"<title>Jouren</title><pubDate>{stamp}</pubDate>")).published


def entity_bomb() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE r [<!ENTITY l0 "ha">{laughs}]>'
    assert len(one(rss("<title>Jouren &l11; stänger</title>", doctype=doctype)).title) < 100
    doctype = '<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    assert one(rss("<title>x&f;y</title>", doctype=doctype)).title == "xy"


def deep_nesting() -> None:
    assert one(rss("<title>Jouren</title>" + "<a>" * 20_000)).title == "Jouren"
    escaped = "&lt;div&gt;" * 20_000
    assert one(rss(f"<title>Jouren</title><description>{escaped}</description>")).title == "Jouren"


def too_many_elements() -> None:
    assert "elements" in refused(rss("<title>Jouren</title>" + "<a/>" * 120_000))
    assert "references" in refused(rss("&" * 1_000_001))
    attributes = " ".join(f'a{n}="1"' for n in range(100_000))
    assert "attributes" in refused(rss(f"<title>Jouren</title><x {attributes}/>"))
    assert "attributes" in refused(
        rss(f"<title>Jouren</title><x {attributes}/>").decode().encode("utf-16")
    )


def too_large() -> None:
    assert "larger" in refused(b"x" * 5_000_001)


def huge_fields() -> None:
    long = "ord " * 200_000
    item = f"<title>{long}</title><guid>{'g' * 9000}</guid><description>{long}</description>"
    entry = one(rss(item))
    assert len(entry.title) <= LONGEST_TITLE
    assert len(entry.key) <= LONGEST_KEY
    assert len(entry.summary) <= LONGEST_TEXT
    assert one(rss(f"<title>A</title><link>https://x.fi/{'a' * 3000}</link>")).link == ""


def wrong_label() -> None:
    text = '<?xml version="1.0" encoding="{}"?><rss version="2.0"><channel><item><title>Äldreomsorg på hörn</title></item></channel></rss>'
    for declared, real in (("iso-8859-1", "utf-8"), ("utf-16", "utf-16"), ("latin1", "latin-1")):
        assert one(text.format(declared).encode(real)).title == "Äldreomsorg på hörn"


def broken_bytes() -> None:
    assert one(rss("<title>Päivystys siirtyy</title>").replace(b"\xc3\xa4", b"\xc3")).title
    assert one(rss("<title>Ilo &#xD83D; irti\0</title>")).title == "Ilo irti"


def future() -> None:
    assert published("Mon, 16 Nov 2026 23:00:00 +0200") is not None
    assert published("Wed, 18 Nov 2026 23:00:00 +0200") is None


def long_ago() -> None:
    assert published("Thu, 01 Jan 1970 00:00:00 GMT") is None


def no_time() -> None:
    assert one(rss("<title>Jouren</title>")).published is None
    assert published("eilen illalla") is None


def no_zone() -> None:
    winter, summer = datetime(2026, 11, 16, 4, tzinfo=UTC), datetime(2026, 7, 16, 3, tzinfo=UTC)
    for stamp in ("2026-11-16T06:00:00", "Mon, 16 Nov 2026 06:00:00", "2026-11-16 06:00:00"):
        assert published(stamp) == winter, stamp
    assert published("Mon, 16 Nov 2026 06:00:00 EET") == winter
    assert published("Thu, 16 Jul 2026 06:00:00 EEST") == summer
    assert published("Mon, 16 Nov 2026 04:00:00 GMT") == winter


def relative_link() -> None:
    link = one(rss("<title>A</title><link>../a?b=1</link>")).link
    assert link == "https://bladet.example/a?b=1"


def no_link() -> None:
    for link in ("", "<link>javascript:alert(1)</link>", "<link>http://[</link>"):
        entry = one(rss(f"<title>A</title>{link}"))
        assert (entry.link, entry.own_page) == ("", False)


def one_link_for_all() -> None:
    same = "<link>https://bladet.example/</link>"
    found = parse(rss(f"<title>Brand</title>{same}", f"<title>Vård</title>{same}"))
    assert isinstance(found, ParsedFeed)
    assert [entry.own_page for entry in found.entries] == [False, False]
    assert len({entry.key for entry in found.entries}) == 2


def no_guid() -> None:
    link = "https://bladet.example/a"
    assert one(rss(f"<title>A</title><link>{link}</link>")).key == link


def same_guid() -> None:
    items = [f"<title>{t}</title><guid>g</guid><link>https://x.fi/{t}</link>" for t in "AB"]
    found = parse(rss(*items))
    assert isinstance(found, ParsedFeed)
    assert [entry.key for entry in found.entries] == ["https://x.fi/A", "https://x.fi/B"]


def same_item() -> None:
    item = "<title>A</title><guid>g</guid>"
    found = parse(rss(item, item))
    assert isinstance(found, ParsedFeed)
    assert [r.reason for r in found.rejected] == ["duplicate in feed"]
    assert len(found.entries) == 1


def empty_item() -> None:
    found = parse(rss("<guid>g</guid>"))
    assert isinstance(found, ParsedFeed)
    assert [r.reason for r in found.rejected] == ["no title and no text"]


def web_page() -> None:
    assert "web page" in refused(b"<!DOCTYPE html><html><body><p>Etusivu</p></body></html>")


def no_feed() -> None:
    for body in (b"", b"\x7fELF\x02" * 99, b'{"version": 1}', b"<?xml version='1.0'?><opml/>"):
        assert refused(body)


def cut_off() -> None:
    whole = rss("<title>A</title><guid>1</guid>", "<title>B</title><guid>2</guid>")
    found = parse(whole[: whole.index(b"<title>B") + 8])
    assert isinstance(found, ParsedFeed)
    assert found.entries[0].title == "A"
    assert "broken" in refused(whole[:40])


ROWS: dict[str, Callable[[], None]] = {
    "entities that unfold or name files": entity_bomb,
    "deep nesting": deep_nesting,
    "over 50,000 elements, 1,000,000 character references, or 200 attributes in one element": (
        too_many_elements
    ),
    "over 5 MB": too_large,
    "huge fields": huge_fields,
    "character set wrongly labelled or not at all": wrong_label,
    "broken bytes and characters XML forbids": broken_bytes,
    "time in the future": future,
    "time of 1970": long_ago,
    "time missing or unreadable": no_time,
    "time without a zone": no_zone,
    "relative link": relative_link,
    "link missing, or no web address": no_link,
    "one link for all items, or the front page": one_link_for_all,
    "no guid": no_guid,
    "one guid for several items": same_guid,
    "the same item twice": same_item,
    "item without title and text": empty_item,
    "web page in place of the feed": web_page,
    "empty, binary, JSON or other XML": no_feed,
    "feed cut off": cut_off,
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.replace(" ", "-"))
def test_what_the_document_states(row: str) -> None:
    ROWS[row]()


def test_the_document_lists_these_rows() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = text.partition("## Broken and hostile feeds")[2].partition("\n## ")[0]
    assert re.findall(r"^\| ([^|]+?) \| [^|]+ \|$", table, re.MULTILINE)[1:] == list(ROWS)
