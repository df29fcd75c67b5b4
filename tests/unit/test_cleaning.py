"""Cleaning of text from outside: what no store takes is gone, hostile markup is read in full."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.tokens import tokenize
from monitor.feeds.plain import html_text
from monitor.tagging.tag import LONGEST_TEXT, LONGEST_TITLE, text_of
from monitor.text import one_line, paragraphs, storable
from monitor.values import Article
from tests.conftest import NOW


@given(st.text())
def test_what_is_left_can_be_stored_and_cleaning_again_changes_nothing(text: str) -> None:
    for clean in (storable, one_line, paragraphs, html_text):
        found = clean(text)
        found.encode("utf-8")
        assert "\x00" not in found
    assert storable(storable(text)) == storable(text)
    assert one_line(one_line(text)) == one_line(text)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("Jono kasvoi &amp; venyi", "Jono kasvoi & venyi"),
        ("<p>Yksi</p><p>Kaksi <b>lihavoitu</b> sana</p>", "Yksi\n\nKaksi lihavoitu sana"),
        ("Väntetiden<br>växte<br/>igen", "Väntetiden\n\nväxte\n\nigen"),
        ("ennen<script>paha()</script>jälkeen", "ennenjälkeen"),
        ("ennen<!-- piilossa -->jälkeen", "ennenjälkeen"),
        ("<ul><li>ett</li><li>två</li></ul>", "ett\n\ntvå"),
        ("<style>p {}</style><div>kvar</div>", "kvar"),
        ("2 &lt; 3", "2 < 3"),
        ("", ""),
    ],
)
def test_markup_becomes_paragraphs(markup: str, expected: str) -> None:
    assert html_text(markup) == expected


@pytest.mark.parametrize("piece", ["<a ", "<!--", "<![CDATA[", "<div>", "&#", "</", "<p>a"])
def test_a_flood_of_broken_markup_is_read_to_its_end(piece: str) -> None:
    assert isinstance(html_text("alku " + piece * 40_000), str)


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_a_long_run_without_blanks_is_cut_into_tokens_that_keep_their_places(language: str) -> None:
    text = "sana " + "😀" * 3_000 + " ord"
    found = tokenize(text, language)
    assert all(text[at : at + len(token)] == token for token, at in found)
    assert found[0] == ("sana", 0)
    assert found[-1] == ("ord", len(text) - 3)


def test_an_endless_article_is_tagged_by_its_beginning() -> None:
    article = Article(
        id=1,
        address="http://lehti.example/1",
        feed_id="lehti",
        publisher_group="lehti",
        feed_home=(),
        title="o" * 10_000,
        text="sana " * 100_000,
        language="fi",
        language_confidence=1.0,
        completeness="full",
        text_source="page",
        published=NOW,
        published_source="feed",
        first_seen=NOW,
        content_hash="v1:x",
        revision=1,
    )
    text = text_of(article)
    assert (len(text.title), len(text.text)) == (LONGEST_TITLE, LONGEST_TEXT)
