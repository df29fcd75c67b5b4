"""The readiness pages over the shipped sample: matrix, months, one region, imports, and an empty store."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from classifiers.reference import Reference
from monitor.clock import ManualClock
from monitor.db import readiness
from monitor.db.engine import migrate, open_engine, reading, transaction
from monitor.db.tables import ImportRow, OrganiserLinkRow
from monitor.i18n import LANGUAGES, Translator
from monitor.readiness.roadmap import Undone, undone, views
from monitor.readiness.run import import_sample
from monitor.values import ALL_GROUPS
from tests.web.conftest import client_of
from tests.web.test_pages import tree, words

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
SILENT = "18"  # no roadmap report at all
STOPPED = "20"  # its last report is of June
BEHIND = "07"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, reference: Reference) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("readiness")
    engine = open_engine(f"sqlite:///{folder / 'store.db'}")
    migrate(engine)
    import_sample(engine, ManualClock(NOW), reference)
    yield engine
    engine.dispose()


@pytest.fixture
def reader(sample: Engine, reference: Reference) -> TestClient:
    return client_of(sample, reference, NOW)


@pytest.mark.parametrize("view", ["schedule", "target"])
def test_the_matrix_shows_what_the_reports_say(
    reader: TestClient, sample: Engine, reference: Reference, view: str
) -> None:
    with reading(sample) as session:
        told = views(readiness.tasks_until(session, TODAY), TODAY)
    columns = [*(g.id for g in reference.groups), ALL_GROUPS]
    for row in tree(reader, f"/readiness?view={view}&lang=en").xpath("//tr[@data-code]"):
        cells = row.xpath("./td")
        assert len(cells) == len(columns)
        for group, cell in zip(columns, cells, strict=True):
            known = told.get((row.get("data-code"), group))
            shares = getattr(known, view) if known else None
            if shares is None or not shares.total:
                assert cell.xpath(".//b") == []
            else:
                assert f"{shares.finished}/{shares.total}" in words(cell)
                assert f"started {shares.share_started:.0%}" in words(cell)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cell_says_its_band_in_words_of_the_legend(reader: TestClient, language: str) -> None:
    page = tree(reader, f"/readiness?lang={language}")
    t = Translator(language)
    key = {words(k): k.get("class") for k in page.xpath("//p[contains(@class,'bands')]//*[@class]")}
    said = {w: c.removeprefix("band ") for w, c in key.items() if c and c.startswith("band ")}
    assert len(said) == 4
    for cell in page.xpath("//table[contains(@class,'matrix')]//td[.//b]"):
        word = words(cell.xpath(".//*[@class='word']")[0])
        best = said[t("band.near")]
        assert cell.get("class") == "band " + (best if word == t("band.done") else said[word])


def test_the_table_has_header_cells_and_23_units(reader: TestClient) -> None:
    page = tree(reader, "/readiness")
    table = page.xpath("//table[contains(@class,'matrix')]")[0]
    assert len(table.xpath("./tbody/tr/th[@scope='row']")) == 23
    assert len(table.xpath("./thead/tr/th[@scope='col']")) == 7
    assert table.xpath("./caption")
    assert len(table.xpath("./tfoot/tr/td")) == 6


def test_a_region_that_stopped_reporting_says_of_when_its_report_is(reader: TestClient) -> None:
    page = tree(reader, "/readiness?lang=sv")
    row = words(page.xpath(f"//tr[@data-code='{STOPPED}']")[0])
    assert row.count("rapport 10.6.2026") == 6
    silent = words(page.xpath(f"//tr[@data-code='{SILENT}']")[0])
    assert silent.count("ingen rapport") == 6
    assert "Ingen rapport på ett år: Mellersta Österbotten" in words(
        page.xpath("//p[@class='lead']")[0]
    )


@pytest.mark.parametrize("sort", ["all", "-all", "ict_muutos"])
def test_sorting_by_a_column_puts_what_is_unknown_last(reader: TestClient, sort: str) -> None:
    page = tree(reader, f"/readiness?sort={sort}")
    heads = page.xpath("//table[contains(@class,'matrix')]/thead//th")
    place = next(n for n, th in enumerate(heads) if th.get("aria-sort"))
    assert heads[place].get("aria-sort") == ("descending" if sort[0] == "-" else "ascending")
    cells = [row[place] for row in page.xpath("//tr[@data-code]")]
    numbers = [int(re.findall(r"\d+", words(c))[0]) if c.xpath(".//b") else None for c in cells]
    known = [n for n in numbers if n is not None]
    assert known == sorted(known, reverse=sort[0] == "-")
    assert None not in numbers[: len(known)]


def test_a_past_month_shows_what_was_reported_by_then(reader: TestClient) -> None:
    page = tree(reader, "/readiness?month=2026-05&lang=sv")
    assert "maj 2026" in words(page.xpath("//h1")[0])
    assert "rapport" not in words(page.xpath(f"//tr[@data-code='{STOPPED}']")[0])
    assert page.xpath("//a[@rel='next']/@href")[0].endswith("month=2026-06")
    assert len(page.xpath("//details//thead/tr/th")) == 7, "six months since the first report"


@pytest.mark.parametrize("month", ["2024-01", "2027-01", "maaliskuu", "2026-13", "1e9-01"])
def test_a_month_without_a_picture_is_not_found(reader: TestClient, month: str) -> None:
    page = tree(reader, f"/readiness?month={month}", 404)
    assert "tiekarttaraporttia" in words(page.xpath("//main")[0])


def test_months_without_a_report_are_gaps_in_chart_and_table(reader: TestClient) -> None:
    page = tree(reader, "/readiness?lang=en")
    assert len(page.xpath("//figure//*[name()='svg']")) == 23
    row = page.xpath("//details//tr[th='Kainuu']/td")
    assert [words(c) for c in row[-5:]] == ["–"] * 5
    assert all("%" in words(c) for c in row[:7])


def test_imports_say_where_they_come_from_and_whether_they_count(
    reader: TestClient, sample: Engine
) -> None:
    with reading(sample) as session:
        some = readiness.all_imports(session)[0]
    row = words(tree(reader, "/readiness?lang=en").xpath(f"//tr[@id='import-{some.id}']")[0])
    assert some.source in row
    assert some.licence in row
    assert some.imported_by in row
    assert "in force" in row
    with transaction(sample) as session:
        stored = session.get(ImportRow, some.id)
        assert stored is not None
        stored.undone_at = NOW
    try:
        page = tree(reader, "/readiness?lang=sv")
        assert "ångrad 20.11.2026" in words(page.xpath(f"//tr[@id='import-{some.id}']")[0])
    finally:
        with transaction(sample) as session:
            stored = session.get(ImportRow, some.id)
            assert stored is not None
            stored.undone_at = None


# --- one region ----------------------------------------------------------------------------------


def test_a_region_lists_its_undone_critical_tasks_the_latest_first(
    reader: TestClient, sample: Engine
) -> None:
    with reading(sample) as session:
        mine = [t for t in readiness.tasks_until(session, TODAY) if t.region == BEHIND]
    expected: tuple[Undone, ...] = undone(mine, TODAY)
    rows = tree(reader, f"/readiness/{BEHIND}?lang=en").xpath(
        "//table[contains(@class,'tasks')]//tr"
    )
    assert len(rows) - 1 == len(expected) > 10
    late = [u.late for u in expected if u.late]
    assert late == sorted(late, reverse=True)
    for row, u in zip(rows[1:], expected, strict=True):
        assert u.task.subtask in words(row)
        assert (f"{u.late} days late" in words(row)) == bool(u.late and u.late > 1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_of_a_region_has_its_source(reader: TestClient, language: str) -> None:
    page = tree(reader, f"/readiness/{BEHIND}?lang={language}")
    for section in ("organisers", "grants", "indicator", "interview"):
        rows = page.xpath(f"//section[@aria-labelledby='{section}']/div//tbody/tr")
        assert rows, section
        assert all("EUPL-1.2" in words(row[-1]) for row in rows), section
    reports = page.xpath("//table[contains(@class,'groups')]//td[last()]//a/@href")
    assert reports
    assert all(href.startswith("/readiness#import-") for href in reports)


def test_grants_show_money_against_time(reader: TestClient) -> None:
    section = tree(reader, f"/readiness/{BEHIND}?lang=en").xpath(
        "//section[@aria-labelledby='grants']"
    )[0]
    titles = [words(t) for t in section.xpath(".//*[name()='svg']/*[name()='title']")]
    assert len(titles) == len(section.xpath(".//tbody/tr")) == 3
    assert all(re.search(r"used \d+%, time gone \d+%", title) for title in titles)
    assert "Deadline 31 Dec 2026" in words(section)


def test_indicators_stand_beside_their_reference_points(reader: TestClient) -> None:
    page = tree(reader, "/readiness/20?lang=sv")
    rows = page.xpath("//section[@aria-labelledby='indicator']//tbody/tr")
    row = next(r for r in rows if "Icke-brådskande vård inom 14 dagar" in words(r))
    assert [words(row[3]), words(row[4])] == ["40 %", "95 %"]
    assert words(row[5]).endswith(" %")


def test_a_region_without_reports_says_so_and_what_to_do(reader: TestClient) -> None:
    page = tree(reader, f"/readiness/{SILENT}?lang=fi")
    section = words(page.xpath("//section[@aria-labelledby='roadmap']")[0])
    assert "ei ole tiekarttaraporttia" in section
    assert "tilannekuva readiness import roadmap" in section
    assert page.xpath("//section[@aria-labelledby='undone']") == []


def test_an_unknown_region_is_not_found(reader: TestClient) -> None:
    page = tree(reader, "/readiness/99", 404)
    assert "99" in words(page.xpath("//main")[0])


def test_the_region_page_leads_to_the_readiness_behind_its_number(visitor: TestClient) -> None:
    page = tree(visitor, "/regions/19")
    hrefs = set(page.xpath("//section[@aria-labelledby='readiness']//tbody//a/@href"))
    assert "/readiness/19#roadmap" in hrefs
    there = tree(visitor, "/readiness/19")
    ids = set(there.xpath("//@id"))
    assert {href.partition("#")[2] for href in hrefs} <= ids


def test_the_region_page_leaves_out_organisers_that_have_handed_over(
    seeded: Engine, reference: Reference, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(str(seeded.url.database))) as store:
        store.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    engine = open_engine(f"sqlite:///{tmp_path / 'copy.db'}")
    with transaction(engine) as session:
        link = OrganiserLinkRow(
            import_id=1, organiser="organisers-1", also="", kind="municipality", business_id="",
            region="19", first=date(2020, 1, 1), last=date(2026, 6, 30),
        )  # fmt: skip
        session.add(link)
    for group in reference.group:
        page = tree(client_of(engine, reference), f"/regions/19?group={group}&lang=fi")
        (row,) = page.xpath(
            "//tr[th[@scope='row']/a[@href='/readiness/19#organisers']][count(td) = 5]"
        )
        assert "tieto puuttuu" in words(row)
    engine.dispose()


# --- nothing there -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_store_says_what_to_do(empty_visitor: TestClient, language: str) -> None:
    page = tree(empty_visitor, f"/readiness?lang={language}")
    commands = [words(c) for c in page.xpath("//pre")]
    assert commands[0].startswith("tilannekuva readiness template roadmap")
    assert any(c.startswith("tilannekuva readiness import roadmap") for c in commands)
    assert len(tree(empty_visitor, f"/readiness/01?lang={language}").findall(".//h1")) == 1


def test_without_a_roadmap_the_page_still_lists_the_imports(
    sqlite: Engine, reference: Reference
) -> None:
    with transaction(sqlite) as session:
        session.add(
            ImportRow(kind="event", source="oma", licence="sisäinen", file_hash="h", rows=3,
                      imported_at=NOW, imported_by="virkailija")
        )  # fmt: skip
    with client_of(sqlite, reference, NOW) as client:
        page = tree(client, "/readiness?lang=fi")
    assert "Yhtään tiekarttaraporttia ei ole tuotu" in words(page.xpath("//p[@class='lead']")[0])
    assert [words(cell) for cell in page.xpath("//tr[@id='import-1']/td")][1:3] == [
        "oma",
        "sisäinen",
    ]
