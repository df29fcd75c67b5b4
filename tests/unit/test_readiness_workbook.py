"""Workbooks as officials and strangers make them: what each kind of cell, sheet and damage becomes."""

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from classifiers.reference import Reference
from monitor.readiness import workbook
from monitor.readiness.importers import Batch, Known, guess_kind, known_names
from monitor.readiness.indicators import load_indicators
from monitor.readiness.template_book import explained, template_book
from monitor.readiness.templates import KINDS, template
from monitor.readiness.workbook import Sheets, read_sheets
from monitor.values import Mistake
from tests.unit.readiness_file import read_file

HEADER = ("alue", "ryhmä", "päivä", "rooli", "arvio", "huomio")
ROW = ("Pirkanmaa", "ICT-muutos", date(2026, 10, 5), "muutosjohtaja", 4, "Hyvin etenee.")
SWEDISH = ("område", "grupp", "dag", "roll", "bedömning", "anteckning")
INDICATOR = ("mittari", "alue", "jakso", "arvo")


@pytest.fixture(scope="module")
def known(reference: Reference) -> Known:
    return known_names(reference, load_indicators())


def _midnight(*day: int) -> datetime:
    return datetime.combine(date(*day), time())  # a workbook knows no zones


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _book(*rows: Sequence[Any], change: Callable[[Any], None] = lambda sheet: None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Tiedot"
    for row in rows:
        sheet.append(row)
    change(sheet)
    return _saved(book)


def _taken(kind: str, data: bytes, known: Known) -> Batch:
    found = read_file(kind, "t.xlsx", data, known)
    assert isinstance(found, Batch), found
    return found


def _told(kind: str, data: bytes, known: Known) -> str:
    found = read_file(kind, "t.xlsx", data, known)
    assert not isinstance(found, Batch)
    return "\n".join(map(str, found))


def _format(place: str, number_format: str) -> Callable[[Any], None]:
    def change(sheet: Any) -> None:
        sheet[place].number_format = number_format

    return change


# --- what is taken -------------------------------------------------------------------------------


def test_a_workbook_says_the_same_as_the_csv_file(known: Known) -> None:
    text = "alue;ryhmä;päivä;rooli;arvio;huomio\nPirkanmaa;ICT-muutos;5.10.2026;muutosjohtaja;4;Hyvin etenee.\n"
    csv = read_file("interview", "t.csv", text.encode(), known)
    assert _taken("interview", _book(HEADER, ROW), known) == csv


def test_every_visible_sheet_is_read_with_its_own_header(known: Known) -> None:
    book = load_workbook(io.BytesIO(_book(["# luonnos"], HEADER, ROW)))
    other = book.create_sheet("Österbotten")
    other.append(SWEDISH)
    other.append(["Österbotten", "alla", "5.10.2026", "förändringsdirektör", "3", ""])
    book.create_sheet("Tyhjä")
    people = book.create_sheet("# Muistiinpanoja")
    people.append(["mitä", "tahansa"])
    batch = _taken("interview", _saved(book), known)
    assert [(r.region, r.value) for r in batch.readings] == [("08", 4), ("17", 3)]
    assert (batch.rows, batch.notes) == (2, ())


def test_a_hidden_sheet_is_not_read_and_that_is_said(known: Known) -> None:
    book = load_workbook(io.BytesIO(_book(HEADER, ROW)))
    hidden = book.create_sheet("Vanha")
    hidden.append(HEADER)
    hidden.append(["Kainuu", *ROW[1:]])
    hidden.sheet_state = "veryHidden"
    batch = _taken("interview", _saved(book), known)
    assert [r.region for r in batch.readings] == ["08"]
    assert batch.notes == ("sheet 'Vanha' is hidden and was not read",)


def test_the_same_row_on_two_sheets_is_told(known: Known) -> None:
    book = load_workbook(io.BytesIO(_book(HEADER, ROW)))
    book.copy_worksheet(book.worksheets[0]).title = "Kopio"
    told = _told("interview", _saved(book), known)
    assert "t.xlsx:2: sheet 'Kopio'" in told
    assert "sheet 'Tiedot' row 2 says the same" in told


@pytest.mark.parametrize(
    ("value", "number_format", "read"),
    [
        (85, "General", 85),
        (0.855, "0.0 %", 85.5),
        (0.07, "0%", 7),
        (85, '0" %"', 85),  # the sign is only written beside it
        ("85,5", "@", 85.5),  # a number as text
        ("85,5 %", "General", 85.5),
        (85.10000000000001, "General", 85.1),
    ],
)
def test_numbers_and_percent_cells(
    known: Known, value: object, number_format: str, read: float
) -> None:
    row = ("rescue-within-target-time", 8, 2025, value)
    data = _book(INDICATOR, row, change=_format("D2", number_format))
    assert _taken("indicator", data, known).readings[0].value == read


@pytest.mark.parametrize(
    ("value", "number_format", "first", "last"),
    [
        (_midnight(2026, 10, 1), "mmm-yy", date(2026, 10, 1), date(2026, 10, 31)),
        (_midnight(2026, 10, 1), "[$-40B]mmmm yyyy", date(2026, 10, 1), date(2026, 10, 31)),
        (_midnight(2026, 1, 1), "yyyy", date(2026, 1, 1), date(2026, 12, 31)),
        (_midnight(2026, 10, 1), "d.m.yyyy", date(2026, 10, 1), date(2026, 10, 1)),
        (2026, "General", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026Q3", "@", date(2026, 7, 1), date(2026, 9, 30)),
    ],
)
def test_a_period_is_what_its_cell_shows(
    known: Known, value: object, number_format: str, first: date, last: date
) -> None:
    row = ("rescue-within-target-time", "08", value, 85)
    data = _book(INDICATOR, row, change=_format("C2", number_format))
    (reading,) = _taken("indicator", data, known).readings
    assert (reading.period_start, reading.period_end) == (first, last)


def test_boolean_cells_are_yes_and_no(known: Known) -> None:
    columns = [c.id for c in KINDS["roadmap"] if c.required]
    day = date(2026, 11, 10)
    rows = [(day, "08", "ict_muutos", "a", "b", f"c{n}", n == 1, 1, day) for n in (1, 2)]
    batch = _taken("roadmap", _book(columns, *rows), known)
    assert [t.critical for t in batch.tasks] == [True, False]


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "value", "number_format", "told"),
    [
        ("C2", 46300, "General", "t.xlsx:2: sheet 'Tiedot', column C 'päivä': '46300'; expected a date and not a number"),
        ("C2", datetime.combine(date(2026, 10, 5), time(13, 30)), "d.m.yyyy h:mm", "expected a date"),
        ("C2", _midnight(2026, 10, 1), "mmm-yy", "'2026-10'; expected a date"),
        ("E2", "=2+2", "General", "column E 'arvio': '=2+2'; expected a value; the file holds a formula"),
        ("E2", "#N/A", "General", "not an error of a formula"),
        ("A2", "#REF!", "General", "column A 'alue'"),
        ("E2", True, "General", "'TRUE'; expected a rating from 1 to 5"),
        ("E2", 0.8, "0 %", "'80 %'; expected a rating"),
        ("E2", 1e300, "General", "a rating from 1 to 5"),
        ("H2", "ylimääräinen", "General", "column H ''"),
        ("A1", "aluee", "General", "column A 'aluee'"),
    ],
)  # fmt: skip
def test_a_mistake_names_sheet_row_column_and_what_to_do(
    known: Known, place: str, value: object, number_format: str, told: str
) -> None:
    def change(sheet: Any) -> None:
        sheet[place] = value
        sheet[place].number_format = number_format

    assert told in _told("interview", _book(HEADER, ROW, change=change), known)


@pytest.mark.parametrize("span", ["A1:B1", "A2:A3"])
def test_merged_cells_of_the_table_are_refused(known: Known, span: str) -> None:
    data = _book(HEADER, ROW, change=lambda sheet: sheet.merge_cells(span))
    assert f"sheet 'Tiedot': cells {span} are merged" in _told("interview", data, known)


def test_a_merged_title_above_the_table_does_no_harm(known: Known) -> None:
    data = _book(["# Haastattelut"], HEADER, ROW, change=lambda sheet: sheet.merge_cells("A1:F1"))
    assert _taken("interview", data, known).rows == 1


def test_what_stands_in_a_comment_merges_nothing(known: Known) -> None:
    # searched in one pass, not in one for each
    table = b"<!--" + b"<mergeCell " * 200_000 + b"--><sheetData>"
    data = _repacked(_book(HEADER, ROW), SHEET, lambda xml: xml.replace(b"<sheetData>", table))
    assert _taken("interview", data, known).rows == 1


def test_old_protected_and_foreign_files_are_sentences(known: Known) -> None:
    assert "under a password" in _told("interview", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", known)
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert "no Excel workbook" in _told("interview", other.getvalue(), known)
    assert "damaged" in _told("interview", _book(HEADER, ROW)[:-60], known)


def _repacked(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_zip_bomb_is_not_unpacked(known: Known) -> None:
    bomb = _repacked(
        _book(HEADER, ROW), SHEET, lambda xml: xml + b" " * (workbook.MAX_UNPACKED + 1)
    )
    assert len(bomb) < 200_000
    assert "too large" in _told("interview", bomb, known)


def test_entities_are_not_expanded(known: Known) -> None:
    laughs = b"".join(
        b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"ha" * 10) for n in range(9)
    )
    data = _repacked(
        _book(HEADER, ROW), SHEET,
        lambda xml: b"<!DOCTYPE x [" + laughs + b"]>" + xml.replace(b"<v>4</v>", b"<v>&l8;</v>"),
    )  # fmt: skip
    assert "damaged" in _told("interview", data, known)


@pytest.mark.parametrize("place", ["A900000000", "ZZZ9", "A99999999999999999999"])
def test_a_cell_far_away_ends_soon(known: Known, place: str) -> None:
    row = f'<row r="{place.lstrip("AZ")}"><c r="{place}"><v>1</v></c></row></sheetData>'.encode()
    data = _repacked(_book(HEADER, ROW), SHEET, lambda xml: xml.replace(b"</sheetData>", row))
    assert "too m" in _told("interview", data, known)


@given(st.integers(0, 6000), st.integers(0, 255))
def test_no_damage_raises(place: int, value: int) -> None:
    data = bytearray(WHOLE)
    data[place % len(data)] = value
    assert isinstance(read_sheets("t.xlsx", bytes(data)), Sheets | Mistake)


WHOLE = _book(HEADER, ROW)


# --- templates -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_template_filled_in_with_its_own_examples_is_taken(
    reference: Reference, known: Known, kind: str, language: str
) -> None:
    book = load_workbook(io.BytesIO(template_book(kind, language, reference, load_indicators())))
    empty = read_file(kind, "t.xlsx", _saved(book), known)
    assert isinstance(empty, tuple)
    assert "has no rows" in empty[0].problem
    examples = [explained(kind, column, language).example for column in KINDS[kind]]
    book[kind].append(examples)
    batch = _taken(kind, _saved(book), known)
    assert len(batch.data) >= 1
    assert batch.source
    found = read_sheets("t.xlsx", _saved(book))
    assert isinstance(found, Sheets)
    assert guess_kind("nimetön.xlsx", found) == kind


def test_a_template_explains_in_both_languages_and_offers_lists(reference: Reference) -> None:
    book = load_workbook(io.BytesIO(template_book("roadmap", "sv", reference, load_indicators())))
    assert book.sheetnames == ["roadmap", "# Ohje – Anvisning", "# Luettelot – Listor"]
    said = {str(c.value) for row in book["# Ohje – Anvisning"] for c in row if c.value}
    assert {
        "Merkitys",
        "Betydelse",
        "osatehtävä",
        "deluppgift",
        "käyttäjäroolit määritelty",
    } <= said
    rules = {str(v.sqref): v for v in book["roadmap"].data_validations.dataValidation}
    assert rules["B2:B5000"].formula1 == "'# Luettelot – Listor'!$B$2:$B$24"
    lists = book["# Luettelot – Listor"]
    assert [lists.cell(row, 2).value for row in (2, 24)] == ["Östra Nyland", "HUS"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_of_a_csv_file_is_told_by_its_headings_or_its_name(kind: str) -> None:
    text = template(kind, "sv") + "x;y\n"
    found = read_sheets("nimetön.csv", text.encode())
    assert isinstance(found, Sheets)
    assert guess_kind("nimetön.csv", found) == kind
    wrong = Sheets(())
    assert guess_kind(f"{kind}-2026-11.csv", wrong) == kind
    unknown = guess_kind("raportti.csv", wrong)
    assert isinstance(unknown, Mistake)
    assert kind in unknown.expected
    empty = read_sheets("tyhjä.csv", b"")
    assert isinstance(empty, Sheets)
    assert isinstance(guess_kind("tyhjä.csv", empty), Mistake)
