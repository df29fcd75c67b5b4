"""Sotkanet and PxWeb over a real loopback server: fetched, stored, repeated, undone, and failing well."""

import json
from collections.abc import Iterator
from datetime import date

import pytest
from aiohttp import web
from sqlalchemy import Engine

from classifiers.reference import Reference
from monitor.clock import ManualClock
from monitor.db.engine import reading
from monitor.db.readiness import all_imports
from monitor.db.readiness_fetches import attributions
from monitor.fetch.client import Fetcher, Limits
from monitor.readiness.fetch_run import NotFetched, Report, WouldImport, fetch_sources
from monitor.readiness.fetch_values import PxwebSource, SotkanetSource, Source, Years
from monitor.readiness.run import (
    AlreadyImported,
    Imported,
    Refused,
    names_known,
    readiness_at,
    undo,
)
from monitor.values import Observation
from tests.conftest import NOW, SHARED
from tests.loopback import Loopback
from tests.readiness_answers import (
    CODES,
    FI,
    OLD,
    pxweb_new,
    pxweb_old,
    serve_pxweb,
    serve_sotkanet,
    sotkanet_regions,
    sotkanet_rows,
)

TARGET = "primary-care-within-14-days"  # 40 counts as nothing done, 95 as all
IN_2024 = Years(2024, 2024)
SAMPLES = SHARED / "ref" / "samples"
OLD_TABLE = "/PxWeb/api/v1/fi/StatFin/kek/statfin_kek_pxt_11zz.px"
NEW_TABLE = "/PxWeb/api/v1/sv/StatFin/kek/11zz.px"


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


def _sotkanet(server: Loopback, years: Years = IN_2024) -> SotkanetSource:
    return SotkanetSource("care", TARGET, 9001, years, server.url("/rest/1.1"))


def _pxweb(server: Loopback, path: str, **more: object) -> PxwebSource:
    given: dict[str, object] = {"contents": "osuus", "licence": "CC BY 4.0", **more}
    return PxwebSource("table", TARGET, server.url(path), **given)  # type: ignore[arg-type]


def _fetch(
    engine: Engine, reference: Reference, *sources: Source, dry_run: bool = False
) -> tuple[Report, ...]:
    with Fetcher(Limits(), "tilannekuva/test (+ops@example.fi)", allow_private=True) as edge:
        return fetch_sources(
            engine,
            edge,
            sources,
            "virkailija",
            ManualClock(NOW),
            names_known(reference),
            dry_run=dry_run,
        )


def _observed(engine: Engine) -> tuple[Observation, ...]:
    with reading(engine) as session:
        return readiness_at(session, date(2026, 11, 15)).observations


def _values(engine: Engine) -> dict[tuple[str, int], float | None]:
    return {(o.region, o.period_end.year): o.value for o in _observed(engine)}


# --- Sotkanet ------------------------------------------------------------------------------------


def test_sotkanet_is_stored_with_where_it_came_from(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    serve_sotkanet(server, sotkanet_rows(2024, {"05": 67.5, "17": 120.0, "90": None}))
    (report,) = _fetch(sqlite, reference, _sotkanet(server))
    assert isinstance(report.outcome, Imported)
    found = {o.region: o for o in _observed(sqlite)}
    assert {code: o.value for code, o in found.items()} == {"05": 67.5, "17": 120.0, "90": None}
    assert found["05"].done == pytest.approx(0.5)
    assert found["17"].done == 1.0, (
        "a value outside the reference points is kept and counts as best"
    )
    assert found["05"].group == "palveluiden_jarjestaminen"
    assert (found["05"].period_start, found["05"].period_end) == (
        date(2024, 1, 1),
        date(2024, 12, 31),
    )
    assert found["05"].licence == "CC BY 4.0"
    assert found["05"].source == "THL Sotkanet: Keksitty osuus, % (9001)"
    assert found["05"].imported_by == "virkailija"
    with reading(sqlite) as session:
        (attribution,) = attributions(session)
    assert attribution.address == server.url(
        "/rest/1.1/json?indicator=9001&years=2024&genders=total"
    )
    assert attribution.on == NOW
    assert {r.headers["User-Agent"] for r in server.requests} == {
        "tilannekuva/test (+ops@example.fi)"
    }


def test_old_and_new_county_numbers_mean_the_same(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    values = {code: 40.0 + i for i, code in enumerate(CODES)}
    rows = sotkanet_rows(2023, values, OLD) + sotkanet_rows(2024, values)
    serve_sotkanet(server, rows)
    (report,) = _fetch(sqlite, reference, _sotkanet(server, Years(2023, 2024)))
    assert isinstance(report.outcome, Imported)
    stored = _values(sqlite)
    assert len(stored) == 44
    assert {code: stored[code, 2023] for code in CODES} == values
    assert {code: stored[code, 2024] for code in CODES} == values
    assert report.taken is not None
    assert (
        "passed over: 6 rows of municipalities, the country and other areas" in report.taken.notes
    )


def test_the_same_answer_changes_nothing_until_it_is_undone(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    rows = sotkanet_rows(2024, {"05": 67.5})
    serve_sotkanet(server, rows)
    (first,) = _fetch(sqlite, reference, _sotkanet(server))
    serve_sotkanet(server, rows[::-1])  # the order of the rows says nothing
    (again,) = _fetch(sqlite, reference, _sotkanet(server))
    assert isinstance(first.outcome, Imported)
    assert again.outcome == AlreadyImported(first.outcome.id)
    undo(sqlite, first.outcome.id, "virkailija", ManualClock(NOW))
    assert _observed(sqlite) == ()
    (third,) = _fetch(sqlite, reference, _sotkanet(server))
    assert isinstance(third.outcome, Imported)
    assert _values(sqlite) == {("05", 2024): 67.5}


def test_a_value_that_was_taken_back_and_returns_is_stored_each_time(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    for value in (60.0, 61.0, 60.0):
        serve_sotkanet(server, sotkanet_rows(2024, {"05": value}))
        (report,) = _fetch(sqlite, reference, _sotkanet(server))
        assert isinstance(report.outcome, Imported)
    assert [o.value for o in _observed(sqlite)] == [60.0, 61.0, 60.0]


def test_a_value_that_is_gone_is_told(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    serve_sotkanet(server, sotkanet_rows(2024, {"05": 60.0, "06": 70.0}))
    _fetch(sqlite, reference, _sotkanet(server))
    serve_sotkanet(server, sotkanet_rows(2024, {"05": 60.0}))
    (report,) = _fetch(sqlite, reference, _sotkanet(server))
    assert report.taken is not None
    assert any("1 values of import 1 are no longer" in note for note in report.taken.notes)


def test_a_county_with_an_unknown_number_stops_the_answer_where_it_occurs(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    rows = sotkanet_rows(2024, {"05": 67.5})
    regions = sotkanet_regions([(1201, "Yhdistetty hyvinvointialue")])
    serve_sotkanet(server, rows, regions=regions)
    (fine,) = _fetch(sqlite, reference, _sotkanet(server))
    assert isinstance(fine.outcome, Imported), "it has no row, so it does no harm"
    merged = {**rows[0], "region": 1201}
    serve_sotkanet(server, [*rows, merged], regions=regions)
    (report,) = _fetch(sqlite, reference, _sotkanet(server))
    assert isinstance(report.outcome, Refused)
    assert "region 1201 is the county 'Yhdistetty hyvinvointialue'" in str(
        report.outcome.mistakes[0]
    )


def test_a_help_that_is_missing_is_no_obstacle(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    serve_sotkanet(server, sotkanet_rows(2024, {"05": 67.5}))
    del server.pages["/rest/1.1/regions"], server.pages["/rest/1.1/indicators/9001"]
    (report,) = _fetch(sqlite, reference, _sotkanet(server))
    assert isinstance(report.outcome, Imported)


def test_one_source_that_fails_stops_only_itself(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    serve_pxweb(server, OLD_TABLE, pxweb_old())
    broken = sotkanet_rows(2024, {"05": 67.5})
    serve_sotkanet(server, [*broken, {**broken[0], "region": 966, "value": "paljon"}])
    down = PxwebSource("down", TARGET, server.url("/down.px"), licence="x")
    server.pages["/down.px"] = lambda _: web.Response(status=503, headers={"Retry-After": "120"})
    bad, temporary, good = _fetch(
        sqlite, reference, _sotkanet(server), down, _pxweb(server, OLD_TABLE)
    )
    assert isinstance(bad.outcome, Refused)
    assert "row 5: 'value' is 'paljon'; expected a number" in str(bad.outcome.mistakes[0])
    assert isinstance(temporary.outcome, NotFetched)
    assert temporary.outcome.temporary
    assert temporary.outcome.again_after_seconds == 120
    assert "again later" in temporary.outcome.remedy
    assert isinstance(good.outcome, Imported)
    with reading(sqlite) as session:
        assert len(all_imports(session)) == 1


def test_private_addresses_stay_closed(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    serve_sotkanet(server, sotkanet_rows(2024, {"05": 67.5}))
    with Fetcher(Limits(), "tilannekuva/test") as edge:
        (report,) = fetch_sources(
            sqlite, edge, [_sotkanet(server)], "v", ManualClock(NOW), names_known(reference)
        )
    assert isinstance(report.outcome, NotFetched)
    assert "ALLOW_PRIVATE" in report.outcome.remedy
    assert server.requests == []


# --- PxWeb ---------------------------------------------------------------------------------------


def test_a_table_with_old_names_and_one_with_new_codes_are_asked_alike(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    serve_pxweb(server, OLD_TABLE, pxweb_old())
    serve_pxweb(server, NEW_TABLE, pxweb_new())
    old = _pxweb(server, OLD_TABLE, years=Years(2024, None))
    (report,) = _fetch(sqlite, reference, old)
    assert isinstance(report.outcome, Imported), report
    # asked: counties 07, 17, 90 x years 2024, 2025; values count up over region, then year
    assert _values(sqlite) == {
        ("07", 2024): 10, ("07", 2025): 11, ("17", 2024): 12, ("17", 2025): 13,
        ("90", 2024): 14, ("90", 2025): 15,
    }  # fmt: skip
    undo(sqlite, report.outcome.id, "v", ManualClock(NOW))
    new = _pxweb(server, NEW_TABLE, years=Years(2024, None), contents="osuus")
    (report,) = _fetch(sqlite, reference, new)
    assert isinstance(report.outcome, Imported), report
    assert _values(sqlite) == {
        ("07", 2024): 10, ("07", 2025): 11, ("17", 2024): 12, ("17", 2025): 13,
    }  # fmt: skip


def test_a_table_that_moved_is_found_under_its_other_id(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    serve_pxweb(server, NEW_TABLE, pxweb_new())
    page = "/PxWeb/pxweb/sv/StatFin/StatFin__kek/statfin_kek_pxt_11zz.px/table/tableViewLayout1/"
    (report,) = _fetch(sqlite, reference, _pxweb(server, page))
    assert isinstance(report.outcome, Imported), report
    asked = [(r.method, r.headers.get("Content-Type")) for r in server.asked(NEW_TABLE)]
    assert asked == [("GET", None), ("POST", "application/json")]
    with reading(sqlite) as session:
        assert attributions(session)[0].address == server.url(NEW_TABLE)


def test_marks_are_kept_apart(sqlite: Engine, reference: Reference, server: Loopback) -> None:
    values = [None, 61.0, None, None, 70.0, None]
    serve_pxweb(
        server, OLD_TABLE, pxweb_old(), value=values, status={"0": ".", "1": "*", "2": ".."}
    )
    (report,) = _fetch(sqlite, reference, _pxweb(server, OLD_TABLE, years=Years(2024, 2025)))
    assert isinstance(report.outcome, Imported), report
    found = {(o.region, o.period_end.year): o for o in _observed(sqlite)}
    assert found["07", 2024].unit == "not applicable"
    assert (found["07", 2025].value, found["07", 2025].note) == (61.0, "marked * by the source")
    assert (found["17", 2024].value, found["17", 2024].unit) == (None, "percent")
    assert report.taken is not None
    assert "marked '*' by the source: 1 values" in report.taken.notes


def test_what_is_left_open_is_listed(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    serve_pxweb(server, OLD_TABLE, pxweb_old())
    (report,) = _fetch(sqlite, reference, _pxweb(server, OLD_TABLE, contents=""))
    assert isinstance(report.outcome, Refused)
    said = str(report.outcome.mistakes[0])
    assert "'Tiedot' has 2 values and none is chosen" in said
    assert "osuus = Osuus, %" in said


def test_a_dry_run_stores_nothing(sqlite: Engine, reference: Reference, server: Loopback) -> None:
    serve_pxweb(server, OLD_TABLE, pxweb_old())
    (report,) = _fetch(sqlite, reference, _pxweb(server, OLD_TABLE), dry_run=True)
    assert isinstance(report.outcome, WouldImport)
    assert len(report.outcome.taken.readings) == 3 * len(FI)
    assert _observed(sqlite) == ()


def test_an_unknown_database_needs_its_terms(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    serve_pxweb(server, OLD_TABLE, pxweb_old())
    (report,) = _fetch(sqlite, reference, _pxweb(server, OLD_TABLE, licence=""))
    assert isinstance(report.outcome, Refused)
    assert "licence is not known" in str(report.outcome.mistakes[0])


def test_a_query_is_repeated_where_a_redirect_leads(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    serve_pxweb(server, NEW_TABLE, pxweb_new())
    here = server.pages[NEW_TABLE]
    server.pages["/new.px"] = here

    def moving(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            return web.Response(status=307, headers={"Location": "/new.px"})
        return web.json_response(pxweb_new())

    server.pages[NEW_TABLE] = moving
    (report,) = _fetch(sqlite, reference, _pxweb(server, NEW_TABLE))
    assert isinstance(report.outcome, Imported), report


# --- other people's samples ----------------------------------------------------------------------


def _sample(path: str) -> bytes:
    file = SAMPLES / path
    if not file.is_file():
        pytest.skip("the samples are not beside this repository (../shared/ref/samples)")
    return file.read_bytes()


def test_sotkanets_sample_has_only_areas_of_before_2023(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    rows = _sample("sotkanet/oskari_SotkaIndicatorData.json")
    regions = _sample("sotkanet/oskari_SotkaRegions.json")
    described = json.loads(_sample("sotkanet/indicators_metadata_hus-sotkanet.json"))
    serve_sotkanet(server, rows, regions=regions)
    server.pages["/rest/1.1/indicators/127"] = lambda _: web.json_response(
        described["indicators"]["186"]
    )
    source = SotkanetSource("s", TARGET, 127, Years(2009, 2009), server.url("/rest/1.1"))
    (report,) = _fetch(sqlite, reference, source)
    assert isinstance(report.outcome, Refused)
    said = str(report.outcome.mistakes[0])
    assert "none of its 466 rows is of a wellbeing services county" in said
    assert "1990-2024" in said


def test_sotkanets_sample_with_county_rows_is_read(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    rows = json.loads(_sample("sotkanet/oskari_SotkaIndicatorData.json"))
    county = {**rows[0], "region": "890", "primary value": "55.5"}  # Pirkanmaa's old number
    serve_sotkanet(server, [*rows, county])
    source = SotkanetSource("s", TARGET, 127, Years(2009, 2009), server.url("/rest/1.1"))
    (report,) = _fetch(sqlite, reference, source)
    assert isinstance(report.outcome, Imported), report
    assert _values(sqlite) == {("08", 2009): 55.5}
    assert report.taken is not None
    assert any(note.startswith("passed over: 466 rows") for note in report.taken.notes)


def test_pxwebs_sample_has_no_counties(
    sqlite: Engine, reference: Reference, server: Loopback
) -> None:
    table = _sample("pxweb/oskari_px-table-viimeisin-response.json")
    server.pages["/t.px"] = lambda _: web.Response(body=table, content_type="application/json")
    folder = _sample("pxweb/oskari_px-folder-response.json")
    server.pages["/folder"] = lambda _: web.Response(body=folder, content_type="application/json")
    of_table = PxwebSource("t", TARGET, server.url("/t.px"), "M408", licence="x")
    of_folder = PxwebSource("f", TARGET, server.url("/folder"), licence="x")
    by_municipality, listing = _fetch(sqlite, reference, of_table, of_folder)
    assert isinstance(by_municipality.outcome, Refused)
    assert "wellbeing services counties" in str(by_municipality.outcome.mistakes[0])
    assert isinstance(listing.outcome, Refused)
    assert "folder of tables" in str(listing.outcome.mistakes[0])
