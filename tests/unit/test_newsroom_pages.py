"""Pages of the sample newsroom: read as an extractor and as a reader would."""

import json
import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
import trafilatura
from lxml import html

from monitor.newsroom.load import DEMO_END, load_newsroom
from monitor.newsroom.pages import (
    COMMENTS,
    INVENTED,
    WORDS,
    IndexRow,
    Link,
    article_page,
    front_page,
    index_page,
    missing_page,
)
from monitor.newsroom.values import HeadlineEdit, Layout, Newsroom, Outlet, SampleArticle, Truth

PUBLISHED = datetime(2026, 10, 12, 3, 30, tzinfo=UTC)  # 6.30 in Helsinki
TRUTH = Truth(False, (), (), False, (), None)
OUTLET = Outlet("lehti", "Lehti & Co", "fi", "g", (), "daily", "rss2", "grid", "plain")
ARTICLE = SampleArticle(
    id="a001-1",
    event="a001",
    outlet="lehti",
    path="/2026/10/12/otsikko-a001-1.html",
    published=PUBLISHED,
    lang="fi",
    title="Otsikko <script>alert(1)</script> & ”lainaus”",
    lead="Johdanto </p><b>x</b>.",
    paragraphs=("Yksi </script> kappale.", "Toinen kappale."),
    author="",
    paywall=False,
    truth=TRUTH,
)
LAYOUTS: tuple[Layout, ...] = ("grid", "classic", "block")


@pytest.fixture(scope="module")
def shipped() -> Newsroom:
    return load_newsroom()


def page(article: SampleArticle = ARTICLE, outlet: Outlet = OUTLET, **later: float) -> str:
    return article_page(outlet, article, PUBLISHED + timedelta(**later), 80, [], [])


def json_ld(text: str) -> dict[str, object]:
    (script,) = html.fromstring(text).xpath('//script[@type="application/ld+json"]')
    data: dict[str, object] = json.loads(script.text)
    return data


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def f1(got: Counter[str], gold: Counter[str]) -> float:
    return 2 * (got & gold).total() / (got.total() + gold.total())


def sample_of(newsroom: Newsroom, layout: Layout, lang: str) -> list[SampleArticle]:
    """Some fifteen whole articles of a layout and language, spread over the six weeks."""
    outlets = {o.id for o in newsroom.outlets if o.page == layout}
    found = [
        a for a in newsroom.articles if a.outlet in outlets and a.lang == lang and not a.paywall
    ]
    return found[:: max(1, len(found) // 15)]


@pytest.mark.parametrize("lang", ["fi", "sv"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_extractor_gets_the_whole_article_and_nothing_else(
    shipped: Newsroom, layout: Layout, lang: str
) -> None:
    outlets = {o.id: o for o in shipped.outlets}
    articles = sample_of(shipped, layout, lang)
    assert len(articles) >= 10
    others = [Link(a.title, a.path) for a in shipped.articles if a.lang == lang][-9:]
    for article in articles:
        text = article_page(outlets[article.outlet], article, DEMO_END, 80, others[:4], others[4:])
        found = trafilatura.bare_extraction(text, include_comments=False, with_metadata=True)
        title = article.title_at(DEMO_END)
        assert found.title == title
        body = found.text.removeprefix(title)
        gold = words(" ".join((article.lead, *article.paragraphs)))
        # The shortest bulletins may take the byline along; no layout loses a word.
        assert f1(words(body), gold) >= (0.97 if gold.total() > 40 else 0.8), article.id
        assert not gold - words(found.text), article.id
        around = [WORDS[lang]["cookies"], WORDS[lang]["newsletter"], INVENTED]
        around += [text for _, text in COMMENTS[lang]]
        assert [sentence for sentence in around if sentence in found.text] == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_everything_is_escaped(layout: Layout) -> None:
    text = page(outlet=replace(OUTLET, page=layout))
    tree = html.fromstring(text)
    assert tree.xpath("string(//h1)") == ARTICLE.title
    assert ARTICLE.lead in [" ".join(p.text_content().split()) for p in tree.xpath("//p")]
    assert json_ld(text)["headline"] == ARTICLE.title
    assert len(tree.xpath("//script")) == 1


def test_the_page_says_when_and_where_it_was_published() -> None:
    text = page(hours=5)
    data = json_ld(text)
    assert data["@type"] == "NewsArticle"
    assert data["headline"] == ARTICLE.title
    assert datetime.fromisoformat(str(data["datePublished"])) == PUBLISHED
    tree = html.fromstring(text)
    assert tree.xpath("//time")[0].text == "12.10.2026 klo 6.30"
    assert tree.xpath('//link[@rel="canonical"]/@href') == [ARTICLE.address(80)]
    assert tree.xpath('//meta[@property="og:title"]/@content') == [ARTICLE.title]


def test_an_edited_headline_shows_from_its_time_on() -> None:
    article = replace(ARTICLE, edit=HeadlineEdit(PUBLISHED + timedelta(hours=2), "Uusi otsikko"))
    assert html.fromstring(page(article, hours=1)).xpath("string(//h1)") == ARTICLE.title
    later = page(article, hours=2)
    assert html.fromstring(later).xpath("string(//h1)") == "Uusi otsikko"
    assert "päivitetty 12.10.2026 8.30" in later
    assert json_ld(later)["dateModified"] == "2026-10-12T08:30:00+03:00"


@pytest.mark.parametrize(
    ("lang", "shown"),
    [("fi", "maanantaina 12. lokakuuta 2026 klo 6.30"), ("sv", "måndag 12 oktober 2026 kl. 6.30")],
)
def test_an_undated_outlet_tells_the_time_to_readers_only(
    lang: Literal["fi", "sv"], shown: str
) -> None:
    outlet = replace(OUTLET, behaviour="undated", lang=lang)
    text = page(replace(ARTICLE, lang=lang), outlet)
    assert "datePublished" not in json_ld(text)
    tree = html.fromstring(text)
    assert tree.xpath("//time | //meta[contains(@property, '_time')]") == []
    assert shown in tree.text_content()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("lang", "box"), [("fi", "Vain tilaajille"), ("sv", "För prenumeranter")])
def test_a_paywalled_page_shows_title_lead_and_the_box(layout: Layout, lang: str, box: str) -> None:
    outlet = replace(OUTLET, page=layout, lang=lang)
    text = page(replace(ARTICLE, paywall=True), outlet)
    assert json_ld(text)["isAccessibleForFree"] is False
    assert box in text
    assert "Johdanto" in html.fromstring(text).text_content()
    assert "Toinen kappale" not in text
    assert box not in page(outlet=outlet)


def test_latin1_pages_say_so() -> None:
    assert '<meta charset="iso-8859-1">' in page(outlet=replace(OUTLET, behaviour="latin1"))


@pytest.mark.parametrize("lang", ["fi", "sv"])
def test_every_page_says_that_it_is_invented(lang: Literal["fi", "sv"]) -> None:
    outlet = replace(OUTLET, lang=lang)
    pages = [page(outlet=replace(outlet, page=layout)) for layout in LAYOUTS]
    pages += [front_page(outlet, 80, []), missing_page(outlet, 80)]
    pages += [index_page([], PUBLISHED)]
    assert all(INVENTED in text for text in pages)


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["fi"].keys() == WORDS["sv"].keys()
    same = {k for k in WORDS["fi"] if WORDS["fi"][k] == WORDS["sv"][k]}
    assert same == {"invented"}


def test_the_front_page_leads_to_articles_and_to_the_feed() -> None:
    links = [Link("Yksi <b>", "/a.html", "Ingressi"), Link("Tiedote", "", "")]
    tree = html.fromstring(front_page(OUTLET, 80, links))
    teasers = tree.xpath('//ul[@class="teasers"]/li')
    assert [t.xpath("string(a)") for t in teasers] == ["Yksi <b>", ""]
    assert teasers[0].xpath("a/@href") == ["/a.html"]
    assert "Tiedote" in teasers[1].text_content()
    assert tree.xpath('//link[@rel="alternate"]/@href') == ["http://lehti.localhost:80/feed.xml"]
    assert tree.xpath('//link[@rel="alternate"]/@type') == ["application/rss+xml"]


def test_the_index_lists_outlets_with_their_feeds() -> None:
    row = IndexRow(OUTLET, "http://lehti.localhost:80/", "http://lehti.localhost:80/feed.xml", 12)
    text = index_page([row], PUBLISHED)
    assert "2026-10-12 06:30" in text
    cells = [td.text_content() for td in html.fromstring(text).xpath("//tbody/tr/td")]
    assert cells == ["Lehti & Co", "fi", row.feed, "plain", "12"]
