"""The numbers of the region matrix are the same in HTML, DOCX, PDF, XLSX, CSV and JSON."""

import csv
import io
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from pypdf import PdfReader

from bench.summary_speed import invented
from classifiers.reference import Reference, load_reference
from monitor.i18n import Translator
from monitor.summary.document import Document
from monitor.summary.docx import render_docx
from monitor.summary.html import render_html
from monitor.summary.pdf import render_pdf
from monitor.summary.report import report
from monitor.summary.tables import render_csv, render_json, render_xlsx
from monitor.summary.values import WeeklySummary

TABLE = "regions-table"
FIELDS = [
    f"{name}{end}" for name in ("combined", "readiness", "media") for end in ("", "_low", "_high")
]
FIELDS += ["rank", "rank_low", "rank_high", "change", "hearing_exposure"]
Row = dict[str, float | None]


@pytest.fixture(scope="module")
def summary() -> WeeklySummary:
    labels = Path(__file__).resolve().parents[2] / "labels"
    return invented(load_reference(labels), articles=60)


def from_json(summary: WeeklySummary) -> dict[str, Row]:
    def row(line: dict[str, Any]) -> Row:
        numbers = {name: line[name] for name in ("combined", "readiness", "media")}
        flat = {name: number["value"] for name, number in numbers.items()}
        flat |= {f"{n}_{end}": v[end] for n, v in numbers.items() for end in ("low", "high")}
        flat |= {name: line[name] for name in ("rank", "rank_low", "rank_high", "change")}
        return {**flat, "hearing_exposure": line["hearing"]["exposure"]}

    return {line["code"]: row(line) for line in json.loads(render_json(summary))["regions"]}


def from_csv(summary: WeeklySummary) -> dict[str, Row]:
    with zipfile.ZipFile(io.BytesIO(render_csv(summary))) as archive:
        text = archive.read("regions.csv").decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text))
    return {r["code"]: {f: float(r[f]) if r[f] else None for f in FIELDS} for r in rows}


def from_xlsx(summary: WeeklySummary) -> dict[str, Row]:
    sheet = openpyxl.load_workbook(io.BytesIO(render_xlsx(summary)))["regions"]
    header, *rows = sheet.iter_rows(values_only=True)
    found = [dict(zip(header, row, strict=True)) for row in rows]
    return {str(r["code"]): {f: r[f] for f in FIELDS} for r in found}  # type: ignore[misc]


class Cells(HTMLParser):
    """The body rows of one table, as texts."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.inside, self.rows = name, False, list[list[str]]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.inside = dict(attrs).get("id") == self.name
        if self.inside and tag == "tr":
            self.rows.append([])
        if self.inside and tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.inside and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data.strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.inside = False


def in_html(made: Document) -> list[list[str]]:
    parsed = Cells(TABLE)
    parsed.feed(render_html(made))
    return parsed.rows[1:]


def in_docx(made: Document, columns: list[str]) -> list[list[str]]:
    word = docx.Document(io.BytesIO(render_docx(made)))
    table = next(t for t in word.tables if [c.text for c in t.rows[0].cells] == columns)
    return [[c.text.strip() for c in row.cells] for row in table.rows[1:]]


def in_pdf(made: Document) -> str:
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(render_pdf(made))).pages)
    return re.sub(r"\s", "", text)


def written(row: Row, t: Translator) -> list[str]:
    """The numbers of a row as people read them; "" where there is none."""

    def number(name: str, scale: float) -> str:
        value, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
        if value is None or low is None or high is None:
            return ""
        return f"{t.number(value * scale)} ({t.span(low * scale, high * scale)})"

    low, high, change = row["rank_low"], row["rank_high"], row["change"]
    assert row["hearing_exposure"] is not None
    return [
        *(number(n, s) for n, s in (("combined", 1), ("readiness", 100), ("media", 100))),
        "" if low is None or high is None else t.span(low, high),
        "" if change is None else t.signed(change),
        t.percent(row["hearing_exposure"]),
    ]


def test_the_three_data_formats_agree(summary: WeeklySummary) -> None:
    expected = from_json(summary)
    assert len(expected) == 23
    assert from_csv(summary) == expected
    for code, row in from_xlsx(summary).items():
        for field, value in row.items():  # a workbook holds 15 digits
            other = expected[code][field]
            assert value == (None if other is None else pytest.approx(other, rel=1e-14))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_what_people_read_is_what_programs_read(
    summary: WeeklySummary, reference: Reference, language: str
) -> None:
    t = Translator(language)
    made = report(summary, "full", reference, t)
    html = in_html(made)
    table = next(b for b in made.blocks if getattr(b, "anchor", "") == TABLE)
    assert in_docx(made, list(table.columns)) == html  # type: ignore[union-attr]
    pdf = in_pdf(made)
    for (code, row), cells in zip(from_json(summary).items(), html, strict=True):
        assert cells[0] == reference.region[code].short.get(language)
        numbers = written(row, t)
        shown = [cell for cell, number in zip(cells[2:], numbers, strict=True) if number]
        assert shown == [number for number in numbers if number]
        line = re.sub(r"\s", "", "".join(numbers))  # a name may be parted at the end of a line
        assert line in pdf or row["combined"] is None, code
        assert all(re.sub(r"\s", "", number) in pdf for number in numbers)
