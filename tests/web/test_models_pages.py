"""The pages of jobs and models: what viewers see, what analysts may do, in three languages."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db.activations import activate, activated
from monitor.db.drift import keep_week
from monitor.db.engine import reading, transaction
from monitor.db.jobs import (
    DIED,
    Job,
    beat_job,
    claim_job,
    enqueue,
    find_job,
    finish_job,
    newest_jobs,
)
from monitor.db.tables import AuditRow
from monitor.db.verdicts import keep_verdict
from monitor.i18n import LANGUAGES
from monitor.people.values import Role
from monitor.settings import load_settings
from monitor.training.registry import shipped_versions
from monitor.web.app import make_web
from monitor.weeks import previous, week_of
from tests.web.conftest import TestClient, signed_in_as, token_of
from tests.web.seed import HOSTILE, NOW

USED = shipped_versions(load_settings({}).models_dir)
TOPIC = USED["topic"]
Visit = Callable[[Role], TestClient]


@pytest.fixture
def app(sqlite: Engine, reference: Reference, tmp_path: Path) -> App:
    settings = load_settings({}, cache_dir=tmp_path / "cache")
    return App(settings, ManualClock(NOW), sqlite, reference)


@pytest.fixture
def visit(app: App) -> Visit:
    web = make_web(app)
    return lambda role: signed_in_as(role, web)


def asked(app: App, kind: str = "train", who: str = "anna", **parameters: object) -> int:
    with transaction(app.engine) as session:
        return enqueue(session, NOW, who, kind, parameters)


def begun(app: App, job_id: int) -> None:
    assert claim_job(app.engine, "runner", NOW, NOW, job_id) is not None


def job_of(app: App, job_id: int) -> Job:
    with reading(app.engine) as session:
        found = find_job(session, job_id)
    assert found is not None
    return found


def post(client: TestClient, address: str, **fields: object) -> str:
    """Where the answer leads."""
    given = {"token": token_of(client), **fields}
    answer = client.post(address, data=given, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


# --- jobs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_job_is_shown_as_it_goes(app: App, visit: Visit, language: str) -> None:
    viewer = visit("viewer")
    assert "/models#train" in viewer.get(f"/jobs?lang={language}").text
    job = asked(app, tasks=["topic"], decisions=True)
    begun(app, job)
    log = [{"at": NOW.isoformat(), "say": "jobs.log.training", "values": {"task": "topic"}}]
    progress = {"what": "train", "done": 1, "total": 4}
    beat_job(app.engine, job, "runner", NOW, progress=progress, log=log)
    for address in (f"/jobs/{job}", "/jobs", "/jobs?state=running"):
        page = viewer.get(f"{address}?lang={language}").text
        assert f"/jobs/{job}" in page
    shown = viewer.get(f"/jobs/{job}?lang={language}")
    assert shown.status_code == 200
    assert 'role="status"' in shown.text
    assert '<progress aria-labelledby="progress" value="0.25"' in shown.text
    assert "/static/jobs.js" in shown.text
    assert "<form" not in shown.text.split("<main")[1]  # a viewer may only look
    now = viewer.get(f"/jobs/{job}.json").json()
    assert (now["state"], now["share"], now["under_way"]) == ("running", 0.25, True)
    assert len(now["lines"]) == 1


def test_an_analyst_stops_a_job_and_has_it_go_on(app: App, visit: Visit) -> None:
    analyst, job = visit("analyst"), asked(app)
    begun(app, job)
    assert f'action="/jobs/{job}/stop"' in analyst.get(f"/jobs/{job}").text
    assert post(analyst, f"/jobs/{job}/stop") == f"/jobs/{job}"
    assert job_of(app, job).state == "stopping"
    finish_job(app.engine, job, "runner", NOW, "stopped")
    assert f'action="/jobs/{job}/resume"' in analyst.get(f"/jobs/{job}").text
    assert post(analyst, f"/jobs/{job}/resume") == f"/jobs/{job}"
    assert job_of(app, job).state == "waiting"
    with reading(app.engine) as session:
        rows = session.exec(select(AuditRow).where(AuditRow.who == "analyst")).all()
    assert [(row.action, row.subject) for row in rows] == [
        ("job stop", f"job {job}"),
        ("job resume", f"job {job}"),
    ]


def test_nobody_below_an_analyst_moves_a_job(app: App, visit: Visit) -> None:
    job = asked(app)
    for role in ("viewer", "reviewer"):
        client = visit(role)  # type: ignore[arg-type]
        answer = client.post(f"/jobs/{job}/stop", data={"token": token_of(client)})
        assert answer.status_code == 403
    forged = visit("analyst").post(f"/jobs/{job}/stop", data={"token": "x"})
    assert forged.status_code == 403
    assert job_of(app, job).state == "waiting"


def test_a_failed_job_says_why_and_what_to_do(app: App, visit: Visit) -> None:
    job = asked(app)
    begun(app, job)
    finish_job(app.engine, job, "runner", NOW, "failed", error=HOSTILE)
    page = visit("viewer").get(f"/jobs/{job}?lang=sv").text
    assert "misslyckades" in page
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    other = asked(app, "score")
    begun(app, other)
    finish_job(app.engine, other, "runner", NOW, "failed", error=DIED)
    assert "Räcker minnet?" in visit("viewer").get(f"/jobs/{other}?lang=sv").text


def test_hostile_parameters_reasons_and_names_are_text(app: App, visit: Visit) -> None:
    job = asked(app, "activate", who=HOSTILE, reason=HOSTILE, task=HOSTILE, odd={"a": HOSTILE})
    for address in ("/jobs", f"/jobs/{job}", "/models"):
        assert HOSTILE not in visit("admin").get(address).text


def test_a_job_that_nobody_takes_up_is_told(app: App, visit: Visit) -> None:
    job = asked(app)
    assert "tilannekuva jobs run" not in visit("viewer").get(f"/jobs/{job}").text
    later = App(app.settings, ManualClock(NOW + timedelta(minutes=5)), app.engine, app.reference)
    client = signed_in_as("viewer", make_web(later))
    for address in ("/jobs", f"/jobs/{job}"):
        assert "tilannekuva jobs run" in client.get(address).text


@pytest.mark.parametrize("address", ["/jobs/9", "/jobs/9.json", f"/jobs/{2**70}", "/jobs/x"])
def test_a_job_that_is_not_there_is_a_page_of_its_own(visit: Visit, address: str) -> None:
    assert visit("viewer").get(address).status_code == 404


def test_the_result_leads_on(app: App, visit: Visit) -> None:
    job = asked(app, "activate", task="topic", version="v2-1", reason="kokeilu")
    begun(app, job)
    result = {
        "page": "/models/topic/v2-1",
        "said": [["jobs.said.in_use", {"task": "topic", "version": "v2-1"}], ["of a newer", {}]],
        "next": 77,
    }
    finish_job(app.engine, job, "runner", NOW, "done", result=result)
    page = visit("viewer").get(f"/jobs/{job}").text
    assert 'href="/jobs/77"' in page
    assert 'href="/models/topic/v2-1"' in page
    assert "Aihe: versio v2-1 on käytössä." in page
    assert "of a newer" in page


# --- models --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_task_is_shown_with_its_version_and_figures(visit: Visit, language: str) -> None:
    page = visit("viewer").get(f"/models?lang={language}").text
    for task, version in USED.items():
        assert f'href="/models/{task}/{version}"' in page
    assert "n 2" in page  # thousands of texts
    assert 'action="/models/train"' not in page
    assert 'action="/models/train"' in visit("analyst").get(f"/models?lang={language}").text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", USED)
def test_a_card_says_what_a_version_is_in_plain_words(
    visit: Visit, language: str, task: str
) -> None:
    page = visit("viewer").get(f"/models/{task}/{USED[task]}?lang={language}")
    assert page.status_code == 200
    words = re.sub(r"<[^>]+>", " ", page.text.split("<main")[1])
    assert "376" in words  # decisions it learned from
    assert "health_access" not in words  # ids are not words
    for picture in ("reliability", "confusion"):
        drawn = visit("viewer").get(f"/models/{task}/{USED[task]}/{picture}.svg")
        assert drawn.headers["content-type"] == "image/svg+xml"
        assert "script-src" not in drawn.headers["content-security-policy"]


@pytest.mark.parametrize(
    "address",
    [
        "/models/topic/v2-none", "/models/none/v2-1", f"/models/region/{TOPIC}",
        f"/models/topic/{TOPIC}/manifest.svg", "/models/topic/..%2F..%2Factive.json",
        "/models/compare?task=none",
    ],
)  # fmt: skip
def test_what_is_no_version_is_not_found(visit: Visit, address: str) -> None:
    assert visit("viewer").get(address).status_code == 404


def test_training_is_asked_for_as_a_job(app: App, visit: Visit) -> None:
    analyst = visit("analyst")
    where = post(analyst, "/models/train", task=["topic", "region"], decisions="yes")
    job = job_of(app, int(where.rsplit("/", 1)[1]))
    assert (job.kind, job.who) == ("train", "analyst")
    assert job.parameters == {"tasks": ["region", "topic"], "decisions": True}
    assert where in analyst.get("/models").text
    without = post(analyst, "/models/train", task=["topic"])
    assert job_of(app, int(without.rsplit("/", 1)[1])).parameters["decisions"] is False
    none = analyst.post("/models/train", data={"token": token_of(analyst), "decisions": "yes"})
    assert none.status_code == 400
    assert 'role="alert"' in none.text


def test_activation_asks_for_a_reason_keeps_what_was_typed_and_is_a_job(
    app: App, visit: Visit
) -> None:
    with transaction(app.engine) as session:
        keep_verdict(session, NOW, "topic", TOPIC, "v2-other", ["has F1 0.1; the floor is 0.63"])
    with transaction(app.engine) as session:  # another one is in use, so that this one may be
        activate(session, "topic", "v2-gone", before=TOPIC, at=NOW, by="anna", reason=HOSTILE)
    analyst, address = visit("analyst"), f"/models/topic/{TOPIC}"
    page = analyst.get(address).text
    assert "the floor is 0.63" in page
    assert 'name="override"' in page
    refused = analyst.post(
        f"{address}/activate",
        data={"token": token_of(analyst), "reason": " ", "override": "kiire <b>"},
    )
    assert refused.status_code == 400
    assert "kiire &lt;b&gt;" in refused.text
    where = post(analyst, f"{address}/activate", reason="kokeilu", override="kiire")
    job = job_of(app, int(where.rsplit("/", 1)[1]))
    assert job.parameters == {
        "task": "topic", "version": TOPIC, "reason": "kokeilu", "override": "kiire",
    }  # fmt: skip
    overview = analyst.get("/models").text
    assert HOSTILE not in overview
    assert "v2-gone" in overview  # in use, and its files are gone: it is told, not hidden


def test_rolling_back_is_done_at_once_and_the_archive_is_tagged_again(
    app: App, visit: Visit
) -> None:
    analyst = visit("analyst")
    data = {"token": token_of(analyst), "reason": "vika"}
    assert analyst.post("/models/topic/rollback", data=data).status_code == 409
    assert analyst.post("/models/none/rollback", data=data).status_code == 404
    with transaction(app.engine) as session:
        activate(session, "topic", "v2-bad", before=TOPIC, at=NOW, by="anna", reason="kokeilu")
    assert 'action="/models/topic/rollback"' in analyst.get("/models").text
    empty = analyst.post("/models/topic/rollback", data={**data, "reason": ""})
    assert empty.status_code == 400
    where = post(analyst, "/models/topic/rollback", reason="vika")
    assert job_of(app, int(where.rsplit("/", 1)[1])).kind == "retag"
    with reading(app.engine) as session:
        assert activated(session) == {"topic": TOPIC}
        row = session.exec(select(AuditRow).where(AuditRow.subject == "model:topic")).all()[-1]
    assert (row.who, (row.after or {})["reason"]) == ("analyst", "vika")


def test_viewers_change_nothing(app: App, visit: Visit) -> None:
    client = visit("reviewer")
    for address in (
        "/models/train", "/models/compare", "/models/topic/rollback",
        f"/models/topic/{TOPIC}/activate", f"/models/topic/{TOPIC}/judge",
    ):  # fmt: skip
        answer = client.post(address, data={"token": token_of(client), "reason": "x"})
        assert answer.status_code == 403, address
    with reading(app.engine) as session:
        assert newest_jobs(session, 9) == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_two_versions_are_laid_side_by_side(
    app: App, visit: Visit, language: str, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    for name in ("v2-a", "v2-b"):
        (models / "topic" / name).mkdir(parents=True)
        (models / "topic" / name / "manifest.json").write_text("{}", encoding="utf-8")
    own = App(
        app.settings.model_copy(update={"models_dir": models}), app.clock, app.engine, app.reference
    )
    analyst = signed_in_as("analyst", make_web(own))
    address = "/models/compare?task=topic&a=v2-a&b=v2-b"
    assert 'action="/models/compare"' in analyst.get(f"{address}&lang={language}").text
    where = post(analyst, "/models/compare", task="topic", a="v2-a", b="v2-b")
    job = int(where.rsplit("/", 1)[1])
    assert where in analyst.get(f"{address}&lang={language}").text
    begun(own, job)
    figures = [
        {"kind": "all", "part": "all", "n": 9, "a": 0.5, "b": 0.7, "low": 0.1, "high": 0.3, "verdict": "better"},
        {"kind": "label", "part": "health_access", "n": 4, "a": 0.5, "b": 0.4, "low": -0.3, "high": 0.1, "verdict": "noise"},
    ]  # fmt: skip
    result = {
        "figures": figures, "asked": 2000, "differing": 3,
        "articles": [{"id": 999, "a": ["ict"], "b": [], "apart": 0.4}], "said": [],
    }  # fmt: skip
    finish_job(own.engine, job, "runner", NOW, "done", result=result)
    page = analyst.get(f"{address}&lang={language}").text
    assert "health_access" not in page
    assert {"fi": "B on parempi", "sv": "B är bättre", "en": "B is better"}[language] in page
    same = analyst.post(
        "/models/compare",
        data={"token": token_of(analyst), "task": "topic", "a": "v2-a", "b": "v2-a"},
    )
    assert same.status_code == 404
    assert "v2-a" in analyst.get("/models").text  # its files hold nothing: told as damaged


@pytest.mark.parametrize("language", LANGUAGES)
def test_drift_is_shown_and_told_where_it_passes_the_limit(
    app: App, visit: Visit, language: str
) -> None:
    viewer = visit("viewer")
    assert viewer.get(f"/models/drift?lang={language}").status_code == 200
    last = previous(week_of(NOW))
    usual = {"0": 700, "1": 100, "8": 100, "9": 100}
    moved = {"0": 300, "1": 100, "8": 300, "9": 300}
    with transaction(app.engine) as session:
        for back in range(10, -1, -1):
            counts = {"fi": moved if back == 0 else usual, "sv": usual}
            week = previous(last, back)
            topics = {"fi": {"ict": 30, "finance": 60}, "sv": {"ict": 30}}
            keep_week(session, week, USED, {"relevance": counts, "topic": topics}, NOW)
    page = viewer.get(f"/models/drift?lang={language}").text
    assert {"fi": "siirtynyt paljon", "sv": "mycket förskjutet", "en": "shifted a lot"}[
        language
    ] in page
    assert page.count("<svg") >= 3
    assert page.count("<svg") == page.count("<details>")  # a table behind every chart
    overview = viewer.get(f"/models?lang={language}").text
    assert 'role="note"' in overview
    assert 'href="/models/drift"' in overview
