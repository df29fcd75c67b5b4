"""The search page and the page of one article."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db import search
from monitor.db.engine import reading, transaction
from monitor.db.tables import ArticleRow, RevisionRow
from monitor.search.fill import index_due
from monitor.settings import load_settings
from tests.web.conftest import TestClient
from tests.web.seed import HOSTILE, NOW, TROUBLED


@pytest.fixture(scope="module")
def indexed(seeded: Engine, reference: Reference) -> Engine:
    """The seeded store with its articles in the index; the newest of the troubled region was revised."""
    app = App(load_settings({}), ManualClock(NOW), seeded, reference)
    with transaction(seeded) as session:
        search.enter_missing(session)
        row = session.get_one(ArticleRow, troubled(seeded))
        old = f"Hallitus. {row.text}"
        for number, text in ((1, old), (2, row.text)):
            at = row.published + timedelta(hours=number)
            session.add(
                RevisionRow(
                    article_id=row.id or 0, number=number, at=at, title=row.title, text=text,
                    content_hash=row.content_hash if number == 2 else "v1:old",
                )
            )  # fmt: skip
        row.revision = 2
    while index_due(app):
        pass
    return seeded


def troubled(engine: Engine) -> int:
    """An article whose text is hostile."""
    with reading(engine) as session:
        query = select(ArticleRow.id).where(col(ArticleRow.text).contains(HOSTILE))
        return session.exec(query.order_by(col(ArticleRow.id).desc())).first() or 0


def test_the_newest_articles_stand_there_before_a_search(
    visitor: TestClient, indexed: Engine
) -> None:
    page = visitor.get("/articles?lang=sv").text
    assert page.count("<h3>") == 20
    assert "Nyaste artiklarna" in page
    following = re.search(r'href="([^"]+)" rel="next"', page)
    assert following
    second = visitor.get(following[1].replace("&amp;", "&")).text
    assert not set(re.findall(r"/articles/\d+", page)) & set(re.findall(r"/articles/\d+", second))


def test_a_search_finds_inflected_forms_and_marks_them(
    visitor: TestClient, indexed: Engine
) -> None:
    page = visitor.get("/articles", params={"q": "irtisanominen", "lang": "fi"}).text
    assert '<mark class="ev ev-hit">irtisanomisia</mark>' in page
    page = visitor.get("/articles", params={"q": "uppsägning", "lang": "sv"}).text
    assert '<mark class="ev ev-hit">uppsägningar</mark>' in page


def test_lists_narrow_a_search(visitor: TestClient, indexed: Engine) -> None:
    page = visitor.get("/articles", params={"region": TROUBLED, "lang": "en"}).text
    assert page.count("<h3>") == 20
    none = visitor.get(
        "/articles", params={"decided": "yes", "region": TROUBLED, "lang": "en"}
    ).text
    assert "Nothing was found" in none
    assert f'<option value="{TROUBLED}" selected>' in none


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize(
    "query", ['"auki', "foo:bar", "-yksin", "ab*", "from:eilen x", "region:Narnia"]
)
def test_a_query_that_cannot_be_read_gets_a_sentence(
    visitor: TestClient, query: str, language: str
) -> None:
    answer = visitor.get("/articles", params={"q": query, "lang": language})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_no_text_of_others_becomes_markup(visitor: TestClient, indexed: Engine) -> None:
    number = troubled(indexed)
    for answer in (
        visitor.get(f"/articles/{number}"),
        visitor.get("/articles", params={"q": "script alert"}),
        visitor.get("/articles", params={"q": '<b onclick="x">'}),
    ):
        assert "<script>alert" not in answer.text
        assert "<b onclick" not in answer.text


def test_an_article_with_what_is_known_of_it(visitor: TestClient, indexed: Engine) -> None:
    page = visitor.get(f"/articles/{troubled(indexed)}?lang=fi").text
    assert "Pohjois-Pohjanmaa" in page
    assert "<del>Hallitus" in page
    assert "malli v1-" in page
    assert "/queue/why?article=" in page


def test_articles_that_are_not_there(visitor: TestClient) -> None:
    for number in ("999999", "99999999999999999999"):
        assert visitor.get(f"/articles/{number}").status_code == 404


def test_an_empty_store_says_so(empty_visitor: TestClient) -> None:
    assert "Mitään ei löytynyt" in empty_visitor.get("/articles?lang=fi").text
