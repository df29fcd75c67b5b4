"""The PDF, read back: tags, language, title, bookmarks, alternative texts, header cells."""

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import typst
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from monitor.summary import fonts
from monitor.summary.document import Document, Heading, Paragraph, Run
from monitor.summary.pdf import render_pages, render_pdf
from tests.unit.summary_document import WORDS, document, grid


def read(made: Document) -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(made)))


def tags(reader: PdfReader) -> list[DictionaryObject]:
    """Every element of the structure tree, in reading order."""

    def walk(node: Any) -> Iterator[DictionaryObject]:
        node = node.get_object()
        if isinstance(node, ArrayObject):
            for child in node:
                yield from walk(child)
        elif isinstance(node, DictionaryObject):
            if "/S" in node:
                yield node
            if "/K" in node:
                yield from walk(node["/K"])

    return list(walk(reader.trailer["/Root"]["/StructTreeRoot"]))


def words(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_it_says_its_language_and_title_and_that_it_is_tagged(language: str) -> None:
    reader = read(document(language))
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == f"{language}-FI"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == WORDS[language]["title"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()


def test_bookmarks_are_the_sections() -> None:
    flat = [item for item in read(document("fi")).outline if not isinstance(item, list)]
    titles = [item.title for item in flat]
    assert titles[:3] == ["Koko maan tilanne", "Alueet", "Viikon tapahtumat"]
    assert "Lähteet" in titles


def test_pictures_have_words_and_tables_have_header_cells() -> None:
    found = tags(read(document("fi")))
    figures = [t for t in found if t["/S"] == "/Figure"]
    assert [t["/Alt"] for t in figures] == [grid("fi").alternative]
    assert len([t for t in found if t["/S"] == "/Table"]) == 2  # the matrix and the figure's data
    assert len([t for t in found if t["/S"] == "/TH"]) == 6 + 2
    assert {"/Title", "/H1", "/H2", "/L", "/LI", "/Link", "/Caption"} <= {t["/S"] for t in found}


def test_a_foreign_headline_says_its_language() -> None:
    languages = {str(t["/Lang"])[:2] for t in tags(read(document("fi"))) if "/Lang" in t}
    assert "sv" in languages


def test_hostile_text_is_neither_markup_nor_the_end_of_the_file() -> None:
    text = words(read(document("fi")))
    assert '<script>alert("1")</script> #image("x") $x$ *b* =1+1' in text
    assert fonts.STAND_IN in text  # in place of the emoji
    links = [
        a.get_object()["/A"].get("/URI", "")
        for page in read(document("fi")).pages
        for a in page.get("/Annots", [])
        if "/A" in a.get_object()
    ]
    assert "https://lehti.example/a?x=1&y=2" in links
    assert not any("javascript" in link for link in links)


@pytest.mark.parametrize(
    "odd", ["漢字", "\u0627\u0644", "a\u200db\ufe0f", "\U0001f468\u200d", "\u2028"]
)
def test_no_headline_costs_the_file(odd: str) -> None:
    made = document("fi")
    read_back = read(replace(made, title=odd, blocks=(Paragraph((Run(odd, "sv", strong=True),)),)))
    assert read_back.pages
    assert "/StructTreeRoot" in read_back.root_object


def test_a_skipped_heading_level_is_refused() -> None:
    made = document("fi")
    with pytest.raises(typst.TypstError):
        render_pdf(replace(made, blocks=(Heading(2, "a", "a"), Heading(4, "b", "b"))))


def test_same_document_same_bytes() -> None:
    assert render_pdf(document("sv")) == render_pdf(document("sv"))


def test_pages_can_be_looked_at() -> None:
    pages = render_pages(document("fi"), ppi=20)
    assert len(pages) == len(read(document("fi")).pages)
    assert all(page.startswith(b"\x89PNG") for page in pages)


def test_only_the_typeface_of_the_package_is_used() -> None:
    reader = PdfReader(io.BytesIO(render_pdf(document("sv"))))
    resources = [page["/Resources"].get("/Font", {}) for page in reader.pages]
    used = {str(font.get_object()["/BaseFont"]) for held in resources for font in held.values()}
    assert used
    assert all("SourceSansPro" in name for name in used)
