"""Sotkanet: county numbers old and new, rows that are not ours, rows that are broken."""

import csv
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.reference import Reference
from monitor.readiness.fetch_values import SotkanetSource, Taken, Years, read_years
from monitor.readiness.importers import Known
from monitor.readiness.run import names_known
from monitor.readiness.sotkanet import (
    MAX_ROWS,
    MOST_MISTAKES,
    About,
    data_url,
    read_about,
    read_answer,
    region_table,
    unknown_counties,
)
from monitor.values import Mistake
from tests.conftest import SHARED
from tests.readiness_answers import CODES, NEW, OLD, about, sotkanet_regions, sotkanet_rows

TARGET = "primary-care-within-14-days"
SOURCE = SotkanetSource("s", TARGET, 9001, Years(2024, 2024))


@pytest.fixture(scope="module")
def known(reference: Reference) -> Known:
    return names_known(reference)


def _read(rows: object, known: Known, **more: Any) -> Taken | tuple[Mistake, ...]:
    data = rows if isinstance(rows, bytes) else json.dumps(rows).encode()
    return read_answer("s", data, more.pop("source", SOURCE), known, **more)


def _taken(rows: object, known: Known, **more: Any) -> Taken:
    found = _read(rows, known, **more)
    assert isinstance(found, Taken), found
    return found


def _refused(rows: object, known: Known, **more: Any) -> str:
    found = _read(rows, known, **more)
    assert not isinstance(found, Taken)
    return str(found[0])


def test_every_unit_but_hus_has_an_old_and_a_new_number(reference: Reference) -> None:
    assert set(NEW) == set(OLD) | {"91"} == set(reference.units) - {"HUS"} | {"91"}
    assert sorted(OLD.values()) == list(range(877, 899))
    assert sorted(NEW.values()) == list(range(956, 979))


def test_the_numbers_are_those_of_the_reference_table() -> None:
    file = SHARED / "ref" / "counties.csv"
    if not file.is_file():
        pytest.skip("the reference tables are not beside this repository (../shared/ref)")
    with file.open(encoding="utf-8", newline="") as rows:
        told = {
            int(float(row[column])): row["code"]
            for row in csv.DictReader(rows)
            for column in ("sotkanet_region_id", "sotkanet_region_id_old")
            if row[column]
        }
    assert region_table() == told


@pytest.mark.parametrize("ids", [OLD, NEW], ids=["old", "new"])
def test_both_numbers_of_a_county_are_read(known: Known, ids: dict[str, int]) -> None:
    values: dict[str, float | None] = {code: float(i) for i, code in enumerate(CODES)}
    taken = _taken(sotkanet_rows(2024, values, ids), known)
    assert {r.region: r.value for r in taken.readings} == values
    assert not any("no row for" in note for note in taken.notes)


def test_a_county_under_both_numbers_is_one_unless_they_disagree(known: Known) -> None:
    both = sotkanet_rows(2024, {"05": 60.0}, OLD) + sotkanet_rows(2024, {"05": 60.0}, NEW)
    assert len(_taken(both, known).readings) == 1
    both[-4]["value"] = 61.0
    assert "region 978 has 61.0 for 2024, region 898 in row 1 60.0" in _refused(both, known)


def test_the_rest_is_passed_over_and_counted(known: Known) -> None:
    rows = sotkanet_rows(2024, {"05": 60.0})
    rows += [{**rows[0], "gender": "female"}, {**rows[0], "region": 956}]
    taken = _taken(rows, known)
    assert len(taken.readings) == 1
    assert set(taken.notes[:3]) == {
        "passed over: 3 rows of municipalities, the country and other areas",
        "passed over: 1 rows of Åland",
        "passed over: 1 rows of one gender",
    }
    assert taken.notes[3].startswith("2024-01-01 to 2024-12-31: no row for 01, 02")


def test_other_spellings_of_the_same_rows_are_read(known: Known) -> None:
    older = [
        {"indicator": "9001", "region": "898", "year": "2024", "gender": "total",
         "primary value": "67.5"}
    ]  # fmt: skip
    table = (
        b"\xef\xbb\xbfindicator;region;year;gender;primary value;absolute value\r\n"
        b"9001;898;2024;total;67,5;\r\n9001;658;2024;total;60;\r\n"
    )
    assert _taken(older, known).readings == _taken(table, known).readings
    assert _taken(older, known).readings[0].value == 67.5


def test_a_unit_is_kept_to_its_own_days(known: Known) -> None:
    ended = replace(known.units["05"], last=date(2023, 12, 31))
    then = replace(known, units={**known.units, "05": ended})
    rows = [r for year in (2023, 2024) for r in sotkanet_rows(year, {"05": 60.0, "06": 61.0})]
    taken = _taken(rows, then)
    assert {(r.region, r.period_end.year) for r in taken.readings} == {
        ("05", 2023), ("06", 2023), ("06", 2024),
    }  # fmt: skip
    told = "passed over: units that did not exist then: 05 (2024-01-01 to 2024-12-31)"
    assert told in taken.notes


def test_no_data_is_not_zero(known: Known) -> None:
    rows = sotkanet_rows(2024, {"05": None, "06": 0.0})
    rows.append({"indicator": 9001, "region": NEW["07"], "year": 2024, "gender": "total"})
    values = {r.region: (r.value, r.done) for r in _taken(rows, known).readings}
    assert values == {"05": (None, None), "06": (0.0, 0.0), "07": (None, None)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"value": "paljon"}, "row 1: 'value' is 'paljon'"),
        ({"value": True}, "row 1: 'value' is 'True'"),
        ({"value": [1]}, "row 1: 'value' is '[1]'"),
        ({"region": None}, "row 1: 'region' is 'None'"),
        ({"region": "97 8"}, "row 1: 'region' is '97 8'"),
        ({"year": 20244}, "row 1: 'year' is '20244'"),
        ({"year": 2024.5}, "row 1: 'year' is '2024.5'"),
    ],
)
def test_one_broken_row_and_nothing_is_taken(
    known: Known, change: dict[str, object], said: str
) -> None:
    rows = sotkanet_rows(2024, {"05": 60.0, "06": 61.0})
    rows[0] |= change
    assert said in _refused(rows, known)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>Huoltokatko", "it begins with '<html>Huoltokatko'"),
        (b'{"error": "x"}', "no list of rows"),
        (b"[]", "none of its 0 rows"),
        (b"[[1, 2]]", "row 1: 'row' is '[1, 2]'; expected an object"),
        (b'[{"indicator":9001,"region":978,"year":2024,"value":1e999}]', "'value' is 'inf'"),
    ],
)
def test_what_is_no_answer_is_refused(known: Known, body: bytes, said: str) -> None:
    assert said in _refused(body, known)


def test_years_without_data_are_explained(known: Known) -> None:
    said = _refused([], known, about=About("Keksitty", "PROS", 2019, 2023))
    assert "its data are of 2019-2023" in said


def test_a_saved_answer_of_several_indicators_needs_its_number(known: Known) -> None:
    rows = sotkanet_rows(2024, {"05": 1.0}) + sotkanet_rows(2024, {"05": 2.0}, indicator=9002)
    saved = SotkanetSource("s", TARGET, None, Years(1990, 2100))
    assert "it holds the indicators 9001, 9002" in _refused(rows, known, source=saved)
    chosen = SotkanetSource("s", TARGET, 9002, Years(1990, 2100))
    assert [r.value for r in _taken(rows, known, source=chosen).readings] == [2.0]


def test_a_unit_that_is_not_ours_is_told(known: Known) -> None:
    told = read_about(json.dumps(about(value_type="EUR")).encode())
    taken = _taken(sotkanet_rows(2024, {"05": 1.0}), known, about=told)
    assert any("Sotkanet's unit is EUR" in note for note in taken.notes)


def test_counties_the_table_does_not_know_are_found_in_the_list_of_regions() -> None:
    regions = sotkanet_regions([(1201, "Uusi hyvinvointialue")])
    assert unknown_counties(json.dumps(regions).encode()) == {1201: "Uusi hyvinvointialue"}
    assert unknown_counties(json.dumps(sotkanet_regions()).encode()) == {}
    assert unknown_counties(b"<html>") == {}


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"title": "x"}'])
def test_what_says_nothing_about_an_indicator_is_no_error(body: bytes) -> None:
    assert read_about(body) is None


def test_the_address_asks_for_each_year() -> None:
    source = SotkanetSource("s", TARGET, 186, Years(2024, None), "https://peili.example/rest/1.1/")
    assert data_url(source, 2026) == (
        "https://peili.example/rest/1.1/json?indicator=186&years=2024&years=2025&years=2026&genders=total"
    )


@given(st.binary(max_size=80))
def test_nothing_that_is_read_raises(data: bytes) -> None:
    found = read_answer("s", data, SOURCE, Known({}, {}, {}, {}))
    assert not isinstance(found, Taken)


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("2024", Years(2024, 2024)), ("2022-2025", Years(2022, 2025)), ("2022-", Years(2022, None)),
        ("2022–2025", Years(2022, 2025)), ("2025-2022", None), ("24", None), ("2024-25", None),
        ("", None), ("1989", None),
    ],
)  # fmt: skip
def test_years_are_read(text: str, years: Years | None) -> None:
    assert read_years(text) == years


@pytest.mark.parametrize("rows", [[1] * 300, [{"indicator": "x"}] * 300])
def test_of_a_list_of_junk_only_so_much_is_told(known: Known, rows: list[object]) -> None:
    found = _read(rows, known)
    assert isinstance(found, tuple)
    assert len(found) == MOST_MISTAKES


@pytest.mark.parametrize("head", [b"[" + b"1," * MAX_ROWS + b"1]",
                                  b"indicator;region\n" + b"1;2\n" * (MAX_ROWS + 1)])  # fmt: skip
def test_a_list_without_end_is_refused_before_its_rows_are_read(known: Known, head: bytes) -> None:
    found = read_answer("s", head, SOURCE, known)
    assert isinstance(found, tuple)
    assert [m.problem for m in found] == ["it holds too many rows"]
