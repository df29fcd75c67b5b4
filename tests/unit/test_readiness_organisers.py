"""Organisers with dated links, grants against time, what a file would change, own indicators."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.reference import Reference
from monitor.errors import SettingsError
from monitor.readiness import run
from monitor.readiness.compare import compare, content_hash, key_of
from monitor.readiness.convert import Event
from monitor.readiness.grants import Grant, drawdown, drawdowns
from monitor.readiness.importers import Batch, Known, known_names
from monitor.readiness.indicators import COLUMNS, TABLE, load_indicators
from monitor.readiness.organisers import (
    Link,
    is_business_id,
    name_key,
    organisers,
    still_organises,
)
from tests.unit.readiness_file import read_file

MOVED = date(2021, 1, 1)
END = date(2022, 12, 31)
BEFORE = Link("Heinävesi", "", "municipality", "", "12", date(2020, 1, 1), date(2020, 12, 31))
AFTER = replace(BEFORE, region="14", first=MOVED, last=END)
KORSHOLM = Link("Mustasaari", "Korsholm", "municipality", "", "17", date(2020, 1, 1), END)
BOTH = (
    Link("Kahden alueen kuntayhtymä", "", "joint_authority", "", "02", MOVED, None),
    Link("Kahden alueen kuntayhtymä", "", "joint_authority", "1234567-1", "04", MOVED, None),
)
LINKS = (BEFORE, AFTER, KORSHOLM, *BOTH)


@pytest.fixture(scope="module")
def known(reference: Reference) -> Known:
    return known_names(reference, load_indicators(), LINKS)


# --- organisers ----------------------------------------------------------------------------------


def test_a_municipality_that_changed_region_is_found_by_the_day() -> None:
    found = organisers(LINKS)["heinävesi"]
    assert found.regions_on(MOVED - timedelta(days=1)) == ("12",)
    assert found.regions_on(MOVED) == ("14",)
    assert found.regions_on(END + timedelta(days=1)) == ()


def test_an_organiser_has_two_names_and_may_serve_two_regions() -> None:
    found = organisers(LINKS)
    assert found["korsholm"] == found["mustasaari"]
    both = found[name_key("  Kahden  alueen KUNTAYHTYMÄ ")]
    assert both.regions_on(date(2026, 1, 1)) == ("02", "04")
    assert both.business_id == "1234567-1"


def _rated(known: Known, row: str) -> Batch | Iterable[object]:
    header = "järjestäjä;alue;ryhmä;alkaa;päättyy;arvio\n"
    return read_file("organisers", "t.csv", (header + row + "\n").encode(), known)


@pytest.mark.parametrize(
    ("row", "regions"),
    [
        ("Heinävesi;;kaikki;1.7.2020;31.12.2020;3", ["12"]),
        ("heinävesi;;kaikki;1.1.2021;30.6.2021;3", ["14"]),
        ("Korsholm;;kaikki;1.1.2022;30.6.2022;3", ["17"]),
        ("Korsholm;Österbotten;kaikki;1.1.2022;30.6.2022;3", ["17"]),
        ("Kahden alueen kuntayhtymä;;kaikki;1.1.2026;31.3.2026;3", ["02", "04"]),
        ("Kahden alueen kuntayhtymä;04;kaikki;1.1.2026;31.3.2026;3", ["04"]),
        ("sote-palvelut;Lappi;kaikki;1.1.2026;31.3.2026;3", ["21"]),
    ],
)
def test_a_rating_finds_the_region_of_its_organiser(
    known: Known, row: str, regions: list[str]
) -> None:
    batch = _rated(known, row)
    assert isinstance(batch, Batch), batch
    assert [r.region for r in batch.readings] == regions


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Heinävesi;;kaikki;1.7.2020;30.6.2021;3", "does not change region"),
        ("Heinävesi;Etelä-Savo;kaikki;1.7.2021;31.12.2021;3", "region on 2021-07-01: 14"),
        ("Heinävesi;;kaikki;1.1.2023;31.3.2023;3", "an organiser with a region on 2023-01-01"),
        ("Tuntematon;;kaikki;1.1.2026;31.3.2026;3", "no file of organiser-links"),
    ],
)
def test_a_rating_without_a_clear_region_is_refused(known: Known, row: str, told: str) -> None:
    found = _rated(known, row)
    assert isinstance(found, tuple)
    assert told in str(found[0])


def test_ratings_under_either_name_are_of_one_organiser(known: Known) -> None:
    for name in ("Korsholm", "Mustasaari", "korsholm"):
        batch = _rated(known, f"{name};;kaikki;1.1.2022;30.6.2022;3")
        assert isinstance(batch, Batch)
        assert [r.indicator for r in batch.readings] == ["Mustasaari"]


def test_what_was_said_of_an_organiser_ends_with_its_link() -> None:
    found = organisers(LINKS)
    assert still_organises(found, "Korsholm", "17", END)
    assert not still_organises(found, "Korsholm", "17", END + timedelta(days=1))
    assert not still_organises(found, "Heinävesi", "12", MOVED)
    assert still_organises(found, "sote-palvelut", "12", MOVED)


@pytest.mark.parametrize(("text", "right"), [
    ("1234567-1", True), ("1234567-2", False), ("0737546-2", True), ("12345671", False),
    ("123456-71", False), ("١234567-1", False), ("", False), ("1234567-", False),
])  # fmt: skip
def test_business_ids_have_a_check_digit(text: str, right: bool) -> None:
    assert is_business_id(text) is right


@given(st.text(max_size=10))
def test_no_text_raises_as_a_business_id(text: str) -> None:
    assert is_business_id(text) in (True, False)


def test_a_merged_region_is_named_only_in_its_time(reference: Reference) -> None:
    last = date(2026, 12, 31)
    merged = replace(
        reference,
        regions=tuple(replace(r, last=last) if r.code == "20" else r for r in reference.regions),
    )
    assert merged.region["20"].exists_on(last)
    assert not merged.region["20"].exists_on(last + timedelta(days=1))
    known = known_names(merged, load_indicators())
    text = "alue;tapahtuma;päivä\nKainuu;arviointimenettely avattu;{}\n"
    assert isinstance(read_file("event", "t.csv", text.format("31.12.2026").encode(), known), Batch)
    found = read_file("event", "t.csv", text.format("1.1.2027").encode(), known)
    assert isinstance(found, tuple)
    assert "a region that exists then; this one does ..2026-12-31" in str(found[0])


# --- grants --------------------------------------------------------------------------------------

GRANT = Grant(
    region="17", group="all", programme="IKT-understöd", as_of=date(2026, 7, 2),
    start=date(2026, 1, 1), deadline=date(2026, 12, 31), granted=1e6, paid=5e5, used=2.5e5,
    milestones_due=4, milestones_done=3,
)  # fmt: skip


def test_money_is_set_against_the_time_gone() -> None:
    found = drawdown(GRANT)
    assert (found.time, found.paid, found.used) == (0.5, 0.5, 0.25)
    assert (found.pace, found.behind, found.done) == (0.5, 0.25, 0.5)
    assert (found.days_left, found.milestones) == (182, 0.75)


def test_the_first_day_has_no_pace_and_after_the_deadline_all_time_is_gone() -> None:
    assert drawdown(replace(GRANT, as_of=GRANT.start)).pace is None
    late = drawdown(replace(GRANT, as_of=date(2027, 6, 1), milestones_due=None))
    assert (late.time, late.days_left, late.milestones) == (1, 0, None)


def test_the_reports_of_a_programme_make_its_history() -> None:
    early = replace(GRANT, as_of=date(2026, 4, 2), used=1e5)
    other = replace(GRANT, programme="Annan")
    future = replace(GRANT, as_of=date(2026, 10, 1))
    found = drawdowns([GRANT, future, other, early], date(2026, 7, 31))
    assert [[d.grant for d in history] for history in found] == [[other], [early, GRANT]]


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.dates(date(2026, 1, 2), date(2027, 12, 31)))
def test_more_use_never_lowers_what_is_done(a: float, b: float, day: date) -> None:
    low, high = sorted((a, b))
    less, more = (drawdown(replace(GRANT, used=used, as_of=day)) for used in (low, high))
    assert less.done is not None
    assert more.done is not None
    assert 0 <= less.done <= more.done <= 1
    assert less.behind >= more.behind


# --- what a file would change --------------------------------------------------------------------

OPENED = Event("20", "assessment_opened", date(2026, 5, 6), "vanha huomio")


def test_a_file_is_compared_datum_by_datum() -> None:
    other, new = replace(OPENED, region="21"), replace(OPENED, region="18")
    reworded = replace(OPENED, note="uusi huomio")
    batch = Batch("event", 3, events=(reworded, other, new))
    found = compare(batch, {key_of(e): e for e in (OPENED, other)})
    assert (found.new, found.same) == ((new,), 1)
    assert [str(c) for c in found.changed] == [
        "20 assessment_opened 2026-05-06: note vanha huomio -> uusi huomio"
    ]


def test_what_a_file_says_does_not_depend_on_its_order_but_on_its_origin() -> None:
    other = replace(OPENED, region="21")
    one, two = (Batch("event", 2, events=e) for e in ((OPENED, other), (other, OPENED)))
    assert content_hash(one, "oma", "sisäinen") == content_hash(two, "oma", "sisäinen")
    assert content_hash(one, "oma", "sisäinen") != content_hash(one, "muu", "sisäinen")
    assert content_hash(one, "a", "b") != content_hash(
        Batch("event", 1, events=(OPENED,)), "a", "b"
    )


# --- own indicators ------------------------------------------------------------------------------

OWN = "oma,koulutetut-johtajat,Koulutetut johtajat,Utbildade chefer,Trained managers,percent,up,0,100,indicator,johtaminen_osaaminen,oma,sisäinen,2025-01-01,"


def _own(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "omat.csv"
    path.write_text("\n".join([",".join([*COLUMNS, "first", "last"]), *rows]), encoding="utf-8")
    return path


def test_an_indicator_needs_only_a_row_in_a_table(reference: Reference, tmp_path: Path) -> None:
    known = run.names_known(reference, _own(tmp_path, OWN))
    text = "mittari;alue;jakso;arvo\nUtbildade chefer;Kajanaland;2025;40 %\n"
    batch = read_file("indicator", "t.csv", text.encode(), known)
    assert isinstance(batch, Batch)
    assert (batch.readings[0].done, batch.readings[0].group) == (0.4, "johtaminen_osaaminen")
    early = read_file("indicator", "t.csv", text.replace("2025", "2024").encode(), known)
    assert isinstance(early, tuple)
    assert "a period in which oma holds: 2025-01-01.." in early[0].expected


def test_an_own_row_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    shipped = next(line for line in TABLE.read_text("utf-8").splitlines() if "rescue-w" in line)
    own = load_indicators(_own(tmp_path, shipped.replace(",60,95,", ",50,99,") + ",,"))
    assert own["rescue-within-target-time"].best == 99
    assert own.keys() == load_indicators().keys()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (OWN.replace(",up,", ",down,"), "omat.csv:2: direction 'down' does not fit"),
        (OWN.replace("johtaminen_osaaminen", "johto"), "group 'johto' must be one of"),
        (OWN.replace(",indicator,", ",roadmap,"), "component 'roadmap'"),
        (OWN.replace(",0,100,", ",0,sata,"), "write numbers"),
        (OWN.replace("Koulutetut johtajat", ""), "nothing stands in fi"),
        (f"{OWN}\n{OWN}", "stands twice"),
    ],
)
def test_a_mistake_in_the_own_table_is_a_sentence(
    reference: Reference, tmp_path: Path, row: str, told: str
) -> None:
    with pytest.raises(SettingsError, match=None) as error:
        run.names_known(reference, _own(tmp_path, row))
    assert told in str(error.value)


def test_an_own_table_that_is_not_there_is_a_sentence(reference: Reference, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        run.names_known(reference, tmp_path / "puuttuu.csv")
