"""Jobs and models in a real browser: a job is followed without a reload, and axe finds nothing."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from sqlalchemy import Engine

from classifiers.reference import Reference
from monitor.app import App
from monitor.clock import ManualClock
from monitor.db.drift import keep_week
from monitor.db.engine import transaction
from monitor.db.jobs import beat_job, claim_job, enqueue, finish_job
from monitor.db.verdicts import keep_verdict
from monitor.service import listen
from monitor.settings import load_settings
from monitor.training.registry import shipped_versions
from monitor.web.app import make_web
from monitor.weeks import previous, week_of
from tests.web.conftest import session_of
from tests.web.seed import NOW
from tests.web.test_browser import ARGUMENTS, CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
USED = shipped_versions(load_settings({}).models_dir)
ADDRESSES = (
    "/models", f"/models/topic/{USED['topic']}", "/models/drift", "/models/compare", "/jobs", "/jobs/1",
    "/jobs/2",
)  # fmt: skip

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not at /usr/bin/chromium"),
]


@pytest.fixture
def app(sqlite: Engine, reference: Reference, tmp_path: Path) -> App:
    made = App(load_settings({}, cache_dir=tmp_path / "cache"), ManualClock(NOW), sqlite, reference)
    with transaction(sqlite) as session:
        enqueue(session, NOW, "anna", "train", {"tasks": ["topic", "region"], "decisions": True})
        enqueue(session, NOW, "anna", "judge", {"task": "topic", "version": "v2-none"})
        keep_verdict(session, NOW, "topic", USED["topic"], "", ["has micro F1 0.1"])
        for back in range(12, 0, -1):
            counts = {"fi": {"0": 90, "9": 30}, "sv": {"0": 40 if back > 1 else 0, "9": 60}}
            found = {"relevance": counts, "topic": counts}
            keep_week(session, previous(week_of(NOW), back), USED, found, NOW)
    claim_job(sqlite, "r2", NOW, NOW, 2)
    finish_job(sqlite, 2, "r2", NOW, "failed", error="no version 'v2-none'")
    claim_job(sqlite, "r1", NOW, NOW, 1)
    beat_job(sqlite, 1, "r1", NOW, progress={"what": "train", "done": 0, "total": 2})
    return made


@pytest.fixture
def address(app: App) -> Iterator[str]:
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(make_web(app), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield started
        started.close()


def opened(browser: "Browser", app: App, address: str, width: int = 1280, **more: Any) -> "Page":
    context = browser.new_context(viewport={"width": width, "height": 800}, **more)
    context.add_cookies([{"name": "session", "value": session_of(app, "analyst"), "url": address}])
    return context.new_page()


def test_a_job_is_followed_without_a_reload_and_its_end_is_said(
    browser: "Browser", app: App, address: str
) -> None:
    page = opened(browser, app, address)
    page.goto(f"{address}/jobs/1?lang=sv")
    page.evaluate("window.same = true")
    page.focus("[data-refresh]")
    log = [{"at": NOW.isoformat(), "say": "jobs.log.training", "values": {"task": "region"}}]
    beat_job(app.engine, 1, "r1", NOW, progress={"what": "train", "done": 1, "total": 2}, log=log)
    page.wait_for_selector("text=tränade uppgifter: 1 av 2")
    assert page.locator("progress").evaluate("bar => bar.value") == 0.5
    assert page.inner_text("[data-log] li").endswith("Tränar: Område.")
    finish_job(app.engine, 1, "r1", NOW, "done", result={"said": []})
    page.wait_for_selector("strong:text('klart')")
    assert page.text_content("[role=status]") == "klart. Uppdatera sidan"
    assert page.evaluate("document.activeElement.matches('[data-refresh]')")  # focus is not lost
    assert page.evaluate("window.same")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-job]", state="detached")
    page.context.close()


@pytest.mark.parametrize("width", [320, 640])
def test_no_page_scrolls_sideways(browser: "Browser", app: App, address: str, width: int) -> None:
    page = opened(browser, app, address, width)
    for path in ADDRESSES:
        for language in ("fi", "sv"):
            page.goto(f"{address}{path}?lang={language}")
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} {language} is {wide} px wide"
    page.context.close()


@pytest.mark.parametrize(("language", "scheme"), [("fi", "light"), ("sv", "dark"), ("en", "light")])
def test_axe_finds_nothing(
    browser: "Browser", app: App, address: str, language: str, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = opened(browser, app, address, color_scheme=scheme)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for path in ADDRESSES:
        page.goto(f"{address}{path}?lang={language}")
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        found = axe.run(page).response["violations"]
        assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found] == [], path
    assert complaints == []
    page.context.close()
