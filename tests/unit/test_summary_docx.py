"""The DOCX: named styles, header rows, alternative texts, languages; LibreOffice reads it whole."""

import io
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import docx
import pytest
from docx.document import Document as Word

from monitor.summary.docx import render_docx
from tests.unit.summary_document import HEADLINES, WORDS, document, grid, matrix

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ODF = {
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
}
OFFICE = shutil.which("soffice")


def word(language: str) -> Word:
    return docx.Document(io.BytesIO(render_docx(document(language))))


def xml(language: str) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(render_docx(document(language)))) as archive:
        return ElementTree.fromstring(archive.read("word/document.xml"))


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_it_says_its_language_and_title(language: str) -> None:
    made = word(language)
    assert made.core_properties.title == WORDS[language]["title"]
    assert made.core_properties.language == f"{language}-FI"
    default = made.styles.element.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    assert default.get(f"{W}val") == f"{language}-FI"


def test_headings_are_heading_styles() -> None:
    found = [(p.style.name, p.text) for p in word("fi").paragraphs if p.style is not None]
    assert found[0] == ("Title", WORDS["fi"]["title"])
    assert ("Heading 1", "Viikon tapahtumat") in found
    assert ("Heading 2", "Kymenlaakso") in found


def test_a_table_has_a_header_row_that_repeats_and_all_its_cells() -> None:
    table = word("sv").tables[0]
    assert [c.text for c in table.rows[0].cells] == list(matrix("sv").columns)
    assert table.rows[0]._tr.find(f"{W}trPr/{W}tblHeader") is not None
    assert all(row._tr.find(f"{W}trPr/{W}tblHeader") is None for row in table.rows[1:])
    shown = [[c.text for c in row.cells] for row in table.rows[1:]]
    assert shown == [["".join(r.text for r in c.runs) for c in row] for row in matrix("sv").rows]


def test_a_picture_has_words() -> None:
    pictures = [e for e in xml("fi").iter() if e.tag.endswith("}docPr")]
    assert [e.get("descr") for e in pictures] == [grid("fi").alternative]


def test_a_foreign_headline_says_its_language_and_leads_to_its_article() -> None:
    made = word("fi")
    links = {link.text: link for p in made.paragraphs for link in p.hyperlinks}
    swedish = links[HEADLINES["sv"].text]
    assert swedish.address == HEADLINES["sv"].href
    assert swedish.runs[0]._r.find(f"{W}rPr/{W}lang").get(f"{W}val") == "sv-FI"
    assert not any("javascript" in link.address for link in links.values())


def test_every_inner_link_has_its_place() -> None:
    root = xml("fi")
    places = {e.get(f"{W}name") for e in root.iter(f"{W}bookmarkStart")}
    links = {e.get(f"{W}anchor") for e in root.iter(f"{W}hyperlink")} - {None}
    assert links
    assert links <= places


def test_same_document_same_bytes() -> None:
    made = render_docx(document("sv"))
    assert made == render_docx(document("sv"))
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {info.date_time[0] for info in archive.infolist()} == {1980}


@pytest.mark.slow
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_keeps_headings_tables_and_words_of_pictures(tmp_path: Path) -> None:
    source = tmp_path / "a.docx"
    source.write_bytes(render_docx(document("fi")))
    assert OFFICE is not None
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [OFFICE, "--headless", profile, "--convert-to", "fodt", "--outdir", tmp_path, source],
        check=True,
        capture_output=True,
        timeout=120,
    )
    root = ElementTree.parse(tmp_path / "a.fodt").getroot()
    headings = ["".join(h.itertext()) for h in root.iterfind(".//text:h", ODF)]
    assert headings[:3] == ["Koko maan tilanne", "Alueet", "Viikon tapahtumat"]
    tables = root.findall(".//table:table", ODF)
    assert len(tables) == 2
    assert len(tables[0].findall(".//table:table-header-rows", ODF)) == 1
    assert len(tables[0].findall(".//table:table-row", ODF)) == 24
    described = ["".join(e.itertext()) for e in root.iterfind(".//svg:desc", ODF)]
    assert grid("fi").alternative in described
