"""What a program sees: figures with their denominators, paging, caching, keys, limits, refusals."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from classifiers.reference import Reference
from monitor.api.gate import accepts
from monitor.api.limits import Buckets
from monitor.db.engine import reading, transaction
from monitor.db.keys import find_key, revoke_key
from monitor.db.scores import current_scores
from monitor.db.tables import ApiKeyRow
from monitor.values import ALL_GROUPS, NotReady
from tests.api.conftest import Served, serve
from tests.web.seed import NOW, TROUBLED, UNSOURCED, WEEK

KINDS = ("signals", "stories", "scores", "readiness", "coverage", "alerts", "summaries")


def items(api: Served, path: str, role: str = "read") -> list[dict[str, Any]]:
    answer = api.get(path, role)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def pages(api: Served, path: str) -> Iterator[dict[str, Any]]:
    link: str | None = path
    while link:
        page = api.get(link).json()
        yield page
        link = page["next"] and page["next"].removeprefix("/api/v1")


# --- what is told --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_list_has_records_and_says_whom_to_name(api: Served, kind: str) -> None:
    body = api.get(f"/{kind}?week={WEEK}").json()
    assert body["schema_version"] == 1
    assert body["kind"] == kind
    assert body["count"] == len(body["items"]) > 0
    assert "Statistics Finland" in body["attribution"][0]


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "summaries"])
def test_every_weekly_list_has_its_denominators(api: Served, kind: str) -> None:
    (week,) = api.get(f"/{kind}?week={WEEK}").json()["weeks"]
    assert week["week"] == WEEK
    assert week["units"] == 23
    assert 0 < week["units_heard"] < 23
    assert week["articles"] > week["stories"] > 0
    assert 0 < week["mean_exposure"] < 1


def test_signals_cover_every_region_and_topic_also_the_silent(
    api: Served, reference: Reference
) -> None:
    told = items(api, "/signals?week=latest&limit=500")
    assert len(told) == len(reference.units) * len(reference.topics)
    loud = max(told, key=lambda s: s["pressure"]["value"] or 0)
    assert loud["region"] == TROUBLED
    assert loud["stories_raising_risk"] > 0
    for signal in told:
        assert 0 <= signal["exposure"] <= 1
        pressure = signal["pressure"]
        if pressure["value"] is not None:
            assert 0 <= pressure["low"] <= pressure["value"] <= pressure["high"] <= 1


def test_silence_of_an_unheard_region_is_no_zero(api: Served) -> None:
    for signal in items(api, f"/signals?week={WEEK}&region={UNSOURCED}"):
        assert signal["pressure"]["value"] is None
        assert signal["expected"] is None
        assert signal["pressure"]["reasons"][0].startswith("coverage:")


def test_scores_are_those_in_force(api: Served, stored: Engine) -> None:
    with reading(stored) as session:
        kept = {(s.region, s.group): s for s in current_scores(session, WEEK)}
    told = items(api, f"/scores?week={WEEK}&limit=500")
    assert len(told) == len(kept)
    for score in told:
        combined = kept[score["region"], score["group"]].combined
        if isinstance(combined, NotReady):
            assert score["combined"]["value"] is None
            assert score["combined"]["reasons"] == list(combined.reasons)
        else:
            assert score["combined"]["value"] == combined
            assert sum(c["value"] for c in score["contributions"]) == pytest.approx(combined)


def test_stories_name_outlets_and_links(api: Served) -> None:
    told = items(api, f"/stories?week={WEEK}&region={TROUBLED}")
    assert told
    for story in told:
        assert any(r["region"] == TROUBLED and r["exposure"] > 0 for r in story["regions"])
        assert len({s["publisher_group"] for s in story["sources"]}) == story["publishers"]
        assert all(s["url"].startswith("http") and s["outlet"] for s in story["sources"])


def test_readiness_names_its_sources_in_the_language_asked_for(api: Served) -> None:
    body = api.get(f"/readiness?week={WEEK}&region=05&lang=sv").json()
    assert len(body["items"]) == 5
    assert body["items"][0]["components"]
    assert any(line.startswith("Källa") for line in body["attribution"])


def test_an_alert_has_every_parameter(api: Served) -> None:
    (alert,) = items(api, f"/alerts?week={WEEK}")
    assert (alert["region"], alert["topic"], alert["observed"]) == ("19", "personnel", 7.5)
    assert alert["cells_tested"] == 322
    assert alert["parameters"]["past_weeks"] == 2
    assert alert["exposure"] > 0


def test_a_week_without_alerts_still_has_its_denominators(api: Served) -> None:
    body = api.get("/alerts?to=2026-W45").json()
    assert body["items"] == []
    assert [week["week"] for week in body["weeks"]] == ["2026-W44", "2026-W45"]


def test_drafts_are_seen_with_an_export_key_alone(api: Served) -> None:
    assert [s["state"] for s in items(api, "/summaries")] == ["published"]
    assert [s["state"] for s in items(api, "/summaries", "export")] == ["published", "draft"]
    one = api.get(f"/summaries/{WEEK}").json()
    assert (one["line"]["version"], one["line"]["state"]) == (1, "published")
    assert one["summary"]["national"]["articles"] == 50
    assert api.get(f"/summaries/{WEEK}", "export").json()["line"]["version"] == 2
    assert api.get(f"/summaries/{WEEK}?version=2").status_code == 404


# --- paging, filters, caching --------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["signals", "stories", "scores", "coverage"])
def test_pages_add_up_to_the_whole(api: Served, kind: str) -> None:
    found = list(pages(api, f"/{kind}?from=2026-W44&limit=37"))
    assert len(found) > 1
    assert all(page["count"] == 37 for page in found[:-1])
    whole = items(api, f"/export/{kind}?from=2026-W44", "export")
    assert [item for page in found for item in page["items"]] == whole


def test_filters_can_be_repeated_and_are_combined(api: Served) -> None:
    told = items(api, f"/signals?week={WEEK}&region=05&region=06&topic=finance")
    assert [(s["region"], s["topic"]) for s in told] == [("05", "finance"), ("06", "finance")]
    assert items(api, "/scores?from=2026-W45&to=2026-W44") == []
    totals = items(api, f"/scores?week={WEEK}&group={ALL_GROUPS}")
    assert {s["group"] for s in totals} == {ALL_GROUPS}
    assert len(totals) == 23


def test_what_a_program_has_already_is_not_sent_again(api: Served) -> None:
    first = api.get(f"/scores?week={WEEK}")
    tag = first.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = api.get(f"/scores?week={WEEK}", **{"If-None-Match": known})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
    assert api.get(f"/scores?week={WEEK}", **{"If-None-Match": '"other"'}).status_code == 200


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/signals?week=2025-W53", 422),
        ("/signals?week=46", 422),
        ("/signals?region=99", 422),
        ("/signals?topic=weather", 422),
        ("/signals?limit=501", 422),
        ("/signals?limit=0", 422),
        ("/signals?cursor=x", 422),
        ("/signals?regoin=05", 422),
        ("/scores?topic=finance", 422),
        ("/summaries/2026-W02", 404),
        ("/nothing", 404),
        ("/export/signals", 403),
    ],
)
def test_every_refusal_is_a_problem_document(api: Served, path: str, status: int) -> None:
    answer = api.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["detail"]
    assert (status == 422) == bool(body["errors"])


def test_a_misspelt_parameter_is_named(api: Served) -> None:
    (error,) = api.get("/signals?regoin=05").json()["errors"]
    assert error["where"] == "query.regoin"


def test_only_reading_is_allowed(api: Served) -> None:
    from tests.api.conftest import TestClient

    answer = TestClient(api.app).post("/api/v1/scores")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert answer.json()["title"] == "Method Not Allowed"


def test_another_media_type_is_refused(api: Served) -> None:
    answer = api.get("/scores", Accept="text/html")
    assert answer.status_code == 406
    assert answer.json()["detail"] == "This is given as application/json only."
    assert api.get("/export/scores?format=csv", "export", Accept="text/*").status_code == 200


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("", True),
        ("*/*", True),
        ("application/*;q=0.2", True),
        ("text/html, application/json;q=0.9", True),
        ("application/json;q=0, */*", False),
        ("text/html", False),
    ],
)
def test_accept_is_read_as_its_rule_says(header: str, taken: bool) -> None:
    assert accepts(header, "application/json") is taken


def test_a_mistake_of_the_program_shows_nothing_of_itself(reference: Reference) -> None:
    from monitor.db.engine import open_engine

    broken = open_engine("sqlite://")  # without tables
    with pytest.raises(Exception, match="api_keys"):
        serve(broken, reference)
    from fastapi import FastAPI

    from monitor.api.app import PREFIX, make_api
    from monitor.app import App
    from monitor.clock import ManualClock
    from monitor.settings import load_settings

    app = FastAPI()
    app.mount(PREFIX, make_api(App(load_settings({}), ManualClock(NOW), broken, reference)))
    answer = Served(app, {"read": "tk_x"}, lambda: 0.0).get("/scores")  # type: ignore[arg-type]
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "api_keys" not in answer.text
    assert "Traceback" not in answer.text
    broken.dispose()


# --- keys and limits -----------------------------------------------------------------------------


def test_index_and_document_need_no_key_and_all_else_does(api: Served) -> None:
    assert api.get("/", "").json()["links"]["signals"] == "/api/v1/signals"
    assert api.get("/openapi.json", "").status_code == 200
    for path in (*(f"/{kind}" for kind in KINDS), "/codes", f"/summaries/{WEEK}", "/export/scores"):
        answer = api.get(path, "")
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"].startswith("Bearer")
        wrong = api.get(path, "", Authorization="Bearer tk_wrong")
        assert 'error="invalid_token"' in wrong.headers["www-authenticate"]


def test_a_key_is_kept_as_its_hash_and_ends_when_it_is_revoked(
    sqlite: Engine, reference: Reference
) -> None:
    served = serve(sqlite, reference)
    secret = served.keys["read"]
    with reading(sqlite) as session:
        row = session.get(ApiKeyRow, 1)
        assert row is not None
        assert secret not in str(row.model_dump())
        assert len(row.hash) == 64
    assert served.get("/codes").status_code == 200
    with transaction(sqlite) as session:
        key = find_key(session, secret)
        assert key is not None
        assert revoke_key(session, key.id, "test", NOW) is not None
    assert served.get("/codes").status_code == 401
    assert served.get("/codes", "export").status_code == 200


def test_a_key_that_asks_too_often_is_told_when_to_come_back(
    sqlite: Engine, reference: Reference
) -> None:
    served = serve(sqlite, reference, api_burst=2, api_requests_per_minute=6)
    assert [served.get("/codes").status_code for _ in range(3)] == [200, 200, 429]
    refused = served.get("/codes")
    assert refused.headers["retry-after"] == "10"
    assert refused.json()["status"] == 429
    assert served.get("/codes", "export").status_code == 200
    served.seconds.now += 10
    assert served.get("/codes").status_code == 200


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    buckets = Buckets(per_minute=60, burst=3)
    assert [buckets.wait(1, 1000.0) for _ in range(4)] == [0, 0, 0, 1]
    assert [buckets.wait(1, 9000.0) for _ in range(4)] == [0, 0, 0, 1]
    assert buckets.wait(1, 8000.0) == 1


# --- whole selections ----------------------------------------------------------------------------


def test_csv_has_the_same_numbers_and_carries_its_denominators(api: Served) -> None:
    path = f"/export/signals?week={WEEK}&topic=personnel"
    rows = list(csv.DictReader(io.StringIO(api.get(f"{path}&format=csv", "export").text)))
    told = items(api, path, "export")
    assert len(rows) == len(told) == 23
    for row, signal in zip(rows, told, strict=True):
        assert row["region"] == signal["region"]
        assert float(row["exposure"]) == signal["exposure"]
        value = signal["pressure"]["value"]
        assert row["pressure"] == ("" if value is None else repr(value))
        assert "Statistics Finland" in row["attribution"]


def test_a_headline_cannot_compute_in_a_spreadsheet() -> None:
    from monitor.api.records import Stories, Story
    from monitor.api.tables import to_csv

    story = Story(
        week=WEEK, id=1, title="=HYPERLINK(1)", day="2026-11-09", publishers=1, relevance=0.9,
        raises_risk=0.5, shows_progress=0.1, regions=[], topics=[], sources=[],
    )  # fmt: skip
    page = Stories(kind="stories", count=1, next=None, weeks=[], attribution=["a"], items=[story])
    (row,) = csv.DictReader(io.StringIO(to_csv(page)))
    assert row["title"] == "'=HYPERLINK(1)"


def test_the_web_server_serves_it_beside_its_pages(stored: Engine, reference: Reference) -> None:
    from monitor.app import App
    from monitor.clock import ManualClock
    from monitor.settings import load_settings
    from monitor.web.app import make_web

    web = make_web(App(load_settings({}), ManualClock(NOW), stored, reference))
    served = Served(web, {}, None)  # type: ignore[arg-type]  # no limit is asked for
    index = served.get("/", "")
    assert index.status_code == 200
    assert index.headers["x-content-type-options"] == "nosniff"
    missing = served.get("/nothing", "")
    assert missing.status_code == 404
    assert missing.headers["content-type"] == "application/problem+json"
