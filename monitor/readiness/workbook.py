"""From a file's bytes to its sheets: CSV is one sheet, an XLSX workbook is all that people see of it.

Boxes openpyxl. A workbook is hostile until read: its unpacked size, sheets, rows and columns are bounded,
no formula is computed and no link is followed. What a cell shows is turned into the text a CSV file would
hold, so that both kinds of file are read by the same rules; a cell that cannot be told is a fault with its
reason, never an empty cell. Does not know what the columns mean.
"""

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from itertools import zip_longest
from typing import Any
from zipfile import BadZipFile, ZipFile

from monitor.readiness.cells import COMMENT, MAX_ROWS, Row, Wrong, read_rows
from monitor.values import Mistake

MAX_UNPACKED = 50_000_000  # bytes of all parts together
MAX_PARTS = 1000
MAX_SHEETS = 60
MAX_COLUMNS = 256  # that hold something
MAX_CELLS = 5_000_000  # of a sheet, empty ones too: a cell far to the right fills its row

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"  # an old .xls, or a workbook under a password
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]*?ref=\"([A-Z]+\d+:[A-Z]+(\d+))\"")
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
_NOT_A_PART = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')  # quoted text and locale marks of a format


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file."""

    name: str  # "" for CSV
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sheets:
    """The tables of a file, and what was passed over."""

    sheets: tuple[Sheet, ...]  # those that hold something
    hidden: tuple[str, ...] = ()  # names of hidden sheets: nobody sees them, so they are not read


@dataclass(frozen=True, slots=True)
class _Unreadable(Exception):
    """What keeps a workbook from being read."""

    problem: str
    expected: str
    remedy: str
    sheet: str = ""
    row: int = 1


def read_sheets(file: str, data: bytes) -> Sheets | Mistake:
    """The tables of a CSV or XLSX file, told apart by their first bytes. Never raises.

    Sheets whose name begins with # are for people and passed over, as such rows are.
    """
    if data.startswith(_OLE):
        problem = "an old .xls workbook, or one under a password"
        remedy = "save it as .xlsx without a password, or as 'CSV UTF-8'"
        return Mistake(file, 1, "", problem, "a workbook .xlsx or a CSV file", remedy)
    if not data.startswith(_ZIP):
        rows = read_rows(file, data)
        return rows if isinstance(rows, Mistake) else Sheets((Sheet("", rows),))
    try:
        return _workbook(data)
    except _Unreadable as error:
        where = f"sheet '{error.sheet}': " if error.sheet else ""
        problem = where + error.problem
        return Mistake(file, error.row, "", problem, error.expected, error.remedy)
    except Exception as error:  # openpyxl raises many kinds for a damaged file, none its own
        problem = f"the workbook is damaged ({type(error).__name__})"
        remedy = "open it in the spreadsheet program and save it anew as .xlsx"
        return Mistake(file, 1, "", problem, "a workbook .xlsx", remedy)


def _workbook(data: bytes) -> Sheets:
    archive = _archive(data)
    from openpyxl import load_workbook  # heavy, and only where a workbook is read

    with warnings.catch_warnings():
        # what openpyxl passes over (extensions, drawings) holds no cells
        warnings.simplefilter("ignore")
        options: Mapping[str, bool] = {"read_only": True, "keep_links": False}
        shown = load_workbook(BytesIO(data), data_only=True, **options)
        written = load_workbook(BytesIO(data), data_only=False, **options)
        if len(shown.worksheets) > MAX_SHEETS:
            raise _Unreadable("too many sheets", f"at most {MAX_SHEETS}", "split the workbook")
        sheets, hidden = [], []
        for ws, formulas in zip(shown.worksheets, written.worksheets, strict=True):
            ws.title = "".join(c if c.isprintable() else "�" for c in ws.title)
            if ws.title.startswith(COMMENT):
                continue
            rows = _rows(ws, formulas, archive.read(ws._worksheet_path))
            if rows and ws.sheet_state != "visible":
                hidden.append(ws.title)
            elif rows:
                sheets.append(Sheet(ws.title, rows))
    return Sheets(tuple(sheets), tuple(hidden))


def _archive(data: bytes) -> ZipFile:
    """The packed parts; refuses what would not fit when unpacked, before anything is."""
    try:
        archive = ZipFile(BytesIO(data))
    except BadZipFile:
        raise _Unreadable(
            "the workbook is damaged", "a workbook .xlsx", "save or send it again"
        ) from None
    parts = archive.infolist()
    if sum(p.file_size for p in parts) > MAX_UNPACKED or len(parts) > MAX_PARTS:
        expected = f"at most {MAX_UNPACKED // 1_000_000} MB when unpacked"
        raise _Unreadable("the workbook is too large", expected, "split it by region or by year")
    if "[Content_Types].xml" not in archive.namelist():
        raise _Unreadable(
            "no Excel workbook", "a workbook .xlsx or a CSV file", "save it as .xlsx or 'CSV UTF-8'"
        )
    return archive


# --- rows ----------------------------------------------------------------------------------------


def _rows(ws: Any, formulas: Any, xml: bytes) -> tuple[Row, ...]:
    if xml.startswith(_UTF16):  # never written by a spreadsheet program; formulas would be missed
        raise _Unreadable("an unusual encoding", "UTF-8", "save the workbook anew", ws.title)
    ws.reset_dimensions()  # what the file says of its size need not be so
    formulas.reset_dimensions()
    with_formulas = formulas.iter_rows() if _FORMULA.search(xml) else ()
    found = []
    seen = 0
    for number, (cells, sources) in enumerate(zip_longest(ws.iter_rows(), with_formulas), 1):
        seen += len(cells or ())
        if number > MAX_ROWS or seen > MAX_CELLS:
            expected = f"at most {MAX_ROWS} rows and {MAX_CELLS} cells"
            raise _Unreadable("too much in one sheet", expected, "split it", ws.title, number)
        row = _row(number, cells or (), sources or (), ws.title)
        if any(row.cells) and not (row.cells[0].startswith(COMMENT) and 0 not in row.faults):
            found.append(row)
    _refuse_merged(xml, found, ws.title)
    return tuple(found)


def _row(number: int, cells: Sequence[Any], sources: Sequence[Any], sheet: str) -> Row:
    texts: list[str] = []
    faults: dict[int, Wrong] = {}
    for position, (cell, source) in enumerate(zip_longest(cells, sources)):
        text, fault = _cell(cell, source)
        if fault:
            faults[position] = fault
        texts.append(text)
        if text and position >= MAX_COLUMNS:
            expected = f"at most {MAX_COLUMNS} columns"
            raise _Unreadable("too many columns", expected, "split the table", sheet, number)
    while texts and not texts[-1]:
        texts.pop()
    return Row(number, tuple(texts), faults)


def _refuse_merged(xml: bytes, rows: Iterable[Row], sheet: str) -> None:
    """Merged cells leave all but the first empty; harmless above the table, where people write."""
    first = min((row.number for row in rows), default=0)
    for span, last in _MERGED.findall(xml):
        if first and int(last) >= first:
            raise _Unreadable(
                f"cells {span.decode()} are merged",
                "each cell by itself, in the header too",
                "unmerge them and fill in each cell",
                sheet,
                int(last),
            )


# --- cells ---------------------------------------------------------------------------------------


def _cell(cell: Any, source: Any) -> tuple[str, Wrong | None]:
    """What a cell shows as text, and what is wrong with it. `source` is the cell with its formula."""
    value = getattr(cell, "value", None)
    if value is None:
        if getattr(source, "data_type", "") != "f":
            return "", None
        expected = "a value; the file holds a formula and not what it gives"
        remedy = "open and save it in the spreadsheet program, or paste the values"
        return str(getattr(source, "value", "="))[:100], Wrong(expected, remedy)
    if cell.data_type == "e":
        wrong = Wrong("a value and not an error of a formula", "correct the formula or the value")
        return str(value), wrong
    return _text(value, cell), None


def _text(value: object, cell: Any) -> str:
    match value:
        case bool():
            return str(value).upper()
        case int() | float():
            return _percent(value) if "%" in _format(cell) else _plain(value)
        case datetime():
            return _day(value, _format(cell))
        case date():
            return value.isoformat()
        case _:  # text; a time or a span of time becomes one, which no column takes
            return str(value).strip()


def _plain(value: float) -> str:
    """Without exponent, to the fifteen digits a spreadsheet keeps."""
    return str(value) if isinstance(value, int) else format(Decimal(f"{value:.15g}"), "f")


def _percent(value: float) -> str:
    """As it is shown: 0.85 in a cell of percent is 85 %."""
    return f"{_plain(float(f'{value * 100:.12g}'))} %"


def _format(cell: Any) -> str:
    """The cell's number format without what is only written beside the number."""
    return _NOT_A_PART.sub("", cell.number_format).lower()


def _day(value: datetime, shown: str) -> str:
    """The day, or the month or year where the cell shows no more.

    A spreadsheet turns "10/2026" into the first of October and shows the month.
    """
    if value.time() != time():
        return value.isoformat(" ")
    if "d" in shown or "y" not in shown:
        return value.date().isoformat()
    return f"{value:%Y-%m}" if "m" in shown else f"{value:%Y}"
