"""JSON, CSV and XLSX of a summary: the published schema, one table per kind of line, no formulas."""

import csv
import io
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import jsonschema
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from monitor.summary.build import build
from monitor.summary.edition import Change, Comment, Edition
from monitor.summary.flat import flat_tables
from monitor.summary.schema import file_name, json_schema, schema_text
from monitor.summary.tables import render_csv, render_json, render_xlsx
from monitor.summary.values import Source, StoryLine, WeeklySummary, WeekPoint
from monitor.summary.whole import WholeSummary, whole
from monitor.values import Alert
from tests.unit.test_summary_build import COUNTS, WEEK, score, story, with_groups

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schema"
MOMENT = datetime(2026, 11, 16, 8, tzinfo=UTC)
FORMULA = '=HYPERLINK("http://x.example";"a")'


def hostile() -> StoryLine:
    published = story().sources[0].published
    source = Source(
        outlet="+Lehti", group="g", title=FORMULA, url="", language="sv", published=published
    )
    return story().model_copy(update={"id": 8, "sources": (source,)})


@pytest.fixture
def summary() -> WeeklySummary:
    scores = with_groups([score("10", 62, rank=1), score("17", 20, rank=2), score("05", None)])
    alert = Alert(WEEK, "10", "finance", 4, 1, 3, "negative binomial", 0.04, {"fdr": 0.1})
    made = build(WEEK, scores, [], [story(), hostile()], [alert], COUNTS, sample=True)
    points = (WeekPoint(week="2026-W45", combined=None), WeekPoint(week=WEEK, combined=62))
    first = made.regions[0].model_copy(update={"history": points})
    return made.model_copy(update={"regions": (first, *made.regions[1:])})


def edition_of(summary: WeeklySummary) -> Edition:
    comment = Comment(section="why", language="fi", text=FORMULA, by="Aino", at=MOMENT)
    change = Change(region="10", field="combined", before=61.0, after=62.0)
    return Edition(
        week=WEEK, version=2, state="published", summary=summary, comments=(comment,),
        created_at=MOMENT, published_at=MOMENT, reason={"fi": "Väärä", "sv": "Fel siffra"},
        changes=(change,), program="1",
    )  # fmt: skip


def tables(summary: WeeklySummary) -> dict[str, list[dict[str, str]]]:
    with zipfile.ZipFile(io.BytesIO(render_csv(summary))) as archive:
        return {
            name.removesuffix(".csv"): list(
                csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig")))
            )
            for name in archive.namelist()
        }


def sheet(summary: WeeklySummary, name: str) -> Worksheet:
    found = openpyxl.load_workbook(io.BytesIO(render_xlsx(summary)))[name]
    assert isinstance(found, Worksheet)
    return found


def test_the_published_schema_is_current() -> None:
    published = (SCHEMAS / file_name()).read_text(encoding="utf-8")
    assert published == schema_text(), "write it anew: python -m monitor.summary.schema"


def test_a_summary_is_as_its_schema_says(summary: WeeklySummary) -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    edition = edition_of(summary)
    content = json.loads(render_json(whole(edition)))
    jsonschema.validate(content, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**content, "extra": 1}, schema)
    assert WholeSummary.model_validate_json(render_json(whole(edition))) == whole(edition)


def test_state_commentary_and_correction_are_in_every_file_for_programs(
    summary: WeeklySummary,
) -> None:
    found = whole(edition_of(summary))
    said = json.loads(render_json(found))["edition"]
    assert (said["state"], said["version"], said["reason"]["sv"]) == ("published", 2, "Fel siffra")
    assert said["comments"][0]["text"] == FORMULA
    told = tables(found)
    assert told["edition_comments"][0]["text"] == f"'{FORMULA}"
    assert told["edition_changes"][0]["field"] == "combined"
    assert {r["key"] for r in told["edition_reason"]} == {"fi", "sv"}
    assert told["summary"][0]["edition_state"] == "published"
    assert sheet(found, "edition_comments")["D2"].data_type == "s"


def test_a_file_of_an_older_shape_is_made_as_it_was(summary: WeeklySummary) -> None:
    old = summary.model_copy(update={"schema_version": 2})
    assert whole(edition_of(old)) is old
    assert "edition" not in json.loads(render_json(whole(edition_of(old))))


def test_every_field_of_the_summary_is_in_a_table(summary: WeeklySummary) -> None:
    names = {c for table in flat_tables(summary) for c in table.columns}
    names |= {table.name for table in flat_tables(summary)}
    missing = [
        field
        for field in WeeklySummary.model_fields
        if not any(n == field or n.startswith(f"{field}_") for n in names)
    ]
    assert missing == []


def test_lines_inside_lines_carry_the_keys_around_them(summary: WeeklySummary) -> None:
    found = tables(summary)
    assert [r["code"] for r in found["regions"]] == [r.code for r in summary.regions]
    first = found["region_drivers"][0]
    assert (first["week"], first["region_code"]) == (WEEK, summary.regions[0].code)
    assert {r["story_id"] for r in found["story_sources"]} == {"7", "8"}
    assert found["region_hearing_silent"][0]["feed"] == summary.regions[0].hearing.silent[0][0]
    weeks = [(r["history_week"], r["combined"]) for r in found["region_history"]]
    assert weeks == [("2026-W45", ""), (WEEK, "62.0")]


def test_a_number_that_is_unknown_is_empty_and_says_why(summary: WeeklySummary) -> None:
    unknown = next(line for line in summary.regions if line.combined.value is None)
    row = next(r for r in tables(summary)["regions"] if r["code"] == unknown.code)
    assert row["combined"] == ""
    assert row["combined_reasons"] == "; ".join(unknown.combined.reasons)


def test_every_row_is_as_long_as_its_header(summary: WeeklySummary) -> None:
    for table in flat_tables(summary):
        assert len(set(table.columns)) == len(table.columns), table.name
        assert {len(row) for row in table.rows} <= {len(table.columns)}, table.name


def test_no_text_becomes_a_formula(summary: WeeklySummary) -> None:
    titles = {r["title"] for r in tables(summary)["story_sources"]}
    assert f"'{FORMULA}" in titles
    assert FORMULA not in titles
    cells = [c for row in sheet(summary, "story_sources").iter_rows() for c in row]
    assert FORMULA in {c.value for c in cells}
    assert "f" not in {c.data_type for c in cells}


def test_a_sheet_has_numbers_dates_and_a_header_that_stays(summary: WeeklySummary) -> None:
    regions = sheet(summary, "regions")
    header = [c.value for c in regions[1]]
    combined = regions.cell(2, header.index("combined") + 1)
    assert (combined.value, combined.data_type) == (62, "n")
    assert regions.freeze_panes == "C2"
    assert regions.print_title_rows == "$1:$1"
    top = sheet(summary, "summary")
    days = {c.value: top.cell(2, c.column) for c in top[1]}
    assert days["first_day"].value.date() == date(2026, 11, 9)


def test_same_summary_same_bytes(summary: WeeklySummary) -> None:
    # openpyxl writes the second it saves at, which the zip file rounds to two
    assert render_csv(summary) == render_csv(summary)
    with zipfile.ZipFile(io.BytesIO(render_xlsx(summary))) as archive:
        core = archive.read("docProps/core.xml").decode()
        assert {info.date_time[0] for info in archive.infolist()} == {1980}
    assert core.count("2026-11-15T22:00:00Z") == 2
    assert render_xlsx(summary) == render_xlsx(summary)
