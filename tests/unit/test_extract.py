"""The article in a page: golden pages, completeness, hostile bytes."""

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.articles.extract import MAX_BYTES, decode, extract
from monitor.cli.extract import extract_command
from monitor.values import Extracted, Page, Unusable

PAGES = Path(__file__).resolve().parents[1] / "data" / "pages"
PROSE = (
    "<p>Hyvinvointialue sulkee kolme terveysasemaa ensi vuoden alussa, ja asiakkaat ohjataan keskustaan.</p>"
    "<p>Päätös tehdään marraskuussa. Se on osa säästöjä, joita valtio on vaatinut alueelta jo pitkään.</p>"
)


def _page(body: str, head: str = "", url: str = "https://lehti.example/a/1") -> Page:
    return Page(url, f"<html><head>{head}</head><body>{body}</body></html>".encode(), "utf-8")


def _found(page: Page) -> Extracted:
    found = extract(page)
    assert isinstance(found, Extracted)
    return found


@pytest.mark.parametrize("name", sorted(p.stem for p in PAGES.glob("*.json")))
def test_golden_page(name: str) -> None:
    gold = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    found = _found(Page(gold["url"], (PAGES / f"{name}.html").read_bytes(), None))
    assert found.title == gold["title"]
    assert found.text.split("\n\n") == gold["paragraphs"]
    assert found.published == datetime.fromisoformat(gold["published"])
    assert (found.language, found.completeness) == (gold["language"], gold["completeness"])
    assert found.canonical == gold["canonical"]


def test_a_paywall_is_named_and_its_text_is_not_taken() -> None:
    found = _found(Page("", (PAGES / "sv-paywall.html").read_bytes(), None))
    assert "isAccessibleForFree" in found.reason
    assert "prenumerant" not in found.text


@pytest.mark.parametrize(
    "words", ["Vain tilaajille", "Jatka lukemista", "Bli prenumerant", "För prenumeranter"]
)
def test_a_subscribe_box_after_a_short_text_makes_a_teaser(words: str) -> None:
    found = _found(
        _page(
            f"<article><h1>Terveysasemat sulkeutuvat</h1>{PROSE}<div><h3>{words}</h3></div></article>"
        )
    )
    assert found.completeness == "teaser"
    assert "subscribe" in found.reason
    assert words not in found.text


def test_a_subscribe_box_after_a_long_text_is_an_advertisement() -> None:
    body = f"<article><h1>Terveysasemat sulkeutuvat</h1>{PROSE * 8}<div><h3>Vain tilaajille</h3></div></article>"
    assert _found(_page(body)).completeness == "full"


def test_a_headline_alone() -> None:
    found = _found(_page("<article><h1>Terveysasemat sulkeutuvat ensi vuonna</h1></article>"))
    assert (found.completeness, found.text) == ("title only", "")


def test_the_text_for_search_engines_is_taken_where_the_page_draws_it_by_script() -> None:
    node = {
        "@type": "NewsArticle",
        "headline": "Jono lyheni",
        "articleBody": "Jono leikkaukseen lyheni. " * 12,
    }
    head = f'<script type="application/ld+json">{json.dumps(node)}</script>'
    found = _found(_page("<div id='root'><h1>Jono lyheni</h1></div>", head))
    assert found.text.startswith("Jono leikkaukseen lyheni.")
    assert found.completeness == "full"


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ('<time datetime="2026-10-05T08:00:00+03:00">', datetime(2026, 10, 5, 5, 0, tzinfo=UTC)),
        ("<span>5.10.2026 klo 8.00", datetime(2026, 10, 5, 5, 0, tzinfo=UTC)),
        ("<span>Julkaistu 5. lokakuuta 2026", datetime(2026, 10, 4, 21, 0, tzinfo=UTC)),
        ("<span>Publicerad 5 november 2026 kl. 8.00", datetime(2026, 11, 5, 6, 0, tzinfo=UTC)),
    ],
)
def test_time_of_publication(shown: str, expected: datetime) -> None:
    tag = shown[1:5]
    found = _found(_page(f"<article><h1>Jono lyheni Oulussa</h1>{shown}</{tag}>{PROSE}</article>"))
    assert found.published == expected
    assert found.published_source == "page"


def test_declared_latin1_is_read_as_browsers_do() -> None:
    assert decode(b"p\xe4\xe4t\xf6s \x96 nyt", "iso-8859-1") == "päätös – nyt"
    assert decode("päätös".encode(), "iso-8859-1") == "päätös"
    assert decode(b"\xff\xfeh\x00i\x00", None) == "hi"
    assert decode(b"\xe4", "no-such-charset") == "ä"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"  \n", b"\x00\x01\x02<p>", b"\xff\xfe", b"%PDF-1.7", b'{"a": 1}', b"<rss></rss>",
        b"<html></html>", b"x" * (MAX_BYTES + 1), b"<div>" * 50_000, b"<p a=1>" * 50_000,
        b"<html><body><h1>" + b"<b>" * 30_000,
    ],
    ids=range(12),
)  # fmt: skip
def test_bytes_without_an_article_are_unusable(body: bytes) -> None:
    found = extract(Page("https://lehti.example/a", body, None))
    assert isinstance(found, Unusable)
    assert found.reason


@settings(deadline=None, max_examples=60)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(alphabet="<>/ph1div\"'=& a\x00ä", max_size=300).map(str.encode),
    )
)
def test_never_raises(body: bytes) -> None:
    for wrapped in (body, b"<html><body><h1>Otsikko on</h1>" + body):
        assert isinstance(extract(Page("", wrapped, None)), Extracted | Unusable)


def test_the_same_page_gives_the_same_article() -> None:
    page = Page("", (PAGES / "fi-grid.html").read_bytes(), None)
    assert len({extract(page) for _ in range(5)}) == 1


def test_command_prints_json(tmp_path: Path) -> None:
    file = tmp_path / "page.html.gz"
    file.write_bytes(gzip.compress((PAGES / "fi-grid.html").read_bytes()))
    result = CliRunner().invoke(
        extract_command, [str(file), "--url", "https://jokilaakso.example/a"]
    )
    shown = json.loads(result.stdout)
    assert result.exit_code == 0
    assert shown["title"] == "Päivystys muuttuu yöksi puhelinpalveluksi"
    assert (shown["language"], shown["completeness"], shown["published_source"]) == (
        "fi",
        "full",
        "page",
    )


def test_command_on_a_page_without_an_article() -> None:
    result = CliRunner().invoke(extract_command, ["-"], input=b"\x00\x01")
    assert result.exit_code == 1
    shown = json.loads(result.stdout)
    assert shown["title"] is None
    assert shown["reason"]


def test_command_on_a_missing_file() -> None:
    result = CliRunner().invoke(extract_command, ["no-such-file.html"])
    assert result.exit_code == 2
    assert "no-such-file.html" in result.stderr


@pytest.mark.captured
@pytest.mark.slow
def test_every_captured_page_yields_its_text(captured_newsroom: Path) -> None:
    low = {}
    for file in sorted((captured_newsroom / "pages").glob("*.html.gz")):
        gold = json.loads(
            Path(str(file).replace(".html.gz", ".gold.json")).read_text(encoding="utf-8")
        )
        body = gzip.decompress(file.read_bytes())
        bare = re.sub(rb"<script[^>]*>\s*window\.__INITIAL.*?</script>", b"", body, flags=re.DOTALL)
        for form in {body, bare}:
            found = _found(Page(gold.get("url", ""), form, None))
            score = _f1(f"{found.title}\n{found.text}", _gold_text(gold))
            if score < 0.9:
                low[file.name] = score
    assert low == {}


def _gold_text(gold: dict[str, object]) -> str:
    title, lead = gold.get("headline") or gold.get("title"), gold.get("lead") or gold.get("ingress")
    paragraphs, headings = list(gold["paragraphs"]), list(gold.get("headings", []))  # type: ignore[call-overload]
    first = [] if paragraphs[:1] == [lead] else [lead]
    return "\n".join(
        str(p) for p in [title, *first, *paragraphs, *(h for h in headings if h != title)] if p
    )


def _f1(found: str, gold: str) -> float:
    a, b = (Counter(re.findall(r"\w+", t.lower())) for t in (found, gold))
    return 2 * sum((a & b).values()) / (sum(a.values()) + sum(b.values()))


def test_many_titles_and_headlines_take_no_time_in_their_product() -> None:
    begun = perf_counter()
    extract(_page("<title>a b</title>" * 8000 + "<h1>a b c</h1>" * 8000 + PROSE))
    assert perf_counter() - begun < 30


@pytest.mark.parametrize("tag", ["script", "SCRIPT", "Script"])
def test_a_script_ends_where_it_ends_however_it_is_written(tag: str) -> None:
    text = "Jono kasvoi syksyllä kahteensataan ihmiseen. " * 10
    page = _page(
        f"<{tag}>var a = 1;</{tag.upper()} ><article><h1>Jonot</h1><p>{text}</p></article>"
    )
    assert "kahteensataan" in _found(page).text


def test_half_characters_in_the_text_for_search_engines_are_dropped() -> None:
    said = "Väntetiden växte till tvåhundra personer under hösten. " * 10
    data = json.dumps(
        {"@type": "NewsArticle", "headline": "Köerna \ud83d", "articleBody": f"{said} \ud83d"}
    )
    head = f'<script type="application/ld+json">{data}</script>'
    found = _found(_page("<h1>Köerna</h1>", head))
    (found.title + found.text).encode("utf-8")
    assert "tvåhundra" in found.text
