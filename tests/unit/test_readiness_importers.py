"""Readiness files as officials write them, and sentences for what cannot be read."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.reference import Reference
from monitor.readiness.cells import (
    MAX_TEXT,
    Period,
    Row,
    Value,
    Wrong,
    for_spreadsheet,
    read_date,
    read_number,
    read_period,
    read_rows,
    read_value,
)
from monitor.readiness.importers import Batch, Known, known_names
from monitor.readiness.indicators import load_indicators
from monitor.readiness.state import NOT_APPLICABLE_UNIT
from monitor.readiness.templates import KINDS, template
from monitor.values import ALL_GROUPS, Mistake
from tests.unit.readiness_file import read_file

ROADMAP_HEADER = (
    "raporttipäivä;alue;ryhmä;tehtäväkokonaisuus;tehtävä;osatehtävä;kriittinen;vaihe;määräaika;"
    "aloitettu;valmis"
)
ROADMAP_ROW = (
    "10.11.2026;Pirkanmaa;ICT-muutos;Tietoturva;Pääsynhallinta;roolit;kyllä;3;30.6.2026;1.5.2026;"
)
INTERVIEW_SV = (
    "område,grupp,dag,roll,bedömning,anteckning,källa,licens\n"
    "Österbotten,Gränsytor,2026-10-05,förändringsdirektör,4,"
    '"Vi träffar kommunerna, regelbundet.",påhittad,EUPL-1.2\n'
)


@pytest.fixture(scope="module")
def known(reference: Reference) -> Known:
    return known_names(reference, load_indicators())


def _taken(kind: str, text: str, known: Known, encoding: str = "utf-8") -> Batch:
    found = read_file(kind, "tiedosto.csv", text.encode(encoding), known)
    assert isinstance(found, Batch), found
    return found


def _refused(kind: str, text: str, known: Known) -> tuple[Mistake, ...]:
    found = read_file(kind, "tiedosto.csv", text.encode(), known)
    assert not isinstance(found, Batch)
    return found


# --- files that are taken ------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_finnish_roadmap_with_semicolons(known: Known, encoding: str, line_end: str) -> None:
    text = line_end.join([ROADMAP_HEADER, ROADMAP_ROW, ""])
    (task,) = _taken("roadmap", text, known, encoding).tasks
    assert (task.region, task.group, task.critical, task.phase) == ("08", "ict_muutos", True, 3)
    assert (task.as_of, task.due) == (date(2026, 11, 10), date(2026, 6, 30))
    assert (task.started, task.finished) == (date(2026, 5, 1), None)


def test_a_swedish_interview_with_commas_and_iso_dates(known: Known) -> None:
    batch = _taken("interview", INTERVIEW_SV, known)
    (reading,) = batch.readings
    assert (reading.region, reading.group, reading.indicator) == (
        "17", "yhdyspinnat", "förändringsdirektör",
    )  # fmt: skip
    assert (reading.value, reading.done) == (4, 0.75)
    assert reading.note == "Vi träffar kommunerna, regelbundet."
    assert (batch.source, batch.licence) == ("påhittad", "EUPL-1.2")


@pytest.mark.parametrize(
    "name", ["5", "05", "Varsinais-Suomi", "EGENTLIGA FINLAND", "Varsinais-Suomen hyvinvointialue"]
)
def test_a_region_may_be_named_as_people_name_it(known: Known, name: str) -> None:
    text = f"alue;tapahtuma;päivä\n{name};arviointimenettely avattu;6.5.2026\n"
    (event,) = _taken("event", text, known).events
    assert (event.region, event.kind) == ("05", "assessment_opened")


def test_every_name_of_a_region_and_group_is_its_own(reference: Reference, known: Known) -> None:
    names = [r.short.get(lang).casefold() for r in reference.regions for lang in ("fi", "sv")]
    codes = [r.code for r in reference.regions for _ in ("fi", "sv")]
    told = {n: c for n, c in zip(names, codes, strict=True) if c != "91"}
    assert {n: known.regions[n] for n in told} == told
    assert set(known.regions.values()) == set(reference.units)


def test_marks_of_statistics_finland_tell_no_data_from_does_not_apply(known: Known) -> None:
    text = (
        "mittari;alue;jakso;arvo\nTilikauden tulos asukasta kohti;90;2025;.\n"
        "result-per-resident;20;2025;..\nresult-per-resident;21;2025;-100,5\n"
    )
    applies_not, no_data, value = _taken("indicator", text, known).readings
    assert (applies_not.unit, applies_not.value) == (NOT_APPLICABLE_UNIT, None)
    assert (no_data.unit, no_data.value, no_data.done) == ("euro_per_resident", None, None)
    assert value.value == -100.5
    assert value.done == pytest.approx(299.5 / 400)
    assert (value.period_start, value.period_end) == (date(2025, 1, 1), date(2025, 12, 31))


def test_a_grant_is_judged_by_what_is_used_against_the_time_gone(known: Known) -> None:
    text = (
        "region;group;programme;as_of;start;deadline;granted;paid;used;milestones_due;"
        "milestones_done\n"
        "15;all;ICT;2026-07-02;2026-01-01;2026-12-31;1 000 000;500000;250 000,00;4;3\n"
    )
    batch = _taken("grants", text, known)
    (grant,) = batch.grants
    assert (grant.granted, grant.paid, grant.deadline) == (1e6, 5e5, date(2026, 12, 31))
    by_name = {r.indicator: r for r in batch.readings}
    assert by_name["ICT: used"].done == pytest.approx(0.5)
    assert by_name["ICT: milestones"].done == pytest.approx(0.75)
    assert {r.group for r in by_name.values()} == {ALL_GROUPS}


def test_a_survey_brings_its_own_scale(known: Known) -> None:
    text = (
        "enkät,fråga,område,grupp,dag,värde,sämst,bäst\n"
        'Lägesenkät,Köer?,Lappland,alla,2026-10-14,"2,5",10,0\n'
    )
    (reading,) = _taken("survey", text, known).readings
    assert reading.done == pytest.approx(0.75)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_template_is_the_header_its_importer_takes(
    known: Known, kind: str, language: str
) -> None:
    (mistake,) = _refused(kind, template(kind, language), known)
    assert mistake.problem == "the file has no rows"
    rows = read_rows("malli.csv", template(kind, language).encode())
    assert isinstance(rows, tuple)
    assert [len(row.cells) for row in rows] == [len(KINDS[kind])]


def test_comments_a_spreadsheet_put_into_quotation_marks_are_still_comments(known: Known) -> None:
    text = '"# arvo: luku; .. jos puuttuu"\n' + ROADMAP_HEADER + "\n" + ROADMAP_ROW + "\n"
    assert _taken("roadmap", text, known).rows == 1


# --- files that are refused ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("10.11.2026", "31.11.2026", 2, "'31.11.2026'"),
        ("Pirkanmaa", "Pirkamaa", 2, "did you mean 'pirkanmaa'?"),
        ("Pirkanmaa", "Ahvenanmaa", 2, "'Ahvenanmaa'"),
        ("ICT-muutos", "kaikki", 2, "name or id of a roadmap group"),
        ("kyllä", "ehkä", 2, "kyllä or ei"),
        (";3;", ";6;", 2, "1 to 5"),
        ("1.5.2026;", "1.5.2026;1.4.2026", 2, "not before the start"),
        ("1.5.2026;", ";1.4.2026", 2, "'aloitettu': nothing stands there"),
        ("1.5.2026;", "1.12.2026;", 2, "not after the report's own"),
        ("roolit", "", 2, "column F 'osatehtävä': nothing stands there"),
        ("määräaika", "maaraaika", 1, "did you mean 'määräaika'?"),
        (";valmis", ";valmis;valmis", 1, "each column once"),
        ("1.5.2026;", "1.5.2026;;x", 2, "11 cells"),
    ],
)
def test_a_mistake_names_its_place_and_what_to_do(
    known: Known, old: str, new: str, line: int, told: str
) -> None:
    text = f"{ROADMAP_HEADER}\n{ROADMAP_ROW}\n".replace(old, new)
    mistakes = _refused("roadmap", text, known)
    assert {(m.file, m.line) for m in mistakes} == {("tiedosto.csv", line)}
    assert told in "\n".join(str(m) for m in mistakes)
    assert all(m.expected and m.remedy for m in mistakes)


def test_one_bad_row_among_good_ones_takes_nothing_and_all_are_told(known: Known) -> None:
    rows = [ROADMAP_ROW, ROADMAP_ROW.replace("roolit", "tunnistus").replace("kyllä", "?")]
    mistakes = _refused("roadmap", "\n".join([ROADMAP_HEADER, *rows, "x"]), known)
    assert next(m.line for m in mistakes) == 3
    assert {m.line for m in mistakes} == {3, 4}


def test_the_same_row_twice_names_the_first(known: Known) -> None:
    (mistake,) = _refused("roadmap", f"{ROADMAP_HEADER}\n{ROADMAP_ROW}\n{ROADMAP_ROW}\n", known)
    assert (mistake.line, "line 2" in mistake.expected) == (3, True)


def test_another_encoding_names_its_first_line(known: Known) -> None:
    data = f"{ROADMAP_HEADER}\n{ROADMAP_ROW}\n".replace("ä", "a").encode() + "Ähtäri".encode(
        "cp1252"
    )
    found = read_file("roadmap", "vanha.csv", data, known)
    assert isinstance(found, tuple)
    assert (found[0].line, found[0].problem) == (3, "not UTF-8 text")


def test_a_row_after_a_cell_of_several_lines_has_its_true_line(known: Known) -> None:
    text = INTERVIEW_SV.replace(", regel", ",\nregel") + "Lapland,Gränsytor,x,roll,4,,k,l\n"
    assert [m.line for m in _refused("interview", text, known)] == [4]


@pytest.mark.parametrize(
    ("kind", "row", "told"),
    [
        ("survey", "Enkät,Fråga,Lappland,alla,2026-10-14,6,1,5", "from 1 to 5"),
        ("survey", "Enkät,Fråga,Lappland,alla,2026-10-14,3,5,5", "another number than the worst"),
        ("organisers", "05,all,kunta,2026-03-31,2026-01-01,3,", "not before 2026-03-31"),
        ("grants", "05,all,P,2026-03-31,2026-01-01,2026-12-31,0,0,0,,", "more than nothing"),
        ("grants", "05,all,P,2026-03-31,2026-01-01,2026-12-31,5,6,0,,", "at most what was granted"),
        ("grants", "05,all,P,2025-03-31,2026-01-01,2026-12-31,5,5,0,,", "not before the start"),
        ("grants", "05,all,P,2026-03-31,2026-01-01,2025-12-31,5,5,0,,", "after the start"),
        ("grants", "05,all,P,2026-03-31,2026-01-01,2026-12-31,5,5,0,3,", "or neither"),
        ("grants", "05,all,P,2026-03-31,2026-01-01,2026-12-31,-5,5,0,,", "not negative"),
        ("interview", "05,all,2026-03-31,rooli,0,", "1 to 5"),
        ("event", "05,juhla,2026-03-31,", "assessment_opened"),
        ("indicator", "onni,05,2025,3", "indicators.csv"),
        ("interview", "05,all,2026-03-31,roo\x00li,3,", "control characters"),
    ],
)
def test_cells_that_contradict_each_other_are_told(
    known: Known, kind: str, row: str, told: str
) -> None:
    columns = [c.id for c in KINDS[kind] if c.id not in ("source", "licence")]
    assert told in "\n".join(map(str, _refused(kind, ",".join(columns) + "\n" + row, known)))


@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=300))
def test_no_bytes_raise(kind: str, data: bytes) -> None:
    nothing = Known({}, {}, {}, {})
    found = read_file(kind, "roska.csv", data, nothing)
    assert isinstance(found, tuple)
    assert found


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=20)


@given(st.lists(CELLS, min_size=11, max_size=13))
def test_no_cells_raise(cells: list[str]) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerow(cells)
    names = Known({"pirkanmaa": "08"}, {"ict-muutos": "ict_muutos"}, {}, {})
    text = f"{ROADMAP_HEADER}\n{out.getvalue()}{ROADMAP_ROW}\n"
    found = read_file("roadmap", "roska.csv", text.encode(), names)
    assert isinstance(found, Batch | tuple)


# --- single cells --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [("1234,5", 1234.5), ("1 234,5", 1234.5), ("1\u00a0234\u202f567", 1234567), ("−3", -3),
     ("-0.25", -0.25), ("007", 7)],
)  # fmt: skip
def test_numbers_as_they_are_written_in_finland(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text", ["1.234,5", "1,234.5", "12 34", "5 %", "1e5", "inf", "nan", "-", "9" * 400, "٣"]
)
def test_ambiguous_numbers_are_not_guessed(text: str) -> None:
    assert isinstance(read_number(text), Wrong)
    if text != "5 %":
        assert isinstance(read_value(text), Wrong)


def test_a_percentage_is_taken_only_where_the_unit_or_the_scale_is_one(known: Known) -> None:
    header = "mittari;alue;jakso;arvo\n"
    (reading,) = _taken(
        "indicator", f"{header}rescue-within-target-time;05;2025;85 %\n", known
    ).readings
    assert (reading.value, reading.unit) == (85, "percent")
    (mistake,) = _refused("indicator", f"{header}result-per-resident;05;2025;85 %\n", known)
    assert "not a percentage" in mistake.expected
    survey = "enkät,fråga,område,grupp,dag,värde,sämst,bäst\nE,F,Lappland,alla,2026-10-14,"
    assert _taken("survey", f"{survey}40%,0,100\n", known).readings[0].done == 0.4
    assert "not a percentage" in _refused("survey", f"{survey}4 %,1,5\n", known)[0].expected


def test_values_that_are_none() -> None:
    assert read_value("") == read_value("..") == Value(None)
    assert read_value(".") == Value(None, applies=False)


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_a_day_is_read_in_both_forms(day: date) -> None:
    assert read_date(day.isoformat()) == day
    assert read_date(f"{day.day}.{day.month}.{day.year}") == day
    assert read_period(day.isoformat()) == Period(day, day)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("Q4/2026", date(2026, 10, 1), date(2026, 12, 31)),
        ("2/2028", date(2028, 2, 1), date(2028, 2, 29)),
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31)),
    ],
)
def test_periods(text: str, first: date, last: date) -> None:
    assert read_period(text) == Period(first, last)


@pytest.mark.parametrize("text", ["2026-13", "0/2026", "2026Q5", "1.1.26", "29.2.2026", "1850"])
def test_what_is_no_period_is_refused(text: str) -> None:
    assert isinstance(read_period(text), Wrong)


def test_a_day_number_of_a_spreadsheet_is_named_and_not_guessed() -> None:
    found = read_date("46342")
    assert isinstance(found, Wrong)
    assert "16.11.2026" in found.remedy


def test_a_cell_of_too_much_text_is_refused(known: Known) -> None:
    text = INTERVIEW_SV.replace("Vi träffar", "x" * (MAX_TEXT + 1))
    assert f"at most {MAX_TEXT}" in _refused("interview", text, known)[0].expected


@pytest.mark.parametrize("text", ["=1+1", "+cmd|x", "@SUM(A1)", "-2+3", "  =A1", "\t=A1", "|x"])
def test_a_cell_that_would_compute_is_shown_instead(text: str) -> None:
    assert for_spreadsheet(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-3", "−1 200,5", "Hoitoon pääsy", "", "a=b", "05"])
def test_other_cells_leave_as_they_are(text: str) -> None:
    assert for_spreadsheet(text) == text


def test_rows_know_the_line_they_begin_on() -> None:
    rows = read_rows("x.csv", b'a;b\n\n"1\n2";3\n;;\n4;5\n')
    assert rows == (Row(1, ("a", "b")), Row(3, ("1\n2", "3")), Row(6, ("4", "5")))


def test_an_open_quotation_mark_is_told_with_its_line() -> None:
    found = read_rows("x.csv", b'a;b\n1;"2\n3;4\n')
    assert isinstance(found, Mistake)
    assert "quotation marks" in found.remedy
