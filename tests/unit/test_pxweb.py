"""PxWeb: which variable is which, which value is a county, the query, addresses."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.reference import Reference
from monitor.readiness.cells import Period, Wrong
from monitor.readiness.fetch_values import PxwebSource, Taken, Years
from monitor.readiness.importers import Known
from monitor.readiness.pxweb import (
    Picked,
    Table,
    licence_of,
    pick,
    query_of,
    read_answer,
    read_table,
    table_urls,
)
from monitor.readiness.run import names_known
from monitor.readiness.variables import (
    Category,
    Variable,
    category_of,
    counties_of,
    period_of,
    roles,
)
from tests.readiness_answers import answer_to, pxweb_new, pxweb_old

TARGET = "primary-care-within-14-days"
SOURCE = PxwebSource(
    "t", TARGET, "https://pxdata.stat.fi/PxWeb/api/v1/fi/StatFin/kek/11zz.px", "osuus"
)


@pytest.fixture(scope="module")
def known(reference: Reference) -> Known:
    return names_known(reference)


def _variable(code: str, text: str, **values: str) -> Variable:
    return Variable(code, text, tuple(Category(c, label) for c, label in values.items()))


def _table(raw: dict[str, Any]) -> Table:
    table = read_table("t", json.dumps(raw).encode())
    assert isinstance(table, Table)
    return table


def _pick(raw: dict[str, Any], source: PxwebSource, known: Known) -> Picked:
    picked = pick("t", _table(raw).variables, source, known, 2026)
    assert isinstance(picked, Picked), picked
    return picked


# --- which value is a county ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "label", "unit"),
    [
        ("HVA08", "Pirkanmaan hyvinvointialue", "08"),
        ("08", "Birkalands välfärdsområde", "08"),
        ("x", "Western Uusimaa wellbeing services county", "03"),
        ("x", "Wellbeing Services County of North Karelia", "14"),
        ("HVA90", "Helsinki", "90"),
        ("HVA19", "POHDE", "19"),
        ("KU091", "Helsinki", None),
        ("091", "Helsinki", None),
        ("MK06", "Pirkanmaa", None),
        ("06", "Pirkanmaa", None),
        ("HVA91", "Ahvenanmaa", None),
        ("SSS", "KOKO MAA", None),
    ],
)
def test_a_value_is_a_county_by_its_label(
    known: Known, code: str, label: str, unit: str | None
) -> None:
    found = counties_of(_variable("alue_23_20260101", "Alue", **{code: label}), known.regions)
    assert found == ({code: unit} if unit else {})


def test_short_names_count_where_the_variable_is_of_counties(known: Known) -> None:
    values = {"08": "Pirkanmaa", "90": "Helsinki", "91": "Ahvenanmaa"}
    found = counties_of(_variable("Hyvinvointialue", "Hyvinvointialue", **values), known.regions)
    assert found == {"08": "08", "90": "90"}


def test_numbers_of_regions_under_the_name_of_counties_are_refused(known: Known) -> None:
    variable = _variable("Hyvinvointialue", "Hyvinvointialue", **{"06": "Pirkanmaa"})
    found = counties_of(variable, known.regions)
    assert isinstance(found, Wrong)
    assert "Pirkanmaa has the code 08" in found.expected


def test_one_county_twice_is_refused(known: Known) -> None:
    values = {"a": "Kainuun hyvinvointialue", "b": "Kajanalands välfärdsområde"}
    assert isinstance(counties_of(_variable("Alue", "Alue", **values), known.regions), Wrong)


def test_regions_and_counties_of_one_name_are_told_apart(known: Known) -> None:
    values = {"MK18": "Kainuu", "HVA20": "Kainuun hyvinvointialue", "KU205": "Kajaani"}
    found = counties_of(_variable("Alue", "Alue", **values), known.regions)
    assert found == {"HVA20": "20"}


# --- which variable is which ---------------------------------------------------------------------


@pytest.mark.parametrize("raw", [pxweb_old(), pxweb_new()], ids=["names", "codes"])
def test_variables_are_told_apart_by_name_and_by_code(known: Known, raw: dict[str, Any]) -> None:
    told = roles(_table(raw).variables, known.regions)
    assert not isinstance(told, Wrong)
    assert told.time is not None
    assert told.contents is not None
    assert told.region.text in ("Alue", "Område")
    assert told.time.text in ("Vuosi", "År")
    assert told.contents.text in ("Tiedot", "Uppgifter")
    assert [v.text for v in told.others] in (["Sukupuoli"], ["Kön"])


def test_two_variables_of_counties_leave_it_open(known: Known) -> None:
    values = {"HVA20": "Kainuun hyvinvointialue"}
    variables = [_variable("mista", "Mistä", **values), _variable("minne", "Minne", **values)]
    told = roles(variables, known.regions)
    assert isinstance(told, Wrong)
    assert "'Mistä' (mista), 'Minne' (minne)" in told.remedy


@pytest.mark.parametrize(
    ("code", "label", "days"),
    [
        ("2024", "2024", ("2024-01-01", "2024-12-31")),
        ("2024Q3", "2024Q3*", ("2024-07-01", "2024-09-30")),
        ("2024M02", "2024M02", ("2024-02-01", "2024-02-29")),
        ("0", "2025*", ("2025-01-01", "2025-12-31")),
    ],
)
def test_years_quarters_and_months_are_periods(
    code: str, label: str, days: tuple[str, str]
) -> None:
    period = period_of(Category(code, label))
    assert isinstance(period, Period)
    assert (period.first.isoformat(), period.last.isoformat()) == days


def test_a_value_is_found_by_code_by_its_last_part_and_by_text() -> None:
    variable = _variable(
        "contentscode", "Tiedot", **{"kek-osuus": "Osuus, %", "kek-maara": "Määrä"}
    )
    for said in ("kek-osuus", "OSUUS", "osuus,  %"):
        found = category_of(variable, said)
        assert isinstance(found, Category)
        assert found.code == "kek-osuus"
    wrong = category_of(variable, "osus")
    assert isinstance(wrong, Wrong)
    assert "kek-osuus = Osuus, %" in wrong.expected


# --- the query -----------------------------------------------------------------------------------


def test_the_query_is_in_the_tables_own_codes(known: Known) -> None:
    picked = _pick(pxweb_new(), replace(SOURCE, years=Years(2025, None)), known)
    assert json.loads(query_of(picked)) == {
        "query": [
            {"code": code, "selection": {"filter": "item", "values": values}}
            for code, values in (
                ("alue_23_20260101", ["HVA07", "HVA17"]),
                ("timeperiod_y", ["2025"]),
                ("contentscode", ["kek-osuus"]),
                ("sukupuoli_9_20180101", ["SSS"]),
            )
        ],
        "response": {"format": "json-stat2"},
    }
    assert picked.notes == ("'Kön': took Totalt (SSS)",)


@pytest.mark.parametrize("name", ["sukupuoli", "Kön", "sukupuoli_9_20180101"])
def test_a_variable_may_be_named_without_the_stamp_of_its_classification(
    known: Known, name: str
) -> None:
    picked = _pick(pxweb_new(), replace(SOURCE, select=((name, "Män"),)), known)
    assert picked.single["sukupuoli_9_20180101"].code == "1"


def test_a_variable_the_table_sums_over_may_be_left_out(known: Known) -> None:
    raw = pxweb_new()
    raw["variables"][2] |= {"values": ["1", "2"], "valueTexts": ["Män", "Kvinnor"]}
    picked = pick("t", _table(raw).variables, SOURCE, known, 2026)
    assert isinstance(picked, tuple)
    assert "'Kön' has 2 values and none is chosen" in str(picked[0])
    raw["variables"][2]["elimination"] = True
    kept = _pick(raw, SOURCE, known)
    assert "sukupuoli_9_20180101" not in kept.single
    assert kept.notes == ("summed by the source over 'Kön'",)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"years": Years(2030, 2031)}, "it has nothing of 2030-2031"),
        ({"select": (("ikä", "SSS"),)}, "it has no variable 'ikä'"),
        ({"contents": "muuta"}, "'Uppgifter' has no value 'muuta'"),
    ],
)
def test_a_choice_that_is_not_there_is_named(
    known: Known, more: dict[str, object], said: str
) -> None:
    source = replace(SOURCE, **more)  # type: ignore[arg-type]
    mistakes = pick("t", _table(pxweb_new()).variables, source, known, 2026)
    assert isinstance(mistakes, tuple)
    assert said in str(mistakes[0])


def test_a_table_without_time_is_of_the_year_that_is_given(known: Known) -> None:
    raw = pxweb_new()
    del raw["variables"][1]
    open_ = pick("t", _table(raw).variables, SOURCE, known, 2026)
    assert isinstance(open_, tuple)
    assert "--years" in str(open_[0])
    source = replace(SOURCE, years=Years(2016, 2016))
    query = json.loads(query_of(_pick(raw, source, known)))
    assert "timeperiod_y" not in [part["code"] for part in query["query"]]
    taken = read_answer("t", json.dumps(answer_to(raw, query)).encode(), source, known, 2026)
    assert isinstance(taken, Taken)
    assert {r.period_end.year for r in taken.readings} == {2016}


def test_an_answer_of_another_order_says_the_same(known: Known) -> None:
    query = json.loads(query_of(_pick(pxweb_new(), SOURCE, known)))
    answer = answer_to(pxweb_new(), query)
    there = read_answer("t", json.dumps(answer).encode(), SOURCE, known, 2026)
    # time first, then region: the same cells in another order
    regions, years = answer["size"][:2]
    turned = {
        **answer,
        "id": [answer["id"][i] for i in (1, 0, 2, 3)],
        "size": [years, regions, *answer["size"][2:]],
        "value": [answer["value"][r * years + y] for y in range(years) for r in range(regions)],
    }
    back = read_answer("t", json.dumps(turned).encode(), SOURCE, known, 2026)
    assert isinstance(there, Taken)
    assert isinstance(back, Taken)
    assert there.readings == back.readings
    assert {(r.region, r.period_end.year): r.value for r in there.readings} == {
        ("07", 2023): 10, ("07", 2024): 11, ("07", 2025): 12,
        ("17", 2023): 13, ("17", 2024): 14, ("17", 2025): 15,
    }  # fmt: skip


def test_a_unit_that_is_not_ours_is_told(known: Known) -> None:
    query = json.loads(query_of(_pick(pxweb_new(), SOURCE, known)))
    answer = answer_to(pxweb_new(), query)
    answer["dimension"]["contentscode"]["category"]["unit"] = {"kek-osuus": {"base": "euroa"}}
    taken = read_answer("t", json.dumps(answer).encode(), SOURCE, known, 2026)
    assert isinstance(taken, Taken)
    assert any("the source's unit is 'euroa'" in note for note in taken.notes)


def test_what_a_source_writes_cannot_reach_a_terminal(known: Known) -> None:
    query = json.loads(query_of(_pick(pxweb_new(), SOURCE, known)))
    answer = answer_to(pxweb_new(), query, label="\x1b[31mPunainen\x00", status={"0": "\x07*"})
    taken = read_answer("t", json.dumps(answer).encode(), SOURCE, known, 2026)
    assert isinstance(taken, Taken)
    assert taken.label == "Statistics Finland: [31mPunainen; Andel, %"
    assert taken.readings[0].note == "marked * by the source"
    assert all(note.isprintable() for note in taken.notes)


# --- addresses -----------------------------------------------------------------------------------

API = "https://pxdata.stat.fi/PxWeb/api/v1/fi/StatFin/vaerak"
PAGE = "https://pxdata.stat.fi/PxWeb/pxweb/fi/StatFin/StatFin__vaerak"


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (f"{API}/statfin_vaerak_pxt_11ra.px", ("statfin_vaerak_pxt_11ra.px", "11ra.px")),
        (f"{API}/11ra.px", ("11ra.px", "statfin_vaerak_pxt_11ra.px")),
        (f"{PAGE}/statfin_vaerak_pxt_11ra.px/", ("statfin_vaerak_pxt_11ra.px", "11ra.px")),
        (f"{PAGE}/11ra.px/table/tableViewLayout1/", ("11ra.px", "statfin_vaerak_pxt_11ra.px")),
        (f"{API}/kuntien_avainluvut_2025.px", ("kuntien_avainluvut_2025.px",)),
    ],
)
def test_a_table_is_looked_for_under_both_its_ids(given: str, asked: tuple[str, ...]) -> None:
    assert table_urls(given) == tuple(f"{API}/{name}" for name in asked)


def test_the_licence_is_known_of_statistics_finland_alone() -> None:
    assert licence_of(SOURCE) == "CC BY 4.0"
    assert licence_of(replace(SOURCE, table="https://stat.fi.example.org/t.px")) == ""
    assert licence_of(replace(SOURCE, table="https://px.example.fi/t.px", licence="oma")) == "oma"


@pytest.mark.parametrize(
    "raw",
    [{}, [], {"variables": []}, {"variables": [{"code": "a"}]},
     {"variables": [{"code": "a", "values": ["1"], "valueTexts": []}]}, "sana"],
)  # fmt: skip
def test_what_is_no_table_is_refused(raw: object) -> None:
    assert not isinstance(read_table("t", json.dumps(raw).encode()), Table)


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["2024", "HVA07", "Kainuu", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["code", "text", "values", "valueTexts", "time", "elimination"]), inner
        )
    ),
    max_leaves=10,
)


@given(st.lists(_ANY, max_size=3))
def test_no_metadata_that_are_read_raise(variables: list[object]) -> None:
    table = read_table("t", json.dumps({"variables": variables}).encode())
    known = Known({"kainuu": "20"}, {}, {}, {})
    if isinstance(table, Table):
        assert isinstance(pick("t", table.variables, SOURCE, known, 2026), Picked | tuple)
