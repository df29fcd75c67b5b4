"""The summary's value -> JSON, CSV and XLSX, for programs and for spreadsheets. Pure.

All three hold the same numbers, unrounded; a workbook knows 15 digits of each. CSV and XLSX name their columns as the JSON does, so that
one description (docs/schema) serves all. No text becomes a formula.
"""

import csv
import io
import json
import re
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from monitor.readiness.cells import for_spreadsheet
from monitor.summary.flat import Flat, Value, flat_tables
from monitor.summary.packing import packed, repacked
from monitor.summary.reading import clean
from monitor.summary.values import WeeklySummary
from monitor.weeks import week_bounds

WIDEST = 60  # letters of a column
NAME_LENGTH = 31  # letters of a sheet's name, by Excel
TEXT_LENGTH = 32767  # letters of a cell, by Excel
_MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
HEADER = PatternFill("solid", fgColor="E7ECF3")


def render_json(summary: WeeklySummary) -> str:
    """The summary as indented JSON with a newline at the end."""
    return json.dumps(summary.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"


def render_csv(summary: WeeklySummary) -> bytes:
    """A zip file with one CSV per table: UTF-8 with a mark, commas, decimal points."""
    return packed({f"{table.name}.csv": _csv(table) for table in flat_tables(summary)})


def render_xlsx(summary: WeeklySummary) -> bytes:
    """A workbook with one sheet per table, header rows that stay in view, numbers as numbers."""
    book = Workbook()
    book.remove(book.active)
    for table in flat_tables(summary):
        _sheet(book, table)
    made = week_bounds(summary.week)[1].replace(tzinfo=None)
    book.properties.creator = "tilannekuva"
    book.properties.title = f"tilannekuva {summary.week}"
    book.properties.created = book.properties.modified = made
    out = io.BytesIO()
    book.save(out)
    return _dated(out.getvalue(), made)


# --- CSV -------------------------------------------------------------------------------------------


def _csv(table: Flat) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([_written(v) for v in row] for row in table.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _written(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime() | date():
            return value.isoformat()
        case str():
            return for_spreadsheet(clean(value))
        case _:
            return repr(value)


# --- XLSX ------------------------------------------------------------------------------------------


def _sheet(book: Workbook, table: Flat) -> None:
    sheet = book.create_sheet(table.name[:NAME_LENGTH])
    sheet.append(list(table.columns))
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True), HEADER
    for y, row in enumerate(table.rows, start=2):
        for x, value in enumerate(row, start=1):
            _fill(sheet.cell(y, x), value)
    sheet.freeze_panes = "B2" if len(table.columns) < 3 else "C2"
    sheet.auto_filter.ref = sheet.dimensions
    for x, name in enumerate(table.columns):
        longest = max([len(name) + 3, *(len(_written(row[x])) for row in table.rows)])
        sheet.column_dimensions[get_column_letter(x + 1)].width = min(longest + 1, WIDEST)
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _fill(cell: Any, value: Value) -> None:
    if isinstance(value, str):
        cell.value = clean(value)[:TEXT_LENGTH]
        cell.data_type = "s"  # never a formula, whatever it begins with
        cell.quotePrefix = True
    elif isinstance(value, datetime):
        cell.value = value.isoformat()  # a spreadsheet knows no time zone
    else:
        cell.value = value
        cell.number_format = _format(value)


def _format(value: Value) -> str:
    match value:
        case bool() | None:
            return "General"
        case date():
            return "yyyy-mm-dd"
        case int():
            return "0"
        case _:
            return "0.00##"


def _dated(archive: bytes, made: datetime) -> bytes:
    # openpyxl writes the moment of saving whatever the properties say
    stamp = f"{made:%Y-%m-%dT%H:%M:%SZ}".encode()
    return repacked(archive, {"docProps/core.xml": lambda xml: _MOMENT.sub(stamp, xml)})
