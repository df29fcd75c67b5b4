"""The weekly summary as a page: complete in three languages, hostile text is text."""

import itertools
import json
import re
from html.parser import HTMLParser

import pytest

from classifiers.reference import Reference
from monitor.summary.build import build
from monitor.summary.render import render_html, render_json
from monitor.summary.values import Source, StoryLine, WeeklySummary
from monitor.values import Alert
from tests.unit.test_summary_build import COUNTS, WEEK, score, story, with_groups

LANGUAGES = ["fi", "sv", "en"]


def hostile() -> StoryLine:
    source = Source(
        outlet="<b>Lehti</b>",
        group="g",
        title='<script>alert("x")</script>',
        url='http://kymiviesti.example/?a=1&b="2"',
        language="sv",
        published=story().sources[0].published,
    )
    return story().model_copy(update={"id": 8, "sources": (source,)})


@pytest.fixture
def summary() -> WeeklySummary:
    scores = with_groups([score("10", 62, rank=1), score("17", 20, rank=2), score("05", None)])
    alert = Alert(WEEK, "10", "finance", 4, 1, 3, "negative binomial", 0.04, {"fdr": 0.1})
    return build(
        WEEK, scores, [score("10", 40)], [story(), hostile()], [alert], COUNTS, sample=True
    )


class Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def outline(page: str) -> Outline:
    parsed = Outline()
    parsed.feed(page)
    return parsed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_stands_alone(summary: WeeklySummary, reference: Reference, language: str) -> None:
    tags = outline(render_html(summary, language, reference)).tags
    assert ("html", {"lang": language}) in tags
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in tags}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "fi",
            ["viikko 46/2026", "Kymenlaakso", "Talous ja rahoitus", "Kokonaisriski", "keksitystä"],
        ),
        (
            "sv",
            [
                "vecka 46/2026",
                "Kymmenedalen",
                "Ekonomi och finansiering",
                "Sammanvägd risk",
                "påhittat",
            ],
        ),
        ("en", ["week 46/2026", "Finance and funding", "Combined risk", "invented"]),
    ],
)
def test_it_is_in_its_language(
    summary: WeeklySummary, reference: Reference, language: str, words: list[str]
) -> None:
    page = render_html(summary, language, reference)
    assert [word for word in words if word not in page] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_headlines_keep_their_own_language(
    summary: WeeklySummary, reference: Reference, language: str
) -> None:
    tags = outline(render_html(summary, language, reference)).tags
    marked = {a.get("lang") for tag, a in tags if tag in {"a", "span"} and "lang" in a}
    assert marked == {"fi", "sv"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_region_has_its_row_and_its_three_numbers(
    summary: WeeklySummary, reference: Reference, language: str
) -> None:
    page = render_html(summary, language, reference)
    table = page[page.index('id="matrix"') : page.index('id="groups"')]
    rows = re.findall(r"<tr>\n<th scope=\"row\">(.*?)</th>(.*?)</tr>", table, re.DOTALL)
    names = [reference.region[line.code].short.get(language) for line in summary.regions]
    assert [name for name, _ in rows] == names
    assert "62 (60–64)" in rows[0][1]
    assert "40 (30–50)" in rows[0][1]  # the readiness gap 0.4 on the scale of 0-100
    assert "50 (40–60)" in rows[0][1]  # media pressure 0.5


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_unknown_is_said_where_the_number_would_stand(
    summary: WeeklySummary, reference: Reference, language: str
) -> None:
    page = render_html(summary, language, reference)
    reason = {"fi": "ei riittävää kuuluvuutta", "sv": "hörbarhet", "en": "not heard well enough"}[
        language
    ]
    last = page[page.index('id="matrix"') : page.index('id="groups"')].rsplit("<tr>", 1)[1]
    assert reason in last


def test_hostile_text_stays_text(summary: WeeklySummary, reference: Reference) -> None:
    page = render_html(summary, "fi", reference)
    assert "<script>" not in page
    assert "&lt;script&gt;alert(" in page
    assert "<b>Lehti" not in page


def test_same_summary_same_bytes(summary: WeeklySummary, reference: Reference) -> None:
    assert render_html(summary, "sv", reference) == render_html(summary, "sv", reference)
    assert json.loads(render_json(summary)) == summary.model_dump(mode="json")


def test_headings_do_not_skip_a_level(summary: WeeklySummary, reference: Reference) -> None:
    tags = outline(render_html(summary, "fi", reference)).tags
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
