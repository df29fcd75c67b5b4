"""The HTML page of a summary: stands alone, says its languages, hostile text is text."""

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from monitor.summary.document import Document, Figure
from monitor.summary.html import render_html
from tests.unit.summary_document import HOSTILE, document, grid


class Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def outline(made: Document) -> Outline:
    parsed = Outline()
    parsed.feed(render_html(made))
    return parsed


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_it_stands_alone_and_says_its_language(language: str) -> None:
    tags = outline(document(language)).tags
    assert ("html", {"lang": language}) in tags
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in tags}


@pytest.mark.parametrize(("language", "other"), [("fi", "sv"), ("sv", "fi")])
def test_a_foreign_headline_says_its_language(language: str, other: str) -> None:
    links = [a for tag, a in outline(document(language)).tags if tag == "a" and "lang" in a]
    assert other in {a["lang"] for a in links}


def test_every_id_is_unique_and_every_inner_link_leads_somewhere() -> None:
    tags = outline(document("fi")).tags
    ids = [a["id"] for _, a in tags if "id" in a]
    assert len(ids) == len(set(ids))
    inner = {h[1:] for t, a in tags if t == "a" and (h := a.get("href") or "").startswith("#")}
    assert "content" in inner
    assert inner <= set(ids)


def test_headings_go_down_one_at_a_time() -> None:
    tags = outline(document("sv")).tags
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


def test_hostile_text_stays_text_and_leads_nowhere() -> None:
    parsed = outline(document("fi"))
    assert "script" not in {tag for tag, _ in parsed.tags}
    assert not any("javascript" in (a.get("href") or "") for _, a in parsed.tags)
    assert HOSTILE.replace("\u202e", "").replace("\x07", "") in parsed.text


def test_a_figure_has_words_and_its_table() -> None:
    parsed = outline(document("fi"))
    assert ("div", {"role": "img", "aria-label": grid("fi").alternative}) in parsed.tags
    folded = parsed.text.partition("Kuvion tiedot taulukkona")[2]
    assert "Alue 4" in folded


@pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>",
        '<a href="https://x.example"><path/></a>',
        '<path onclick="1"/>',
        '<path fill="url(https://x.example/a)"/>',
        "<foreignObject/>",
        "<not closed",
    ],
)
def test_a_chart_that_could_run_or_fetch_is_refused(inside: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>'
    made = document("fi")
    figure: Figure = replace(grid("fi"), svg=svg)
    with pytest.raises(ValueError, match="a chart"):
        render_html(replace(made, blocks=(*made.blocks, figure)))


def test_same_document_same_bytes() -> None:
    assert render_html(document("sv")) == render_html(document("sv"))
